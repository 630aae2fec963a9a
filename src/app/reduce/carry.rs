//! Grab and shuffle: an order that is looked at before it is an operation.

use super::commands::say;
use super::nav::{self, To};
use super::queue::{label_of, moves_back, reorder};
use super::{among, slots};
use crate::app::effect::Effect;
use crate::app::entries::Listing;
use crate::app::mode::{Grab, Mode, Shuffle};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::domain::operation::{Move, Place};
use crate::domain::queue::Queue;

/// Grabs the selection.
pub(super) fn grab(state: &mut State) {
    let (Some(profile), Some(queue)) = (state.profile.clone(), state.queue()) else {
        return;
    };
    let is_movable = |id: &_| queue.find(*id).is_some_and(|i| !queue.rows()[i].fixed);
    let onto_slots = state.shows.slots.on;
    let can_go = |id: &_| onto_slots || is_movable(id);
    let updates: Vec<_> = state.selection().into_iter().filter(can_go).collect();
    let Some(first) = updates.first().copied() else {
        if !queue.rows().is_empty() {
            say(
                state,
                Severity::Warning,
                "it has a time of its own: r changes that, f gives it a slot",
            );
        }
        return;
    };
    let cursor = state.cursors().queue;
    let grab = Grab {
        profile,
        origin: moves_back(queue, &updates),
        place: None,
        slot: None,
        only_slots: !updates.iter().any(is_movable),
        preview: queue.clone(),
        cursor,
        updates,
    };
    // The cursor goes with what is carried, also when it stood on something else.
    let on = cursor
        .on
        .filter(|on| grab.updates.contains(on))
        .unwrap_or(first);
    let index = queue.find(on).unwrap_or(cursor.index);
    nav::put(state, |c| &mut c.queue, index, Some(on));
    state.mode = Mode::Grab(grab);
}

/// Carries what is grabbed.
pub(super) fn travel(state: &mut State, to: To) {
    if matches!(to, To::Top | To::Bottom) {
        among::off_slots(state);
    } else if !matches!(state.shows.listing, Listing::All) {
        return among::travel(state, to);
    }
    let at = state.cursors().queue.index;
    let Mode::Grab(grab) = &mut state.mode else {
        return;
    };
    let (queue, updates) = (&grab.preview, grab.updates.as_slice());
    let moved = match to {
        To::By(by) => queue.moved_by(updates, by),
        To::Top => queue.moved_to_top(updates),
        To::Bottom => queue.moved_to_bottom(updates),
        To::Row(row) => {
            let row = row.min(queue.rows().len().saturating_sub(1));
            if row < at {
                queue.moved_before(updates, row)
            } else {
                queue.moved_after(updates, row)
            }
        }
    };
    if let Some(moved) = moved {
        grab.place = Some(moved.place);
        grab.preview.apply(&moved);
    }
}

/// Drops: one move, whatever the way was.
pub(super) fn drop(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Grab(grab) = std::mem::take(&mut state.mode) else {
        return;
    };
    if let Some(slot) = grab.slot {
        return slots::put_on(state, out, &grab.updates, slot);
    }
    let unchanged = state
        .shown()
        .is_none_or(|shown| shown.queue == grab.preview);
    let Some(place) = grab.place.filter(|_| !unchanged) else {
        return say(state, Severity::Done, "it stays where it was");
    };
    let label = label_of(state, "moved", &grab.updates);
    let moved = Move {
        updates: grab.updates,
        place,
    };
    reorder(state, out, label, moved, grab.origin);
}

/// Puts back what is carried.
pub(super) fn put_back(state: &mut State) {
    if let Mode::Grab(grab) = std::mem::take(&mut state.mode) {
        let cursor = grab.cursor;
        nav::put(state, |c| &mut c.queue, cursor.index, cursor.on);
    }
}

