//! A clock that jumps to the next time something waits for, as soon as nothing else is to do. It
//! runs no further than it is told, so a test can act at a known time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use qurate::domain::time::Timestamp;
use qurate::sync::Clock;

/// So often everything is polled in vain before time passes.
const QUIET: u32 = 8;

#[derive(Debug, Default)]
struct State {
    now: Duration,
    /// Time stands still here.
    end: Duration,
    /// How far the wall clock is off, in seconds.
    skew: i64,
    sleepers: BTreeMap<u64, Duration>,
    next: u64,
    quiet: u32,
}

/// The clock of a worker and of its server.
#[derive(Debug)]
pub(crate) struct SimClock {
    start: Timestamp,
    state: Mutex<State>,
}

impl SimClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Timestamp(chrono::Utc::now().timestamp()),
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    /// Lets so much more time pass.
    pub(crate) fn run(&self, time: Duration) {
        let mut state = self.state();
        state.end = state.now.saturating_add(time);
    }

    /// Lets so much time pass, and waits until it has.
    pub(crate) fn pass(&self, time: Duration) {
        self.run(time);
        let patience = std::time::Instant::now() + Duration::from_secs(20);
        while {
            let state = self.state();
            state.now < state.end
        } {
            assert!(
                std::time::Instant::now() < patience,
                "time stands still: {:?}",
                self.state()
            );
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Has the wall clock jump to so many seconds from the true time.
    pub(crate) fn skew(&self, seconds: i64) {
        self.state().skew = seconds;
    }

    /// What time it truly is.
    pub(crate) fn truth(&self) -> Timestamp {
        let seconds = i64::try_from(self.state().now.as_secs()).expect("a short run");
        self.start.plus(seconds)
    }
}

impl Clock for SimClock {
    fn wall(&self) -> Timestamp {
        let skew = self.state().skew;
        self.truth().plus(skew)
    }

    fn elapsed(&self) -> Duration {
        self.state().now
    }

    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let sleeper = Sleeper::new(self, until);
            while !sleeper.is_over() {
                if self.state().quiet > QUIET {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                } else {
                    tokio::task::yield_now().await;
                }
            }
        })
    }
}

/// What a program sees of a clock that ran before the program started.
#[derive(Debug)]
pub(crate) struct Started {
    clock: Arc<SimClock>,
    at: Duration,
}

impl Started {
    pub(crate) fn now(clock: &Arc<SimClock>) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(clock),
            at: clock.elapsed(),
        })
    }
}

impl Clock for Started {
    fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.at)
    }

    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.clock.sleep_until(until.saturating_add(self.at))
    }
}

/// Something that waits for a time.
struct Sleeper<'a> {
    clock: &'a SimClock,
    number: u64,
    until: Duration,
}

impl<'a> Sleeper<'a> {
    fn new(clock: &'a SimClock, until: Duration) -> Self {
        let mut state = clock.state();
        state.next += 1;
        let number = state.next;
        state.sleepers.insert(number, until);
        state.quiet = 0;
        Self {
            clock,
            number,
            until,
        }
    }

    /// Says whether its time has come; lets time pass if nothing else happens.
    fn is_over(&self) -> bool {
        let mut state = self.clock.state();
        let first = state.sleepers.iter().min_by_key(|(_, until)| **until);
        let is_first = first.is_some_and(|(number, _)| *number == self.number);
        if state.now < self.until && is_first {
            state.quiet = state.quiet.saturating_add(1);
            if state.quiet > QUIET {
                state.now = state.now.max(self.until.min(state.end));
            }
        }
        state.now >= self.until
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut state = self.clock.state();
        state.sleepers.remove(&self.number);
        state.quiet = 0;
    }
}
