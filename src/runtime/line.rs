//! The line to the terminal: a thread that writes one frame at a time, so that a slow line never
//! holds up the loop.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;

use crate::tui::terminal;

/// Sends frames to the terminal. Each `write` is one frame.
#[derive(Debug, Clone)]
pub(super) struct Line {
    frames: Sender<Vec<u8>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Frames handed over and not yet written.
    waiting: Mutex<usize>,
    written: Condvar,
    changed: Notify,
    broken: AtomicBool,
}

impl Line {
    /// Starts the thread.
    pub(super) fn open() -> io::Result<Self> {
        let (frames, receiver) = channel();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("screen".to_owned())
            .spawn(move || of_thread.write_frames(&receiver))?;
        Ok(Self { frames, shared })
    }

    /// Says whether the terminal took everything.
    pub(super) fn is_idle(&self) -> bool {
        *self.shared.lock() == 0
    }

    /// Says whether the terminal is gone.
    pub(super) fn is_broken(&self) -> bool {
        self.shared.broken.load(Ordering::SeqCst)
    }

    /// Waits until a frame was written or the line broke.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Waits at most `patience` until the terminal took everything; says whether it did.
    pub(super) fn finish(&self, patience: Duration) -> bool {
        let (waiting, _) = self
            .shared
            .written
            .wait_timeout_while(self.shared.lock(), patience, |waiting| *waiting > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *waiting == 0
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, usize> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_frames(&self, frames: &Receiver<Vec<u8>>) {
        for frame in frames {
            if terminal::write_all(&frame).is_err() {
                self.broken.store(true, Ordering::SeqCst);
            }
            *self.lock() -= 1;
            self.written.notify_all();
            self.changed.notify_one();
        }
    }
}

impl Write for Line {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        *self.shared.lock() += 1;
        self.frames
            .send(frame.to_vec())
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(frame.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
