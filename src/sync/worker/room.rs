//! How much room the queues take, and what becomes of a read that is more than is kept
//! ([`crate::sync::allowance`]).

use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use super::Worker;
use crate::api::Api;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::replica::QueueSnapshot;
use crate::protocol::SyncEvent;
use crate::sync::allowance::{Share, TooMuch, kept_size};
use crate::sync::stored::StoredUpdates;

/// A queue of which too much came is not read again before that, or until the person says so: it
/// took very many requests.
const TOO_MUCH_REST: Duration = Duration::from_mins(10);
/// So many reads in a row of which each lacks something else are not taken in silence.
const MOST_DOUBTS: u32 = 3;

/// What is kept of a queue, here and in the store.
pub(super) struct Kept {
    share: Share,
    stored: Rc<StoredUpdates>,
}

impl<A: Api> Worker<A> {
    /// Notes how many bytes a queue takes from now on, and what is stored of it.
    pub(super) fn note_kept(&mut self, profile: &ProfileId, bytes: usize, stored: StoredUpdates) {
        let kept = Kept {
            share: Share::kept(&self.allowance, bytes),
            stored: Rc::new(stored),
        };
        self.kept.insert(profile.clone(), kept);
    }

    /// Notes what a queue takes that was read back from the store.
    pub(super) fn note_restored(
        &mut self,
        profile: &ProfileId,
        queue: &QueueSnapshot,
        stored: StoredUpdates,
    ) {
        let all = queue.updates.iter().chain(&queue.failed);
        self.note_kept(profile, all.map(kept_size).sum(), stored);
    }

    /// Returns how many bytes are kept of a queue.
    pub(super) fn kept_bytes(&self, profile: &ProfileId) -> usize {
        self.kept.get(profile).map_or(0, |kept| kept.share.bytes())
    }

    /// Returns what of a queue need not be held while it is read, as it is stored. What the editor may
    /// lack will be handed over, so nothing is left out of that.
    pub(super) fn stored_of(&self, profile: &ProfileId) -> Rc<StoredUpdates> {
        let kept = self.kept.get(profile);
        let kept = kept.filter(|_| self.handed.contains_key(profile));
        kept.map_or_else(Rc::default, |kept| Rc::clone(&kept.stored))
    }

    /// What a read left out is not in the store any more: all of it is read again.
    pub(super) fn read_all_again(&mut self, profile: &ProfileId) {
        if let Some(kept) = self.kept.get_mut(profile) {
            kept.stored = Rc::default();
        }
        let now = self.clock.elapsed();
        let lane = self.lane(profile);
        (lane.read_at, lane.whole) = (now, true);
    }

    /// Says whether a queue may take so many bytes from now on.
    pub(super) fn fits(&self, profile: &ProfileId, bytes: usize) -> Result<(), TooMuch> {
        self.allowance.has_room(bytes, self.kept_bytes(profile))
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
    /// that either, it is gone, and there is room. `gone` is what this one does not show for the second
    /// time.
    pub(super) fn too_much_with(
        &mut self,
        profile: &ProfileId,
        doubted: HashSet<LocalId>,
        gone: &[LocalId],
        why: TooMuch,
    ) {
        let has_doubts = !doubted.is_empty();
        let lane = self.lane(profile);
        lane.missing = doubted;
        lane.missing.extend(gone);
        if has_doubts && lane.read_failures < MOST_DOUBTS {
            lane.whole = true;
            let settle = self.settings.pace.settle;
            self.rest_reads(profile, settle);
        } else {
            self.too_much(profile.clone(), why);
            // When the person has it read, it is tried as often again.
            self.lane(profile).read_failures = 0;
        }
    }
}
