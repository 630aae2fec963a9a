//! A queue that comes to more than is kept: nothing of it is taken, nothing that was there is lost,
//! and it is read again when the person says so.

use qurate::domain::id::ProfileId;
use qurate::protocol::{SyncCommand, SyncEvent};
use qurate::sync::Settings;

use super::fake_api::{FakeApi, profile_id};
use super::sync_harness::Editor;

/// How many bytes of lists are kept here.
const MOST: usize = 26_000;

fn open(dir: &std::path::Path, api: &FakeApi, seed: u64) -> Editor {
    Editor::open_with(dir, api, seed, |settings| settings.most_kept = MOST)
}

/// How often a queue was given up.
fn given_up(e: &Editor, of: &ProfileId) -> usize {
    let given_up =
        |event: &&SyncEvent| matches!(event, SyncEvent::NotRead { profile, .. } if profile == of);
    e.seen.iter().filter(given_up).count()
}

fn fill(api: &FakeApi, profile: &ProfileId, count: usize) {
    let texts: Vec<String> = (0..count).map(|n| format!("more {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    api.world().add_all(profile, &texts);
}

#[test]
fn a_queue_of_too_much_stays_as_it_was_and_edits_go_out() {
    for revisions in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
        api.world().revisions = revisions;
        let mut e = open(dir.path(), &api, 1);
        e.wait_read(1);
        let ids = [e.row(&p, 0), e.row(&p, 1)];
        fill(&api, &p, 1_000);
        e.send(SyncCommand::Refresh);
        e.wait("it is given up", |e| given_up(e, &p) == 1);
        assert_eq!(e.texts(&p), ["1", "2"]);
        // It is not asked for again and again, whatever waits for it.
        let requests = api.world().requests;
        e.edit(&p, 0, "one");
        e.wait("the edit is done", |_| api.world().done == ["edit one"]);
        assert!(api.world().requests < requests + 10);
        assert_eq!(given_up(&e, &p), 1);
        assert_eq!(api.world().queues[&p].len(), 1_002, "nothing was deleted");
        e.quit();

        let mut e = open(dir.path(), &api, 2);
        assert_eq!(e.texts(&p), ["one", "2"], "as it was, from the store");
        e.wait("it is given up again", |e| given_up(e, &p) == 1);
        api.world().queues.get_mut(&p).expect("queue").truncate(2);
        api.world().renew(&p);
        e.send(SyncCommand::Refresh);
        e.wait_settled();
        assert_eq!(e.texts(&p), ["one", "2"]);
        assert_eq!([e.row(&p, 0), e.row(&p, 1)], ids);
        assert!(e.trouble.is_empty(), "{:?}", e.trouble);
        e.quit();
    }
}

#[test]
fn a_very_long_queue_is_read_in_one_go_where_changes_have_no_numbers() {
    for count in [2_549, 2_550, 2_551, 2_700] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &[])]), profile_id("a"));
        api.world().revisions = false;
        fill(&api, &p, count);
        let mut e = Editor::open(dir.path(), &api, 1);
        e.wait_read(1);
        assert_eq!(e.texts(&p).len(), count);
        let requests = api.world().requests;
        assert!(requests < 100, "{requests} requests for {count} updates");
        e.quit();
    }
}

#[test]
fn a_queue_that_has_no_room_beside_what_is_gone_waits_until_that_is_believed() {
    for revisions in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &[])]), profile_id("a"));
        api.world().revisions = revisions;
        fill(&api, &p, 100);
        let mut e = open(dir.path(), &api, 1);
        e.wait_read(1);
        let before = e.texts(&p);
        api.world().queues.get_mut(&p).expect("queue").clear();
        api.world().renew(&p);
        let texts: Vec<String> = (0..100).map(|n| format!("other {n}")).collect();
        let others: Vec<&str> = texts.iter().map(String::as_str).collect();
        api.world().add_all(&p, &others);
        e.seen.clear();
        e.send(SyncCommand::Refresh);
        e.wait("the other queue is there", |e| e.texts(&p) != before);
        assert_eq!(e.texts(&p), texts, "never a part of both");
        assert_eq!(given_up(&e, &p), 0, "nobody has to do anything");
        e.quit();
        let e = open(dir.path(), &api, 2);
        assert_eq!(e.texts(&p), texts, "from the store");
        e.quit();
    }
}

