//! A look at a few texts that changed: one walk over all others serves them together, and only of
//! those whose size fits one of them a sketch is made, which is dropped at once.

use super::sketch::{Sketch, may_be_like};
use super::{Known, REACH, Twins, of_a_set, spend, trigrams};
use crate::domain::id::LocalId;

/// So many texts are glanced at for what one step costs at least.
const GLANCES: usize = 64;

/// A look at a few of them, where it stands.
#[derive(Debug, Clone)]
pub(super) struct Few {
    /// Which, the first to be compared last.
    changed: Vec<One>,
    /// How many of all texts were walked past.
    at: usize,
    /// With how many of those it may be like the last of the few was compared.
    compared: usize,
}

#[derive(Debug, Clone)]
struct One {
    at: usize,
    size: u32,
    sketch: Sketch,
    /// Where those stand that it may be like.
    like: Vec<u32>,
}

impl One {
    /// Says whether the size of another one leaves it open that they are similar.
    fn may_be_like(&self, at: usize, other: &Known) -> bool {
        self.at != at && self.like.len() < REACH && may_be_like(self.size, other.size)
    }
}

impl Few {
    /// Begins a look at those that changed.
    pub(super) fn of<'t>(
        twins: &Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) -> Self {
        let mut one = |update: &LocalId| {
            let at = twins.place(*update)?;
            let size = twins.known[at].size;
            spend(budget, of_a_set(size));
            Some(One {
                at,
                size,
                sketch: Sketch::of(&trigrams(texts(*update)?)),
                like: Vec::new(),
            })
        };
        Self {
            changed: twins.changed.iter().filter_map(&mut one).collect(),
            at: 0,
            compared: 0,
        }
    }

    /// Goes on for about `budget`; says whether it is over.
    pub(super) fn go_on<'t>(
        &mut self,
        twins: &mut Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) -> bool {
        while *budget > 0 && !self.changed.is_empty() {
            if self.at < twins.known.len() {
                self.pass(&twins.known, budget, texts);
            } else {
                self.compare(twins, budget, texts);
            }
        }
        self.changed.is_empty()
    }

    /// Walks past the next text, and notes which of the few it may be like.
    fn pass<'t>(
        &mut self,
        known: &[Known],
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) {
        let at = self.at;
        let other = &known[at];
        self.at += 1;
        if at.is_multiple_of(GLANCES) {
            spend(budget, 1);
        }
        if !self.changed.iter().any(|one| one.may_be_like(at, other)) {
            return;
        }
        spend(budget, of_a_set(other.size));
        let Some(text) = texts(other.update) else {
            return;
        };
        let sketch = Sketch::of(&trigrams(text));
        for one in &mut self.changed {
            let sizes = (one.size, other.size);
            if one.may_be_like(at, other) && one.sketch.may_be_like(&sketch, sizes) {
                one.like.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }

    /// Compares the last of the few with the next text it may be like, or is done with it.
    fn compare<'t>(
        &mut self,
        twins: &mut Twins,
        budget: &mut u32,
        texts: &impl Fn(LocalId) -> Option<&'t str>,
    ) {
        spend(budget, 1);
        let Some(one) = self.changed.last() else {
            return;
        };
        let Some(other) = one.like.get(self.compared) else {
            let done = twins.known[one.at].update;
            // At once: what is overtaken by a change need not be looked at again.
            twins.changed.retain(|update| *update != done);
            self.changed.pop();
            self.compared = 0;
            return;
        };
        self.compared += 1;
        let other = *other as usize;
        // One that stayed as it was may have found its twin in this one.
        if !(twins.is_settled(one.at) && twins.is_settled(other)) {
            spend(budget, 20);
            twins.compare(texts, one.at, other);
        }
    }
}
