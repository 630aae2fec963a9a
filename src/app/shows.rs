//! Which rows the lists show: the filters that are on, and the free slots.
//!
//! A queue may be long, so what passes its filter is found in steps ([`Search`]): a longer filter
//! looks only at what the shorter one let through, an edit only at what it touched, and each step
//! looks at so many updates. The first step is taken in the key's own action; while something is left
//! [`Effect::Continue`](super::Effect::Continue) asks for the next, behind whatever is typed.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::entries::{Entries, Listing};
use super::filter::{self, Filter};
use super::slots::Slots;
use super::state::{Pane, State};
use crate::domain::id::{IdSet, LocalId, ProfileId};
use crate::domain::profile::Profile;
use crate::domain::queue::Queue;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// Which rows the lists show.
#[derive(Debug, Clone, Default)]
pub struct Shows {
    /// The filters of queues.
    pub(crate) queues: BTreeMap<ProfileId, Search>,
    /// The filters of what was sent.
    pub(crate) sent: BTreeMap<ProfileId, Typed>,
    /// The filter of the list of profiles.
    pub(crate) profiles: Option<Typed>,
    /// What was looked for last, for `n` when no filter is on.
    pub(crate) last: String,
    /// The free slots.
    pub slots: Slots,
    /// The entries of the queue on the screen.
    pub(crate) listing: Listing,
    /// The rows of the sent pane a filter lets through; none: all.
    pub(crate) sent_rows: Option<Vec<u32>>,
    /// Whose lists these are.
    pub(crate) of: Option<ProfileId>,
    /// Whether this action is the one that [`super::Effect::Continue`] asked for.
    pub(crate) has_time: bool,
    /// Whether they have to be made again.
    pub(crate) stale: bool,
}

/// A filter as it was typed, and what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What was typed.
    pub text: String,
    /// What it means.
    pub filter: Filter,
}

/// What passes the filter of a queue, as far as it was looked.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The filter.
    pub typed: Typed,
    /// What passes.
    matched: IdSet<LocalId>,
    /// What is still to be looked at, the next one last.
    pending: Vec<LocalId>,
    /// Whether nothing was listed yet for what was typed.
    pub(crate) is_new: bool,
    /// What another update says too, once that was asked for.
    pub(crate) repeated: Option<IdSet<LocalId>>,
}

impl Shows {
    /// Shows everything, with free slots or without.
    pub(crate) fn new(free_slots: bool) -> Self {
        let mut shows = Self::default();
        shows.slots.on = free_slots;
        shows
    }
}

impl Typed {
    /// Reads a filter.
    pub fn read(text: &str, zone: Tz, now: Timestamp) -> Self {
        Self {
            text: text.to_owned(),
            filter: filter::read(text, zone, now),
        }
    }
}

impl Search {
    /// Takes another filter; `queue` is what it is about, `listed` its rows that are listed.
    pub(crate) fn retype(&mut self, typed: Typed, queue: &Queue, listed: &Listing) {
        match listed {
            Listing::Matching(rows)
                if !self.typed.filter.is_empty() && typed.filter.narrows(&self.typed.filter) =>
            {
                // In the midst of a search, not all that passed is listed.
                if self.is_searching() {
                    self.pending.extend(&self.matched);
                }
                // What shows is looked at first, from the top.
                let rows = rows.iter().rev();
                let updates = rows.filter_map(|row| queue.rows().get(*row as usize));
                self.pending.extend(updates.map(|row| row.update));
            }
            _ => {
                self.matched.clear();
                self.look_at_all(queue);
            }
        }
        self.is_new = true;
        self.typed = typed;
    }

    /// Looks at everything again; what passed stays until it is looked at.
    pub(crate) fn look_at_all(&mut self, queue: &Queue) {
        self.repeated = None;
        self.pending = queue.rows().iter().rev().map(|row| row.update).collect();
    }

    /// Looks at these again, next.
    pub(crate) fn look_at(&mut self, updates: &[LocalId]) {
        self.pending.extend(updates.iter().rev());
    }

    /// Returns the next update to look at.
    pub(crate) fn next(&mut self) -> Option<LocalId> {
        self.pending.pop()
    }

