//! What the terminal can do and how things stand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame;
use super::row::Row;
use crate::app::State;
use crate::app::doctor::{Finding, Verdict, report};
use crate::app::mode::Scroll;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// Columns of a sign and of a name.
const BEFORE: u16 = 16;
/// The same where there is little room.
const NARROW: u16 = 2;

/// A line: what stands before the text, and the text.
struct Line {
    sign: Option<Verdict>,
    name: &'static str,
    text: Shown,
    style: Style,
}

pub(super) fn draw(state: &State, theme: &Theme, scroll: Scroll, area: Rect, buffer: &mut Buffer) {
    let report = report(state);
    let right = match report.worst() {
        Verdict::Well => "all is well",
        Verdict::Look => "worth a look",
        Verdict::Act => "something to do",
    };
    let inner = frame::open(buffer, area, "Doctor", right, theme.border);
    let before = if inner.width < 4 * BEFORE {
        NARROW
    } else {
        BEFORE
    };
    let mut lines = Vec::new();
    for part in &report.parts {
        if !lines.is_empty() {
            lines.push(plain("", theme.text));
        }
        lines.push(plain(&part.heading, theme.heading));
        for finding in &part.findings {
            add(
                theme,
                finding,
                inner.width.saturating_sub(before),
                &mut lines,
                before,
            );
        }
    }
    frame::scrolled(
        buffer,
        inner,
        scroll.line,
        &lines,
        theme,
        |line, mut row| {
            write(theme, line, before, &mut row);
        },
    );
}

fn plain(text: &str, style: Style) -> Line {
    Line {
        sign: None,
        name: "",
        text: Shown::new(text),
        style,
    }
}

fn add(theme: &Theme, finding: &Finding, room: u16, lines: &mut Vec<Line>, before: u16) {
    let value = if before == NARROW {
        Shown::new(&format!("{}: {}", finding.name, finding.value))
    } else {
        Shown::new(&finding.value)
    };
    let advice = finding.advice.as_deref().map(Shown::new);
    let style = if finding.verdict == Verdict::Well {
        theme.dim
    } else {
        theme.warning
    };
    let texts = [(Some(value), theme.text), (advice, style)];
    let texts = texts
        .into_iter()
        .filter_map(|(text, style)| Some((text?, style)));
    let mut first = Some((finding.verdict, finding.name));
    for (text, style) in texts {
        for text in wrap(&[text], room.into()) {
            let (sign, name) = first.take().unzip();
            lines.push(Line {
                sign: sign.or(Some(Verdict::Well)).filter(|_| sign.is_some()),
                name: name.unwrap_or(" "),
                text,
                style,
            });
        }
    }
}

fn write(theme: &Theme, line: &Line, before: u16, row: &mut Row<'_>) {
    if !line.name.is_empty() {
        let (sign, style) = match line.sign {
            None => (" ", theme.text),
            Some(Verdict::Well) => ("✓", theme.good),
            Some(Verdict::Look) => ("~", theme.warning),
            Some(Verdict::Act) => ("‼", theme.bad),
        };
        row.put(sign, style).skip(1);
        if before == BEFORE {
            row.column_of(line.name, BEFORE - 2, theme.dim);
        }
    }
    row.say(&line.text, line.style);
}
