//! What the last custom command said.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::row::first_line;
use crate::app::State;
use crate::app::mode::Scroll;
use crate::domain::shown::{Shown, wrap};
use crate::tui::theme::Theme;

/// No more lines are laid out.
const MOST: usize = 10_000;

pub(super) fn draw(state: &State, theme: &Theme, scroll: Scroll, area: Rect, buffer: &mut Buffer) {
    let Some(said) = &state.customs.said else {
        frame::open(buffer, area, "Output", "", theme.border);
        return;
    };
    let heading = format!("What {} said", first_line(&said.name).clip(40));
    let (right, border) = match &said.failed {
        Some(how) => (how.as_str(), theme.bad),
        None => ("", theme.border),
    };
    let inner = frame::open(buffer, area, &heading, right, border);
    let width = usize::from(inner.width);
    let raw = said.lines().take(MOST).collect::<Vec<_>>().join("\n");
    let lines = wrap(&Shown::multiline(&raw), width);
    frame::scrolled(
        buffer,
        inner,
        scroll.line,
        &lines,
        theme,
        |line, mut row| {
            row.say(line, theme.text);
        },
    );
}
