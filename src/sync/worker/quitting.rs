//! The end: everything is in order on disk, and what waits has gone out if the person has it so.

use std::ops::ControlFlow;
use std::time::Duration;

use super::{Account, Busy, Worker, soonest};
use crate::api::Api;
use crate::domain::id::{OperationId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::replica::Counts;
use crate::protocol::Leaving;
use crate::sync::budget::Rank;
use crate::sync::outbox::is_immediate;

impl<A: Api> Worker<A> {
    /// Puts everything in order on disk. Nothing is sent early because of quitting: what publishes
    /// at once and is still in its window waits for the person, a delete for the next start.
    pub(super) async fn quit(&mut self, leaving: Leaving) -> ControlFlow<()> {
        if self.saving.owes() {
            self.record(Vec::new(), Vec::new()).await;
        }
        self.save().await;
        // After the last try to store: what got stored only now may be in its window too.
        let now = self.clock.elapsed();
        let in_window: Vec<OperationId> = self
            .outbox
            .entries()
            .iter()
            .filter(|entry| {
                entry.state == OperationState::Queued
                    && !self.following.is_foreign(entry.operation.id)
                    && is_immediate(&entry.operation.change)
                    && entry.opens_at > now
            })
            .map(|entry| entry.operation.id)
            .collect();
        self.hold_in_window(&in_window).await;
        self.held_at_end.extend(in_window);
        let settings = &mut self.settings;
        let sends = !settings.flush_on_quit.is_zero() && self.role.is_leader();
        if leaving == Leaving::AtOnce || !sends {
            return ControlFlow::Break(());
        }
        // No more keys will come.
        (settings.pace.reorder_rest, settings.pace.reorder_limit) = Default::default();
        let until = self.clock.elapsed() + settings.flush_on_quit;
        self.flush_until.get_or_insert(until);
        ControlFlow::Continue(())
    }

    /// Counts what is not done.
    pub(super) fn left(&self) -> Counts {
        let entries = self.outbox.entries().iter();
        Counts::of(entries.map(|entry| &entry.state))
    }

    /// Starts only the reads that a change waits for. Says when the next one may.
    pub(super) fn start_needed_reads(&mut self) -> Option<Duration> {
        let (now, mut wake) = (self.clock.elapsed(), None);
        let needed: Vec<(ProfileId, Duration)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.needed && lane.busy.is_none())
            .map(|(id, lane)| (id.clone(), lane.read_at.max(lane.read_rests)))
            .collect();
        for (id, due) in needed {
            if due > now {
                wake = soonest(wake, Some(due));
            } else if self.has_room() {
                self.start_read(id, Rank::Change);
            }
        }
        wake
    }

    /// Says whether quitting has nothing more to wait for: nothing changes and nothing may yet, or
    /// never will. What is only read is not waited for.
    pub(super) fn is_flushed(&self) -> bool {
        let changes = || {
            let mut lanes = self.lanes.values();
            lanes.any(|lane| matches!(lane.busy, Some(Busy::Change)))
        };
        self.flush_until.is_some_and(|until| {
            let is_refused = self.account == Account::Refused;
            let over = is_refused || self.clock.elapsed() >= until;
            over || (!changes() && self.plan().ready.is_empty() && !self.tries_again(until))
        })
    }

    /// Says whether something that may go out waits until it is tried again, and that is before
    /// `until`.
    fn tries_again(&self, until: Duration) -> bool {
        let now = self.clock.elapsed();
        self.outbox.entries().iter().any(|entry| {
            matches!(
                entry.state,
                OperationState::Queued | OperationState::Unknown
            ) && entry.opens_at <= now
                && (now..until).contains(&entry.not_until)
        })
    }
}
