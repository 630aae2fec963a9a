//! The real worker, the real client and the real server, with a bad line between them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use qurate::api::v1::{Endpoint, Secret, Timeouts, V1};
use qurate::domain::id::{OperationId, ProfileId};
use qurate::domain::operation::{Change, Hold, Operation, OperationState};
use qurate::protocol::SyncCommand;
use qurate::server::{OfSent, Quirks, Truth};
use qurate::store::Place;
use qurate::sync::Settings;
use serde_json::Value;

use crate::proxy::Proxy;
use crate::server_rig::{Rig, TOKEN};
use crate::sync_harness::Editor;

/// How long what must happen may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many cases: few as a rule, `QURATE_TEST_SCALE` times as many when asked.
pub(crate) fn scaled(cases: usize) -> usize {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    let scale = scale.and_then(|scale| scale.parse::<usize>().ok());
    cases * scale.unwrap_or(1)
}

/// Runs so many rounds, as many at a time as there are processors. One that fails fails the test,
/// and says how it is run alone: its number makes all that is random in it.
pub(crate) fn rounds(count: usize, round: impl Fn(u64) + Sync) {
    let alone = std::env::var("QURATE_TEST_ROUND").ok();
    if let Some(alone) = alone.and_then(|number| number.parse().ok()) {
        return round(alone);
    }
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..at_once.min(count) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    let _said = SaysRound(number);
                    round(number as u64);
                }
            });
        }
    });
}

/// Says which round it is that fails.
struct SaysRound(usize);

impl Drop for SaysRound {
    #[expect(clippy::print_stderr, reason = "whoever reads of the failure needs it")]
    fn drop(&mut self) {
        if thread::panicking() {
            let number = self.0;
            eprintln!("round {number} failed: QURATE_TEST_ROUND={number} runs it alone");
        }
    }
}

/// Gives up when nothing came on for long, however slow the machine is.
pub(crate) struct Progress {
    at: usize,
    since: Instant,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            at: 0,
            since: Instant::now(),
        }
    }

    /// Notes how far it is; says whether to go on.
    pub(crate) fn goes_on(&mut self, at: usize) -> bool {
        if at != self.at {
            (self.at, self.since) = (at, Instant::now());
        }
        self.since.elapsed() < PATIENCE
    }
}

