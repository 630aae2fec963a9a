//! The worker through its commands and events, with real files and an API that fails by script.

use std::sync::Arc;
use std::time::{Duration, Instant};

use qurate::domain::draft::Draft;
use qurate::domain::id::{IdSource, LocalId, OperationId};
use qurate::domain::operation::{OperationState, Placement};
use qurate::domain::tag::Tagged;
use qurate::domain::time::Timestamp;
use qurate::protocol::{Leaving, Link, SyncCommand, SyncEvent};
use tokio::sync::Semaphore;
use ulid::Ulid;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::{Editor, now, sql};

fn count(api: &FakeApi, what: &str) -> usize {
    api.world().done.iter().filter(|done| *done == what).count()
}

#[test]
fn every_kind_of_edit_reaches_the_api_and_settles() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (
        FakeApi::with(&[("a", &["1", "2", "3", "4"])]),
        profile_id("a"),
    );
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    assert_eq!(e.texts(&p), ["1", "2", "3", "4"]);
    e.edit(&p, 0, "one");
    e.carry(&p, 0, Some(2));
    e.create(&p, "5");
    e.create_at(&p, "0", Placement::Top);
    e.destroy(&p, 1);
    let shown = e.texts(&p);
    assert_eq!(shown, ["0", "3", "one", "4", "5"]);
    e.wait_settled();
    assert_eq!(api.world().texts(&p), shown);
    assert_eq!(e.texts(&p), shown);
    e.share(&p, 2);
    e.wait_settled();
    assert_eq!(api.world().sent_texts(&p), ["one"]);
    e.wait("the sent page", |e| {
        e.seen.iter().any(|event| match event {
            SyncEvent::Sent(page) => page.updates.iter().any(|u| u.body.content.text == "one"),
            _ => false,
        })
    });
    e.quit();
}

#[test]
fn a_create_keeps_the_id_it_was_made_with() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    for (row, fault) in [(1, Fault::None), (2, Fault::LostReply)] {
        api.world().faults.push_back(fault);
        e.create(&p, "new");
        let id = e.row(&p, row);
        e.wait_settled();
        assert_eq!(e.row(&p, row), id, "{fault:?}");
    }
    e.quit();
}

#[test]
fn the_worker_gives_no_id_that_an_editor_with_the_same_random_bits_gives() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2", "3"])]), profile_id("a"));
    let before = now();
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let given: Vec<LocalId> = (0..3).map(|row| e.row(&p, row)).collect();
    for second in before.0..=now().0 {
        let mut ids = IdSource::new(1);
        for _ in 0..20 {
            let id = LocalId::from(ids.ulid(Timestamp(second)));
            assert!(!given.contains(&id), "{id:?} would be of two updates");
        }
    }
    e.quit();
}

#[test]
fn the_first_read_that_shows_a_create_settles_it() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let id = e.create(&p, "new");
    e.wait_state(id, "Acked");
    e.seen.clear();
    e.wait_settled();
    let reads = e.seen.iter().filter(|event| match event {
        SyncEvent::Called(called) => called.what.contains("updates/pending"),
        _ => false,
    });
    assert_eq!(reads.count(), 1);
    e.quit();
}

#[test]
fn what_is_old_is_read_again_first_and_no_more_than_is_needed() {
    let texts: Vec<String> = (0..301).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (whole, one) = ("GET profiles/a/updates/pending", "GET updates/");
    let edit: fn(&mut Editor) -> OperationId = |e| e.edit(&profile_id("a"), 0, "one");
    let destroy: fn(&mut Editor) -> OperationId = |e| e.destroy(&profile_id("a"), 0);
    for (act, rows, soon, first) in [
        // One read serves all edits of a short queue.
        (edit, 300, false, whole),
        (edit, 301, false, one),
        (edit, 300, true, one),
        (destroy, 300, false, one),
    ] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &[])]), profile_id("a"));
        if soon {
            api.world().add(&p, "soon", Some(now().plus(90)));
        }
        api.world().add_all(&p, &texts[usize::from(soon)..rows]);
        let fresh = Duration::from_millis(300);
        let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
            (s.pace.fresh, s.pace.edit_fresh) = (fresh, fresh);
        });
        e.wait_read(1);
        let begun = Instant::now();
        e.wait("it is old", |_| begun.elapsed() > fresh * 2);
        e.seen.clear();
        act(&mut e);
        e.wait_settled();
        let called = e.seen.iter().find_map(|event| match event {
            SyncEvent::Called(called) => Some(called.what.as_str()),
            _ => None,
        });
        assert!(
            called.is_some_and(|what| what.starts_with(first)),
            "{called:?} {rows} {soon}"
        );
        e.quit();
    }
}

