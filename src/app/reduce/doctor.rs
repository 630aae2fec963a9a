//! Opening the view of what is well and what is not, and copying it.

use crate::app::action::{Copying, Part};
use crate::app::doctor::{TmuxSays, report};
use crate::app::effect::Effect;
use crate::app::mode::{Mode, Scroll};
use crate::app::state::State;
use crate::domain::terminal::Inside;

/// Opens it. tmux is asked for its options, as they may have changed.
pub(super) fn open(state: &mut State, out: &mut Vec<Effect>) {
    state.mode = Mode::Doctor(Scroll::default());
    if state.settings.terminal.inside == Inside::Tmux {
        out.push(Effect::AskTmux);
    }
}

/// tmux answered.
pub(super) fn answered(state: &mut State, says: TmuxSays) {
    state.tmux = Some(says);
}

/// Copies all of it.
pub(super) fn copy(state: &State, out: &mut Vec<Effect>) {
    let (part, count) = (Part::Report, 1);
    let what = Copying { part, count };
    let text = report(state).text();
    out.push(Effect::Copy { what, text });
}
