//! Starts the requests that change something, and the looks at what became of them.

use std::sync::Arc;
use std::time::Duration;

use super::{Busy, Done, Worker};
use crate::api::{Api, ApiError};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Hold, OperationState};
use crate::domain::update::Content;
use crate::protocol::SyncEvent;
use crate::sync::budget::Rank;
use crate::sync::disk::Write;
use crate::sync::look::Finding;
use crate::sync::outbox::{Job, Plan};
use crate::sync::read::Listed;
use crate::sync::request::{Call, Reply};

/// What came of a change.
pub(super) struct Sent {
    /// The profiles it was for, with the operations of each.
    pub(super) parts: Vec<(ProfileId, Vec<OperationId>)>,
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
        let recorded = self.recorded;
        if !plan.stale.is_empty() {
            self.hold(
                &plan.stale,
                Hold::Stale,
                "not sent: it waited for more than 15 minutes",
            )
            .await;
        }
        for (profile, job) in plan.ready {
            self.rank = if plan.urgent.contains(&profile) {
                Rank::Urgent
            } else {
                Rank::Change
            };
            match self.lanes.get(&profile).and_then(|lane| lane.busy.as_ref()) {
                None => {}
                // A request before this one was for several profiles.
                Some(Busy::Change) => continue,
                // The change starts once the read has ended.
                Some(Busy::Read(read)) => {
                    read.give_way_to(self.rank, self.clock.elapsed());
                    continue;
                }
            }
            if !self.has_room() || self.saving.owes() {
                break;
            }
            let wait = match job {
                Job::Send(ids) => self.send(profile, ids).await,
                Job::Reorder(ids) => self.send_order(profile, ids).await,
                Job::Look(ids) => self.look_at(profile, ids).await,
                Job::LookForCreates(ids) => self.look_for_creates(profile, ids),
            };
            if let Err(wait) = wait {
                return Some(self.clock.elapsed() + wait);
            }
        }
        // What was settled without a request may let others go, and nothing else would wake us.
        (self.recorded != recorded).then(|| self.clock.elapsed())
    }

    /// Looks up the API's id; an operation on an update that has none is held.
    pub(super) async fn remote_for(
        &mut self,
        id: OperationId,
        update: LocalId,
    ) -> Option<RemoteId> {
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

    /// Marks operations in flight on disk, and only then lets the request start. `parts` are the
    /// profiles it is for, with the operations of each.
    pub(super) async fn begin(
        &mut self,
        parts: Vec<(ProfileId, Vec<OperationId>)>,
        mut wanted: Option<Vec<LocalId>>,
        sent: Option<Content>,
        call: Call,
    ) {
        let at = self.clock.wall();
        let ids: Vec<OperationId> = parts.iter().flat_map(|(_, ids)| ids).copied().collect();
        let mut writes = Vec::new();
        for (_, ids) in &parts {
            let request = ids.last().copied().filter(|_| ids.len() > 1);
            for &id in ids {
                let number = self.outbox.get(id).map_or(1, |entry| entry.attempts + 1);
                let last = ids.last() == Some(&id);
                let makes = self.made_by(id).is_some();
                writes.push(Write::Try {
                    operation: id,
                    number,
                    at,
                    wanted: if last { wanted.take() } else { None },
                    request,
                    sent: sent.clone().filter(|_| makes),
                });
            }
        }
        writes.extend(self.unwritten_requests());
        self.step().await;
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
        for write in writes {
            if let Write::Try {
                operation,
                request,
                sent,
                ..
            } = write
                && let Some(entry) = self.outbox.get_mut(operation)
            {
                entry.state = OperationState::InFlight;
                entry.attempts += 1;
                entry.tried = true;
                entry.tried_at = Some(at);
                entry.request = request;
                entry.sent = sent;
            }
        }
        self.step().await;
        let states = ids.iter().map(|&id| (id, OperationState::InFlight));
        self.emit(SyncEvent::States(states.collect()));
        for (profile, _) in &parts {
            self.lane(profile).busy = Some(Busy::Change);
        }
        let api = Arc::clone(&self.api);
        self.tasks.push(Box::pin(async move {
            let result = call.perform(&*api).await;
            Done::Sent(Sent { parts, result })
        }));
    }

    /// Drops what is not in the store any more.
    async fn forget_withdrawn(&mut self, ids: &[OperationId]) {
        match self.disk.operations().await {
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

    /// Has the line's state told, and says when it is open again.
    pub(super) fn line_fails(&mut self, error: &ApiError) {
        if !self.role.is_leader() {
            return;
        }
        let link = self
            .line
            .fails(error, &self.gate, &self.settings.pace, &mut self.random);
        self.emit_link(link);
    }

    /// Notes that the API answered.
    pub(super) fn line_works(&mut self) {
        if !self.role.is_leader() {
            return;
        }
        let link = self.line.works(self.clock.wall(), self.clock.elapsed());
        self.emit_link(link);
    }

    /// Has a profile's queue read soon, all of it, to settle what was acknowledged.
    pub(super) fn settle_soon(&mut self, profile: &ProfileId) {
        let (now, settle) = (self.clock.elapsed(), self.settings.pace.settle);
        let lane = self.lane(profile);
        lane.settle_at = Some(now + lane.rest(settle));
        lane.whole = true;
        lane.changes += 1;
    }
}
