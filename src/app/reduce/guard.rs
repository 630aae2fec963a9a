//! What the freeze guard does: it asks before a locked update is touched, and warns of moves.

use super::commands::say;
use crate::app::command::Command;
use crate::app::guard::asked;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::id::LocalId;

/// Asks before a command touches the locked update under the cursor; says whether it did.
pub(super) fn asks(state: &mut State, command: Command, title: &str) -> bool {
    let Some(update) = state.cursors().queue.on else {
        return false;
    };
    let Some(warning) = asked(state, update) else {
        return false;
    };
    let text = state
        .update(update)
        .map(|u| first_line(&u.body.content.text));
    state.mode = Mode::Confirm(Confirm {
        title: title.to_owned(),
        lines: vec![text.unwrap_or_default()],
        warnings: vec![format!("it {warning}")],
        what: Question::Anyway(command),
    });
    true
}

/// Returns what a question about these updates warns of, if some are locked.
pub(super) fn warning(state: &State, updates: &[LocalId]) -> Option<String> {
    let mut locked = state.locked_rows();
    let first = locked.find(|row| updates.contains(&row.update))?;
    let warning = asked(state, first.update)?;
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
