//! Starts the requests that change something, and the looks at what became of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Busy, Done, Worker, soonest};
use crate::api::{Api, ApiError, NewUpdate};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Hold, Operation, OperationState};
use crate::domain::update::Content;
use crate::protocol::SyncEvent;
use crate::sync::disk::Write;
use crate::sync::look::Finding;
use crate::sync::order;
use crate::sync::outbox::{Job, Joined, Plan};
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

/// What has to be done before some operations may go.
enum Readiness {
    Ready,
    /// The queue is read first.
    ReadFirst,
    /// Their update is read first.
    CheckFirst,
}

/// A queue of at most so many updates is read in a few requests.
const SHORT_QUEUE: usize = 300;

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
            let busy = self.lanes.get(&profile).and_then(|lane| lane.busy.as_ref());
            if let Some(Busy::Change) = busy {
                // A request before this one was for several profiles.
                continue;
            }
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

    /// Sends some operations on one update as one request.
    async fn send(&mut self, profile: ProfileId, ids: Vec<OperationId>) -> Result<(), Duration> {
        let Some(joined) = self.outbox.joined(&ids).map(Joined::simplified) else {
            return Ok(());
        };
        if joined == Joined::Nothing {
            self.leave(ids, "superseded").await;
            return Ok(());
        }
        if let Joined::One(Change::Create { .. }) = joined {
            return self.send_create(profile, ids, &joined).await;
        }
        let Some(remote) = self.remote_of(&ids).await else {
            return Ok(());
        };
        match self.readiness(&profile, &ids, &joined) {
            Readiness::Ready => {}
            Readiness::ReadFirst => {
                let now = self.clock.elapsed();
                self.lane(&profile).read_at = now;
                return Ok(());
            }
            Readiness::CheckFirst => return self.check(profile, ids, remote),
        }
        let Some(call) = call_of(&joined, remote) else {
            return Ok(());
        };
        self.gate.try_pass()?;
        self.begin(vec![(profile, ids)], None, None, call).await;
        Ok(())
    }

    /// Says what has to be read before some operations may go: what cannot be undone is not done
    /// to something that is not as the person saw it.
    fn readiness(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
        joined: &Joined,
    ) -> Readiness {
        let now = self.clock.elapsed();
        let pace = &self.settings.pace;
        let is_final = joined.publishes() || matches!(joined, Joined::One(Change::Destroy { .. }));
        let limit = if is_final {
            pace.fresh
        } else {
            self.edit_fresh()
        };
        let checked = ids.iter().filter_map(|&id| self.outbox.get(id)?.checked_at);
        let checked = checked.min();
        // Who knows what others did while the line was down.
        let back = self.line.works_since;
        let lane = self.lane(profile);
        let is_fresh = |at: Option<Duration>| at.is_some_and(|at| at + limit >= now && at >= back);
        if is_fresh(lane.read_done) || is_fresh(checked) {
            return Readiness::Ready;
        }
        // One read of a short queue serves all that wait in it.
        let can_read = lane.read_rests <= now && lane.rows <= SHORT_QUEUE;
        if is_final || !can_read {
            Readiness::CheckFirst
        } else {
            Readiness::ReadFirst
        }
    }

    /// How old the mirror may be when an edit is made to it. Where requests are few, reading again
    /// and again would leave none for the edits.
    fn edit_fresh(&self) -> Duration {
        let fresh = self.settings.pace.edit_fresh;
        if self.gate.is_limited() {
            fresh * 3
        } else {
            fresh
        }
    }

    /// Sends a create, with those of the same act for other profiles that are ready too.
    async fn send_create(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
        joined: &Joined,
    ) -> Result<(), Duration> {
        let Joined::One(Change::Create {
            content,
            placement,
            shorten,
            ..
        }) = joined
        else {
            return Ok(());
        };
        let mut parts = vec![(profile, ids)];
        parts.extend(self.siblings(&parts[0].1));
        let call = Call::Create(NewUpdate {
            profiles: parts.iter().map(|(profile, _)| profile.clone()).collect(),
            content: content.clone(),
            placement: *placement,
            shorten: *shorten,
        });
        self.gate.try_pass()?;
        let sent = (parts[0].1.len() > 1).then(|| content.clone());
        self.begin(parts, None, sent, call).await;
        Ok(())
    }

    /// Returns the other creates of the same act that say the same and are ready too: one request
    /// makes them all. What was tried before is looked for profile by profile, so it goes alone.
    fn siblings(&self, ids: &[OperationId]) -> Vec<(ProfileId, Vec<OperationId>)> {
        let [id] = ids else { return Vec::new() };
        let Some(first) = self.outbox.get(*id).filter(|entry| !entry.tried) else {
            return Vec::new();
        };
        let says = |change: &Change| match change {
            Change::Create {
                content,
                placement,
                shorten,
                ..
            } => Some((content.clone(), *placement, *shorten)),
            _ => None,
        };
        let wanted = says(&first.operation.change);
        let ready = self.plan().ready.into_iter();
        ready
            .filter(|(profile, job)| {
                let Job::Send(others) = job else { return false };
                let [other] = others.as_slice() else {
                    return false;
                };
                let busy = self.lanes.get(profile).is_some_and(|l| l.busy.is_some());
                self.outbox.get(*other).is_some_and(|entry| {
                    !busy
                        && other != id
                        && *profile != first.operation.profile
                        && !entry.tried
                        && entry.operation.group == first.operation.group
                        && says(&entry.operation.change) == wanted
                })
            })
            .map(|(profile, job)| match job {
                Job::Send(others) => (profile, others),
                _ => (profile, Vec::new()),
            })
            .collect()
    }

    /// Returns the API's id of the update that some operations are about.
    pub(super) async fn remote_of(&mut self, ids: &[OperationId]) -> Option<RemoteId> {
        let &id = ids.first()?;
        let change = &self.outbox.get(id)?.operation.change;
        let update = change.updates().first().copied()?;
        self.remote_for(id, update).await
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
        self.begin(vec![(profile, ids)], Some(first), None, call)
            .await;
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

    /// Marks operations in flight on disk, and only then lets the request start. `parts` are the
    /// profiles it is for, with the operations of each.
    async fn begin(
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
        let link = self.line.works(self.clock.wall(), self.clock.elapsed());
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

/// Makes the request of some operations on one update that the API has.
fn call_of(joined: &Joined, remote: RemoteId) -> Option<Call> {
    Some(match joined {
        Joined::EditAndShare { want, .. } => Call::Edit {
            remote,
            want: want.clone(),
            now: true,
        },
        Joined::One(Change::Edit { want, .. }) => Call::Edit {
            remote,
            want: want.clone(),
            now: false,
        },
        Joined::One(Change::Share { .. }) => Call::Share(remote),
        Joined::One(Change::Destroy { .. }) => Call::Destroy(remote),
        Joined::One(Change::Requeue { .. }) => Call::Requeue(remote),
        Joined::One(Change::Create { .. } | Change::Reorder { .. }) | Joined::Nothing => {
            return None;
        }
    })
}
