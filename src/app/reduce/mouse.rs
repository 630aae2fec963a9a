//! The mouse: a click goes to a pane, a profile or a row, the wheel scrolls the list under it, and a
//! row is dragged to its place with the very preview of Grab. A convenience; nothing is reachable by
//! it alone.

use super::carry;
use super::commands::say;
use super::marks;
use super::nav::{self, To};
use crate::app::action::Mouse;
use crate::app::effect::Effect;
use crate::app::layout::{Line, Shape, body, layout, queue_lines};
use crate::app::mode::{Carrier, Mode, Pressed};
use crate::app::notice::Severity;
use crate::app::state::{Pane, State};
use crate::app::strip;

/// Rows a turn of the wheel goes.
const WHEEL: isize = 3;

/// A column and a line of the screen.
type Point = (u16, u16);

/// Listens to the mouse from now on, or no more.
pub(super) fn toggle(state: &mut State, out: &mut Vec<Effect>) {
    let on = !state.mouse;
    listen(state, out, on);
    let text = if state.mouse {
        "the mouse is on; most terminals select text with Shift and the mouse now"
    } else {
        "the mouse is off: the terminal has it"
    };
    say(state, Severity::Done, text);
}

/// Does so without a word. What the mouse just carries is put back: its button is never heard of
/// again.
pub(super) fn listen(state: &mut State, out: &mut Vec<Effect>, on: bool) {
    state.mouse = on;
    state.pressed = None;
    if let Mode::Grab(grab) = &state.mode
        && grab.by == Carrier::Mouse
    {
        carry::put_back(state, out);
    }
    out.push(Effect::Mouse(on));
}

/// Takes what a mouse did at column and line.
pub(super) fn mouse(state: &mut State, out: &mut Vec<Effect>, mouse: Mouse, at: Point) {
    let wheel = match mouse {
        Mouse::ScrollDown => Some(WHEEL),
        Mouse::ScrollUp => Some(-WHEEL),
        Mouse::Press | Mouse::Drag | Mouse::Release | Mouse::OtherButton => None,
    };
    match (&state.mode, wheel) {
        (Mode::Lists, Some(by)) => scroll(state, out, by, at),
        (Mode::Lists, None) => in_lists(state, out, mouse, at),
        (
            Mode::Grab(_)
            | Mode::Outbox(_)
            | Mode::History(_)
            | Mode::Drafts(_)
            | Mode::Findings(_)
            | Mode::Links(_),
            Some(by),
        ) => {
            nav::go(state, out, To::By(by));
        }
        (Mode::Grab(grab), None) => {
            let by = grab.by;
            carrying(state, out, mouse, by, at);
        }
        (
            Mode::Detail(_)
            | Mode::Messages(_)
            | Mode::Calls(_)
            | Mode::Output(_)
            | Mode::Conflict(_)
            | Mode::Numbers(_)
            | Mode::Doctor(_),
            Some(by),
        ) => {
            super::overlay::scroll(state, by);
        }
        (Mode::Composer(_), Some(by)) => super::composing::scroll(state, by),
        _ => {}
    }
}

/// The wheel: the list under it, which does not get the keys by that.
fn scroll(state: &mut State, out: &mut Vec<Effect>, by: isize, (column, row): Point) {
    let pane = layout(state.viewport, state).hit(column, row);
    let pane = pane.map_or(state.focus, |(pane, _)| pane);
    if pane == state.focus {
        nav::go(state, out, To::By(by));
    } else if pane != Pane::Profiles {
        nav::cursor(state, out, pane, To::By(by));
    }
}

fn in_lists(state: &mut State, out: &mut Vec<Effect>, mouse: Mouse, at: Point) {
    match mouse {
        Mouse::Press => press(state, out, at),
        Mouse::Drag => drag(state, at),
        Mouse::Release => {
            // Nothing was dragged: now it was a click inside of a range.
            let pressed = state.pressed.take().filter(|pressed| pressed.in_range);
            let row = pressed.and_then(|pressed| state.queue()?.find(pressed.on));
            if let Some(row) = row {
                nav::go(state, out, To::Row(row));
            }
        }
        Mouse::OtherButton => state.pressed = None,
        Mouse::ScrollUp | Mouse::ScrollDown => {}
    }
}

