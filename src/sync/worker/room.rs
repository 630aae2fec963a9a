//! How much room the queues take, and what becomes of a read that is more than is kept
//! ([`crate::sync::allowance`]).

use std::collections::HashSet;
use std::time::Duration;

use super::Worker;
use crate::api::Api;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::replica::QueueSnapshot;
use crate::protocol::SyncEvent;
use crate::sync::allowance::{Share, TooMuch, kept_size};

/// A queue of which too much came is not read again before that, or until the person says so: it
/// took very many requests.
const TOO_MUCH_REST: Duration = Duration::from_mins(10);

impl<A: Api> Worker<A> {
    /// Notes how many bytes a queue takes from now on.
    pub(super) fn note_kept(&mut self, profile: &ProfileId, bytes: usize) {
        let share = Share::kept(&self.allowance, bytes);
        self.kept.insert(profile.clone(), share);
    }

    /// Notes what a queue takes that was read back from the store.
    pub(super) fn note_restored(&mut self, profile: &ProfileId, queue: &QueueSnapshot) {
        let all = queue.updates.iter().chain(&queue.failed);
        self.note_kept(profile, all.map(kept_size).sum());
    }

    /// Returns about how many bytes so many updates take of those that are kept of a queue.
    pub(super) fn kept_bytes(&self, profile: &ProfileId, some: usize, all: usize) -> usize {
        let bytes = self.kept.get(profile).map_or(0, Share::bytes);
        bytes.saturating_mul(some) / all.max(1)
    }

    /// Says whether a queue may take so many bytes from now on.
    pub(super) fn fits(&self, profile: &ProfileId, bytes: usize) -> Result<(), TooMuch> {
        let replaces = self.kept.get(profile).map_or(0, Share::bytes);
        self.allowance.has_room(bytes, replaces)
    }

    /// Has a queue stay as it is, and says so.
    pub(super) fn too_much(&mut self, profile: ProfileId, why: TooMuch) {
        self.rest_reads(&profile, TOO_MUCH_REST);
        // The next one is said, whatever it brings.
        let lane = self.lane(&profile);
        (lane.read_done, lane.revision) = (None, None);
        self.emit(SyncEvent::NotRead {
            profile,
            reason: why.to_string(),
        });
    }

    /// With what a read does not show any more it is more than is kept. If the next one does not show
    /// that either, it is gone, and there is room.
    pub(super) fn too_much_with(
        &mut self,
        profile: &ProfileId,
        doubted: HashSet<LocalId>,
        why: TooMuch,
    ) {
        if doubted.is_empty() {
            return self.too_much(profile.clone(), why);
        }
        let soon = self.clock.elapsed() + self.settings.pace.settle;
        let lane = self.lane(profile);
        lane.missing.extend(doubted);
        lane.read_at = soon;
        lane.whole = true;
    }
}
