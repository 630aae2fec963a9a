//! What a finding says.

use crate::app::state::State;
use crate::app::status::{first_line, name_of};
use crate::domain::id::LocalId;
use crate::domain::length::Length;
use crate::domain::lint::{Attached, Finding};
use crate::domain::time::Timestamp;

/// Says what was found and what to do, in one line.
pub fn words(state: &State, finding: &Finding) -> String {
    match finding {
        Finding::Empty => "nothing to send: e writes a text, d deletes it".to_owned(),
        Finding::TooLong(length) => {
            format!("{} too long: e shortens it", over(*length))
        }
        Finding::NoAddress(part) => {
            let part = match part {
                Attached::Link => "link",
                Attached::Picture => "picture",
            };
            format!("its {part} is no address: e puts one like https://example.org there")
        }
        Finding::Past(at) => {
            let at = day_and_time(state, *at);
            format!("its time {at} is over: r gives it another, f a slot")
        }
        Finding::Same(other) => {
            let other = place_of(state, *other);
            format!("the same text as {other}; the API refuses it twice: e changes it")
        }
        Finding::Alike(other) => {
            let other = place_of(state, *other);
            format!("nearly the same text as {other}: e changes it")
        }
        Finding::Crowded { other, apart } => {
            let other = place_of(state, *other);
            match (apart + 59) / 60 {
                0 => format!("goes out together with {other}: r moves it"),
                minutes => format!("goes out within {minutes} min of {other}: r moves it"),
            }
        }
        Finding::Cut(cut) => {
            let name = state
                .replica
                .profile(&cut.profile)
                .map_or_else(String::new, name_of);
            format!(
                "the same text waits for {name}, {} too long there: shorten that one",
                over(cut.length)
            )
        }
    }
}

fn over(length: Length) -> i64 {
    length.left().map_or(0, i64::abs)
}

fn day_and_time(state: &State, at: Timestamp) -> String {
    let local = at.in_zone(&state.zone());
    local.format("%a %-d %b %H:%M").to_string()
}

/// Names another update by when it goes or went out.
fn place_of(state: &State, other: LocalId) -> String {
    let Some(update) = state.update(other) else {
        return "another one".to_owned();
    };
    if let Some(sent) = &update.body.outcome.sent {
        return format!("the one sent {}", day_and_time(state, sent.at));
    }
    let row = state.shown().and_then(|shown| {
        let at = shown.queue.find(other)?;
        shown.rows().get(at)?.due_at
    });
    match row {
        Some(at) => format!("the one of {}", day_and_time(state, at)),
        None => format!("“{}”", first_line(&update.body.content.text)),
    }
}
