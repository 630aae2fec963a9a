//! About where each row of a queue stands, found by its update's id.
//!
//! The ids are in the rows already, so they are not kept a second time: the hints of a hundred
//! thousand rows take well under a megabyte, where a map by id takes more than four.

use hashbrown::HashTable;

use super::Row;
use crate::domain::id::LocalId;
use crate::domain::places::hash;

/// By so much the hints may be off before all are put right, which costs a look at each row.
///
/// The table takes about one in ten ids for another whose hash looks alike, and finds out by looking
/// at all rows near the wrong hint. So that is a dozen rows on average, which stand side by side.
const MOST_DRIFT: usize = 64;

/// A table that is full is noted anew with room for one more of so many rows: then it is full again
/// only after as many came in, and each of them pays for this many hints.
const ROWS_FOR_ONE_MORE: usize = 16;

/// About where each row stands: one hint for each row, wherever it is looked from.
///
/// A hint does not say whose it is. To find a row, any hint will do that leads to it. But its own
/// hint must be changed and no other's: the caller says where the row stood, so it is one near there,
/// and if more than one that look alike are, all are noted anew. Both at once is rare in a long queue,
/// and in a short one there are few to note.
///
/// Whoever calls has changed the rows already, so they can be noted at any time.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// Never grows by itself, as it would have to know each hint's id for that.
    table: HashTable<u32>,
    /// By how much they may be off; at most [`MOST_DRIFT`].
    drift: usize,
}

/// That a row stands elsewhere now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) was: usize,
    pub(super) now: usize,
}

impl Hints {
    /// Notes where each row stands.
    pub(super) fn note(&mut self, rows: &[Row]) {
        self.note_in(rows.len(), rows);
    }

    /// The same in a table with room for so many.
    fn note_in(&mut self, room: usize, rows: &[Row]) {
        self.table.clear();
        if self.table.capacity() < room {
            self.table = HashTable::with_capacity(room);
        }
        self.drift = 0;
        for (i, row) in rows.iter().enumerate() {
            self.put(row.update, i);
        }
    }

    /// Returns where `update` stands.
    pub(super) fn find(&self, update: LocalId, rows: &[Row]) -> Option<usize> {
        let is_at = |i: &usize| rows.get(*i).is_some_and(|row| row.update == update);
        let near = |hint: &u32| {
            let hint = *hint as usize;
            (0..=self.drift).find_map(|off| {
                let above = hint.checked_sub(off).filter(is_at);
                above.or_else(|| Some(hint + off).filter(is_at))
            })
        };
        self.table.iter_hash(hash(update)).find_map(near)
    }

    /// Follows a row that was put in at `i`.
    pub(super) fn came(&mut self, i: usize, rows: &[Row]) {
        if !self.add(rows[i].update, i) {
            return self.note_in(rows.len() + rows.len() / ROWS_FOR_ONE_MORE, rows);
        }
        let shifted = (i + 1..rows.len()).map(|now| Step { was: now - 1, now });
        self.moved(std::iter::empty(), shifted, rows);
    }

    /// Follows `update` that was taken out at `i`.
    pub(super) fn left(&mut self, update: LocalId, i: usize, rows: &[Row]) {
        if !self.take(update, i) {
            return self.note(rows);
        }
        let shifted = (i..rows.len()).map(|now| Step { was: now + 1, now });
        self.moved(std::iter::empty(), shifted, rows);
    }

    /// Follows rows that were moved, and the `others` that gave way.
    ///
    /// The others' hints are put right too if that costs less than their share in putting all right
    /// later. So a move costs on average no more than the rows that changed.
    pub(super) fn moved(
        &mut self,
        moved: impl Iterator<Item = Step>,
        others: impl Iterator<Item = Step> + Clone,
        rows: &[Row],
    ) {
        let others = others.filter(|step| step.was != step.now);
        // Over fixed rows one goes farther than one row.
        let (count, far) = others.clone().fold((0, 0), |(count, far), step: Step| {
            (count + 1, step.was.abs_diff(step.now).max(far))
        });
        let is_few = count * MOST_DRIFT <= far * rows.len();
        let mut changed = moved.chain(others.filter(|_| is_few));
        let is_right = changed.all(|step| self.step(rows[step.now].update, step));
        self.drift += if is_few { 0 } else { far };
        if !is_right || self.drift > MOST_DRIFT {
            self.note(rows);
        }
    }

    /// Follows rows in the place of which there are others now.
    pub(super) fn replaced(&mut self, before: &[Row], rows: &[Row]) {
        let both = before.iter().zip(rows).enumerate();
        let changed = both.filter(|(_, (old, new))| old.update != new.update);
        // Each costs two hints, and two more if it comes to nothing.
        let is_few = changed.clone().count().saturating_mul(4) <= rows.len();
        let is_right = before.len() == rows.len()
            && is_few
            && changed
                .clone()
                .all(|(i, (old, _))| self.take(old.update, i))
            && changed.clone().all(|(i, (_, new))| self.add(new.update, i));
        if !is_right {
            self.note(rows);
        }
    }

    /// Adds a hint, unless the table is full.
    fn add(&mut self, update: LocalId, i: usize) -> bool {
        let has_room = self.table.len() < self.table.capacity();
        if has_room {
            self.put(update, i);
        }
        has_room
    }

    /// Adds a hint, for which there must be room.
    fn put(&mut self, update: LocalId, i: usize) {
        // With room for one more, the table asks for no other's hash.
        let other = |_: &u32| hash(update);
        self.table.insert_unique(hash(update), hint(i), other);
    }

    /// Takes out the hint of the row that stood at `i`, unless it could be another's.
    fn take(&mut self, update: LocalId, i: usize) -> bool {
        let drift = self.drift;
        let is_near = |hint: &u32| (*hint as usize).abs_diff(i) <= drift;
        let alike = self.table.iter_hash(hash(update));
        let is_sure = alike.filter(|hint| is_near(hint)).take(2).count() == 1;
        match self.table.find_entry(hash(update), is_near) {
            Ok(found) if is_sure => {
                found.remove();
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    /// Puts a row's hint right, unless it could be another's.
    fn step(&mut self, update: LocalId, step: Step) -> bool {
        let drift = self.drift;
        let is_near = |hint: &&mut u32| (**hint as usize).abs_diff(step.was) <= drift;
        let alike = self.table.iter_hash_mut(hash(update));
        let mut near = alike.filter(is_near);
        let (Some(own), None) = (near.next(), near.next()) else {
            return false;
        };
        *own = hint(step.now);
        true
    }

    /// How many there are, and by how much they may be off.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.table.len(), self.drift)
    }
}

fn hint(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
