//! Undo and redo: what was done, how it is taken back, and how it is done again.

use crate::domain::done::{Done, Inverse};
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Move, Place};

/// The stacks of undo and redo.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub(crate) undo: Vec<Done>,
    pub(crate) redo: Vec<Done>,
}

/// How many things can be taken back.
const KEPT: usize = 500;

impl History {
    /// Notes what was done; what was taken back before can no longer be done again.
    pub(crate) fn push(&mut self, done: Done) {
        self.redo.clear();
        self.push_again(done);
    }

    /// Notes what was done again, and keeps what else may be.
    pub(crate) fn push_again(&mut self, done: Done) {
        if self.undo.len() == KEPT {
            self.undo.remove(0);
        }
        self.undo.push(done);
    }

    /// Forgets an operation that was given up or cancelled otherwise: there is nothing of it to
    /// take back.
    pub(crate) fn forget(&mut self, operation: OperationId) {
        for done in &mut self.undo {
            done.steps.retain(|step| step.operation.id != operation);
        }
        self.undo.retain(|done| !done.steps.is_empty());
    }

    /// Says what undo would take back.
    pub fn next_undo(&self) -> Option<&str> {
        self.undo.last().map(|done| done.label.as_str())
    }

    /// Says what redo would do again.
    pub fn next_redo(&self) -> Option<&str> {
        self.redo.last().map(|done| done.label.as_str())
    }

    /// Notes that an update was made again under another id: whatever names it follows.
    pub(crate) fn rename(&mut self, from: LocalId, to: LocalId) {
        for done in self.undo.iter_mut().chain(&mut self.redo) {
            for step in &mut done.steps {
                rename_change(&mut step.operation.change, from, to);
                match &mut step.inverse {
                    Inverse::MoveBack(moves) => {
                        for moved in moves {
                            rename_move(moved, from, to);
                        }
                    }
                    Inverse::CreateAgain {
                        place: Some(place), ..
                    } => rename_place(place, from, to),
                    Inverse::CreateAgain { place: None, .. }
                    | Inverse::EditBack
                    | Inverse::Destroy
                    | Inverse::None => {}
                }
            }
        }
    }
}

fn rename_change(change: &mut Change, from: LocalId, to: LocalId) {
    match change {
        Change::Create { update, .. }
        | Change::Edit { update, .. }
        | Change::Share { update, .. }
        | Change::Destroy { update, .. }
        | Change::Requeue { update } => rename_id(update, from, to),
        Change::Reorder { moves } => {
            for moved in moves {
                rename_move(moved, from, to);
            }
        }
    }
}

fn rename_move(moved: &mut Move, from: LocalId, to: LocalId) {
    for update in &mut moved.updates {
        rename_id(update, from, to);
    }
    rename_place(&mut moved.place, from, to);
}

fn rename_place(place: &mut Place, from: LocalId, to: LocalId) {
    for anchor in [&mut place.after, &mut place.before].into_iter().flatten() {
        rename_id(anchor, from, to);
    }
}

fn rename_id(id: &mut LocalId, from: LocalId, to: LocalId) {
    if *id == from {
        *id = to;
    }
}
