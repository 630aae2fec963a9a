//! A read becomes a mirror: local ids, what differs from the store, what is gone.

use std::collections::{HashMap, HashSet};

use super::Worker;
use crate::api::Api;
use crate::domain::id::{IdMap, IdSet, LocalId, ProfileId, RemoteId};
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
    /// The order of the pending ones.
    pub(super) rows: Vec<MirrorRow>,
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
            rows: Vec::new(),
            changed: IdSet::default(),
            gone: Vec::new(),
            doubted: HashSet::new(),
            before: movable(&old.0),
            complete: pending.complete,
            is_news: false,
            writes: Vec::new(),
            events: Vec::new(),
        };
        // What is missing from an incomplete read is not taken for gone.
        let keeps_failed =
            !pending.complete || failed.as_ref().is_some_and(|failed| !failed.complete);
        let failed_list = failed.map(|failed| failed.updates).unwrap_or_default();
        merged.pending = self.named(profile, pending.updates, &known, &mut merged)?;
        merged.failed = self.named(profile, failed_list, &known, &mut merged)?;
        drop(known);
        let missing_ids = {
            let there = ids(&merged.pending, &merged.failed);
            if merged.complete {
                merged.doubted = self.doubted(profile, &old, &there);
            }
            let missing = |rows: &[MirrorRow], all: bool| -> Vec<LocalId> {
                let left = rows.iter().map(|row| row.local);
                left.filter(|id| !there.contains(id) && (all || merged.doubted.contains(id)))
                    .collect()
            };
            let mut missing_ids = missing(&old.0, !merged.complete);
            missing_ids.extend(missing(&old.1, keeps_failed));
            missing_ids
        };
        let mut kept = self.disk.stored(profile, &missing_ids).await?;
        keep_missing(&mut merged.pending, &old.0, &mut kept);
        keep_missing(&mut merged.failed, &old.1, &mut kept);
        let rows = |updates: &[Update]| updates.iter().map(MirrorRow::of).collect::<Vec<_>>();
        let now = (rows(&merged.pending), rows(&merged.failed));
        let there = ids(&merged.pending, &merged.failed);
        merged.gone = old
            .0
            .iter()
            .chain(&old.1)
            .map(|row| row.local)
            .filter(|local| !there.contains(local))
            .collect();
        merged.is_news = now != old || !merged.changed.is_empty();
        merged.rows = now.0;
        Ok(merged)
    }

    /// Returns which updates left both lists though nothing tells why: a list may lack one for a
    /// moment, so that is believed only when the next complete read says the same.
    fn doubted(
        &self,
        profile: &ProfileId,
        old: &(Vec<MirrorRow>, Vec<MirrorRow>),
        there: &IdSet<LocalId>,
    ) -> HashSet<LocalId> {
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

fn ids(pending: &[Update], failed: &[Update]) -> IdSet<LocalId> {
    let both = pending.iter().chain(failed);
    both.map(|update| update.id).collect()
}

/// Returns the updates of an order that have no time of their own.
pub(super) fn movable(rows: &[MirrorRow]) -> Vec<LocalId> {
    let movable = rows.iter().filter(|row| !row.fixed);
    movable.map(|row| row.local).collect()
}

/// Puts the updates that a read lacks back where they were: behind the one that was before them.
fn keep_missing(
    updates: &mut Vec<Update>,
    old: &[MirrorRow],
    stored: &mut HashMap<LocalId, Update>,
) {
    if stored.is_empty() {
        return;
    }
    let places: IdMap<LocalId, usize> = {
        let ids = updates.iter().map(|update| update.id);
        ids.zip(1..).collect()
    };
    let mut missing = Vec::new();
    let mut place = 0;
    for row in old {
        if let Some(&behind) = places.get(&row.local) {
            place = behind;
        } else if let Some(mut update) = stored.remove(&row.local) {
            update.body.due_at = row.due_at;
            missing.push((place, update));
        }
    }
    missing.sort_by_key(|(place, _)| *place);
    let mut missing = missing.into_iter().peekable();
    let mut whole = Vec::with_capacity(updates.len() + missing.len());
    for (place, update) in updates.drain(..).enumerate() {
        while let Some((_, back)) = missing.next_if(|(behind, _)| *behind == place) {
            whole.push(back);
        }
        whole.push(update);
    }
    whole.extend(missing.map(|(_, back)| back));
    *updates = whole;
}

#[cfg(test)]
mod tests;
