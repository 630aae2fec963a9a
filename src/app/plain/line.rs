//! What a line asks for: a word, a command of the table with what follows it, or keys.

use super::words::{WORDS, is_of_the_screen};
use crate::app::command::{COMMANDS, Command, Scope};
use crate::app::key::Key;
use crate::app::mode::{Mode, Question};
use crate::app::state::State;
use crate::domain::nearest::nearest;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: it is a remark.
    Nothing,
    /// Where one is.
    Where,
    /// What can be said.
    Help(String),
    /// A list.
    List {
        /// Which; none: the one that has the keys.
        what: Option<What>,
        /// The first row, from 1; none: where the cursor is.
        from: Option<usize>,
    },
    /// To go to a row, from 1.
    Go(usize),
    /// To move an update from a row to another, from 1.
    Move(usize, usize),
    /// To wait until nothing is on its way.
    Wait,
    /// To close what is open.
    Back,
    /// To write the text anew.
    Text,
    /// To type.
    Type(String),
    /// To choose profiles.
    To(String),
    /// To fill a field: its word, and what it gets.
    Fill(&'static str, String),
    /// To run a command.
    Run {
        /// Which.
        command: Command,
        /// How often.
        count: Option<u32>,
        /// On which row, from 1.
        row: Option<usize>,
        /// What follows.
        text: String,
    },
    /// To press keys.
    Keys(Vec<Key>),
}

/// A list that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Queue,
    Sent,
    Profiles,
    Interactions,
    Outbox,
    History,
    Findings,
    Drafts,
    Messages,
    Calls,
}

pub(super) const LISTS: [(&str, What); 10] = [
    ("queue", What::Queue),
    ("sent", What::Sent),
    ("profiles", What::Profiles),
    ("interactions", What::Interactions),
    ("outbox", What::Outbox),
    ("history", What::History),
    ("findings", What::Findings),
    ("drafts", What::Drafts),
    ("messages", What::Messages),
    ("calls", What::Calls),
];

/// Commands for which a number behind them is a count and not a row.
const COUNTED: [Command; 21] = [
    Command::Down,
    Command::Up,
    Command::Top,
    Command::Bottom,
    Command::HalfPageDown,
    Command::HalfPageUp,
    Command::PageDown,
    Command::PageUp,
    Command::MoveDown,
    Command::MoveUp,
    Command::Range,
    Command::RangeDown,
    Command::RangeUp,
    Command::NextFinding,
    Command::PreviousFinding,
    Command::NextMatch,
    Command::PreviousMatch,
    Command::Undo,
    Command::Redo,
    Command::NextProfile,
    Command::PreviousProfile,
];

/// Commands that take words behind them.
const TAKES_TEXT: [Command; 8] = [
    Command::Compose,
    Command::AddAgain,
    Command::Edit,
    Command::Reschedule,
    Command::Filter,
    Command::Tags,
    Command::RunCommand,
    Command::TimetableAdd,
];

/// Those of them for which a number is a word like any other: they are about no row.
const TAKES_ONLY_TEXT: [Command; 3] = [Command::Compose, Command::Filter, Command::TimetableAdd];

/// Returns the scopes whose commands can be run now, innermost first: in the lists those of the other
/// panes too, and beside a list that is open as an answer all that can be run once it is closed.
pub(super) fn places(state: &State) -> Vec<Scope> {
    let mut places = state.scopes();
    let closes = is_only_a_list(&state.mode);
    if closes || matches!(state.mode, Mode::Lists) {
        let all = [
            Scope::Queue,
            Scope::Sent,
            Scope::Profiles,
            Scope::Interactions,
            Scope::List,
            Scope::Global,
        ];
        let more: Vec<Scope> = all.into_iter().filter(|s| !places.contains(s)).collect();
        let end = places.len() - usize::from(places.last() == Some(&Scope::Always));
        places.splice(end..end, more);
    }
    places
}

/// Says whether what is open is a list and nothing more: any other command may close it.
pub(super) fn is_only_a_list(mode: &Mode) -> bool {
    matches!(
        mode,
        Mode::Outbox(_) | Mode::History(_) | Mode::Findings(_) | Mode::Drafts(_)
    )
}

/// Reads a line; or says why it cannot be done, and what can.
pub(super) fn read(state: &State, line: &str) -> Result<Asked, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(Asked::Where);
    }
    if line.starts_with("# ") {
        return Ok(Asked::Nothing);
    }
    let (first, rest) = split(line);
    if let Mode::Confirm(confirm) = &state.mode
        && let Some(command) = answer(&confirm.what, line)
    {
        return Ok(run(command));
    }
    if let Some(word) = WORDS.iter().find(|word| word.name == first) {
        let here = places(state);
        if let Some(scope) = word.scope.filter(|scope| !here.contains(scope)) {
            return Err(not_here(word.name, scope, state));
        }
        return read_word(word.name, rest);
    }
    if let (Ok(number), "") = (first.parse(), rest) {
        return Ok(Asked::Go(number));
    }
    if let Ok(count) = first.parse::<u32>()
        && let (name, rest) = split(rest)
        && let Some(command) = Command::named(name)
    {
        let (row, text) = row_of(rest);
        return check(state, command, Some(count), row, text);
    }
    if let Some(command) = Command::named(first) {
        if COUNTED.contains(&command) {
            let count = match rest {
                "" => None,
                n => Some(n.parse().map_err(|_| number_wanted(first))?),
            };
            return check(state, command, count, None, "");
        }
        let (row, text) = if TAKES_ONLY_TEXT.contains(&command) {
            (None, rest)
        } else {
            row_of(rest)
        };
        return check(state, command, None, row, text);
    }
    match Key::parse_chord(line) {
        Ok(keys) => Ok(Asked::Keys(keys)),
        Err(_) => Err(unknown(first)),
    }
}

