//! Starts the requests that change something, and the looks at what became of them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{Busy, Done, Worker, soonest};
use crate::api::{Api, ApiError, NewUpdate};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Hold, Operation, OperationState};
use crate::domain::time::Timestamp;
use crate::protocol::SyncEvent;
use crate::sync::disk::Write;
use crate::sync::look::{self, Finding};
use crate::sync::outbox::{Job, Plan};
use crate::sync::read::{self, Listed};
use crate::sync::request::{Call, Reply};
use crate::sync::{order, outbox};

/// What came of a change.
pub(super) struct Sent {
    pub(super) profile: ProfileId,
    pub(super) ids: Vec<OperationId>,
    pub(super) result: Result<Reply, ApiError>,
}

/// What came of a look.
pub(super) struct Looked {
    pub(super) profile: ProfileId,
    pub(super) ids: Vec<OperationId>,
    /// When the look began.
    pub(super) began: Duration,
    pub(super) result: Result<Found, ApiError>,
}

/// What a look found.
pub(super) enum Found {
    One(Finding),
    /// What was made lately, where creates may be among.
    Lately(Listed),
}

impl<A: Api> Worker<A> {
    /// Starts what is ready and has room. Says when the budget lets the next one go.
    pub(super) async fn start_changes(&mut self, plan: Plan) -> Option<Duration> {
        if !plan.stale.is_empty() {
            self.hold(
                &plan.stale,
                Hold::Stale,
                "not sent: it waited for more than 15 minutes",
            )
            .await;
        }
        for (profile, job) in plan.ready {
            if let Some(Busy::Read(abort)) = self.lanes.get(&profile).and_then(|l| l.busy.as_ref())
            {
                // A read gives way; the change starts once it has ended.
                abort.abort();
                continue;
            }
            if !self.has_room() || self.saving.owes() {
                break;
            }
            let wait = match job {
                Job::Send(id) => self.send_one(profile, id).await,
                Job::Reorder(ids) => self.send_order(profile, ids).await,
                Job::Look(id) => self.look_at(profile, id).await,
                Job::LookForCreates(ids) => self.look_for_creates(profile, ids),
            };
            if let Err(wait) = wait {
                return Some(self.clock.elapsed() + wait);
            }
        }
        None
    }

    async fn send_one(&mut self, profile: ProfileId, id: OperationId) -> Result<(), Duration> {
        let Some(operation) = self.outbox.get(id).map(|entry| entry.operation.clone()) else {
            return Ok(());
        };
        let Some(call) = self.call_for(&operation).await else {
            return Ok(());
        };
        self.gate.try_pass()?;
        self.begin(profile, vec![id], None, call).await;
        Ok(())
    }

    /// Makes the request of one operation that is no reorder.
    async fn call_for(&mut self, operation: &Operation) -> Option<Call> {
        let (update, call): (LocalId, fn(RemoteId) -> Call) = match &operation.change {
            Change::Create {
                content,
                placement,
                shorten,
                ..
            } => {
                return Some(Call::Create(NewUpdate {
                    profiles: vec![operation.profile.clone()],
                    content: content.clone(),
                    placement: *placement,
                    shorten: *shorten,
                }));
            }
            Change::Edit { update, want, .. } => {
                let remote = self.remote_for(operation.id, *update).await?;
                let want = want.clone();
                return Some(Call::Edit { remote, want });
            }
            Change::Share { update, .. } => (*update, Call::Share),
            Change::Destroy { update, .. } => (*update, Call::Destroy),
            Change::Requeue { update } => (*update, Call::Requeue),
            Change::Reorder { .. } => return None,
        };
        self.remote_for(operation.id, update).await.map(call)
    }

    /// Looks up the API's id; an operation on an update that has none is held.
    async fn remote_for(&mut self, id: OperationId, update: LocalId) -> Option<RemoteId> {
        match self.disk.remote(update).await {
            Ok(Some(remote)) => Some(remote),
            Ok(None) => {
                self.hold(&[id], Hold::Gone, "the server never had this update")
                    .await;
                None
            }
            Err(error) => {
                self.trouble(&error);
                self.put_off(&[id], self.settings.pace.save_again);
                None
            }
        }
    }

