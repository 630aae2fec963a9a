//! Requests whose outcome is not known: looked up, sent again only where that is safe, else held.

use std::time::Duration;

use qurate::domain::operation::{Change, Editable, Hold, OperationState, Placement};
use qurate::protocol::{Link, SyncCommand, SyncEvent};

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::{Editor, content};

fn count(api: &FakeApi, what: &str) -> usize {
    api.world().done.iter().filter(|done| *done == what).count()
}

fn requests(e: &Editor, what: &str) -> usize {
    let called = e.seen.iter().filter_map(|event| match event {
        SyncEvent::Called(called) => Some(called),
        _ => None,
    });
    called.filter(|called| called.what.contains(what)).count()
}

fn notices(e: &Editor) -> Vec<&str> {
    let all = e.seen.iter().filter_map(|event| match event {
        SyncEvent::Notice(text) => Some(text.as_str()),
        _ => None,
    });
    all.collect()
}

fn hold_of(e: &Editor, id: qurate::domain::id::OperationId) -> Option<Hold> {
    match e.state(id) {
        Some(OperationState::Held { why, .. }) => Some(why),
        _ => None,
    }
}

/// A queue of three, read by an editor.
fn begin(dir: &std::path::Path) -> (FakeApi, Editor) {
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir, &api, 1);
    e.wait_read(1);
    (api, e)
}

#[test]
fn a_create_that_never_arrived_at_a_healthy_server_is_sent_again_once() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().faults.push_back(Fault::LostRequest);
    e.create(&p, "new");
    e.wait_settled();
    assert_eq!(count(&api, "create new"), 1);
    assert_eq!(requests(&e, "POST updates/create"), 2);

    api.world()
        .faults
        .extend([Fault::LostRequest, Fault::LostRequest]);
    let id = e.create(&p, "unlucky");
    e.wait_state(id, "Held");
    assert_eq!(hold_of(&e, id), Some(Hold::Unconfirmed));
    assert_eq!(requests(&e, "POST updates/create"), 4, "never a third time");
    e.send(SyncCommand::Retry(id));
    e.wait_settled();
    assert_eq!(count(&api, "create unlucky"), 1, "the person decided");
    e.quit();
}

#[test]
fn a_create_is_not_sent_again_where_it_may_still_arrive() {
    for (fault, before) in [
        (Fault::Silent { done: false }, None),
        (Fault::Failing { done: false }, None),
        // The connection broke, but the server has not been well.
        (Fault::LostRequest, Some(Fault::Failing { done: true })),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        let p = profile_id("a");
        if let Some(before) = before {
            api.world().faults.push_back(before);
            e.edit(&p, 0, "one");
            e.wait_settled();
        }
        api.world().faults.push_back(fault);
        let id = e.create(&p, "new");
        e.wait_state(id, "Held");
        assert_eq!(requests(&e, "POST updates/create"), 1, "{fault:?}");
        assert_eq!(count(&api, "create new"), 0);
        // It arrives late all the same: then it is found, and not twice on the screen.
        api.world().add(&p, "new", None);
        e.send(SyncCommand::Refresh);
        e.wait_settled();
        assert_eq!(e.texts(&p).last().map(String::as_str), Some("new"));
        e.quit();
    }
}

#[test]
fn a_create_that_was_made_is_found_whatever_its_reply() {
    for fault in [
        Fault::LostReply,
        Fault::Silent { done: true },
        Fault::Failing { done: true },
    ] {
        for placement in [Placement::Queue, Placement::Top, Placement::Now] {
            let dir = tempfile::tempdir().expect("dir");
            let (api, mut e) = begin(dir.path());
            let p = profile_id("a");
            api.world().faults.push_back(fault);
            e.create_at(&p, "new", placement);
            e.wait_settled();
            assert_eq!(requests(&e, "POST updates/create"), 1, "{fault:?}");
            assert_eq!(api.world().done.len(), 1);
            e.quit();
        }
    }
}

#[test]
fn what_only_looks_like_a_lost_create_is_left_to_the_person() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    let text = "a rather long text that a server may well cut at its end, who knows";
    api.world().faults.push_back(Fault::LostRequest);
    let id = e.create(&p, text);
    e.wait_state(id, "Unknown");
    api.world()
        .add(&p, "a rather long text that a server may well cut…", None);
    e.wait_state(id, "Held");
    assert_eq!(requests(&e, "POST updates/create"), 1);
    match e.state(id) {
        Some(OperationState::Held { reason, .. }) => assert!(reason.contains("looks like it")),
        other => panic!("{other:?}"),
    }
    e.quit();
}

#[test]
fn a_second_one_of_a_create_that_was_looked_for_is_said() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().faults.push_back(Fault::LostReply);
    e.create(&p, "new");
    e.wait_settled();
    // As if the first request had been done twice.
    api.world().add(&p, "new", None);
    e.send(SyncCommand::Refresh);
    e.wait("it is said", |e| {
        notices(e)
            .iter()
            .any(|text| text.contains("possible duplicate"))
    });
    e.wait("both, as nothing is deleted by itself", |e| e.rows(&p) == 5);
    e.quit();
}

