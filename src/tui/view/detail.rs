//! One update in full: when it goes out, its text, what is attached, its numbers, what went wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::{Row, first_line, title};
use super::sent::short;
use super::when;
use super::{findings, frame, linked};
use crate::app::State;
use crate::app::layout::body;
use crate::app::mode::Scroll;
use crate::app::{guard, lint};
use crate::domain::clocks::{Oddity, oddity};
use crate::domain::length::measure;
use crate::domain::lint::Weight;
use crate::domain::operation::OperationState;
use crate::domain::profile::Profile;
use crate::domain::shown::{Shown, wrap};
use crate::domain::time::Timestamp;
use crate::domain::update::{Status, Update};
use crate::tui::links::Links;
use crate::tui::theme::Theme;

/// A line of the detail: a name in a column of its own, or none, and text.
struct Line {
    name: &'static str,
    text: Shown,
    style: Style,
}

/// Columns of the names.
const NAMES: u16 = 9;

/// Draws the pane that follows the cursor.
pub(super) fn pane(state: &State, theme: &Theme, links: &Links, area: Rect, buffer: &mut Buffer) {
    let Some(update) = state.selected() else {
        return free_slot(state, theme, area, buffer);
    };
    let profile = state.replica.profile(&update.body.profile);
    let beside = [(headline(state, update, profile), theme.text)];
    let right = length(update, profile);
    let name = ("Update", theme.title);
    title(buffer, area, name, &beside, &right, theme.border);
    let inner = inset(body(area));
    let facts = facts(state, theme, update, inner.width);
    let height = usize::from(inner.height);
    let text = text(update, inner.width);
    // The facts keep their place below; the text gets at least the half.
    let for_facts = facts
        .len()
        .min(height.saturating_sub(text.len().min(height.div_ceil(2))));
    let for_text = height - for_facts;
    let cut = text.len() > for_text;
    for (line, shown) in text.iter().take(for_text).enumerate() {
        let mut row = Row::new(buffer, inner, line);
        if cut && line + 1 == for_text {
            row.right(&[("… Enter shows all".to_owned(), theme.dim)]);
        }
        row.say(shown, theme.text);
    }
    let begin = if cut { for_text } else { text.len() };
    for (line, fact) in facts.iter().take(for_facts).enumerate() {
        write(fact, theme, Row::new(buffer, inner, begin + line));
    }
    linked::area(links, &with_links(update), inner, buffer);
}

/// What of an update may hold addresses.
fn with_links(update: &Update) -> [&str; 3] {
    let content = &update.body.content;
    [&content.text, &content.media.link, &content.media.picture]
}

/// What there is to tell where no update is: of a free slot, when it is and what it is for.
fn free_slot(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Some(at) = state.slot_under_cursor() else {
        title(buffer, area, ("Update", theme.title), &[], "", theme.border);
        return;
    };
    let name = ("Free slot", theme.title);
    let when = when::full(at, state.now, state.zone());
    let beside = [(when, theme.text)];
    title(buffer, area, name, &beside, "", theme.border);
    let inner = inset(body(area));
    let text = "Nothing goes out then. c writes an update for it; m on an update carries one here.";
    let lines = wrap(&[Shown::new(text)], inner.width.into());
    for (line, text) in lines.iter().take(inner.height.into()).enumerate() {
        Row::new(buffer, inner, line).say(text, theme.dim);
    }
}

/// Draws the full view over the panes.
pub(super) fn full(
    state: &State,
    theme: &Theme,
    web: &Links,
    scroll: Scroll,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(update) = state.under_cursor().or_else(|| state.selected()) else {
        frame::open(buffer, area, "Update", "", theme.border);
        return;
    };
    let profile = state.replica.profile(&update.body.profile);
    let name = profile.map_or_else(Shown::default, |p| first_line(&p.formatted_username));
    let heading = format!("Update of {}", name.as_str());
    let inner = frame::open(
        buffer,
        area,
        &heading,
        &length(update, profile),
        theme.border,
    );
    let left = due(state, update)
        .filter(|_| update.body.status == Status::Pending)
        .and_then(|at| when::until(at, state.now));
    let left = left.map_or_else(String::new, |left| format!(" · {left}"));
    let mut lines = vec![Line {
        name: "",
        text: Shown::new(&format!("{}{left}", headline(state, update, profile))),
        style: theme.heading,
    }];
    let blank = || Line {
        name: "",
        text: Shown::default(),
        style: theme.text,
    };
    lines.push(blank());
    lines.extend(text(update, inner.width).into_iter().map(|text| Line {
        name: "",
        text,
        style: theme.text,
    }));
    lines.push(blank());
    lines.extend(facts(state, theme, update, inner.width));
    frame::scrolled(buffer, inner, scroll.line, &lines, theme, |line, row| {
        write(line, theme, row);
    });
    linked::area(web, &with_links(update), inner, buffer);
}

fn write(line: &Line, theme: &Theme, mut row: Row<'_>) {
    if !line.name.is_empty() {
        row.column_of(line.name, NAMES, theme.dim);
    }
    row.say(&line.text, line.style);
}

/// Leaves the margin of the lists free, so that text stands under text.
fn inset(area: Rect) -> Rect {
    Rect {
        x: area.x + 2.min(area.width),
        width: area.width.saturating_sub(3),
        ..area
    }
}

fn text(update: &Update, width: u16) -> Vec<Shown> {
    wrap(&Shown::multiline(&update.body.content.text), width.into())
}

