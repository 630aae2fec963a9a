//! Laws of the editor under any keys: it never stops, the cursor is always on a row that shows, and
//! undo of everything is where one began.

use proptest::prelude::*;
use qurate::app::layout::{Line, layout, queue_lines};
use qurate::app::state::Pane;
use qurate::protocol::SyncEvent;

use crate::harness::{Harness, fix, profile, snapshot};

/// How many cases, times `QURATE_TEST_SCALE`.
fn cases(usual: u32) -> ProptestConfig {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    let scale = scale.and_then(|n| n.parse().ok()).unwrap_or(1);
    ProptestConfig {
        cases: usual * scale,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Any key there is, most of them with a meaning.
fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
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
    ])
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

fn harness(rows: usize) -> Harness {
    let mut h = Harness::with(rows);
    if rows > 2 {
        h.sync(SyncEvent::Queue {
            profile: profile(0).id,
            snapshot: fix(snapshot(0, rows), rows / 2),
            settled: Vec::new(),
        });
    }
    h
}

fn cursor_shows(h: &Harness) -> bool {
    let cursor = h.state.cursors().queue;
    let rows = h.state.rows();
    if rows.is_empty() {
        return cursor.on.is_none();
    }
    let height = layout(h.state.viewport, &h.state).rows(Pane::Queue);
    let lines = queue_lines(rows, h.state.zone(), cursor.offset, height);
    rows.get(cursor.index).map(|row| row.update) == cursor.on
        && (height < 2 || lines.contains(&Line::Row(cursor.index)))
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
            prop_assert!(cursor_shows(&h), "after {key}: {:?}", h.state.cursors());
        }
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
