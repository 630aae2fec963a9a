//! A key as the keymap knows it, free of any terminal library, and its spelling (`ctrl-s`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::nearest::nearest;

/// One key press, normalised: a shifted letter is the upper-case letter without `shift`, a
/// back-tab is `shift-tab`, a letter with `ctrl` is lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift; never set for a character.
    pub shift: bool,
}

/// Which key, without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character.
    Char(char),
    /// A function key.
    F(u8),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete forward.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// Says why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no key: {hint}", text = self.0, hint = self.hint())]
pub struct InvalidKey(pub String);

impl InvalidKey {
    /// Says what may have been meant.
    fn hint(&self) -> String {
        match Key::like(&self.0) {
            Some(key) => format!("did you mean `{key}`?"),
            None => "write a character, or a name like `enter`, `alt-down`, `ctrl-s`".to_owned(),
        }
    }
}

const NAMES: [(Code, &str); 15] = [
    (Code::Enter, "enter"),
    (Code::Esc, "esc"),
    (Code::Tab, "tab"),
    (Code::Backspace, "backspace"),
    (Code::Delete, "delete"),
    (Code::Insert, "insert"),
    (Code::Up, "up"),
    (Code::Down, "down"),
    (Code::Left, "left"),
    (Code::Right, "right"),
    (Code::Home, "home"),
    (Code::End, "end"),
    (Code::PageUp, "pageup"),
    (Code::PageDown, "pagedown"),
    (Code::Char(' '), "space"),
];

impl Key {
    /// Makes a key from what a terminal reported, in the one normal form.
    pub fn new(code: Code, ctrl: bool, alt: bool, shift: bool) -> Self {
        match code {
            Code::Char(c) => {
                let c = if ctrl {
                    c.to_ascii_lowercase()
                } else if shift {
                    c.to_uppercase().next().unwrap_or(c)
                } else {
                    c
                };
                Self {
                    code: Code::Char(c),
                    ctrl,
                    alt,
                    shift: false,
                }
            }
            _ => Self {
                code,
                ctrl,
                alt,
                shift,
            },
        }
    }

    /// Returns the key of a character without modifiers.
    pub fn char(c: char) -> Self {
        Self::new(Code::Char(c), false, false, false)
    }

    /// Returns a key without modifiers.
    pub fn plain(code: Code) -> Self {
        Self::new(code, false, false, false)
    }

    /// Returns the character this key types into a text field, if it is one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Returns the key whose spelling is most like a misspelt one.
    fn like(text: &str) -> Option<Self> {
        let names: Vec<&str> = NAMES.iter().map(|(_, name)| *name).collect();
        let mut parts: Vec<&str> = text.split('-').collect();
        let last = parts.pop()?;
        let code = match parse_code(last) {
            Some(_) => last,
            None => nearest(&last.to_ascii_lowercase(), &names)?,
        };
        let modifiers = parts.into_iter().map(|part| match part {
            "c" | "a" | "m" | "s" => Some(part),
            _ => nearest(&part.to_ascii_lowercase(), &["ctrl", "alt", "shift"]),
        });
        let mut spelling: String = modifiers
            .map(|part| Some(format!("{}-", part?)))
            .collect::<Option<_>>()?;
        spelling.push_str(code);
        spelling.parse().ok()
    }

    /// Parses keys pressed one after the other, written with spaces between (`g g`).
    pub fn parse_chord(text: &str) -> Result<Vec<Self>, InvalidKey> {
        let keys: Vec<Self> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            Err(InvalidKey(text.to_owned()))
        } else {
            Ok(keys)
        }
    }

    /// Writes keys pressed one after the other, as [`Self::parse_chord`] reads them.
    pub fn print_chord(keys: &[Self]) -> String {
        keys.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        // A lone `-` is a key too, so a modifier needs something behind it.
        while let Some((head, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            match head.to_ascii_lowercase().as_str() {
                "ctrl" | "c" => ctrl = true,
                "alt" | "a" | "m" => alt = true,
                "shift" | "s" => shift = true,
                _ => break,
            }
            rest = tail;
        }
        let code = parse_code(rest).ok_or_else(|| InvalidKey(text.to_owned()))?;
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

fn parse_code(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && !c.is_whitespace()).then_some(Code::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((code, _)) = NAMES.iter().find(|(_, name)| *name == lower) {
        return Some(*code);
    }
    let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Code::F(number))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, word) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if held {
                f.write_str(word)?;
            }
        }
        if let Some((_, name)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "f{n}"),
            _ => Ok(()),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, InvalidKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_back_as_the_same_key() {
        for text in [
            "a",
            "A",
            "-",
            "ctrl-s",
            "alt-down",
            "ctrl-alt-x",
            "shift-tab",
            "f12",
            "space",
            "esc",
            "alt-enter",
            "ctrl-_",
            "?",
            "alt-1",
            "pagedown",
            "[",
            "ö",
            "alt--",
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), key);
        }
    }

    #[test]
    fn shift_and_ctrl_have_one_normal_form() {
        assert_eq!("shift-j".parse::<Key>(), Ok(Key::char('J')));
        assert_eq!("C-S".parse::<Key>(), "ctrl-s".parse());
        assert_eq!(Key::parse_chord("g g").unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "foo", "ctrl-", "hyper-x", "f0", "f99", "gg"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
        assert!(Key::parse_chord("  ").is_err());
    }
}
