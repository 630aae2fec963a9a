//! How a profile did: the trend of each number over its sent updates, and the hours of the week at
//! which they did best.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame;
use super::row::{Row, first_line};
use super::sent::short;
use crate::app::State;
use crate::app::command::Command;
use crate::app::mode::Scroll;
use crate::domain::figures::{self, ENOUGH_SENT, HOURS, Trend, Week, columns, level};
use crate::domain::update::Update;
use crate::tui::theme::Theme;

/// Columns of the names of numbers.
const NAMES: u16 = 11;
/// Columns of a day's name.
const DAYS: u16 = 5;
/// So many of the best hours are named.
const BEST: usize = 3;

/// Eighths of a cell, from nothing to all of it.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// From nothing to the best. Told apart by how much is filled, not by colour.
const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];

/// One line, as parts with their looks.
type Line = Vec<(String, Style)>;

pub(super) fn draw(state: &State, theme: &Theme, scroll: Scroll, area: Rect, buffer: &mut Buffer) {
    let (updates, total) = state.sent().map_or((&[][..], None), |sent| {
        (sent.updates.as_slice(), sent.total)
    });
    let name = state.profile().map_or_else(String::new, |profile| {
        first_line(&profile.formatted_username).as_str().to_owned()
    });
    let right = match total {
        Some(total) if total > updates.len() as u64 => {
            format!("{} of {total} sent updates read", updates.len())
        }
        _ => format!("{} sent updates", updates.len()),
    };
    let heading = format!("Numbers of {name}");
    let inner = frame::open(buffer, area, &heading, &right, theme.border);
    let chosen = state.figure().map(|(name, _)| name);
    let mut lines: Vec<Line> = Vec::new();
    trends(theme, updates, chosen, inner.width, &mut lines);
    if let Some(chosen) = chosen {
        lines.push(Vec::new());
        hours(state, theme, updates, chosen, inner.width, &mut lines);
    }
    let write = |line: &Line, mut row: Row<'_>| {
        for (text, style) in line {
            row.put(text, *style);
        }
    };
    frame::scrolled(buffer, inner, scroll.line, &lines, theme, write);
}

fn trends(
    theme: &Theme,
    updates: &[Update],
    chosen: Option<&str>,
    width: u16,
    lines: &mut Vec<Line>,
) {
    let trends = figures::trends(updates);
    if trends.is_empty() {
        let text = if updates.is_empty() {
            "Nothing was sent yet. Numbers come with the first updates that go out."
        } else {
            "The network told no numbers of what was sent."
        };
        return lines.push(vec![(text.to_owned(), theme.dim)]);
    }
    let told = "from the oldest to the newest";
    lines.push(vec![
        ("Trend".to_owned(), theme.heading),
        (format!("  {told}"), theme.dim),
    ]);
    for trend in &trends {
        lines.push(trend_line(
            theme,
            trend,
            chosen == Some(trend.figure),
            width,
        ));
    }
}

fn trend_line(theme: &Theme, trend: &Trend, chosen: bool, width: u16) -> Line {
    let last = trend.values.last().copied().unwrap_or(0);
    let numbers = format!(
        "{:>5} last {:>5} mean {:>5} most",
        short(last),
        short(trend.mean),
        short(trend.most)
    );
    let room = usize::from(width.saturating_sub(NAMES + 2)).saturating_sub(numbers.len());
    let values = columns(&trend.values, room);
    // A mean of several is lower than the largest of them; the line fills its row all the same.
    let most = values.iter().copied().max().unwrap_or(0);
    let line: String = values
        .iter()
        .map(|value| EIGHTHS[usize::from(level(*value, most, 8))])
        .collect();
    let name = if chosen { theme.chosen } else { theme.text };
    let pad = usize::from(NAMES) - trend.figure.len().min(usize::from(NAMES));
    vec![
        (trend.figure.to_owned(), name),
        (" ".repeat(pad), theme.text),
        (format!("{line:<room$}"), theme.good),
        (format!("  {numbers}"), theme.number),
    ]
}

fn hours(
    state: &State,
    theme: &Theme,
    updates: &[Update],
    figure: &'static str,
    width: u16,
    lines: &mut Vec<Line>,
) {
    let zone = state.zone();
    let mut heading = vec![
        (format!("Best hours by {figure}"), theme.heading),
        (format!("  {}", zone.name()), theme.dim),
    ];
    if let Some(key) = state.keymap.keys_of(Command::NextFigure).first() {
        heading.push((format!("  {key}"), theme.key));
        heading.push((" another number".to_owned(), theme.dim));
    }
    lines.push(heading);
    let Some(week) = figures::week(updates, figure, zone) else {
        let text = format!(
            "From {ENOUGH_SENT} sent updates on, this shows which hours of the week do best; {} were read.",
            updates.len()
        );
        return lines.push(vec![(text, theme.dim)]);
    };
    let best = week.best(BEST);
    if best.is_empty() {
        let text = "No hour had two updates yet; one alone is called no best hour.";
        lines.push(vec![(text.to_owned(), theme.dim)]);
    }
    for best in best {
        lines.push(vec![
            (format!("{} {:02}:00", best.day, best.hour), theme.number),
            (
                format!(
                    "  {} on average, of {} updates",
                    short(best.did.mean),
                    best.did.count
                ),
                theme.text,
            ),
        ]);
    }
    map(theme, &week, width, lines);
}

/// A row for each day, two columns for each hour where there is room, else one.
fn map(theme: &Theme, week: &Week, width: u16, lines: &mut Vec<Line>) {
    let wide = usize::from(width.saturating_sub(DAYS)) >= 2 * HOURS;
    let columns = if wide { 2 } else { 1 };
    let mut hours = String::new();
    for hour in (0..HOURS).step_by(if wide { 2 } else { 3 }) {
        let cell = columns * if wide { 2 } else { 3 };
        let _ = write!(hours, "{hour:<cell$}");
    }
    let before = " ".repeat(usize::from(DAYS));
    lines.push(vec![(format!("{before}{hours}"), theme.dim)]);
    let most = week.most();
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    for (day, row) in days.iter().zip(&week.hours) {
        let cells: String = row
            .iter()
            .map(|hour| match hour.count {
                0 => " ".repeat(columns),
                _ => SHADES[usize::from(level(hour.mean, most, 4))].repeat(columns),
            })
            .collect();
        lines.push(vec![
            (
                format!("{day:<width$}", width = usize::from(DAYS)),
                theme.dim,
            ),
            (cells, theme.good),
        ]);
    }
    let legend = format!(
        "{before}blank: nothing went out   {} nothing came   {} little   {} most",
        SHADES[0], SHADES[1], SHADES[4]
    );
    lines.push(vec![(legend, theme.dim)]);
}
