//! Several instances on one account: what this one tells the others, and what it takes over from
//! them.
//!
//! One leads: it alone sends, settles and writes SQLite's log back. The others follow: they store
//! what is done in them, and read what the leader wrote, so that their screens show the same. All
//! of it is in the store; the socket only says when to look. So a follower's edit is the leader's
//! to send as soon as it is stored, and all a new leader needs to know is on disk.
//!
//! A follower changes an operation that is stored only if the leader has not begun with it, in one
//! transaction with the check. A leader that is stopped keeps its lock, as the kernel takes it back
//! at its death only; should the lock be lost in another way (its file was removed), its writes are
//! refused by the number of the leader that is on disk, and it follows from then on.
//!
//! What is being written and what can be taken back is each instance's own. Every draft has an id
//! and a row of its own, whoever writes it; an instance offers those that were left only if it finds
//! no other editor that lives, so that no two write on one. The agent is no editor, and takes none.

use std::collections::HashSet;
use std::time::Duration;

use super::Worker;
use crate::api::Api;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Hold, OperationState};
use crate::protocol::{Link, SyncEvent};
use crate::store::lock::Presence;
use crate::store::{Place, beside};
use crate::sync::disk::{Difference, Restored, Seen, StoredOperation};
use crate::sync::outbox::Outbox;
use crate::sync::peers::{Heard, Peers};

/// What an instance knows of the others.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// What was read of what they wrote.
    pub(super) seen: Seen,
    /// The operations they made: what their persons may still take back is theirs to decide.
    pub(super) foreign: HashSet<OperationId>,
    /// When what they wrote is to be read again, as it could not be read.
    pub(super) again_at: Option<Duration>,
    /// This one among the editors of the account; none: it is no editor, or nobody can tell.
    presence: Option<Presence>,
}

impl Following {
    /// Says whether what is in memory may be older than the store: then nothing is sent.
    pub(super) fn is_behind(&self) -> bool {
        self.again_at.is_some()
    }

    pub(super) fn is_foreign(&self, id: OperationId) -> bool {
        self.foreign.contains(&id)
    }
}

impl<A: Api> Worker<A> {
    /// Notes what is in the store before all of it is read.
    pub(super) async fn before_restore(&mut self) -> Result<(), sqlx::Error> {
        self.following.seen = self.disk.see().await?;
        Ok(())
    }

    /// Comes in among the editors of the account.
    pub(super) fn come_in(&mut self) {
        let Place::File(store) = &self.settings.store else {
            return;
        };
        if !self.settings.attended {
            return;
        }
        let presence = Presence::enter(&beside::with(store, ".editors"));
        self.following.presence = presence
            .inspect_err(|error| tracing::warn!(%error, "who else edits here is not known"))
            .ok();
    }

    /// Leaves to other editors what is their own.
    pub(super) fn leave_to_others(&mut self, restored: &mut Restored) {
        let leads = self.role.is_leader();
        let presence = self.following.presence.as_ref();
        if presence.map_or(leads, Presence::is_alone) {
            return;
        }
        restored.drafts.clear();
        restored.history.clear();
        if leads {
            return;
        }
        let theirs = restored.operations.iter().map(|s| s.operation.id);
        self.following.foreign.extend(theirs);
    }

    /// Takes the place that the lock gives: listens for the others, or to them.
    pub(super) async fn meet(&mut self) {
        self.take_place().await;
        // The old socket is gone before the new one is made.
        self.peers = Peers::none();
        let Some(path) = &self.settings.socket else {
            return;
        };
        self.peers = if self.role.is_leader() {
            Peers::listen(path).unwrap_or_else(|error| {
                let path = path.display();
                tracing::warn!(%path, %error, "no socket: other editors hear of changes later");
                Peers::none()
            })
        } else {
            Peers::follow(path)
        };
        self.peers.tell_link(&self.line.link);
    }

    /// Writes to the store as what this instance is.
    pub(super) async fn take_place(&mut self) {
        let taken = if self.role.is_leader() {
            self.disk.lead().await
        } else {
            self.disk.follow().await
        };
        if let Err(error) = taken {
            self.trouble(&error);
        }
    }

