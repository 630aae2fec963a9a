//! Marks, ranges of marks, and what is cut.

use std::collections::BTreeSet;

use super::commands::say;
use super::nav::{self, To};
use crate::app::effect::Effect;
use crate::app::notice::Severity;
use crate::app::selection::{Cut, Span, SpanKind};
use crate::app::state::State;
use crate::domain::id::LocalId;

/// Marks the row, or takes its mark, and steps down. An open range is marked whole and ends.
pub(super) fn mark(state: &mut State, out: &mut Vec<Effect>, times: u32) {
    if state.range.is_some() {
        return end_range(state);
    }
    for _ in 0..times.min(1_000_000) {
        let cursor = state.cursors().queue;
        // A free slot is passed over.
        if let Some(on) = cursor.on
            && !state.marks.remove(&on)
        {
            state.marks.insert(on);
        }
        nav::go(state, out, To::By(1));
        if state.cursors().queue.index == cursor.index {
            return;
        }
    }
}

/// Begins a range, of as many rows as the count says; ends one and marks what is in it. One that
/// Shift began goes on without Shift.
pub(super) fn range(state: &mut State, out: &mut Vec<Effect>, count: Option<u32>) {
    match &mut state.range {
        Some(Span { kind, .. }) if *kind == SpanKind::Loose => *kind = SpanKind::Sticky,
        Some(_) => end_range(state),
        None => {
            begin(state, SpanKind::Sticky);
            let more = count.unwrap_or(1).saturating_sub(1);
            nav::go(
                state,
                out,
                To::By(isize::try_from(more).unwrap_or(isize::MAX)),
            );
        }
    }
}

fn begin(state: &mut State, kind: SpanKind) {
    let from = state.cursors().queue.on;
    state.range = from.map(|from| Span { from, kind });
}

/// Marks what is in the open range, and ends it.
pub(super) fn end_range(state: &mut State) {
    let selected = state.marked();
    state.marks.extend(selected);
    state.range = None;
}

/// Stretches a range, or begins one; the next plain key of the cursor ends it.
pub(super) fn stretch(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    match &mut state.range {
        Some(span) => span.kind = SpanKind::Loose,
        None => begin(state, SpanKind::Loose),
    }
    let range = state.range;
    nav::go(state, out, To::By(by));
    state.range = range;
}

/// Marks all rows that show; if all are, none of them.
pub(super) fn mark_all(state: &mut State) {
    let all: BTreeSet<LocalId> = state.entries().updates().collect();
    state.range = None;
    if all.is_subset(&state.marks) {
        state.marks.retain(|id| !all.contains(id));
    } else {
        state.marks.extend(all);
    }
}

/// Of what shows, marks what is not marked, and takes the other marks away.
pub(super) fn invert(state: &mut State) {
    end_range(state);
    let all: BTreeSet<LocalId> = state.entries().updates().collect();
    for id in all {
        if !state.marks.remove(&id) {
            state.marks.insert(id);
        }
    }
}

/// Takes all marks away.
pub(super) fn clear(state: &mut State) {
    state.marks.clear();
    state.range = None;
}

/// Cuts the selection: it is shown as cut and stays where it is until it is put elsewhere. What is
/// cut already is let be.
pub(super) fn cut(state: &mut State) {
    let Some(home) = state.profile.clone() else {
        return;
    };
    let updates: BTreeSet<LocalId> = state.selection().into_iter().collect();
    if updates.is_empty() {
        return;
    }
    let cut = Cut { home, updates };
    clear(state);
    if state.cut.as_ref() == Some(&cut) {
        state.cut = None;
        return say(state, Severity::Done, "no longer cut");
    }
    let what = match cut.updates.len() {
        1 => "cut; p puts it after the cursor, P before, ] to another profile".to_owned(),
        n => format!("cut {n}; p puts them after the cursor, P before, ] to another profile"),
    };
    state.cut = Some(cut);
    say(state, Severity::Done, what);
}
