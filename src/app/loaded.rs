//! What is read bit by bit: large queues from the store, and what was sent and interactions page by
//! page, as far as they are looked at.

use super::state::State;
use crate::domain::figures;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::interaction::Interaction;
use crate::domain::places::Places;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::protocol::SentPage;

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
    /// Where each update stands in `updates`.
    places: Places,
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
    /// Takes a page in: the first one in front of what was read before, the next one behind it.
    pub(crate) fn take(&mut self, page: SentPage) {
        if self.loading == (Loading::Asked { page: page.page }) {
            self.loading = Loading::Idle;
        }
        self.order = None;
        // An empty page is the end, whatever the total says: else it would be asked for forever.
        let is_end = page.updates.is_empty();
        if page.page <= 1 {
            self.begin_with(page.updates);
        } else if page.page == self.pages + 1 {
            if let Some(known) = &mut self.figures {
                *known = figures::most_of(known, &figures::figures_of(&page.updates));
            }
            self.extend(page.updates);
            self.pages = page.page;
        }
        self.total = Some(if is_end {
            self.updates.len() as u64
        } else {
            page.total
        });
    }

    fn begin_with(&mut self, updates: Vec<Update>) {
        let overlaps = updates.iter().any(|update| self.get(update.id).is_some());
        let old = std::mem::take(&mut self.updates);
        self.places = Places::default();
        self.figures = None;
        self.pages = self.pages.max(1);
        self.extend(updates);
        if overlaps {
            self.extend(old);
        } else {
            // More was sent since than a page holds: what is between is not known.
            self.pages = 1;
        }
    }

    /// Adds those that are not there yet.
    fn extend(&mut self, updates: Vec<Update>) {
        for update in updates {
            let (updates, place) = (&self.updates, self.updates.len());
            if self.places.put(update.id, place, |at| updates[at].id) {
                self.updates.push(update);
            }
        }
    }

    /// Returns an update by its id.
    pub fn get(&self, id: LocalId) -> Option<&Update> {
        let place = self.places.get(id, |at| self.updates[at].id)?;
        self.updates.get(place)
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{id, number};
    use crate::domain::update::{Body, Content, Outcome, Status};

    /// A page of sent updates with these numbers, each with so many clicks, and likes if it is odd.
    fn page(page: u32, numbers: impl IntoIterator<Item = u128>) -> SentPage {
        let profile = ProfileId::parse("p").unwrap();
        let update = |n: u128| Update {
            id: id(n),
            remote: None,
            body: Body {
                profile: profile.clone(),
                content: Content::default(),
                status: Status::Sent,
                created_at: Timestamp(0),
                due_at: None,
                own_time: None,
                outcome: Outcome {
                    statistics: [("clicks", n), ("likes", n % 2)]
                        .into_iter()
                        .filter(|(_, value)| *value > 0)
                        .map(|(name, value)| (name.to_owned(), i64::try_from(value).unwrap()))
                        .collect(),
                    ..Outcome::default()
                }
                .into(),
            },
        };
        let updates = numbers.into_iter().map(update).collect();
        SentPage {
            profile: profile.clone(),
            page,
            total: 100,
            updates,
        }
    }

    #[test]
    fn pages_are_put_together_and_each_update_is_found_in_them() {
        let mut sent = SentList::default();
        let mut takes = |next: SentPage, numbers: &[u128], pages: u32| {
            sent.take(next);
            let found: Vec<u128> = sent
                .updates
                .iter()
                .map(|update| number(update.id))
                .collect();
            assert_eq!(found, numbers);
            assert_eq!(sent.pages, pages);
            for update in &sent.updates {
                assert_eq!(sent.get(update.id), Some(update));
            }
            assert_eq!(sent.get(id(999)), None);
            // As the settling does it.
            let all = figures::figures_of(&sent.updates);
            assert_eq!(sent.figures.get_or_insert_with(|| all.clone()), &all);
        };
        takes(page(1, [30, 20]), &[30, 20], 1);
        takes(page(3, [1]), &[30, 20], 1);
        // One was sent meanwhile, so the next page begins with one that is there.
        takes(page(2, [20, 11]), &[30, 20, 11], 2);
        takes(page(3, [50, 7]), &[30, 20, 11, 50, 7], 3);
        takes(page(1, [31, 30]), &[31, 30, 20, 11, 50, 7], 3);
        // Nothing of it was there before: what is between is not known.
        takes(page(1, [91, 90]), &[91, 90], 1);
        takes(page(1, []), &[], 1);
    }
}
