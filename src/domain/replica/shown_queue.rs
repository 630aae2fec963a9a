//! One profile's queue as shown: its mirror with operations applied.

use std::collections::{BTreeMap, BTreeSet};

use super::delta::{QueueDelta, QueueSnapshot};
use super::differences::Differences;
use super::mirror::{Mirror, Taken};
use crate::domain::id::{IdMap, IdSet, LocalId, RemoteId};
use crate::domain::operation::{Change, Editable, Operation, Placement};
use crate::domain::profile::Profile;
use crate::domain::queue::{Queue, Row, free_slots};
use crate::domain::rare::Rare;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, OwnTime, Status, Update};

/// One profile's queue as shown.
///
/// It holds the mirror once, and of the updates only those that an operation made or edited.
#[derive(Debug, Clone, Default)]
pub struct ShownQueue {
    /// Order and times.
    pub queue: Queue,
    /// The failed updates, newest first.
    pub failed: Vec<LocalId>,
    /// What goes out at once: shares and creates "now", in their window or on their way, oldest
    /// first.
    pub leaving: Vec<LocalId>,
    mirror: Mirror,
    /// The order of those that can move as the API last said it; none: that of the rows. So it takes no
    /// room while nothing was done here.
    order: Option<Vec<LocalId>>,
    /// The updates that are not as the mirror has them.
    own: IdMap<LocalId, Update>,
    /// Deleted here; kept readable for as long as that can be taken back.
    deleted: IdSet<LocalId>,
    /// Whether rows were added, taken out or given another kind of time since the times were laid
    /// out.
    loose: bool,
}

impl ShownQueue {
    /// Takes a newer read in and shows it bare. Says whether there are other updates now, or one says
    /// something else.
    pub(super) fn take_read(&mut self, read: QueueDelta, profile: Option<&Profile>) -> bool {
        // One that has a time of its own may have others beside it.
        let pending = &read.pending;
        let is_as_before =
            || pending.lanes == self.mirror.lanes && pending.queue.movable().eq(self.read_order());
        let has_moved = !pending.lanes.fixed.is_empty() && !is_as_before();
        let Taken { queue, is_other } = self.mirror.take(read);
        (self.queue, self.order) = (queue, None);
        // It has the times the API gave, which are those to show unless the schedule goes on behind
        // them, or the queue stands still.
        let lays_out = if profile.is_some_and(|profile| profile.paused) {
            !self.mirror.lanes.slots.is_empty()
        } else {
            let last = self.queue.rows().last();
            last.is_some_and(|last| last.due_at.is_none())
        };
        self.show_bare(lays_out, profile);
        is_other || has_moved
    }

    /// Returns the updates that can move in the order the API last said.
    fn read_order(&self) -> impl Iterator<Item = LocalId> {
        let rows = self.order.is_none().then(|| self.queue.movable());
        let kept = self.order.iter().flatten().copied();
        kept.chain(rows.into_iter().flatten())
    }

    /// Keeps the order of the last read, before it is not that of the rows any more.
    fn keep_order(&mut self) {
        if self.order.is_none() {
            self.order = Some(self.queue.movable().collect());
        }
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        self.queue.rows()
    }

    /// Returns when the mirror beneath was read; 1970 if it never was.
    pub fn read_at(&self) -> Timestamp {
        self.mirror.read_at
    }

    /// Notes that it was read again, and is as it was.
    pub(super) fn read_again(&mut self, read_at: Timestamp) {
        self.mirror.read_at = read_at;
    }

    /// Returns how a read that says nothing of it differs from the one before.
    pub fn differences(&self, read: &QueueDelta) -> Differences {
        self.mirror.differences(self.read_order(), read)
    }

    /// Returns the failed updates of the last read, newest first.
    pub fn read_failed(&self) -> &[LocalId] {
        &self.mirror.failed
    }

    /// Returns when an update was to go out as the API last had it.
    pub fn base_due_at(&self, id: LocalId) -> Option<Timestamp> {
        self.mirror.due_at(self.read_order(), id)
    }

    /// Returns all that the API last said, once more.
    pub fn mirror(&self) -> QueueSnapshot {
        self.mirror.snapshot(self.read_order())
    }

    /// Returns an update as shown: pending, leaving, failed, or deleted but not yet for good. Its
    /// time in this queue is its row's, not its body's.
    pub fn update(&self, id: LocalId) -> Option<&Update> {
        self.own.get(&id).or_else(|| self.base(id))
    }

    /// Returns an update as the API last had it.
    pub fn base(&self, id: LocalId) -> Option<&Update> {
        self.mirror.update(id)
    }

