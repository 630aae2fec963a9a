//! The worker is ended at every one of its steps, and in the recovery again: what comes of it is what
//! would have come without (`sync.md` 6, test 4).
//!
//! A script is made once on a store with a mirror; each run works on copies of that store and of the
//! server. At scale 1 some of the steps are taken, spread over all; with `QURATE_TEST_SCALE=1000`
//! all of them.

use std::path::{Path, PathBuf};

use qurate::domain::id::ProfileId;
use qurate::domain::operation::{Hold, Operation, OperationState, Placement};
use qurate::protocol::SyncCommand;
use qurate::sync::Interrupt;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::{Editor, ended, now, quick_dir};

type Script = (&'static str, fn(&mut Editor, &ProfileId));

/// What persons do, in a queue of six.
const SCRIPTS: &[Script] = &[
    ("edit", |e, p| {
        e.edit(p, 0, "one");
    }),
    ("edit twice", |e, p| {
        e.edit(p, 0, "one");
        e.edit(p, 0, "uno");
    }),
    ("edit back", |e, p| {
        e.edit(p, 0, "one");
        e.edit(p, 0, "1");
    }),
    ("edit two", |e, p| {
        e.edit(p, 0, "one");
        e.edit(p, 5, "six");
    }),
    ("move", |e, p| {
        e.carry(p, 0, Some(3));
    }),
    ("moves", |e, p| {
        e.carry(p, 0, Some(3));
        e.carry(p, 5, None);
        e.carry(p, 2, Some(4));
    }),
    ("create", |e, p| {
        e.create(p, "new");
    }),
    ("create at the top", |e, p| {
        e.create_at(p, "new", Placement::Top);
    }),
    ("create now", |e, p| {
        e.create_at(p, "new", Placement::Now);
    }),
    ("create at a time", |e, p| {
        e.create_at(p, "new", Placement::At(now().plus(86_400)));
    }),
    ("create two", |e, p| {
        e.create(p, "new");
        e.create(p, "newer");
    }),
    ("create the same twice", |e, p| {
        e.create(p, "new");
        e.create(p, "new");
    }),
    ("create and edit", |e, p| {
        e.create(p, "new");
        e.edit(p, 6, "newer");
    }),
    ("create and move", |e, p| {
        e.create(p, "new");
        e.carry(p, 6, Some(1));
    }),
    ("create, edit and move", |e, p| {
        e.create(p, "new");
        e.edit(p, 6, "newer");
        e.carry(p, 6, None);
    }),
    ("create and share", |e, p| {
        e.create(p, "new");
        e.share(p, 6);
    }),
    ("create and delete", |e, p| {
        e.create(p, "new");
        e.destroy(p, 6);
    }),
    ("create for all", |e, p| {
        e.create_for(&[p.clone(), profile_id("b")], "new");
    }),
    ("share", |e, p| {
        e.share(p, 1);
    }),
    ("edit and share", |e, p| {
        e.edit(p, 1, "two");
        e.share(p, 1);
    }),
    ("move and share", |e, p| {
        e.carry(p, 1, Some(4));
        e.share(p, 1);
    }),
    ("delete", |e, p| {
        e.destroy(p, 2);
    }),
    ("edit and delete", |e, p| {
        e.edit(p, 2, "three");
        e.destroy(p, 2);
    }),
    ("delete two and move", |e, p| {
        e.destroy(p, 2);
        e.destroy(p, 3);
        e.carry(p, 0, Some(2));
    }),
    ("all of it", |e, p| {
        e.edit(p, 0, "one");
        e.carry(p, 0, Some(2));
        e.create(p, "new");
        e.share(p, 1);
        e.destroy(p, 3);
    }),
];

/// What the first requests that change something meet.
const FAULTS: [&[Fault]; 3] = [
    &[],
    &[Fault::LostReply],
    &[Fault::None, Fault::Failing { done: true }, Fault::LostReply],
];

/// What is the same however often the worker was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    queues: Vec<Vec<String>>,
    sent: Vec<Vec<String>>,
}

