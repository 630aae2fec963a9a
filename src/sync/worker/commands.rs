//! What the editor asks for.

use std::ops::ControlFlow;
use std::time::Duration;

use super::asks::Ask;
use super::{Account, Busy, Role, Worker};
use crate::api::Api;
use crate::domain::id::{OperationId, ProfileId};
use crate::domain::operation::{Change, Editable, Hold, Operation, OperationState};
use crate::protocol::{Link, SyncCommand, SyncEvent};
use crate::sync::disk::{CachedQueue, Write, numbers, stored};

impl<A: Api> Worker<A> {
    /// Reads the store back, and says what was in it before any network.
    pub(super) async fn restore(&mut self) -> Result<(), String> {
        let restored = match self.before_restore().await {
            Ok(()) => self.disk.restore().await,
            Err(error) => Err(error),
        };
        let mut restored = match restored {
            Ok(restored) => restored,
            Err(error) => {
                self.disk.note(&error);
                return Err(self.disk.explain(&error));
            }
        };
        self.leave_to_others(&mut restored);
        let now = self.clock.elapsed();
        let mut lost = Vec::new();
        for mut stored in restored.operations {
            // Whoever sent it is gone; only reading can tell what became of it.
            if self.role.is_leader() && stored.state == OperationState::InFlight {
                stored.state = OperationState::Unknown;
                lost.push(Write::State(stored.operation.id, OperationState::Unknown));
            }
            self.outbox.restore(stored, now);
        }
        self.outbox.shorten_windows(self.clock.wall(), now);
        self.ages();
        self.profiles.clone_from(&restored.profiles);
        self.kept.clear();
        self.prepared.clear();
        for (profile, queue) in &restored.queues {
            let stored = restored.stored.remove(profile).unwrap_or_default();
            self.note_restored(profile, queue, stored);
        }
        self.handed.clear();
        for lane in self.lanes.values_mut() {
            // What the server's number was said of is not what is shown now.
            (lane.revision, lane.whole) = (None, true);
        }
        self.prepare_lanes(&restored.queues, &restored.numbers);
        let operations = self.outbox.entries().iter();
        self.emit(SyncEvent::Restored {
            profiles: restored.profiles,
            rest: restored
                .rest
                .iter()
                .map(|queue| (queue.profile.clone(), queue.pending() as u64))
                .collect(),
            queues: restored.queues,
            sent: restored.sent,
            operations: operations
                .map(|entry| (entry.operation.clone(), entry.state.clone()))
                .collect(),
            drafts: restored.drafts,
            history: restored.history,
            tags: restored.tags,
        });
        self.restore_rest(restored.rest).await?;
        self.say_quarantine(restored.unreadable).await;
        let link = match self.role {
            Role::Leader(_) | Role::Unable(_) => Link::Connecting,
            Role::Follower(_) => Link::Follower,
        };
        self.line.link = link.clone();
        self.emit(SyncEvent::Link(link));
        if self.role.is_leader() {
            self.record(lost, Vec::new()).await;
            if let Err(error) = self.disk.prune(self.clock.wall()).await {
                self.trouble(&error);
            }
        }
        Ok(())
    }

    /// Reads what was left out of large queues, the first one before the others. Whoever waits for it
    /// gets it in any case, without what could not be read.
    async fn restore_rest(&mut self, mut rest: Vec<CachedQueue>) -> Result<(), String> {
        let others = rest.split_off(rest.len().min(1));
        let mut read = Ok(());
        for mut queues in [rest, others].into_iter().filter(|part| !part.is_empty()) {
            if read.is_ok()
                && let Err(error) = self.disk.read_rest(&mut queues).await
            {
                self.disk.note(&error);
                read = Err(self.disk.explain(&error));
            }
            let numbers = numbers(&queues);
            let mut stored = stored(&mut queues);
            let queues: Vec<_> = queues.into_iter().map(CachedQueue::whole).collect();
            for (profile, queue) in &queues {
                let stored = stored.remove(profile).unwrap_or_default();
                self.note_restored(profile, queue, stored);
            }
            self.prepare_lanes(&queues, &numbers);
            let queues = queues
                .into_iter()
                .map(|(profile, queue)| (profile, queue.into()));
            self.emit(SyncEvent::Rest(queues.collect()));
        }
        read
    }

