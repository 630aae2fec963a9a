//! The request budget of an account: how many requests may be made now.
//!
//! Two rules hold at once. A bucket holds a few requests and fills evenly, so requests are spread
//! out; and no minute sees more than the limit, whatever the bucket says, so neither a restart nor a
//! changed limit lets more go. A server that says "too many" though we keep to the limit shares it
//! with other programs of the person; then the bucket fills more slowly for a while.

use std::collections::VecDeque;
use std::time::Duration;

/// What the limit is about, with two seconds more: not all requests are as long on their way.
pub(super) const MINUTE: Duration = Duration::from_secs(62);
/// The most a bucket holds.
const CAPACITY: u32 = 10;
/// Times of requests that are kept where there is no limit.
const MOST_KEPT: usize = 600;
/// Two refusals within this mean that others use the limit too.
const TWICE: Duration = Duration::from_mins(5);
/// How long the bucket then fills half as fast; after that it recovers by [`RECOVERY`] a minute.
const SLOWED: Duration = Duration::from_mins(10);
const RECOVERY: f64 = 5.0;
/// It never fills more slowly than this, a minute: else nothing would go out at all.
const SLOWEST: f64 = 3.0;

/// What a request is for. Who comes first leaves nothing for the others; the others leave some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// It publishes or deletes, or its update goes out soon.
    Urgent,
    /// A change, or a read that a change or a person waits for.
    Change,
    /// A read that nobody waits for.
    Poll,
}

impl Rank {
    /// What requests of this rank leave in the bucket.
    fn keeps(self) -> f64 {
        match self {
            Self::Urgent => 0.0,
            Self::Change => 3.0,
            Self::Poll => 4.0,
        }
    }
}

/// A bucket of requests that may be made now.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    /// What any minute may see; none: there is no limit.
    limit: Option<u32>,
    tokens: f64,
    filled_at: Duration,
    /// When the requests of the last minute were made, oldest first. These and the next are
    /// shifted by a minute, as some may have been made before the clock began.
    made: VecDeque<Duration>,
    refused: VecDeque<Duration>,
    /// How fast it fills since when, if it was slowed.
    slowed: Option<(f64, Duration)>,
}

impl Bucket {
    /// Makes a full bucket.
    pub(super) fn new(limit: Option<u32>, now: Duration) -> Self {
        Self {
            limit,
            tokens: capacity(limit),
            filled_at: now + MINUTE,
            made: VecDeque::new(),
            refused: VecDeque::new(),
            slowed: None,
        }
    }

    /// Says whether there is a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Returns how many requests a minute fill it, while nothing slows it down; none: there is no limit.
    pub(super) fn refill(&self) -> Option<f64> {
        self.limit.map(refill)
    }

    /// Changes the limit; what is in the bucket stays, and what was made counts.
    pub(super) fn set_limit(&mut self, limit: Option<u32>, now: Duration) {
        self.fill(now + MINUTE);
        self.limit = limit;
        self.tokens = self.tokens.min(capacity(limit));
    }

    /// Takes requests in account that were made before the start, by their age.
    pub(super) fn restore(&mut self, mut ages: Vec<Duration>, now: Duration) {
        ages.retain(|age| *age < MINUTE);
        ages.sort_unstable();
        let now = now + MINUTE;
        let before = ages.iter().rev().map(|age| now.saturating_sub(*age));
        let mut made: Vec<Duration> = before.chain(self.made.iter().copied()).collect();
        made.sort_unstable();
        let Some(first) = made.first() else { return };
        // As if the bucket had been full before the first of them.
        (self.tokens, self.filled_at) = (capacity(self.limit), *first);
        for at in &made {
            self.fill(*at);
            self.tokens = (self.tokens - 1.0).max(0.0);
        }
        self.fill(now);
        self.made = made.into();
    }

    /// Takes one request out, or says how long to wait. `before` go first.
    pub(super) fn take(&mut self, rank: Rank, before: u32, now: Duration) -> Result<(), Duration> {
        if let Some(wait) = self.wait(rank, before, now) {
            return Err(wait);
        }
        if self.limit.is_some() {
            self.tokens -= 1.0;
        } else if self.made.len() >= MOST_KEPT {
            self.made.pop_front();
        }
        self.made.push_back(now + MINUTE);
        Ok(())
    }

