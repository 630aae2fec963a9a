//! Laws of the editor under any keys: it never stops, the cursor is always on a row that shows, and
//! undo of everything is where one began.

use proptest::prelude::*;
use qurate::app::action::{Action, Mouse};
use qurate::app::entries::Entry;
use qurate::app::layout::{Line, layout, queue_lines};
use qurate::app::mode::Mode;
use qurate::app::outbox::{explain, outbox_rows};
use qurate::app::sides::sides;
use qurate::app::state::Pane;
use qurate::domain::look::{Emoji, Letters};
use qurate::domain::operation::{Change, Hold, OperationState};
use qurate::domain::replica::QueueSnapshot;
use qurate::domain::terminal::Call;
use qurate::protocol::{Called, Link, SyncEvent};
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::harness::{Harness, fix, id, profile, snapshot};

/// How much longer than usual all is tried: `QURATE_TEST_SCALE`.
fn scale() -> u32 {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    scale.and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// How many cases.
fn cases(usual: u32) -> ProptestConfig {
    ProptestConfig {
        cases: usual * scale(),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(KEYS)
}

/// Any key there is, most of them with a meaning.
const KEYS: &[&str] = &[
    "j",
    "k",
    "3j",
    "gg",
    "G",
    "7G",
    "<ctrl-d>",
    "<pageup>",
    "J",
    "K",
    "5J",
    "m",
    "<enter>",
    "<esc>",
    "t",
    "b",
    "X",
    " ",
    "v",
    "<ctrl-a>",
    "*",
    "<shift-down>",
    "4<shift-up>",
    "p",
    "P",
    ".",
    "gn",
    "m]",
    "x]p",
    "c",
    "e",
    "d",
    "S",
    "y",
    "n",
    "u",
    "U",
    "f",
    "r",
    "a",
    "q",
    "<tab>",
    "<shift-tab>",
    "]",
    "[",
    "gs",
    "gi",
    "gp",
    "gq",
    "?",
    ":",
    "w",
    "x",
    "R",
    "<ctrl-s>",
    "hello",
    "<ctrl-c>",
    "<ctrl-z>",
    "<backspace>",
    "0",
    "9",
    "g",
    "<f1>",
    "<f3>",
    "<ctrl-o>",
    "<ctrl-t>",
    "<ctrl-g>",
    "<ctrl-x><ctrl-e>",
    "E",
    "c<tab><down> <ctrl-t>own<ctrl-s>",
    "gh",
    "ghG<enter>",
    "z",
    "i",
    "Y",
    ":hist<enter>",
    "@",
    "F",
    "/",
    "/1<enter>",
    "/-1 <enter>",
    "/is:waiting<enter>",
    "N",
    "mG3j<enter>",
    "w<enter>",
    "wR",
    "w x",
    "we",
    "wr",
    "}",
    "{",
    "%e<tab>x",
    "T",
    "Tlaunch <enter>",
    "T-<tab><enter>",
    "o",
    "oj<enter>",
    "!",
    "!cat<enter>",
    ":output<enter>",
    "<alt-c>",
    "t",
    "m",
    "n",
    ":doctor<enter>",
    "#",
    ":edit-sched<enter>",
    ":mouse<enter>",
    ":theme<enter>",
];

/// The last column and line that are drawn.
const LARGEST: (u16, u16) = (300, 100);
/// So many actions go by before there is a new queue.
const ROUND: u32 = 500;

/// One action of any kind.
fn anything(h: &mut Harness, random: &mut fastrand::Rng) -> String {
    let now = h.now;
    match random.u8(..20) {
        0 => {
            let here = random.bool();
            h.act(Action::Sight { here, now });
            "sight".to_owned()
        }
        1 | 2 => {
            let kinds = [
                Mouse::Press,
                Mouse::Drag,
                Mouse::Release,
                Mouse::OtherButton,
                Mouse::ScrollUp,
                Mouse::ScrollDown,
            ];
            let mouse = kinds[random.usize(..kinds.len())];
            let (column, row) = (random.u16(..LARGEST.0), random.u16(..LARGEST.1));
            h.act(Action::Mouse {
                mouse,
                column,
                row,
                now,
            });
            format!("{mouse:?} at {column},{row}")
        }
        3 => {
            let text = ["a\nb", "", "👩‍👩‍👧 https://example.org/x", "\u{202e}x"];
            let text = text[random.usize(..text.len())].to_owned();
            h.act(Action::Paste {
                text: text.clone(),
                now,
            });
            format!("paste of {text:?}")
        }
        4 => {
            teammate(h, random.u64(..));
            "a teammate".to_owned()
        }
        5 => {
            h.wait(random.i64(0..90)).rest().look();
            "a rest".to_owned()
        }
        6 => {
            let all = h.operations();
            if let Some(operation) = all.get(random.usize(..9)) {
                let reason = "a reason".to_owned();
                let how = match random.u8(..4) {
                    0 => OperationState::Held {
                        why: Hold::Conflict,
                        reason,
                    },
                    1 => OperationState::Failed { code: None, reason },
                    2 => OperationState::InFlight,
                    _ => OperationState::Acked,
                };
                h.sync(SyncEvent::States(vec![(operation.id, how)]));
            }
            "news".to_owned()
        }
        _ => {
            let key = KEYS[random.usize(..KEYS.len())];
            h.keys(key);
            key.to_owned()
        }
    }
}

#[test]
fn whatever_is_done_with_a_full_queue_every_size_of_the_screen_can_be_drawn() {
    let themes = [Theme::ansi(), Theme::ansi().without_colors()];
    let mut random = fastrand::Rng::with_seed(4);
    let mut h = harness(200);
    let sizes = u32::from(LARGEST.0) * u32::from(LARGEST.1);
    for done in 0..2_000 * scale() {
        if done % ROUND == 0 {
            h = harness(200);
            h.state.settings.call = Call::Bell;
            h.state.settings.links = random.bool();
            h.state.settings.look.emoji = [Emoji::Full, Emoji::Safe][random.usize(..2)];
            let letters = [Letters::Unicode, Letters::Signs, Letters::Ascii];
            h.state.settings.look.letters = letters[random.usize(..3)];
        }
        let what = anything(&mut h, &mut random);
        // A step that has no part in common with the number of sizes comes to each of them.
        let size = u64::from(done) * 7_919 % u64::from(sizes);
        let size = u16::try_from(size).unwrap();
        let (width, height) = (1 + size % LARGEST.0, 1 + size / LARGEST.0);
        let (state, theme) = (&h.state, &themes[random.usize(..2)]);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view(state, theme, &Links::default(), frame))
            .unwrap();
        if random.u8(..3) == 0 {
            h.act(Action::Resize { width, height });
        }
        assert!(
            cursor_shows(&h),
            "{done}: after {what}: {:?}",
            h.state.cursors()
        );
    }
}

/// News of the worker, as far as keys have to do with it.
#[derive(Debug, Clone)]
enum News {
    Become(usize, OperationState),
    Rebased(usize, String),
    Teammate(u64),
    Settled,
    Line(bool),
    Called,
    Trouble,
}

fn hold() -> impl Strategy<Value = Hold> {
    prop::sample::select(vec![
        Hold::Unconfirmed,
        Hold::Stale,
        Hold::Closed,
        Hold::Conflict,
        Hold::Changed,
        Hold::TooLate,
        Hold::Gone,
        Hold::Recovered,
    ])
}

fn news() -> impl Strategy<Value = News> {
    let reason = || "a reason\nof two lines".to_owned();
    let state = prop_oneof![
        4 => hold().prop_map(move |why| OperationState::Held { why, reason: reason() }),
        1 => Just(OperationState::Queued),
        1 => Just(OperationState::InFlight),
        1 => Just(OperationState::Acked),
        1 => Just(OperationState::Unknown),
        1 => Just(OperationState::Failed { code: Some(1025), reason: reason() }),
        1 => Just(OperationState::Unsaved { reason: Some(reason()) }),
    ];
    prop_oneof![
        6 => (0usize..8, state).prop_map(|(at, state)| News::Become(at, state)),
        1 => (0usize..8, "[ab \n]{0,30}").prop_map(|(at, text)| News::Rebased(at, text)),
        2 => any::<u64>().prop_map(News::Teammate),
        1 => Just(News::Settled),
        1 => any::<bool>().prop_map(News::Line),
        1 => Just(News::Called),
        1 => Just(News::Trouble),
    ]
}

/// Tells the editor the news; of an operation that is not there nothing.
fn tell(h: &mut Harness, news: News) {
    let operations = h.operations();
    match news {
        News::Become(at, how) => {
            if let Some(operation) = operations.get(at) {
                h.sync(SyncEvent::States(vec![(operation.id, how)]));
            }
        }
        News::Rebased(at, text) => {
            if let Some(mut operation) = operations.get(at).cloned() {
                if let Change::Edit { base, .. } = &mut operation.change {
                    base.content.text = text;
                }
                h.sync(SyncEvent::Rebased(vec![operation]));
            }
        }
        News::Teammate(bits) => teammate(h, bits),
        News::Settled => {
            h.settle();
        }
        News::Line(true) => h.sync(SyncEvent::Link(Link::Online { since: h.now })),
        News::Line(false) => h.sync(SyncEvent::Link(Link::Offline {
            since: h.now,
            reason: "no route".to_owned(),
        })),
        News::Called => h.sync(SyncEvent::Called(Called {
            at: h.now,
            what: "GET profiles.json".to_owned(),
            millis: 12_345,
            result: "timed out".to_owned(),
            good: false,
        })),
        News::Trouble => h.sync(SyncEvent::StoreTrouble("full\nof it".to_owned())),
    }
}

/// Somebody else edits, takes out, moves, and adds.
fn teammate(h: &mut Harness, bits: u64) {
    let id_of = profile(0).id;
    let Some(shown) = h.state.replica.queue(&id_of) else {
        return;
    };
    let mut snapshot = shown.mirror();
    let len = snapshot.updates.len();
    if len > 0 {
        let at = usize::try_from(bits % 1000).unwrap_or(0) % len;
        match bits / 1000 % 4 {
            0 => snapshot.updates[at].body.content.text = format!("theirs {bits}"),
            1 => {
                snapshot.updates.remove(at);
            }
            2 => snapshot.updates.rotate_left(at),
            _ => {
                let mut added = snapshot.updates[at].clone();
                added.id = id(3, usize::try_from(bits % 100_000).unwrap_or(0));
                added.remote = None;
                snapshot.updates.insert(at, added);
            }
        }
    }
    h.sync(SyncEvent::Queue {
        profile: id_of,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
}

/// Keys that only change the order.
fn order_key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "j",
        "k",
        "4j",
        "G",
        "gg",
        "J",
        "K",
        "3J",
        "9K",
        "t",
        "b",
        " ",
        "v",
        "<ctrl-a>",
        "<shift-down>",
        "2<shift-up>",
        "*",
        "x",
        "p",
        "P",
        ".",
        "mj ",
        "m5jm",
        "mG<enter>",
        "mgg<esc>",
        "m3Gm",
        "X<enter>",
        "XX<enter>",
        "<esc>",
    ])
}

