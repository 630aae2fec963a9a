//! A queue: the pending updates of one profile in the order they go out, with their times.
//!
//! Updates without a time of their own are *movable*: they are permuted over the slot times, which
//! belong to places and not to updates. Updates with a time of their own are *fixed*: their place
//! follows from that time. So which rows are fixed and which time each row has does not depend on
//! the order of the movable ones, and a move costs only the distance it covers.

use serde::{Deserialize, Serialize};

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
/// Rows with a time come first, by time (fixed after movable on the same instant), then those
/// without, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Queue {
    rows: Vec<Row>,
}

impl Queue {
    /// Lays out movable updates over `times` (ascending; missing ones mean no time) and puts the
    /// fixed ones in by theirs.
    pub fn arrange(
        movable: impl IntoIterator<Item = LocalId>,
        mut times: impl Iterator<Item = Timestamp>,
        fixed: impl IntoIterator<Item = (LocalId, Timestamp)>,
    ) -> Self {
        let mut rows: Vec<Row> = movable
            .into_iter()
            .map(|update| Row {
                update,
                due_at: times.next(),
                fixed: false,
            })
            .collect();
        rows.extend(fixed.into_iter().map(|(update, at)| Row {
            update,
            due_at: Some(at),
            fixed: true,
        }));
        // Stable, so movable rows keep their order; `None` sorts last.
        rows.sort_by_key(|row| (row.due_at.is_none(), row.due_at, row.fixed));
        Self { rows }
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns where `update` stands; `near` is tried first (its neighbours too), so a caller that
    /// knows about where it was pays nothing.
    pub fn position(&self, update: LocalId, near: usize) -> Option<usize> {
        let from = near.saturating_sub(1);
        (from..=near + 1)
            .find(|&i| self.rows.get(i).is_some_and(|row| row.update == update))
            .or_else(|| self.rows.iter().position(|row| row.update == update))
    }

    /// Returns the movable updates in order.
    pub fn movable(&self) -> impl Iterator<Item = LocalId> + '_ {
        self.rows
            .iter()
            .filter(|row| !row.fixed)
            .map(|row| row.update)
    }

    /// Applies a move. Fixed and unknown updates in it are left where they are.
    pub fn apply(&mut self, moved: &Move) {
        let _ = moved; // HELPER: O(distance) for one update or a contiguous block
    }

    /// Returns the place `update` has now, for undo and for Esc; none if it is not in the queue.
    pub fn place_of(&self, update: LocalId, near: usize) -> Option<Place> {
        let _ = (update, near); // HELPER: nearest movable neighbours
        None
    }
}
