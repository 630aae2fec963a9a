//! The line a filter is typed in, and how a pane tells of its filter.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::field;
use super::row::Row;
use crate::app::State;
use crate::app::layout::Regions;
use crate::app::mode::Mode;
use crate::app::state::Pane;
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;

/// Draws the line over that of the keys; what cannot be read is said beside it, or above where
/// there is no room.
pub(super) fn line(
    state: &State,
    theme: &Theme,
    regions: &Regions,
    buffer: &mut Buffer,
) -> Option<Position> {
    let Mode::Filter(line) = &state.mode else {
        return None;
    };
    clear(regions.keys, buffer);
    let text = line.line.lines().join(" ");
    let mut row = Row::new(buffer, regions.keys, 0);
    row.put(" / ", theme.key);
    let wanted = field::behind(&row, regions.keys, &text);
    let room = u16::try_from(row.room()).unwrap_or(u16::MAX);
    let problem = problem(state, line.pane);
    let beside = problem
        .as_deref()
        .map_or(0, |problem| Shown::new(problem).width() + 2);
    let beside = u16::try_from(beside).unwrap_or(u16::MAX);
    let fits = beside <= room - wanted.width;
    let area = if fits && beside > 0 {
        let width = room - beside;
        Rect { width, ..wanted }
    } else {
        wanted
    };
    let caret = field::draw(&line.line, area, theme.text, buffer);
    if let Some(problem) = problem {
        let above = if fits { regions.keys } else { regions.status };
        if !fits {
            clear(above, buffer);
        }
        let mut row = Row::new(buffer, above, 0);
        let left = if fits { above.width - beside } else { 1 };
        row.skip(left).say(&Shown::new(&problem), theme.warning);
    } else {
        field::hints_behind(state, theme, area, regions.keys, buffer);
        if text.trim().is_empty() {
            clear(regions.status, buffer);
            let mut row = Row::new(buffer, regions.status, 0);
            row.skip(1).put(terms(line.pane), theme.dim);
        }
    }
    caret
}

/// What can be typed.
fn terms(pane: Pane) -> &'static str {
    match pane {
        Pane::Profiles => "words of a name, a network or a zone",
        Pane::Queue | Pane::Sent | Pane::Interactions => {
            "words, is:over (too long), dup:, has:link, tag:x, before:fri, is:pinned, -not"
        }
    }
}

pub(super) fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
    }
}

fn problem(state: &State, pane: Pane) -> Option<String> {
    let filter = &state.filter_of(pane)?.filter;
    if pane == Pane::Profiles && filter.is_of_updates() {
        return Some("among profiles only words count".to_owned());
    }
    filter.problems.first().cloned()
}

/// Returns what the heading of a pane says of its filter.
pub(super) fn beside(state: &State, pane: Pane, theme: &Theme) -> Option<(String, Style)> {
    let typed = state.filter_of(pane)?;
    let text = Shown::new(typed.text.trim()).clip(40);
    Some((format!("/{text}"), theme.key))
}
