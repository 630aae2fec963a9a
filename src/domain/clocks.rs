//! Changes of a zone's clocks: when they go forward or back, and what that does to a time.

use chrono::{LocalResult, NaiveDateTime, NaiveTime, Offset as _, TimeZone as _};
use chrono_tz::Tz;

use super::schedule::Schedule;
use super::time::Timestamp;

/// One change of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// The first instant of the new time.
    pub at: Timestamp,
    /// What the clock would have shown then.
    pub before: NaiveDateTime,
    /// What it shows.
    pub after: NaiveDateTime,
}

impl ClockChange {
    /// Says whether the clocks go forward, so that an hour is missing.
    pub fn is_forward(&self) -> bool {
        self.after > self.before
    }
}

/// No zone changes twice within so many seconds, but for a few odd years of the past.
const STEP: i64 = 7 * 86_400;

/// No change is looked for further than so many steps away.
const STEPS: i64 = 60;

/// Returns the first change after `from` and not after `until`.
pub fn change_between(zone: Tz, from: Timestamp, until: Timestamp) -> Option<ClockChange> {
    let until = until.min(from.plus(STEP * STEPS));
    let mut low = from;
    while low < until {
        let high = low.plus(STEP).min(until);
        if offset(zone, low) != offset(zone, high) {
            return Some(bisect(zone, low, high));
        }
        low = high;
    }
    None
}

fn offset(zone: Tz, at: Timestamp) -> i64 {
    at.in_zone(&zone).offset().fix().local_minus_utc().into()
}

fn bisect(zone: Tz, mut low: Timestamp, mut high: Timestamp) -> ClockChange {
    let old = offset(zone, low);
    while high.0 - low.0 > 1 {
        let middle = Timestamp(low.0 + (high.0 - low.0) / 2);
        if offset(zone, middle) == old {
            low = middle;
        } else {
            high = middle;
        }
    }
    ClockChange {
        at: high,
        before: high.plus(old).utc().naive_utc(),
        after: high.plus(offset(zone, high)).utc().naive_utc(),
    }
}

/// Says whether the clocks of two zones show other times at an instant.
pub fn differ(one: Tz, other: Tz, at: Timestamp) -> bool {
    offset(one, at) != offset(other, at)
}

/// What a change of the clocks does to one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// The clock shows it twice; this is the first or the second of the two.
    Twice {
        /// Whether it is the first.
        first: bool,
    },
    /// It is the first minute after a slot of the schedule that this day does not have.
    Missing {
        /// The time of the slot.
        slot: NaiveTime,
    },
}

/// Returns what a change of the clocks does to a time of the schedule.
pub fn oddity(zone: Tz, schedule: &Schedule, at: Timestamp) -> Option<Oddity> {
    let wall = at.in_zone(&zone).naive_local();
    if let LocalResult::Ambiguous(first, _) = zone.from_local_datetime(&wall) {
        let first = first.timestamp() == at.0;
        return Some(Oddity::Twice { first });
    }
    let change = change_between(zone, at.plus(-1), at).filter(ClockChange::is_forward)?;
    let week = schedule.week();
    let day = chrono::Datelike::weekday(&change.before).num_days_from_monday() as usize;
    let times = week.get(day)?;
    let has = |time: &NaiveTime| times.contains(time);
    let missing = |time: &&NaiveTime| {
        let slot = change.before.date().and_time(**time);
        change.before <= slot && slot < change.after
    };
    let slot = times.iter().find(missing).copied()?;
    (!has(&change.after.time())).then_some(Oddity::Missing { slot })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Europe__Berlin;

    fn at(text: &str) -> Timestamp {
        let utc = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Timestamp(utc.and_utc().timestamp())
    }

    #[test]
    fn the_changes_of_a_year_are_found_to_the_second() {
        let spring = change_between(ZONE, at("2027-01-01 00:00"), at("2027-12-31 00:00")).unwrap();
        assert_eq!(spring.at, at("2027-03-28 01:00"));
        assert!(spring.is_forward());
        let clock = |time: NaiveDateTime| time.format("%H:%M").to_string();
        assert_eq!(
            (clock(spring.before), clock(spring.after)),
            ("02:00".into(), "03:00".into())
        );
        let autumn = change_between(ZONE, spring.at, at("2027-12-31 00:00")).unwrap();
        assert_eq!(autumn.at, at("2027-10-31 01:00"));
        assert!(!autumn.is_forward());
        assert_eq!(
            change_between(ZONE, autumn.at, at("2027-12-31 00:00")),
            None
        );
        assert_eq!(
            change_between(ZONE, spring.at.plus(-9), spring.at.plus(-1)),
            None
        );
        assert_eq!(
            change_between(ZONE, spring.at.plus(-1), spring.at),
            Some(spring)
        );
        assert_eq!(
            change_between(Tz::UTC, Timestamp(0), at("2027-12-31 00:00")),
            None
        );
    }

    #[test]
    fn a_time_that_is_missing_or_comes_twice_is_told() {
        let schedule: Schedule = "daily 02:30 09:00".parse().unwrap();
        let odd = |text: &str| oddity(ZONE, &schedule, at(text));
        let slot = NaiveTime::from_hms_opt(2, 30, 0).unwrap();
        assert_eq!(odd("2027-03-28 01:00"), Some(Oddity::Missing { slot }));
        assert_eq!(odd("2027-03-28 07:00"), None);
        assert_eq!(odd("2027-10-31 00:30"), Some(Oddity::Twice { first: true }));
        assert_eq!(
            odd("2027-10-31 01:30"),
            Some(Oddity::Twice { first: false })
        );
        let other: Schedule = "daily 03:00".parse().unwrap();
        assert_eq!(oddity(ZONE, &other, at("2027-03-28 01:00")), None);
    }

    #[test]
    fn zones_differ_when_their_clocks_do() {
        let now = at("2026-11-24 12:00");
        assert!(!differ(ZONE, Tz::Europe__Paris, now));
        assert!(!differ(Tz::Europe__London, Tz::UTC, now));
        assert!(differ(Tz::Europe__London, Tz::UTC, at("2027-06-01 12:00")));
        assert!(differ(ZONE, Tz::UTC, now));
    }
}
