//! The request budget: what a drain costs, and that no minute sees more than the limit.

use std::sync::Arc;
use std::time::Duration;

use qurate::domain::id::ProfileId;
use qurate::domain::operation::OperationState;
use qurate::protocol::{Link, SyncCommand, SyncEvent};
use qurate::sync::{Clock as _, Pace, Settings};
use qurate::wire::json::OursDto;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::sim_clock::{SimClock, Started};
use super::sync_harness::{Editor, quick_dir};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// What an account of a server far away has.
pub(crate) fn remote(settings: &mut Settings) {
    settings.pace = Pace::remote();
    settings.local = false;
    settings.requests_per_minute = Some(50);
    settings.socket = None;
}

/// A server of some profiles with so many updates each, that allows 60 requests a minute.
pub(crate) fn limited(
    profiles: usize,
    updates: usize,
    clock: &Arc<SimClock>,
) -> (FakeApi, Vec<ProfileId>) {
    let names: Vec<String> = (0..profiles).map(|n| format!("p{n}")).collect();
    let queues: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let api = FakeApi::with(&queues);
    let ids: Vec<ProfileId> = names.iter().map(|name| profile_id(name)).collect();
    let texts: Vec<String> = (0..updates).map(|n| format!("text {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut world = api.world();
    world.clock = Some(Arc::clone(clock));
    world.limit = Some(60);
    for id in &ids {
        world.add_all(id, &texts);
    }
    drop(world);
    (api, ids)
}

/// The most requests that any minute saw.
pub(crate) fn busiest_minute(arrivals: &[Duration]) -> usize {
    let seen = |from: &Duration| {
        let in_it = |at: &&Duration| **at >= *from && **at < *from + MINUTE;
        arrivals.iter().filter(in_it).count()
    };
    arrivals.iter().map(seen).max().unwrap_or(0)
}

/// Edits everything while the line is down, and lets it go out.
fn drain(revisions: bool) {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(5, 200, &clock);
    api.world().revisions = revisions;
    clock.run(10 * MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    editor.send(SyncCommand::Focus(Some(profiles[0].clone())));
    editor.wait_read(profiles.len());
    api.world().down = true;
    clock.pass(5 * MINUTE);
    for profile in &profiles {
        for row in 0..200 {
            editor.edit(profile, row, &format!("edit {row} of {profile}"));
        }
    }
    clock.run(5 * MINUTE);
    editor.wait_kept();
    let before = {
        let mut world = api.world();
        world.down = false;
        world.arrivals.len()
    };
    editor.send(SyncCommand::Refresh);
    clock.run(60 * MINUTE);
    // Each part has the patience of a test.
    for part in 1..=10 {
        editor.wait("a tenth of the edits", |_| {
            api.world().done.len() >= part * 100
        });
    }
    editor.wait_settled();
    let world = api.world();
    let edits = world.done.iter().filter(|what| what.starts_with("edit "));
    assert_eq!(edits.count(), 1000);
    let (first, last) = (world.arrivals[before], world.done_at[999]);
    let took = last.saturating_sub(first);
    let rate = 1000.0 * 60.0 / took.as_secs_f64();
    let requests = world.arrivals.iter();
    let requests = requests.filter(|at| first <= **at && **at <= last).count();
    let busiest = busiest_minute(&world.arrivals);
    assert_eq!(world.too_many, 0);
    assert!(busiest <= 60, "{busiest}");
    assert!(
        rate >= 45.0,
        "{rate:.1} edits a minute, {requests} requests"
    );
    for profile in &profiles {
        assert_eq!(world.texts(profile), editor.texts(profile));
    }
}

#[test]
fn of_a_large_account_the_queue_on_the_screen_is_read_first() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(3, 1_500, &clock);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    clock.run(30 * MINUTE);
    editor.wait_read(profiles.len());
    let first = |wanted: &dyn Fn(&SyncEvent) -> bool| editor.seen.iter().position(wanted).unwrap();
    let read = first(&|event| match event {
        SyncEvent::Queue { profile, .. } => *profile == profiles[0],
        _ => false,
    });
    let others = first(&|event| match event {
        SyncEvent::Progress { profile, .. } => *profile != profiles[0],
        _ => false,
    });
    assert!(read < others, "{read} and {others}");
}

#[test]
fn what_is_written_during_a_first_read_does_not_begin_it_anew() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 6_000, &clock);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    let progress = |editor: &Editor| -> Vec<u64> {
        let read = editor.seen.iter().filter_map(|event| match event {
            SyncEvent::Progress { read, .. } => Some(*read),
            _ => None,
        });
        read.collect()
    };
    for n in 1..=2 {
        let before = progress(&editor).len();
        clock.pass(10 * SECOND);
        editor.wait("the read goes on", |e| progress(e).len() > before);
        assert_eq!(editor.texts(&profiles[0]).len(), n - 1, "not read yet");
        editor.create(&profiles[0], &format!("new {n}"));
    }
    clock.run(10 * MINUTE);
    editor.wait_settled();
    let read = progress(&editor);
    let whole = read.iter().position(|read| *read == 6_000).unwrap();
    assert!(read[..=whole].is_sorted(), "{:?}", &read[..=whole]);
    let texts = editor.texts(&profiles[0]);
    assert_eq!(texts[6_000..], ["new 1", "new 2"]);
    assert_eq!(api.world().texts(&profiles[0]), texts);
}

