//! What a person did, and how it is taken back: plain data that the store keeps.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::id::GroupId;
use super::operation::{Move, Operation, Place, Placement};
use super::tag::Retag;

/// One thing a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Its group.
    pub group: GroupId,
    /// What it was, for the line that undo says.
    pub label: String,
    /// Its operations.
    pub steps: Vec<Step>,
    /// The drafts it threw away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Draft>,
    /// What it did to tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Retag>,
}

impl Done {
    /// Begins the note of something that was done.
    pub fn of(group: GroupId, label: String) -> Self {
        Self {
            group,
            label,
            steps: Vec::new(),
            drafts: Vec::new(),
            tags: Vec::new(),
        }
    }
}

/// One operation and what takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The operation as it was committed.
    pub operation: Operation,
    /// What takes it back once it was sent.
    pub inverse: Inverse,
}

/// What takes an operation back once it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inverse {
    /// Editing back: base and want change places.
    EditBack,
    /// Editing back, and then these moves: it had a place among the movable ones.
    EditAndMoveBack(Vec<Move>),
    /// These moves.
    MoveBack(Vec<Move>),
    /// Deleting what was created.
    Destroy,
    /// Creating it again, at this placement and place.
    CreateAgain {
        /// Where it went out.
        placement: Placement,
        /// Where it stood.
        place: Option<Place>,
    },
    /// Nothing can.
    None,
}
