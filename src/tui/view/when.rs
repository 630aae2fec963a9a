//! Days and times as people read them, always in the zone of the profile.

use chrono::{Datelike as _, NaiveDate};
use chrono_tz::Tz;

use crate::domain::time::Timestamp;

/// Returns `09:00`, or dashes where there is no time.
pub(super) fn clock(at: Option<Timestamp>, zone: Tz) -> String {
    at.map_or_else(
        || "--:--".to_owned(),
        |at| at.in_zone(&zone).format("%H:%M").to_string(),
    )
}

/// Returns `Tue 24 Nov`, with the year if it is not this one.
pub(super) fn day(date: NaiveDate, now: Timestamp, zone: Tz) -> String {
    let this_year = now.in_zone(&zone).year();
    let format = if date.year() == this_year {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    };
    date.format(format).to_string()
}

/// Returns `today`, `tomorrow` or `yesterday`.
pub(super) fn relative(date: NaiveDate, now: Timestamp, zone: Tz) -> Option<&'static str> {
    let today = now.in_zone(&zone).date_naive();
    match date.signed_duration_since(today).num_days() {
        0 => Some("today"),
        1 => Some("tomorrow"),
        -1 => Some("yesterday"),
        _ => None,
    }
}

/// Returns day and time: `Tue 24 Nov 09:00`.
pub(super) fn full(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let date = at.in_zone(&zone).date_naive();
    format!("{} {}", day(date, now, zone), clock(Some(at), zone))
}

/// Returns a time as short as it can be told beside `other`: `09:00` on the same day, `Tue 09:00`
/// within a week, else `24 Nov 09:00`.
pub(super) fn beside(at: Timestamp, other: Option<Timestamp>, zone: Tz) -> String {
    let local = at.in_zone(&zone);
    let days = other.map(|other| {
        let other = other.in_zone(&zone).date_naive();
        local.date_naive().signed_duration_since(other).num_days()
    });
    let format = match days {
        Some(0) => "%H:%M",
        Some(-6..=6) => "%a %H:%M",
        _ => "%-d %b %H:%M",
    };
    local.format(format).to_string()
}

/// Returns the same where there may be no time.
pub(super) fn beside_or_none(at: Option<Timestamp>, other: Option<Timestamp>, zone: Tz) -> String {
    at.map_or_else(|| "no time".to_owned(), |at| beside(at, other, zone))
}

/// Returns what the clock of another zone shows, with its day if that is another one.
pub(super) fn here(at: Timestamp, zone: Tz, other: Tz) -> String {
    let day = |zone: &Tz| at.in_zone(zone).date_naive();
    let format = if day(&zone) == day(&other) {
        "%H:%M"
    } else {
        "%a %H:%M"
    };
    at.in_zone(&other).format(format).to_string()
}

/// Returns twelve columns for a list: `24 Nov 09:00`, or `24 Nov  2025` for another year.
pub(super) fn stamp(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let local = at.in_zone(&zone);
    let this_year = now.in_zone(&zone).year();
    let format = if local.year() == this_year {
        "%e %b %H:%M"
    } else {
        "%e %b  %Y"
    };
    local.format(format).to_string()
}

/// Returns how long until `at`: `in 3 h 5 min`, `in 2 days`; none if it is over.
pub(super) fn until(at: Timestamp, now: Timestamp) -> Option<String> {
    let minutes = at.0.checked_sub(now.0).filter(|left| *left >= 0)? / 60;
    Some(match minutes {
        0 => "in less than a minute".to_owned(),
        1..=59 => format!("in {minutes} min"),
        60..=1439 if minutes % 60 == 0 => format!("in {} h", minutes / 60),
        60..=1439 => format!("in {} h {} min", minutes / 60, minutes % 60),
        1440..=2879 => "in 1 day".to_owned(),
        _ => format!("in {} days", minutes / 1440),
    })
}

/// Returns how long ago `at` was: `12 min ago`; none within the last minute.
pub(super) fn since(at: Timestamp, now: Timestamp) -> Option<String> {
    let minutes = now.0.checked_sub(at.0).filter(|gone| *gone >= 60)? / 60;
    Some(match minutes {
        0..=59 => format!("{minutes} min ago"),
        60..=2879 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_zone_of_the_profile() {
        let zone = Tz::Europe__Berlin;
        let now = Timestamp(1_795_000_000); // Wed 18 Nov 2026, 11:06 UTC
        let at = now.plus(20 * 3600);
        assert_eq!(full(at, now, zone), "Thu 19 Nov 08:06");
        assert_eq!(stamp(at, now, zone), "19 Nov 08:06");
        assert_eq!(stamp(now.plus(-400 * 86_400), now, zone), "14 Oct  2025");
        let day = |hours: i64| now.plus(hours * 3600).in_zone(&zone).date_naive();
        assert_eq!(relative(day(20), now, zone), Some("tomorrow"));
        assert_eq!(relative(day(0), now, zone), Some("today"));
        assert_eq!(relative(day(90), now, zone), None);
        assert_eq!(clock(None, zone), "--:--");
    }

    #[test]
    fn waiting_is_said_in_the_unit_that_fits() {
        let now = Timestamp(1000);
        let said = |seconds| until(now.plus(seconds), now);
        assert_eq!(said(59).as_deref(), Some("in less than a minute"));
        assert_eq!(said(3600).as_deref(), Some("in 1 h"));
        assert_eq!(said(7500).as_deref(), Some("in 2 h 5 min"));
        assert_eq!(said(90_000).as_deref(), Some("in 1 day"));
        assert_eq!(said(300_000).as_deref(), Some("in 3 days"));
        assert_eq!(said(-1), None);
        let ago = |seconds: i64| since(now.plus(-seconds), now);
        assert_eq!(ago(59), None);
        assert_eq!(ago(720).as_deref(), Some("12 min ago"));
        assert_eq!(ago(7300).as_deref(), Some("2 h ago"));
        assert_eq!(ago(300_000).as_deref(), Some("3 days ago"));
    }
}
