//! Two clocks: the time of the person beside that of the profile, where they differ.

use chrono_tz::Tz;

use super::state::State;
use crate::domain::clocks::differ;
use crate::domain::time::Timestamp;

impl State {
    /// Returns the person's zone if its clock shows another time than that of `zone` at an instant,
    /// and is wanted.
    pub fn second_clock(&self, zone: Tz, at: Timestamp) -> Option<Tz> {
        let own: Tz = self.settings.zone.parse().ok()?;
        (self.clocks && differ(own, zone, at)).then_some(own)
    }
}
