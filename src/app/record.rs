//! A recording: how a run began and all that happened to it, one JSON text a line, enough to see
//! every screen of it again.
//!
//! The state changes by actions only, and by the same ones always alike; so nothing else has to be
//! kept. Texts are masked unless the person wants them told: they keep their shape ([`Mask`]), and
//! no token is in any action.

mod masked;

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::action::{Action, Edited};
use super::composer::Field;
use super::customs::Customs;
use super::form::FormField;
use super::key::{Code, Key};
use super::keymap::{Binding, Keymap, Resolution};
use super::mode::Mode;
use super::notice::Severity;
use super::preferences::Settings;
use super::state::{Account, State};
use crate::domain::custom::Custom;
use crate::domain::mask::Mask;
use crate::domain::time::Timestamp;
use crate::protocol::SyncEvent;
use masked::Masked;

/// The format of a recording; it changes with every action that changes.
pub const FORMAT: u32 = 1;

/// How a run begins: all that the first state is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Where the API is.
    pub account: Account,
    /// What the person and the place chose.
    pub settings: Settings,
    /// Keys that are not the default ones.
    pub keys: Vec<Binding>,
    /// Custom commands.
    pub customs: Vec<Custom>,
    /// What is wrong with the config.
    pub problems: Vec<String>,
    /// Random bits.
    pub seed: u64,
    /// When.
    pub now: Timestamp,
}

impl Start {
    /// Makes the first state.
    pub fn state(&self) -> State {
        let (keymap, errors) = Keymap::with_bindings(&self.keys);
        let settings = self.settings.clone();
        let mut customs = Customs::default();
        let of_customs = customs.configure(&self.customs, &keymap);
        let mut state = State::new(self.account.clone(), settings, keymap, self.seed);
        state.customs = customs;
        let errors = errors.iter().map(ToString::to_string);
        let problems = self.problems.iter().cloned().chain(errors);
        state.problems = problems.chain(of_customs).collect();
        for problem in &state.problems {
            let problem = problem.clone();
            state.notices.say(Severity::Warning, problem, self.now);
        }
        state
    }
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// [`FORMAT`].
    qurate_recording: u32,
    /// Which qurate wrote it.
    version: String,
    start: Start,
}

/// What can be read of the first line of any format.
#[derive(Debug, Deserialize)]
struct AnyHead {
    qurate_recording: u32,
    #[serde(default)]
    version: String,
}

/// Writes the lines of a recording.
#[derive(Debug)]
pub struct Scribe {
    /// None: the texts are told.
    mask: Option<Mask>,
}

impl Scribe {
    /// One that masks texts with these random bits, or tells them.
    pub fn new(secret: Option<u64>) -> Self {
        let mask = secret.map(Mask::new);
        Self { mask }
    }

    /// Writes the first line.
    pub fn head(&self, start: &Start, version: &str) -> Result<String, serde_json::Error> {
        let mut head = serde_json::json!({
            "qurate_recording": FORMAT,
            "version": version,
            "start": null,
        });
        head["start"] = match &self.mask {
            Some(mask) => serde_json::to_value(Masked::new(start, mask))?,
            None => serde_json::to_value(start)?,
        };
        serde_json::to_string(&head)
    }

    /// Writes the line of an action; `is_words`: it is a key that goes into a text of the person's.
    pub fn line(&mut self, action: &Action, is_words: bool) -> Result<String, serde_json::Error> {
        let Some(mask) = &mut self.mask else {
            return serde_json::to_string(action);
        };
        if is_words && let Action::Key { key, now } = action {
            let code = match key.code {
                Code::Char(c) => Code::Char(mask.typed(c)),
                other => other,
            };
            let key = Key { code, ..*key };
            return serde_json::to_string(&Action::Key { key, now: *now });
        }
        serde_json::to_string(&Masked::new(action, mask))
    }
}

/// Why a line of a recording cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplayable {
    /// It is no recording.
    #[error("this is no recording of qurate: `--record FILE` makes one")]
    Foreign,
    /// Another version made it.
    #[error(
        "qurate {version} recorded it in format {format}, and this one plays format {FORMAT}: replay \
         it with that version"
    )]
    Format {
        /// Which.
        version: String,
        /// Its format.
        format: u32,
    },
    /// It makes no sense.
    #[error("this line is broken: {0}")]
    Broken(String),
}

