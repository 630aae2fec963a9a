//! What the API last said of one profile's lists, and how a newer read is taken in.
//!
//! A read says how it differs from the one before: all that is listed, but only those updates whole
//! that are new or changed. Each update has a place of its own that it keeps for as long as it is
//! listed; an order is a list of such places. So a read that brings little costs a look at each row
//! and moves none of them, however long the queue is.

use std::iter::Peekable;

use ulid::Ulid;

use crate::domain::id::{IdSet, LocalId};
use crate::domain::places::Places;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// All that is known of a profile's pending and failed updates at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct QueueSnapshot {
    /// When the read began.
    pub read_at: Timestamp,
    /// The pending updates in the API's order. An operation that edited one is *not* in here.
    pub updates: Vec<Update>,
    /// The profile's failed updates, newest first, if the account lists them.
    pub failed: Vec<Update>,
}

/// What one complete read of a profile's lists gave, beside what was known before.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct QueueDelta {
    /// When the read began.
    pub read_at: Timestamp,
    /// The pending updates in the API's order.
    pub pending: Vec<DueUpdate>,
    /// The failed updates, newest first, if the account lists them.
    pub failed: Vec<DueUpdate>,
    /// At least those of them that were not known before or say something else now, in the order
    /// they are listed: first the pending ones.
    pub changed: Vec<Update>,
}

/// One update in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DueUpdate {
    /// Which.
    pub update: LocalId,
    /// When it goes out; none if that is not known.
    pub due_at: Option<Timestamp>,
}

impl From<&Update> for DueUpdate {
    fn from(update: &Update) -> Self {
        Self {
            update: update.id,
            due_at: update.body.due_at,
        }
    }
}

/// As if nothing of it was known before.
impl From<QueueSnapshot> for QueueDelta {
    fn from(whole: QueueSnapshot) -> Self {
        let list = |updates: &[Update]| updates.iter().map(DueUpdate::from).collect();
        let (pending, failed) = (list(&whole.updates), list(&whole.failed));
        let mut changed = whole.updates;
        changed.extend(whole.failed);
        Self {
            read_at: whole.read_at,
            pending,
            failed,
            changed,
        }
    }
}

/// A profile's lists as the API last said them.
#[derive(Debug, Clone, Default)]
pub(super) struct Mirror {
    pub(super) read_at: Timestamp,
    /// The updates, each at its place; none where one was that is listed no more.
    updates: Vec<Option<Update>>,
    /// The places where none is.
    free: Vec<u32>,
    /// Where each update is.
    index: Places,
    pending: Vec<u32>,
    failed: Vec<u32>,
    /// The slot times it knows, ascending: those of its movable and of its pinned updates.
    slots: Vec<Timestamp>,
}

/// A read while it is taken in.
struct Taking {
    /// Which places are in one of its lists.
    listed: Vec<bool>,
    changed: Peekable<std::vec::IntoIter<Update>>,
    /// Whether there are other updates, or one says something else.
    is_other: bool,
}

impl Mirror {
    /// Takes a newer read in. Says whether there are other updates now, or one says something else;
    /// or one that has a time of its own may have others beside it.
    pub(super) fn take(&mut self, mut read: QueueDelta) -> bool {
        self.read_at = read.read_at;
        let (whole, had) = (read.changed.len(), self.updates.len());
        // The first one; or all of it after its head, as at a start.
        let is_first = whole >= read.pending.len() + read.failed.len() && whole / 2 >= had;
        if is_first {
            self.free.clear();
            self.begin(std::mem::take(&mut read.changed), read.pending.len());
        }
        let mut taking = Taking {
            listed: vec![false; self.updates.len()],
            changed: read.changed.into_iter().peekable(),
            is_other: is_first && whole > 0,
        };
        let (pending, failed) = (
            std::mem::take(&mut self.pending),
            std::mem::take(&mut self.failed),
        );
        self.pending = self.list(&pending, &read.pending, &mut taking);
        self.failed = self.list(&failed, &read.failed, &mut taking);
        for place in pending.iter().chain(&failed) {
            if !taking.listed[*place as usize] {
                taking.is_other = true;
                self.clear(*place);
            }
        }
        let slots = known_slots(self.pending());
        let is_moved = slots != self.slots || pending != self.pending;
        self.slots = slots;
        let is_fixed = |update: &Update| update.body.own_time.is_some();
        taking.is_other || (is_moved && self.pending().any(is_fixed))
    }

    /// Takes the updates of a first read over as they lie.
    fn begin(&mut self, mut updates: Vec<Update>, pending: usize) {
        self.index = Places::of(updates.len(), |at| updates[at].id);
        if self.index.len() != updates.len() {
            // A server that lists an update twice must not make two rows of it.
            let mut seen = IdSet::default();
            updates.retain(|update| seen.insert(update.id));
            self.index = Places::of(updates.len(), |at| updates[at].id);
        }
        self.updates = updates.into_iter().map(Some).collect();
        let mut places = 0..u32::try_from(self.updates.len()).unwrap_or(u32::MAX);
        self.pending = places.by_ref().take(pending).collect();
        self.failed = places.collect();
    }

