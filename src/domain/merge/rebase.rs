//! A chain of reorders, carried over to a newer read of the queue.

use super::margins::Margins;
use super::{merge3, moves};
use crate::domain::id::{IdSet, LocalId};
use crate::domain::operation::{Move, Place};
use crate::domain::queue::{Queue, Row};

/// Returns for each of `operations`, reorders made one after the other on the queue that was read as
/// `base`, the moves that mean the same on the queue as read now, `remote`: none if its own still
/// do.
///
/// It is [`merge3`] of the order before and after each, with what the ones before it led to. Updates
/// in neither read are those created here; until they are moved they are taken as standing last.
///
/// The first `done` of them are acknowledged, so `remote` may show them. If it shows them and nothing
/// else, nobody moved anything, and all others mean what they meant.
pub fn rebase(
    base: &[LocalId],
    operations: &[Vec<Move>],
    done: usize,
    remote: &[LocalId],
) -> Vec<Option<Vec<Move>>> {
    let (done, _) = operations.split_at(done.min(operations.len()));
    if base == remote || is_only_ours(base, done, remote) {
        return vec![None; operations.len()];
    }
    let mut chain = Chain::new(base, operations, remote);
    operations.iter().map(|moves| chain.step(moves)).collect()
}

/// Says whether `remote` is `base` after these operations. That is cheap beside a merge, and as a rule
/// nobody else is at work on the queue.
fn is_only_ours(base: &[LocalId], done: &[Vec<Move>], remote: &[LocalId]) -> bool {
    if done.is_empty() || base.len() != remote.len() {
        return false;
    }
    let mut ours = queue(base);
    done.iter().flatten().for_each(|moved| ours.apply(moved));
    ours.movable().eq(remote.iter().copied())
}

/// Both queues as they are after the operations so far.
struct Chain {
    ours: Queue,
    theirs: Queue,
    /// What one of the reads has; anything else was created here.
    read: IdSet<LocalId>,
    margins: Option<Margins>,
}

impl Chain {
    fn new(base: &[LocalId], operations: &[Vec<Move>], remote: &[LocalId]) -> Self {
        let base = with_arrived(base, operations, remote);
        let read = base.iter().chain(remote).copied().collect();
        Self {
            ours: queue(&base),
            theirs: queue(remote),
            read,
            margins: None,
        }
    }

    fn step(&mut self, moves: &[Move]) -> Option<Vec<Move>> {
        for &update in moves.iter().flat_map(|moved| &moved.updates) {
            if !self.read.contains(&update) {
                for queue in [&mut self.ours, &mut self.theirs] {
                    queue.insert(usize::MAX, row(update));
                }
            }
        }
        if let [moved] = moves
            && self.step_alike(moved)
        {
            return None;
        }
        self.step_merged(moves)
    }

    /// Applies a move to both queues, if it is sure to mean the same in both. Costs as much as the
    /// move itself (and now and then a comparison of the two).
    fn step_alike(&mut self, moved: &Move) -> bool {
        let there: Vec<LocalId> = moved
            .updates
            .iter()
            .copied()
            .filter(|&update| self.ours.contains(update) && self.theirs.contains(update))
            .collect();
        let elsewhere =
            |update: &LocalId| !self.ours.contains(*update) && self.theirs.contains(*update);
        if moved.updates.iter().any(elsewhere) {
            return false;
        }
        let Some(anchor) = self.anchor(moved) else {
            return false;
        };
        let Some((above, below)) = self.neighbours(moved) else {
            return false;
        };
        let gap = |row: Option<usize>| row.is_none_or(|row| self.is_in_theirs(row));
        if !gap(above) || !gap(below) || (above.is_none() && below.is_none()) {
            return false;
        }
        // What stands in its gap already is not moved by the merge, but is by the move.
        let really = there.iter().all(|&update| {
            self.ours.find(update).is_some_and(|at| {
                above.is_some_and(|above| at < above) || below.is_some_and(|below| at > below)
            })
        });
        if !really || anchor.is_some_and(|anchor| !self.is_left(anchor, &there)) {
            return false;
        }
        self.ours.apply(moved);
        self.theirs.apply(moved);
        if let Some(margins) = &mut self.margins {
            margins.follow(&there, anchor);
        }
        true
    }

