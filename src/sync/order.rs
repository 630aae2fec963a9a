//! Which order to ask for: what the screen shows, as the shortest prefix that brings it about.

use std::collections::HashSet;

use super::disk::MirrorRow;
use crate::domain::id::{IdMap, IdSet, LocalId, ProfileId};
use crate::domain::operation::{Change, Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::rare::Rare;
use crate::domain::replica::{Brings, LaidOut, QueueDelta, Replica};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, Status, Update};

/// Returns the updates that must come first, in order, so that the queue as last read becomes the
/// queue as shown after `operations`; empty if it is so already.
///
/// It is the very fold the screen makes, so what is asked for is what is shown. The prefix form
/// stays right when the head goes out while the request is on its way.
pub(super) fn first(
    profile: &ProfileId,
    settings: Option<&Profile>,
    mirror: &[MirrorRow],
    operations: Vec<(Operation, OperationState)>,
) -> Vec<LocalId> {
    let changes = operations.iter().map(|(operation, _)| &operation.change);
    let touched: IdSet<LocalId> = changes.flat_map(Change::touched).collect();
    // What the others say does not count, and there may be very many.
    let counts = |row: &&MirrorRow| row.fixed || touched.contains(&row.local);
    let bodies: Vec<Update> = { mirror.iter().filter(counts) }
        .map(|row| bare(profile, row))
        .collect();
    let read = QueueDelta {
        pending: Box::new(LaidOut::of(mirror.iter().map(MirrorRow::listed))),
        brings: Brings::All(bodies.into()),
        ..QueueDelta::default()
    };
    let settings = settings.cloned().into_iter().collect();
    let reads = std::iter::once((profile.clone(), read));
    let shown = Replica::of(settings, reads, operations);
    let Some(shown) = shown.queue(profile).map(|shown| &shown.queue) else {
        return Vec::new();
    };
    // Only what is touched can have come, left, or got another kind of time.
    let there = mirror.iter().filter(|row| touched.contains(&row.local));
    let there: IdSet<LocalId> = there.map(|row| row.local).collect();
    let is_there = |id: &LocalId| !touched.contains(id) || there.contains(id);
    let mut want: Vec<LocalId> = shown.movable().filter(is_there).collect();
    let wanted = want.iter().filter(|id| touched.contains(id));
    let wanted: IdSet<LocalId> = wanted.copied().collect();
    // Without operations, what can move stands as it was read.
    let now = mirror.iter().filter(|row| row.own_time().is_none());
    let now = now.map(|row| row.local);
    let now = now.filter(|id| !touched.contains(id) || wanted.contains(id));
    leave_out_what_stands(&mut want, &now.collect::<Vec<_>>());
    want
}

/// What is not asked for keeps its order: leaves out the longest end of `want` that has it already.
fn leave_out_what_stands(want: &mut Vec<LocalId>, now: &[LocalId]) {
    let ends = want.iter().rev().zip(now.iter().rev());
    let same = ends.take_while(|(want, now)| want == now).count();
    want.truncate(want.len() - same);
    let places: IdMap<LocalId, usize> = now[..now.len() - same].iter().copied().zip(0..).collect();
    let mut next = usize::MAX;
    let kept = want
        .iter()
        .rev()
        .map_while(|id| {
            let place = *places.get(id)?;
            (place < next).then(|| next = place)
        })
        .count();
    want.truncate(want.len() - kept);
}

/// Says whether the queue as read is as a request asked for: the updates of `first` that are still
/// there come first among those that can move, in that order.
pub(super) fn is_done(first: &[LocalId], mirror: &[MirrorRow]) -> bool {
    let movable: Vec<LocalId> = mirror
        .iter()
        .filter(|row| !row.fixed)
        .map(|row| row.local)
        .collect();
    let there: HashSet<&LocalId> = movable.iter().collect();
    let asked: Vec<&LocalId> = first.iter().filter(|id| there.contains(id)).collect();
    movable.iter().take(asked.len()).eq(asked)
}

