//! How long to wait: after failures, and between reads.

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
}