fn outcome(api: &FakeApi) -> Outcome {
    let profiles = ["a", "b"].map(profile_id);
    let world = api.world();
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts
    };
    Outcome {
        queues: profiles.iter().map(|p| world.texts(p)).collect(),
        sent: profiles
            .iter()
            .map(|p| sorted(world.sent_texts(p)))
            .collect(),
    }
}

impl Run {
    fn same_as(&self, other: &Self) -> bool {
        let sorted = |run: &Self| {
            let mut outcome = run.outcome.clone();
            outcome.queues.iter_mut().for_each(|queue| queue.sort());
            outcome
        };
        self.outcome == other.outcome || (self.held && sorted(self) == sorted(other))
    }
}

/// A script, ready to be run on copies.
struct Case {
    name: &'static str,
    template: PathBuf,
    api: FakeApi,
    operations: Vec<Operation>,
}

/// How a run ended.
struct Run {
    outcome: Outcome,
    /// A person had to say that it goes out again: then later ones may have gone before it.
    held: bool,
    /// Steps of the first worker, and of the second.
    steps: (u64, u64),
}

impl Case {
    fn new(dir: &Path, script: &Script) -> Self {
        let template = dir.join("template");
        std::fs::create_dir(&template).expect("dir");
        let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"]), ("b", &["x"])]);
        let mut e = Editor::open(&template, &api, 1);
        e.wait_read(2);
        e.muted = Some(Vec::new());
        (script.1)(&mut e, &profile_id("a"));
        let operations = e.muted.take().expect("muted");
        e.quit();
        Self {
            name: script.0,
            template,
            api,
            operations,
        }
    }

    /// Runs the script; the first worker ends at step `first`, the second at step `second` (0: not).
    fn run(&self, faults: &[Fault], first: u64, second: u64) -> Run {
        let dir = tempfile::tempdir_in(self.template.parent().expect("a dir")).expect("dir");
        for file in std::fs::read_dir(&self.template).expect("dir").flatten() {
            std::fs::copy(file.path(), dir.path().join(file.file_name())).expect("copy");
        }
        let api = self.api.copy();
        api.world().faults.extend(faults);
        let mut steps = [0, 0];
        let (mut seed, mut held) = (10, false);
        let label = format!("{faults:?} at {first}, {second}");
        for (i, at) in [first, second].into_iter().enumerate() {
            let interrupt = Interrupt::at(at);
            let mut e = Editor::open_with(dir.path(), &api, seed, |settings| {
                settings.interrupt = Some(interrupt.clone());
            });
            seed += 1;
            self.hand_over(&mut e);
            let ended = self.work(&mut e, &interrupt, &mut held, &label);
            steps[i] = interrupt.passed();
            if !ended {
                e.quit();
                break;
            }
            e.kill();
        }
        // A last one that nobody ends; then one that must find nothing to do.
        let mut e = Editor::open(dir.path(), &api, seed);
        self.hand_over(&mut e);
        self.work(&mut e, &Interrupt::at(0), &mut held, &label);
        e.quit();
        let outcome = outcome(&api);
        let done = api.world().done.len();
        let mut e = Editor::open(dir.path(), &api, seed + 1);
        e.wait_read(2);
        e.wait_settled();
        e.quit();
        assert_eq!(
            api.world().done.len(),
            done,
            "{}: a quiet store sends",
            self.name
        );
        Run {
            outcome,
            held,
            steps: (steps[0], steps[1]),
        }
    }

    /// Does again what the last worker had not called saved: its editor had not shown it so.
    fn hand_over(&self, e: &mut Editor) {
        for operation in &self.operations {
            let known = e.state(operation.id).is_some() || ended(&e.path, operation.id);
            if !known {
                e.replica.commit(operation.clone());
                // It may have been ended already.
                let _ = e
                    .handle
                    .commands
                    .send(SyncCommand::Enqueue(vec![operation.clone()]));
            }
        }
    }

