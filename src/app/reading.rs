//! The first read of a queue: how far it is and about how long it takes. A large account needs many
//! requests for it, and the limit of the API spreads them over minutes; meanwhile all else works.
//!
//! A queue that is read again in the background is nobody's business: it is shown as it was.

use super::state::State;
use crate::domain::id::ProfileId;
use crate::domain::time::Timestamp;

/// How many updates a request brings.
const PAGE: u64 = 100;
/// So many seconds pass before the pace is judged by what came.
const JUDGED: i64 = 3;

/// How far the read of a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Updates read.
    read: u64,
    /// Updates there are.
    total: u64,
    /// How many had been read when that was first said, and when.
    first: (u64, Timestamp),
}

impl Reading {
    /// Begins with what is said first, or goes on from what was said before.
    pub fn after(before: Option<&Self>, read: u64, total: u64, now: Timestamp) -> Self {
        let goes_on = before.filter(|before| read >= before.read);
        Self {
            read,
            total,
            first: goes_on.map_or((read, now), |before| before.first),
        }
    }

    /// Estimates the seconds it takes at the pace it had so far.
    fn by_pace(&self, now: Timestamp) -> Option<u64> {
        let (read, since) = self.first;
        let came = self.read.saturating_sub(read);
        let took = u64::try_from(now.0 - since.0).ok()?;
        let is_judged = came > 0 && now.0 - since.0 >= JUDGED;
        is_judged.then(|| took * self.total.saturating_sub(self.read) / came)
    }
}

/// Says whether a queue is being read for the first time.
pub fn is_under_way(state: &State, profile: &ProfileId) -> bool {
    state.progress.contains_key(profile) && is_first(state, profile)
}

/// Says how far the first read of a queue is, if it is in the middle of it.
pub fn of_queue(state: &State, profile: &ProfileId) -> Option<String> {
    let reading = state
        .progress
        .get(profile)
        .filter(|_| is_first(state, profile))?;
    let rest = reading.total.saturating_sub(reading.read);
    let by_limit = by_limit(state, rest.div_ceil(PAGE));
    let seconds = reading.by_pace(state.now).max(by_limit);
    Some(words(reading.read, reading.total, seconds))
}

/// Says how far the first reads of all queues are, if some other than the one on the screen is large
/// and has not been read whole, or there are so many that it takes a while.
pub fn of_account(state: &State) -> Option<String> {
    let firsts: Vec<_> = state
        .profiles()
        .iter()
        .filter(|profile| is_first(state, &profile.id))
        .map(|profile| {
            let reading = state.progress.get(&profile.id);
            let (read, total) = reading.map_or((0, profile.pending), |r| (r.read, r.total));
            (profile, read, total)
        })
        .collect();
    let (read, total) = firsts
        .iter()
        .fold((0, 0), |(read, total), (_, r, t)| (read + r, total + t));
    // Each queue takes one, however few it holds.
    let requests = firsts
        .iter()
        .map(|(_, read, total)| total.saturating_sub(*read).div_ceil(PAGE).max(1));
    let by_limit = by_limit(state, requests.sum());
    let takes_long = by_limit.is_some_and(|seconds| seconds >= 60);
    let elsewhere = firsts.iter().any(|(profile, _, total)| {
        let is_long = takes_long || *total > PAGE;
        is_long && state.profile.as_ref() != Some(&profile.id)
    });
    if !elsewhere {
        return None;
    }
    let paces = firsts.iter().filter_map(|(profile, ..)| {
        let reading = state.progress.get(&profile.id)?;
        reading.by_pace(state.now)
    });
    let seconds = paces.max().max(by_limit);
    let queues = match firsts.len() {
        1 => "1 queue".to_owned(),
        n => format!("{n} queues"),
    };
    Some(format!("{queues}: {}", words(read, total, seconds)))
}

/// Says whether a queue was never read, now or before.
pub fn is_first(state: &State, profile: &ProfileId) -> bool {
    let shown = state.replica.queue(profile);
    shown.is_none_or(|shown| shown.read_at() == Timestamp::default())
}

/// The seconds that so many requests take at least by the API's limit.
fn by_limit(state: &State, requests: u64) -> Option<u64> {
    let a_minute = state.capabilities.as_ref()?.requests_per_minute?;
    Some(requests * 60 / u64::from(a_minute.max(1)))
}

fn words(read: u64, total: u64, seconds: Option<u64>) -> String {
    let left = match seconds {
        None => String::new(),
        Some(0..60) => ", less than 1 min left".to_owned(),
        Some(seconds) => format!(", {} min left", seconds.div_ceil(60)),
    };
    format!("{} of {} read{left}", grouped(read), grouped(total))
}

/// Writes a number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_judged_by_its_own_pace_and_begins_anew_when_it_does() {
        let first = Reading::after(None, 100, 10_000, Timestamp(0));
        assert_eq!(first.by_pace(Timestamp(0)), None);
        let next = Reading::after(Some(&first), 1_200, 10_000, Timestamp(15));
        assert_eq!(next.by_pace(Timestamp(15)), Some(120));
        assert_eq!(
            words(1_200, 10_000, Some(120)),
            "1,200 of 10,000 read, 2 min left"
        );
        let again = Reading::after(Some(&next), 100, 9_999, Timestamp(20));
        assert_eq!(again.by_pace(Timestamp(30)), None, "nothing came since");
    }

    #[test]
    fn large_numbers_are_grouped() {
        let numbers = [0, 999, 1_000, 12_345, 1_000_000].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,000,000"]);
        assert_eq!(words(1, 2, Some(59)), "1 of 2 read, less than 1 min left");
    }
}
