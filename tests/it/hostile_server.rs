//! Replies made wrong at random, against the real client, worker and screen: nothing panics,
//! nothing of theirs reaches the terminal, and when the server is well again all works.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use qurate::api::{Api, List, NewUpdate, Page};
use qurate::app::keymap::Keymap;
use qurate::app::state::{Account, AccountKind, Settings as AppSettings};
use qurate::app::{Action, Effect, State, reduce};
use qurate::domain::id::{ProfileId, RemoteId};
use qurate::domain::operation::{Editable, OperationState, Placement};
use qurate::domain::update::Content;
use qurate::protocol::{Link, SyncCommand, SyncEvent};
use qurate::server::Quirks;
use qurate::store::Place;
use qurate::sync::{Handle, Settings, SystemClock, spawn};
use qurate::tui::backend::FrameBackend;
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::layout::Size;

use crate::own_bytes::{foreign, foreign_text};
use crate::proxy::{Fault, Passing};
use crate::sync_harness::{now, quick};
use crate::wire::{Progress, Wire, rounds, scaled};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts the panics of workers: theirs end a thread of which nobody would hear.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() == Some("sync") {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}

/// Makes seven of ten replies wrong. Who is signed in stays true: an editor that hears of another
/// person stops, as it must.
fn lies(seed: u64) -> impl FnMut(&Passing) -> Option<Fault> + Send + 'static {
    let mut random = fastrand::Rng::with_seed(seed);
    move |request| {
        let is_user = request.first.contains("/user.json");
        (!is_user && random.u8(..10) < 7).then(|| Fault::Spoilt(random.u64(..)))
    }
}

/// The editor as the program has it, without a terminal: its bytes are looked at.
struct Screen {
    state: State,
    handle: Handle,
    terminal: Terminal<FrameBackend<Vec<u8>>>,
    looked: usize,
    rest: Option<u64>,
    trouble: Vec<String>,
}

impl Screen {
    fn open(wire: &Wire, dir: &std::path::Path, seed: u64) -> Self {
        let mut settings = Settings::new(Place::File(dir.join("a.db")), "test", true, seed);
        settings.pace = quick();
        // So long a queue is left alone whose read was refused.
        settings.pace.poll_focused = Duration::from_millis(200);
        let clock = Arc::new(SystemClock::default());
        let account = Account {
            name: "test".to_owned(),
            kind: AccountKind::Remote,
        };
        let size = Size::new(120, 40);
        let settings_of_app = AppSettings {
            window: 0,
            ..AppSettings::default()
        };
        let mut screen = Self {
            state: State::new(account, settings_of_app, Keymap::default(), seed),
            handle: spawn(wire.patient_client(), settings, clock).unwrap(),
            terminal: Terminal::new(FrameBackend::new(Vec::new(), size)).unwrap(),
            looked: 0,
            rest: None,
            trouble: Vec::new(),
        };
        screen.act(Action::Tick(now()));
        screen.act(Action::Resize {
            width: 120,
            height: 40,
        });
        screen
    }

    fn act(&mut self, action: Action) {
        for effect in reduce(&mut self.state, action) {
            match effect {
                Effect::RestTimer { token } => self.rest = Some(token),
                Effect::Sync(command) => self.tell(command),
                _ => {}
            }
        }
    }

    fn tell(&self, command: SyncCommand) {
        self.handle.commands.send(command).expect("the worker runs");
    }

    fn press(&mut self, keys: &str) {
        for key in qurate::app::key::Key::parse_chord(keys).unwrap() {
            self.act(Action::Key { key, now: now() });
        }
    }

    /// Takes in what the worker says, and draws.
    fn listen(&mut self) {
        while let Ok(event) = self.handle.events.try_recv() {
            if let SyncEvent::StoreTrouble(text) = &event {
                self.trouble.push(text.clone());
            }
            self.act(Action::Sync { event, now: now() });
        }
        if let Some(token) = self.rest.take() {
            self.act(Action::Rested(token));
        }
        self.draw();
    }

    fn draw(&mut self) {
        let (state, theme) = (&self.state, Theme::ansi());
        let drawn = self
            .terminal
            .draw(|frame| view(state, &theme, &Links::default(), frame));
        let drawn = drawn.unwrap();
        // The sequences are ours if none came in by a text.
        for cell in &drawn.buffer.content {
            assert_eq!(foreign_text(cell.symbol()), None);
        }
        let out = self.terminal.backend().out();
        let found = foreign(&out[self.looked..]);
        assert_eq!(found, None);
        self.looked = out.len();
    }