/// Reads the first line.
pub fn read_head(line: &str) -> Result<Start, Unplayable> {
    let any: AnyHead = serde_json::from_str(line).map_err(|_| Unplayable::Foreign)?;
    if any.qurate_recording != FORMAT {
        return Err(Unplayable::Format {
            version: any.version,
            format: any.qurate_recording,
        });
    }
    let head: Head =
        serde_json::from_str(line).map_err(|error| Unplayable::Broken(error.to_string()))?;
    Ok(head.start)
}

/// Reads any other line.
pub fn read_line(line: &str) -> Result<Action, Unplayable> {
    serde_json::from_str(line).map_err(|error| Unplayable::Broken(error.to_string()))
}

impl State {
    /// Says whether this key would go into a text of the person's: what is written, searched for or
    /// called something. Times, zones and commands are no such texts.
    pub fn takes_words(&self, key: Key) -> bool {
        let is_text = match &self.mode {
            Mode::Composer(composer) => match composer.field {
                Field::Text | Field::Link | Field::Title | Field::Description | Field::Picture => {
                    true
                }
                Field::Profiles | Field::When | Field::Shorten => false,
            },
            Mode::Form(form) => form.field == FormField::Name,
            Mode::Replace(_) | Mode::Filter(_) | Mode::Prompt(_) => true,
            Mode::Lists
            | Mode::Grab(_)
            | Mode::Shuffle(_)
            | Mode::Confirm(_)
            | Mode::Palette(_)
            | Mode::Outbox(_)
            | Mode::History(_)
            | Mode::Detail(_)
            | Mode::Conflict(_)
            | Mode::Messages(_)
            | Mode::Calls(_)
            | Mode::Numbers(_)
            | Mode::Doctor(_)
            | Mode::Findings(_)
            | Mode::Drafts(_)
            | Mode::Links(_)
            | Mode::Output(_)
            | Mode::Timetable(_) => false,
        };
        if !is_text || key.typed().is_none() {
            return false;
        }
        let mut keys = self.pending.keys.clone();
        keys.push(key);
        matches!(
            self.keymap.resolve(&self.scopes(), &keys),
            Resolution::Unbound
        )
    }
}

/// Says in a few words what an action is, without any text in it.
pub fn told(action: &Action) -> String {
    match action {
        Action::Key { key, .. } => format!("key {key}"),
        Action::Paste { text, .. } => format!("paste, {} characters", text.chars().count()),
        Action::Run { command, .. } => format!("command {}", command.entry().name),
        Action::Mouse {
            mouse, column, row, ..
        } => format!("mouse {mouse:?} at column {column}, line {row}").to_lowercase(),
        Action::Resize { width, height } => format!("size {width}×{height}"),
        Action::Tick(_) => "the clock".to_owned(),
        Action::Continue => "nothing else waits".to_owned(),
        Action::Rested(_) => "a rest".to_owned(),
        Action::Lingered(_) => "a rest within a chord".to_owned(),
        Action::Wrote { a_second } => format!("{a_second} bytes a second went out"),
        Action::Configured { .. } => "config.toml was read".to_owned(),
        Action::Copied { .. } => "copied".to_owned(),
        Action::Opened { .. } => "a link was opened, or not".to_owned(),
        Action::Ran { .. } => "a program ended".to_owned(),
        Action::Sync { event, .. } => format!("news: {}", variant(event)),
        Action::TmuxSaid(_) => "tmux answered".to_owned(),
        Action::Sight { here: true, .. } => "in sight".to_owned(),
        Action::Sight { here: false, .. } => "out of sight".to_owned(),
        Action::Resumed(_) => "resumed".to_owned(),
        Action::Edited {
            outcome: Edited::Text(_),
            ..
        } => "edited outside".to_owned(),
        Action::Edited {
            outcome: Edited::Failed(_),
            ..
        } => "editing outside failed".to_owned(),
        Action::NotRecorded { .. } => "the recording ended".to_owned(),
    }
}

/// The name of a variant, without a look at what is in it.
fn variant(event: &SyncEvent) -> String {
    let mut name = Name(String::new());
    // It stops behind the name.
    let _ = write!(name, "{event:?}");
    name.0.to_lowercase()
}

struct Name(String);

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let name = text.split(|c: char| !c.is_alphanumeric()).next();
        let name = name.unwrap_or_default();
        self.0.push_str(name);
        if name.len() == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
