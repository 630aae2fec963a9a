//! Updates found by their ids.
//!
//! Each has a place of its own that it keeps for as long as it is there, so one that comes, changes
//! or goes moves no other.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::domain::id::{IdSet, LocalId};
use crate::domain::places::Places;
use crate::domain::update::Update;

/// Updates found by their ids, each there once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Update>", into = "Vec<Update>")]
pub struct Bodies {
    /// Each at its place; none where one was that is gone.
    updates: Vec<Option<Update>>,
    /// The places where none is.
    free: Vec<u32>,
    /// Where each is.
    index: Places,
}

impl Bodies {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.updates.len() - self.free.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one of them.
    pub fn get(&self, id: LocalId) -> Option<&Update> {
        self.updates.get(self.place(id)?)?.as_ref()
    }

    /// Returns all, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &Update> {
        self.updates.iter().flatten()
    }

    pub(super) fn get_mut(&mut self, id: LocalId) -> Option<&mut Update> {
        let place = self.place(id)?;
        self.updates.get_mut(place)?.as_mut()
    }

    /// Puts an update in, in the place of the one with its id.
    pub(super) fn put(&mut self, update: Update) {
        if let Some(there) = self.get_mut(update.id) {
            *there = update;
            return;
        }
        let (id, update) = (update.id, Some(update));
        let place = if let Some(place) = self.free.pop() {
            self.updates[place as usize] = update;
            place as usize
        } else {
            self.updates.push(update);
            self.updates.len() - 1
        };
        let updates = &self.updates;
        self.index.put(id, place, |at| id_at(updates, at));
    }

    /// Takes an update out; says whether it was there.
    pub(super) fn remove(&mut self, id: LocalId) -> bool {
        let Some(place) = self.place(id) else {
            return false;
        };
        self.updates[place] = None;
        self.index.take(id, place);
        self.free.extend(u32::try_from(place));
        true
    }

    fn place(&self, id: LocalId) -> Option<usize> {
        self.index.get(id, |at| id_at(&self.updates, at))
    }
}

/// Of those with the same id the first is taken.
impl From<Vec<Update>> for Bodies {
    fn from(mut updates: Vec<Update>) -> Self {
        let places = |updates: &[Update]| Places::of(updates.len(), |at| updates[at].id);
        let mut index = places(&updates);
        if index.len() != updates.len() {
            let mut seen = IdSet::default();
            updates.retain(|update| seen.insert(update.id));
            index = places(&updates);
        }
        Self {
            // They stay where they lie.
            updates: updates.into_iter().map(Some).collect(),
            free: Vec::new(),
            index,
        }
    }
}

impl From<Bodies> for Vec<Update> {
    fn from(bodies: Bodies) -> Self {
        bodies.updates.into_iter().flatten().collect()
    }
}

/// The same if they hold the same updates, wherever those lie.
impl PartialEq for Bodies {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|one| other.get(one.id) == Some(one))
    }
}

impl Eq for Bodies {}

/// Returns which update is at a place; only places where one is are in the index.
fn id_at(updates: &[Option<Update>], place: usize) -> LocalId {
    let there = updates.get(place).and_then(Option::as_ref);
    there.map_or(LocalId::from(Ulid::nil()), |update| update.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::update;

    #[test]
    fn places_that_are_free_are_used_again() {
        let mut bodies = Bodies::default();
        for n in 0..200_u128 {
            bodies.put(update(n + 10));
            assert_eq!(bodies.remove(update(n).id), n >= 10);
            assert!(bodies.get(update(n + 10).id).is_some());
        }
        assert_eq!(bodies.len(), 10);
        assert!(bodies.updates.len() <= 11, "{}", bodies.updates.len());
    }

    #[test]
    fn one_with_the_same_id_takes_its_place() {
        let mut bodies = Bodies::from(vec![update(1), update(2), update(1)]);
        assert_eq!(bodies.len(), 2);
        let mut other = update(2);
        other.body.content.text.push('!');
        bodies.put(other.clone());
        assert_eq!(bodies.get(other.id), Some(&other));
        assert_eq!(Vec::from(bodies), [update(1), other]);
    }
}
