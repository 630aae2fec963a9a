//! The signals the editor answers.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// To end; the signal's number.
    End(i32),
    /// To stop, as `Ctrl-z` does.
    Suspend,
    /// To go on after a stop.
    Continue,
    /// To look how large the terminal is now.
    Resize,
    /// To read the config again.
    Config,
}

impl Asked {
    /// Says whether it comes from the keyboard: then it is meant for the program that has the
    /// terminal.
    pub(super) fn is_typed(self) -> bool {
        use rustix::process::Signal;
        let typed = [Signal::INT, Signal::QUIT].map(Signal::as_raw);
        matches!(self, Self::End(number) if typed.contains(&number))
    }
}

/// Receives them.
#[derive(Debug)]
pub(super) struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    suspend: Signal,
    proceed: Signal,
    resize: Signal,
    config: Signal,
}

/// `SIGTSTP` and `SIGCONT` by their numbers; tokio names only the others.
const SUSPEND: rustix::process::Signal = rustix::process::Signal::TSTP;
const PROCEED: rustix::process::Signal = rustix::process::Signal::CONT;

impl Signals {
    /// Takes the signals over from their usual effect.
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            suspend: signal(SignalKind::from_raw(SUSPEND.as_raw()))?,
            proceed: signal(SignalKind::from_raw(PROCEED.as_raw()))?,
            resize: signal(SignalKind::window_change())?,
            config: signal(SignalKind::user_defined1())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Asked {
        let end = |kind: SignalKind| Asked::End(kind.as_raw_value());
        tokio::select! {
            biased;
            _ = self.hang_up.recv() => end(SignalKind::hangup()),
            _ = self.terminate.recv() => end(SignalKind::terminate()),
            _ = self.interrupt.recv() => end(SignalKind::interrupt()),
            _ = self.quit.recv() => end(SignalKind::quit()),
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.proceed.recv() => Asked::Continue,
            _ = self.resize.recv() => Asked::Resize,
            _ = self.config.recv() => Asked::Config,
        }
    }
}
