//! A posting schedule, and the instants its slots fall on in a zone.
//!
//! Slots are wall-clock times. Across a change to summer time, a slot in the gap moves to the first
//! minute that exists; in the overlap the first of the two counts.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// When a profile posts: on which weekdays at which times. Entries may overlap; the union counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schedule(pub Vec<Entry>);

/// Some weekdays and the times that hold for each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The weekdays.
    pub days: Vec<Weekday>,
    /// The times, to the minute.
    pub times: Vec<NaiveTime>,
}

impl Schedule {
    /// Says whether no slot ever comes.
    pub fn is_empty(&self) -> bool {
        self.0
            .iter()
            .all(|entry| entry.days.is_empty() || entry.times.is_empty())
    }

    /// Returns the slots strictly after `from`, ascending, each instant once, without end unless
    /// the schedule is empty.
    pub fn slots_after(
        &self,
        zone: Tz,
        from: Timestamp,
    ) -> impl Iterator<Item = Timestamp> + use<> {
        let _ = (zone, from);
        std::iter::empty() // HELPER
    }
}
