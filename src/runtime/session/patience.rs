//! How long the loop waits, and for what.

use std::time::Duration;

use tokio::time::Instant;

use super::Session;

/// The first frame waits this long for what the store held, so that it is not an empty one.
pub(super) const PATIENCE_AT_START: Duration = Duration::from_millis(60);
/// So long what was typed waits for the store: keys should act on what it holds, but who wants to
/// leave must not wait for a dead disk.
pub(super) const PATIENCE_OF_KEYS: Duration = Duration::from_secs(3);
/// So long the terminal has to take the last frame before it is thrown away.
pub(super) const PATIENCE_AT_END: Duration = Duration::from_millis(60);
/// So long a terminal has that was told to throw it away.
pub(super) const LAST_PATIENCE: Duration = Duration::from_millis(20);
/// So long the terminal has before another program gets it.
pub(super) const PATIENCE_FOR_EDITOR: Duration = Duration::from_secs(2);
impl Session {
    /// Says whether keys act now: on all of the queue on the screen, or on whatever there is if that
    /// takes too long.
    pub(super) fn takes_keys(&self, begun: Instant) -> bool {
        let is_whole = self.state.restored && !self.state.is_awaiting();
        is_whole || begun.elapsed() >= PATIENCE_OF_KEYS
    }
}
