//! One profile's queue in memory: which updates wait, in which order, at which times.
//!
//! Slot times belong to places, not to updates: the i-th update without a time of its own gets the
//! i-th free slot after the profile's anchor. So nothing but the anchor changes when an update goes
//! out, is shared or deleted, and a reorder writes only the positions of what moved.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;

use super::model::ObjectId;
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;

/// Room between two positions, so that most moves write one row.
pub(super) const GAP: i64 = 1 << 20;

/// An update that takes a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Movable {
    pub(super) id: ObjectId,
    pub(super) created_at: Timestamp,
    /// None: it has no place on disk yet.
    pub(super) position: Option<i64>,
}

/// An update whose time no reorder changes: its own, or a slot that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) id: ObjectId,
    pub(super) created_at: Timestamp,
    pub(super) at: Timestamp,
    pub(super) kind: FixedKind,
}

/// Why an update is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FixedKind {
    /// It has a time of its own beside the schedule.
    Custom,
    /// It is pinned to a slot, which is then not free.
    Pinned,
    /// Its slot has come: it is to go out now.
    Due,
    /// It is going out.
    Sending,
}

/// One row of the queue as a reply lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: ObjectId,
    pub(super) created_at: Timestamp,
    pub(super) due_at: Option<Timestamp>,
    pub(super) fixed: bool,
}

/// The pending updates of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Book {
    pub(super) movable: Vec<Movable>,
    pub(super) fixed: Vec<Fixed>,
}

impl Book {
    /// Returns how many wait.
    pub(super) fn len(&self) -> usize {
        self.movable.len() + self.fixed.len()
    }

    /// Takes an update out, wherever it is.
    pub(super) fn remove(&mut self, id: ObjectId) {
        self.movable.retain(|m| m.id != id);
        self.fixed.retain(|f| f.id != id);
    }

    /// Returns the instants that pinned updates occupy.
    fn pinned(&self) -> HashSet<Timestamp> {
        self.fixed
            .iter()
            .filter(|f| f.kind == FixedKind::Pinned)
            .map(|f| f.at)
            .collect()
    }

    /// Lays the queue out: who goes out when. Paused: nothing has a time.
    pub(super) fn rows(&self, slots: &mut Slots, paused: bool) -> Vec<Row> {
        let pinned = self.pinned();
        let times = slots.first(self.movable.len() + pinned.len());
        let mut free = times
            .iter()
            .copied()
            .filter(|at| !pinned.contains(at))
            .take(if paused { 0 } else { usize::MAX });
        let mut rows: Vec<Row> = self
            .movable
            .iter()
            .map(|m| Row {
                id: m.id,
                created_at: m.created_at,
                due_at: free.next(),
                fixed: false,
            })
            .collect();
        rows.extend(self.fixed.iter().map(|f| Row {
            id: f.id,
            created_at: f.created_at,
            due_at: Some(f.at),
            fixed: true,
        }));
        // Stable, so movable rows keep their order; no time sorts last.
        rows.sort_by_key(|row| (row.due_at.is_none(), row.due_at, row.fixed));
        if paused {
            for row in &mut rows {
                row.due_at = None;
            }
        }
        rows
    }

    /// Returns the slot of the head, if it has one.
    pub(super) fn head_slot(&self, slots: &mut Slots) -> Option<Timestamp> {
        if self.movable.is_empty() {
            return None;
        }
        let pinned = self.pinned();
        slots
            .first(pinned.len() + 1)
            .iter()
            .copied()
            .find(|at| !pinned.contains(at))
    }

    /// Gives the n-th of `listed` the n-th place from `offset` of the whole queue, whether or not
    /// those before it still wait; the rest fills what is left, in its order.
    pub(super) fn reorder_absolute(&mut self, rows: &[Row], listed: &[ObjectId], offset: usize) {
        let waiting: HashSet<ObjectId> = rows.iter().map(|row| row.id).collect();
        let named: HashSet<ObjectId> = listed.iter().copied().collect();
        let mut rest = rows
            .iter()
            .map(|row| row.id)
            .filter(|id| !named.contains(id));
        let mut order: Vec<ObjectId> = rest.by_ref().take(offset).collect();
        let mut placed = HashSet::new();
        for id in listed.iter().filter(|id| placed.insert(**id)) {
            let next = if waiting.contains(id) {
                Some(*id)
            } else {
                rest.next()
            };
            order.extend(next);
        }
        order.extend(rest);
        self.take_order(&order);
    }

    /// Puts `listed` at `offset` of the whole queue and keeps the order of the rest. Ids that do
    /// not wait here are ignored, and so is a second mention.
    pub(super) fn reorder(&mut self, rows: &[Row], listed: &[ObjectId], offset: usize) {
        let waiting: HashSet<ObjectId> = rows.iter().map(|row| row.id).collect();
        let mut named = HashSet::new();
        let listed: Vec<ObjectId> = listed
            .iter()
            .copied()
            .filter(|id| waiting.contains(id) && named.insert(*id))
            .collect();
        let mut order: Vec<ObjectId> = rows
            .iter()
            .map(|row| row.id)
            .filter(|id| !named.contains(id))
            .collect();
        let offset = offset.min(order.len());
        order.splice(offset..offset, listed);
        self.take_order(&order);
    }

