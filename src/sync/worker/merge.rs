//! A read becomes a mirror: local ids, what differs from the store, what is gone.

use std::collections::{HashMap, HashSet};

use super::Worker;
use crate::api::Api;
use crate::domain::id::{IdMap, IdSet, LocalId, ProfileId};
use crate::domain::operation::{Change, OperationState};
use crate::domain::replica::{Brings, Differences, DueUpdate, LaidOut, QueueDelta};
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::protocol::SyncEvent;
use crate::sync::allowance::kept_size;
use crate::sync::disk::{KnownUpdates, MirrorRow, Order, Write, stored_hash};
use crate::sync::read::{Listed, ListedUpdate};
use crate::sync::stored::StoredUpdates;

/// An update that is due within so many seconds may have gone out already.
const DUE_SOON: i64 = 60;

/// The memory of so many updates is given back at once.
const GIVEN_BACK: usize = 4_096;

/// One list of a read, with local ids.
#[derive(Default)]
pub(super) struct List {
    pub(super) rows: Vec<MirrorRow>,
    /// Of its updates those that are looked at further, in order: what is not as it is stored, what
    /// operations touch, and what the editor may not have.
    pub(super) bodies: Vec<Update>,
}

/// A read with local ids, compared with what is stored.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) pending: List,
    pub(super) failed: List,
    /// What is new or not as it is stored.
    pub(super) changed: IdSet<LocalId>,
    /// How many bytes all of it takes while it is kept.
    pub(super) bytes: usize,
    /// How many of them are of updates that are as they are stored.
    bytes_as_before: usize,
    /// What will be stored of it.
    pub(super) stored: StoredUpdates,
    /// How the lists differ from how they are stored.
    pub(super) differences: Differences,
    /// Whether the editor has what is stored.
    pub(super) is_known: bool,
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
    /// Gives every update its local id, and finds what differs from the store. None: what the read left
    /// out, as it is stored, is not stored so any more.
    pub(super) async fn merge(
        &mut self,
        profile: &ProfileId,
        pending: Listed,
        failed: Option<Listed>,
    ) -> Result<Option<Merged>, sqlx::Error> {
        let old = self.disk.order(profile).await?.unwrap_or_default();
        let operations = self.outbox.of(profile);
        let touched = operations.flat_map(|entry| entry.operation.change.touched());
        let touched = touched.collect();
        let known = self.disk.known(profile).await?;
        let further = Further {
            touched,
            all: self.handed.get(profile) != Some(&old.generation),
        };
        let failed_ones = failed.iter().flat_map(|failed| &failed.updates);
        let listed = pending.updates.iter().chain(failed_ones);
        let left_out = self.left_out(profile, listed, (&known, &further)).await?;
        let Some(mut left_out) = left_out else {
            return Ok(None);
        };
        let count = |listed: &Listed| listed.updates.len();
        let mut merged = Merged {
            before: movable(&old.pending),
            complete: pending.complete,
            stored: StoredUpdates::with_capacity(
                count(&pending) + failed.as_ref().map_or(0, count),
            ),
            ..Merged::default()
        };
        // What is missing from an incomplete read is not taken for gone.
        let keeps_failed =
            !pending.complete || failed.as_ref().is_some_and(|failed| !failed.complete);
        let failed_list = failed.map(|failed| failed.updates).unwrap_or_default();
        let looked_up = (&known, &further);
        let pending = pending.updates;
        merged.pending = self.named(profile, pending, looked_up, &mut left_out, &mut merged)?;
        merged.failed = self.named(profile, failed_list, looked_up, &mut left_out, &mut merged)?;
        let missing = {
            let there = ids(&merged.pending, &merged.failed);
            if merged.complete {
                merged.doubted = self.doubted(profile, &old, &there);
            }
            let stays = |row: &&MirrorRow, all: bool| {
                !there.contains(&row.local) && (all || merged.doubted.contains(&row.local))
            };
            let pending = old.pending.iter();
            let pending = pending.filter(|row| stays(row, !merged.complete));
            let failed = old.failed.iter().filter(|row| stays(row, keeps_failed));
            let both = pending.chain(failed);
            both.map(|row| row.local).collect::<IdSet<LocalId>>()
        };
        for local in &missing {
            if let Some((remote, hash)) = known.stored(*local) {
                merged.stored.add(remote, hash);
            }
        }
        drop(known);
        let wanted = missing.iter().copied().filter(|id| further.wants(*id));
        let wanted: Vec<LocalId> = wanted.collect();
        // What only stays as it is need not be read: it may be all of a long queue.
        let mut back = Back {
            stored: self.disk.stored(profile, &wanted).await?,
            missing,
        };
        if !back.missing.is_empty() {
            // At most: what changed may have been smaller before.
            let kept = self.kept_bytes(profile);
            merged.bytes += kept.saturating_sub(merged.bytes_as_before);
        }
        merged.pending.keep(&old.pending, &mut back, &further);
        merged.failed.keep(&old.failed, &mut back, &further);
        let is_as_before = merged.pending.rows == old.pending && merged.failed.rows == old.failed;
        if !is_as_before {
            merged.differences = differences(&old, &merged.pending, &merged.failed);
        }
        merged.is_known = !further.all;
        // What the editor may lack is news to it, whatever the store has.
        merged.is_news = !is_as_before || !merged.changed.is_empty() || further.all;
        Ok(Some(merged))
    }

    /// Reads back, of what a read left out, what is looked at further; none if not all of it is stored
    /// as it was read.
    async fn left_out(
        &mut self,
        profile: &ProfileId,
        listed: impl Iterator<Item = &ListedUpdate>,
        (known, further): (&KnownUpdates, &Further),
    ) -> Result<Option<HashMap<LocalId, Update>>, sqlx::Error> {
        let mut wanted = Vec::new();
        for update in listed {
            let ListedUpdate::AsStored(update) = update else {
                continue;
            };
            match known.get(&update.id) {
                Some(known) if known.hash != Some(update.hash) => return Ok(None),
                Some(known) if further.wants(known.local) => wanted.push(known.local),
                Some(_) => {}
                None => return Ok(None),
            }
        }
        // A server may list one as pending and as failed.
        wanted.sort_unstable();
        wanted.dedup();
        let stored = self.disk.stored(profile, &wanted).await?;
        Ok((stored.len() == wanted.len()).then_some(stored))
    }

    /// Returns which updates left both lists though nothing tells why: a list may lack one for a
    /// moment, so that is believed only when the next complete read says the same.
    fn doubted(
        &self,
        profile: &ProfileId,
        old: &Order,
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
        let pending = old.pending.iter().filter(left);
        pending
            .filter(|row| row.due_at.is_none_or(|at| at > soon))
            .chain(old.failed.iter().filter(left))
            .map(|row| row.local)
            .filter(|local| !ours.contains(local))
            .filter(|local| missing.is_none_or(|missing| !missing.contains(local)))
            .collect()
    }

    fn named(
        &mut self,
        profile: &ProfileId,
        mut updates: Vec<ListedUpdate>,
        (known, further): (&KnownUpdates, &Further),
        left_out: &mut HashMap<LocalId, Update>,
        merged: &mut Merged,
    ) -> Result<List, sqlx::Error> {
        let mut list = List::of(updates.len());
        // Taken from the end, so that what is done with is given back while the other list grows.
        updates.reverse();
        while let Some(update) = updates.pop() {
            if updates.len().is_multiple_of(GIVEN_BACK) {
                updates.shrink_to_fit();
            }
            let update = match update {
                ListedUpdate::Whole(update) => update,
                ListedUpdate::AsStored(update) => {
                    let Some(known) = known.get(&update.id) else {
                        continue;
                    };
                    merged.bytes += update.bytes;
                    merged.bytes_as_before += update.bytes;
                    merged.stored.add(&update.id, update.hash);
                    let row = MirrorRow::new(known.local, update.due_at, update.own_time);
                    list.rows.push(row);
                    if let Some(mut body) = left_out.remove(&known.local) {
                        body.body.due_at = update.due_at;
                        list.push_body(body);
                    }
                    continue;
                }
            };
            let before = known.get(&update.id);
            let id = match before {
                Some(known) => known.local,
                None => self
                    .claim(profile, &update, &mut merged.writes, &mut merged.events)
                    // The row is written with the body.
                    .unwrap_or_else(|| self.new_local()),
            };
            let hash = stored_hash(&update.body)?;
            merged.stored.add(&update.id, hash);
            let is_changed = before.and_then(|known| known.hash) != Some(hash);
            let update = Update {
                id,
                remote: Some(update.id),
                body: update.body,
            };
            if is_changed {
                merged.changed.insert(id);
            }
            let bytes = kept_size(&update);
            merged.bytes += bytes;
            if !is_changed {
                merged.bytes_as_before += bytes;
            }
            list.rows.push(MirrorRow::of(&update));
            if is_changed || further.wants(id) {
                list.push_body(update);
            }
        }
        Ok(list)
    }
}

