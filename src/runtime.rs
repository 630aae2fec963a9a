//! The loop of the editor: it waits for the person, the worker and the clock, lets the state
//! change, performs what that asks for, and draws.
//!
//! It decides nothing about updates. All input that waits is taken before a frame is drawn; a frame
//! is drawn only when something happened and the line to the terminal is free, so on a slow line
//! later frames take the place of those that would have waited, and no key waits for the line.
//! Nothing wakes it up but a key, news, a signal, the full minute, and what the state asked for.
//!
//! Run it on the main thread in a `current_thread` runtime; the worker belongs on another one.

pub mod agent;
mod alarm;
mod child;
mod editor;
mod ends;
mod frames;
mod input;
mod line;
pub mod plain;
mod record;
mod session;
mod signals;
mod timers;
mod tmux;
mod watch;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::app::State;
use crate::domain::terminal::Call;
use crate::protocol::{SyncCommand, SyncEvent};
use crate::tui::terminal::{self, TerminalGuard};
use crate::tui::theme::Colors;

pub use alarm::until;
pub use child::Opener;
pub(crate) use child::{TUNABLES, TUNABLES_BEFORE};
pub use ends::Ends;
pub use record::Recording;
pub use tmux::Tmux;
pub use watch::{ConfigFile, Reading};

/// Why an editor ends without a worker.
const WORKER_GONE: &str = "the sync worker stopped; what was marked saved is on disk";

/// The two ends of the worker's channels.
#[derive(Debug)]
pub struct Wiring {
    /// tmux, if the editor runs in it.
    pub tmux: Option<Tmux>,
    /// What opens addresses, if anything here does.
    pub opener: Option<Opener>,
    /// The config file.
    pub config: Box<dyn ConfigFile>,
    /// Where the run is recorded, if it is.
    pub recording: Option<Recording>,
    /// What the editor asks.
    pub commands: UnboundedSender<SyncCommand>,
    /// What the worker tells. Its end ends the editor: without a worker nothing is ever saved.
    pub events: UnboundedReceiver<SyncEvent>,
}

/// What is there for a text that is edited in another program.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The editor, and its options.
    pub editor: OsString,
    /// Where the text lies meanwhile; only the person can read there.
    pub directory: PathBuf,
}

/// Why the editor ended. The terminal is back in every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The person quit.
    Quit,
    /// A signal; the process shall end with 128 plus its number.
    Signal(i32),
    /// The terminal went away.
    HangUp,
    /// Nothing can be sent before the person signed in again; what to do.
    SignIn(String),
    /// Something broke; what and, if known, what to do.
    Failed(String),
}

/// Runs the editor on the screen until it ends, and gives the terminal back.
///
/// [`SyncCommand::Quit`] has been sent to the worker when this returns; the caller waits for it as
/// long as it likes. The last state tells what is kept; there is none if nothing ever ran.
pub async fn run(
    state: State,
    wiring: Wiring,
    colors: Colors,
    desk: Desk,
) -> (Exit, Option<State>) {
    match start(state, wiring, colors, desk).await {
        Ok((exit, state)) => (exit, Some(state)),
        Err(error) => {
            let reason = format!("the terminal cannot be used: {error}");
            (Exit::Failed(reason), None)
        }
    }
}

async fn start(
    state: State,
    wiring: Wiring,
    colors: Colors,
    desk: Desk,
) -> io::Result<(Exit, State)> {
    let _told_when_entered = terminal::mouse(state.mouse);
    let _told_when_entered = terminal::sight(state.settings.call != Call::Never);
    let guard = TerminalGuard::new()?;
    let (watch, configs) = watch::Watch::open(wiring.config)?;
    let recorder = wiring.recording.map(record::Recorder::start).transpose()?;
    let around = session::Around {
        watch,
        recorder,
        tmux: wiring.tmux,
        opener: wiring.opener,
        colors,
        desk,
    };
    let mut session = session::Session::new(state, wiring.commands, around)?;
    let exit = session.serve(wiring.events, configs).await;
    session.leave();
    drop(guard);
    let exit = match terminal::lost_panic() {
        Some(message) if exit != Exit::Quit => Exit::Failed(message),
        _ => exit,
    };
    Ok((exit, session.into_state()))
}
