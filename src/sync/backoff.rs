//! How long to wait: after failures, and between requests.

use std::time::Duration;

use super::Pace;

/// Returns how long to wait after the `failures`-th failure in a row (from 1): full jitter, so that
/// programs that failed together do not come back together.
pub(super) fn backoff(failures: u32, pace: &Pace, random: &mut fastrand::Rng) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let limit = pace
        .backoff_first
        .saturating_mul(1 << doublings)
        .min(pace.backoff_cap);
    limit.mul_f64(random.f64()).max(pace.backoff_floor)
}

/// Returns `base` ± 20 %, so that polls of several profiles spread out.
pub(super) fn jittered(base: Duration, random: &mut fastrand::Rng) -> Duration {
    base.mul_f64(0.8 + 0.4 * random.f64())
}

/// A bucket of requests that may be made now. It holds at most [`Bucket::CAPACITY`] and fills
/// evenly, so no minute sees more than the limit and that many.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    per_minute: Option<u32>,
    tokens: f64,
    filled_at: Duration,
}

impl Bucket {
    const CAPACITY: f64 = 10.0;
    /// What reads leave for changes.
    pub(super) const RESERVE: f64 = 3.0;

    /// Makes a full bucket; no limit: it is never empty.
    pub(super) fn new(per_minute: Option<u32>, now: Duration) -> Self {
        Self {
            per_minute,
            tokens: Self::CAPACITY,
            filled_at: now,
        }
    }

    /// Says whether there is a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.per_minute.is_some()
    }

    /// Changes the limit; what is in the bucket stays.
    pub(super) fn set_limit(&mut self, per_minute: Option<u32>, now: Duration) {
        self.fill(now);
        self.per_minute = per_minute;
    }

    /// Takes one request out if more than `keep` are left with it; else says how long to wait.
    pub(super) fn take(&mut self, keep: f64, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        let Some(per_minute) = self.per_minute else {
            return Ok(());
        };
        let missing = 1.0 + keep - self.tokens;
        if missing <= 0.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let seconds = missing * 60.0 / f64::from(per_minute.max(1));
        Err(Duration::from_secs_f64(seconds.max(0.01)))
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        let rate = f64::from(self.per_minute.unwrap_or(0)) / 60.0;
        self.tokens = (self.tokens + passed * rate).min(Self::CAPACITY);
        self.filled_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backoff_stays_between_floor_and_cap_and_grows() {
        let pace = Pace::remote();
        let mut random = fastrand::Rng::with_seed(7);
        let mut longest = Duration::ZERO;
        for failures in 1..200 {
            let wait = backoff(failures, &pace, &mut random);
            assert!(wait >= pace.backoff_floor && wait <= pace.backoff_cap);
            assert!(failures > 3 || wait <= Duration::from_secs(1 << (failures - 1)));
            longest = longest.max(wait);
        }
        assert!(longest > Duration::from_secs(40), "{longest:?}");
    }

    #[test]
    fn no_minute_sees_more_than_the_limit_and_a_full_bucket() {
        let mut bucket = Bucket::new(Some(50), Duration::ZERO);
        let mut now = Duration::ZERO;
        let mut sent = Vec::new();
        while now < Duration::from_mins(5) {
            match bucket.take(0.0, now) {
                Ok(()) => sent.push(now),
                Err(wait) => now += wait,
            }
        }
        let most = sent.iter().map(|from| {
            let until = *from + Duration::from_mins(1);
            sent.iter()
                .filter(|at| (*from..until).contains(*at))
                .count()
        });
        let most = most.max().unwrap_or(0);
        assert!((58..=60).contains(&most), "{most}");
        assert!(sent.len() >= 250, "{}", sent.len());
    }

    #[test]
    fn reads_leave_requests_for_changes() {
        let mut bucket = Bucket::new(Some(60), Duration::ZERO);
        while bucket.take(Bucket::RESERVE, Duration::ZERO).is_ok() {}
        for _ in 0..3 {
            assert!(bucket.take(0.0, Duration::ZERO).is_ok());
        }
        assert!(bucket.take(0.0, Duration::ZERO).is_err());
        let mut free = Bucket::new(None, Duration::ZERO);
        for _ in 0..1000 {
            assert!(free.take(Bucket::RESERVE, Duration::ZERO).is_ok());
        }
    }
}
