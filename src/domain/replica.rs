//! What is shown: the mirror plus the operations not yet confirmed.
//!
//! The *mirror* is what the API last said and is only ever replaced by a newer read. `shown` is the
//! fold of the live operations over it, in the order they were made. A committed operation changes
//! the screen at once and costs what it touches; a new read of one profile folds only that profile
//! again. Acknowledging never changes what is shown: an acknowledged operation stays in the fold
//! until a read that began after the acknowledgement arrives.
//!
//! In the fold are all live operations but the failed ones, and but held shares and destroys: what
//! the API refused or what waits for the person is seen to be undone.

mod bodies;
mod changes;
mod counts;
mod delta;
mod differences;
mod mirror;
mod shown_queue;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::id::{IdMap, LocalId, OperationId, ProfileId, RemoteId};
use super::operation::{Change, Operation, OperationState};
use super::profile::Profile;
use super::time::Timestamp;
use super::update::Update;

pub use bodies::Bodies;
pub use changes::Changes;
pub use counts::Counts;
pub use delta::{Brings, DueUpdate, LaidOut, Listed, QueueDelta, QueueSnapshot};
pub use differences::Differences;
pub use shown_queue::ShownQueue;

/// Mirror, live operations, and their fold.
#[derive(Debug, Clone, Default)]
pub struct Replica {
    profiles: Vec<Profile>,
    /// The live operations, oldest first.
    operations: Vec<(Operation, OperationState)>,
    /// Where each operation stands in `operations`.
    places: HashMap<OperationId, usize>,
    /// The operations that touch an update, oldest first.
    touching: IdMap<LocalId, Vec<OperationId>>,
    /// Remote ids learned since the mirror was read.
    remotes: IdMap<LocalId, RemoteId>,
    counts: BTreeMap<ProfileId, Counts>,
    shown: BTreeMap<ProfileId, ShownQueue>,
    /// Grows whenever what an update says, or when it goes out by itself, may have changed.
    edition: u64,
    changes: Changes,
}

/// How a row is marked. Ordered: the later, the more it needs the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Confirmed: no mark.
    Confirmed,
    /// `·` on disk.
    Saved,
    /// `↑` on its way.
    OnItsWay,
    /// `!` not on disk.
    NotSaved,
    /// `?` held, or being looked up.
    Held,
    /// `✗` refused.
    Failed,
}

impl Mark {
    /// Returns the mark of an update whose only operation is in `state`.
    pub fn of(state: &OperationState) -> Self {
        match state {
            OperationState::Unsaved { .. } => Self::NotSaved,
            OperationState::Queued => Self::Saved,
            OperationState::InFlight => Self::OnItsWay,
            OperationState::Acked => Self::Confirmed,
            OperationState::Unknown | OperationState::Held { .. } => Self::Held,
            OperationState::Failed { .. } => Self::Failed,
        }
    }
}

/// Says whether an operation in this state changes what is shown.
fn in_fold(change: &Change, state: &OperationState) -> bool {
    match state {
        OperationState::Failed { .. } => false,
        OperationState::Held { .. } => {
            !matches!(change, Change::Share { .. } | Change::Destroy { .. })
        }
        _ => true,
    }
}

/// Says whether an operation brings other updates, or has one say something else.
fn says(change: &Change) -> bool {
    !matches!(change, Change::Reorder { .. })
}

impl Replica {
    /// Makes a replica of what the store held: profiles, queues as last read, and live operations,
    /// oldest first.
    pub fn restore(
        profiles: Vec<Profile>,
        queues: Vec<(ProfileId, QueueSnapshot)>,
        operations: Vec<(Operation, OperationState)>,
    ) -> Self {
        let queues = queues.into_iter();
        let read = queues.map(|(profile, snapshot)| (profile, snapshot.into()));
        Self::of(profiles, read, operations)
    }

    /// Makes a replica of reads and live operations, oldest first.
    pub fn of(
        profiles: Vec<Profile>,
        reads: impl Iterator<Item = (ProfileId, QueueDelta)>,
        operations: Vec<(Operation, OperationState)>,
    ) -> Self {
        let mut replica = Self {
            profiles,
            operations,
            ..Self::default()
        };
        for (profile, read) in reads {
            let settings = replica.profiles.iter().find(|p| p.id == profile);
            let queue = replica.shown.entry(profile).or_default();
            queue.take_read(read, settings);
        }
        for (operation, _) in &replica.operations {
            replica.shown.entry(operation.profile.clone()).or_default();
        }
        replica.index();
        let all: Vec<ProfileId> = replica.shown.keys().cloned().collect();
        for profile in all {
            replica.edition += 1;
            replica.apply_all(&profile);
        }
        replica
    }

    /// Has its editions be others than those of the replica it stands in the place of.
    pub fn take_place_of(&mut self, before: &Self) {
        self.edition += before.edition + 1;
    }

