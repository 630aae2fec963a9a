//! How things look, by what they are.
//!
//! The default theme uses the terminal's own sixteen colours and never a background, so it reads
//! on dark and light ones: text is only in colours that are dark enough for the one and light enough for
//! the other, red and magenta; all else is bold, dim, underlined or reversed. A colour never says something alone: each role has a mark or a word as
//! well, and without colours the selection stays visible.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::look::{Borders, Look, ThemeName};
pub use crate::domain::terminal::Colors;

/// Marks the cells of borders that are not to be drawn, until the end of a frame: it never reaches a
/// terminal.
pub const BLANK: Modifier = Modifier::HIDDEN;

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
    /// The letters of a name that were searched for.
    pub matched: Style,
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
            title_focused: Style::new().add_modifier(Modifier::BOLD),
            heading: Style::new().add_modifier(Modifier::BOLD),
            border: dim,
            border_asking: Style::new().fg(Color::Magenta),
            time: plain,
            time_selected: Style::new().add_modifier(Modifier::REVERSED),
            cursor: plain,
            cursor_resting: dim,
            marked: Style::new().fg(Color::Magenta),
            carried: Style::new().fg(Color::Magenta).add_modifier(Modifier::BOLD),
            former: dim,
            leaving: Style::new().add_modifier(Modifier::DIM.union(Modifier::CROSSED_OUT)),
            service: plain,
            key: Style::new().add_modifier(Modifier::BOLD),
            good: Style::new().fg(Color::Green),
            waiting: Style::new().fg(Color::Magenta),
            warning: Style::new().add_modifier(Modifier::BOLD),
            bad: Style::new().fg(Color::Red),
            chosen: Style::new().add_modifier(Modifier::REVERSED),
            found: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            number: Style::new().add_modifier(Modifier::BOLD),
            matched: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
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
            matched: Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    /// The theme of a name, as far as the terminal has the colours for it.
    pub fn of(look: Look, colors: Colors) -> Self {
        let theme = Self::in_colors(look, colors);
        match look.borders {
            Borders::Drawn => theme,
            Borders::Blank => Self {
                border: theme.border.add_modifier(BLANK),
                border_asking: theme.border_asking.add_modifier(BLANK),
                ..theme
            },
        }
    }

    fn in_colors(look: Look, colors: Colors) -> Self {
        if colors == Colors::None {
            return Self::ansi().without_colors();
        }
        match look.theme {
            name if name.needs_true_colors() && colors != Colors::True => Self::ansi(),
            ThemeName::Terminal => Self::ansi(),
            ThemeName::Plain => Self::ansi().without_colors(),
            ThemeName::HighContrast => Self::high_contrast(),
            ThemeName::Dark => Self::ansi().with_palette(&DARK),
            ThemeName::Light => Self::ansi().with_palette(&LIGHT),
        }
    }

    /// Nothing is dimmed, and what matters is bold.
    const fn high_contrast() -> Self {
        let plain = Style::new();
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let underlined = Style::new().add_modifier(Modifier::UNDERLINED);
        Self {
            dim: plain,
            title: plain,
            title_focused: bold.add_modifier(Modifier::REVERSED),
            border: plain,
            border_asking: bold,
            cursor: bold,
            cursor_resting: plain,
            marked: bold,
            carried: bold.add_modifier(Modifier::UNDERLINED),
            former: plain,
            leaving: Style::new().add_modifier(Modifier::CROSSED_OUT),
            service: plain,
            key: bold,
            good: plain,
            waiting: plain,
            warning: bold,
            bad: bold.add_modifier(Modifier::REVERSED),
            matched: underlined,
            ..Self::ansi()
        }
    }

    /// The same roles in colours of a palette.
    const fn with_palette(self, of: &Palette) -> Self {
        let dim = Style::new().fg(of.dim);
        Self {
            dim,
            title: dim,
            title_focused: self.title_focused.fg(of.accent),
            heading: self.heading.fg(of.accent),
            border: Style::new().fg(of.line),
            border_asking: Style::new().fg(of.warning),
            cursor: Style::new().fg(of.accent),
            cursor_resting: dim,
            marked: Style::new().fg(of.carried),
            carried: self.carried.fg(of.carried),
            former: dim,
            leaving: Style::new().fg(of.dim).add_modifier(Modifier::CROSSED_OUT),
            service: Style::new().fg(of.accent),
            key: Style::new().fg(of.accent),
            good: Style::new().fg(of.good),
            waiting: Style::new().fg(of.carried),
            warning: Style::new().fg(of.warning),
            bad: Style::new().fg(of.bad),
            matched: self.matched.fg(of.accent),
            ..self
        }
    }
}

