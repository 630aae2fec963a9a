//! Text that is safe to put on a terminal.
//!
//! Whatever came from the API, from a file or from another program reaches the screen, the log or
//! standard output only as a [`Shown`], and only [`Shown::new`] makes one.

use std::fmt;

/// Text without a control, bidi or invisible character, fit for one row of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Shown(String);

impl Shown {
    /// Makes `raw` safe; a line break becomes `⏎`, as the result is one line.
    pub fn new(raw: &str) -> Self {
        Self(
            raw.chars()
                .map(|c| if c.is_control() { '·' } else { c })
                .collect(),
        ) // HELPER
    }

    /// Makes each line of `raw` safe.
    pub fn lines(raw: &str) -> Vec<Self> {
        raw.lines().map(Self::new).collect()
    }

    /// Returns the safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
