//! The live operations in the order they were made. Pure; [`Outbox::plan`] says which may be sent.

mod join;
mod plan;
mod touched;
mod urgency;
mod waits;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::disk::StoredOperation;
use crate::api::Doubt;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Operation, OperationState, Placement};
use crate::domain::time::Timestamp;
use crate::domain::update::Content;

pub(super) use join::Joined;
pub(super) use plan::{Job, Now, Plan};

/// A live operation.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, read by name"
)]
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) state: OperationState,
    pub(super) attempts: u32,
    /// When it was last tried, by the wall clock.
    pub(super) tried_at: Option<Timestamp>,
    /// The last operation of the request it went out with; none: it went out alone, or never.
    pub(super) request: Option<OperationId>,
    /// What a create said when it was last sent, if a later edit went out with it.
    pub(super) sent: Option<Content>,
    /// What became of its last try, if that is not known; none also after a restart.
    pub(super) doubt: Option<Doubt>,
    /// How often it was sent again by itself, as looking had shown nothing of it.
    pub(super) resends: u32,
    /// Whether a try may have reached the server.
    pub(super) tried: bool,
    /// The server called it a duplicate when it was sent again.
    pub(super) called_duplicate: bool,
    /// How many complete looks there were since its outcome became unknown.
    pub(super) looks: u32,
    /// A complete read showed something else than this acknowledged operation left.
    pub(super) contradicted: bool,
    /// When its update was last seen to be as expected, before something that cannot be undone.
    pub(super) checked_at: Option<Duration>,
    /// Not sent and not looked up before this.
    pub(super) not_until: Duration,
    /// When the time to take it back is over. Not by the wall clock, which may jump.
    pub(super) opens_at: Duration,
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
        let opens_at = now + window_of(&operation);
        self.entries.push(Entry {
            operation,
            state,
            attempts: 0,
            tried_at: None,
            request: None,
            sent: None,
            doubt: None,
            resends: 0,
            tried: false,
            called_duplicate: false,
            looks: 0,
            contradicted: false,
            checked_at: None,
            not_until: Duration::ZERO,
            opens_at,
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
            entry.tried = stored.reached > 0;
            entry.resends = stored.reached.saturating_sub(1);
            entry.faults = stored.lost;
            entry.request = stored.request;
            entry.sent = stored.sent;
        }
    }

    /// Some of its window may have passed before the start, if the wall clock can be believed.
    pub(super) fn shorten_windows(&mut self, wall: Timestamp, now: Duration) {
        for entry in &mut self.entries {
            let rest = seconds_between(wall, entry.operation.not_before);
            entry.opens_at = entry.opens_at.min(now + rest);
        }
    }

    /// Returns what these operations on one update come to as one request.
    pub(super) fn joined(&self, ids: &[OperationId]) -> Option<Joined> {
        let changes: Option<Vec<&Change>> = ids
            .iter()
            .map(|&id| Some(&self.get(id)?.operation.change))
            .collect();
        Joined::of(changes?)
    }

    /// Returns the unknown operations that went out in one request with this one, oldest first.
    pub(super) fn request_of(&self, id: OperationId) -> Vec<OperationId> {
        let Some(request) = self.get(id).and_then(|entry| entry.request) else {
            return vec![id];
        };
        self.entries
            .iter()
            .filter(|entry| {
                let unknown = entry.state == OperationState::Unknown;
                entry.id() == id || (entry.request == Some(request) && unknown)
            })
            .map(Entry::id)
            .collect()
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

/// The longest anything waits to be taken back, whatever its times say.
const LONGEST_WINDOW: i64 = 15 * 60;

/// Returns how long after it was made an operation may be sent.
fn window_of(operation: &Operation) -> Duration {
    seconds_between(operation.made_at, operation.not_before)
}

fn seconds_between(from: Timestamp, until: Option<Timestamp>) -> Duration {
    let seconds = until.map_or(0, |until| until.0.saturating_sub(from.0));
    Duration::from_secs(u64::try_from(seconds.min(LONGEST_WINDOW)).unwrap_or(0))
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