    fn wait(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        let started = Instant::now();
        while !done(&self.state) {
            self.listen();
            let link = &self.state.link;
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "{what}: never; {link:?}, {:#?}",
                self.state.replica.operations()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Keys that look at everything and change something everywhere.
const KEYS: [&str; 24] = [
    "R",
    "J",
    "K",
    "j j",
    "m j enter",
    "X enter",
    "S y",
    "d",
    "g s",
    "g i",
    "g q",
    "g p enter",
    "enter",
    "esc",
    "w",
    "esc",
    "w r esc",
    "w x esc",
    "]",
    "?",
    "esc",
    "u",
    "G",
    "tab",
];

/// What a round of the test below ends with.
#[derive(Default)]
struct Ended {
    /// Replies that were made wrong.
    wrong: AtomicUsize,
    /// Bytes that were looked at.
    bytes: AtomicUsize,
    /// Whether one of the texts that were put in was on a screen.
    was_shown: AtomicBool,
}

#[test]
fn any_reply_leaves_worker_and_screen_alive_and_clean() {
    count_panics();
    let ended = Ended::default();
    // Many editors rather than one with thousands of edits that wait for a person.
    rounds(scaled(1), |round| play(round, 700, &ended));
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    assert!(
        ended.was_shown.into_inner(),
        "such texts were on the screen"
    );
    println!(
        "{} wrong replies, {} bytes of output",
        ended.wrong.into_inner(),
        ended.bytes.into_inner()
    );
}

/// Lets one editor have so many wrong replies while keys are pressed, and be well again.
fn play(round: u64, replies: usize, ended: &Ended) {
    let wire = Wire::new(Place::Memory, Quirks::default(), 2, 8);
    for profile in &wire.profiles {
        let first = &wire.rig().pending(profile.as_str())[0]["id"];
        let path = format!("updates/{}/share.json", first.as_str().unwrap());
        wire.rig().done(&path, "");
    }
    let dir = tempfile::tempdir().unwrap();
    let mut screen = Screen::open(&wire, dir.path(), 3 + round);
    screen.wait("the first read", |state| !state.rows().is_empty());
    wire.proxy.decide(lies(5 + round));
    let mut random = fastrand::Rng::with_seed(9 + round);
    let mut progress = Progress::new();
    while wire.proxy.met() < replies {
        screen.press(KEYS[random.usize(..KEYS.len())]);
        if random.u8(..6) == 0 {
            compose(&mut screen, &mut random);
        }
        screen.press("esc");
        screen.tell(SyncCommand::Refresh);
        screen.listen();
        std::thread::sleep(Duration::from_millis(1));
        let met = wire.proxy.met();
        assert!(progress.goes_on(met), "round {round}: {met} replies");
    }
    wire.proxy.calm();
    recover(&mut screen, &wire);
    let output = String::from_utf8_lossy(screen.terminal.backend().out());
    let shown = output.contains(['␛', '⇄', '␣', '�', '␡']);
    ended.was_shown.fetch_or(shown, Ordering::SeqCst);
    ended.wrong.fetch_add(wire.proxy.met(), Ordering::SeqCst);
    ended.bytes.fetch_add(screen.looked, Ordering::SeqCst);
    assert!(screen.handle.close(Duration::from_secs(20)), "it ends");
}

/// Writes an update.
fn compose(screen: &mut Screen, random: &mut fastrand::Rng) {
    screen.press("c");
    // Where drafts are listed: a new one.
    screen.press("n");
    for c in format!("text {}", random.u32(..)).chars() {
        let keys = if c == ' ' {
            "space".to_owned()
        } else {
            c.to_string()
        };
        screen.press(&keys);
    }
    screen.press("ctrl-s");
}

/// Drops what waits for the person, until the screen shows what the server has.
fn recover(screen: &mut Screen, wire: &Wire) {
    screen.press("esc");
    screen.tell(SyncCommand::Refresh);
    screen.wait("online", |state| matches!(state.link, Link::Online { .. }));
    let mut progress = Progress::new();
    while !screen.state.replica.operations().is_empty() {
        let stuck = screen
            .state
            .replica
            .operations()
            .iter()
            .filter(|(_, state)| {
                matches!(
                    state,
                    OperationState::Held { .. } | OperationState::Failed { .. }
                )
            });
        let stuck: Vec<_> = stuck.map(|(operation, _)| operation.id).collect();
        for id in stuck {
            screen.tell(SyncCommand::Discard(id));
        }
        screen.listen();
        let (link, operations) = (&screen.state.link, screen.state.replica.operations());
        assert!(
            progress.goes_on(operations.len()),
            "never quiet: {link:?} {operations:#?} {:#?} {:?}",
            screen.trouble,
            wire.proxy
                .seen("")
                .iter()
                .rev()
                .take(30)
                .collect::<Vec<_>>()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let shown = |state: &State, profile: &ProfileId| -> Vec<String> {
        let Some(queue) = state.replica.queue(profile) else {
            return Vec::new();
        };
        let text = |id| {
            queue
                .update(id)
                .map(|update| update.body.content.text.clone())
        };
        queue
            .rows()
            .iter()
            .filter_map(|row| text(row.update))
            .collect()
    };
    screen.tell(SyncCommand::Refresh);
    screen.wait("the truth", |state| {
        wire.profiles
            .iter()
            .all(|profile| shown(state, profile) == wire.texts(profile, "pending"))
    });
}

#[test]
fn any_reply_to_any_call_is_an_answer_or_an_error() {
    let (good, said) = (AtomicUsize::new(0), AtomicUsize::new(0));
    rounds(scaled(1), |round| ask(round, 1_300, &good, &said));
    let (good, said) = (good.into_inner(), said.into_inner());
    println!(
        "{} wrong replies: {good} believed, {said} refused",
        good + said
    );
    assert!(good > 0 && said > 0);
}

/// Asks one server so often, and counts what was believed and what was refused.
fn ask(round: u64, replies: usize, good: &AtomicUsize, said: &AtomicUsize) {
    let wire = Wire::new(Place::Memory, Quirks::default(), 1, 3);
    let profile = wire.profiles[0].clone();
    let id = wire.rig().pending(profile.as_str())[0]["id"].clone();
    let id = RemoteId::parse(id.as_str().unwrap()).unwrap();
    let mut random = fastrand::Rng::with_seed(11 + round);
    wire.proxy
        .decide(move |_| Some(Fault::Spoilt(random.u64(..))));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let api = wire.patient_client();
    runtime.block_on(async {
        for n in 0..replies {
            match call(&api, n, &profile, &id).await {
                Ok(()) => {
                    good.fetch_add(1, Ordering::SeqCst);
                }
                Err(error) => {
                    said.fetch_add(1, Ordering::SeqCst);
                    let shown = qurate::domain::shown::Shown::new(&error.to_string());
                    assert_eq!(foreign_text(shown.as_str()), None, "{error:?}");
                }
            }
        }
    });
}

async fn call(
    api: &impl Api,
    n: usize,
    profile: &ProfileId,
    id: &RemoteId,
) -> Result<(), qurate::api::ApiError> {
    let page = Page {
        page: 1,
        count: 100,
        since: None,
    };
    match n % 14 {
        0 => api.user().await.map(drop),
        1 => api.configuration().await.map(drop),
        2 => api.profiles().await.map(drop),
        3 => api.update(id).await.map(drop),
        4 => api.updates(profile, List::Sent, page).await.map(drop),
        5 => api.updates(profile, List::Failed, page).await.map(drop),
        6 => api.interactions(id, None, page).await.map(drop),
        7 => api.edit(id, &edited(n), false).await.map(drop),
        8 => api
            .reorder(profile, std::slice::from_ref(id))
            .await
            .map(drop),
        9 => api.move_to_top(id).await.map(drop),
        10 => api.schedules(profile).await.map(drop),
        11 => api.link_shares("https://a.example").await.map(drop),
        12 if n < 600 => {
            let new = NewUpdate {
                profiles: vec![profile.clone()],
                content: edited(n).content,
                placement: Placement::Queue,
                shorten: false,
            };
            api.create(&new).await.map(drop)
        }
        _ => api.updates(profile, List::Pending, page).await.map(drop),
    }
}

fn edited(n: usize) -> Editable {
    Editable {
        content: Content {
            text: format!("edited {n}"),
            ..Content::default()
        },
        own_time: None,
    }
}
