//! The state of the line: when the next request may go, and what to say of it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::api::ApiError;
use crate::domain::time::Timestamp;
use crate::protocol::Link;
use crate::sync::backoff::backoff;
use crate::sync::budget::{Bucket, MINUTE, Rank};
use crate::sync::{Clock, Pace};

/// What the API may ask us to wait, at most; a server that says "a year" means "broken".
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// Times of requests that are kept.
const MOST_STAMPS: usize = 600;
/// After so many failures in a row, or if half of [`ENOUGH`] in [`LATELY`] fail, the line is down:
/// it is tried at [`FIRST_PROBE`], and then after twice as long each time.
const MOST_FAILURES: u32 = 5;
const ENOUGH: usize = 10;
const LATELY: Duration = Duration::from_secs(30);
const FIRST_PROBE: Duration = Duration::from_secs(5);
/// A read that is let go first begins at most so long after it may.
const EXPECTED: Duration = Duration::from_secs(1);
/// The longest time between tries, in longest backoffs: five minutes, with the usual pace.
const LONGEST_PROBE: u32 = 5;

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
    /// What came of the last requests, oldest first.
    outcomes: VecDeque<(Duration, bool)>,
    /// How often it was tried since it is said to be down.
    probes: u32,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            link: Link::Connecting,
            failures: 0,
            open_at: Duration::ZERO,
            works_since: Duration::ZERO,
            outcomes: VecDeque::new(),
            probes: 0,
        }
    }

    /// Notes that a request was answered. Returns the link if that is news.
    pub(super) fn works(&mut self, wall: Timestamp, now: Duration) -> Option<Link> {
        self.note(now, true);
        if matches!(self.link, Link::Limited { .. }) && self.open_at > now {
            // It was on its way when the server said "not now" to another.
            return None;
        }
        if self.failures > 0 {
            self.works_since = now;
        }
        if self.probes > 0 {
            self.outcomes.clear();
        }
        (self.failures, self.probes) = (0, 0);
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
        gate: &Gate,
        pace: &Pace,
        random: &mut fastrand::Rng,
    ) -> Option<Link> {
        self.failures = self.failures.saturating_add(1);
        let clock = Arc::clone(&gate.clock);
        let (now, wall) = (clock.elapsed(), clock.wall());
        if let ApiError::Later { after } = error {
            let wait = limited(*after, gate, pace, random).max(self.open_at.saturating_sub(now));
            self.open_at = now + wait;
            gate.close(self.open_at);
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(0) + 1;
            return self.set(Link::Limited {
                until: wall.plus(seconds),
            });
        }
        self.note(now, false);
        let wait = if self.is_down() {
            self.probes = self.probes.saturating_add(1);
            probe(self.probes, pace)
        } else {
            backoff(self.failures, pace, random)
        };
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

    fn note(&mut self, now: Duration, works: bool) {
        self.outcomes.push_back((now, works));
        self.outcomes.retain(|(at, _)| *at + LATELY >= now);
    }

    /// Says whether so much fails that the line is only tried now and then.
    fn is_down(&self) -> bool {
        let failed = self.outcomes.iter().filter(|(_, works)| !works).count();
        let half = self.outcomes.len() >= ENOUGH && failed * 2 >= self.outcomes.len();
        self.probes > 0 || self.failures >= MOST_FAILURES || half
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

/// How long to wait after the `probes`-th failure of a line that is down.
fn probe(probes: u32, pace: &Pace) -> Duration {
    // Our own server on this machine costs nothing to try.
    let longest = if pace.backoff_cap <= Duration::from_secs(1) {
        pace.backoff_cap
    } else {
        pace.backoff_cap * LONGEST_PROBE
    };
    let doublings = probes.saturating_sub(1).min(16);
    FIRST_PROBE.saturating_mul(1 << doublings).min(longest)
}

/// How long to wait after a server said "too many": as long as it says and a little more, or until
/// it must have room for us.
fn limited(
    after: Option<Duration>,
    gate: &Gate,
    pace: &Pace,
    random: &mut fastrand::Rng,
) -> Duration {
    let oldest = gate.refused().min(pace.longest_guess);
    let shortest = pace.backoff_first.min(Duration::from_secs(1));
    match after {
        Some(asked) => {
            let asked = asked.clamp(shortest, LONGEST_WAIT);
            asked + asked.mul_f64(0.1 * random.f64())
        }
        None => oldest.max(shortest) + (5 * shortest).mul_f64(random.f64()),
    }
}

/// Where requests wait for the account's budget.
pub(in crate::sync) struct Gate {
    bucket: RefCell<Bucket>,
    /// Reads that changes wait for, and that wait here: they go before other changes.
    waiting: Cell<u32>,
    /// Until then the read of the queue on the screen goes before the others that nobody waits for.
    expected: Cell<Duration>,
    /// Nothing passes before this: the server said so.
    closed: Cell<Duration>,
    /// When what passed in the last minute is a minute old, and when it passed by the wall clock.
    stamps: RefCell<VecDeque<(Duration, Timestamp)>>,
    /// Whether something passed that is not written down yet.
    unwritten: Cell<bool>,
    passed: Notify,
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
    /// Makes a gate; `refill`: how many requests a minute are allowed, besides a few at once.
    pub(in crate::sync) fn new(refill: Option<u32>, clock: Arc<dyn Clock>) -> Self {
        let bucket = Bucket::new(refill.map(limit_of), clock.elapsed());
        Self {
            bucket: RefCell::new(bucket),
            waiting: Cell::new(0),
            expected: Cell::new(Duration::ZERO),
            closed: Cell::new(Duration::ZERO),
            stamps: RefCell::default(),
            unwritten: Cell::new(false),
            passed: Notify::new(),
            clock,
        }
    }

    /// Takes the limit that the server advertises, or else that of the settings.
    pub(super) fn set_limit(&self, advertised: Option<u32>) {
        let mut bucket = self.bucket.borrow_mut();
        bucket.set_limit(advertised, self.clock.elapsed());
    }

    /// Says whether the account has a limit at all.
    pub(super) fn is_limited(&self) -> bool {
        self.bucket.borrow().is_limited()
    }

    /// Says whether there is more than the changes that wait will need at once.
    pub(super) fn has_spare(&self) -> bool {
        let now = self.clock.elapsed();
        self.bucket.borrow_mut().has_spare(now)
    }

    /// Counts requests that were made before the start: how old each is, and when it was made.
    pub(super) fn restore(&self, made: &[(Duration, Timestamp)]) {
        let now = self.clock.elapsed();
        let ages = made.iter().map(|(age, _)| *age).collect();
        self.bucket.borrow_mut().restore(ages, now);
        let mut stamps = self.stamps.borrow_mut();
        for (age, at) in made {
            stamps.push_back((now + MINUTE.saturating_sub(*age), *at));
        }
    }

    /// When the requests of the last minute were made, by the wall clock of then: what is written
    /// again and again must not grow younger by it.
    pub(super) fn stamps(&self) -> Vec<Timestamp> {
        let now = self.clock.elapsed();
        let mut stamps = self.stamps.borrow_mut();
        stamps.retain(|(until, _)| *until > now);
        stamps.iter().map(|(_, at)| *at).collect()
    }

    /// How many may pass before more is written down.
    pub(super) fn at_once(&self) -> usize {
        let now = self.clock.elapsed();
        self.bucket.borrow_mut().at_once(now)
    }

    /// Says whether something passed since this was asked last.
    pub(super) fn take_unwritten(&self) -> bool {
        self.unwritten.take()
    }

    /// Says whether something passed that is not written down.
    pub(super) fn is_unwritten(&self) -> bool {
        self.unwritten.get()
    }

    /// The server said "too many": says when our oldest request of the last minute is a minute old.
    pub(super) fn refused(&self) -> Duration {
        let now = self.clock.elapsed();
        self.bucket.borrow_mut().refused(now)
    }

    /// Lets nothing pass before this.
    pub(super) fn close(&self, until: Duration) {
        self.closed.set(until);
    }

    /// Takes one request, or says how long to wait.
    pub(super) fn try_pass(&self, rank: Rank) -> Result<(), Duration> {
        let now = self.clock.elapsed();
        if self.closed.get() > now {
            return Err(self.closed.get().saturating_sub(now));
        }
        let before = self.waiting.get();
        self.bucket.borrow_mut().take(rank, before, now)?;
        self.note_passed();
        Ok(())
    }

    fn note_passed(&self) {
        self.unwritten.set(true);
        let until = self.clock.elapsed() + MINUTE;
        let mut stamps = self.stamps.borrow_mut();
        if stamps.len() >= MOST_STAMPS {
            stamps.pop_front();
        }
        stamps.push_back((until, self.clock.wall()));
        if self.is_limited() {
            self.passed.notify_one();
        }
    }

    /// Waits until something passed.
    pub(super) async fn passed(&self) {
        self.passed.notified().await;
    }

    /// Returns how many requests a minute may be made, besides a few at once; none: there is no limit.
    pub(super) fn refill(&self) -> Option<f64> {
        self.bucket.borrow().refill()
    }

    /// Says how long a read that nobody waits for would have to wait; none: not at all. While that of
    /// the queue on the screen has to, the others leave it the next request.
    pub(super) fn delay(&self, on_screen: bool) -> Option<Duration> {
        let now = self.clock.elapsed();
        let before = if on_screen {
            self.waiting.get()
        } else {
            self.before_polls(now)
        };
        let wait = self.bucket.borrow_mut().wait(Rank::Poll, before, now);
        let closed = self.closed.get().saturating_sub(now);
        let wait = wait.max(Some(closed).filter(|closed| !closed.is_zero()));
        if on_screen {
            let until = wait.map_or(Duration::ZERO, |wait| now + wait + EXPECTED);
            self.expected.set(until);
        }
        wait
    }

    /// How many go before reads that nobody waits for.
    fn before_polls(&self, now: Duration) -> u32 {
        self.waiting.get() + u32::from(self.expected.get() > now)
    }

    /// Waits for one request of this rank.
    pub(in crate::sync) async fn pass(&self, rank: Rank) {
        let place = (rank != Rank::Poll).then(|| Waiting::new(&self.waiting));
        loop {
            let now = self.clock.elapsed();
            // Not behind itself.
            let before = if place.is_some() {
                0
            } else {
                self.before_polls(now)
            };
            let taken = match self.closed.get().checked_sub(now) {
                Some(closed) if !closed.is_zero() => Err(closed),
                _ => self.bucket.borrow_mut().take(rank, before, now),
            };
            match taken {
                Ok(()) => return self.note_passed(),
                Err(wait) => self.clock.sleep_until(now + wait).await,
            }
        }
    }

    /// Waits for one request that a person waits for.
    pub(super) async fn pass_now(&self) {
        self.pass(Rank::Change).await;
    }
}

/// One that waits at the gate; counted as long as it does.
struct Waiting<'a>(&'a Cell<u32>);

impl<'a> Waiting<'a> {
    fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Returns what a minute may see where a bucket fills with so many a minute.
pub(super) fn limit_of(refill: u32) -> u32 {
    refill.saturating_add(10)
}
