//! The profiles: a strip of one line, which opens into a list while it has the keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::filter;
use super::row::{Row, title};
use super::when;
use crate::app::State;
use crate::app::layout::body;
use crate::app::state::Pane;
use crate::app::strip::{self, waiting};
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;

pub(super) fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if state.focus == Pane::Profiles {
        list(state, theme, area, buffer);
    } else {
        line(state, theme, area, buffer);
    }
}

/// One line: who there is, who is on the screen, and what time it is there.
fn line(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut row = Row::new(buffer, area, 0);
    row.skip(1);
    if state.profiles().is_empty() {
        row.put("qurate", theme.title_focused);
        return;
    }
    let strip = strip::strip(state, row.room());
    let clock = now(state);
    if strip.is_all && strip.width + clock.width() + 3 <= row.room() {
        row.right(&[(clock, theme.dim), (" ".to_owned(), theme.dim)]);
    }
    for label in &strip.labels {
        let name = if label.current {
            theme.title_focused
        } else {
            theme.text
        };
        row.put(if label.current { "▸" } else { " " }, name)
            .put(&label.name, name)
            .skip(1)
            .put(label.mark, theme.service)
            .skip(1)
            .put(&label.count, theme.dim)
            .skip(2);
    }
}

fn now(state: &State) -> String {
    let zone = state.zone();
    format!("{} {}", when::full(state.now, state.now, zone), zone.name())
}

/// A line for each: name, network, what waits and was sent, zone, how it is published.
fn list(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let profiles = state.listed_profiles();
    let all = state.profiles().len();
    let filter = filter::beside(state, Pane::Profiles, theme);
    let count = match all {
        n if filter.is_some() => format!("{} of {n}", profiles.len()),
        1 => "1 profile".to_owned(),
        n => format!("{n} profiles"),
    };
    let name = ("Profiles", theme.title_focused);
    let beside: Vec<(String, Style)> = filter.into_iter().collect();
    title(buffer, area, name, &beside, &count, theme.border);
    let rows = body(area);
    let height = usize::from(rows.height);
    let cursor = state.profile_cursor.index;
    // Shows the cursor whatever the offset says: the list may just have opened.
    let offset = state
        .profile_cursor
        .offset
        .clamp(cursor.saturating_sub(height.saturating_sub(1)), cursor);
    for (line, (index, profile)) in profiles
        .into_iter()
        .enumerate()
        .skip(offset)
        .take(height)
        .enumerate()
    {
        // What a filter hides can be on the screen below all the same.
        let on = index == cursor && state.profile.as_ref() == Some(&profile.id);
        let mut row = Row::new(buffer, rows, line);
        row.put(if on { "▌" } else { " " }, theme.cursor).skip(1);
        let style = if on { theme.time_selected } else { theme.text };
        row.column_of(&profile.formatted_username, 22, style)
            .skip(1)
            .column_of(profile.service.title(), 12, theme.service);
        let waiting = waiting(state, profile);
        row.put(&format!("{waiting:>6} waiting"), theme.text)
            .put(&format!("{:>8} sent", profile.sent), theme.dim)
            .skip(2)
            .column_of(profile.timezone.name(), 22, theme.dim);
        if let Some(connection) = &profile.connection {
            row.put("by ", theme.dim)
                .say(&Shown::new(connection), theme.dim);
        }
    }
}
