//! Which keys mean which command where: defaults from the command table, laid over by the config.

use std::collections::BTreeMap;

use super::command::{COMMANDS, Command, Scope};
use super::key::Key;

/// The keys of every scope.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: BTreeMap<Scope, BTreeMap<Vec<Key>, Command>>,
}

/// What the keys pressed so far mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// This command.
    Matched(Command),
    /// The begin of longer chords: the next key and what it would do.
    Pending(Vec<(Vec<Key>, Command)>),
    /// Nothing.
    Unbound,
}

/// Why a part of the keymap in the config was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such command.
    #[error("keys: there is no command `{name}`; `?` lists them all")]
    UnknownCommand {
        /// What was written.
        name: String,
    },
    /// No such key.
    #[error("keys of `{command}`: {error}")]
    InvalidKey {
        /// For which command.
        command: String,
        /// What is wrong.
        error: super::key::InvalidKey,
    },
    /// The key already means something else there, by the config itself.
    #[error("keys of `{command}`: `{key}` already means `{other}` there")]
    Conflict {
        /// Which command did not get it.
        command: String,
        /// Which key.
        key: String,
        /// Which command has it.
        other: String,
    },
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with_overrides(&BTreeMap::new()).0
    }
}

impl Keymap {
    /// Lays `overrides` (command name to its keys; an empty list unbinds) over the defaults. What is
    /// wrong in it is left out and said.
    pub fn with_overrides(overrides: &BTreeMap<String, Vec<String>>) -> (Self, Vec<KeymapError>) {
        let mut keymap = Self {
            bindings: BTreeMap::new(),
        };
        let mut errors = Vec::new();
        let mut wanted: BTreeMap<Command, Vec<Vec<Key>>> = BTreeMap::new();
        for (name, chords) in overrides {
            match Command::named(name) {
                None => errors.push(KeymapError::UnknownCommand { name: name.clone() }),
                Some(command) => {
                    wanted.insert(command, parse_all(name, chords, &mut errors));
                }
            }
        }
        // What the person wrote comes first, so a default never takes a key away from it.
        for entry in COMMANDS {
            for chord in wanted.get(&entry.command).into_iter().flatten() {
                if let Some(other) = keymap.bind(entry.scope, chord, entry.command) {
                    errors.push(KeymapError::Conflict {
                        command: entry.name.to_owned(),
                        key: Key::print_chord(chord),
                        other: other.to_string(),
                    });
                }
            }
        }
        for entry in COMMANDS {
            if wanted.contains_key(&entry.command) {
                continue;
            }
            for chord in entry.keys.iter().filter_map(|k| Key::parse_chord(k).ok()) {
                let _taken = keymap.bind(entry.scope, &chord, entry.command);
            }
        }
        (keymap, errors)
    }

    /// Binds a chord unless it, a part of it or a longer one means something else in that scope;
    /// then returns what.
    fn bind(&mut self, scope: Scope, chord: &[Key], command: Command) -> Option<Command> {
        let keys = self.bindings.entry(scope).or_default();
        let clash = keys
            .iter()
            .find(|(bound, other)| {
                (bound.starts_with(chord) || chord.starts_with(bound)) && **other != command
            })
            .map(|(_, other)| *other);
        if clash.is_none() {
            keys.insert(chord.to_vec(), command);
        }
        clash
    }

    /// Says what `keys` mean, looking into `scopes` in their order (innermost first).
    pub fn resolve(&self, scopes: &[Scope], keys: &[Key]) -> Resolution {
        let mut pending = Vec::new();
        for bound in scopes.iter().filter_map(|scope| self.bindings.get(scope)) {
            if let Some(command) = bound.get(keys) {
                // A longer chord further in hides a shorter one further out.
                if pending.is_empty() {
                    return Resolution::Matched(*command);
                }
                continue;
            }
            pending.extend(
                bound
                    .iter()
                    .filter(|(chord, _)| chord.starts_with(keys))
                    .map(|(chord, command)| (chord[keys.len()..].to_vec(), *command)),
            );
        }
        if pending.is_empty() {
            Resolution::Unbound
        } else {
            Resolution::Pending(pending)
        }
    }

