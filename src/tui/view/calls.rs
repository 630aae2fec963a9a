//! The log of requests, the latest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::row::Row;
use crate::app::State;
use crate::app::mode::Scroll;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// Columns of time, sign and latency.
const BEFORE: usize = 22;

/// A line: time, whether it went well, and how long it took, before the first of a request.
type Line = (Option<(String, bool, String)>, Shown);

pub(super) fn draw(state: &State, theme: &Theme, scroll: Scroll, area: Rect, buffer: &mut Buffer) {
    let count = state.calls.len().to_string();
    let inner = frame::open(buffer, area, "Requests", &count, theme.border);
    if state.calls.is_empty() {
        Row::new(buffer, inner, 0).put("No request was made yet.", theme.dim);
        return;
    }
    let zone = state.zone();
    let narrow = usize::from(inner.width) < 2 * BEFORE;
    let before = if narrow { 2 } else { BEFORE };
    let room = usize::from(inner.width).saturating_sub(before).max(1);
    let mut lines: Vec<Line> = Vec::new();
    for call in state.calls.iter().rev() {
        let at = call.at.in_zone(&zone).format("%H:%M:%S").to_string();
        let took = latency(call.millis);
        let said = format!("{}: {}", call.what, call.result);
        let text = if narrow {
            format!("{at} {took} {said}")
        } else {
            said
        };
        let mut first = Some((at, call.good, took));
        for line in wrap(&[Shown::new(&text)], room) {
            lines.push((first.take(), line));
        }
    }
    frame::scrolled(
        buffer,
        inner,
        scroll.line,
        &lines,
        theme,
        |line, mut row| {
            match &line.0 {
                Some((at, good, took)) => {
                    let (sign, style) = if *good {
                        ("✓", theme.good)
                    } else {
                        ("✗", theme.bad)
                    };
                    if narrow {
                        row.put(sign, style).skip(1);
                    } else {
                        row.put(at, theme.dim).skip(1).put(sign, style).skip(1);
                        row.put(&format!("{took:>9}"), theme.number).skip(2);
                    }
                }
                None => {
                    row.skip(u16::try_from(before).unwrap_or(0));
                }
            }
            row.say(&line.1, theme.text);
        },
    );
}

fn latency(millis: u64) -> String {
    if millis < 10_000 {
        format!("{millis} ms")
    } else {
        format!("{} s", millis / 1000)
    }
}
