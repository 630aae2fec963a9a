//! What was sent, newest first, below what failed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::filter;
use super::linked;
use super::mark;
use super::row::{Row, first_line, title};
use super::tags;
use super::when;
use crate::app::State;
use crate::app::layout::body;
use crate::app::state::{Loading, Pane};
use crate::domain::figures::{self, FIGURES, level};
use crate::domain::replica::Mark;
use crate::domain::shown::Shown;
use crate::domain::update::{Status, Update};
use crate::tui::links::Links;
use crate::tui::theme::Theme;

/// Columns of a bar, and from which width of the pane on there is room for it.
const BAR: (u16, u16) = (6, 50);
/// Columns that a number needs with its name, as `    12 favorites`.
const NUMBER: usize = 15;
/// In fewer columns than this tags say nothing.
const SHORTEST: usize = 5;
/// Eighths of a column, from one to all.
const EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

pub(super) fn draw(state: &State, theme: &Theme, links: &Links, area: Rect, buffer: &mut Buffer) {
    heading(state, theme, area, buffer);
    let rows = body(area);
    let cursor = state.cursors().sent;
    let focused = state.focus == Pane::Sent;
    let height = usize::from(rows.height);
    if state.sent_len() == 0 {
        Row::new(buffer, rows, 1)
            .skip(3)
            .put(nothing(state), theme.dim);
        return;
    }
    let (figure, most) = state.figure().unzip();
    let most = most.unwrap_or(0);
    let bars = most > 0 && rows.width >= BAR.1;
    for line in 0..height {
        let index = cursor.offset + line;
        let Some(update) = state.sent_row(index) else {
            break;
        };
        let mut row = Row::new(buffer, rows, line);
        match (index == cursor.index, focused) {
            (true, true) => row.put("▌", theme.cursor),
            (true, false) => row.put("▌", theme.cursor_resting),
            _ => row.skip(1),
        };
        let time = if index == cursor.index && focused {
            theme.time_selected
        } else {
            theme.time
        };
        row.skip(1).put(&stamp(state, update), time).skip(1);
        let (sign, style) = match state.replica.mark(update.id) {
            Mark::Confirmed if update.body.status == Status::Failed => ("✗", theme.bad),
            mark => mark::sign(mark, theme),
        };
        row.put(sign, style).skip(1);
        row.right_fitting(&right(state, theme, update, row.room() / 2, figure));
        if bars {
            bar(theme, update, figure, most, &mut row);
        }
        let raw = &update.body.content.text;
        linked::first_line(links, raw, &mut row, |row| {
            row.first_line_with(raw, (theme.text, theme.found), |shown| {
                let typed = state.filter_of(Pane::Sent);
                typed.map_or_else(Vec::new, |typed| typed.filter.found_in(shown))
            });
        });
    }
}

fn heading(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let style = if state.focus == Pane::Sent {
        theme.title_focused
    } else {
        theme.title
    };
    let mut beside = Vec::new();
    beside.extend(filter::beside(state, Pane::Sent, theme));
    if !state.failed().is_empty() {
        beside.push((format!("{} failed", state.failed().len()), theme.bad));
    }
    let sent = state.sent();
    match sent.map(|sent| &sent.loading) {
        Some(Loading::Asked { .. }) => beside.push(("reading".to_owned(), theme.dim)),
        Some(Loading::Failed { reason, .. }) => {
            beside.push((format!("could not be read: {reason}"), theme.bad));
        }
        _ => {}
    }
    if let Some((by, order)) = sent.and_then(|sent| sent.order.as_ref()) {
        beside.push((
            format!("by {by}, of the {} read", order.len()),
            theme.marked,
        ));
    }
    let total = sent.and_then(|sent| sent.total);
    let read = sent.map_or(0, |sent| sent.updates.len());
    let right = match (&state.shows_of_sent(), total) {
        (Some(shown), _) => format!("{shown} of {} read", state.failed().len() + read),
        // The list ends there for now.
        (None, Some(total)) if (read as u64) < total => format!("{total} sent, {read} read"),
        (None, Some(total)) => format!("{total} sent"),
        (None, None) => String::new(),
    };
    title(buffer, area, ("Sent", style), &beside, &right, theme.border);
}

fn nothing(state: &State) -> &'static str {
    match state.sent() {
        Some(_) if state.filter_of(Pane::Sent).is_some() => {
            "Nothing matches of what was read. Esc clears the filter."
        }
        Some(sent) if sent.total == Some(0) => "Nothing was sent yet.",
        Some(sent) if matches!(sent.loading, Loading::Failed { .. }) => "Press R to try again.",
        _ => "Not read yet.",
    }
}

