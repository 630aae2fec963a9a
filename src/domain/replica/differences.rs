//! How two reads of a profile's lists differ.

use serde::{Deserialize, Serialize};

use super::delta::DueUpdate;
use crate::domain::id::{IdMap, IdSet, LocalId};
use crate::domain::queue::Row;

/// How a read of a profile's lists differs from the one before. What an update says does not count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Differences {
    /// Those that are pending now and were in no list.
    pub came: Vec<LocalId>,
    /// Those that were pending and are in no list now, and when they were to go out.
    pub left: Vec<DueUpdate>,
    /// Those that had failed and are in no list now.
    pub dropped: Vec<LocalId>,
    /// How many of those that could move and can, at least, were moved by themselves.
    pub moved: usize,
}

impl Differences {
    /// Compares the pending rows and the failed updates of two reads.
    pub fn between<B, N>(before: (B, &[LocalId]), now: (N, &[LocalId])) -> Self
    where
        B: ExactSizeIterator<Item = Row> + DoubleEndedIterator + Clone,
        N: ExactSizeIterator<Item = Row> + DoubleEndedIterator + Clone,
    {
        let ((before, had_failed), (all, failed)) = (before, now);
        let (before, now) = differing(before, all.clone());
        let dropped = dropped(had_failed, all, failed);
        let had_failed: IdSet<LocalId> = had_failed.iter().copied().collect();
        let failed: IdSet<LocalId> = failed.iter().copied().collect();
        let stood: IdMap<LocalId, (usize, bool)> = before
            .clone()
            .enumerate()
            .map(|(place, row)| (row.update, (place, row.fixed)))
            .collect();
        let mut differences = Self {
            dropped,
            ..Self::default()
        };
        let mut stands = IdSet::default();
        let mut places = Vec::new();
        for row in now {
            stands.insert(row.update);
            match stood.get(&row.update) {
                Some((place, false)) if !row.fixed => places.push(*place),
                None if !had_failed.contains(&row.update) => differences.came.push(row.update),
                Some(_) | None => {}
            }
        }
        let is_there = |id: &LocalId| stands.contains(id) || failed.contains(id);
        let left = before.filter(|row| !is_there(&row.update));
        differences.left.extend(left.map(|row| DueUpdate {
            update: row.update,
            due_at: row.due_at,
        }));
        differences.moved = places.len() - longest_rising(&places);
        differences
    }

    /// Returns those that are in no list now.
    pub fn gone(&self) -> impl Iterator<Item = LocalId> {
        let left = self.left.iter().map(|left| left.update);
        left.chain(self.dropped.iter().copied())
    }
}

/// Returns which of those that had failed are in no list now. One that failed between the two lists of
/// a read was in both, and may still stand where it stood.
fn dropped(
    had_failed: &[LocalId],
    pending: impl Iterator<Item = Row>,
    failed: &[LocalId],
) -> Vec<LocalId> {
    let failed: IdSet<LocalId> = failed.iter().copied().collect();
    let gone = had_failed.iter().filter(|id| !failed.contains(id));
    let mut dropped: Vec<LocalId> = gone.copied().collect();
    if !dropped.is_empty() {
        let pending: IdSet<LocalId> = pending.map(|row| row.update).collect();
        dropped.retain(|id| !pending.contains(id));
    }
    dropped
}

/// Returns the parts of two lists outside of which none came, went or moved.
fn differing<B, N>(
    before: B,
    now: N,
) -> (
    impl Iterator<Item = Row> + Clone,
    impl Iterator<Item = Row> + Clone,
)
where
    B: ExactSizeIterator<Item = Row> + DoubleEndedIterator + Clone,
    N: ExactSizeIterator<Item = Row> + DoubleEndedIterator + Clone,
{
    let is_same = |(was, is): &(Row, Row)| was.update == is.update;
    let head = before.clone().zip(now.clone());
    let head = head.take_while(is_same).count();
    let (old, new) = (before.len() - head, now.len() - head);
    let tail = before.clone().rev().zip(now.clone().rev());
    let tail = tail.take(old.min(new)).take_while(is_same).count();
    (
        before.skip(head).take(old - tail),
        now.skip(head).take(new - tail),
    )
}

/// Returns how many of `places` stay in order if as few as possible are moved.
fn longest_rising(places: &[usize]) -> usize {
    let mut ends: Vec<usize> = Vec::new();
    for place in places {
        let at = ends.partition_point(|end| end < place);
        match ends.get_mut(at) {
            Some(end) => *end = *place,
            None => ends.push(*place),
        }
    }
    ends.len()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::testing::{cases, id};

    /// Numbers of updates in order, each there once; the second ones are fixed.
    fn list() -> impl Strategy<Value = Vec<(u128, bool)>> {
        let all = prop::collection::btree_map(0..14_u128, prop::bool::weighted(0.2), 0..14);
        all.prop_map(|all| all.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
    }

    fn rows(list: &[(u128, bool)]) -> Vec<Row> {
        let row = |&(n, fixed): &(u128, bool)| Row {
            update: id(n),
            due_at: None,
            fixed,
        };
        list.iter().map(row).collect()
    }

    /// The most of `numbers` that rise, by trying all.
    fn most_rising(numbers: &[usize]) -> usize {
        let sets = 0..1_u32 << numbers.len();
        let chosen = sets.map(|set| {
            let mut chosen = (0..numbers.len()).filter(|i| set >> i & 1 == 1);
            let mut last = None;
            let rises = chosen.all(|i| last.replace(numbers[i]).is_none_or(|l| l < numbers[i]));
            if rises { set.count_ones() as usize } else { 0 }
        });
        chosen.max().unwrap_or(0)
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn they_are_what_one_finds_by_looking_at_all(
            (before, had_failed) in (list(), list()), (now, failed) in (list(), list()),
        ) {
            // One may be in both lists: it failed between the two.
            let ids = |list: &[(u128, bool)]| list.iter().map(|(n, _)| id(*n)).collect::<Vec<_>>();
            let set = |list: &[(u128, bool)]| ids(list).into_iter().collect::<BTreeSet<_>>();
            let (was, is) = (set(&before), set(&now));
            let (had, has) = (set(&had_failed), set(&failed));
            let found = Differences::between(
                (rows(&before).into_iter(), &ids(&had_failed)),
                (rows(&now).into_iter(), &ids(&failed)),
            );
            let sorted = |ids: &mut dyn Iterator<Item = LocalId>| ids.collect::<BTreeSet<_>>();
            let there: BTreeSet<_> = is.union(&has).copied().collect();
            let known: BTreeSet<_> = was.union(&had).copied().collect();
            prop_assert_eq!(sorted(&mut found.came.iter().copied()), &is - &known);
            prop_assert_eq!(sorted(&mut found.left.iter().map(|l| l.update)), &was - &there);
            prop_assert_eq!(sorted(&mut found.dropped.iter().copied()), &had - &there);
            let movable = |list: &[(u128, bool)]| -> Vec<u128> {
                list.iter().filter(|(_, fixed)| !fixed).map(|(n, _)| *n).collect()
            };
            let (had, has) = (movable(&before), movable(&now));
            let places: Vec<usize> = has.iter().filter_map(|n| had.iter().position(|h| h == n)).collect();
            prop_assert_eq!(found.moved, places.len() - most_rising(&places));
        }
    }
}