#[test]
fn a_create_that_goes_out_at_once_is_shown_among_the_sent() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    let is_sent = |e: &Editor, text: Option<&str>| {
        e.seen.iter().any(|event| match event {
            SyncEvent::Sent(page) => {
                let mut texts = page.updates.iter().map(|u| u.body.content.text.as_str());
                text.is_none_or(|text| texts.any(|t| t == text))
            }
            _ => false,
        })
    };
    e.wait("the sent page", |e| is_sent(e, None));
    e.create_at(&p, "new", Placement::Now);
    e.wait("it is there", |e| is_sent(e, Some("new")));
    e.quit();
}

#[test]
fn an_edit_is_on_disk_while_the_network_hangs() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().faults.push_back(Fault::Hang { done: false });
    let first = e.edit(&p, 0, "one");
    e.wait_state(first, "InFlight");
    let second = e.edit(&p, 1, "two");
    e.wait_state(second, "Queued");
    e.kill();

    let mut e = Editor::open(dir.path(), &api, 2);
    assert_eq!(e.texts(&p), ["one", "two"], "shown before any network");
    e.wait_settled();
    assert_eq!(api.world().texts(&p), ["one", "two"]);
    e.quit();
}

#[test]
fn acknowledged_edits_never_vanish() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    for i in 0..40 {
        // A read is under way whenever an edit comes.
        e.send(SyncCommand::Refresh);
        let text = format!("text {i}");
        e.edit(&p, 0, &text);
        let want = vec![text, "2".to_owned()];
        let patience = Instant::now() + Duration::from_millis(15);
        e.wait("some events", |e| {
            assert_eq!(e.texts(&p), want);
            Instant::now() > patience
        });
    }
    e.wait_settled();
    assert_eq!(e.texts(&p)[0], "text 39");
    e.quit();
}

#[test]
fn a_create_whose_reply_is_lost_is_found_and_made_once() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().faults.push_back(Fault::LostReply);
    e.create(&p, "new");
    e.wait_settled();
    assert_eq!(count(&api, "create new"), 1);
    assert_eq!(e.texts(&p), ["1", "new"]);
    e.quit();
}

#[test]
fn a_create_in_flight_at_a_kill_is_found_and_made_once() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().faults.push_back(Fault::Hang { done: true });
    let id = e.create(&p, "new");
    e.wait_state(id, "InFlight");
    e.wait("the server did it", |_| count(&api, "create new") == 1);
    e.kill();

    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait_settled();
    e.wait_read(1);
    assert_eq!(count(&api, "create new"), 1);
    assert_eq!(e.texts(&p), ["1", "new"]);
    e.quit();
}

#[test]
fn a_create_that_may_still_arrive_is_held_and_never_sent_again_by_itself() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().faults.push_back(Fault::Silent { done: false });
    let id = e.create(&p, "new");
    e.wait_state(id, "Held");
    e.send(SyncCommand::Refresh);
    let edit = e.edit(&p, 0, "one");
    e.wait("the edit settles", |e| e.state(edit).is_none());
    e.kill();
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait_read(1);
    e.wait_state(id, "Held");
    assert_eq!(count(&api, "create new"), 0);

    e.send(SyncCommand::Retry(id));
    e.wait_settled();
    assert_eq!(count(&api, "create new"), 1, "the person decided");
    e.quit();
}

