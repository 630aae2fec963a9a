//! Moves among what is shown: past the next update that a filter lets through, and onto free slots.
//!
//! An operation knows nothing of filters. A move past the next shown update is a move directly
//! beside it in the whole queue, so what is hidden between the two is passed as well.

use std::collections::BTreeSet;

use super::nav::To;
use crate::app::entries::{Entries, Entry};
use crate::app::mode::{Grab, Mode};
use crate::app::slots::put_on;
use crate::app::state::State;
use crate::domain::id::LocalId;
use crate::domain::operation::Move;
use crate::domain::queue::{Queue, Row};
use crate::domain::time::Timestamp;

/// Returns the move that carries `updates` past so many of the shown updates.
pub(super) fn moved_by(
    entries: Entries<'_>,
    queue: &Queue,
    updates: &[LocalId],
    by: isize,
) -> Option<Move> {
    let taken: BTreeSet<LocalId> = updates.iter().copied().collect();
    let is_movable = |id: &LocalId| {
        let row = queue.find(*id)?;
        (!queue.rows()[row].fixed).then(|| entries.of_row(row))?
    };
    let mut places = updates.iter().filter_map(is_movable);
    let from = if by < 0 {
        places.min()
    } else {
        places.by_ref().max()
    };
    let passes = |entry| is_passed(queue, entry, &taken);
    match entries.stop(from?, by, passes)? {
        Entry::Row(row) if by < 0 => queue.moved_before(updates, row),
        Entry::Row(row) => queue.moved_after(updates, row),
        Entry::Slot(_) => None,
    }
}

fn is_passed(queue: &Queue, entry: Entry, taken: &BTreeSet<LocalId>) -> bool {
    let Entry::Row(row) = entry else { return false };
    let row = queue.rows().get(row);
    row.is_some_and(|row| !row.fixed && !taken.contains(&row.update))
}

/// Where what is carried goes next.
enum Next {
    /// It stays where it is.
    Stays,
    /// Onto the free slots from this one on.
    Slot(Timestamp),
    /// Directly beside this update of the queue as it is without it being carried.
    Beside { update: LocalId, after: bool },
}

/// Carries what is grabbed among what is shown.
pub(super) fn travel(state: &mut State, to: To) {
    let next = {
        let Mode::Grab(grab) = &state.mode else {
            return;
        };
        next(grab, state.entries(), state.cursors().queue.index, to)
    };
    match next {
        Next::Stays => {}
        Next::Slot(at) => hover(state, at),
        Next::Beside { update, after } => lay_beside(state, update, after),
    }
}

fn next(grab: &Grab, entries: Entries<'_>, at: usize, to: To) -> Next {
    match to {
        To::By(by) => step(grab, entries, by),
        To::Row(index) => match entries.get(index.min(entries.len().saturating_sub(1))) {
            Some(Entry::Slot(slot)) => Next::Slot(slot),
            Some(Entry::Row(row)) => beside(grab, row, index > at),
            None => Next::Stays,
        },
        // The ends of the queue are those of the whole queue: see `carry`.
        To::Top | To::Bottom => Next::Stays,
    }
}

fn beside(grab: &Grab, row: usize, after: bool) -> Next {
    let others = |row: &&Row| !grab.only_slots && !grab.updates.contains(&row.update);
    match grab.preview.rows().get(row).filter(others) {
        Some(row) => Next::Beside {
            update: row.update,
            after,
        },
        None => Next::Stays,
    }
}

fn step(grab: &Grab, entries: Entries<'_>, by: isize) -> Next {
    let queue = &grab.preview;
    let taken: BTreeSet<LocalId> = grab.updates.iter().copied().collect();
    let place = |id: &LocalId| entries.of_row(queue.find(*id)?);
    let is_movable = |row: usize| queue.rows().get(row).is_some_and(|row| !row.fixed);
    let on_slot = grab.slot.is_some();
    let from = if on_slot {
        grab.updates.first().and_then(place)
    } else if by < 0 {
        grab.updates.iter().filter_map(place).min()
    } else {
        grab.updates.iter().filter_map(place).max()
    };
    let stops = |entry: Entry| match entry {
        Entry::Slot(_) => true,
        Entry::Row(row) => match queue.rows().get(row) {
            // One step on, the first of them takes the slot of the second.
            Some(place) if taken.contains(&place.update) => on_slot,
            Some(_) => is_movable(row) && !grab.only_slots,
            None => false,
        },
    };
    let Some(found) = from.and_then(|from| entries.stop(from, by, stops)) else {
        return Next::Stays;
    };
    match found {
        Entry::Slot(at) => Next::Slot(at),
        Entry::Row(row) => match queue.rows().get(row) {
            Some(place) if taken.contains(&place.update) => {
                place.due_at.map_or(Next::Stays, Next::Slot)
            }
            // Down from the free slots it comes before what stands there, up behind it.
            Some(_) => beside(grab, row, (by > 0) != on_slot),
            None => Next::Stays,
        },
    }
}

/// Holds what is carried over the free slots from `slot` on.
pub(super) fn hover(state: &mut State, slot: Timestamp) {
    let Some(profile) = state.profile().cloned() else {
        return;
    };
    let Some(shown) = state.replica.queue(&profile.id) else {
        return;
    };
    let Mode::Grab(grab) = &mut state.mode else {
        return;
    };
    // What left the queue meanwhile is no longer carried.
    grab.updates.retain(|id| shown.queue.contains(*id));
    let (_, preview) = put_on(shown, &profile, &grab.updates, slot);
    grab.preview = preview;
    grab.slot = Some(slot);
    grab.place = None;
}

/// Lays what is carried directly beside an update.
fn lay_beside(state: &mut State, update: LocalId, after: bool) {
    off_slots(state);
    let Mode::Grab(grab) = &mut state.mode else {
        return;
    };
    let queue = &grab.preview;
    let Some(row) = queue.find(update) else {
        return;
    };
    let moved = if after {
        queue.moved_after(&grab.updates, row)
    } else {
        queue.moved_before(&grab.updates, row)
    };
    if let Some(moved) = moved {
        grab.place = Some(moved.place);
        grab.preview.apply(&moved);
    }
}

/// Takes what is carried off the free slots again: back to where it was.
pub(super) fn off_slots(state: &mut State) {
    let profile = state.profile.as_ref();
    let shown = profile.and_then(|profile| state.replica.queue(profile));
    if let (Mode::Grab(grab), Some(shown)) = (&mut state.mode, shown)
        && grab.slot.take().is_some()
    {
        grab.preview = shown.queue.clone();
        grab.place = None;
    }
}
