//! Reads several days that updates are spread over: `next week`, `mon..fri`, `2026-12-01..2026-12-10`,
//! each also with a time of day behind it.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{date, is_weekday, time_of_day};
use crate::domain::time::Timestamp;

/// Days one after the other, and a time of each if it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// The time of day.
    pub time: Option<NaiveTime>,
}

/// Reads several days; none if the text says no such thing.
pub fn days(text: &str, zone: Tz, now: Timestamp) -> Option<Span> {
    let today = now.in_zone(&zone).date_naive();
    let text = text.trim().to_ascii_lowercase().replace(" to ", "..");
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, last, rest) = match words.as_slice() {
        [which @ ("this" | "next"), "week", rest @ ..] => {
            let gone = Days::new(today.weekday().num_days_from_monday().into());
            let monday = today.checked_sub_days(gone)?;
            let (first, monday) = if *which == "this" {
                (today, monday)
            } else {
                let next = monday.checked_add_days(Days::new(7))?;
                (next, next)
            };
            (first, monday.checked_add_days(Days::new(6))?, rest)
        }
        [word, rest @ ..] => {
            let (from, to) = ends(word)?;
            let here = now.in_zone(&zone);
            let first = date(from, &here)?;
            let last = if is_weekday(to) {
                // The next such day that is not before the first one.
                let mut days = first.iter_days().take(7);
                let is_it = |day: &NaiveDate| Some(day.weekday()) == weekday(to);
                days.find(is_it)?
            } else {
                date(to, &here)?
            };
            (first, last, rest)
        }
        [] => return None,
    };
    let time = match rest {
        [] => None,
        [time] => Some(time_of_day(time)?),
        _ => return None,
    };
    (first <= last).then_some(Span { first, last, time })
}

/// Parts `mon..fri` and `mon-fri`; a date has hyphens of its own.
fn ends(word: &str) -> Option<(&str, &str)> {
    word.split_once("..").or_else(|| {
        let (from, to) = word.split_once('-')?;
        (is_weekday(from) && is_weekday(to)).then_some((from, to))
    })
}

fn weekday(day: &str) -> Option<chrono::Weekday> {
    super::parse_day(day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Monday 2026-11-23 10:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_424_400);

    fn read(text: &str) -> Option<String> {
        let span = days(text, Tz::Europe__Berlin, NOW)?;
        let time = span.time.map_or(String::new(), |time| format!(" {time}"));
        Some(format!("{}..{}{time}", span.first, span.last))
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, means) in [
            ("next week", "2026-11-30..2026-12-06"),
            ("Next week 9", "2026-11-30..2026-12-06 09:00:00"),
            ("this week", "2026-11-23..2026-11-29"),
            ("tue..fri", "2026-11-24..2026-11-27"),
            ("tue-fri 14:30", "2026-11-24..2026-11-27 14:30:00"),
            ("fri to mon", "2026-11-27..2026-11-30"),
            ("tomorrow..sun", "2026-11-24..2026-11-29"),
            ("2026-12-01..2026-12-10", "2026-12-01..2026-12-10"),
            ("mon..mon", "2026-11-23..2026-11-23"),
        ] {
            assert_eq!(read(text).as_deref(), Some(means), "{text}");
        }
    }

    #[test]
    fn what_is_a_time_or_nothing_is_no_span_of_days() {
        for text in [
            "",
            "fri",
            "fri 9",
            "+2d",
            "queue",
            "2026-12-01",
            "week",
            "mon..",
            "..fri",
            "2026-12-10..2026-12-01",
            "mon-fri soon",
            "next week 9 10",
            "a-b",
            "next",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