#[test]
fn a_share_that_cannot_be_confirmed_is_held() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world()
        .faults
        .extend([Fault::LostReply, Fault::LostRequest, Fault::LostRequest]);
    e.share(&p, 0);
    e.wait_settled();
    assert_eq!(api.world().sent_texts(&p), ["1"]);
    let second = e.share(&p, 0);
    e.wait_state(second, "Held");
    assert_eq!(count(&api, "share"), 1, "sent again once, and lost again");
    assert!(api.world().faults.is_empty());
    assert_eq!(e.texts(&p), ["2"], "it is back in the queue");
    e.send(SyncCommand::Discard(second));
    e.wait_settled();
    e.quit();
}

#[test]
fn lost_edits_deletes_and_orders_are_looked_up_and_done_once() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (
        FakeApi::with(&[("a", &["1", "2", "3", "4"])]),
        profile_id("a"),
    );
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    for fault in [Fault::LostRequest, Fault::LostReply] {
        api.world().faults.push_back(fault);
        let text = format!("{fault:?}");
        e.edit(&p, 0, &text);
        e.wait_settled();
        assert_eq!(count(&api, &format!("edit {text}")), 1);
    }
    for fault in [Fault::LostRequest, Fault::LostReply] {
        api.world().faults.push_back(fault);
        e.carry(&p, 0, Some(2));
        let shown = e.texts(&p);
        e.wait_settled();
        assert_eq!(e.texts(&p), shown);
        assert_eq!(api.world().texts(&p), shown);
    }
    for fault in [Fault::LostRequest, Fault::LostReply] {
        api.world().faults.push_back(fault);
        e.destroy(&p, 0);
        let shown = e.texts(&p);
        e.wait_settled();
        assert_eq!(api.world().texts(&p), shown);
    }
    assert_eq!(count(&api, "destroy"), 2);
    assert_eq!(count(&api, "reorder"), 2);
    e.quit();
}

#[test]
fn what_was_edited_offline_goes_out_when_the_line_is_back() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2", "3"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().down = true;
    e.edit(&p, 0, "one");
    e.create(&p, "4");
    e.carry(&p, 0, Some(3));
    e.destroy(&p, 0);
    let shown = e.texts(&p);
    e.wait("offline", |e| matches!(e.link, Link::Offline { .. }));
    e.kill();
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait("still offline", |e| matches!(e.link, Link::Offline { .. }));
    assert_eq!(e.texts(&p), shown, "the queue shows at once, also offline");
    api.world().down = false;
    e.wait_settled();
    assert!(matches!(e.link, Link::Online { .. }));
    assert_eq!(api.world().texts(&p), shown);
    e.quit();
}

#[test]
fn many_moves_are_one_request() {
    let dir = tempfile::tempdir().expect("dir");
    let texts: Vec<String> = (0..30).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (api, p) = (FakeApi::with(&[("a", &texts)]), profile_id("a"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.reorder_rest = Duration::from_millis(150);
        s.pace.reorder_limit = Duration::from_secs(10);
    });
    e.wait_read(1);
    for row in 0..20 {
        e.carry(&p, row, Some(row + 1));
    }
    let shown = e.texts(&p);
    e.wait_settled();
    assert_eq!(count(&api, "reorder"), 1);
    assert_eq!(api.world().texts(&p), shown);
    e.quit();
}

#[test]
fn what_is_in_its_window_can_be_taken_back_and_waits_for_nothing_else() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2", "3"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let update = e.row(&p, 0);
    let seen = super::sync_harness::content("1");
    let share = qurate::domain::operation::Change::Share { update, seen };
    let id = e.act_after(&p, share, Some(now().plus(600)));
    let edit = e.edit(&p, 0, "two");
    let moved = e.carry(&p, 0, Some(1));
    e.wait("the edit and the move settle", |e| {
        e.state(edit).is_none() && e.state(moved).is_none()
    });
    assert_eq!(e.state(id), Some(OperationState::Queued));
    e.send(SyncCommand::Cancel(vec![id]));
    e.wait("cancelled", |e| e.seen.contains(&SyncEvent::Cancelled(id)));
    e.send(SyncCommand::Cancel(vec![edit]));
    e.wait("too late", |e| e.seen.contains(&SyncEvent::TooLate(edit)));
    assert_eq!(count(&api, "share"), 0);
    assert_eq!(api.world().texts(&p), ["1", "3", "two"]);
    e.quit();
}

