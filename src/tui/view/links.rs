//! Which link to open.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Row, first_line};
use super::{frame, hints};
use crate::app::State;
use crate::app::mode::LinkList;
use crate::tui::theme::Theme;

pub(super) fn draw(state: &State, theme: &Theme, list: &LinkList, area: Rect, buffer: &mut Buffer) {
    let len = list.list.len();
    let height = u16::try_from(len + 3).unwrap_or(u16::MAX);
    let place = frame::middle(area, 100, height);
    let inner = frame::open(buffer, place, "Open which?", "", theme.border_asking);
    let rows = usize::from(inner.height.saturating_sub(1));
    let from = frame::window(list.offset, list.cursor, len, rows);
    for (line, link) in list.list.iter().skip(from).take(rows).enumerate() {
        let on = from + line == list.cursor;
        let style = if on { theme.chosen } else { theme.text };
        let mut row = Row::new(buffer, inner, line);
        row.put(if on { "▸ " } else { "  " }, theme.title_focused);
        row.right(&[(first_line(&link.what).clip(30), theme.dim)]);
        row.first_line(&link.url, style);
    }
    let mut row = Row::new(buffer, inner, rows);
    hints::write(state, theme, hints::of(state), &mut row);
}