    /// Says how long a request has to wait; none: not at all.
    pub(super) fn wait(&mut self, rank: Rank, before: u32, now: Duration) -> Option<Duration> {
        let shifted = now + MINUTE;
        self.fill(shifted);
        let limit = self.limit?;
        let before = if rank == Rank::Urgent { 0 } else { before };
        let missing = 1.0 + f64::from(before) + self.keeps(rank) - self.tokens;
        let mut wait = Duration::ZERO;
        if missing > 0.0 {
            let seconds = missing * 60.0 / self.rate(shifted);
            wait = Duration::from_secs_f64(seconds.max(0.01));
        }
        // The one that leaves the minute lets the next in.
        let over = (self.made.len() + 1).checked_sub(limit.max(1) as usize);
        if let Some(at) = over.filter(|over| *over > 0) {
            let oldest = self.made.get(at - 1).copied().unwrap_or(shifted);
            wait = wait.max((oldest + MINUTE).saturating_sub(shifted));
        }
        (!wait.is_zero()).then_some(wait)
    }

    /// Says whether there is more than changes will soon need.
    pub(super) fn has_spare(&mut self, now: Duration) -> bool {
        self.fill(now + MINUTE);
        self.limit.is_none()
            || self.tokens >= (2.0 * Rank::Change.keeps()).min(capacity(self.limit))
    }

    /// How many requests may be made before the time has come to write down more.
    pub(super) fn at_once(&mut self, now: Duration) -> usize {
        self.fill(now + MINUTE);
        // No more than a bucket holds.
        let mut whole = 1;
        while f64::from(whole) <= self.tokens && whole <= CAPACITY {
            whole += 1;
        }
        whole as usize
    }

    /// The server said "too many". Says when our oldest request of the last minute is a minute old.
    pub(super) fn refused(&mut self, now: Duration) -> Duration {
        let now = now + MINUTE;
        self.fill(now);
        self.refused.push_back(now);
        self.refused.retain(|at| *at + TWICE >= now);
        if self.refused.len() >= 2
            && let Some(limit) = self.limit
        {
            self.refused.clear();
            let half = (self.rate(now) / 2.0).max(SLOWEST).min(refill(limit));
            self.slowed = Some((half, now));
        }
        let oldest = self.made.front().copied().unwrap_or(now);
        (oldest + Duration::from_mins(1)).saturating_sub(now)
    }

    /// How many requests a minute fill it.
    fn rate(&self, shifted: Duration) -> f64 {
        let full = refill(self.limit.unwrap_or(0));
        let Some((slow, since)) = self.slowed else {
            return full;
        };
        let past = shifted.saturating_sub(since + SLOWED).as_secs();
        let minutes = if shifted < since + SLOWED {
            0
        } else {
            past / 60 + 1
        };
        let minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
        (slow + RECOVERY * f64::from(minutes)).min(full)
    }

    fn keeps(&self, rank: Rank) -> f64 {
        // A small bucket must be able to give all the same.
        rank.keeps().min(capacity(self.limit) - 1.0)
    }

    fn fill(&mut self, shifted: Duration) {
        let passed = shifted.saturating_sub(self.filled_at).as_secs_f64();
        let rate = self.rate(shifted) / 60.0;
        self.tokens = (self.tokens + passed * rate).min(capacity(self.limit));
        self.filled_at = shifted;
        while self.made.front().is_some_and(|at| *at + MINUTE <= shifted) {
            self.made.pop_front();
        }
    }
}

/// How much a bucket for this limit holds.
fn capacity(limit: Option<u32>) -> f64 {
    let most = limit.map_or(CAPACITY, |limit| (limit / 2).clamp(1, CAPACITY));
    f64::from(most)
}