#[test]
fn quitting_is_quick_holds_shares_and_keeps_the_rest() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2", "3"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let window = Some(now().plus(600));
    let (first, second) = (e.row(&p, 0), e.row(&p, 1));
    let share = qurate::domain::operation::Change::Share {
        update: first,
        seen: super::sync_harness::content("1"),
    };
    let destroy = qurate::domain::operation::Change::Destroy {
        update: second,
        seen: super::sync_harness::content("2"),
    };
    let share = e.act_after(&p, share, window);
    let destroy = e.act_after(&p, destroy, window);
    api.world().faults.push_back(Fault::Hang { done: false });
    let hung = e.edit(&p, 0, "three");
    e.wait_state(hung, "InFlight");
    // It counts as in flight before the request is begun: one not begun would hang the next start.
    e.wait("the request hangs", |_| api.world().faults.is_empty());
    let draft = Draft {
        text: "half a tho".to_owned(),
        ..Draft::default()
    };
    e.send(SyncCommand::SaveDraft(Box::new(draft.clone())));
    let begun = Instant::now();
    e.quit();
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert!(api.world().done.is_empty());

    let mut e = Editor::open(dir.path(), &api, 2);
    let restored = e.seen.iter().any(|event| match event {
        SyncEvent::Restored { drafts, .. } => *drafts == [draft.clone()],
        _ => false,
    });
    assert!(restored, "the draft is offered again");
    e.wait_state(share, "Held");
    assert_eq!(e.state(destroy), Some(OperationState::Queued));
    e.wait("the edit settles", |e| e.state(hung).is_none());
    assert_eq!(api.world().done, ["edit three"]);
    e.quit();
}

#[test]
fn quitting_does_not_wait_for_a_first_read_if_something_is_to_be_sent() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    // After the person, the configuration and the profiles comes the queue.
    let hang = Fault::Hang { done: false };
    let reads = [Fault::None, Fault::None, Fault::None, hang];
    api.world().read_faults.extend(reads);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.flush_on_quit = Duration::from_secs(10);
    });
    e.wait("the first read hangs", |_| {
        api.world().read_faults.is_empty()
    });
    let id = e.create(&p, "new");
    e.wait_state(id, "Queued");
    e.quit();
    assert_eq!(api.world().done, ["create new"]);
}

#[test]
fn tags_are_kept_until_a_year_after_the_update_was_there() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let p = profile_id("a");
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_settled();
    e.wait_read(1);
    let (pending, gone) = (e.row(&p, 0), LocalId::from(ulid::Ulid::from(7)));
    let tagged = |update, tag: &str| Tagged {
        update,
        tags: [tag.to_owned()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect(),
    };
    let of = |e: &Editor| {
        let events = e.seen.iter();
        let mut tags = events.filter_map(|event| match event {
            SyncEvent::Restored { tags, .. } => Some(tags.clone()),
            _ => None,
        });
        tags.next().expect("it is restored")
    };
    e.send(SyncCommand::Tag(vec![
        tagged(pending, "blog"),
        tagged(gone, "old"),
    ]));
    e.send(SyncCommand::Tag(vec![tagged(pending, "launch")]));
    e.quit();
    let e = Editor::open(dir.path(), &api, 2);
    assert_eq!(of(&e), [tagged(gone, "old"), tagged(pending, "launch")]);
    e.quit();
    // A year passes.
    sql(
        &dir.path().join("account.db"),
        "UPDATE tag SET seen = seen - 370 * 86400",
    );
    Editor::open(dir.path(), &api, 3).quit();
    let e = Editor::open(dir.path(), &api, 4);
    assert_eq!(of(&e), [tagged(pending, "launch")]);
    e.send(SyncCommand::Tag(vec![tagged(pending, "")]));
    e.quit();
    let e = Editor::open(dir.path(), &api, 5);
    assert_eq!(of(&e), []);
    e.quit();
}