    /// Looks at what was unknown before the start at once, and knows how old it is.
    pub(super) fn ages(&mut self) {
        let (wall, now) = (self.clock.wall(), self.clock.elapsed());
        let unknown: Vec<OperationId> = self
            .outbox
            .entries()
            .iter()
            .filter(|entry| entry.state == OperationState::Unknown)
            .map(|entry| entry.operation.id)
            .collect();
        for id in unknown {
            if let Some(entry) = self.outbox.get_mut(id) {
                let age = entry.tried_at.map_or(0, |at| wall.0.saturating_sub(at.0));
                entry.unknown_age = Duration::from_secs(u64::try_from(age).unwrap_or(0));
                entry.unknown_since = now;
                entry.not_until = Duration::ZERO;
            }
        }
    }

    /// Stores new operations in one commit; from then on they are queued.
    pub(super) async fn enqueue(&mut self, operations: Vec<Operation>) {
        let now = self.clock.elapsed();
        for operation in operations {
            if self.outbox.get(operation.id).is_some() {
                continue;
            }
            let state = OperationState::Unsaved { reason: None };
            self.outbox.push(operation.clone(), state, now);
            self.saving.unsaved.push(operation);
        }
        self.save().await;
    }

    pub(super) async fn command(&mut self, command: SyncCommand) -> ControlFlow<()> {
        match command {
            SyncCommand::Enqueue(operations) => self.enqueue(operations).await,
            SyncCommand::Cancel(ids) => {
                for id in ids {
                    self.cancel(id).await;
                }
            }
            SyncCommand::Retry(id) => self.retry(id).await,
            SyncCommand::Discard(id) => self.cancel(id).await,
            SyncCommand::Focus(profile) => self.focus_on(profile),
            SyncCommand::Refresh => {
                self.refresh();
                self.peers.wish();
            }
            SyncCommand::LoadSent { profile, page } => {
                self.asks.push_back(Ask::Sent {
                    profile,
                    page,
                    by_person: true,
                });
            }
            SyncCommand::LoadInteractions {
                update,
                event,
                page,
            } => self.asks.push_back(Ask::Interactions {
                update,
                event,
                page,
            }),
            SyncCommand::Ask(request) => self.ask(request),
            SyncCommand::SaveDraft(draft) => self.keep(Write::Draft(draft)).await,
            SyncCommand::DropDraft(id) => self.keep(Write::DropDraft(id)).await,
            SyncCommand::Tag(tagged) => {
                let seen = self.clock.wall();
                self.following.seen.note_tags(&tagged);
                self.keep(Write::Tags(tagged, seen)).await;
            }
            SyncCommand::Keep { put, gone } => self.keep(Write::Keep { put, gone }).await,
            SyncCommand::Awake => {}
            SyncCommand::Quit(leaving) => return self.quit(leaving).await,
        }
        ControlFlow::Continue(())
    }

    /// Takes an operation back, if it was surely not sent or waits for the person.
    async fn cancel(&mut self, id: OperationId) {
        let state = self.outbox.get(id).map(|entry| entry.state.clone());
        match state {
            Some(OperationState::Unsaved { .. }) => {
                self.outbox.remove(&[id]);
                self.saving.unsaved.retain(|operation| operation.id != id);
                self.emit(SyncEvent::Cancelled(id));
                // It may have reached the disk though that was not known.
                let (operation, how, at) = (id, "cancelled", self.clock.wall());
                let end = Write::End { operation, how, at };
                self.record(vec![end], Vec::new()).await;
            }
            Some(OperationState::Queued) if !self.role.is_leader() => {
                self.withdraw(self.with_orphans(id)).await;
            }
            Some(OperationState::Queued) => self.leave(self.with_orphans(id), "cancelled").await,
            Some(OperationState::Held { .. } | OperationState::Failed { .. }) => {
                self.leave(self.with_orphans(id), "discarded").await;
            }
            Some(OperationState::InFlight | OperationState::Unknown | OperationState::Acked)
            | None => self.emit(SyncEvent::TooLate(id)),
        }
    }

    /// Returns an operation and, if it is a create, those that could only be done after it.
    fn with_orphans(&self, id: OperationId) -> Vec<OperationId> {
        let mut ids = vec![id];
        if let Some(entry) = self.outbox.get(id)
            && let Change::Create { update, .. } = &entry.operation.change
        {
            ids.extend(self.outbox.orphans_of(*update));
        }
        ids
    }

    /// Takes operations out of the outbox without sending them.
    pub(super) async fn leave(&mut self, ids: Vec<OperationId>, how: &'static str) {
        let at = self.clock.wall();
        self.outbox.remove(&ids);
        self.saving.unsaved.retain(|o| !ids.contains(&o.id));
        let writes = ids
            .iter()
            .map(|&operation| Write::End { operation, how, at });
        let writes = writes.collect();
        let events = ids.into_iter().map(SyncEvent::Cancelled).collect();
        self.record(writes, events).await;
    }