fn press(state: &mut State, out: &mut Vec<Effect>, (column, row): Point) {
    state.pressed = None;
    let regions = layout(state.viewport, state);
    let hit = regions.hit(column, row);
    let Some((pane, rect)) = hit.filter(|_| regions.shape != Shape::TooSmall) else {
        return;
    };
    let is_strip = pane == Pane::Profiles && state.focus != Pane::Profiles;
    if is_strip && let Some(profile) = strip::profile_at(state, column) {
        return nav::go_to_profile(state, out, &profile);
    }
    nav::focus(state, pane);
    let inner = body(rect);
    let line = row.checked_sub(inner.y).filter(|_| inner.height > 0);
    let Some(line) = line.filter(|_| !is_strip) else {
        return;
    };
    let Some(row) = row_at(state, pane, usize::from(line), usize::from(inner.height)) else {
        return;
    };
    let in_range = pane == Pane::Queue && state.range_entries().is_some_and(|r| r.contains(&row));
    if pane == Pane::Queue {
        let on = state.entries().update(row);
        state.pressed = on.map(|on| Pressed { on, in_range });
    }
    if !in_range {
        nav::go(state, out, To::Row(row));
    }
}

/// Begins to carry the row that was pressed, or the marked ones with it, once the mouse leaves it.
fn drag(state: &mut State, at: Point) {
    let Some(pressed) = state.pressed else { return };
    let under = under(state, at).and_then(|row| state.entries().update(row));
    if under == Some(pressed.on) {
        return;
    }
    state.pressed = None;
    if pressed.in_range {
        marks::end_range(state);
    }
    let updates = if state.marks.contains(&pressed.on) {
        state.selection()
    } else {
        vec![pressed.on]
    };
    let row = state.queue().and_then(|queue| queue.find(pressed.on));
    let index = row.and_then(|row| state.entries().of_row(row));
    let Some(index) = index else { return };
    nav::put(state, |c| &mut c.queue, index, Some(pressed.on));
    carry::grab_these(state, updates, Carrier::Mouse);
    follow(state, at);
}

fn carrying(state: &mut State, out: &mut Vec<Effect>, mouse: Mouse, by: Carrier, at: Point) {
    match (mouse, by) {
        (Mouse::Drag, Carrier::Mouse) => follow(state, at),
        (Mouse::Release, Carrier::Mouse) if is_over_queue(state, at) => carry::drop(state, out),
        (Mouse::Release, Carrier::Mouse) | (Mouse::OtherButton, _) => carry::put_back(state, out),
        _ => {}
    }
}

fn is_over_queue(state: &State, (column, row): Point) -> bool {
    let hit = layout(state.viewport, state).hit(column, row);
    hit.is_some_and(|(pane, _)| pane == Pane::Queue)
}

/// Carries to the row under the mouse; beyond the list's edges a row further.
fn follow(state: &mut State, at: Point) {
    let Mode::Grab(grab) = &state.mode else {
        return;
    };
    if let Some(row) = under(state, at) {
        let over = state.entries().update(row);
        if over.is_some_and(|update| grab.updates.contains(&update)) {
            return;
        }
        return carry::travel(state, To::Row(row));
    }
    let Some(rect) = layout(state.viewport, state).queue.map(body) else {
        return;
    };
    if at.1 < rect.y {
        carry::travel(state, To::By(-1));
    } else if at.1 >= rect.bottom() {
        carry::travel(state, To::By(1));
    }
}

/// Returns the row of the queue on the line of a point.
fn under(state: &State, (_, row): Point) -> Option<usize> {
    let inner = body(layout(state.viewport, state).queue?);
    let line = row.checked_sub(inner.y)?;
    let height = usize::from(inner.height);
    row_at(state, Pane::Queue, usize::from(line), height)
}

/// Returns the row on a line of a pane.
fn row_at(state: &State, pane: Pane, line: usize, height: usize) -> Option<usize> {
    let cursors = state.cursors();
    match pane {
        Pane::Queue => {
            let offset = cursors.queue.offset;
            let lines = queue_lines(state.entries(), state.zone(), offset, height);
            match lines.get(line)? {
                Line::Entry(index) => Some(*index),
                Line::Day(_) => None,
            }
        }
        Pane::Profiles => Some(state.profile_cursor.offset + line),
        Pane::Sent => Some(cursors.sent.offset + line),
        Pane::Interactions => Some(cursors.interactions.offset + line),
    }
}
