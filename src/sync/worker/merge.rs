//! A read becomes a mirror: local ids, what differs from the store, what is gone.

use std::collections::{HashMap, HashSet};

use super::Worker;
use crate::api::Api;
use crate::domain::id::{IdSet, LocalId, ProfileId, RemoteId};
use crate::domain::operation::{Change, OperationState};
use crate::domain::update::Update;
use crate::protocol::SyncEvent;
use crate::sync::disk::{Known, MirrorRow, StoredUpdate, Write};
use crate::sync::read::{Listed, Pages};

/// An update that is due within so many seconds may have gone out already.
const DUE_SOON: i64 = 60;

/// A read with local ids, compared with what is stored.
pub(super) struct Merged {
    pub(super) pending: Vec<Update>,
    pub(super) failed: Vec<Update>,
    /// What is new or not as it is stored.
    pub(super) changed: IdSet<LocalId>,
    pub(super) gone: Vec<LocalId>,
    /// Of those that left both lists, those of which nobody knows why: kept until the next read.
    pub(super) doubted: HashSet<LocalId>,
    /// The movable updates of the queue as it was read before, in order.
    pub(super) before: Vec<LocalId>,
    pub(super) complete: bool,
    pub(super) is_news: bool,
    pub(super) writes: Vec<Write>,
    pub(super) events: Vec<SyncEvent>,
}

impl<A: Api> Worker<A> {
    /// Gives every update its local id, and finds what differs from the store.
    pub(super) async fn merge(
        &mut self,
        profile: &ProfileId,
        pending: Listed,
        failed: Option<Listed>,
    ) -> Result<Merged, sqlx::Error> {
        let known = self.disk.known(profile).await?;
        let old = self.disk.order(profile).await?.unwrap_or_default();
        let mut merged = Merged {
            pending: Vec::new(),
            failed: Vec::new(),
            changed: IdSet::default(),
            gone: Vec::new(),
            doubted: HashSet::new(),
            before: movable(&old.0),
            complete: pending.complete,
            is_news: false,
            writes: Vec::new(),
            events: Vec::new(),
        };
        let mut kept = HashMap::new();
        let failed_complete = failed.as_ref().is_some_and(|failed| failed.complete);
        if !pending.complete || (failed.is_some() && !failed_complete) {
            // What is missing from an incomplete read is not taken for gone.
            kept = self.disk.stored(profile).await?;
        }
        let failed_list = failed.map(|failed| failed.updates).unwrap_or_default();
        merged.pending = self.named(profile, pending.updates, &known, &mut merged)?;
        merged.failed = self.named(profile, failed_list, &known, &mut merged)?;
        if merged.complete {
            merged.doubted = self.doubted(profile, &old, &merged);
            if !merged.doubted.is_empty() {
                kept = self.disk.stored(profile).await?;
                kept.retain(|id, _| merged.doubted.contains(id));
                keep_missing(&mut merged.pending, &old.0, &mut kept);
                keep_missing(&mut merged.failed, &old.1, &mut kept);
            }
        } else {
            keep_missing(&mut merged.pending, &old.0, &mut kept);
        }
        if !failed_complete {
            keep_missing(&mut merged.failed, &old.1, &mut kept);
        }
        let rows = |updates: &[Update]| updates.iter().map(MirrorRow::of).collect::<Vec<_>>();
        let now = (rows(&merged.pending), rows(&merged.failed));
        let there: HashSet<LocalId> = now.0.iter().chain(&now.1).map(|row| row.local).collect();
        merged.gone = old
            .0
            .iter()
            .chain(&old.1)
            .map(|row| row.local)
            .filter(|local| !there.contains(local))
            .collect();
        merged.is_news = now != old || !merged.changed.is_empty();
        Ok(merged)
    }

    /// Returns which updates left both lists though nothing tells why: a list may lack one for a
    /// moment, so that is believed only when the next complete read says the same.
    fn doubted(
        &self,
        profile: &ProfileId,
        old: &(Vec<MirrorRow>, Vec<MirrorRow>),
        now: &Merged,
    ) -> HashSet<LocalId> {
        let there: HashSet<LocalId> = now
            .pending
            .iter()
            .chain(&now.failed)
            .map(|u| u.id)
            .collect();
        let left = |row: &&MirrorRow| !there.contains(&row.local);
        let soon = self.clock.wall().plus(DUE_SOON);
        let ours: HashSet<LocalId> = self
            .outbox
            .of(profile)
            .filter(|entry| entry.state == OperationState::Acked)
            .filter_map(|entry| match &entry.operation.change {
                Change::Share { update, .. } | Change::Destroy { update, .. } => Some(*update),
                _ => None,
            })
            .collect();
        let missing = self.lanes.get(profile).map(|lane| &lane.missing);
        let pending = old.0.iter().filter(left);
        pending
            .filter(|row| row.due_at.is_none_or(|at| at > soon))
            .chain(old.1.iter().filter(left))
            .map(|row| row.local)
            .filter(|local| !ours.contains(local))
            .filter(|local| missing.is_none_or(|missing| !missing.contains(local)))
            .collect()
    }

    fn named(
        &mut self,
        profile: &ProfileId,
        updates: Pages,
        known: &HashMap<RemoteId, Known>,
        merged: &mut Merged,
    ) -> Result<Vec<Update>, sqlx::Error> {
        let mut named = Vec::with_capacity(updates.len());
        for update in updates {
            let before = known.get(&update.id);
            let id = match before {
                Some(known) => known.local,
                None => self
                    .claim(profile, &update, &mut merged.writes, &mut merged.events)
                    // The row is written with the body.
                    .unwrap_or_else(|| self.new_local()),
            };
            let remote = update.id.clone();
            let update = Update {
                id,
                remote: Some(update.id),
                body: update.body,
            };
            let stored = StoredUpdate::of(&update, &remote)?;
            if before.and_then(|known| known.hash) != Some(stored.hash) {
                merged.changed.insert(id);
            }
            named.push(update);
        }
        Ok(named)
    }
}

/// Returns the updates of an order that have no time of their own.
pub(super) fn movable(rows: &[MirrorRow]) -> Vec<LocalId> {
    let movable = rows.iter().filter(|row| !row.fixed);
    movable.map(|row| row.local).collect()
}

/// Puts the updates that an incomplete read lacks back where they were.
fn keep_missing(
    updates: &mut Vec<Update>,
    old: &[MirrorRow],
    stored: &mut HashMap<LocalId, Update>,
) {
    let mut place = 0;
    for row in old {
        if let Some(at) = updates.iter().position(|update| update.id == row.local) {
            place = at + 1;
        } else if let Some(mut update) = stored.remove(&row.local) {
            update.body.due_at = row.due_at;
            updates.insert(place.min(updates.len()), update);
            place += 1;
        }
    }
}
