//! What the instance that sends does because of the others: it takes over from the one before, takes
//! in what they stored and decided, and steps down should another send.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;

use super::{Account, Role, Worker};
use crate::api::Api;
use crate::domain::id::OperationId;
use crate::domain::operation::OperationState;
use crate::domain::tag::Tagged;
use crate::protocol::{Link, SyncEvent};
use crate::store::lock::Lock;
use crate::sync::disk::{StoredOperation, Write};
use crate::sync::peers::Heard;

impl<A: Api> Worker<A> {
    /// The other instance is gone: this one sends from now on.
    pub(super) async fn take_over(&mut self, lock: Lock) {
        tracing::info!(
            account = self.settings.account,
            "this instance sends from now on"
        );
        self.role = Role::Leader(Some(lock));
        self.begin_to_lead().await;
    }

    async fn begin_to_lead(&mut self) {
        if self.account == Account::Refused {
            self.account = Account::Unknown;
        }
        // Whatever was read before, now it has to be right.
        self.following.seen.forget_version();
        self.following.again_at = Some(Duration::ZERO);
        self.disk.may_mend_now();
        self.meet().await;
        if let Err(error) = self.disk.prune(self.clock.wall()).await {
            self.trouble(&error);
        }
        self.count_all().await;
        let now = self.clock.elapsed();
        (self.line.failures, self.line.open_at) = (0, Duration::ZERO);
        self.profiles_at = now;
        for lane in self.lanes.values_mut() {
            (lane.read_at, lane.read_rests) = (now, Duration::ZERO);
            (lane.whole, lane.revision) = (true, None);
        }
        let link = self.line.set(Link::Connecting);
        self.emit_link(link);
        self.catch_up_again().await;
    }

    /// Whoever sent it is gone; only reading can tell what became of it.
    pub(super) async fn doubt_what_was_in_flight(&mut self) {
        let mut lost = Vec::new();
        for entry in self.outbox.entries() {
            if entry.state == OperationState::InFlight {
                lost.push(entry.operation.id);
            }
        }
        for &id in &lost {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.state = OperationState::Unknown;
            }
        }
        self.ages();
        if lost.is_empty() {
            return;
        }
        let writes = lost
            .iter()
            .map(|&id| Write::State(id, OperationState::Unknown))
            .collect();
        let states = lost.into_iter().map(|id| (id, OperationState::Unknown));
        self.record(writes, vec![SyncEvent::States(states.collect())])
            .await;
    }

    /// Another instance leads though this one held a lock: what is on its way here is that one's to
    /// look up, and what came of it is not written.
    pub(super) async fn step_down(&mut self) {
        tracing::warn!(
            account = self.settings.account,
            "another instance sends now: the lock of this one is worth nothing any more"
        );
        self.tasks = FuturesUnordered::new();
        self.asking = 0;
        (self.profiles_busy, self.profiles_again) = (false, false);
        if self.account == Account::Asking {
            self.account = Account::Unknown;
        }
        for lane in self.lanes.values_mut() {
            lane.busy = None;
        }
        self.saving.forget_owed();
        self.role = Role::new(&self.settings.store);
        if self.role.is_leader() {
            return self.begin_to_lead().await;
        }
        self.meet().await;
        self.following.seen.forget_version();
        self.heard(Heard::default()).await;
    }

    /// A leader takes in what other instances stored, took back or decided.
    pub(super) async fn take_stored(&mut self) {
        // Until it is written what came of requests, memory knows better than the store.
        if self.saving.owes() {
            return;
        }
        let stored = match self.disk.others_wrote(&mut self.following.seen).await {
            Ok(false) => return,
            Ok(true) => self.read_stored().await,
            Err(error) => Err(error),
        };
        let (stored, tags) = match stored {
            Ok(stored) => stored,
            Err(error) => {
                self.following.seen.forget_version();
                return self.trouble(&error);
            }
        };
        let now = self.clock.elapsed();
        let mut there = HashSet::new();
        let (mut added, mut states) = (Vec::new(), Vec::new());
        for row in stored {
            let id = row.operation.id;
            there.insert(id);
            let Some(entry) = self.outbox.get_mut(id) else {
                added.push((row.operation.clone(), row.state.clone()));
                self.outbox.restore(row, now);
                continue;
            };
            if is_at_rest(&entry.state) && is_at_rest(&row.state) && entry.state != row.state {
                // Its person decided in another instance.
                entry.insisted |= row.state == OperationState::Queued;
                entry.state = row.state.clone();
                (entry.not_until, entry.faults) = (Duration::ZERO, 0);
                states.push((id, row.state));
            }
        }
        self.following
            .foreign
            .extend(added.iter().map(|(operation, _)| operation.id));
        if !added.is_empty() {
            self.emit(SyncEvent::Added(added));
        }
        if !states.is_empty() {
            self.emit(SyncEvent::States(states));
        }
        if !tags.is_empty() {
            self.emit(SyncEvent::Tags(tags));
        }
        self.drop_withdrawn(&there).await;
    }

    /// Reads the operations there are, and the tags that others put on and took off.
    async fn read_stored(&mut self) -> Result<(Vec<StoredOperation>, Vec<Tagged>), sqlx::Error> {
        let (operations, _) = self.disk.operations().await?;
        let tags = self.disk.tags_of_others(&mut self.following.seen).await?;
        Ok((operations, tags))
    }

    /// Drops what another instance took out.
    async fn drop_withdrawn(&mut self, there: &HashSet<OperationId>) {
        let missing: Vec<OperationId> = self
            .outbox
            .entries()
            .iter()
            .filter(|entry| is_at_rest(&entry.state) && !there.contains(&entry.operation.id))
            .map(|entry| entry.operation.id)
            .collect();
        for id in missing {
            match self.disk.ended(id).await {
                Ok(Some(_)) => {
                    self.outbox.remove(&[id]);
                    self.emit(SyncEvent::Cancelled(id));
                }
                // Its row cannot be read, which says nothing of what its person wants.
                Ok(None) => {}
                Err(error) => self.trouble(&error),
            }
        }
    }
}

/// Says whether nothing is on its way: then what is on disk counts, whoever wrote it.
fn is_at_rest(state: &OperationState) -> bool {
    match state {
        OperationState::Queued | OperationState::Held { .. } | OperationState::Failed { .. } => {
            true
        }
        OperationState::Unsaved { .. }
        | OperationState::InFlight
        | OperationState::Unknown
        | OperationState::Acked => false,
    }
}
