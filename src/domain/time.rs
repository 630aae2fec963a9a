//! Points in time as the API counts them: whole unix seconds.

use chrono::{DateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A point in time in unix seconds (UTC), as every time of API v1 is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The seconds of the years 1 to 9999, in which every calendar function is safe.
pub(super) const CALENDAR: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;

impl Timestamp {
    /// Returns the same instant on a wall clock in `zone`; instants outside the years 1 to 9999
    /// become 1970.
    pub fn in_zone<Z: TimeZone>(self, zone: &Z) -> DateTime<Z> {
        self.utc().with_timezone(zone)
    }

    /// Returns the same instant in UTC; instants outside the years 1 to 9999 become 1970.
    pub fn utc(self) -> DateTime<Utc> {
        // Well inside what chrono holds, so that no zone's offset leads out of it.
        if !CALENDAR.contains(&self.0) {
            return DateTime::default();
        }
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }

    /// Returns the instant `seconds` later (or earlier, if negative).
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}
