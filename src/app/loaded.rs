//! What is read bit by bit: large queues from the store, and what was sent and interactions page by
//! page, as far as they are looked at.

use super::state::State;
use crate::domain::id::ProfileId;
use crate::domain::interaction::Interaction;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// How far something is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Loading {
    /// Nothing is under way.
    #[default]
    Idle,
    /// This page was asked for.
    Asked {
        /// Which, from 1.
        page: u32,
    },
    /// This page could not be read.
    Failed {
        /// Which, from 1.
        page: u32,
        /// Why, for people.
        reason: String,
    },
}

/// The sent updates of a profile, newest first, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct SentList {
    /// Those read.
    pub updates: Vec<Update>,
    /// The numbers they have and the largest of each; made anew when a page was read.
    pub(crate) figures: Option<Vec<(&'static str, i64)>>,
    /// The order they are shown in, as places in `updates`, and by which number, if it is not the
    /// order they went out in.
    pub(crate) order: Option<(&'static str, Vec<usize>)>,
    /// How many there are in all; none while not known.
    pub total: Option<u64>,
    /// Pages read without a gap, from 1.
    pub pages: u32,
    /// What is under way.
    pub loading: Loading,
}

/// The interactions of one update, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Reactions {
    /// Those read.
    pub list: Vec<Interaction>,
    /// The order they are shown in, as places in `list`, if it is not by time.
    pub(crate) order: Option<Vec<usize>>,
    /// How many there are in all; none while not known.
    pub total: Option<u64>,
    /// Pages read without a gap, from 1.
    pub pages: u32,
    /// What is under way.
    pub loading: Loading,
    /// When the first page was read.
    pub read_at: Timestamp,
}

impl SentList {
    /// Returns the update that is shown at `index`.
    pub fn shown(&self, index: usize) -> Option<&Update> {
        let order = self.order.as_ref().map(|(_, order)| order.as_slice());
        self.updates.get(place(order, index)?)
    }
}

impl Reactions {
    /// Returns the interaction that is shown at `index`.
    pub fn shown(&self, index: usize) -> Option<&Interaction> {
        self.list.get(place(self.order.as_deref(), index)?)
    }
}

impl State {
    /// Says whether only the first updates of the queue on the screen are there: what is done would
    /// be done to them alone.
    pub fn is_awaiting(&self) -> bool {
        let profile = self.profile.as_ref();
        profile.is_some_and(|profile| self.awaited.contains_key(profile))
    }

    /// Returns how many updates wait in a profile's queue, also where not all are read yet.
    pub fn queued(&self, profile: &ProfileId) -> Option<u64> {
        let shown = self.replica.queue(profile);
        let here = shown.map(|shown| shown.queue.rows().len() as u64);
        self.awaited.get(profile).copied().or(here)
    }
}

fn place(order: Option<&[usize]>, index: usize) -> Option<usize> {
    order.map_or(Some(index), |order| order.get(index).copied())
}