    /// Returns the queue as it would be with `guests` of another profile put in before row `at`,
    /// each on a slot.
    pub fn with_guests(&self, guests: &[LocalId], at: usize, profile: Option<&Profile>) -> Queue {
        let mut queue = self.queue.clone();
        for (i, guest) in guests.iter().enumerate() {
            let row = Row {
                update: *guest,
                due_at: None,
                fixed: false,
            };
            queue.insert(at + i, row);
        }
        queue.arrange_again(self.times_of(&queue, profile).into_iter());
        queue
    }

    /// Says whether an operation deletes this update.
    pub fn is_deleted(&self, id: LocalId) -> bool {
        self.deleted.contains(&id)
    }

    /// Returns the queue as it would be if these were pinned to these slots.
    pub fn pinned_at(&self, profile: Option<&Profile>, pins: &[(LocalId, Timestamp)]) -> Queue {
        let mut queue = self.queue.clone();
        for (update, at) in pins {
            queue.fix(*update, Some(*at));
        }
        let pins: BTreeMap<LocalId, Timestamp> = pins.iter().copied().collect();
        let fixed = queue.rows().iter().filter(|row| row.fixed);
        let others = fixed.filter(|row| !pins.contains_key(&row.update));
        let mut pinned = Self::pinned(others.filter_map(|row| self.update(row.update)));
        pinned.extend(pins.values());
        let rows = queue.rows().len();
        let times: Vec<Timestamp> = self.times(profile, pinned).take(rows).collect();
        queue.arrange_again(times.into_iter());
        queue
    }

    /// Shows the bare mirror again.
    pub(super) fn reset(&mut self, profile: Option<&Profile>) {
        self.show_bare(true, profile);
    }

    /// Shows the bare mirror, with its rows laid out unless they are.
    fn show_bare(&mut self, lays_out: bool, profile: Option<&Profile>) {
        self.own.clear();
        self.deleted.clear();
        self.leaving.clear();
        self.failed.clone_from(&self.mirror.failed);
        self.loose = false;
        if lays_out {
            self.keep_order();
            let order = self.order.take().unwrap_or_default();
            let lanes = &self.mirror.lanes;
            let mut queue = std::mem::take(&mut self.queue);
            let times = self.times(profile, lanes.pinned().collect());
            lanes.lay_out(&mut queue, order, times);
            self.queue = queue;
        }
    }

    /// Applies an operation; on an update that is gone it does nothing. The times are right after
    /// [`Self::settle`].
    pub(super) fn apply(&mut self, operation: &Operation) {
        if !matches!(operation.change, Change::Edit { .. }) {
            self.keep_order();
        }
        match &operation.change {
            Change::Create { update, .. } => {
                if self.update(*update).is_none() {
                    self.create(operation, *update);
                }
            }
            Change::Edit { update, want, .. } => self.edit(*update, want),
            Change::Reorder { moves } => moves.iter().for_each(|moved| self.queue.apply(moved)),
            Change::Share { update, .. } => {
                if self.take(*update) {
                    self.leaving.push(*update);
                }
            }
            Change::Destroy { update, .. } => {
                if self.take(*update) || take_from(&mut self.leaving, *update) {
                    self.deleted.insert(*update);
                }
            }
            Change::Requeue { update } => self.requeue(*update),
        }
    }

    /// Takes an update out of the queue or the failed ones; says whether it was there.
    fn take(&mut self, update: LocalId) -> bool {
        let was_queued = self.queue.remove(update).is_some();
        self.loose |= was_queued;
        was_queued || take_from(&mut self.failed, update)
    }

    fn create(&mut self, operation: &Operation, id: LocalId) {
        let Change::Create {
            content, placement, ..
        } = &operation.change
        else {
            return;
        };
        let own_time = placement.own_time();
        let body = Body {
            profile: operation.profile.clone(),
            content: content.clone(),
            status: Status::Pending,
            created_at: operation.made_at,
            due_at: own_time.map(|own| own.at),
            own_time,
            outcome: Rare::default(),
        };
        self.own.insert(
            id,
            Update {
                id,
                remote: None,
                body,
            },
        );
        match placement {
            Placement::Now => self.leaving.push(id),
            Placement::Top => self.put(0, id, None),
            Placement::Queue | Placement::At(_) | Placement::Pinned(_) => {
                self.put(self.queue.rows().len(), id, own_time);
            }
        }
    }

    fn put(&mut self, at: usize, update: LocalId, own_time: Option<OwnTime>) {
        let row = Row {
            update,
            due_at: own_time.map(|own| own.at),
            fixed: own_time.is_some(),
        };
        self.queue.insert(at, row);
        self.loose = true;
    }

