//! What is shown: the mirror plus the operations not yet confirmed.
//!
//! The *mirror* is what the API last said and is only ever replaced by a newer read. `shown` is the
//! fold of the live operations over it, in the order they were made. A committed operation changes
//! the screen at once and costs what it touches; a new read of one profile folds only that profile
//! again. Acknowledging never changes what is shown: an acknowledged operation stays in the fold
//! until a read that began after the acknowledgement arrives.

use std::collections::{BTreeMap, HashMap};

use super::id::{LocalId, OperationId, ProfileId, RemoteId};
use super::operation::{Operation, OperationState};
use super::profile::Profile;
use super::queue::Queue;
use super::time::Timestamp;
use super::update::Update;

/// What one complete read of a profile's pending updates gave.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct QueueSnapshot {
    /// When the read began.
    pub read_at: Timestamp,
    /// The pending updates in the API's order. An operation that edited one is *not* in here.
    pub updates: Vec<Update>,
    /// The profile's failed updates, newest first, if the account lists them.
    pub failed: Vec<Update>,
}

/// Mirror, live operations, and their fold.
#[derive(Debug, Clone, Default)]
pub struct Replica {
    profiles: Vec<Profile>,
    mirror: BTreeMap<ProfileId, QueueSnapshot>,
    operations: Vec<(Operation, OperationState)>,
    shown: BTreeMap<ProfileId, ShownQueue>,
}

/// One profile's queue as shown.
#[derive(Debug, Clone, Default)]
pub struct ShownQueue {
    /// Order and times.
    pub queue: Queue,
    /// The failed updates, newest first.
    pub failed: Vec<LocalId>,
    updates: HashMap<LocalId, Update>,
}

/// How a row is marked. Ordered: the later, the more it needs the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Confirmed: no mark.
    Confirmed,
    /// `·` on disk.
    Saved,
    /// `↑` on its way.
    OnItsWay,
    /// `!` not on disk.
    NotSaved,
    /// `?` held, or being looked up.
    Held,
    /// `✗` refused.
    Failed,
}
// HELPER: impl Replica — see its design notes in the task.
#[expect(dead_code, reason = "skeleton")]
fn skeleton(_: &Replica, _: &OperationId, _: &RemoteId) {}
