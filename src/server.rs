//! API v1, served from SQLite: `qurate serve`, and the server inside the editor.
//!
//! ```text
//!  listen ─> http ─> guard, route ─> handlers ─> keeper ─> sql
//!                                      │            └─> book (order and times, in memory)
//!                                      └─> present (DTOs)
//!  publisher ─> keeper (an attempt on disk) ─> connection (demo, command) ─> keeper (its outcome)
//! ```
//!
//! What the API's page leaves open is decided so:
//!
//! * **Times.** The i-th update without a time of its own gets the i-th free slot after the
//!   profile's anchor, a slot in the profile's zone. The anchor follows the clock with every change.
//!   A slot that has come takes its update out of the order. Paused: nobody has a time.
//! * **`reorder`** takes the listed ids out and puts them, in that order, at `offset` of the whole
//!   queue; the reply is the whole queue, or the first `count` (ours). Own times stay. Unknown ids are ignored.
//! * **`create`** is all or nothing. `scheduled_at` wins over `now`, `now` over `top`. A time up to
//!   a minute ago is taken and goes out at once; an earlier one is 1034.
//! * **`update`**: what is omitted is kept; empty `media` clears it; empty `scheduled_at` gives the
//!   update a slot again, at the place its time had. `pinned=true` alone pins it to its slot. With
//!   `now` the new text is published, in the same request.
//! * **`share`, `now`** answer once the attempt is on disk; with `demo` it is also done. A command
//!   runs on in the background: its update stays in the queue, unchangeable, until it is `sent` or
//!   `error`.
//! * **`deauthorize`** makes the token invalid until the server starts again.
//! * **`links/shares`** counts what was sent from here and fetches nothing; it needs no token.
//! * On the socket the same user needs no token, but a wrong one is refused.
//!
//! One server per database: a lock of the kernel beside the file, taken by [`open`].

mod book;
mod clock;
mod connection;
mod demo;
mod error;
mod guard;
mod handlers;
mod http;
mod keeper;
mod listen;
mod model;
mod present;
mod publisher;
mod quirks;
mod reactions;
mod route;
mod sql;
mod truth;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{MutexGuard, Notify, watch};

pub use clock::Clock;
pub use connection::{CommandConnection, Connection, DEMO};
pub use guard::Token;
pub use quirks::{Late, OfSent, Quirks};
pub use truth::{Request, Truth};

use crate::domain::time::Timestamp;
use crate::store::lock::{self, Lock};
use crate::store::{self, Place, Schema, StoreError};
use connection::Connections;
use error::Refusal;
use guard::{Limiter, Via};
use keeper::{Keeper, Rules};

/// Marks the server's database (`QSrv`).
const APPLICATION_ID: i32 = 0x5153_7276;

/// What a server is made of.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where its database is; in memory for throw-away use.
    pub database: Place,
    /// What clients must know.
    pub token: Token,
    /// How it publishes, by name, besides `demo`.
    pub connections: BTreeMap<String, Connection>,
    /// Names besides loopback addresses under which it answers on TCP (a proxy's), with the port
    /// if it is not the usual one.
    pub allowed_hosts: Vec<String>,
    /// Requests a minute; none: no limit.
    pub rate_limit: Option<u32>,
    /// Updates that may wait per profile; none: no limit.
    pub pending_limit: Option<u32>,
    /// How long a sent text counts as a duplicate.
    pub duplicate_window: Duration,
    /// Fill an empty database with sample data, so many pending updates per profile.
    pub demo: Option<u32>,
    /// Another personality, for tests.
    pub quirks: Quirks,
}

