//! The worker where reads, pages for the person and changes meet: nothing is lost, doubled or stuck.

use std::time::Duration;

use qurate::domain::id::{LocalId, OperationId};
use qurate::domain::operation::{Change, OperationState, Placement};
use qurate::domain::replica::{Brings, Differences};
use qurate::protocol::{Link, Load, Request, SyncCommand, SyncEvent};

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sync_harness::{Editor, content, now};

fn count(api: &FakeApi, what: &str) -> usize {
    api.world().done.iter().filter(|done| *done == what).count()
}

fn shows_sent(e: &Editor, text: &str) -> bool {
    e.seen.iter().any(|event| match event {
        SyncEvent::Sent(page) => page.updates.iter().any(|u| u.body.content.text == text),
        _ => false,
    })
}

#[test]
fn a_create_that_a_page_shows_before_its_reply_is_still_known_as_ours() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().faults.push_back(Fault::Hang { done: true });
    let id = e.create_at(&p, "new", Placement::Now);
    e.wait("the server did it", |_| {
        count(&api, "create and share new") == 1
    });
    let (profile, page) = (p.clone(), 1);
    e.send(SyncCommand::LoadSent { profile, page });
    e.wait("it is on the page", |e| shows_sent(e, "new"));
    e.wait_state(id, "InFlight");
    e.kill();

    let mut e = Editor::open(dir.path(), &api, 2);
    e.wait("it is settled or held", |e| {
        !matches!(
            e.state(id),
            Some(OperationState::Unknown | OperationState::Acked)
        )
    });
    assert_eq!(e.state(id), None);
    assert_eq!(count(&api, "create and share new"), 1);
    e.quit();
}

#[test]
fn a_page_that_names_one_update_twice_stops_no_edits() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    {
        let mut world = api.world();
        world.publish(&p, 1);
        let twice = world.sent[&p][0].clone();
        world.sent.get_mut(&p).expect("sent").push(twice);
    }
    let (profile, page) = (p.clone(), 1);
    e.send(SyncCommand::LoadSent { profile, page });
    // An update that was never in this store, so that both get a local id.
    e.edit(&p, 0, "one");
    e.wait_settled();
    {
        let mut world = api.world();
        let mut strange = world.sent[&p][0].clone();
        strange.id = qurate::domain::id::RemoteId::parse(&"f".repeat(24)).expect("id");
        strange.body.content.text = "strange".to_owned();
        let sent = world.sent.get_mut(&p).expect("sent");
        sent.push(strange.clone());
        sent.push(strange);
    }
    let (profile, page) = (p.clone(), 1);
    e.send(SyncCommand::LoadSent { profile, page });
    e.wait("the page", |e| shows_sent(e, "strange"));
    e.edit(&p, 0, "uno");
    e.wait_settled();
    assert_eq!(count(&api, "edit uno"), 1);
    assert!(e.trouble.is_empty(), "{:?}", e.trouble);
    e.quit();
}

#[test]
fn nothing_is_asked_of_somebody_elses_account() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    e.quit();
    api.world().user = "u2".to_owned();
    let mut e = Editor::open(dir.path(), &api, 2);
    // Before it is known who is signed in, and after.
    for times in 1..=2 {
        e.send(SyncCommand::Ask(Request::ServerShuffle {
            profile: p.clone(),
        }));
        e.wait("an answer", |e| {
            let refused = |event: &&SyncEvent| matches!(event, SyncEvent::Answered(Err(_)));
            e.seen.iter().filter(refused).count() == times
        });
    }
    assert!(matches!(e.link, Link::SignIn { .. }), "{:?}", e.link);
    assert!(api.world().done.is_empty(), "{:?}", api.world().done);
    e.quit();
}

#[test]
fn a_second_editor_gets_answers_too() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let mut first = Editor::open(dir.path(), &api, 1);
    first.wait_read(1);
    api.world().publish(&p, 0);
    let mut second = Editor::open(dir.path(), &api, 2);
    second.wait("follower", |e| e.link == Link::Follower);
    let (profile, page) = (p.clone(), 1);
    second.send(SyncCommand::LoadSent { profile, page });
    second.wait("the page", |e| shows_sent(e, "1"));
    second.quit();
    first.quit();
}

