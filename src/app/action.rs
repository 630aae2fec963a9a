//! What a key, a mouse event, the clock or the worker's news means to the app.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::doctor::TmuxSays;
use super::key::Key;
use super::preferences::Preferences;
use crate::domain::time::Timestamp;
use crate::protocol::SyncEvent;

/// Everything that can happen to the editor. Those that may make an edit carry the time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// A key was pressed.
    Key {
        /// Which.
        key: Key,
        /// When.
        now: Timestamp,
    },
    /// Text was pasted: one event, however long.
    Paste {
        /// What.
        text: String,
        /// When.
        now: Timestamp,
    },
    /// A command was chosen otherwise than by its key.
    Run {
        /// Which.
        command: Command,
        /// How often, if a count was given.
        count: Option<u32>,
        /// When.
        now: Timestamp,
    },
    /// A mouse button was pressed, dragged or released, or the wheel was turned.
    Mouse {
        /// What was done.
        mouse: Mouse,
        /// Column, from 0.
        column: u16,
        /// Line, from 0.
        row: u16,
        /// When.
        now: Timestamp,
    },
    /// The terminal has a new size.
    Resize {
        /// Columns.
        width: u16,
        /// Lines.
        height: u16,
    },
    /// The clock. Asked for by [`super::effect::Effect::WakeAt`] and at each full minute.
    Tick(Timestamp),
    /// Nobody typed anything: work that was put off goes on. Asked for by
    /// [`super::effect::Effect::Continue`].
    Continue,
    /// The rest timer of this token rang: no key since.
    Rested(u64),
    /// The chord timer of this token rang: its next key did not come yet.
    Lingered(u64),
    /// So many bytes went to the terminal in a second. Asked for by
    /// [`super::effect::Effect::CountBytes`].
    Wrote {
        /// How many.
        a_second: u64,
    },
    /// `config.toml` was read again.
    Configured {
        /// What it says; or what is wrong with it: then all stays as it was.
        found: Result<Preferences, String>,
        /// When.
        now: Timestamp,
    },
    /// Something was handed to a clipboard, or could not be.
    Copied {
        /// What.
        what: Copying,
        /// How.
        way: CopyWay,
        /// When.
        now: Timestamp,
    },
    /// An address was given to a program that opens it, or could not be.
    Opened {
        /// Which.
        url: String,
        /// What came of it.
        outcome: Opened,
        /// When.
        now: Timestamp,
    },
    /// A custom command is over.
    Ran {
        /// Its number.
        number: u64,
        /// What came of it.
        outcome: Ran,
        /// When.
        now: Timestamp,
    },
    /// The worker's news.
    Sync {
        /// What it says.
        event: SyncEvent,
        /// When it came.
        now: Timestamp,
    },
    /// tmux said how it is set.
    TmuxSaid(TmuxSays),
    /// The terminal got into sight, or out of it.
    Sight {
        /// Whether it is in sight now.
        here: bool,
        /// When.
        now: Timestamp,
    },
    /// The run is not recorded any more.
    NotRecorded {
        /// Why.
        why: String,
        /// When.
        now: Timestamp,
    },
    /// The program came back from being suspended.
    Resumed(Timestamp),
    /// The person's own editor ended, see [`super::effect::Effect::EditText`].
    Edited {
        /// What came of it.
        outcome: Edited,
        /// When.
        now: Timestamp,
    },
}

/// What came of a text that was given to another editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edited {
    /// The text as it was left.
    Text(String),
    /// It could not be edited: why, and what to do.
    Failed(String),
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    /// Which part of each.
    pub part: Part,
    /// Of how many updates.
    pub count: usize,
}

/// What came of opening an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opened {
    /// This program took it.
    By(String),
    /// There is nothing here that could open it: the person sits somewhere else.
    Nowhere,
    /// It could not be opened: why.
    Failed(String),
}

/// What came of a custom command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ran {
    /// It ended.
    Ended {
        /// How it failed, if it did.
        failed: Option<String>,
        /// What it said on its standard output.
        out: String,
        /// What it said on its standard error.
        err: String,
    },
    /// It could not be run to its end: why.
    Failed(String),
}

/// What is copied, mostly a part of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Its text.
    Text,
    /// Its link.
    Link,
    /// A link, as it cannot be opened here.
    LinkToOpen,
    /// What a custom command said.
    Output,
    /// The id that the API gave it.
    Id,
    /// All of it, as JSON.
    Json,
    /// Text, link and picture, as Markdown.
    Markdown,
    /// The doctor's report.
    Report,
}

/// Which way something went to a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CopyWay {
    /// The terminal was told (OSC 52). Whether it listens nobody can know.
    Terminal,
    /// tmux took it and tells the terminal.
    Tmux,
    /// tmux did not take it; the terminal was told through it.
    ThroughTmux,
    /// It is longer than terminals take: nothing was copied.
    TooLong {
        /// How long, in bytes.
        bytes: usize,
    },
}

/// What a mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mouse {
    /// The main button was pressed.
    Press,
    /// The mouse was moved while the main button was down.
    Drag,
    /// The main button was released.
    Release,
    /// The other button was pressed.
    OtherButton,
    /// The wheel was turned up.
    ScrollUp,
    /// The wheel was turned down.
    ScrollDown,
}
