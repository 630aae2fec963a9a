//! Custom commands: asked for, run on the selection, and what becomes of what they say.

use super::commands::say;
use super::compose;
use super::tags::subjects;
use crate::app::action::{Copying, Part, Ran};
use crate::app::customs::{Running, Said};
use crate::app::effect::{Effect, Errand};
use crate::app::mode::{Mode, Scroll};
use crate::app::notice::Severity;
use crate::app::prompt::{Asked, Prompt};
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::custom::{Custom, Input, Output, words};
use crate::domain::id::LocalId;
use crate::domain::update::{Status, Update};

/// What is said in one short line needs no pane.
const SHORT: usize = 60;

/// No variable is longer than this: systems refuse programs with more.
const VARIABLE: usize = 32 * 1024;

/// Asks what to run on the selection.
pub(super) fn ask(state: &mut State) {
    let updates = subjects(state);
    if updates.is_empty() {
        let text = "there is no update to run a command on from here";
        return say(state, Severity::Done, text);
    }
    state.mode = Mode::Prompt(Box::new(Prompt::open(Asked::Command, updates)));
}

/// Runs what was typed: the name of a custom command, or a program with its arguments.
pub(super) fn take(state: &mut State, out: &mut Vec<Effect>, mut prompt: Box<Prompt>) {
    let text = prompt.text();
    let Some(run) = words(&text) else {
        let text = "a quote is not closed, or a `\\` stands at the end";
        prompt.problem = Some(text.to_owned());
        state.mode = Mode::Prompt(prompt);
        return;
    };
    let Some(first) = run.first() else { return };
    let named = state.customs.named(first).filter(|_| run.len() == 1);
    let custom = named.cloned().unwrap_or_else(|| Custom {
        name: first.clone(),
        key: None,
        run: run.clone(),
        input: Input::Text,
        output: Output::Show,
        at: String::new(),
    });
    start(state, out, &custom, &prompt.updates);
}

/// Runs a custom command on the selection.
pub(super) fn run(state: &mut State, out: &mut Vec<Effect>, custom: &Custom) {
    let updates = subjects(state);
    start(state, out, custom, &updates);
}

fn start(state: &mut State, out: &mut Vec<Effect>, custom: &Custom, updates: &[LocalId]) {
    let found: Vec<&Update> = updates.iter().filter_map(|id| state.update(*id)).collect();
    let name = custom.name.clone();
    let (input, first) = match (custom.input, found.as_slice()) {
        (_, []) => {
            let text = format!("there is no update here to run {name} on");
            return say(state, Severity::Warning, text);
        }
        (Input::Text, [one]) => (one.body.content.text.clone(), *one),
        (Input::Text, many) => {
            let text = format!(
                "{name} takes one update, and {} are marked: Esc clears the marks; `input = \
                 \"json\"` in config.toml takes all",
                many.len()
            );
            return say(state, Severity::Warning, text);
        }
        (Input::Json, [first, ..]) => {
            let lines = found
                .iter()
                .filter_map(|update| serde_json::to_string(update).ok());
            let lines: String = lines.map(|line| line + "\n").collect();
            (lines, *first)
        }
    };
    let variables = variables(state, first);
    let update = (found.len() == 1).then_some(first.id);
    state.customs.last += 1;
    let number = state.customs.last;
    out.push(Effect::Run(Errand {
        number,
        program: custom.run.clone(),
        input,
        variables,
    }));
    let output = custom.output;
    say(state, Severity::Done, format!("{name} runs …"));
    let running = Running {
        name,
        output,
        update,
    };
    state.customs.running.insert(number, running);
}

