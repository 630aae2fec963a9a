//! Where each update stands in a list, found by its id.
//!
//! The ids themselves are in the list already, so they are not kept a second time: a hundred thousand
//! places take well under a megabyte, where a map by id takes more than four.

use std::hash::{BuildHasher as _, BuildHasherDefault};

use hashbrown::HashTable;

use super::id::{IdHasher, LocalId};

/// The places of a list's updates. Whoever asks hands over how to look at the list: which id stands
/// at a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(HashTable<u32>);

impl Places {
    /// Makes room for so many.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(HashTable::with_capacity(count))
    }

    /// Notes all of a list, each at its first place.
    pub(crate) fn of(count: usize, at: impl Fn(usize) -> LocalId) -> Self {
        let mut places = Self::with_capacity(count);
        for place in 0..count {
            places.put(at(place), place, &at);
        }
        places
    }

    /// Returns how many updates the list has: those that stand in it twice count once.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns where `id` stands.
    pub(crate) fn get(&self, id: LocalId, at: impl Fn(usize) -> LocalId) -> Option<usize> {
        let found = self.0.find(hash(id), |place| at(*place as usize) == id);
        found.map(|place| *place as usize)
    }

    /// Notes that `id` stands at `place`; says whether it stood nowhere before. If it did, that
    /// place is kept.
    pub(crate) fn put(&mut self, id: LocalId, place: usize, at: impl Fn(usize) -> LocalId) -> bool {
        let is_new = self.get(id, &at).is_none();
        if let (true, Ok(place)) = (is_new, u32::try_from(place)) {
            let again = |place: &u32| hash(at(*place as usize));
            self.0.insert_unique(hash(id), place, again);
        }
        is_new
    }

    /// Forgets that `id` stands at `place`.
    pub(crate) fn take(&mut self, id: LocalId, place: usize) {
        let is_it = |at: &u32| *at as usize == place;
        if let Ok(found) = self.0.find_entry(hash(id), is_it) {
            found.remove();
        }
    }
}

/// Returns the hash that tables of places find an id by.
pub(super) fn hash(id: LocalId) -> u64 {
    BuildHasherDefault::<IdHasher>::default().hash_one(id)
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn each_is_found_where_it_was_put_first_also_after_the_table_grew() {
        let ids: Vec<LocalId> = (0..5_000_u128)
            .map(|i| LocalId::from(Ulid::from((i << 40) | (i % 7))))
            .collect();
        let mut places = Places::default();
        for (place, id) in ids.iter().enumerate() {
            assert!(places.put(*id, place, |at| ids[at]));
        }
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(places.get(*id, |at| ids[at]), Some(place));
        }
        assert!(!places.put(ids[9], 4_000, |at| ids[at]));
        assert_eq!(places.get(ids[9], |at| ids[at]), Some(9));
        places.take(ids[9], 8);
        places.take(ids[8], 8);
        assert_eq!(places.get(ids[9], |at| ids[at]), Some(9));
        assert_eq!(places.get(ids[8], |at| ids[at]), None);
        let twice = [ids[1], ids[2], ids[1]];
        let places = Places::of(3, |at| twice[at]);
        assert_eq!(places.len(), 2);
        assert_eq!(places.get(ids[1], |at| twice[at]), Some(0));
        let other = LocalId::from(Ulid::from(5_u128));
        assert_eq!(places.get(other, |at| twice[at]), None);
    }
}
