//! Times as clients write them.

use chrono::{NaiveDate, NaiveTime};

use crate::domain::time::Timestamp;

/// The last second of the year 9999; later ones are taken for milliseconds or nonsense.
const LAST: i64 = 253_402_300_799;

/// Reads unix seconds (a fraction is dropped) or ISO 8601: a date, and a time with or without
/// seconds and offset. No offset means UTC. A space may stand for the `T`, and for the `+` of an
/// offset, as which an unescaped plus arrives.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let seconds = unix(text).or_else(|| iso(text))?;
    (0..=LAST).contains(&seconds).then_some(Timestamp(seconds))
}

fn unix(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && digits(fraction))
        .then(|| whole.parse().ok())
        .flatten()
}

fn iso(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    if rest.is_empty() {
        return Some(date.and_time(NaiveTime::MIN).and_utc().timestamp());
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(rest.len());
    let (clock, offset) = rest.split_at_checked(end)?;
    let time = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    let local = date.and_time(time).and_utc().timestamp();
    Some(local - offset_seconds(offset)?)
}

fn offset_seconds(offset: &str) -> Option<i64> {
    let sign = match offset.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') => return (offset.len() == 1).then_some(0),
        Some('+' | ' ') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let digits: String = offset.get(1..)?.chars().filter(|&c| c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<i64>().ok()?, 0),
        4 => (
            digits[..2].parse::<i64>().ok()?,
            digits[2..].parse::<i64>().ok()?,
        ),
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}