#[test]
fn nothing_is_sent_that_is_not_on_disk() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    e.sql("CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ABORT, 'no'); END");
    let id = e.edit(&p, 0, "one");
    e.wait("not saved", |e| {
        matches!(
            e.state(id),
            Some(OperationState::Unsaved { reason: Some(_) })
        )
    });
    assert!(!e.trouble.is_empty());
    // Before it can be saved: it is sent as soon as it is.
    e.sql("CREATE TRIGGER tries BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'no'); END");
    e.sql("DROP TRIGGER full");
    e.wait_state(id, "Queued");
    e.send(SyncCommand::Refresh);
    e.wait("trouble at the try", |e| e.trouble.len() > 1);
    assert!(api.world().done.is_empty());
    e.sql("DROP TRIGGER tries");
    e.wait_settled();
    assert_eq!(api.world().done, ["edit one"]);
    e.quit();
}

#[test]
fn who_quits_is_told_whether_all_is_on_disk() {
    for stored in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
        let mut e = Editor::open(dir.path(), &api, 1);
        e.wait_read(1);
        if !stored {
            e.sql(
                "CREATE TRIGGER full BEFORE INSERT ON operation
                 BEGIN SELECT RAISE(ABORT, 'no room'); END",
            );
        }
        e.edit(&p, 0, "one");
        e.send(SyncCommand::Quit(Leaving::MaySend));
        let parting = e.handle.ended.wait(Duration::from_secs(20));
        assert_eq!(parting.map(|p| p.stored), Some(stored));
    }
}

#[test]
fn a_token_of_somebody_else_sends_nothing() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().down = true;
    e.edit(&p, 0, "one");
    e.quit();
    {
        let mut world = api.world();
        world.down = false;
        world.user = "u2".to_owned();
    }
    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait("sign in", |e| matches!(e.link, Link::SignIn { .. }));
    e.send(SyncCommand::Refresh);
    e.wait("asked again", |_| api.world().requests > 8);
    assert!(api.world().done.is_empty());
    api.world().user = "u1".to_owned();
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    e.quit();
}

#[test]
fn a_refused_edit_says_why_and_stops_nothing_else() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let gone = api.world().queues[&p][0].id.clone();
    api.world().remove(&gone);
    let lost = e.edit(&p, 0, "one");
    let fine = e.edit(&p, 1, "two");
    e.wait_state(lost, "Held");
    e.wait("the other settles", |e| e.state(fine).is_none());
    assert_eq!(api.world().texts(&p), ["two"]);
    e.quit();
}

#[test]
fn a_limit_is_said_and_waited_for() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let wait = Duration::from_millis(120);
    api.world().faults.push_back(Fault::Later(wait));
    let begun = Instant::now();
    e.edit(&p, 0, "one");
    e.wait("limited", |e| matches!(e.link, Link::Limited { .. }));
    e.wait_settled();
    assert!(begun.elapsed() >= wait);
    assert_eq!(count(&api, "edit one"), 1);
    e.quit();
}

#[test]
fn a_long_queue_is_read_in_pages_while_it_changes() {
    let texts: Vec<String> = (0..430).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for revisions in [true, false] {
        let dir = tempfile::tempdir().expect("dir");
        let (api, p) = (FakeApi::with(&[("a", &texts)]), profile_id("a"));
        api.world().revisions = revisions;
        let mut e = Editor::open(dir.path(), &api, 1);
        e.wait_read(1);
        assert_eq!(e.texts(&p), texts);
        assert!(
            e.seen
                .iter()
                .any(|event| matches!(event, SyncEvent::Progress { .. }))
        );
        let requests = api.world().requests;
        e.edit(&p, 429, "last");
        e.wait_settled();
        e.quit();
        assert!(api.world().requests > requests);
        let e = Editor::open(dir.path(), &api, 2);
        assert_eq!(e.texts(&p)[429], "last", "from the cache");
        e.quit();
    }
}

