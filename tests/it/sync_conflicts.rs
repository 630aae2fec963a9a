//! Others change the same queue: both intents are kept, and where that cannot be, the person decides.

use std::time::Duration;

use qurate::domain::id::OperationId;
use qurate::domain::operation::{Hold, OperationState};
use qurate::protocol::{SyncCommand, SyncEvent};

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::Editor;

fn hold_of(e: &Editor, id: OperationId) -> Option<Hold> {
    match e.state(id) {
        Some(OperationState::Held { why, .. }) => Some(why),
        _ => None,
    }
}

fn said(e: &Editor, part: &str) -> bool {
    let mut all = e.seen.iter();
    all.any(|event| matches!(event, SyncEvent::Notice(text) if text.contains(part)))
}

/// A queue of three in an editor that is offline.
fn offline(dir: &std::path::Path) -> (FakeApi, Editor) {
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir, &api, 1);
    e.wait_read(1);
    api.world().down = true;
    (api, e)
}

fn back_online(api: &FakeApi, e: &mut Editor) {
    e.wait_kept();
    api.world().down = false;
    e.send(SyncCommand::Refresh);
}

/// Somebody else gives the update at `row` another text.
fn rewrite(api: &FakeApi, row: usize, text: &str) {
    api.world().rewrite(&profile_id("a"), row, text);
}

/// Waits until the first row's update is shown to be what somebody else wrote.
fn wait_for_theirs(e: &mut Editor) {
    let p = profile_id("a");
    e.wait("theirs", |e| {
        let mirror = e.replica.queue(&p).expect("queue").mirror();
        mirror.updates[0].body.content.text == "theirs"
    });
}

#[test]
fn a_text_that_both_changed_is_held_with_both_texts_and_nothing_is_sent() {
    let p = profile_id("a");
    for mine_wins in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = offline(dir.path());
        let id = e.edit(&p, 0, "mine");
        rewrite(&api, 0, "theirs");
        back_online(&api, &mut e);
        e.wait_state(id, "Held");
        assert_eq!(hold_of(&e, id), Some(Hold::Conflict));
        assert_eq!(api.world().texts(&p)[0], "theirs");
        assert!(api.world().done.is_empty());
        // Theirs is what the mirror says, mine what the operation wants.
        wait_for_theirs(&mut e);
        assert_eq!(e.texts(&p)[0], "mine");
        if mine_wins {
            e.send(SyncCommand::Retry(id));
        } else {
            e.send(SyncCommand::Discard(id));
        }
        e.wait_settled();
        let want = if mine_wins { "mine" } else { "theirs" };
        assert_eq!(api.world().texts(&p)[0], want);
        assert_eq!(e.texts(&p)[0], want);
        e.quit();
    }
}

#[test]
fn an_edit_that_somebody_made_already_is_settled() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = offline(dir.path());
    let p = profile_id("a");
    e.edit(&p, 0, "the same");
    rewrite(&api, 0, "the same");
    back_online(&api, &mut e);
    e.wait_settled();
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn what_cannot_be_undone_is_not_done_to_what_the_person_has_not_seen() {
    let p = profile_id("a");
    for share in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = offline(dir.path());
        let id = if share {
            e.share(&p, 0)
        } else {
            e.destroy(&p, 0)
        };
        rewrite(&api, 0, "theirs");
        back_online(&api, &mut e);
        e.wait_state(id, "Held");
        assert_eq!(hold_of(&e, id), Some(Hold::Changed));
        assert!(api.world().done.is_empty());
        wait_for_theirs(&mut e);
        e.send(SyncCommand::Retry(id));
        e.wait_settled();
        assert_eq!(api.world().done.len(), 1, "now they have seen it");
        e.quit();
    }
}

