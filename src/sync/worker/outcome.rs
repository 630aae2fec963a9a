//! What came of a request, and what follows for its operations.

use std::time::Duration;

use super::sending::{Found, Looked, Sent};
use super::{Account, Worker};
use crate::api::{Api, ApiError, Class};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Hold, OperationState};
use crate::domain::update::RemoteUpdate;
use crate::protocol::{Link, SyncEvent};
use crate::sync::backoff::backoff;
use crate::sync::disk::Write;
use crate::sync::look::{self, DUPLICATE, Finding, NOT_EDITABLE};
use crate::sync::outbox::is_immediate;
use crate::sync::request::Reply;

/// After so many unknown outcomes that were proved to be nothing, it is not the line's fault.
const MOST_FAULTS: u32 = 8;

impl<A: Api> Worker<A> {
    /// Handles the end of a change.
    pub(super) async fn sent(&mut self, sent: Sent) {
        let Sent {
            profile,
            ids,
            result,
        } = sent;
        self.lane(&profile).busy = None;
        match result {
            Ok(reply) => {
                self.line_works();
                self.done(&profile, &ids, reply).await;
            }
            Err(error) => {
                tracing::info!(count = ids.len(), class = ?error.class(), "a change failed");
                match error.class() {
                    Class::Retry => {
                        self.line_fails(&error);
                        self.move_to(&ids, OperationState::Queued, "not sent").await;
                        self.set_back(&ids);
                    }
                    Class::Unknown => {
                        self.line_fails(&error);
                        self.unknown(&profile, &ids, true).await;
                    }
                    Class::SignIn => {
                        self.move_to(&ids, OperationState::Queued, "not signed in")
                            .await;
                        self.refused_token(&error);
                    }
                    Class::Refused => {
                        self.line_works();
                        self.refused(&profile, &ids, error).await;
                    }
                }
            }
        }
    }

    /// Stops everything until the person has signed in again.
    pub(super) fn refused_token(&mut self, error: &ApiError) {
        self.account = Account::Refused;
        let link = self.line.set(Link::SignIn {
            reason: error.to_string(),
        });
        self.emit_link(link);
    }

    async fn done(&mut self, profile: &ProfileId, ids: &[OperationId], reply: Reply) {
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        if let Reply::Created(made) = reply {
            let Some(&id) = ids.first() else { return };
            let ours = made.into_iter().find(|u| u.body.profile == *profile);
            let Some(made) = ours else {
                // The API ignores profiles it does not know, in silence.
                let reason = "the server made no update for this profile".to_owned();
                let state = OperationState::Failed { code: None, reason };
                return self.move_to(ids, state, "ignored").await;
            };
            self.assign(id, made.id, &mut writes, &mut events);
        }
        self.acked(profile, ids, writes, events).await;
    }

    /// Adds what says that a create has this remote id.
    pub(super) fn assign(
        &self,
        id: OperationId,
        remote: RemoteId,
        writes: &mut Vec<Write>,
        events: &mut Vec<SyncEvent>,
    ) {
        let Some(entry) = self.outbox.get(id) else {
            return;
        };
        if let Change::Create { update, .. } = &entry.operation.change {
            writes.push(Write::Remote {
                local: *update,
                remote: remote.clone(),
                profile: entry.operation.profile.clone(),
            });
            events.push(SyncEvent::Assigned {
                update: *update,
                remote,
            });
        }
    }

    /// Marks operations acknowledged, in one commit with what was learned.
    pub(super) async fn acked(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
        mut writes: Vec<Write>,
        mut events: Vec<SyncEvent>,
    ) {
        let mut states = Vec::new();
        let mut published = false;
        for &id in ids {
            let Some(entry) = self.outbox.get_mut(id) else {
                continue;
            };
            entry.state = OperationState::Acked;
            published |= is_immediate(&entry.operation.change);
            writes.push(Write::State(id, OperationState::Acked));
            writes.push(Write::Outcome {
                operation: id,
                number: entry.attempts,
                outcome: "done",
            });
            states.push((id, OperationState::Acked));
        }
        events.insert(0, SyncEvent::States(states));
        self.record(writes, events).await;
        self.lane(profile).sent_due |= published;
        self.settle_soon(profile);
    }