#[test]
fn a_queue_that_did_not_change_while_nobody_was_there_is_not_read_again() {
    let texts: Vec<String> = (0..250).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &texts)]), profile_id("a"));
    let e = Editor::open(dir.path(), &api, 1);
    let read_again = |mut e: Editor, ends: &str| {
        // Asked for when the read of the queue is over.
        e.wait("the sent list", |e| {
            let is_sent = |event: &SyncEvent| matches!(event, SyncEvent::Sent(_));
            e.seen.iter().any(is_sent)
        });
        assert_eq!(e.texts(&p).last().map(String::as_str), Some(ends));
        let edit = (ends == "249").then(|| e.edit(&p, 0, "first"));
        e.wait_settled();
        e.quit();
        edit.is_some()
    };
    let listed = || std::mem::take(&mut api.world().listed);
    let read_whole = [100, 100, 50];
    assert!(read_again(e, "249"));
    listed();
    // Its own edit was read at the end, so nothing changed since.
    api.world().rewrite(&p, 249, "theirs");
    assert!(!read_again(Editor::open(dir.path(), &api, 2), "theirs"));
    assert_eq!(
        listed(),
        [&[1][..], &read_whole].concat(),
        "somebody changed it"
    );
    assert!(!read_again(Editor::open(dir.path(), &api, 3), "theirs"));
    assert_eq!(listed(), [1], "nobody changed it");
    // One that the server left out for once is not taken for gone, and not for looked at either.
    let one = api.world().queues[&p][3].id.clone();
    api.world().hidden.push_back(Vec::new());
    for _ in 0..read_whole.len() {
        api.world().hidden.push_back(vec![one.clone()]);
    }
    api.world().renew(&p);
    let mut e = Editor::open_with(dir.path(), &api, 4, |s| {
        s.pace.settle = Duration::from_hours(1);
    });
    e.wait_read(1);
    assert_eq!(e.texts(&p).len(), texts.len());
    e.quit();
    listed();
    assert!(!read_again(Editor::open(dir.path(), &api, 5), "theirs"));
    assert_eq!(listed().iter().filter(|count| **count == 100).count(), 2);
    // A server that has no such numbers is read in any case.
    api.world().revisions = false;
    read_again(Editor::open(dir.path(), &api, 6), "theirs");
    assert!(listed().len() > 2);
}

#[test]
fn nothing_is_said_when_nothing_changed() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1"]), ("b", &["1"])]);
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.poll_others = Duration::from_millis(3);
    });
    e.wait_read(2);
    let requests = api.world().requests;
    e.wait("many polls", |_| api.world().requests > requests + 60);
    let queues = e
        .seen
        .iter()
        .filter(|event| matches!(event, SyncEvent::Queue { .. }));
    assert_eq!(queues.count(), 2);
    let p = profile_id("b");
    api.world().add(&p, "2", None);
    e.wait("seen", |e| e.texts(&p) == ["1", "2"]);
    e.quit();
}

#[test]
fn a_second_editor_stores_and_takes_over() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut first = Editor::open(dir.path(), &api, 1);
    first.wait_read(1);
    let mut second = Editor::open(dir.path(), &api, 2);
    second.wait("follower", |e| e.link == Link::Follower);
    assert_eq!(second.texts(&p), ["1", "2"]);
    // The first one sends this and waits for its answer, so it does not take up the next one.
    api.world().faults.push_back(Fault::Hang { done: false });
    let id = second.edit(&p, 0, "one");
    second.wait_state(id, "InFlight");
    let back = second.edit(&p, 1, "two");
    second.wait_state(back, "Queued");
    second.send(SyncCommand::Cancel(vec![back]));
    second.wait("taken back", |e| {
        e.seen.contains(&SyncEvent::Cancelled(back))
    });
    drop(first.handle);
    second.wait_settled();
    assert_eq!(api.world().texts(&p), ["one", "2"]);
    second.quit();
}

