//! What the server refuses: done already, too late, gone, or a fault of the operation itself.

use std::time::Duration;

use qurate::domain::id::OperationId;
use qurate::domain::operation::{Hold, OperationState};
use qurate::protocol::{Link, SyncCommand, SyncEvent};

use super::fake_api::{FakeApi, Fault, World, profile_id};
use super::sync_harness::Editor;

/// A reason that says nothing of the update.
const OTHER: Fault = Fault::Refused { code: 1003 };
const DUPLICATE: Fault = Fault::Refused { code: 1025 };

/// What a person does.
type Act = fn(&mut Editor) -> OperationId;

/// A queue of three, read by an editor.
fn begin(dir: &std::path::Path) -> (FakeApi, Editor) {
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir, &api, 1);
    e.wait_read(1);
    (api, e)
}

fn remove_first(world: &mut World) {
    let first = world.queues[&profile_id("a")][0].id.clone();
    world.remove(&first);
}

fn publish_first(world: &mut World) {
    world.publish(&profile_id("a"), 0);
}

/// What a lost create comes to if it arrives late.
fn add_new(world: &mut World) {
    world.add(&profile_id("a"), "new", None);
}

fn wait_held(e: &mut Editor, id: OperationId, want: Hold) {
    e.wait_state(id, "Held");
    match e.state(id) {
        Some(OperationState::Held { why, .. }) => assert_eq!(why, want),
        other => panic!("{other:?}"),
    }
}

fn wait_failed(e: &mut Editor, id: OperationId, want: i64) {
    e.wait_state(id, "Failed");
    let reason = "no, says the server".to_owned();
    let code = Some(want);
    assert_eq!(e.state(id), Some(OperationState::Failed { code, reason }));
}

fn creates(e: &Editor) -> usize {
    let called = e.seen.iter().filter(|event| match event {
        SyncEvent::Called(called) => called.what.contains("POST updates/create"),
        _ => false,
    });
    called.count()
}

#[test]
fn what_is_refused_for_a_reason_of_its_own_fails_and_says_why() {
    let p = profile_id("a");
    let acts: [Act; 5] = [
        |e| e.edit(&profile_id("a"), 0, "one"),
        |e| e.destroy(&profile_id("a"), 0),
        |e| e.share(&profile_id("a"), 0),
        |e| e.create(&profile_id("a"), "new"),
        |e| e.carry(&profile_id("a"), 0, Some(1)),
    ];
    for act in acts {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        api.world().faults.push_back(OTHER);
        let id = act(&mut e);
        wait_failed(&mut e, id, 1003);
        assert!(api.world().done.is_empty());
        assert_eq!(api.world().texts(&p), ["1", "2", "3"]);
        e.quit();
    }
}

#[test]
fn a_delete_of_what_was_deleted_meanwhile_is_done() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().meanwhile.push_back(remove_first);
    e.destroy(&p, 0);
    e.wait_settled();
    assert_eq!(e.texts(&p), ["2", "3"]);
    assert_eq!(api.world().texts(&p), ["2", "3"]);
    e.quit();
}

#[test]
fn a_share_of_what_went_out_meanwhile_is_done() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().meanwhile.push_back(publish_first);
    e.share(&p, 0);
    e.wait_settled();
    assert_eq!(api.world().sent_texts(&p), ["1"]);
    assert_eq!(e.texts(&p), ["2", "3"]);
    e.quit();
}

/// Has a share be looked up that was refused as it went out meanwhile, and the look fail.
fn share_with_a_look_that(fails: Fault, api: &FakeApi, e: &mut Editor) -> OperationId {
    // Then the look is the next read.
    e.wait("the sent page", |e| {
        let is_sent = |event: &SyncEvent| matches!(event, SyncEvent::Sent(_));
        e.seen.iter().any(is_sent)
    });
    api.world().meanwhile.push_back(publish_first);
    api.world().read_faults.push_back(fails);
    e.share(&profile_id("a"), 0)
}

#[test]
fn a_look_that_fails_tells_nothing_of_the_share() {
    for (fault, is_answer) in [
        (Fault::NotSent, false),
        (Fault::Failing { done: false }, false),
        (OTHER, true),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        let p = profile_id("a");
        let id = share_with_a_look_that(fault, &api, &mut e);
        e.wait("it settles", |e| {
            let held = matches!(e.state(id), Some(OperationState::Held { .. }));
            assert!(!held, "{fault:?}");
            e.state(id).is_none()
        });
        assert_eq!(api.world().sent_texts(&p), ["1"]);
        let is_failed_look = |event: &&SyncEvent| match event {
            SyncEvent::Called(called) => called.what.starts_with("GET updates/") && !called.good,
            _ => false,
        };
        let mut after = e.seen.iter().skip_while(|event| !is_failed_look(event));
        assert!(after.next().is_some(), "it was the look that failed");
        let offline = after.any(|event| matches!(event, SyncEvent::Link(Link::Offline { .. })));
        assert_eq!(offline, !is_answer, "{fault:?}");
        e.quit();
    }
}