    /// Returns the chords of a command, as printed, in the order of the table.
    pub fn keys_of(&self, command: Command) -> Vec<String> {
        let entry = command.entry();
        let Some(bound) = self.bindings.get(&entry.scope) else {
            return Vec::new();
        };
        let mut chords: Vec<&Vec<Key>> = bound
            .iter()
            .filter(|(_, other)| **other == command)
            .map(|(chord, _)| chord)
            .collect();
        let rank = |chord: &Vec<Key>| {
            let text = Key::print_chord(chord);
            entry.keys.iter().position(|key| *key == text)
        };
        chords.sort_by_key(|chord| rank(chord).unwrap_or(usize::MAX));
        chords.into_iter().map(|c| Key::print_chord(c)).collect()
    }
}

fn parse_all(name: &str, chords: &[String], errors: &mut Vec<KeymapError>) -> Vec<Vec<Key>> {
    let mut parsed = Vec::new();
    for chord in chords {
        match Key::parse_chord(chord) {
            Ok(keys) => parsed.push(keys),
            Err(error) => errors.push(KeymapError::InvalidKey {
                command: name.to_owned(),
                error,
            }),
        }
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        Key::parse_chord(text).unwrap()
    }

    #[test]
    fn every_default_key_is_valid_and_bound_to_its_command() {
        let keymap = Keymap::default();
        for entry in COMMANDS {
            for key in entry.keys {
                let found = keymap.resolve(&[entry.scope], &keys(key));
                assert_eq!(found, Resolution::Matched(entry.command), "{key}");
            }
            assert_eq!(keymap.keys_of(entry.command), entry.keys, "{}", entry.name);
        }
    }

    #[test]
    fn the_begin_of_a_chord_waits_and_tells_what_may_follow() {
        let keymap = Keymap::default();
        let scopes = [Scope::Queue, Scope::List, Scope::Global, Scope::Always];
        let Resolution::Pending(next) = keymap.resolve(&scopes, &keys("g")) else {
            unreachable!("g begins chords");
        };
        assert!(next.contains(&(keys("g"), Command::Top)));
        assert!(next.contains(&(keys("q"), Command::FocusQueue)));
        assert_eq!(keymap.resolve(&scopes, &keys("g x")), Resolution::Unbound);
    }

    #[test]
    fn an_inner_scope_wins() {
        let keymap = Keymap::default();
        let scopes = [Scope::Grab, Scope::List, Scope::Always];
        let found = keymap.resolve(&scopes, &keys("q"));
        assert_eq!(found, Resolution::Matched(Command::PutBack));
        let confirm = [Scope::Confirm, Scope::Always];
        assert_eq!(
            keymap.resolve(&confirm, &keys("enter")),
            Resolution::Unbound
        );
    }

    #[test]
    fn the_config_replaces_the_keys_of_a_command_and_says_what_is_wrong() {
        let overrides = BTreeMap::from([
            ("grab".to_owned(), vec!["ctrl-g".to_owned()]),
            (
                "share".to_owned(),
                vec!["ctrl-g".to_owned(), "foo".to_owned()],
            ),
            ("fly".to_owned(), vec!["y".to_owned()]),
            ("edit".to_owned(), vec!["d".to_owned()]),
        ]);
        let (keymap, errors) = Keymap::with_overrides(&overrides);
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert_eq!(keymap.keys_of(Command::Grab), ["ctrl-g"]);
        assert_eq!(
            keymap.resolve(&[Scope::Queue], &keys("m")),
            Resolution::Unbound
        );
        // The default of another command gives way to what the person wrote.
        assert_eq!(keymap.keys_of(Command::Edit), ["d"]);
        assert_eq!(keymap.keys_of(Command::Delete), ["delete"]);
    }
}
