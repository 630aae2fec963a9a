//! Which keys mean which command where: defaults from the command table, laid over by the config.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::{COMMANDS, Command, Entry, Scope};
use super::key::Key;
use crate::domain::nearest::nearest;

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

/// The keys a person gave a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The command's name, as written.
    pub command: String,
    /// Its keys, as written; empty: the command has no key.
    pub keys: Vec<String>,
    /// Where it stands, as `config.toml:12`.
    pub at: String,
}

/// Why a part of the keymap in the config was not taken, or what it costs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such command.
    #[error("{at}: there is no command `{name}`; {}", hint(*.nearest))]
    UnknownCommand {
        /// Where it stands.
        at: String,
        /// What was written.
        name: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// No such key.
    #[error("{at}: keys of `{command}`: {error}")]
    InvalidKey {
        /// Where it stands.
        at: String,
        /// For which command.
        command: String,
        /// What is wrong.
        error: super::key::InvalidKey,
    },
    /// The key already means something else there, by the config itself.
    #[error("{at}: keys of `{command}`: `{key}` already means `{other}` there")]
    Conflict {
        /// Where it stands.
        at: String,
        /// Which command did not get it.
        command: String,
        /// Which key.
        key: String,
        /// Which command has it.
        other: Command,
    },
    /// The key was the last one of another command, which now has none.
    #[error("{at}: `{command}` takes the last key of `{other}`: `{key}`; give that another one")]
    LastKey {
        /// Where it stands.
        at: String,
        /// Which command has it now.
        command: Command,
        /// Which key.
        key: String,
        /// Which command has none.
        other: Command,
    },
}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(
        || "`:` in the editor lists them all".to_owned(),
        |name| format!("did you mean `{name}`?"),
    )
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with_bindings(&[]).0
    }
}

impl Keymap {
    /// Lays `bindings` over the defaults, in their order. What is wrong in them is left out and
    /// said; what they cost another command is said too.
    pub fn with_bindings(bindings: &[Binding]) -> (Self, Vec<KeymapError>) {
        let mut keymap = Self {
            bindings: BTreeMap::new(),
        };
        let mut errors = Vec::new();
        let mut places: BTreeMap<Command, &str> = BTreeMap::new();
        // What the person wrote comes first, so a default never takes a key away from it.
        for binding in bindings {
            match Command::named(&binding.command) {
                None => errors.push(KeymapError::UnknownCommand {
                    at: binding.at.clone(),
                    name: binding.command.clone(),
                    nearest: nearest(&binding.command, &names()),
                }),
                Some(command) => {
                    places.insert(command, &binding.at);
                    keymap.take(command, binding, &mut errors);
                }
            }
        }
        for entry in COMMANDS {
            if !places.contains_key(&entry.command) {
                errors.extend(keymap.bind_defaults(entry, &places));
            }
        }
        (keymap, errors)
    }

    /// Binds what a person wrote for one command.
    fn take(&mut self, command: Command, binding: &Binding, errors: &mut Vec<KeymapError>) {
        for chord in &binding.keys {
            let chord = match Key::parse_chord(chord) {
                Ok(chord) => chord,
                Err(error) => {
                    errors.push(KeymapError::InvalidKey {
                        at: binding.at.clone(),
                        command: binding.command.clone(),
                        error,
                    });
                    continue;
                }
            };
            if let Some(other) = self.bind(command.entry().scope, &chord, command) {
                errors.push(KeymapError::Conflict {
                    at: binding.at.clone(),
                    command: binding.command.clone(),
                    key: Key::print_chord(&chord),
                    other,
                });
            }
        }
    }

    /// Binds the default keys of a command as far as they are free; says so if none is.
    fn bind_defaults(
        &mut self,
        entry: &Entry,
        places: &BTreeMap<Command, &str>,
    ) -> Option<KeymapError> {
        let mut lost = None;
        let mut has_one = false;
        for chord in entry.keys.iter().filter_map(|k| Key::parse_chord(k).ok()) {
            match self.bind(entry.scope, &chord, entry.command) {
                None => has_one = true,
                Some(taker) => lost = lost.or(Some((taker, Key::print_chord(&chord)))),
            }
        }
        let (command, key) = lost.filter(|_| !has_one)?;
        Some(KeymapError::LastKey {
            at: (*places.get(&command)?).to_owned(),
            command,
            key,
            other: entry.command,
        })
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
        let mut pending: Vec<(Vec<Key>, Command)> = Vec::new();
        for bound in scopes.iter().filter_map(|scope| self.bindings.get(scope)) {
            if let Some(command) = bound.get(keys) {
                // A longer chord further in hides a shorter one further out.
                if pending.is_empty() {
                    return Resolution::Matched(*command);
                }
                continue;
            }
            for (chord, command) in bound.iter().filter(|(chord, _)| chord.starts_with(keys)) {
                let rest = &chord[keys.len()..];
                // The same chord further in hides the one further out.
                if pending.iter().all(|(known, _)| known != rest) {
                    pending.push((rest.to_vec(), *command));
                }
            }
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

fn names() -> Vec<&'static str> {
    COMMANDS.iter().map(|entry| entry.name).collect()
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

    fn binding(command: &str, keys: &[&str], line: u32) -> Binding {
        Binding {
            command: command.to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            at: format!("c.toml:{line}"),
        }
    }

    #[test]
    fn the_config_replaces_the_keys_of_a_command_and_says_what_is_wrong() {
        let (keymap, errors) = Keymap::with_bindings(&[
            binding("grab", &["ctrl-g"], 2),
            binding("share", &["ctrl-g", "ctl-entr", "foo-bar"], 3),
            binding("shuffel", &["y"], 4),
            binding("fly", &["y"], 5),
            binding("edit", &["d"], 6),
            binding("help", &["z"], 7),
        ]);
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "c.toml:3: keys of `share`: `ctrl-g` already means `grab` there",
                "c.toml:3: keys of `share`: `ctl-entr` is no key: did you mean `ctrl-enter`?",
                "c.toml:3: keys of `share`: `foo-bar` is no key: write a character, or a name like \
                 `enter`, `alt-down`, `ctrl-s`",
                "c.toml:4: there is no command `shuffel`; did you mean `shuffle`?",
                "c.toml:5: there is no command `fly`; `:` in the editor lists them all",
                "c.toml:7: `help` takes the last key of `zoom`: `z`; give that another one",
            ]
        );
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
