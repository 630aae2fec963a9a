//! The values an option can have: how they are read, what is said of one that makes no sense, and
//! which right one it was most likely meant to be.

use toml::Spanned;
use toml::de::DeValue;

use super::Switch;
use super::options::{Choice, Kind, LONGEST_WINDOW, Usual};
use crate::domain::nearest::nearest;

/// A value of the file, with its place.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// So much of a wrong value is shown.
const SHOWN: usize = 40;
/// What a switch can be told by a word.
const SWITCHES: [(&str, Switch); 3] = [
    ("auto", Switch::Auto),
    ("on", Switch::On),
    ("off", Switch::Off),
];

/// Reads true or false.
pub(super) fn boolean(value: &Value<'_>) -> Option<bool> {
    value.get_ref().as_bool()
}

/// Reads a switch.
pub(super) fn switch(value: &Value<'_>) -> Option<Switch> {
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Switch::On),
        DeValue::Boolean(false) => Some(Switch::Off),
        other => {
            let word = other.as_str()?;
            let found = SWITCHES.into_iter().find(|(name, _)| *name == word);
            found.map(|(_, switch)| switch)
        }
    }
}

/// Reads a number of seconds.
pub(super) fn seconds(value: &Value<'_>) -> Option<u32> {
    integer(value).filter(|seconds| *seconds <= LONGEST_WINDOW)
}

/// Reads a number from 1.
pub(super) fn count(value: &Value<'_>) -> Option<u32> {
    integer(value).filter(|count| *count > 0)
}

/// Reads a list of texts.
pub(super) fn texts(value: &Value<'_>) -> Option<Vec<String>> {
    let list = value.get_ref().as_array()?;
    list.iter()
        .map(|item| item.get_ref().as_str().map(str::to_owned))
        .collect()
}

/// Reads a program and its arguments.
pub(super) fn program(value: &Value<'_>) -> Option<Vec<String>> {
    texts(value).filter(|words| words.first().is_some_and(|program| !program.is_empty()))
}

fn integer(value: &Value<'_>) -> Option<u32> {
    match value.get_ref() {
        DeValue::Integer(i) if i.radix() == 10 => i.as_str().replace('_', "").parse().ok(),
        DeValue::Integer(i) => u32::from_str_radix(&i.as_str().replace('_', ""), i.radix()).ok(),
        _ => None,
    }
}

impl Choice {
    /// Says what is wrong with `value`, what it may be and was perhaps meant to be, and what counts
    /// in its place. `text` is the file.
    pub(super) fn complaint(&self, value: &Value<'_>, text: &str) -> String {
        let (name, wants) = (self.name, self.kind.wants());
        let got = shown(value, text);
        let meant = match self.kind.meant(value) {
            Some(meant) => format!("; did you mean {meant}?"),
            None => ";".to_owned(),
        };
        let taken = match self.value {
            Usual::Is(usual) => format!("{usual} is taken"),
            Usual::As(_) => "it counts as left out".to_owned(),
        };
        format!("`{name}` is {wants}, not {got}{meant} {taken}")
    }
}

impl Kind {
    /// Says what it may be.
    pub(super) fn wants(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Switch => "true, false or \"auto\"".to_owned(),
            Self::Seconds => format!("a whole number of seconds from 0 to {LONGEST_WINDOW}"),
            Self::Count => "a whole number from 1 (leave it out for none)".to_owned(),
            Self::Word(words) => one_of(&words()),
            Self::Texts => "a list of texts, as [\"one\", \"two\"]".to_owned(),
            Self::Program => "a list of the program and its arguments, as \
                              [\"/path/to/program\", \"argument\"]; no shell reads it"
                .to_owned(),
        }
    }

    /// Returns the right value that is most like a wrong one, as it is written.
    fn meant(self, value: &Value<'_>) -> Option<String> {
        let word = value.get_ref().as_str();
        match self {
            Self::Boolean => truth(value).map(|truth| truth.to_string()),
            Self::Switch => {
                let nearest = || nearest(word?, &SWITCHES.map(|(name, _)| name)).map(quoted);
                truth(value).map(|truth| truth.to_string()).or_else(nearest)
            }
            Self::Seconds => word?.trim().parse::<u32>().ok().map(|n| n.to_string()),
            Self::Count => {
                let number = word?.trim().parse::<u32>().ok();
                number.filter(|n| *n > 0).map(|n| n.to_string())
            }
            Self::Word(words) => nearest(&word?.to_lowercase(), &words()).map(quoted),
            Self::Texts => word.map(|word| format!("[{}]", quoted(word))),
            Self::Text | Self::Program => None,
        }
    }
}

/// What is true or false in another file, or in quotes.
fn truth(value: &Value<'_>) -> Option<bool> {
    match value.get_ref() {
        DeValue::Integer(i) => match i.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        other => match other.as_str()?.to_lowercase().as_str() {
            "yes" | "y" | "on" | "1" => Some(true),
            "no" | "n" | "off" | "0" => Some(false),
            word => nearest(word, &["true", "false"]).map(|word| word == "true"),
        },
    }
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

fn one_of(words: &[&str]) -> String {
    let mut quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let last = quoted.pop().unwrap_or_default();
    format!("{} or {last}", quoted.join(", "))
}

/// The value as it stands in the file, or its beginning.
fn shown(value: &Value<'_>, text: &str) -> String {
    let source = text.get(value.span()).unwrap_or_default();
    let line = source.lines().next().unwrap_or_default().trim();
    let mut short: String = line.chars().take(SHOWN).collect();
    if short.len() < source.trim_end().len() {
        short.push('…');
    }
    match value.get_ref() {
        // What a section is called stands in its head, not here.
        DeValue::Table(_) if !source.starts_with('{') => "a section".to_owned(),
        _ => short,
    }
}
