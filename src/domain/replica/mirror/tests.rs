use std::collections::BTreeMap;

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::domain::id::ProfileId;
use crate::domain::replica::delta::{DueUpdate, Listed};
use crate::domain::testing::cases;
use crate::domain::update::{Body, Content, OwnTime, Status};

/// An update as the API has it: which, its text, whether it has a time of its own, when it is due.
type Said = (u8, u8, bool, i64);

fn update(&(id, text, fixed, due): &Said) -> Update {
    let at = Timestamp(due);
    Update {
        id: LocalId::from(Ulid::from(u128::from(id) + 1)),
        remote: None,
        body: Body {
            profile: ProfileId::parse("p").unwrap(),
            content: Content {
                text: text.to_string(),
                ..Content::default()
            },
            status: Status::Pending,
            created_at: Timestamp(0),
            due_at: (due != 0).then_some(at),
            own_time: fixed.then_some(OwnTime { at, pinned: true }),
            outcome: crate::domain::rare::Rare::default(),
        },
    }
}

fn whole(read_at: i64, pending: &[Said], failed: &[Said]) -> QueueSnapshot {
    let list = |said: &[Said]| said.iter().map(update).collect();
    QueueSnapshot {
        read_at: Timestamp(read_at),
        updates: list(pending),
        failed: list(failed),
    }
}

fn mirror(whole: QueueSnapshot) -> Mirror {
    let mut mirror = Mirror::default();
    mirror.take(whole.into());
    mirror
}

/// An update without when it goes out, which does not come with what it says.
fn bare(update: &Update) -> Update {
    let mut bare = update.clone();
    bare.body.due_at = None;
    bare
}

fn says(whole: &QueueSnapshot) -> BTreeMap<LocalId, Update> {
    let all = whole.updates.iter().chain(&whole.failed);
    all.map(|update| (update.id, bare(update))).collect()
}

/// What the worker hands over of a read, if the editor has `before`; `beside` is more than is needed.
fn delta(before: &QueueSnapshot, now: QueueSnapshot, beside: &[bool]) -> QueueDelta {
    let had = says(before);
    let mut more = beside.iter().copied().chain(std::iter::repeat(false));
    let updates =
        now.updates.iter().chain(&now.failed).filter(|update| {
            more.next() == Some(true) || had.get(&update.id) != Some(&bare(update))
        });
    let updates = updates.cloned().collect();
    let ids = |updates: &[Update]| updates.iter().map(|update| update.id).collect::<Vec<_>>();
    let row = |update: &Update| Listed::from(update).row();
    let differences = Differences::between(
        (before.updates.iter().map(row), &ids(&before.failed)),
        (now.updates.iter().map(row), &ids(&now.failed)),
    );
    QueueDelta {
        brings: Brings::Changes {
            updates,
            differences,
        },
        ..now.into()
    }
}

/// Two lists in which no update stands twice.
fn lists() -> impl Strategy<Value = (Vec<Said>, Vec<Said>)> {
    let said = (0..3_u8, any::<bool>(), 0..40_i64);
    let all = prop::collection::btree_map(0..12_u8, said, 0..12);
    let all = all.prop_map(|all| {
        let all = all.into_iter();
        let all = all.map(|(id, (text, fixed, due))| (id, text, fixed, due));
        all.collect::<Vec<Said>>()
    });
    (all.prop_shuffle(), 0..12_usize).prop_map(|(mut all, at)| {
        let failed = all.split_off(at.min(all.len()));
        (all, failed)
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_a_read_brings_makes_the_mirror_what_the_read_was(
        reads in prop::collection::vec((lists(), prop::collection::vec(any::<bool>(), 0..12)), 2..6),
    ) {
        let mut of_deltas = Mirror::default();
        let mut before = QueueSnapshot::default();
        for (n, ((pending, failed), beside)) in (1..).zip(reads) {
            let now = whole(n, &pending, &failed);
            let taken = of_deltas.take(delta(&before, now.clone(), &beside));
            let is_other = taken.is_other;
            let listed = |of: &QueueSnapshot| of.updates.iter().map(DueUpdate::from).collect::<Vec<_>>();
            let moved = listed(&before) != listed(&now);
            let fixed = now.updates.iter().any(|u| u.body.own_time.is_some());
            prop_assert!(is_other || says(&before) == says(&now));
            prop_assert!(!is_other || says(&before) != says(&now) || (moved && fixed));
            let mut anew = Mirror::default();
            let whole = anew.take(now.clone().into());
            prop_assert_eq!(taken.queue, whole.queue);
            prop_assert_eq!(&of_deltas.lanes, &anew.lanes);
            prop_assert_eq!(&of_deltas.failed, &anew.failed);
            prop_assert_eq!(of_deltas.bodies.len(), now.updates.len() + now.failed.len());
            for (id, update) in says(&now) {
                prop_assert_eq!(of_deltas.update(id).map(bare), Some(update));
            }
            for failed in &now.failed {
                prop_assert_eq!(of_deltas.update(failed.id), Some(failed));
            }
            before = now;
        }
    }

    #[test]
    fn an_update_goes_out_at_the_time_of_its_row((pending, failed) in lists()) {
        let now = whole(1, &pending, &failed);
        let mirror = mirror(now.clone());
        let laid_out = QueueDelta::from(now.clone()).pending;
        for row in laid_out.rows() {
            let order = laid_out.queue.movable();
            prop_assert_eq!(mirror.due_at(order, row.update), row.due_at);
        }
        for failed in now.failed {
            let order = laid_out.queue.movable();
            prop_assert_eq!(mirror.due_at(order, failed.id), failed.body.due_at);
        }
    }

    #[test]
    fn a_read_that_is_written_down_is_the_same_when_it_is_read_back((pending, failed) in lists()) {
        let read = QueueDelta::from(whole(1, &pending, &failed));
        let text = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(serde_json::from_str::<QueueDelta>(&text).unwrap(), read);
    }
}

#[test]
fn an_update_that_is_listed_twice_is_there_once() {
    let (one, two, three) = ((1, 0, false, 5), (2, 0, false, 6), (3, 0, false, 7));
    let twice = whole(1, &[one, two, one], &[two, three, three]);
    let plain = whole(1, &[one, two], &[three]);
    assert_eq!(QueueDelta::from(twice), QueueDelta::from(plain));
}

#[test]
fn what_became_another_between_the_two_lists_is_that() {
    let (one, two) = ((1, 0, false, 5), (2, 0, false, 6));
    let before = whole(1, &[one, two], &[]);
    let mut mirror = mirror(before.clone());
    // The first was as it had been when the first list was read; the second is looked at further.
    let mut read = delta(&before, whole(2, &[one, two], &[]), &[]);
    let became = update(&(1, 7, false, 5));
    let Brings::Changes { updates, .. } = &mut read.brings else {
        unreachable!("it knows what was before");
    };
    updates.push(became.clone());
    assert!(mirror.take(read).is_other);
    assert_eq!(mirror.update(became.id), Some(&became));
}

#[test]
fn what_was_in_both_lists_stays_when_it_is_in_one_of_them() {
    let (one, two) = ((1, 0, false, 5), (2, 0, false, 6));
    let both = whole(1, &[one, two], &[two]);
    let mut mirror = mirror(both.clone());
    for now in [whole(2, &[one, two], &[]), whole(3, &[one], &[two])] {
        mirror.take(delta(&both, now, &[]));
        let two = update(&two);
        assert_eq!(mirror.update(two.id).map(bare), Some(bare(&two)));
    }
}
