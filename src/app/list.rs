//! A cursor in a list: it belongs to an update and not to a line, and the list scrolls after it.

use crate::domain::id::LocalId;
use crate::domain::time::Timestamp;

/// Where the cursor of one list stands and how far the list is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The update it is on; it stays on it when the list changes. Always none in lists of
    /// something else.
    pub on: Option<LocalId>,
    /// The free slot it is on, in the queue, if it is on no update.
    pub slot: Option<Timestamp>,
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

    /// Scrolls as little as needed so that the cursor is visible. `lowest` is the first offset that
    /// shows the cursor's row, `end` the first that shows the last row: no list ends half way up.
    pub fn follow(&mut self, lowest: usize, end: usize) {
        self.offset = self.offset.min(end).min(self.index).max(lowest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_scrolls_no_further_than_the_cursor_needs() {
        let at = |index: usize, offset: usize| {
            let mut cursor = Cursor {
                on: None,
                slot: None,
                index,
                offset,
            };
            // 100 rows, 10 lines.
            cursor.follow(index.saturating_sub(9), 90);
            cursor.offset
        };
        assert_eq!(at(5, 0), 0);
        assert_eq!(at(10, 0), 1);
        assert_eq!(at(4, 5), 4);
        assert_eq!(at(99, 95), 90);
    }
}
