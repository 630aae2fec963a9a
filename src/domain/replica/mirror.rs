//! What the API last said of one profile's lists, and how a newer read is taken in.
//!
//! A read comes laid out ([`super::delta`]), with only those updates that are new or changed. So one
//! that brings little costs little, however long the queue is.

use super::bodies::Bodies;
use super::delta::{Brings, LaidOut, Pending, QueueDelta, QueueSnapshot};
use super::differences::Differences;
use crate::domain::id::LocalId;
use crate::domain::queue::{Queue, free_slots};
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// A profile's lists as the API last said them.
#[derive(Debug, Clone, Default)]
pub(super) struct Mirror {
    pub(super) read_at: Timestamp,
    pub(super) pending: Pending,
    /// The failed updates, newest first.
    pub(super) failed: Vec<LocalId>,
    /// What the updates of both say. When a pending one goes out is not in here: that follows from
    /// where it stands.
    bodies: Bodies,
}

/// What a read was.
pub(super) struct Taken {
    /// Its queue, by the times the API gave.
    pub(super) queue: Queue,
    /// Whether there are other updates now, or one says something else; or one that has a time of
    /// its own may have others beside it.
    pub(super) is_other: bool,
}

impl Mirror {
    /// Takes a newer read in.
    pub(super) fn take(&mut self, read: QueueDelta) -> Taken {
        self.read_at = read.read_at;
        let mut is_other = match read.brings {
            Brings::All(all) => {
                let mut before = std::mem::replace(&mut self.bodies, all);
                let mut all = self.bodies.iter();
                before.len() != self.bodies.len() || all.any(|now| says_other(&mut before, now))
            }
            Brings::Changes {
                updates,
                differences,
            } => self.change(updates, &differences),
        };
        for failed in &read.failed {
            if let Some(update) = self.bodies.get_mut(failed.update) {
                update.body.due_at = failed.due_at;
            }
        }
        self.failed = read.failed.iter().map(|failed| failed.update).collect();
        let LaidOut { pending, queue } = *read.pending;
        is_other |= !pending.fixed.is_empty() && pending != self.pending;
        self.pending = pending;
        Taken { queue, is_other }
    }

    /// Takes in what is not as it was; says whether there are other updates now, or one says
    /// something else.
    fn change(&mut self, updates: Vec<Update>, differences: &Differences) -> bool {
        let mut is_other = false;
        let left = differences.left.iter().map(|left| left.update);
        for gone in left.chain(differences.dropped.iter().copied()) {
            is_other |= self.bodies.remove(gone);
        }
        for update in updates {
            is_other |= says_other(&mut self.bodies, &update);
            self.bodies.put(update);
        }
        is_other
    }

    /// Returns one of its updates.
    pub(super) fn update(&self, id: LocalId) -> Option<&Update> {
        self.bodies.get(id)
    }

    /// Returns how a read that says nothing of it differs from it.
    pub(super) fn differences(&self, read: &QueueDelta) -> Differences {
        let mut before = Queue::default();
        self.pending.lay_out(&mut before, self.times());
        let failed: Vec<LocalId> = read.failed.iter().map(|failed| failed.update).collect();
        Differences::between(
            (before.rows().iter().copied(), &self.failed),
            (read.pending.rows().iter().copied(), &failed),
        )
    }

    /// Returns the times of the updates that can move, as far as the API gave them any.
    fn times(&self) -> impl Iterator<Item = Timestamp> {
        let slots = self.pending.slots.iter().copied();
        free_slots(slots, self.pending.pinned().collect())
    }

    /// Returns all of it once more.
    pub(super) fn snapshot(&self) -> QueueSnapshot {
        let mut queue = Queue::default();
        self.pending.lay_out(&mut queue, self.times());
        let pending = queue.rows().iter().filter_map(|row| {
            let mut update = self.update(row.update)?.clone();
            update.body.due_at = row.due_at;
            Some(update)
        });
        let failed = self.failed.iter().filter_map(|id| self.update(*id));
        QueueSnapshot {
            read_at: self.read_at,
            updates: pending.collect(),
            failed: failed.cloned().collect(),
        }
    }

    /// Returns when an update was to go out.
    pub(super) fn due_at(&self, id: LocalId) -> Option<Timestamp> {
        if let Some((_, own)) = self.pending.fixed.iter().find(|(fixed, _)| *fixed == id) {
            return Some(own.at);
        }
        let place = self.pending.movable.iter().position(|one| *one == id);
        match place {
            Some(place) => self.times().nth(place),
            None => self.update(id)?.body.due_at,
        }
    }
}

/// Says whether an update is new or says something else than before. When it goes out does not count,
/// and is not kept there.
fn says_other(before: &mut Bodies, now: &Update) -> bool {
    before.get_mut(now.id).is_none_or(|before| {
        before.body.due_at = now.body.due_at;
        before != now
    })
}

#[cfg(test)]
mod tests;
