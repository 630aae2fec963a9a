//! The clock of the loop: the full minute, and the few moments something asked to be woken at.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, sleep_until};

use super::alarm::Alarm;
use crate::domain::time::Timestamp;

/// A rest is this long without a key.
const REST: Duration = Duration::from_millis(80);
/// After this long the begin of a chord tells in full what may follow.
const LINGER: Duration = Duration::from_millis(300);
/// A new size counts when no other follows for this long.
const SETTLE: Duration = Duration::from_millis(30);

/// What the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rang {
    /// A time that was asked for.
    Tick,
    /// A full minute.
    Minute,
    /// No key since the chord of this token began.
    Lingered(u64),
    /// No key since the rest of this token began.
    Rested(u64),
    /// The size of the terminal does not change any more.
    Settled,
}

/// What is waited for.
#[derive(Debug, Default)]
pub(super) struct Timers {
    wake: Option<Instant>,
    minute: Option<Alarm>,
    rest: Option<(Instant, u64)>,
    linger: Option<(Instant, u64)>,
    settle: Option<Instant>,
}

/// Returns the time.
pub(super) fn now() -> Timestamp {
    let seconds = since_epoch().as_secs();
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Returns the moment the wall clock shows `at`; a moment in the past is now.
pub(super) fn moment(at: Timestamp) -> Instant {
    let at = Duration::from_secs(u64::try_from(at.0).unwrap_or(0));
    Instant::now() + at.saturating_sub(since_epoch())
}

impl Timers {
    /// Asks for a tick at `at`; replaces an earlier wish.
    pub(super) fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(moment(at));
    }

    /// Begins a rest; a newer one replaces it.
    pub(super) fn rest(&mut self, token: u64) {
        self.rest = Some((Instant::now() + REST, token));
    }

    /// Begins to wait for the next key of a chord; a newer wait replaces it.
    pub(super) fn linger(&mut self, token: u64) {
        self.linger = Some((Instant::now() + LINGER, token));
    }

    /// Begins to wait for a settled size.
    pub(super) fn settle(&mut self) {
        self.settle = Some(Instant::now() + SETTLE);
    }

    /// Waits for the next.
    pub(super) async fn next(&mut self) -> Rang {
        let minute = self.minute.get_or_insert_with(|| Alarm::at(next_minute()));
        let rest = self.rest.map(|(at, _)| at);
        let linger = self.linger.map(|(at, _)| at);
        let all = [self.wake, rest, linger, self.settle];
        let first = all.into_iter().flatten().min();
        let first = tokio::select! {
            biased;
            first = rings(first) => first,
            () = minute.rang() => {
                self.minute = None;
                // One tick serves both.
                let now = Instant::now();
                self.wake.take_if(|at| *at <= now);
                return Rang::Minute;
            }
        };
        if self.settle.is_some_and(|at| at <= first) {
            self.settle = None;
            return Rang::Settled;
        }
        if let Some((_, token)) = self.rest.take_if(|(at, _)| *at <= first) {
            return Rang::Rested(token);
        }
        if let Some((_, token)) = self.linger.take_if(|(at, _)| *at <= first) {
            return Rang::Lingered(token);
        }
        self.wake.take_if(|at| *at <= first);
        Rang::Tick
    }
}

/// Waits for a moment and returns it; for ever if there is nothing to wait for.
async fn rings(at: Option<Instant>) -> Instant {
    match at {
        Some(at) => {
            sleep_until(at).await;
            at
        }
        None => std::future::pending().await,
    }
}

fn next_minute() -> Timestamp {
    let now = now().0;
    Timestamp(now - now.rem_euclid(60) + 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_rest_counts_and_rings_once() {
        let mut timers = Timers::default();
        timers.rest(1);
        timers.rest(2);
        assert_eq!(timers.next().await, Rang::Rested(2));
        assert_eq!(timers.rest, None);
    }

    #[tokio::test]
    async fn a_wish_replaces_the_earlier_one_and_the_past_rings_at_once() {
        let mut timers = Timers::default();
        timers.wake_at(now().plus(5));
        timers.wake_at(now().plus(-5));
        assert_eq!(timers.next().await, Rang::Tick);
        assert_eq!(timers.wake, None);
    }
}