    /// Returns the update a move puts its own directly behind; inner none: it goes to the top or to
    /// the end; outer none: its place is told otherwise.
    #[expect(
        clippy::option_option,
        reason = "one is an answer, the other is no answer"
    )]
    fn anchor(&self, moved: &Move) -> Option<Option<LocalId>> {
        match moved.place {
            Place { after: None, .. } | Place { before: None, .. } => Some(None),
            Place {
                after: Some(after), ..
            } => {
                let usable = self.ours.contains(after)
                    && self.theirs.contains(after)
                    && !moved.updates.contains(&after);
                usable.then_some(Some(after))
            }
        }
    }

    /// Returns the rows between which the move puts its updates, as they are before it.
    fn neighbours(&self, moved: &Move) -> Option<(Option<usize>, Option<usize>)> {
        let rows = self.ours.rows().len();
        let taken: IdSet<LocalId> = moved.updates.iter().copied().collect();
        let free = |row: &usize| !taken.contains(&self.ours.rows()[*row].update);
        match moved.place {
            Place { after: None, .. } => Some((None, (0..rows).find(free))),
            Place { before: None, .. } => Some(((0..rows).rev().find(free), None)),
            Place {
                after: Some(after), ..
            } => {
                let above = self.ours.find(after)?;
                // With nothing below, the end is meant, and that may be elsewhere by now.
                let below = (above + 1..rows).find(free)?;
                Some((Some(above), Some(below)))
            }
        }
    }

    fn is_in_theirs(&self, row: usize) -> bool {
        let row = self.ours.rows().get(row);
        row.is_some_and(|row| self.theirs.contains(row.update))
    }

    /// Says whether others are sure to have left `anchor` where it was among all but `updates`.
    fn is_left(&mut self, anchor: LocalId, updates: &[LocalId]) -> bool {
        let known = self.margins.as_ref();
        if let Some(left) = known.and_then(|margins| margins.is_left(anchor, updates)) {
            return left;
        }
        let margins = Margins::between(&order(&self.ours), &order(&self.theirs));
        let left = margins.is_left(anchor, updates).unwrap_or(false);
        self.margins = Some(margins);
        left
    }

    /// Merges what an operation did here into the other queue.
    fn step_merged(&mut self, own: &[Move]) -> Option<Vec<Move>> {
        let before = order(&self.ours);
        let there = order(&self.theirs);
        for moved in own {
            self.ours.apply(moved);
            self.theirs.apply(moved);
        }
        let touched: IdSet<LocalId> = own
            .iter()
            .flat_map(|moved| moved.updates.iter().copied())
            .collect();
        let merged = merge3(&before, &order(&self.ours), &there, Some(&touched)).order;
        self.margins = None;
        if merged.iter().copied().eq(self.theirs.movable()) {
            return None;
        }
        self.theirs = queue(&merged);
        Some(moves(&there, &merged, Some(&touched)))
    }
}

/// Returns `base` with what the operations speak of and only `remote` has: it was created here, and
/// arrived since. It stands where it stands there.
fn with_arrived(base: &[LocalId], operations: &[Vec<Move>], remote: &[LocalId]) -> Vec<LocalId> {
    let known: IdSet<LocalId> = base.iter().copied().collect();
    let spoken_of: IdSet<LocalId> = operations
        .iter()
        .flatten()
        .flat_map(|moved| {
            let Place { after, before } = moved.place;
            moved.updates.iter().copied().chain(after).chain(before)
        })
        .filter(|update| !known.contains(update))
        .collect();
    let both = |update: &&LocalId| known.contains(update);
    let before: Vec<LocalId> = remote.iter().filter(both).copied().collect();
    let arrived = |update: &&LocalId| known.contains(update) || spoken_of.contains(update);
    let after: Vec<LocalId> = remote.iter().filter(arrived).copied().collect();
    merge3(&before, &after, base, None).order
}

fn queue(order: &[LocalId]) -> Queue {
    Queue::arrange(order.iter().copied(), std::iter::empty(), [])
}

fn row(update: LocalId) -> Row {
    Row {
        update,
        due_at: None,
        fixed: false,
    }
}

fn order(queue: &Queue) -> Vec<LocalId> {
    queue.movable().collect()
}

#[cfg(test)]
mod tests;
