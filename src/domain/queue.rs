//! A queue: the pending updates of one profile in the order they go out, with their times.
//!
//! Updates without a time of their own are *movable*: they are permuted over the slot times, which
//! belong to places and not to updates. Updates with a time of their own are *fixed*: their place
//! follows from that time. So which rows are fixed and which time each row has does not depend on
//! the order of the movable ones, and a move costs only the distance it covers.

mod moves;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::{IdMap, LocalId};
use super::operation::{Move, Place};
use super::time::Timestamp;

/// One row of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which update.
    pub update: LocalId,
    /// When it goes out; none if the queue is paused or slots ran out.
    pub due_at: Option<Timestamp>,
    /// Whether the time is its own (then no move changes it).
    pub fixed: bool,
}

/// The pending updates of one profile in the order they go out.
///
/// Rows with a time come first, by time (fixed after movable on the same instant, and those by id),
/// then those without, in order.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    rows: Vec<Row>,
    /// About where each update stands: exact when it was noted, and off by at most the changes made
    /// since, as nobody else's entry is touched by a move.
    hints: IdMap<LocalId, u32>,
    /// By how much they may be off.
    drift: usize,
}

/// Two queues are the same when their rows are; how they find a row does not count.
impl PartialEq for Queue {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl Eq for Queue {}

/// By so much the hints may be off before all are put right, which costs a look at each row.
const MOST_DRIFT: usize = 64;

/// Rows are in this order. Fixed rows of one instant go by id, so that their order does not depend on
/// which got its time first; a stable sort keeps the movable ones as they stand.
fn by_time(row: &Row) -> (bool, Option<Timestamp>, Option<LocalId>) {
    // `None` comes last.
    let tie = row.fixed.then_some(row.update);
    (row.due_at.is_none(), row.due_at, tie)
}

/// Which neighbour a move is made against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Top,
    End,
    After(usize),
    Before(usize),
}

impl Queue {
    /// Lays out movable updates over `times` (ascending; missing ones mean no time) and puts the
    /// fixed ones in by theirs.
    pub fn arrange(
        movable: impl IntoIterator<Item = LocalId>,
        times: impl Iterator<Item = Timestamp>,
        fixed: impl IntoIterator<Item = (LocalId, Timestamp)>,
    ) -> Self {
        let mut queue = Self::default();
        queue.rearrange(movable, times, fixed);
        queue
    }

    /// The same in the place of what the queue was: what stands where it stood costs little.
    pub(crate) fn rearrange(
        &mut self,
        movable: impl IntoIterator<Item = LocalId>,
        mut times: impl Iterator<Item = Timestamp>,
        fixed: impl IntoIterator<Item = (LocalId, Timestamp)>,
    ) {
        let movable = movable.into_iter().map(|update| Row {
            update,
            due_at: times.next(),
            fixed: false,
        });
        let mut rows: Vec<Row> = movable.collect();
        rows.extend(fixed.into_iter().map(|(update, at)| Row {
            update,
            due_at: Some(at),
            fixed: true,
        }));
        // How many there would be was not known before, and most queues only get shorter.
        rows.shrink_to_fit();
        rows.sort_by_key(by_time);
        self.put(rows);
    }

    /// Lays the movable updates out over `times` again, in the order they stand.
    pub(crate) fn arrange_again(&mut self, mut times: impl Iterator<Item = Timestamp>) {
        for row in &mut self.rows {
            if !row.fixed {
                row.due_at = times.next();
            }
        }
        let is_sorted = self.rows.is_sorted_by_key(by_time);
        if !is_sorted {
            self.rows.sort_by_key(by_time);
        }
        if !is_sorted || self.drift > MOST_DRIFT {
            self.note_all();
        }
    }

    /// Replaces the rows.
    fn put(&mut self, rows: Vec<Row>) {
        let before = std::mem::replace(&mut self.rows, rows);
        if self.drift > MOST_DRIFT || before.len() != self.rows.len() {
            return self.note_all();
        }
        for (i, (old, new)) in before.iter().zip(&self.rows).enumerate() {
            if old.update != new.update {
                self.hints.insert(new.update, hint(i));
            }
        }
        if self.hints.len() != self.rows.len() {
            // There are others in it now.
            self.note_all();
        }
    }

