//! The posting times as a table of days and times, and what the queue would become.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::row::{Row, first_line};
use super::{field, frame, hints};
use crate::app::State;
use crate::app::command::Command;
use crate::app::timetable::{Change, Timetable, WEEK};
use crate::domain::schedule::time_text;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// Columns of a time and of a day.
const TIME: u16 = 7;
const DAY: u16 = 4;
/// Columns of the table, and from which width on the preview stands beside it.
const TABLE: u16 = TIME + 7 * DAY;
const WIDE: u16 = 96;

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    table: &Timetable,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let name = state.replica.profile(&table.profile);
    let name = name.map_or_else(Shown::default, |p| first_line(&p.formatted_username));
    let heading = format!("Posting times of {}", name.as_str());
    let right = table.zone.name();
    let inner = frame::open(buffer, area, &heading, right, theme.border_asking);
    let wide = inner.width >= WIDE;
    let lines = u16::try_from(table.lines.len()).unwrap_or(u16::MAX);
    // Heading, times, the line to add one, what is wrong.
    let wanted = lines.saturating_add(4);
    let height = if wide {
        inner.height
    } else {
        wanted.min((inner.height * 2).div_ceil(3))
    };
    let place = Rect {
        width: if wide { TABLE } else { inner.width },
        height,
        ..inner
    };
    let caret = times(theme, table, place, buffer);
    let beside = if wide {
        Rect {
            x: inner.x + TABLE + 3,
            width: inner.width.saturating_sub(TABLE + 3),
            ..inner
        }
    } else {
        Rect {
            y: inner.y + height,
            height: inner.height - height,
            ..inner
        }
    };
    changes(state, theme, table, beside, buffer);
    keys(state, theme, table, area, buffer);
    caret
}

/// The table itself, its cursor in sight.
fn times(theme: &Theme, table: &Timetable, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let mut row = Row::new(buffer, area, 0);
    row.skip(TIME);
    for (day, weekday) in WEEK.iter().enumerate() {
        let style = if day == table.day {
            theme.number
        } else {
            theme.dim
        };
        row.put(&format!("{weekday:<4}"), style);
    }
    let room = usize::from(area.height.saturating_sub(3));
    let from = (table.line + 1).saturating_sub(room);
    let shown = table.lines.iter().enumerate().skip(from).take(room);
    for (line, (index, times)) in shown.enumerate() {
        let mut row = Row::new(buffer, area, line + 1);
        let on = index == table.line && table.adding.is_none();
        row.put(if on { "▌" } else { " " }, theme.cursor);
        row.put(&time_text(times.time), theme.time).skip(1);
        for (day, posts) in times.days.iter().enumerate() {
            let sign = if *posts { " ■ " } else { " · " };
            let style = match (on && day == table.day, *posts) {
                (true, _) => theme.chosen,
                (false, true) => theme.good,
                (false, false) => theme.dim,
            };
            row.put(sign, style).skip(DAY - 3);
        }
    }
    let below = table.lines.len().min(room) + 1;
    notes(theme, table, area, below, buffer)
}

/// Below the table: the time being typed, what is wrong, how many slots there are.
fn notes(
    theme: &Theme,
    table: &Timetable,
    area: Rect,
    below: usize,
    buffer: &mut Buffer,
) -> Option<Position> {
    let mut caret = None;
    let mut row = Row::new(buffer, area, below);
    if let Some(adding) = &table.adding {
        row.put(" new time ", theme.number);
        let place = Rect {
            x: row.column(),
            y: area.y + u16::try_from(below).unwrap_or(0),
            width: 8.min(area.right().saturating_sub(row.column())),
            height: u16::from(below < usize::from(area.height)),
        };
        caret = field::draw(adding, place, theme.text, buffer);
    } else {
        let slots = match table.slots_a_week() {
            0 => "no slots: nothing goes out by itself".to_owned(),
            1 => "1 slot a week".to_owned(),
            n => format!("{n} slots a week"),
        };
        row.skip(1).put(&slots, theme.dim);
    }
    let (text, style) = match (&table.problem, table.waiting) {
        (Some(problem), _) => (problem.as_str(), theme.bad),
        (None, true) => ("The server is asked …", theme.waiting),
        (None, false) => return caret,
    };
    let width = usize::from(area.width.saturating_sub(1));
    for (line, shown) in wrap(&[Shown::new(text)], width).iter().take(2).enumerate() {
        Row::new(buffer, area, below + 1 + line)
            .skip(1)
            .say(shown, style);
    }
    caret
}

/// What the next updates would become.
fn changes(state: &State, theme: &Theme, table: &Timetable, area: Rect, buffer: &mut Buffer) {
    let moved = table.preview.iter().filter(|c| c.from != c.to).count();
    let mut row = Row::new(buffer, area, 0);
    row.put("The queue then", theme.heading).skip(2);
    let said = match (table.preview.len(), moved) {
        (0, _) => "nothing is queued".to_owned(),
        (_, 0) => "no time changes".to_owned(),
        (n, 1) => format!("1 of the next {n} gets another time"),
        (n, moved) => format!("{moved} of the next {n} get another time"),
    };
    row.put(&said, theme.dim);
    let room = usize::from(area.height.saturating_sub(1));
    for (line, change) in table.preview.iter().take(room).enumerate() {
        write(
            state,
            theme,
            table,
            change,
            Row::new(buffer, area, line + 1),
        );
    }
}

fn write(state: &State, theme: &Theme, table: &Timetable, change: &Change, mut row: Row<'_>) {
    let time = |at: Option<crate::domain::time::Timestamp>| {
        at.map_or_else(
            || "no time".to_owned(),
            |at| at.in_zone(&table.zone).format("%a %e %b %H:%M").to_string(),
        )
    };
    let changed = change.from != change.to;
    row.put(&format!("{:<16}", time(change.from)), theme.time);
    if changed {
        row.put(" → ", theme.carried)
            .put(&format!("{:<16}", time(change.to)), theme.carried);
    } else {
        row.skip(3 + 16);
    }
    row.skip(2);
    if let Some(update) = state.update(change.update) {
        row.first_line(&update.body.content.text, theme.text);
    }
}

fn keys(state: &State, theme: &Theme, table: &Timetable, area: Rect, buffer: &mut Buffer) {
    let edge = Rect {
        x: area.x + 2,
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    let typing = [
        (Command::TimeTake, "take this time"),
        (Command::TimeDrop, "do not"),
    ];
    let choosing = [
        (Command::TimetableToggle, "on or off"),
        (Command::TimetableAdd, "new time"),
        (Command::TimetableRemove, "remove time"),
        (Command::TimetableLine, "all days"),
        (Command::TimetableSave, "save"),
        (Command::TimetableTakeBack, "undo"),
        (Command::TimetableLeave, "leave"),
    ];
    let wanted: &[_] = if table.adding.is_some() {
        &typing
    } else {
        &choosing
    };
    hints::write(state, theme, wanted, &mut Row::new(buffer, edge, 0));
}
