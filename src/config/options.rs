//! The one table of options: it feeds the reader's hints, the printed default config and the schema.

use super::Notify;
use crate::domain::custom::{Input, Output};
use crate::domain::look::ThemeName;

/// One option.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// The section it stands in; empty: above all sections. `NAME` stands for a name of one's own.
    pub(super) section: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What it may be.
    pub(super) kind: Kind,
    /// What it is without the file, as TOML, or what it could be where it is nothing without it.
    pub(super) value: Usual,
    /// What it does, in one line.
    pub(super) doc: &'static str,
}

/// What an option may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// True, false or `"auto"`.
    Switch,
    /// Seconds up to an hour.
    Seconds,
    /// A number from 1.
    Count,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// A program and its arguments.
    Program,
}

/// What an option is if nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// This.
    Is(&'static str),
    /// Nothing; it could be this.
    As(&'static str),
}

/// The longest wait before something is sent, in seconds.
pub(super) const LONGEST_WINDOW: u32 = 3600;

const fn row(
    section: &'static str,
    name: &'static str,
    kind: Kind,
    value: Usual,
    doc: &'static str,
) -> Choice {
    Choice {
        section,
        name,
        kind,
        value,
        doc,
    }
}

const COMMAND: &str = "commands.NAME";
const ACCOUNT: &str = "accounts.NAME";
const CONNECTION: &str = "server.connections.NAME";

/// The sections, in the order of the file, and what each is for.
pub(super) const SECTIONS: [(&str, &str); 6] = [
    ("", ""),
    (
        "keys",
        "command = key, or a list of keys, or [] for none; keys pressed one after the other are \
         written with a space between, as \"g g\".",
    ),
    (
        COMMAND,
        "A command of your own: a program that runs on an update, without a shell. Its fields are in \
         the environment, as QURATE_LINK; `!` runs it by its name.",
    ),
    ("server", "The server of this machine."),
    (
        CONNECTION,
        "A connection publishes by running a program, without a shell.",
    ),
    (ACCOUNT, "A remote account."),
];

/// The table, in the order of the file.
pub(super) const OPTIONS: [Choice; 23] = [
    row(
        "",
        "account",
        Kind::Text,
        Usual::Is("\"local\""),
        "The account to open; \"local\" is the server inside.",
    ),
    row(
        "",
        "window",
        Kind::Seconds,
        Usual::Is("10"),
        "Seconds a share, a create-now and a delete wait before they are sent, for `u` to stop them.",
    ),
    row(
        "",
        "flush_on_quit",
        Kind::Boolean,
        Usual::Is("false"),
        "Whether quitting waits until what may go out has gone out.",
    ),
    row(
        "",
        "mouse",
        Kind::Switch,
        Usual::Is("\"auto\""),
        "Whether the mouse is listened to: true, false, or \"auto\" (not over SSH).",
    ),
    row(
        "",
        "free_slots",
        Kind::Boolean,
        Usual::Is("false"),
        "Whether the free slots of the schedule show from the start.",
    ),
    row(
        "",
        "theme",
        Kind::Word(themes),
        Usual::Is("\"terminal\""),
        "The colours: \"terminal\", \"dark\", \"light\", \"high-contrast\" or \"plain\".",
    ),
    row(
        "",
        "ascii",
        Kind::Switch,
        Usual::Is("\"auto\""),
        "Borders and signs in ASCII: true, false, or \"auto\" (where the locale is not UTF-8; then \
         texts too).",
    ),
    row(
        "",
        "emoji",
        Kind::Word(emoji),
        Usual::Is("\"full\""),
        "\"safe\" draws emoji whose width terminals disagree on in a plainer form, so that columns \
         never break.",
    ),
    row(
        "",
        "hyperlinks",
        Kind::Switch,
        Usual::Is("\"auto\""),
        "Links that the terminal opens (OSC 8): \"on\", \"off\", or \"auto\" (where it is known to take \
         them).",
    ),
    row(
        "",
        "notify",
        Kind::Word(notify),
        Usual::Is("\"auto\""),
        "How you are called when something failed and the terminal is out of sight: \"bell\", \"osc9\" \
         (a message of the desktop), \"off\", or \"auto\".",
    ),
    row(
        "",
        "low_bandwidth",
        Kind::Boolean,
        Usual::Is("false"),
        "Draws for a slow line: no borders, signs in ASCII, no colours or links that cost many bytes, \
         and no more than 8000 bytes a second unless byte_rate says otherwise.",
    ),
    row(
        "",
        "byte_rate",
        Kind::Count,
        Usual::As("8000"),
        "The most bytes a second that go to the terminal: frames that must wait are replaced by newer \
         ones; without it as many as it takes.",
    ),
    row(
        COMMAND,
        "run",
        Kind::Program,
        Usual::As("[\"tr\", \"a-z\", \"A-Z\"]"),
        "The program and its arguments.",
    ),
    row(
        COMMAND,
        "key",
        Kind::Text,
        Usual::As("\"ctrl-o\""),
        "A key that means nothing else; it may be left out.",
    ),
    row(
        COMMAND,
        "input",
        Kind::Word(inputs),
        Usual::Is("\"text\""),
        "What it gets on its standard input: \"text\", or \"json\" with a line for each marked update.",
    ),
    row(
        COMMAND,
        "output",
        Kind::Word(outputs),
        Usual::Is("\"show\""),
        "What becomes of what it says: \"show\" it, or take it for the new \"text\" in the composer.",
    ),
    row(
        "server",
        "allowed_hosts",
        Kind::Texts,
        Usual::Is("[]"),
        "Names under which a proxy in front may address the server.",
    ),
    row(
        "server",
        "pending_limit",
        Kind::Count,
        Usual::As("100"),
        "How many updates a queue may hold; without it there is no limit.",
    ),
    row(
        "server",
        "rate_limit",
        Kind::Count,
        Usual::As("60"),
        "How many requests a minute a client may make; without it there is no limit.",
    ),
    row(
        CONNECTION,
        "command",
        Kind::Program,
        Usual::As("[\"/home/me/bin/publish\", \"--site\", \"example.org\"]"),
        "The program that publishes, and its arguments.",
    ),
    row(
        CONNECTION,
        "interactions",
        Kind::Program,
        Usual::As("[\"/home/me/bin/reactions\"]"),
        "The program that reports interactions, and its arguments; it may be left out.",
    ),
    row(
        ACCOUNT,
        "url",
        Kind::Text,
        Usual::As("\"https://api.bufferapp.com/1/\""),
        "Where its API is.",
    ),
    row(
        ACCOUNT,
        "token_file",
        Kind::Text,
        Usual::As("\"work.token\""),
        "The file that holds its token, mode 0600; a relative one lies beside this file.",
    ),
];

/// Returns the options of a section as the table writes it.
pub(super) fn options_of(section: &str) -> impl Iterator<Item = &'static Choice> {
    OPTIONS
        .iter()
        .filter(move |option| option.section == section)
}

