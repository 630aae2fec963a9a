//! Which updates say the same, or nearly: trigram similarity of at least 0.9, found without looking
//! at every pair.
//!
//! Each text is simplified (case, white space, punctuation; of a link only host and path count) and
//! becomes the set of its trigrams. Of a set only a sketch is compared at first: 512 bits, each the
//! parity of how many trigrams fall on it. Sets that differ in `d` trigrams differ in at most `d`
//! bits, so a sketch never hides a pair. Two sets of similarity 0.9 differ in at most a ninth of the
//! smaller one; cut into more pieces than that, at least one piece of their sketches is the same. So
//! only texts that share a piece are compared, and those by their trigrams.
//!
//! Between two looks only the size of each set is kept. A look at all makes the sketches of those
//! it is at (`search`); of a few changed texts each is compared with all others whose size fits,
//! and sketches are made for that in passing (`few`).
//!
//! The work is done in small steps, so that whoever drives it can stop between any two. Two limits
//! keep it short: of the texts that share a piece the latest 200 are looked at (for one that changed
//! the first 200 of like sketches), and texts of more than 287 different trigrams are cut into 32
//! pieces all the same. So among hundreds of lookalikes, or of very long texts just at 0.9, one may
//! go unnoticed.

mod few;
mod search;
mod sketch;
mod trigrams;

use few::Few;
use search::Search;

use crate::domain::id::{IdMap, LocalId};
use crate::domain::places::Places;
use crate::domain::text::normalized;

pub use trigrams::{similar, simplified, trigrams};

/// So many texts that share a piece are looked at for each.
pub const REACH: usize = 200;

/// Up to so many changed texts are each compared with all others; for more all are looked at anew.
const FEW: usize = 8;

/// The other one of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twin {
    /// Which.
    pub other: LocalId,
    /// Whether the API takes both texts for the same.
    pub same: bool,
}

/// The texts that are compared, and which of them are pairs.
#[derive(Debug, Clone, Default)]
pub struct Twins {
    known: Vec<Known>,
    places: Places,
    found: IdMap<LocalId, Twin>,
    /// Those whose twin is not known.
    changed: Vec<LocalId>,
    /// Whether that is so of all, which are then looked at anew.
    anew: bool,
    round: u16,
    look: Option<Look>,
}

/// There may be a hundred thousand of these, so each holds only what shows that its text changed
/// and which others it cannot be like.
#[derive(Debug, Clone)]
struct Known {
    update: LocalId,
    /// What the text and all else was made of, to see whether it changed.
    digest: u64,
    /// How many trigrams the text has.
    size: u32,
    /// When it was put last. Whatever an earlier round left is forgotten at the end of the next, so
    /// few numbers are enough.
    round: u16,
    /// Whether it is only compared with, and gets no twin.
    only_other: bool,
}

/// Looking for twins, where it stands. It knows texts by where they stand, so a change ends it.
#[derive(Debug, Clone)]
enum Look {
    All(Search),
    Few(Few),
}

impl Twins {
    /// Begins a round for about so many texts: what is not put in it is forgotten at its end.
    pub fn begin(&mut self, texts: usize) {
        self.known
            .reserve_exact(texts.saturating_sub(self.known.len()));
        self.round = self.round.wrapping_add(1);
        self.look = None;
    }

    /// Says whether an update was put before with this digest; it stays then.
    pub fn keeps(&mut self, update: LocalId, digest: u64) -> bool {
        let Some(at) = self.place(update) else {
            return false;
        };
        let known = &mut self.known[at];
        known.round = self.round;
        known.digest == digest
    }

    /// Puts a new or changed text.
    pub fn put(&mut self, update: LocalId, digest: u64, text: &str, only_other: bool) {
        self.look = None;
        let known = Known {
            update,
            digest,
            size: u32::try_from(trigrams(text).len()).unwrap_or(u32::MAX),
            round: self.round,
            only_other,
        };
        if let Some(at) = self.place(update) {
            self.known[at] = known;
        } else {
            self.known.push(known);
            let known = &self.known;
            self.places
                .put(update, known.len() - 1, |at| known[at].update);
        }
        if !self.anew {
            self.changed.push(update);
        }
    }

