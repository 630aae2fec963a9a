//! What a line asks for, as the actions that do it on the screen.

use super::fields::{choose_profiles, closing, command, fill, paste, press, put};
use super::line::{Asked, is_only_a_list};
use super::list::{current, len, list, reading};
use super::words::help;
use super::{Host, PATIENCE, Plain};
use crate::app::action::{Action, Edited};
use crate::app::command::{Command, Scope};
use crate::app::key::{Code, Key};
use crate::app::keymap::Resolution;
use crate::app::mode::Mode;
use crate::app::prompt::Asked as Asks;
use crate::app::state::State;

/// What closes one thing at a time closes all there can be in as many steps.
const DEEPEST: usize = 6;

impl Plain {
    /// Performs what a line asks for, and notes what of it has to be told.
    pub(super) fn perform(&mut self, host: &mut impl Host, asked: Asked) -> Result<(), String> {
        match asked {
            Asked::Nothing => self.silent = true,
            Asked::Where => self.asked = true,
            Asked::Help(filter) => {
                self.told = help(host.state(), &filter);
                if self.told.is_empty() {
                    return Err(format!("no command is about `{filter}`"));
                }
            }
            Asked::List { what, from } => {
                let state = host.state();
                let reads = what.is_none().then(|| reading(state)).flatten();
                let what = what.unwrap_or_else(|| current(state));
                self.told = reads.unwrap_or_else(|| list(state, what, from));
            }
            Asked::Go(row) => go(host, row)?,
            Asked::Move(from, to) => carry(host, from, to)?,
            Asked::Wait => self.waits = Some(host.now().plus(PATIENCE)),
            Asked::Back => back(host),
            Asked::Text => self.writing = Some(Vec::new()),
            Asked::Type(text) => {
                let takes = host.state().scopes().iter().any(|s| s.takes_text());
                if !takes {
                    return Err("nothing takes text here".to_owned());
                }
                paste(host, &text);
            }
            Asked::To(names) => choose_profiles(host, &names)?,
            Asked::Fill(word, value) => fill(host, word, &value)?,
            Asked::Keys(keys) => keys_pressed(host, &keys)?,
            Asked::Run {
                command,
                count,
                row,
                text,
            } => {
                run(host, command, count, row, &text)?;
                // Unless it asks first.
                self.leaves = command == Command::Quit && matches!(host.state().mode, Mode::Lists);
                self.wrote = !text.is_empty() && matches!(host.state().mode, Mode::Composer(_));
            }
        }
        self.tidy(host)
    }

    /// A program is over: what it said is told, if the screen would show it now.
    pub fn program_ended(&mut self, host: &mut impl Host) {
        if matches!(host.state().mode, Mode::Output(_)) {
            self.told.extend(reading(host.state()).unwrap_or_default());
            command(host, Command::DetailClose, None);
        }
    }

    /// What the screen would show now is told; what was opened only to be read is closed.
    fn tidy(&mut self, host: &mut impl Host) -> Result<(), String> {
        let state = host.state();
        let opened = state.mode.scope() != self.before.scope;
        match &state.mode {
            Mode::Detail(_)
            | Mode::Messages(_)
            | Mode::Calls(_)
            | Mode::Numbers(_)
            | Mode::Output(_)
            | Mode::Doctor(_) => {
                self.told.extend(reading(state).unwrap_or_default());
                command(host, Command::DetailClose, None);
            }
            Mode::Conflict(_) if opened => {
                self.told.extend(reading(state).unwrap_or_default());
            }
            Mode::Palette(_) => {
                command(host, Command::PaletteClose, None);
                self.told = help(host.state(), "");
            }
            Mode::Filter(_) => {
                command(host, Command::FilterKeep, None);
                return Err("say what to filter for, as in filter has:link".to_owned());
            }
            Mode::Prompt(prompt) => {
                let say = match prompt.what {
                    Asks::Tags { .. } => "say which tags, as in tags 3 launch -old",
                    Asks::Command => "say which program, as in run-command 3 wc -w",
                    Asks::When => "say a time for all of them, as in reschedule fri 14:30",
                };
                command(host, Command::PromptLeave, None);
                return Err(say.to_owned());
            }
            mode if opened && is_only_a_list(mode) => {
                self.told.extend(list(state, current(state), None));
            }
            Mode::Composer(composer)
                if opened && composer.editing.is_none() && composer.is_empty() =>
            {
                self.writing = Some(Vec::new());
            }
            _ => {}
        }
        Ok(())
    }
}

