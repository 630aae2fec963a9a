//! Newtypes for every id, so that no id can be taken for another.
//!
//! A *local id* is ours and never changes; a *remote id* is the API's and is looked up only when a
//! request is built. So nothing is ever rewritten when a create gets its remote id.

use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Says why a string is not an id an API may have given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: ids are 1 to 64 letters, digits, `-` or `_`")]
pub struct InvalidId;

macro_rules! remote_id {
    ($(#[$doc:meta])* $name:ident($text:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name($text);

        impl $name {
            /// Parses an id; only `[A-Za-z0-9_-]{1,64}` may ever become a part of a URL.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let fits = (1..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                if fits { Ok(Self(text.into())) } else { Err(InvalidId) }
            }

            /// Returns the id as the API writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

remote_id! {
    /// The API's id of an update. Most have 24 letters: they lie in it, not somewhere else.
    RemoteId(CompactString)
}
remote_id! {
    /// The API's id of a profile. Profiles are only ever made by the API, so they need no local id.
    /// Every update names one: a clone is no copy.
    ProfileId(Shared)
}
remote_id! {
    /// The API's id of the person who is signed in.
    UserId(Box<str>)
}

impl RemoteId {
    /// Returns how many bytes of it lie somewhere else.
    pub(crate) fn apart(&self) -> usize {
        if self.0.is_heap_allocated() {
            self.0.capacity()
        } else {
            0
        }
    }
}

/// A text that many share, in the room of one pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Shared(Arc<Box<str>>);

impl From<&str> for Shared {
    fn from(text: &str) -> Self {
        Self(Arc::new(text.into()))
    }
}

impl std::ops::Deref for Shared {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

macro_rules! local_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Ulid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// Our id of an update, made when it is first seen or created, and never changed.
///
/// Its halves lie side by side: a number of 128 bits wants a place that 16 divides, and all that has
/// one in it would grow to that. There are many of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Ulid", into = "Ulid")]
pub struct LocalId {
    // The order of the fields is that of the ids.
    high: u64,
    low: u64,
}

impl LocalId {
    /// Returns the id as it is written.
    pub fn ulid(self) -> Ulid {
        self.into()
    }
}

impl From<Ulid> for LocalId {
    #[expect(clippy::cast_possible_truncation, reason = "it is cut in halves")]
    fn from(id: Ulid) -> Self {
        Self {
            high: (id.0 >> 64) as u64,
            low: id.0 as u64,
        }
    }
}

impl From<LocalId> for Ulid {
    fn from(id: LocalId) -> Self {
        Self(u128::from(id.high) << 64 | u128::from(id.low))
    }
}

impl std::hash::Hash for LocalId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u128(self.ulid().0);
    }
}

impl fmt::Debug for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalId").field(&self.ulid()).finish()
    }
}

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ulid().fmt(f)
    }
}
local_id! {
    /// The id of one operation in the outbox. Ids made later sort later.
    OperationId
}
local_id! {
    /// The id of a draft, made when one begins to write.
    DraftId
}
local_id! {
    /// Groups the operations of one thing a person did, so that undo takes all of them back.
    GroupId
}

/// Makes local ids without a clock or a random source of its own.
///
/// Seeded once by the runtime (random bits) and told the time by each action; ids made by one
/// source sort in the order they were made.
#[derive(Debug, Clone)]
pub struct IdSource {
    last: u128,
    random: fastrand::Rng,
}

impl IdSource {
    /// Starts a source from random bits the caller drew.
    pub fn new(seed: u64) -> Self {
        Self {
            last: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Returns a fresh ULID for `now`, above all this source returned before.
    pub fn ulid(&mut self, now: super::time::Timestamp) -> Ulid {
        let millis = u64::try_from(now.0).unwrap_or(0).saturating_mul(1000);
        let fresh: u128 = Ulid::from_parts(millis, self.random.u128(..)).into();
        self.last = if fresh > self.last {
            fresh
        } else {
            self.last + 1
        };
        Ulid::from(self.last)
    }
}

/// A map keyed by one of our own ids.
pub type IdMap<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<IdHasher>>;
/// A set of our own ids.
pub type IdSet<K> = std::collections::HashSet<K, std::hash::BuildHasherDefault<IdHasher>>;

/// Hashes our own ids by what is random in them already.
///
/// Nobody else chooses these ids, so the hash needs no key; it only has to be fast, as a queue of
/// 100,000 updates is indexed before the first frame.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdHasher(u64);

impl std::hash::Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, part: u64) {
        // Ids made in one millisecond may differ in their last bits only: multiply to spread them.
        self.0 = (self.0.rotate_left(26) ^ part).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }

    fn write_u128(&mut self, id: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "folds both halves")]
        self.write_u64((id >> 64) as u64 ^ id as u64);
        self.0 = self.0.rotate_left(20);
    }
}
