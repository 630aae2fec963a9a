//! The last thing that changed something, so that one key does it once more.

use super::command::Command;
use super::replace::Case;
use crate::domain::id::LocalId;

/// Something that can be done once more, on what is selected then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// A command with its count. One that asks asks again.
    Command {
        /// Which.
        command: Command,
        /// Its count, if one was given.
        count: Option<u32>,
    },
    /// A time, as it was written.
    When(String),
    /// Tags, as they were written.
    Tags(String),
    /// Putting what was cut, or what is selected, elsewhere.
    Paste {
        /// On which side.
        side: Side,
        /// Beside which update the last one was put; none: it was not put beside one.
        beside: Option<LocalId>,
    },
    /// Finding and replacing.
    Replace {
        /// What is found.
        find: String,
        /// What takes its place.
        with: String,
        /// Whether upper and lower case are the same.
        case: Case,
    },
}

impl Repeat {
    /// Returns the command that did it; it works where that does.
    pub(crate) fn command(&self) -> Command {
        match self {
            Self::Command { command, .. } => *command,
            Self::When(_) => Command::Reschedule,
            Self::Tags(_) => Command::Tags,
            Self::Paste {
                side: Side::After, ..
            } => Command::PasteAfter,
            Self::Paste {
                side: Side::Before, ..
            } => Command::PasteBefore,
            Self::Replace { .. } => Command::Replace,
        }
    }
}

/// On which side of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// After it.
    After,
    /// Before it.
    Before,
}

/// What can be done once more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeats {
    /// The last thing that changed something.
    pub(crate) last: Option<Repeat>,
    /// What will be that, once the question or the preview that is open is answered.
    pub(crate) asked: Option<Repeat>,
}