    /// Tells the other instances that there is something to read.
    pub(super) fn tell_others(&self, event: &SyncEvent) {
        match event {
            SyncEvent::States(_)
            | SyncEvent::Added(_)
            | SyncEvent::Rebased(_)
            | SyncEvent::Assigned { .. }
            | SyncEvent::Cancelled(_)
            | SyncEvent::Profiles(_)
            | SyncEvent::Queue { .. }
            | SyncEvent::Sent(_)
            | SyncEvent::Tags(_) => self.peers.tell(),
            SyncEvent::Link(link) => self.peers.tell_link(link),
            SyncEvent::Restored { .. }
            | SyncEvent::Rest(_)
            | SyncEvent::TooLate(_)
            | SyncEvent::Unchanged { .. }
            | SyncEvent::Progress { .. }
            | SyncEvent::NotRead { .. }
            | SyncEvent::Interactions { .. }
            | SyncEvent::LoadFailed { .. }
            | SyncEvent::Answered(_)
            | SyncEvent::Capabilities(_)
            | SyncEvent::Called(_)
            | SyncEvent::Notice(_)
            | SyncEvent::StoreTrouble(_)
            | SyncEvent::StoreWell => {}
        }
    }

    /// Another instance said something.
    pub(super) async fn heard(&mut self, heard: Heard) {
        if self.role.is_leader() {
            self.take_stored().await;
            if heard.wants_read {
                self.refresh();
            }
            return;
        }
        self.catch_up().await;
        let link = match heard.link {
            Some(link @ (Link::Offline { .. } | Link::Limited { .. } | Link::SignIn { .. })) => {
                link
            }
            Some(Link::Connecting | Link::Online { .. } | Link::Follower) | None => Link::Follower,
        };
        if let Some(link) = self.line.set(link) {
            self.show(SyncEvent::Link(link));
        }
    }

    /// Reads again what could not be read, when it is time. Says when the next try is.
    pub(super) async fn catch_up_again(&mut self) -> Option<Duration> {
        let due = self.following.again_at?;
        if due > self.clock.elapsed() {
            return Some(due);
        }
        self.catch_up().await;
        self.following.again_at
    }

    /// Reads what others wrote, and has it shown. A new leader asks what became of what the old one
    /// was sending.
    async fn catch_up(&mut self) {
        let known: Vec<(OperationId, ProfileId)> = self
            .outbox
            .entries()
            .iter()
            .map(|entry| (entry.operation.id, entry.operation.profile.clone()))
            .collect();
        let seen = &mut self.following.seen;
        match self.disk.difference(seen, &known).await {
            Ok(Some(difference)) => self.take_difference(difference).await,
            Ok(None) => {}
            Err(error) => {
                self.trouble(&error);
                let again = self.clock.elapsed() + self.settings.pace.save_again;
                self.following.again_at = Some(again);
                return;
            }
        }
        self.following.again_at = None;
        if self.role.is_leader() {
            self.doubt_what_was_in_flight().await;
        }
    }

    async fn take_difference(&mut self, difference: Difference) {
        let Difference {
            operations,
            ended,
            profiles,
            queues,
            sent,
            tags,
        } = difference;
        if profiles != self.profiles && !profiles.is_empty() {
            self.profiles.clone_from(&profiles);
            self.show(SyncEvent::Profiles(profiles));
        }
        self.take_operations(&operations).await;
        let (mut settled, gone): (Vec<_>, Vec<_>) =
            ended.into_iter().partition(|(_, how)| how == "settled");
        for (id, _) in gone {
            self.show(SyncEvent::Cancelled(id));
        }
        for (profile, snapshot) in queues {
            let of = |id: OperationId| {
                let entry = self.outbox.get(id);
                entry.is_some_and(|entry| entry.operation.profile == profile)
            };
            let (here, others): (Vec<_>, Vec<_>) = settled.into_iter().partition(|(id, _)| of(*id));
            settled = others;
            // As far as it could be read: whoever begins to send hands all of it over.
            self.handed.remove(&profile);
            let settled = here.into_iter().map(|(id, _)| id).collect();
            self.show(SyncEvent::Queue {
                profile,
                delta: snapshot.into(),
                settled,
            });
        }
        for (id, _) in settled {
            self.show(SyncEvent::Cancelled(id));
        }
        for page in sent {
            self.show(SyncEvent::Sent(page));
        }
        if !tags.is_empty() {
            self.show(SyncEvent::Tags(tags));
        }
        self.load(operations);
    }

