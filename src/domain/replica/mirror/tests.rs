use proptest::prelude::*;

use super::*;
use crate::domain::id::ProfileId;
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

/// What the worker hands over of a read, if the editor has `before`; `beside` is more than is needed.
fn delta(before: &QueueSnapshot, now: QueueSnapshot, beside: &[bool]) -> QueueDelta {
    let bare = |update: &Update| {
        let mut bare = update.clone();
        bare.body.due_at = None;
        bare
    };
    let had: Vec<Update> = before
        .updates
        .iter()
        .chain(&before.failed)
        .map(bare)
        .collect();
    let mut delta = QueueDelta::from(now);
    let mut more = beside.iter().copied().chain(std::iter::repeat(false));
    delta
        .changed
        .retain(|update| more.next() == Some(true) || !had.contains(&bare(update)));
    delta
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
    #[test]
    fn what_a_read_brings_makes_the_mirror_what_the_read_was(
        reads in prop::collection::vec((lists(), prop::collection::vec(any::<bool>(), 0..12)), 2..6),
    ) {
        let mut of_deltas = Mirror::default();
        for (n, ((pending, failed), beside)) in (1..).zip(reads) {
            let now = whole(n, &pending, &failed);
            let before = of_deltas.snapshot();
            let says = |of: &QueueSnapshot| {
                let all = of.updates.iter().chain(&of.failed).cloned();
                let bare = all.map(|mut u| { u.body.due_at = None; (u.id, u) });
                bare.collect::<std::collections::BTreeMap<_, _>>()
            };
            let is_other = of_deltas.take(delta(&before, now.clone(), &beside));
            let listed = |of: &QueueSnapshot| of.updates.iter().map(DueUpdate::from).collect::<Vec<_>>();
            let moved = listed(&before) != listed(&now);
            let fixed = now.updates.iter().any(|u| u.body.own_time.is_some());
            prop_assert!(is_other || says(&before) == says(&now));
            prop_assert!(!is_other || says(&before) != says(&now) || (moved && fixed));
            prop_assert_eq!(of_deltas.snapshot(), now.clone());
            let anew = mirror(now.clone());
            prop_assert_eq!(of_deltas.slots(), anew.slots());
            for said in 0..12 {
                let id = update(&(said, 0, false, 0)).id;
                let listed = now.updates.iter().chain(&now.failed).find(|u| u.id == id);
                prop_assert_eq!(of_deltas.update(id), listed);
            }
        }
    }
}

#[test]
fn an_update_that_is_listed_twice_is_there_once() {
    let (one, two) = ((1, 0, false, 5), (2, 0, false, 6));
    let mut mirror = mirror(whole(1, &[one, two, one], &[two]));
    assert_eq!(mirror.snapshot(), whole(1, &[one, two], &[]));
    mirror.take(whole(2, &[two, one, two], &[one]).into());
    assert_eq!(mirror.snapshot(), whole(2, &[two, one], &[]));
}

#[test]
fn what_became_another_between_the_two_lists_is_that() {
    let (one, two) = ((1, 0, false, 5), (2, 0, false, 6));
    let mut mirror = mirror(whole(1, &[one, two], &[]));
    let mut now = QueueDelta::from(whole(2, &[one, two], &[(1, 7, false, 5)]));
    // The first was as it had been when the first list was read; the second is looked at further.
    now.changed.remove(0);
    assert!(mirror.take(now));
    let (became, stays) = ((1, 7, false, 5), two);
    assert_eq!(mirror.snapshot(), whole(2, &[became, stays], &[]));
}

#[test]
fn what_was_never_handed_over_is_left_out_until_it_is() {
    let (one, two) = ((1, 0, false, 5), (2, 0, false, 6));
    let mut mirror = mirror(whole(1, &[one], &[]));
    let now = whole(2, &[one, two], &[]);
    let mut lacks = QueueDelta::from(now.clone());
    lacks.changed.clear();
    mirror.take(lacks);
    assert_eq!(mirror.snapshot(), whole(2, &[one], &[]));
    mirror.take(now.clone().into());
    assert_eq!(mirror.snapshot(), now);
}

#[test]
fn places_that_are_free_are_used_again() {
    let mut mirror = Mirror::default();
    for n in 0..200_u8 {
        let pending: Vec<Said> = (n..n.saturating_add(10))
            .map(|id| (id, 0, false, 5))
            .collect();
        mirror.take(whole(1, &pending, &[]).into());
    }
    assert!(mirror.updates.len() <= 11, "{}", mirror.updates.len());
}
