//! The composer: the text above, where and when it goes below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::row::{Row, first_line};
use super::{field, frame, hints};
use crate::app::State;
use crate::app::command::Command;
use crate::app::composer::{Composer, Field};
use crate::domain::length::Length;
use crate::domain::profile::Profile;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// Columns of the names of the fields.
const NAMES: u16 = 9;
/// The lines below the text: a thin line and the four fields.
const FIELDS: u16 = 5;

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = frame::middle(area, 100, 30);
    let heading = if composer.editing.is_some() {
        "Edit update"
    } else {
        "New update"
    };
    let inner = frame::open(buffer, area, heading, "", theme.border_asking);
    let problems: Vec<Shown> = composer
        .problems
        .iter()
        .flat_map(|problem| wrap(&[Shown::new(problem)], inner.width.into()))
        .collect();
    // Theirs is to be read while yours is written, but never takes the room of it.
    let most = usize::from(inner.height / 3);
    let theirs = composer.theirs.as_ref().map_or_else(Vec::new, |text| {
        let lines = wrap(&Shown::multiline(text), inner.width.into());
        beside(lines, most)
    });
    let rows = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let below = FIELDS + rows(problems.len()) + rows(theirs.len());
    // However small the screen is, one line of the text shows.
    let height = inner.height.saturating_sub(below).max(inner.height.min(1));
    let text = Rect { height, ..inner };
    let caret = field::draw(&composer.text, text, theme.text, buffer);
    let shown = rows(theirs.len()).min(inner.height - height);
    let strip = Rect {
        y: inner.y + height,
        height: shown,
        ..inner
    };
    for (line, (text, heading)) in theirs.iter().enumerate() {
        let mut row = Row::new(buffer, strip, line);
        if *heading {
            row.put("─ ", theme.border)
                .say(text, theme.heading)
                .skip(1)
                .rule(theme.border);
        } else {
            row.say(text, theme.dim);
        }
    }
    let rest = Rect {
        y: inner.y + height + shown,
        height: inner.height - height - shown,
        ..inner
    };
    Row::new(buffer, rest, 0).rule(theme.border);
    let to = targets(state, theme, composer, rest, buffer);
    let mut carets = vec![(Field::Text, caret), (Field::Profiles, to)];
    for (line, (at, name, text, hint)) in [
        (
            Field::When,
            "when",
            &composer.when,
            "queue, top, now, or a time: fri 14:30",
        ),
        (Field::Link, "link", &composer.link, "the address of a page"),
        (
            Field::Picture,
            "picture",
            &composer.picture,
            "the address of a picture",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let chosen = composer.field == at;
        let mut row = Row::new(buffer, rest, line + 2);
        row.column_of(name, NAMES, name_style(theme, chosen));
        let column = row.column();
        if text.lines().iter().all(String::is_empty) || chosen && at == Field::When {
            row.right(&[(hint.to_owned(), theme.dim)]);
        }
        let place = line_of(rest, line + 2, column, row.room());
        carets.push((at, field::draw(text, place, theme.text, buffer)));
    }
    for (line, problem) in problems.iter().enumerate() {
        Row::new(buffer, rest, line + usize::from(FIELDS)).say(problem, theme.bad);
    }
    bottom(state, theme, area, buffer);
    carets
        .into_iter()
        .find(|(field, _)| *field == composer.field)
        .and_then(|(_, caret)| caret)
}

/// A heading and as many lines of what somebody else wrote as there is room for.
fn beside(lines: Vec<Shown>, most: usize) -> Vec<(Shown, bool)> {
    if most < 2 {
        return Vec::new();
    }
    let heading = if lines.len() + 1 > most {
        "theirs begins"
    } else {
        "theirs"
    };
    let lines = lines.into_iter().take(most - 1).map(|line| (line, false));
    std::iter::once((Shown::new(heading), true))
        .chain(lines)
        .collect()
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

/// The profiles, the length of the text for each chosen one.
fn targets(
    state: &State,
    theme: &Theme,
    composer: &Composer,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let here = composer.field == Field::Profiles;
    let mut row = Row::new(buffer, area, 1);
    row.column_of("to", NAMES, name_style(theme, here));
    let mut caret = None;
    let lengths = composer.lengths(state.profiles());
    for (index, (id, chosen)) in composer.profiles.iter().enumerate() {
        let Some(profile) = state.replica.profile(id) else {
            continue;
        };
        let on = here && index == composer.profile_cursor;
        if on {
            caret = Some(row.column() + 1);
        }
        let style = if on { theme.chosen } else { theme.text };
        row.put(if *chosen { "[x] " } else { "[ ] " }, style)
            .put(&first_line(&profile.formatted_username).clip(20), style)
            .skip(1)
            .put(profile.service.mark(), theme.service);
        if let Some((_, length)) = lengths.iter().find(|(other, _)| other.id == *id) {
            let (text, style) = count(profile, *length, theme);
            row.skip(1).put(&text, style);
        }
        row.skip(2);
    }
    let y = area.y + 1;
    caret
        .filter(|_| area.height > 1)
        .map(|x| Position::new(x.min(area.right().saturating_sub(1)), y))
}

fn count(profile: &Profile, length: Length, theme: &Theme) -> (String, Style) {
    let _ = profile;
    match length.limit {
        Some(limit) if length.is_over() => {
            (format!("{} over {limit}", length.used - limit), theme.bad)
        }
        Some(limit) => (format!("{}/{limit}", length.used), theme.dim),
        None => (length.used.to_string(), theme.dim),
    }
}

/// The keys, in the lower edge.
fn bottom(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let edge = Rect {
        x: area.x + 2,
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    let wanted = [
        (Command::Save, "save"),
        (Command::NextField, "next field"),
        (Command::Leave, "leave, kept as a draft"),
    ];
    hints::write(state, theme, &wanted, &mut Row::new(buffer, edge, 0));
}
