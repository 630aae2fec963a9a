//! Which updates say the same, or nearly: trigram similarity of at least 0.9, found without looking
//! at every pair.
//!
//! Each text is simplified (case, white space, punctuation; of a link only host and path count) and
//! becomes the set of its trigrams. Of a set only a sketch is kept: 512 bits, each the parity of
//! how many trigrams fall on it. Sets that differ in `d` trigrams differ in at most `d` bits, so a
//! sketch never hides a pair. Two sets of similarity 0.9 differ in at most a ninth of the smaller
//! one; cut into more pieces than that, at least one piece of their sketches is the same. So only
//! texts that share a piece are compared, and those by their trigrams.
//!
//! The work is done in small steps, so that whoever drives it can stop between any two. Two limits
//! keep every step short: of the texts that share a piece the latest 200 are looked at, and
//! texts of more than 287 different trigrams are cut into 32 pieces all the same. So among hundreds
//! of lookalikes, or of very long texts just at 0.9, one may go unnoticed.

mod trigrams;

use crate::domain::id::{IdMap, IdSet, LocalId};
use crate::domain::places::Places;
use crate::domain::text::normalized;

pub use trigrams::{similar, simplified, trigrams};

/// So many texts that share a piece are looked at for each.
pub const REACH: usize = 200;

/// Up to so many changed texts are each compared with all sketches; for more all are looked at anew.
const FEW: usize = 8;

/// The sizes of sets that are cut into a number of pieces: smallest, largest, pieces. A pair counts
/// by its smaller set.
const CLASSES: [(u32, u32, usize); 6] = [
    (1, 8, 1),
    (9, 17, 2),
    (18, 35, 4),
    (36, 71, 8),
    (72, 143, 16),
    (144, u32::MAX, 32),
];

/// The parities of a set of trigrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sketch([u64; 8]);

impl Sketch {
    fn of(trigrams: &[u64]) -> Self {
        let mut bits = [0; 8];
        for trigram in trigrams {
            let spread = trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let bit = (spread ^ spread >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 55;
            let word = (bit >> 6) as usize;
            bits[word] ^= 1 << (bit & 63);
        }
        Self(bits)
    }

    fn distance(&self, other: &Self) -> u32 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Returns one of so many pieces, mixed.
    fn piece(&self, pieces: usize, piece: usize) -> u64 {
        let mixed = |mix: u64, word: &u64| (mix.rotate_left(23) ^ word).wrapping_mul(MIX);
        if pieces <= 8 {
            let words = 8 / pieces;
            return self.0[piece * words..(piece + 1) * words]
                .iter()
                .fold(0, mixed);
        }
        let per_word = pieces / 8;
        let bits = 64 / per_word;
        let word = self.0[piece / per_word] >> (piece % per_word * bits);
        mixed(0, &(word & ((1 << bits) - 1)))
    }
}

const MIX: u64 = 0xf135_7aea_2e62_a9c5;

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
    round: u16,
    search: Option<Search>,
}

#[derive(Debug, Clone)]
struct Known {
    update: LocalId,
    /// What the text and all else was made of, to see whether it changed.
    digest: u64,
    sketch: Sketch,
    size: u32,
    /// When it was put last. Whatever an earlier round left is forgotten at the end of the next, so
    /// few numbers are enough, and there may be a hundred thousand of these.
    round: u16,
    /// Whether it is only compared with, and gets no twin.
    only_other: bool,
}

impl Known {
    /// Says whether the sketches leave it open that two are similar.
    fn may_be_like(&self, other: &Self) -> bool {
        let (less, more) = (self.size.min(other.size), self.size.max(other.size));
        less > 0
            && u64::from(less) * 10 >= u64::from(more) * 9
            && self.sketch.distance(&other.sketch) <= (less + more) / 19
    }
}

