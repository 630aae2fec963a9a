//! Draws a state. Reads it and never changes it; lays out only what is visible.

use ratatui::Frame;

use super::theme::Theme;
use crate::app::State;

/// Draws `state` on the whole of `frame`.
pub fn view(state: &State, theme: &Theme, frame: &mut Frame<'_>) {
    let _ = (state, theme, frame);
}