    /// Queues a held or failed operation again: the person decided, having seen what is there now.
    /// What is not saved is tried to be saved at once.
    async fn retry(&mut self, id: OperationId) {
        let Some(entry) = self.outbox.get(id) else {
            return;
        };
        match entry.state {
            OperationState::Held { .. } | OperationState::Failed { .. } => {}
            OperationState::Unsaved { .. } => return self.save_soon(),
            OperationState::Queued
            | OperationState::InFlight
            | OperationState::Acked
            | OperationState::Unknown => return,
        }
        let operation = entry.operation.clone();
        let fitted = match self.fitted(operation).await {
            Ok(fitted) => fitted,
            Err(error) => return self.trouble(&error),
        };
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        if let Some(fitted) = fitted {
            writes.push(Write::Rebase(Box::new(fitted.clone())));
            events.push(SyncEvent::Rebased(vec![fitted.clone()]));
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.operation = fitted;
            }
        }
        if !self.role.is_leader() {
            self.record(writes, events).await;
            return self.change_if_still(&[id], &OperationState::Queued).await;
        }
        if let Some(entry) = self.outbox.get_mut(id) {
            entry.state = OperationState::Queued;
            entry.not_until = Duration::ZERO;
            entry.faults = 0;
            entry.resends = 0;
            entry.insisted = true;
        }
        writes.push(Write::State(id, OperationState::Queued));
        events.push(SyncEvent::States(vec![(id, OperationState::Queued)]));
        self.record(writes, events).await;
    }

    /// Returns an operation as one that was made from what is there now; none if it is one.
    async fn fitted(&mut self, mut operation: Operation) -> Result<Option<Operation>, sqlx::Error> {
        let Some(&update) = operation.change.updates().first() else {
            return Ok(None);
        };
        let stored = self.disk.stored(&operation.profile, &[update]).await?;
        let Some(now) = stored.get(&update) else {
            return Ok(None);
        };
        let before = operation.change.clone();
        match &mut operation.change {
            Change::Edit { base, .. } => {
                *base = Editable {
                    content: now.body.content.clone(),
                    own_time: now.body.own_time,
                };
            }
            Change::Share { seen, .. } | Change::Destroy { seen, .. } => {
                *seen = now.body.content.clone();
            }
            Change::Create { .. } | Change::Reorder { .. } | Change::Requeue { .. } => {}
        }
        Ok((operation.change != before).then_some(operation))
    }

    fn focus_on(&mut self, profile: Option<ProfileId>) {
        let now = self.clock.elapsed();
        let poll = self.settings.pace.poll_focused;
        if let Some(profile) = &profile
            && let Some(lane) = self.lanes.get_mut(profile)
        {
            let due = lane.read_done.map_or(now, |done| (done + poll).max(now));
            lane.read_at = lane.read_at.min(due);
        }
        self.focus = profile;
    }

    /// Tries everything again now.
    pub(super) fn refresh(&mut self) {
        let now = self.clock.elapsed();
        // What the server asked us to wait, no key shortens: it would only make it longer.
        if !matches!(self.line.link, Link::Limited { .. }) {
            self.line.open_at = Duration::ZERO;
        }
        if self.account == Account::Refused {
            self.account = Account::Unknown;
        }
        self.save_soon();
        self.profiles_at = now;
        self.profiles_again = self.profiles_busy;
        for lane in self.lanes.values_mut() {
            if let Some(Busy::Read(read)) = &mut lane.busy {
                read.again = true;
            }
            lane.read_now(now);
        }
        let ids: Vec<OperationId> = self
            .outbox
            .entries()
            .iter()
            .map(|e| e.operation.id)
            .collect();
        for id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.not_until = Duration::ZERO;
            }
        }
    }

    /// Has operations wait for the person.
    pub(super) async fn hold(&mut self, ids: &[OperationId], why: Hold, reason: &str) {
        let state = OperationState::Held {
            why,
            reason: reason.to_owned(),
        };
        let mut writes = Vec::new();
        let mut states = Vec::new();
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.state = state.clone();
                writes.push(Write::State(id, state.clone()));
                states.push((id, state.clone()));
            }
        }
        if !states.is_empty() {
            self.record(writes, vec![SyncEvent::States(states)]).await;
        }
    }
}