    /// Says whether a text of this update is compared.
    pub fn holds(&self, update: LocalId) -> bool {
        self.place(update).is_some()
    }

    fn place(&self, update: LocalId) -> Option<usize> {
        self.places.get(update, |at| self.known[at].update)
    }

    /// Ends a round: forgets what was not put, and whose twin is gone or changed needs another.
    pub fn end(&mut self) {
        self.look = None;
        let round = self.round;
        let all = self.known.len();
        self.known.retain(|known| known.round == round);
        let known = &self.known;
        if known.len() != all {
            self.places = Places::of(known.len(), |at| known[at].update);
        } else if self.changed.is_empty() && !self.anew {
            return;
        }
        if !self.anew {
            self.find_changed();
        }
        if self.anew || self.changed.len() > FEW {
            // Until all were looked at: what is forgotten here nobody else asks for again.
            self.anew = true;
            self.changed = Vec::new();
            self.found.clear();
        }
    }

    /// Adds to those that changed the ones whose twin is gone or changed, unless they are too many
    /// as it is.
    fn find_changed(&mut self) {
        let (known, places) = (&self.known, &self.places);
        let is_there = |update: &LocalId| places.get(*update, |at| known[at].update).is_some();
        self.changed.retain(is_there);
        self.changed.sort_unstable();
        self.changed.dedup();
        if self.changed.len() > FEW {
            return;
        }
        let first = self.changed.clone();
        self.found.retain(|update, twin| {
            let stays = is_there(update) && !first.contains(update);
            let holds = is_there(&twin.other) && !first.contains(&twin.other);
            if stays && !holds {
                self.changed.push(*update);
            }
            stays && holds
        });
        self.changed.sort_unstable();
    }

    /// Looks for twins between two rounds, in steps that cost about `budget` together; says whether
    /// all are found. `texts` returns each text as it was put.
    pub fn look<'t>(
        &mut self,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) -> bool {
        let mut look = match self.look.take() {
            Some(look) => look,
            None if self.anew || self.changed.len() > FEW => {
                Look::All(Search::of(&self.known, budget))
            }
            None => Look::Few(Few::of(self, budget, texts)),
        };
        let is_over = match &mut look {
            Look::All(search) => search.go_on(self, budget, texts),
            Look::Few(few) => few.go_on(self, budget, texts),
        };
        if is_over {
            self.changed = Vec::new();
            self.anew = false;
        } else {
            self.look = Some(look);
        }
        is_over
    }

    /// Returns every update that has a twin.
    pub fn found(&self) -> &IdMap<LocalId, Twin> {
        &self.found
    }

    /// Says whether nothing better can be found for it.
    fn is_settled(&self, at: usize) -> bool {
        let known = &self.known[at];
        known.only_other || self.found.get(&known.update).is_some_and(|twin| twin.same)
    }

    fn has_twin(&self, at: usize) -> bool {
        let known = &self.known[at];
        known.only_other || self.found.contains_key(&known.update)
    }

    fn compare<'t>(
        &mut self,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
        one: usize,
        other: usize,
    ) {
        let (one, other) = (&self.known[one], &self.known[other]);
        let (Some(a), Some(b)) = (texts(one.update), texts(other.update)) else {
            return;
        };
        let same = normalized(a) == normalized(b);
        if !same && !similar(&trigrams(a), &trigrams(b)) {
            return;
        }
        for (one, other) in [(one, other), (other, one)] {
            let better = |twin: &Twin| same && !twin.same;
            if !one.only_other && self.found.get(&one.update).is_none_or(better) {
                let other = other.update;
                self.found.insert(one.update, Twin { other, same });
            }
        }
    }
}

fn spend(budget: &mut u32, cost: u32) {
    *budget = budget.saturating_sub(cost);
}

/// What it costs to make the trigrams of a text, and what follows from them.
fn of_a_set(size: u32) -> u32 {
    1 + size / 12
}

#[cfg(test)]
mod tests;
