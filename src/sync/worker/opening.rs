//! Opens the store, and opens it again: while it cannot be used, nothing is sent and nothing that
//! was typed is lost.

use std::collections::BTreeMap;

use super::lane::Lane;
use super::{Account, Role, Worker};
use crate::api::Api;
use crate::domain::id::{OperationId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::replica::QueueSnapshot;
use crate::protocol::SyncEvent;
use crate::store::{Place, StoreError};
use crate::sync::disk::{Disk, Doubt, Found, Numbers, Salvage};
use crate::sync::outbox::Outbox;

/// How long what lies in quarantine is told at each start, in seconds.
const TOLD: i64 = 7 * 86_400;

/// Opens the store, as far as its lock can be asked for: without it nothing may be sent.
pub(super) async fn open(
    place: &Place,
    role: &Role,
    doubt: Option<Doubt>,
) -> Result<(Disk, Option<Found>), StoreError> {
    if let Some(error) = role.error(place) {
        return Err(error);
    }
    match doubt {
        Some(Doubt::File) => Disk::open_damaged(place, role.is_leader()).await,
        _ => Disk::open(place, role.is_leader()).await,
    }
}

impl<A: Api> Worker<A> {
    /// Says what is in the store that was just opened for the first time, and what was found.
    pub(super) async fn opened(&mut self, found: Option<Found>, error: Option<StoreError>) {
        if let Some(error) = error {
            self.no_store(&error.to_string());
        }
        self.restore_anew().await;
        self.say_found(found);
        // Only now: the first picture does not wait for it.
        match self.disk.look(false).await {
            Ok(()) => self.count_all().await,
            Err(error) => self.trouble(&error),
        }
        self.at_once();
    }

    /// Reads the store back in place of what was known.
    pub(super) async fn restore_anew(&mut self) {
        self.outbox = Outbox::default();
        if let Err(reason) = self.restore().await {
            self.say_trouble(reason);
        }
    }

    /// Prepares what is known of queues that were read back from the store. What waits for one, or
    /// waits to be settled, needs a read in any case.
    pub(super) fn prepare_lanes(
        &mut self,
        queues: &[(ProfileId, QueueSnapshot)],
        numbers: &BTreeMap<ProfileId, Numbers>,
    ) {
        let generations = numbers.iter().map(|(id, of)| (id.clone(), of.generation));
        self.handed.extend(generations);
        // Whoever takes over from another reads everything.
        if !self.role.is_leader() {
            return;
        }
        let wall = self.clock.wall();
        for (profile, queue) in queues {
            let waits = self.outbox.of(profile).next().is_some();
            let revision = numbers.get(profile).and_then(|of| of.revision);
            if let (Some(revision), false) = (revision, waits) {
                let lane = Lane::prepared(revision, &queue.updates, wall);
                self.prepared.insert(profile.clone(), lane);
            }
        }
    }

    /// Says whether there is no store that can be written: then nothing is asked of the API.
    pub(super) fn is_without_store(&mut self) -> bool {
        let is_without = self.disk.is_absent() || self.disk.doubt().is_some();
        if is_without && !self.asks.is_empty() {
            let reason = self.saving.reason();
            self.refuse_asks(&reason);
        }
        is_without
    }

    /// Opens the store again: it could not be opened, or is in doubt.
    pub(super) async fn open_again(&mut self) {
        if matches!(self.role, Role::Unable(_)) {
            self.role = Role::new(&self.settings.store);
        }
        let doubt = self.disk.doubt();
        // While the old connection holds the lost file its rows can still be read.
        let old = if doubt == Some(Doubt::Elsewhere) {
            None
        } else {
            self.set_disk_absent().await;
            Some(())
        };
        let opened = open(&self.settings.store, &self.role, doubt).await;
        match opened {
            Ok((disk, found)) => {
                let before = std::mem::replace(&mut self.disk, disk);
                let mut found = found;
                if old.is_some() {
                    before.close().await;
                } else {
                    found = self.take_lost(before, found).await;
                }
                self.opened_again(doubt, found).await;
            }
            Err(error) => {
                if old.is_none() {
                    // Its file is gone, and with it what only it had; what is in memory is kept.
                    let text = self.disk.explain(&sqlx::Error::PoolClosed);
                    self.no_store(&text);
                } else {
                    self.stand_in(&error).await;
                    self.no_store(&error.to_string());
                }
            }
        }
    }

    /// Copies the rows of a file that was taken away while it was open.
    async fn take_lost(&mut self, before: Disk, found: Option<Found>) -> Option<Found> {
        if matches!(found, Some(Found::Damaged(_))) {
            before.close().await;
            return found;
        }
        match self.disk.take_rows_of(before).await {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, "the rows of the lost file cannot be read");
                found
            }
        }
    }

    async fn opened_again(&mut self, doubt: Option<Doubt>, found: Option<Found>) {
        let damage = match doubt {
            Some(Doubt::Row) => match self.disk.look(true).await {
                Ok(()) => self.disk.forget_bodies().await.err(),
                Err(error) => Some(error),
            },
            // What was refused once is never forced to the disk again, but written anew.
            Some(Doubt::Device) => self.disk.write_back().await.err(),
            Some(Doubt::File | Doubt::Elsewhere) | None => None,
        };
        if let Some(error) = damage {
            return self.trouble(&error);
        }
        tracing::info!(account = self.settings.account, "the store is open again");
        self.take_place().await;
        self.pay_all().await;
        if doubt != Some(Doubt::Device) && self.disk.doubt().is_none() {
            self.account = match self.account {
                Account::Ready if found.is_none() => Account::Ready,
                Account::Asking => Account::Asking,
                _ => Account::Unknown,
            };
            self.restore_anew().await;
            self.count_all().await;
        }
        self.say_found(found);
    }

    /// Marks everything that is not on disk with the reason, and has it tried again.
    fn no_store(&mut self, reason: &str) {
        self.saving.again_at = None;
        self.say_trouble(reason.to_owned());
        let state = OperationState::Unsaved {
            reason: Some(reason.to_owned()),
        };
        let ids: Vec<OperationId> = self.saving.unsaved.iter().map(|o| o.id).collect();
        self.mark(&ids, &state);
    }

    /// Puts a stand-in where the store was, and closes that; one that could only be read too, as
    /// what is opened beside it could not be written either.
    async fn set_disk_absent(&mut self) {
        if let Ok(stand_in) = Disk::nothing(&self.settings.store).await {
            std::mem::replace(&mut self.disk, stand_in).close().await;
        }
    }

    async fn stand_in(&mut self, error: &StoreError) {
        if let Ok(stand_in) = Disk::absent(&self.settings.store, error).await {
            std::mem::replace(&mut self.disk, stand_in).close().await;
        }
    }

    /// Has a store in doubt opened again without waiting.
    fn at_once(&mut self) {
        if self.disk.doubt().is_some() {
            self.saving.again_at = None;
        }
    }

    /// Tells the person what became of a store that was not as it was left.
    fn say_found(&self, found: Option<Found>) {
        let text = match found {
            None => return,
            Some(Found::Gone(None)) => "the store of this account was gone: a new one was begun; \
                 edits that were not sent before are not in it"
                .to_owned(),
            Some(Found::Gone(Some(aside))) => format!(
                "the store of this account was empty: a new one was begun; what lay there is kept \
                 as {}; edits that were not sent before may be missing",
                aside.display()
            ),
            Some(Found::Damaged(salvage)) => salvaged(&salvage),
        };
        self.emit(SyncEvent::StoreTrouble(text));
    }

    /// Tells of edits that are damaged on disk, also some days later: there is no other trace.
    pub(super) async fn say_quarantine(&mut self, now: usize) {
        let since = self.clock.wall().plus(-TOLD);
        let kept = self.disk.quarantined(since).await.unwrap_or(0);
        let count = usize::try_from(kept).unwrap_or(0).max(now);
        if count > 0 {
            let edits = if count == 1 { "edit was" } else { "edits were" };
            self.emit(SyncEvent::StoreTrouble(format!(
                "{count} stored {edits} damaged on the disk of {}: kept apart and never sent; look \
                 at the queue and make them again",
                self.settings.account
            )));
        }
    }
}

