//! What the plan knows of one update.

use std::collections::HashMap;

use super::Entry;
use crate::domain::id::LocalId;
use crate::domain::operation::{Change, OperationState};

/// What the pass knows of one update.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, read by name"
)]
pub(super) struct Touched {
    pub(super) unfinished: bool,
    pub(super) edit_held: bool,
    pub(super) edit_failed: bool,
    pub(super) create_stuck: bool,
    /// Where its chain stands among the lane's, while later operations may still join it.
    pub(super) open_chain: Option<usize>,
}

/// Nothing that comes later on the update of this operation may go before it.
pub(super) fn close_chain(touched: &mut HashMap<LocalId, Touched>, entry: &Entry) {
    for update in entry.operation.change.updates() {
        touched.entry(update).or_default().open_chain = None;
    }
}

/// Notes what an operation means for later ones on its update.
pub(super) fn note(touched: &mut HashMap<LocalId, Touched>, entry: &Entry) {
    for update in entry.operation.change.updates() {
        let touched = touched.entry(update).or_default();
        let held = matches!(entry.state, OperationState::Held { .. });
        let failed = matches!(entry.state, OperationState::Failed { .. });
        touched.unfinished |= entry.is_unfinished();
        match entry.operation.change {
            Change::Create { .. } => touched.create_stuck |= held || failed,
            Change::Edit { .. } => {
                touched.edit_held |= held;
                touched.edit_failed |= failed;
            }
            Change::Reorder { .. }
            | Change::Share { .. }
            | Change::Destroy { .. }
            | Change::Requeue { .. } => {}
        }
    }
}
