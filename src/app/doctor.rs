//! What the terminal can do and how things stand, each with whether that is well and what to do if
//! not. Computed from the state; the terminal is asked nothing. Addresses have no password and no
//! query, so no token is ever in it.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::layout::SMALLEST;
use super::state::{AccountKind, State};
use crate::domain::terminal::{Call, Colors, Inside, Locale};
use crate::domain::time::Timestamp;
use crate::protocol::Link;

/// From this size on nothing is left out that matters.
const ROOMY: (u16, u16) = (80, 24);

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Which qurate this is.
    pub version: String,
    /// `config.toml`.
    pub config: String,
    /// The store of the account.
    pub store: String,
    /// The log.
    pub log: String,
    /// Where the API is.
    pub api: String,
}

/// What tmux says of itself; none of what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TmuxSays {
    /// Its version.
    pub version: Option<String>,
    /// `set-clipboard`.
    pub clipboard: Option<String>,
    /// `allow-passthrough`.
    pub passthrough: Option<String>,
    /// `focus-events`.
    pub focus_events: Option<String>,
}

/// Whether something is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is.
    Well,
    /// It works, but not as well as it could.
    Look,
    /// It needs the person.
    Act,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub value: String,
    /// Whether that is well.
    pub verdict: Verdict,
    /// What to do, or what it means.
    pub advice: Option<String>,
}

/// What was looked at, under two headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the terminal can do.
    pub terminal: Vec<Finding>,
    /// How things stand.
    pub state: Vec<Finding>,
}

/// Looks at everything.
pub fn report(state: &State) -> Report {
    Report {
        terminal: [size(state), name(state), colors(state), letters(state)]
            .into_iter()
            .chain(tmux(state))
            .chain([clipboard(state), mouse(state), links(state), call(state)])
            .collect(),
        state: [
            well("version", &state.settings.about.version),
            config(state),
            well("log", &state.settings.about.log),
            account(state),
            line(state),
            last_contact(state),
            sender(state),
            store(state),
            outbox(state),
        ]
        .into_iter()
        .collect(),
    }
}

impl Report {
    /// Returns the worst of it.
    pub fn worst(&self) -> Verdict {
        let all = self.terminal.iter().chain(&self.state);
        all.map(|finding| finding.verdict)
            .max()
            .unwrap_or(Verdict::Well)
    }

    /// Returns it as lines of text, to be sent to somebody.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (heading, findings) in [("Terminal", &self.terminal), ("State", &self.state)] {
            lines.push(heading.to_owned());
            for finding in findings {
                let word = finding.verdict.word();
                lines.push(format!(
                    "  {word:<10} {:<13} {}",
                    finding.name, finding.value
                ));
                if let Some(advice) = &finding.advice {
                    lines.push(format!("{:26}{advice}", ""));
                }
            }
        }
        lines.join("\n") + "\n"
    }
}

impl Verdict {
    /// Returns it in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Look => "look here",
            Self::Act => "to do",
        }
    }
}

fn well(name: &'static str, value: impl Into<String>) -> Finding {
    Finding {
        name,
        value: value.into(),
        verdict: Verdict::Well,
        advice: None,
    }
}

impl Finding {
    fn but(mut self, verdict: Verdict, advice: impl Into<String>) -> Self {
        self.verdict = verdict;
        self.advice = Some(advice.into());
        self
    }

    fn note(self, advice: impl Into<String>) -> Self {
        self.but(Verdict::Well, advice)
    }
}

fn size(state: &State) -> Finding {
    let (width, height) = state.viewport;
    let found = well("size", format!("{width} columns, {height} lines"));
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return found.but(
            Verdict::Act,
            "it is too small: make the window larger, or the letters smaller",
        );
    }
    if width < ROOMY.0 || height < ROOMY.1 {
        return found.but(
            Verdict::Look,
            "from 80 columns and 24 lines on more is told",
        );
    }
    found
}

fn name(state: &State) -> Finding {
    let terminal = &state.settings.terminal;
    let mut value = format!("TERM={}", terminal.name);
    if !terminal.program.is_empty() {
        value = format!("{value}, {}", terminal.program);
    }
    if terminal.over_ssh {
        value += ", over ssh";
    }
    well("terminal", value)
}

