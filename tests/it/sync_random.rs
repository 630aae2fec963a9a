//! Random edits, faults, kills and a rude teammate: in the end the server is what the screen shows.

use proptest::prelude::*;

use qurate::domain::operation::{OperationState, Placement};
use qurate::protocol::SyncCommand;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::Editor;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Edit(usize),
    Carry(usize, usize),
    Create(bool),
    Destroy(usize),
    Share(usize),
    Refresh,
    /// The next change meets this.
    Fault(Fault),
    ReadFault(Fault),
    Down(bool),
    Kill,
    /// Somebody else adds an update.
    Teammate,
    /// Wait until all is quiet.
    Quiet,
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

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<usize>().prop_map(Step::Edit),
        6 => any::<(usize, usize)>().prop_map(|(a, b)| Step::Carry(a, b)),
        3 => any::<bool>().prop_map(Step::Create),
        2 => any::<usize>().prop_map(Step::Destroy),
        1 => any::<usize>().prop_map(Step::Share),
        1 => Just(Step::Refresh),
        4 => fault().prop_map(Step::Fault),
        1 => fault().prop_map(Step::ReadFault),
        1 => any::<bool>().prop_map(Step::Down),
        1 => Just(Step::Kill),
        1 => Just(Step::Teammate),
        2 => Just(Step::Quiet),
    ]
}

/// How many cases: few as a rule, `QURATE_TEST_SCALE` times as many when asked.
fn cases() -> u32 {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    24 * scale
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
    fn the_server_ends_as_the_screen_and_nothing_is_done_twice(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let dir = tempfile::tempdir().expect("dir");
        let p = profile_id("a");
        let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"])]);
        let mut run = Run { seed: 1, made: 0, editor: Editor::open(dir.path(), &api, 1) };
        run.editor.wait_read(1);
        for step in steps {
            run.take(step, dir.path(), &api);
        }
        run.finish(&api);
        let editor = &run.editor;
        prop_assert_eq!(editor.texts(&p), api.world().texts(&p));
        let done = api.world().done.clone();
        for what in done.iter().filter(|what| what.starts_with("create")) {
            prop_assert_eq!(done.iter().filter(|d| d == &what).count(), 1, "{:?}", done);
        }
        let sent = api.world().sent_texts(&p);
        let shares = done.iter().filter(|what| what.contains("share")).count();
        prop_assert_eq!(sent.len(), shares);
        run.editor.quit();
    }
}

struct Run {
    seed: u64,
    made: usize,
    editor: Editor,
}

impl Run {
    fn take(&mut self, step: Step, dir: &std::path::Path, api: &FakeApi) {
        let p = profile_id("a");
        let rows = self.editor.rows(&p);
        self.made += 1;
        let text = format!("text {}", self.made);
        match step {
            Step::Create(top) => {
                let place = if top {
                    Placement::Top
                } else {
                    Placement::Queue
                };
                self.editor.create_at(&p, &text, place);
            }
            Step::Refresh => self.editor.send(SyncCommand::Refresh),
            Step::Fault(fault) => api.world().faults.push_back(fault),
            Step::ReadFault(fault) => api.world().read_faults.push_back(fault),
            Step::Down(down) => api.world().down = down,
            Step::Kill => self.kill(dir, api),
            Step::Teammate => {
                api.world().add(&p, &format!("theirs {}", self.made), None);
            }
            Step::Quiet => self.quiet(api),
            Step::Edit(_) | Step::Carry(..) | Step::Destroy(_) | Step::Share(_) if rows == 0 => {}
            Step::Edit(row) => {
                self.editor.edit(&p, row % rows, &text);
            }
            Step::Carry(row, to) => {
                let (row, to) = (row % rows, to % (rows + 1));
                let behind = to.checked_sub(1);
                if behind != Some(row) {
                    self.editor.carry(&p, row, behind);
                }
            }
            Step::Destroy(row) => {
                self.editor.destroy(&p, row % rows);
            }
            Step::Share(row) => {
                self.editor.share(&p, row % rows);
            }
        }
    }

    fn kill(&mut self, dir: &std::path::Path, api: &FakeApi) {
        // What is not saved yet may be lost in a crash, so it is waited for.
        self.editor.wait("all saved", |e| {
            let unsaved = |state: &OperationState| matches!(state, OperationState::Unsaved { .. });
            !e.replica
                .operations()
                .iter()
                .any(|(_, state)| unsaved(state))
        });
        self.seed += 1;
        let next = Editor::take_place_of(dir, api, self.seed, &mut self.editor);
        self.editor = next;
    }

    /// Waits until nothing waits but for the person.
    fn quiet(&mut self, api: &FakeApi) {
        api.world().down = false;
        self.editor.wait("quiet", is_quiet);
    }

    /// Drops what is held, until all is done and read.
    fn finish(&mut self, api: &FakeApi) {
        {
            let mut world = api.world();
            world.down = false;
            world.faults.clear();
            world.read_faults.clear();
        }
        // What waits behind a held one goes on once that is dropped.
        loop {
            self.editor.wait("quiet or blocked", is_quiet);
            let stuck: Vec<_> = self
                .editor
                .replica
                .operations()
                .iter()
                .filter(|(_, state)| {
                    matches!(
                        state,
                        OperationState::Held { .. } | OperationState::Failed { .. }
                    )
                })
                .map(|(operation, _)| operation.id)
                .collect();
            for &id in &stuck {
                self.editor.send(SyncCommand::Discard(id));
            }
            self.editor
                .wait("dropped", |e| stuck.iter().all(|id| e.state(*id).is_none()));
            if stuck.is_empty() {
                break;
            }
        }
        self.editor.wait_settled();
        // The teammate may have been at it since the last read.
        let p = profile_id("a");
        self.editor.send(SyncCommand::Refresh);
        let api = api.clone();
        self.editor.wait("the last read", |e| {
            let there: std::collections::BTreeSet<String> =
                api.world().texts(&p).into_iter().collect();
            let shown: std::collections::BTreeSet<String> = e.texts(&p).into_iter().collect();
            there == shown
        });
    }
}

/// Says whether every operation is held or failed, or waits behind one that is.
fn is_quiet(editor: &Editor) -> bool {
    let stuck = |state: &OperationState| {
        matches!(
            state,
            OperationState::Held { .. } | OperationState::Failed { .. }
        )
    };
    editor
        .replica
        .operations()
        .iter()
        .all(|(operation, state)| {
            let behind = |update| {
                let mut others = editor.replica.operations_of(update);
                others.any(|(other, state)| other.id != operation.id && stuck(state))
            };
            stuck(state)
                || (*state == OperationState::Queued
                    && operation.change.updates().into_iter().any(behind))
        })
}
