//! The check that nothing is left waiting for nothing.

use std::time::Duration;

use super::{Account, Worker, soonest};
use crate::api::Api;

/// The longest the worker sleeps while something may be sent: the budget lets it go by then.
const LONGEST_REST: Duration = Duration::from_secs(65);

impl<A: Api> Worker<A> {
    /// Checks that what may act will: something is under way, or a time is set at which it goes
    /// on. Returns when to wake, sooner should that not be so.
    pub(super) fn alive(&self, wake: Option<Duration>) -> Option<Duration> {
        let may_send = self.role.is_leader()
            && !self.following.is_behind()
            && self.account == Account::Ready
            && !self.saving.owes();
        let now = self.clock.elapsed();
        let soon = now.max(self.line.open_at) + LONGEST_REST;
        if !may_send || !self.tasks.is_empty() || wake.is_some_and(|wake| wake <= soon) {
            return wake;
        }
        let plan = self.plan();
        if plan.ready.is_empty() {
            return soonest(wake, plan.wake);
        }
        debug_assert!(
            false,
            "it sleeps until {wake:?} with {:?} to do",
            plan.ready
        );
        tracing::error!(
            ready = plan.ready.len(),
            "the worker would have slept with work to do"
        );
        Some(now + LONGEST_REST)
    }
}
