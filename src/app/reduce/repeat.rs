//! `.`: the last change once more, on what is selected now.

use super::commands::say;
use super::queue::{act, label_of, retime, to_top};
use super::tags;
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::repeat::Repeat;
use crate::app::state::State;
use crate::app::when;
use crate::domain::id::{GroupId, LocalId};
use crate::domain::operation::Placement;

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
        Command::Yes | Command::ShuffleApply if did => {
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
    let before = state.history.last();
    match state.repeat.last.clone() {
        None => return say(state, Severity::Done, "there is nothing to repeat yet"),
        Some(Repeat::When(text)) => give_time(state, out, &text),
        Some(Repeat::Tags(text)) => {
            let updates = tags::subjects(state);
            tags::put(state, out, &text, &updates);
        }
        Some(Repeat::Command {
            command,
            count: old,
        }) => {
            if !state.scopes().contains(&command.entry().scope) {
                let pane = command.entry().scope.title();
                let text = format!("the last change was `{command}`; it works in: {pane}");
                return say(state, Severity::Warning, text);
            }
            run(state, out, command, count.or(old));
        }
    }
    if state.history.last() != before
        && let Some(label) = state.history.next_undo()
    {
        let text = format!("again: {label}");
        say(state, Severity::Done, text);
    }
}

/// Gives the selection the time that was written before; it is read anew.
fn give_time(state: &mut State, out: &mut Vec<Effect>, text: &str) {
    let own_time = match when::parse(text, state.zone(), state.now) {
        Err(error) => return say(state, Severity::Warning, error.to_string()),
        Ok(Placement::Top) => return to_top(state, out),
        Ok(Placement::Now) => return say(state, Severity::Warning, "S shares now, and asks first"),
        Ok(place @ (Placement::Queue | Placement::At(_) | Placement::Pinned(_))) => {
            place.own_time()
        }
    };
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let selected = state.selection();
    let edits: Vec<_> = selected
        .iter()
        .filter_map(|id| retime(state, &profile, *id, own_time))
        .collect();
    let updates: Vec<LocalId> = edits.iter().flat_map(|e| e.change.updates()).collect();
    if updates.is_empty() {
        return say(state, Severity::Done, "it has that time already");
    }
    let label = label_of(state, &format!("set to {text}"), &updates);
    act(state, out, label, edits);
}
