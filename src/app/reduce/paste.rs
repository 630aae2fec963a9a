//! Putting elsewhere what was cut: within its queue as a move, into another profile as
//! [`super::transfer`] asks; and doing so once more.

use super::commands::say;
use super::queue::{label_of, moves_back, reorder};
use super::transfer::{NOT_READ, ask};
use super::{nav, slots};
use crate::app::effect::Effect;
use crate::app::entries::Entry;
use crate::app::mode::Transfer;
use crate::app::notice::Severity;
use crate::app::repeat::{Repeat, Side};
use crate::app::state::State;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::queue::Row;

/// Puts what was cut beside the cursor.
pub(super) fn paste(state: &mut State, out: &mut Vec<Effect>, side: Side) {
    let Some(cut) = &state.cut else {
        let text = "nothing is cut: x cuts this one, or the marked ones";
        return say(state, Severity::Done, text);
    };
    let (home, wanted) = (cut.home.clone(), cut.updates.len());
    let updates = state.cut_updates();
    if updates.is_empty() {
        state.cut = None;
        let text = "what was cut is no longer in its queue: it was sent or deleted";
        return say(state, Severity::Warning, text);
    }
    let gone = wanted - updates.len();
    if state.profile.as_ref() == Some(&home) {
        paste_here(state, out, side, &updates, gone);
    } else {
        paste_there(state, side, home, updates, gone);
    }
}

fn paste_here(
    state: &mut State,
    out: &mut Vec<Effect>,
    side: Side,
    updates: &[LocalId],
    gone: usize,
) {
    let row = match state.entries().get(state.cursors().queue.index) {
        Some(Entry::Slot(slot)) => {
            state.cut = None;
            state.repeat.last = Some(Repeat::Paste { side, beside: None });
            return slots::put_on(state, out, updates, slot);
        }
        Some(Entry::Row(row)) => row,
        None => 0,
    };
    let Some(queue) = state.queue() else { return };
    let moved = match side {
        Side::After => queue.moved_after(updates, row),
        Side::Before => queue.moved_before(updates, row),
    };
    let fixed = updates
        .iter()
        .filter(|id| queue.find(**id).is_some_and(|i| queue.rows()[i].fixed))
        .count();
    let Some(moved) = moved else {
        let text = if fixed == updates.len() {
            "it has a time of its own: r changes that, f gives it a slot"
        } else {
            "it is there already"
        };
        return say(state, Severity::Warning, text);
    };
    let back = moves_back(queue, &moved.updates);
    let label = label_of(state, "moved", &moved.updates);
    let mut said = label.clone();
    if fixed > 0 {
        said = format!("{said}; {fixed} with a time of their own stay");
    }
    if gone > 0 {
        said = format!("{said}; {}", meanwhile(gone));
    }
    let first = moved.updates.first().copied();
    note_place(state, side, &moved.updates);
    state.cut = None;
    say(state, Severity::Done, said);
    reorder(state, out, label, moved, back);
    go_to(state, first);
}

/// What `.` puts next goes on from there.
fn note_place(state: &mut State, side: Side, updates: &[LocalId]) {
    let beside = match side {
        Side::After => updates.last(),
        Side::Before => updates.first(),
    };
    let beside = beside.copied();
    state.repeat.last = Some(Repeat::Paste { side, beside });
}

/// `.`: puts what is cut beside the cursor, as the last time; if nothing is cut, what is selected
/// beside what was put last.
pub(super) fn paste_again(
    state: &mut State,
    out: &mut Vec<Effect>,
    side: Side,
    beside: Option<LocalId>,
) {
    let Some(beside) = beside.filter(|_| state.cut.is_none()) else {
        return paste(state, out, side);
    };
    let mut updates = state.selection();
    updates.retain(|id| *id != beside);
    let Some(queue) = state.queue() else { return };
    let Some(row) = queue.find(beside) else {
        let text = "what was put last is no longer in this queue: x cuts, p puts";
        return say(state, Severity::Warning, text);
    };
    let moved = match side {
        Side::After => queue.moved_after(&updates, row),
        Side::Before => queue.moved_before(&updates, row),
    };
    let Some(moved) = moved else {
        return say(
            state,
            Severity::Done,
            "it is there already, or has a time of its own",
        );
    };
    let back = moves_back(queue, &moved.updates);
    let label = label_of(state, "moved", &moved.updates);
    note_place(state, side, &moved.updates);
    reorder(state, out, label, moved, back);
}

/// Goes to an update of the queue on the screen.
pub(super) fn go_to(state: &mut State, update: Option<LocalId>) {
    let row = update.and_then(|id| state.queue()?.find(id));
    let index = row.map(|row| state.entries().near_row(row));
    if let Some(index) = index {
        nav::put(state, |c| &mut c.queue, index, update);
    }
}

pub(super) fn meanwhile(gone: usize) -> String {
    format!("{gone} sent or deleted meanwhile")
}

fn paste_there(state: &mut State, side: Side, from: ProfileId, updates: Vec<LocalId>, gone: usize) {
    let Some((to, shown)) = state.profile.clone().zip(state.shown()) else {
        return say(state, Severity::Warning, NOT_READ);
    };
    let at = match state.entries().get(state.cursors().queue.index) {
        Some(Entry::Row(row)) => row + usize::from(side == Side::After),
        Some(Entry::Slot(slot)) => {
            let goes_before = |row: &Row| row.due_at.is_some_and(|due| due < slot);
            shown.rows().partition_point(goes_before)
        }
        None => 0,
    };
    let there = shown.with_guests(&updates, at, state.profile());
    let Some(place) = there.place_of_block(&updates) else {
        return;
    };
    let transfer = Transfer {
        from,
        to,
        updates,
        place,
        grab: None,
    };
    ask(state, transfer, gone);
}
