//! Undo and redo: what was done, how it is taken back, and how it is done again.

use std::collections::BTreeMap;

use crate::domain::id::{GroupId, LocalId};
use crate::domain::operation::Place;
use crate::domain::operation::{Move, Operation, Placement};

/// One thing a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its group.
    pub group: GroupId,
    /// What it was, for the line that undo says.
    pub label: String,
    /// Its operations.
    pub steps: Vec<Step>,
}

/// One operation and what takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The operation as it was committed.
    pub operation: Operation,
    /// What takes it back once it was sent.
    pub inverse: Inverse,
}

/// What takes an operation back once it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inverse {
    /// Editing back: base and want change places.
    EditBack,
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

/// The stacks of undo and redo.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub(crate) undo: Vec<Done>,
    pub(crate) redo: Vec<Done>,
    /// Updates that were made again under another id.
    pub(crate) renamed: BTreeMap<LocalId, LocalId>,
}
