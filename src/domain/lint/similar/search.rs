//! A look at all texts: by pieces of their sketches, one class of sizes after the other.
//!
//! A sketch is kept only as long as its class is looked at. So that of a text in two classes is made
//! twice, but none takes room when nothing is looked for.

use super::sketch::Sketch;
use super::{Known, REACH, Twins, of_a_set, spend, trigrams};
use crate::domain::id::LocalId;

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

/// A look at all of them, where it stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    class: usize,
    piece: usize,
    /// Where those of the class stand among all, and the sketches of as many as have one yet.
    members: Vec<u32>,
    sketches: Vec<Sketch>,
    /// The member that is compared with those before it, and how far that is: with which one it
    /// goes on, and after how many.
    at: usize,
    within: Option<(u32, usize)>,
    /// The latest member of each piece, and the one before each.
    heads: Vec<u32>,
    before: Vec<u32>,
}

const NONE: u32 = u32::MAX;

/// What it costs to go over so many.
fn of_many(count: usize) -> u32 {
    u32::try_from(1 + count / 256).unwrap_or(u32::MAX)
}

impl Search {
    /// Begins a look at all of these.
    pub(super) fn of(known: &[Known], budget: &mut u32) -> Self {
        spend(budget, of_many(known.len()));
        Self::gather(0, known)
    }

    /// Goes on for about `budget`; says whether it is over.
    pub(super) fn go_on<'t>(
        &mut self,
        twins: &mut Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) -> bool {
        while *budget > 0 {
            if let Some(member) = self.members.get(self.sketches.len()) {
                let known = &twins.known[*member as usize];
                // Without its text it is like nothing.
                let trigrams = texts(known.update).map(trigrams).unwrap_or_default();
                self.sketches.push(Sketch::of(&trigrams));
                spend(budget, of_a_set(known.size));
            } else if self.at < self.members.len() {
                self.step(twins, budget, texts);
            } else if !self.next(&twins.known, budget) {
                return true;
            }
        }
        false
    }

    /// Compares a member with those before it that share its piece.
    fn step<'t>(
        &mut self,
        twins: &mut Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) {
        let sketch = self.sketches[self.at];
        let most = Sketch::most_apart(twins.known[self.members[self.at] as usize].size);
        let head = self.head(&sketch);
        let (mut other, mut looked) = self.within.take().unwrap_or((self.heads[head], 0));
        while other != NONE && looked < REACH {
            if *budget == 0 {
                self.within = Some((other, looked));
                return;
            }
            looked += 1;
            let before = other as usize;
            // Nearly all are told apart by this; what the sketches are of lies elsewhere.
            let apart = self.sketches[before].apart(&sketch);
            if apart <= most && self.meet(twins, budget, texts, before) {
                self.at += 1;
                return;
            }
            other = self.before[before];
        }
        spend(budget, 1 + u32::try_from(looked / 8).unwrap_or(0));
        self.before[self.at] = self.heads[head];
        self.heads[head] = u32::try_from(self.at).unwrap_or(NONE);
        self.at += 1;
    }

    /// Compares the member it is at with one before it, unless there is nothing to gain; says
    /// whether that one, which has the same text, stands for both from now on.
    fn meet<'t>(
        &self,
        twins: &mut Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
        before: usize,
    ) -> bool {
        let (i, at) = (
            self.members[before] as usize,
            self.members[self.at] as usize,
        );
        let (other, sketch) = (&self.sketches[before], &self.sketches[self.at]);
        let equal = other == sketch;
        let settled = twins.is_settled(i) && twins.is_settled(at);
        let done = settled || (!equal && twins.has_twin(i) && twins.has_twin(at));
        let sizes = (twins.known[i].size, twins.known[at].size);
        if !done && other.may_be_like(sketch, sizes) {
            spend(budget, 20);
            twins.compare(texts, at, i);
        }
        let stands = equal && !twins.known[at].only_other && twins.is_settled(at);
        spend(budget, u32::from(stands));
        stands
    }

    /// Gathers the members of a class: also those larger ones that a member may be like.
    fn gather(class: usize, known: &[Known]) -> Self {
        let (smallest, largest, _) = CLASSES[class];
        let largest = u32::try_from(u64::from(largest) * 10 / 9).unwrap_or(u32::MAX);
        let fits = |known: &&Known| (smallest..=largest).contains(&known.size);
        let count = known.iter().filter(fits).count();
        let mut members = Vec::with_capacity(count);
        let all = (0..).zip(known);
        members.extend(all.filter(|(_, known)| fits(known)).map(|(at, _)| at));
        let mut search = Self {
            class,
            members,
            sketches: Vec::with_capacity(count),
            before: vec![NONE; count],
            ..Self::default()
        };
        search.reset();
        search
    }

    fn reset(&mut self) {
        let heads = (self.members.len() * 2).next_power_of_two();
        self.heads.clear();
        self.heads.resize(heads, NONE);
        self.at = 0;
    }

    /// Goes on with the next piece, or the next class; says whether there is one.
    fn next(&mut self, known: &[Known], budget: &mut u32) -> bool {
        self.piece += 1;
        if self.piece < CLASSES[self.class].2 && !self.members.is_empty() {
            self.reset();
            spend(budget, of_many(self.members.len() / 8));
            return true;
        }
        let class = self.class + 1;
        // What the last class took goes first.
        *self = Self::default();
        if class == CLASSES.len() {
            return false;
        }
        *self = Self::gather(class, known);
        spend(budget, of_many(known.len()));
        true
    }

    /// Returns where members that share its piece hang.
    fn head(&self, sketch: &Sketch) -> usize {
        let piece = sketch.piece(CLASSES[self.class].2, self.piece);
        let heads = self.heads.len() as u64;
        usize::try_from((piece >> 20) & (heads - 1)).unwrap_or(0)
    }
}
