//! What could not be written yet: kept, said, and tried again.

use std::time::Duration;

use super::{Worker, soonest};
use crate::api::Api;
use crate::domain::id::{DraftId, OperationId};
use crate::domain::operation::{Operation, OperationState};
use crate::protocol::SyncEvent;
use crate::sync::disk::Write;

/// What is in memory only.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Edits that are not on disk, oldest first.
    pub(super) unsaved: Vec<Operation>,
    /// Outcomes that are not on disk, with what is to be said once they are.
    owed: Vec<(Vec<Write>, Vec<SyncEvent>)>,
    /// What is being typed and what was done, that is not on disk; nothing waits for it.
    kept: Vec<Write>,
    pub(super) again_at: Option<Duration>,
    said: Option<String>,
}

impl Saving {
    /// Says whether an outcome is not on disk yet. Nothing is sent before it is.
    pub(super) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Drops what came of requests that are another instance's to look up.
    pub(super) fn forget_owed(&mut self) {
        self.owed.clear();
    }
}

impl Saving {
    /// Says what is wrong with the store.
    pub(super) fn reason(&self) -> String {
        let said = self.said.clone();
        said.unwrap_or_else(|| "the store cannot be used".to_owned())
    }
}

impl<A: Api> Worker<A> {
    /// Writes what is owed, the edits and what is kept, into a store that is open again.
    pub(super) async fn pay_all(&mut self) {
        if self.saving.owes() {
            self.pay().await;
        }
        self.save().await;
        if self.disk.doubt().is_none() {
            self.well();
        }
    }

    /// Writes, and then says `events`; if it cannot be written now, later.
    pub(super) async fn record(&mut self, writes: Vec<Write>, events: Vec<SyncEvent>) {
        self.recorded += 1;
        self.saving.owed.push((writes, events));
        self.pay().await;
    }

    async fn pay(&mut self) {
        let writes: Vec<Write> = self
            .saving
            .owed
            .iter()
            .flat_map(|(writes, _)| writes.iter().cloned())
            .collect();
        let writes: Vec<Write> = writes
            .into_iter()
            .chain(self.unwritten_requests())
            .collect();
        self.step().await;
        match self.disk.commit(&writes).await {
            Ok(()) => {
                self.step().await;
                self.well();
                for (_, events) in std::mem::take(&mut self.saving.owed) {
                    for event in events {
                        self.emit(event);
                    }
                }
                if writes
                    .iter()
                    .any(|write| matches!(write, Write::End { .. }))
                {
                    self.count_outbox().await;
                }
            }
            Err(error) => self.trouble(&error),
        }
    }

    /// Writes the edits that are not on disk, all or none, and marks them.
    pub(super) async fn save(&mut self) {
        let writes: Vec<Write> = self
            .saving
            .unsaved
            .iter()
            .cloned()
            .map(|operation| Write::Insert(Box::new(operation)))
            // A draft that became an edit is gone with the same commit.
            .chain(self.saving.kept.iter().cloned())
            .collect();
        if self.saving.unsaved.is_empty() {
            if !self.saving.kept.is_empty() {
                self.save_kept().await;
            }
            return;
        }
        self.step().await;
        let saved = self.disk.commit(&writes).await;
        let state = match saved {
            Ok(()) => OperationState::Queued,
            Err(error) => {
                self.trouble(&error);
                let reason = Some(self.disk.explain(&error));
                OperationState::Unsaved { reason }
            }
        };
        self.step().await;
        let ids: Vec<OperationId> = self.saving.unsaved.iter().map(|o| o.id).collect();
        if state == OperationState::Queued {
            self.saving.unsaved.clear();
            self.saving.kept.clear();
            self.well();
        }
        self.mark(&ids, &state);
    }

    /// Marks operations, and says of which that is news.
    pub(super) fn mark(&mut self, ids: &[OperationId], state: &OperationState) {
        let mut news = Vec::new();
        for &id in ids {
            if let Some(entry) = self.outbox.get_mut(id)
                && entry.state != *state
            {
                entry.state = state.clone();
                news.push((id, state.clone()));
            }
        }
        if !news.is_empty() {
            self.emit(SyncEvent::States(news));
        }
    }

    /// Keeps what is being typed, or what was done; later, if it cannot be written now.
    pub(super) async fn keep(&mut self, write: Write) {
        self.keep_with_next(write);
        self.save_kept().await;
    }

    /// Keeps it with the edits that are stored next.
    pub(super) fn keep_with_next(&mut self, write: Write) {
        if let Some(id) = draft_of(&write) {
            self.saving.kept.retain(|w| draft_of(w) != Some(id));
        }
        self.saving.kept.push(write);
    }

    async fn save_kept(&mut self) {
        match self.disk.commit(&self.saving.kept).await {
            Ok(()) => {
                let tags = |write: &Write| matches!(write, Write::Tags(..));
                if self.saving.kept.iter().any(tags) {
                    self.peers.tell();
                }
                self.saving.kept.clear();
            }
            Err(error) => self.trouble(&error),
        }
    }

    /// Tries again what could not be written, when it is time. Says when the next try is.
    pub(super) async fn save_again(&mut self) -> Option<Duration> {
        if let Some(due) = self.saving.again_at
            && due > self.clock.elapsed()
        {
            return Some(due);
        }
        if self.disk.is_absent() || self.disk.doubt().is_some() {
            // What is wrong with it now says when it is tried next.
            self.saving.again_at = None;
            self.open_again().await;
            return self.saving.again_at;
        }
        self.saving.again_at?;
        self.saving.again_at = None;
        if self.saving.owes() {
            self.pay().await;
        }
        self.save().await;
        self.saving.again_at
    }

    /// Has what could not be written tried again at once.
    pub(super) fn save_soon(&mut self) {
        if self.saving.again_at.is_some() {
            self.saving.again_at = Some(self.clock.elapsed());
        }
    }

    /// Says what is wrong with the store, once, and has it tried again.
    pub(super) fn trouble(&mut self, error: &sqlx::Error) {
        self.disk.note(error);
        let text = self.disk.explain(error);
        tracing::error!(account = self.settings.account, %error, "the store cannot be written");
        self.say_trouble(text);
    }

    pub(super) fn say_trouble(&mut self, text: String) {
        let again = self.clock.elapsed() + self.settings.pace.save_again;
        self.saving.again_at = soonest(self.saving.again_at, Some(again));
        if self.saving.said.as_ref() != Some(&text) {
            self.emit(SyncEvent::StoreTrouble(text.clone()));
            self.saving.said = Some(text);
        }
    }

    /// The store was written again.
    fn well(&mut self) {
        if self.disk.is_absent() || self.disk.doubt().is_some() {
            return;
        }
        if self.saving.said.take().is_some() {
            self.emit(SyncEvent::StoreWell);
            self.disk.take_ballast();
        }
    }
}

/// Returns the draft that is written or dropped: only the last word about it counts.
fn draft_of(write: &Write) -> Option<DraftId> {
    match write {
        Write::Draft(draft) => Some(draft.id),
        Write::DropDraft(id) => Some(*id),
        _ => None,
    }
}
