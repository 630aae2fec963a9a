//! Two threads that listen to the terminal: one reads what is typed, one only waits for the line
//! to hang up, because the reader does not notice it.

use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::tui::input::{Input, translate};

/// What came from the terminal.
#[derive(Debug)]
pub(super) enum Heard {
    /// All that was typed and waits.
    Inputs(Vec<Input>),
    /// The terminal is gone.
    HangUp,
}

/// Starts to listen.
pub(super) fn listen() -> io::Result<UnboundedReceiver<Heard>> {
    let (heard, receiver) = unbounded_channel();
    let of_watcher = heard.clone();
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read(&heard))?;
    thread::Builder::new()
        .name("hang-up".to_owned())
        .spawn(move || watch(&of_watcher))?;
    Ok(receiver)
}

/// Reads until the terminal or the editor is gone. All that waits is handed over at once, so the
/// editor draws once for it.
fn read(heard: &UnboundedSender<Heard>) {
    loop {
        let Ok(inputs) = batch() else {
            let _ = heard.send(Heard::HangUp);
            return;
        };
        if !inputs.is_empty() && heard.send(Heard::Inputs(inputs)).is_err() {
            return;
        }
    }
}

/// The reader looks for more only if it may wait; so long it may.
const GLANCE: Duration = Duration::from_micros(5);

fn batch() -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    inputs.extend(translate(event::read()?));
    while event::poll(GLANCE)? {
        inputs.extend(translate(event::read()?));
    }
    Ok(inputs)
}

fn watch(heard: &UnboundedSender<Heard>) {
    let stdin = rustix::stdio::stdin();
    loop {
        // No events are asked for: only a hang-up or an error is reported.
        let mut wanted = [PollFd::new(&stdin, PollFlags::empty())];
        if poll(&mut wanted, None) != Err(rustix::io::Errno::INTR) {
            let _ = heard.send(Heard::HangUp);
            return;
        }
    }
}
