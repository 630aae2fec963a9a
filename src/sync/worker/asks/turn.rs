//! What is read or done next of what was asked for: first what a person waits for. Pages of sent
//! updates are also read again without anybody who waits; of very many profiles that would be in the
//! way of queues that were never read.

use super::Ask;
use crate::api::Api;
use crate::domain::id::ProfileId;
use crate::sync::worker::Worker;

impl<A: Api> Worker<A> {
    /// Returns what a person waits for; else what nobody does, of the queue on the screen, and of the
    /// others while there is more budget than is needed.
    pub(super) fn next_ask(&mut self) -> Option<Ask> {
        let waits = |ask: &Ask| refreshed(ask).is_none();
        if let Some(at) = self.asks.iter().position(waits) {
            let ask = self.asks.remove(at)?;
            if let Ask::Sent {
                profile, page: 1, ..
            } = &ask
            {
                // Once is enough.
                self.asks.retain(|other| refreshed(other) != Some(profile));
                if let Some(lane) = self.lanes.get_mut(profile) {
                    lane.sent_due = false;
                }
            }
            return Some(ask);
        }
        while let Some(ask) = self.asks.pop_front() {
            let profile = refreshed(&ask);
            if profile == self.focus.as_ref() || self.gate.has_spare() {
                return Some(ask);
            }
            // After the next read of its queue.
            if let Some(lane) = profile.and_then(|profile| self.lanes.get_mut(profile)) {
                lane.sent_due = true;
            }
        }
        None
    }
}

/// Returns whose sent updates are read again without anybody who waits for it.
fn refreshed(ask: &Ask) -> Option<&ProfileId> {
    match ask {
        Ask::Sent {
            profile,
            by_person: false,
            ..
        } => Some(profile),
        Ask::Sent { .. } | Ask::Interactions { .. } | Ask::Do(_) => None,
    }
}
