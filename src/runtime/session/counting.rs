//! Counting what goes over the line, while the person wants to see it.

use tokio::time::Instant;

use super::Session;
use crate::app::Action;

impl Session {
    /// Tells what went over the line in the last second. The frame that shows it is no news.
    pub(super) fn counted(&mut self) {
        let a_second = self.frames.read_count(Instant::now());
        let has_news = self.frames.has_changed();
        self.act(Action::Wrote { a_second });
        if !has_news {
            self.frames.unchange();
            self.frames.change_what_is_said();
        }
    }
}
