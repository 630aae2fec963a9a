//! Operations: the edits that wait in the outbox, and their states.

use serde::{Deserialize, Serialize};

use super::id::{GroupId, LocalId, OperationId, ProfileId};
use super::time::Timestamp;
use super::update::{Content, OwnTime};

/// One edit of one profile's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id; later operations sort later.
    pub id: OperationId,
    /// What one person's act it belongs to; undo takes back a whole group.
    pub group: GroupId,
    /// The queue it changes.
    pub profile: ProfileId,
    /// When the key was pressed.
    pub made_at: Timestamp,
    /// Not sent before this instant: the window in which it can still be taken back.
    pub not_before: Option<Timestamp>,
    /// What it does.
    pub change: Change,
}

/// What an operation does. Total: on an update that is gone it does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Makes a new update.
    Create {
        /// The local id it gets.
        update: LocalId,
        /// Text and media.
        content: Content,
        /// Where it goes.
        placement: Placement,
        /// Whether the server may shorten its links.
        shorten: bool,
    },
    /// Replaces text, media and own time.
    Edit {
        /// Which update.
        update: LocalId,
        /// What it was when the person began: a remote change is seen against it.
        base: Editable,
        /// What it shall be.
        want: Editable,
    },
    /// Moves updates within the queue, one move after the other.
    Reorder {
        /// The moves, in order. Anchored by neighbours, so they survive a changed queue.
        moves: Vec<Move>,
    },
    /// Publishes at once.
    Share {
        /// Which update.
        update: LocalId,
        /// What the person saw and agreed to publish.
        seen: Content,
    },
    /// Deletes for good.
    Destroy {
        /// Which update.
        update: LocalId,
        /// What the person saw and agreed to delete.
        seen: Content,
    },
    /// Puts a failed update back into the queue.
    Requeue {
        /// Which update.
        update: LocalId,
    },
}

/// What an edit can change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Editable {
    /// Text and media.
    pub content: Content,
    /// Its own time; none: a slot of the schedule.
    pub own_time: Option<OwnTime>,
}

/// Where a new update goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placement {
    /// To the end of the queue.
    Queue,
    /// To the top: the next to go out.
    Top,
    /// Out at once.
    Now,
    /// Out at a time of its own.
    At(Timestamp),
    /// The same, and the time is a slot of the schedule that it occupies.
    Pinned(Timestamp),
}

impl Placement {
    /// Returns where something with this own time goes; none: to the end.
    pub fn of(own_time: Option<OwnTime>) -> Self {
        match own_time {
            None => Self::Queue,
            Some(OwnTime { at, pinned: false }) => Self::At(at),
            Some(OwnTime { at, pinned: true }) => Self::Pinned(at),
        }
    }

    /// Returns the own time of what is put there.
    pub fn own_time(self) -> Option<OwnTime> {
        match self {
            Self::At(at) => Some(OwnTime { at, pinned: false }),
            Self::Pinned(at) => Some(OwnTime { at, pinned: true }),
            Self::Queue | Self::Top | Self::Now => None,
        }
    }
}

/// Some updates taken out of the queue and put, in this order, at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The updates, in their new order.
    pub updates: Vec<LocalId>,
    /// Where they go.
    pub place: Place,
}

/// A place in a queue, by its neighbours and never by an index.
///
/// No `after` is the very top, no `before` the very end. If `after` is still in the queue the place
/// is directly behind it; else directly before `before`; if both are gone a move changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The update above.
    pub after: Option<LocalId>,
    /// The update below.
    pub before: Option<LocalId>,
}

/// How far an operation has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationState {
    /// Shown, not yet on disk.
    Unsaved {
        /// Why the last try to store it failed, if one did.
        reason: Option<String>,
    },
    /// On disk, waits for its turn (or for its window to end).
    Queued,
    /// On its way, or tried and tried again.
    InFlight,
    /// The API said yes; kept until a read that began later shows it.
    Acked,
    /// Sent with no readable answer; being looked up.
    Unknown,
    /// Waits for the person: it could not be confirmed, came too late, or is in conflict.
    Held {
        /// Why: it decides what the person can choose.
        #[serde(default)]
        why: Hold,
        /// Why, in words.
        reason: String,
    },
    /// The API said no.
    Failed {
        /// Its code, if it gave one.
        code: Option<i64>,
        /// Why, for people.
        reason: String,
    },
}

/// Why an operation waits for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Hold {
    /// It was sent and could not be confirmed: it may have arrived.
    #[default]
    Unconfirmed,
    /// A share or create "now" that waited too long to go out by itself.
    Stale,
    /// The editor was closed while it could still be taken back.
    Closed,
    /// An edit of a text that somebody else changed too: both texts are kept.
    Conflict,
    /// A share or delete of an update that is not as the person saw it any more.
    Changed,
    /// Its update went out before it could be done.
    TooLate,
    /// Its update, or its profile, is not there any more.
    Gone,
    /// It was found in a damaged store.
    Recovered,
}

impl Change {
    /// Returns the updates it is about.
    pub fn updates(&self) -> Vec<LocalId> {
        match self {
            Self::Create { update, .. }
            | Self::Edit { update, .. }
            | Self::Share { update, .. }
            | Self::Destroy { update, .. }
            | Self::Requeue { update } => vec![*update],
            Self::Reorder { moves } => moves
                .iter()
                .flat_map(|m| m.updates.iter().copied())
                .collect(),
        }
    }

    /// Returns the updates that it has come, leave or say something else. An order does none of that,
    /// though it may name all of a queue.
    pub fn touched(&self) -> Vec<LocalId> {
        match self {
            Self::Reorder { .. } => Vec::new(),
            _ => self.updates(),
        }
    }

    /// Returns the word for it on the screen and in the store.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Edit { .. } => "edit",
            Self::Reorder { .. } => "reorder",
            Self::Share { .. } => "share",
            Self::Destroy { .. } => "destroy",
            Self::Requeue { .. } => "requeue",
        }
    }
}
