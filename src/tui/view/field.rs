//! Text being written: drawn by the text area, made safe afterwards, with the real cursor at the
//! caret, so that input methods and screen readers find it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget as _;
use tui_textarea::TextArea;

use super::hints;
use super::row::Row;
use crate::app::State;
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;

/// A line over that of the keys keeps at least so many columns for what is typed.
const TYPED: u16 = 24;

/// Returns where in `line` a text goes that is typed behind what `row` has: it is as wide as the
/// text, not less than [`TYPED`], and no wider than the room.
pub(super) fn behind(row: &Row<'_>, line: Rect, text: &str) -> Rect {
    let room = u16::try_from(row.room()).unwrap_or(u16::MAX);
    let typed = u16::try_from(Shown::new(text).width() + 2).unwrap_or(u16::MAX);
    Rect {
        x: row.column(),
        width: typed.max(TYPED).min(room),
        ..line
    }
}

/// Says behind the field in `area` of `line` what keys do.
pub(super) fn hints_behind(
    state: &State,
    theme: &Theme,
    area: Rect,
    line: Rect,
    buffer: &mut Buffer,
) {
    let mut row = Row::new(buffer, line, 0);
    row.skip(area.right() - line.x + 1);
    hints::write(state, theme, hints::of(state), &mut row);
}

/// Draws `text` in `area`; returns where its caret is.
pub(super) fn draw(
    text: &TextArea<'static>,
    area: Rect,
    style: Style,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return None;
    }
    text.render(area, buffer);
    make_safe(area, style, buffer);
    let caret = text.screen_cursor();
    let (top, left) = text.scroll_offset();
    let x = caret.col.checked_sub(left.into())?;
    let y = caret.row.checked_sub(top.into())?;
    let x = u16::try_from(x).ok()?.min(area.width - 1);
    let y = u16::try_from(y).ok().filter(|y| *y < area.height)?;
    Some(Position::new(area.x + x, area.y + y))
}

/// The text may come from elsewhere, and the text area puts it on the screen as it is. It also
/// draws a caret and a line of its own.
fn make_safe(area: Rect, style: Style, buffer: &mut Buffer) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            if !cell.symbol().is_ascii() {
                let shown = Shown::new(cell.symbol());
                if shown.as_str() != cell.symbol() {
                    let safe = shown.clip(1);
                    cell.set_symbol(if safe.is_empty() { " " } else { &safe });
                }
            }
            cell.modifier = ratatui::style::Modifier::empty();
            cell.set_style(Style::reset()).set_style(style);
        }
    }
}
