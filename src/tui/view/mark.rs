//! The sync mark of a row.

use ratatui::style::Style;

use crate::domain::replica::Mark;
use crate::tui::theme::Theme;

/// Returns the sign of a mark and its look.
pub(super) fn sign(mark: Mark, theme: &Theme) -> (&'static str, Style) {
    match mark {
        Mark::Confirmed => (" ", theme.text),
        Mark::Saved => ("·", theme.waiting),
        Mark::OnItsWay => ("↑", theme.waiting),
        Mark::NotSaved => ("!", theme.warning),
        Mark::Held => ("?", theme.warning),
        Mark::Failed => ("✗", theme.bad),
    }
}
