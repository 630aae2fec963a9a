//! Accounts of very many profiles where requests are few: each profile has its turn, and neither the
//! queue on the screen nor what a person does waits for theirs.

use std::sync::Arc;
use std::time::Duration;

use qurate::domain::id::ProfileId;
use qurate::domain::time::Timestamp;
use qurate::protocol::{Called, SyncCommand, SyncEvent};
use qurate::sync::Clock as _;

use super::fake_api::FakeApi;
use super::sim_clock::SimClock;
use super::sync_budget::{busiest_minute, limited, remote};
use super::sync_harness::{Editor, quick_dir};

/// More than a limited account can read as often as few.
const MANY: usize = 250;
const MINUTE: Duration = Duration::from_mins(1);

fn called(event: &SyncEvent) -> Option<&Called> {
    match event {
        SyncEvent::Called(called) => Some(called),
        _ => None,
    }
}

/// The longest time between two of these, in seconds.
fn longest(times: &[i64]) -> i64 {
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.max().unwrap_or(0)
}

/// An editor on an account of very many profiles, with the second one on the screen.
struct Account {
    clock: Arc<SimClock>,
    api: FakeApi,
    profiles: Vec<ProfileId>,
    editor: Editor,
    _dir: tempfile::TempDir,
}

impl Account {
    fn open() -> Self {
        let (dir, clock) = (quick_dir(), SimClock::new());
        let (api, profiles) = limited(MANY, 3, &clock);
        let editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), remote);
        editor.send(SyncCommand::Focus(Some(profiles[1].clone())));
        Self {
            clock,
            api,
            profiles,
            editor,
            _dir: dir,
        }
    }

    /// Lets minutes pass, in which the person is there.
    fn pass(&mut self, minutes: u32) {
        for _ in 0..minutes {
            self.editor.send(SyncCommand::Awake);
            self.clock.pass(MINUTE);
        }
        let lately = self.clock.wall().plus(-20);
        self.editor.wait("the latest news", |e| {
            let latest = e.seen.iter().rev().find_map(called);
            latest.is_some_and(|called| called.at >= lately)
        });
    }

    /// When a list of a profile was asked for, in seconds from the first time on.
    fn asked(&self, profile: &ProfileId, list: &str) -> Vec<i64> {
        let wanted = format!("GET profiles/{profile}/updates/{list} page 1 ");
        let calls = self.editor.seen.iter().filter_map(called);
        let asked: Vec<Timestamp> = calls
            .filter(|called| called.what.starts_with(&wanted))
            .map(|called| called.at)
            .collect();
        asked.iter().map(|at| at.0 - asked[0].0).collect()
    }
}

#[test]
fn each_of_very_many_profiles_has_its_turn_and_the_one_on_the_screen_does_not_wait_for_them() {
    let mut account = Account::open();
    account.pass(10);
    account.editor.wait_read(MANY);
    account.pass(30);
    for profile in &account.profiles {
        let times = account.asked(profile, "pending");
        assert!(times.len() >= 3, "{profile}: {times:?}");
        assert!(longest(&times) <= 15 * 60, "{profile}: {times:?}");
    }
    let on_screen = account.asked(&account.profiles[1], "pending");
    assert!(longest(&on_screen) <= 20, "{on_screen:?}");
    let world = account.api.world();
    assert_eq!(world.too_many, 0);
    assert!(busiest_minute(&world.arrivals) <= 60);
}

#[test]
fn an_edit_does_not_wait_for_the_reads_of_very_many_profiles() {
    let mut account = Account::open();
    for minutes in [1, 9, 15, 20] {
        account.pass(minutes);
        let at = account.clock.elapsed();
        account.editor.edit(
            &account.profiles[1],
            1,
            &format!("after {minutes} more minutes"),
        );
        account.pass(1);
        let done = account.api.world().done_at.last().copied();
        let took = done.map(|done| done.saturating_sub(at));
        assert!(
            took.is_some_and(|took| took <= Duration::from_secs(5)),
            "{took:?}"
        );
    }
}

#[test]
fn what_was_sent_is_read_once_for_the_person_and_late_for_nobody() {
    let mut account = Account::open();
    account.pass(1);
    let profile = account.profiles[7].clone();
    account
        .editor
        .send(SyncCommand::Focus(Some(profile.clone())));
    account.editor.send(SyncCommand::LoadSent {
        profile: profile.clone(),
        page: 1,
    });
    account.pass(1);
    assert_eq!(account.asked(&profile, "sent"), [0]);
    account.pass(5);
    let others = account
        .profiles
        .iter()
        .map(|other| account.asked(other, "sent").len());
    let others: usize = others.sum();
    assert!(
        others < 30,
        "{others} in the way of queues that were never read"
    );
}
