//! The editor on one account: worker, state, screen, and what is said when it ends.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::api::v1::V1;
use crate::app::State;
use crate::app::doctor::About;
use crate::app::record::Start;
use crate::app::state::{Account, AccountKind, Settings};
use crate::cli::{Exit, Global};
use crate::config::Config;
use crate::config::paths::Paths;
use crate::domain::terminal::Terminal;
use crate::protocol::Link;
use crate::runtime::{self, Desk, Opener, Tmux, Wiring};
use crate::store::Place;
use crate::sync::{self, Clock, SystemClock};

use super::configuration::{self, Watched};
use super::environment::{self, Environment};
use super::{Failure, record, say, zone};

/// How long the end waits for the worker's last commit: the terminal is back by then.
pub(super) const LAST_COMMIT: Duration = Duration::from_millis(150);
/// How long it waits then if the disk is slow, for who quits and for who is ended by a signal: that
/// must be over within a second.
const SLOW_COMMIT: Duration = Duration::from_secs(10);
const SLOW_COMMIT_OF_SIGNAL: Duration = Duration::from_millis(600);
/// How long it waits when the person asked for everything to go out first.
const FLUSH: Duration = Duration::from_secs(30);

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

/// How the editor ended, and what it left.
#[derive(Debug)]
pub(super) struct Ending {
    /// Why it ended.
    pub(super) exit: runtime::Exit,
    /// Changes that are on disk and go out at the next start.
    pub(super) kept: usize,
    /// Changes that were held or refused: they wait for the person.
    pub(super) needing: usize,
    /// Changes that could not be stored.
    pub(super) lost: usize,
    /// Updates in the queues.
    pub(super) pending: u64,
    /// Another instance runs and sends what is kept.
    pub(super) another_sends: bool,
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
        settings.flush_on_quit = FLUSH;
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
    let patience = if config.flush_on_quit {
        FLUSH
    } else {
        LAST_COMMIT
    };
    let parting = worker.ended.wait(patience);
    let parting = parting.or_else(|| wait_for_disk(&exit, &worker.ended));
    Ok(Ending::of(exit, state.as_ref(), parting))
}

