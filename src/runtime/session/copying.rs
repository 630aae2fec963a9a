//! Copying: to tmux, or by telling the terminal, with a word about the way it went.

use super::Session;
use crate::app::Action;
use crate::app::action::{CopyWay, Part};
use crate::runtime::timers::now;
use crate::runtime::tmux::Handed;
use crate::tui::clipboard;

impl Session {
    /// Hands a text to tmux, if there is one, else tells the terminal.
    pub(super) fn copy(&mut self, part: Part, text: String) {
        match &self.around.tmux {
            Some(tmux) => tmux.hand(part, text, self.handed.0.clone()),
            None => self.tell_terminal(part, &text, str::to_owned, CopyWay::Terminal),
        }
    }

    pub(super) fn was_handed(&mut self, handed: Handed) {
        let Handed { part, text, taken } = handed;
        if taken {
            let (way, now) = (CopyWay::Tmux, now());
            self.act(Action::Copied { part, way, now });
        } else {
            self.tell_terminal(part, &text, clipboard::through_tmux, CopyWay::ThroughTmux);
        }
    }

    fn tell_terminal(
        &mut self,
        part: Part,
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
        self.act(Action::Copied { part, way, now });
    }
}
