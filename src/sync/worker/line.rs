//! The state of the line: when the next request may go, and what to say of it.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use crate::api::ApiError;
use crate::domain::time::Timestamp;
use crate::protocol::Link;
use crate::sync::backoff::{Bucket, backoff};
use crate::sync::{Clock, Pace};

/// What the API may ask us to wait, at most; a server that says "a year" means "broken".
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// The line to the API.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) link: Link,
    /// Failures in a row; while there are any, one request at a time tries whether it works again.
    pub(super) failures: u32,
    /// No request before this.
    pub(super) open_at: Duration,
    /// When it last began to work: what was read before that is old.
    pub(super) works_since: Duration,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            link: Link::Connecting,
            failures: 0,
            open_at: Duration::ZERO,
            works_since: Duration::ZERO,
        }
    }

    /// Notes that a request was answered. Returns the link if that is news.
    pub(super) fn works(&mut self, wall: Timestamp, now: Duration) -> Option<Link> {
        if self.failures > 0 {
            self.works_since = now;
        }
        self.failures = 0;
        self.open_at = Duration::ZERO;
        if matches!(self.link, Link::Online { .. }) {
            return None;
        }
        self.set(Link::Online { since: wall })
    }

    /// Notes that a request failed for a reason that is not its own. Returns the link if that is
    /// news.
    pub(super) fn fails(
        &mut self,
        error: &ApiError,
        clock: &dyn Clock,
        pace: &Pace,
        random: &mut fastrand::Rng,
    ) -> Option<Link> {
        self.failures = self.failures.saturating_add(1);
        let (now, wall) = (clock.elapsed(), clock.wall());
        let wait = backoff(self.failures, pace, random);
        if let ApiError::Later { after } = error {
            let asked = after.unwrap_or_default().min(LONGEST_WAIT);
            let wait = wait.max(asked + asked.mul_f64(0.1 * random.f64()));
            self.open_at = now + wait;
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(0) + 1;
            return self.set(Link::Limited {
                until: wall.plus(seconds),
            });
        }
        self.open_at = now + wait;
        if self.link == Link::Connecting && self.failures <= pace.patience {
            return None;
        }
        let since = match &self.link {
            Link::Offline { since, .. } => *since,
            Link::Connecting
            | Link::Online { .. }
            | Link::Limited { .. }
            | Link::SignIn { .. }
            | Link::Follower => wall,
        };
        self.set(Link::Offline {
            since,
            reason: error.to_string(),
        })
    }

    /// Changes the link. Returns it if it is another.
    pub(super) fn set(&mut self, link: Link) -> Option<Link> {
        if self.link == link {
            return None;
        }
        self.link = link.clone();
        Some(link)
    }
}

/// Where requests wait for the account's budget.
pub(in crate::sync) struct Gate {
    bucket: RefCell<Bucket>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl Gate {
    pub(in crate::sync) fn new(per_minute: Option<u32>, clock: Arc<dyn Clock>) -> Self {
        let bucket = RefCell::new(Bucket::new(per_minute, clock.elapsed()));
        Self { bucket, clock }
    }

    pub(super) fn set_limit(&self, per_minute: Option<u32>) {
        self.bucket
            .borrow_mut()
            .set_limit(per_minute, self.clock.elapsed());
    }

    /// Says whether the account has a limit at all.
    pub(super) fn is_limited(&self) -> bool {
        self.bucket.borrow().is_limited()
    }

    /// Takes one request for a change, or says how long to wait.
    pub(super) fn try_pass(&self) -> Result<(), Duration> {
        self.bucket.borrow_mut().take(0.0, self.clock.elapsed())
    }

    /// Waits for one request of a read; some are left for changes.
    pub(in crate::sync) async fn pass(&self) {
        self.wait(Bucket::RESERVE).await;
    }

    /// Waits for one request that a person waits for.
    pub(super) async fn pass_now(&self) {
        self.wait(0.0).await;
    }

    async fn wait(&self, keep: f64) {
        loop {
            let now = self.clock.elapsed();
            let taken = self.bucket.borrow_mut().take(keep, now);
            match taken {
                Ok(()) => return,
                Err(wait) => self.clock.sleep_until(now + wait).await,
            }
        }
    }
}
