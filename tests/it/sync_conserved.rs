//! The conservation law: every edit that was ever stored is in exactly one place, and a breach of
//! it is said.

use std::path::Path;

use qurate::protocol::SyncEvent;

use super::fake_api::{FakeApi, profile_id};
use super::sync_harness::{Editor, sql, tally};

const BREACH: &str = "not where";

/// Makes a store in which one edit is settled and three wait.
fn stored(dir: &Path) -> FakeApi {
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir, &api, 1);
    e.wait_read(1);
    e.edit(&p, 0, "one");
    e.wait_settled();
    api.world().down = true;
    for text in ["x", "y", "z"] {
        e.create(&p, text);
    }
    e.wait_kept();
    e.quit();
    api
}

/// What an opening says of edits that are gone, until all was counted and the line was tried.
fn said(dir: &Path, api: &FakeApi) -> Vec<String> {
    let mut e = Editor::open(dir, api, 2);
    e.wait_kept();
    let said = e.seen.iter().filter_map(|event| match event {
        SyncEvent::Notice(text) if text.contains(BREACH) => Some(text.clone()),
        _ => None,
    });
    let said = said.collect();
    e.quit();
    said
}

#[test]
fn an_edit_is_counted_wherever_it_is() {
    let dir = tempfile::tempdir().expect("dir");
    let api = stored(dir.path());
    let path = dir.path().join("account.db");
    let before = tally(&path);
    assert_eq!((before.made, before.waiting, before.ended), (4, 3, 1));
    assert_eq!(said(dir.path(), &api), [""; 0]);
    // Damaged and kept apart; and so old that it is forgotten.
    sql(&path, "UPDATE operation SET crc = crc + 1 WHERE seq = 3");
    sql(&path, "UPDATE history SET at = 0");
    assert_eq!(said(dir.path(), &api), [""; 0]);
    let after = tally(&path);
    assert_eq!((after.made, after.waiting, after.ended), (4, 2, 0));
    assert_eq!((after.aside, after.pruned, after.lost), (1, 1, 0));
    assert_eq!(after.missing(), 0);
}

#[test]
fn an_edit_that_vanished_from_the_store_is_said_at_the_next_opening() {
    for theft in [
        "DELETE FROM operation WHERE seq = 3",
        "DELETE FROM history WHERE seq = 1",
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let api = stored(dir.path());
        let path = dir.path().join("account.db");
        sql(&path, theft);
        assert_eq!(tally(&path).missing(), 1, "{theft}");
        let said_first = said(dir.path(), &api);
        assert_eq!(said_first.len(), 1, "{theft}: {said_first:?}");
        assert!(said_first[0].starts_with("1 edit is"), "{said_first:?}");
        // Once; and what was lost stays counted.
        assert_eq!(said(dir.path(), &api), [""; 0]);
        let after = tally(&path);
        assert_eq!((after.made, after.lost, after.missing()), (4, 1, 0));
    }
}

#[test]
fn a_store_from_before_the_tally_gets_one_of_what_is_there() {
    let dir = tempfile::tempdir().expect("dir");
    let api = stored(dir.path());
    let path = dir.path().join("account.db");
    sql(
        &path,
        "DROP TABLE tally; DROP TABLE tag; PRAGMA user_version = 2",
    );
    assert_eq!(said(dir.path(), &api), [""; 0]);
    let found = tally(&path);
    assert_eq!((found.made, found.waiting, found.ended), (4, 3, 1));
    assert_eq!(found.missing(), 0);
}

#[test]
fn a_damaged_tally_stops_no_edit_and_is_counted_anew() {
    let dir = tempfile::tempdir().expect("dir");
    let api = stored(dir.path());
    let path = dir.path().join("account.db");
    sql(&path, "UPDATE tally SET made = made + 5");
    let p = profile_id("a");
    let mut e = Editor::open(dir.path(), &api, 3);
    e.create(&p, "still stored");
    e.wait_kept();
    e.quit();
    let found = tally(&path);
    assert_eq!((found.made, found.waiting, found.missing()), (5, 4, 0));
    sql(&path, "UPDATE tally SET made = made + 5");
    assert_eq!(said(dir.path(), &api), [""; 0]);
}
