//! What a look found, and what follows for the operations it was for.

use std::time::Duration;

use super::Worker;
use super::sending::{Found, Looked};
use crate::api::{Api, Class, Doubt};
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Hold, OperationState, Placement};
use crate::domain::update::RemoteUpdate;
use crate::protocol::SyncEvent;
use crate::sync::backoff::backoff;
use crate::sync::look::{self, Finding, Likeness};
use crate::sync::read::ListedUpdate;

/// After so many unknown outcomes that were proved to be nothing, it is not the line's fault.
const MOST_FAULTS: u32 = 8;

const UNCONFIRMED: &str =
    "could not confirm that it was done; look for it, then send it again or drop it";
const LOOKS_LIKE_IT: &str = "an update that looks like it is there; look whether it is this one, then \
     drop this or send it again";

/// Else it would be looked for, for ever.
const GONE: &str = "the account does not have this profile any more, so nobody can tell whether it \
     was done; drop it, or send it again";

impl<A: Api> Worker<A> {
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
                    if !self.has_profile(&profile) {
                        self.hold(&ids, Hold::Gone, GONE).await;
                    }
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
                let updates = listed.updates.into_iter();
                let updates: Vec<RemoteUpdate> = updates.filter_map(ListedUpdate::whole).collect();
                let (ids, alike) = self.claim_all(&profile, &ids, &updates).await;
                let rest = self.rest_of(&alike);
                self.release(&rest).await;
                self.hold(&alike, Hold::Unconfirmed, LOOKS_LIKE_IT).await;
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
        match self.after_fault(ids) {
            OperationState::Queued => {
                self.move_to(ids, OperationState::Queued, "not done").await;
                self.settle_soon(profile);
            }
            failed => self.move_to(ids, failed, "given up").await,
        }
    }

    /// Returns the state of operations that were surely not done: to be sent again after a wait, which
    /// begins now, or failed if that never works.
    pub(super) fn after_fault(&mut self, ids: &[OperationId]) -> OperationState {
        let faults = ids
            .iter()
            .filter_map(|&id| Some(self.outbox.get(id)?.faults))
            .max()
            .unwrap_or(0);
        if faults >= MOST_FAULTS {
            let reason = format!("the server failed at this {faults} times");
            return OperationState::Failed { code: None, reason };
        }
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.tried = false;
            }
        }
        let wait = backoff(faults, &self.settings.pace, &mut self.random);
        self.put_off(ids, wait);
        OperationState::Queued
    }

    /// Nothing is to be seen of these: look again later, send again what may be, or leave it to
    /// the person.
    async fn not_seen(&mut self, ids: &[OperationId], began: Duration) {
        let (mut again, mut given_up) = (Vec::new(), Vec::new());
        let well = self.api.is_well(self.settings.pace.slow);
        for &id in ids {
            let Some(entry) = self.outbox.get_mut(id) else {
                continue;
            };
            entry.looks += 1;
            let Some(entry) = self.outbox.get(id) else {
                continue;
            };
            let next = self.next_look(entry, began);
            let may_go_again = match &entry.operation.change {
                // The connection broke while all else worked: it never arrived (`sync.md` 3.3).
                Change::Create { placement, .. } => {
                    entry.resends == 0
                        && entry.doubt == Some(Doubt::Broken)
                        && *placement != Placement::Now
                        && well
                }
                _ => entry.resends == 0,
            };
            match next {
                Some(next) => {
                    if let Some(entry) = self.outbox.get_mut(id) {
                        entry.not_until = next;
                    }
                }
                None if may_go_again => again.push(id),
                None => given_up.push(id),
            }
        }
        self.send_again(&again).await;
        let rest = self.rest_of(&given_up);
        self.release(&rest).await;
        self.hold(&given_up, Hold::Unconfirmed, UNCONFIRMED).await;
    }

    /// Queues operations again that reading did not find: once, and never a second time.
    async fn send_again(&mut self, ids: &[OperationId]) {
        let rest = self.rest_of(ids);
        for &id in ids {
            let makes = self.made_by(id).is_some();
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.resends += 1;
                // A create may still come of the first try, with what that said.
                entry.tried = makes;
                entry.request = None;
            }
        }
        self.release(&rest).await;
        self.move_to(ids, OperationState::Queued, "not there").await;
    }

    /// Returns what went out together with these creates, besides them.
    fn rest_of(&self, creates: &[OperationId]) -> Vec<OperationId> {
        let made = creates.iter().filter(|&&id| self.made_by(id).is_some());
        made.flat_map(|&id| self.outbox.request_of(id))
            .filter(|id| !creates.contains(id))
            .collect()
    }

    /// Finds creates among `updates`. Returns those it did not find, and those of which something
    /// like them is there.
    async fn claim_all(
        &mut self,
        profile: &ProfileId,
        ids: &[OperationId],
        updates: &[RemoteUpdate],
    ) -> (Vec<OperationId>, Vec<OperationId>) {
        let mut fresh = Vec::new();
        for update in updates {
            match self.disk.local(&update.id).await {
                Ok(None) => fresh.push(update.clone()),
                Ok(Some(_)) => {}
                Err(error) => {
                    self.trouble(&error);
                    return (Vec::new(), Vec::new());
                }
            }
        }
        // Several may fit: the oldest is ours, as later ones came after somebody saw it.
        fresh.sort_by_key(|update| update.body.created_at);
        for update in &fresh {
            if let Some(id) = self.claimant(profile, update) {
                let (mut writes, mut events) = (Vec::new(), Vec::new());
                self.assign(id, update.id.clone(), &mut writes, &mut events);
                let ids = self.outbox.request_of(id);
                self.acked(profile, &ids, writes, events).await;
            } else {
                self.suspect(update);
            }
        }
        let open = |id: &OperationId| {
            let entry = self.outbox.get(*id);
            entry.is_some_and(|entry| entry.state == OperationState::Unknown)
        };
        let is_alike = |id: &OperationId| {
            self.outbox.get(*id).is_some_and(|entry| {
                let mut fresh = fresh.iter();
                fresh.any(|update| look::likeness(entry, update) == Likeness::Weak)
            })
        };
        let (alike, absent) = ids.iter().copied().filter(open).partition(is_alike);
        (absent, alike)
    }

    /// Says so, if an update nobody knew is as one that was made after some looking.
    pub(super) fn suspect(&self, update: &RemoteUpdate) {
        let made = self.doubtful.iter().any(|(profile, content, since)| {
            *profile == update.body.profile
                && update.body.created_at >= *since
                && look::is_same(content, &update.body.content)
        });
        if made {
            let line: String = update.body.content.text.chars().take(40).collect();
            let text = format!("possible duplicate, look at both: “{line}”");
            self.emit(SyncEvent::Notice(text));
        }
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
            .find(|entry| look::likeness(entry, update) == Likeness::Exact)
            .map(|entry| entry.operation.id)
    }
}