/// Returns the row of an option.
pub(super) fn option(section: &str, name: &str) -> Option<&'static Choice> {
    options_of(section).find(|option| option.name == name)
}

/// Returns what may stand in a section of the file: its options and the sections in it.
pub(super) fn known(section: &str) -> Vec<&'static str> {
    let mut parts: Vec<&str> = section.split('.').collect();
    let is_named = matches!(parts.as_slice(), ["accounts" | "commands", _]);
    if is_named || parts.len() == 3 {
        parts.pop();
        parts.push("NAME");
    }
    let section = parts.join(".");
    let mut names: Vec<&str> = options_of(&section).map(|option| option.name).collect();
    for (inner, _) in SECTIONS.iter().filter(|(inner, _)| *inner != section) {
        let below = match section.as_str() {
            "" => Some(*inner),
            outer => inner
                .strip_prefix(outer)
                .and_then(|rest| rest.strip_prefix('.')),
        };
        let head = below.and_then(|below| below.split('.').next());
        names.extend(head.filter(|head| !head.is_empty() && !names.contains(head)));
    }
    names
}

/// Returns the ways to draw emoji.
pub(super) fn emoji() -> Vec<&'static str> {
    vec!["full", "safe"]
}

/// Returns the ways to call the person.
pub(super) fn notify() -> Vec<&'static str> {
    Notify::ALL.map(|(name, _)| name).to_vec()
}

/// Returns what a custom command may get.
fn inputs() -> Vec<&'static str> {
    Input::NAMES.map(|(name, _)| name).to_vec()
}

/// Returns what may become of what it says.
fn outputs() -> Vec<&'static str> {
    Output::NAMES.map(|(name, _)| name).to_vec()
}

/// Returns the names of the themes.
pub(super) fn themes() -> Vec<&'static str> {
    ThemeName::ALL.map(ThemeName::name).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_stand_in_a_section_is_its_options_and_the_sections_in_it() {
        assert_eq!(
            known(""),
            [
                "account",
                "window",
                "flush_on_quit",
                "mouse",
                "free_slots",
                "theme",
                "ascii",
                "emoji",
                "hyperlinks",
                "notify",
                "low_bandwidth",
                "byte_rate",
                "keys",
                "commands",
                "server",
                "accounts"
            ]
        );
        assert_eq!(
            known("server"),
            [
                "allowed_hosts",
                "pending_limit",
                "rate_limit",
                "connections"
            ]
        );
        assert_eq!(known("accounts.work"), ["url", "token_file"]);
        assert_eq!(
            known("server.connections.blog"),
            ["command", "interactions"]
        );
    }
}
