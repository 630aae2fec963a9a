//! The mouse: a click goes to a pane and a row, the wheel scrolls the list under it. A convenience;
//! nothing is reachable by it alone.

use super::nav::{self, To};
use crate::app::action::Mouse;
use crate::app::effect::Effect;
use crate::app::layout::{Line, body, layout, queue_lines};
use crate::app::mode::Mode;
use crate::app::state::{Pane, State};

/// Rows a turn of the wheel goes.
const WHEEL: isize = 3;

/// Takes what a mouse did at column and line.
pub(super) fn mouse(state: &mut State, out: &mut Vec<Effect>, mouse: Mouse, at: (u16, u16)) {
    let travels = matches!(state.mode, Mode::Grab(_));
    if !travels
        && !matches!(
            state.mode,
            Mode::Lists | Mode::Outbox(_) | Mode::Drafts(_) | Mode::Detail(_)
        )
    {
        return;
    }
    match mouse {
        Mouse::ScrollDown => wheel(state, out, WHEEL),
        Mouse::ScrollUp => wheel(state, out, -WHEEL),
        Mouse::Click if matches!(state.mode, Mode::Lists) => click(state, out, at),
        Mouse::Click => {}
    }
}

fn wheel(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    if matches!(state.mode, Mode::Detail(_)) {
        super::overlay::scroll(state, by);
    } else {
        nav::go(state, out, To::By(by));
    }
}

fn click(state: &mut State, out: &mut Vec<Effect>, (column, row): (u16, u16)) {
    let regions = layout(state.viewport, state);
    let Some((pane, rect)) = regions.hit(column, row) else {
        return;
    };
    let was_open = state.focus == Pane::Profiles;
    nav::focus(state, pane);
    let inner = body(rect);
    let Some(line) = row.checked_sub(inner.y).filter(|_| inner.height > 0) else {
        return;
    };
    if pane == Pane::Profiles && !was_open {
        return;
    }
    let height = usize::from(inner.height);
    if let Some(row) = row_at(state, pane, usize::from(line), height) {
        nav::go(state, out, To::Row(row));
    }
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
