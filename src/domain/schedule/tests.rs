//! Slots across both changes of the clock in several zones, and schedules as text.

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::domain::testing::cases;

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp())
}

/// The first `n` slots after `from`, as wall clock and offset.
fn slots(text: &str, zone: Tz, from: &str, n: usize) -> Vec<String> {
    schedule(text)
        .slots_after(zone, at(from))
        .take(n)
        .map(|slot| slot.in_zone(&zone).format("%a %m-%d %H:%M%:z").to_string())
        .collect()
}

#[test]
fn slots_are_strictly_after_ascending_and_each_once() {
    let zone = Tz::Europe__London;
    let found = slots(
        "mon,tue 09:00 12:30; mon-wed 09:00",
        zone,
        "2026-01-05T09:00:00Z",
        4,
    );
    assert_eq!(
        found,
        [
            "Mon 01-05 12:30+00:00",
            "Tue 01-06 09:00+00:00",
            "Tue 01-06 12:30+00:00",
            "Wed 01-07 09:00+00:00"
        ]
    );
}

#[test]
fn london_spring_moves_a_slot_in_the_gap_to_the_first_minute_there_is() {
    let found = slots(
        "daily 00:30 01:00 01:30 02:00",
        Tz::Europe__London,
        "2026-03-29T00:00:00Z",
        4,
    );
    assert_eq!(
        found,
        [
            "Sun 03-29 00:30+00:00",
            "Sun 03-29 02:00+01:00",
            "Mon 03-30 00:30+01:00",
            "Mon 03-30 01:00+01:00"
        ]
    );
}

#[test]
fn london_autumn_takes_the_first_of_two() {
    let found = slots(
        "daily 00:30 01:30 02:00",
        Tz::Europe__London,
        "2026-10-24T23:00:00Z",
        4,
    );
    assert_eq!(
        found,
        [
            "Sun 10-25 00:30+01:00",
            "Sun 10-25 01:30+01:00",
            "Sun 10-25 02:00+00:00",
            "Mon 10-26 00:30+00:00"
        ]
    );
}

#[test]
fn in_the_second_hour_of_an_overlap_the_slot_has_been() {
    // 01:10 UTC is 01:10 for the second time; the slot was at 00:30 UTC.
    let found = slots("sun 01:30", Tz::Europe__London, "2026-10-25T01:10:00Z", 1);
    assert_eq!(found, ["Sun 11-01 01:30+00:00"]);
}

#[test]
fn new_york_both_changes() {
    let zone = Tz::America__New_York;
    let spring = slots("sun 01:59 02:15 03:15", zone, "2026-03-08T05:00:00Z", 3);
    assert_eq!(
        spring,
        [
            "Sun 03-08 01:59-05:00",
            "Sun 03-08 03:00-04:00",
            "Sun 03-08 03:15-04:00"
        ]
    );
    let autumn = slots("sun 00:59 01:15 02:15", zone, "2026-11-01T04:00:00Z", 3);
    assert_eq!(
        autumn,
        [
            "Sun 11-01 00:59-04:00",
            "Sun 11-01 01:15-04:00",
            "Sun 11-01 02:15-05:00"
        ]
    );
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    let zone = Tz::Australia__Lord_Howe;
    // 2026-10-04: 02:00 becomes 02:30. 2026-04-05: 02:00 becomes 01:30.
    let spring = slots("sun 01:45 02:10 02:40", zone, "2026-10-03T14:00:00Z", 3);
    assert_eq!(
        spring,
        [
            "Sun 10-04 01:45+10:30",
            "Sun 10-04 02:30+11:00",
            "Sun 10-04 02:40+11:00"
        ]
    );
    let autumn = slots("sun 01:15 01:45 02:15", zone, "2026-04-04T13:00:00Z", 3);
    assert_eq!(
        autumn,
        [
            "Sun 04-05 01:15+11:00",
            "Sun 04-05 01:45+11:00",
            "Sun 04-05 02:15+10:30"
        ]
    );
}

#[test]
fn a_day_that_never_was_gives_its_slots_to_the_next_minute() {
    let found = slots("daily 09:00", Tz::Pacific__Apia, "2011-12-29T19:00:00Z", 3);
    assert_eq!(
        found,
        [
            "Sat 12-31 00:00+14:00",
            "Sat 12-31 09:00+14:00",
            "Sun 01-01 09:00+14:00"
        ]
    );
}

