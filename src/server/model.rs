//! What the server keeps: profiles and updates as rows, and the ids it gives.

use chrono_tz::Tz;
use std::fmt;

use crate::domain::profile::Service;
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, OwnTime};

/// An id this server gave: 24 lower-case hex digits, the first eight of them a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ObjectId(u128);

impl ObjectId {
    /// Makes an id of a time and 64 bits that no other id of that second has.
    pub(super) fn new(now: Timestamp, rest: u64) -> Self {
        let seconds = u32::try_from(now.0.max(0)).unwrap_or(u32::MAX);
        Self((u128::from(seconds) << 64) | u128::from(rest))
    }

    /// Parses an id; anything else than 24 lower-case hex digits is nobody's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 24
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !fits {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(Self)
    }

    /// Returns bits to derive made-up numbers from.
    pub(super) fn seed(self) -> u64 {
        let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        half(self.0 >> 64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ half(self.0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:024x}", self.0)
    }
}

/// A profile as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) id: ObjectId,
    pub(super) position: i64,
    pub(super) service: Service,
    pub(super) name: String,
    pub(super) zone: Tz,
    pub(super) schedule: Schedule,
    pub(super) connection: String,
    pub(super) paused: bool,
    /// The head of the queue gets the first free slot after this.
    pub(super) anchor: Timestamp,
    /// Grows with every change of queue, failed list or schedule.
    pub(super) revision: i64,
    pub(super) followers: i64,
    pub(super) created_at: Timestamp,
}

/// Where an update is on its way. API v1 shows `Sending` as pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Pending,
    Sending,
    Sent,
    Failed,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [Self::Pending, Self::Sending, Self::Sent, Self::Failed];

    /// Returns the word in the database.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "buffer",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "error",
        }
    }

    /// Returns the word in the API.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Sending => Self::Pending.word(),
            other => other.word(),
        }
    }
}

/// An update as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) id: ObjectId,
    pub(super) profile: ObjectId,
    pub(super) stage: Stage,
    /// Its place among the updates that take a slot; none for all others.
    pub(super) position: Option<i64>,
    pub(super) own_time: Option<OwnTime>,
    /// When it went out or should have; for a pending one only once its slot has come.
    pub(super) due_at: Option<Timestamp>,
    pub(super) content: Content,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) service_update_id: Option<String>,
    pub(super) shared_now: bool,
    /// JSON object of numbers.
    pub(super) statistics: Option<String>,
    pub(super) error: Option<String>,
    pub(super) via: String,
}

/// One interaction as a connection reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reaction {
    pub(super) id: String,
    pub(super) event: String,
    pub(super) created_at: Timestamp,
    pub(super) interaction_id: String,
    pub(super) username: String,
    pub(super) followers: i64,
    pub(super) avatar: String,
    pub(super) person_id: String,
}
