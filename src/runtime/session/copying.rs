//! Copying: to tmux, or by telling the terminal, with a word about the way it went.

use super::Session;
use crate::app::Action;
use crate::app::action::{CopyWay, Copying};
use crate::runtime::timers::now;
use crate::runtime::tmux::Handed;
use crate::tui::clipboard;

impl Session {
    /// Hands a text to tmux, if there is one, else tells the terminal.
    pub(super) fn copy(&mut self, what: Copying, text: String) {
        match &self.around.tmux {
            Some(tmux) => tmux.hand(what, text, self.handed.0.clone()),
            None => self.tell_terminal(what, &text, str::to_owned, CopyWay::Terminal),
        }
    }

    pub(super) fn was_handed(&mut self, handed: Handed) {
        let Handed { what, text, taken } = handed;
        if taken {
            let (way, now) = (CopyWay::Tmux, now());
            self.act(Action::Copied { what, way, now });
        } else {
            self.tell_terminal(what, &text, clipboard::through_tmux, CopyWay::ThroughTmux);
        }
    }

    fn tell_terminal(
        &mut self,
        what: Copying,
        text: &str,
        wrap: impl FnOnce(&str) -> String,
        way: CopyWay,
    ) {
        let way = match clipboard::copy(text) {
            Some(bytes) => {
                self.tell(&wrap(&bytes));
                way
            }
            None => CopyWay::TooLong { bytes: text.len() },
        };
        let now = now();
        self.act(Action::Copied { what, way, now });
    }
}