fn colors(state: &State) -> Finding {
    let theme = state.settings.look.theme;
    let value = format!("theme {}", theme.name());
    match state.settings.terminal.colors {
        Colors::None => well("colours", "none, as NO_COLOR says"),
        Colors::True => well("colours", format!("all of them, {value}")),
        Colors::Sixteen if theme.needs_true_colors() => well("colours", format!("sixteen, {value}")).but(
            Verdict::Act,
            "the theme needs more: set COLORTERM=truecolor if the terminal has them, or another theme",
        ),
        Colors::Sixteen => well("colours", format!("sixteen, {value}")),
    }
}

fn letters(state: &State) -> Finding {
    match &state.settings.terminal.locale {
        Locale::Utf8 => well("letters", "UTF-8"),
        Locale::Unset => well("letters", "UTF-8, as no locale is set").but(
            Verdict::Look,
            "if borders look odd: LANG=C.UTF-8, or `ascii = true` in config.toml",
        ),
        Locale::Other(name) => well("letters", format!("the locale is {name}")).but(
            Verdict::Act,
            "all is drawn in ASCII; LANG=C.UTF-8 shows texts as they are",
        ),
    }
}

fn tmux(state: &State) -> Option<Finding> {
    match state.settings.terminal.inside {
        Inside::Nothing => None,
        Inside::Screen => Some(well("inside", "GNU screen").but(
            Verdict::Look,
            "it hands on neither links nor the clipboard; tmux does",
        )),
        Inside::Tmux => {
            let says = state.tmux.clone().unwrap_or_default();
            let version = says.version.unwrap_or_else(|| "tmux".to_owned());
            let watches = state.settings.call != Call::Never;
            let found = well("inside", version);
            Some(match says.focus_events.as_deref() {
                Some("off") if watches => found.but(
                    Verdict::Look,
                    "`set -g focus-events on` tells whether it is in sight, for the bell",
                ),
                _ => found,
            })
        }
    }
}

fn clipboard(state: &State) -> Finding {
    let terminal = &state.settings.terminal;
    let says = state.tmux.clone().unwrap_or_default();
    match (terminal.inside, says.clipboard.as_deref()) {
        (Inside::Nothing, _) => well("clipboard", "the terminal is told (OSC 52)")
            .note("whether it listens nobody can know: y on an update tries it"),
        (Inside::Screen, _) => well("clipboard", "through GNU screen")
            .but(Verdict::Look, "it may keep what is copied to itself"),
        (Inside::Tmux, Some("off")) => well("clipboard", "tmux takes it, set-clipboard off").but(
            Verdict::Act,
            "`set -g set-clipboard on` has tmux tell your terminal",
        ),
        (Inside::Tmux, Some(value)) => well(
            "clipboard",
            format!("tmux takes it and tells your terminal, set-clipboard {value}"),
        ),
        (Inside::Tmux, None) => well("clipboard", "tmux takes it"),
    }
}

fn mouse(state: &State) -> Finding {
    let value = if state.mouse { "on" } else { "off" };
    well("mouse", value).note(if state.mouse {
        "Shift and the mouse select text; `:mouse` turns it off"
    } else {
        "`:mouse` turns it on, `mouse = true` in config.toml from the start"
    })
}

fn links(state: &State) -> Finding {
    if state.settings.links {
        return well("links", "on (OSC 8)");
    }
    let found = well("links", "off");
    if state.settings.terminal.takes_links {
        found.note("as config.toml says")
    } else {
        found.note("it is not known to take them; `hyperlinks = \"on\"` tries")
    }
}

fn call(state: &State) -> Finding {
    let tmux = state.settings.terminal.inside == Inside::Tmux;
    let says = state
        .tmux
        .as_ref()
        .and_then(|says| says.passthrough.as_deref());
    match (state.settings.call, tmux, says) {
        (Call::Never, _, _) => well("calling", "off, as config.toml says"),
        (Call::Bell, _, _) => well("calling", "by the bell, while it is out of sight"),
        (Call::Message, true, Some("off")) => well("calling", "by the bell; messages stop at tmux")
            .but(
                Verdict::Act,
                "`set -g allow-passthrough on` lets them through",
            ),
        (Call::Message, _, _) => well("calling", "by a message (OSC 9), while it is out of sight"),
    }
}

