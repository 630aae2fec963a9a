//! The steps of the worker, so that tests can end it at each of them as a crash would.
//!
//! A step lies before and after everything that others can see: a commit, the first byte of a
//! request, what follows from its answer.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Ends the worker at one of its steps, for tests: nothing after that step is done.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// At which step; 0: at none.
    at: u64,
    passed: AtomicU64,
    hit: Notify,
}

impl Interrupt {
    /// Ends the worker at its `at`-th step, from 1; 0: at none, the steps are only counted.
    pub fn at(at: u64) -> Self {
        Self(Arc::new(Inner {
            at,
            ..Inner::default()
        }))
    }

    /// How many steps there were.
    pub fn passed(&self) -> u64 {
        self.0.passed.load(Ordering::Relaxed)
    }

    /// Whether the worker was ended.
    pub fn was_hit(&self) -> bool {
        self.0.at > 0 && self.passed() >= self.0.at
    }

    /// Takes one step. It never returns if the worker ends here.
    pub(super) async fn step(&self) {
        let step = self.0.passed.fetch_add(1, Ordering::Relaxed) + 1;
        if step == self.0.at {
            self.0.hit.notify_one();
            pending::<()>().await;
        }
    }

    /// Waits for the step at which the worker ends.
    pub(super) async fn hit(&self) {
        self.0.hit.notified().await;
    }
}