    /// Works until all is quiet, and decides what is held as a person would: by looking.
    fn work(
        &self,
        e: &mut Editor,
        interrupt: &Interrupt,
        was_held: &mut bool,
        label: &str,
    ) -> bool {
        let stuck = |state: &OperationState| {
            matches!(
                state,
                OperationState::Held { .. } | OperationState::Failed { .. }
            )
        };
        loop {
            let quiet = |e: &Editor| {
                let mut all = e.replica.operations().iter();
                all.all(|(operation, state)| stuck(state) || waits_for_stuck(e, operation))
            };
            if e.wait_or_end(quiet, interrupt) {
                return true;
            }
            let held: Vec<Operation> = e
                .replica
                .operations()
                .iter()
                .filter(|(_, state)| stuck(state))
                .map(|(operation, _)| operation.clone())
                .collect();
            if held.is_empty() {
                return false;
            }
            *was_held = true;
            for operation in &held {
                let how = e.state(operation.id);
                let doubt = |how: &OperationState| {
                    let why = Hold::Unconfirmed;
                    matches!(how, OperationState::Held { why: w, .. } if *w == why)
                };
                assert!(
                    how.as_ref().is_some_and(doubt),
                    "{} {label}: {} {:?}; {}",
                    self.name,
                    operation.change.word(),
                    e.state(operation.id),
                    e.report()
                );
                let _ = e.handle.commands.send(SyncCommand::Retry(operation.id));
            }
            let retried = |e: &Editor| {
                held.iter()
                    .all(|o| !e.state(o.id).as_ref().is_some_and(stuck))
            };
            if e.wait_or_end(retried, interrupt) {
                return true;
            }
        }
    }
}

fn waits_for_stuck(e: &Editor, operation: &Operation) -> bool {
    let stuck = |state: &OperationState| {
        matches!(
            state,
            OperationState::Held { .. } | OperationState::Failed { .. }
        )
    };
    e.state(operation.id) == Some(OperationState::Queued)
        && operation.change.updates().into_iter().any(|update| {
            let mut others = e.replica.operations_of(update);
            others.any(|(other, state)| other.id != operation.id && stuck(state))
        })
}

fn scale() -> u64 {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    scale.and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

#[test]
fn a_worker_that_is_ended_at_any_step_goes_on_to_the_same_end() {
    let (mut scripts, mut runs, mut all_steps) = (0, 0, 0);
    for (i, script) in SCRIPTS.iter().enumerate() {
        let dir = quick_dir();
        let case = Case::new(dir.path(), script);
        for (f, faults) in FAULTS.iter().enumerate() {
            scripts += 1;
            let plain = case.run(faults, 0, 0);
            all_steps += plain.steps.0;
            // Another offset for each script, so that all steps of all kinds are met.
            let every = plain.steps.0.div_ceil(scale()).max(1);
            let offset = (i as u64 * 7 + f as u64 * 3) % every;
            let chosen = (1..=plain.steps.0).filter(|step| (step + offset).is_multiple_of(every));
            for step in chosen {
                let cut = case.run(faults, step, 0);
                let name = script.0;
                let (got, want) = (&cut.outcome, &plain.outcome);
                assert!(
                    cut.same_as(&plain),
                    "{name} {faults:?} at {step}: {got:?}, not {want:?}"
                );
                runs += 1;
            }
        }
    }
    println!("{scripts} scripts, {all_steps} steps, {runs} interrupted runs, 0 differences");
    assert!(scripts >= 60, "{scripts}");
}

#[test]
fn a_worker_that_is_ended_in_its_recovery_goes_on_to_the_same_end() {
    let mut random = fastrand::Rng::with_seed(5);
    let mut runs: usize = 0;
    for script in SCRIPTS {
        let dir = quick_dir();
        let case = Case::new(dir.path(), script);
        let faults = FAULTS[runs % FAULTS.len()];
        let plain = case.run(faults, 0, 0);
        for _ in 0..scale().min(200) {
            let first = random.u64(1..=plain.steps.0);
            let second = random.u64(1..=plain.steps.0);
            let cut = case.run(faults, first, second);
            let name = script.0;
            let (got, want) = (&cut.outcome, &plain.outcome);
            assert!(
                cut.same_as(&plain),
                "{name} {faults:?} at {first}, {second}: {got:?}, not {want:?}"
            );
            runs += 1;
        }
    }
    println!("{runs} runs interrupted twice, 0 differences");
}
