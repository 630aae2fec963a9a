//! The queue: a row for each update under the heading of its day.

mod heading;

use chrono::NaiveDate;
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{findings, linked, mark, tags, when};
use crate::app::State;
use crate::app::entries::Entry;
use crate::app::layout::{Line, body, queue_lines};
use crate::app::mode::Mode;
use crate::app::reading;
use crate::app::shows::Search;
use crate::app::state::Pane;
use crate::domain::clocks::change_between;
use crate::domain::length::measure;
use crate::domain::lint::Finding;
use crate::domain::profile::Profile;
use crate::domain::queue;
use crate::domain::schedule::instant;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::tui::links::Links;
use crate::tui::theme::Theme;
use heading::{heading, second_clock};

/// From this share of the limit on, the length is told.
const NEAR: u32 = 90;

/// Columns of the second clock: `23:00-1`.
const CLOCK: u16 = 7;

pub(super) fn draw(state: &State, theme: &Theme, web: &Links, area: Rect, buffer: &mut Buffer) {
    heading(state, theme, area, buffer);
    let rows = body(area);
    let Some(profile) = state.profile() else {
        return empty(state, theme, rows, buffer);
    };
    if state.entries().is_empty() {
        return empty(state, theme, rows, buffer);
    }
    let pane = QueuePane {
        state,
        theme,
        links: web,
        profile,
        cursor: state.cursors().queue.index,
        focused: matches!(state.focus, Pane::Queue | Pane::Profiles),
        range: state.range_entries(),
        second: second_clock(state, area),
    };
    let offset = state.cursors().queue.offset;
    let entries = state.entries();
    let lines = queue_lines(entries, profile.timezone, offset, rows.height.into());
    for (index, line) in lines.iter().copied().enumerate() {
        match line {
            Line::Day(day) => {
                let below = lines.get(index + 1).and_then(|line| match line {
                    Line::Entry(at) => match entries.get(*at)? {
                        Entry::Row(row) => Some(row),
                        Entry::Slot(_) => None,
                    },
                    Line::Day(_) => None,
                });
                pane.day(day, below.unwrap_or(0), Row::new(buffer, rows, index));
            }
            Line::Entry(at) => match entries.get(at) {
                Some(Entry::Slot(slot)) => pane.slot(at, slot, Row::new(buffer, rows, index)),
                _ => pane.row(at, Row::new(buffer, rows, index)),
            },
        }
    }
}

/// What is said where there are no rows.
fn empty(state: &State, theme: &Theme, rows: Rect, buffer: &mut Buffer) {
    let text = if !state.restored && state.store_trouble.is_some() {
        "What was kept cannot be read; the line below says why."
    } else if !state.restored {
        "Reading what was kept …"
    } else if state.profile.is_none() && state.profiles_read {
        "This account has no profiles."
    } else if state
        .profile
        .as_ref()
        .is_some_and(|p| reading::is_under_way(state, p))
    {
        "It shows when all of it is read; what you write meanwhile is kept."
    } else if state.shown().is_none() {
        "Not read yet; it comes as soon as the account answers."
    } else if !state.rows().is_empty() && state.search().is_some_and(Search::is_searching) {
        "Looking …"
    } else if !state.rows().is_empty() {
        "Nothing matches. Esc clears the filter."
    } else {
        "Nothing is queued. Press c to write an update."
    };
    Row::new(buffer, rows, 1).skip(3).put(text, theme.dim);
}

struct QueuePane<'a> {
    state: &'a State,
    theme: &'a Theme,
    links: &'a Links,
    profile: &'a Profile,
    cursor: usize,
    focused: bool,
    range: Option<std::ops::RangeInclusive<usize>>,
    second: Option<Tz>,
}