#[test]
fn without_a_store_every_question_gets_its_answer() {
    let dir = tempfile::tempdir().expect("dir");
    std::fs::write(dir.path().join("account.db"), "not ours".repeat(99)).expect("write");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    let id = e.create(&p, "new");
    e.wait_state(id, "Unsaved");
    e.send(SyncCommand::Cancel(vec![id]));
    e.wait("taken back", |e| e.seen.contains(&SyncEvent::Cancelled(id)));
    let profile = p.clone();
    e.send(SyncCommand::Ask(Request::ServerShuffle { profile }));
    e.wait("an answer", |e| {
        let is = |event: &SyncEvent| matches!(event, SyncEvent::Answered(Err(_)));
        e.seen.iter().any(is)
    });
    let (profile, page) = (p.clone(), 1);
    e.send(SyncCommand::LoadSent { profile, page });
    let what = Load::Sent { profile: p, page };
    e.wait("no page", |e| {
        e.seen
            .iter()
            .any(|event| matches!(event, SyncEvent::LoadFailed { what: w, .. } if *w == what))
    });
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn an_order_of_a_profile_that_is_gone_is_held() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2", "3"])]), profile_id("a"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| s.pace.fresh = Duration::ZERO);
    e.wait_read(1);
    api.world().profiles.clear();
    let id = e.carry(&p, 2, None);
    e.wait_state(id, "Held");
    assert!(api.world().done.is_empty());
    e.quit();
}

#[test]
fn a_create_for_a_profile_that_is_gone_is_not_looked_for_for_ever() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"]), ("b", &[])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(2);
    {
        let mut world = api.world();
        world.faults.push_back(Fault::LostReply);
        // Before anybody could look.
        world.meanwhile.push_back(|world| {
            world
                .profiles
                .retain(|profile| profile.id == profile_id("b"));
        });
    }
    let id = e.create(&p, "new");
    e.send(SyncCommand::Refresh);
    e.wait_state(id, "Held");
    assert_eq!(count(&api, "create new"), 1);
    e.quit();
}

#[test]
fn a_queue_that_cannot_be_read_is_not_asked_for_without_rest() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"]), ("b", &["x"])]);
    let (a, b) = (profile_id("a"), profile_id("b"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.fresh = Duration::from_millis(300);
    });
    e.wait_read(2);
    let read = std::time::Instant::now();
    e.wait("the mirror is old", |_| {
        read.elapsed() > Duration::from_millis(400)
    });
    api.world().closed.insert(a.clone());
    let before = api.world().requests;
    e.carry(&a, 2, None);
    for n in 0..10 {
        e.edit(&b, 0, &n.to_string());
        e.wait("the edit settles", |e| e.replica.operations().len() == 1);
    }
    let made = api.world().requests - before;
    assert!(made < 100, "{made} requests for ten edits");
    api.world().closed.clear();
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    assert_eq!(api.world().texts(&a), ["3", "1", "2"]);
    e.quit();
}

#[test]
fn what_is_not_saved_is_tried_again_at_once_when_the_person_says_so() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let slow = |s: &mut qurate::sync::Settings| s.pace.save_again = Duration::from_mins(5);
    let mut e = Editor::open_with(dir.path(), &api, 1, slow);
    e.wait_read(1);
    let ways: [fn(OperationId) -> SyncCommand; 2] = [SyncCommand::Retry, |_| SyncCommand::Refresh];
    for (n, way) in ways.into_iter().enumerate() {
        e.sql(
            "CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ABORT, 'no'); END",
        );
        let id = e.create(&p, &format!("typed {n}"));
        e.wait("not saved", |e| {
            let state = e.state(id);
            matches!(state, Some(OperationState::Unsaved { reason: Some(_) }))
        });
        e.sql("DROP TRIGGER full");
        e.send(way(id));
        e.wait_settled();
    }
    assert_eq!(api.world().done, ["create typed 0", "create typed 1"]);
    e.quit();
}

#[test]
fn a_share_that_gets_stored_only_when_quitting_is_held_too() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let slow = |s: &mut qurate::sync::Settings| s.pace.save_again = Duration::from_mins(5);
    let mut e = Editor::open_with(dir.path(), &api, 1, slow);
    e.wait_read(1);
    e.sql("CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ABORT, 'no'); END");
    let (update, seen) = (e.row(&p, 0), content("1"));
    let share = Change::Share { update, seen };
    let id = e.act_after(&p, share, Some(now().plus(600)));
    e.wait("not saved", |e| {
        let state = e.state(id);
        matches!(state, Some(OperationState::Unsaved { reason: Some(_) }))
    });
    e.sql("DROP TRIGGER full");
    e.quit();
    let e = Editor::open(dir.path(), &api, 2);
    let state = e.state(id);
    assert!(
        matches!(state, Some(OperationState::Held { .. })),
        "{state:?}"
    );
    e.quit();
}