/// The personalities under which everything must hold.
pub(crate) fn personalities() -> [(&'static str, Quirks); 4] {
    let usual = Quirks::default();
    let strict = Quirks {
        absolute_offset: true,
        refuses_unknown_ids: true,
        of_sent: OfSent::NotFound,
        ..usual.clone()
    };
    let plain = Quirks {
        plain: true,
        takes_duplicates: true,
        since_is_inclusive: true,
        ..usual.clone()
    };
    let polite = Quirks {
        refuses_with_200: true,
        clears_omitted_media: true,
        trims_texts: true,
        hides_retry_after: true,
        of_sent: OfSent::Success,
        ..usual.clone()
    };
    [
        ("usual", usual),
        ("strict", strict),
        ("plain", plain),
        ("polite", polite),
    ]
}

/// A server that keeps the truth, and a proxy in front of it.
pub(crate) struct Wire {
    rig: Option<Rig>,
    quirks: Quirks,
    database: Place,
    pub(crate) truth: Truth,
    pub(crate) proxy: Proxy,
    pub(crate) profiles: Vec<ProfileId>,
}

impl Wire {
    /// A server of this personality whose profiles have so many updates each.
    pub(crate) fn new(
        database: Place,
        mut quirks: Quirks,
        profiles: usize,
        updates: usize,
    ) -> Self {
        let truth = Truth::default();
        quirks.truth = Some(truth.clone());
        let rig = Rig::today(database.clone(), |config| config.quirks = quirks.clone());
        let proxy = Proxy::start(rig.address);
        let profiles = (0..profiles).map(|n| {
            let id = rig.profile(&format!("p{n}"), "UTC", &["09:00", "12:00"]);
            for update in 0..updates {
                rig.update(&id, &format!("{update} of {n}"), "");
            }
            ProfileId::parse(&id).unwrap()
        });
        Self {
            profiles: profiles.collect(),
            rig: Some(rig),
            quirks,
            database,
            truth,
            proxy,
        }
    }

    pub(crate) fn rig(&self) -> &Rig {
        self.rig.as_ref().expect("it runs")
    }

    /// The server ends, and who comes is refused.
    pub(crate) fn stop(&mut self) {
        self.proxy.go_down();
        if let Some(rig) = self.rig.take() {
            rig.kill();
        }
    }

    /// The server starts again on its database.
    pub(crate) fn start_again(&mut self) {
        let quirks = self.quirks.clone();
        let rig = Rig::today(self.database.clone(), |config| config.quirks = quirks);
        self.proxy.lead_to(rig.address);
        self.proxy.come_up();
        self.rig = Some(rig);
    }

    pub(crate) fn client(&self) -> V1 {
        self.client_with(Timeouts {
            connect: Duration::from_secs(2),
            read: Duration::from_millis(400),
            total: Duration::from_secs(2),
        })
    }

    /// A client for a line on which every request is answered, however slow the machine is.
    pub(crate) fn patient_client(&self) -> V1 {
        self.client_with(Timeouts {
            connect: PATIENCE,
            read: PATIENCE,
            total: PATIENCE,
        })
    }

    fn client_with(&self, timeouts: Timeouts) -> V1 {
        let endpoint = Endpoint::url(&self.proxy.url()).unwrap();
        V1::with_timeouts(endpoint, Secret::new(TOKEN).unwrap(), timeouts)
    }

    pub(crate) fn editor(
        &self,
        dir: &Path,
        seed: u64,
        change: impl FnOnce(&mut Settings),
    ) -> Editor {
        Editor::open_on(dir, self.client(), seed, change)
    }

    /// All texts of a list of the server, in its order.
    pub(crate) fn texts(&self, profile: &ProfileId, list: &str) -> Vec<String> {
        let mut all = Vec::new();
        for page in 1.. {
            let path = format!("profiles/{profile}/updates/{list}.json?count=100&page={page}");
            let reply = self.rig().get(&path).json();
            let updates = reply["updates"].as_array().unwrap();
            let text = |update: &Value| update["text"].as_str().unwrap().to_owned();
            all.extend(updates.iter().map(text));
            if updates.len() < 100 {
                return all;
            }
        }
        all
    }

    /// How often each text was created, as the server did it.
    pub(crate) fn created(&self) -> HashMap<String, usize> {
        let mut created = HashMap::new();
        for request in self.truth.done("updates/create.json") {
            *created.entry(request.text.unwrap_or_default()).or_default() += 1;
        }
        created
    }

    /// Waits until no lost request is on its way any more.
    pub(crate) fn wait_stragglers(&self) {
        let started = Instant::now();
        while self.proxy.on_the_way() > 0 {
            assert!(started.elapsed() < PATIENCE, "a request stays on its way");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until nothing waits but for the person, and then does what a careful person would:
    /// looks at the server and sends again what is not there. In the end nothing is left.
    pub(crate) fn finish(&self, editor: &mut Editor) -> Vec<OperationId> {
        let mut asked = Vec::new();
        loop {
            editor.wait("quiet", is_quiet);
            self.wait_stragglers();
            let stuck = stuck(editor);
            if stuck.is_empty() {
                break;
            }
            for (operation, state) in &stuck {
                let times = asked.iter().filter(|id| **id == operation.id).count();
                assert!(times < 5, "it never works: {operation:#?} {state:?}");
                asked.push(operation.id);
                let is_gone = matches!(
                    state,
                    OperationState::Held {
                        why: Hold::Gone,
                        ..
                    }
                );
                let command = if is_gone || self.is_done(editor, operation) {
                    SyncCommand::Discard(operation.id)
                } else {
                    SyncCommand::Retry(operation.id)
                };
                editor.send(command);
            }
            // Its state is told before it is sent again.
            editor.wait("the decisions are taken", |e| {
                let still = |id| e.state(id).is_some_and(|state| is_stuck(&state));
                !stuck.iter().any(|(operation, _)| still(operation.id))
            });
            for (operation, _) in stuck {
                if editor.state(operation.id).is_none() && !self.is_done(editor, &operation) {
                    redo(editor, &operation);
                }
            }
        }
        editor.wait_settled();
        asked
    }

    /// Says whether there is nothing left to do of an operation that is held.
    fn is_done(&self, editor: &Editor, operation: &Operation) -> bool {
        let profile = &operation.profile;
        let there = |list: &str, text: &str| self.texts(profile, list).iter().any(|t| t == text);
        let shown = |update| editor.replica.update(update).map(|u| &u.body.content.text);
        match &operation.change {
            Change::Create { content, .. } => {
                there("pending", &content.text) || there("sent", &content.text)
            }
            Change::Edit { base, want, .. } => {
                there("pending", &want.content.text) || !there("pending", &base.content.text)
            }
            Change::Share { seen, .. } | Change::Destroy { seen, .. } => {
                !there("pending", &seen.text)
            }
            Change::Requeue { update } => shown(*update).is_none_or(|text| there("pending", text)),
            Change::Reorder { .. } => true,
        }
    }

    /// Has everything read once more, and waits until the screen shows what the server has.
    pub(crate) fn wait_equal(&self, editor: &mut Editor) {
        let want: Vec<_> = self
            .profiles
            .iter()
            .map(|profile| (profile, self.texts(profile, "pending")))
            .collect();
        editor.send(SyncCommand::Refresh);
        editor.wait(&format!("the screen as the server: {want:#?}"), |e| {
            want.iter()
                .all(|(profile, texts)| e.texts(profile) == *texts)
        });
    }
}

fn is_stuck(state: &OperationState) -> bool {
    matches!(
        state,
        OperationState::Held { .. } | OperationState::Failed { .. }
    )
}

/// Does by hand what was meant for a row that the server had given a wrong name: on the row that
/// now has its text.
fn redo(editor: &mut Editor, operation: &Operation) {
    let profile = &operation.profile;
    let row = |editor: &mut Editor, text: &str| {
        editor.send(SyncCommand::Refresh);
        editor.wait("the row by its right name", |e| {
            e.texts(profile).iter().any(|t| t == text)
        });
        let texts = editor.texts(profile);
        texts.iter().position(|t| t == text).unwrap_or(0)
    };
    match &operation.change {
        Change::Edit { base, want, .. } => {
            let row = row(editor, &base.content.text);
            editor.edit(profile, row, &want.content.text);
        }
        Change::Share { seen, .. } => {
            let row = row(editor, &seen.text);
            editor.share(profile, row);
        }
        Change::Destroy { seen, .. } => {
            let row = row(editor, &seen.text);
            editor.destroy(profile, row);
        }
        Change::Create { .. } | Change::Requeue { .. } | Change::Reorder { .. } => {}
    }
}

/// What waits for the person.
pub(crate) fn stuck(editor: &Editor) -> Vec<(Operation, OperationState)> {
    let all = editor.replica.operations();
    all.iter()
        .filter(|(_, state)| is_stuck(state))
        .cloned()
        .collect()
}

/// Says whether every operation is held or failed, or waits behind one that is.
pub(crate) fn is_quiet(editor: &Editor) -> bool {
    let operations = editor.replica.operations();
    operations.iter().all(|(operation, state)| {
        let behind = |update| {
            let mut others = editor.replica.operations_of(update);
            others.any(|(other, state)| other.id != operation.id && is_stuck(state))
        };
        is_stuck(state)
            || (*state == OperationState::Queued
                && operation.change.updates().into_iter().any(behind))
    })
}
