//! A part that few of many things have.

use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `T` that takes no more room than a pointer while it is empty (its default): a queue of 100,000
/// updates is held in memory, and few of them have media or numbers.
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

/// What is empty for its type, once for all that are.
pub trait Empty: Default + PartialEq + Sized + 'static {
    /// Returns the one that stands for all empty ones.
    fn empty() -> &'static Self;
}

impl Empty for super::update::Media {
    fn empty() -> &'static Self {
        static EMPTY: OnceLock<super::update::Media> = OnceLock::new();
        EMPTY.get_or_init(Self::default)
    }
}

impl Empty for super::update::Outcome {
    fn empty() -> &'static Self {
        static EMPTY: OnceLock<super::update::Outcome> = OnceLock::new();
        EMPTY.get_or_init(Self::default)
    }
}

impl<T: Empty> From<T> for Rare<T> {
    fn from(whole: T) -> Self {
        Self((whole != *T::empty()).then(|| Box::new(whole)))
    }
}

impl<T: Empty> Rare<T> {
    /// Takes the thing out.
    pub fn into_inner(self) -> T {
        self.0.map_or_else(T::default, |whole| *whole)
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Empty> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.0 {
            Some(whole) => whole,
            None => T::empty(),
        }
    }
}

impl<T: Empty> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

/// What was emptied in place is the same as what never was there.
impl<T: Empty> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        // Most have neither, and need no look at what is empty.
        (self.0.is_none() && other.0.is_none()) || **self == **other
    }
}

impl<T: Empty + Eq> Eq for Rare<T> {}

impl<T: Empty + Hash> Hash for Rare<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Empty + std::fmt::Debug> std::fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Empty + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Empty + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::update::Media;
    use super::*;

    #[test]
    fn what_is_empty_is_one_thing_however_it_came_to_be() {
        let empty = Rare::from(Media::default());
        assert_eq!(empty, Rare::default());
        assert_eq!(*empty, Media::default());
        assert_eq!(std::mem::size_of_val(&empty), 8);
        let link = Media {
            link: "https://e.example".to_owned(),
            ..Media::default()
        };
        let whole = Rare::from(link.clone());
        assert_eq!(*whole, link);
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(text, serde_json::to_string(&link).unwrap());
        assert_eq!(serde_json::from_str::<Rare<Media>>(&text).unwrap(), whole);
        let read: Rare<Media> = serde_json::from_str("{}").unwrap();
        assert_eq!(read, Rare::default());
        let mut emptied = whole;
        emptied.link.clear();
        assert_eq!(emptied, empty);
    }
}
