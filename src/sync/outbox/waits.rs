//! What each operation waits for. Found from the plan and the operations alone, and not by the
//! rules the plan is made by: an operation that the plan forgot waits for nothing there is.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::plan::{Now, Plan};
use super::{Entry, Outbox};
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, OperationState};

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sync) enum Waits {
    /// To be stored.
    Disk,
    /// A time at which the worker wakes.
    Time,
    /// Its profile has something to do, or a request or read to wait for.
    Turn,
    /// The answer to it.
    Answer,
    /// The read that settles it.
    Read,
    /// The person.
    Person,
    /// One before it, which waits for something itself.
    Earlier(OperationId),
}

/// The latest operation on each update that is not done, held and refused ones among them. Of all
/// profiles: those on one update go in their order, whichever queues they are of.
type On = HashMap<LocalId, OperationId>;

/// What of one profile later operations may have to wait for.
#[derive(Debug, Default)]
struct Before {
    /// The latest that may change which updates there are and in which order.
    in_queue: Option<OperationId>,
    /// When the last of the reorders at the latest has rested enough.
    rested: Duration,
}

impl Outbox {
    /// Says what each operation waits for, oldest first; none: for nothing there is.
    pub(in crate::sync) fn waits(
        &self,
        plan: &Plan,
        now: Now<'_>,
        busy: &dyn Fn(&ProfileId) -> bool,
    ) -> Vec<(OperationId, Option<Waits>)> {
        let moving: HashSet<&ProfileId> = plan
            .ready
            .iter()
            .map(|(profile, _)| profile)
            .chain(&plan.reads)
            .collect();
        let mut lanes: HashMap<&ProfileId, Before> = HashMap::new();
        for entry in &self.entries {
            let lane = lanes.entry(&entry.operation.profile).or_default();
            if let Change::Reorder { .. } = entry.operation.change {
                let rested = entry.added_at + now.pace.reorder_limit;
                lane.rested = lane.rested.max(rested).max(entry.not_until);
            }
        }
        let wakes_by =
            |time: Duration| time > now.elapsed && plan.wake.is_some_and(|wake| wake <= time);
        let mut on = On::new();
        // Creates that are not acknowledged: the delete that is the other half of a move waits.
        let mut creates: HashMap<GroupId, (&ProfileId, OperationId)> = HashMap::new();
        let mut found = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let profile = &entry.operation.profile;
            let lane = lanes.entry(profile).or_default();
            let waits = match entry.state {
                OperationState::Unsaved { .. } => Some(Waits::Disk),
                OperationState::InFlight => Some(Waits::Answer),
                OperationState::Acked => Some(Waits::Read),
                OperationState::Held { .. } | OperationState::Failed { .. } => Some(Waits::Person),
                OperationState::Queued | OperationState::Unknown => {
                    if wakes_by(lane.time_of(entry)) {
                        Some(Waits::Time)
                    } else if plan.stale.contains(&entry.id()) {
                        Some(Waits::Person)
                    } else if moving.contains(profile) || busy(profile) {
                        Some(Waits::Turn)
                    } else {
                        let other_half = creates
                            .get(&entry.operation.group)
                            .filter(|(there, _)| deletes(entry) && *there != profile)
                            .map(|(_, create)| *create);
                        let blocker = lane.blocker(entry, &on).or(other_half);
                        blocker.map(Waits::Earlier)
                    }
                }
            };
            lane.note(entry, &mut on);
            if matches!(entry.operation.change, Change::Create { .. })
                && entry.state != OperationState::Acked
            {
                creates.insert(entry.operation.group, (profile, entry.id()));
            }
            found.push((entry.id(), waits));
        }
        found
    }
}

fn deletes(entry: &Entry) -> bool {
    matches!(entry.operation.change, Change::Destroy { .. })
}

impl Before {
    /// The time that an operation waits for by itself.
    fn time_of(&self, entry: &Entry) -> Duration {
        match (&entry.operation.change, &entry.state) {
            (Change::Reorder { .. }, OperationState::Queued) => self.rested,
            (_, OperationState::Queued) => entry.not_until.max(entry.opens_at),
            _ => entry.not_until,
        }
    }

    /// Returns an earlier one that may be in the way.
    fn blocker(&self, entry: &Entry, on: &On) -> Option<OperationId> {
        match &entry.operation.change {
            Change::Create { .. } | Change::Reorder { .. } => self.in_queue,
            Change::Edit { update, .. }
            | Change::Share { update, .. }
            | Change::Destroy { update, .. }
            | Change::Requeue { update } => on.get(update).copied(),
        }
    }

    fn note(&mut self, entry: &Entry, on: &mut On) {
        if entry.state == OperationState::Acked {
            return;
        }
        let change = &entry.operation.change;
        let members = match change {
            Change::Edit { base, want, .. } => base.own_time != want.own_time,
            Change::Share { .. } => false,
            Change::Create { .. }
            | Change::Reorder { .. }
            | Change::Destroy { .. }
            | Change::Requeue { .. } => true,
        };
        // What is held or refused stops only what is about its update.
        if members && entry.is_unfinished() {
            self.in_queue = Some(entry.id());
        }
        if !matches!(change, Change::Reorder { .. }) {
            let updates = change.updates().into_iter();
            on.extend(updates.map(|update| (update, entry.id())));
        }
    }
}