/// What puts an update into the next profile; [`press`] does it, as it takes more than keys.
const CUT_AND_MOVE: &str = "cut and move";
const CUT_AND_COPY: &str = "cut and copy";
const CARRY_AND_MOVE: &str = "carry and move";

/// Presses a key, or puts what is selected into the next profile and comes back.
fn press(h: &mut Harness, key: &str) {
    let answer = match key {
        CUT_AND_MOVE | CARRY_AND_MOVE => "m",
        CUT_AND_COPY => "c",
        other => {
            h.keys(other);
            return;
        }
    };
    if key == CARRY_AND_MOVE {
        h.keys("m");
        if matches!(h.state.mode, Mode::Grab(_)) {
            h.keys("]j<enter>").keys(answer).keys("[");
        }
        return;
    }
    h.state.cut = None;
    h.keys("x]p");
    if matches!(h.state.mode, Mode::Confirm(_)) {
        h.keys(answer);
    }
    h.keys("[");
}

/// Keys that write and delete.
fn text_key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "e!<ctrl-s>",
        "cnew<ctrl-s>",
        "d",
        CUT_AND_MOVE,
        CUT_AND_COPY,
        CARRY_AND_MOVE,
        "c top<tab><tab><ctrl-u>top<ctrl-s>",
    ])
}

