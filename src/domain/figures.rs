//! What the numbers of sent updates say: which there are, their trend, and the hours of the week
//! at which updates did best.

use std::cmp::Reverse;

use chrono::{Datelike, Timelike, Weekday};
use chrono_tz::Tz;

use super::update::Update;

/// The numbers an update can have by their API names, those people look for first in front.
pub const FIGURES: [&str; 8] = [
    "likes",
    "favorites",
    "retweets",
    "shares",
    "comments",
    "mentions",
    "clicks",
    "reach",
];

/// From so many sent updates on, hours are compared; fewer say nothing.
pub const ENOUGH_SENT: usize = 20;

/// The days of a week, as rows.
pub const DAYS: usize = 7;
/// The hours of a day, as columns.
pub const HOURS: usize = 24;

/// Returns the numbers that at least one of `updates` has, in the order of [`FIGURES`], with the
/// largest of each.
pub fn figures_of(updates: &[Update]) -> Vec<(&'static str, i64)> {
    let most = |name: &'static str| {
        let has = updates
            .iter()
            .filter_map(|u| u.body.outcome.statistics.get(name));
        Some((name, has.max().copied()?))
    };
    FIGURES.into_iter().filter_map(most).collect()
}

/// Returns what [`figures_of`] says of some updates and others together, by what it says of each.
pub fn most_of(
    some: &[(&'static str, i64)],
    others: &[(&'static str, i64)],
) -> Vec<(&'static str, i64)> {
    let most = |name: &'static str| {
        let both = some.iter().chain(others);
        let values = both.filter(|(other, _)| *other == name);
        Some((name, values.map(|(_, value)| *value).max()?))
    };
    FIGURES.into_iter().filter_map(most).collect()
}

/// Returns one number of an update; one it does not have is 0.
pub fn figure(update: &Update, name: &str) -> i64 {
    update
        .body
        .outcome
        .statistics
        .get(name)
        .copied()
        .unwrap_or(0)
}

/// One number over a profile's sent updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// Its API name.
    pub figure: &'static str,
    /// It, for each update, the oldest first.
    pub values: Vec<i64>,
    /// The largest.
    pub most: i64,
    /// The mean, rounded down.
    pub mean: i64,
}

/// Returns the trend of each number there is; `updates` are sent ones, the newest first.
pub fn trends(updates: &[Update]) -> Vec<Trend> {
    let trend = |(name, most): (&'static str, i64)| {
        let values: Vec<i64> = updates.iter().rev().map(|u| figure(u, name)).collect();
        Trend {
            figure: name,
            most,
            mean: mean(&values),
            values,
        }
    };
    figures_of(updates).into_iter().map(trend).collect()
}

/// Returns the mean, rounded down; 0 of nothing.
pub fn mean(values: &[i64]) -> i64 {
    let sum: i128 = values.iter().map(|value| i128::from(*value)).sum();
    let count = i128::try_from(values.len().max(1)).unwrap_or(1);
    i64::try_from(sum / count).unwrap_or(0)
}

/// Returns `values` on at most `columns` columns: each is the mean of a run of equal length, give
/// or take one.
pub fn columns(values: &[i64], columns: usize) -> Vec<i64> {
    let columns = columns.min(values.len());
    (0..columns)
        .map(|i| {
            let from = i * values.len() / columns;
            let to = (i + 1) * values.len() / columns;
            mean(&values[from..to])
        })
        .collect()
}

/// Returns how high `value` stands of `steps`, where `most` is all of them: 0 for nothing, at
/// least 1 for something.
pub fn level(value: i64, most: i64, steps: u16) -> u16 {
    if value <= 0 || most <= 0 {
        return 0;
    }
    let steps_wide = i128::from(steps);
    let height =
        (i128::from(value.min(most)) * steps_wide + i128::from(most) / 2) / i128::from(most);
    u16::try_from(height)
        .unwrap_or(steps)
        .clamp(1, steps.max(1))
}

/// One hour of the week, over all weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// How many updates went out in it.
    pub count: u32,
    /// The mean of the number they got, rounded down.
    pub mean: i64,
}

/// How one number depends on the hour of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// By day from Monday, then by hour of the wall clock.
    pub hours: [[Hour; HOURS]; DAYS],
}

/// An hour of the week at which updates did well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BestHour {
    /// The day.
    pub day: Weekday,
    /// The hour of the wall clock, 0 to 23.
    pub hour: u32,
    /// How it did.
    pub did: Hour,
}

/// Sums up one number by the hour of the week in `zone` at which updates went out; none for fewer
/// than [`ENOUGH_SENT`] of them.
pub fn week(updates: &[Update], name: &str, zone: Tz) -> Option<Week> {
    let sent = || {
        updates
            .iter()
            .filter_map(|u| Some((u, u.body.outcome.sent.as_ref()?.at)))
    };
    if sent().count() < ENOUGH_SENT {
        return None;
    }
    let mut all: [[Vec<i64>; HOURS]; DAYS] = Default::default();
    for (update, at) in sent() {
        let at = at.in_zone(&zone);
        let day = at.weekday().num_days_from_monday() as usize;
        all[day][at.hour() as usize].push(figure(update, name));
    }
    Some(Week {
        hours: all.map(|day| {
            day.map(|values| Hour {
                count: u32::try_from(values.len()).unwrap_or(u32::MAX),
                mean: mean(&values),
            })
        }),
    })
}

impl Week {
    /// Returns the largest mean.
    pub fn most(&self) -> i64 {
        let hours = self.hours.iter().flatten();
        hours.map(|hour| hour.mean).max().unwrap_or(0)
    }

    /// Returns the hours with the best mean, the best first. One update alone is chance: only hours
    /// with two or more count.
    pub fn best(&self, most: usize) -> Vec<BestHour> {
        let mut hours: Vec<BestHour> = Vec::new();
        let mut day = Weekday::Mon;
        for row in &self.hours {
            hours.extend((0..).zip(row).map(|(hour, did)| BestHour {
                day,
                hour,
                did: *did,
            }));
            day = day.succ();
        }
        hours.retain(|hour| hour.did.count >= 2 && hour.did.mean > 0);
        // Stable: of equals the earlier in the week comes first.
        hours.sort_by_key(|hour| Reverse((hour.did.mean, hour.did.count)));
        hours.truncate(most);
        hours
    }
}

#[cfg(test)]
mod tests;
