//! Findings: looked for in slices while nobody types, gone through, and listed.

use super::commands::say;
use super::{filter, nav};
use crate::app::effect::Effect;
use crate::app::lint::{Lint, words};
use crate::app::mode::{Findings, Mode};
use crate::app::notice::Severity;
use crate::app::state::{Pane, State};
use crate::domain::id::LocalId;

/// Begins what has to be looked for, and asks to go on if there is something.
pub(super) fn settle(state: &mut State, out: &mut Vec<Effect>) {
    // Out of the state, so that it can be read meanwhile.
    let mut lint = std::mem::take(&mut state.lint);
    lint.begin(state);
    state.lint = lint;
    let replaces = matches!(&state.mode, Mode::Replace(replace) if !replace.is_over());
    if (state.lint.is_looking() || replaces) && !state.continuing {
        state.continuing = true;
        out.push(Effect::Continue);
    }
}

/// Goes on for one slice; what a person waits for comes first.
pub(super) fn go_on(state: &mut State) {
    state.continuing = false;
    let mode = std::mem::take(&mut state.mode);
    if let Mode::Replace(mut replace) = mode {
        let looked = !replace.is_over();
        replace.go_on(state);
        state.mode = Mode::Replace(replace);
        if looked {
            return;
        }
    } else {
        state.mode = mode;
    }
    let mut lint: Lint = std::mem::take(&mut state.lint);
    lint.go_on(state);
    let is_over = !lint.is_looking();
    state.lint = lint;
    if is_over {
        filter::know_twins(state);
    }
    if is_over && let Mode::Findings(findings) = &state.mode {
        let (on, cursor) = (findings.on(), findings.cursor);
        let updates = listed(state);
        let found = on.and_then(|on| updates.iter().position(|id| *id == on));
        if let Mode::Findings(findings) = &mut state.mode {
            findings.cursor = found.unwrap_or(cursor).min(updates.len().saturating_sub(1));
            findings.list = updates;
        }
    }
}

/// Goes to the next update with a finding, or to the one before, round the ends.
pub(super) fn jump(state: &mut State, by: isize, times: u32) {
    let counts = state.lint.counts();
    if counts.serious + counts.hints == 0 {
        let text = if state.lint.is_looking() {
            "still looking for findings; press it again in a moment"
        } else {
            "no findings: nothing is twice, too long, too late or too close"
        };
        return say(state, Severity::Done, text);
    }
    for _ in 0..times.min(1_000) {
        let entries = state.entries();
        let len = entries.len();
        let at = state.cursors().queue.index;
        let step = |n: usize| {
            let by = if by < 0 { len - n % len } else { n };
            (at + by) % len
        };
        let has = |update| state.lint.worst(update).is_some();
        let found = (1..=len)
            .map(step)
            .find(|at| entries.update(*at).is_some_and(has));
        let Some(at) = found else {
            let text = "no finding shows: those there are are hidden by the filter";
            return say(state, Severity::Done, text);
        };
        let on = entries.update(at);
        nav::put(state, |c| &mut c.queue, at, on);
    }
}

/// Opens the list of all findings.
pub(super) fn open(state: &mut State) {
    let list = listed(state);
    let on = state.cursors().queue.on;
    let cursor = list.iter().position(|id| Some(*id) == on).unwrap_or(0);
    state.mode = Mode::Findings(Findings {
        list,
        cursor,
        offset: 0,
    });
}

/// The updates with findings, in queue order.
fn listed(state: &State) -> Vec<LocalId> {
    let Some(shown) = state.shown() else {
        return Vec::new();
    };
    let place = |id: LocalId| Some((shown.queue.find(id)?, id));
    let mut found: Vec<(usize, LocalId)> = state.lint.updates().filter_map(place).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

/// Goes from the list to its update.
pub(super) fn enter(state: &mut State) {
    let Mode::Findings(findings) = std::mem::take(&mut state.mode) else {
        return;
    };
    let Some(id) = findings.on() else { return };
    let Some(row) = state.shown().and_then(|shown| shown.queue.find(id)) else {
        return say(state, Severity::Warning, "it is no longer in the queue");
    };
    filter::uncover(state, id);
    nav::focus(state, Pane::Queue);
    nav::put(state, |c| &mut c.queue, row, Some(id));
    if let Some(finding) = state.lint.worst(id) {
        let text = words(state, finding);
        say(state, Severity::Warning, text);
    }
}
