//! The queue: a row for each update under the heading of its day.

use chrono::NaiveDate;
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::mark;
use super::row::{Row, title};
use super::when;
use crate::app::State;
use crate::app::layout::{Line, body, queue_lines};
use crate::app::mode::Mode;
use crate::app::state::Pane;
use crate::domain::length::measure;
use crate::domain::operation::Change;
use crate::domain::profile::Profile;
use crate::domain::queue;
use crate::domain::update::Update;
use crate::tui::theme::Theme;

/// From this share of the limit on, the length is told.
const NEAR: u32 = 90;

pub(super) fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    heading(state, theme, area, buffer);
    let rows = body(area);
    let Some(profile) = state.profile() else {
        return empty(state, theme, rows, buffer);
    };
    if state.rows().is_empty() {
        return empty(state, theme, rows, buffer);
    }
    let pane = QueuePane {
        state,
        theme,
        profile,
        cursor: state.cursors().queue.index,
        focused: matches!(state.focus, Pane::Queue | Pane::Profiles),
        range: state.range_rows(),
    };
    let offset = state.cursors().queue.offset;
    let lines = queue_lines(state.rows(), profile.timezone, offset, rows.height.into());
    for (index, line) in lines.into_iter().enumerate() {
        match line {
            Line::Day(day) => pane.day(day, Row::new(buffer, rows, index)),
            Line::Row(at) => pane.row(at, Row::new(buffer, rows, index)),
        }
    }
}

/// The title: what is under way here, and how many there are.
fn heading(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let focused = state.focus == Pane::Queue;
    let style = if focused {
        theme.title_focused
    } else {
        theme.title
    };
    let mut beside: Vec<(String, Style)> = Vec::new();
    match &state.mode {
        Mode::Grab(grab) => {
            let what = match grab.updates.len() {
                1 => "carrying 1 update".to_owned(),
                n => format!("carrying {n} updates"),
            };
            beside.push((what, theme.carried));
        }
        Mode::Shuffle(_) => beside.push(("a new order, not yet taken".to_owned(), theme.carried)),
        _ => {}
    }
    if !state.marks.is_empty() {
        beside.push((format!("{} marked", state.marks.len()), theme.marked));
    }
    beside.extend(leaving(state).map(|text| (text, theme.warning)));
    let progress = state.profile.as_ref().and_then(|p| state.progress.get(p));
    // What is read again in the background is nobody's business, and would be drawn all the time.
    if let Some((read, total)) = progress.filter(|_| state.rows().is_empty()) {
        beside.push((format!("reading {read} of {total}"), theme.dim));
    }
    let paused = state.profile().is_some_and(|profile| profile.paused);
    let count = match (state.rows().len(), paused) {
        (0, false) => String::new(),
        (0, true) => "paused".to_owned(),
        (1, false) => "1 update".to_owned(),
        (n, false) => format!("{n} updates"),
        (n, true) => format!("{n} updates, paused"),
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
            let text = super::row::first_line(&state.update(*id)?.body.content.text).clip(24);
            Some(match operation.not_before.map(|at| at.0 - state.now.0) {
                Some(left) if left > 0 => format!("{word} in {left} s: “{text}”"),
                _ => format!("{word} “{text}”"),
            })
        })
    })
}

/// What is said where there are no rows.
fn empty(state: &State, theme: &Theme, rows: Rect, buffer: &mut Buffer) {
    let text = if !state.restored && state.store_trouble.is_some() {
        "What was kept cannot be read; the line below says why."
    } else if !state.restored {
        "Reading what was kept …"
    } else if state.profile.is_none() && state.profiles_read {
        "This account has no profiles."
    } else if state.shown().is_none() {
        "Not read yet; it comes as soon as the account answers."
    } else {
        "Nothing is queued. Press c to write an update."
    };
    Row::new(buffer, rows, 1).skip(3).put(text, theme.dim);
}

struct QueuePane<'a> {
    state: &'a State,
    theme: &'a Theme,
    profile: &'a Profile,
    cursor: usize,
    focused: bool,
    range: Option<std::ops::RangeInclusive<usize>>,
}

