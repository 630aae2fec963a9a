//! What a read of a profile's lists brings, made ready by whoever reads.
//!
//! A queue may be very long, and whoever takes a read in has a person at the keys. So all that costs
//! a look at each row is done before it is handed over: the rows are laid out, and what came, left
//! and moved is found. To take it in costs what the read changes.

use serde::{Deserialize, Serialize};

use super::bodies::Bodies;
use super::differences::Differences;
use crate::domain::id::{IdSet, LocalId};
use crate::domain::places::Places;
use crate::domain::queue::{Queue, Row, free_slots};
use crate::domain::time::Timestamp;
use crate::domain::update::{OwnTime, Update};

/// All that is known of a profile's pending and failed updates at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueueSnapshot {
    /// When the read began.
    pub read_at: Timestamp,
    /// The pending updates in the API's order. An operation that edited one is *not* in here.
    pub updates: Vec<Update>,
    /// The profile's failed updates, newest first, if the account lists them.
    pub failed: Vec<Update>,
}

/// What one complete read of a profile's lists gave, beside what was known before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueueDelta {
    /// When the read began.
    pub read_at: Timestamp,
    /// The pending updates.
    pub pending: Box<LaidOut>,
    /// The failed updates, newest first, if the account lists them; none of them is pending too.
    pub failed: Vec<DueUpdate>,
    /// What the updates say, as far as it was not known before.
    pub brings: Brings,
}

/// The updates that a read brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brings {
    /// All of both lists, as if nothing was known before.
    All(Bodies),
    /// What is not as it was handed over before.
    Changes {
        /// At least those that were not known before or say something else now.
        updates: Vec<Update>,
        /// How the lists differ.
        differences: Differences,
    },
}

/// One update in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueUpdate {
    /// Which.
    pub update: LocalId,
    /// When it goes out; none if that is not known.
    pub due_at: Option<Timestamp>,
}

/// One pending update of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub update: LocalId,
    /// When it goes out; none if the queue is paused or slots ran out.
    pub due_at: Option<Timestamp>,
    /// A time of its own, which no reorder changes.
    pub own_time: Option<OwnTime>,
}

/// The pending updates of a read: those that move over the slots, and those that do not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Those that can move, in the API's order.
    pub(super) movable: Vec<LocalId>,
    /// Those with a time of their own.
    pub(super) fixed: Vec<(LocalId, OwnTime)>,
    /// The slot times they hold, ascending: those of the movable and of the pinned ones.
    pub(super) slots: Vec<Timestamp>,
}

/// The pending updates of a read, and the queue they make by the times the API gave.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Pending")]
pub struct LaidOut {
    #[serde(flatten)]
    pub(super) pending: Pending,
    // It follows from the rest.
    #[serde(skip)]
    pub(super) queue: Queue,
}

impl Brings {
    /// Returns the updates.
    pub fn updates(&self) -> impl Iterator<Item = &Update> {
        let (all, some) = match self {
            Self::All(all) => (Some(all.iter()), None),
            Self::Changes { updates, .. } => (None, Some(updates)),
        };
        all.into_iter().flatten().chain(some.into_iter().flatten())
    }
}

impl Default for Brings {
    fn default() -> Self {
        Self::All(Bodies::default())
    }
}

impl From<&Update> for DueUpdate {
    fn from(update: &Update) -> Self {
        Self {
            update: update.id,
            due_at: update.body.due_at,
        }
    }
}

impl From<&Update> for Listed {
    fn from(update: &Update) -> Self {
        Self {
            update: update.id,
            due_at: update.body.due_at,
            own_time: update.body.own_time,
        }
    }
}

impl Listed {
    /// Returns its row in a queue.
    pub fn row(self) -> Row {
        Row {
            update: self.update,
            due_at: self.own_time.map_or(self.due_at, |own| Some(own.at)),
            fixed: self.own_time.is_some(),
        }
    }

    /// Returns the slot it holds.
    fn slot(self) -> Option<Timestamp> {
        match self.own_time {
            None => self.due_at,
            Some(own) => own.pinned.then_some(own.at),
        }
    }
}

impl Pending {
    fn of(listed: impl ExactSizeIterator<Item = Listed> + Clone) -> Self {
        let mut slots: Vec<Timestamp> = listed.clone().filter_map(Listed::slot).collect();
        slots.sort_unstable();
        slots.shrink_to_fit();
        let mut pending = Self {
            movable: Vec::with_capacity(listed.len()),
            fixed: Vec::new(),
            slots,
        };
        for one in listed {
            match one.own_time {
                None => pending.movable.push(one.update),
                Some(own) => pending.fixed.push((one.update, own)),
            }
        }
        pending.movable.shrink_to_fit();
        pending
    }

    /// Returns the slots that pinned updates occupy.
    pub(super) fn pinned(&self) -> impl Iterator<Item = Timestamp> {
        let pinned = self.fixed.iter().filter(|(_, own)| own.pinned);
        pinned.map(|(_, own)| own.at)
    }

    /// Lays the updates out over `times`, in the place of what `queue` was.
    pub(super) fn lay_out(&self, queue: &mut Queue, times: impl Iterator<Item = Timestamp>) {
        let fixed = self.fixed.iter().map(|(update, own)| (*update, own.at));
        queue.rearrange(self.movable.iter().copied(), times, fixed);
    }
}

impl From<Pending> for LaidOut {
    fn from(pending: Pending) -> Self {
        let mut queue = Queue::default();
        let times = free_slots(pending.slots.iter().copied(), pending.pinned().collect());
        pending.lay_out(&mut queue, times);
        Self { pending, queue }
    }
}

impl LaidOut {
    /// Lays out what is listed, in the API's order, each once.
    pub fn of(listed: impl ExactSizeIterator<Item = Listed> + Clone) -> Self {
        Pending::of(listed).into()
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        self.queue.rows()
    }
}

/// As if nothing of it was known before.
impl From<QueueSnapshot> for QueueDelta {
    fn from(mut whole: QueueSnapshot) -> Self {
        let (updates, failed) = (&whole.updates, &whole.failed);
        let count = updates.len() + failed.len();
        let id_at = |at: usize| match at.checked_sub(updates.len()) {
            Some(at) => failed[at].id,
            None => updates[at].id,
        };
        if Places::of(count, id_at).len() != count {
            // A server that lists an update twice must not make two rows of it.
            let mut seen = IdSet::default();
            whole.updates.retain(|update| seen.insert(update.id));
            whole.failed.retain(|update| seen.insert(update.id));
        }
        let pending = LaidOut::of(whole.updates.iter().map(Listed::from));
        let failed = whole.failed.iter().map(DueUpdate::from).collect();
        let mut all = whole.updates;
        all.extend(whole.failed);
        Self {
            read_at: whole.read_at,
            pending: Box::new(pending),
            failed,
            brings: Brings::All(all.into()),
        }
    }
}
