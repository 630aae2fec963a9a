//! Questions, help and palette, outbox, the full view of an update.

use super::commands::{ask, say};
use super::{compose, queue};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::{Confirm, Mode, Outbox, Palette, PaletteKind, Question, Scroll};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::{name_of, outbox_rows};
use crate::domain::id::OperationId;
use crate::domain::operation::OperationState;
use crate::protocol::{Request, SyncCommand};

/// Yes to the question that is open.
pub(super) fn yes(state: &mut State, out: &mut Vec<Effect>) {
    if !matches!(state.mode, Mode::Confirm(_)) {
        return;
    }
    let Mode::Confirm(confirm) = std::mem::take(&mut state.mode) else {
        return;
    };
    match confirm.what {
        Question::Share { update, seen } => queue::share(state, out, update, seen),
        Question::Delete(updates) => queue::delete_all(state, out, &updates),
        Question::ComposePasted(text) => compose::compose_text(state, &text),
        Question::Discard(operation) => {
            give_up(state, out, operation);
            state.mode = Mode::Outbox(Outbox::default());
        }
        Question::ServerShuffle(profile) => ask(out, Request::ServerShuffle { profile }),
    }
}

/// No: back to where the question came from.
pub(super) fn no(state: &mut State) {
    let Mode::Confirm(confirm) = std::mem::take(&mut state.mode) else {
        return;
    };
    if matches!(confirm.what, Question::Discard(_)) {
        state.mode = Mode::Outbox(Outbox::default());
    }
}

/// Asks before the server shuffles: the order before cannot be kept by us.
pub(super) fn ask_server_shuffle(state: &mut State) {
    let Some(profile) = state.profile() else {
        return;
    };
    state.mode = Mode::Confirm(Confirm {
        title: "Let the server shuffle the queue?".to_owned(),
        lines: vec![
            name_of(profile),
            "X shuffles here instead, with a preview".to_owned(),
        ],
        warnings: Vec::new(),
        what: Question::ServerShuffle(profile.id.clone()),
    });
}

/// Shows the whole of the update under the cursor.
pub(super) fn open_detail(state: &mut State) {
    if state.is_first_start() {
        return super::forms::open_new(state);
    }
    if let Some(update) = state.under_cursor().map(|update| update.id) {
        state.detail = Some(update);
        state.mode = Mode::Detail(Scroll::default());
    }
}

/// Scrolls a text.
pub(super) fn scroll(state: &mut State, by: isize) {
    if let Mode::Detail(scroll) | Mode::Messages(scroll) = &mut state.mode {
        scroll.line = scroll.line.saturating_add_signed(by).min(10_000);
    }
}

/// Scrolls a text by a page.
pub(super) fn scroll_page(state: &mut State, by: isize) {
    let page = isize::try_from(state.viewport.1 / 2).unwrap_or(1).max(1);
    scroll(state, by * page);
}

/// Sends the operation under the cursor again: the person decided.
pub(super) fn retry(state: &mut State, out: &mut Vec<Effect>) {
    let Some((operation, how)) = outbox_cursor(state) else {
        return;
    };
    match how {
        OperationState::Held { .. }
        | OperationState::Failed { .. }
        | OperationState::Unsaved { reason: Some(_) } => {
            out.push(Effect::Sync(SyncCommand::Retry(operation)));
            say(state, Severity::Done, "trying again");
        }
        OperationState::Unsaved { reason: None }
        | OperationState::Queued
        | OperationState::InFlight
        | OperationState::Unknown
        | OperationState::Acked => say(state, Severity::Done, "it goes out by itself"),
    }
}

/// Gives up the operation under the cursor: at once if it needs the person or was not sent yet.
pub(super) fn discard(state: &mut State, out: &mut Vec<Effect>) {
    let Some((operation, how)) = outbox_cursor(state) else {
        return;
    };
    match how {
        OperationState::Failed { .. } => give_up(state, out, operation),
        OperationState::Held { .. } => ask_discard(state, operation),
        OperationState::Unsaved { .. } | OperationState::Queued => {
            state.history.forget(operation);
            super::undo::cancel(state, out, vec![operation]);
            say(state, Severity::Done, "given up");
        }
        OperationState::InFlight | OperationState::Unknown | OperationState::Acked => {
            say(
                state,
                Severity::Warning,
                "it is on its way: too late to give it up",
            );
        }
    }
}

/// A held one may have arrived all the same, so giving it up asks.
fn ask_discard(state: &mut State, operation: OperationId) {
    let rows = outbox_rows(state);
    let Some(row) = rows.into_iter().find(|row| row.operation == operation) else {
        return;
    };
    state.mode = Mode::Confirm(Confirm {
        title: "Give it up?".to_owned(),
        lines: vec![row.profile, row.what],
        warnings: row.reason.into_iter().collect(),
        what: Question::Discard(operation),
    });
}

fn give_up(state: &mut State, out: &mut Vec<Effect>, operation: OperationId) {
    state.history.forget(operation);
    state.replica.remove(operation);
    out.push(Effect::Sync(SyncCommand::Discard(operation)));
    super::carry::rebase(state);
    say(state, Severity::Done, "given up");
}

fn outbox_cursor(state: &State) -> Option<(OperationId, OperationState)> {
    let Mode::Outbox(outbox) = &state.mode else {
        return None;
    };
    let row = outbox_rows(state).into_iter().nth(outbox.cursor)?;
    let (_, how) = state.replica.operation(row.operation)?;
    Some((row.operation, how.clone()))
}

/// Opens the help or the palette.
pub(super) fn open_palette(state: &mut State, kind: PaletteKind) {
    let scopes = state.scopes();
    state.mode = Mode::Palette(Palette::open(kind, scopes));
}

/// Moves the cursor of the palette.
pub(super) fn palette_step(state: &mut State, by: isize) {
    if let Mode::Palette(palette) = &mut state.mode {
        let last = palette.found.len().saturating_sub(1);
        palette.cursor = palette.cursor.saturating_add_signed(by).min(last);
    }
}

/// Closes the palette and runs what its cursor is on.
pub(super) fn palette_run(
    state: &mut State,
    out: &mut Vec<Effect>,
    run: fn(&mut State, &mut Vec<Effect>, Command, Option<u32>),
) {
    let Mode::Palette(palette) = &state.mode else {
        return;
    };
    if let Some(command) = palette.found.get(palette.cursor).copied() {
        state.mode = Mode::Lists;
        run(state, out, command, None);
    }
}
