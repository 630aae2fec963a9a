//! From keys to commands: counts, chords, and text for whoever takes text.

use super::{commands, composing, custom, filter};
use crate::app::command::Scope;
use crate::app::effect::Effect;
use crate::app::key::{Code, Key};
use crate::app::keymap::Resolution;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::time::Timestamp;
use crate::protocol::SyncCommand;

/// The largest count; more digits are not taken.
const MOST: u32 = 1_000_000;

/// Takes a key.
pub(super) fn press(state: &mut State, out: &mut Vec<Effect>, key: Key) {
    awake(state, out);
    let scopes = state.scopes();
    let takes_text = scopes.iter().any(|scope| scope.takes_text());
    if !takes_text && count(state, key, &scopes) {
        return;
    }
    if key.code == Code::Esc && (state.pending.count.is_some() || !state.pending.keys.is_empty()) {
        state.pending.count = None;
        state.pending.keys.clear();
        return;
    }
    state.pending.keys.push(key);
    match state.keymap.resolve(&scopes, &state.pending.keys) {
        Resolution::Matched(command) => {
            state.pending.keys.clear();
            let count = state.pending.count.take();
            commands::run(state, out, command, count);
        }
        Resolution::Pending(_) => wait_for_more(state, out),
        Resolution::Unbound if custom_key(state, out) => {}
        Resolution::Unbound => {
            let keys = std::mem::take(&mut state.pending.keys);
            state.pending.count = None;
            if takes_text {
                for key in keys {
                    type_key(state, key);
                }
            }
        }
    }
}

fn wait_for_more(state: &mut State, out: &mut Vec<Effect>) {
    state.pending.lingers = false;
    state.pending.chord += 1;
    let token = state.pending.chord;
    out.push(Effect::ChordTimer { token });
}

/// Runs the custom command of the keys pressed so far, in the lists; says whether there is one, or
/// may be with more keys.
fn custom_key(state: &mut State, out: &mut Vec<Effect>) -> bool {
    if !matches!(state.mode, Mode::Lists) {
        return false;
    }
    let (found, begins) = state.customs.at_keys(&state.pending.keys);
    let Some(found) = found.cloned() else {
        if begins {
            wait_for_more(state, out);
        }
        return begins;
    };
    state.pending.keys.clear();
    state.pending.count = None;
    custom::run(state, out, &found);
    true
}

/// Seconds between two words to the worker that the person is there.
const AWAKE_EVERY: i64 = 60;

fn awake(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let is_recent = |at: Timestamp| (0..AWAKE_EVERY).contains(&(now.0 - at.0));
    if !state.awake.is_some_and(is_recent) {
        state.awake = Some(now);
        out.push(Effect::Sync(SyncCommand::Awake));
    }
}

/// Takes a digit of a count; says whether it was one.
fn count(state: &mut State, key: Key, scopes: &[Scope]) -> bool {
    let counts = scopes.contains(&Scope::List);
    let digit = key.typed().and_then(|c| c.to_digit(10));
    let Some(digit) = digit.filter(|_| counts && state.pending.keys.is_empty()) else {
        return false;
    };
    if digit == 0 && state.pending.count.is_none() {
        return false;
    }
    let so_far = state.pending.count.unwrap_or(0);
    state.pending.count = Some((so_far.saturating_mul(10) + digit).min(MOST));
    true
}

fn type_key(state: &mut State, key: Key) {
    match &mut state.mode {
        Mode::Composer(_) => composing::press(state, key),
        Mode::Form(form) => form.press(key),
        Mode::Timetable(table) => table.press(key),
        Mode::Palette(palette) => palette.press(key, &state.keymap),
        Mode::Replace(replace) => replace.press(key),
        Mode::Filter(_) => filter::press(state, key),
        Mode::Prompt(prompt) => prompt.press(key),
        Mode::Lists
        | Mode::Grab(_)
        | Mode::Shuffle(_)
        | Mode::Confirm(_)
        | Mode::Outbox(_)
        | Mode::History(_)
        | Mode::Conflict(_)
        | Mode::Detail(_)
        | Mode::Messages(_)
        | Mode::Calls(_)
        | Mode::Numbers(_)
        | Mode::Doctor(_)
        | Mode::Drafts(_)
        | Mode::Links(_)
        | Mode::Output(_)
        | Mode::Findings(_) => {}
    }
}

/// Takes pasted text: into a text field, or as the begin of a new update. It never runs commands.
pub(super) fn paste(state: &mut State, text: &str) {
    state.pending.keys.clear();
    state.pending.count = None;
    match &mut state.mode {
        Mode::Composer(composer) => composer.paste(text),
        Mode::Form(form) => form.paste(text),
        Mode::Timetable(table) => table.paste(text),
        Mode::Palette(palette) => palette.paste(text, &state.keymap),
        Mode::Replace(replace) => replace.paste(text),
        Mode::Filter(_) => filter::paste(state, text),
        Mode::Prompt(prompt) => prompt.paste(text),
        Mode::Lists if state.profile.is_some() && !text.trim().is_empty() => {
            state.mode = Mode::Confirm(Confirm {
                title: "Write a new update from what was pasted?".to_owned(),
                lines: vec![
                    first_line(text),
                    format!("{} characters", text.trim().chars().count()),
                ],
                warnings: Vec::new(),
                what: Question::ComposePasted(text.to_owned()),
            });
        }
        // A paste while something else is open is no answer to it.
        Mode::Lists
        | Mode::History(_)
        | Mode::Grab(_)
        | Mode::Shuffle(_)
        | Mode::Confirm(_)
        | Mode::Outbox(_)
        | Mode::Conflict(_)
        | Mode::Detail(_)
        | Mode::Messages(_)
        | Mode::Calls(_)
        | Mode::Numbers(_)
        | Mode::Doctor(_)
        | Mode::Drafts(_)
        | Mode::Links(_)
        | Mode::Output(_)
        | Mode::Findings(_) => {}
    }
}
