//! Findings: their signs, and the list of all of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{frame, when};
use crate::app::State;
use crate::app::lint::{Counts, words};
use crate::app::mode::Findings;
use crate::domain::lint::Weight;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// From so many columns on the texts show beside what was found of them.
const TEXTS: u16 = 110;

/// Returns the sign of a finding and its look.
pub(super) fn sign(weight: Weight, theme: &Theme) -> (&'static str, Style) {
    match weight {
        Weight::Serious => ("‼", theme.bad),
        Weight::Hint => ("~", theme.warning),
    }
}

/// Returns what the heading of the queue says of findings.
pub(super) fn counts(counts: Counts, theme: &Theme) -> Vec<(String, Style)> {
    let of = [
        (Weight::Serious, counts.serious),
        (Weight::Hint, counts.hints),
    ];
    of.into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(weight, number)| {
            let (sign, style) = sign(weight, theme);
            (format!("{sign} {number}"), style)
        })
        .collect()
}

/// Draws the list: the updates with what was found of them, and below all about the one under the
/// cursor.
pub(super) fn draw(
    state: &State,
    theme: &Theme,
    findings: &Findings,
    area: Rect,
    buffer: &mut Buffer,
) {
    let place = frame::middle(area, 120, area.height);
    let count = findings.list.len();
    let right = if state.lint.is_looking() {
        "looking …".to_owned()
    } else {
        count.to_string()
    };
    let inner = frame::open(buffer, place, "Findings", &right, theme.border);
    if count == 0 {
        let text = if state.lint.is_looking() {
            "Still looking."
        } else {
            "Nothing is twice, too long, too late or too close."
        };
        Row::new(buffer, inner, 1).skip(1).put(text, theme.good);
        return;
    }
    let told: Vec<Shown> = findings.on().map_or_else(Vec::new, |on| {
        let all = state.lint.of(on);
        let text = state.update(on).map(|u| u.body.content.text.as_str());
        let text = super::row::first_line(text.unwrap_or_default());
        let mut lines = vec![Shown::new(&text.clip(inner.width.into()))];
        let all: Vec<Shown> = all.map(|f| Shown::new(&words(state, f))).collect();
        lines.extend(wrap(&all, inner.width.into()));
        lines
    });
    let height = usize::from(inner.height);
    let below = told.len().min(height.saturating_sub(3));
    let rows = height - below - usize::from(below > 0);
    let from = frame::window(findings.offset, findings.cursor, count, rows);
    let zone = state.zone();
    for (line, id) in findings.list.iter().skip(from).take(rows).enumerate() {
        let on = from + line == findings.cursor;
        let mut row = Row::new(buffer, inner, line);
        row.put(if on { "▌" } else { " " }, theme.cursor);
        let Some(finding) = state.lint.worst(*id) else {
            row.put("  no longer", theme.dim);
            continue;
        };
        let at = state.shown().and_then(|shown| {
            let row = shown.rows().get(shown.queue.find(*id)?)?;
            Some(when::stamp(row.due_at?, state.now, zone))
        });
        let time = if on { theme.time_selected } else { theme.dim };
        let at = at.unwrap_or_else(|| format!("{:12}", "no time"));
        let (sign, style) = sign(finding.weight(), theme);
        row.put(&at, time).skip(1).put(sign, style).skip(1);
        let text = state.update(*id).map(|u| u.body.content.text.as_str());
        let text = super::row::first_line(text.unwrap_or_default());
        if inner.width >= TEXTS {
            row.right(&[(text.clip(usize::from(inner.width) / 3), theme.dim)]);
        }
        row.say(&Shown::new(&words(state, finding)), theme.text);
    }
    if below > 0 {
        Row::new(buffer, inner, rows).rule(theme.border);
    }
    for (line, text) in told.iter().take(below).enumerate() {
        let style = if line == 0 { theme.dim } else { theme.text };
        Row::new(buffer, inner, rows + 1 + line).say(text, style);
    }
}
