//! Fields: gone to and filled with the keys that do it on the screen.

use super::Host;
use crate::app::action::Action;
use crate::app::command::{Command, Scope};
use crate::app::composer::Field;
use crate::app::form::FormField;
use crate::app::key::{Code, Key};
use crate::app::mode::Mode;
use crate::app::replace::ReplaceField;

/// No dialog has as many fields.
const MOST: usize = 12;

/// Fills the field of this word.
pub(super) fn fill(host: &mut impl Host, word: &str, value: &str) -> Result<(), String> {
    match word {
        "when" => composer(host, Field::When)?,
        "link" => composer(host, Field::Link)?,
        "title" => composer(host, Field::Title)?,
        "description" => composer(host, Field::Description)?,
        "picture" => composer(host, Field::Picture)?,
        "network" => return choose(host, FormField::Service, value),
        "connection" => return choose(host, FormField::Connection, value),
        "name" => form(host, FormField::Name)?,
        "zone" => form(host, FormField::Zone)?,
        "times" => form(host, FormField::Times)?,
        "find" => replace(host, ReplaceField::Find),
        _ => replace(host, ReplaceField::With),
    }
    put(host, value);
    Ok(())
}

/// Puts `value` into the line that has the keys, in the place of what is there.
pub(super) fn put(host: &mut impl Host, value: &str) {
    press(host, Key::plain(Code::End));
    press(host, Key::new(Code::Char('u'), true, false, false));
    if !value.is_empty() {
        paste(host, value);
    }
}

/// Pastes.
pub(super) fn paste(host: &mut impl Host, text: &str) {
    let (text, now) = (text.to_owned(), host.now());
    host.act(Action::Paste { text, now });
}

/// Presses a key.
pub(super) fn press(host: &mut impl Host, key: Key) {
    let now = host.now();
    host.act(Action::Key { key, now });
}

/// Runs a command.
pub(super) fn command(host: &mut impl Host, command: Command, count: Option<u32>) {
    let action = command.action(count, host.now());
    host.act(action);
}

fn composer(host: &mut impl Host, wanted: Field) -> Result<(), String> {
    for _ in 0..MOST {
        match &host.state().mode {
            Mode::Composer(composer) if composer.field == wanted => return Ok(()),
            Mode::Composer(_) => command(host, Command::NextField, None),
            _ => break,
        }
    }
    Err(match wanted {
        Field::Title | Field::Description => "give it a link first",
        Field::Profiles => "an update stays with its profile",
        _ => "there is no such field here",
    }
    .to_owned())
}

fn form(host: &mut impl Host, wanted: FormField) -> Result<(), String> {
    for _ in 0..MOST {
        match &host.state().mode {
            Mode::Form(form) if form.field == wanted => return Ok(()),
            Mode::Form(_) => command(host, Command::FormNext, None),
            _ => break,
        }
    }
    Err("that cannot be changed here".to_owned())
}

fn replace(host: &mut impl Host, wanted: ReplaceField) {
    let is_there = |mode: &Mode| matches!(mode, Mode::Replace(replace) if replace.field == wanted);
    if !is_there(&host.state().mode) {
        command(host, Command::ReplaceField, None);
    }
}

/// Chooses one of those there are.
fn choose(host: &mut impl Host, field: FormField, value: &str) -> Result<(), String> {
    form(host, field)?;
    let Mode::Form(open) = &host.state().mode else {
        return Ok(());
    };
    let names: Vec<String> = match field {
        FormField::Service => open.services.iter().map(|s| s.title().to_owned()).collect(),
        _ => open.connections.clone(),
    };
    let words: Vec<String> = match field {
        FormField::Service => open
            .services
            .iter()
            .map(|s| s.as_str().to_owned())
            .collect(),
        _ => open.connections.clone(),
    };
    let at = match field {
        FormField::Service => open.service,
        _ => open.connection,
    };
    let is_it = |name: &String| name.eq_ignore_ascii_case(value);
    let wanted = names
        .iter()
        .position(is_it)
        .or_else(|| words.iter().position(is_it));
    let Some(wanted) = wanted else {
        return Err(format!(
            "there is no `{value}`: there are {}",
            names.join(", ")
        ));
    };
    for _ in 0..(wanted + names.len() - at) % names.len().max(1) {
        press(host, Key::plain(Code::Right));
    }
    Ok(())
}

/// Sends what is written to the profiles that have one of these names, and to no other.
pub(super) fn choose_profiles(host: &mut impl Host, names: &str) -> Result<(), String> {
    composer(host, Field::Profiles)?;
    press(host, Key::new(Code::Char('u'), true, false, false));
    let Mode::Composer(composer) = &host.state().mode else {
        return Ok(());
    };
    let listed: Vec<(String, bool)> = composer
        .targets
        .found()
        .map(|target| {
            let name = format!("{} {}", target.service.title(), target.name);
            let word = target.service.as_str();
            (format!("{name} {word}").to_lowercase(), target.chosen)
        })
        .collect();
    let wanted: Vec<String> = names.split_whitespace().map(str::to_lowercase).collect();
    if wanted.is_empty() {
        return Err("say a part of each name, or all".to_owned());
    }
    let all = wanted == ["all"];
    let missing = wanted.iter().find(|word| {
        let mut names = listed.iter();
        !all && !names.any(|(name, _)| name.contains(word.as_str()))
    });
    if let Some(missing) = missing {
        return Err(format!(
            "no profile has `{missing}` in its name: `list profiles` lists them"
        ));
    }
    press(host, Key::plain(Code::Home));
    for (name, chosen) in &listed {
        let wants = all || wanted.iter().any(|word| name.contains(word.as_str()));
        if wants != *chosen {
            press(host, Key::char(' '));
        }
        press(host, Key::plain(Code::Down));
    }
    Ok(())
}

/// Returns the command that closes what has this scope.
pub(super) fn closing(scope: Scope) -> Command {
    match scope {
        Scope::Grab => Command::PutBack,
        Scope::Shuffle => Command::ShuffleCancel,
        Scope::Confirm => Command::No,
        Scope::Transfer => Command::TransferNo,
        Scope::Outbox => Command::OutboxClose,
        Scope::History => Command::HistoryClose,
        Scope::Conflict => Command::ConflictClose,
        Scope::Numbers | Scope::Detail | Scope::Doctor | Scope::Output => Command::DetailClose,
        Scope::Links => Command::LinksClose,
        Scope::Findings => Command::FindingsClose,
        Scope::Replace => Command::ReplaceLeave,
        Scope::Palette => Command::PaletteClose,
        Scope::Filter => Command::FilterDrop,
        Scope::Prompt => Command::PromptLeave,
        Scope::Composer => Command::Leave,
        Scope::Drafts => Command::DraftsClose,
        Scope::Form => Command::FormLeave,
        Scope::Timetable => Command::TimetableLeave,
        Scope::NewTime => Command::TimeDrop,
        Scope::Always
        | Scope::Global
        | Scope::List
        | Scope::Profiles
        | Scope::Queue
        | Scope::Sent
        | Scope::Interactions => Command::Back,
    }
}
