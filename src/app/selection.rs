//! What commands act on: marks, ranges of marks, and what was cut to be put elsewhere.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::state::State;
use crate::domain::id::{LocalId, ProfileId};

/// A range of rows from where it began to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The update it began on.
    pub from: LocalId,
    /// What ends it.
    pub kind: SpanKind,
}

/// What ends a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Only the person: every key that moves the cursor stretches it.
    Sticky,
    /// The next key that moves the cursor without stretching.
    Loose,
}

/// Updates that were cut: they stay where they are until they are put elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Whose queue they are in.
    pub home: ProfileId,
    /// Which; in the order of their queue when they are put elsewhere.
    pub updates: BTreeSet<LocalId>,
}

impl State {
    /// Returns the profile whose updates are marked: that on the screen, or that from which
    /// something is carried.
    pub fn home(&self) -> Option<&ProfileId> {
        let carried = self.mode.carried().map(|grab| &grab.home);
        carried.or(self.profile.as_ref())
    }

    /// Returns the entries of an open range of marks.
    pub fn range_entries(&self) -> Option<RangeInclusive<usize>> {
        let cursor = self.cursors().queue;
        let row = self.queue()?.position(self.range?.from, cursor.index)?;
        let from = self.entries().near_row(row);
        Some(from.min(cursor.index)..=from.max(cursor.index))
    }

    /// Returns the marked updates that show and those of an open range, in queue order.
    pub fn marked(&self) -> Vec<LocalId> {
        let Some(queue) = self.queue() else {
            return Vec::new();
        };
        let entries = self.entries();
        let shown = |id: &LocalId| entries.of_row(queue.find(*id)?);
        let mut chosen: BTreeSet<usize> = self.marks.iter().filter_map(shown).collect();
        chosen.extend(self.range_entries().into_iter().flatten());
        let updates = chosen.into_iter().filter_map(|i| entries.update(i));
        updates.collect()
    }

    /// Returns what a command on the queue acts on, in queue order: the marked updates, else the
    /// one under the cursor.
    pub fn selection(&self) -> Vec<LocalId> {
        let marked = self.marked();
        if marked.is_empty() {
            return self.cursors().queue.on.into_iter().collect();
        }
        marked
    }

    /// Returns what was cut and is still in its queue, in queue order.
    pub fn cut_updates(&self) -> Vec<LocalId> {
        let Some(cut) = &self.cut else {
            return Vec::new();
        };
        let Some(shown) = self.replica.queue(&cut.home) else {
            return Vec::new();
        };
        let queue = &shown.queue;
        let mut rows: Vec<(usize, LocalId)> = cut
            .updates
            .iter()
            .filter_map(|id| Some((queue.find(*id)?, *id)))
            .collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, id)| id).collect()
    }
}