/// The colours of a theme that brings its own. They are made for a background that the terminal
/// has; none is set.
#[derive(Debug)]
struct Palette {
    accent: Color,
    dim: Color,
    line: Color,
    carried: Color,
    good: Color,
    warning: Color,
    bad: Color,
}

/// Each at least 4.5 to 1 against `#1e1e1e` (the line 3 to 1); a test computes it.
const DARK: Palette = Palette {
    accent: Color::Rgb(0x7d, 0xc4, 0xe4),
    dim: Color::Rgb(0x9a, 0xa0, 0xac),
    line: Color::Rgb(0x7a, 0x80, 0x8c),
    carried: Color::Rgb(0xd2, 0xa6, 0xf0),
    good: Color::Rgb(0x9f, 0xd0, 0x8a),
    warning: Color::Rgb(0xe8, 0xc0, 0x74),
    bad: Color::Rgb(0xf2, 0x8b, 0x8b),
};

/// Each at least 4.5 to 1 against white.
const LIGHT: Palette = Palette {
    accent: Color::Rgb(0x00, 0x5f, 0x87),
    dim: Color::Rgb(0x5f, 0x64, 0x6e),
    line: Color::Rgb(0x80, 0x86, 0x90),
    carried: Color::Rgb(0x7a, 0x2f, 0xa0),
    good: Color::Rgb(0x1f, 0x6e, 0x2e),
    warning: Color::Rgb(0x8a, 0x55, 0x00),
    bad: Color::Rgb(0xb0, 0x1c, 0x1c),
};

impl Default for Theme {
    fn default() -> Self {
        Self::ansi()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG 2 has it.
    fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
    }

    fn contrast(color: Color, ground: (u8, u8, u8)) -> f64 {
        let Color::Rgb(red, green, blue) = color else {
            unreachable!("the palettes hold their own colours");
        };
        let (one, other) = (luminance((red, green, blue)), luminance(ground));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn colours_are_readable_on_the_ground_they_are_made_for() {
        for (palette, ground) in [(&DARK, (0x1e, 0x1e, 0x1e)), (&LIGHT, (0xff, 0xff, 0xff))] {
            let texts = [
                palette.accent,
                palette.dim,
                palette.carried,
                palette.good,
                palette.warning,
                palette.bad,
            ];
            for color in texts {
                assert!(contrast(color, ground) >= 4.5, "{color:?} on {ground:?}");
            }
            assert!(contrast(palette.line, ground) >= 3.0, "{:?}", palette.line);
        }
    }

    #[test]
    fn a_theme_is_only_used_where_the_terminal_has_its_colours() {
        let dark = Look {
            theme: ThemeName::Dark,
            ..Look::default()
        };
        let from = Colors::from_environment;
        assert_eq!(Theme::of(dark, from(None, None)), Theme::ansi());
        assert_eq!(
            Theme::of(dark, from(Some("1"), Some("truecolor"))),
            Theme::ansi().without_colors()
        );
        let shown = Theme::of(dark, from(Some(""), Some("truecolor")));
        assert_eq!(shown.bad.fg, Some(DARK.bad));
    }
}
