//! Reads what a person writes for a time: `queue`, `top`, `now`, `2026-12-01 09:00`, `tomorrow 9`,
//! `fri 14:30`, `+2d`. Wall-clock times are those of the profile's zone.

mod days;
mod point;

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::domain::operation::Placement;
use crate::domain::schedule::{parse_day, parse_time};
use crate::domain::time::Timestamp;

pub use days::{Span, days};
pub use point::point;

/// Why a text is not a time an update can go out at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWhen {
    /// It reads as nothing.
    #[error(
        "`{0}` is no time: write queue, top, now, 2026-12-01 09:00, tomorrow 9, fri 14:30 or +2d"
    )]
    Unreadable(String),
    /// It is over.
    #[error("{0} is in the past")]
    Past(String),
    /// It reads as a time, but that day does not have it.
    #[error("{0} does not exist: clocks change then")]
    Gap(String),
}

/// Reads a time or a place in the queue; nothing means the queue.
pub fn parse(text: &str, zone: Tz, now: Timestamp) -> Result<Placement, InvalidWhen> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "queue" => Ok(Placement::Queue),
        "top" | "next" => Ok(Placement::Top),
        "now" => Ok(Placement::Now),
        other => instant(other, zone, now).map(Placement::At),
    }
}

/// Writes a time so that [`parse`] reads it.
pub fn print(at: Timestamp, zone: Tz) -> String {
    at.in_zone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

fn instant(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, InvalidWhen> {
    let here = now.in_zone(&zone);
    let unreadable = || InvalidWhen::Unreadable(text.to_owned());
    if let Some(delta) = text.strip_prefix('+') {
        return later(delta, &here).ok_or_else(unreadable);
    }
    let words: Vec<&str> = text.split([' ', 't']).filter(|w| !w.is_empty()).collect();
    // `t` parts the date from the time in 2026-12-01t09:00, but `tomorrow` and `tue` hold it too.
    let words = if text.starts_with(|c: char| c.is_ascii_digit()) {
        words
    } else {
        text.split_whitespace().collect()
    };
    let (date, time, named_day) = match words.as_slice() {
        [time] if time_of_day(time).is_some() => {
            let time = time_of_day(time).ok_or_else(unreadable)?;
            let today = here.date_naive();
            let date = if time > here.time() {
                Some(today)
            } else {
                today.checked_add_days(Days::new(1))
            };
            (date, time, false)
        }
        [day] => (
            date(day, &here),
            NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            is_weekday(day),
        ),
        [day, time] => {
            let time = time_of_day(time).ok_or_else(unreadable)?;
            (date(day, &here), time, is_weekday(day))
        }
        _ => return Err(unreadable()),
    };
    let date = date.ok_or_else(unreadable)?;
    let at = on_the_clock(date, time, zone)?;
    if at > now {
        return Ok(at);
    }
    // `fri 9` on a Friday at ten is the next one.
    match date.checked_add_days(Days::new(7)) {
        Some(next) if named_day => on_the_clock(next, time, zone),
        _ => Err(InvalidWhen::Past(print(at, zone))),
    }
}

fn on_the_clock(date: NaiveDate, time: NaiveTime, zone: Tz) -> Result<Timestamp, InvalidWhen> {
    match zone.from_local_datetime(&date.and_time(time)) {
        // Where the clock shows it twice, the first counts, as for slots.
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(Timestamp(at.timestamp())),
        LocalResult::None => Err(InvalidWhen::Gap(format!("{date} {}", time.format("%H:%M")))),
    }
}

/// `2d`, `3h`, `45m`, `1w`. Days and weeks keep the time on the wall clock.
fn later(text: &str, here: &DateTime<Tz>) -> Option<Timestamp> {
    let unit = text.chars().last()?;
    let number: u32 = text.strip_suffix(unit)?.trim().parse().ok()?;
    if number == 0 || number > 100_000 {
        return None;
    }
    let days = |days: u64| {
        let date = here.date_naive().checked_add_days(Days::new(days))?;
        on_the_clock(date, here.time(), here.timezone()).ok()
    };
    let clock = |delta: TimeDelta| Some(Timestamp(here.checked_add_signed(delta)?.timestamp()));
    match unit {
        'm' => clock(TimeDelta::minutes(number.into())),
        'h' => clock(TimeDelta::hours(number.into())),
        'd' => days(number.into()),
        'w' => days(u64::from(number) * 7),
        _ => None,
    }
}

fn is_weekday(day: &str) -> bool {
    parse_day(day).is_ok()
}

fn date(day: &str, here: &DateTime<Tz>) -> Option<NaiveDate> {
    let today = here.date_naive();
    match day {
        "today" => return Some(today),
        "tomorrow" => return today.checked_add_days(Days::new(1)),
        _ => {}
    }
    if let Ok(weekday) = parse_day(day) {
        let ahead = weekday.days_since(today.weekday());
        return today.checked_add_days(Days::new(ahead.into()));
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
}

/// `9`, `9:30`, `14.30`, `9am`, `2:30pm`.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (text, add) = if let Some(am) = text.strip_suffix("am") {
        (am, Some(0))
    } else if let Some(pm) = text.strip_suffix("pm") {
        (pm, Some(12))
    } else {
        (text, None)
    };
    let full = match text.replace('.', ":") {
        hour if !hour.contains(':') && (1..=2).contains(&hour.len()) => format!("{hour}:00"),
        time => time,
    };
    let time = parse_time(&full).ok()?;
    let Some(add) = add else { return Some(time) };
    let (hour, rest) = full.split_once(':')?;
    let hour: u32 = hour.parse().ok().filter(|h| (1..=12).contains(h))?;
    NaiveTime::from_hms_opt(hour % 12 + add, rest.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Monday 2026-11-23 10:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_424_400);
    const ZONE: Tz = Tz::Europe__Berlin;

    fn read(text: &str) -> String {
        match parse(text, ZONE, NOW) {
            Ok(Placement::At(at)) => print(at, ZONE),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_people_write_for_a_time_is_read() {
        assert_eq!(print(NOW, ZONE), "2026-11-23 10:00");
        for (text, means) in [
            ("2026-12-01 09:00", "2026-12-01 09:00"),
            ("2026-12-01T9:30", "2026-12-01 09:30"),
            ("2026-12-01", "2026-12-01 09:00"),
            ("tomorrow 9", "2026-11-24 09:00"),
            ("Tomorrow 14:30", "2026-11-24 14:30"),
            ("tomorrow", "2026-11-24 09:00"),
            ("today 18", "2026-11-23 18:00"),
            ("fri 14:30", "2026-11-27 14:30"),
            ("tue 2pm", "2026-11-24 14:00"),
            ("mon 11", "2026-11-23 11:00"),
            ("mon 9", "2026-11-30 09:00"),
            ("12:15", "2026-11-23 12:15"),
            ("8", "2026-11-24 08:00"),
            ("+2d", "2026-11-25 10:00"),
            ("+90m", "2026-11-23 11:30"),
            ("+1w", "2026-11-30 10:00"),
        ] {
            assert_eq!(read(text), means, "{text}");
        }
    }

    #[test]
    fn words_for_the_queue_are_places() {
        let places = ["", "queue", "TOP", " now "].map(|text| parse(text, ZONE, NOW));
        let wanted = [
            Placement::Queue,
            Placement::Queue,
            Placement::Top,
            Placement::Now,
        ];
        assert_eq!(places, wanted.map(Ok));
    }

    #[test]
    fn what_cannot_be_read_or_is_over_is_refused() {
        for text in [
            "soon",
            "25:00",
            "fri 99",
            "+0d",
            "+d",
            "2026-13-01",
            "a b c",
            "+999999999w",
        ] {
            let refused = parse(text, ZONE, NOW);
            assert!(
                matches!(refused, Err(InvalidWhen::Unreadable(_))),
                "{text}: {refused:?}"
            );
        }
        for text in ["today 9", "2020-01-01 10:00"] {
            assert!(
                matches!(parse(text, ZONE, NOW), Err(InvalidWhen::Past(_))),
                "{text}"
            );
        }
        let gap = parse("2027-03-28 02:30", ZONE, NOW);
        assert!(matches!(gap, Err(InvalidWhen::Gap(_))), "{gap:?}");
    }
}
