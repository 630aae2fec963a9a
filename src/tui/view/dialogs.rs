//! What is laid over the panes besides the composer: questions and messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Row, first_line};
use super::{frame, hints};
use crate::app::State;
use crate::app::mode::{Confirm, Scroll};
use crate::app::notice::Severity;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// A question. It is answered by keys that nobody presses by accident.
pub(super) fn confirm(
    state: &State,
    theme: &Theme,
    confirm: &Confirm,
    area: Rect,
    buffer: &mut Buffer,
) {
    let width = area.width.min(72);
    let wrapped = |raw: &String| wrap(&Shown::multiline(raw), usize::from(width.saturating_sub(4)));
    let lines: Vec<Shown> = confirm.lines.iter().flat_map(wrapped).collect();
    let warnings: Vec<Shown> = confirm.warnings.iter().flat_map(wrapped).collect();
    let wanted = lines.len() + warnings.len() + 4 + usize::from(!warnings.is_empty());
    let place = frame::middle(area, width, u16::try_from(wanted).unwrap_or(u16::MAX));
    let title = first_line(&confirm.title);
    let inner = frame::open(buffer, place, title.as_str(), "", theme.border_asking);
    let last = usize::from(inner.height.saturating_sub(1));
    let mut line = 0;
    for (texts, style) in [(lines, theme.text), (warnings, theme.warning)] {
        for shown in texts {
            if line + 1 < last.max(1) {
                Row::new(buffer, inner, line).say(&shown, style);
            }
            line += 1;
        }
        line += 1;
    }
    let mut row = Row::new(buffer, inner, last);
    hints::write(state, theme, hints::of(state), &mut row);
}

/// What the editor said so far, the latest first.
pub(super) fn messages(
    state: &State,
    theme: &Theme,
    scroll: Scroll,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = frame::open(buffer, area, "Messages", "", theme.border);
    let width = usize::from(inner.width.saturating_sub(2));
    let mut lines: Vec<(Shown, Option<Severity>)> = Vec::new();
    for notice in state.notices.past().iter().rev() {
        // The sign stands at the first line only, so that one sees where each begins.
        let mut sign = Some(notice.severity);
        for line in wrap(&Shown::multiline(&notice.text), width) {
            lines.push((line, sign.take()));
        }
    }
    if lines.is_empty() {
        Row::new(buffer, inner, 0).put("Nothing was said yet.", theme.dim);
    }
    frame::scrolled(
        buffer,
        inner,
        scroll.line,
        &lines,
        theme,
        |(line, severity), mut row| {
            match severity {
                Some(severity) => {
                    let (sign, style) = severity_sign(*severity, theme);
                    row.put(sign, style).skip(1);
                }
                None => {
                    row.skip(2);
                }
            }
            row.say(line, theme.text);
        },
    );
}

/// Returns the sign of a severity and its look.
pub(super) fn severity_sign(
    severity: Severity,
    theme: &Theme,
) -> (&'static str, ratatui::style::Style) {
    match severity {
        Severity::Done => ("✓", theme.good),
        Severity::Warning => ("!", theme.warning),
        Severity::Trouble => ("✗", theme.bad),
    }
}
