//! Help and palette: commands with their keys, found by what was typed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::frame;
use super::row::Row;
use crate::app::State;
use crate::app::palette::{Found, Palette, PaletteKind, PaletteLine};
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;

/// Columns of the names; the longest has nineteen.
const NAMES: u16 = 20;

/// Draws it; returns where the caret of the filter is.
pub(super) fn draw(
    state: &State,
    theme: &Theme,
    palette: &Palette,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let heading = match palette.kind {
        PaletteKind::Help => "Keys that work here",
        PaletteKind::Palette => "Commands",
    };
    let place = frame::middle(area, 100, area.height);
    let count = palette.found.len().to_string();
    let inner = frame::open(buffer, place, heading, &count, theme.border_asking);
    let mut row = Row::new(buffer, inner, 0);
    row.put("› ", theme.key);
    row.say(&Shown::new(&palette.filter), theme.text);
    let caret = Position::new(row.column().min(inner.right().saturating_sub(1)), inner.y);
    if palette.filter.is_empty() {
        row.skip(1)
            .put("some letters of a name, or a key; Enter runs it", theme.dim);
    }
    let list = Rect {
        y: inner.y + inner.height.min(1),
        height: inner.height.saturating_sub(1),
        ..inner
    };
    if palette.found.is_empty() {
        Row::new(buffer, list, 0)
            .skip(2)
            .put("No command is like that. ", theme.warning)
            .put("Ctrl-u begins anew.", theme.dim);
    }
    let lines = palette.lines(list.height.into());
    for (line, what) in lines.into_iter().enumerate() {
        let row = Row::new(buffer, list, line);
        match what {
            PaletteLine::Heading(scope) => heading_row(scope.title(), theme, row),
            PaletteLine::Command(index) => {
                if let Some(found) = palette.found.get(index) {
                    command(state, theme, found, index == palette.cursor, row);
                }
            }
        }
    }
    (inner.height > 0).then_some(caret)
}

fn heading_row(title: &str, theme: &Theme, mut row: Row<'_>) {
    row.put(title, theme.heading).skip(1).rule(theme.border);
}

fn command(state: &State, theme: &Theme, found: &Found, on: bool, mut row: Row<'_>) {
    let entry = found.command.entry();
    row.put(if on { "▌ " } else { "  " }, theme.cursor);
    // Where there is little room, the first key says more than half of the line.
    let keys = state.keymap.keys_of(found.command);
    let room = row.room().saturating_sub(usize::from(NAMES)) / 3;
    let mut printed = keys.join("  ");
    if printed.chars().count() > room.max(8) {
        printed = keys.first().cloned().unwrap_or_default();
    }
    row.right(&[(printed, theme.key)]);
    let after = row.column().saturating_add(NAMES);
    let name = if on { theme.chosen } else { theme.text };
    letters(entry.name, &found.name, (name, theme.matched), &mut row);
    let gap = after.saturating_sub(row.column()).max(1);
    row.skip(gap);
    letters(entry.doc, &found.doc, (theme.dim, theme.matched), &mut row);
}

/// Writes words of ours with the letters that were found in their own look.
fn letters(text: &str, found: &[usize], (plain, matched): (Style, Style), row: &mut Row<'_>) {
    if found.is_empty() {
        row.put(text, plain);
        return;
    }
    let chars: Vec<char> = text.chars().collect();
    for run in chunks(chars.len(), found) {
        let style = if found.contains(&run.start) {
            plain.patch(matched)
        } else {
            plain
        };
        let part: String = chars[run].iter().collect();
        row.put(&part, style);
    }
}

/// Splits `0..len` where letters that were found begin or end.
fn chunks(len: usize, found: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for at in 0..len {
        let is_found = found.contains(&at);
        match runs.last_mut() {
            Some(run) if found.contains(&run.start) == is_found => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}
