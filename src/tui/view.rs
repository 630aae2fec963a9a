//! Draws a state. Reads it and never changes it; lays out only what is visible.
//!
//! Text that came from elsewhere reaches the frame only through
//! [`Shown`](crate::domain::shown::Shown).

mod calls;
mod chord;
mod composer;
mod conflict;
mod detail;
mod dialogs;
mod doctor;
mod drafts;
mod field;
mod filter;
mod findings;
mod form;
mod frame;
mod hints;
mod history;
mod interactions;
mod letters;
mod linked;
mod links;
mod mark;
mod numbers;
mod outbox;
mod output;
mod palette;
mod profiles;
mod prompt;
mod queue;
mod replace;
mod row;
mod sent;
mod status;
mod tags;
mod timetable;
mod when;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::links::Links;
use super::theme::Theme;
use crate::app::State;
use crate::app::layout::{Regions, SMALLEST, Shape, layout};
use crate::app::mode::Mode;
use crate::app::status::status;
use row::Row;

/// Draws `state` on the whole of `frame`.
pub fn view(state: &State, theme: &Theme, links: &Links, frame: &mut Frame<'_>) {
    let area = frame.area();
    links.begin(state.settings.links);
    let cursor = draw(state, theme, links, area, frame.buffer_mut());
    letters::replace(state.settings.look, frame.buffer_mut());
    if let Some(cursor) = cursor.filter(|at| area.contains(*at)) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws on `buffer`; returns where the terminal's cursor goes, if it shows.
fn draw(
    state: &State,
    theme: &Theme,
    links: &Links,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    // By the frame and not by what the state believes: a new size may not have reached it.
    let regions = layout((area.width, area.height), state);
    if regions.shape == Shape::TooSmall {
        too_small(theme, area, buffer);
        return None;
    }
    panes(state, theme, links, regions, buffer);
    let said = status(state);
    status::draw(&said, theme, regions.status, buffer);
    status::keys(state, &said, theme, regions.keys, buffer);
    let middle = middle(&regions);
    let typed = filter::line(state, theme, &regions, buffer);
    let asked = prompt::line(state, theme, &regions, buffer);
    let cursor = over(state, theme, links, middle, buffer)
        .or(typed)
        .or(asked);
    chord::draw(state, theme, middle, buffer);
    cursor
}

fn panes(state: &State, theme: &Theme, links: &Links, regions: Regions, buffer: &mut Buffer) {
    profiles::draw(state, theme, regions.profiles, buffer);
    if state.is_first_start() {
        return form::teach(state, theme, middle(&regions), buffer);
    }
    if let Some(area) = regions.queue {
        queue::draw(state, theme, links, area, buffer);
    }
    if let Some(area) = regions.sent {
        let beside = regions.detail.filter(|detail| detail.x >= area.right());
        // Two columns of text side by side need a line between them.
        let gap = if beside.is_some() { 2 } else { 0 };
        let area = Rect {
            width: area.width.saturating_sub(gap),
            ..area
        };
        sent::draw(state, theme, links, area, buffer);
        if beside.is_some() {
            divide(theme, area, regions.interactions, buffer);
        }
    }
    if let Some(area) = regions.detail {
        detail::pane(state, theme, links, area, buffer);
    }
    if let Some(area) = regions.interactions {
        interactions::draw(state, theme, area, buffer);
    }
}

/// All between the profiles and the status.
fn middle(regions: &Regions) -> Rect {
    let y = regions.profiles.bottom();
    Rect {
        y,
        height: regions.status.y.saturating_sub(y),
        ..regions.status
    }
}

/// Draws the line at the right of `pane`, where the titles of the panes beside it begin.
fn divide(theme: &Theme, pane: Rect, lower: Option<Rect>, buffer: &mut Buffer) {
    let right = Rect {
        x: pane.right(),
        width: 2,
        ..pane
    };
    Row::new(buffer, right, 0).put("─┬", theme.border);
    for line in 1..usize::from(pane.height) {
        let y = pane
            .y
            .saturating_add(u16::try_from(line).unwrap_or(u16::MAX));
        let title = lower.is_some_and(|lower| lower.y == y);
        let sign = if title { "├" } else { "│" };
        Row::new(buffer, right, line)
            .skip(1)
            .put(sign, theme.border);
    }
}

/// Draws what is laid over the panes.
fn over(
    state: &State,
    theme: &Theme,
    links: &Links,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    match &state.mode {
        Mode::Lists | Mode::Grab(_) | Mode::Shuffle(_) | Mode::Filter(_) | Mode::Prompt(_) => None,
        Mode::Confirm(confirm) => {
            dialogs::confirm(state, theme, confirm, area, buffer);
            None
        }
        Mode::Palette(palette) => palette::draw(state, theme, palette, area, buffer),
        Mode::Outbox(outbox) => {
            outbox::draw(state, theme, outbox, area, buffer);
            None
        }
        Mode::History(past) => {
            history::draw(state, theme, past, area, buffer);
            None
        }
        Mode::Conflict(conflict) => {
            conflict::draw(state, theme, *conflict, area, buffer);
            None
        }
        Mode::Calls(scroll) => {
            calls::draw(state, theme, *scroll, area, buffer);
            None
        }
        Mode::Numbers(scroll) => {
            numbers::draw(state, theme, *scroll, area, buffer);
            None
        }
        Mode::Doctor(scroll) => {
            doctor::draw(state, theme, *scroll, area, buffer);
            None
        }
        Mode::Detail(scroll) => {
            detail::full(state, theme, links, *scroll, area, buffer);
            None
        }
        Mode::Messages(scroll) => {
            dialogs::messages(state, theme, *scroll, area, buffer);
            None
        }
        Mode::Links(list) => {
            links::draw(state, theme, list, area, buffer);
            None
        }
        Mode::Output(scroll) => {
            output::draw(state, theme, *scroll, area, buffer);
            None
        }
        Mode::Findings(list) => {
            findings::draw(state, theme, list, area, buffer);
            None
        }
        Mode::Replace(replace) => replace::draw(state, theme, replace, area, buffer),
        Mode::Composer(composer) => composer::draw(state, theme, composer, area, buffer),
        Mode::Drafts(list) => {
            drafts::draw(state, theme, *list, area, buffer);
            None
        }
        Mode::Form(form) => form::draw(state, theme, form, area, buffer),
        Mode::Timetable(table) => timetable::draw(state, theme, table, area, buffer),
    }
}

fn too_small(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = [
        "The terminal is too small".to_owned(),
        format!("for qurate: {}×{} at least,", SMALLEST.0, SMALLEST.1),
        format!("this is {}×{}.", area.width, area.height),
    ];
    for (line, text) in lines.iter().enumerate() {
        Row::new(buffer, area, line).put(text, theme.text);
    }
}
