//! A thread that reads one line of standard input when it is asked for one.

use std::io::{self, BufRead as _, Read as _};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// No line is longer; what is longer is the wrong file.
const MOST: u64 = 1 << 20;

/// What came of reading.
#[derive(Debug)]
pub(super) enum Heard {
    /// A line, without its end.
    Line(String),
    /// Something that is no line; why.
    Bad(String),
    /// There is no more.
    End,
}

/// Reads lines when asked.
#[derive(Debug)]
pub(super) struct Lines {
    asks: Sender<()>,
    heard: UnboundedReceiver<Heard>,
}

impl Lines {
    /// Starts the thread.
    pub(super) fn open() -> io::Result<Self> {
        let (asks, asked) = channel();
        let (sender, heard) = unbounded_channel();
        thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || {
                while asked.recv().is_ok() {
                    if sender.send(read()).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self { asks, heard })
    }

    /// Asks for a line.
    pub(super) fn ask(&self) {
        let _ = self.asks.send(());
    }

    /// Waits for the line that was asked for.
    pub(super) async fn heard(&mut self) -> Heard {
        self.heard.recv().await.unwrap_or(Heard::End)
    }
}

fn read() -> Heard {
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(MOST + 1)
        .read_until(b'\n', &mut bytes);
    match read {
        Err(error) => Heard::Bad(format!("The line cannot be read: {error}.")),
        Ok(0) => Heard::End,
        Ok(length) if length as u64 > MOST => {
            // What is left of it is no line of its own.
            let _ = io::stdin().lock().skip_until(b'\n');
            Heard::Bad("The line is longer than 1 MiB.".to_owned())
        }
        Ok(_) => match String::from_utf8(bytes) {
            Ok(line) => {
                let line = line.strip_suffix('\n').unwrap_or(&line);
                Heard::Line(line.strip_suffix('\r').unwrap_or(line).to_owned())
            }
            Err(_) => Heard::Bad("The line is no UTF-8 text.".to_owned()),
        },
    }
}
