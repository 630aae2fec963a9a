//! Something held, looked at side by side: one key each for mine, theirs, both, or a new post.

use super::commands::say;
use super::queue::{Edit, act};
use super::{compose, outbox};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::sides::{There, editable, sides, there};
use crate::app::state::State;
use crate::app::status::first_line;
use crate::app::when;
use crate::domain::done::Inverse;
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Operation, OperationState, Placement};
use crate::protocol::SyncCommand;

/// Returns what is looked at, if `command` is one of the choices there; else says which are.
fn looked_at(state: &mut State, command: Command) -> Option<Operation> {
    let Mode::Conflict(conflict) = &state.mode else {
        return None;
    };
    let id = conflict.operation;
    let sides = sides(state, id)?;
    if !sides.choices.iter().any(|(other, _)| *other == command) {
        let words: Vec<&str> = sides.choices.iter().map(|(_, word)| *word).collect();
        let text = format!("not here; there is: {}", words.join(", "));
        say(state, Severity::Warning, text);
        return None;
    }
    let (operation, _) = state.replica.operation(id)?;
    Some(operation.clone())
}

/// Mine: it is sent over theirs; a share or delete is done anyway.
pub(super) fn mine(state: &mut State, out: &mut Vec<Effect>) {
    let Some(operation) = looked_at(state, Command::ConflictMine) else {
        return;
    };
    out.push(Effect::Sync(SyncCommand::Retry(operation.id)));
    go_on_after(state, operation.id);
    let text = match operation.change {
        Change::Edit { .. } => "yours is sent over theirs",
        _ => "it is done as you wanted",
    };
    say(state, Severity::Done, text);
}

/// Theirs: mine is dropped, and kept where it can be found again.
pub(super) fn theirs(state: &mut State, out: &mut Vec<Effect>) {
    let Some(operation) = looked_at(state, Command::ConflictTheirs) else {
        return;
    };
    let said = outbox::give_up_one(state, out, operation.id);
    outbox::go_on(state);
    if let Some(said) = said {
        say(state, Severity::Done, said);
    }
}

/// A new post from my text: its update is gone.
pub(super) fn new_post(state: &mut State, out: &mut Vec<Effect>) {
    let Some(operation) = looked_at(state, Command::ConflictNew) else {
        return;
    };
    let Change::Edit { want, .. } = operation.change else {
        return;
    };
    if state.replica.profile(&operation.profile).is_none() {
        let text = "its profile is gone: e writes it to another one";
        return say(state, Severity::Warning, text);
    }
    outbox::drop_one(state, out, operation.id);
    let placement = Placement::of(want.own_time.filter(|own| own.at > state.now));
    let label = format!("wrote: “{}”", first_line(&want.content.text));
    let edit = Edit {
        profile: operation.profile,
        change: Change::Create {
            update: LocalId::from(state.ids.ulid(state.now)),
            content: want.content,
            placement,
            shorten: false,
        },
        inverse: Inverse::Destroy,
    };
    act(state, out, label, vec![edit]);
    outbox::go_on(state);
    say(
        state,
        Severity::Done,
        "your text is a new post now; u takes it back",
    );
}

/// Both: writes on from mine, with theirs in sight.
pub(super) fn both(state: &mut State) {
    if let Some(operation) = looked_at(state, Command::ConflictEdit) {
        write_on(state, &operation);
    }
}

/// Leaves it as it is.
pub(super) fn close(state: &mut State) {
    if let Mode::Conflict(conflict) = &state.mode {
        let operation = conflict.operation;
        outbox::back_to(state, operation);
    }
}

/// The one that was decided still stands in the list until the worker answers.
fn go_on_after(state: &mut State, decided: OperationId) {
    let others = state.replica.operations().iter().any(|(operation, how)| {
        operation.id != decided
            && matches!(
                how,
                OperationState::Held { .. } | OperationState::Failed { .. }
            )
    });
    state.mode = Mode::Lists;
    if others {
        outbox::open(state);
    }
}

/// Opens the composer with what the person wrote in an operation that is held or was refused. What
/// is saved then takes the place of that operation: an edit of what is there now, or a new post.
pub(super) fn write_on(state: &mut State, operation: &Operation) {
    let zone = state
        .replica
        .profile(&operation.profile)
        .map_or(chrono_tz::Tz::UTC, |profile| profile.timezone);
    let (content, when) = match &operation.change {
        Change::Edit { want, .. } => (
            want.content.clone(),
            want.own_time.map(|own| when::print(own.at, zone)),
        ),
        Change::Create {
            content, placement, ..
        } => {
            let when = match placement {
                Placement::Queue => None,
                Placement::Top => Some("top".to_owned()),
                Placement::Now => Some("now".to_owned()),
                Placement::At(at) | Placement::Pinned(at) => Some(when::print(*at, zone)),
            };
            (content.clone(), when)
        }
        Change::Reorder { .. }
        | Change::Share { .. }
        | Change::Destroy { .. }
        | Change::Requeue { .. } => return,
    };
    let base = match &operation.change {
        Change::Edit { update, .. } => match there(state, &operation.profile, *update) {
            There::Here(now) => Some((*update, editable(now))),
            There::Sent(_) | There::Gone => None,
        },
        _ => None,
    };
    let mut draft = compose::draft_of(state, &content, std::slice::from_ref(&operation.profile));
    draft.update = base.as_ref().map(|(update, _)| *update);
    draft.when = when.unwrap_or(draft.when);
    let base = base.map(|(_, base)| base);
    let theirs = base.as_ref().map(|base| base.content.text.clone());
    compose::open_on(
        state,
        &draft,
        base,
        operation.id,
        theirs.filter(|theirs| *theirs != content.text),
    );
}
