//! The form of a profile, and what the first start says around it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::composer::name_style;
use super::row::Row;
use super::{field, frame, hints};
use crate::app::State;
use crate::app::command::Command;
use crate::app::form::{FormField, ProfileForm};
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// Columns of the names of the fields.
const NAMES: u16 = 12;

/// What each field wants.
const HELP: [(FormField, &str); 5] = [
    (FormField::Service, "← and → choose the network."),
    (
        FormField::Name,
        "The account's name there, as @acme or acme.",
    ),
    (
        FormField::Zone,
        "The zone of the posting times, as Europe/Berlin.",
    ),
    (
        FormField::Times,
        "When it posts: mon-fri 09:00 13:30; sat 11:00",
    ),
    (
        FormField::Connection,
        "How it is published; demo sends nothing anywhere. ← and → choose.",
    ),
];

pub(super) fn draw(
    state: &State,
    theme: &Theme,
    form: &ProfileForm,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let area = frame::middle(area, 76, 13);
    let heading = if form.editing.is_some() {
        "Profile"
    } else {
        "New profile"
    };
    let inner = frame::open(buffer, area, heading, "", theme.border_asking);
    let mut caret = None;
    let fields: [(FormField, &str); 5] = [
        (FormField::Service, "network"),
        (FormField::Name, "name"),
        (FormField::Zone, "zone"),
        (FormField::Times, "times"),
        (FormField::Connection, "connection"),
    ];
    for (line, (at, name)) in fields.into_iter().enumerate() {
        let here = form.field == at;
        let mut row = Row::new(buffer, inner, line + 1);
        row.column_of(name, NAMES, name_style(theme, here));
        let column = row.column();
        let place = Rect {
            x: column,
            y: inner.y + u16::try_from(line).unwrap_or(0) + 1,
            width: inner.right().saturating_sub(column),
            height: u16::from(line + 1 < usize::from(inner.height)),
        };
        let found = match at {
            FormField::Name => field::draw(&form.name, place, theme.text, buffer),
            FormField::Zone => field::draw(&form.zone, place, theme.text, buffer),
            FormField::Times => field::draw(&form.times, place, theme.text, buffer),
            FormField::Service => {
                let chosen = form.services.get(form.service).map_or("", |s| s.title());
                choice(&mut row, theme, here, chosen);
                Some(place.as_position()).filter(|_| place.height > 0)
            }
            FormField::Connection => {
                let chosen = form.connections.get(form.connection);
                choice(&mut row, theme, here, chosen.map_or("", String::as_str));
                Some(place.as_position()).filter(|_| place.height > 0)
            }
        };
        if here {
            caret = found;
        }
    }
    notes(theme, form, inner, buffer);
    let edge = Rect {
        x: area.x + 2,
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    let wanted = [
        (Command::FormSave, "save"),
        (Command::FormNext, "next field"),
        (Command::FormLeave, "leave"),
    ];
    hints::write(state, theme, &wanted, &mut Row::new(buffer, edge, 0));
    caret
}

fn choice(row: &mut Row<'_>, theme: &Theme, here: bool, chosen: &str) {
    let shown = Shown::new(chosen);
    if here {
        row.put("‹ ", theme.key)
            .say(&shown, theme.chosen)
            .put(" ›", theme.key);
    } else {
        row.skip(2).say(&shown, theme.text);
    }
}

/// Below the fields: what is wrong, what is awaited, or what the field wants.
fn notes(theme: &Theme, form: &ProfileForm, inner: Rect, buffer: &mut Buffer) {
    let (text, style) = if let Some(problem) = &form.problem {
        (problem.as_str(), theme.bad)
    } else if form.waiting {
        ("The server is asked …", theme.waiting)
    } else {
        let help = HELP.iter().find(|(at, _)| *at == form.field);
        (help.map_or("", |(_, help)| help), theme.dim)
    };
    let lines = wrap(&[Shown::new(text)], inner.width.into());
    for (line, shown) in lines.iter().enumerate() {
        Row::new(buffer, inner, line + 7).say(shown, style);
    }
}

/// The first start on an account of our own: no profiles yet.
pub(super) fn teach(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let key = |command: Command| {
        let keys = state.keymap.keys_of(command);
        keys.into_iter().next()
    };
    let how = match key(Command::NewProfile) {
        Some(key) => format!("Press {key} to add your first profile."),
        None => format!(
            "Press {} and choose new-profile to add your first one.",
            key(Command::Palette).unwrap_or_else(|| ":".to_owned())
        ),
    };
    let lines = [
        ("Welcome to qurate.", theme.title_focused),
        ("", theme.text),
        (
            "Here you keep a queue of posts for each of your profiles, and",
            theme.text,
        ),
        (
            "every post goes out at the next time of that profile's schedule.",
            theme.text,
        ),
        ("", theme.text),
        (how.as_str(), theme.number),
        (
            "You give it a name, its network, its zone, the times it posts at,",
            theme.text,
        ),
        (
            "and how it is published. The connection demo sends nothing",
            theme.text,
        ),
        ("anywhere, so it is safe to try everything.", theme.text),
        ("", theme.text),
        ("c writes a post · ? shows all keys · q quits", theme.dim),
    ];
    let place = frame::middle(area, 66, u16::try_from(lines.len()).unwrap_or(0));
    for (line, (text, style)) in lines.iter().enumerate() {
        Row::new(buffer, place, line).put(text, *style);
    }
}
