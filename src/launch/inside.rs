//! The server inside the editor, on a thread of its own.
//!
//! Editor and server talk over the socket as any other client does, so there is one code path. The
//! socket is bound before the database is opened: the worker's first request waits in its backlog
//! instead of failing. If another server has the socket it is used; a thread that does nothing but
//! wait for its lock takes over when that one goes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::server::{self, Clock, OpenError};
use crate::store::lock::{self, Lock};

use super::answer::{self, Doors, Socket};

/// A publishing program that runs when the editor closes gets this long.
const LAST_PUBLICATION: Duration = Duration::from_millis(100);
/// How long the end waits for the thread: longer than its own patience.
const LAST_WORD: Duration = Duration::from_millis(150);
/// How long a server that ends may take from its first lock to its last.
const LETTING_GO: Duration = Duration::from_secs(1);
/// Most time that the start waits to hear that a database cannot be opened.
const FIRST_WORD: Duration = Duration::from_millis(20);

/// The server inside.
#[derive(Debug)]
pub(super) struct Inside {
    stop: watch::Sender<bool>,
    serving: Arc<AtomicBool>,
    ended: mpsc::Receiver<Result<(), String>>,
    _thread: JoinHandle<()>,
}

impl Inside {
    /// Starts it. An error is one that makes the account useless, said at once.
    pub(super) fn start(config: server::Config, socket: PathBuf) -> Result<Self, String> {
        let (stop, stopped) = watch::channel(false);
        let (end, ended) = mpsc::channel();
        let serving = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&serving);
        // Bound here, so that it is there before the first request.
        let first = Socket::bind(&socket).map_err(|e| on(&socket, &e))?;
        let thread = thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || {
                let keeper = Keep {
                    config,
                    socket,
                    serving: flag,
                };
                // Nobody listens any more when the editor ended first.
                let _ = end.send(keeper.run(first, stopped));
            })
            .map_err(|e| format!("the server inside cannot run: {e}"))?;
        match ended.recv_timeout(FIRST_WORD) {
            Ok(Err(problem)) => Err(problem),
            Ok(Ok(())) | Err(_) => Ok(Self {
                stop,
                serving,
                ended,
                _thread: thread,
            }),
        }
    }

    /// Ends it; says whether it was the one that serves, or why it could not.
    pub(super) fn stop(self) -> Result<bool, String> {
        let serving = self.serving.load(Ordering::Acquire);
        let _ = self.stop.send(true);
        match self.ended.recv_timeout(LAST_WORD) {
            Ok(Err(problem)) => Err(problem),
            Ok(Ok(())) | Err(_) => Ok(serving),
        }
    }
}

/// What the thread needs.
struct Keep {
    config: server::Config,
    socket: PathBuf,
    serving: Arc<AtomicBool>,
}

impl Keep {
    fn run(&self, first: Option<Socket>, stop: watch::Receiver<bool>) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("the server inside cannot run: {e}"))?;
        let ended = runtime.block_on(self.keep(first, stop));
        runtime.shutdown_background();
        ended
    }

    /// Serves when the socket and the database are free, until it shall stop.
    async fn keep(
        &self,
        mut socket: Option<Socket>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), String> {
        loop {
            let busy = match socket.take() {
                None => lock::beside(&self.socket),
                Some(bound) => match server::open(self.config.clone(), Clock::system()).await {
                    Ok(server) => {
                        self.serving.store(true, Ordering::Release);
                        let doors = Doors {
                            tcp: None,
                            socket: Some(bound),
                        };
                        let ended = answer::answer(&server, doors, stop, LAST_PUBLICATION).await;
                        return ended.map_err(|e| on(&self.socket, &e));
                    }
                    Err(OpenError::InUse(database)) => {
                        // One that was killed lets go of its locks one after the other. What came to
                        // the socket meanwhile waits; to be cut off would leave its outcome unknown.
                        let busy = lock::beside(&database);
                        tokio::select! {
                            freed = freed(busy.clone()) => {
                                freed.map_err(|e| on(&self.socket, &e))?;
                                socket = Some(bound);
                                continue;
                            }
                            () = tokio::time::sleep(LETTING_GO) => {}
                            _ = stop.wait_for(|stop| *stop) => return Ok(()),
                        }
                        // Served on another socket: connections here are refused until it ends.
                        drop(bound);
                        busy
                    }
                    Err(error) => return Err(error.to_string()),
                },
            };
            tokio::select! {
                freed = freed(busy) => freed.map_err(|e| on(&self.socket, &e))?,
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
            }
            socket = Socket::bind(&self.socket).map_err(|e| on(&self.socket, &e))?;
        }
    }
}

/// Waits until nobody has a lock. The kernel wakes the thread, also when its holder was killed.
async fn freed(lock: PathBuf) -> io::Result<()> {
    let (tell, told) = oneshot::channel();
    thread::Builder::new()
        .name("takeover".to_owned())
        .spawn(move || {
            let _ = tell.send(Lock::take(&lock).map(drop));
        })?;
    told.await.unwrap_or(Ok(()))
}

fn on(socket: &Path, error: &io::Error) -> String {
    format!("the socket {} cannot be used: {error}", socket.display())
}
