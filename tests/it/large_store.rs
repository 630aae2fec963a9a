//! Large queues do not keep the first frame waiting, and nobody acts on a part of one.

use qurate::domain::replica::QueueSnapshot;
use qurate::protocol::SyncEvent;

use super::fake_api::{FakeApi, profile_id};
use super::pty::Start;
use super::served::{Served, TOKEN};
use super::sync_harness::{Editor, sql};

/// More than is read before the first frame.
const MANY: usize = 2_600;

fn account() -> FakeApi {
    let texts: Vec<String> = (0..MANY).map(|i| format!("number {i}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    FakeApi::with(&[("a", &texts), ("b", &["one", "two"])])
}

fn mirrors(e: &Editor) -> [QueueSnapshot; 2] {
    ["a", "b"].map(|name| {
        let queue = e.replica.queue(&profile_id(name)).expect("it was read");
        queue.mirror()
    })
}

/// What came of the store, in order: the heads, then the rest.
fn from_store(e: &Editor) -> Vec<String> {
    let told = |event: &SyncEvent| match event {
        SyncEvent::Restored { queues, rest, .. } => {
            let heads: Vec<usize> = queues.iter().map(|(_, q)| q.updates.len()).collect();
            Some(format!("heads {heads:?} of {rest:?}"))
        }
        SyncEvent::Rest(queues) => {
            let all: Vec<usize> = queues.iter().map(|(_, q)| q.pending.rows().len()).collect();
            Some(format!("rest {all:?}"))
        }
        _ => None,
    };
    e.seen.iter().filter_map(told).collect()
}

#[test]
fn the_head_of_a_large_queue_comes_first_and_then_all_of_all() {
    let dir = tempfile::tempdir().expect("dir");
    let api = account();
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    e.wait_settled();
    let before = mirrors(&e);
    assert_eq!(before[0].updates.len(), MANY);
    e.quit();
    let e = Editor::open(dir.path(), &api, 2);
    let (a, b) = (profile_id("a"), profile_id("b"));
    let rest = [(a, MANY as u64), (b, 2)];
    assert_eq!(
        from_store(&e),
        [
            format!("heads [500, 0] of {rest:?}"),
            format!("rest [{MANY}]"),
            "rest [2]".to_owned(),
        ]
    );
    assert_eq!(mirrors(&e), before);
    e.quit();
}

#[test]
fn a_damaged_row_far_down_is_left_out_and_read_again() {
    let dir = tempfile::tempdir().expect("dir");
    let api = account();
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    let before = mirrors(&e);
    let path = e.path.clone();
    e.quit();
    sql(
        &path,
        "UPDATE known SET body = replace(body, 'number 2000', 'numbxr 2000')
         WHERE body LIKE '%number 2000\"%'",
    );
    let mut e = Editor::open(dir.path(), &api, 2);
    assert_eq!(from_store(&e)[1], format!("rest [{}]", MANY - 1));
    e.wait("it is whole again", |e| {
        e.texts(&profile_id("a")).len() == MANY
    });
    assert_eq!(mirrors(&e)[0].updates, before[0].updates);
    e.quit();
}

/// The row of the cursor, without what the look for twins finds of it by and by.
fn row_of_cursor(screen: &str) -> String {
    let row = screen.lines().find(|line| line.starts_with('▌'));
    row.unwrap_or_default().replace('~', " ")
}

#[test]
fn keys_typed_at_the_start_wait_until_a_large_queue_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let updates = MANY.to_string();
    let served = Served::start(home.path(), &["--demo", "--updates", &updates]);
    let url = served.url();
    let start = || {
        Start::new(home.path(), &["--state-dir", "s", "--api-url", &url])
            .env("QURATE_TOKEN", TOKEN)
            .run()
    };
    let mut first = start();
    let top = row_of_cursor(&first.wait("a queue", |screen| !row_of_cursor(screen).is_empty()));
    first.press("G");
    let screen = first.wait("the end of the queue", |screen| {
        row_of_cursor(screen) != top
    });
    let end = row_of_cursor(&screen);
    assert!(!end.is_empty(), "{screen}");
    first.press("q");
    assert_eq!(first.wait_end(), 0);
    let mut again = start();
    // Before there is anything to see.
    again.press("G");
    again.wait("the same end", |screen| row_of_cursor(screen) == end);
    again.press("q");
    assert_eq!(again.wait_end(), 0);
}
