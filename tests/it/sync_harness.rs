//! A worker with a real store, a fake API, and what an editor would know from its events.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use qurate::api::Api;
use qurate::domain::id::{GroupId, IdSource, LocalId, OperationId, ProfileId};
use qurate::domain::operation::{
    Change, Editable, Move, Operation, OperationState, Place, Placement,
};
use qurate::domain::replica::Replica;
use qurate::domain::time::Timestamp;
use qurate::domain::update::Content;
use qurate::protocol::{Link, SyncCommand, SyncEvent};
use qurate::store::lock::{Lock, beside};
use qurate::store::{Place as StorePlace, StoreError};
use qurate::sync::{Clock, Handle, Interrupt, Pace, Settings, SystemClock, Tally, spawn};

use super::fake_api::FakeApi;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A pace at which nothing waits long.
pub(crate) fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        reorder_rest: ms(5),
        reorder_limit: ms(20),
        fresh: ms(10_000),
        edit_fresh: ms(60_000),
        settle: ms(5),
        poll_focused: ms(60_000),
        poll_others: ms(60_000),
        looks: [5, 20, 40, 80].map(ms).to_vec(),
        late_looks: [120, 160].map(ms).to_vec(),
        share_looks: [5, 20, 40].map(ms).to_vec(),
        slow: ms(5_000),
        backoff_first: ms(2),
        backoff_floor: ms(1),
        backoff_cap: ms(20),
        longest_guess: ms(200),
        save_again: ms(20),
        patience: 0,
    }
}

/// An editor without a screen.
pub(crate) struct Editor {
    pub(crate) handle: Handle,
    pub(crate) replica: Replica,
    pub(crate) seen: Vec<SyncEvent>,
    pub(crate) link: Link,
    pub(crate) trouble: Vec<String>,
    pub(crate) path: PathBuf,
    ids: IdSource,
    clock: Arc<dyn Clock>,
    /// Operations that are made but not handed to the worker, while that is wanted.
    pub(crate) muted: Option<Vec<Operation>>,
}

pub(crate) fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp())
}

pub(crate) fn content(text: &str) -> Content {
    Content {
        text: text.to_owned(),
        ..Content::default()
    }
}

impl Editor {
    pub(crate) fn open(dir: &Path, api: &FakeApi, seed: u64) -> Self {
        Self::open_with(dir, api, seed, |_| {})
    }

    pub(crate) fn open_with(
        dir: &Path,
        api: &FakeApi,
        seed: u64,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = Arc::new(SystemClock::default());
        Self::open_with_clock(dir, api.clone(), seed, clock, change)
    }

    /// Opens one on whatever API this is.
    pub(crate) fn open_on(
        dir: &Path,
        api: impl Api,
        seed: u64,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = Arc::new(SystemClock::default());
        Self::open_with_clock(dir, api, seed, clock, change)
    }

    /// Opens an editor that goes by another clock.
    pub(crate) fn open_at(
        dir: &Path,
        api: &FakeApi,
        seed: u64,
        clock: Arc<dyn Clock>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        Self::open_with_clock(dir, api.clone(), seed, clock, change)
    }

    fn open_with_clock(
        dir: &Path,
        api: impl Api,
        seed: u64,
        clock: Arc<dyn Clock>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let path = dir.join("account.db");
        let mut settings = Settings::new(StorePlace::File(path.clone()), "test", true, seed);
        settings.pace = quick();
        settings.socket = Some(dir.join("editors.sock"));
        change(&mut settings);
        let interrupted = settings.interrupt.clone();
        let handle = spawn(api, settings, Arc::clone(&clock)).expect("a thread");
        let mut editor = Self {
            handle,
            replica: Replica::default(),
            seen: Vec::new(),
            link: Link::Connecting,
            trouble: Vec::new(),
            path,
            ids: IdSource::new(seed ^ 0xABCD),
            clock,
            muted: None,
        };
        let begun = |e: &Self| {
            let awaited = e.seen.iter().find_map(|event| match event {
                SyncEvent::Restored { rest, .. } => Some(rest.len()),
                _ => None,
            });
            let read = e.seen.iter().map(|event| match event {
                SyncEvent::Rest(queues) => queues.len(),
                _ => 0,
            });
            awaited == Some(read.sum())
        };
        match interrupted {
            Some(interrupt) => drop(editor.wait_or_end(begun, &interrupt)),
            None => editor.wait("restored", begun),
        }
        editor
    }