#[test]
fn what_cannot_be_undone_looks_first_if_the_mirror_is_old() {
    let p = profile_id("a");
    for share in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
        let mut e = Editor::open_with(dir.path(), &api, 1, |s| s.pace.fresh = Duration::ZERO);
        e.wait_read(1);
        rewrite(&api, 0, "theirs");
        let id = if share {
            e.share(&p, 0)
        } else {
            e.destroy(&p, 0)
        };
        e.wait_state(id, "Held");
        assert_eq!(hold_of(&e, id), Some(Hold::Changed));
        assert!(api.world().done.is_empty());
        e.quit();
    }
}

#[test]
fn an_edit_made_just_when_another_text_was_read_is_held() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    // The key is pressed before the editor hears of what the worker has read.
    e.muted = Some(Vec::new());
    let id = e.edit(&p, 0, "mine");
    let late = e.muted.take().expect("muted");
    rewrite(&api, 0, "theirs");
    e.send(SyncCommand::Refresh);
    wait_for_theirs(&mut e);
    e.send(SyncCommand::Enqueue(late));
    e.wait_state(id, "Held");
    assert_eq!(hold_of(&e, id), Some(Hold::Conflict));
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn an_edit_of_what_went_out_or_was_deleted_is_held_with_its_text() {
    let p = profile_id("a");
    for sent in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, mut e) = offline(dir.path());
        let id = e.edit(&p, 0, "mine");
        {
            let mut world = api.world();
            if sent {
                world.publish(&p, 0);
            } else {
                let id = world.queues[&p][0].id.clone();
                world.remove(&id);
            }
        }
        back_online(&api, &mut e);
        e.wait_state(id, "Held");
        let why = if sent { Hold::TooLate } else { Hold::Gone };
        assert_eq!(hold_of(&e, id), Some(why));
        e.send(SyncCommand::Discard(id));
        e.wait_settled();
        e.quit();
    }
}

#[test]
fn an_update_is_gone_only_when_two_reads_agree() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    let second = api.world().queues[&p][1].id.clone();
    // A list that lacks one, once; the read also brings a change, so that it is told.
    api.world().hidden.push_back(vec![second.clone()]);
    rewrite(&api, 0, "one");
    e.send(SyncCommand::Refresh);
    e.wait("the change", |e| e.texts(&p)[0] == "one");
    assert_eq!(e.texts(&p), ["one", "2", "3"]);
    e.wait("it is read again", |_| api.world().hidden.is_empty());
    rewrite(&api, 0, "uno");
    e.send(SyncCommand::Refresh);
    e.wait("the next change", |e| e.texts(&p)[0] == "uno");
    assert_eq!(e.texts(&p), ["uno", "2", "3"]);

    api.world().remove(&second);
    e.send(SyncCommand::Refresh);
    e.wait("both reads", |e| e.texts(&p) == ["uno", "3"]);
    e.quit();
}

#[test]
fn what_most_of_a_queue_vanishing_at_once_means_is_said() {
    let dir = tempfile::tempdir().expect("dir");
    let texts: Vec<String> = (0..12).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let api = FakeApi::with(&[("a", &texts)]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    let edit = {
        api.world().down = true;
        let edit = e.edit(&p, 0, "mine");
        let mut world = api.world();
        let all: Vec<_> = world.queues[&p].iter().map(|u| u.id.clone()).collect();
        for id in &all[..11] {
            world.remove(id);
        }
        edit
    };
    back_online(&api, &mut e);
    e.wait("it is said", |e| said(e, "gone from the queue at once"));
    e.wait_state(edit, "Held");
    e.wait("the read", |e| e.rows(&p) == 1);
    assert!(!api.world().done.iter().any(|done| done.contains("destroy")));
    e.quit();
}

#[test]
fn an_edit_that_is_replaced_right_after_is_believed_the_second_time_and_said() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.settle = Duration::from_millis(150);
    });
    e.wait_read(1);
    let p = profile_id("a");
    let id = e.edit(&p, 0, "mine");
    e.wait_state(id, "Acked");
    rewrite(&api, 0, "theirs");
    e.wait_settled();
    assert_eq!(e.texts(&p)[0], "theirs");
    assert!(said(&e, "your edit “mine” was replaced by somebody else"));
    e.quit();
}