#[test]
fn a_look_whose_token_is_refused_stops_everything() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let id = share_with_a_look_that(Fault::SignIn, &api, &mut e);
    e.wait("sign in", |e| matches!(e.link, Link::SignIn { .. }));
    assert_eq!(e.state(id), Some(OperationState::Unknown));
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    assert_eq!(api.world().sent_texts(&profile_id("a")), ["1"]);
    e.quit();
}

#[test]
fn what_comes_too_late_or_is_about_nothing_is_held_and_says_which() {
    let p = profile_id("a");
    let edit: Act = |e| e.edit(&profile_id("a"), 0, "one");
    let destroy: Act = |e| e.destroy(&profile_id("a"), 0);
    let share: Act = |e| e.share(&profile_id("a"), 0);
    let gone: fn(&mut World) = remove_first;
    let out: fn(&mut World) = publish_first;
    for (act, meanwhile, why) in [
        (edit, gone, Hold::Gone),
        (edit, out, Hold::TooLate),
        (destroy, out, Hold::TooLate),
        (share, gone, Hold::Gone),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = begin(dir.path());
        api.world().meanwhile.push_back(meanwhile);
        let id = act(&mut e);
        wait_held(&mut e, id, why);
        assert!(api.world().done.is_empty());
        assert_eq!(api.world().texts(&p), ["2", "3"]);
        e.quit();
    }
}

#[test]
fn a_create_that_is_a_duplicate_of_itself_is_found() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    // The first request comes through only just before the second.
    api.world()
        .faults
        .extend([Fault::LostRequest, Fault::Refused { code: 1025 }]);
    api.world().meanwhile.push_back(add_new);
    e.create(&p, "new");
    e.wait_settled();
    assert_eq!(creates(&e), 2);
    assert_eq!(api.world().texts(&p), ["1", "2", "3", "new"]);
    assert_eq!(e.texts(&p), api.world().texts(&p));
    e.quit();
}

#[test]
fn a_create_that_is_a_duplicate_of_itself_is_found_after_a_restart_too() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    // Looking shows nothing of the first try, and the second has to wait.
    let later = Fault::Later(Duration::from_mins(10));
    api.world().faults.extend([Fault::LostRequest, later]);
    let id = e.create(&p, "new");
    e.wait("it waits", |e| matches!(e.link, Link::Limited { .. }));
    e.wait_state(id, "Queued");
    e.kill();
    api.world().faults.push_back(DUPLICATE);
    api.world().meanwhile.push_back(add_new);
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait_settled();
    assert_eq!(creates(&e), 1);
    assert_eq!(api.world().texts(&p), ["1", "2", "3", "new"]);
    assert_eq!(e.texts(&p), api.world().texts(&p));
    e.quit();
}

#[test]
fn a_create_that_is_a_duplicate_of_another_or_is_refused_otherwise_fails() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().faults.push_back(DUPLICATE);
    let id = e.create(&p, "first");
    wait_failed(&mut e, id, 1025);
    api.world().faults.extend([Fault::LostRequest, OTHER]);
    let id = e.create(&p, "second");
    wait_failed(&mut e, id, 1003);
    assert_eq!(creates(&e), 3);
    e.quit();
}

#[test]
fn an_edit_that_went_out_with_a_create_that_is_refused_waits_for_it() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    let made = e.create(&p, "draft");
    let edit = e.edit(&p, 3, "made");
    e.wait_kept();
    e.kill();
    api.world().down = false;
    api.world().faults.push_back(OTHER);
    let mut e = Editor::open(dir.path(), &api, 2);
    wait_failed(&mut e, made, 1003);
    assert_eq!(e.state(edit), Some(OperationState::Queued));
    assert_eq!(creates(&e), 1);
    e.quit();
}

#[test]
fn an_edit_and_share_that_is_refused_fails_as_a_whole() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = begin(dir.path());
    let p = profile_id("a");
    api.world().down = true;
    let edit = e.edit(&p, 0, "one");
    let share = e.share(&p, 0);
    e.wait_kept();
    e.kill();
    api.world().down = false;
    api.world().faults.push_back(OTHER);
    let mut e = Editor::open(dir.path(), &api, 2);
    wait_failed(&mut e, edit, 1003);
    wait_failed(&mut e, share, 1003);
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn creates_that_are_refused_together_are_sent_one_by_one() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &[]), ("b", &[])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    let profiles = ["a", "b"].map(profile_id);
    api.world().faults.extend([OTHER, OTHER]);
    let ids = e.create_for(&profiles, "to all");
    let failed = |e: &Editor, id| matches!(e.state(id), Some(OperationState::Failed { .. }));
    e.wait("one of them", |e| {
        ids.iter().any(|&id| failed(e, id)) && ids.iter().any(|&id| e.state(id).is_none())
    });
    assert_eq!(creates(&e), 3);
    assert_eq!(api.world().done, ["create to all"]);
    e.quit();
}