/// What a read lacks and stays all the same.
struct Back {
    /// Which.
    missing: IdSet<LocalId>,
    /// Those of them that are looked at further, as far as they could be read.
    stored: HashMap<LocalId, Update>,
}

/// Which updates of a read are looked at further, besides those that changed.
struct Further {
    /// Operations touch them.
    touched: IdSet<LocalId>,
    /// The editor may lack any of them.
    all: bool,
}

impl Further {
    fn wants(&self, update: LocalId) -> bool {
        self.all || self.touched.contains(&update)
    }
}

fn ids(pending: &List, failed: &List) -> IdSet<LocalId> {
    let both = pending.rows.iter().chain(&failed.rows);
    both.map(|row| row.local).collect()
}

/// Returns what the editor is handed of a read: all of it, unless it is known how that differs from what
/// the editor has.
pub(super) fn delta(
    read_at: Timestamp,
    pending: List,
    failed: List,
    differences: Option<Differences>,
) -> QueueDelta {
    let mut listed: Vec<DueUpdate> = failed
        .rows
        .iter()
        .map(|row| DueUpdate {
            update: row.local,
            due_at: row.due_at,
        })
        .collect();
    if !listed.is_empty() {
        let both: IdSet<LocalId> = pending.rows.iter().map(|row| row.local).collect();
        listed.retain(|failed| !both.contains(&failed.update));
    }
    let laid_out = LaidOut::of(pending.rows.iter().map(MirrorRow::listed));
    drop(pending.rows);
    let mut updates = pending.bodies;
    updates.extend(failed.bodies);
    QueueDelta {
        read_at,
        pending: Box::new(laid_out),
        failed: listed,
        brings: match differences {
            None => Brings::All(updates.into()),
            Some(differences) => Brings::Changes {
                updates,
                differences,
            },
        },
    }
}