#[test]
fn what_is_written_does_not_wait_for_a_first_read_that_failed_before() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 6_000, &clock);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    let reads = |e: &Editor| {
        let of = |event: &&SyncEvent| matches!(event, SyncEvent::Progress { read: 100, .. });
        e.seen.iter().filter(of).count()
    };
    clock.pass(5 * SECOND);
    editor.wait("it is read", |e| reads(e) == 1);
    api.world().read_faults.push_back(Fault::LostRequest);
    clock.pass(MINUTE);
    editor.wait("it is read again", |e| reads(e) == 2);
    editor.create(&profiles[0], "new");
    clock.pass(10 * SECOND);
    editor.wait("it was sent", |_| api.world().done == ["create new"]);
    assert!(editor.texts(&profiles[0]).len() < 6_000, "not read yet");
    clock.run(10 * MINUTE);
    editor.wait_settled();
}

#[test]
fn a_thousand_edits_go_out_at_45_a_minute() {
    for revisions in [false, true] {
        drain(revisions);
    }
}

#[test]
fn restarts_never_exceed_the_limit() {
    for in_order in [true, false] {
        let (dir, clock) = (quick_dir(), SimClock::new());
        let (api, profiles) = limited(5, 120, &clock);
        api.world().revisions = false;
        for run in 0..40_usize {
            clock.run(MINUTE);
            let started = Started::now(&clock);
            let mut editor = Editor::open_at(dir.path(), &api, run as u64, started, remote);
            // All that can be done in no time, and most often a little more.
            clock.pass(SECOND * u32::try_from(run % 4).expect("small"));
            if editor.rows(&profiles[0]) > run {
                editor.edit(&profiles[0], run, &format!("run {run}"));
                clock.pass(SECOND);
            }
            if in_order {
                editor.quit();
            } else {
                editor.kill();
            }
        }
        let world = api.world();
        let busiest = busiest_minute(&world.arrivals);
        let all = world.arrivals.len();
        assert!(busiest <= 60, "in order {in_order}: {busiest}");
        assert_eq!(world.too_many, 0);
        // After a crash a few more may have been made than are written.
        let least = if in_order { 40 } else { 10 };
        assert!(all >= least, "{all}");
    }
}

#[test]
fn a_long_queue_is_not_read_again_before_the_edits_rest() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 1500, &clock);
    {
        let mut world = api.world();
        (world.limit, world.ours) = (None, Some(OursDto::default()));
        world.revisions = false;
    }
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    editor.wait_read(1);
    clock.run(20 * SECOND);
    let listed = || api.world().listed.len();
    let whole = listed();
    assert!(whole >= 15, "{whole} pages");
    // As a read ends some time after the first one did, it begins with the edits.
    let edit = |editor: &mut Editor, row| {
        editor.edit(&profiles[0], row, &format!("edit {row}"));
        clock.pass(SECOND);
    };
    edit(&mut editor, 0);
    clock.pass(20 * SECOND);
    editor.wait_settled();
    let before = listed();
    for row in 1..=6 {
        edit(&mut editor, row);
    }
    let while_writing = listed() - before;
    assert!(while_writing <= 2, "{while_writing} pages");
    clock.run(20 * SECOND);
    editor.wait_settled();
    assert_eq!(api.world().texts(&profiles[0]), editor.texts(&profiles[0]));
}

