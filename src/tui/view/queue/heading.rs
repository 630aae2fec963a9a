//! The title of the queue: what is under way in it, what shows, how many there are.

use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::State;
use crate::app::mode::Mode;
use crate::app::reading;
use crate::app::state::Pane;
use crate::app::status::name_of;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::operation::Change;
use crate::tui::theme::Theme;
use crate::tui::view::row::title;
use crate::tui::view::{filter, findings, row};

/// From so many columns on there is room for a second clock.
const TWO_CLOCKS: u16 = 100;

/// The zone of the second clock, if it shows and there is room.
pub(super) fn second_clock(state: &State, area: Rect) -> Option<Tz> {
    // By the first and the last row that may be in sight: summer time may make the difference.
    let first = state.cursors().queue.offset;
    let last = (first + usize::from(area.height)).min(state.rows().len().saturating_sub(1));
    let ends = [first, last].into_iter();
    let mut times = ends.filter_map(|row| state.rows().get(row)?.due_at);
    times
        .find_map(|at| state.second_clock(state.zone(), at))
        .filter(|_| area.width >= TWO_CLOCKS)
}

/// The title: what is under way here, and how many there are.
pub(super) fn heading(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let focused = state.focus == Pane::Queue;
    let style = if focused {
        theme.title_focused
    } else {
        theme.title
    };
    let mut beside: Vec<(String, Style)> = Vec::new();
    beside.extend(filter::beside(state, Pane::Queue, theme));
    match (&state.mode, state.mode.carried()) {
        (_, Some(grab)) => {
            let what = match grab.updates.len() {
                1 => "carrying 1 update".to_owned(),
                n => format!("carrying {n} updates"),
            };
            let of = of_home(state, &grab.home);
            beside.push((format!("{what}{of}"), theme.carried));
        }
        (Mode::Shuffle(_), None) => {
            beside.push(("a new order, not yet taken".to_owned(), theme.carried));
        }
        (_, None) if !state.marks.is_empty() => beside.push((marked(state), theme.marked)),
        (_, None) => {}
    }
    if let Some(cut) = &state.cut {
        let of = of_home(state, &cut.home);
        beside.push((format!("{} cut{of}", cut.updates.len()), theme.marked));
    }
    if state.hidden() > 0 && !matches!(state.mode, Mode::Filter(_)) {
        let text = format!("moves go past what is shown; {} hidden", state.hidden());
        beside.push((text, theme.dim));
    }
    beside.extend(no_slots(state).map(|text| (text.to_owned(), theme.dim)));
    beside.extend(leaving(state).map(|text| (text, theme.warning)));
    beside.extend(findings::counts(state.lint.counts(), theme));
    if let Some(own) = second_clock(state, area).filter(|_| !state.rows().is_empty()) {
        let zones = format!("{}, beside it {}", state.zone().name(), own.name());
        beside.push((zones, theme.dim));
    }
    let given_up = state.profile.as_ref().and_then(|p| state.not_read.get(p));
    if let Some(reason) = given_up {
        beside.push((format!("not read: {reason}"), theme.warning));
    }
    let reading = state.profile.as_ref();
    let reading = reading.and_then(|profile| reading::of_queue(state, profile));
    beside.extend(reading.map(|text| (text, theme.dim)));
    let paused = state.profile().is_some_and(|profile| profile.paused);
    let awaited = state.profile.as_ref().and_then(|p| state.awaited.get(p));
    let count = match (awaited.map_or(state.rows().len() as u64, |n| *n), paused) {
        (0, false) => String::new(),
        (0, true) => "paused".to_owned(),
        (1, false) => "1 update".to_owned(),
        (n, false) => format!("{n} updates"),
        (n, true) => format!("{n} updates, paused"),
    };
    let count = match state.search() {
        None => count,
        Some(search) => {
            let more = if search.is_searching() { "…" } else { "" };
            format!("{}{more} of {}", state.entries().len(), state.rows().len())
        }
    };
    title(
        buffer,
        area,
        ("Queue", style),
        &beside,
        &count,
        theme.border,
    );
}

/// How many are marked, and how many of them a filter hides from what is done.
fn marked(state: &State) -> String {
    let count = state.marks.len();
    let entries = state.entries();
    let hides = |id: &&LocalId| {
        let row = state.queue().and_then(|queue| queue.find(**id));
        row.is_some_and(|row| entries.of_row(row).is_none())
    };
    let hidden = match state.search() {
        Some(_) => state.marks.iter().filter(hides).count(),
        None => 0,
    };
    match hidden {
        0 => format!("{count} marked"),
        _ => format!("{count} marked, {hidden} of them hidden"),
    }
}

/// Why no free slots show where they should.
fn no_slots(state: &State) -> Option<&'static str> {
    let profile = state.profile().filter(|_| state.shows.slots.on)?;
    if state.search().is_some() {
        None
    } else if profile.paused {
        Some("no free slots while paused")
    } else if profile.schedule.is_empty() {
        Some("no posting times, so no free slots")
    } else {
        None
    }
}

/// Says whose updates they are, where they are not those of the profile on the screen.
fn of_home(state: &State, home: &ProfileId) -> String {
    let profile = state.replica.profile(home);
    let elsewhere = profile.filter(|profile| state.profile.as_ref() != Some(&profile.id));
    elsewhere.map_or_else(String::new, |profile| format!(" of {}", name_of(profile)))
}

/// What was shared or deleted and can still be taken back.
fn leaving(state: &State) -> impl Iterator<Item = String> {
    let of_profile = state.profile.as_ref();
    state.shown().into_iter().flat_map(move |shown| {
        shown.leaving.iter().filter_map(move |id| {
            let (operation, _) = state.replica.operations_of(*id).next_back()?;
            if Some(&operation.profile) != of_profile {
                return None;
            }
            let word = match &operation.change {
                Change::Destroy { .. } => "deleting",
                _ => "sharing",
            };
            let text = row::first_line(&state.update(*id)?.body.content.text).clip(24);
            Some(match operation.not_before.map(|at| at.0 - state.now.0) {
                Some(left) if left > 0 => format!("{word} in {left} s: “{text}”"),
                _ => format!("{word} “{text}”"),
            })
        })
    })
}