fn harness(rows: usize) -> Harness {
    let mut h = Harness::with(rows);
    if rows > 2 {
        h.sync(SyncEvent::Queue {
            profile: profile(0).id,
            delta: fix(snapshot(0, rows), rows / 2).into(),
            settled: Vec::new(),
        });
    }
    h
}

fn cursor_shows(h: &Harness) -> bool {
    let cursor = h.state.cursors().queue;
    let entries = h.state.entries();
    if entries.is_empty() {
        return cursor.on.is_none() && cursor.slot.is_none();
    }
    let height = layout(h.state.viewport, &h.state).rows(Pane::Queue);
    let lines = queue_lines(entries, h.state.zone(), cursor.offset, height);
    let is_on = match entries.get(cursor.index) {
        Some(Entry::Slot(at)) => (cursor.on, cursor.slot) == (None, Some(at)),
        Some(Entry::Row(_)) => cursor.on.is_some() && entries.update(cursor.index) == cursor.on,
        None => false,
    };
    is_on && (height < 2 || lines.contains(&Line::Entry(cursor.index)))
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn no_key_stops_the_editor_and_the_cursor_always_shows(
        rows in 0usize..40,
        keys in prop::collection::vec(key(), 0..60),
        size in prop::sample::select(vec![(80, 24), (120, 40), (40, 12), (10, 3)]),
    ) {
        let mut h = harness(rows).size(size.0, size.1);
        for key in keys {
            h.keys(key);
            if key.len() == 1 {
                h.look();
            }
            prop_assert!(cursor_shows(&h), "after {key}: {:?}", h.state.cursors());
        }
    }

    #[test]
    fn no_news_between_keys_stops_the_editor(
        rows in 0usize..12,
        steps in prop::collection::vec(
            prop_oneof![key().prop_map(Ok), news().prop_map(Err)], 0..60
        ),
        size in prop::sample::select(vec![(80, 24), (120, 40), (40, 12)]),
        restart in 0usize..60,
    ) {
        let mut h = harness(rows).size(size.0, size.1);
        h.keys("e precious<ctrl-s>j").store();
        for (at, step) in steps.into_iter().enumerate() {
            let what = format!("{step:?}");
            match step {
                Ok(key) => {
                    h.keys(key);
                }
                Err(news) => tell(&mut h, news),
            }
            if at == restart {
                h = h.restart().size(size.0, size.1);
            }
            prop_assert!(cursor_shows(&h), "after {what}: {:?}", h.state.cursors());
            if let Mode::Conflict(conflict) = &h.state.mode {
                prop_assert!(sides(&h.state, conflict.operation).is_some(), "after {what}");
            }
            for row in outbox_rows(&h.state) {
                prop_assert!(explain(&h.state, row.operation).is_some());
            }
        }
    }

    #[test]
    fn undo_over_a_restart_at_any_point_is_where_one_began(
        rows in 1usize..25,
        keys in prop::collection::vec(prop_oneof![order_key(), text_key()], 1..16),
        restart in 0usize..17,
        sent in any::<bool>(),
        settled in any::<bool>(),
    ) {
        // A pinned update that is deleted comes back at its time, but not pinned.
        let mut h = Harness::with(rows);
        // What has the same text as an update there would not be taken there.
        h.sync(SyncEvent::Queue {
            profile: profile(1).id,
            delta: QueueSnapshot::default().into(),
            settled: Vec::new(),
        });
        let before = h.texts();
        let again = |h: &mut Harness| {
            if sent {
                h.ack();
            } else {
                h.store();
            }
            if sent && settled {
                h.settle();
            }
            *h = h.restart();
        };
        for (at, key) in keys.into_iter().enumerate() {
            if at == restart {
                h.keys("<esc><esc>");
                again(&mut h);
            }
            press(&mut h, key);
        }
        h.keys("<esc><esc>");
        let after = h.texts();
        again(&mut h);
        prop_assert_eq!(h.texts(), after.clone(), "a restart changes nothing");
        h.keys("99u");
        prop_assert_eq!(h.texts(), before);
        again(&mut h);
        h.keys("99U");
        prop_assert_eq!(h.texts(), after);
    }

    #[test]
    fn undo_of_everything_is_where_one_began_and_redo_where_one_was(
        rows in 0usize..25,
        keys in prop::collection::vec(order_key(), 0..20),
        sent in any::<bool>(),
    ) {
        let mut h = harness(rows);
        let before = h.order();
        for key in keys {
            h.keys(key);
        }
        h.keys("<esc><esc>");
        let after = h.order();
        if sent {
            h.ack();
        }
        h.keys("99u");
        prop_assert_eq!(h.order(), before);
        h.keys("99U");
        prop_assert_eq!(h.order(), after);
    }
}
