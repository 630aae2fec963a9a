use proptest::prelude::*;

use super::*;
use crate::domain::id::ProfileId;
use crate::domain::testing;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, Outcome, Sent, Status};

/// Monday 2026-11-23 09:00 in Berlin.
const MONDAY: Timestamp = Timestamp(1_795_420_800);
const HOUR: i64 = 3600;

fn sent(at: Timestamp, statistics: &[(&str, i64)]) -> Update {
    Update {
        id: testing::id(1),
        remote: None,
        body: Body {
            profile: ProfileId::parse("4eb854340acb04e870000010").unwrap(),
            content: Content::default(),
            status: Status::Sent,
            created_at: at,
            due_at: None,
            own_time: None,
            outcome: Outcome {
                sent: Some(Sent {
                    at,
                    service_update_id: String::new(),
                }),
                statistics: statistics
                    .iter()
                    .map(|(name, number)| ((*name).to_owned(), *number))
                    .collect(),
                error: None,
            }
            .into(),
        },
    }
}

#[test]
fn only_numbers_that_are_there_are_told_in_the_order_people_look_for_them() {
    let updates = [
        sent(MONDAY, &[("reach", 9), ("clicks", 2)]),
        sent(MONDAY, &[("favorites", 0), ("unheard-of", 3)]),
    ];
    assert_eq!(
        figures_of(&updates),
        [("favorites", 0), ("clicks", 2), ("reach", 9)]
    );
    assert_eq!(figures_of(&[]), []);
}

#[test]
fn a_trend_goes_from_the_oldest_to_the_newest() {
    let newest_first = [9, 2, 4].map(|clicks| sent(MONDAY, &[("clicks", clicks)]));
    let trends = trends(&newest_first);
    assert_eq!(trends.len(), 1);
    assert_eq!(trends[0].values, [4, 2, 9]);
    assert_eq!((trends[0].most, trends[0].mean), (9, 5));
}

#[test]
fn hours_are_compared_from_twenty_sent_updates_on_in_the_zone_of_the_profile() {
    let zone = Tz::Europe__Berlin;
    let mut updates: Vec<Update> = (0..18)
        .map(|_| sent(MONDAY.plus(5 * HOUR), &[("clicks", 3)]))
        .collect();
    updates.push(sent(MONDAY, &[("clicks", 40)]));
    assert_eq!(week(&updates, "clicks", zone), None);
    updates.push(sent(MONDAY.plus(7 * 24 * HOUR + 59), &[("clicks", 20)]));
    let week = week(&updates, "clicks", zone).unwrap();
    let nine = Hour { count: 2, mean: 30 };
    assert_eq!(week.hours[0][9], nine);
    assert_eq!(week.hours[0][14], Hour { count: 18, mean: 3 });
    assert_eq!(week.most(), 30);
    let best = week.best(1);
    let monday_at_nine = BestHour {
        day: Weekday::Mon,
        hour: 9,
        did: nine,
    };
    assert_eq!(best, [monday_at_nine]);
}

#[test]
fn a_single_lucky_update_is_no_best_hour() {
    let mut updates: Vec<Update> = (0..20).map(|_| sent(MONDAY, &[("clicks", 3)])).collect();
    updates.push(sent(MONDAY.plus(HOUR), &[("clicks", 9_000)]));
    let week = week(&updates, "clicks", Tz::Europe__Berlin).unwrap();
    let best: Vec<u32> = week.best(5).iter().map(|best| best.hour).collect();
    assert_eq!(best, [9]);
    assert_eq!(week.most(), 9_000);
}

proptest! {
    #![proptest_config(testing::cases())]

    #[test]
    fn a_bar_is_empty_only_for_nothing_and_full_only_near_the_most(
        value in any::<i64>(), most in any::<i64>(), steps in 1u16..80,
    ) {
        let level = level(value, most, steps);
        prop_assert!(level <= steps);
        prop_assert_eq!(level == 0, value <= 0 || most <= 0);
        if most > 0 {
            prop_assert_eq!(super::level(most, most, steps), steps);
        }
    }

    #[test]
    fn columns_leave_no_value_out(values in prop::collection::vec(0i64..1000, 0..200), room in 1usize..90) {
        let columns = columns(&values, room);
        prop_assert_eq!(columns.len(), values.len().min(room));
        let (least, most) = (values.iter().min(), values.iter().max());
        for column in &columns {
            prop_assert!(Some(column) >= least && Some(column) <= most);
        }
        if values.len() <= room {
            prop_assert_eq!(columns, values);
        }
    }
}
