//! The list of what was done, and going back or forward to one of its moments.

use std::cmp::Ordering;

use super::commands::say;
use super::undo::{Outcome, redo_one, undo_one};
use crate::app::effect::Effect;
use crate::app::mode::{Mode, Past};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::domain::id::GroupId;

/// Opens the list, with the cursor on where things stand.
pub(super) fn open(state: &mut State) {
    let cursor = state.history.redo_len();
    let on = group_at(state, cursor);
    state.mode = Mode::History(Past {
        on,
        cursor,
        offset: 0,
    });
}

/// Returns how many rows the list has: one for each thing, and the one before all of them.
pub(super) fn len(state: &State) -> usize {
    state.history.redo_len() + state.history.undo_len() + 1
}

/// Returns the thing on a row; none on the last one.
pub(super) fn group_at(state: &State, row: usize) -> Option<GroupId> {
    let mut moments = state.history.moments();
    moments.nth(row).map(|moment| moment.done.group)
}

/// Finds the thing the cursor is on again.
pub(super) fn settle(state: &State, past: &mut Past) {
    let last = len(state) - 1;
    let mut moments = state.history.moments();
    let found = match past.on {
        Some(on) => moments.position(|moment| moment.done.group == on),
        None => Some(last),
    };
    past.cursor = found.unwrap_or(past.cursor.min(last));
    past.on = group_at(state, past.cursor);
}

/// Goes to the moment under the cursor: what was done after it is taken back, or what was taken
/// back up to it is done again, one after the other.
pub(super) fn go(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::History(past) = &state.mode else {
        return;
    };
    let row = past.cursor;
    state.mode = Mode::Lists;
    let undone = state.history.redo_len();
    match row.cmp(&undone) {
        Ordering::Less => walk(state, out, Way::Forward { until: row }),
        Ordering::Greater => {
            let until = state.history.undo_len() + undone - row;
            walk(state, out, Way::Back { until });
        }
        Ordering::Equal => say(state, Severity::Done, "that is where you are"),
    }
}

/// Which stack gets shorter, and until it holds how many.
#[derive(Clone, Copy)]
enum Way {
    Back { until: usize },
    Forward { until: usize },
}

fn walk(state: &mut State, out: &mut Vec<Effect>, way: Way) {
    let mut steps = 0;
    let mut refused = Vec::new();
    let mut disputed = None;
    loop {
        let (left, until) = match way {
            Way::Back { until } => (state.history.undo_len(), until),
            Way::Forward { until } => (state.history.redo_len(), until),
        };
        if left <= until {
            break;
        }
        let outcome = match way {
            Way::Back { .. } => undo_one(state, out),
            Way::Forward { .. } => redo_one(state, out),
        };
        match outcome {
            Outcome::Done { severity, text } => {
                steps += 1;
                if severity > Severity::Done {
                    disputed = Some(text);
                }
            }
            Outcome::Refused(why) => refused.push(why),
            Outcome::Later(why) => {
                refused.push(why);
                break;
            }
            Outcome::Nothing => break,
        }
    }
    let mut text = match way {
        Way::Back { .. } => format!("took back {}", things(steps)),
        Way::Forward { .. } => format!("did {} again", things(steps)),
    };
    let is_whole = refused.is_empty() && disputed.is_none();
    if let Some(first) = refused.first() {
        text = format!("{text}, but not {}: {first}", things(refused.len()));
    } else if let Some(disputed) = disputed {
        text = format!("{text}; {disputed}");
    }
    // All of the reasons are in the messages; the line shows the sum of them.
    for why in refused.iter().skip(1) {
        say(state, Severity::Warning, why.clone());
    }
    let severity = if is_whole {
        Severity::Done
    } else {
        Severity::Warning
    };
    say(state, severity, text);
}

fn things(number: usize) -> String {
    match number {
        1 => "1 thing".to_owned(),
        many => format!("{many} things"),
    }
}
