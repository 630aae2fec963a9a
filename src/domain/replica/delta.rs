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

/// The pending updates of a read, and the queue they make by the times the API gave.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Pending", into = "Pending")]
pub struct LaidOut {
    pub(super) lanes: Lanes,
    pub(super) queue: Queue,
}

/// What the rows of a queue do not say of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Lanes {
    /// The updates with a time of their own.
    pub(super) fixed: Vec<(LocalId, OwnTime)>,
    /// The slot times that updates hold, ascending: those of the movable and of the pinned ones.
    pub(super) slots: Vec<Timestamp>,
}

/// The pending updates of a read as they are written down.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    /// Those that can move, in the API's order.
    movable: Vec<LocalId>,
    #[serde(flatten)]
    lanes: Lanes,
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

impl Lanes {
    /// Returns the times of the updates that can move, as far as the API gave them any.
    pub(super) fn times(&self) -> impl Iterator<Item = Timestamp> {
        free_slots(self.slots.iter().copied(), self.pinned().collect())
    }

    /// Returns the slots that pinned updates occupy.
    pub(super) fn pinned(&self) -> impl Iterator<Item = Timestamp> {
        let pinned = self.fixed.iter().filter(|(_, own)| own.pinned);
        pinned.map(|(_, own)| own.at)
    }

    /// Lays updates that can move out over `times`, and the fixed ones among them, in the place of
    /// what `queue` was.
    pub(super) fn lay_out(
        &self,
        queue: &mut Queue,
        movable: impl IntoIterator<Item = LocalId>,
        times: impl Iterator<Item = Timestamp>,
    ) {
        let fixed = self.fixed.iter().map(|(update, own)| (*update, own.at));
        queue.rearrange(movable, times, fixed);
    }
}

impl LaidOut {
    /// Lays out what is listed, in the API's order, each once.
    pub fn of(listed: impl ExactSizeIterator<Item = Listed> + Clone) -> Self {
        let mut slots = Vec::with_capacity(listed.len());
        slots.extend(listed.clone().filter_map(Listed::slot));
        slots.sort_unstable();
        slots.shrink_to_fit();
        let own = |one: Listed| Some((one.update, one.own_time?));
        let lanes = Lanes {
            fixed: listed.clone().filter_map(own).collect(),
            slots,
        };
        let movable = listed.filter(|one| one.own_time.is_none());
        Self::over(lanes, movable.map(|one| one.update))
    }

    fn over(lanes: Lanes, movable: impl IntoIterator<Item = LocalId>) -> Self {
        let mut queue = Queue::default();
        lanes.lay_out(&mut queue, movable, lanes.times());
        Self { lanes, queue }
    }

    /// Returns the rows in the order they go out.
    pub fn rows(&self) -> &[Row] {
        self.queue.rows()
    }
}

impl From<Pending> for LaidOut {
    fn from(pending: Pending) -> Self {
        Self::over(pending.lanes, pending.movable)
    }
}

impl From<LaidOut> for Pending {
    fn from(laid_out: LaidOut) -> Self {
        Self {
            movable: laid_out.queue.movable().collect(),
            lanes: laid_out.lanes,
        }
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
