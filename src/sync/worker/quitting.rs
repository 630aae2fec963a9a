//! The end: everything is in order on disk, and what waits has gone out if the person has it so.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use super::lane::Lane;
use super::ready::SHORT_QUEUE;
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
    /// at once and is still in its window waits for the person, a delete until its window is over.
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
        // Nobody will look at what they bring.
        for lane in self.lanes.values() {
            if let Some(Busy::Read(read)) = &lane.busy
                && read.rank == Rank::Poll
            {
                read.abort.abort();
            }
        }
        ControlFlow::Continue(())
    }

    /// Counts what is not done.
    pub(super) fn left(&self) -> Counts {
        let entries = self.outbox.entries().iter();
        Counts::of(entries.map(|entry| &entry.state))
    }

    /// Starts only the reads that a change waits for, also one of the `wanted` queues. Says when the
    /// next one may.
    pub(super) fn start_needed_reads(&mut self, wanted: &BTreeSet<ProfileId>) -> Option<Duration> {
        let (now, settle) = (self.clock.elapsed(), self.settings.pace.settle);
        for profile in wanted {
            if let Some(lane) = self.lanes.get_mut(profile) {
                lane.read_soon(now, settle);
                lane.needed = true;
            }
        }
        let needed: Vec<(ProfileId, Duration)> = self
            .lanes
            .iter()
            .filter(|(_, lane)| lane.needed && lane.busy.is_none() && self.is_read_in_time(lane))
            .map(|(id, lane)| (id.clone(), lane.due()))
            .collect();
        let mut wake = None;
        for (id, due) in needed {
            if due > now {
                wake = soonest(wake, Some(due));
            } else if self.has_room() {
                self.start_read(id, Rank::Change);
            }
        }
        wake
    }

    /// Says whether a queue can be read before the time is over. One that takes many requests of few
    /// would only keep them from what could still be sent.
    fn is_read_in_time(&self, lane: &Lane) -> bool {
        let is_short = lane.rows <= SHORT_QUEUE || !self.gate.is_limited();
        is_short
            && self
                .flush_until
                .is_some_and(|until| lane.read_rests < until)
    }

    /// Says whether the time for sending is over.
    pub(super) fn is_time_over(&self) -> bool {
        self.flush_until
            .is_some_and(|until| until <= self.clock.elapsed())
    }

    /// Says whether quitting has nothing more to wait for: nothing is on its way, and nothing else can
    /// be sent in time.
    pub(super) fn is_flushed(&self) -> bool {
        let Some(until) = self.flush_until else {
            return false;
        };
        let mut lanes = self.lanes.values();
        if lanes.any(|lane| matches!(lane.busy, Some(Busy::Change))) {
            return self.is_time_over();
        }
        let can_send =
            self.role.is_leader() && self.account != Account::Refused && self.line.open_at < until;
        !can_send || !(self.has_ready() || self.tries_again(until))
    }

    /// Says whether something may go, at once or once its queue was read.
    fn has_ready(&self) -> bool {
        let plan = self.plan();
        let in_time = |profile| {
            let lane = self.lanes.get(profile);
            lane.is_some_and(|lane| self.is_read_in_time(lane))
        };
        let needs_read = |profile| self.lanes.get(profile).is_some_and(|lane| lane.needed);
        let mut ready = plan.ready.iter().map(|(profile, _)| profile);
        ready.any(|profile| !needs_read(profile) || in_time(profile))
            || plan.reads.iter().any(in_time)
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
