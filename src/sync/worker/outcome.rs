//! What came of a request, and what follows for its operations.

use std::time::Duration;

use super::sending::Sent;
use super::{Account, Worker};
use crate::api::{Api, ApiError, Class, Doubt};
use crate::domain::id::{OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Change, Hold, OperationState};
use crate::protocol::{Link, SyncEvent};
use crate::sync::backoff::backoff;
use crate::sync::disk::Write;
use crate::sync::look::{self, DUPLICATE, NOT_EDITABLE};
use crate::sync::outbox::Joined;
use crate::sync::request::Reply;

/// So often an order is sent that others change at the same time; then theirs stays.
const MOST_ORDERS: u32 = 3;

impl<A: Api> Worker<A> {
    /// Handles the end of a change.
    pub(super) async fn sent(&mut self, sent: Sent) {
        let Sent { parts, result } = sent;
        for (profile, _) in &parts {
            self.lane(profile).busy = None;
        }
        let all: Vec<OperationId> = parts.iter().flat_map(|(_, ids)| ids).copied().collect();
        let error = match result {
            Ok(reply) => {
                self.line_works();
                return self.done(parts, reply).await;
            }
            Err(error) => error,
        };
        tracing::info!(count = all.len(), class = ?error.class(), "a change failed");
        match error.class() {
            Class::Retry => {
                self.line_fails(&error);
                self.never_arrived(&all, "not sent").await;
                self.set_back(&all);
            }
            Class::Unknown => {
                self.line_fails(&error);
                let doubt = match &error {
                    ApiError::Unknown(doubt, _) => *doubt,
                    _ => Doubt::Unreadable,
                };
                for (profile, ids) in &parts {
                    self.unknown(profile, ids, Some(doubt)).await;
                }
            }
            Class::SignIn => {
                self.never_arrived(&all, "not signed in").await;
                self.refused_token(&error);
            }
            Class::Refused => {
                self.line_works();
                if let [(profile, ids)] = parts.as_slice() {
                    self.refused(profile, ids, error).await;
                } else {
                    // One of several may be the reason; alone each gets its own answer.
                    self.move_to(&all, OperationState::Queued, "refused together")
                        .await;
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

    /// Queues operations again of which surely nothing reached the server.
    async fn never_arrived(&mut self, ids: &[OperationId], outcome: &'static str) {
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.tried = entry.faults > 0;
            }
        }
        self.move_to(ids, OperationState::Queued, outcome).await;
    }

    async fn done(&mut self, parts: Vec<(ProfileId, Vec<OperationId>)>, reply: Reply) {
        let mut made = match reply {
            Reply::Created(made) => made,
            Reply::Ordered { as_asked } => {
                for (profile, ids) in parts {
                    self.ordered(&profile, &ids, as_asked).await;
                }
                return;
            }
            Reply::Done => {
                for (profile, ids) in parts {
                    self.acked(&profile, &ids, Vec::new(), Vec::new()).await;
                }
                return;
            }
        };
        for (profile, ids) in parts {
            let Some(&id) = ids.first() else { continue };
            let ours = made.iter().position(|u| u.body.profile == profile);
            let Some(ours) = ours.map(|at| made.remove(at)) else {
                // The API ignores profiles it does not know, in silence.
                let reason = "the server made no update for this profile".to_owned();
                let state = OperationState::Failed { code: None, reason };
                self.release(&ids[1..]).await;
                self.move_to(&[id], state, "ignored").await;
                continue;
            };
            let (mut writes, mut events) = (Vec::new(), Vec::new());
            self.assign(id, ours.id, &mut writes, &mut events);
            self.acked(&profile, &ids, writes, events).await;
        }
    }

    /// An order was taken. If others changed it at the same time, what they did is read, ours is
    /// fitted to it and sent again, but not for ever.
    async fn ordered(&mut self, profile: &ProfileId, ids: &[OperationId], as_asked: bool) {
        let tries = ids
            .iter()
            .filter_map(|&id| Some(self.outbox.get(id)?.attempts));
        let tries = tries.max().unwrap_or(0);
        if as_asked || tries >= MOST_ORDERS {
            self.acked(profile, ids, Vec::new(), Vec::new()).await;
            if !as_asked {
                let text = "others move updates of this queue at the same time: their order stays";
                self.emit(SyncEvent::Notice(text.to_owned()));
            }
            return;
        }
        self.move_to(ids, OperationState::Queued, "changed meanwhile")
            .await;
        let now = self.clock.elapsed();
        let lane = self.lane(profile);
        lane.changes += 1;
        lane.whole = true;
        lane.read_at = now;
        // The order is made anew only from what is there now.
        lane.read_done = None;
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
        let published = self.outbox.joined(ids).is_some_and(|j| j.publishes());
        let mut states = Vec::new();
        for &id in ids {
            self.remember_made(id);
            let Some(entry) = self.outbox.get_mut(id) else {
                continue;
            };
            entry.state = OperationState::Acked;
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
    pub(super) async fn move_to(
        &mut self,
        ids: &[OperationId],
        state: OperationState,
        outcome: &'static str,
    ) {
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
        if !states.is_empty() {
            self.record(writes, vec![SyncEvent::States(states)]).await;
        }
    }

    /// Queues again what went out together with a create that came to nothing: it waits for that.
    /// Before the create's own state is written: alone it could only be looked for in vain.
    pub(super) async fn release(&mut self, ids: &[OperationId]) {
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.request = None;
            }
        }
        self.move_to(ids, OperationState::Queued, "waits for its create")
            .await;
    }

    /// Has operations wait longer with each setback: the line may well work for all else.
    pub(super) fn set_back(&mut self, ids: &[OperationId]) {
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

    /// From now on only reading can tell what became of these. `doubt`: why it is not known; none:
    /// the server said something that has to be looked into at once.
    async fn unknown(&mut self, profile: &ProfileId, ids: &[OperationId], doubt: Option<Doubt>) {
        let now = self.clock.elapsed();
        let pace = &self.settings.pace;
        let shares = self
            .outbox
            .joined(ids)
            .is_some_and(|j| j.publishes() && !matches!(j, Joined::One(Change::Create { .. })));
        let looks = if shares {
            &pace.share_looks
        } else {
            &pace.looks
        };
        let first = looks.first().copied().filter(|_| doubt.is_some());
        let first = now + first.unwrap_or_default();
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.unknown_since = now;
                entry.unknown_age = Duration::ZERO;
                entry.not_until = first;
                entry.faults += 1;
                entry.looks = 0;
                entry.doubt = doubt;
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
        let Some(joined) = self.outbox.joined(ids) else {
            // Orders are not about one update; they are refused as they are.
            return self.failed(ids, *code, message).await;
        };
        let gone = look::is_not_found(&error);
        let too_late = *code == Some(NOT_EDITABLE);
        let again = self.was_sent_before(ids);
        match &joined {
            Joined::One(Change::Destroy { .. }) if gone => {
                return self.acked(profile, ids, Vec::new(), Vec::new()).await;
            }
            // It is what a share that worked and whose reply was lost gets at its second try.
            Joined::One(Change::Share { .. }) | Joined::EditAndShare { .. } if gone || too_late => {
                return self.unknown(profile, ids, None).await;
            }
            // So is a create that is a duplicate of itself.
            Joined::One(Change::Create { .. }) if *code == Some(DUPLICATE) && again => {
                if let Some(entry) = ids.first().and_then(|&id| self.outbox.get_mut(id)) {
                    entry.called_duplicate = true;
                }
                return self.unknown(profile, ids, None).await;
            }
            Joined::One(Change::Edit { .. }) if gone => {
                return self.hold(ids, Hold::Gone, "it is not there any more").await;
            }
            Joined::One(Change::Edit { .. } | Change::Destroy { .. }) if too_late => {
                return self.hold(ids, Hold::TooLate, "it went out before").await;
            }
            Joined::One(_) | Joined::EditAndShare { .. } | Joined::Nothing => {}
        }
        self.failed(ids, *code, message).await;
    }

    /// Says whether a try before this one may have reached the server.
    fn was_sent_before(&self, ids: &[OperationId]) -> bool {
        let mut entries = ids.iter().filter_map(|&id| self.outbox.get(id));
        entries.any(|entry| entry.faults > 0)
    }

    async fn failed(&mut self, ids: &[OperationId], code: Option<i64>, message: &str) {
        let state = OperationState::Failed {
            code,
            reason: message.to_owned(),
        };
        match ids.split_first() {
            Some((&first, rest)) if self.made_by(first).is_some() => {
                self.release(rest).await;
                self.move_to(&[first], state, "refused").await;
            }
            _ => self.move_to(ids, state, "refused").await,
        }
    }

    /// Remembers a create that had to be looked for, so that a second one of it is noticed.
    pub(super) fn remember_made(&mut self, id: OperationId) {
        let Some(entry) = self.outbox.get(id).filter(|entry| entry.faults > 0) else {
            return;
        };
        if let Change::Create { content, .. } = &entry.operation.change {
            let content = entry.sent.as_ref().unwrap_or(content).clone();
            let since = look::made_since(entry);
            let profile = entry.operation.profile.clone();
            self.doubtful.push((profile, content, since));
        }
    }
}