#[test]
fn a_create_that_a_list_lacks_for_a_moment_stays_on_the_screen() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.settle = Duration::from_millis(150);
    });
    e.wait_read(1);
    let p = profile_id("a");
    let id = e.create(&p, "new");
    e.wait_state(id, "Acked");
    {
        let mut world = api.world();
        let made = world.queues[&p][1].id.clone();
        world.hidden.push_back(vec![made]);
        // So that there is something to tell of the read.
        world.rewrite(&p, 0, "one");
    }
    e.wait("all settled", |e| {
        assert_eq!(e.texts(&p).last().map(String::as_str), Some("new"));
        e.replica.operations().is_empty()
    });
    assert!(api.world().hidden.is_empty());
    assert_eq!(e.texts(&p), ["one", "new"]);
    e.quit();
}

#[test]
fn a_delete_that_somebody_took_back_is_believed_the_second_time_and_said() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.settle = Duration::from_millis(150);
    });
    e.wait_read(1);
    let p = profile_id("a");
    let first = api.world().queues[&p][0].clone();
    let id = e.destroy(&p, 0);
    e.wait_state(id, "Acked");
    {
        let mut world = api.world();
        world.queues.get_mut(&p).expect("queue").insert(0, first);
        world.renew(&p);
    }
    e.wait_settled();
    assert_eq!(e.texts(&p), ["1", "2"]);
    assert!(said(&e, "“1” was deleted and is there again"));
    e.quit();
}

#[test]
fn a_queue_that_others_move_in_keeps_their_moves_and_ours() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    // While our order is on its way somebody carries 3 to the end.
    api.world().meanwhile.push_back(|world| {
        let p = profile_id("a");
        world.queues.get_mut(&p).expect("queue")[2..].rotate_left(1);
        world.renew(&p);
    });
    e.carry(&p, 5, Some(0));
    e.wait_settled();
    let texts = api.world().texts(&p);
    assert_eq!(texts, ["1", "6", "2", "4", "5", "3"]);
    assert_eq!(e.texts(&p), texts);
    e.quit();
}

#[test]
fn an_order_that_is_not_taken_as_asked_is_fitted_and_sent_again_but_not_for_ever() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let p = profile_id("a");
    let orders = |api: &FakeApi| api.world().done.iter().filter(|d| *d == "reorder").count();
    api.world().spoiled_orders = 1;
    e.carry(&p, 3, Some(0));
    e.wait_settled();
    assert_eq!(orders(&api), 2);
    assert_eq!(api.world().texts(&p), ["3", "2", "1", "4"]);
    assert_eq!(e.texts(&p), ["3", "2", "1", "4"]);
    assert!(!said(&e, "their order stays"));

    api.world().spoiled_orders = 20;
    e.carry(&p, 3, Some(0));
    e.wait("it gives in", |e| said(e, "their order stays"));
    e.wait_settled();
    assert_eq!(orders(&api), 5, "three tries");
    assert_eq!(e.texts(&p), api.world().texts(&p));
    e.quit();
}

#[test]
fn a_neighbour_that_vanishes_takes_no_move_with_it() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = offline(dir.path());
    let p = profile_id("a");
    {
        let mut world = api.world();
        world.add_all(&p, &["4", "5", "6"]);
    }
    api.world().down = false;
    e.send(SyncCommand::Refresh);
    e.wait("six", |e| e.rows(&p) == 6);
    api.world().down = true;
    // Between 4 and 5, which both vanish before the order is sent.
    e.carry(&p, 0, Some(3));
    assert_eq!(e.texts(&p), ["2", "3", "4", "1", "5", "6"]);
    {
        let mut world = api.world();
        let ids: Vec<_> = world.queues[&p].iter().map(|u| u.id.clone()).collect();
        world.remove(&ids[3]);
        world.remove(&ids[4]);
    }
    back_online(&api, &mut e);
    e.wait_settled();
    // Beside what is left of its neighbourhood, not where it was before.
    assert_eq!(api.world().texts(&p), ["2", "3", "1", "6"]);
    e.wait("both reads", |e| e.texts(&p) == ["2", "3", "1", "6"]);
    e.quit();
}

