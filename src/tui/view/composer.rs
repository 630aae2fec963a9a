//! The composer: the text above, its counters, where and when it goes below; what will be sent
//! beside, or in its place where there is no room.

mod parts;
mod preview;
mod targets;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::row::{Row, first_line};
use super::{field, frame, hints};
use crate::app::State;
use crate::app::command::Command;
use crate::app::composer::{Composer, Field};
use crate::app::layout::has_room_beside;
use crate::tui::theme::Theme;
use parts::{Part, parts};

/// Columns of the names of the fields.
const NAMES: u16 = 9;
/// Columns and lines of the composer, where there is more room than it needs.
const SIZE: (u16, u16) = (100, 30);
/// Columns of the preview beside it.
const BESIDE: u16 = 54;

/// Told while the preview is longer than its place.
const SCROLL: [(Command, &str); 2] = [(Command::PreviewDown, "down"), (Command::PreviewUp, "up")];

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let beside = has_room_beside(state) && area.width >= SIZE.0;
    let Some(scroll) = composer.preview else {
        let area = frame::middle(area, SIZE.0, SIZE.1);
        return form(state, theme, composer, area, buffer);
    };
    if !beside {
        let area = frame::middle(area, SIZE.0, SIZE.1);
        let is_long = preview::draw(state, theme, composer, scroll.line, area, buffer);
        let mut wanted = vec![
            (Command::Save, "save"),
            (Command::Preview, "back to the fields"),
        ];
        wanted.extend(SCROLL.iter().filter(|_| is_long));
        bottom(state, theme, &wanted, area, buffer);
        return None;
    }
    let both = frame::middle(area, SIZE.0 + BESIDE, SIZE.1);
    let right = Rect {
        x: both.right() - BESIDE,
        width: BESIDE,
        ..both
    };
    let is_long = preview::draw(state, theme, composer, scroll.line, right, buffer);
    let mut wanted = vec![(Command::Preview, "hide it")];
    wanted.extend(SCROLL.iter().filter(|_| is_long));
    bottom(state, theme, &wanted, right, buffer);
    let left = Rect {
        width: both.width - BESIDE,
        ..both
    };
    form(state, theme, composer, left, buffer)
}

/// The fields.
fn form(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let heading = match (composer.texts.writing(), &composer.editing) {
        (Some(service), _) => {
            let name = first_line(service.title()).clip(20);
            format!("New update: {name}'s own text")
        }
        (None, Some(_)) => "Edit update".to_owned(),
        (None, None) => "New update".to_owned(),
    };
    // An update belongs to one profile for good, so there is no field that says it.
    let whose = composer.targets.chosen().next();
    let whose = whose.filter(|_| composer.editing.is_some());
    let whose = whose.map_or_else(String::new, |target| first_line(&target.name).clip(30));
    let inner = frame::open(buffer, area, &heading, &whose, theme.border_asking);
    let parts = parts(state, composer, (inner.width, inner.height));
    // However small the screen is, some of the text shows.
    let least = match composer.field {
        Field::Text => 3,
        _ => 1,
    };
    let wanted = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    let below = wanted.min(inner.height.saturating_sub(least));
    let height = inner.height - below;
    let mut caret = None;
    let text = Rect { height, ..inner };
    let at = field::draw(composer.texts.area(), text, theme.text, buffer);
    if composer.field == Field::Text {
        caret = at;
    }
    let rest = Rect {
        y: inner.y + height,
        height: below,
        ..inner
    };
    let from = first_part(&parts, composer.field, below.into());
    for (line, (of, part)) in parts.iter().skip(from).take(below.into()).enumerate() {
        let here = composer.field == *of;
        let at = draw_part(state, theme, composer, part, (rest, line), buffer);
        if here && at.is_some() {
            caret = at;
        }
    }
    bottom(state, theme, &keys(composer), area, buffer);
    caret
}

/// Returns the first part that shows, so that the field with the cursor does.
fn first_part(parts: &[(Field, Part)], field: Field, room: usize) -> usize {
    let first = parts.iter().position(|(of, _)| *of == field).unwrap_or(0);
    let last = parts.iter().rposition(|(of, _)| *of == field).unwrap_or(0);
    if field == Field::Text {
        return 0;
    }
    let end = parts.len().saturating_sub(room);
    (last + 1).saturating_sub(room).min(first).min(end)
}