#[test]
fn a_second_one_is_said_also_of_a_create_that_a_read_found_by_the_way() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.looks[0] = Duration::from_mins(10);
    });
    e.wait_read(1);
    let p = profile_id("a");
    api.world().faults.push_back(Fault::LostReply);
    let lost = e.create(&p, "new");
    e.wait_state(lost, "Unknown");
    e.edit(&p, 0, "one");
    e.wait_settled();
    api.world().add(&p, "new", None);
    e.send(SyncCommand::Refresh);
    e.wait("both", |e| e.rows(&p) == 5);
    e.wait("it is said", |e| {
        let said = notices(e);
        said.iter().any(|text| text.contains("possible duplicate"))
    });
    e.quit();
}

#[test]
fn what_only_resembles_a_create_that_was_looked_for_is_no_second_one() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1"]), ("b", &["1"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    let (p, q) = (profile_id("a"), profile_id("b"));
    e.create(&p, "plain");
    e.wait_settled();
    api.world().faults.push_back(Fault::LostReply);
    e.create(&p, "lost");
    e.wait_settled();
    // One more of what was plainly made, another text, and the text in another queue.
    api.world().add_all(&p, &["plain", "other"]);
    api.world().add(&q, "lost", None);
    e.send(SyncCommand::Refresh);
    e.wait("all of them", |e| e.rows(&p) == 5 && e.rows(&q) == 2);
    assert_eq!(notices(&e), [""; 0]);
    e.quit();
}

#[test]
fn an_edit_that_went_out_with_a_create_that_is_not_found_waits_for_it() {
    for fault in [Fault::Silent { done: false }, Fault::LostRequest] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        let p = profile_id("a");
        api.world().down = true;
        let made = e.create(&p, "draft");
        let edit = e.edit(&p, 3, "made");
        e.wait_kept();
        e.kill();
        api.world().down = false;
        // Neither the first try nor, where there is one, the second arrives.
        api.world().faults.extend([fault, fault]);
        let mut e = Editor::open(dir.path(), &api, 2);
        e.wait_state(made, "Held");
        assert_eq!(e.state(edit), Some(OperationState::Queued), "{fault:?}");
        api.world().faults.clear();
        e.send(SyncCommand::Retry(made));
        e.wait_settled();
        assert_eq!(api.world().texts(&p), ["1", "2", "3", "made"]);
        assert_eq!(e.texts(&p), api.world().texts(&p));
        e.quit();
    }
}

#[test]
fn a_create_that_could_not_connect_takes_later_edits_along() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    e.create(&p, "draft");
    e.wait_kept();
    e.edit(&p, 3, "made");
    e.wait_kept();
    api.world().down = false;
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    assert_eq!(api.world().done, ["create made"]);
    e.quit();
}

#[test]
fn a_create_that_may_have_arrived_is_sent_again_as_it_was() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    // The second try is not let in: that tells nothing of the first.
    let later = Fault::Later(Duration::from_secs(1));
    api.world().faults.extend([Fault::LostRequest, later]);
    e.create(&p, "draft");
    e.wait("it waits", |e| matches!(e.link, Link::Limited { .. }));
    e.edit(&p, 3, "made");
    e.wait_settled();
    assert_eq!(api.world().done, ["create draft", "edit made"]);
    e.quit();
}

#[test]
fn what_was_done_while_offline_is_as_few_requests_as_can_be() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    // Edited twice; edited and shared; made and edited; made and thrown away.
    e.edit(&p, 0, "one");
    e.edit(&p, 0, "uno");
    e.edit(&p, 1, "two");
    e.create(&p, "draft");
    e.edit(&p, 3, "made");
    e.create(&p, "nothing");
    e.destroy(&p, 4);
    e.share(&p, 1);
    e.wait_kept();
    e.kill();
    let before = api.world().done.len();
    let mut e = Editor::open(dir.path(), &api, 2);
    api.world().down = false;
    e.wait_settled();
    e.wait_read(1);
    let mut done = api.world().done.split_off(before);
    done.sort();
    assert_eq!(done, ["create made", "edit and share two", "edit uno"]);
    assert_eq!(e.texts(&p), ["uno", "3", "made"]);
    assert_eq!(api.world().texts(&p), e.texts(&p));
    e.quit();
}

#[test]
fn one_request_makes_an_update_for_all_its_profiles() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &[]), ("b", &[]), ("c", &[])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(3);
    let profiles = ["a", "b", "c"].map(profile_id);
    let ids = e.create_for(&profiles, "to all");
    e.wait_settled();
    assert_eq!(requests(&e, "POST updates/create for 3"), 1);
    for profile in &profiles {
        assert_eq!(api.world().texts(profile), ["to all"]);
    }
    // Its reply is lost: each is looked for in its own queue, and none is made again.
    api.world().faults.push_back(Fault::LostReply);
    e.create_for(&profiles, "again");
    e.wait_settled();
    for profile in &profiles {
        assert_eq!(api.world().texts(profile), ["to all", "again"]);
    }
    assert_eq!(ids.len(), 3);
    e.quit();
}

