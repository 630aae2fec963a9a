//! A cursor in a list: it belongs to an update and not to a line, and the list scrolls after it.

use crate::domain::id::LocalId;

/// Where the cursor of one list stands and how far the list is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The update it is on; it stays on it when the list changes. Always none in lists of
    /// something else.
    pub on: Option<LocalId>,
    /// The row it was on last: where to look first, and where to stay when the update is gone.
    pub index: usize,
    /// The first visible row.
    pub offset: usize,
}

impl Cursor {
    /// Puts the cursor on row `index` of `len`, clamped; the caller says which update is there.
    pub fn set(&mut self, index: usize, len: usize, on: impl FnOnce(usize) -> Option<LocalId>) {
        self.index = index.min(len.saturating_sub(1));
        self.on = if len == 0 { None } else { on(self.index) };
    }

    /// Scrolls as little as needed so that the cursor is visible, where `fits` says whether the
    /// rows from the first argument to the second one (included) fit on the screen.
    pub fn follow(&mut self, fits: impl Fn(usize, usize) -> bool) {
        if self.index < self.offset {
            self.offset = self.index;
        }
        if fits(self.offset, self.index) {
            return;
        }
        // The first offset that fits lies at most a screen above the cursor.
        let mut offset = self.index;
        while offset > self.offset + 1 && fits(offset - 1, self.index) {
            offset -= 1;
        }
        self.offset = offset;
    }
}
