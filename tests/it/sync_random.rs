//! Random edits by one to three clients, faults on three of ten requests, kills, and a rude teammate:
//! in the end all screens are what the server holds, and nothing was lost or done twice.

use std::path::PathBuf;

use proptest::prelude::*;

use qurate::domain::id::OperationId;
use qurate::domain::operation::{OperationState, Placement};
use qurate::protocol::SyncCommand;
use tempfile::TempDir;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::{Editor, ended, quick_dir, tally};

/// One thing that happens; numbers choose rows and clients.
#[derive(Debug, Clone, Copy)]
enum Step {
    Edit(usize),
    Carry(usize, usize),
    Create(u8),
    Destroy(usize),
    Share(usize),
    Refresh,
    /// The next change meets this.
    Fault(Fault),
    ReadFault(Fault),
    Down(bool),
    Kill,
    Teammate(Rude, usize),
    /// Wait until all is quiet.
    Quiet,
    /// The line loses this many of the next ten requests.
    Storm(u8),
}

/// What a teammate does to the queue behind everybody's back.
#[derive(Debug, Clone, Copy)]
enum Rude {
    Adds,
    Rewrites,
    Removes,
    Publishes,
    Turns,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::NotSent),
        Just(Fault::LostRequest),
        Just(Fault::LostReply),
        any::<bool>().prop_map(|done| Fault::Silent { done }),
        any::<bool>().prop_map(|done| Fault::Failing { done }),
        Just(Fault::Later(std::time::Duration::from_millis(2))),
    ]
}

fn rude() -> impl Strategy<Value = Rude> {
    prop_oneof![
        Just(Rude::Adds),
        Just(Rude::Rewrites),
        Just(Rude::Removes),
        Just(Rude::Publishes),
        Just(Rude::Turns),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<usize>().prop_map(Step::Edit),
        6 => any::<(usize, usize)>().prop_map(|(a, b)| Step::Carry(a, b)),
        3 => any::<u8>().prop_map(Step::Create),
        2 => any::<usize>().prop_map(Step::Destroy),
        1 => any::<usize>().prop_map(Step::Share),
        1 => Just(Step::Refresh),
        3 => fault().prop_map(Step::Fault),
        1 => fault().prop_map(Step::ReadFault),
        2 => any::<u8>().prop_map(Step::Storm),
        1 => any::<bool>().prop_map(Step::Down),
        1 => Just(Step::Kill),
        2 => (rude(), any::<usize>()).prop_map(|(rude, at)| Step::Teammate(rude, at)),
        2 => Just(Step::Quiet),
    ]
}

/// How many cases: few as a rule, `QURATE_TEST_SCALE` times as many when asked.
fn cases() -> u32 {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    200 * scale
        .and_then(|scale| scale.parse::<u32>().ok())
        .unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_server_ends_as_every_screen_and_nothing_is_lost_or_done_twice(
        clients in 1..=3_usize,
        steps in proptest::collection::vec((step(), any::<usize>()), 1..40)
    ) {
        let mut run = Run::new(clients);
        for (step, client) in steps {
            run.take(step, client % clients);
        }
        run.finish();
        run.check()?;
    }
}

/// A client: an editor with a store of its own.
struct Client {
    dir: PathBuf,
    editor: Editor,
    made: Vec<OperationId>,
}

struct Run {
    _dir: TempDir,
    api: FakeApi,
    clients: Vec<Client>,
    seed: u64,
    texts: usize,
    deletes: usize,
    /// Updates the teammate published or took away.
    published: usize,
}

impl Run {
    fn new(clients: usize) -> Self {
        let dir = quick_dir();
        let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"])]);
        let open = |i: usize| {
            let dir = dir.path().join(i.to_string());
            std::fs::create_dir(&dir).expect("dir");
            let mut editor = Editor::open(&dir, &api, 100 * i as u64 + 1);
            editor.wait_read(1);
            Client {
                dir,
                editor,
                made: Vec::new(),
            }
        };
        Self {
            clients: (0..clients).map(open).collect(),
            _dir: dir,
            api,
            seed: 1,
            texts: 0,
            deletes: 0,
            published: 0,
        }
    }

