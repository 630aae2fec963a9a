//! How a person wants the screen to look: the choices. What they mean in colours is the screen's.

use serde::{Deserialize, Serialize};

/// All of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    /// The colours.
    pub theme: ThemeName,
    /// The letters.
    pub letters: Letters,
    /// The emoji.
    pub emoji: Emoji,
    /// The lines between things.
    #[serde(default)]
    pub borders: Borders,
}

/// Whether lines are drawn between panes and around boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Borders {
    /// They are.
    #[default]
    Drawn,
    /// Their places stay empty: each costs bytes, and says what the space says too.
    Blank,
}

/// Which letters are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Letters {
    /// All.
    #[default]
    Unicode,
    /// Borders and signs in ASCII, texts as they are.
    Signs,
    /// ASCII only: what the terminal has no letter for is a question mark.
    Ascii,
}

/// How emoji are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Emoji {
    /// As they are.
    #[default]
    Full,
    /// Those on whose width terminals disagree in a form on which they agree.
    Safe,
}

/// The themes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ThemeName {
    /// The terminal's own sixteen colours, on its own background.
    #[default]
    Terminal,
    /// Soft colours for a dark background.
    Dark,
    /// Soft colours for a light background.
    Light,
    /// Strong contrasts; the terminal's own colours, nothing dimmed.
    HighContrast,
    /// No colours: bold, dim, reversed.
    Plain,
}

impl ThemeName {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::Terminal,
        Self::Dark,
        Self::Light,
        Self::HighContrast,
        Self::Plain,
    ];

    /// Returns its name in `config.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Plain => "plain",
        }
    }

    /// Returns the theme of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// Says whether it needs more than the terminal's sixteen colours.
    pub fn needs_true_colors(self) -> bool {
        matches!(self, Self::Dark | Self::Light)
    }

    /// Returns the one that is offered after it.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|theme| *theme == self);
        Self::ALL[at.map_or(0, |at| (at + 1) % Self::ALL.len())]
    }
}