    /// Moves operations into a state, with what is written of the try.
    async fn move_to(&mut self, ids: &[OperationId], state: OperationState, outcome: &'static str) {
        let (mut writes, mut states) = (Vec::new(), Vec::new());
        for &id in ids {
            let Some(entry) = self.outbox.get_mut(id) else {
                continue;
            };
            entry.state = state.clone();
            writes.push(Write::State(id, state.clone()));
            writes.push(Write::Outcome {
                operation: id,
                number: entry.attempts,
                outcome,
            });
            states.push((id, state.clone()));
        }
        self.record(writes, vec![SyncEvent::States(states)]).await;
    }

    /// Has operations wait longer with each setback: the line may well work for all else.
    fn set_back(&mut self, ids: &[OperationId]) {
        let mut setbacks = 0;
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.setbacks = entry.setbacks.saturating_add(1);
                setbacks = setbacks.max(entry.setbacks);
            }
        }
        let wait = backoff(setbacks, &self.settings.pace, &mut self.random);
        self.put_off(ids, wait);
    }

    /// From now on only reading can tell what became of these.
    async fn unknown(&mut self, profile: &ProfileId, ids: &[OperationId], wait: bool) {
        let now = self.clock.elapsed();
        let looks = &self.settings.pace.looks;
        let first = looks.first().copied().filter(|_| wait).unwrap_or_default();
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.unknown_since = now;
                entry.unknown_age = Duration::ZERO;
                entry.not_until = now + first;
                entry.faults += 1;
            }
        }
        self.move_to(ids, OperationState::Unknown, "unknown").await;
        // What was read before may be old news.
        let lane = self.lane(profile);
        lane.changes += 1;
        lane.whole = true;
    }

    /// The API said no.
    async fn refused(&mut self, profile: &ProfileId, ids: &[OperationId], error: ApiError) {
        let ApiError::Refused { code, message, .. } = &error else {
            return;
        };
        let Some((change, attempts)) = ids
            .first()
            .and_then(|&id| self.outbox.get(id))
            .map(|entry| (entry.operation.change.clone(), entry.attempts))
        else {
            return;
        };
        let gone = look::is_not_found(&error);
        let too_late = *code == Some(NOT_EDITABLE);
        match &change {
            Change::Destroy { .. } if gone => {
                return self.acked(profile, ids, Vec::new(), Vec::new()).await;
            }
            // It is what a share that worked and whose reply was lost gets at its second try.
            Change::Share { .. } if gone || too_late => {
                return self.unknown(profile, ids, false).await;
            }
            // So is a create that is a duplicate of itself.
            Change::Create { .. } if *code == Some(DUPLICATE) && attempts > 1 => {
                return self.unknown(profile, ids, false).await;
            }
            Change::Edit { .. } if gone => {
                return self.hold(ids, Hold::Gone, "it is not there any more").await;
            }
            Change::Edit { .. } | Change::Destroy { .. } if too_late => {
                return self.hold(ids, Hold::TooLate, "it went out before").await;
            }
            Change::Create { .. }
            | Change::Edit { .. }
            | Change::Reorder { .. }
            | Change::Share { .. }
            | Change::Destroy { .. }
            | Change::Requeue { .. } => {}
        }
        let state = OperationState::Failed {
            code: *code,
            reason: message.clone(),
        };
        self.move_to(ids, state, "refused").await;
    }

    /// Handles the end of a look.
    pub(super) async fn looked(&mut self, looked: Looked) {
        let Looked {
            profile,
            ids,
            began,
            result,
        } = looked;
        self.lane(&profile).busy = None;
        let found = match result {
            Ok(found) => found,
            Err(error) if error.class() == Class::SignIn => return self.refused_token(&error),
            Err(error) => {
                if error.class() == Class::Refused {
                    self.line_works();
                    self.put_off(&ids, self.settings.pace.save_again);
                } else {
                    self.line_fails(&error);
                    self.set_back(&ids);
                }
                return;
            }
        };
        self.line_works();
        match found {
            Found::One(finding) => self.found_one(&profile, &ids, began, finding).await,
            Found::Lately(listed) => {
                let ids = self.claim_all(&profile, &ids, &listed.updates).await;
                if listed.complete {
                    self.not_seen(&ids, began).await;
                } else {
                    self.put_off(&ids, self.settings.pace.save_again);
                }
            }
        }
    }

    async fn found_one(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
        began: Duration,
        finding: Finding,
    ) {
        match finding {
            Finding::Done => self.acked(profile, ids, Vec::new(), Vec::new()).await,
            Finding::NotDone => self.not_done(profile, ids).await,
            Finding::NotYet => self.not_seen(ids, began).await,
            Finding::Held(why, reason) => {
                self.hold(ids, why, &reason).await;
                self.settle_soon(profile);
            }
        }
    }

    /// It was surely not done and may be sent again, unless that never works.
    async fn not_done(&mut self, profile: &ProfileId, ids: &[OperationId]) {
        let faults = ids
            .iter()
            .filter_map(|&id| Some(self.outbox.get(id)?.faults))
            .max()
            .unwrap_or(0);
        if faults >= MOST_FAULTS {
            let reason = format!("the server failed at this {faults} times");
            let state = OperationState::Failed { code: None, reason };
            return self.move_to(ids, state, "given up").await;
        }
        let wait = backoff(faults, &self.settings.pace, &mut self.random);
        self.move_to(ids, OperationState::Queued, "not done").await;
        self.put_off(ids, wait);
        self.settle_soon(profile);
    }

    /// Nothing is to be seen of these: look again later, or leave it to the person.
    async fn not_seen(&mut self, ids: &[OperationId], began: Duration) {
        let mut given_up = Vec::new();
        for &id in ids {
            let Some((last, next)) = self.outbox.get(id).map(|e| self.look_times(e, began)) else {
                continue;
            };
            if last {
                given_up.push(id);
            } else if let Some(entry) = self.outbox.get_mut(id) {
                entry.not_until = next;
            }
        }
        self.hold(
            &given_up,
            Hold::Unconfirmed,
            "could not confirm that it was done; look for it, then send it again or drop it",
        )
        .await;
    }

    /// Finds creates among `updates`. Returns those it did not find.
    async fn claim_all(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
        updates: &[RemoteUpdate],
    ) -> Vec<OperationId> {
        let mut fresh = Vec::new();
        for update in updates {
            match self.disk.local(&update.id).await {
                Ok(None) => fresh.push(update.clone()),
                Ok(Some(_)) => {}
                Err(error) => {
                    self.trouble(&error);
                    return Vec::new();
                }
            }
        }
        // Several may fit: the oldest is ours, as later ones came after somebody saw it.
        fresh.sort_by_key(|update| update.body.created_at);
        for update in fresh {
            if let Some(id) = self.claimant(profile, &update) {
                let (mut writes, mut events) = (Vec::new(), Vec::new());
                self.assign(id, update.id.clone(), &mut writes, &mut events);
                self.acked(profile, &[id], writes, events).await;
            }
        }
        let open = |id: &OperationId| {
            let entry = self.outbox.get(*id);
            entry.is_some_and(|entry| entry.state == OperationState::Unknown)
        };
        ids.iter().copied().filter(open).collect()
    }

    /// Returns the update that a create makes.
    pub(super) fn made_by(&self, id: OperationId) -> Option<LocalId> {
        match &self.outbox.get(id)?.operation.change {
            Change::Create { update, .. } => Some(*update),
            Change::Edit { .. }
            | Change::Reorder { .. }
            | Change::Share { .. }
            | Change::Destroy { .. }
            | Change::Requeue { .. } => None,
        }
    }

    /// Returns the create of unknown outcome that made `update`, if one did. The caller has made
    /// sure that the update was never seen before.
    pub(super) fn claimant(
        &self,
        profile: &ProfileId,
        update: &RemoteUpdate,
    ) -> Option<OperationId> {
        self.outbox
            .of(profile)
            .filter(|entry| {
                // Also one that was given up: better late than twice on the screen.
                matches!(
                    entry.state,
                    OperationState::Unknown | OperationState::Held { .. }
                )
            })
            .find(|entry| {
                entry
                    .tried_at
                    .is_some_and(|at| look::is_from(&entry.operation, at, update))
            })
            .map(|entry| entry.operation.id)
    }
}
