//! Two threads that listen to the terminal: one reads what is typed, one only waits for the line
//! to hang up, because the reader does not notice it.
//!
//! While another program has the terminal the reader rests: what is typed is that program's.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// Has the reader rest and read again.
#[derive(Debug)]
pub(super) struct Gate {
    shared: Arc<Shared>,
    /// Wakes the reader where it waits for a key.
    wake: UnixStream,
}

#[derive(Debug, Default)]
struct Shared {
    reader: Mutex<Reader>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Reader {
    shall_rest: bool,
    rests: bool,
}

/// How long the reader has to come to rest.
const PATIENCE: Duration = Duration::from_secs(1);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Reader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rests for as long as it shall.
    fn rest(&self) {
        let mut reader = self.lock();
        while reader.shall_rest {
            reader.rests = true;
            self.changed.notify_all();
            let woken = self.changed.wait(reader);
            reader = woken.unwrap_or_else(PoisonError::into_inner);
        }
        reader.rests = false;
    }
}

impl Gate {
    /// Has the reader rest, and waits until it does.
    pub(super) fn close(&mut self) {
        let mut reader = self.shared.lock();
        reader.shall_rest = true;
        let _ = self.wake.write_all(&[1]);
        let waited = self
            .shared
            .changed
            .wait_timeout_while(reader, PATIENCE, |reader| !reader.rests);
        drop(waited);
    }

    /// Has the reader read again.
    pub(super) fn open(&mut self) {
        self.shared.lock().shall_rest = false;
        self.shared.changed.notify_all();
    }
}

/// Starts to listen.
pub(super) fn listen() -> io::Result<(UnboundedReceiver<Heard>, Gate)> {
    let (heard, receiver) = unbounded_channel();
    let of_watcher = heard.clone();
    let (wake, woken) = UnixStream::pair()?;
    let shared = Arc::new(Shared::default());
    let of_reader = Arc::clone(&shared);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read(&heard, &of_reader, woken))?;
    thread::Builder::new()
        .name("hang-up".to_owned())
        .spawn(move || watch(&of_watcher))?;
    Ok((receiver, Gate { shared, wake }))
}

/// Reads until the terminal or the editor is gone. All that waits is handed over at once, so the
/// editor draws once for it.
fn read(heard: &UnboundedSender<Heard>, shared: &Shared, mut woken: UnixStream) {
    let stdin = rustix::stdio::stdin();
    let mut looks = [].iter();
    loop {
        shared.rest();
        let mut wanted = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(&woken, PollFlags::IN),
        ];
        let patience = match poll(&mut wanted, looks.next()) {
            Ok(0) => LINGER,
            Ok(_) => GLANCE,
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => break,
        };
        let [typed, called] = wanted.map(|place| place.revents());
        if called.contains(PollFlags::IN) {
            let _ = woken.read(&mut [0; 8]);
            continue;
        }
        if !called.is_empty() {
            // Nobody is there to read for.
            return;
        }
        let Ok(inputs) = batch(patience) else { break };
        let is_over = typed.intersects(PollFlags::HUP | PollFlags::ERR) && inputs.is_empty();
        if !inputs.is_empty() {
            looks = LOOKS.iter();
            if heard.send(Heard::Inputs(inputs)).is_err() {
                return;
            }
        }
        if is_over {
            break;
        }
    }
    let _ = heard.send(Heard::HangUp);
}

/// The reader looks for more only if it may wait; so long it may.
const GLANCE: Duration = Duration::from_micros(5);

/// On a busy machine a glance may be over before the reader looked even at what it has read already,
/// and that would lie there until the next key. So it is looked for again, so long each time.
const LINGER: Duration = Duration::from_millis(20);
/// How long after input that is done: any one look may come to nothing in the same way.
const LOOKS: [Timespec; 4] = [after(0), after(20), after(200), after(1_000)];

const fn after(millis: i64) -> Timespec {
    Timespec {
        tv_sec: millis / 1_000,
        tv_nsec: millis % 1_000 * 1_000_000,
    }
}

/// Takes all that can be read now. The begin of a key that is not complete stays with the reader
/// until the rest of it comes.
fn batch(patience: Duration) -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    let mut patience = patience;
    while event::poll(patience)? {
        inputs.extend(translate(event::read()?));
        patience = GLANCE;
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