/// Returns how the lists differ from how they are stored.
fn differences(old: &Order, pending: &List, failed: &List) -> Differences {
    let row = |row: &MirrorRow| row.listed().row();
    let ids = |rows: &[MirrorRow]| rows.iter().map(|row| row.local).collect::<Vec<_>>();
    Differences::between(
        (old.pending.iter().map(row), &ids(&old.failed)),
        (pending.rows.iter().map(row), &ids(&failed.rows)),
    )
}

/// Returns the updates of an order that have no time of their own.
pub(super) fn movable(rows: &[MirrorRow]) -> Vec<LocalId> {
    let movable = rows.iter().filter(|row| !row.fixed);
    movable.map(|row| row.local).collect()
}

impl List {
    /// One of so many updates.
    fn of(count: usize) -> Self {
        Self {
            rows: Vec::with_capacity(count),
            bodies: Vec::new(),
        }
    }

    /// Adds the update of the row that was added last.
    fn push_body(&mut self, update: Update) {
        if self.bodies.is_empty() {
            // Once for as many as there may be: what grows step by step leaves holes.
            let rest = self.rows.capacity() + 1 - self.rows.len();
            self.bodies.reserve_exact(rest);
        }
        self.bodies.push(update);
    }

    /// Puts the updates that a read lacks back where they were: behind the one that was before them.
    fn keep(&mut self, old: &[MirrorRow], back: &mut Back, further: &Further) {
        if back.missing.is_empty() {
            return;
        }
        let places: IdMap<LocalId, usize> = {
            let ids = self.rows.iter().map(|row| row.local);
            ids.zip(1..).collect()
        };
        let mut missing = Vec::new();
        let mut place = 0;
        for row in old {
            if let Some(&behind) = places.get(&row.local) {
                place = behind;
            } else if back.missing.contains(&row.local)
                // One that cannot be read nobody could be told of.
                && (back.stored.contains_key(&row.local) || !further.wants(row.local))
            {
                missing.push((place, *row));
            }
        }
        missing.sort_by_key(|(place, _)| *place);
        let rows = std::mem::take(&mut self.rows);
        self.rows.reserve_exact(rows.len() + missing.len());
        let mut bodies = Vec::new();
        if !back.stored.is_empty() {
            bodies = std::mem::take(&mut self.bodies);
            self.bodies.reserve_exact(bodies.len() + back.stored.len());
        }
        let mut bodies = bodies.into_iter().peekable();
        let mut missing = missing.into_iter().peekable();
        let mut put = |list: &mut Self, row: MirrorRow| {
            list.rows.push(row);
            list.bodies
                .extend(back.stored.remove(&row.local).map(|mut update| {
                    update.body.due_at = row.due_at;
                    update
                }));
        };
        for (place, row) in rows.into_iter().enumerate() {
            while let Some((_, lost)) = missing.next_if(|(behind, _)| *behind == place) {
                put(self, lost);
            }
            self.rows.push(row);
            self.bodies
                .extend(bodies.next_if(|update| update.id == row.local));
        }
        for (_, lost) in missing {
            put(self, lost);
        }
    }
}

#[cfg(test)]
mod tests;
