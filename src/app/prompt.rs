//! A line at the bottom that asks for a few words about some updates, with completion by Tab.

use tui_textarea::TextArea;

use super::composer::{area, line_of, press_line};
use super::key::Key;
use crate::domain::id::LocalId;
use crate::domain::tag::Tags;

/// The line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What the words are for.
    pub what: Asked,
    /// The updates it is about.
    pub updates: Vec<LocalId>,
    /// What is typed.
    pub line: TextArea<'static>,
    /// Those of them that are about to go out, as far as the person was asked about that.
    pub(crate) agreed: Vec<LocalId>,
    /// What keeps it from being taken, as the last try said.
    pub problem: Option<String>,
    /// What Tab does next.
    completing: Option<Completing>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Tags to put on and to take off.
    Tags {
        /// What all of the updates have.
        all_have: Tags,
        /// What only some of them have.
        some_have: Tags,
    },
    /// A time for all of them.
    When,
    /// A custom command, or a program and its arguments.
    Command,
}

/// A word that Tab goes through the ends of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Completing {
    /// The line before the word.
    before: String,
    /// The words that fit.
    fitting: Vec<String>,
    /// The one that stands there.
    at: usize,
}

impl Prompt {
    /// Asks about these updates.
    pub fn open(what: Asked, updates: Vec<LocalId>) -> Self {
        Self {
            what,
            updates,
            line: area(""),
            agreed: Vec::new(),
            problem: None,
            completing: None,
        }
    }

    /// Returns what is typed.
    pub fn text(&self) -> String {
        self.line.lines().join(" ")
    }

    /// Returns the word that is being typed: the last one.
    pub fn word(&self) -> String {
        let text = self.text();
        text[word_begin(&text)..].to_owned()
    }

    /// Returns the words Tab goes through, and the one that stands there.
    pub fn fitting(&self) -> Option<(&[String], usize)> {
        let completing = self.completing.as_ref()?;
        Some((&completing.fitting, completing.at))
    }

    /// Puts the next word in the place of the last one that is typed; `fitting` are those that fit
    /// that, asked for at the first Tab.
    pub fn complete(&mut self, by: isize, fitting: impl FnOnce(&str) -> Vec<String>) {
        let completing = if let Some(mut completing) = self.completing.take() {
            let len = completing.fitting.len().cast_signed();
            let at = (completing.at.cast_signed() + by).rem_euclid(len.max(1));
            completing.at = at.unsigned_abs();
            completing
        } else {
            let text = self.text();
            let begin = word_begin(&text);
            let fitting = fitting(&text[begin..]);
            let last = fitting.len().saturating_sub(1);
            Completing {
                before: text[..begin].to_owned(),
                fitting,
                at: if by < 0 { last } else { 0 },
            }
        };
        self.problem = None;
        if let Some(word) = completing.fitting.get(completing.at) {
            self.line = area(&format!("{}{word}", completing.before));
            self.completing = Some(completing);
        }
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key) {
        self.completing = None;
        self.problem = None;
        press_line(&mut self.line, key);
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.completing = None;
        self.problem = None;
        self.line.insert_str(line_of(text));
    }
}

fn word_begin(text: &str) -> usize {
    let is_between = |c: char| c.is_whitespace() || c == ',';
    let end = text.char_indices().rev().find(|(_, c)| is_between(*c));
    end.map_or(0, |(at, c)| at + c.len_utf8())
}
