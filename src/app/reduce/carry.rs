//! Grab and shuffle: an order that is looked at before it is an operation.

use std::collections::BTreeMap;

use super::commands::say;
use super::nav::{self, To};
use super::queue::{label_of, moves_back, reorder};
use super::transfer::{self, NOT_READ};
use super::{among, slots};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::entries::Listing;
use crate::app::list::Cursor;
use crate::app::mode::{Carrier, Grab, Mode, Shuffle};
use crate::app::notice::Severity;
use crate::app::repeat::Repeat;
use crate::app::state::State;
use crate::domain::id::LocalId;
use crate::domain::operation::{Move, Place};
use crate::domain::queue::Queue;

/// Grabs the selection.
pub(super) fn grab(state: &mut State) {
    let updates = state.selection();
    grab_these(state, updates, Carrier::Keys);
}

/// Grabs these, as far as they can be moved.
pub(super) fn grab_these(state: &mut State, updates: Vec<LocalId>, by: Carrier) {
    let (Some(profile), Some(queue)) = (state.profile.clone(), state.queue()) else {
        return;
    };
    let is_movable = |id: &_| queue.find(*id).is_some_and(|i| !queue.rows()[i].fixed);
    let onto_slots = state.shows.slots.on;
    let can_go = |id: &_| onto_slots || is_movable(id);
    let updates: Vec<_> = updates.into_iter().filter(can_go).collect();
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
        home: profile.clone(),
        cursors: BTreeMap::from([(profile.clone(), cursor)]),
        profile,
        origin: moves_back(queue, &updates),
        place: None,
        slot: None,
        only_slots: !updates.iter().any(is_movable),
        preview: queue.clone(),
        updates,
        by,
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

/// Carries what is grabbed to the queue of a profile so many further.
pub(super) fn abroad(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    let to = nav::profile_beside(state, by);
    let Mode::Grab(grab) = &mut state.mode else {
        return;
    };
    let Some(to) = to.filter(|to| *to != grab.profile) else {
        let text = "there is no other profile to carry it to";
        return say(state, Severity::Warning, text);
    };
    let Some(shown) = state.replica.queue(&to) else {
        return say(state, Severity::Warning, NOT_READ);
    };
    // The queue that is left is as it was.
    if let Some(cursor) = grab.cursors.get(&grab.profile) {
        state.cursors.entry(grab.profile.clone()).or_default().queue = *cursor;
    }
    let cursors = state.cursors.entry(to.clone()).or_default();
    let cursor = *grab.cursors.entry(to.clone()).or_insert(cursors.queue);
    grab.profile = to.clone();
    // A filter there would hide what is carried.
    state.shows.queues.remove(&to);
    state.shows.stale = true;
    if grab.is_abroad() {
        let at = cursor.index.min(shown.rows().len());
        let settings = state.replica.profile(&to);
        grab.preview = shown.with_guests(&grab.updates, at, settings);
        grab.place = grab.preview.place_of_block(&grab.updates);
    } else {
        grab.preview = shown.queue.clone();
        grab.place = None;
    }
    let on = grab.updates.first().copied();
    let index = on.and_then(|on| grab.preview.find(on));
    cursors.queue = Cursor {
        on,
        index: index.unwrap_or_default(),
        offset: cursor.offset,
        slot: None,
    };
    nav::show_profile(state, out, &to);
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

/// Drops: one move, whatever the way was; in another profile it asks.
pub(super) fn drop(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Grab(grab) = std::mem::take(&mut state.mode) else {
        return;
    };
    if grab.is_abroad() {
        return transfer::ask_carried(state, grab);
    }
    if let Some(slot) = grab.slot {
        return slots::put_on(state, out, &grab.updates, slot);
    }
    let shown = state.shown().map(|shown| &shown.queue);
    let queue = shown.filter(|queue| **queue != grab.preview);
    let (Some(place), Some(queue)) = (grab.place, queue) else {
        return say(state, Severity::Done, "it stays where it was");
    };
    let last = way(queue, &grab);
    let label = label_of(state, "moved", &grab.updates);
    let moved = Move {
        updates: grab.updates,
        place,
    };
    reorder(state, out, label, moved, grab.origin);
    state.repeat.last = last.or(state.repeat.last.take());
}

/// Returns how far it was carried, as the move that would have done the same.
fn way(queue: &Queue, grab: &Grab) -> Option<Repeat> {
    let first = *grab.updates.first()?;
    let (from, to) = (queue.find(first)?, grab.preview.find(first)?);
    let passed = queue.rows().get(from.min(to)..from.max(to))?.iter();
    let count = u32::try_from(passed.filter(|row| !row.fixed).count()).ok()?;
    let command = if to < from {
        Command::MoveUp
    } else {
        Command::MoveDown
    };
    (count > 0).then_some(Repeat::Command {
        command,
        count: Some(count),
    })
}

/// The key that grabbed drops too, but only where no question follows that it would answer.
pub(super) fn drop_at_home(state: &mut State, out: &mut Vec<Effect>) {
    match &state.mode {
        Mode::Grab(grab) if grab.is_abroad() => {
            let key = state.keymap.keys_of(Command::Drop).into_iter().next();
            let key = key.unwrap_or_else(|| Command::Drop.to_string());
            let text = format!("{key} drops it in this profile, and asks: copy or move?");
            say(state, Severity::Warning, text);
        }
        _ => drop(state, out),
    }
}

/// Puts back what is carried, in the profile it came from.
pub(super) fn put_back(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Grab(grab) = std::mem::take(&mut state.mode) else {
        return;
    };
    for (profile, cursor) in &grab.cursors {
        state.cursors.entry(profile.clone()).or_default().queue = *cursor;
    }
    if grab.is_abroad() {
        nav::show_profile(state, out, &grab.home);
    }
}

/// A queue changed: what is carried or shuffled is laid over it anew, by its neighbours.
pub(super) fn rebase(state: &mut State) {
    super::replace::rebase(state);
    if state.mode.carried().is_none() && !matches!(state.mode, Mode::Shuffle(_)) {
        return;
    }
    if let Mode::Grab(grab) = &state.mode
        && let Some(slot) = grab.slot
    {
        return among::hover(state, slot);
    }
    let mut mode = std::mem::take(&mut state.mode);
    let holds = match (&mut mode, state.shown()) {
        (Mode::Shuffle(shuffle), Some(shown)) => {
            rebase_shuffle(shuffle, shown.queue.clone());
            shuffle.after.len() >= 2
        }
        (other, _) => other
            .carried_mut()
            .is_some_and(|grab| rebase_grab(state, grab).is_some()),
    };
    if holds {
        state.mode = mode;
    } else {
        let text = "what you held is no longer in the queue";
        say(state, Severity::Warning, text);
    }
}

/// Returns nothing if there is nothing left to carry.
fn rebase_grab(state: &State, grab: &mut Grab) -> Option<()> {
    if state.profile.as_ref() != Some(&grab.profile) {
        return None;
    }
    let home = &state.replica.queue(&grab.home)?.queue;
    let is_movable = |id: &LocalId| home.find(*id).is_some_and(|i| !home.rows()[i].fixed);
    let only_slots = grab.only_slots;
    grab.updates.retain(|id| {
        if only_slots {
            home.contains(*id)
        } else {
            is_movable(id)
        }
    });
    grab.origin = moves_back(home, &grab.updates);
    let there = state.replica.queue(&grab.profile)?;
    grab.preview = if grab.is_abroad() {
        let settings = state.replica.profile(&grab.profile);
        there.with_guests(&grab.updates, there.rows().len(), settings)
    } else {
        there.queue.clone()
    };
    lay_over(&mut grab.preview, &grab.updates, grab.place);
    (!grab.updates.is_empty()).then_some(())
}

fn rebase_shuffle(shuffle: &mut Shuffle, queue: Queue) {
    shuffle.after.retain(|id| queue.contains(*id));
    shuffle.before.retain(|id| queue.contains(*id));
    shuffle.preview = queue;
    lay_over(&mut shuffle.preview, &shuffle.after, Some(shuffle.place));
}

fn lay_over(preview: &mut Queue, updates: &[LocalId], place: Option<Place>) {
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
    let marked = state.marked();
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