#[test]
fn a_store_that_cannot_be_opened_says_so_and_nothing_is_called_saved() {
    let dir = tempfile::tempdir().expect("dir");
    std::fs::write(
        dir.path().join("account.db"),
        "not a database at all".repeat(50),
    )
    .expect("write");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    assert!(e.trouble[0].contains("account.db"), "{:?}", e.trouble);
    let id = e.create(&p, "new");
    e.wait("not saved", |e| {
        matches!(
            e.state(id),
            Some(OperationState::Unsaved { reason: Some(_) })
        )
    });
    e.quit();
}

#[test]
fn quitting_sends_what_waits_first_if_it_is_asked_to() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.flush_on_quit = Duration::from_secs(10);
        s.pace.reorder_rest = Duration::from_millis(50);
    });
    e.wait_read(1);
    e.edit(&p, 0, "one");
    e.create(&p, "3");
    let begun = Instant::now();
    e.quit();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(api.world().texts(&p), ["one", "2", "3"]);
}

#[test]
fn a_list_that_cannot_be_read_stops_no_edits() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().read_faults.extend([Fault::SignIn]);
    e.send(SyncCommand::Refresh);
    e.wait("signed out", |e| matches!(e.link, Link::SignIn { .. }));
    let id = e.edit(&p, 0, "one");
    e.wait_state(id, "Queued");
    api.world()
        .read_faults
        .extend([Fault::NotSent, Fault::LostReply, Fault::NotSent]);
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    assert_eq!(api.world().texts(&p), ["one", "2"]);
    e.quit();
}

#[test]
fn what_is_asked_for_while_a_read_is_under_way_is_read_once_more() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.poll_focused = Duration::from_hours(1);
        s.pace.poll_others = Duration::from_hours(1);
    });
    e.wait_read(1);
    let held = Arc::new(Semaphore::new(0));
    api.world().held_back = Some(Arc::clone(&held));
    e.send(SyncCommand::Refresh);
    e.wait("both read", |_| api.world().on_their_way == 2);
    // Both replies are on their way back and know nothing of this.
    api.world().add(&p, "2", None);
    let mut other = api.world().profiles[0].clone();
    other.id = profile_id("b");
    api.world().profiles.push(other);
    e.send(SyncCommand::Refresh);
    // The worker has taken it when it answers what was sent behind it.
    let nothing = OperationId(Ulid::nil());
    e.send(SyncCommand::Cancel(vec![nothing]));
    e.wait("taken", |e| {
        let answer = |event: &SyncEvent| matches!(event, SyncEvent::TooLate(_));
        e.seen.iter().any(answer)
    });
    held.close();
    e.wait("the queue", |e| e.texts(&p) == ["1", "2"]);
    e.wait("the profiles", |e| e.replica.profiles().len() == 2);
    e.quit();
}

#[test]
fn a_queue_of_ten_thousand_is_read_kept_and_moved_in() {
    let dir = tempfile::tempdir().expect("dir");
    let texts: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (api, p) = (FakeApi::with(&[("a", &[])]), profile_id("a"));
    api.world().add_all(&p, &texts);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    e.carry(&p, 0, Some(9_999));
    let id = e.edit(&p, 5_000, "changed");
    e.wait_state(id, "InFlight");
    e.wait_settled();
    let world = api.world().texts(&p);
    assert_eq!(world.last().map(String::as_str), Some("0"));
    assert_eq!(world[5_000], "changed");
    assert_eq!(e.texts(&p), world);
    e.quit();
    let e = Editor::open(dir.path(), &api, 2);
    assert_eq!(e.texts(&p), world);
    e.quit();
}
