//! What could not be written yet: kept, said, and tried again.

use std::time::Duration;

use super::{Worker, soonest};
use crate::api::Api;
use crate::domain::id::OperationId;
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
    again_at: Option<Duration>,
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

impl<A: Api> Worker<A> {
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
                self.saving.said = None;
                for (_, events) in std::mem::take(&mut self.saving.owed) {
                    for event in events {
                        self.emit(event);
                    }
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
            .collect();
        if writes.is_empty() {
            return;
        }
        self.step().await;
        let state = match self.disk.commit(&writes).await {
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
            self.saving.said = None;
        }
        let mut news = Vec::new();
        for id in ids {
            if let Some(entry) = self.outbox.get_mut(id)
                && entry.state != state
            {
                entry.state = state.clone();
                news.push((id, state.clone()));
            }
        }
        if !news.is_empty() {
            self.emit(SyncEvent::States(news));
        }
    }

    /// Tries again what could not be written, when it is time. Says when the next try is.
    pub(super) async fn save_again(&mut self) -> Option<Duration> {
        let due = self.saving.again_at?;
        if due > self.clock.elapsed() {
            return Some(due);
        }
        self.saving.again_at = None;
        if self.saving.owes() {
            self.pay().await;
        }
        self.save().await;
        self.saving.again_at
    }

    /// Says what is wrong with the store, once, and has it tried again.
    pub(super) fn trouble(&mut self, error: &sqlx::Error) {
        let text = self.disk.explain(error);
        tracing::error!(account = self.settings.account, %error, "the store cannot be written");
        let again = self.clock.elapsed() + self.settings.pace.save_again;
        self.saving.again_at = soonest(self.saving.again_at, Some(again));
        if self.saving.said.as_ref() != Some(&text) {
            self.emit(SyncEvent::StoreTrouble(text.clone()));
            self.saving.said = Some(text);
        }
    }
}
