//! `.`: the last change once more, on what is selected now.

use super::commands::say;
use super::{paste, replace, tags, times};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::repeat::{Repeat, Side};
use crate::app::state::State;
use crate::domain::id::GroupId;

/// Notes a command that changed something; `before` is what was done last before it. One that only
/// asked is noted when it was answered.
pub(super) fn note(
    state: &mut State,
    command: Command,
    count: Option<u32>,
    before: Option<GroupId>,
) {
    let did = state.history.last() != before;
    match command {
        Command::MoveDown
        | Command::MoveUp
        | Command::ToTop
        | Command::ToBottom
        | Command::Pin
        | Command::Shuffle
        | Command::Delete
        | Command::Share
        | Command::Requeue
        | Command::DeleteFailed => {
            let this = Repeat::Command { command, count };
            if did {
                state.repeat.last = Some(this);
            } else if !matches!(state.mode, Mode::Lists) {
                state.repeat.asked = Some(this);
            }
        }
        // What was put into another profile is not where `.` could put more beside it.
        Command::PasteAfter | Command::PasteBefore if !matches!(state.mode, Mode::Lists) => {
            let side = match command {
                Command::PasteAfter => Side::After,
                _ => Side::Before,
            };
            state.repeat.asked = Some(Repeat::Paste { side, beside: None });
        }
        Command::Yes | Command::ShuffleApply | Command::TransferCopy | Command::TransferMove
            if did =>
        {
            let answered = state.repeat.asked.take();
            state.repeat.last = answered.or(state.repeat.last.take());
        }
        _ if matches!(state.mode, Mode::Lists) => state.repeat.asked = None,
        _ => {}
    }
}

/// Does the last change once more; a count takes the place of the one it had.
pub(super) fn again(
    state: &mut State,
    out: &mut Vec<Effect>,
    count: Option<u32>,
    run: fn(&mut State, &mut Vec<Effect>, Command, Option<u32>),
) {
    let Some(last) = state.repeat.last.clone() else {
        return say(state, Severity::Done, "there is nothing to repeat yet");
    };
    let command = last.command();
    if !state.scopes().contains(&command.entry().scope) {
        let pane = command.entry().scope.title();
        let text = format!("the last change was `{command}`; it works in: {pane}");
        return say(state, Severity::Warning, text);
    }
    let before = state.history.last();
    match last {
        Repeat::When(text) => {
            let selected = state.selection();
            times::give(state, out, &text, &selected, &[]);
        }
        Repeat::Tags(text) => {
            let updates = tags::subjects(state);
            tags::put(state, out, &text, &updates);
        }
        Repeat::Paste { side, beside } => paste::paste_again(state, out, side, beside),
        Repeat::Replace { find, with, case } => replace::again(state, out, (&find, &with), case),
        Repeat::Command {
            command,
            count: old,
        } => run(state, out, command, count.or(old)),
    }
    if state.history.last() != before
        && let Some(label) = state.history.next_undo()
    {
        let text = format!("again: {label}");
        say(state, Severity::Done, text);
    }
}
