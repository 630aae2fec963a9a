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

/// Why a text is not a time, a day or a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// Not a time of day.
    #[error("`{0}` is not a time: write it as 09:30")]
    Time(String),
    /// Not a weekday.
    #[error("`{0}` is not a day: write mon, tue, wed, thu, fri, sat or sun")]
    Day(String),
}

/// Parses `HH:MM` (`H:MM` too).
pub fn parse_time(text: &str) -> Result<NaiveTime, InvalidSchedule> {
    Err(InvalidSchedule::Time(text.to_owned())) // HELPER
}

/// Writes a time as `HH:MM`.
pub fn time_text(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// Parses a day by its first three letters or its full English name, in any case.
pub fn parse_day(text: &str) -> Result<Weekday, InvalidSchedule> {
    Err(InvalidSchedule::Day(text.to_owned())) // HELPER
}

/// Returns a day as the API writes it: `mon` to `sun`.
pub fn day_text(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "mon",
        Weekday::Tue => "tue",
        Weekday::Wed => "wed",
        Weekday::Thu => "thu",
        Weekday::Fri => "fri",
        Weekday::Sat => "sat",
        Weekday::Sun => "sun",
    }
}

/// Schedules are written `mon-fri 09:00 12:30; sat 10:00`, for people and for config files.
impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _ = f;
        Ok(()) // HELPER
    }
}

impl std::str::FromStr for Schedule {
    type Err = InvalidSchedule;

    /// Parses what [`Schedule`] displays; `daily`, `weekdays` and `weekends` are days too.
    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        Err(InvalidSchedule::Day(text.to_owned())) // HELPER
    }
}
