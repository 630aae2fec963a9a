//! Reads a point in time to compare with, as a filter does: also one that is over, and a day alone
//! is its first moment.

use chrono::{Days, NaiveTime};
use chrono_tz::Tz;

use super::{InvalidWhen, date, later, on_the_clock, time_of_day};
use crate::domain::time::Timestamp;

/// Reads a point in time: `fri`, `fri 14:30`, `tomorrow`, `2026-12-01`, `12:15` (today), `+2d`,
/// `-2d`.
pub fn point(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, InvalidWhen> {
    let text = text.trim().to_ascii_lowercase();
    let unreadable = || InvalidWhen::Unreadable(text.clone());
    let here = now.in_zone(&zone);
    if text == "now" {
        return Ok(now);
    }
    if let Some(delta) = text.strip_prefix('+') {
        return later(delta, &here).ok_or_else(unreadable);
    }
    if let Some(delta) = text.strip_prefix('-') {
        // As far back as the same would be ahead.
        let ahead = later(delta, &here).ok_or_else(unreadable)?;
        return Ok(Timestamp(now.0.saturating_mul(2).saturating_sub(ahead.0)));
    }
    let is_dated = text.starts_with(|c: char| c.is_ascii_digit());
    let parts = |c: char| c.is_whitespace() || (is_dated && c == 't');
    let words: Vec<&str> = text.split(parts).filter(|word| !word.is_empty()).collect();
    let day_of = |word: &str| match word {
        "yesterday" => here.date_naive().checked_sub_days(Days::new(1)),
        other => date(other, &here),
    };
    let (day, time) = match words.as_slice() {
        [word] => match day_of(word) {
            Some(day) => (Some(day), NaiveTime::MIN),
            None => (
                Some(here.date_naive()),
                time_of_day(word).ok_or_else(unreadable)?,
            ),
        },
        [day, time] => (day_of(day), time_of_day(time).ok_or_else(unreadable)?),
        _ => return Err(unreadable()),
    };
    on_the_clock(day.ok_or_else(unreadable)?, time, zone)
}

#[cfg(test)]
mod tests {
    use super::super::print;
    use super::*;

    // Monday 2026-11-23 10:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_424_400);
    const ZONE: Tz = Tz::Europe__Berlin;

    #[test]
    fn a_day_is_its_first_moment_and_the_past_can_be_meant() {
        for (text, means) in [
            ("fri", "2026-11-27 00:00"),
            ("Fri 14:30", "2026-11-27 14:30"),
            ("today", "2026-11-23 00:00"),
            ("yesterday", "2026-11-22 00:00"),
            ("tomorrow 9", "2026-11-24 09:00"),
            ("2020-01-02", "2020-01-02 00:00"),
            ("2026-12-01T9:30", "2026-12-01 09:30"),
            ("8", "2026-11-23 08:00"),
            ("+2d", "2026-11-25 10:00"),
            ("-3h", "2026-11-23 07:00"),
            ("now", "2026-11-23 10:00"),
        ] {
            let read = point(text, ZONE, NOW).map(|at| print(at, ZONE));
            assert_eq!(read.as_deref(), Ok(means), "{text}");
        }
        for text in ["", "soon", "fri 99", "-", "a b c"] {
            assert!(point(text, ZONE, NOW).is_err(), "{text}");
        }
    }
}