/// Closes what is innermost.
fn back(host: &mut impl Host) {
    let close = host.state().mode.scope().map_or(Command::Back, closing);
    command(host, close, None);
}

/// Goes to a row of the list that has the keys.
fn go(host: &mut impl Host, row: usize) -> Result<(), String> {
    let state = host.state();
    if !state.scopes().contains(&Scope::List) {
        return Err("there is no list here to go in".to_owned());
    }
    let there = len(state, current(state));
    match row {
        0 => Err("the first of a list is number 1".to_owned()),
        row if row > there => Err(match there {
            0 => "there is nothing in this list".to_owned(),
            1 => "there is only 1".to_owned(),
            n => format!("there are only {n}"),
        }),
        row => {
            command(host, Command::Top, u32::try_from(row).ok());
            Ok(())
        }
    }
}

/// Moves the update of a row to another, as it is carried on the screen.
fn carry(host: &mut impl Host, from: usize, to: usize) -> Result<(), String> {
    leave_list(host, Scope::Queue);
    command(host, Command::FocusQueue, None);
    let state = host.state();
    if !state.marks.is_empty() || state.range.is_some() {
        return Err(MARKED.to_owned());
    }
    let there = state.entries().len();
    if from.max(to) > there {
        return Err(format!("there are only {there}"));
    }
    go(host, from)?;
    if host.state().cursors().queue.on.is_none() {
        return Err(format!(
            "{from} is a free slot: nothing is there to be moved"
        ));
    }
    command(host, Command::Grab, None);
    if !matches!(host.state().mode, Mode::Grab(_)) {
        return Ok(());
    }
    command(host, Command::Top, u32::try_from(to).ok());
    command(host, Command::Drop, None);
    Ok(())
}

/// A number would say one thing and the marks another.
const MARKED: &str = "some are marked, and would go too: `back` clears the marks";

fn acts_on_marked(command: Command) -> bool {
    matches!(
        command,
        Command::MoveDown
            | Command::MoveUp
            | Command::Grab
            | Command::ToTop
            | Command::ToBottom
            | Command::Reschedule
            | Command::Pin
            | Command::Cut
            | Command::Edit
            | Command::EditOutside
            | Command::Delete
            | Command::Share
            | Command::Tags
            | Command::RunCommand
    )
}

/// Closes a list that is in the way of a command.
fn leave_list(host: &mut impl Host, scope: Scope) {
    let state = host.state();
    if is_only_a_list(&state.mode) && !state.scopes().contains(&scope) {
        back(host);
    }
}

fn run(
    host: &mut impl Host,
    asked: Command,
    count: Option<u32>,
    row: Option<usize>,
    text: &str,
) -> Result<(), String> {
    let scope = asked.entry().scope;
    leave_list(host, scope);
    if asked == Command::Quit {
        for _ in 0..DEEPEST {
            if !matches!(host.state().mode, Mode::Lists) {
                back(host);
            }
        }
    }
    if !host.state().scopes().contains(&scope) {
        let focus = match scope {
            Scope::Queue => Some(Command::FocusQueue),
            Scope::Sent => Some(Command::FocusSent),
            Scope::Profiles => Some(Command::FocusProfiles),
            Scope::Interactions => Some(Command::FocusInteractions),
            _ => None,
        };
        if let Some(focus) = focus {
            command(host, focus, None);
        }
    }
    if let Some(row) = row {
        if acts_on_marked(asked) && !host.state().marked().is_empty() {
            return Err(MARKED.to_owned());
        }
        go(host, row)?;
    }
    command(host, asked, count);
    say(host, asked, text)?;
    problem(host.state(), asked).map_or(Ok(()), Err)
}