/// An update of which only place and time count.
fn bare(profile: &ProfileId, row: &MirrorRow) -> Update {
    Update {
        id: row.local,
        remote: None,
        body: Body {
            profile: profile.clone(),
            content: Content::default(),
            status: Status::Pending,
            created_at: Timestamp(0),
            due_at: row.due_at,
            own_time: row.own_time(),
            outcome: Rare::default(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{GroupId, OperationId};
    use crate::domain::operation::{Editable, Move, Place, Placement};
    use crate::domain::replica::QueueSnapshot;
    use crate::domain::testing::id;
    use crate::domain::update::OwnTime;

    fn rows(numbers: &[u128], fixed: &[u128]) -> Vec<MirrorRow> {
        let row = |&n: &u128| MirrorRow {
            local: id(n),
            due_at: None,
            fixed: fixed.contains(&n),
            pinned: false,
        };
        numbers.iter().map(row).collect()
    }

    fn ids(numbers: &[u128]) -> Vec<LocalId> {
        numbers.iter().map(|&n| id(n)).collect()
    }

    /// A queue as it was read; of those with a time of their own each other one is pinned.
    fn mirror() -> impl proptest::strategy::Strategy<Value = Vec<MirrorRow>> {
        use proptest::prelude::*;
        let rows = (
            proptest::option::of(0..40_i64),
            proptest::bool::weighted(0.3),
        );
        let row = |(n, (due, fixed)): (u128, (Option<i64>, bool))| MirrorRow {
            local: id(n),
            due_at: due.map(Timestamp),
            fixed,
            pinned: fixed && n % 2 == 0,
        };
        let rows = proptest::collection::vec(rows, 0..10);
        rows.prop_map(move |rows| (1..).zip(rows).map(row).collect())
    }

    proptest::proptest! {
        #![proptest_config(crate::domain::testing::cases())]

        #[test]
        fn without_operations_nothing_is_asked_for(mirror in mirror()) {
            let profile = ProfileId::parse("p").unwrap();
            proptest::prop_assert_eq!(first(&profile, None, &mirror, Vec::new()), ids(&[]));
        }
    }

    /// The same as one would do it by looking at everything.
    fn first_of_all(
        profile: &ProfileId,
        mirror: &[MirrorRow],
        operations: Vec<(Operation, OperationState)>,
    ) -> Vec<LocalId> {
        let snapshot = QueueSnapshot {
            updates: mirror.iter().map(|row| bare(profile, row)).collect(),
            ..QueueSnapshot::default()
        };
        let queues = vec![(profile.clone(), snapshot)];
        let shown = Replica::restore(Vec::new(), queues, operations);
        let shown = shown.queue(profile).unwrap().queue.movable();
        let mut want: Vec<LocalId> = shown
            .filter(|id| mirror.iter().any(|row| row.local == *id))
            .collect();
        let now: Vec<LocalId> = mirror
            .iter()
            .filter(|row| row.own_time().is_none() && want.contains(&row.local))
            .map(|row| row.local)
            .collect();
        let place = |id: &LocalId| now.iter().position(|now| now == id);
        let mut behind = now.len();
        while let Some(at) = want.last().and_then(place).filter(|at| *at < behind) {
            behind = at;
            want.pop();
        }
        want
    }

    fn change() -> impl proptest::strategy::Strategy<Value = Change> {
        use proptest::prelude::*;
        let update = || (0..10_u128).prop_map(id);
        let own = |at: i64| OwnTime {
            at: Timestamp(at),
            pinned: at % 2 == 0,
        };
        let place = (
            proptest::option::of(0..10_u128),
            proptest::option::of(0..10_u128),
        );
        let place = place.prop_map(|(after, before)| Place {
            after: after.map(id),
            before: before.map(id),
        });
        let moves = (proptest::collection::vec(update(), 1..3), place);
        let moves = moves.prop_map(|(updates, place)| Move { updates, place });
        prop_oneof![
            3 => proptest::collection::vec(moves, 1..3).prop_map(|moves| Change::Reorder { moves }),
            1 => (update(), proptest::option::of(0..40_i64)).prop_map(move |(update, at)| Change::Edit {
                update,
                base: Editable::default(),
                want: Editable {
                    own_time: at.map(own),
                    ..Editable::default()
                },
            }),
            1 => update().prop_map(|update| Change::Destroy {
                update,
                seen: Content::default(),
            }),
            1 => update().prop_map(|update| Change::Create {
                update,
                content: Content::default(),
                placement: Placement::Top,
                shorten: false,
            }),
        ]
    }

    proptest::proptest! {
        #![proptest_config(crate::domain::testing::cases())]

        #[test]
        fn what_is_asked_for_is_what_one_finds_by_looking_at_everything(
            mirror in mirror(), changes in proptest::collection::vec(change(), 0..4),
        ) {
            let profile = ProfileId::parse("p").unwrap();
            let operation = |(n, change): (u128, Change)| {
                let operation = Operation {
                    id: OperationId(ulid::Ulid::from(n)),
                    group: GroupId(ulid::Ulid::from(n)),
                    profile: profile.clone(),
                    made_at: Timestamp(0),
                    not_before: None,
                    change,
                };
                (operation, OperationState::Queued)
            };
            let operations: Vec<_> = (1..).zip(changes).map(operation).collect();
            let expected = first_of_all(&profile, &mirror, operations.clone());
            proptest::prop_assert_eq!(first(&profile, None, &mirror, operations), expected);
        }
    }

    #[test]
    fn an_order_is_done_if_what_is_left_of_it_comes_first_among_what_can_move() {
        for (first, queue, fixed, done) in [
            (&[2, 1][..], &[2, 1, 3][..], &[][..], true),
            (&[2, 1], &[1, 2, 3], &[], false),
            (&[2, 1], &[2, 3, 1], &[], false),
            (&[2, 9, 1], &[2, 1, 3], &[], true),
            (&[2, 1], &[8, 2, 1, 3], &[8], true),
            (&[2, 1], &[8, 2, 1, 3], &[], false),
            (&[2, 8, 1], &[8, 2, 1, 3], &[8], true),
            (&[2, 1], &[2], &[], true),
            (&[], &[1, 2], &[], true),
        ] {
            let is_done = is_done(&ids(first), &rows(queue, fixed));
            assert_eq!(is_done, done, "{first:?} of {queue:?}");
        }
    }
}
