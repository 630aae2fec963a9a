//! How things look, by what they are.
//!
//! The default theme uses the terminal's own sixteen colours and never a background, so it reads
//! on dark and light ones. A colour never says something alone: each role has a mark or a word as
//! well, and without colours the selection stays visible.

use ratatui::style::{Color, Modifier, Style};

/// The look of each role on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What is said beside the text: hints, units, names of fields.
    pub dim: Style,
    /// The name of a pane.
    pub title: Style,
    /// The name of the pane that has the keys.
    pub title_focused: Style,
    /// A day in a list, and any heading inside a pane.
    pub heading: Style,
    /// A line between panes.
    pub border: Style,
    /// The line around what asks for an answer.
    pub border_asking: Style,
    /// The time of a row.
    pub time: Style,
    /// The time of the row under the cursor, in the pane that has the keys.
    pub time_selected: Style,
    /// The mark in the margin of the row under the cursor.
    pub cursor: Style,
    /// The same in a pane that does not have the keys.
    pub cursor_resting: Style,
    /// A marked row's mark.
    pub marked: Style,
    /// The row that is being carried, and new times in a preview.
    pub carried: Style,
    /// A time that an update had before a preview.
    pub former: Style,
    /// A row that is leaving (share, delete in its window).
    pub leaving: Style,
    /// The mark of a network.
    pub service: Style,
    /// A key in a hint.
    pub key: Style,
    /// Something went well.
    pub good: Style,
    /// Something waits or is on its way.
    pub waiting: Style,
    /// Something needs attention soon.
    pub warning: Style,
    /// Something failed.
    pub bad: Style,
    /// A chosen entry of a menu or a form.
    pub chosen: Style,
    /// Words of a text that a filter looks for; laid over the look of the text.
    pub found: Style,
    /// A number in the statistics.
    pub number: Style,
}

impl Theme {
    /// The default: the terminal's sixteen colours.
    pub const fn ansi() -> Self {
        let plain = Style::new();
        let dim = Style::new().add_modifier(Modifier::DIM);
        Self {
            text: plain,
            dim,
            title: dim,
            title_focused: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
            heading: Style::new().add_modifier(Modifier::BOLD),
            border: dim,
            border_asking: Style::new().fg(Color::Yellow),
            time: plain,
            time_selected: Style::new().add_modifier(Modifier::REVERSED),
            cursor: Style::new().fg(Color::Cyan),
            cursor_resting: dim,
            marked: Style::new().fg(Color::Magenta),
            carried: Style::new().fg(Color::Magenta).add_modifier(Modifier::BOLD),
            former: dim,
            leaving: Style::new().add_modifier(Modifier::DIM.union(Modifier::CROSSED_OUT)),
            service: Style::new().fg(Color::Cyan),
            key: Style::new().fg(Color::Cyan),
            good: Style::new().fg(Color::Green),
            waiting: Style::new().fg(Color::Magenta),
            warning: Style::new().fg(Color::Yellow),
            bad: Style::new().fg(Color::Red),
            chosen: Style::new().add_modifier(Modifier::REVERSED),
            found: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            number: Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// Without any colour: `NO_COLOR`, and terminals that have none.
    #[must_use]
    pub const fn without_colors(self) -> Self {
        let plain = Style::new();
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            dim,
            title: dim,
            title_focused: bold,
            heading: bold,
            border: dim,
            border_asking: bold,
            time: plain,
            time_selected: reversed,
            cursor: bold,
            cursor_resting: dim,
            marked: bold,
            carried: bold,
            former: dim,
            leaving: Style::new().add_modifier(Modifier::CROSSED_OUT),
            service: plain,
            key: bold,
            good: plain,
            waiting: plain,
            warning: bold,
            bad: bold,
            chosen: reversed,
            found: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            number: bold,
        }
    }

    /// Chooses by what the environment says: `NO_COLOR` set to anything but nothing means none.
    pub fn from_environment(no_color: Option<&str>) -> Self {
        match no_color {
            Some(value) if !value.is_empty() => Self::ansi().without_colors(),
            _ => Self::ansi(),
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::ansi()
    }
}
