//! Find and replace over many updates: what is asked, what it would change, and what it leaves.
//!
//! What is typed changes the preview, never an update. The texts are looked through in slices, as
//! the queue may be long; see [`super::lint`].

use tui_textarea::TextArea;

use super::composer::{area, line_of, press_line};
use super::key::Key;
use super::state::State;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::length::{self, Length};
use crate::domain::update::Update;

/// So many bytes of text are looked through in one slice.
const SLICE: usize = 200_000;

/// The dialog.
#[derive(Debug, Clone)]
pub struct Replace {
    /// Whose queue.
    pub profile: ProfileId,
    /// What is looked through: the marked updates, else all.
    pub updates: Vec<LocalId>,
    /// The field with the cursor.
    pub field: ReplaceField,
    /// What is found, literally.
    pub find: TextArea<'static>,
    /// What takes its place.
    pub with: TextArea<'static>,
    /// Whether upper and lower case are the same.
    pub case: Case,
    /// What would change, in queue order, as far as it was looked for.
    pub hits: Vec<Hit>,
    /// How many updates were looked through.
    pub looked: usize,
    /// The first hit that shows.
    pub offset: usize,
    /// What keeps it from being done, as the last try said.
    pub problem: Option<String>,
}

/// The fields, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceField {
    /// What is found.
    Find,
    /// What takes its place.
    With,
}

/// Whether upper and lower case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They are not.
    Exact,
    /// They are.
    Any,
}

/// An update in which something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub update: LocalId,
    /// How often.
    pub times: usize,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// What becomes of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is changed; its length then.
    Changed(Length),
    /// It is left, as it would be longer than the network allows.
    TooLong(Length),
    /// It is left, as nothing would be left of it.
    Empty,
    /// It is left, as it goes out now.
    Locked,
}

impl Replace {
    /// Opens it for these updates.
    pub fn open(profile: ProfileId, updates: Vec<LocalId>) -> Self {
        Self {
            profile,
            updates,
            field: ReplaceField::Find,
            find: area(""),
            with: area(""),
            case: Case::Exact,
            hits: Vec::new(),
            looked: 0,
            offset: 0,
            problem: None,
        }
    }

    /// Goes to the other field.
    pub fn step(&mut self) {
        self.field = match self.field {
            ReplaceField::Find => ReplaceField::With,
            ReplaceField::With => ReplaceField::Find,
        };
    }

    /// Takes the two cases for the same, or not.
    pub fn toggle_case(&mut self) {
        self.case = match self.case {
            Case::Exact => Case::Any,
            Case::Any => Case::Exact,
        };
        self.look_again();
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key) {
        let area = self.area();
        if press_line(area, key) {
            self.look_again();
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let line = line_of(text);
        if self.area().insert_str(line) {
            self.look_again();
        }
    }

    fn area(&mut self) -> &mut TextArea<'static> {
        match self.field {
            ReplaceField::Find => &mut self.find,
            ReplaceField::With => &mut self.with,
        }
    }

    /// Begins to look through the texts anew: what was asked, or what waits, has changed.
    pub fn look_again(&mut self) {
        self.hits.clear();
        self.looked = 0;
        self.offset = 0;
        self.problem = None;
    }

    /// Says whether all was looked through.
    pub fn is_over(&self) -> bool {
        self.looked >= self.updates.len() || self.needle().is_empty()
    }

    /// Returns what is looked for: also spaces at its ends.
    pub fn needle(&self) -> String {
        self.find.lines().join("")
    }

    /// Returns what takes its place.
    pub fn replacement(&self) -> String {
        self.with.lines().join("")
    }

    /// Returns a text as it would be, and how often something was found in it.
    pub fn replaced(&self, text: &str) -> (String, usize) {
        replaced(text, &self.needle(), &self.replacement(), self.case)
    }

    /// Goes on looking for one slice.
    pub(crate) fn go_on(&mut self, state: &State) {
        let mut bytes = 0;
        while !self.is_over() && bytes < SLICE {
            let update = self.updates.get(self.looked).copied();
            self.looked += 1;
            let Some(update) = update.and_then(|id| state.update(id)) else {
                continue;
            };
            bytes += update.body.content.text.len() + 20;
            let hit = self.hit(state, update);
            self.hits.extend(hit);
        }
    }

    /// Looks at one update.
    pub(crate) fn hit(&self, state: &State, update: &Update) -> Option<Hit> {
        let content = &update.body.content;
        let (text, times) = self.replaced(&content.text);
        let profile = state.replica.profile(&self.profile)?;
        if times == 0 || text == content.text {
            return None;
        }
        let measure = |text| length::measure(&profile.service, text, profile.character_limit);
        let length = measure(&text);
        let verdict = if state.locked(update.id).is_some() {
            Verdict::Locked
        } else if text.trim().is_empty() && content.media.is_empty() {
            Verdict::Empty
        } else if length.is_over() && length.used >= measure(&content.text).used {
            // What is too long and becomes shorter is let through.
            Verdict::TooLong(length)
        } else {
            Verdict::Changed(length)
        };
        Some(Hit {
            update: update.id,
            times,
            verdict,
        })
    }
}

/// Replaces each `needle` in `text`, from the left and without overlap.
fn replaced(text: &str, needle: &str, with: &str, case: Case) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut times = 0;
    let mut rest = text;
    if needle.is_empty() {
        return (text.to_owned(), 0);
    }
    while let Some((at, len)) = find(rest, needle, case) {
        out.push_str(&rest[..at]);
        out.push_str(with);
        rest = &rest[at + len..];
        times += 1;
    }
    out.push_str(rest);
    (out, times)
}

/// Returns where `needle` is first, and how long it is there.
fn find(text: &str, needle: &str, case: Case) -> Option<(usize, usize)> {
    match case {
        Case::Exact => text.find(needle).map(|at| (at, needle.len())),
        Case::Any => text
            .char_indices()
            .find_map(|(at, _)| Some((at, begins(&text[at..], needle)?))),
    }
}

/// Returns how many bytes of `text` say `needle` in any case.
fn begins(text: &str, needle: &str) -> Option<usize> {
    let mut want = needle.chars().flat_map(char::to_lowercase).peekable();
    for (at, c) in text.char_indices() {
        if want.peek().is_none() {
            return Some(at);
        }
        if !c.to_lowercase().all(|c| want.next() == Some(c)) {
            return None;
        }
    }
    want.peek().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_literal_and_not_found_twice() {
        let exact = |text, needle, with| replaced(text, needle, with, Case::Exact);
        assert_eq!(exact("a.b a.b axb", "a.b", "c"), ("c c axb".to_owned(), 2));
        assert_eq!(exact("aaa", "aa", "a"), ("aa".to_owned(), 1));
        assert_eq!(exact("aaa", "", "b"), ("aaa".to_owned(), 0));
        assert_eq!(exact("Acme acme", "acme", "us"), ("Acme us".to_owned(), 1));
    }

    #[test]
    fn any_case_is_found_also_where_it_has_another_length() {
        let any = |text, needle| replaced(text, needle, "x", Case::Any);
        assert_eq!(any("Acme ACME acm", "acme"), ("x x acm".to_owned(), 2));
        assert_eq!(any("ÄRGER ärger", "Ärger"), ("x x".to_owned(), 2));
        assert_eq!(any("İstanbul", "i"), ("İstanbul".to_owned(), 0));
        assert_eq!(any("İstanbul", "İ"), ("xstanbul".to_owned(), 1));
    }
}