#[test]
fn an_edit_that_is_published_at_once_is_looked_up_as_one() {
    for (fault, calls) in [
        (Fault::LostReply, 1),
        (Fault::LostRequest, 2),
        (Fault::Silent { done: true }, 1),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        let p = profile_id("a");
        api.world().down = true;
        e.edit(&p, 0, "new text");
        e.share(&p, 0);
        e.wait_kept();
        e.kill();
        api.world().down = false;
        api.world().faults.push_back(fault);
        let mut e = Editor::open(dir.path(), &api, 2);
        e.wait_settled();
        assert_eq!(api.world().sent_texts(&p), ["new text"], "{fault:?}");
        assert_eq!(api.world().done, ["edit and share new text"]);
        assert_eq!(requests(&e, "POST"), calls, "{fault:?}");
        e.quit();
    }
}

#[test]
fn a_lost_share_is_looked_for_at_its_own_times() {
    let never = Duration::from_mins(10);
    let p = profile_id("a");
    for share in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
        let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
            if share {
                s.pace.looks[0] = never;
            } else {
                s.pace.share_looks[0] = never;
            }
        });
        e.wait_read(1);
        // What makes an update is looked for as what makes one, also where it publishes.
        api.world().faults.push_back(Fault::LostReply);
        if share {
            e.share(&p, 0);
        } else {
            e.create_at(&p, "new", Placement::Now);
        }
        e.wait_settled();
        // The first look comes at its time, and not before.
        api.world().faults.push_back(Fault::LostRequest);
        let lost = if share {
            e.edit(&p, 0, "one")
        } else {
            e.share(&p, 0)
        };
        e.wait_state(lost, "Unknown");
        e.seen.clear();
        let other = e.edit(&p, 1, "other");
        e.wait("another settles", |e| e.state(other).is_none());
        assert_eq!(e.state(lost), Some(OperationState::Unknown));
        assert_eq!(requests(&e, "GET updates/"), 0);
        e.quit();
    }
}

#[test]
fn an_act_that_says_something_else_to_each_profile_is_a_request_for_each() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &[]), ("b", &[])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    let (p, q) = (profile_id("a"), profile_id("b"));
    e.muted = Some(Vec::new());
    e.create(&p, "to a");
    e.create(&q, "to b");
    let mut act = e.muted.take().expect("muted");
    act[1].group = act[0].group;
    e.send(SyncCommand::Enqueue(act));
    e.wait_settled();
    assert_eq!(api.world().texts(&p), ["to a"]);
    assert_eq!(api.world().texts(&q), ["to b"]);
    assert_eq!(requests(&e, "POST updates/create"), 2);
    e.quit();
}

#[test]
fn a_lost_edit_of_line_breaks_only_is_not_taken_for_done() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["two lines"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    api.world().faults.push_back(Fault::LostRequest);
    e.edit(&p, 0, "two\nlines");
    e.wait_settled();
    assert_eq!(api.world().texts(&p), ["two\nlines"]);
    e.quit();
}

#[test]
fn a_kill_between_the_request_of_several_and_its_reply_changes_nothing() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    e.create(&p, "draft");
    e.edit(&p, 3, "made");
    e.edit(&p, 0, "one");
    e.edit(&p, 0, "uno");
    e.wait_kept();
    e.kill();
    api.world().down = false;
    api.world()
        .faults
        .extend([Fault::Hang { done: true }, Fault::Hang { done: true }]);
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait("the first is done", |_| api.world().done.len() == 1);
    e.kill();
    let mut e = Editor::open(dir.path(), &api, 3);
    e.wait("the second is done", |_| api.world().done.len() == 2);
    e.kill();
    let mut e = Editor::open(dir.path(), &api, 4);
    e.wait_settled();
    e.wait_read(1);
    let mut done = api.world().done.clone();
    done.sort();
    assert_eq!(done, ["create made", "edit uno"]);
    assert_eq!(e.texts(&p), ["uno", "2", "3", "made"]);
    e.quit();
}

#[test]
fn an_edit_back_to_what_it_was_is_no_request() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    e.edit(&p, 0, "one");
    let update = e.row(&p, 0);
    let of = |text: &str| Editable {
        content: content(text),
        own_time: None,
    };
    e.act(
        &p,
        Change::Edit {
            update,
            base: of("one"),
            want: of("1"),
        },
    );
    e.kill();
    api.world().down = false;
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait_settled();
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn what_a_server_fails_at_for_ever_is_left_to_the_person() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    let failing = || (0..100).map(|_| Fault::Failing { done: false });
    api.world().faults.extend(failing());
    let order = e.carry(&p, 0, Some(2));
    e.wait_state(order, "Failed");
    assert_eq!(requests(&e, "reorder"), 8);
    let edit = e.edit(&p, 0, "other");
    e.wait_state(edit, "Failed");
    assert_eq!(requests(&e, "POST updates/"), 8);
    // It is what the person says that counts then.
    api.world().faults.clear();
    for id in [order, edit] {
        e.send(SyncCommand::Retry(id));
    }
    e.wait_settled();
    assert_eq!(api.world().texts(&p).len(), 3);
    e.quit();
}