#[test]
fn where_there_is_no_room_too_only_what_two_reads_in_a_row_lack_is_gone() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &[])]), profile_id("a"));
    api.world().revisions = false;
    fill(&api, &p, 16);
    // Of twenty such updates.
    let most = |settings: &mut Settings| settings.most_kept = 20 * 168;
    let mut e = Editor::open_with(dir.path(), &api, 1, most);
    e.wait_read(1);
    let before = e.texts(&p);
    let remote = |at: usize| api.world().queues[&p][at].id.clone();
    let (one, other) = (remote(3), remote(7));
    let texts = ["a", "b", "c", "d", "e"];
    {
        let mut world = api.world();
        world.add_all(&p, &texts);
        // One or the other, and there is no room for both.
        for _ in 0..5 {
            world.hidden.push_back(vec![one.clone()]);
            world.hidden.push_back(vec![other.clone()]);
        }
    }
    e.send(SyncCommand::Refresh);
    e.wait("it is said", |e| given_up(e, &p) == 1);
    assert_eq!(e.texts(&p), before);
    assert_eq!(api.world().hidden.len(), 6, "not again and again");
    // Twice the same one.
    api.world().hidden = [vec![one.clone()], vec![one.clone()]].into();
    e.send(SyncCommand::Refresh);
    e.wait("the rest is read", |e| e.texts(&p) != before);
    let left: Vec<&String> = before.iter().filter(|text| **text != before[3]).collect();
    let now = e.texts(&p);
    assert!(
        now.iter()
            .eq(left.into_iter().chain(&texts.map(str::to_owned))),
        "{now:?}"
    );
    e.quit();
}

#[test]
fn what_is_well_again_and_as_before_is_said_to_be_read() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = open(dir.path(), &api, 1);
    e.wait_read(1);
    let before = api.world().clone();
    fill(&api, &p, 1_000);
    e.send(SyncCommand::Refresh);
    e.wait("it is given up", |e| given_up(e, &p) == 1);
    // With the number of its changes, too.
    *api.world() = before;
    e.seen.clear();
    e.send(SyncCommand::Refresh);
    e.wait_read(1);
    assert_eq!(e.texts(&p), ["1", "2"]);
    e.quit();
}

#[test]
fn the_queues_of_an_account_share_what_is_kept_and_each_may_be_read_again() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, a, b) = (
        FakeApi::with(&[("a", &["1"]), ("b", &["2"])]),
        profile_id("a"),
        profile_id("b"),
    );
    fill(&api, &a, 99);
    let mut e = open(dir.path(), &api, 1);
    e.wait_read(2);
    fill(&api, &b, 99);
    e.send(SyncCommand::Refresh);
    e.wait("the second is given up", |e| given_up(e, &b) == 1);
    assert_eq!(e.texts(&b), ["2"]);
    // The first has its place, also while it is read anew.
    api.world().rewrite(&a, 0, "one");
    e.send(SyncCommand::Refresh);
    e.wait("the first is read", |e| e.texts(&a)[0] == "one");
    e.quit();
    // What the store holds counts from the start.
    let mut e = open(dir.path(), &api, 2);
    e.wait("the second is given up again", |e| given_up(e, &b) == 1);
    assert_eq!(e.texts(&a).len(), 100);
    // What goes makes room.
    api.world().queues.get_mut(&a).expect("queue").truncate(1);
    api.world().renew(&a);
    e.send(SyncCommand::Refresh);
    e.wait("the first is short", |e| e.texts(&a).len() == 1);
    e.send(SyncCommand::Refresh);
    e.wait("the second is read", |e| e.texts(&b).len() == 100);
    assert_eq!(given_up(&e, &a), 0);
    e.quit();
}
