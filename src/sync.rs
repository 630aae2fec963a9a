//! The worker: it keeps every edit on disk, carries it to the API, and reads back what the API says.
//!
//! It runs on a thread of its own and talks with the editor by [`SyncCommand`] and [`SyncEvent`]
//! only. Laws it keeps, in the order of their worth:
//!
//! 1. An operation is on disk before it is called queued, and marked in flight on disk before the
//!    first byte of its request goes out. So whatever happens, the next start knows what may have
//!    been done.
//! 2. An outcome that is not known is looked up by reading. A create is sent again by itself only
//!    if its connection broke while the server was well and it is not there a minute later, a share
//!    only if three reads say that it is still pending; each at most once. Else it is held for the
//!    person.
//! 3. Requests are futures that are polled beside the command channel, so edits are stored while a
//!    request hangs.
//! 4. One request is in flight per profile, so a read never overlaps a change of ours, and what a
//!    read settles was acknowledged before it began.
//! 5. What somebody else wrote is not overwritten, and what the person has not seen is neither
//!    published nor deleted: an edit, share or delete that meets something else than it was made
//!    from is held. An update is believed gone when two complete reads agree.
//! 6. One process sends for an account: the holder of the kernel lock beside the store. Others
//!    store what is done in them, hear through its socket when there is something to read, and
//!    take over when it ends.
//! 7. No operation leaves without a row: each that was stored waits in the outbox, is in the
//!    history, or is counted as pruned, set aside or lost ([`Tally`]).
//!
//! ```text
//! queued ─> in flight ─> acked ─> settled (gone from the outbox, with the read that shows it)
//!   ^  ^        │  └───> unknown ─> acked | queued (surely not done) | held
//!   │  └────────┤ surely not sent
//!   └─ retry ── held, failed ─> discarded
//!
//! queued ─> cancelled (taken back) · superseded (deleted before it was made) · held (in conflict,
//!           too old, too late)
//! ```

pub mod clock;

mod allowance;
mod backoff;
mod budget;
mod disk;
mod look;
mod order;
mod outbox;
mod peers;
mod read;
mod request;
mod steps;
mod stored;
mod watched;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::api::Api;
use crate::domain::id::OperationId;
use crate::domain::replica::Counts;
use crate::protocol::{Leaving, SyncCommand, SyncEvent};
use crate::store::Place;
use allowance::MOST_BYTES;

pub use crate::store::StoreError;
pub use crate::store::lock::Holder;
pub use clock::{Clock, SystemClock};
pub use disk::{Inspected, Stands, Tally, holder, inspect, tally};
pub use steps::Interrupt;

/// What the worker of one account needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account's store; each account has one of its own.
    pub store: Place,
    /// The socket at which the instances of the account hear of each other; its directory is
    /// there, and nobody else's. None: they hear of each other later.
    pub socket: Option<PathBuf>,
    /// The account's name, for messages.
    pub account: String,
    /// Whether a person edits here: then what was being written and what can be taken back is
    /// theirs, unless another editor of the account lives.
    pub attended: bool,
    /// Whether the server is ours on this machine: then it is tried again at least once a second,
    /// so that a takeover is noticed, and looks come sooner, as nothing lies between.
    pub local: bool,
    /// Requests a minute where the server does not say; none: no limit.
    pub requests_per_minute: Option<u32>,
    /// Most bytes of all lists of the account that are kept; a queue that comes to more is not read.
    pub most_kept: usize,
    /// How long quitting goes on sending; zero: not at all.
    pub flush_on_quit: Duration,
    /// Random bits for ids and jitter.
    pub seed: u64,
    /// How fast everything goes; tests make it fast.
    pub pace: Pace,
    /// Where a test ends the worker as a crash would.
    pub interrupt: Option<Interrupt>,
}

/// How long the worker waits for what.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Rest after the last move before an order is sent.
    pub reorder_rest: Duration,
    /// The longest an order waits for that rest.
    pub reorder_limit: Duration,
    /// How old a mirror may be when an order is made from it; older ones are read again first.
    pub fresh: Duration,
    /// How old a mirror may be when an edit is made to it.
    pub edit_fresh: Duration,
    /// Between an acknowledgement and the read that settles it.
    pub settle: Duration,
    /// Between reads of the focused profile.
    pub poll_focused: Duration,
    /// Between reads of each other profile, and of the list of profiles.
    pub poll_others: Duration,
    /// When to look for a create, after its outcome was unknown. Absent at the last one: sent again
    /// once, if that is safe, else not confirmed.
    pub looks: Vec<Duration>,
    /// When to look besides, if the server was slow or failing.
    pub late_looks: Vec<Duration>,
    /// When to look for a share. Not done at the last one: sent again once.
    pub share_looks: Vec<Duration>,
    /// Answers slower than this mean that a server is not well.
    pub slow: Duration,
    /// The first backoff; it doubles with each failure.
    pub backoff_first: Duration,
    /// The shortest backoff.
    pub backoff_floor: Duration,
    /// The longest backoff.
    pub backoff_cap: Duration,
    /// The longest wait after "too many requests" that does not say for how long.
    pub longest_guess: Duration,
    /// Between tries to store what could not be stored.
    pub save_again: Duration,
    /// Failures at the start that still count as connecting: our own server may just be starting.
    pub patience: u32,
}