/// Says the words behind a command to what it opened.
fn say(host: &mut impl Host, asked: Command, text: &str) -> Result<(), String> {
    if asked == Command::Filter && matches!(host.state().mode, Mode::Filter(_)) {
        put(host, text);
        let keep = if text.is_empty() {
            Command::FilterDrop
        } else {
            Command::FilterKeep
        };
        command(host, keep, None);
        return Ok(());
    }
    if text.is_empty() {
        return Ok(());
    }
    if asked == Command::Compose && matches!(host.state().mode, Mode::Drafts(_)) {
        command(host, Command::DraftNew, None);
    }
    match (&host.state().mode, asked) {
        (Mode::Composer(_), Command::Reschedule) => {
            fill(host, "when", text)?;
            command(host, Command::Save, None);
            problem(host.state(), Command::Save).map_or(Ok(()), Err)
        }
        (Mode::Composer(_), _) => {
            let (outcome, now) = (Edited::Text(text.to_owned()), host.now());
            host.act(Action::Edited { outcome, now });
            Ok(())
        }
        (Mode::Prompt(_), _) => {
            paste(host, text);
            command(host, Command::PromptTake, None);
            let problem = problem(host.state(), Command::PromptTake);
            if problem.is_some() {
                command(host, Command::PromptLeave, None);
            }
            problem.map_or(Ok(()), Err)
        }
        (Mode::Timetable(_), Command::TimetableAdd) => {
            paste(host, text);
            command(host, Command::TimeTake, None);
            problem(host.state(), Command::TimeTake).map_or(Ok(()), Err)
        }
        _ => Err(format!(
            "`{text}` was not taken: answer first, then say it again"
        )),
    }
}

/// What keeps from being done what was asked for just now.
fn problem(state: &State, asked: Command) -> Option<String> {
    match (asked, &state.mode) {
        (Command::Save, Mode::Composer(composer)) => {
            let problems = composer.problems.iter();
            let problems: Vec<&str> = problems.map(|problem| problem.text.as_str()).collect();
            (!problems.is_empty()).then(|| format!("not saved: {}", problems.join("; ")))
        }
        (Command::FormSave, Mode::Form(form)) => form.problem.clone(),
        (Command::PromptTake, Mode::Prompt(prompt)) => prompt.problem.clone(),
        (Command::ReplaceApply, Mode::Replace(replace)) => replace.problem.clone(),
        (Command::TimetableSave | Command::TimeTake, Mode::Timetable(table)) => {
            table.problem.clone()
        }
        _ => None,
    }
}

/// Presses keys; what they are the begin of only is not left waiting.
fn keys_pressed(host: &mut impl Host, keys: &[Key]) -> Result<(), String> {
    let state = host.state();
    let scopes = state.scopes();
    let is_typed = keys.first().and_then(|key| key.typed());
    let takes_text = scopes.iter().any(|scope| scope.takes_text());
    let counts = is_typed.is_some_and(|c| c.is_ascii_digit()) && !takes_text;
    let edits = takes_text && is_typed.is_none();
    let name = Key::print_chord(keys);
    let means = state.keymap.resolve(&scopes, keys);
    if means == Resolution::Unbound && !counts && !edits {
        return Err(if takes_text {
            format!("there is no command `{name}`; `type {name}` types it")
        } else {
            format!("the key {name} means nothing here; `help` lists what does")
        });
    }
    if let Resolution::Pending(next) = &means {
        let next = next
            .iter()
            .map(|(rest, command)| format!("{name} {} ({command})", Key::print_chord(rest)));
        let next: Vec<String> = next.collect();
        return Err(format!("that is only the begin of {}", next.join(", ")));
    }
    for key in keys {
        press(host, *key);
    }
    let pending = &host.state().pending;
    if !pending.keys.is_empty() || pending.count.is_some() {
        press(host, Key::plain(Code::Esc));
        return Err(format!("{name} is only the begin of something"));
    }
    Ok(())
}