    pub(crate) fn send(&self, command: SyncCommand) {
        self.handle.commands.send(command).expect("the worker runs");
    }

    /// Takes events in until `done`, which must come.
    pub(crate) fn wait(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !done(self) {
            match self.handle.events.try_recv() {
                Ok(event) => self.take(event),
                Err(_) => std::thread::sleep(Duration::from_millis(1)),
            }
            assert!(Instant::now() < until, "never: {what}; {}", self.report());
        }
    }

    /// Takes events in until `done`, or until the worker was ended; says whether it was.
    pub(crate) fn wait_or_end(
        &mut self,
        done: impl Fn(&Self) -> bool,
        interrupt: &Interrupt,
    ) -> bool {
        let until = Instant::now() + PATIENCE;
        while !done(self) {
            match self.handle.events.try_recv() {
                Ok(event) => self.take(event),
                Err(_) if interrupt.was_hit() => return true,
                Err(_) => std::thread::sleep(Duration::from_micros(200)),
            }
            assert!(
                Instant::now() < until,
                "neither done nor ended; {}",
                self.report()
            );
        }
        interrupt.was_hit()
    }

    /// How things stand, for messages.
    pub(crate) fn report(&self) -> String {
        let operations = self.replica.operations().iter();
        let operations: Vec<String> = operations
            .map(|(o, state)| format!("  {} {:?}: {state:?}", o.change.word(), o.change.updates()))
            .collect();
        let mut events: Vec<String> = self.seen.iter().rev().take(40).map(short).collect();
        events.reverse();
        format!(
            "link {:?}\noperations\n{}\nlast events\n{}",
            self.link,
            operations.join("\n"),
            events.join("\n")
        )
    }

    fn take(&mut self, event: SyncEvent) {
        match event.clone() {
            SyncEvent::Restored {
                profiles,
                queues,
                operations,
                ..
            } => self.replica = Replica::restore(profiles, queues, operations),
            SyncEvent::States(states) => {
                for (id, state) in states {
                    self.replica.set_state(id, state);
                }
            }
            SyncEvent::Added(operations) => {
                for (operation, state) in operations {
                    let id = operation.id;
                    self.replica.commit(operation);
                    self.replica.set_state(id, state);
                }
            }
            SyncEvent::Rebased(operations) => {
                for operation in operations {
                    self.replica.replace(operation);
                }
            }
            SyncEvent::Assigned { update, remote } => self.replica.assign(update, remote),
            SyncEvent::Cancelled(id) => self.replica.remove(id),
            SyncEvent::Profiles(profiles) => self.replica.set_profiles(profiles),
            SyncEvent::Queue {
                profile,
                delta,
                settled,
            } => self.replica.take_read(&profile, delta, &settled),
            SyncEvent::Unchanged { profile, read_at } => {
                self.replica.read_again(&profile, read_at);
            }
            SyncEvent::Rest(queues) => {
                for (profile, delta) in queues {
                    self.replica.take_read(&profile, delta, &[]);
                }
            }
            SyncEvent::Link(link) => self.link = link,
            SyncEvent::StoreTrouble(text) => self.trouble.push(text),
            _ => {}
        }
        self.seen.push(event);
    }

    /// Waits until every profile was read in this run.
    pub(crate) fn wait_read(&mut self, profiles: usize) {
        self.wait("the first reads", |e| {
            let read: std::collections::BTreeSet<&ProfileId> = e
                .seen
                .iter()
                .filter_map(|event| match event {
                    SyncEvent::Queue { profile, .. } | SyncEvent::Unchanged { profile, .. } => {
                        Some(profile)
                    }
                    _ => None,
                })
                .collect();
            read.len() == profiles
        });
    }

    pub(crate) fn wait_settled(&mut self) {
        self.wait("all settled", |e| e.replica.operations().is_empty());
    }

    /// Waits until the line is known to be down and all that waits is on disk.
    pub(crate) fn wait_kept(&mut self) {
        self.wait("offline, and all kept", |e| {
            let mut operations = e.replica.operations().iter();
            let kept = operations.all(|(_, state)| *state == OperationState::Queued);
            kept && matches!(e.link, Link::Offline { .. })
        });
    }