impl Pace {
    /// The pace for a server far away.
    pub fn remote() -> Self {
        Self {
            reorder_rest: Duration::from_millis(700),
            reorder_limit: Duration::from_secs(3),
            fresh: Duration::from_secs(10),
            edit_fresh: Duration::from_mins(1),
            settle: Duration::from_millis(300),
            poll_focused: Duration::from_secs(15),
            poll_others: Duration::from_mins(2),
            looks: [2, 8, 30, 60].map(Duration::from_secs).to_vec(),
            late_looks: [120, 300, 600].map(Duration::from_secs).to_vec(),
            share_looks: [2, 10, 30].map(Duration::from_secs).to_vec(),
            slow: Duration::from_secs(5),
            backoff_first: Duration::from_secs(1),
            backoff_floor: Duration::from_millis(200),
            backoff_cap: Duration::from_mins(1),
            longest_guess: Duration::from_mins(1),
            save_again: Duration::from_secs(2),
            patience: 0,
        }
    }

    /// The pace for our server on this machine.
    pub fn local() -> Self {
        Self {
            looks: [300, 2_000, 5_000, 10_000]
                .map(Duration::from_millis)
                .to_vec(),
            late_looks: [20, 40].map(Duration::from_secs).to_vec(),
            share_looks: [300, 2_000, 5_000].map(Duration::from_millis).to_vec(),
            backoff_cap: Duration::from_secs(1),
            patience: 3,
            ..Self::remote()
        }
    }
}

impl Settings {
    /// The settings of an account with the usual pace for where its server is.
    pub fn new(store: Place, account: &str, local: bool, seed: u64) -> Self {
        Self {
            store,
            socket: None,
            account: account.to_owned(),
            attended: true,
            local,
            requests_per_minute: (!local).then_some(50),
            // Our own server on this machine is no stranger.
            most_kept: if local { usize::MAX } else { MOST_BYTES },
            flush_on_quit: Duration::ZERO,
            seed,
            pace: if local { Pace::local() } else { Pace::remote() },
            interrupt: None,
        }
    }
}

/// The editor's end of a worker.
///
/// Dropping it ends the worker at once, as a crash would: what was on disk stays there.
#[derive(Debug)]
pub struct Handle {
    /// Takes commands; sending never blocks.
    pub commands: mpsc::UnboundedSender<SyncCommand>,
    /// Gives events, in order.
    pub events: mpsc::UnboundedReceiver<SyncEvent>,
    /// Knows when the worker ended; the commands and events may be given away before.
    pub ended: Ended,
}

impl Handle {
    /// Says that the editor closes, and waits at most `within` until everything is on disk.
    ///
    /// Says whether the worker ended in that time. Without `flush_on_quit` that takes as long as
    /// one commit. It blocks the thread: at the end there is nothing else to do.
    pub fn close(self, within: Duration) -> bool {
        // If it ended before, there is nothing left to tell it.
        let _ = self.commands.send(SyncCommand::Quit(Leaving::MaySend));
        self.ended.wait(within).is_some()
    }
}

/// The end of a worker, to be waited for.
#[derive(Debug)]
pub struct Ended(blocking::Receiver<Parting>);

/// What a worker knew when it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parting {
    /// Another editor of the account had its ear open: it takes over, and sends what waits.
    pub another_takes_over: bool,
    /// Everything it was told to do is on disk.
    pub stored: bool,
    /// What publishes at once and was in its window still: it waits for the person now.
    pub held: Vec<OperationId>,
    /// What is left, if it sent what waited before it ended.
    pub left: Option<Counts>,
}

impl Ended {
    /// Waits at most `within` for a worker that was told to quit; none: it has not ended. It blocks
    /// the thread.
    pub fn wait(&self, within: Duration) -> Option<Parting> {
        match self.0.recv_timeout(within) {
            Ok(parting) => Some(parting),
            // It ended without a word.
            Err(blocking::RecvTimeoutError::Disconnected) => Some(Parting::default()),
            Err(blocking::RecvTimeoutError::Timeout) => None,
        }
    }
}

/// Starts the worker of one account on a thread of its own.
///
/// Its first event is [`SyncEvent::Restored`], made from the store before any network; before it
/// comes [`SyncEvent::StoreTrouble`] if the store cannot be opened.
pub fn spawn(api: impl Api, settings: Settings, clock: Arc<dyn Clock>) -> io::Result<Handle> {
    let (commands, inbox) = mpsc::unbounded_channel();
    let (outbox, events) = mpsc::unbounded_channel();
    let (end, ended) = blocking::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("sync".to_owned())
        .spawn(move || {
            let parting = runtime.block_on(worker::run(api, settings, clock, inbox, outbox));
            // A thread that blocks (a name being looked up) must not hold up the end.
            runtime.shutdown_background();
            // Nobody may wait for it.
            let _ = end.send(parting);
        })?;
    Ok(Handle {
        commands,
        events,
        ended: Ended(ended),
    })
}
