//! The live operations in the order they were made. Pure; [`Outbox::plan`] says which may be sent.

mod plan;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::disk::StoredOperation;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Operation, OperationState, Placement};
use crate::domain::time::Timestamp;

pub(super) use plan::{Job, Now, Plan};

/// A live operation.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) state: OperationState,
    pub(super) attempts: u32,
    /// When it was last tried, by the wall clock.
    pub(super) tried_at: Option<Timestamp>,
    /// Not sent and not looked up before this.
    pub(super) not_until: Duration,
    /// When it came in; reorders wait for a rest of the keys.
    pub(super) added_at: Duration,
    /// When its outcome became unknown, and how long after its try that was.
    pub(super) unknown_since: Duration,
    pub(super) unknown_age: Duration,
    /// How often its outcome was unknown.
    pub(super) faults: u32,
    /// How often it failed for a reason that was not its own, or could not be looked up.
    pub(super) setbacks: u32,
    /// The person said to send it though it is old.
    pub(super) insisted: bool,
}

impl Entry {
    pub(super) fn id(&self) -> OperationId {
        self.operation.id
    }

    /// Says whether it may still change something on the server.
    fn is_unfinished(&self) -> bool {
        match self.state {
            OperationState::Unsaved { .. }
            | OperationState::Queued
            | OperationState::InFlight
            | OperationState::Unknown => true,
            OperationState::Acked | OperationState::Held { .. } | OperationState::Failed { .. } => {
                false
            }
        }
    }
}

/// The live operations, oldest first.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    entries: Vec<Entry>,
    index: HashMap<OperationId, usize>,
}

impl Outbox {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn get(&self, id: OperationId) -> Option<&Entry> {
        self.entries.get(*self.index.get(&id)?)
    }

    pub(super) fn get_mut(&mut self, id: OperationId) -> Option<&mut Entry> {
        self.entries.get_mut(*self.index.get(&id)?)
    }

    /// Adds an operation behind all others; one that is there already is not added again.
    pub(super) fn push(&mut self, operation: Operation, state: OperationState, now: Duration) {
        if self.index.contains_key(&operation.id) {
            return;
        }
        self.index.insert(operation.id, self.entries.len());
        self.entries.push(Entry {
            operation,
            state,
            attempts: 0,
            tried_at: None,
            not_until: Duration::ZERO,
            added_at: now,
            unknown_since: now,
            unknown_age: Duration::ZERO,
            faults: 0,
            setbacks: 0,
            insisted: false,
        });
    }

    /// Adds an operation as the store had it.
    pub(super) fn restore(&mut self, stored: StoredOperation, now: Duration) {
        let id = stored.operation.id;
        self.push(stored.operation, stored.state, now);
        if let Some(entry) = self.get_mut(id) {
            entry.attempts = stored.attempts;
            entry.tried_at = stored.tried_at;
        }
    }

    pub(super) fn remove(&mut self, ids: &[OperationId]) {
        let gone: HashSet<&OperationId> = ids.iter().collect();
        self.entries.retain(|entry| !gone.contains(&entry.id()));
        self.index = self
            .entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.id(), at))
            .collect();
    }

    /// Returns the live operations of a profile, oldest first.
    pub(super) fn of<'a>(&'a self, profile: &'a ProfileId) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.operation.profile == *profile)
    }

    /// Returns what can only be done to `update` once it is made, as it never will be.
    pub(super) fn orphans_of(&self, update: LocalId) -> Vec<OperationId> {
        self.entries
            .iter()
            .filter(|entry| match &entry.operation.change {
                Change::Edit { update: u, .. }
                | Change::Share { update: u, .. }
                | Change::Destroy { update: u, .. }
                | Change::Requeue { update: u } => *u == update,
                Change::Create { .. } | Change::Reorder { .. } => false,
            })
            .map(Entry::id)
            .collect()
    }
}

/// Says whether this publishes at once: it has a shelf life, and is never sent again by itself.
pub(super) fn is_immediate(change: &Change) -> bool {
    matches!(
        change,
        Change::Share { .. }
            | Change::Create {
                placement: Placement::Now,
                ..
            }
    )
}

#[cfg(test)]
mod tests;
