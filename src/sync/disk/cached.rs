//! A queue while it is read back from the store.

use super::mirror::{MirrorRow, PACKED, unpack};
use crate::domain::id::{IdSet, LocalId, ProfileId, RemoteId};
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Update};
use crate::sync::stored::StoredUpdates;

/// A cached queue while it is read: its order, and its updates as far as they are there.
#[derive(Debug)]
pub(in crate::sync) struct CachedQueue {
    pub(in crate::sync) profile: ProfileId,
    pub(super) read_at: Timestamp,
    pub(super) numbers: Numbers,
    /// The pending ones, then the failed ones. One list is all there ever is of them: what the
    /// allocator was given back while a long queue is read, the process would keep.
    rows: Vec<Row>,
    pending: usize,
    /// Those of which the updates are there.
    stored: StoredUpdates,
}

/// One row of a queue.
#[derive(Debug)]
enum Row {
    /// Its update is still to be read.
    Missing(MirrorRow),
    There(Update),
}

impl Row {
    fn local(&self) -> LocalId {
        match self {
            Self::Missing(row) => row.local,
            Self::There(update) => update.id,
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    fn update(self) -> Option<Update> {
        match self {
            Self::Missing(_) => None,
            Self::There(update) => Some(update),
        }
    }
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
        let mut rows = Vec::with_capacity((pending.len() + failed.len()) / PACKED);
        rows.extend(unpack(pending).map(Row::Missing));
        let pending = rows.len();
        rows.extend(unpack(failed).map(Row::Missing));
        Self {
            profile,
            read_at,
            numbers,
            stored: StoredUpdates::with_capacity(rows.len()),
            rows,
            pending,
        }
    }

    /// Forgets all but these updates. One that is pending and failed keeps its first row: each is read
    /// once.
    pub(super) fn narrow_to(&mut self, mut these: IdSet<LocalId>) {
        let (mut at, mut pending) = (0, 0);
        self.rows.retain(|row| {
            let stays = these.remove(&row.local());
            pending += usize::from(stays && at < self.pending);
            at += 1;
            stays
        });
        self.pending = pending;
        self.stored = StoredUpdates::default();
    }

    /// Forgets what of it is stored: it is not any more.
    pub(super) fn forget_stored(&mut self) {
        self.stored = StoredUpdates::default();
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
        let is_whole = !self.rows.iter().any(Row::is_missing);
        is_whole.then_some(self.numbers)
    }

    /// Returns the first updates as far as they were read.
    pub(in crate::sync) fn head(&self) -> QueueSnapshot {
        let there = |row: &Row| match row {
            Row::Missing(_) => None,
            Row::There(update) => Some(update.clone()),
        };
        QueueSnapshot {
            read_at: self.read_at,
            updates: self.rows.iter().map_while(there).collect(),
            failed: Vec::new(),
        }
    }

    /// Returns the updates that were read.
    pub(super) fn updates(self) -> impl Iterator<Item = Update> {
        self.rows.into_iter().filter_map(Row::update)
    }

    /// Returns the queue; an update that could not be read is left out.
    pub(in crate::sync) fn whole(mut self) -> (ProfileId, QueueSnapshot) {
        let failed = self.rows.split_off(self.pending);
        // It becomes the other list where it lies.
        let there = |rows: Vec<Row>| rows.into_iter().filter_map(Row::update).collect();
        let snapshot = QueueSnapshot {
            read_at: self.read_at,
            updates: there(self.rows),
            failed: there(failed),
        };
        (self.profile, snapshot)
    }

    /// Returns the update of a row.
    pub(super) fn local(&self, at: usize) -> LocalId {
        self.rows[at].local()
    }

    /// Says whether the update of a row is still to be read.
    pub(super) fn is_missing(&self, at: usize) -> bool {
        self.rows[at].is_missing()
    }

    /// Returns what was read, to be told from what will be read from the API.
    pub(in crate::sync) fn take_stored(&mut self) -> StoredUpdates {
        std::mem::take(&mut self.stored).sorted()
    }

    /// Puts the update of a row, stored with this hash, unless it is there.
    pub(super) fn put(&mut self, at: usize, remote: RemoteId, (mut body, hash): (Body, i64)) {
        let Row::Missing(row) = self.rows[at] else {
            return;
        };
        if body.profile == self.profile {
            // All updates of a queue share the text of its id.
            body.profile = self.profile.clone();
        }
        body.due_at = row.due_at;
        self.stored.add(&remote, hash);
        self.rows[at] = Row::There(Update {
            id: row.local,
            remote: Some(remote),
            body,
        });
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::super::mirror::pack;
    use super::*;

    #[test]
    fn an_update_that_is_pending_and_failed_is_read_once() {
        let local = |number: u128| LocalId::from(Ulid::from(number));
        let rows = |all: [u128; 2]| pack(&all.map(|id| MirrorRow::new(local(id), None, None)));
        let numbers = Numbers {
            generation: 1,
            revision: None,
        };
        let mut queue = CachedQueue::new(
            ProfileId::parse("p").expect("an id"),
            (Timestamp(1), numbers),
            (&rows([1, 2]), &rows([1, 3])),
        );
        queue.narrow_to([local(1), local(3)].into_iter().collect());
        assert_eq!((queue.len(), queue.pending()), (2, 1));
        assert_eq!([queue.local(0), queue.local(1)], [local(1), local(3)]);
    }
}
