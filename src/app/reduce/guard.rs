//! What the freeze guard does: it asks before a locked update is touched, and warns of moves.

use super::commands::say;
use super::queue::first_lines;
use crate::app::command::Command;
use crate::app::guard::asked;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::id::LocalId;

/// Asked of updates whose time shall change.
pub(super) const CHANGE_TIME: &str = "Change the time all the same?";

/// Asks before a command touches what is selected, if some of it is locked; says whether it did.
pub(super) fn asks(state: &mut State, command: Command, title: &str) -> bool {
    let updates = state.selection();
    let Some(warning) = warning(state, &updates) else {
        return false;
    };
    state.mode = Mode::Confirm(Confirm {
        title: title.to_owned(),
        lines: lines(state, &updates),
        warnings: vec![warning],
        what: Question::Anyway(command),
    });
    true
}

/// Names what a question of this kind is about.
pub(super) fn lines(state: &State, updates: &[LocalId]) -> Vec<String> {
    match updates {
        [_] => first_lines(state, updates),
        many => vec![format!("{} updates", many.len())],
    }
}

/// Returns which of these are locked, in any queue.
pub(super) fn locked(state: &State, updates: &[LocalId]) -> Vec<LocalId> {
    let locked = state.locked_anywhere().map(|row| row.update);
    locked.filter(|id| updates.contains(id)).collect()
}

/// Returns what a question about these updates warns of, if some are locked.
pub(super) fn warning(state: &State, updates: &[LocalId]) -> Option<String> {
    unasked(state, updates, &[])
}

/// The same, if some are locked that nobody agreed to.
pub(super) fn unasked(state: &State, updates: &[LocalId], agreed: &[LocalId]) -> Option<String> {
    let locked = locked(state, updates);
    let first = locked.into_iter().find(|id| !agreed.contains(id))?;
    let warning = asked(state, first)?;
    Some(match updates.len() {
        1 => format!("it {warning}"),
        _ => format!("one of them {warning}"),
    })
}

/// The locked updates, in their order, to see afterwards whether a move went past them.
pub(super) fn order(state: &State) -> Vec<LocalId> {
    state.locked_rows().map(|row| row.update).collect()
}

/// Warns if a move changed which updates are about to go out.
pub(super) fn warn_of_move(state: &mut State, before: &[LocalId]) {
    if order(state) == before {
        return;
    }
    let lost = before.iter().find(|id| state.locked(**id).is_none());
    let first = lost.or(before.first()).and_then(|id| state.update(*id));
    let text = first.map(|u| first_line(&u.body.content.text));
    let text = text.unwrap_or_default();
    let text = format!("“{text}” is about to go out: the API may send it before the move");
    say(state, Severity::Warning, text);
}
