//! The last two lines: how things stand, and what to press or what was just said.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::{Row, first_line};
use super::{chord, dialogs, findings, hints};
use crate::app::State;
use crate::app::mode::Mode;
use crate::app::state::Pane;
use crate::app::status::Status;
use crate::app::{guard, lint};
use crate::domain::shown::Shown;
use crate::tui::theme::Theme;

/// Always: account, profile, the line, what waits, what needs the person and why. At the right what
/// counts down and what was typed.
pub(super) fn draw(status: &Status, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut row = Row::new(buffer, area, 0);
    row.skip(1);
    let mut right = Vec::new();
    // What runs out comes before everything else where there is no room beside it.
    let countdown = status.countdown.as_deref().map(Shown::new);
    let crowded = countdown.filter(|text| text.width() + 4 > usize::from(area.width) / 2);
    if let Some(countdown) = status.countdown.as_ref().filter(|_| crowded.is_none()) {
        right.push((Shown::new(countdown).clip(60), theme.warning));
    }
    if !status.typed.is_empty() {
        let gap = if right.is_empty() { "" } else { "  " };
        right.push((
            format!("{gap}{}", Shown::new(&status.typed).clip(12)),
            theme.key,
        ));
    }
    right.push((" ".to_owned(), theme.text));
    if right.len() > 1 {
        row.right(&right);
    }
    let first = crowded.map(|text| (text, theme.warning));
    for (index, (text, style)) in first.into_iter().chain(parts(status, theme)).enumerate() {
        if index > 0 {
            row.put(" · ", theme.dim);
        }
        row.say(&text, style);
    }
}

fn parts(status: &Status, theme: &Theme) -> Vec<(Shown, Style)> {
    let mut parts = vec![(first_line(&status.account), theme.text)];
    if let Some(profile) = &status.profile {
        parts.push((first_line(profile), theme.title_focused));
    }
    let link = if status.link_trouble {
        theme.warning
    } else {
        theme.dim
    };
    if !status.link.is_empty() {
        parts.push((first_line(&status.link), link));
    }
    if let Some(traffic) = &status.traffic {
        parts.push((first_line(traffic), theme.dim));
    }
    let left = status.time_left.as_deref().map(Shown::new);
    if let Some(left) = left.as_ref().filter(|_| status.waiting_said) {
        parts.push((left.clone(), theme.waiting));
    }
    let mut count = |number: usize, word: &str, style: Style| {
        if number > 0 {
            parts.push((Shown::new(&format!("{number} {word}")), style));
        }
    };
    count(status.failed, "failed", theme.bad);
    count(status.held, "held", theme.warning);
    count(status.unsaved, "not saved", theme.warning);
    if !status.waiting_said {
        let waiting = status.waiting.saturating_sub(status.unsaved);
        count(waiting, "waiting", theme.waiting);
        parts.extend(left.map(|left| (left, theme.waiting)));
    }
    if let Some(reading) = &status.reading {
        parts.push((first_line(reading), theme.dim));
    }
    if let Some(trouble) = &status.trouble {
        parts.push((first_line(trouble), theme.bad));
    }
    if let Some(age) = &status.age {
        parts.push((first_line(age), theme.dim));
    }
    if let Some(reason) = &status.link_reason {
        parts.push((first_line(reason), link));
    }
    if let Some(reason) = &status.reason {
        parts.push((first_line(reason), theme.warning));
    }
    if let Some(pretence) = status.pretence {
        parts.push((first_line(pretence), theme.dim));
    }
    parts
}

/// What was just said, then the keys that matter as far as there is room.
pub(super) fn keys(state: &State, status: &Status, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut row = Row::new(buffer, area, 0);
    if chord::line(state, theme, &mut row) {
        return;
    }
    if let Some((severity, text)) = &status.notice {
        let (sign, style) = dialogs::severity_sign(*severity, theme);
        row.skip(1)
            .put(sign, style)
            .skip(1)
            .first_line(text, theme.text)
            .skip(1);
    } else if let Some((sign, style, text)) = of_row(state, theme) {
        row.skip(1)
            .put(sign, style)
            .skip(1)
            .say(&text, theme.text)
            .skip(1);
    }
    if state.zoomed && matches!(state.mode, Mode::Lists) {
        hints::write(state, theme, hints::ZOOMED, &mut row);
    }
    hints::write(state, theme, hints::of(state), &mut row);
}

/// What there is to know of the update whose detail shows: that it is about to go out, or the worst
/// that was found of it. As the detail it follows the cursor when that rests, so that a step costs no
/// line of hints. While something is marked, the keys for that come first.
fn of_row(state: &State, theme: &Theme) -> Option<(&'static str, Style, Shown)> {
    let on = state.detail?;
    let is_marked = !state.marks.is_empty() || state.range.is_some();
    if !matches!(state.mode, Mode::Lists) || state.focus != Pane::Queue || is_marked {
        return None;
    }
    if let Some(text) = guard::words(state, on) {
        return Some(("#", theme.warning, Shown::new(&text)));
    }
    let finding = state.lint.worst(on)?;
    let (sign, style) = findings::sign(finding.weight(), theme);
    Some((sign, style, Shown::new(&lint::words(state, finding))))
}