    /// Notes whether an update passes.
    pub(crate) fn note(&mut self, update: LocalId, passes: bool) {
        if passes {
            self.matched.insert(update);
        } else {
            self.matched.remove(&update);
        }
    }

    /// Says whether something was not looked at yet.
    pub fn is_searching(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Says whether an update passed.
    pub fn passed(&self, update: LocalId) -> bool {
        self.matched.contains(&update)
    }

    /// Says whether only some of a queue of `rows` passed, so that listing them costs little.
    pub(crate) fn is_small(&self, rows: usize) -> bool {
        self.matched.len() < rows / 16
    }

    /// Returns the rows of what passed, ascending.
    pub(crate) fn rows(&self, queue: &Queue) -> Vec<u32> {
        let rows = queue.rows();
        let row = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        if self.is_small(rows.len()) {
            // A few: each knows about where it stands.
            let mut found: Vec<u32> = self
                .matched
                .iter()
                .filter_map(|id| queue.find(*id).map(row))
                .collect();
            found.sort_unstable();
            return found;
        }
        let passes = |(i, update): (usize, LocalId)| self.passed(update).then(|| row(i));
        let updates = rows.iter().map(|row| row.update);
        updates.enumerate().filter_map(passes).collect()
    }
}

impl State {
    /// Returns what the lines of the queue on the screen stand for.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(self.rows(), &self.shows.listing)
    }

    /// Returns the free slot the cursor of the queue is on.
    pub fn slot_under_cursor(&self) -> Option<Timestamp> {
        let cursor = self.cursors().queue;
        cursor.slot.filter(|_| cursor.on.is_none())
    }

    /// Returns the filter that is on in a pane.
    pub fn filter_of(&self, pane: Pane) -> Option<&Typed> {
        let profile = self.profile.as_ref();
        match pane {
            Pane::Profiles => self.shows.profiles.as_ref(),
            Pane::Queue => self.search().map(|search| &search.typed),
            Pane::Sent => self.shows.sent.get(profile?),
            Pane::Interactions => None,
        }
    }

    /// Returns the filter of the queue on the screen and what passed it.
    pub fn search(&self) -> Option<&Search> {
        self.shows.queues.get(self.profile.as_ref()?)
    }

    /// Returns how many rows of the queue a filter hides.
    pub fn hidden(&self) -> usize {
        match &self.shows.listing {
            Listing::Matching(rows) => self.rows().len().saturating_sub(rows.len()),
            Listing::All | Listing::WithSlots(_) => 0,
        }
    }

    /// Returns the profiles of the list of profiles.
    pub fn listed_profiles(&self) -> Vec<&Profile> {
        let typed = self.shows.profiles.as_ref();
        let passes =
            |profile: &&Profile| typed.is_none_or(|typed| typed.filter.matches_profile(profile));
        self.profiles().iter().filter(passes).collect()
    }

    /// Returns which row of all failed and sent updates a row of the sent pane is.
    pub(crate) fn sent_index(&self, row: usize) -> Option<usize> {
        match &self.shows.sent_rows {
            None => Some(row),
            Some(rows) => rows.get(row).map(|at| *at as usize),
        }
    }

    /// Returns the update of a row of the sent pane: the failed ones first.
    pub fn sent_row(&self, index: usize) -> Option<&Update> {
        let index = self.sent_index(index)?;
        let failed = self.failed();
        match failed.get(index) {
            Some(id) => self.update(*id),
            None => self.sent()?.shown(index - failed.len()),
        }
    }

    /// Returns how many rows the sent pane has.
    pub fn sent_len(&self) -> usize {
        if let Some(rows) = &self.shows.sent_rows {
            return rows.len();
        }
        self.failed().len() + self.sent().map_or(0, |sent| sent.updates.len())
    }

    /// Returns how many rows of the sent pane a filter lets through, if one is on.
    pub fn shows_of_sent(&self) -> Option<usize> {
        self.shows.sent_rows.as_ref().map(Vec::len)
    }

    /// Notes that something outside of the replica changed about these updates (tags): a filter
    /// looks at them again.
    pub fn look_at_again(&mut self, updates: &[LocalId]) {
        self.shows.stale = true;
        for search in self.shows.queues.values_mut() {
            search.look_at(updates);
        }
    }
}
