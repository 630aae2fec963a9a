//! What a filter lets through: terms that must all hold.
//!
//! [`read`] makes them of what a person types; what it cannot read is left out and said. A filter
//! that says more than another ([`Filter::narrows`]) only needs to look at what that one let through.

mod read;

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::length::measure;
use crate::domain::profile::Profile;
use crate::domain::replica::Mark;
use crate::domain::time::Timestamp;
use crate::domain::update::{Status, Update};

pub use read::read;

/// Terms that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
    /// What could not be read, and what would be right.
    pub problems: Vec<String>,
}

/// One term, or what must not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// It stands in the text, the link or the title.
    Text(Needle),
    /// It has a tag that begins so.
    Tag(String),
    Has(Part),
    /// It goes (or went) out before.
    Before(Timestamp),
    /// It goes (or went) out then or later.
    After(Timestamp),
    Is(Quality),
    /// Another one says the same, or nearly.
    Repeated,
}

/// What an update may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Link,
    Picture,
}

/// What an update may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quality {
    Pinned,
    Own,
    Failed,
    Held,
    Waiting,
    Over,
}

/// Words to look for, whatever their case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Needle(String);

/// An update as a filter looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The update.
    pub update: &'a Update,
    /// When it goes, or went, out.
    pub at: Option<Timestamp>,
    /// How its row is marked.
    pub mark: Mark,
    /// Its tags.
    pub tags: Option<&'a BTreeSet<String>>,
    /// Its profile.
    pub profile: Option<&'a Profile>,
    /// Whether another one says the same, or nearly.
    pub is_repeated: bool,
}

impl Filter {
    /// Says whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Says whether all terms hold.
    pub fn matches(&self, subject: Subject<'_>) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.holds(subject) != term.negated)
    }

    /// Says whether all words stand in the names of a profile. Other terms say nothing of one.
    pub fn matches_profile(&self, profile: &Profile) -> bool {
        let names = [
            profile.username.as_str(),
            &profile.formatted_username,
            profile.service.title(),
            profile.timezone.name(),
            profile.connection.as_deref().unwrap_or_default(),
        ];
        self.terms.iter().all(|term| match &term.test {
            Test::Text(needle) => names.iter().any(|name| needle.is_in(name)) != term.negated,
            _ => true,
        })
    }

    /// Says whether it has terms that say nothing of a profile.
    pub fn is_of_updates(&self) -> bool {
        let is_text = |term: &Term| matches!(term.test, Test::Text(_));
        !self.terms.iter().all(is_text)
    }

    /// Says whether nothing passes it that `other` does not let through too.
    pub fn narrows(&self, other: &Self) -> bool {
        other
            .terms
            .iter()
            .all(|wide| self.terms.iter().any(|term| term.implies(wide)))
    }

    /// Says whether what passes depends on when updates go out.
    pub fn is_by_time(&self) -> bool {
        let by_time = |term: &Term| matches!(term.test, Test::Before(_) | Test::After(_));
        self.terms.iter().any(by_time)
    }

    /// Says whether what passes depends on what other updates say.
    pub fn is_by_others(&self) -> bool {
        self.terms.iter().any(|term| term.test == Test::Repeated)
    }

    /// Says whether looking into a text takes long: it has to be folded first.
    pub fn is_slow(&self) -> bool {
        self.terms
            .iter()
            .any(|term| matches!(&term.test, Test::Text(needle) if !needle.0.is_ascii()))
    }

    /// Returns where the words it looks for stand in `text`, ascending and apart.
    pub fn found_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for term in self.terms.iter().filter(|term| !term.negated) {
            if let Test::Text(needle) = &term.test {
                found.extend(needle.places(text));
            }
        }
        found.sort_by_key(|range| range.start);
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }
}

impl Term {
    /// Says whether `wide` holds wherever this one does.
    fn implies(&self, wide: &Self) -> bool {
        if self.negated != wide.negated {
            return false;
        }
        let (inner, outer) = if self.negated {
            (wide, self)
        } else {
            (self, wide)
        };
        match (&inner.test, &outer.test) {
            (Test::Text(long), Test::Text(short)) => long.0.contains(&short.0),
            (Test::Tag(long), Test::Tag(short)) => long.starts_with(short.as_str()),
            (one, other) => one == other,
        }
    }
}

impl Test {
    fn holds(&self, subject: Subject<'_>) -> bool {
        let body = &subject.update.body;
        let media = &body.content.media;
        match self {
            Self::Text(needle) => {
                needle.is_in(&body.content.text)
                    || needle.is_in(&media.link)
                    || needle.is_in(&media.title)
            }
            Self::Tag(begin) => subject
                .tags
                .is_some_and(|tags| tags.iter().any(|tag| begins(tag, begin))),
            Self::Has(Part::Picture) => !media.picture.is_empty(),
            Self::Has(Part::Link) => {
                let text = &body.content.text;
                !media.link.is_empty() || text.contains("http://") || text.contains("https://")
            }
            Self::Before(time) => subject.at.is_some_and(|at| at < *time),
            Self::After(time) => subject.at.is_some_and(|at| at >= *time),
            Self::Is(quality) => quality.is_of(subject),
            Self::Repeated => subject.is_repeated,
        }
    }
}

impl Quality {
    fn is_of(self, subject: Subject<'_>) -> bool {
        let body = &subject.update.body;
        match self {
            Self::Pinned => body.own_time.is_some_and(|own| own.pinned),
            Self::Own => body.own_time.is_some(),
            Self::Failed => subject.mark == Mark::Failed || body.status == Status::Failed,
            Self::Held => subject.mark == Mark::Held,
            Self::Waiting => {
                matches!(subject.mark, Mark::Saved | Mark::OnItsWay | Mark::NotSaved)
            }
            Self::Over => subject.profile.is_some_and(|profile| {
                let text = &body.content.text;
                measure(&profile.service, text, profile.character_limit).is_over()
            }),
        }
    }
}

/// Says whether `tag` begins with `begin`, which is in lower case.
fn begins(tag: &str, begin: &str) -> bool {
    tag.to_lowercase().starts_with(begin)
}

impl Needle {
    fn new(text: &str) -> Self {
        Self(folded(text))
    }

    fn is_in(&self, text: &str) -> bool {
        let wanted = self.0.as_bytes();
        let Some((first, rest)) = wanted.split_first() else {
            return true;
        };
        if !self.0.is_ascii() {
            return !text.is_ascii() && folded(text).contains(&self.0);
        }
        let bytes = text.as_bytes();
        let Some(last) = bytes.len().checked_sub(wanted.len()) else {
            return false;
        };
        (0..=last).any(|at| {
            bytes[at].eq_ignore_ascii_case(first)
                && bytes[at + 1..=at + rest.len()].eq_ignore_ascii_case(rest)
        })
    }

    /// Returns where it stands in `text`.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for (start, _) in text.char_indices() {
            let free = places.last().is_none_or(|last| last.end <= start);
            if let Some(end) = self.ends(text, start).filter(|_| free) {
                places.push(start..end);
            }
        }
        places
    }

    /// Returns where it ends if it begins at `start`.
    fn ends(&self, text: &str, start: usize) -> Option<usize> {
        let mut wanted = self.0.chars().peekable();
        for (at, c) in text[start..].char_indices() {
            for lower in c.to_lowercase() {
                if wanted.next() != Some(lower) {
                    return None;
                }
            }
            if wanted.peek().is_none() {
                return Some(start + at + c.len_utf8());
            }
        }
        None
    }
}

/// Returns a text so that case and ways to write an accent make no difference.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfc().flat_map(char::to_lowercase).collect()
    }
}
