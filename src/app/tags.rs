//! The tags of all updates, and which words are in use.

use std::collections::BTreeMap;

use crate::domain::id::LocalId;
use crate::domain::tag::{Tagged, Tags};

/// The tags of all updates. Whoever changes them has the filters look at the updates again
/// ([`super::State::look_at_again`]).
#[derive(Debug, Clone, Default)]
pub struct TagBook {
    of: BTreeMap<LocalId, Tags>,
    /// How many updates have each tag.
    used: BTreeMap<String, usize>,
}

impl TagBook {
    /// Takes over what the store held.
    pub(crate) fn restore(&mut self, kept: Vec<Tagged>) {
        *self = Self::default();
        for Tagged { update, tags } in kept {
            self.set(update, tags);
        }
    }

    /// Returns the tags of an update, if it has some.
    pub fn of(&self, update: LocalId) -> Option<&Tags> {
        self.of.get(&update)
    }

    /// Gives an update these tags instead of those it had.
    pub fn set(&mut self, update: LocalId, tags: Tags) {
        for tag in self.of.remove(&update).into_iter().flatten() {
            if let Some(used) = self.used.get_mut(&tag) {
                *used -= 1;
                if *used == 0 {
                    self.used.remove(&tag);
                }
            }
        }
        for tag in &tags {
            *self.used.entry(tag.clone()).or_default() += 1;
        }
        if !tags.is_empty() {
            self.of.insert(update, tags);
        }
    }

    /// Returns the tags in use that begin so, in the order of the alphabet.
    pub fn that_begin<'a>(&'a self, begin: &'a str) -> impl Iterator<Item = &'a str> {
        let from = self.used.range(begin.to_owned()..);
        from.map(|(tag, _)| tag.as_str())
            .take_while(move |tag| tag.starts_with(begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_use_is_known() {
        let id = |n: u128| LocalId::from(ulid::Ulid::from(n));
        let tags = |words: &str| words.split(' ').map(str::to_owned).collect();
        let mut book = TagBook::default();
        book.set(id(1), tags("blog launch"));
        book.set(id(2), tags("lab launch"));
        assert_eq!(book.that_begin("la").collect::<Vec<_>>(), ["lab", "launch"]);
        book.set(id(2), Tags::new());
        assert_eq!(book.of(id(2)), None);
        assert_eq!(book.that_begin("").collect::<Vec<_>>(), ["blog", "launch"]);
    }
}