    fn take(&mut self, step: Step, client: usize) {
        let p = profile_id("a");
        self.texts += 1;
        let text = format!("text {}", self.texts);
        let Client { editor, made, .. } = &mut self.clients[client];
        let rows = editor.rows(&p);
        match step {
            Step::Create(kind) => {
                let place = match kind % 8 {
                    0 => Placement::Now,
                    1..4 => Placement::Top,
                    _ => Placement::Queue,
                };
                made.push(editor.create_at(&p, &text, place));
            }
            Step::Refresh => editor.send(SyncCommand::Refresh),
            Step::Fault(fault) => self.api.world().faults.push_back(fault),
            Step::ReadFault(fault) => self.api.world().read_faults.push_back(fault),
            Step::Storm(seed) => self.storm(seed),
            Step::Down(down) => self.api.world().down = down,
            Step::Kill => self.kill(client),
            Step::Teammate(rude, at) => self.teammate(rude, at, &text),
            Step::Quiet => self.quiet(),
            Step::Edit(_) | Step::Carry(..) | Step::Destroy(_) | Step::Share(_) if rows == 0 => {}
            Step::Edit(row) => made.push(editor.edit(&p, row % rows, &text)),
            Step::Carry(row, to) => {
                let (row, to) = (row % rows, to % (rows + 1));
                let behind = to.checked_sub(1);
                if behind != Some(row) {
                    made.push(editor.carry(&p, row, behind));
                }
            }
            Step::Destroy(row) => {
                self.deletes += 1;
                made.push(editor.destroy(&p, row % rows));
            }
            Step::Share(row) => made.push(editor.share(&p, row % rows)),
        }
    }

    /// Three of the next ten requests go wrong.
    fn storm(&mut self, seed: u8) {
        let mut random = fastrand::Rng::with_seed(u64::from(seed));
        let mut world = self.api.world();
        for _ in 0..10 {
            let fault = match random.u8(0..20) {
                0 => Fault::NotSent,
                1 => Fault::LostRequest,
                2 | 3 => Fault::LostReply,
                4 => Fault::Silent { done: true },
                5 => Fault::Failing { done: false },
                _ => Fault::None,
            };
            if random.bool() {
                world.faults.push_back(fault);
            } else {
                world.read_faults.push_back(fault);
            }
        }
    }

    fn teammate(&mut self, rude: Rude, at: usize, text: &str) {
        let p = profile_id("a");
        let mut world = self.api.world();
        let rows = world.queues[&p].len();
        match rude {
            Rude::Adds => drop(world.add(&p, &format!("theirs {text}"), None)),
            _ if rows == 0 => {}
            Rude::Rewrites => world.rewrite(&p, at % rows, &format!("theirs {text}")),
            Rude::Removes => {
                let id = world.queues[&p][at % rows].id.clone();
                world.remove(&id);
            }
            Rude::Publishes => {
                world.publish(&p, 0);
                self.published += 1;
            }
            Rude::Turns => {
                let queue = world.queues.get_mut(&p).expect("queue");
                queue[at % rows..].rotate_left(1);
                world.renew(&p);
            }
        }
    }

    fn kill(&mut self, client: usize) {
        self.seed += 1;
        let (api, seed) = (&self.api, self.seed + 1000 * client as u64);
        let Client { dir, editor, .. } = &mut self.clients[client];
        // What is not saved yet may be lost in a crash, so it is waited for.
        editor.wait("all saved", |e| {
            let unsaved = |state: &OperationState| matches!(state, OperationState::Unsaved { .. });
            let mut operations = e.replica.operations().iter();
            !operations.any(|(_, state)| unsaved(state))
        });
        let next = Editor::take_place_of(dir, api, seed, editor);
        *editor = next;
    }