    /// Has new operations, and what became of the others, shown.
    async fn take_operations(&mut self, operations: &[StoredOperation]) {
        let (mut added, mut rebased, mut states) = (Vec::new(), Vec::new(), Vec::new());
        let mut made: Vec<LocalId> = Vec::new();
        for stored in operations {
            let (id, change) = (stored.operation.id, &stored.operation.change);
            let before = self.outbox.get(id);
            let was = before.map(|entry| entry.state.clone());
            match before {
                None => added.push((stored.operation.clone(), stored.state.clone())),
                Some(entry) => {
                    if entry.operation != stored.operation {
                        rebased.push(stored.operation.clone());
                    }
                    if entry.state != stored.state {
                        states.push((id, stored.state.clone()));
                    }
                }
            }
            if let Change::Create { update, .. } = change
                && stored.state == OperationState::Acked
                && was != Some(OperationState::Acked)
            {
                made.push(*update);
            }
        }
        self.following
            .foreign
            .extend(added.iter().map(|(operation, _)| operation.id));
        if !added.is_empty() {
            self.show(SyncEvent::Added(added));
        }
        if !rebased.is_empty() {
            self.show(SyncEvent::Rebased(rebased));
        }
        if !states.is_empty() {
            self.show(SyncEvent::States(states));
        }
        for update in made {
            if let Ok(Some(remote)) = self.disk.remote(update).await {
                self.show(SyncEvent::Assigned { update, remote });
            }
        }
    }

    /// Takes the operations as the store has them, and behind them what is not stored yet.
    fn load(&mut self, operations: Vec<StoredOperation>) {
        let now = self.clock.elapsed();
        let stored: HashSet<OperationId> = operations.iter().map(|s| s.operation.id).collect();
        self.saving.unsaved.retain(|o| !stored.contains(&o.id));
        let mut outbox = Outbox::default();
        for stored in operations {
            outbox.restore(stored, now);
        }
        for operation in &self.saving.unsaved {
            let state = match self.outbox.get(operation.id) {
                Some(entry) => entry.state.clone(),
                None => OperationState::Unsaved { reason: None },
            };
            outbox.push(operation.clone(), state, now);
        }
        self.outbox = outbox;
    }

    /// A follower takes back what the leader has not begun with, and what cannot be done without.
    pub(super) async fn withdraw(&mut self, ids: Vec<OperationId>) {
        for (at, id) in ids.into_iter().enumerate() {
            match self.disk.withdraw(id, self.clock.wall()).await {
                Ok(true) => {
                    self.outbox.remove(&[id]);
                    self.emit(SyncEvent::Cancelled(id));
                }
                Ok(false) if at > 0 => {}
                Ok(false) => return self.show(SyncEvent::TooLate(id)),
                Err(error) => {
                    self.trouble(&error);
                    return self.show(SyncEvent::TooLate(id));
                }
            }
        }
    }

    /// A follower changes the states of operations that are still as it knows them.
    pub(super) async fn change_if_still(&mut self, ids: &[OperationId], to: &OperationState) {
        let mut states = Vec::new();
        for &id in ids {
            let Some(from) = self.outbox.get(id).map(|entry| entry.state.clone()) else {
                continue;
            };
            match self.disk.change_if(id, &from, to).await {
                Ok(true) => {
                    if let Some(entry) = self.outbox.get_mut(id) {
                        entry.state = to.clone();
                    }
                    states.push((id, to.clone()));
                }
                Ok(false) => {}
                Err(error) => self.trouble(&error),
            }
        }
        if !states.is_empty() {
            self.emit(SyncEvent::States(states));
        }
    }

    /// At the end, what publishes at once and can still be taken back waits for its person.
    pub(super) async fn hold_in_window(&mut self, ids: &[OperationId]) {
        let reason = "not sent: the editor was closed in the time to take it back";
        if self.role.is_leader() {
            return self.hold(ids, Hold::Closed, reason).await;
        }
        let state = OperationState::Held {
            why: Hold::Closed,
            reason: reason.to_owned(),
        };
        self.change_if_still(ids, &state).await;
    }
}
