//! What a line may begin with, besides the names of the command table, and what the help says.

use super::line::places;
use crate::app::command::{COMMANDS, Command, Entry, Scope};
use crate::app::fuzzy::stands_in;
use crate::app::mode::Mode;
use crate::app::state::State;

/// A word that only stands in lines: a key could not say what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// The word.
    pub(super) name: &'static str,
    /// What follows it.
    pub(super) takes: &'static str,
    /// What it does, in one line.
    pub(super) doc: &'static str,
    /// Where it can be said; none: everywhere.
    pub(super) scope: Option<Scope>,
}

const fn word(
    name: &'static str,
    takes: &'static str,
    scope: Option<Scope>,
    doc: &'static str,
) -> Word {
    Word {
        name,
        takes,
        doc,
        scope,
    }
}

const WRITING: Option<Scope> = Some(Scope::Composer);
const FORM: Option<Scope> = Some(Scope::Form);
const REPLACE: Option<Scope> = Some(Scope::Replace);

/// The words, in the order the help lists them.
pub(super) const WORDS: &[Word] = &[
    word(
        "where",
        "",
        None,
        "Say where you are; an empty line asks the same.",
    ),
    word(
        "list",
        "[WHAT] [FROM]",
        None,
        "List what you are in, or the queue, sent, profiles, interactions, outbox, history, findings, \
         drafts, messages or calls, from a number on.",
    ),
    word(
        "go",
        "N",
        None,
        "Go to this number of the list; a number alone does the same.",
    ),
    word(
        "move",
        "N to M",
        Some(Scope::Queue),
        "Move an update of the queue to another place.",
    ),
    word(
        "wait",
        "",
        None,
        "Wait until nothing is on its way, for two minutes at the most.",
    ),
    word(
        "key",
        "KEYS",
        None,
        "Press keys as on the screen; a key alone does the same: `g g`.",
    ),
    word(
        "type",
        "TEXT",
        None,
        "Type into the field that has the keys.",
    ),
    word(
        "text",
        "",
        WRITING,
        "Write the text anew; a line of only . ends it.",
    ),
    word(
        "when",
        "TIME",
        WRITING,
        "Give it a time: queue, top, now, tomorrow 9, fri 14:30.",
    ),
    word(
        "to",
        "NAMES",
        WRITING,
        "Send it to the profiles with one of these in their names, or to all.",
    ),
    word("link", "ADDRESS", WRITING, "Attach a page, or none."),
    word("title", "TEXT", WRITING, "Give the page a title."),
    word(
        "description",
        "TEXT",
        WRITING,
        "Give the page a description.",
    ),
    word("picture", "ADDRESS", WRITING, "Attach a picture, or none."),
    word("network", "NAME", FORM, "Choose the network."),
    word("name", "NAME", FORM, "Give the name of the account."),
    word("zone", "ZONE", FORM, "Give the time zone: Europe/Berlin."),
    word(
        "times",
        "TIMES",
        FORM,
        "Give the posting times: mon-fri 09:00 13:30; sat 11:00.",
    ),
    word("connection", "NAME", FORM, "Choose how it is published."),
    word("find", "TEXT", REPLACE, "Say what is found."),
    word("with", "TEXT", REPLACE, "Say what takes its place."),
];

/// Commands that are about the screen.
const OF_THE_SCREEN: [Command; 10] = [
    Command::Zoom,
    Command::ToggleDetail,
    Command::ToggleMouse,
    Command::Theme,
    Command::Traffic,
    Command::Clocks,
    Command::Redraw,
    Command::Suspend,
    Command::Interrupt,
    Command::Palette,
];

/// Says whether a command is about the screen, and so nothing here.
pub(super) fn is_of_the_screen(command: Command) -> bool {
    OF_THE_SCREEN.contains(&command)
}

/// Lists what can be said here, innermost first; with `filter` what has it in its line, wherever it
/// can be said.
pub(super) fn help(state: &State, filter: &str) -> Vec<String> {
    let wanted = |name: &str, doc: &str| {
        let mut words = filter.split_whitespace();
        words.all(|word| name.contains(word) || stands_in(word, doc).is_some())
    };
    let here = places(state);
    let mut lines = Vec::new();
    let scopes = here.iter().copied().filter(|_| filter.is_empty());
    let entries_in = |scope: Scope| COMMANDS.iter().filter(move |entry| entry.scope == scope);
    let found: Vec<&Entry> = if filter.is_empty() {
        scopes.flat_map(entries_in).collect()
    } else {
        COMMANDS.iter().collect()
    };
    let found = found.into_iter().filter(|e| !is_of_the_screen(e.command));
    for entry in found.filter(|entry| wanted(entry.name, entry.doc)) {
        let keys = state.keymap.keys_of(entry.command);
        let keys = match &keys[..] {
            [] => String::new(),
            keys => format!(" (key {})", keys.join(", ")),
        };
        lines.push(format!("{}{keys}: {}", entry.name, entry.doc));
    }
    let can_be_said =
        |word: &&Word| !filter.is_empty() || word.scope.is_none_or(|scope| here.contains(&scope));
    let is_asked = matches!(state.mode, Mode::Confirm(_));
    for word in WORDS.iter().filter(can_be_said).filter(|_| !is_asked) {
        if wanted(word.name, word.doc) {
            let gap = if word.takes.is_empty() { "" } else { " " };
            lines.push(format!("{}{gap}{}: {}", word.name, word.takes, word.doc));
        }
    }
    if filter.is_empty() && !is_asked {
        lines.push(
            "A number after a command is the update it is about, as in delete 3; before it, or after \
             one that moves, how often, as in down 3."
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_hides_a_command_and_each_says_what_it_does() {
        for word in WORDS {
            assert_eq!(Command::named(word.name), None, "{}", word.name);
            assert!(word.doc.ends_with('.'), "{}", word.name);
        }
    }
}
