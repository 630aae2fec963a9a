//! Cursor, panes and profiles.

use super::commands::say;
use super::{carry, marks, past};
use crate::app::effect::Effect;
use crate::app::entries::Entry;
use crate::app::layout::layout;
use crate::app::list::Cursor;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::outbox::outbox_order;
use crate::app::selection::SpanKind;
use crate::app::state::{Cursors, Loading, Pane, State};
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::interaction::EVENTS;
use crate::domain::time::Timestamp;
use crate::protocol::SyncCommand;

/// Where to go in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// So many rows down, or up if negative.
    By(isize),
    /// To this row, from 0.
    Row(usize),
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
}

impl To {
    /// Returns the row it means from row `at` of `len`.
    pub(super) fn row(self, at: usize, len: usize) -> usize {
        let last = len.saturating_sub(1);
        match self {
            Self::By(by) => at.saturating_add_signed(by).min(last),
            Self::Row(row) => row.min(last),
            Self::Top => 0,
            Self::Bottom => last,
        }
    }
}

/// `12G`: a count is a row.
pub(super) fn row_or(count: Option<u32>, otherwise: To) -> To {
    count.map_or(otherwise, |n| {
        To::Row(usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(1))
    })
}

/// Moves what the keys of lists move now: the cursor, or what is carried.
pub(super) fn go(state: &mut State, out: &mut Vec<Effect>, to: To) {
    match &mut state.mode {
        Mode::Grab(_) => carry::travel(state, to),
        Mode::Outbox(outbox) => {
            let at = outbox.cursor;
            let order = outbox_order(state);
            if let Mode::Outbox(outbox) = &mut state.mode {
                outbox.cursor = to.row(at, order.len());
                outbox.on = order.get(outbox.cursor).copied();
            }
        }
        Mode::Drafts(list) => list.cursor = to.row(list.cursor, state.drafts.len() + 1),
        Mode::Links(links) => links.cursor = to.row(links.cursor, links.list.len()),
        Mode::Findings(findings) => {
            findings.cursor = to.row(findings.cursor, findings.list.len());
        }
        Mode::History(past) => {
            let at = past.cursor;
            let row = to.row(at, past::len(state));
            let on = past::group_at(state, row);
            if let Mode::History(past) = &mut state.mode {
                past.cursor = row;
                past.on = on;
            }
        }
        _ => {
            // A range that Shift began ends with the first step without it.
            if state.range.is_some_and(|span| span.kind == SpanKind::Loose) {
                state.range = None;
            }
            cursor(state, out, state.focus, to);
        }
    }
}

/// Goes `times` pages, or parts of a page.
pub(super) fn page(state: &mut State, out: &mut Vec<Effect>, times: isize, parts: isize) {
    let rows = layout(state.viewport, state).rows(state.focus);
    let rows = isize::try_from(rows).unwrap_or(isize::MAX);
    // A line of the page before stays in sight, as in a pager.
    let step = if parts == 1 { rows - 2 } else { rows / parts };
    go(state, out, To::By(step.max(1).saturating_mul(times)));
}

/// Moves the cursor of a pane.
pub(super) fn cursor(state: &mut State, out: &mut Vec<Effect>, pane: Pane, to: To) {
    let cursors = state.cursors();
    match pane {
        Pane::Profiles => {
            let listed = state.listed_profiles();
            let row = to.row(state.profile_cursor.index, listed.len());
            if let Some(profile) = listed.get(row).map(|p| p.id.clone()) {
                go_to_profile(state, out, &profile);
            }
        }
        Pane::Queue => {
            let entries = state.entries();
            let row = to.row(cursors.queue.index, entries.len());
            let (on, entry) = (entries.update(row), entries.get(row));
            put(state, |c| &mut c.queue, row, on);
            if let Some(Entry::Slot(at)) = entry {
                put_on_slot(state, at);
            }
        }
        Pane::Sent => {
            let row = to.row(cursors.sent.index, state.sent_len());
            let on = state.sent_row(row).map(|update| update.id);
            put(state, |c| &mut c.sent, row, on);
        }
        Pane::Interactions => {
            let len = state.reactions().map_or(0, |found| found.list.len());
            let row = to.row(cursors.interactions.index, len);
            put(state, |c| &mut c.interactions, row, None);
        }
    }
}

/// Puts one of the focused profile's cursors on a row.
pub(super) fn put(
    state: &mut State,
    which: impl Fn(&mut Cursors) -> &mut Cursor,
    index: usize,
    on: Option<LocalId>,
) {
    if let Some(profile) = state.profile.clone() {
        let cursor = which(state.cursors.entry(profile).or_default());
        cursor.index = index;
        cursor.on = on;
        cursor.slot = None;
    }
}

