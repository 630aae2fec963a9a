//! Tags: a person's own words on updates. They are kept on this machine and go to no API.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::LocalId;

/// The tags of one update: lower case, without spaces.
pub type Tags = BTreeSet<String>;

/// No tag is longer than this many characters.
const LONGEST: usize = 40;

/// The tags of one update, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tagged {
    /// Whose they are.
    pub update: LocalId,
    /// All of them; none: they are forgotten.
    pub tags: Tags,
}

/// What was done to the tags of one update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retag {
    /// Whose they are.
    pub update: LocalId,
    /// What was put on it that it did not have.
    pub on: Tags,
    /// What was taken off it that it had.
    pub off: Tags,
}

/// What a person wants of the tags of some updates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// To be put on.
    pub on: Tags,
    /// To be taken off.
    pub off: Tags,
}

impl Wish {
    /// Reads tags with spaces or commas between them; one with `-` before it is taken off. The last
    /// word about a tag counts.
    pub fn read(text: &str) -> Self {
        let mut wish = Self::default();
        for word in words(text) {
            let (tag, on) = match word.strip_prefix('-') {
                Some(tag) => (tag, false),
                None => (word, true),
            };
            let tag = tag.trim_start_matches(['#', '+']).to_lowercase();
            let tag: String = tag.chars().take(LONGEST).collect();
            if tag.is_empty() {
                continue;
            }
            let (to, from) = if on {
                (&mut wish.on, &mut wish.off)
            } else {
                (&mut wish.off, &mut wish.on)
            };
            from.remove(&tag);
            to.insert(tag);
        }
        wish
    }

    /// Says whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.on.is_empty() && self.off.is_empty()
    }

    /// Returns what of it changes the tags of an update; none if nothing does.
    pub fn change(&self, update: LocalId, now: Option<&Tags>) -> Option<Retag> {
        let has = |tag: &&String| now.is_some_and(|now| now.contains(*tag));
        let on: Tags = self.on.iter().filter(|tag| !has(tag)).cloned().collect();
        let off: Tags = self.off.iter().filter(has).cloned().collect();
        (!on.is_empty() || !off.is_empty()).then_some(Retag { update, on, off })
    }
}

impl Retag {
    /// Returns what takes it back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            update: self.update,
            on: self.off.clone(),
            off: self.on.clone(),
        }
    }

    /// Returns the tags as they are with it.
    pub fn applied(&self, now: Option<&Tags>) -> Tags {
        let mut tags = now.cloned().unwrap_or_default();
        tags.retain(|tag| !self.off.contains(tag));
        tags.extend(self.on.iter().cloned());
        tags
    }
}

/// Returns the words of a line, as typed.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_whitespace() || c == ',' || c.is_control();
    text.split(is_between).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &[&str]) -> Tags {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_line_says_what_is_put_on_and_taken_off() {
        let wish = Wish::read(" Launch, #blog -old,, +new - -# launch");
        assert_eq!(wish.on, tags(&["launch", "blog", "new"]));
        assert_eq!(wish.off, tags(&["old"]));
        assert!(Wish::read(" , - ").is_empty());
        assert_eq!(Wish::read("a -a").off, tags(&["a"]));
        let long = Wish::read(&"ä".repeat(100));
        assert_eq!(long.on.first().unwrap().chars().count(), LONGEST);
    }

    #[test]
    fn what_changes_is_taken_back_by_its_inverse() {
        let update = LocalId::from(ulid::Ulid::from(1));
        let now = tags(&["blog", "old"]);
        let wish = Wish::read("launch blog -old -never");
        let change = wish.change(update, Some(&now)).unwrap();
        assert_eq!((change.on.len(), change.off.len()), (1, 1));
        let then = change.applied(Some(&now));
        assert_eq!(then, tags(&["blog", "launch"]));
        assert_eq!(change.inverse().applied(Some(&then)), now);
        assert_eq!(wish.change(update, Some(&then)), None);
    }
}