    /// Puts the movable ones in this order, in which each of them stands once.
    fn take_order(&mut self, order: &[ObjectId]) {
        let entries: HashMap<ObjectId, Movable> = self.movable.iter().map(|m| (m.id, *m)).collect();
        self.movable = order
            .iter()
            .filter_map(|id| entries.get(id).copied())
            .collect();
    }

    /// Gives each movable update a position that fits its place, and returns those that changed.
    pub(super) fn settle(&mut self) -> Vec<(ObjectId, i64)> {
        let keep = longest_rising(&self.movable);
        let before: Vec<Option<i64>> = self.movable.iter().map(|m| m.position).collect();
        if !fill_gaps(&mut self.movable, &keep) {
            for (i, entry) in (1_i64..).zip(&mut self.movable) {
                entry.position = Some(i * GAP);
            }
        }
        self.movable
            .iter()
            .zip(before)
            .filter(|(m, before)| m.position != *before)
            .filter_map(|(m, _)| Some((m.id, m.position?)))
            .collect()
    }
}

/// Marks a largest set of entries whose positions already rise: they need not be written.
fn longest_rising(entries: &[Movable]) -> Vec<bool> {
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; entries.len()];
    for (i, entry) in entries.iter().enumerate() {
        let Some(position) = entry.position else {
            continue;
        };
        let at = tails.partition_point(|&t| entries[t].position < Some(position));
        previous[i] = at.checked_sub(1).map(|p| tails[p]);
        if at == tails.len() {
            tails.push(i);
        } else {
            tails[at] = i;
        }
    }
    let mut keep = vec![false; entries.len()];
    let mut next = tails.last().copied();
    while let Some(i) = next {
        keep[i] = true;
        next = previous[i];
    }
    keep
}

/// Puts the others between those kept; false if a gap is too small.
fn fill_gaps(entries: &mut [Movable], keep: &[bool]) -> bool {
    let mut start = 0;
    while start < entries.len() {
        if keep[start] {
            start += 1;
            continue;
        }
        let end = (start..entries.len())
            .find(|&i| keep[i])
            .unwrap_or(entries.len());
        let count = i64::try_from(end - start).unwrap_or(i64::MAX);
        let below = start.checked_sub(1).and_then(|i| entries[i].position);
        let above = entries.get(end).and_then(|m| m.position);
        let (first, step) = match (below, above) {
            (None, None) => (GAP, GAP),
            (Some(low), None) => (low.saturating_add(GAP), GAP),
            (None, Some(high)) => (high.saturating_sub(count.saturating_mul(GAP)), GAP),
            (Some(low), Some(high)) => {
                let step = (high - low) / (count + 1);
                if step == 0 {
                    return false;
                }
                (low + step, step)
            }
        };
        for (i, entry) in (0_i64..).zip(&mut entries[start..end]) {
            entry.position = Some(first + i * step);
        }
        start = end;
    }
    true
}

/// The slots of one profile after its anchor, made as far as somebody asked.
#[derive(Debug)]
pub(super) struct Slots {
    schedule: Schedule,
    zone: Tz,
    anchor: Timestamp,
    times: Vec<Timestamp>,
}

impl Slots {
    /// Starts with no slot made.
    pub(super) fn new(schedule: Schedule, zone: Tz, anchor: Timestamp) -> Self {
        Self {
            schedule,
            zone,
            anchor,
            times: Vec::new(),
        }
    }

    /// Moves the anchor on; what lies behind it is forgotten.
    pub(super) fn advance(&mut self, anchor: Timestamp) {
        if anchor < self.anchor {
            self.times.clear();
        }
        self.anchor = anchor;
        let passed = self.times.partition_point(|at| *at <= anchor);
        self.times.drain(..passed);
    }

    /// Returns the first `count` slots, fewer only if the schedule is empty.
    pub(super) fn first(&mut self, count: usize) -> &[Timestamp] {
        if self.times.len() < count {
            let from = self.times.last().copied().unwrap_or(self.anchor);
            // A few more, so that a queue that grows one by one does not start over each time.
            let more = count - self.times.len() + 64;
            self.times
                .extend(self.schedule.slots_after(self.zone, from).take(more));
        }
        &self.times[..count.min(self.times.len())]
    }

    /// Says whether a slot falls on this instant.
    pub(super) fn has(&self, at: Timestamp) -> bool {
        self.schedule.slots_after(self.zone, at.plus(-1)).next() == Some(at)
    }
}

#[cfg(test)]
mod tests;