#[test]
fn an_empty_schedule_has_no_slots_and_no_instant_is_too_far() {
    let zone = Tz::Europe__London;
    assert_eq!(
        Schedule::default().slots_after(zone, Timestamp(0)).next(),
        None
    );
    let no_times = Schedule(vec![Entry {
        days: vec![Weekday::Mon],
        times: Vec::new(),
    }]);
    assert_eq!(no_times.slots_after(zone, Timestamp(0)).next(), None);
    for far in [i64::MIN, i64::MAX, CALENDAR.start, CALENDAR.end - 1] {
        let _ = schedule("daily 09:00")
            .slots_after(zone, Timestamp(far))
            .next();
        let _ = Timestamp(far)
            .in_zone(&Tz::Pacific__Apia)
            .format("%c")
            .to_string();
    }
}

#[test]
fn times_and_days_are_read_as_people_write_them() {
    let nine = NaiveTime::from_hms_opt(9, 5, 0).unwrap();
    assert_eq!(parse_time("09:05"), Ok(nine));
    assert_eq!(parse_time(" 9:05 "), Ok(nine));
    assert_eq!(time_text(nine), "09:05");
    for wrong in [
        "", "9", "24:00", "12:60", "12:5", "+1:00", "1:00:00", "٣:٠٠", "ab:cd", ":30",
    ] {
        assert_eq!(
            parse_time(wrong),
            Err(InvalidSchedule::Time(wrong.to_owned()))
        );
    }
    assert_eq!(parse_day("Mon"), Ok(Weekday::Mon));
    assert_eq!(parse_day("SUNDAY"), Ok(Weekday::Sun));
    for wrong in ["", "mo", "tues", "8", "mön"] {
        assert_eq!(
            parse_day(wrong),
            Err(InvalidSchedule::Day(wrong.to_owned()))
        );
    }
}

#[test]
fn schedules_are_written_short() {
    let shown = |text: &str| schedule(text).to_string();
    assert_eq!(
        shown("mon-fri 09:00 12:30; sat 10:00"),
        "mon-fri 09:00 12:30; sat 10:00"
    );
    assert_eq!(shown("weekdays 9:00,8:00"), "mon-fri 08:00 09:00");
    assert_eq!(shown("fri-mon 09:00"), "mon,fri-sun 09:00");
    assert_eq!(shown("10:00"), "daily 10:00");
    assert_eq!(
        shown("weekends 10:00\nmon 11:00"),
        "sat,sun 10:00; mon 11:00"
    );
    assert_eq!(shown(" ; "), "");
}

#[test]
fn a_wrong_schedule_says_what_is_wrong_with_it() {
    let error = |text: &str| text.parse::<Schedule>().unwrap_err().to_string();
    assert_eq!(
        error("mon"),
        "`mon` has no times: write them behind the days, as in `mon-fri 09:00 12:30`"
    );
    assert_eq!(
        error("mon 25:00"),
        "`25:00` is not a time: write it as 09:30"
    );
    assert_eq!(
        error("mon 09:00 tue 10:00"),
        "`tue` is not a time: write it as 09:30"
    );
    assert_eq!(
        error("moon-fri 09:00"),
        "`moon` is not a day: write mon, tue, wed, thu, fri, sat or sun"
    );
    assert!(error("-fri 09:00").starts_with("`` is not a day"));
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let day = (0_usize..7).prop_map(|i| DAYS[i].0);
    let time = (0_u32..24, 0_u32..60).prop_map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap());
    let entry = (
        proptest::collection::vec(day, 0..5),
        proptest::collection::vec(time, 0..5),
    )
        .prop_map(|(days, times)| Entry { days, times });
    proptest::collection::vec(entry, 0..4).prop_map(Schedule)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_slot_is_on_the_schedule_or_directly_behind_a_gap(
        schedule in any_schedule(), from in 0_i64..4_000_000_000, zone in 0_usize..chrono_tz::TZ_VARIANTS.len(),
    ) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let week = schedule.week();
        let mut last = Timestamp(from);
        for slot in schedule.slots_after(zone, last).take(40) {
            prop_assert!(slot > last);
            last = slot;
            let wall = slot.in_zone(&zone);
            let day = &week[wall.weekday().num_days_from_monday() as usize];
            let before = slot.plus(-1).in_zone(&zone);
            let gap = wall.naive_local() - before.naive_local() > TimeDelta::seconds(1);
            prop_assert!(day.contains(&wall.time()) || gap, "{}", wall);
        }
    }

    #[test]
    fn a_schedule_survives_being_written(schedule in any_schedule()) {
        let back: Schedule = schedule.to_string().parse().unwrap();
        prop_assert_eq!(back.week(), schedule.week());
    }
}