/// Draws one line below the text; returns where its caret is, if it has one.
fn draw_part(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    part: &Part,
    (area, line): (Rect, usize),
    buffer: &mut Buffer,
) -> Option<Position> {
    let mut row = Row::new(buffer, area, line);
    match part {
        Part::Theirs(text) => {
            row.say(text, theme.dim);
        }
        Part::TheirsBegin(word) => {
            row.put("─ ", theme.border)
                .put(word, theme.heading)
                .skip(1)
                .rule(theme.border);
        }
        Part::Counters => targets::counters(composer, theme, &mut row),
        Part::Problem { mark, line } => {
            row.put(mark, theme.bad).say(line, theme.bad);
        }
        Part::To => return targets::strip(composer, theme, (area, line), buffer),
        Part::Listed(index) => targets::listed(composer, theme, *index, &mut row),
        Part::Meaning(text) => {
            row.skip(NAMES).say(text, theme.dim);
        }
        Part::Shorten => {
            let here = composer.field == Field::Shorten;
            let sign = if composer.shorten == Some(true) {
                "[x]"
            } else {
                "[ ]"
            };
            row.column_of("shorten", NAMES, name_style(theme, here));
            let caret = Position::new(row.column() + 1, area.y + u16::try_from(line).unwrap_or(0));
            let style = if here { theme.chosen } else { theme.text };
            row.put(sign, style)
                .put(" let the server shorten links; Space", theme.dim);
            return here.then_some(caret);
        }
        Part::Line {
            field,
            hint,
            meaning,
        } => {
            let _ = state;
            return one_line(
                theme,
                composer,
                *field,
                (hint, meaning.as_deref()),
                (area, line),
                buffer,
            );
        }
    }
    None
}

/// A field of one line: its name, what is written, and what it means or takes.
fn one_line(
    theme: &Theme,
    composer: &Composer,
    field: Field,
    (hint, meaning): (&str, Option<&str>),
    (area, line): (Rect, usize),
    buffer: &mut Buffer,
) -> Option<Position> {
    let (name, text) = match field {
        Field::When => ("when", &composer.when),
        Field::Link => ("link", &composer.link),
        Field::Title => ("title", &composer.title),
        Field::Description => ("about", &composer.description),
        Field::Picture => ("picture", &composer.picture),
        Field::Text | Field::Profiles | Field::Shorten => return None,
    };
    let here = composer.field == field;
    let mut row = Row::new(buffer, area, line);
    row.column_of(name, NAMES, name_style(theme, here));
    let column = row.column();
    let mut room = row.room();
    if let Some(meaning) = meaning {
        // Beside what is written, which keeps the room it needs.
        let written = parts::written_columns(text);
        row.skip(written).put(meaning, theme.dim);
        room = written.saturating_sub(1).into();
    } else if !hint.is_empty() {
        row.right(&[(hint.to_owned(), theme.dim)]);
        room = row.room();
    }
    let place = line_of(area, line, column, room);
    let caret = field::draw(text, place, theme.text, buffer);
    caret.filter(|_| here)
}

/// The one line of a field.
fn line_of(area: Rect, line: usize, column: u16, room: usize) -> Rect {
    let line = u16::try_from(line).unwrap_or(u16::MAX);
    if line >= area.height {
        return Rect::default();
    }
    Rect {
        x: column,
        y: area.y + line,
        width: u16::try_from(room).unwrap_or(0),
        height: 1,
    }
}

pub(super) fn name_style(theme: &Theme, chosen: bool) -> Style {
    if chosen {
        theme.title_focused
    } else {
        theme.dim
    }
}

/// The keys that matter now.
fn keys(composer: &Composer) -> Vec<(Command, &'static str)> {
    let mut keys = vec![(Command::Save, "save"), (Command::NextField, "next field")];
    if composer.editing.is_none() && composer.services().len() > 1 {
        keys.push((Command::NextNetwork, "network"));
        keys.push(match composer.texts.writing() {
            Some(_) => (Command::CommonText, "no own text"),
            None => (Command::OwnText, "own text"),
        });
        keys.push((Command::Leave, "leave"));
    } else {
        keys.push((Command::Leave, "leave, keep it"));
    }
    keys.push((Command::Preview, "preview"));
    keys.push((Command::TextOutside, "your editor"));
    keys
}

/// The keys, in the lower edge.
fn bottom(
    state: &State,
    theme: &Theme,
    wanted: &[(Command, &'static str)],
    area: Rect,
    buffer: &mut Buffer,
) {
    let edge = Rect {
        x: area.x + 2,
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    hints::write(state, theme, wanted, &mut Row::new(buffer, edge, 0));
}
