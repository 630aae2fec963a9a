//! The check that nothing is left waiting for nothing.

use std::time::Duration;

use super::{Account, Worker, soonest};
use crate::api::Api;
use crate::domain::id::OperationId;
use crate::sync::outbox::Plan;

/// The longest the worker sleeps while something may be sent: the budget lets it go by then.
const LONGEST_REST: Duration = Duration::from_secs(65);

impl<A: Api> Worker<A> {
    /// Checks that what may act will: something is under way, or a time is set at which it goes
    /// on, and each operation waits for something there is. Returns when to wake, sooner should
    /// that not be so.
    pub(super) fn alive(&mut self, wake: Option<Duration>) -> Option<Duration> {
        let now = self.clock.elapsed();
        // While one of these is not so, it is what all operations wait for.
        let may_send = self.role.is_leader()
            && !self.following.is_behind()
            && self.account == Account::Ready
            && !self.saving.owes()
            && !self.outbox.entries().is_empty();
        if !may_send || !self.tasks.is_empty() {
            return wake;
        }
        let (plan, forgotten) = self.plan_and_forgotten();
        let soon = now.max(self.line.open_at) + LONGEST_REST;
        let wake = soonest(wake, plan.wake);
        let sleeps = wake.is_none_or(|wake| wake > soon);
        let waits_for_read = !plan.reads.is_empty() && wake.is_none();
        if forgotten.is_empty() && !waits_for_read && (plan.ready.is_empty() || !sleeps) {
            return wake;
        }
        debug_assert!(
            false,
            "it sleeps until {wake:?} with {:?} to do, {forgotten:?} forgotten of {:#?}",
            plan.ready,
            self.outbox.entries(),
        );
        if self.said_forgotten != forgotten || forgotten.is_empty() {
            tracing::error!(
                ready = plan.ready.len(),
                ?forgotten,
                "the worker would have slept with work to do"
            );
            self.said_forgotten = forgotten;
        }
        soonest(wake, Some(now + LONGEST_REST))
    }

    /// Returns the plan, and the operations that wait for nothing there is: both as of one moment.
    fn plan_and_forgotten(&self) -> (Plan, Vec<OperationId>) {
        self.with_now(|outbox, now, busy| {
            let plan = outbox.plan(now, busy);
            let waits = outbox.waits(&plan, now, busy).into_iter();
            let forgotten = waits.filter(|(_, waits)| waits.is_none());
            let forgotten = forgotten.map(|(id, _)| id).collect();
            (plan, forgotten)
        })
    }
}
