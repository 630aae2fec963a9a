//! How people reacted to the selected sent update, all or only of one kind.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::{Row, title};
use super::sent::short;
use super::when;
use crate::app::State;
use crate::app::layout::body;
use crate::app::state::{Loading, Pane};
use crate::domain::interaction::EVENTS;
use crate::tui::theme::Theme;

pub(super) fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    heading(state, theme, area, buffer);
    let rows = body(area);
    let cursor = state.cursors().interactions;
    let focused = state.focus == Pane::Interactions;
    let Some(reactions) = state.reactions().filter(|found| !found.list.is_empty()) else {
        Row::new(buffer, rows, 1)
            .skip(3)
            .put(nothing(state), theme.dim);
        return;
    };
    for line in 0..usize::from(rows.height) {
        let index = cursor.offset + line;
        let Some(reaction) = reactions.shown(index) else {
            break;
        };
        let on = index == cursor.index;
        let mut row = Row::new(buffer, rows, line);
        match (on, focused) {
            (true, true) => row.put("▌", theme.cursor),
            (true, false) => row.put("▌", theme.cursor_resting),
            _ => row.skip(1),
        };
        let time = if on && focused {
            theme.time_selected
        } else {
            theme.time
        };
        row.skip(1)
            .put(
                &when::stamp(reaction.created_at, state.now, state.zone()),
                time,
            )
            .skip(1)
            .column_of(&reaction.event, 9, theme.heading)
            .skip(1);
        let followers = match reaction.followers {
            1 => "1 follower".to_owned(),
            n => format!("{} followers", short(n)),
        };
        row.right(&[(followers, theme.dim)]);
        row.first_line(&reaction.username, theme.text);
    }
}

/// The title holds the filter: all kinds, the chosen one standing out.
fn heading(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let focused = state.focus == Pane::Interactions;
    let style = if focused {
        theme.title_focused
    } else {
        theme.title
    };
    let mut beside: Vec<(String, Style)> = Vec::new();
    let choice = |chosen: bool| if chosen { theme.chosen } else { theme.dim };
    let wide = area.width >= 100;
    if wide || state.event.is_none() {
        beside.push(("all".to_owned(), choice(state.event.is_none())));
    }
    for event in EVENTS {
        let chosen = state.event.as_deref() == Some(event);
        let count = state.reactions_of(event);
        // Where there is little room, only kinds of which there are some.
        if wide || chosen || (state.event.is_none() && count.is_some_and(|count| count > 0)) {
            let count = count.map_or_else(String::new, |count| format!(" {count}"));
            beside.push((format!("{event}{count}"), choice(chosen)));
        }
    }
    if state.by_followers() {
        beside.push(("by followers".to_owned(), theme.marked));
    }
    let reactions = state.reactions();
    match reactions.map(|found| &found.loading) {
        Some(Loading::Asked { .. }) => beside.push(("reading".to_owned(), theme.dim)),
        Some(Loading::Failed { reason, .. }) => {
            beside.push((format!("could not be read: {reason}"), theme.bad));
        }
        _ => {}
    }
    let total = reactions.and_then(|found| found.total);
    let right = total.map_or_else(String::new, |total| total.to_string());
    let name = ("Interactions", style);
    title(buffer, area, name, &beside, &right, theme.border);
}

fn nothing(state: &State) -> &'static str {
    match state.reactions() {
        Some(found) if found.total == Some(0) && state.event.is_some() => "None of this kind.",
        Some(found) if found.total == Some(0) => "None so far.",
        Some(found) if matches!(found.loading, Loading::Failed { .. }) => "Press R to try again.",
        Some(_) => "Not read yet.",
        None => "Of the sent update the cursor was on last.",
    }
}
