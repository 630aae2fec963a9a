//! The request budget: what a drain costs, and that no minute sees more than the limit.

use std::sync::Arc;
use std::time::Duration;

use qurate::domain::id::ProfileId;
use qurate::protocol::SyncCommand;
use qurate::sync::{Pace, Settings};

use super::fake_api::{FakeApi, profile_id};
use super::sim_clock::SimClock;
use super::sync_harness::{Editor, quick_dir};

const MINUTE: Duration = Duration::from_mins(1);

/// What an account of a server far away has.
fn remote(settings: &mut Settings) {
    settings.pace = Pace::remote();
    settings.local = false;
    settings.requests_per_minute = Some(50);
    settings.socket = None;
}

/// A server of some profiles with so many updates each, that allows 60 requests a minute.
fn limited(profiles: usize, updates: usize, clock: &Arc<SimClock>) -> (FakeApi, Vec<ProfileId>) {
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
fn busiest_minute(arrivals: &[Duration]) -> usize {
    let seen = |from: &Duration| {
        let in_it = |at: &&Duration| **at >= *from && **at < *from + MINUTE;
        arrivals.iter().filter(in_it).count()
    };
    arrivals.iter().map(seen).max().unwrap_or(0)
}

/// Edits everything while the line is down, and lets it go out. Returns the edits a minute.
fn drain(revisions: bool) -> f64 {
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
    println!(
        "{took:?}: {rate:.1} edits a minute, {requests} requests, at most {busiest} in a minute, {} x 429",
        world.too_many
    );
    assert_eq!(world.too_many, 0);
    assert!(busiest <= 60, "{busiest}");
    for profile in &profiles {
        assert_eq!(world.texts(profile), editor.texts(profile));
    }
    rate
}

#[test]
fn a_thousand_edits_go_out_at_45_a_minute() {
    for revisions in [false, true] {
        let rate = drain(revisions);
        assert!(
            rate >= 45.0,
            "{rate} edits a minute, revisions: {revisions}"
        );
    }
}
