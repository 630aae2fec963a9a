//! Questions, help and palette, the full view of an update.

use super::commands::{anyway, ask, say};
use super::{compose, conflict, outbox, queue, quit, saving, share, times};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::{Confirm, Mode, Question, Scroll};
use crate::app::notice::Severity;
use crate::app::palette::{Palette, PaletteKind};
use crate::app::state::State;
use crate::app::status::name_of;
use crate::protocol::Request;

/// Yes to the question that is open.
pub(super) fn yes(state: &mut State, out: &mut Vec<Effect>) {
    if !matches!(state.mode, Mode::Confirm(_)) {
        return;
    }
    let Mode::Confirm(confirm) = std::mem::take(&mut state.mode) else {
        return;
    };
    match confirm.what {
        Question::Share(agreed) => share::share(state, out, agreed),
        Question::Time { text, updates } => times::give_anyway(state, out, &text, &updates),
        Question::Delete(updates) => queue::delete_all(state, out, &updates),
        Question::ComposePasted(text) => compose::compose_text(state, &text),
        Question::Discard(operations) => outbox::discard_these(state, out, &operations),
        Question::Retry(operations) => outbox::retry_these(state, out, &operations),
        Question::RemoveProfile(profile) => ask(out, Request::RemoveProfile(profile)),
        Question::Anyway(command) => anyway(state, out, command),
        Question::Save(composer) => saving::save_anyway(state, out, composer),
        Question::Quit => quit::quit_anyway(state, out),
        Question::ServerShuffle(profile) => {
            state.server_shuffles = Some(profile.clone());
            ask(out, Request::ServerShuffle { profile });
        }
        // It has its own two answers.
        Question::Transfer(_) => {}
    }
}

/// No: back to where the question came from.
pub(super) fn no(state: &mut State) {
    let Mode::Confirm(confirm) = std::mem::take(&mut state.mode) else {
        return;
    };
    match confirm.what {
        Question::Discard(operations) | Question::Retry(operations) => {
            if let Some(first) = operations.first() {
                outbox::back_to(state, *first);
            }
        }
        Question::Transfer(transfer) => {
            if let Some(grab) = transfer.grab {
                state.mode = Mode::Grab(grab);
            }
        }
        Question::Save(composer) => {
            state.mode = Mode::Composer(composer);
            let text = "not saved; what you wrote is still here";
            say(state, Severity::Done, text);
        }
        Question::Share(_)
        | Question::Time { .. }
        | Question::Delete(_)
        | Question::ComposePasted(_)
        | Question::RemoveProfile(_)
        | Question::Anyway(_)
        | Question::Quit
        | Question::ServerShuffle(_) => {}
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
    let scroll = match &mut state.mode {
        Mode::Detail(scroll)
        | Mode::Messages(scroll)
        | Mode::Calls(scroll)
        | Mode::Doctor(scroll)
        | Mode::Output(scroll)
        | Mode::Numbers(scroll) => Some(scroll),
        Mode::Conflict(conflict) => Some(&mut conflict.scroll),
        _ => None,
    };
    if let Some(scroll) = scroll {
        scroll.by(by);
    }
}

/// Closes a text.
pub(super) fn close(state: &mut State) {
    match &state.mode {
        Mode::Conflict(_) => conflict::close(state),
        _ => state.mode = Mode::Lists,
    }
}

/// Scrolls a text by a page.
pub(super) fn scroll_page(state: &mut State, by: isize) {
    let page = isize::try_from(state.viewport.1 / 2).unwrap_or(1).max(1);
    scroll(state, by * page);
}

/// Opens the help or the palette.
pub(super) fn open_palette(state: &mut State, kind: PaletteKind) {
    let scopes = state.scopes();
    state.mode = Mode::Palette(Palette::open(kind, scopes, &state.keymap));
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
    if let Some(command) = palette.chosen() {
        state.mode = Mode::Lists;
        run(state, out, command, None);
    }
}