impl Config {
    /// A server on this database with this token, everything else as usual.
    pub fn new(database: Place, token: Token) -> Self {
        Self {
            database,
            token,
            connections: BTreeMap::new(),
            allowed_hosts: Vec::new(),
            rate_limit: None,
            pending_limit: None,
            duplicate_window: Duration::from_hours(24),
            demo: None,
            quirks: Quirks::default(),
        }
    }
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server has the database.
    #[error("another server is using {}", .0.display())]
    InUse(PathBuf),
    /// The lock beside the database cannot be used.
    #[error("cannot use the lock {}: {error}", .path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A server: cheap to clone, all clones are the same one.
#[derive(Debug, Clone)]
pub struct Server(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keeper: tokio::sync::Mutex<Keeper>,
    connections: Arc<Connections>,
    clock: Clock,
    token: Mutex<Option<Token>>,
    limiter: Mutex<Option<Limiter>>,
    rate_limit: Option<u32>,
    allowed_hosts: Vec<String>,
    quirks: Quirks,
    user: String,
    wake: Notify,
    running: watch::Sender<()>,
    /// A write ended in an error: what is on disk must be read again.
    doubtful: AtomicBool,
    /// Held while commands are asked how people reacted.
    asking: Arc<tokio::sync::Mutex<()>>,
    _lock: Option<Lock>,
}

/// Opens the database, takes its lock, and reads the queues. What was being sent when the last
/// server ended becomes failed: it may have been sent.
pub async fn open(config: Config, clock: Clock) -> Result<Server, OpenError> {
    let lock = take_lock(&config.database)?;
    let schema = Schema {
        application_id: APPLICATION_ID,
        migrations: sql::MIGRATIONS,
    };
    let mut conn = store::connect(&config.database, &schema).await?;
    let now = clock.now();
    if let Some(updates) = config.demo {
        let filled = demo::fill(&mut conn, updates, now).await;
        filled.map_err(|error| unreadable(&config.database, error))?;
    }
    let connections = Arc::new(Connections::new(config.connections));
    let window = i64::try_from(config.duplicate_window.as_secs()).unwrap_or(i64::MAX);
    let rules = Rules {
        pending_limit: config.pending_limit,
        duplicate_window: window,
        takes_duplicates: config.quirks.takes_duplicates,
    };
    let seed = fastrand::u64(..);
    let keeper = Keeper::open(conn, rules, Arc::clone(&connections), now, seed).await;
    let keeper = keeper.map_err(|error| unreadable(&config.database, error))?;
    let user = keeper.user().0.to_string();
    Ok(Server(Arc::new(Inner {
        keeper: tokio::sync::Mutex::new(keeper),
        connections,
        clock,
        token: Mutex::new(Some(config.token)),
        limiter: Mutex::new(config.rate_limit.map(Limiter::new)),
        rate_limit: config.rate_limit,
        allowed_hosts: config.allowed_hosts,
        quirks: config.quirks,
        user,
        wake: Notify::new(),
        running: watch::Sender::new(()),
        doubtful: AtomicBool::new(false),
        asking: Arc::default(),
        _lock: lock,
    })))
}

fn unreadable(database: &Place, error: sqlx::Error) -> StoreError {
    match database {
        Place::File(path) => StoreError::of(path, error),
        Place::Memory => StoreError::of(Path::new("memory"), error),
    }
}

fn take_lock(database: &Place) -> Result<Option<Lock>, OpenError> {
    let Place::File(database) = database else {
        return Ok(None);
    };
    if let Some(directory) = database.parent() {
        store::make_directory(directory)?;
    }
    let path = lock::beside(database);
    match Lock::try_take(&path) {
        Ok(Some(lock)) => Ok(Some(lock)),
        Ok(None) => Err(OpenError::InUse(database.clone())),
        Err(error) => Err(OpenError::Lock { path, error }),
    }
}

impl Server {
    /// Returns the server as a router, to ask it without a connection: tests do. The token is
    /// checked, the rules for loopback are not.
    pub fn router(&self) -> axum::Router {
        let server = self.clone();
        axum::Router::new().fallback(move |request: axum::extract::Request| {
            http::handle(server.clone(), request, Via::Direct)
        })
    }

    /// Waits until no command is running, at most `patience`; says whether that came.
    pub async fn settled(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.0.running.closed())
            .await
            .is_ok()
    }

    async fn keeper(&self) -> MutexGuard<'_, Keeper> {
        let mut keeper = self.0.keeper.lock().await;
        if self.0.doubtful.swap(false, Ordering::Relaxed)
            && let Err(error) = keeper.reload(self.now()).await
        {
            tracing::error!(%error, "the queues could not be read again");
            self.doubt();
        }
        keeper
    }

    /// Has the queues read again: a commit that ended in an error may be on disk all the same.
    fn doubt(&self) {
        self.0.doubtful.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn user(&self) -> String {
        self.0.user.clone()
    }

    fn allowed_hosts(&self) -> &[String] {
        &self.0.allowed_hosts
    }

    fn quirks(&self) -> &Quirks {
        &self.0.quirks
    }

    fn rate_limit(&self) -> Option<u32> {
        self.0.rate_limit
    }

    fn connection_names(&self) -> Vec<String> {
        self.0.connections.names()
    }

    fn check_token(&self, via: Via, given: &[String], is_open: bool) -> Result<(), Refusal> {
        let token = self.0.token.lock().unwrap_or_else(PoisonError::into_inner);
        guard::check_token(via, given, token.as_ref(), is_open)
    }

    /// Makes the token invalid.
    fn revoke(&self) {
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Counts a request against the rate limit.
    fn count(&self, now: Timestamp) -> Result<(), Refusal> {
        let mut limiter = self
            .0
            .limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        limiter
            .as_mut()
            .map_or(Ok(()), |limiter| limiter.count(now))
    }

    /// Tells the publisher that something else may be due next.
    fn queue_changed(&self) {
        self.0.wake.notify_one();
    }

    fn wake(&self) -> &Notify {
        &self.0.wake
    }

    fn asking(&self) -> &Arc<tokio::sync::Mutex<()>> {
        &self.0.asking
    }

    /// Returns what a running command holds, so that [`Self::settled`] knows of it.
    fn running(&self) -> watch::Receiver<()> {
        self.0.running.subscribe()
    }
}