/// When it goes out: as its row says, which knows of moves the API has not yet confirmed.
fn due(state: &State, update: &Update) -> Option<Timestamp> {
    let queue = state.replica.queue(&update.body.profile);
    let row = queue.and_then(|shown| Some(shown.rows()[shown.queue.find(update.id)?]));
    row.map_or(update.body.due_at, |row| row.due_at)
}

/// When it goes out, went out, or should have.
fn headline(state: &State, update: &Update, profile: Option<&Profile>) -> String {
    let zone = profile.map_or_else(|| state.zone(), |profile| profile.timezone);
    let body = &update.body;
    let at = |at: Timestamp| {
        let full = format!("{} {}", when::full(at, state.now, zone), zone.name());
        match state.second_clock(zone, at) {
            Some(own) => {
                let here = when::here(at, zone, own);
                format!("{full} · {here} {}", own.name())
            }
            None => full,
        }
    };
    match (body.status, &body.outcome.sent, due(state, update)) {
        (Status::Sent, Some(sent), _) => format!("went out {}", at(sent.at)),
        (Status::Sent, None, _) => "went out".to_owned(),
        (Status::Failed, _, Some(due)) => format!("failed, was due {}", at(due)),
        (Status::Failed, _, None) => "failed".to_owned(),
        (Status::Draft, ..) => "a draft".to_owned(),
        (Status::Pending, _, None) => "no time yet".to_owned(),
        (Status::Pending, _, Some(due)) => {
            let how = match body.own_time {
                Some(own) if own.pinned => ", pinned to its slot",
                Some(_) => ", its own time",
                None => "",
            };
            format!("{}{how}", at(due))
        }
    }
}

/// What a change of the clocks does to the time of an update.
fn odd_time(state: &State, update: &Update) -> Option<String> {
    let profile = state.replica.profile(&update.body.profile)?;
    let zone = profile.timezone;
    let at = due(state, update)?;
    Some(match oddity(zone, &profile.schedule, at)? {
        Oddity::Twice { first } => {
            let (which, clock) = (if first { "first" } else { "second" }, Some(at));
            format!(
                "{} comes twice that day, as clocks go back; this is the {which}",
                when::clock(clock, zone)
            )
        }
        Oddity::Missing { slot } => format!(
            "its slot {} is not there that day, as clocks go forward; it goes out at {}",
            slot.format("%H:%M"),
            when::clock(Some(at), zone)
        ),
    })
}

fn length(update: &Update, profile: Option<&Profile>) -> String {
    let Some(profile) = profile else {
        return String::new();
    };
    let text = &update.body.content.text;
    let length = measure(&profile.service, text, profile.character_limit);
    match length.limit {
        Some(limit) if length.is_over() => format!("over {}/{limit}", length.used),
        Some(limit) => format!("{}/{limit}", length.used),
        None => format!("{} characters", length.used),
    }
}

/// What there is besides the text: trouble first, then what is attached, then the numbers.
fn facts(state: &State, theme: &Theme, update: &Update, width: u16) -> Vec<Line> {
    let body = &update.body;
    let mut lines = Vec::new();
    let room = usize::from(width.saturating_sub(NAMES));
    let mut add = |name: &'static str, raw: &str, style: Style| {
        let wrapped = wrap(&[Shown::new(raw)], room);
        for (i, text) in wrapped.into_iter().enumerate() {
            let name = if i == 0 { name } else { " " };
            lines.push(Line { name, text, style });
        }
    };
    if let Some(reason) = &body.outcome.error {
        add("✗ failed", reason, theme.bad);
    }
    for (operation, how_far) in state.replica.operations_of(update.id) {
        let word = operation.change.word();
        match how_far {
            OperationState::Failed { reason, .. } => {
                add("✗ refused", &format!("{word}: {reason}"), theme.bad);
            }
            OperationState::Held { reason, .. } => {
                add("? held", &format!("{word}: {reason}"), theme.warning);
            }
            OperationState::Unsaved {
                reason: Some(reason),
            } => add("! unsaved", &format!("{word}: {reason}"), theme.warning),
            _ => {}
        }
    }
    if let Some(text) = guard::words(state, update.id) {
        add("# locked", &text, theme.warning);
    }
    if body.status == Status::Pending {
        for finding in state.lint.of(update.id) {
            let (name, style) = match findings::sign(finding.weight(), theme) {
                (_, style) if finding.weight() == Weight::Serious => ("‼ wrong", style),
                (_, style) => ("~ look", style),
            };
            add(name, &lint::words(state, finding), style);
        }
        if let Some(text) = odd_time(state, update) {
            add("clocks", &text, theme.warning);
        }
    }
    if let Some(tags) = state.tags.of(update.id) {
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let text = format!("{}  (kept here, not sent)", tags.join(", "));
        add("tags", &text, theme.text);
    }
    let media = &body.content.media;
    for (name, value) in [
        ("link", &media.link),
        ("title", &media.title),
        ("about", &media.description),
        ("picture", &media.picture),
    ] {
        if !value.is_empty() {
            add(name, value, theme.text);
        }
    }
    if !body.outcome.statistics.is_empty() {
        let numbers: Vec<String> = body
            .outcome
            .statistics
            .iter()
            .map(|(name, number)| format!("{} {name}", short(*number)))
            .collect();
        add("numbers", &numbers.join("   "), theme.text);
    }
    lines
}
