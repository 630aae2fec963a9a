//! What the API last said of one profile's lists, and how a newer read is taken in.
//!
//! A read comes laid out ([`super::delta`]), with only those updates that are new or changed. So one
//! that brings little costs little, however long the queue is.

use super::bodies::Bodies;
use super::delta::{Brings, LaidOut, Lanes, QueueDelta, QueueSnapshot};
use super::differences::Differences;
use crate::domain::id::LocalId;
use crate::domain::queue::Queue;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// A profile's lists as the API last said them, but for the order of the pending updates that can
/// move: that is most often the one that is shown, so it is kept with that and handed in here.
#[derive(Debug, Clone, Default)]
pub(super) struct Mirror {
    pub(super) read_at: Timestamp,
    pub(super) lanes: Lanes,
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
    /// Whether there are other updates now, or one says something else.
    pub(super) is_other: bool,
}

impl Mirror {
    /// Takes a newer read in.
    pub(super) fn take(&mut self, read: QueueDelta) -> Taken {
        self.read_at = read.read_at;
        let is_other = match read.brings {
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
        let LaidOut { lanes, queue } = *read.pending;
        self.lanes = lanes;
        Taken { queue, is_other }
    }

    /// Takes in what is not as it was; says whether there are other updates now, or one says
    /// something else.
    fn change(&mut self, updates: Vec<Update>, differences: &Differences) -> bool {
        let mut is_other = false;
        for gone in differences.gone() {
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
    pub(super) fn differences(
        &self,
        order: impl Iterator<Item = LocalId>,
        read: &QueueDelta,
    ) -> Differences {
        let before = self.laid_out(order);
        let failed: Vec<LocalId> = read.failed.iter().map(|failed| failed.update).collect();
        Differences::between(
            (before.rows().iter().copied(), &self.failed),
            (read.pending.rows().iter().copied(), &failed),
        )
    }

    /// Returns all of it once more.
    pub(super) fn snapshot(&self, order: impl Iterator<Item = LocalId>) -> QueueSnapshot {
        let queue = self.laid_out(order);
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

    fn laid_out(&self, order: impl Iterator<Item = LocalId>) -> Queue {
        let mut queue = Queue::default();
        self.lanes.lay_out(&mut queue, order, self.lanes.times());
        queue
    }

    /// Returns when an update was to go out.
    pub(super) fn due_at(
        &self,
        mut order: impl Iterator<Item = LocalId>,
        id: LocalId,
    ) -> Option<Timestamp> {
        if let Some((_, own)) = self.lanes.fixed.iter().find(|(fixed, _)| *fixed == id) {
            return Some(own.at);
        }
        match order.position(|one| one == id) {
            Some(place) => self.lanes.times().nth(place),
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