    pub(crate) fn state(&self, id: OperationId) -> Option<OperationState> {
        self.replica.operation(id).map(|(_, state)| state.clone())
    }

    pub(crate) fn wait_state(&mut self, id: OperationId, want: &str) {
        self.wait(want, |e| {
            e.state(id)
                .is_some_and(|state| format!("{state:?}").starts_with(want))
        });
    }

    fn hand_over(&mut self, operations: Vec<Operation>) {
        match &mut self.muted {
            Some(muted) => muted.extend(operations),
            None => self.send(SyncCommand::Enqueue(operations)),
        }
    }

    /// Makes an operation, shows it, and hands it to the worker.
    pub(crate) fn act(&mut self, profile: &ProfileId, change: Change) -> OperationId {
        self.act_after(profile, change, None)
    }

    pub(crate) fn act_after(
        &mut self,
        profile: &ProfileId,
        change: Change,
        not_before: Option<Timestamp>,
    ) -> OperationId {
        let operation = Operation {
            id: OperationId(self.ids.ulid(now())),
            group: GroupId(self.ids.ulid(now())),
            profile: profile.clone(),
            made_at: self.clock.wall(),
            not_before,
            change,
        };
        let id = operation.id;
        self.replica.commit(operation.clone());
        self.hand_over(vec![operation]);
        id
    }

    pub(crate) fn create(&mut self, profile: &ProfileId, text: &str) -> OperationId {
        self.create_at(profile, text, Placement::Queue)
    }

    pub(crate) fn create_at(
        &mut self,
        profile: &ProfileId,
        text: &str,
        placement: Placement,
    ) -> OperationId {
        let update = LocalId::from(self.ids.ulid(now()));
        self.act(
            profile,
            Change::Create {
                update,
                content: content(text),
                placement,
                shorten: false,
            },
        )
    }

    /// Writes one update for several profiles, as one act.
    pub(crate) fn create_for(&mut self, profiles: &[ProfileId], text: &str) -> Vec<OperationId> {
        let group = GroupId(self.ids.ulid(now()));
        let operations: Vec<Operation> = profiles
            .iter()
            .map(|profile| Operation {
                id: OperationId(self.ids.ulid(now())),
                group,
                profile: profile.clone(),
                made_at: now(),
                not_before: None,
                change: Change::Create {
                    update: LocalId::from(self.ids.ulid(now())),
                    content: content(text),
                    placement: Placement::Queue,
                    shorten: false,
                },
            })
            .collect();
        for operation in &operations {
            self.replica.commit(operation.clone());
        }
        let ids = operations.iter().map(|operation| operation.id).collect();
        self.hand_over(operations);
        ids
    }

    pub(crate) fn edit(&mut self, profile: &ProfileId, row: usize, text: &str) -> OperationId {
        let update = self.row(profile, row);
        let body = &self.replica.update(update).expect("shown").body;
        let base = Editable {
            content: body.content.clone(),
            own_time: body.own_time,
        };
        let want = Editable {
            content: content(text),
            ..base.clone()
        };
        self.act(profile, Change::Edit { update, base, want })
    }

    pub(crate) fn destroy(&mut self, profile: &ProfileId, row: usize) -> OperationId {
        let update = self.row(profile, row);
        let seen = self
            .replica
            .update(update)
            .expect("shown")
            .body
            .content
            .clone();
        self.act(profile, Change::Destroy { update, seen })
    }

    pub(crate) fn share(&mut self, profile: &ProfileId, row: usize) -> OperationId {
        let update = self.row(profile, row);
        let seen = self
            .replica
            .update(update)
            .expect("shown")
            .body
            .content
            .clone();
        self.act(profile, Change::Share { update, seen })
    }

    /// Moves a row so that it stands directly behind another, or at the top.
    pub(crate) fn carry(
        &mut self,
        profile: &ProfileId,
        row: usize,
        behind: Option<usize>,
    ) -> OperationId {
        let update = self.row(profile, row);
        let after = behind.map(|b| self.row(profile, b));
        let below = behind.map_or(0, |b| b + 1);
        let rows = self.replica.queue(profile).expect("queue").rows();
        let mut below = rows.iter().skip(below).map(|row| row.update);
        let before = below.find(|u| *u != update);
        let moves = vec![Move {
            updates: vec![update],
            place: Place { after, before },
        }];
        self.act(profile, Change::Reorder { moves })
    }