#[test]
fn a_change_that_is_put_off_again_and_again_is_tried_less_and_less() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open_with(dir.path(), &api, 1, |s| {
        s.pace.backoff_cap = Duration::from_mins(10);
        s.pace.backoff_floor = Duration::from_millis(1);
        s.pace.backoff_first = Duration::from_millis(8);
    });
    e.wait_read(1);
    let lost = std::iter::repeat_n(Fault::NotSent, 4000);
    api.world().faults.extend(lost);
    e.edit(&p, 0, "one");
    // Reads work all the while, so it is not the line that rests.
    let begun = std::time::Instant::now();
    let tries = |api: &FakeApi| 4000 - api.world().faults.len();
    e.wait("a second of tries", |_| {
        begun.elapsed() > Duration::from_secs(1)
    });
    let made = tries(&api);
    assert!((2..40).contains(&made), "{made} tries in a second");
    api.world().faults.clear();
    e.send(SyncCommand::Refresh);
    e.wait_settled();
    assert_eq!(count(&api, "edit one"), 1);
    e.quit();
}

#[test]
fn after_the_disk_was_full_everything_is_stored_and_sent() {
    let dir = tempfile::tempdir().expect("dir");
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    // SQLite ends the transaction by itself, as it does when there is no room.
    e.sql("CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    let id = e.edit(&p, 0, "one");
    e.wait("not saved", |e| {
        let state = e.state(id);
        matches!(state, Some(OperationState::Unsaved { reason: Some(_) }))
    });
    e.sql("DROP TRIGGER full");
    e.wait_settled();
    assert_eq!(api.world().texts(&p), ["one"]);
    e.quit();
}

/// How many updates each read of a queue handed over whole.
fn handed_over(e: &Editor) -> Vec<usize> {
    let reads = e.seen.iter().filter_map(|event| match event {
        SyncEvent::Queue { delta, .. } => Some(delta.brings.updates().count()),
        _ => None,
    });
    reads.collect()
}

/// Has somebody else write another text, and waits until it shows.
fn rewritten(e: &mut Editor, api: &FakeApi, row: usize, text: &str) {
    let p = profile_id("a");
    api.world().rewrite(&p, row, text);
    e.send(SyncCommand::Refresh);
    e.wait("the other text", |e| e.texts(&p)[row] == text);
    assert_eq!(e.texts(&p), api.world().texts(&p));
}

#[test]
fn only_what_an_editor_lacks_is_handed_over_also_after_a_start() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    rewritten(&mut e, &api, 1, "two");
    assert_eq!(handed_over(&e), [5, 1]);
    e.quit();
    let mut e = Editor::open(dir.path(), &api, 2);
    rewritten(&mut e, &api, 2, "three");
    assert_eq!(handed_over(&e).last(), Some(&1), "{:?}", handed_over(&e));
    assert!(!handed_over(&e).contains(&5));
    e.quit();
}

/// An editor that has read five updates, and then could not store a read in which the first one says
/// something else.
fn unstored(dir: &std::path::Path, api: &FakeApi) -> Editor {
    let mut e = Editor::open(dir, api, 1);
    e.wait_read(1);
    e.sql("CREATE TRIGGER full BEFORE UPDATE ON queue BEGIN SELECT RAISE(ABORT, 'no'); END");
    let p = profile_id("a");
    api.world().rewrite(&p, 0, "one");
    e.send(SyncCommand::Refresh);
    e.wait("it is said", |e| !e.trouble.is_empty());
    assert_eq!(e.texts(&p)[0], "1", "what is not kept is not shown");
    e
}

#[test]
fn all_is_handed_over_after_a_read_of_which_nobody_knows_whether_it_was_stored() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5"])]);
    let (mut e, p) = (unstored(dir.path(), &api), profile_id("a"));
    e.sql("DROP TRIGGER full");
    e.wait("the other text", |e| e.texts(&p)[0] == "one");
    assert_eq!(handed_over(&e), [5, 5]);
    rewritten(&mut e, &api, 1, "two");
    assert_eq!(handed_over(&e), [5, 5, 1]);
    e.quit();
}

