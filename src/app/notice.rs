//! Quiet messages in the status line, and when they go away.

use crate::domain::time::Timestamp;

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was done.
    Done,
    /// Worth a look.
    Warning,
    /// Something did not work; stays longer.
    Trouble,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What it says; may hold text from elsewhere, so it is shown only through
    /// [`crate::domain::shown::Shown`].
    pub text: String,
    /// When it goes away by itself.
    pub until: Timestamp,
}

/// The latest notice, and those before it for the messages list.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    current: Option<Notice>,
    past: Vec<Notice>,
    said: u64,
}

/// How many past notices are kept.
const KEPT: usize = 100;

impl Notices {
    /// Shows `text` from `now` on.
    pub fn say(&mut self, severity: Severity, text: impl Into<String>, now: Timestamp) {
        let seconds = match severity {
            Severity::Done => 6,
            Severity::Warning => 10,
            Severity::Trouble => 30,
        };
        let notice = Notice {
            severity,
            text: text.into(),
            until: now.plus(seconds),
        };
        if self.past.len() == KEPT {
            self.past.remove(0);
        }
        self.past.push(notice.clone());
        self.said += 1;
        self.current = Some(notice);
    }

    /// Shows `text` unless something that matters more is shown; it is kept either way.
    pub fn say_quietly(&mut self, text: impl Into<String>, now: Timestamp) {
        let shown = self.current.take();
        self.say(Severity::Done, text, now);
        if shown.as_ref().is_some_and(|n| n.severity > Severity::Done) {
            self.current = shown;
        }
    }

    /// Takes away what is over at `now`.
    pub fn expire(&mut self, now: Timestamp) {
        if self.current.as_ref().is_some_and(|n| n.until <= now) {
            self.current = None;
        }
    }

    /// Takes the message away, as it was seen.
    pub fn clear(&mut self) {
        self.current = None;
    }

    /// Returns what is shown.
    pub fn current(&self) -> Option<&Notice> {
        self.current.as_ref()
    }

    /// Returns how many were said so far.
    pub fn said(&self) -> u64 {
        self.said
    }

    /// Returns those that were said after the first `said`, as far as they are kept, oldest first.
    pub fn since(&self, said: u64) -> &[Notice] {
        let new = usize::try_from(self.said.saturating_sub(said)).unwrap_or(usize::MAX);
        &self.past[self.past.len().saturating_sub(new)..]
    }

    /// Returns all that was said, oldest first.
    pub fn past(&self) -> &[Notice] {
        &self.past
    }
}
