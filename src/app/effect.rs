//! What the app asks the world to do. The runtime performs these in order and decides nothing.

use serde::{Deserialize, Serialize};

use super::action::Copying;
use crate::domain::terminal::Call;
use crate::domain::time::Timestamp;
use crate::protocol::SyncCommand;

/// One thing for the runtime to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Hand this to the worker.
    Sync(SyncCommand),
    /// Send [`super::action::Action::Rested`] with this token 80 ms from now, unless a newer rest
    /// timer replaces it.
    RestTimer {
        /// Which rest.
        token: u64,
    },
    /// Send [`super::action::Action::Continue`] as soon as nothing else waits. Nothing has to be
    /// drawn because of it while the answer asks for another one.
    Continue,
    /// Send [`super::action::Action::Lingered`] with this token 300 ms from now, unless a newer
    /// chord timer replaces it.
    ChordTimer {
        /// Which chord.
        token: u64,
    },
    /// Send [`super::action::Action::Tick`] at this time; it replaces an earlier wish.
    WakeAt(Timestamp),
    /// Clear the terminal and draw everything again.
    Redraw,
    /// Give the terminal back and stop, as `Ctrl-z` does in a shell.
    Suspend,
    /// Give the terminal to the person's own editor with this text; answered by
    /// [`super::action::Action::Edited`].
    EditText(String),
    /// Put this text on the person's clipboard and send [`super::action::Action::Copied`].
    Copy {
        /// What it is.
        what: Copying,
        /// The text.
        text: String,
    },
    /// Have this address opened and send [`super::action::Action::Opened`].
    Open(String),
    /// Run a custom command and send [`super::action::Action::Ran`].
    Run(Errand),
    /// Read `config.toml` again and send [`super::action::Action::Configured`].
    ReadConfig,
    /// Listen to the mouse from now on, or no more.
    Mouse(bool),
    /// Count what goes to the terminal from now on, or no more; told by
    /// [`super::action::Action::Wrote`].
    CountBytes(bool),
    /// Ask tmux how it is set; answered by [`super::action::Action::TmuxSaid`].
    AskTmux,
    /// Have the terminal tell whether it is in sight, or no more.
    WatchSight(bool),
    /// Call the person, whose terminal is out of sight.
    Call {
        /// How.
        how: Call,
        /// What it is about; nothing in it is from elsewhere.
        text: String,
    },
    /// End the program. [`SyncCommand::Quit`] went to the worker before.
    Quit,
}

/// A custom command to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Its number, to know its end by.
    pub number: u64,
    /// The program and its arguments.
    pub program: Vec<String>,
    /// What it gets on its standard input.
    pub input: String,
    /// What it gets in its environment besides ours.
    pub variables: Vec<(String, String)>,
}