/// How many requests a minute fill it, so that a full bucket and these are the limit.
fn refill(limit: u32) -> f64 {
    (f64::from(limit) - capacity(Some(limit))).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The times at which requests go, if there is always one more.
    fn greedy(
        bucket: &mut Bucket,
        rank: Rank,
        mut now: Duration,
        until: Duration,
    ) -> Vec<Duration> {
        let mut made = Vec::new();
        while now < until {
            match bucket.take(rank, 0, now) {
                Ok(()) => made.push(now),
                Err(wait) => now += wait,
            }
        }
        made
    }

    fn busiest(made: &[Duration]) -> usize {
        let in_minute = |from: &Duration| {
            let until = *from + Duration::from_mins(1);
            made.iter()
                .filter(|at| (*from..until).contains(*at))
                .count()
        };
        made.iter().map(in_minute).max().unwrap_or(0)
    }

    #[test]
    fn no_minute_sees_more_than_the_limit() {
        for limit in [1, 2, 5, 12, 30, 60, 300] {
            let mut bucket = Bucket::new(Some(limit), Duration::ZERO);
            let until = Duration::from_mins(5);
            let made = greedy(&mut bucket, Rank::Urgent, Duration::ZERO, until);
            assert!(
                busiest(&made) <= limit as usize,
                "{limit}: {}",
                busiest(&made)
            );
            // In five minutes: more than twice the limit, and most often four times.
            assert!(made.len() >= 2 * limit as usize, "{limit}: {}", made.len());
        }
    }

    #[test]
    fn a_restart_forgets_no_request() {
        let mut made: Vec<Duration> = Vec::new();
        for start in 0..40 {
            // The clock of each run begins at zero.
            let began = SECOND * start * 3;
            let mut bucket = Bucket::new(Some(60), Duration::ZERO);
            bucket.restore(
                made.iter().map(|at| began.saturating_sub(*at)).collect(),
                Duration::ZERO,
            );
            let run = greedy(&mut bucket, Rank::Urgent, Duration::ZERO, SECOND * 3);
            made.extend(run.into_iter().map(|at| began + at));
        }
        assert!(busiest(&made) <= 60, "{}", busiest(&made));
        assert!(made.len() >= 90, "{}", made.len());
    }

    #[test]
    fn the_last_requests_are_for_what_is_urgent() {
        let mut bucket = Bucket::new(Some(60), Duration::ZERO);
        while bucket.take(Rank::Poll, 0, Duration::ZERO).is_ok() {}
        assert!(bucket.take(Rank::Change, 1, Duration::ZERO).is_err());
        assert!(bucket.take(Rank::Change, 0, Duration::ZERO).is_ok());
        assert!(bucket.take(Rank::Change, 0, Duration::ZERO).is_err());
        for _ in 0..3 {
            assert!(bucket.take(Rank::Urgent, 0, Duration::ZERO).is_ok());
        }
        assert!(bucket.take(Rank::Urgent, 0, Duration::ZERO).is_err());
        let mut free = Bucket::new(None, Duration::ZERO);
        for _ in 0..1000 {
            assert!(free.take(Rank::Poll, 5, Duration::ZERO).is_ok());
        }
    }

    #[test]
    fn two_refusals_slow_it_down_for_a_while() {
        let mut bucket = Bucket::new(Some(60), Duration::ZERO);
        let at = |minutes| Duration::from_mins(minutes);
        let rate = |bucket: &Bucket, minutes| bucket.rate(at(minutes) + MINUTE).round();
        bucket.refused(at(1));
        assert!((rate(&bucket, 1) - 50.0).abs() < 0.1);
        bucket.refused(at(7));
        assert!((rate(&bucket, 7) - 50.0).abs() < 0.1);
        bucket.refused(at(8));
        let rates: Vec<f64> = [8, 17, 18, 19, 22, 30].map(|m| rate(&bucket, m)).to_vec();
        assert_eq!(rates, [25.0, 25.0, 30.0, 35.0, 50.0, 50.0]);
    }

    #[test]
    fn a_refusal_lasts_until_the_oldest_request_is_a_minute_old() {
        let mut bucket = Bucket::new(Some(60), Duration::ZERO);
        // None of ours: others made them, who knows when.
        assert_eq!(bucket.refused(SECOND), SECOND * 60);
        assert!(bucket.take(Rank::Urgent, 0, SECOND * 10).is_ok());
        assert!(bucket.take(Rank::Urgent, 0, SECOND * 20).is_ok());
        assert_eq!(bucket.refused(SECOND * 30), SECOND * 40);
    }
}
