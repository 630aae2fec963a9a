//! The moves a person means: a step, to the top, beside that row, a shuffle, and back again.

use std::ops::Range;

use super::Queue;
use crate::domain::id::LocalId;
use crate::domain::operation::{Move, Place};

impl Queue {
    /// Returns the moves that put everything back as it is now after `moved` was applied.
    ///
    /// What stood together goes back together, from the top down, so each one finds its old
    /// neighbour above in place.
    pub fn inverse(&self, moved: &Move) -> Vec<Move> {
        let taken = self.taken(&moved.updates);
        let mut back: Vec<Move> = Vec::new();
        let mut last: Option<usize> = None;
        for &i in &taken {
            let joins = last.is_some_and(|last| self.neighbour(last + 1..i, &[]).is_none());
            match back.last_mut() {
                Some(run) if joins => run.updates.push(self.rows[i].update),
                _ => back.push(Move {
                    updates: vec![self.rows[i].update],
                    place: self.gap_before(i, &taken),
                }),
            }
            last = Some(i);
        }
        back
    }

    /// Returns the move that carries `updates` (as one block, in queue order) `delta` movable rows
    /// down, or up if negative, as far as the queue goes; none if nothing would change.
    pub fn moved_by(&self, updates: &[LocalId], delta: isize) -> Option<Move> {
        if delta == 0 {
            return None;
        }
        let taken = self.taken(updates);
        let (&first, &last) = (taken.first()?, taken.last()?);
        let steps = delta.unsigned_abs();
        let place = if delta < 0 {
            let passed = self.walk((0..first).rev(), steps);
            self.gap_before(passed.unwrap_or(first), &taken)
        } else {
            let passed = self.walk(last + 1..self.rows.len(), steps);
            self.gap_after(passed.unwrap_or(last), &taken)
        };
        self.carry(&taken, place)
    }

    /// Returns the move that puts `updates` at the top; none if nothing would change.
    pub fn moved_to_top(&self, updates: &[LocalId]) -> Option<Move> {
        let taken = self.taken(updates);
        self.carry(&taken, self.gap_before(0, &taken))
    }

    /// Returns the move that puts `updates` at the end; none if nothing would change.
    pub fn moved_to_bottom(&self, updates: &[LocalId]) -> Option<Move> {
        let taken = self.taken(updates);
        self.carry(
            &taken,
            self.gap_after(self.rows.len().checked_sub(1)?, &taken),
        )
    }

    /// Returns the move that puts `updates` directly before row `i` (or as near as fixed rows let
    /// them); none if nothing would change.
    pub fn moved_before(&self, updates: &[LocalId], i: usize) -> Option<Move> {
        let taken = self.taken(updates);
        // Against a fixed row the block's last one takes the nearest place above it, so as many
        // others have to come down past it as the block has members below it.
        let below = taken.len() - taken.partition_point(|&at| at < i);
        let fixed = self.rows.get(i)?.fixed;
        let passed = fixed
            .then(|| self.walk_past((0..i).rev(), below, &taken))
            .flatten();
        self.carry(&taken, self.gap_before(passed.unwrap_or(i), &taken))
    }

    /// Returns the move that puts `updates` directly after row `i` (or as near as fixed rows let
    /// them); none if nothing would change.
    pub fn moved_after(&self, updates: &[LocalId], i: usize) -> Option<Move> {
        let taken = self.taken(updates);
        let above = taken.partition_point(|&at| at < i);
        let fixed = self.rows.get(i)?.fixed;
        let passed = fixed
            .then(|| self.walk_past(i + 1..self.rows.len(), above, &taken))
            .flatten();
        self.carry(&taken, self.gap_after(passed.unwrap_or(i), &taken))
    }

    /// Returns the move that shuffles the movable updates of the rows in `span`; the same `seed`
    /// gives the same order. None if there are fewer than two.
    pub fn shuffled(&self, span: Range<usize>, seed: u64) -> Option<Move> {
        let span = span.start.min(self.rows.len())..span.end.min(self.rows.len());
        let rows = self.rows.get(span.clone())?;
        let movable = rows.iter().filter(|row| !row.fixed);
        let before: Vec<LocalId> = movable.map(|row| row.update).collect();
        if before.len() < 2 {
            return None;
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let mut updates = before.clone();
        // A shuffle of a few may well give the order there is; nobody presses the key for that.
        for _ in 0..16 {
            random.shuffle(&mut updates);
            if updates != before {
                break;
            }
        }
        let place = Place {
            after: self.neighbour((0..span.start).rev(), &[]),
            before: self.neighbour(span.end..self.rows.len(), &[]),
        };
        Some(Move { updates, place })
    }

    /// Returns the rows of the movable ones of `updates`, ascending.
    fn taken(&self, updates: &[LocalId]) -> Vec<usize> {
        let mut rows = self.block(updates);
        rows.sort_unstable();
        rows
    }

    /// Returns the row of the `n`-th movable among `rows` that is not `taken`, or of the last.
    fn walk_past(
        &self,
        rows: impl Iterator<Item = usize>,
        n: usize,
        taken: &[usize],
    ) -> Option<usize> {
        self.walk(rows.filter(|i| taken.binary_search(i).is_err()), n)
    }

    fn gap_before(&self, i: usize, taken: &[usize]) -> Place {
        Place {
            after: self.neighbour((0..i).rev(), taken),
            before: self.neighbour(i..self.rows.len(), taken),
        }
    }

    fn gap_after(&self, i: usize, taken: &[usize]) -> Place {
        Place {
            after: self.neighbour((0..=i).rev(), taken),
            before: self.neighbour(i + 1..self.rows.len(), taken),
        }
    }

    /// Returns the move of the rows `taken` to `place`, unless they are there already.
    fn carry(&self, taken: &[usize], place: Place) -> Option<Move> {
        let (&first, &last) = (taken.first()?, taken.last()?);
        let together = self.neighbour(first..last, taken).is_none();
        if together && self.gap_before(first, taken) == place {
            return None;
        }
        let updates = taken.iter().map(|&i| self.rows[i].update).collect();
        Some(Move { updates, place })
    }
}
