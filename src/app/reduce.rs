//! The one function that changes the state, and what holds after each of its steps: cursors are on
//! their updates, the lists are scrolled after them, the next page is asked for, the detail follows
//! after a rest.

mod among;
mod away;
mod carry;
mod commands;
mod compose;
mod composing;
mod configured;
mod conflict;
mod copy;
mod custom;
mod doctor;
mod drafts;
mod filter;
mod forms;
mod guard;
mod keys;
mod lint;
mod marks;
mod mouse;
mod nav;
mod numbers;
mod opening;
mod others;
mod outbox;
mod overlay;
mod past;
mod paste;
mod prompt;
mod queue;
mod quit;
mod repeat;
mod replace;
mod saving;
mod settle;
mod share;
mod slots;
mod sync;
mod tags;
mod times;
mod timetable;
mod transfer;
mod undo;

use super::action::Action;
use super::effect::Effect;
use super::notice::Severity;
use super::state::State;

/// Applies `action` to `state` and returns what the world has to do, in order.
#[must_use]
pub fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    let mut out = Vec::new();
    match action {
        Action::Key { key, now } => {
            state.now = now;
            keys::press(state, &mut out, key);
        }
        Action::Paste { text, now } => {
            state.now = now;
            keys::paste(state, &text);
        }
        Action::Run {
            command,
            count,
            now,
        } => {
            state.now = now;
            commands::run(state, &mut out, command, count);
        }
        Action::Mouse {
            mouse,
            column,
            row,
            now,
        } => {
            state.now = now;
            mouse::mouse(state, &mut out, mouse, (column, row));
        }
        Action::Resize { width, height } => state.viewport = (width, height),
        Action::Tick(now) => {
            // A free slot may be over.
            state.shows.stale |= state.shows.slots.on;
            state.now = now;
            state.wake = None;
        }
        Action::Continue => {
            state.shows.has_time = true;
            lint::go_on(state);
        }
        Action::Rested(token) => settle::rested(state, &mut out, token),
        Action::Lingered(token) => {
            let pending = &mut state.pending;
            pending.lingers = token == pending.chord && !pending.keys.is_empty();
        }
        Action::Wrote { a_second } => {
            state.traffic = state.traffic.map(|_| a_second);
        }
        Action::Copied { what, way, now } => {
            state.now = now;
            copy::copied(state, what, way);
        }
        Action::Opened { url, outcome, now } => {
            state.now = now;
            opening::opened(state, &mut out, url, outcome);
        }
        Action::Ran {
            number,
            outcome,
            now,
        } => {
            state.now = now;
            custom::ran(state, number, outcome);
        }
        Action::Configured { found, now } => {
            state.now = now;
            configured::configured(state, &mut out, found);
        }
        Action::Sync { event, now } => {
            state.now = now;
            let before = away::Concerns::of(state);
            sync::news(state, &mut out, event);
            away::call(state, &mut out, before);
        }
        Action::Edited { outcome, now } => {
            state.now = now;
            composing::edited(state, outcome);
        }
        Action::TmuxSaid(says) => doctor::answered(state, says),
        Action::Sight { here, now } => {
            state.now = now;
            away::sight(state, here);
        }
        Action::NotRecorded { why, now } => {
            state.now = now;
            commands::say(state, Severity::Trouble, why);
        }
        Action::Resumed(now) => {
            state.now = now;
            away::sight(state, true);
            out.push(Effect::Redraw);
        }
    }
    settle::settle(state, &mut out);
    out
}