fn read_word(word: &'static str, rest: &str) -> Result<Asked, String> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
    Ok(match word {
        "where" => Asked::Where,
        "wait" => Asked::Wait,
        "text" => Asked::Text,
        "type" => Asked::Type(rest.to_owned()),
        "to" => Asked::To(rest.to_owned()),
        "key" => Asked::Keys(Key::parse_chord(rest).map_err(|error| error.to_string())?),
        "go" => Asked::Go(number(rest).ok_or_else(|| number_wanted(word))?),
        "move" => {
            let mut words = rest.split_whitespace().filter(|word| *word != "to");
            let (from, to) = (words.next().and_then(number), words.next().and_then(number));
            match (from, to, words.next()) {
                (Some(from), Some(to), None) => Asked::Move(from, to),
                _ => return Err("say which goes where, as in move 3 to 1".to_owned()),
            }
        }
        "list" => {
            let (first, more) = split(rest);
            let what = LISTS.iter().find(|(name, _)| *name == first);
            let from = if what.is_some() { more } else { rest };
            let from = match from {
                "" => None,
                text => Some(number(text).ok_or_else(|| {
                    let names = LISTS.map(|(name, _)| name).join(", ");
                    format!("there is no list `{text}`: there are {names}")
                })?),
            };
            let what = what.map(|(_, what)| *what);
            Asked::List { what, from }
        }
        field => Asked::Fill(field, rest.to_owned()),
    })
}

/// Splits the first word off.
fn split(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

/// A number at the begin is a row; what is behind it are words.
fn row_of(rest: &str) -> (Option<usize>, &str) {
    let (first, more) = split(rest);
    match first.parse() {
        Ok(row) => (Some(row), more),
        Err(_) => (None, rest),
    }
}

fn run(command: Command) -> Asked {
    Asked::Run {
        command,
        count: None,
        row: None,
        text: String::new(),
    }
}

fn check(
    state: &State,
    command: Command,
    count: Option<u32>,
    row: Option<usize>,
    text: &str,
) -> Result<Asked, String> {
    let name = command.entry().name;
    if command == Command::Help {
        return Ok(Asked::Help(text.to_owned()));
    }
    if command == Command::Back {
        return Ok(Asked::Back);
    }
    if is_of_the_screen(command) {
        return Err(format!("`{name}` is about the screen, and there is none"));
    }
    let is_quit = command == Command::Quit && !matches!(state.mode, Mode::Confirm(_));
    if !is_quit && !places(state).contains(&command.entry().scope) {
        return Err(not_here(name, command.entry().scope, state));
    }
    if !text.is_empty() && !TAKES_TEXT.contains(&command) {
        return Err(format!("`{name}` takes a number at most, and not `{text}`"));
    }
    if row == Some(0) {
        return Err("the first of a list is number 1".to_owned());
    }
    if command == Command::Preview {
        return Ok(Asked::List {
            what: None,
            from: None,
        });
    }
    Ok(Asked::Run {
        command,
        count,
        row,
        text: text.to_owned(),
    })
}

fn answer(question: &Question, line: &str) -> Option<Command> {
    let word = line.to_lowercase();
    match (question, word.as_str()) {
        (Question::Transfer(_), "copy" | "c") => Some(Command::TransferCopy),
        (Question::Transfer(_), "move" | "m") => Some(Command::TransferMove),
        (Question::Transfer(_), "no" | "n" | "back") => Some(Command::TransferNo),
        (Question::Transfer(_), _) => None,
        (_, "yes" | "y") => Some(Command::Yes),
        (_, "no" | "n" | "back") => Some(Command::No),
        _ => None,
    }
}

fn not_here(name: &str, scope: Scope, state: &State) -> String {
    match &state.mode {
        Mode::Confirm(confirm) => match confirm.what {
            Question::Transfer(_) => "answer first: copy, move or no".to_owned(),
            _ => "answer first: yes or no".to_owned(),
        },
        Mode::Lists => {
            let title = scope.title().to_lowercase();
            format!("`{name}` is for something that is not open ({title})")
        }
        mode => {
            let title = mode.scope().map_or("", Scope::title).to_lowercase();
            format!(
                "`{name}` cannot be done here ({title}): `back` closes it, `help` lists what can"
            )
        }
    }
}

fn number_wanted(name: &str) -> String {
    format!("`{name}` takes a number, as in {name} 3")
}

fn unknown(name: &str) -> String {
    if LISTS.iter().any(|(list, _)| *list == name) {
        return format!("there is no command `{name}`; `list {name}` lists them");
    }
    let commands = COMMANDS.iter().map(|entry| entry.name);
    let names: Vec<&str> = commands.chain(WORDS.iter().map(|word| word.name)).collect();
    let begins = names.iter().filter(|known| name.starts_with(**known));
    let meant = nearest(name, &names).or_else(|| begins.max_by_key(|known| known.len()).copied());
    match meant {
        Some(meant) => format!("there is no command `{name}`; did you mean `{meant}`?"),
        None => format!("there is no command `{name}`; `help` lists them"),
    }
}