#[test]
fn a_start_does_not_wait_for_a_limit_that_there_is_not() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 90, &clock);
    {
        let mut world = api.world();
        (world.limit, world.ours) = (None, Some(OursDto::default()));
    }
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
    editor.wait_read(1);
    // More than any minute may see where nothing is said of a limit.
    for row in 0..90 {
        editor.edit(&profiles[0], row, &format!("edit {row}"));
        clock.pass(SECOND / 4);
    }
    clock.run(10 * SECOND);
    editor.wait_settled();
    let before = api.world().arrivals.len();
    assert!(before > 60, "{before}");
    editor.kill();
    let begun = clock.elapsed();
    let started = Started::now(&clock);
    let mut editor = Editor::open_at(dir.path(), &api, 2, started, remote);
    clock.pass(5 * SECOND);
    editor.wait("it is read again", |_| api.world().arrivals.len() > before);
    let first = api.world().arrivals[before];
    assert!(first <= begun + 5 * SECOND, "{first:?} after {begun:?}");
    editor.quit();
}

#[test]
fn a_server_that_says_not_now_is_left_alone_as_long_as_it_asks() {
    let far = Duration::from_hours(24);
    // What it asks for, and how long it is left alone: at least, and at most.
    let cases = [
        (Duration::ZERO, SECOND, 3 * SECOND),
        (90 * SECOND, 90 * SECOND, 100 * SECOND),
        (far, 15 * MINUTE, 17 * MINUTE),
    ];
    for (asked, least, most) in cases {
        let (dir, clock) = (quick_dir(), SimClock::new());
        let (api, profiles) = limited(2, 5, &clock);
        clock.run(MINUTE);
        let mut editor = Editor::open_at(dir.path(), &api, 3, clock.clone(), remote);
        editor.wait_read(2);
        clock.pass(MINUTE);
        api.world().faults.push_back(Fault::Later(asked));
        let edit = editor.edit(&profiles[0], 0, "later");
        let other = editor.edit(&profiles[1], 0, "later too");
        clock.run(30 * SECOND);
        editor.wait("limited", |e| matches!(e.link, Link::Limited { .. }));
        let until = api.world().arrivals.len();
        // No key makes it shorter.
        editor.send(SyncCommand::Refresh);
        clock.run(20 * MINUTE);
        editor.wait("both sent", |e| {
            e.state(edit).is_none() && e.state(other).is_none()
        });
        let world = api.world();
        let gap = world.arrivals[until].saturating_sub(world.arrivals[until - 1]);
        assert!(
            asked.is_zero() || (gap >= least && gap <= most),
            "{asked:?}: {gap:?} in {:?}",
            world.arrivals
        );
        assert_eq!(world.done.len(), 2);
    }
}

#[test]
fn a_limit_that_others_use_too_is_shared() {
    for hints in [true, false] {
        let (dir, clock) = (quick_dir(), SimClock::new());
        let (api, profiles) = limited(2, 100, &clock);
        {
            let mut world = api.world();
            world.limit = Some(30);
            world.hints = hints;
        }
        clock.run(5 * MINUTE);
        let mut editor = Editor::open_at(dir.path(), &api, 3, clock.clone(), remote);
        editor.wait_read(2);
        let start = clock.elapsed();
        for profile in &profiles {
            for row in 0..100 {
                editor.edit(profile, row, &format!("edit {row} of {profile}"));
            }
        }
        clock.run(60 * MINUTE);
        editor.wait_settled();
        let world = api.world();
        let took = world.done_at[199].saturating_sub(start);
        assert_eq!(world.done.len(), 200);
        assert!(world.too_many <= 30, "{}", world.too_many);
        assert!(took <= 20 * MINUTE, "{took:?}");
    }
}

