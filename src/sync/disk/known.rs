//! The updates of a profile that the store knows, found by either id.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::Known;
use crate::domain::id::{LocalId, RemoteId};

/// They lie in one list, in the order of our ids. A map would hold each id a second time, and there
/// may be a hundred thousand.
#[derive(Debug, Default)]
pub(in crate::sync) struct KnownUpdates {
    list: Vec<(RemoteId, Known)>,
    /// Where each stands, by the API's id. That is chosen by somebody else, so its hash has a key.
    places: HashTable<u32>,
    key: RandomState,
}

impl KnownUpdates {
    /// Says whether an id of ours is above all that were added.
    pub(super) fn is_last(&self, local: LocalId) -> bool {
        self.list.last().is_none_or(|(_, last)| last.local < local)
    }

    /// Adds one, whose own id is above all that were added before. If the API's id was there, it is
    /// that of this one from now on.
    pub(super) fn add(&mut self, remote: RemoteId, known: Known) {
        let Ok(place) = u32::try_from(self.list.len()) else {
            return;
        };
        let Self { list, places, key } = self;
        let hash = |remote: &RemoteId| key.hash_one(remote);
        let is_it = |at: &u32| list[*at as usize].0 == remote;
        if let Some(before) = places.find_mut(hash(&remote), is_it) {
            *before = place;
        } else {
            let again = |at: &u32| hash(&list[*at as usize].0);
            places.insert_unique(hash(&remote), place, again);
        }
        list.push((remote, known));
    }

    /// Returns what is known of the update that the API calls so.
    pub(in crate::sync) fn get(&self, remote: &RemoteId) -> Option<Known> {
        let is_it = |at: &u32| self.list[*at as usize].0 == *remote;
        let at = self.places.find(self.key.hash_one(remote), is_it)?;
        Some(self.list[*at as usize].1)
    }

    /// Returns what the API calls one of our updates, and the hash of its body, if one is stored.
    pub(in crate::sync) fn stored(&self, local: LocalId) -> Option<(&RemoteId, i64)> {
        let (remote, known) = self.of(local)?;
        Some((remote, known.hash?))
    }

    fn of(&self, local: LocalId) -> Option<&(RemoteId, Known)> {
        let found = self.list.binary_search_by_key(&local, |(_, k)| k.local);
        self.list.get(found.ok()?)
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn each_is_found_by_both_its_ids() {
        let remote = |n: u128| RemoteId::parse(&format!("{n:024x}")).unwrap();
        let local = |n: u128| LocalId::from(Ulid::from(n));
        let mut known = KnownUpdates::default();
        for n in 0..3_000 {
            let of = Known {
                local: local(n),
                hash: i64::try_from(n).ok(),
            };
            known.add(remote(n * 7 % 3_001), of);
        }
        for n in 0..3_000 {
            let found = known.get(&remote(n * 7 % 3_001)).unwrap();
            assert_eq!((found.local, found.hash), (local(n), i64::try_from(n).ok()));
            let stored = known.stored(local(n));
            assert_eq!(
                stored,
                Some((&remote(n * 7 % 3_001), i64::try_from(n).unwrap()))
            );
        }
        assert!(known.get(&remote(9_999)).is_none());
        assert_eq!(known.stored(local(3_000)), None);
        assert!(known.is_last(local(3_000)) && !known.is_last(local(2_999)));
        let later = Known {
            local: local(4_000),
            hash: None,
        };
        known.add(remote(7), later);
        assert_eq!(known.get(&remote(7)).unwrap().local, local(4_000));
    }
}