    /// Puts all hints right.
    fn note_all(&mut self) {
        self.hints.clear();
        self.hints.reserve(self.rows.len());
        for (i, row) in self.rows.iter().enumerate() {
            self.hints.insert(row.update, hint(i));
        }
        self.drift = 0;
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Says whether `update` is in the queue.
    pub fn contains(&self, update: LocalId) -> bool {
        self.hints.contains_key(&update)
    }

    /// Returns where `update` stands; `near` is tried first (its neighbours too), so a caller that
    /// knows about where it was pays nothing.
    pub fn position(&self, update: LocalId, near: usize) -> Option<usize> {
        let from = near.saturating_sub(1);
        (from..=near.saturating_add(1))
            .find(|&i| self.is_at(update, i))
            .or_else(|| self.find(update))
    }

    /// Returns where `update` stands. Costs as much as the queue changed since it was laid out, not
    /// as much as it is long.
    pub fn find(&self, update: LocalId) -> Option<usize> {
        // The queue may have become shorter than it was when the hint was noted.
        let start = (*self.hints.get(&update)? as usize).min(self.rows.len());
        (0..=self.rows.len()).find_map(|off| {
            let below = start + off;
            let above = start.checked_sub(off);
            above
                .filter(|&i| self.is_at(update, i))
                .or_else(|| self.is_at(update, below).then_some(below))
        })
    }

    fn is_at(&self, update: LocalId, i: usize) -> bool {
        self.rows.get(i).is_some_and(|row| row.update == update)
    }

    /// Returns the movable updates in order.
    pub fn movable(&self) -> impl Iterator<Item = LocalId> + '_ {
        self.rows
            .iter()
            .filter(|row| !row.fixed)
            .map(|row| row.update)
    }

    /// Puts a row in at `i`. The times are right only after [`Queue::arrange_again`].
    pub(crate) fn insert(&mut self, i: usize, row: Row) {
        let i = i.min(self.rows.len());
        if self.contains(row.update) {
            return;
        }
        self.rows.insert(i, row);
        self.hints.insert(row.update, hint(i));
        self.drift += 1;
    }

    /// Takes a row out. The times are right only after [`Queue::arrange_again`].
    pub(crate) fn remove(&mut self, update: LocalId) -> Option<Row> {
        let i = self.find(update)?;
        self.hints.remove(&update);
        self.drift += 1;
        Some(self.rows.remove(i))
    }

    /// Gives a row a time of its own, or takes it. The times are right only after
    /// [`Queue::arrange_again`].
    pub(crate) fn fix(&mut self, update: LocalId, at: Option<Timestamp>) {
        if let Some(i) = self.find(update) {
            self.rows[i].fixed = at.is_some();
            self.rows[i].due_at = at;
        }
    }

    /// Applies a move. Fixed and unknown updates in it are left where they are.
    ///
    /// Costs the rows between the first and the last one that changes.
    pub fn apply(&mut self, moved: &Move) {
        let block = self.block(&moved.updates);
        let (Some(first), Some(last)) = (
            block.iter().map(|&(i, _)| i).min(),
            block.iter().map(|&(i, _)| i).max(),
        ) else {
            return;
        };
        let mut taken: Vec<usize> = block.iter().map(|&(i, _)| i).collect();
        taken.sort_unstable();
        let Some(target) = self.target(moved.place, &taken) else {
            return;
        };
        let (from, to) = self.span(target, first, last, block.len());
        let mut rest: Vec<LocalId> = Vec::with_capacity(to - from + 1);
        // Where the block goes among `rest`.
        let mut gap = match target {
            Target::Top => Some(0),
            Target::End | Target::After(_) | Target::Before(_) => None,
        };
        let mut places = 0;
        for i in from..=to {
            let row = self.rows[i];
            let stays = !row.fixed && taken.binary_search(&i).is_err();
            match target {
                Target::Before(at) if at == i && row.fixed => {
                    gap = Some(usize::saturating_sub(places, block.len()));
                }
                Target::After(at) if at == i && row.fixed => gap = Some(places),
                Target::Before(at) if at == i => gap = Some(rest.len()),
                Target::After(at) if at == i => gap = Some(rest.len() + 1),
                _ => {}
            }
            places += usize::from(!row.fixed);
            if stays {
                rest.push(row.update);
            }
        }
        let gap = gap.unwrap_or(rest.len()).min(rest.len());
        rest.splice(gap..gap, block.iter().map(|&(_, update)| update));
        let mut order = rest.into_iter();
        for i in from..=to {
            if !self.rows[i].fixed
                && let Some(update) = order.next()
            {
                self.rows[i].update = update;
            }
        }
        self.refresh_hints(from, to, &block);
    }

    /// After a move: the hints of the moved ones, and of the others too once many were passed.
    fn refresh_hints(&mut self, from: usize, to: usize, block: &[(usize, LocalId)]) {
        if block.len() > 1 {
            // Others were shifted by more than one place: put theirs right too.
            for i in from..=to {
                self.hints.insert(self.rows[i].update, hint(i));
            }
        } else if let Some(&(_, update)) = block.first() {
            self.drift += 1;
            let at = (from..=to).find(|&i| self.is_at(update, i));
            self.hints.insert(update, hint(at.unwrap_or(from)));
        }
    }