/// The disk is slower than one waits for without a word. What was done last is worth more than a
/// quick end.
fn wait_for_disk(exit: &runtime::Exit, worker: &sync::Ended) -> Option<sync::Parting> {
    if *exit != runtime::Exit::Quit {
        return worker.wait(SLOW_COMMIT_OF_SIGNAL);
    }
    say("qurate: waiting for the disk to take the last changes");
    worker.wait(SLOW_COMMIT)
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

impl Ending {
    fn of(exit: runtime::Exit, state: Option<&State>, parting: Option<sync::Parting>) -> Self {
        let counts = state.map_or_else(Default::default, |s| s.replica.counts_in_all());
        let unsaved = if parting.is_some_and(|parting| parting.stored) {
            0
        } else {
            counts.unsaved
        };
        let pending = state.map_or(0, |s| {
            s.profiles().iter().filter_map(|p| s.queued(&p.id)).sum()
        });
        // What the demo had is thrown away with it.
        let stays = state.is_some_and(|s| s.account.kind != AccountKind::Demo);
        let if_it_stays = |n: usize| if stays { n } else { 0 };
        Self {
            exit,
            kept: if_it_stays(counts.waiting.saturating_sub(unsaved)),
            needing: if_it_stays(counts.held + counts.failed),
            lost: unsaved,
            pending,
            another_sends: state.is_some_and(|s| s.link == Link::Follower)
                || parting.is_some_and(|parting| parting.another_takes_over),
        }
    }

    /// Says what the person should know now that the screen is gone.
    pub(super) fn words(&self, publishes_only_here: bool) -> Vec<String> {
        let mut words = Vec::new();
        let changes = |n: usize| match n {
            1 => "1 change".to_owned(),
            n => format!("{n} changes"),
        };
        if self.kept > 0 {
            let kept = changes(self.kept);
            let (they, go) = if self.kept == 1 {
                ("it", "goes")
            } else {
                ("they", "go")
            };
            words.push(if self.another_sends {
                format!("{kept} kept: another qurate runs, {they} {go} out from there")
            } else {
                format!("{kept} kept: {they} {go} out at the next start")
            });
        }
        if self.needing > 0 {
            let need = if self.needing == 1 { "needs" } else { "need" };
            words.push(format!(
                "{} {need} you: w shows why at the next start",
                changes(self.needing)
            ));
        }
        if self.lost > 0 {
            let lost = changes(self.lost);
            words.push(format!(
                "{lost} could not be stored; see the log for why, and make room on the disk"
            ));
        }
        if publishes_only_here && self.pending > 0 && !self.another_sends {
            let (updates, wait) = match self.pending {
                1 => ("1 update".to_owned(), "waits"),
                n => (format!("{n} updates"), "wait"),
            };
            words.push(format!(
                "{updates} {wait} in the queue: nothing is sent until `qurate serve` or the editor \
                 runs"
            ));
        }
        words
    }

    /// Returns the exit code of the process: who quits is told by it, too, that not all went out,
    /// whoever will send it and whatever it waits for.
    pub(super) fn code(&self) -> Exit {
        match &self.exit {
            runtime::Exit::Quit if self.lost > 0 => Exit::Error,
            runtime::Exit::Quit if self.kept + self.needing > 0 => Exit::Kept,
            runtime::Exit::Quit => Exit::Ok,
            runtime::Exit::Failed(_) => Exit::Error,
            runtime::Exit::SignIn(_) => Exit::SignIn,
            runtime::Exit::HangUp => Exit::Signal(1),
            runtime::Exit::Signal(number) => {
                Exit::Signal(u8::try_from(*number).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(kept: usize, lost: usize, pending: u64) -> Ending {
        Ending {
            exit: runtime::Exit::Quit,
            kept,
            needing: 0,
            lost,
            pending,
            another_sends: false,
        }
    }

    #[test]
    fn what_is_kept_is_said_at_the_end() {
        assert_eq!(ending(0, 0, 7).words(false), [""; 0]);
        assert_eq!(
            ending(3, 0, 0).words(false),
            ["3 changes kept: they go out at the next start"]
        );
        assert_eq!(
            ending(1, 0, 0).words(false),
            ["1 change kept: it goes out at the next start"]
        );
        let follower = Ending {
            another_sends: true,
            ..ending(2, 0, 0)
        };
        assert_eq!(
            follower.words(false),
            ["2 changes kept: another qurate runs, they go out from there"]
        );
        let refused = Ending {
            needing: 2,
            ..ending(1, 0, 0)
        };
        assert_eq!(
            refused.words(false),
            [
                "1 change kept: it goes out at the next start",
                "2 changes need you: w shows why at the next start"
            ]
        );
        let (quit, parting) = (runtime::Exit::Quit, |another_takes_over| {
            Some(sync::Parting {
                another_takes_over,
                stored: true,
            })
        });
        assert!(Ending::of(quit.clone(), None, parting(true)).another_sends);
        assert!(!Ending::of(quit.clone(), None, parting(false)).another_sends);
        // It had no time to say.
        assert!(!Ending::of(quit, None, None).another_sends);
    }

    #[test]
    fn a_local_queue_says_that_nothing_goes_out_now() {
        assert_eq!(
            ending(0, 0, 2).words(true),
            [
                "2 updates wait in the queue: nothing is sent until `qurate serve` or the editor runs"
            ]
        );
        assert_eq!(ending(0, 0, 0).words(true), [""; 0]);
        let another = Ending {
            another_sends: true,
            ..ending(0, 0, 2)
        };
        assert_eq!(another.words(true), [""; 0], "the other one sends them");
    }

    #[test]
    fn what_could_not_be_stored_is_an_error_and_what_is_kept_is_told_by_the_code_too() {
        assert_eq!(ending(9, 1, 0).code(), Exit::Error);
        assert_eq!(ending(9, 0, 0).code(), Exit::Kept);
        let needing = Ending {
            needing: 1,
            ..ending(0, 0, 0)
        };
        assert_eq!(needing.code(), Exit::Kept);
        assert_eq!(ending(0, 0, 9).code(), Exit::Ok, "that waits for its time");
        let signal = Ending {
            exit: runtime::Exit::Signal(15),
            ..ending(9, 0, 0)
        };
        assert_eq!(signal.code().code(), 143);
    }
}