    /// Finds the places of what is listed, in order; `before` is how the list was. What was never
    /// handed over is left out.
    fn list(&mut self, before: &[u32], list: &[DueUpdate], taking: &mut Taking) -> Vec<u32> {
        let mut places = Vec::with_capacity(list.len());
        let mut next = 0;
        for listed in list {
            // Most stand behind the one they stood behind, or that one is gone.
            let mut near = before.iter().enumerate().skip(next).take(2);
            let is_it = |place: u32| self.at(place).is_some_and(|u| u.id == listed.update);
            let known = match near.find(|(_, place)| is_it(**place)) {
                Some((at, place)) => {
                    next = at + 1;
                    Some(*place)
                }
                None => self.place(listed.update),
            };
            let new = taking.changed.next_if(|new| new.id == listed.update);
            let place = match (known, new) {
                (Some(place), new) if taking.listed[place as usize] => {
                    // Between the two lists it may have become another.
                    taking.is_other |= new.is_some_and(|new| self.replace(place, new));
                    continue;
                }
                (Some(place), new) => {
                    taking.is_other |= new.is_some_and(|new| self.replace(place, new));
                    Some(place)
                }
                (None, Some(new)) => {
                    taking.is_other = true;
                    self.add(new)
                }
                (None, None) => None,
            };
            let Some(place) = place else { continue };
            if let Some(Some(there)) = self.updates.get_mut(place as usize) {
                there.body.due_at = listed.due_at;
            }
            taking.listed.resize(self.updates.len(), false);
            taking.listed[place as usize] = true;
            places.push(place);
        }
        places
    }

    /// Puts an update over what was known of it; says whether it says something else.
    fn replace(&mut self, place: u32, mut new: Update) -> bool {
        let Some(Some(there)) = self.updates.get_mut(place as usize) else {
            return false;
        };
        new.body.due_at = there.body.due_at;
        let is_other = *there != new;
        *there = new;
        is_other
    }

    /// Finds a place for a new update; none if there are as many as can be counted.
    fn add(&mut self, update: Update) -> Option<u32> {
        let id = update.id;
        let place = if let Some(place) = self.free.pop() {
            self.updates[place as usize] = Some(update);
            place
        } else {
            let place = u32::try_from(self.updates.len()).ok()?;
            self.updates.push(Some(update));
            place
        };
        let updates = &self.updates;
        self.index.put(id, place as usize, |at| id_at(updates, at));
        Some(place)
    }

    fn clear(&mut self, place: u32) {
        if let Some(gone) = self.updates[place as usize].take() {
            self.index.take(gone.id, place as usize);
            self.free.push(place);
        }
    }

    fn place(&self, id: LocalId) -> Option<u32> {
        let found = self.index.get(id, |at| id_at(&self.updates, at))?;
        u32::try_from(found).ok()
    }

    fn at(&self, place: u32) -> Option<&Update> {
        self.updates.get(place as usize)?.as_ref()
    }

    /// Returns one of its updates.
    pub(super) fn update(&self, id: LocalId) -> Option<&Update> {
        self.at(self.place(id)?)
    }

    /// Returns the pending updates in the API's order.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Update> + Clone {
        self.pending.iter().filter_map(|place| self.at(*place))
    }

    /// Returns the failed updates, newest first.
    pub(super) fn failed(&self) -> impl Iterator<Item = &Update> + Clone {
        self.failed.iter().filter_map(|place| self.at(*place))
    }

    /// Returns the slot times it knows, ascending.
    pub(super) fn slots(&self) -> &[Timestamp] {
        &self.slots
    }

    /// Returns all of it once more.
    pub(super) fn snapshot(&self) -> QueueSnapshot {
        QueueSnapshot {
            read_at: self.read_at,
            updates: self.pending().cloned().collect(),
            failed: self.failed().cloned().collect(),
        }
    }
}

/// Returns which update is at a place; only places where one is are in the index.
fn id_at(updates: &[Option<Update>], place: usize) -> LocalId {
    let there = updates.get(place).and_then(Option::as_ref);
    there.map_or(LocalId::from(Ulid::nil()), |update| update.id)
}

/// Returns the slot times that updates hold: the movable and the pinned ones.
fn known_slots<'a>(pending: impl Iterator<Item = &'a Update>) -> Vec<Timestamp> {
    let of = |update: &Update| match update.body.own_time {
        None => update.body.due_at,
        Some(own) => own.pinned.then_some(own.at),
    };
    let mut slots: Vec<Timestamp> = pending.filter_map(of).collect();
    slots.sort_unstable();
    slots.shrink_to_fit();
    slots
}

#[cfg(test)]
mod tests;
