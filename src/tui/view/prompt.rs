//! The line that asks for words, over that of the keys; above it what Tab offers, or what there is.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::field;
use super::filter::clear;
use super::row::Row;
use super::when::full;
use crate::app::State;
use crate::app::layout::Regions;
use crate::app::mode::Mode;
use crate::app::prompt::{Asked, Prompt};
use crate::app::spread::spread;
use crate::app::when;
use crate::domain::operation::Placement;
use crate::domain::shown::Shown;
use crate::domain::tag::Tags;
use crate::tui::theme::Theme;

pub(super) fn line(
    state: &State,
    theme: &Theme,
    regions: &Regions,
    buffer: &mut Buffer,
) -> Option<Position> {
    let Mode::Prompt(prompt) = &state.mode else {
        return None;
    };
    clear(regions.keys, buffer);
    clear(regions.status, buffer);
    above(state, theme, prompt, Row::new(buffer, regions.status, 0));
    let name = match prompt.what {
        Asked::Tags { .. } => " tags ",
        Asked::When => " time ",
        Asked::Command => " ! ",
    };
    let mut row = Row::new(buffer, regions.keys, 0);
    row.put(name, theme.key);
    let area = field::behind(&row, regions.keys, &prompt.text());
    let caret = field::draw(&prompt.line, area, theme.text, buffer);
    field::hints_behind(state, theme, area, regions.keys, buffer);
    caret
}

/// While Tab goes through words: these. Else what it is about and what is there.
fn above(state: &State, theme: &Theme, prompt: &Prompt, mut row: Row<'_>) {
    row.skip(1);
    if let Some(problem) = &prompt.problem {
        row.put("✗ ", theme.bad)
            .say(&Shown::new(problem), theme.bad);
        return;
    }
    if let Some((fitting, at)) = prompt.fitting() {
        // The one that stands there shows in any case.
        let from = if at < 6 { 0 } else { at };
        for (index, word) in fitting.iter().enumerate().skip(from) {
            let style = if index == at { theme.key } else { theme.dim };
            row.say(&Shown::new(word), style).skip(2);
        }
        return;
    }
    let on = match prompt.updates.as_slice() {
        [one] => {
            let update = state.update(*one);
            let text = update.map_or("", |update| &update.body.content.text);
            let text = super::row::first_line(text);
            format!("“{}”", text.clip(24))
        }
        many => format!("{} updates", many.len()),
    };
    row.put(&on, theme.text).skip(2);
    match &prompt.what {
        Asked::When => time(state, theme, prompt, &mut row),
        Asked::Command => {
            let words = "a program and its arguments; the text is its input";
            row.put(words, theme.dim).skip(2);
            for (name, key) in state.customs.listed() {
                row.say(&Shown::new(name), theme.text).skip(1);
                row.put(&key, theme.key).skip(u16::from(!key.is_empty()));
            }
        }
        Asked::Tags {
            all_have,
            some_have,
        } => {
            let list = |tags: &Tags| {
                let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
                Shown::new(&tags.join(" "))
            };
            if all_have.is_empty() && some_have.is_empty() {
                row.put("no tags yet: words put on, -word takes off", theme.dim);
            }
            if !all_have.is_empty() {
                row.put("has ", theme.dim)
                    .say(&list(all_have), theme.text)
                    .skip(2);
            }
            if !some_have.is_empty() {
                row.put("some have ", theme.dim)
                    .say(&list(some_have), theme.text);
            }
        }
    }
}

/// What the time means that is typed, in absolute time; while it means none, what may be typed.
fn time(state: &State, theme: &Theme, prompt: &Prompt, row: &mut Row<'_>) {
    let (zone, text) = (state.zone(), prompt.text());
    let text = text.as_str();
    match spread(state, text, &prompt.updates) {
        Some(Ok(times)) => {
            // As many as there is room for.
            let each = times.iter().map(|own| full(own.at, state.now, zone));
            let all = each.collect::<Vec<_>>().join(", ");
            row.say(&Shown::new(&all), theme.dim);
            return;
        }
        Some(Err(why)) => {
            row.say(&Shown::new(&why), theme.warning);
            return;
        }
        None => {}
    }
    let meaning = when::parse(text, zone, state.now).ok();
    let words = match meaning.filter(|_| !text.trim().is_empty()) {
        Some(Placement::At(at) | Placement::Pinned(at)) => {
            format!("all at {} {}", full(at, state.now, zone), zone.name())
        }
        Some(Placement::Queue) => "back to the slots of the schedule".to_owned(),
        Some(Placement::Top) => "to the top: the next to go out".to_owned(),
        Some(Placement::Now) => "S shares now, and asks first".to_owned(),
        None => format!(
            "tomorrow 9, fri 14:30, +2d, queue; spread: next week, mon..fri 9; {}",
            zone.name()
        ),
    };
    row.put(&words, theme.dim);
}