/// The queue below changed: what is carried or shuffled is laid over it anew, by its neighbours.
pub(super) fn rebase(state: &mut State) {
    super::replace::rebase(state);
    let Some(queue) = state.shown().map(|shown| shown.queue.clone()) else {
        return;
    };
    if let Mode::Grab(grab) = &state.mode
        && let Some(slot) = grab.slot
    {
        return among::hover(state, slot);
    }
    let lost = match &mut state.mode {
        Mode::Grab(grab) => {
            let (updates, place) = (&mut grab.updates, grab.place);
            grab.preview = queue;
            let preview = &grab.preview;
            let can_go = |i: usize| grab.only_slots || !preview.rows()[i].fixed;
            updates.retain(|id| preview.find(*id).is_some_and(can_go));
            grab.origin = moves_back(&grab.preview, updates);
            lay_over(&mut grab.preview, updates, place);
            updates.is_empty()
        }
        Mode::Shuffle(shuffle) => {
            let gone = |id: &_| !queue.contains(*id);
            shuffle.after.retain(|id| !gone(id));
            shuffle.before.retain(|id| !gone(id));
            shuffle.preview = queue;
            lay_over(&mut shuffle.preview, &shuffle.after, Some(shuffle.place));
            shuffle.after.len() < 2
        }
        _ => false,
    };
    if lost {
        state.mode = Mode::Lists;
        say(
            state,
            Severity::Warning,
            "what you held is no longer in the queue",
        );
    }
}

fn lay_over(preview: &mut Queue, updates: &[crate::domain::id::LocalId], place: Option<Place>) {
    if let Some(place) = place {
        preview.apply(&Move {
            updates: updates.to_vec(),
            place,
        });
    }
}

/// Draws a new order of the marked span, or of all, to look at.
pub(super) fn shuffle(state: &mut State) {
    let seed = seed(state);
    let (Some(profile), Some(queue)) = (state.profile.clone(), state.queue()) else {
        return;
    };
    if state.hidden() > 0 {
        let text = "a shuffle would move what the filter hides: Esc clears the filter";
        return say(state, Severity::Warning, text);
    }
    let rows = queue.rows();
    let marked = if state.marks.is_empty() && state.range.is_none() {
        Vec::new()
    } else {
        state.selection()
    };
    let at: Vec<usize> = marked.iter().filter_map(|id| queue.find(*id)).collect();
    let span = match (at.first(), at.last()) {
        (Some(first), Some(last)) if first < last => *first..last + 1,
        _ => 0..rows.len(),
    };
    let movable = |span: &std::ops::Range<usize>| {
        let rows = rows[span.clone()].iter().filter(|row| !row.fixed);
        rows.map(|row| row.update).collect::<Vec<_>>()
    };
    let before = movable(&span);
    let Some(moved) = queue.shuffled(span, seed) else {
        return say(
            state,
            Severity::Warning,
            "there are not two updates to shuffle",
        );
    };
    let mut preview = queue.clone();
    preview.apply(&moved);
    state.mode = Mode::Shuffle(Shuffle {
        profile,
        before,
        place: moved.place,
        after: moved.updates,
        preview,
        from: state.cursors().queue.on,
    });
}

fn seed(state: &mut State) -> u64 {
    let id = state.ids.ulid(state.now);
    u64::try_from(u128::from(id) & u128::from(u64::MAX)).unwrap_or_default()
}

/// Draws another order.
pub(super) fn shuffle_again(state: &mut State) {
    cancel_shuffle(state);
    shuffle(state);
}

/// Keeps the order there was, with the cursor on the update it was on.
pub(super) fn cancel_shuffle(state: &mut State) {
    let Mode::Shuffle(shuffle) = std::mem::take(&mut state.mode) else {
        return;
    };
    if let Some(cursors) = state.cursors.get_mut(&shuffle.profile) {
        cursors.queue.on = shuffle.from;
    }
}

/// Takes the order that is shown: one move, so that one undo takes it back.
pub(super) fn apply_shuffle(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Shuffle(shuffle) = std::mem::take(&mut state.mode) else {
        return;
    };
    let label = format!("shuffled {} updates", shuffle.after.len());
    say(state, Severity::Done, label.clone());
    let back = Move {
        updates: shuffle.before,
        place: shuffle.place,
    };
    let moved = Move {
        updates: shuffle.after,
        place: shuffle.place,
    };
    reorder(state, out, label, moved, vec![back]);
}
