//! The last thing that changed something, so that one key does it once more.

use super::command::Command;

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
}

/// What can be done once more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeats {
    /// The last thing that changed something.
    pub(crate) last: Option<Repeat>,
    /// What will be that, once the question or the preview that is open is answered.
    pub(crate) asked: Option<Repeat>,
}
