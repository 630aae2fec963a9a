//! The profiles an update goes to: chosen one by one, found by typing a part of the name.

use chrono_tz::Tz;

use crate::app::key::{Code, Key};
use crate::domain::id::ProfileId;
use crate::domain::profile::{Profile, Service};

/// A profile that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub profile: ProfileId,
    /// Its network.
    pub service: Service,
    /// Its name, raw.
    pub name: String,
    /// Its own limit, if it has another than the network's.
    pub limit: Option<u32>,
    /// The zone of its times.
    pub zone: Tz,
    /// Whether the update goes to it.
    pub chosen: bool,
}

/// All profiles, which of them are chosen, and which are listed.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    all: Vec<Target>,
    filter: String,
    /// The listed ones.
    found: Vec<usize>,
    cursor: usize,
}

/// How far a page goes in the list.
const PAGE: usize = 5;

impl Targets {
    pub(super) fn new(profiles: &[Profile], chosen: &[ProfileId]) -> Self {
        let mut targets = Self::default();
        targets.know(profiles, |id| chosen.contains(id));
        let first = targets.all.iter().position(|target| target.chosen);
        targets.cursor = first.unwrap_or(0);
        targets
    }

    /// Takes over which profiles there are now; those that are gone are chosen no more.
    pub(super) fn update(&mut self, profiles: &[Profile]) {
        let chosen: std::collections::BTreeSet<ProfileId> =
            self.chosen().map(|target| target.profile.clone()).collect();
        self.know(profiles, |id| chosen.contains(id));
    }

    fn know(&mut self, profiles: &[Profile], is_chosen: impl Fn(&ProfileId) -> bool) {
        let target = |profile: &Profile| Target {
            profile: profile.id.clone(),
            service: profile.service.clone(),
            name: profile.formatted_username.clone(),
            limit: profile.character_limit,
            zone: profile.timezone,
            chosen: is_chosen(&profile.id),
        };
        self.all = profiles.iter().map(target).collect();
        self.search();
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the chosen ones.
    pub fn chosen(&self) -> impl Iterator<Item = &Target> {
        self.all.iter().filter(|target| target.chosen)
    }

    /// Returns the listed ones.
    pub fn found(&self) -> impl ExactSizeIterator<Item = &Target> {
        self.found.iter().map(|at| &self.all[*at])
    }

    /// Returns what was typed to find one.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Returns which of the listed ones the cursor is on.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Returns the one under the cursor.
    pub fn under_cursor(&self) -> Option<&Target> {
        self.found().nth(self.cursor)
    }

    /// Returns the chosen networks, each with the smallest limit of its profiles (none: the usual
    /// one), in the order of the profiles.
    pub fn networks(&self) -> Vec<(Service, Option<u32>)> {
        let mut networks: Vec<(Service, Option<u32>)> = Vec::new();
        for target in self.chosen() {
            match networks.iter_mut().find(|(s, _)| *s == target.service) {
                Some((_, limit)) => {
                    *limit = match (*limit, target.limit) {
                        (Some(one), Some(other)) => Some(one.min(other)),
                        (one, other) => one.or(other),
                    };
                }
                None => networks.push((target.service.clone(), target.limit)),
            }
        }
        networks
    }

    /// Takes a key; says whether the choice changed.
    pub(super) fn press(&mut self, key: Key) -> bool {
        let last = self.found.len().saturating_sub(1);
        match (key.code, key.typed()) {
            (Code::Char(' '), Some(_)) => return self.toggle(),
            (Code::Left | Code::Up, _) => self.cursor = self.cursor.saturating_sub(1),
            (Code::Right | Code::Down, _) => self.cursor = (self.cursor + 1).min(last),
            (Code::PageUp, _) => self.cursor = self.cursor.saturating_sub(PAGE),
            (Code::PageDown, _) => self.cursor = (self.cursor + PAGE).min(last),
            (Code::Home, _) => self.cursor = 0,
            (Code::End, _) => self.cursor = last,
            (Code::Char('a'), None) if key.ctrl => return self.toggle_found(),
            (Code::Char('u'), None) if key.ctrl => self.look_for(String::new()),
            (Code::Backspace, _) => {
                let mut filter = std::mem::take(&mut self.filter);
                filter.pop();
                self.look_for(filter);
            }
            (_, Some(c)) => {
                let filter = format!("{}{c}", self.filter);
                self.look_for(filter);
            }
            _ => {}
        }
        false
    }

    /// Lists what has `filter` in its name.
    pub(super) fn look_for(&mut self, filter: String) {
        let on = self.found.get(self.cursor).copied();
        self.filter = filter;
        self.search();
        let kept = on.and_then(|on| self.found.iter().position(|at| *at == on));
        self.cursor = kept.unwrap_or(0);
    }

    fn search(&mut self) {
        let filter = self.filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let matches = |target: &Target| {
            let name = target.name.to_lowercase();
            let (network, word) = (
                target.service.title().to_lowercase(),
                target.service.as_str(),
            );
            words
                .iter()
                .all(|w| name.contains(w) || network.contains(w) || word.contains(w))
        };
        let all = self.all.iter().enumerate();
        let found = all.filter(|(_, target)| words.is_empty() || matches(target));
        self.found = found.map(|(at, _)| at).collect();
        self.cursor = self.cursor.min(self.found.len().saturating_sub(1));
    }

    fn toggle(&mut self) -> bool {
        let Some(at) = self.found.get(self.cursor) else {
            return false;
        };
        let target = &mut self.all[*at];
        target.chosen = !target.chosen;
        true
    }

    /// Chooses all that are listed, or none of them if they are.
    fn toggle_found(&mut self) -> bool {
        let all = self.found().all(|target| target.chosen);
        for at in &self.found {
            self.all[*at].chosen = !all;
        }
        !self.found.is_empty()
    }
}
