//! A posting schedule, and the instants its slots fall on in a zone.
//!
//! Slots are wall-clock times. Across a change to summer time, a slot in the gap moves to the first
//! minute that exists; in the overlap the first of the two counts.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::time::{CALENDAR, Timestamp};

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
        let week = self.week();
        let posts = week.iter().any(|times| !times.is_empty());
        // A slot in the gap of a change may come on a later day than it says, so begin early.
        let first = (posts && CALENDAR.contains(&from.0))
            .then(|| from.in_zone(&zone).date_naive().pred_opt())
            .flatten();
        let days =
            std::iter::successors(first, NaiveDate::succ_opt).take_while(|day| day.year() <= 9999);
        let mut last = from;
        days.flat_map(move |day| {
            let times = week[day.weekday().num_days_from_monday() as usize].clone();
            times
                .into_iter()
                .filter_map(move |time| instant(zone, day.and_time(time)))
        })
        .filter(move |&slot| {
            let is_new = slot > last;
            last = last.max(slot);
            is_new
        })
    }

    /// Returns the times of each weekday, from monday, ascending and each once.
    pub fn week(&self) -> [Vec<NaiveTime>; 7] {
        let mut week: [Vec<NaiveTime>; 7] = Default::default();
        for entry in &self.0 {
            for day in &entry.days {
                week[day.num_days_from_monday() as usize].extend(&entry.times);
            }
        }
        for times in &mut week {
            times.sort_unstable();
            times.dedup();
        }
        week
    }
}

/// Returns the instant of a wall-clock time: the first of two in an overlap, and in a gap the first
/// minute that exists after it.
pub fn instant(zone: Tz, wall: NaiveDateTime) -> Option<Timestamp> {
    // The longest gap there ever was is a whole day (Samoa, 2011-12-30, skipped the date line).
    (0..=2 * 24 * 60).find_map(|minutes| {
        let later = wall.checked_add_signed(TimeDelta::minutes(minutes))?;
        let found = zone.from_local_datetime(&later).earliest()?;
        Some(Timestamp(found.timestamp()))
    })
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
    /// Days without a time.
    #[error("`{0}` has no times: write them behind the days, as in `mon-fri 09:00 12:30`")]
    NoTimes(String),
}

/// The weekdays as the API and people write them.
const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "mon", "monday"),
    (Weekday::Tue, "tue", "tuesday"),
    (Weekday::Wed, "wed", "wednesday"),
    (Weekday::Thu, "thu", "thursday"),
    (Weekday::Fri, "fri", "friday"),
    (Weekday::Sat, "sat", "saturday"),
    (Weekday::Sun, "sun", "sunday"),
];

/// Parses `HH:MM` (`H:MM` too).
pub fn parse_time(text: &str) -> Result<NaiveTime, InvalidSchedule> {
    let number = |part: &str, digits: RangeInclusive<usize>| -> Option<u32> {
        let is_number = part.bytes().all(|b| b.is_ascii_digit()) && digits.contains(&part.len());
        is_number.then(|| part.parse().ok()).flatten()
    };
    text.trim()
        .split_once(':')
        .and_then(|(hours, minutes)| {
            NaiveTime::from_hms_opt(number(hours, 1..=2)?, number(minutes, 2..=2)?, 0)
        })
        .ok_or_else(|| InvalidSchedule::Time(text.to_owned()))
}

/// Writes a time as `HH:MM`.
pub fn time_text(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// Parses a day by its first three letters or its full English name, in any case.
pub fn parse_day(text: &str) -> Result<Weekday, InvalidSchedule> {
    let day = text.trim().to_ascii_lowercase();
    DAYS.iter()
        .find(|row| row.1 == day || row.2 == day)
        .map(|row| row.0)
        .ok_or_else(|| InvalidSchedule::Day(text.to_owned()))
}

/// Returns a day as the API writes it: `mon` to `sun`.
pub fn day_text(day: Weekday) -> &'static str {
    DAYS[day.num_days_from_monday() as usize].1
}

/// Schedules are written `mon-fri 09:00 12:30; sat 10:00`, for people and for config files.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for entry in &self.0 {
            if entry.days.is_empty() || entry.times.is_empty() {
                continue;
            }
            write!(f, "{separator}{}", days_text(&entry.days))?;
            for &time in &entry.times {
                write!(f, " {}", time_text(time))?;
            }
            separator = "; ";
        }
        Ok(())
    }
}

/// Writes days short: `daily`, `mon-fri`, `sat,sun`.
fn days_text(days: &[Weekday]) -> String {
    let has = |i: usize| DAYS.get(i).is_some_and(|row| days.contains(&row.0));
    if (0..7).all(has) {
        return "daily".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut i = 0;
    while i < 7 {
        let end = (i..7).find(|&end| !has(end)).unwrap_or(7);
        match end - i {
            0 => i += 1,
            1 | 2 => parts.extend((i..end).map(|day| DAYS[day].1.to_owned())),
            _ => parts.push(format!("{}-{}", DAYS[i].1, DAYS[end - 1].1)),
        }
        i = i.max(end);
    }
    parts.join(",")
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;

    /// Parses what [`Schedule`] displays; `daily`, `weekdays` and `weekends` are days too, and
    /// times without a day hold daily. Empty text is the empty schedule.
    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        text.split([';', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(parse_entry)
            .collect::<Result<Vec<Entry>, _>>()
            .map(Self)
    }
}

fn parse_entry(text: &str) -> Result<Entry, InvalidSchedule> {
    let mut days = Vec::new();
    let mut times = Vec::new();
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    for word in words.filter(|word| !word.is_empty()) {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            times.push(parse_time(word)?);
        } else if times.is_empty() {
            days.extend(parse_days(word)?);
        } else {
            // `mon 09:00 tue 10:00` is not clear: a new line of days needs its `;`.
            return Err(InvalidSchedule::Time(word.to_owned()));
        }
    }
    if times.is_empty() {
        return Err(InvalidSchedule::NoTimes(text.to_owned()));
    }
    if days.is_empty() {
        days.extend(DAYS.map(|row| row.0));
    }
    let mut seen = Vec::new();
    days.retain(|day| {
        !seen.contains(day) && {
            seen.push(*day);
            true
        }
    });
    times.sort_unstable();
    times.dedup();
    Ok(Entry { days, times })
}

/// Parses `mon`, `mon-fri` (`fri-mon` too), `daily`, `weekdays` or `weekends`.
fn parse_days(word: &str) -> Result<Vec<Weekday>, InvalidSchedule> {
    match word.to_ascii_lowercase().as_str() {
        "daily" | "everyday" => return Ok(DAYS.map(|row| row.0).to_vec()),
        "weekdays" => return Ok(DAYS[..5].iter().map(|row| row.0).collect()),
        "weekends" | "weekend" => return Ok(DAYS[5..].iter().map(|row| row.0).collect()),
        _ => {}
    }
    let Some((first, last)) = word.split_once('-') else {
        return Ok(vec![parse_day(word)?]);
    };
    let (first, last) = (parse_day(first)?, parse_day(last)?);
    let mut days = vec![first];
    let mut day = first;
    while day != last {
        day = day.succ();
        days.push(day);
    }
    Ok(days)
}

#[cfg(test)]
mod tests;
