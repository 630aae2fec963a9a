//! Boxes laid over the panes, and long content scrolled inside of them.

use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use crate::tui::theme::Theme;

/// Returns a place for a box of at most `width` × `height` in the middle of `area`.
pub(super) fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Draws an empty box with a heading and words at its upper right, and returns its inside.
pub(super) fn open(
    buffer: &mut Buffer,
    area: Rect,
    heading: &str,
    right: &str,
    border: Style,
) -> Rect {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
        // Half of a wide character would be drawn over the edge.
        if let Some(x) = area.left().checked_sub(1)
            && buffer[(x, y)].symbol().cell_width() > 1
        {
            buffer[(x, y)].set_symbol(" ");
        }
    }
    if area.width < 4 || area.height < 3 {
        return Rect::default();
    }
    let last = usize::from(area.height - 1);
    edge(buffer, area, 0, "┌", "┐", border);
    edge(buffer, area, last, "└", "┘", border);
    for line in 1..last {
        Row::new(buffer, area, line).put("│", border);
        let right = Rect {
            x: area.right() - 1,
            width: 1,
            ..area
        };
        Row::new(buffer, right, line).put("│", border);
    }
    let top = Rect {
        x: area.x + 2,
        width: area.width - 3,
        ..area
    };
    let mut row = Row::new(buffer, top, 0);
    if !right.is_empty() {
        row.right(&[(format!(" {right} "), border)]);
    }
    if !heading.is_empty() {
        row.put(" ", border).put(heading, border).put(" ", border);
    }
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width - 4,
        height: area.height - 2,
    }
}

fn edge(buffer: &mut Buffer, area: Rect, line: usize, left: &str, right: &str, style: Style) {
    let mut row = Row::new(buffer, area, line);
    row.put(left, style).rule(style);
    let corner = Rect {
        x: area.right() - 1,
        width: 1,
        ..area
    };
    Row::new(buffer, corner, line).put(right, style);
}

/// Draws the part of `lines` that begins at `from`, but never past the end; says when there is
/// more.
pub(super) fn scrolled<T>(
    buffer: &mut Buffer,
    area: Rect,
    from: usize,
    lines: &[T],
    theme: &Theme,
    write: impl Fn(&T, Row<'_>),
) {
    let height = usize::from(area.height);
    let from = from.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(from + height);
    for (index, line) in lines.iter().skip(from).take(height).enumerate() {
        let mut row = Row::new(buffer, area, index);
        if below > 0 && index + 1 == height {
            row.right(&[(format!("{below} more"), theme.dim)]);
        }
        write(line, row);
    }
}

/// Returns the first row to show so that row `cursor` of `len` is on a screen of `height` rows,
/// starting from `offset`.
pub(super) fn window(offset: usize, cursor: usize, len: usize, height: usize) -> usize {
    let lowest = (cursor + 1).saturating_sub(height);
    offset
        .min(len.saturating_sub(height))
        .max(lowest)
        .min(cursor)
}
