//! Cursor, panes and profiles.

use super::carry;
use crate::app::effect::Effect;
use crate::app::entries::Entry;
use crate::app::layout::layout;
use crate::app::list::Cursor;
use crate::app::mode::Mode;
use crate::app::outbox::outbox_order;
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
        Mode::Findings(findings) => {
            findings.cursor = to.row(findings.cursor, findings.list.len());
        }
        _ => cursor(state, out, to),
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

fn cursor(state: &mut State, out: &mut Vec<Effect>, to: To) {
    let cursors = state.cursors();
    match state.focus {
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
    state.focus = pane;
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
    let len = state.profiles().len().cast_signed();
    if len == 0 {
        return;
    }
    let mut ids = state.profiles().iter().map(|profile| Some(&profile.id));
    let at = ids.position(|id| id == state.profile.as_ref());
    let at = at.unwrap_or(0).cast_signed();
    let next = (at + by % len).rem_euclid(len).unsigned_abs();
    if let Some(profile) = state.profiles().get(next).map(|p| p.id.clone()) {
        go_to_profile(state, out, &profile);
    }
}

/// Puts a profile on the screen.
pub(super) fn go_to_profile(state: &mut State, out: &mut Vec<Effect>, profile: &ProfileId) {
    if state.profile.as_ref() == Some(profile) {
        return;
    }
    state.marks.clear();
    state.range = None;
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
