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
    fn width(&self) -> usize {
        // A sign, the name, a gap, the mark, a gap, the count, two columns to the next.
        Shown::new(&self.name).width() + self.mark.len() + self.count.len() + 5
    }
}

/// The labels that show in a strip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strip {
    /// From left to right, the one on the screen among them; the last one may be cut off.
    pub labels: Vec<Label>,
    /// How many columns they take.
    pub width: usize,
    /// Whether these are the labels of all profiles.
    pub is_all: bool,
}

/// Returns the labels that show in `room` columns. Of very many profiles only these are looked at.
pub fn strip(state: &State, room: usize) -> Strip {
    let profiles = state.profiles();
    let is_current = |profile: &Profile| state.profile.as_ref() == Some(&profile.id);
    let current = profiles.iter().position(is_current).unwrap_or(0);
    let (before, from) = profiles.split_at(current.min(profiles.len()));
    let mut strip = Strip::default();
    let mut from = from.iter().map(|profile| label(state, profile));
    strip.extend(from.by_ref().take(1));
    let mut first = current;
    for label in before.iter().rev().map(|profile| label(state, profile)) {
        if strip.width + label.width() > room {
            break;
        }
        strip.extend([label]);
        first -= 1;
    }
    strip.labels.reverse();
    while strip.width <= room
        && let Some(label) = from.next()
    {
        strip.extend([label]);
    }
    strip.is_all = first == 0 && from.next().is_none();
    strip
}

impl Strip {
    fn extend(&mut self, labels: impl IntoIterator<Item = Label>) {
        for label in labels {
            self.width += label.width();
            self.labels.push(label);
        }
    }
}

fn label(state: &State, profile: &Profile) -> Label {
    Label {
        profile: profile.id.clone(),
        name: Shown::new(&first_line(&profile.formatted_username)).clip(NAME),
        mark: profile.service.mark(),
        count: waiting(state, profile),
        current: state.profile.as_ref() == Some(&profile.id),
    }
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

/// Returns the profile at a column of the strip; the first column is free.
pub fn profile_at(state: &State, column: u16) -> Option<ProfileId> {
    let room = usize::from(state.viewport.0).saturating_sub(1);
    let mut end = 1;
    let mut labels = strip(state, room).labels.into_iter();
    let found = labels.find(|label| {
        end += label.width();
        usize::from(column) < end
    });
    found.map(|label| label.profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::Keymap;
    use crate::app::state::{Account, AccountKind, Settings};
    use crate::domain::replica::Replica;
    use crate::domain::testing;

    const MANY: usize = 40;

    /// An editor of 40 profiles with names of different length, and so many columns.
    fn state(width: u16) -> State {
        let account = Account {
            name: "test".to_owned(),
            kind: AccountKind::Remote,
        };
        let mut state = State::new(account, Settings::default(), Keymap::default(), 1);
        let profile = |n: usize| Profile {
            id: id(n),
            formatted_username: format!("@{}{n}", "a".repeat(n * 5 % 11)),
            ..testing::profile("mon 09:00")
        };
        let profiles = (0..MANY).map(profile).collect();
        state.replica = Replica::restore(profiles, Vec::new(), Vec::new());
        state.viewport = (width, 24);
        state
    }

    fn id(n: usize) -> ProfileId {
        ProfileId::parse(&format!("p{n}")).unwrap()
    }

    #[test]
    fn of_many_profiles_as_many_show_as_there_is_room_for_and_the_current_one_is_among_them() {
        for width in [5, 40, 80, 200] {
            let mut state = state(width);
            let room = usize::from(width) - 1;
            for current in 0..MANY {
                state.profile = Some(id(current));
                let strip = strip(&state, room);
                let ids: Vec<&ProfileId> = strip.labels.iter().map(|l| &l.profile).collect();
                let first = (0..MANY).find(|n| id(*n) == *ids[0]).unwrap();
                let row: Vec<ProfileId> = (first..first + ids.len()).map(id).collect();
                assert_eq!(ids, row.iter().collect::<Vec<_>>(), "in their order");
                assert!((first..first + ids.len()).contains(&current));
                // Up to the current one all is to be seen, and no other would fit before them.
                let to = current + 1 - first;
                let used: usize = strip.labels[..to].iter().map(Label::width).sum();
                assert!(used <= room || to == 1, "{width}: {current} from {first}");
                if first > 0 {
                    let before = label(&state, &state.profiles()[first - 1]).width();
                    assert!(used + before > room, "{width}: {current} from {first}");
                }
                let is_last = first + ids.len() == MANY;
                assert!(strip.width > room || is_last, "{width}: {current}");
                assert_eq!(strip.is_all, first == 0 && is_last);
            }
        }
    }

    #[test]
    fn a_click_meets_the_profile_that_stands_there() {
        let mut state = state(80);
        state.profile = Some(id(20));
        let strip = strip(&state, 79);
        let mut column = 1;
        for label in &strip.labels {
            assert_eq!(profile_at(&state, column).as_ref(), Some(&label.profile));
            column += u16::try_from(label.width()).unwrap();
        }
        assert_eq!(profile_at(&state, column), None);
    }
}
