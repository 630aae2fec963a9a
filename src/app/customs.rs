//! The custom commands, those that run, and what the last one said.

use std::collections::BTreeMap;

use super::command::Scope;
use super::key::Key;
use super::keymap::{Keymap, Resolution};
use crate::domain::custom::{Custom, Output};
use crate::domain::id::LocalId;

/// Where the key of a custom command has to be free.
const SCOPES: [Scope; 7] = [
    Scope::Queue,
    Scope::Sent,
    Scope::Interactions,
    Scope::Profiles,
    Scope::List,
    Scope::Global,
    Scope::Always,
];

/// The custom commands, those that run, and what the last one said.
#[derive(Debug, Clone, Default)]
pub struct Customs {
    list: Vec<(Custom, Vec<Key>)>,
    /// Those that run, by their numbers.
    pub(crate) running: BTreeMap<u64, Running>,
    /// The number of the last one.
    pub(crate) last: u64,
    /// What the last one that is over said.
    pub said: Option<Said>,
}

/// A custom command that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its name, for people.
    pub name: String,
    /// What becomes of what it says.
    pub output: Output,
    /// The update whose text it got, if it was one.
    pub update: Option<LocalId>,
}

/// What a custom command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its name, for people.
    pub name: String,
    /// The update whose text it got, if it was one.
    pub update: Option<LocalId>,
    /// What it said on its standard output, raw.
    pub out: String,
    /// What it said on its standard error, raw.
    pub err: String,
    /// How it failed, if it did.
    pub failed: Option<String>,
}

impl Customs {
    /// Says whether one runs.
    pub fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Takes over what the config says; returns what is wrong with it.
    pub fn configure(&mut self, rows: &[Custom], keymap: &Keymap) -> Vec<String> {
        let mut problems = Vec::new();
        self.list.clear();
        for row in rows {
            let key = match &row.key {
                None => Ok(Vec::new()),
                Some(key) => self.free(key, keymap),
            };
            let key = key.unwrap_or_else(|problem| {
                let (at, name) = (&row.at, &row.name);
                problems.push(format!("{at}: the key of the command `{name}`: {problem}"));
                Vec::new()
            });
            self.list.push((row.clone(), key));
        }
        problems
    }

    /// Reads a key that means nothing yet.
    fn free(&self, key: &str, keymap: &Keymap) -> Result<Vec<Key>, String> {
        let chord = Key::parse_chord(key).map_err(|error| error.to_string())?;
        for scope in SCOPES {
            for end in 1..=chord.len() {
                let taken = match keymap.resolve(&[scope], &chord[..end]) {
                    Resolution::Matched(command) => Some(command),
                    Resolution::Pending(next) if end == chord.len() => {
                        next.first().map(|(_, command)| *command)
                    }
                    Resolution::Pending(_) | Resolution::Unbound => None,
                };
                if let Some(command) = taken {
                    let printed = Key::print_chord(&chord);
                    return Err(format!("`{printed}` already means `{command}`"));
                }
            }
        }
        let clashes = |other: &[Key]| {
            !other.is_empty() && (other.starts_with(&chord) || chord.starts_with(other))
        };
        match self.list.iter().find(|(_, other)| clashes(other)) {
            Some((other, _)) => Err(format!("`{key}` already runs `{}`", other.name)),
            None => Ok(chord),
        }
    }

    /// Returns the custom command of these keys, and whether more keys are wanted for one.
    pub(crate) fn at_keys(&self, keys: &[Key]) -> (Option<&Custom>, bool) {
        let found = self.list.iter().find(|(_, chord)| chord == keys);
        let begins = |(_, chord): &(Custom, Vec<Key>)| chord.starts_with(keys);
        (
            found.map(|(custom, _)| custom),
            self.list.iter().any(begins),
        )
    }

    /// Returns the custom command of this name.
    pub fn named(&self, name: &str) -> Option<&Custom> {
        let mut all = self.list.iter().map(|(custom, _)| custom);
        all.find(|custom| custom.name == name)
    }

    /// Returns the names that begin so.
    pub(crate) fn that_begin(&self, begin: &str) -> Vec<String> {
        let names = self.list.iter().map(|(custom, _)| &custom.name);
        names
            .filter(|name| name.starts_with(begin))
            .cloned()
            .collect()
    }

    /// Returns the custom commands with their keys, as printed.
    pub fn listed(&self) -> impl Iterator<Item = (&str, String)> {
        let all = self.list.iter();
        all.map(|(custom, key)| (custom.name.as_str(), Key::print_chord(key)))
    }
}