    /// Makes an operation wait before it is tried again.
    pub(super) fn put_off(&mut self, ids: &[OperationId], wait: Duration) {
        let until = self.clock.elapsed() + wait;
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.not_until = until;
            }
        }
    }

    /// Sends some reorders as one order: the one the screen shows.
    async fn send_order(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
        let now = self.clock.elapsed();
        let fresh = self.settings.pace.fresh;
        let lane = self.lane(&profile);
        if lane.read_done.is_none_or(|done| done + fresh < now) {
            // An order made from an old mirror would be of a queue that may not exist any more.
            lane.read_at = now;
            return Ok(());
        }
        let (first, remotes) = match self.order_of(&profile, &ids).await {
            Ok(order) => order,
            Err(error) => {
                self.trouble(&error);
                self.put_off(&ids, self.settings.pace.save_again);
                return Ok(());
            }
        };
        if remotes.is_empty() {
            self.acked(&profile, &ids, Vec::new(), Vec::new()).await;
            return Ok(());
        }
        self.gate.try_pass()?;
        let call = Call::Reorder {
            profile: profile.clone(),
            first: remotes,
        };
        self.begin(profile, ids, Some(first), call).await;
        Ok(())
    }

    /// Returns what must come first in the queue, by our ids and the API's.
    async fn order_of(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
    ) -> Result<(Vec<LocalId>, Vec<RemoteId>), sqlx::Error> {
        let mirror = self.disk.order(profile).await?.unwrap_or_default().0;
        let mut operations: Vec<(Operation, OperationState)> = Vec::new();
        for entry in self.outbox.of(profile) {
            // A delete or share that waits can still be taken back: its update keeps its place.
            let waits = entry.state == OperationState::Queued
                && matches!(
                    entry.operation.change,
                    Change::Share { .. } | Change::Destroy { .. }
                );
            if !waits {
                operations.push((entry.operation.clone(), entry.state.clone()));
            }
            if ids.last() == Some(&entry.operation.id) {
                break;
            }
        }
        let settings = self.profiles.iter().find(|p| p.id == *profile);
        let first = order::first(profile, settings, &mirror, operations);
        let known = self.disk.known(profile).await?;
        let remotes: HashMap<LocalId, RemoteId> = known
            .into_iter()
            .map(|(remote, known)| (known.local, remote))
            .collect();
        let remotes = first
            .iter()
            .filter_map(|local| remotes.get(local).cloned())
            .collect();
        Ok((first, remotes))
    }

    /// Marks operations in flight on disk, and only then lets the request start.
    async fn begin(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
        mut wanted: Option<Vec<LocalId>>,
        call: Call,
    ) {
        let at = self.clock.wall();
        let mut writes = Vec::new();
        for &id in &ids {
            let number = self.outbox.get(id).map_or(1, |entry| entry.attempts + 1);
            let last = ids.last() == Some(&id);
            writes.push(Write::Try {
                operation: id,
                number,
                at,
                wanted: if last { wanted.take() } else { None },
            });
        }
        if let Err(error) = self.disk.commit(&writes).await {
            if matches!(error, sqlx::Error::RowNotFound) {
                // Another instance took one of them back before it was begun.
                self.forget_withdrawn(&ids).await;
            } else {
                self.trouble(&error);
                self.put_off(&ids, self.settings.pace.save_again);
            }
            return;
        }
        for &id in &ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.state = OperationState::InFlight;
                entry.attempts += 1;
                entry.tried_at = Some(at);
            }
        }
        let states = ids.iter().map(|&id| (id, OperationState::InFlight));
        self.emit(SyncEvent::States(states.collect()));
        self.lane(&profile).busy = Some(Busy::Change);
        let api = Arc::clone(&self.api);
        self.tasks.push(Box::pin(async move {
            let result = call.perform(&*api).await;
            Done::Sent(Sent {
                profile,
                ids,
                result,
            })
        }));
    }

    /// Drops what is not in the store any more.
    async fn forget_withdrawn(&mut self, ids: &[OperationId]) {
        match self.disk.operations_after(0).await {
            Ok((stored, _)) => {
                let gone: Vec<OperationId> = ids
                    .iter()
                    .copied()
                    .filter(|id| stored.iter().all(|s| s.operation.id != *id))
                    .collect();
                self.outbox.remove(&gone);
                for id in gone {
                    self.emit(SyncEvent::Cancelled(id));
                }
            }
            Err(error) => {
                self.trouble(&error);
                self.put_off(ids, self.settings.pace.save_again);
            }
        }
    }

    async fn look_at(&mut self, profile: ProfileId, id: OperationId) -> Result<(), Duration> {
        let Some(change) = self.outbox.get(id).map(|e| e.operation.change.clone()) else {
            return Ok(());
        };
        let Some(update) = change.updates().first().copied() else {
            return Ok(());
        };
        let Some(remote) = self.remote_for(id, update).await else {
            return Ok(());
        };
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let began = self.clock.elapsed();
        self.lane(&profile).busy = Some(Busy::Change);
        self.tasks.push(Box::pin(async move {
            let found = look::look(&*api, &gate, &remote, &change).await;
            Done::Looked(Looked {
                profile,
                ids: vec![id],
                began,
                result: found.map(Found::One),
            })
        }));
        Ok(())
    }

    /// Reads what was made lately; one read serves all unknown creates of a profile.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the jobs have one shape; the budget is waited for inside"
    )]
    fn look_for_creates(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
        let tried = ids.iter().filter_map(|&id| self.outbox.get(id)?.tried_at);
        let since = look::made_since(tried.min().unwrap_or(Timestamp(0))).plus(-1);
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let (began, failed) = (self.clock.elapsed(), self.lists_failed);
        self.lane(&profile).busy = Some(Busy::Change);
        self.tasks.push(Box::pin(async move {
            let found = read::recent(&*api, &gate, &profile, since, failed).await;
            Done::Looked(Looked {
                profile,
                ids,
                began,
                result: found.map(Found::Lately),
            })
        }));
        Ok(())
    }

    /// Returns how long after its try a look at `at` comes, and when the next look is due.
    pub(super) fn look_times(&self, entry: &outbox::Entry, at: Duration) -> (bool, Duration) {
        let looks = &self.settings.pace.looks;
        let age = entry.unknown_age + at.saturating_sub(entry.unknown_since);
        let last = looks.last().copied().unwrap_or_default();
        let next = looks.iter().find(|look| **look > age).copied();
        let wait = next.map_or(Duration::ZERO, |next| next.saturating_sub(age));
        (age >= last, at + wait)
    }

    /// Has the line's state told, and says when it is open again.
    pub(super) fn line_fails(&mut self, error: &ApiError) {
        if !self.role.is_leader() {
            return;
        }
        let clock = Arc::clone(&self.clock);
        let link = self
            .line
            .fails(error, &*clock, &self.settings.pace, &mut self.random);
        self.emit_link(link);
    }

    /// Notes that the API answered.
    pub(super) fn line_works(&mut self) {
        if !self.role.is_leader() {
            return;
        }
        let link = self.line.works(self.clock.wall());
        self.emit_link(link);
    }

    /// Has a profile's queue read soon, all of it, to settle what was acknowledged.
    pub(super) fn settle_soon(&mut self, profile: &ProfileId) {
        let due = self.clock.elapsed() + self.settings.pace.settle;
        let lane = self.lane(profile);
        lane.read_at = soonest(Some(lane.read_at), Some(due)).unwrap_or(due);
        lane.whole = true;
        lane.changes += 1;
    }
}