fn salvaged(salvage: &Salvage) -> String {
    let were = |count: usize| match count {
        1 => "1 edit was".to_owned(),
        count => format!("{count} edits were"),
    };
    let saved = match salvage.saved {
        0 => "no edit was left to save".to_owned(),
        1 => "1 edit was saved and waits for you (w)".to_owned(),
        count => format!("{} saved and wait for you (w)", were(count)),
    };
    let others = [
        (salvage.unreadable, "not readable"),
        (salvage.lost, "not found any more"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others = others.map(|(count, what)| format!("{} {what}", were(count)));
    let text: Vec<String> = std::iter::once(saved).chain(others).collect();
    let text = text.join(", ");
    let torn = if salvage.torn {
        "; parts of it could not be read at all"
    } else {
        ""
    };
    let aside = salvage.aside.as_ref().map_or(String::new(), |aside| {
        format!("; the old file is {}", aside.display())
    });
    format!("the store was damaged: {text}{torn}{aside}")
}

#[cfg(test)]
mod tests {
    use super::{Salvage, salvaged};

    #[test]
    fn what_was_saved_of_a_damaged_store_is_said_in_words() {
        let salvage = |saved, unreadable, lost, torn| Salvage {
            saved,
            unreadable,
            lost,
            torn,
            aside: None,
        };
        assert_eq!(
            salvaged(&salvage(1, 0, 0, false)),
            "the store was damaged: 1 edit was saved and waits for you (w)"
        );
        assert_eq!(
            salvaged(&salvage(2, 1, 3, false)),
            "the store was damaged: 2 edits were saved and wait for you (w), 1 edit was not \
             readable, 3 edits were not found any more"
        );
        assert_eq!(
            salvaged(&salvage(0, 2, 0, true)),
            "the store was damaged: no edit was left to save, 2 edits were not readable; parts of \
             it could not be read at all"
        );
    }
}