#[test]
fn what_is_urgent_does_not_wait_behind_edits() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(3, 100, &clock);
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 3, clock.clone(), remote);
    editor.wait_read(3);
    for row in 0..100 {
        editor.edit(&profiles[0], row, &format!("edit {row}"));
    }
    clock.pass(MINUTE);
    let share = editor.share(&profiles[2], 0);
    let destroy = editor.destroy(&profiles[1], 0);
    clock.pass(5 * SECOND);
    editor.wait_state(share, "Acked");
    editor.wait_state(destroy, "Acked");
    let edits = api.world().done.len();
    assert!(edits < 80, "{edits}");
}

/// How many requests there were in so much time.
fn requests_in(api: &FakeApi, clock: &SimClock, time: Duration) -> usize {
    let before = api.world().arrivals.len();
    clock.pass(time);
    api.world().arrivals.len() - before
}

#[test]
fn queues_are_read_more_often_while_the_person_is_there() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(3, 5, &clock);
    clock.run(SECOND);
    let mut editor = Editor::open_at(dir.path(), &api, 3, clock.clone(), remote);
    editor.send(SyncCommand::Focus(Some(profiles[0].clone())));
    clock.run(30 * SECOND);
    editor.wait_read(3);
    clock.pass(30 * SECOND);
    editor.send(SyncCommand::Awake);
    // Three minutes: 12 to 15 of the focused one, 2 each of the others and of the profiles.
    let there = requests_in(&api, &clock, 3 * MINUTE);
    assert!((14..=24).contains(&there), "{there}");
    clock.pass(3 * MINUTE);
    let away = requests_in(&api, &clock, 10 * MINUTE);
    // Ten minutes: 10 to 13, 2 or 3 each, 5 to 7.
    assert!((17..=28).contains(&away), "{away}");
    editor.send(SyncCommand::Awake);
    std::thread::sleep(Duration::from_millis(50));
    let back = requests_in(&api, &clock, MINUTE);
    assert!(back >= 4, "{back}");
}

#[test]
fn a_line_that_is_down_is_tried_less_and_less_often_and_at_once_by_a_key() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(2, 5, &clock);
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 3, clock.clone(), remote);
    editor.wait_read(2);
    api.world().down = true;
    editor.edit(&profiles[0], 0, "kept");
    clock.run(5 * MINUTE);
    editor.wait("offline", |e| matches!(e.link, Link::Offline { .. }));
    let said = editor.link.clone();
    let tries = |time: Duration| {
        let before = api.world().requests;
        clock.pass(time);
        api.world().requests - before
    };
    clock.pass(5 * MINUTE);
    let first = tries(10 * MINUTE);
    assert!((1..=4).contains(&first), "{first}");
    let later = tries(60 * MINUTE);
    assert!((11..=13).contains(&later), "{later}");
    let since = |link: &Link| match link {
        Link::Offline { since, .. } => Some(*since),
        _ => None,
    };
    assert_eq!(since(&editor.link), since(&said));
    api.world().down = false;
    editor.send(SyncCommand::Refresh);
    clock.run(5 * SECOND);
    editor.wait("sent", |_| api.world().done == ["edit kept"]);
}

#[test]
fn nothing_is_left_waiting_when_the_server_comes_and_goes() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(3, 10, &clock);
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 9, clock.clone(), remote);
    editor.wait_read(3);
    let mut ids = Vec::new();
    for round in 0..6_u32 {
        api.world().down = round % 2 == 0;
        for profile in &profiles {
            ids.push(editor.edit(profile, round as usize, &format!("round {round}")));
        }
        clock.pass(MINUTE * (round + 1));
    }
    api.world().down = false;
    clock.run(15 * MINUTE);
    editor.wait_settled();
    assert!(ids.iter().all(|id| editor.state(*id).is_none()));
    assert_eq!(api.world().done.len(), 18);
    assert!(
        !editor
            .replica
            .operations()
            .iter()
            .any(|(_, state)| *state == OperationState::Queued)
    );
}