impl QueuePane<'_> {
    fn zone(&self) -> Tz {
        self.profile.timezone
    }

    fn day(&self, day: Option<NaiveDate>, mut row: Row<'_>) {
        row.skip(2);
        let now = self.state.now;
        match day {
            Some(day) => {
                row.put(&when::day(day, now, self.zone()), self.theme.heading);
                if let Some(word) = when::relative(day, now, self.zone()) {
                    row.skip(2).put(word, self.theme.dim);
                }
            }
            None if self.profile.paused => {
                row.put("Without a time", self.theme.heading)
                    .skip(2)
                    .put("the queue is paused", self.theme.dim);
            }
            None => {
                row.put("Without a time", self.theme.heading)
                    .skip(2)
                    .put("the schedule has no free slot", self.theme.dim);
            }
        }
    }

    fn row(&self, index: usize, mut row: Row<'_>) {
        let (state, theme) = (self.state, self.theme);
        let Some(place) = state.rows().get(index) else {
            return;
        };
        let on = index == self.cursor;
        let carried =
            matches!(&state.mode, Mode::Grab(grab) if grab.updates.contains(&place.update));
        let marked = state.marks.contains(&place.update)
            || self
                .range
                .as_ref()
                .is_some_and(|range| range.contains(&index));
        match (on, self.focused) {
            (true, true) => row.put("▌", theme.cursor),
            (true, false) => row.put("▌", theme.cursor_resting),
            _ => row.skip(1),
        };
        match (carried, marked) {
            (true, _) => row.put("↕", theme.carried),
            (_, true) => row.put("*", theme.marked),
            _ => row.skip(1),
        };
        let former = self.former_time(place, index);
        let time = match (on && self.focused, former.is_some()) {
            (true, _) => theme.time_selected,
            (_, true) => theme.carried,
            _ => theme.time,
        };
        row.put(&when::clock(place.due_at, self.zone()), time);
        let Some(update) = state.update(place.update) else {
            return;
        };
        match update.body.own_time {
            Some(own) if own.pinned => row.put("◆", theme.warning),
            Some(_) => row.put("◇", theme.warning),
            None => row.skip(1),
        };
        row.skip(1)
            .column_of(self.profile.service.mark(), 2, theme.service)
            .skip(1);
        let (sign, style) = mark::sign(state.replica.mark(place.update), theme);
        row.put(sign, style).skip(1);
        row.right(&self.beside(update, former));
        let text = if carried { theme.carried } else { theme.text };
        row.first_line(&update.body.content.text, text);
    }

    /// What stands at the right end: the time it had, what is attached, its length if it matters.
    fn beside(&self, update: &Update, former: Option<String>) -> Vec<(String, Style)> {
        let theme = self.theme;
        let mut parts: Vec<(String, Style)> = Vec::new();
        let mut add = |text: String, style: Style| {
            if !parts.is_empty() {
                parts.push((" ".to_owned(), theme.text));
            }
            parts.push((text, style));
        };
        if let Some(former) = former {
            add(format!("was {former}"), theme.former);
        }
        let content = &update.body.content;
        let length = measure(
            &self.profile.service,
            &content.text,
            self.profile.character_limit,
        );
        if let Some(limit) = length
            .limit
            .filter(|limit| length.used * 100 >= limit * NEAR)
        {
            let style = if length.is_over() {
                theme.bad
            } else {
                theme.warning
            };
            let over = if length.is_over() { "over " } else { "" };
            add(format!("{over}{}/{limit}", length.used), style);
        }
        if !content.media.link.is_empty() {
            add("link".to_owned(), theme.dim);
        }
        if !content.media.picture.is_empty() {
            add("pic".to_owned(), theme.dim);
        }
        parts
    }

    /// The time a row had before what is only looked at, if it gets another one.
    fn former_time(&self, place: &queue::Row, near: usize) -> Option<String> {
        if !matches!(self.state.mode, Mode::Grab(_) | Mode::Shuffle(_)) {
            return None;
        }
        let queue = &self.state.shown()?.queue;
        let former = queue.rows().get(queue.position(place.update, near)?)?;
        if former.due_at == place.due_at {
            return None;
        }
        let zone = self.zone();
        let Some(was) = former.due_at else {
            return Some("without a time".to_owned());
        };
        Some(when::beside(was, place.due_at, zone))
    }
}
