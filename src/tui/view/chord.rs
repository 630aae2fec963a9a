//! What may follow the begin of a chord: at once in the line of keys as far as there is room, and
//! after a rest all of it in a box. No key waits for either; any key closes them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::frame;
use super::row::Row;
use crate::app::State;
use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::keymap::Resolution;
use crate::tui::theme::Theme;

/// Returns what may follow the keys pressed so far; none if no chord was begun.
fn next(state: &State) -> Option<Vec<(Vec<Key>, Command)>> {
    if state.pending.keys.is_empty() {
        return None;
    }
    match state.keymap.resolve(&state.scopes(), &state.pending.keys) {
        Resolution::Pending(next) => Some(next),
        Resolution::Matched(_) | Resolution::Unbound => None,
    }
}

/// Writes what may follow into the line of keys; says whether there is anything.
pub(super) fn line(state: &State, theme: &Theme, row: &mut Row<'_>) -> bool {
    let Some(next) = next(state) else {
        return false;
    };
    row.put(" ", theme.dim)
        .put(&Key::print_chord(&state.pending.keys), theme.key)
        .put(" then ", theme.dim);
    let mut left = next.len();
    for (keys, command) in &next {
        let key = Key::print_chord(keys);
        let name = command.entry().name;
        // As long as others follow, there must be room to say that they do.
        let sign = if left > 1 { 2 } else { 0 };
        if key.width() + name.width() + 3 + sign > row.room() {
            row.put("…", theme.dim);
            break;
        }
        row.put(&key, theme.key)
            .put(" ", theme.dim)
            .put(name, theme.dim)
            .put("  ", theme.dim);
        left -= 1;
    }
    true
}

/// Draws the box in the lower right corner, once the chord stood for a while.
pub(super) fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Some(next) = next(state).filter(|_| state.pending.lingers) else {
        return;
    };
    let width = next
        .iter()
        .map(|(keys, command)| Key::print_chord(keys).width() + command.entry().doc.width() + 7)
        .max()
        .unwrap_or(0)
        .min(usize::from(area.width));
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let height = u16::try_from(next.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.right() - width.min(area.width),
        y: area.bottom() - height,
        width: width.min(area.width),
        height,
    };
    let heading = Key::print_chord(&state.pending.keys);
    let inner = frame::open(buffer, place, &heading, "esc", theme.border);
    for (line, (keys, command)) in next.iter().enumerate() {
        Row::new(buffer, inner, line)
            .put(&Key::print_chord(keys), theme.key)
            .skip(2)
            .put(command.entry().doc, theme.text);
    }
}
