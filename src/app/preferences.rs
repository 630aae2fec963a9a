//! What was chosen: what holds now, and what the config file says when it is read again.

use serde::{Deserialize, Serialize};

use super::doctor::About;
use super::keymap::Binding;
use crate::domain::custom::Custom;
use crate::domain::look::Look;
use crate::domain::terminal::{Call, Line, Terminal};

/// What the person and the place chose; [`super::action::Action::Configured`] changes some of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds share, create-now and delete wait before they are sent.
    pub window: u32,
    /// How the screen looks.
    pub look: Look,
    /// What is known of the terminal.
    pub terminal: Terminal,
    /// The person's own zone: what a new profile gets by default, and the second clock.
    pub zone: String,
    /// Whether free slots show from the start.
    pub free_slots: bool,
    /// Where everything is.
    pub about: About,
    /// Whether the mouse is listened to, as far as the config says.
    pub mouse: bool,
    /// Whether links are told to the terminal.
    pub links: bool,
    /// How the person is called while the terminal is out of sight.
    pub call: Call,
    /// How the line to the terminal is used.
    #[serde(default)]
    pub line: Line,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: 10,
            look: Look::default(),
            terminal: Terminal::default(),
            zone: "UTC".to_owned(),
            free_slots: false,
            mouse: false,
            links: false,
            call: Call::Never,
            line: Line::default(),
            about: About::default(),
        }
    }
}

/// What a config file says to a running editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Seconds share, create-now and delete wait before they are sent.
    pub window: u32,
    /// How the screen looks.
    pub look: Look,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether links are told to the terminal.
    pub links: bool,
    /// How the person is called.
    pub call: Call,
    /// How the line to the terminal is used.
    #[serde(default)]
    pub line: Line,
    /// Keys that are not the default ones.
    pub keys: Vec<Binding>,
    /// Custom commands.
    pub customs: Vec<Custom>,
    /// What is wrong with the file, or counts only from the next start, for people.
    pub problems: Vec<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            window: 10,
            look: Look::default(),
            mouse: false,
            links: false,
            call: Call::Never,
            line: Line::default(),
            keys: Vec::new(),
            customs: Vec::new(),
            problems: Vec::new(),
        }
    }
}