    /// Returns what changed since this was asked last.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Returns the profiles in the API's order.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Returns one profile.
    pub fn profile(&self, id: &ProfileId) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == *id)
    }

    /// Replaces the profiles. The queues of those whose posting times changed are laid out again.
    pub fn set_profiles(&mut self, profiles: Vec<Profile>) {
        let before = std::mem::replace(&mut self.profiles, profiles);
        let rules = |p: &Profile| (p.id.clone(), p.service.clone(), p.character_limit);
        if !before.iter().map(rules).eq(self.profiles.iter().map(rules)) {
            self.edition += 1;
        }
        let when = |p: &Profile| (p.timezone, p.schedule.clone(), p.paused);
        let changed: Vec<ProfileId> = self
            .profiles
            .iter()
            .filter(|p| {
                let old = before.iter().find(|old| old.id == p.id);
                old.map(when) != Some(when(p))
            })
            .map(|p| p.id.clone())
            .collect();
        for id in &changed {
            if self.shown.contains_key(id) {
                self.edition += 1;
                self.fold(id);
            }
        }
    }

    /// Returns a number that grows whenever there are other updates, or one of them says something
    /// else or has another kind of time. A mere move leaves it.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// Returns a profile's queue as shown; none if it was never read and nothing was made for it.
    pub fn queue(&self, profile: &ProfileId) -> Option<&ShownQueue> {
        self.shown.get(profile)
    }

    /// Returns an update of a queue, also a failed or a leaving one, as shown.
    pub fn update(&self, id: LocalId) -> Option<&Update> {
        self.find(id).map(|(_, update)| update)
    }

    /// Returns an update and the profile it belongs to.
    pub fn find(&self, id: LocalId) -> Option<(&ProfileId, &Update)> {
        self.shown
            .iter()
            .find_map(|(profile, queue)| Some((profile, queue.update(id)?)))
    }

    /// Returns the API's id of an update, if it is known.
    pub fn remote(&self, id: LocalId) -> Option<&RemoteId> {
        self.update(id)
            .and_then(|update| update.remote.as_ref())
            .or_else(|| self.remotes.get(&id))
    }

    /// Returns the live operations with their states, oldest first.
    pub fn operations(&self) -> &[(Operation, OperationState)] {
        &self.operations
    }

    /// Returns one live operation.
    pub fn operation(&self, id: OperationId) -> Option<&(Operation, OperationState)> {
        self.operations.get(*self.places.get(&id)?)
    }

    /// Returns the live operations that touch an update, oldest first.
    pub fn operations_of(
        &self,
        update: LocalId,
    ) -> impl DoubleEndedIterator<Item = &(Operation, OperationState)> {
        self.touching
            .get(&update)
            .into_iter()
            .flatten()
            .filter_map(|&id| self.operation(id))
    }

    /// Returns how the row of an update is marked.
    pub fn mark(&self, update: LocalId) -> Mark {
        self.operations_of(update)
            .map(|(_, state)| Mark::of(state))
            .max()
            .unwrap_or(Mark::Confirmed)
    }

    /// Returns how many operations of a profile wait, are held, have failed.
    pub fn counts(&self, profile: &ProfileId) -> Counts {
        self.counts.get(profile).copied().unwrap_or_default()
    }

    /// Returns how many operations wait, are held, have failed in all.
    pub fn counts_in_all(&self) -> Counts {
        self.counts
            .values()
            .fold(Counts::default(), |sum, &counts| sum + counts)
    }

    /// Adds an operation, not yet on disk, and shows what it does.
    pub fn commit(&mut self, operation: Operation) {
        self.commit_all([operation]);
    }

    /// Adds operations, in this order. The times of a queue are laid out once for all of them, so
    /// many cost what they touch and not as many times the queue.
    pub fn commit_all(&mut self, operations: impl IntoIterator<Item = Operation>) {
        let mut touched = BTreeSet::new();
        for operation in operations {
            if self.places.contains_key(&operation.id) {
                continue;
            }
            let settings = self.profiles.iter().find(|p| p.id == operation.profile);
            let queue = self.shown.entry(operation.profile.clone()).or_default();
            queue.settle_before(&operation.change, settings);
            queue.apply(&operation);
            touched.insert(operation.profile.clone());
            self.changes.updates.extend(operation.change.updates());
            self.edition += u64::from(says(&operation.change));
            let state = OperationState::Unsaved { reason: None };
            self.add_to_index(&operation, &state, self.operations.len());
            self.operations.push((operation, state));
        }
        for profile in touched {
            let settings = self.profiles.iter().find(|p| p.id == profile);
            if let Some(queue) = self.shown.get_mut(&profile) {
                queue.settle(settings);
            }
        }
    }

    /// Notes how far an operation has come. What is shown changes only when it fails, is held, or
    /// comes back from there.
    pub fn set_state(&mut self, id: OperationId, state: OperationState) {
        let Some(&at) = self.places.get(&id) else {
            return;
        };
        let (operation, old) = &mut self.operations[at];
        let refold = in_fold(&operation.change, old) != in_fold(&operation.change, &state);
        let profile = operation.profile.clone();
        let counts = self.counts.entry(profile.clone()).or_default();
        counts.change(old, false);
        counts.change(&state, true);
        *old = state;
        self.changes.updates.extend(operation.change.updates());
        if refold {
            self.edition += u64::from(says(&operation.change));
            self.fold(&profile);
        }
    }

    /// Takes over what an operation became when it was fitted to a newer read.
    pub fn replace(&mut self, operation: Operation) {
        let Some(&at) = self.places.get(&operation.id) else {
            return;
        };
        let profile = operation.profile.clone();
        let (old, state) = &mut self.operations[at];
        let shows = in_fold(&operation.change, state);
        let says = says(&operation.change);
        *old = operation;
        self.index();
        if shows {
            self.edition += u64::from(says);
            self.fold(&profile);
        }
    }

    /// Takes an operation out: it was cancelled or discarded.
    pub fn remove(&mut self, id: OperationId) {
        let Some(&at) = self.places.get(&id) else {
            return;
        };
        let (operation, state) = self.operations.remove(at);
        self.changes.updates.extend(operation.change.updates());
        self.index();
        if in_fold(&operation.change, &state) {
            self.edition += u64::from(says(&operation.change));
            self.fold(&operation.profile);
        }
    }

    /// Notes the API's id of an update that was created here.
    pub fn assign(&mut self, update: LocalId, remote: RemoteId) {
        for queue in self.shown.values_mut() {
            queue.assign(update, &remote);
        }
        self.remotes.insert(update, remote);
    }

    /// Brings the mirror of one profile up to a newer complete read, and drops the operations that
    /// read settles.
    pub fn take_read(&mut self, profile: &ProfileId, delta: QueueDelta, settled: &[OperationId]) {
        let (before, mut is_other) = (self.operations.len(), false);
        self.operations.retain(|(operation, _)| {
            let stays = !settled.contains(&operation.id);
            is_other |= !stays && says(&operation.change);
            stays
        });
        if self.operations.len() != before {
            self.index();
        }
        // The mirror knows the others' by now, or they are gone.
        let touching = &self.touching;
        self.remotes
            .retain(|update, _| touching.contains_key(update));
        let settings = self.profiles.iter().find(|p| p.id == *profile);
        let queue = self.shown.entry(profile.clone()).or_default();
        is_other |= queue.take_read(delta, settings);
        self.edition += u64::from(is_other);
        self.apply_all(profile);
    }

    /// Notes that a read of a queue found it as its mirror has it.
    pub fn read_again(&mut self, profile: &ProfileId, read_at: Timestamp) {
        if let Some(queue) = self.shown.get_mut(profile) {
            queue.read_again(read_at);
        }
    }

    /// Folds the live operations of one profile over its mirror again.
    fn fold(&mut self, profile: &ProfileId) {
        let settings = self.profiles.iter().find(|p| p.id == *profile);
        let queue = self.shown.entry(profile.clone()).or_default();
        queue.reset(settings);
        self.apply_all(profile);
    }

    /// Applies the live operations of one profile to its bare mirror.
    fn apply_all(&mut self, profile: &ProfileId) {
        self.changes.queues.insert(profile.clone());
        let settings = self.profiles.iter().find(|p| p.id == *profile);
        let queue = self.shown.entry(profile.clone()).or_default();
        for (operation, state) in &self.operations {
            if operation.profile == *profile && in_fold(&operation.change, state) {
                queue.settle_before(&operation.change, settings);
                queue.apply(operation);
            }
        }
        queue.settle(settings);
        for (update, remote) in &self.remotes {
            queue.assign(*update, remote);
        }
    }

    /// Builds the indexes over the operations again.
    fn index(&mut self) {
        self.places.clear();
        self.touching.clear();
        self.counts.clear();
        let operations = std::mem::take(&mut self.operations);
        for (at, (operation, state)) in operations.iter().enumerate() {
            self.add_to_index(operation, state, at);
        }
        self.operations = operations;
    }

    fn add_to_index(&mut self, operation: &Operation, state: &OperationState, at: usize) {
        self.places.insert(operation.id, at);
        for update in operation.change.updates() {
            let touching = self.touching.entry(update).or_default();
            if touching.last() != Some(&operation.id) {
                touching.push(operation.id);
            }
        }
        self.counts
            .entry(operation.profile.clone())
            .or_default()
            .change(state, true);
    }
}

#[cfg(test)]
mod tests;
