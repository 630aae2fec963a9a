//! The end: at once, unless that would lose an edit that could not be put on disk.

use super::compose;
use crate::app::effect::Effect;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::state::State;
use crate::domain::operation::OperationState;
use crate::protocol::{Leaving, SyncCommand};

/// Quits, or asks first: what could not be saved would be gone.
pub(super) fn quit(state: &mut State, out: &mut Vec<Effect>) {
    let reasons = || {
        let states = state.replica.operations().iter().map(|(_, state)| state);
        states.filter_map(|state| match state {
            OperationState::Unsaved { reason } => reason.clone(),
            _ => None,
        })
    };
    let Some(why) = reasons().next() else {
        return quit_anyway(state, out);
    };
    let changes = match reasons().count() {
        1 => "1 change is not on disk".to_owned(),
        n => format!("{n} changes are not on disk"),
    };
    state.mode = Mode::Confirm(Confirm {
        title: "Quit without what is not saved?".to_owned(),
        lines: vec![changes, why],
        warnings: vec!["it is lost when you quit; w shows it, r there tries again".to_owned()],
        what: Question::Quit,
    });
}

/// Quits, whatever is lost by it.
pub(super) fn quit_anyway(state: &mut State, out: &mut Vec<Effect>) {
    compose::leave(state, out);
    out.push(Effect::Sync(SyncCommand::Quit(Leaving::MaySend)));
    out.push(Effect::Quit);
}
