//! How surely others left an update where it was.

use super::increasing::Highest;
use crate::domain::id::{IdMap, IdSet, LocalId};

/// For each update that two orders share, by how many members the longest subsequence in their
/// common order is longer than the longest one that could do without it.
///
/// Where that is more than nothing, the update is in every longest one: it was not moved, whichever
/// is looked at. Moving one update, alike in both orders, costs the others at most two.
#[derive(Debug)]
pub(super) struct Margins {
    of: IdMap<LocalId, usize>,
    moved: IdSet<LocalId>,
}

/// No other update stands on another side of it in the other order.
pub(super) const SURE: usize = usize::MAX;

impl Margins {
    /// Compares two orders, each without repetition.
    pub(super) fn between(ours: &[LocalId], theirs: &[LocalId]) -> Self {
        let ranks: IdMap<LocalId, usize> =
            ours.iter().enumerate().map(|(i, &id)| (id, i)).collect();
        let common: Vec<(LocalId, usize)> = theirs
            .iter()
            .filter_map(|id| Some((*id, *ranks.get(id)?)))
            .collect();
        let moved = IdSet::default();
        if common.is_sorted_by_key(|&(_, rank)| rank) {
            let of = common.into_iter().map(|(id, _)| (id, SURE)).collect();
            return Self { of, moved };
        }
        let through = longest_through(&common, ours.len());
        let longest = through.iter().copied().max().unwrap_or(0);
        let crossing = longest_crossing(&common, &through, ours.len());
        let margin = |crossing: usize| match crossing {
            0 => SURE,
            _ => longest.saturating_sub(crossing),
        };
        let of = common
            .iter()
            .zip(crossing)
            .map(|(&(id, _), crossing)| (id, margin(crossing)))
            .collect();
        Self { of, moved }
    }

    /// Notes that `updates` were moved alike in both orders, directly behind `anchor`, or to the
    /// top or the end: nothing stands between them that could tell them from it.
    pub(super) fn follow(&mut self, updates: &[LocalId], anchor: Option<LocalId>) {
        let margin = anchor.map_or(Some(SURE), |anchor| self.of.get(&anchor).copied());
        for &update in updates {
            self.moved.insert(update);
            match margin {
                Some(margin) => self.of.insert(update, margin),
                None => self.of.remove(&update),
            };
        }
    }

    /// Says whether `update` is sure to stand where it stood, even without `updates`; none if only
    /// a new comparison can tell.
    pub(super) fn is_left(&self, update: LocalId, updates: &[LocalId]) -> Option<bool> {
        let margin = self.of.get(&update).copied().unwrap_or(0);
        let more = updates.iter().filter(|u| !self.moved.contains(u)).count();
        if margin == SURE || margin > 2 * (self.moved.len() + more) {
            return Some(true);
        }
        let hopeless = margin <= 2 * updates.len();
        (hopeless || self.moved.is_empty()).then_some(false)
    }
}

/// Returns for each of `list` how long a subsequence in the order of the ranks through it can be.
fn longest_through(list: &[(LocalId, usize)], ranks: usize) -> Vec<usize> {
    let mut up: Highest<usize> = Highest::new(ranks);
    let mut through: Vec<usize> = Vec::with_capacity(list.len());
    for &(_, rank) in list {
        let length = up.below(rank) + 1;
        up.raise(rank, length);
        through.push(length);
    }
    let mut down: Highest<usize> = Highest::new(ranks);
    for (i, &(_, rank)) in list.iter().enumerate().rev() {
        let mirrored = ranks - 1 - rank;
        let length = down.below(mirrored) + 1;
        down.raise(mirrored, length);
        through[i] += length - 1;
    }
    through
}

/// Returns for each of `list` the longest of those through any member it cannot be in one with.
fn longest_crossing(list: &[(LocalId, usize)], through: &[usize], ranks: usize) -> Vec<usize> {
    let mut crossing = vec![0; list.len()];
    let mut above: Highest<usize> = Highest::new(ranks);
    for (i, &(_, rank)) in list.iter().enumerate() {
        let mirrored = ranks - 1 - rank;
        crossing[i] = above.below(mirrored);
        above.raise(mirrored, through[i]);
    }
    let mut below: Highest<usize> = Highest::new(ranks);
    for (i, &(_, rank)) in list.iter().enumerate().rev() {
        crossing[i] = crossing[i].max(below.below(rank));
        below.raise(rank, through[i]);
    }
    crossing
}

#[cfg(test)]
mod tests;