/// A look at all of them, where it stands.
#[derive(Debug, Clone, Default)]
struct Search {
    class: usize,
    piece: usize,
    members: Vec<u32>,
    at: usize,
    /// The latest member of each piece, and the one before each.
    heads: Vec<u32>,
    before: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Twins {
    /// Begins a round for about so many texts: what is not put in it is forgotten at its end.
    pub fn begin(&mut self, texts: usize) {
        self.known
            .reserve_exact(texts.saturating_sub(self.known.len()));
        self.round = self.round.wrapping_add(1);
        self.search = None;
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
        let trigrams = trigrams(text);
        let known = Known {
            update,
            digest,
            sketch: Sketch::of(&trigrams),
            size: u32::try_from(trigrams.len()).unwrap_or(u32::MAX),
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
        self.changed.push(update);
    }

    fn place(&self, update: LocalId) -> Option<usize> {
        self.places.get(update, |at| self.known[at].update)
    }

    /// Ends a round: forgets what was not put, and whose twin is gone or changed needs another.
    pub fn end(&mut self) {
        let round = self.round;
        let all = self.known.len();
        self.known.retain(|known| known.round == round);
        let known = &self.known;
        let id = |at: usize| known[at].update;
        if known.len() != all {
            self.places = Places::of(known.len(), id);
        }
        if known.len() == all && self.changed.is_empty() {
            return;
        }
        let places = &self.places;
        let is_there = |update: &LocalId| places.get(*update, id).is_some();
        let first: IdSet<LocalId> = self.changed.iter().copied().collect();
        let mut changed = first.clone();
        self.found.retain(|update, twin| {
            let holds = is_there(&twin.other) && !first.contains(&twin.other);
            if !holds {
                changed.insert(*update);
            }
            holds && is_there(update) && !first.contains(update)
        });
        self.changed = changed.into_iter().filter(is_there).collect();
        self.changed.sort_unstable();
        if self.changed.len() > FEW {
            self.found.clear();
        }
    }

    /// Looks for twins, in steps that cost about `budget` together; says whether all are found.
    pub fn look<'t>(
        &mut self,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) -> bool {
        if self.changed.len() <= FEW && self.search.is_none() {
            while *budget > 0 {
                let Some(update) = self.changed.pop() else {
                    return true;
                };
                self.look_at_one(budget, texts, update);
            }
            return self.changed.is_empty();
        }
        let mut search = self.search.take().unwrap_or_else(|| {
            let mut search = Search::default();
            search.gather(&self.known);
            search
        });
        while *budget > 0 {
            if search.at == search.members.len() {
                if !search.next(&self.known) {
                    // With its room: the first look at a long queue is at all of it.
                    self.changed = Vec::new();
                    return true;
                }
                continue;
            }
            self.step(&mut search, budget, texts);
        }
        self.search = Some(search);
        false
    }

    /// Returns every update that has a twin.
    pub fn found(&self) -> &IdMap<LocalId, Twin> {
        &self.found
    }

    fn look_at_one<'t>(
        &mut self,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
        update: LocalId,
    ) {
        let all = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        spend(budget, 1 + all / 64);
        let Some(at) = self.place(update) else {
            return;
        };
        let one = &self.known[at];
        let like = self.known.iter().enumerate();
        let like = like.filter(|(i, other)| *i != at && other.may_be_like(one));
        let like: Vec<usize> = like.map(|(i, _)| i).take(REACH).collect();
        for other in like {
            // One that stayed as it was may have found its twin in this one.
            if self.is_settled(at) && self.is_settled(other) {
                continue;
            }
            spend(budget, 20);
            self.compare(texts, at, other);
        }
    }

    /// Compares the next member with those before it that share its piece.
    fn step<'t>(
        &mut self,
        search: &mut Search,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) {
        let member = search.members[search.at];
        search.at += 1;
        let at = member as usize;
        let head = search.head(&self.known[at]);
        let mut other = search.heads[head];
        let mut looked = 0;
        while other != NONE && looked < REACH {
            looked += 1;
            let i = other as usize;
            let equal = self.known[i].sketch == self.known[at].sketch;
            let settled = self.is_settled(i) && self.is_settled(at);
            let done = settled || (!equal && self.has_twin(i) && self.has_twin(at));
            if !done && self.known[i].may_be_like(&self.known[at]) {
                spend(budget, 20);
                self.compare(texts, at, i);
            }
            if equal && !self.known[at].only_other && self.is_settled(at) {
                // The one with the same text that hangs there stands for both.
                spend(budget, 1);
                return;
            }
            other = search.before[i];
        }
        spend(budget, 1 + u32::try_from(looked / 8).unwrap_or(0));
        search.before[at] = search.heads[head];
        search.heads[head] = member;
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

impl Search {
    /// Gathers the members of the class: also those larger ones that a member may be like.
    fn gather(&mut self, known: &[Known]) {
        let (smallest, largest, _) = CLASSES[self.class];
        let largest = u32::try_from(u64::from(largest) * 10 / 9).unwrap_or(u32::MAX);
        let fits = |size: u32| (smallest..=largest).contains(&size);
        let members = (0..).zip(known).filter(|(_, known)| fits(known.size));
        self.members = members.map(|(at, _)| at).collect();
        self.before.resize(known.len(), NONE);
        self.reset();
    }

    fn reset(&mut self) {
        let heads = (self.members.len() * 2).next_power_of_two();
        self.heads.clear();
        self.heads.resize(heads, NONE);
        self.at = 0;
    }

    /// Goes on with the next piece, or the next class; says whether there is one.
    fn next(&mut self, known: &[Known]) -> bool {
        self.piece += 1;
        if self.piece < CLASSES[self.class].2 && !self.members.is_empty() {
            self.reset();
            return true;
        }
        self.piece = 0;
        self.class += 1;
        if self.class == CLASSES.len() {
            return false;
        }
        self.gather(known);
        true
    }

    /// Returns where members that share its piece hang.
    fn head(&self, known: &Known) -> usize {
        let piece = known.sketch.piece(CLASSES[self.class].2, self.piece);
        let heads = self.heads.len() as u64;
        usize::try_from((piece >> 20) & (heads - 1)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
