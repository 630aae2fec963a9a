//! Other programs: addresses are opened and custom commands run, and what came of it is told.

use super::Session;
use crate::app::action::Opened;
use crate::app::effect::Errand;
use crate::runtime::child::Told;
use crate::runtime::timers::now;

impl Session {
    /// Has an address opened, if anything here does that.
    pub(super) fn open(&mut self, url: String) {
        match &self.around.opener {
            Some(opener) => opener.open(url, self.told.0.clone()),
            None => self.was_told(Told::Opened {
                url,
                outcome: Opened::Nowhere,
            }),
        }
    }

    /// Runs a custom command.
    pub(super) fn run(&self, errand: Errand) {
        self.programs.run(errand, self.told.0.clone());
    }

    pub(super) fn was_told(&mut self, told: Told) {
        self.act(told.action(now()));
    }
}
