//! A queue while it is read back from the store.

use super::mirror::{MirrorRow, unpack};
use crate::domain::id::{IdSet, LocalId, ProfileId, RemoteId};
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Update};

/// A cached queue while it is read: its order, and its updates as far as they are there.
#[derive(Debug)]
pub(in crate::sync) struct CachedQueue {
    pub(in crate::sync) profile: ProfileId,
    pub(super) read_at: Timestamp,
    pub(super) numbers: Numbers,
    /// The pending ones, then the failed ones.
    pub(super) rows: Vec<MirrorRow>,
    pub(super) pending: usize,
    /// Each in the place of its row.
    pub(super) updates: Vec<Option<Update>>,
}

/// Which state of a queue was read back.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync) struct Numbers {
    /// The store's: grows by one with each read that is stored.
    pub(in crate::sync) generation: i64,
    /// The server's, if it was read whole.
    pub(in crate::sync) revision: Option<u64>,
}

impl CachedQueue {
    pub(super) fn new(
        profile: ProfileId,
        (read_at, numbers): (Timestamp, Numbers),
        (pending, failed): (&[u8], &[u8]),
    ) -> Self {
        let mut rows: Vec<MirrorRow> = unpack(pending).collect();
        let pending = rows.len();
        rows.extend(unpack(failed));
        Self {
            profile,
            read_at,
            numbers,
            pending,
            updates: vec![None; rows.len()],
            rows,
        }
    }

    /// Forgets all but these updates.
    pub(super) fn narrow_to(&mut self, these: &IdSet<LocalId>) {
        let is_one = |row: &MirrorRow| these.contains(&row.local);
        self.pending = self.rows[..self.pending]
            .iter()
            .filter(|row| is_one(row))
            .count();
        self.rows.retain(is_one);
        self.updates = vec![None; self.rows.len()];
    }

    /// How many updates its order has.
    pub(in crate::sync) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many of them are pending.
    pub(in crate::sync) fn pending(&self) -> usize {
        self.pending
    }

    /// Returns which state of the queue it is, if all of its updates could be read.
    pub(in crate::sync) fn numbers(&self) -> Option<Numbers> {
        let is_whole = self.updates.iter().all(Option::is_some);
        is_whole.then_some(self.numbers)
    }

    /// Returns the first updates as far as they were read.
    pub(in crate::sync) fn head(&self) -> QueueSnapshot {
        QueueSnapshot {
            read_at: self.read_at,
            updates: self.updates.iter().map_while(Clone::clone).collect(),
            failed: Vec::new(),
        }
    }

    /// Returns the queue; an update that could not be read is left out.
    pub(in crate::sync) fn whole(mut self) -> (ProfileId, QueueSnapshot) {
        let failed = self.updates.split_off(self.pending);
        let there = |list: Vec<Option<Update>>| {
            let mut there: Vec<Update> = list.into_iter().flatten().collect();
            there.shrink_to_fit();
            there
        };
        let snapshot = QueueSnapshot {
            read_at: self.read_at,
            updates: there(self.updates),
            failed: there(failed),
        };
        (self.profile, snapshot)
    }

    pub(super) fn put(&mut self, at: usize, remote: RemoteId, mut body: Body) {
        if body.profile == self.profile {
            // All updates of a queue share the text of its id.
            body.profile = self.profile.clone();
        }
        let row = self.rows[at];
        body.due_at = row.due_at;
        self.updates[at] = Some(Update {
            id: row.local,
            remote: Some(remote),
            body,
        });
    }
}
