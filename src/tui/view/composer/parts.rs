//! The lines below the text, top to bottom, each with the field it belongs to.

use tui_textarea::TextArea;
use unicode_width::UnicodeWidthStr as _;

use super::NAMES;
use crate::app::State;
use crate::app::composer::{Composer, Field, Meaning, meaning};
use crate::app::when::InvalidWhen;
use crate::domain::shown::{Shown, wrap};
use crate::domain::time::Timestamp;
use crate::tui::view::when;

/// One line below the text.
#[derive(Debug)]
pub(super) enum Part {
    /// The heading over what somebody else wrote.
    TheirsBegin(&'static str),
    /// What somebody else wrote.
    Theirs(Shown),
    /// The length of the text for each network.
    Counters,
    /// What keeps the field above from being saved.
    Problem { mark: &'static str, line: Shown },
    /// The profiles it goes to.
    To,
    /// A row of the list of profiles.
    Listed(usize),
    /// A field of one line.
    Line {
        field: Field,
        hint: &'static str,
        /// What it means, beside it.
        meaning: Option<String>,
    },
    /// What the field above means.
    Meaning(Shown),
    /// Whether links are shortened.
    Shorten,
}

/// The least columns of the field of the time, with a gap behind it.
const WHEN: u16 = 18;

/// Returns the columns a field keeps for what is written in it, with the caret and a gap.
pub(super) fn written_columns(text: &TextArea<'static>) -> u16 {
    let width: usize = text.lines().iter().map(|line| line.width()).sum();
    u16::try_from(width + 3).unwrap_or(u16::MAX).max(WHEN)
}

/// Returns the lines below the text of a composer of this size.
pub(super) fn parts(state: &State, composer: &Composer, size: (u16, u16)) -> Vec<(Field, Part)> {
    let mut parts = theirs(composer, size);
    parts.push((Field::Text, Part::Counters));
    problems(composer, Field::Text, size.0, &mut parts);
    for field in composer.fields() {
        match field {
            Field::Text => continue,
            Field::Profiles => profiles(composer, size.1, &mut parts),
            Field::When => time(state, composer, size.0, &mut parts),
            Field::Shorten => parts.push((field, Part::Shorten)),
            Field::Link | Field::Title | Field::Description | Field::Picture => {
                let hint = hint(composer, field);
                let meaning = None;
                parts.push((
                    field,
                    Part::Line {
                        field,
                        hint,
                        meaning,
                    },
                ));
            }
        }
        problems(composer, field, size.0, &mut parts);
    }
    parts
}

/// What somebody else wrote is to be read while yours is written, but never takes the room of it.
fn theirs(composer: &Composer, (width, height): (u16, u16)) -> Vec<(Field, Part)> {
    let most = usize::from(height / 3);
    let Some(text) = composer.theirs.as_ref().filter(|_| most >= 2) else {
        return Vec::new();
    };
    let lines = wrap(&Shown::multiline(text), width.into());
    let heading = if lines.len() + 1 > most {
        "theirs begins"
    } else {
        "theirs"
    };
    let lines = lines.into_iter().take(most - 1).map(Part::Theirs);
    std::iter::once(Part::TheirsBegin(heading))
        .chain(lines)
        .map(|part| (Field::Text, part))
        .collect()
}

fn problems(composer: &Composer, field: Field, width: u16, parts: &mut Vec<(Field, Part)>) {
    let of_field = composer.problems.iter().filter(|p| p.field == field);
    let width = usize::from(width).saturating_sub(2);
    for problem in of_field {
        let lines = wrap(&[Shown::new(&problem.text)], width);
        for (at, line) in lines.into_iter().enumerate() {
            let mark = if at == 0 { "! " } else { "  " };
            parts.push((field, Part::Problem { mark, line }));
        }
    }
}

/// The profiles: one line, and a list while they have the cursor.
fn profiles(composer: &Composer, height: u16, parts: &mut Vec<(Field, Part)>) {
    parts.push((Field::Profiles, Part::To));
    if composer.field != Field::Profiles {
        return;
    }
    let (len, cursor) = (composer.targets.found().len(), composer.targets.cursor());
    let rows = usize::from(height / 3).max(2).min(len);
    let from = cursor.saturating_sub(rows / 2).min(len - rows);
    for index in from..from + rows {
        parts.push((Field::Profiles, Part::Listed(index)));
    }
}

/// The field of the time, and what it means: beside it, or below where there is no room.
fn time(state: &State, composer: &Composer, width: u16, parts: &mut Vec<(Field, Part)>) {
    let said = composer.problems.iter().any(|p| p.field == Field::When);
    let text = meaning_text(state, composer).filter(|_| !said);
    let room = width.saturating_sub(NAMES + written_columns(&composer.when));
    let fits = |text: &String| text.width() <= usize::from(room);
    let beside = text.clone().filter(fits);
    let below = text.filter(|_| beside.is_none());
    let field = Field::When;
    let line = Part::Line {
        field,
        hint: "",
        meaning: beside,
    };
    parts.push((field, line));
    let room = usize::from(width.saturating_sub(NAMES));
    for line in below
        .iter()
        .flat_map(|text| wrap(&[Shown::new(text)], room))
    {
        parts.push((field, Part::Meaning(line)));
    }
}

/// Said where a queue gives no times.
const NONE: &str = "no time: the queue is paused or has no posting times";

/// Returns what the field of the time means, in absolute time.
pub(super) fn meaning_text(state: &State, composer: &Composer) -> Option<String> {
    let zone = composer.zone();
    let at = |at: Timestamp| {
        let until = when::until(at, state.now).map_or_else(String::new, |left| format!(", {left}"));
        format!("{} {zone}{until}", when::full(at, state.now, zone))
    };
    let slot = |what: &str, slot: Option<Timestamp>| {
        slot.map_or_else(|| NONE.to_owned(), |slot| format!("{what}: {}", at(slot)))
    };
    Some(match meaning(state, composer) {
        Meaning::At(time) => at(time),
        Meaning::OnSlot(time) => slot("pinned to its slot", Some(time)),
        Meaning::NextSlot(_) if composer.targets.chosen().next().is_none() => return None,
        Meaning::NextSlot(time) => slot("next free slot", time),
        Meaning::FirstSlot(time) => slot("first of all", time),
        Meaning::ItsSlot(time) => slot("its slot", time),
        Meaning::Now(window) => format!("goes out {window} s after it is saved; u stops it"),
        Meaning::Invalid(InvalidWhen::Unreadable(_)) => {
            "queue, top, now, or a time: fri 14:30".to_owned()
        }
        Meaning::Invalid(error) => error.to_string(),
    })
}

fn hint(composer: &Composer, field: Field) -> &'static str {
    let (text, base, empty) = match field {
        Field::Link => (&composer.link, "", "the address of a page"),
        Field::Picture => (&composer.picture, "", "the address of a picture"),
        Field::Title => (
            &composer.title,
            composer.media.title.as_str(),
            "the page's title",
        ),
        Field::Description => (
            &composer.description,
            composer.media.description.as_str(),
            "what the page is about",
        ),
        Field::Text | Field::Profiles | Field::When | Field::Shorten => return "",
    };
    if composer.is_stale(text, base) {
        "of the old link: not sent"
    } else if text.lines().iter().all(String::is_empty) {
        empty
    } else {
        ""
    }
}