    /// Waits until nothing waits but for the person.
    fn quiet(&mut self) {
        self.api.world().down = false;
        for client in &mut self.clients {
            client.editor.wait("quiet", is_quiet);
        }
    }

    /// Drops what is held, until all is done and read.
    fn finish(&mut self) {
        {
            let mut world = self.api.world();
            world.down = false;
            world.faults.clear();
            world.read_faults.clear();
        }
        for client in &mut self.clients {
            drop_held(&mut client.editor);
            client.editor.wait_settled();
        }
        // Others may have been at it since the last read.
        let p = profile_id("a");
        for client in &mut self.clients {
            client.editor.send(SyncCommand::Refresh);
            let api = self.api.clone();
            client
                .editor
                .wait("the last read", |e| e.texts(&p) == api.world().texts(&p));
        }
    }

    fn check(self) -> Result<(), TestCaseError> {
        let p = profile_id("a");
        let done = self.api.world().done.clone();
        for client in &self.clients {
            prop_assert_eq!(client.editor.texts(&p), self.api.world().texts(&p));
            prop_assert!(client.editor.replica.operations().is_empty());
            // Nothing leaves without a row.
            for id in &client.made {
                prop_assert!(ended(&client.editor.path, *id), "{:?} vanished", id);
            }
            let tally = tally(&client.editor.path);
            prop_assert_eq!(tally.missing(), 0, "{:?}", tally);
            prop_assert_eq!(usize::try_from(tally.made), Ok(client.made.len()));
            prop_assert_eq!(tally.made, tally.ended, "{:?}", tally);
        }
        for what in done.iter().filter(|what| what.starts_with("create")) {
            prop_assert_eq!(done.iter().filter(|d| d == &what).count(), 1, "{:?}", done);
        }
        let sent = self.api.world().sent_texts(&p);
        let shares = done.iter().filter(|what| what.contains("share")).count();
        prop_assert_eq!(sent.len(), shares + self.published, "{:?}", done);
        let destroyed = done.iter().filter(|what| *what == "destroy").count();
        prop_assert!(destroyed <= self.deletes);
        // A quiet store sends nothing.
        let mut again = Vec::new();
        for client in self.clients {
            let dir = client.dir;
            client.editor.quit();
            let mut editor = Editor::open(&dir, &self.api, 7);
            editor.wait_read(1);
            again.push(editor);
        }
        for editor in again {
            prop_assert!(editor.replica.operations().is_empty());
            editor.quit();
        }
        prop_assert_eq!(self.api.world().done.len(), done.len());
        Ok(())
    }
}

/// Gives up what waits for the person, and what waits behind it goes on.
fn drop_held(editor: &mut Editor) {
    loop {
        editor.wait("quiet or blocked", is_quiet);
        let stuck: Vec<OperationId> = editor
            .replica
            .operations()
            .iter()
            .filter(|(_, state)| is_stuck(state))
            .map(|(operation, _)| operation.id)
            .collect();
        for &id in &stuck {
            editor.send(SyncCommand::Discard(id));
        }
        editor.wait("dropped", |e| stuck.iter().all(|id| e.state(*id).is_none()));
        if stuck.is_empty() {
            return;
        }
    }
}

fn is_stuck(state: &OperationState) -> bool {
    matches!(
        state,
        OperationState::Held { .. } | OperationState::Failed { .. }
    )
}

/// Says whether every operation is held or failed, or waits behind one that is.
fn is_quiet(editor: &Editor) -> bool {
    let mut all = editor.replica.operations().iter();
    all.all(|(operation, state)| {
        let behind = |update| {
            let mut others = editor.replica.operations_of(update);
            others.any(|(other, state)| other.id != operation.id && is_stuck(state))
        };
        is_stuck(state)
            || (*state == OperationState::Queued
                && operation.change.updates().into_iter().any(behind))
    })
}
