//! The worker's clock: what time it is, and how to wait.
//!
//! Handed in, so that tests can let hours pass at once. It drives backoff, polls, windows and the
//! request budget; timeouts of sockets and files stay real.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::domain::time::Timestamp;

/// Tells the time and waits.
pub trait Clock: Send + Sync + 'static {
    /// What the wall clock says. It may jump.
    fn wall(&self) -> Timestamp;
    /// How long this clock has run. It never jumps.
    fn elapsed(&self) -> Duration;
    /// Waits until it has run for `until`.
    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        Timestamp(chrono::Utc::now().timestamp())
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // Time that cannot be added is further away than any program runs.
        match self.start.checked_add(until) {
            Some(instant) => Box::pin(tokio::time::sleep_until(instant.into())),
            None => Box::pin(std::future::pending()),
        }
    }
}
