//! The kept drafts: which one to go on with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Row, first_line};
use super::{frame, when};
use crate::app::State;
use crate::app::mode::DraftList;
use crate::domain::draft::Draft;
use crate::tui::theme::Theme;

pub(super) fn draw(state: &State, theme: &Theme, list: DraftList, area: Rect, buffer: &mut Buffer) {
    let len = state.drafts.len() + 1;
    let height = u16::try_from(len + 2).unwrap_or(u16::MAX);
    let place = frame::middle(area, 100, height);
    let inner = frame::open(buffer, place, "Write", "", theme.border_asking);
    let rows = usize::from(inner.height);
    let from = frame::window(list.offset, list.cursor, len, rows);
    for line in 0..rows.min(len - from.min(len)) {
        let index = from + line;
        let on = index == list.cursor;
        let style = if on { theme.chosen } else { theme.text };
        let mut row = Row::new(buffer, inner, line);
        row.put(if on { "▸ " } else { "  " }, theme.title_focused);
        let draft = state.drafts.len().checked_sub(index);
        match draft.and_then(|at| state.drafts.get(at)) {
            None => {
                row.put("a new update", style);
            }
            Some(draft) => {
                row.right(&[(beside(state, draft), theme.dim)]);
                let word = match draft.update {
                    Some(_) => "edit: ",
                    None => "draft: ",
                };
                row.put(word, theme.dim)
                    .say(&first_line(draft.words()), style);
            }
        }
    }
}

/// For how many profiles it is, and how old.
fn beside(state: &State, draft: &Draft) -> String {
    let since = when::since(draft.at, state.now).filter(|_| draft.at.0 > 0);
    let since = since.unwrap_or_default();
    match draft.profiles.len() {
        0 | 1 => since,
        many => format!("to {many} profiles  {since}"),
    }
}