#[test]
fn all_is_handed_over_also_if_the_store_has_it_already() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5"])]);
    let (mut e, p) = (unstored(dir.path(), &api), profile_id("a"));
    api.world().rewrite(&p, 0, "1");
    e.sql("DROP TRIGGER full");
    e.wait("a read that differs in nothing", |e| {
        handed_over(e) == [5, 5]
    });
    assert_eq!(e.texts(&p), api.world().texts(&p));
    e.quit();
}

#[test]
fn who_takes_over_hands_over_what_it_did_not_read_itself() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5"])]);
    let mut first = Editor::open(dir.path(), &api, 1);
    first.wait_read(1);
    let mut second = Editor::open(dir.path(), &api, 2);
    second.wait("it follows", |e| e.link == Link::Follower);
    rewritten(&mut first, &api, 0, "one");
    let p = profile_id("a");
    second.wait("the other text", |e| e.texts(&p)[0] == "one");
    drop(first.handle);
    second.wait("it leads", |e| matches!(e.link, Link::Online { .. }));
    rewritten(&mut second, &api, 4, "five");
    rewritten(&mut second, &api, 3, "four");
    assert_eq!(handed_over(&second).last(), Some(&1));
    second.quit();
}

#[test]
fn an_order_brings_no_text_again() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4"])]);
    let p = profile_id("a");
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let before = handed_over(&e).len();
    e.carry(&p, 0, Some(2));
    e.wait_settled();
    assert_eq!(e.texts(&p), ["2", "3", "1", "4"]);
    let since = handed_over(&e).split_off(before);
    assert!(
        !since.is_empty() && since.iter().all(|texts| *texts == 0),
        "{since:?}"
    );
    e.quit();
}

#[test]
fn a_read_says_how_it_differs_from_what_was_handed_over() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6"])]);
    let p = profile_id("a");
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    let ids = |e: &Editor| -> Vec<LocalId> {
        let queue = e.replica.queue(&p).expect("it was read");
        queue.rows().iter().map(|row| row.update).collect()
    };
    let before = ids(&e);
    {
        let mut world = api.world();
        let queue = world.queues.get_mut(&p).expect("queue");
        let moved = queue.remove(0);
        queue.insert(3, moved);
        let left = queue[4].id.clone();
        world.remove(&left);
        world.add(&p, "7", None);
    }
    let seen = e.seen.len();
    e.send(SyncCommand::Refresh);
    e.wait("the new order", |e| {
        e.texts(&p) == ["2", "3", "4", "1", "6", "7"]
    });
    let found: Vec<Differences> = e.seen[seen..]
        .iter()
        .filter_map(|event| match event {
            SyncEvent::Queue { delta, .. } => match &delta.brings {
                Brings::Changes { differences, .. } => Some(differences.clone()),
                Brings::All(_) => None,
            },
            _ => None,
        })
        .collect();
    let came = *ids(&e).last().expect("the new one");
    let left: Vec<LocalId> = found
        .iter()
        .flat_map(|d| &d.left)
        .map(|l| l.update)
        .collect();
    assert_eq!(found[0].came, [came]);
    assert_eq!(found[0].moved, 1);
    // That one left is believed when a second read says so too.
    assert_eq!(left, [before[4]]);
    assert!(e.replica.update(before[4]).is_none());
    assert_eq!(found.iter().map(|d| d.moved).sum::<usize>(), 1);
    e.quit();
}

#[test]
fn what_is_not_stored_any_more_as_it_was_read_is_read_whole() {
    let dir = tempfile::tempdir().expect("dir");
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    // As when rows are found damaged; the worker knows nothing of it.
    e.sql("UPDATE known SET hash = NULL, body = NULL");
    let seen = e.seen.len();
    e.send(SyncCommand::Refresh);
    e.wait("all bodies come anew", |e| {
        let mut news = e.seen[seen..].iter();
        news.any(|event| match event {
            SyncEvent::Queue { delta, .. } => delta.brings.updates().count() == 3,
            _ => false,
        })
    });
    // And once that is stored, nothing is news any more.
    let seen = e.seen.len();
    e.send(SyncCommand::Refresh);
    e.wait("it is as it was", |e| {
        let mut news = e.seen[seen..].iter();
        news.any(|event| matches!(event, SyncEvent::Unchanged { .. }))
    });
    assert_eq!(e.texts(&profile_id("a")), ["1", "2", "3"]);
    e.quit();
}
