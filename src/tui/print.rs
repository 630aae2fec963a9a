//! The screen as lines of text, where no terminal is.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth as _};

use super::links::Links;
use super::theme::Theme;
use super::view::view;
use crate::app::State;

/// No terminal has more columns and lines.
const MOST: (u16, u16) = (1_000, 500);

/// Returns what a screen of this size shows, line by line, without colours.
pub fn print(state: &State, (width, height): (u16, u16)) -> String {
    let theme = Theme::of(state.settings.look, state.settings.terminal.colors);
    let size = TestBackend::new(width.min(MOST.0), height.min(MOST.1));
    let Ok(mut terminal) = Terminal::new(size);
    let links = Links::default();
    let Ok(_) = terminal.draw(|frame| view(state, &theme, &links, frame));
    text(terminal.backend().buffer())
}

/// The buffer as lines; a wide character stands for both its cells.
fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += symbol.cell_width().max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