/// The fields of an update, as variables of the environment.
fn variables(state: &State, update: &Update) -> Vec<(String, String)> {
    let body = &update.body;
    let media = &body.content.media;
    let profile = state.replica.profile(&body.profile);
    let row = state.replica.queue(&body.profile).and_then(|shown| {
        let at = shown.queue.find(update.id)?;
        shown.rows().get(at).copied()
    });
    let due = row.map_or(body.due_at, |row| row.due_at);
    let status = match body.status {
        Status::Pending => "pending",
        Status::Sent => "sent",
        Status::Failed => "failed",
        Status::Draft => "draft",
    };
    let tags = state.tags.of(update.id);
    let tags: Vec<&str> = tags.into_iter().flatten().map(String::as_str).collect();
    let number = |at: Option<i64>| at.map_or_else(String::new, |at| at.to_string());
    let all = [
        ("ID", update.id.to_string()),
        (
            "REMOTE_ID",
            update
                .remote
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        ),
        ("PROFILE", body.profile.to_string()),
        (
            "SERVICE",
            profile.map_or("", |p| p.service.as_str()).to_owned(),
        ),
        (
            "USERNAME",
            profile.map_or_else(String::new, |p| p.username.clone()),
        ),
        ("STATUS", status.to_owned()),
        ("DUE_AT", number(due.map(|at| at.0))),
        (
            "SENT_AT",
            number(body.outcome.sent.as_ref().map(|sent| sent.at.0)),
        ),
        ("LINK", media.link.clone()),
        ("TITLE", media.title.clone()),
        ("DESCRIPTION", media.description.clone()),
        ("PICTURE", media.picture.clone()),
        ("TAGS", tags.join(" ")),
    ];
    let fits = |value: String| -> String {
        let end = (0..=value.len().min(VARIABLE))
            .rev()
            .find(|end| value.is_char_boundary(*end));
        value[..end.unwrap_or(0)].replace('\0', "")
    };
    all.into_iter()
        .map(|(name, value)| (format!("QURATE_{name}"), fits(value)))
        .collect()
}

/// A custom command is over.
pub(super) fn ran(state: &mut State, number: u64, outcome: Ran) {
    let Some(running) = state.customs.running.remove(&number) else {
        return;
    };
    let Running {
        name,
        output,
        update,
    } = running;
    let (out, err, failed) = match outcome {
        Ran::Failed(why) => return say(state, Severity::Trouble, why),
        Ran::Ended { failed, out, err } => (out, err, failed),
    };
    let said = Said {
        name: name.clone(),
        update,
        out,
        err,
        failed,
    };
    let is_free = matches!(state.mode, Mode::Lists);
    let words = first_line(if said.failed.is_some() && !said.err.trim().is_empty() {
        &said.err
    } else {
        &said.out
    });
    let is_short = said.lines().count() <= 1 && words.chars().count() <= SHORT;
    let (failed, is_empty) = (said.failed.clone(), said.out.trim().is_empty());
    state.customs.said = Some(said);
    match (failed, output) {
        (Some(how), _) => {
            let text = format!("{name} failed ({how}): {words}");
            say(state, Severity::Trouble, text);
            if is_free && !is_short {
                open(state);
            }
        }
        (None, Output::Text) if is_empty => {
            let text = format!("{name} said nothing: the text is as it was");
            say(state, Severity::Warning, text);
        }
        (None, Output::Text) if is_free => use_as_text(state),
        (None, Output::Show) if is_short => {
            let what = if is_empty { "done" } else { &words };
            say(state, Severity::Done, format!("{name}: {what}"));
        }
        (None, Output::Show) if is_free => open(state),
        (None, Output::Show | Output::Text) => {
            say(
                state,
                Severity::Done,
                format!("{name} is done: `:output` shows what it said"),
            );
        }
    }
}

/// Shows what the last custom command said.
pub(super) fn open(state: &mut State) {
    if state.customs.said.is_none() {
        let text = "no custom command was run yet: ! runs one";
        return say(state, Severity::Done, text);
    }
    state.mode = Mode::Output(Scroll::default());
}

/// Writes on from what it said, in the place of the text of its update.
pub(super) fn use_as_text(state: &mut State) {
    let Some(said) = state.customs.said.clone() else {
        return;
    };
    if said.out.trim().is_empty() {
        let text = format!("{} said nothing that could be a text", said.name);
        return say(state, Severity::Warning, text);
    }
    let text = said.out.trim_end().to_owned();
    let Some(update) = said.update else {
        compose::compose_text(state, &text);
        return;
    };
    if compose::edit_with(state, update, &text) {
        let text = format!(
            "this is what {} made of it: nothing is saved yet",
            said.name
        );
        say(state, Severity::Done, text);
    } else {
        compose::compose_text(state, &text);
        let text = "its update is no longer in the queue: this would be a new one";
        say(state, Severity::Warning, text);
    }
}

/// Copies what it said.
pub(super) fn copy(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(said) = &state.customs.said {
        let what = Copying {
            part: Part::Output,
            count: 1,
        };
        let text = said.out.clone();
        out.push(Effect::Copy { what, text });
    }
}

impl Said {
    /// Returns what there is to show, line by line: what it complains of first if it failed.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let (first, then) = if self.failed.is_some() {
            (&self.err, &self.out)
        } else {
            (&self.out, &self.err)
        };
        let (first, then) = (first.trim_end(), then.trim_end());
        first.lines().chain(then.lines())
    }
}
