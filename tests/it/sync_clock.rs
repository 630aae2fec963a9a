//! Wall clocks that jump: nothing is sent early, dropped or left waiting because of them.

use std::sync::Arc;
use std::time::Duration;

use qurate::domain::operation::Change;
use qurate::protocol::SyncCommand;
use qurate::sync::Clock as _;

use super::fake_api::FakeApi;
use super::sim_clock::{SimClock, Started};
use super::sync_budget::{limited, remote};
use super::sync_harness::{Editor, quick_dir};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const YEARS: i64 = 10 * 365 * 86_400;

/// Where the wall clock jumps to: how far from the truth.
fn jumps(clock: &SimClock) -> [i64; 5] {
    [YEARS, -YEARS, -clock.truth().0, 3 * 86_400, 0]
}

fn ready(clock: &Arc<SimClock>) -> (tempfile::TempDir, FakeApi, Editor) {
    let dir = quick_dir();
    let (api, profiles) = limited(2, 10, clock);
    clock.run(MINUTE);
    let mut editor = Editor::open_at(dir.path(), &api, 5, clock.clone(), remote);
    editor.wait_read(profiles.len());
    // From here on time passes only where a test lets it.
    clock.run(Duration::ZERO);
    (dir, api, editor)
}

#[test]
fn a_jump_during_backoff_neither_stalls_nor_doubles() {
    for which in 0..5 {
        let clock = SimClock::new();
        let (_dir, api, mut editor) = ready(&clock);
        let profile = api.world().profiles[0].id.clone();
        api.world().down = true;
        let destroyed = api.world().texts(&profile)[9].clone();
        editor.edit(&profile, 0, "edited");
        editor.create(&profile, "made");
        editor.destroy(&profile, 9);
        clock.run(2 * MINUTE);
        editor.wait_kept();
        clock.skew(jumps(&clock)[which]);
        clock.pass(MINUTE);
        api.world().down = false;
        clock.run(6 * MINUTE);
        editor.wait_settled();
        let world = api.world();
        let mut done = world.done.clone();
        done.sort();
        assert_eq!(done.len(), 3, "{which}: {done:?}");
        let texts = world.texts(&profile);
        assert!(texts.contains(&"edited".to_owned()) && texts.contains(&"made".to_owned()));
        assert!(!texts.contains(&destroyed));
        assert_eq!(world.too_many, 0);
    }
}

#[test]
fn a_list_that_is_refused_is_asked_for_no_more_often_than_it_is_read() {
    let clock = SimClock::new();
    let (_dir, api, mut editor) = ready(&clock);
    let profile = api.world().profiles[0].id.clone();
    api.world().closed.insert(profile.clone());
    editor.send(SyncCommand::Focus(Some(profile.clone())));
    // What waits for a read of it does not hurry it.
    editor.carry(&profile, 0, Some(4));
    clock.pass(MINUTE);
    let before = api.world().requests;
    clock.pass(10 * MINUTE);
    let asked = api.world().requests - before;
    // Four times a minute, with the list of profiles and, as an order waits, one look ahead.
    assert!((10..=10 * 4 * 3).contains(&asked), "{asked} requests");
    // It is read again when it can be.
    api.world().closed.remove(&profile);
    clock.run(5 * MINUTE);
    editor.wait_settled();
    assert_eq!(api.world().texts(&profile)[4], "text 0");
}

#[test]
fn a_window_lasts_as_long_as_it_was_given() {
    for which in 0..5 {
        let clock = SimClock::new();
        let (_dir, api, mut editor) = ready(&clock);
        let profile = api.world().profiles[0].id.clone();
        let update = editor.row(&profile, 3);
        let body = &editor.replica.update(update).expect("shown").body;
        let seen = body.content.clone();
        let not_before = Some(clock.wall().plus(30));
        let began = clock.elapsed();
        let change = Change::Destroy { update, seen };
        let id = editor.act_after(&profile, change, not_before);
        // Its window begins when the worker has it.
        editor.wait_state(id, "Queued");
        clock.pass(10 * SECOND);
        clock.skew(jumps(&clock)[which]);
        clock.pass(19 * SECOND);
        clock.run(30 * SECOND);
        editor.wait_settled();
        let took = api.world().done_at[0].saturating_sub(began);
        // By its own clock: what was left of the run above may have passed meanwhile.
        assert!(
            took >= 30 * SECOND && took <= 35 * SECOND,
            "{which}: {took:?}"
        );
    }
}

#[test]
fn a_share_that_waited_too_long_is_never_sent_whatever_the_clock_says() {
    for which in 0..5 {
        let clock = SimClock::new();
        let (_dir, api, mut editor) = ready(&clock);
        let profile = api.world().profiles[0].id.clone();
        api.world().down = true;
        let share = editor.share(&profile, 0);
        clock.run(2 * MINUTE);
        editor.wait_kept();
        clock.skew(jumps(&clock)[which]);
        clock.pass(20 * MINUTE);
        api.world().down = false;
        editor.send(SyncCommand::Refresh);
        clock.run(10 * MINUTE);
        editor.wait_state(share, "Held { why: Stale");
        assert!(api.world().done.is_empty(), "{which}");
    }
}

#[test]
fn a_window_far_ahead_is_a_quarter_of_an_hour_at_most() {
    for which in 0..3 {
        let clock = SimClock::new();
        let (dir, api, mut editor) = ready(&clock);
        let profile = api.world().profiles[0].id.clone();
        let update = editor.row(&profile, 3);
        let body = &editor.replica.update(update).expect("shown").body;
        let seen = body.content.clone();
        let not_before = Some(clock.wall().plus(YEARS));
        let change = Change::Destroy { update, seen };
        let id = editor.act_after(&profile, change, not_before);
        // Its window begins when the worker has it.
        editor.wait_state(id, "Queued");
        clock.pass(10 * SECOND);
        editor.kill();
        clock.skew(jumps(&clock)[which]);
        clock.run(SECOND);
        let started = Started::now(&clock);
        let mut editor = Editor::open_at(dir.path(), &api, 6, started, remote);
        clock.run(17 * MINUTE);
        editor.wait_settled();
        assert_eq!(api.world().done.len(), 1);
    }
}

#[test]
fn a_restart_with_another_clock_soon_sends() {
    for which in 0..5 {
        let clock = SimClock::new();
        let (dir, api, mut editor) = ready(&clock);
        let profile = api.world().profiles[0].id.clone();
        for row in 0..5 {
            editor.edit(&profile, row, &format!("edit {row}"));
        }
        clock.run(3 * SECOND);
        editor.wait("one is sent", |_| !api.world().done.is_empty());
        editor.kill();
        clock.skew(jumps(&clock)[which]);
        let before = clock.elapsed();
        clock.run(SECOND);
        let started = Started::now(&clock);
        let mut editor = Editor::open_at(dir.path(), &api, 6, started, remote);
        // What was in flight is looked up, which may take its time.
        clock.run(20 * MINUTE);
        editor.wait_settled();
        let world = api.world();
        let last = *world.done_at.last().expect("some");
        assert_eq!(world.done.len(), 5, "{:?}", world.done);
        assert!(
            last <= before + 3 * MINUTE,
            "{which}: {:?}",
            last.saturating_sub(before)
        );
        assert_eq!(world.too_many, 0);
    }
}