#[test]
fn a_move_whose_neighbours_are_gone_before_it_is_sent_keeps_its_place_among_the_rest() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        // Only what is asked for is read, and an order waits until that is done.
        s.pace.settle = Duration::from_mins(10);
        s.pace.reorder_rest = Duration::from_millis(1500);
        s.pace.reorder_limit = Duration::from_millis(1500);
    });
    e.wait_read(1);
    let p = profile_id("a");
    e.carry(&p, 0, Some(3));
    assert_eq!(e.texts(&p), ["2", "3", "4", "1", "5", "6"]);
    {
        let mut world = api.world();
        let ids: Vec<_> = world.queues[&p].iter().map(|u| u.id.clone()).collect();
        world.remove(&ids[3]);
        world.remove(&ids[4]);
    }
    for _ in 0..2 {
        let before = api.world().requests;
        e.send(SyncCommand::Refresh);
        e.wait("it is read", |_| api.world().requests >= before + 2);
    }
    e.wait("both are gone", |e| e.rows(&p) == 4);
    let rebased = |event: &SyncEvent| matches!(event, SyncEvent::Rebased(_));
    assert!(e.seen.iter().any(rebased), "it has other neighbours now");
    assert_eq!(e.texts(&p), ["2", "3", "1", "6"]);
    e.wait("it is sent", |_| api.world().done.len() == 1);
    assert_eq!(api.world().texts(&p), ["2", "3", "1", "6"]);
    e.quit();
}

#[test]
fn a_move_that_waits_behind_an_acknowledged_one_is_fitted_to_what_others_moved() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "6", "5"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        // Only what is asked for is read, and an order waits until that is done.
        s.pace.settle = Duration::from_mins(10);
        s.pace.reorder_rest = Duration::from_millis(1500);
        s.pace.reorder_limit = Duration::from_millis(1500);
    });
    e.wait_read(1);
    let p = profile_id("a");
    let first = e.carry(&p, 5, Some(3));
    e.wait_state(first, "Acked");
    // Between 4 and 5, of which somebody carries 4 to the top.
    e.carry(&p, 0, Some(3));
    assert_eq!(e.texts(&p), ["2", "3", "4", "1", "5", "6"]);
    {
        let mut world = api.world();
        world.queues.get_mut(&p).expect("queue")[..4].rotate_right(1);
        world.renew(&p);
        assert_eq!(world.texts(&p), ["4", "1", "2", "3", "5", "6"]);
    }
    e.send(SyncCommand::Refresh);
    e.wait("theirs and ours", |e| {
        e.texts(&p) == ["4", "2", "3", "1", "5", "6"]
    });
    e.wait("it is sent", |_| api.world().done.len() == 2);
    assert_eq!(api.world().texts(&p), ["4", "2", "3", "1", "5", "6"]);
    e.quit();
}

#[test]
fn a_held_conflict_survives_a_restart_and_a_fault() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, mut e) = offline(dir.path());
    let p = profile_id("a");
    let id = e.edit(&p, 0, "mine");
    rewrite(&api, 0, "theirs");
    back_online(&api, &mut e);
    e.wait_state(id, "Held");
    e.kill();
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait_read(1);
    assert_eq!(hold_of(&e, id), Some(Hold::Conflict));
    api.world().faults.push_back(Fault::LostReply);
    e.send(SyncCommand::Retry(id));
    e.wait_settled();
    assert_eq!(api.world().texts(&p)[0], "mine");
    assert_eq!(api.world().done, ["edit mine"]);
    e.quit();
}