fn stamp(state: &State, update: &Update) -> String {
    let body = &update.body;
    let at = match &body.outcome.sent {
        Some(sent) => sent.at,
        None => body.due_at.unwrap_or(body.created_at),
    };
    when::stamp(at, state.now, state.zone())
}

/// Its tags, as much of them as there is room for, and its numbers; the numbers alone where not
/// both fit.
fn right(
    state: &State,
    theme: &Theme,
    update: &Update,
    room: usize,
    figure: Option<&'static str>,
) -> [Vec<(String, Style)>; 2] {
    let mut both = tagged(state, theme, update, room / 2);
    let used: usize = both.iter().map(|(text, _)| Shown::new(text).width()).sum();
    let left = room.saturating_sub(used).max(room.min(NUMBER));
    both.extend(beside(update, theme, left, figure));
    [both, beside(update, theme, room, figure)]
}

/// Its tags.
fn tagged(state: &State, theme: &Theme, update: &Update, room: usize) -> Vec<(String, Style)> {
    let room = room.saturating_sub(3);
    let tags = tags::of(state, update.id).filter(|_| room >= SHORTEST);
    let tags = tags.map(|tags| (format!("[{}] ", tags.clip(room)), theme.number));
    tags.into_iter().collect()
}

/// The key numbers, as many as fit; of a failed one why it failed.
fn beside(
    update: &Update,
    theme: &Theme,
    room: usize,
    figure: Option<&'static str>,
) -> Vec<(String, Style)> {
    if let Some(reason) = &update.body.outcome.error {
        return vec![(first_line(reason).clip(room.min(40)), theme.bad)];
    }
    let mut parts: Vec<(String, Style)> = Vec::new();
    let mut used = 0;
    for (name, number) in key_numbers(update, figure) {
        // Each number has a width of its own, so that they stand below each other.
        let number = format!("{:>5}", short(number));
        let gap = if parts.is_empty() { "" } else { "  " };
        used += gap.len() + number.len() + 1 + name.len();
        if used > room || parts.len() >= 6 {
            break;
        }
        parts.push((format!("{gap}{number}"), theme.number));
        parts.push((format!(" {name}"), theme.dim));
    }
    parts
}

/// The numbers of an update, the chosen one first.
fn key_numbers(
    update: &Update,
    figure: Option<&'static str>,
) -> impl Iterator<Item = (&'static str, i64)> {
    let others = FIGURES
        .into_iter()
        .filter(move |name| Some(*name) != figure);
    figure.into_iter().chain(others).filter_map(|name| {
        let number = *update.body.outcome.statistics.get(name)?;
        Some((name, number))
    })
}

/// A bar as long as the chosen number is large beside the largest.
fn bar(theme: &Theme, update: &Update, figure: Option<&str>, most: i64, row: &mut Row<'_>) {
    let after = row.column().saturating_add(BAR.0 + 1);
    if let Some(name) = figure {
        let eighths = level(figures::figure(update, name), most, BAR.0 * 8);
        let (whole, part) = (usize::from(eighths / 8), usize::from(eighths % 8));
        row.put(&"█".repeat(whole), theme.good);
        if part > 0 {
            row.put(EIGHTHS[part - 1], theme.good);
        }
    }
    row.skip(after.saturating_sub(row.column()));
}

/// Returns a number in at most five columns: `950`, `12.3k`, `4.5M`.
pub(super) fn short(number: i64) -> String {
    let size = number.unsigned_abs();
    let sign = if number < 0 { "-" } else { "" };
    let scaled = |unit: u64, letter: char| {
        let tenths = size / (unit / 10);
        if tenths >= 1000 {
            format!("{sign}{}{letter}", tenths / 10)
        } else {
            format!("{sign}{}.{}{letter}", tenths / 10, tenths % 10)
        }
    };
    match size {
        0..=9_999 => number.to_string(),
        10_000..=999_999 => scaled(1_000, 'k'),
        1_000_000..=999_999_999 => scaled(1_000_000, 'M'),
        _ => scaled(1_000_000_000, 'G'),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn numbers_keep_to_their_column() {
        let cases = [
            (0, "0"),
            (-7, "-7"),
            (9_999, "9999"),
            (12_345, "12.3k"),
            (999_999, "999k"),
            (1_500_000, "1.5M"),
        ];
        for (number, want) in cases {
            assert_eq!(short(number), want);
        }
        assert!(!short(i64::MIN).is_empty());
    }
}
