//! A queue: the pending updates of one profile in the order they go out, with their times.
//!
//! Updates without a time of their own are *movable*: they are permuted over the slot times, which
//! belong to places and not to updates. Updates with a time of their own are *fixed*: their place
//! follows from that time. So which rows are fixed and which time each row has does not depend on
//! the order of the movable ones, and a move costs only the distance it covers.

mod hints;
mod moves;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use self::hints::{Hints, Step};
use super::id::LocalId;
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
    /// About where each update stands. Rows are changed first and then followed by it.
    hints: Hints,
}

/// Two queues are the same when their rows are; how they find a row does not count.
impl PartialEq for Queue {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl Eq for Queue {}

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
        // How many there are is not known, only how many there may be.
        let mut rows = Vec::with_capacity(movable.size_hint().1.unwrap_or(0));
        rows.extend(movable);
        rows.extend(fixed.into_iter().map(|(update, at)| Row {
            update,
            due_at: Some(at),
            fixed: true,
        }));
        // Most queues only get shorter.
        rows.shrink_to_fit();
        // To sort takes as much room again, and most are sorted.
        if !rows.is_sorted_by_key(by_time) {
            rows.sort_by_key(by_time);
        }
        let before = std::mem::replace(&mut self.rows, rows);
        self.hints.replaced(&before, &self.rows);
    }

    /// Lays the movable updates out over `times` again, in the order they stand.
    pub(crate) fn arrange_again(&mut self, mut times: impl Iterator<Item = Timestamp>) {
        for row in &mut self.rows {
            if !row.fixed {
                row.due_at = times.next();
            }
        }
        if !self.rows.is_sorted_by_key(by_time) {
            self.rows.sort_by_key(by_time);
            self.hints.note(&self.rows);
        }
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Says whether `update` is in the queue.
    pub fn contains(&self, update: LocalId) -> bool {
        self.find(update).is_some()
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
        self.hints.find(update, &self.rows)
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
        self.hints.came(i, &self.rows);
    }

    /// Takes a row out. The times are right only after [`Queue::arrange_again`].
    pub(crate) fn remove(&mut self, update: LocalId) -> Option<Row> {
        let i = self.find(update)?;
        let row = self.rows.remove(i);
        self.hints.left(update, i, &self.rows);
        Some(row)
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
        let mut taken = block.clone();
        taken.sort_unstable();
        let (Some(&first), Some(&last)) = (taken.first(), taken.last()) else {
            return;
        };
        let Some(target) = self.target(moved.place, &taken) else {
            return;
        };
        let (from, to) = self.span(target, first, last, block.len());
        let mut rest: Vec<usize> = Vec::with_capacity(to - from + 1);
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
                rest.push(i);
            }
        }
        let gap = gap.unwrap_or(rest.len()).min(rest.len());
        rest.splice(gap..gap, block.iter().copied());
        self.permute(from..to + 1, &rest, gap..gap + block.len());
    }

    /// Puts the movable updates of the rows in `span` in this order, given by where they stand; those
    /// at `moved` in it are meant to move, the others give way.
    fn permute(&mut self, span: Range<usize>, order: &[usize], moved: Range<usize>) {
        let updates: Vec<LocalId> = order.iter().map(|&i| self.rows[i].update).collect();
        let movable = self.rows[span.clone()].iter_mut().filter(|row| !row.fixed);
        for (row, update) in movable.zip(updates) {
            row.update = update;
        }
        let rows = &self.rows;
        let places = span.filter(|&i| !rows[i].fixed);
        let steps = { order.iter().zip(places) }.map(|(&was, now)| Step { was, now });
        let others = steps.clone().take(moved.start);
        let others = others.chain(steps.clone().skip(moved.end));
        let moved = steps.skip(moved.start).take(moved.len());
        self.hints.moved(moved, others, rows);
    }

    /// Returns the rows of the movable ones of `updates`, each once, in the order given.
    fn block(&self, updates: &[LocalId]) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        updates
            .iter()
            .filter_map(|&update| self.find(update))
            .filter(|&i| !self.rows[i].fixed && seen.insert(i))
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
