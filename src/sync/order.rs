//! Which order to ask for: what the screen shows, as the shortest prefix that brings it about.

use std::collections::HashSet;

use super::disk::MirrorRow;
use crate::domain::id::{IdMap, IdSet, LocalId, ProfileId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::rare::Rare;
use crate::domain::replica::{QueueSnapshot, Replica};
use crate::domain::update::{Body, Content, OwnTime, Status, Update};

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
    let snapshot = QueueSnapshot {
        updates: mirror.iter().map(|row| bare(profile, row)).collect(),
        ..QueueSnapshot::default()
    };
    let settings = settings.cloned().into_iter().collect();
    let shown = Replica::restore(settings, vec![(profile.clone(), snapshot)], operations);
    let shown = shown.queue(profile).map(|queue| queue.queue.movable());
    let there: IdSet<LocalId> = mirror.iter().map(|row| row.local).collect();
    let shown = shown.into_iter().flatten();
    let mut want: Vec<LocalId> = shown.filter(|update| there.contains(update)).collect();
    let wanted: IdSet<LocalId> = want.iter().copied().collect();
    // Without operations, what can move stands as it was read.
    let now = mirror.iter().filter(|row| own_time(row).is_none());
    let now = now
        .map(|row| row.local)
        .filter(|update| wanted.contains(update));
    // What is not asked for keeps its order, so the longest end that has it already is left out.
    let places: IdMap<LocalId, usize> = now.zip(0..).collect();
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
    want
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

fn own_time(row: &MirrorRow) -> Option<OwnTime> {
    row.due_at.filter(|_| row.fixed).map(|at| OwnTime {
        at,
        pinned: row.pinned,
    })
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
            created_at: crate::domain::time::Timestamp(0),
            due_at: row.due_at,
            own_time: own_time(row),
            outcome: Rare::default(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::id;

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

    proptest::proptest! {
        #[test]
        fn without_operations_nothing_is_asked_for(
            rows in proptest::collection::vec((proptest::option::of(0..40_i64), proptest::bool::ANY), 0..12),
        ) {
            let profile = ProfileId::parse("p").unwrap();
            let row = |(n, (due, fixed)): (u128, (Option<i64>, bool))| MirrorRow {
                local: id(n),
                due_at: due.map(crate::domain::time::Timestamp),
                fixed,
                pinned: fixed && n % 2 == 0,
            };
            let mirror: Vec<MirrorRow> = (1..).zip(rows).map(row).collect();
            proptest::prop_assert_eq!(first(&profile, None, &mirror, Vec::new()), ids(&[]));
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
