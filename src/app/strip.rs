//! The profiles in one line: which names stand where, for the view and the mouse.

use super::state::State;
use super::status::first_line;
use crate::domain::id::ProfileId;
use crate::domain::profile::Profile;
use crate::domain::shown::Shown;

/// No name takes more columns than this.
const NAME: usize = 24;

/// One profile in the strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Which.
    pub profile: ProfileId,
    /// Its name, clipped and safe.
    pub name: String,
    /// The mark of its network.
    pub mark: &'static str,
    /// How many updates wait.
    pub count: String,
    /// Whether it is on the screen.
    pub current: bool,
}

impl Label {
    /// Returns how many columns it takes with the gaps around it.
    pub fn width(&self) -> usize {
        // A sign, the name, a gap, the mark, a gap, the count, two columns to the next.
        Shown::new(&self.name).width() + self.mark.len() + self.count.len() + 5
    }
}

/// Returns the labels of all profiles.
pub fn labels(state: &State) -> Vec<Label> {
    let label = |profile: &Profile| Label {
        profile: profile.id.clone(),
        name: Shown::new(&first_line(&profile.formatted_username)).clip(NAME),
        mark: profile.service.mark(),
        count: waiting(state, profile),
        current: state.profile.as_ref() == Some(&profile.id),
    };
    state.profiles().iter().map(label).collect()
}

/// Returns how many updates of a profile wait, in words.
pub fn waiting(state: &State, profile: &Profile) -> String {
    let waiting = state.queued(&profile.id).unwrap_or(profile.pending);
    if profile.paused {
        format!("{waiting} paused")
    } else {
        waiting.to_string()
    }
}

/// Returns the first label to show so that the current one is in `room` columns.
pub fn first_visible(labels: &[Label], room: usize) -> usize {
    let current = labels.iter().position(|label| label.current).unwrap_or(0);
    let mut used = 0;
    for first in (0..=current.min(labels.len().saturating_sub(1))).rev() {
        used += labels.get(first).map_or(0, Label::width);
        if used > room {
            return (first + 1).min(current);
        }
    }
    0
}

/// Returns the profile at a column of the strip; the first column is free.
pub fn profile_at(state: &State, column: u16) -> Option<ProfileId> {
    let room = usize::from(state.viewport.0).saturating_sub(1);
    let mut labels = labels(state);
    let first = first_visible(&labels, room);
    let mut end = 1;
    let found = labels.drain(first..).find(|label| {
        end += label.width();
        usize::from(column) < end
    });
    found.map(|label| label.profile)
}
