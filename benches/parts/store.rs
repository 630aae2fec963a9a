//! The store under the worker, on a disk: a queue that is read and put into it, the same queue read
//! back at the next start, one edit until it is safe. The API answers from memory.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use qurate::domain::id::{GroupId, IdSource, LocalId, OperationId};
use qurate::domain::operation::{Change, Editable, Operation, OperationState};
use qurate::domain::update::Content;
use qurate::protocol::{SyncCommand, SyncEvent};
use qurate::store::Place;
use qurate::sync::{Handle, Settings, SystemClock, spawn};
use tempfile::TempDir;

use crate::account::Account;
use crate::editor::{NOW, profile_id};
use crate::there_and_back;

/// The longest the end of a worker may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A worker, and who waits for what it tells.
struct Worker(Handle);

impl Worker {
    fn open(home: &Path, account: &Account) -> Self {
        let store = Place::File(home.join("account.db"));
        let settings = Settings::new(store, "bench", true, 7);
        let clock = Arc::new(SystemClock::default());
        Self(spawn(account.clone(), settings, clock).expect("a thread"))
    }

    fn send(&self, command: SyncCommand) {
        self.0.commands.send(command).expect("it runs");
    }

    /// Takes news until it is what `found` looks for.
    fn wait<T>(&mut self, mut found: impl FnMut(SyncEvent) -> Option<T>) -> T {
        loop {
            let event = self.0.events.blocking_recv().expect("it runs");
            if let Some(found) = found(event) {
                return found;
            }
        }
    }

    /// Waits for a read of the queue; returns its first update.
    fn wait_for_read(&mut self) -> LocalId {
        self.wait(|event| match event {
            SyncEvent::Queue { delta, .. } => Some(delta.pending.rows()[0].update),
            _ => None,
        })
    }

    /// Waits until all is there that was in the store.
    fn wait_restored(&mut self) {
        let mut rest = self.wait(|event| match event {
            SyncEvent::Restored { rest, .. } => Some(rest.len()),
            _ => None,
        });
        while rest > 0 {
            rest -= self.wait(|event| match event {
                SyncEvent::Rest(queues) => Some(queues.len()),
                _ => None,
            });
        }
    }

    /// Makes an edit, until it is on the disk.
    fn commit(&mut self, edit: &Operation) {
        self.send(SyncCommand::Enqueue(vec![edit.clone()]));
        self.wait(|event| match event {
            SyncEvent::States(states) => {
                let is_kept = |(_, state): &(_, OperationState)| *state == OperationState::Queued;
                states.iter().any(is_kept).then_some(())
            }
            _ => None,
        });
    }

    fn take_back(&mut self, edit: &Operation) {
        self.send(SyncCommand::Cancel(vec![edit.id]));
        self.wait(|event| matches!(event, SyncEvent::Cancelled(_)).then_some(()));
    }

    fn close(self) {
        assert!(self.0.close(PATIENCE), "the worker did not end");
    }
}

/// Measures the worker with a queue of so many updates.
pub(crate) fn measure(criterion: &mut Criterion, updates: usize) {
    let account = Account::with(updates);
    let name = |what: &str| format!("store/{what}/{updates}");
    criterion.bench_function(&name("first-read"), |bencher| {
        let once = || {
            let home = tempfile::tempdir().expect("a directory");
            start(home.path(), &account, Worker::wait_for_read)
        };
        bencher.iter_custom(|times| (0..times).map(|_| once()).sum());
    });
    let mut filled = None;
    // What is measured is called once for each sample.
    let mut worker = None;
    criterion.bench_function(&name("read-1%-changed"), |bencher| {
        let Filled { home, .. } = filled.get_or_insert_with(|| fill(&account));
        let worker = worker.get_or_insert_with(|| {
            account.edit();
            let mut worker = Worker::open(home.path(), &account);
            worker.wait_for_read();
            worker
        });
        bencher.iter(|| {
            account.edit();
            worker.send(SyncCommand::Refresh);
            worker.wait_for_read()
        });
    });
    if let Some(worker) = worker.take() {
        worker.close();
    }
    criterion.bench_function(&name("open-and-read-back"), |bencher| {
        let Filled { home, .. } = filled.get_or_insert_with(|| fill(&account));
        account.set_away(true);
        let once = || start(home.path(), &account, Worker::wait_restored);
        bencher.iter_custom(|times| (0..times).map(|_| once()).sum());
        account.set_away(false);
    });
    criterion.bench_function(&name("commit-an-edit"), |bencher| {
        let Filled { home, update } = filled.get_or_insert_with(|| fill(&account));
        let worker = worker.get_or_insert_with(|| {
            account.set_away(true);
            let mut worker = Worker::open(home.path(), &account);
            worker.wait_restored();
            worker
        });
        // Without a line: it is taken back in between.
        let edit = edit_of(*update);
        there_and_back(
            bencher,
            worker,
            |worker| worker.commit(&edit),
            |worker| worker.take_back(&edit),
        );
    });
    if let Some(worker) = worker {
        worker.close();
    }
}

/// A store that holds the queue, and one of its updates.
struct Filled {
    home: TempDir,
    update: LocalId,
}

fn fill(account: &Account) -> Filled {
    let home = tempfile::tempdir().expect("a directory");
    let mut worker = Worker::open(home.path(), account);
    let update = worker.wait_for_read();
    worker.close();
    Filled { home, update }
}

/// Returns how long it takes from the start of a worker until `done`; then it is ended.
fn start<T>(home: &Path, account: &Account, done: impl Fn(&mut Worker) -> T) -> Duration {
    let begun = Instant::now();
    let mut worker = Worker::open(home, account);
    done(&mut worker);
    let taken = begun.elapsed();
    worker.close();
    taken
}

fn edit_of(update: LocalId) -> Operation {
    let mut ids = IdSource::new(1);
    let content = |text: &str| Content {
        text: text.to_owned(),
        ..Content::default()
    };
    let editable = |text: &str| Editable {
        content: content(text),
        own_time: None,
    };
    Operation {
        id: OperationId(ids.ulid(NOW)),
        group: GroupId(ids.ulid(NOW)),
        profile: profile_id(0),
        made_at: NOW,
        not_before: None,
        change: Change::Edit {
            update,
            base: editable("as it was"),
            want: editable("as it shall be"),
        },
    }
}
