//! The editor on one account: worker, state, screen, and what is said when it ends.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::api::v1::V1;
use crate::app::doctor::About;
use crate::app::record::Start;
use crate::app::state::{Account, AccountKind, Settings};
use crate::cli::{Exit, Global};
use crate::config::Config;
use crate::config::paths::Paths;
use crate::domain::terminal::Terminal;
use crate::runtime::{self, Desk, Opener, Tmux, Wiring};
use crate::store::Place;
use crate::sync::{self, Clock, SystemClock};

use super::configuration::{self, Watched};
use super::ending::Ending;
use super::environment::{self, Environment};
use super::{Failure, parting, record, say, zone};

/// An account, ready to be edited.
#[derive(Debug)]
pub(super) struct Opening {
    /// What the status line calls it.
    pub(super) name: String,
    /// Which kind it is.
    pub(super) kind: AccountKind,
    /// Where its API is, for people.
    pub(super) url: String,
    /// Its store.
    pub(super) store: PathBuf,
    /// Where its editors hear of each other.
    pub(super) meeting: PathBuf,
    /// Its API.
    pub(super) api: V1,
}

impl Opening {
    /// What its worker needs to know.
    pub(super) fn settings(&self) -> sync::Settings {
        let local = self.kind != AccountKind::Remote;
        let store = Place::File(self.store.clone());
        let mut settings = sync::Settings::new(store, &self.name, local, fastrand::u64(..));
        settings.socket = Some(self.meeting.clone());
        settings
    }
}

/// What the editor is used by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Front {
    /// A screen and keys.
    Screen,
    /// Lines.
    Plain,
}

/// Says what is missing for an editor, before anything is started.
pub(super) fn check_terminal(front: Front, environment: &Environment) -> Result<(), Failure> {
    if front == Front::Plain {
        return Ok(());
    }
    let usage = |problem: &str| Err(Failure::new(Exit::Usage, problem));
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return usage(
            "the editor needs a terminal, and standard input or output is none; run it in one, use \
             `--plain` to work line by line, or `qurate serve` for the server alone",
        );
    }
    match environment.terminal.as_deref() {
        None | Some("dumb") => usage(
            "the editor needs a terminal that can place text, and TERM says it cannot; use `--plain` \
             to work line by line, or set TERM to what the terminal is, as xterm-256color",
        ),
        Some(_) => Ok(()),
    }
}

/// Runs the editor until it ends. The terminal is back when this returns.
pub(super) fn edit(
    opening: Opening,
    (front, global): (Front, &Global),
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Ending, Failure> {
    let failed = |what: &str, e: io::Error| Failure::new(Exit::Error, format!("{what}: {e}"));
    let desk = Desk {
        editor: environment.editor.clone().unwrap_or_else(|| "vi".into()),
        directory: opening
            .store
            .parent()
            .map_or_else(std::env::temp_dir, Path::to_owned),
    };
    let opening_store = opening.store.display().to_string();
    let mut settings = opening.settings();
    if config.flush_on_quit {
        settings.flush_on_quit = parting::FLUSH;
    }
    let terminal = Terminal::of(|name| environment::variable(name)?.into_string().ok());
    let colors = terminal.colors;
    let config_file = Box::new(Watched::new(paths, config, &terminal, global));
    let opener = opener(terminal.over_ssh);
    let about = About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config: paths.config.display().to_string(),
        store: opening_store,
        log: paths.log().display().to_string(),
        api: opening.url,
    };
    let start = start(
        Account {
            name: opening.name,
            kind: opening.kind,
        },
        config,
        (terminal, about),
        environment,
    );
    let recording = record::begin(global, &start)?;
    let state = start.state();
    for problem in &state.problems {
        // Seen in the editor, and again in the shell when it ended.
        say(&format!("qurate: {problem}"));
    }
    let worker = sync::spawn(opening.api, settings, Arc::new(SystemClock::default()))
        .map_err(|e| failed("the worker could not be started", e))?;
    let leave = worker.commands.clone();
    let wiring = Wiring {
        commands: worker.commands,
        events: worker.events,
        tmux: tmux(),
        opener,
        config: config_file,
        recording,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| failed("the editor could not be started", e))?;
    let (exit, state) = match front {
        Front::Screen => runtime.block_on(runtime::run(state, wiring, colors, desk)),
        Front::Plain => runtime.block_on(runtime::plain::run(state, wiring, desk)),
    };
    let (exit, parting) = parting::wait(runtime, exit, config.flush_on_quit, (leave, worker.ended));
    Ok(Ending::of(exit, state.as_ref(), &parting))
}

fn start(
    account: Account,
    config: &Config,
    (terminal, about): (Terminal, About),
    environment: &Environment,
) -> Start {
    let preferences = configuration::preferences(config, &terminal);
    let settings = Settings {
        window: preferences.window,
        look: preferences.look,
        terminal,
        zone: zone::find(environment.zone.as_deref()),
        free_slots: config.free_slots,
        mouse: preferences.mouse,
        links: preferences.links,
        call: preferences.call,
        line: preferences.line,
        about,
    };
    Start {
        account,
        settings,
        keys: preferences.keys,
        customs: preferences.customs,
        problems: preferences.problems,
        seed: fastrand::u64(..),
        now: SystemClock::default().wall(),
    }
}

/// What opens addresses where the person sits; nothing, if that is somewhere else.
fn opener(over_ssh: bool) -> Option<Opener> {
    if over_ssh {
        return None;
    }
    let text = |name| environment::variable(name)?.into_string().ok();
    if let Some(browser) = text("BROWSER") {
        // Several stand with colons between; the first one counts.
        let mut words = browser
            .split(':')
            .next()?
            .split_whitespace()
            .map(str::to_owned);
        return Some(Opener {
            program: words.next()?,
            arguments: words.collect(),
        });
    }
    let has_screen = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .any(|name| text(name).is_some());
    let program = match std::env::consts::OS {
        "macos" => "open",
        // Without a screen it would start a browser in this terminal.
        _ if has_screen => "xdg-open",
        _ => return None,
    };
    Some(Opener {
        program: program.to_owned(),
        arguments: Vec::new(),
    })
}

/// tmux, if the editor runs in it.
pub(super) fn tmux() -> Option<Tmux> {
    let text = |name| environment::variable(name)?.into_string().ok();
    Some(Tmux {
        server: text("TMUX")?,
        path: text("PATH")?,
    })
}
