//! Calling a person whose terminal is out of sight.

use super::Session;
use crate::domain::terminal::Call;
use crate::tui::clipboard::through_tmux;
use crate::tui::terminal;

const BELL: &str = "\x07";

impl Session {
    /// Rings, or has the desktop show a message. tmux hands a message on only if it may, which
    /// nobody can know: it gets the bell besides, and passes that on in its own way.
    pub(super) fn call(&mut self, how: Call, text: &str) {
        if !terminal::is_entered() {
            // Another program has the terminal, and the person is at it.
            return;
        }
        let message = format!("\x1b]9;{text}\x1b\\");
        match (how, &self.around.tmux) {
            (Call::Never, _) => {}
            (Call::Bell, _) => self.tell(BELL),
            (Call::Message, None) => self.tell(&message),
            (Call::Message, Some(_)) => self.tell(&(through_tmux(&message) + BELL)),
        }
    }
}