    pub(crate) fn row(&self, profile: &ProfileId, row: usize) -> LocalId {
        self.replica.queue(profile).expect("queue").rows()[row].update
    }

    pub(crate) fn rows(&self, profile: &ProfileId) -> usize {
        self.replica
            .queue(profile)
            .map_or(0, |queue| queue.rows().len())
    }

    /// The texts as the screen shows them, in order.
    pub(crate) fn texts(&self, profile: &ProfileId) -> Vec<String> {
        let Some(queue) = self.replica.queue(profile) else {
            return Vec::new();
        };
        let text = |id| queue.update(id).expect("shown").body.content.text.clone();
        queue.rows().iter().map(|row| text(row.update)).collect()
    }

    /// Runs a statement on the store from outside.
    pub(crate) fn sql(&self, statement: &'static str) {
        sql(&self.path, statement);
    }

    /// Ends another's worker as a crash would, and starts one in its place.
    pub(crate) fn take_place_of(dir: &Path, api: &FakeApi, seed: u64, other: &mut Self) -> Self {
        other.crash();
        Self::open(dir, api, seed)
    }

    /// Ends the worker as a crash would; what was seen of it stays.
    pub(crate) fn crash(&mut self) {
        let (commands, _) = tokio::sync::mpsc::unbounded_channel();
        // Its end of the channel is gone: that is what a worker sees of a crash.
        self.handle.commands = commands;
        wait_for_end(&self.path);
    }

    /// Ends the worker as a crash would, and waits until it holds nothing any more.
    pub(crate) fn kill(self) {
        let path = self.path.clone();
        drop(self.handle);
        wait_for_end(&path);
    }

    pub(crate) fn quit(self) {
        assert!(self.handle.close(PATIENCE), "the worker did not end");
    }
}

/// One line of an event, for messages.
fn short(event: &SyncEvent) -> String {
    let text = match event {
        SyncEvent::Called(called) => format!("{} -> {}", called.what, called.result),
        other => format!("{other:?}"),
    };
    let line: String = text.chars().take(160).collect();
    format!("  {line}")
}

/// Waits until the worker of a store has ended.
fn wait_for_end(store: &Path) {
    let path = beside(store);
    let until = Instant::now() + PATIENCE;
    while Lock::try_take(&path).expect("lock").is_none() {
        assert!(Instant::now() < until, "the worker did not end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Says whether an operation has left the outbox of a store.
pub(crate) fn ended(store: &Path, operation: OperationId) -> bool {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store);
    let look = async {
        let mut connection = options.connect().await.expect("open");
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM history WHERE id = $1")
            .bind(operation.0.to_bytes().to_vec())
            .fetch_one(&mut connection)
            .await
            .expect("count");
        count > 0
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime")
        .block_on(look)
}

/// Runs a statement on a store from outside.
pub(crate) fn sql(store: &Path, statement: &'static str) {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store);
    let run = async {
        let mut connection = options.connect().await.expect("open");
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .expect("run");
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime")
        .block_on(run);
}

/// Nothing can be written into a store for as long as this is there.
pub(crate) struct Locked {
    _connection: sqlx::SqliteConnection,
    _runtime: tokio::runtime::Runtime,
}

/// Locks a store as somebody does who writes and does not come to an end.
pub(crate) fn lock(store: &Path) -> Locked {
    use sqlx::ConnectOptions as _;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store);
    let locked = async {
        let mut connection = options.connect().await.expect("open");
        sqlx::raw_sql("BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await
            .expect("lock");
        connection
    };
    Locked {
        _connection: runtime.block_on(locked),
        _runtime: runtime,
    }
}

/// Where the operations of a store are.
pub(crate) fn tally(store: &Path) -> Tally {
    try_tally(store).expect("open").expect("a tally")
}

pub(crate) fn try_tally(store: &Path) -> Result<Option<Tally>, StoreError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime")
        .block_on(qurate::sync::tally(store))
}

/// A directory in memory where there is one: thousands of commits need no disk here.
pub(crate) fn quick_dir() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).expect("dir")
    } else {
        tempfile::tempdir().expect("dir")
    }
}