    /// Returns the movable ones of `updates`, each once, in the order given, with their rows.
    fn block(&self, updates: &[LocalId]) -> Vec<(usize, LocalId)> {
        let mut seen = BTreeSet::new();
        updates
            .iter()
            .filter_map(|&update| Some((self.find(update)?, update)))
            .filter(|&(i, _)| !self.rows[i].fixed && seen.insert(i))
            .collect()
    }

    fn target(&self, place: Place, taken: &[usize]) -> Option<Target> {
        let anchor = |update: LocalId| {
            self.find(update)
                .filter(|i| taken.binary_search(i).is_err())
        };
        match (place.after, place.before) {
            (None, _) => Some(Target::Top),
            (Some(_), None) => Some(Target::End),
            (Some(after), Some(before)) => anchor(after)
                .map(Target::After)
                .or_else(|| anchor(before).map(Target::Before)),
        }
    }

    /// Returns the rows a move touches. Against a fixed row the block needs as many movable places
    /// on that row's other side as it is long.
    fn span(&self, target: Target, first: usize, last: usize, block: usize) -> (usize, usize) {
        match target {
            Target::Top => (0, last),
            Target::End => (first, self.rows.len() - 1),
            Target::After(i) if self.rows[i].fixed => {
                let (from, to) = (first.min(i), last.max(i));
                (
                    from,
                    self.walk(to + 1..self.rows.len(), block).unwrap_or(to),
                )
            }
            Target::Before(i) if self.rows[i].fixed => {
                let (from, to) = (first.min(i), last.max(i));
                (self.walk((0..from).rev(), block).unwrap_or(from), to)
            }
            Target::After(i) | Target::Before(i) => (first.min(i), last.max(i)),
        }
    }

    /// Returns the row of the `n`-th movable among `rows`, or of the last there is.
    fn walk(&self, rows: impl Iterator<Item = usize>, n: usize) -> Option<usize> {
        rows.filter(|&i| !self.rows[i].fixed).take(n).last()
    }

    /// Returns the place `update` has now, for undo and for Esc; none if it is not in the queue.
    pub fn place_of(&self, update: LocalId, near: usize) -> Option<Place> {
        let at = self.position(update, near)?;
        Some(Place {
            after: self.neighbour((0..at).rev(), &[]),
            before: self.neighbour(at + 1..self.rows.len(), &[]),
        })
    }

    /// Returns the place of updates that stand together, in queue order; none if one is not there.
    pub fn place_of_block(&self, updates: &[LocalId]) -> Option<Place> {
        let (first, last) = (*updates.first()?, *updates.last()?);
        Some(Place {
            after: self.place_of(first, self.find(first)?)?.after,
            before: self.place_of(last, self.find(last)?)?.before,
        })
    }

    /// Returns the first movable update among `rows` that is not in `taken` (sorted rows).
    fn neighbour(&self, mut rows: impl Iterator<Item = usize>, taken: &[usize]) -> Option<LocalId> {
        rows.find(|i| !self.rows[*i].fixed && taken.binary_search(i).is_err())
            .map(|i| self.rows[i].update)
    }
}

fn hint(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

/// A slot of the schedule at which nothing goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSlot {
    /// When.
    pub at: Timestamp,
    /// The row it stands before; as many as there are: after the last.
    pub before: usize,
}

/// Returns those of `slots` (ascending) in whose minute no row goes out, with their places between
/// the rows. `slots` is read no further than asked for.
pub fn open_slots<'a>(
    rows: &'a [Row],
    slots: impl Iterator<Item = Timestamp> + 'a,
) -> impl Iterator<Item = OpenSlot> + 'a {
    let mut before = 0;
    slots.filter_map(move |at| {
        let due = |i: usize| rows.get(i).and_then(|row| row.due_at);
        while due(before).is_some_and(|due| due < at) {
            before += 1;
        }
        let is_taken = due(before).is_some_and(|due| due < at.plus(60));
        (!is_taken).then_some(OpenSlot { at, before })
    })
}

/// Leaves out the slots that pinned updates occupy.
pub fn free_slots(
    slots: impl Iterator<Item = Timestamp>,
    pinned: BTreeSet<Timestamp>,
) -> impl Iterator<Item = Timestamp> {
    slots.filter(move |slot| !pinned.contains(slot))
}

#[cfg(test)]
mod tests;