/// Notes that the cursor of the queue is on a free slot.
fn put_on_slot(state: &mut State, at: Timestamp) {
    if let Some(profile) = state.profile.clone() {
        state.cursors.entry(profile).or_default().queue.slot = Some(at);
    }
}

/// Gives a pane the keys.
pub(super) fn focus(state: &mut State, pane: Pane) {
    if pane != Pane::Queue {
        state.range = None;
    }
    if pane == Pane::Interactions {
        // Who goes there wants to see them.
        state.hides_detail = false;
    }
    state.focus = pane;
}

/// Shows or hides the detail and the interactions.
pub(super) fn toggle_detail(state: &mut State) {
    let hides = !state.hides_detail;
    if hides && state.focus == Pane::Interactions {
        focus(state, Pane::Sent);
    }
    state.hides_detail = hides;
}

/// Goes round the panes.
pub(super) fn next_pane(state: &mut State, by: isize) {
    let all = Pane::ALL;
    let at = all.iter().position(|p| *p == state.focus).unwrap_or(0);
    focus(
        state,
        all[at.wrapping_add_signed(by + all.len().cast_signed()) % all.len()],
    );
}

/// Goes to the pane beside, without going round.
pub(super) fn beside(state: &mut State, by: isize) {
    let all = Pane::ALL;
    let at = all.iter().position(|p| *p == state.focus).unwrap_or(0);
    focus(state, all[at.saturating_add_signed(by).min(all.len() - 1)]);
}

/// Goes to a profile so many further, round the ends.
pub(super) fn next_profile(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    if let Some(profile) = profile_beside(state, by) {
        go_to_profile(state, out, &profile);
    }
}

/// Returns the profile so many further, round the ends.
pub(super) fn profile_beside(state: &State, by: isize) -> Option<ProfileId> {
    let len = state.profiles().len().cast_signed();
    let at = state.profile_cursor.index.cast_signed();
    let next = (at + by.checked_rem(len)?).rem_euclid(len).unsigned_abs();
    state.profiles().get(next).map(|p| p.id.clone())
}

/// Goes to the update that goes out next.
pub(super) fn next_due(state: &mut State, out: &mut Vec<Effect>) {
    focus(state, Pane::Queue);
    let (rows, now) = (state.rows(), state.now);
    // Rows with a time stand first, in its order.
    let next = rows.partition_point(|row| row.due_at.is_some_and(|at| at <= now));
    match rows.get(next) {
        Some(row) if row.due_at.is_some() => {
            let next = state.entries().near_row(next);
            go(state, out, To::Row(next));
        }
        Some(_) => {
            let text = "nothing goes out: the queue is paused, or its schedule has no slot";
            say(state, Severity::Warning, text);
        }
        None => say(state, Severity::Warning, "nothing here waits to go out"),
    }
}

/// Puts a profile on the screen.
pub(super) fn go_to_profile(state: &mut State, out: &mut Vec<Effect>, profile: &ProfileId) {
    if state.profile.as_ref() == Some(profile) {
        return;
    }
    marks::clear(state);
    show_profile(state, out, profile);
}

/// The same, with the marks as they are.
pub(super) fn show_profile(state: &mut State, out: &mut Vec<Effect>, profile: &ProfileId) {
    state.profile = Some(profile.clone());
    out.push(Effect::Sync(SyncCommand::Focus(Some(profile.clone()))));
    load_sent(state, out, profile, 1);
}

/// Asks for a page of sent updates, unless one is under way.
pub(super) fn load_sent(state: &mut State, out: &mut Vec<Effect>, profile: &ProfileId, page: u32) {
    let sent = state.sent.entry(profile.clone()).or_default();
    if matches!(sent.loading, Loading::Asked { .. }) {
        return;
    }
    sent.loading = Loading::Asked { page };
    out.push(Effect::Sync(SyncCommand::LoadSent {
        profile: profile.clone(),
        page,
    }));
}

/// Shows only the next kind of interaction; after the last all.
pub(super) fn event(state: &mut State, by: isize) {
    let choices = EVENTS.len() + 1;
    let at = state
        .event
        .as_ref()
        .and_then(|event| EVENTS.iter().position(|e| e == event))
        .map_or(0, |at| at + 1);
    let next = at.wrapping_add_signed(by + choices.cast_signed()) % choices;
    state.event = next.checked_sub(1).map(|i| EVENTS[i].to_owned());
    put(state, |c| &mut c.interactions, 0, None);
}