fn config(state: &State) -> Finding {
    let about = &state.settings.about;
    match state.problems.len() {
        0 => well("config", &about.config),
        count => {
            let what = if count == 1 { "problem" } else { "problems" };
            let first = &state.problems[0];
            let more = if count > 1 { ", and more (g l)" } else { "" };
            well("config", format!("{}: {count} {what}", about.config))
                .but(Verdict::Act, format!("{first}{more}"))
        }
    }
}

fn account(state: &State) -> Finding {
    let kind = match state.account.kind {
        AccountKind::Local => "the server inside",
        AccountKind::Demo => "a throw-away server inside, sends nothing",
        AccountKind::Remote => state.settings.about.api.as_str(),
    };
    well("account", format!("{}: {kind}", state.account.name))
}

fn line(state: &State) -> Finding {
    let at = |at: Timestamp| at.in_zone(&state.zone()).format("%H:%M").to_string();
    match &state.link {
        Link::Connecting => well("API", "not asked yet"),
        Link::Online { since } => well("API", format!("answers, since {}", at(*since))),
        Link::Follower => well("API", "asked by another editor"),
        Link::Limited { until } => well("API", format!("takes nothing until {}", at(*until))).but(
            Verdict::Look,
            "what waits goes out then; nothing is to be done",
        ),
        Link::Offline { since, reason } => well(
            "API",
            format!("does not answer since {}: {reason}", at(*since)),
        )
        .but(
            Verdict::Look,
            format!(
                "it is tried again; {} tries now",
                key(state, Command::Refresh)
            ),
        ),
        Link::SignIn { reason } => well("API", "asks to sign in").but(Verdict::Act, reason.clone()),
    }
}

fn last_contact(state: &State) -> Finding {
    match state.calls.back() {
        None => well("last request", "none yet"),
        Some(call) => {
            let at = call.at.in_zone(&state.zone()).format("%H:%M:%S");
            let found = well(
                "last request",
                format!("{at}, {} ms: {}", call.millis, call.result),
            );
            if call.good {
                found
            } else {
                let key = key(state, Command::Calls);
                found.but(Verdict::Look, format!("{key} shows all of them"))
            }
        }
    }
}

fn sender(state: &State) -> Finding {
    match (&state.link, state.restored) {
        (_, false) => well("sending", "not known yet"),
        _ if state.store_trouble.is_some() => well("sending", "nothing").but(
            Verdict::Act,
            "nothing is sent that is not on disk: see the store",
        ),
        (Link::Follower, _) => well("sending", "another editor holds the lock and sends")
            .note("this one keeps what you do, and takes over when that one ends"),
        _ => well("sending", "this editor holds the lock and sends"),
    }
}

fn store(state: &State) -> Finding {
    let at = &state.settings.about.store;
    match (&state.store_trouble, state.restored) {
        (Some(trouble), _) => well("store", at).but(Verdict::Act, trouble.clone()),
        (None, false) => well("store", format!("{at}: not read yet")),
        (None, true) if !state.awaited.is_empty() => well("store", format!("{at}: being read")),
        (None, true) => well("store", format!("{at}: read whole, takes changes")),
    }
}

fn outbox(state: &State) -> Finding {
    let counts = state.replica.counts_in_all();
    let needing = counts.held + counts.failed;
    let value = match (needing, counts.waiting) {
        (0, 0) => "nothing waits".to_owned(),
        (0, waiting) => format!("{waiting} on the way"),
        _ => format!(
            "{} held, {} refused, {} on the way",
            counts.held, counts.failed, counts.waiting
        ),
    };
    let found = well("outbox", value);
    if needing > 0 {
        let key = key(state, Command::Outbox);
        return found.but(
            Verdict::Act,
            format!("{key} shows why and what you can choose"),
        );
    }
    found
}

/// The key of a command, or its name.
fn key(state: &State, command: Command) -> String {
    let keys = state.keymap.keys_of(command).into_iter();
    keys.take(1)
        .next()
        .unwrap_or_else(|| format!(":{}", command.entry().name))
}
