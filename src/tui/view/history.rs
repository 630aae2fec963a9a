//! The list of what was done: what was taken back above, dimmed, then what holds, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Row, first_line};
use super::{frame, when};
use crate::app::State;
use crate::app::history::Moment;
use crate::app::mode::Past;
use crate::app::status::name_of;
use crate::domain::time::Timestamp;
use crate::tui::theme::Theme;

pub(super) fn draw(state: &State, theme: &Theme, past: &Past, area: Rect, buffer: &mut Buffer) {
    let undone = state.history.redo_len();
    let len = undone + state.history.undo_len();
    let right = match undone {
        0 => String::new(),
        many => format!("{many} taken back"),
    };
    let place = frame::middle(area, 120, area.height);
    let inner = frame::open(buffer, place, "What was done", &right, theme.border);
    if len == 0 {
        let lines = [
            "Nothing was done yet that can be taken back.",
            "Each thing you do to a queue is listed here, newest first.",
            "Enter on one goes back to there; u takes back just the last.",
        ];
        for (line, text) in lines.into_iter().enumerate() {
            Row::new(buffer, inner, line + 1)
                .skip(1)
                .put(text, theme.dim);
        }
        return;
    }
    let height = usize::from(inner.height);
    let from = frame::window(past.offset, past.cursor, len + 1, height);
    let moments = state.history.moments().map(Some).chain([None]);
    for (line, moment) in moments.skip(from).take(height).enumerate() {
        let at = from + line;
        let mut row = Row::new(buffer, inner, line);
        row.put(if at == past.cursor { "▌" } else { " " }, theme.cursor);
        row.put(if at == undone { "now " } else { "    " }, theme.heading);
        if let Some(moment) = moment {
            self::moment(state, theme, moment, at == past.cursor, row);
        } else {
            let columns = columns(&row);
            let text = "before all of this, as far as it is kept";
            row.skip(columns + 1).put(text, theme.dim);
        }
    }
}

/// From this many columns on there is room for the day beside the time, and for the profile.
const ROOMY: usize = 60;
/// Columns of day and time.
const DAY_AND_TIME: u16 = 13;
/// Columns of one of them.
const ONE: u16 = 6;

fn columns(row: &Row<'_>) -> u16 {
    if row.room() < ROOMY {
        ONE
    } else {
        DAY_AND_TIME
    }
}

fn moment(state: &State, theme: &Theme, moment: Moment<'_>, on: bool, mut row: Row<'_>) {
    let first = moment.done.steps.first().map(|step| &step.operation);
    let time = match (on, moment.holds) {
        (true, _) => theme.time_selected,
        (false, true) => theme.time,
        (false, false) => theme.dim,
    };
    let roomy = row.room() >= ROOMY;
    let columns = columns(&row);
    let at = first.map_or_else(String::new, |operation| {
        since(state, operation.made_at, columns)
    });
    row.column_of(&at, columns, time).skip(1);
    if roomy {
        row.right(&[(first_line(&profiles(state, moment)).clip(24), theme.dim)]);
    }
    let text = if moment.holds { theme.text } else { theme.dim };
    if !moment.holds {
        let word = if roomy { "taken back: " } else { "undone: " };
        row.put(word, theme.dim);
    }
    row.first_line(&moment.done.label, text);
}

/// Whose queue it was, or how many.
fn profiles(state: &State, moment: Moment<'_>) -> String {
    let steps = moment.done.steps.iter();
    let mut profiles: Vec<_> = steps.map(|step| &step.operation.profile).collect();
    profiles.sort();
    profiles.dedup();
    match profiles[..] {
        [only] => state.replica.profile(only).map(name_of).unwrap_or_default(),
        _ => format!("{} profiles", profiles.len()),
    }
}

/// The time; with the day, or where there is no room the day alone, unless it is today.
fn since(state: &State, at: Timestamp, columns: u16) -> String {
    let zone = state.zone();
    let there = at.in_zone(&zone);
    let clock = when::clock(Some(at), zone);
    if there.date_naive() == state.now.in_zone(&zone).date_naive() {
        clock
    } else if columns == ONE {
        there.format("%-d %b").to_string()
    } else {
        format!("{} {clock}", there.format("%-d %b"))
    }
}
