//! What is stored of a queue, in the room of one number for each update: enough to tell, while the
//! queue is read again, which updates are as they are stored. Of those no second copy is held.
//!
//! It may be older than the store. So whoever leaves out what it has looks in the store what became of
//! that, and has all of it read if it is not there.

use std::hash::{BuildHasher as _, RandomState};

use crate::domain::id::RemoteId;

/// The updates of a queue as they are stored.
#[derive(Debug, Default)]
pub(super) struct StoredUpdates {
    /// Of each the API's id and the hash of its body, as one number. Both are chosen by somebody else,
    /// so that is made with a key.
    numbers: Vec<u64>,
    key: RandomState,
}

impl StoredUpdates {
    /// None yet, and room for so many.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            numbers: Vec::with_capacity(count),
            key: RandomState::new(),
        }
    }

    /// Says whether it has none.
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Adds one with the hash of its body.
    pub(super) fn add(&mut self, id: &RemoteId, hash: i64) {
        self.numbers.push(self.key.hash_one((id, hash)));
    }

    /// Makes what was added findable.
    pub(super) fn sorted(mut self) -> Self {
        self.numbers.sort_unstable();
        self
    }

    /// Says whether an update is stored with this hash. For that they have to be sorted.
    pub(super) fn has(&self, id: &RemoteId, hash: i64) -> bool {
        let number = self.key.hash_one((id, hash));
        self.numbers.binary_search(&number).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_found_with_the_hash_it_was_added_with() {
        let id = |n: i64| RemoteId::parse(&format!("{n:024x}")).unwrap();
        let mut stored = StoredUpdates::with_capacity(1_000);
        for n in 0..1_000 {
            stored.add(&id(n), n * 7);
        }
        let stored = stored.sorted();
        assert!((0..1_000).all(|n| stored.has(&id(n), n * 7)));
        assert!(!(0..1_000).any(|n| stored.has(&id(n), n * 7 + 1)));
        assert!(!(0..1_000).any(|n| stored.has(&id(n + 1), n * 7)));
    }
}