    fn edit(&mut self, id: LocalId, want: &Editable) {
        if self.deleted.contains(&id) {
            return;
        }
        let Some(update) = self.update(id) else {
            return;
        };
        let before = update.body.own_time;
        let mut update = update.clone();
        update.body.content = want.content.clone();
        update.body.own_time = want.own_time;
        self.own.insert(id, update);
        if before != want.own_time && self.queue.contains(id) {
            self.keep_order();
            self.queue.fix(id, want.own_time.map(|own| own.at));
            self.loose = true;
        }
    }

    fn requeue(&mut self, id: LocalId) {
        if !take_from(&mut self.failed, id) {
            return;
        }
        if let Some(mut update) = self.update(id).cloned() {
            update.body.status = Status::Pending;
            update.body.own_time = None;
            update.body.outcome.error = None;
            self.own.insert(id, update);
            self.put(self.queue.rows().len(), id, None);
        }
    }

    /// Notes the API's id of an update made here.
    pub(super) fn assign(&mut self, id: LocalId, remote: &RemoteId) {
        if let Some(update) = self.own.get_mut(&id) {
            update.remote = Some(remote.clone());
        }
    }

    /// Lays the times out before a change that goes by where fixed rows stand.
    pub(super) fn settle_before(&mut self, change: &Change, profile: Option<&Profile>) {
        let by_place = match change {
            Change::Reorder { .. } => true,
            // An update that loses its own time becomes movable where it stands.
            Change::Edit { update, want, .. } => {
                let is_fixed = |update: &Update| update.body.own_time.is_some();
                want.own_time.is_none() && self.update(*update).is_some_and(is_fixed)
            }
            _ => false,
        };
        if by_place {
            self.settle(profile);
        }
    }

    /// Lays the times out if rows came or went.
    pub(super) fn settle(&mut self, profile: Option<&Profile>) {
        if !self.loose {
            return;
        }
        self.loose = false;
        let times = self.times_of(&self.queue, profile);
        self.queue.arrange_again(times.into_iter());
    }

    /// Returns the slot times for as many rows as `queue` has.
    fn times_of(&self, queue: &Queue, profile: Option<&Profile>) -> Vec<Timestamp> {
        let rows = queue.rows();
        let fixed = rows.iter().filter(|row| row.fixed);
        let pinned = Self::pinned(fixed.filter_map(|row| self.update(row.update)));
        self.times(profile, pinned).take(rows.len()).collect()
    }

    /// Returns the slot times of the movable updates: those the mirror knows, then those the
    /// schedule goes on with, without those that pinned updates occupy. None while paused.
    fn times(
        &self,
        profile: Option<&Profile>,
        pinned: BTreeSet<Timestamp>,
    ) -> impl Iterator<Item = Timestamp> + use<'_> {
        let paused = profile.is_some_and(|profile| profile.paused);
        let known = if paused {
            &[][..]
        } else {
            &self.mirror.lanes.slots[..]
        };
        let from = known
            .last()
            .map_or(self.mirror.read_at, |&last| last.max(self.mirror.read_at));
        // Of a queue that was never read nobody knows which slots are taken.
        let is_read = self.mirror.read_at != Timestamp::default();
        let later = profile
            .filter(|_| !paused && is_read)
            .map(|profile| profile.schedule.slots_after(profile.timezone, from));
        free_slots(
            known.iter().copied().chain(later.into_iter().flatten()),
            pinned,
        )
    }

    /// Returns the slot that one more update at the end of the queue would get; none while it is
    /// paused or has no slots.
    pub fn next_slot(&self, profile: &Profile, now: Timestamp) -> Option<Timestamp> {
        if profile.paused {
            return None;
        }
        let rows = self.rows().iter().rev();
        // Only those behind the last movable one can stand in its way.
        let behind = rows.clone().take_while(|row| row.fixed);
        let pinned = Self::pinned(behind.filter_map(|row| self.update(row.update)));
        let after = match rows.clone().find(|row| !row.fixed) {
            Some(last) => last.due_at?.max(now),
            None => now,
        };
        let known = &self.mirror.lanes.slots;
        let known = &known[known.partition_point(|slot| *slot <= after)..];
        let from = known.last().map_or(after, |last| after.max(*last));
        let later = profile.schedule.slots_after(profile.timezone, from);
        free_slots(known.iter().copied().chain(later), pinned).next()
    }

    /// Returns the slots that pinned updates among `updates` occupy.
    fn pinned<'a>(updates: impl Iterator<Item = &'a Update>) -> BTreeSet<Timestamp> {
        updates
            .filter_map(|update| update.body.own_time)
            .filter(|own| own.pinned)
            .map(|own| own.at)
            .collect()
    }
}

fn take_from(list: &mut Vec<LocalId>, update: LocalId) -> bool {
    let at = list.iter().position(|&id| id == update);
    at.map(|at| list.remove(at)).is_some()
}