impl QueuePane<'_> {
    fn zone(&self) -> Tz {
        self.profile.timezone
    }

    /// The heading of a day; `below` is the row it stands above.
    fn day(&self, day: Option<NaiveDate>, below: usize, mut row: Row<'_>) {
        row.skip(2);
        let now = self.state.now;
        match day {
            Some(day) => {
                row.put(&when::day(day, now, self.zone()), self.theme.heading);
                if let Some(word) = when::relative(day, now, self.zone()) {
                    row.skip(2).put(word, self.theme.dim);
                }
                if let Some(text) = self.clock_change(day, below) {
                    row.skip(2).put(&text, self.theme.warning);
                }
            }
            None if self.profile.paused => {
                row.put("Without a time", self.theme.heading)
                    .skip(2)
                    .put("the queue is paused", self.theme.dim);
            }
            None => {
                let never = reading::is_first(self.state, &self.profile.id);
                let why = if never {
                    "what goes out before it is not read yet"
                } else {
                    "the schedule has no free slot"
                };
                row.put("Without a time", self.theme.heading)
                    .skip(2)
                    .put(why, self.theme.dim);
            }
        }
    }

    /// Whether the clocks change between the row before this heading and the end of its day.
    fn clock_change(&self, day: NaiveDate, below: usize) -> Option<String> {
        let zone = self.zone();
        let start = |day: NaiveDate| instant(zone, day.and_time(chrono::NaiveTime::MIN));
        let rows = self.state.rows();
        let before = below.checked_sub(1).and_then(|at| rows.get(at));
        let before = before.map_or(Some(self.state.now), |row| row.due_at);
        let from = start(day)?.min(before.unwrap_or(self.state.now));
        let until = start(day.succ_opt()?)?.plus(-1);
        let change = change_between(zone, from, until)?;
        let how = if change.is_forward() {
            "forward"
        } else {
            "back"
        };
        let date = change.after.date();
        let on = if date == day {
            String::new()
        } else {
            format!(" on {}", when::day(date, self.state.now, zone))
        };
        let (old, new) = (change.before.format("%H:%M"), change.after.format("%H:%M"));
        Some(format!("clocks go {how} {old} → {new}{on}"))
    }

    /// The time on the person's own clock, with the days it is ahead or behind.
    fn second_time(&self, due_at: Option<Timestamp>, own: Tz) -> String {
        let Some(at) = due_at else {
            return String::new();
        };
        let (here, there) = (at.in_zone(&self.zone()), at.in_zone(&own));
        let days = there.date_naive() - here.date_naive();
        let clock = when::clock(Some(at), own);
        match days.num_days() {
            0 => clock,
            days => format!("{clock}{days:+}"),
        }
    }

    fn row(&self, index: usize, mut row: Row<'_>) {
        let (state, theme) = (self.state, self.theme);
        let Some(place) = state.entries().row(index) else {
            return;
        };
        let on = index == self.cursor;
        let carried = state
            .mode
            .carried()
            .is_some_and(|grab| grab.updates.contains(&place.update));
        let cut = state
            .cut
            .as_ref()
            .is_some_and(|cut| cut.updates.contains(&place.update));
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
        match (carried, marked, cut) {
            (true, _, _) => row.put("↕", theme.carried),
            (_, true, _) => row.put("*", theme.marked),
            (_, _, true) => row.put("x", theme.marked),
            _ => row.skip(1),
        };
        let former = self.former_row(place, index);
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
        if let Some(own) = self.second {
            let text = self.second_time(place.due_at, own);
            row.skip(1).column_of(&text, CLOCK, theme.dim);
        }
        row.skip(1)
            .column_of(self.profile.service.mark(), 2, theme.service)
            .skip(1);
        let (sign, style) = mark::sign(state.replica.mark(place.update), theme);
        row.put(sign, style);
        let locked = state.is_locked(place.due_at);
        // One column for both: what goes out now is told first, the detail tells the rest.
        let finding = state.lint.worst(place.update);
        match (locked, finding.map(Finding::weight)) {
            (true, _) => row.put("#", theme.warning),
            (false, Some(weight)) => {
                let (sign, style) = findings::sign(weight, theme);
                row.put(sign, style)
            }
            (false, None) => row.skip(1),
        };
        row.skip(1);
        match former {
            Some(former) => row.first_fitting(&self.times(place, former.due_at), theme.carried),
            None => row.right_fitting(&self.beside(update, locked)),
        };
        let text = match (carried, locked || cut) {
            (true, _) => theme.carried,
            (_, true) => theme.dim,
            _ => theme.text,
        };
        let text = (text, theme.found);
        let raw = &update.body.content.text;
        linked::first_line(self.links, raw, &mut row, |row| {
            row.first_line_with(raw, text, |shown| {
                let search = state.search();
                search.map_or_else(Vec::new, |search| search.typed.filter.found_in(shown))
            });
        });
    }

    /// A free slot: its time, and what it is.
    fn slot(&self, index: usize, at: Timestamp, mut row: Row<'_>) {
        let theme = self.theme;
        let on = index == self.cursor;
        match (on, self.focused) {
            (true, true) => row.put("▌", theme.cursor),
            (true, false) => row.put("▌", theme.cursor_resting),
            _ => row.skip(1),
        };
        let time = if on && self.focused {
            theme.time_selected
        } else {
            theme.dim
        };
        row.skip(1)
            .put(&when::clock(Some(at), self.zone()), time)
            .skip(2)
            .put("free slot", theme.dim);
    }

    /// What stands at the right end of a row that would get another time: the old one and the new
    /// one, and shorter ways to say it. What else stands there has to wait.
    fn times(&self, place: &queue::Row, former: Option<Timestamp>) -> [String; 3] {
        let zone = self.zone();
        let was = match former {
            Some(was) => when::beside(was, place.due_at, zone),
            None => "no time".to_owned(),
        };
        let now = when::beside_or_none(place.due_at, former, zone);
        let clock = when::clock(former, zone);
        [
            format!("{was} → {now}"),
            format!("was {was}"),
            format!("was {clock}"),
        ]
    }

    /// What stands at the right end: its tags if there is room for them, what is attached, its
    /// length if it matters.
    fn beside(&self, update: &Update, locked: bool) -> [Vec<(String, Style)>; 2] {
        let theme = self.theme;
        let mut parts: Vec<(String, Style)> = Vec::new();
        let mut add = |text: String, style: Style| {
            if !parts.is_empty() {
                parts.push((" ".to_owned(), theme.text));
            }
            parts.push((text, style));
        };
        if locked {
            add("locked".to_owned(), theme.warning);
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
            let to = self.links.to(&content.media.link);
            add("link".to_owned(), theme.dim.patch(to));
        }
        if !content.media.picture.is_empty() {
            let to = self.links.to(&content.media.picture);
            add("pic".to_owned(), theme.dim.patch(to));
        }
        let mut with_tags = parts.clone();
        if let Some(tags) = tags::of(self.state, update.id) {
            let gap = if parts.is_empty() { "" } else { " " };
            let tags = format!("[{tags}]{gap}");
            with_tags.insert(0, (tags, theme.number));
        }
        [with_tags, parts]
    }

    /// The row an update had before what is only looked at, if it gets another time.
    fn former_row(&self, place: &queue::Row, near: usize) -> Option<queue::Row> {
        let is_preview = matches!(self.state.mode, Mode::Shuffle(_));
        if !is_preview && self.state.mode.carried().is_none() {
            return None;
        }
        // What is carried here from another profile had its time there.
        let home = self.state.mode.carried();
        let home = home.filter(|grab| grab.updates.contains(&place.update));
        let shown = match home {
            Some(grab) => self.state.replica.queue(&grab.home),
            None => self.state.shown(),
        };
        let queue = &shown?.queue;
        let former = queue.rows().get(queue.position(place.update, near)?)?;
        (former.due_at != place.due_at).then_some(*former)
    }
}
