//! What is ready to be sent: whether it still may, what has to be read before, as which request.

use std::time::Duration;

use super::Worker;
use crate::api::{Api, NewUpdate};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Hold, OperationState};
use crate::sync::budget::Rank;
use crate::sync::look::{self, Finding};
use crate::sync::outbox::{Job, Joined};
use crate::sync::request::Call;

/// What has to be done before some operations may go.
enum Readiness {
    Ready,
    /// The queue is read first.
    ReadFirst,
    /// Their update is read first.
    CheckFirst,
}

/// A queue of at most so many updates is read in a few requests.
pub(super) const SHORT_QUEUE: usize = 300;

impl<A: Api> Worker<A> {
    /// Sends some operations on one update as one request.
    pub(super) async fn send(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
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
        if let Some((why, reason)) = self.unlike_mirror(&ids, &joined).await {
            self.hold(&ids, why, &reason).await;
            return Ok(());
        }
        match self.readiness(&profile, &ids, &joined) {
            Readiness::Ready => {}
            Readiness::ReadFirst => {
                let now = self.clock.elapsed();
                let lane = self.lane(&profile);
                (lane.read_at, lane.needed) = (now, true);
                return Ok(());
            }
            Readiness::CheckFirst => return self.check(profile, ids, remote),
        }
        let Some(call) = call_of(&joined, remote) else {
            return Ok(());
        };
        self.gate.try_pass(self.rank)?;
        self.begin(vec![(profile, ids)], None, None, call).await;
        Ok(())
    }

    /// Says why some operations may not go, as their update was read to be something else than they
    /// were made from: the read may have come just when the key was pressed.
    async fn unlike_mirror(
        &mut self,
        ids: &[OperationId],
        joined: &Joined,
    ) -> Option<(Hold, String)> {
        let operation = &self.outbox.get(*ids.first()?)?.operation;
        let update = operation.change.updates().first().copied()?;
        // What is acknowledged is not in the mirror yet.
        if self.is_unread(&operation.profile, update) {
            return None;
        }
        let body = match self.disk.body(update).await {
            Ok(body) => body?,
            Err(error) => {
                self.trouble(&error);
                return None;
            }
        };
        match look::before(joined, &body)? {
            Finding::Held(why, reason) => Some((why, reason)),
            Finding::Done | Finding::NotDone | Finding::NotYet => None,
        }
    }

    /// Says whether something of ours on an update is done and not read yet.
    fn is_unread(&self, profile: &ProfileId, update: LocalId) -> bool {
        self.outbox.of(profile).any(|entry| {
            entry.state == OperationState::Acked
                && !matches!(entry.operation.change, Change::Reorder { .. })
                && entry.operation.change.updates().contains(&update)
        })
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
        let is_urgent = self.rank == Rank::Urgent;
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
        if is_final || is_urgent || !can_read {
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
        self.gate.try_pass(self.rank)?;
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
