//! Several editors on one account: one sends, the others follow, and one of them takes over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use qurate::domain::done::Done;
use qurate::domain::draft::Draft;
use qurate::domain::id::{DraftId, GroupId, LocalId, ProfileId};
use qurate::domain::operation::{Change, OperationState};
use qurate::domain::tag::Tagged;
use qurate::protocol::{Kept, Leaving, Link, Stack, SyncCommand, SyncEvent};
use qurate::sync::Parting;
use rustix::process::Signal;
use ulid::Ulid;

use super::fake_api::{FakeApi, Fault, profile_id};
use super::pty::{Start, Terminal};
use super::served::{Served, serve_account};
use super::sync_harness::{Editor, now};

/// How many: few as a rule, `QURATE_TEST_SCALE` times as many when asked.
pub(crate) fn scaled(count: usize) -> usize {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    count * scale.and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// Two editors on a store, the first of which sends.
fn two(dir: &Path, api: &FakeApi) -> (Editor, Editor, ProfileId) {
    let mut first = Editor::open(dir, api, 1);
    first.wait_read(1);
    let mut second = Editor::open(dir, api, 2);
    second.wait("follower", |e| e.link == Link::Follower);
    (first, second, profile_id("a"))
}

/// The same, with an update from the second: what comes at once came by the socket.
fn two_that_hear_each_other(dir: &Path, api: &FakeApi) -> (Editor, Editor, ProfileId) {
    let (mut first, mut second, p) = two(dir, api);
    let rows = first.rows(&p) + 1;
    second.create(&p, "from the second");
    first.wait("it is shown", |e| e.rows(&p) == rows);
    second.wait_settled();
    (first, second, p)
}

fn count(api: &FakeApi, what: &str) -> usize {
    api.world().done.iter().filter(|done| *done == what).count()
}

#[test]
fn an_edit_of_a_follower_goes_out_at_once_and_both_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    // The harness reads once a minute: what comes sooner came by the socket.
    let (mut first, mut second, p) = two(dir.path(), &api);
    second.create(&p, "from the second");
    first.wait("it is shown", |e| e.texts(&p).len() == 4);
    first.wait_settled();
    second.wait_settled();
    second.edit(&p, 0, "one");
    second.carry(&p, 2, None);
    second.wait_settled();
    let want = ["3", "one", "2", "from the second"];
    first.wait("the same", |e| e.texts(&p) == want);
    second.wait("the same", |e| e.texts(&p) == want);
    assert_eq!(api.world().texts(&p), want);
    assert_eq!(count(&api, "create from the second"), 1);
    second.quit();
    first.quit();
    assert!(!dir.path().join("editors.sock").exists());
}

#[test]
fn a_follower_shows_what_the_leader_does_and_how_far_it_came() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (mut first, mut second, p) = two(dir.path(), &api);
    api.world().faults.push_back(Fault::Hang { done: false });
    let id = first.create(&p, "new");
    second.wait_state(id, "InFlight");
    assert_eq!(second.texts(&p), ["1", "2", "new"]);
    let edit = first.edit(&p, 0, "one");
    second.wait_state(edit, "Queued");
    first.send(SyncCommand::Cancel(vec![edit]));
    second.wait("taken back", |e| e.state(edit).is_none());
    assert_eq!(second.texts(&p), ["1", "2", "new"]);
    second.send(SyncCommand::Cancel(vec![id]));
    second.wait("too late", |e| e.seen.contains(&SyncEvent::TooLate(id)));
    first.quit();
    // It is not known what became of it: the new leader finds out.
    second.wait_state(id, "Held");
    assert_eq!(count(&api, "create new"), 0);
    second.send(SyncCommand::Retry(id));
    second.wait_settled();
    assert_eq!(count(&api, "create new"), 1);
}

#[test]
fn what_a_follower_takes_back_is_not_sent_and_what_it_decides_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (mut first, mut second, p) = two(dir.path(), &api);
    api.world().down = true;
    // What is just being sent is not taken back: the leader knows first that there is no line.
    first.send(SyncCommand::Refresh);
    first.wait("offline", |e| matches!(e.link, Link::Offline { .. }));
    let (one, two) = (first.edit(&p, 0, "one"), second.create(&p, "two"));
    first.wait_state(two, "Queued");
    second.wait_state(one, "Queued");
    // Both may take back what the other made.
    second.send(SyncCommand::Cancel(vec![one]));
    first.send(SyncCommand::Cancel(vec![two]));
    first.wait("both gone", |e| e.replica.operations().is_empty());
    second.wait("both gone", |e| e.replica.operations().is_empty());
    second.wait("the line of the leader is told", |e| {
        matches!(e.link, Link::Offline { .. })
    });
    api.world().down = false;
    first.send(SyncCommand::Refresh);
    second.wait("and told again", |e| e.link == Link::Follower);
    api.world().faults.push_back(Fault::Silent { done: false });
    let lost = first.create(&p, "lost");
    second.wait_state(lost, "Held");
    second.send(SyncCommand::Retry(lost));
    first.wait_settled();
    second.wait_settled();
    assert_eq!(api.world().texts(&p), ["1", "2", "lost"]);
    api.world().faults.push_back(Fault::Silent { done: false });
    let dropped = first.create(&p, "dropped");
    second.wait_state(dropped, "Held");
    second.send(SyncCommand::Discard(dropped));
    first.wait("dropped", |e| e.state(dropped).is_none());
    let ours = ["edit one", "create two", "create dropped"];
    assert!(
        api.world()
            .done
            .iter()
            .all(|done| !ours.contains(&done.as_str()))
    );
}

#[test]
fn a_follower_that_wants_all_read_again_has_the_leader_do_it() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (mut first, mut second, p) = two_that_hear_each_other(dir.path(), &api);
    api.world().rewrite(&p, 0, "by a teammate");
    second.send(SyncCommand::Refresh);
    second.wait("it is read", |e| e.texts(&p)[0] == "by a teammate");
    first.wait("and shown here", |e| e.texts(&p)[0] == "by a teammate");
}

#[test]
fn who_quits_holds_its_own_shares_and_nobody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (mut first, mut second, p) = two(dir.path(), &api);
    let share = |e: &mut Editor, row| {
        let update = e.row(&p, row);
        let seen = e.replica.update(update).unwrap().body.content.clone();
        let change = Change::Share { update, seen };
        e.act_after(&p, change, Some(now().plus(600)))
    };
    let one = share(&mut first, 0);
    second.wait_state(one, "Queued");
    let two = share(&mut second, 0);
    first.wait_state(two, "Queued");
    second.quit();
    first.wait_state(two, "Held");
    assert_eq!(first.state(one), Some(OperationState::Queued));
    assert_eq!(count(&api, "share"), 0);
}

#[test]
fn who_quits_knows_whether_another_sends_on() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (first, mut second, _) = two_that_hear_each_other(dir.path(), &api);
    let quit = |e: Editor| {
        e.send(SyncCommand::Quit(Leaving::MaySend));
        e.handle.ended.wait(Duration::from_secs(20))
    };
    let parting = |another_takes_over| {
        Some(Parting {
            another_takes_over,
            stored: true,
            ..Parting::default()
        })
    };
    assert_eq!(quit(first), parting(true));
    second.wait("it leads", |e| matches!(e.link, Link::Online { .. }));
    assert_eq!(quit(second), parting(false), "nobody is left");
}

#[test]
fn three_editors_take_over_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1"])]);
    let (mut first, mut second, p) = two(dir.path(), &api);
    let mut third = Editor::open(dir.path(), &api, 3);
    third.create(&p, "three");
    first.wait("it is settled", |e| e.texts(&p).len() == 2);
    third.wait_settled();
    drop(first.handle);
    let leads = |e: &Editor| matches!(e.link, Link::Online { .. });
    second.create(&p, "two");
    third.wait("the two", |e| e.texts(&p).len() == 3);
    third.wait_settled();
    second.wait_settled();
    let (leader, mut follower) = if leads(&second) {
        (second, third)
    } else {
        (third, second)
    };
    drop(leader.handle);
    follower.create(&p, "last");
    follower.wait_settled();
    follower.wait("it leads", leads);
    assert_eq!(api.world().texts(&p), ["1", "three", "two", "last"]);
    let fourth = Editor::open(dir.path(), &api, 4);
    assert_eq!(fourth.texts(&p), ["1", "three", "two", "last"]);
}

#[test]
fn without_a_socket_it_works_as_well_only_later() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1"])]);
    // What is no socket is left as it is.
    fs::write(dir.path().join("editors.sock"), "mine").unwrap();
    let (mut first, mut second, p) = two(dir.path(), &api);
    let id = second.create(&p, "two");
    second.wait_state(id, "Queued");
    first.send(SyncCommand::Refresh);
    first.wait("it is settled", |e| e.texts(&p).len() == 2);
    first.wait_settled();
    second.create(&p, "three");
    first.quit();
    second.wait_settled();
    assert_eq!(api.world().texts(&p), ["1", "two", "three"]);
    assert_eq!(fs::read(dir.path().join("editors.sock")).unwrap(), b"mine");
}

/// The tags that another editor put on an update, as this one was told last.
fn told_tags(e: &Editor, update: LocalId) -> Option<Vec<String>> {
    let mut told = e.seen.iter().rev().filter_map(|event| match event {
        SyncEvent::Tags(tagged) => tagged.iter().find(|one| one.update == update),
        _ => None,
    });
    told.next().map(|one| one.tags.iter().cloned().collect())
}

#[test]
fn tags_put_on_in_one_editor_show_in_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let (mut first, mut second, p) = two(dir.path(), &api);
    let mut third = Editor::open(dir.path(), &api, 3);
    third.wait("follower", |e| e.link == Link::Follower);
    let (one, other) = (first.row(&p, 0), first.row(&p, 1));
    let tag = |update, words: &[&str]| {
        let tags = words.iter().map(|word| (*word).to_owned()).collect();
        SyncCommand::Tag(vec![Tagged { update, tags }])
    };
    let has = |update, words: &'static [&'static str]| {
        move |e: &Editor| told_tags(e, update).is_some_and(|tags| tags == words)
    };
    second.send(tag(one, &["blog", "launch"]));
    first.wait("the leader is told", has(one, &["blog", "launch"]));
    third.wait("and a follower by it", has(one, &["blog", "launch"]));
    first.send(tag(other, &["lab"]));
    second.wait("a follower is told", has(other, &["lab"]));
    third.wait("each of them is", has(other, &["lab"]));
    third.send(tag(one, &[]));
    second.wait("that they are off", has(one, &[]));
    first.wait("that they are off", has(one, &[]));
    // Nobody is told of what it did itself.
    assert_eq!(told_tags(&first, other), None);
    let own = |e: &Editor| {
        e.seen
            .iter()
            .filter(|e| matches!(e, SyncEvent::Tags(_)))
            .count()
    };
    assert_eq!((own(&first), own(&second), own(&third)), (2, 2, 2));
}

#[test]
fn drafts_of_two_editors_are_both_kept() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1"])]);
    let (first, second, _) = two(dir.path(), &api);
    let draft = |text: &str| {
        SyncCommand::SaveDraft(Box::new(Draft {
            id: DraftId(Ulid::from(u128::from(text.as_bytes()[0]))),
            text: text.to_owned(),
            ..Draft::default()
        }))
    };
    let offered = |e: &Editor| {
        e.seen.iter().find_map(|event| match event {
            SyncEvent::Restored { drafts, .. } => Some(drafts.clone()),
            _ => None,
        })
    };
    first.send(draft("first"));
    second.send(draft("second"));
    let third = Editor::open(dir.path(), &api, 3);
    assert_eq!(offered(&third), Some(Vec::new()), "others are writing them");
    third.quit();
    second.quit();
    first.quit();
    let editor = Editor::open(dir.path(), &api, 4);
    let left = offered(&editor).unwrap();
    let texts: Vec<&str> = left.iter().map(|draft| draft.text.as_str()).collect();
    assert_eq!(texts, ["first", "second"]);
    editor.send(SyncCommand::DropDraft(left[0].id));
    editor.quit();
    let editor = Editor::open(dir.path(), &api, 5);
    assert_eq!(offered(&editor).unwrap(), left[1..]);
    editor.quit();
}

#[test]
fn an_editor_beside_the_agent_is_offered_what_it_left() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1"])]);
    let first = Editor::open(dir.path(), &api, 1);
    let draft = Draft {
        id: DraftId(Ulid::from(7_u128)),
        text: "half a thought".to_owned(),
        ..Draft::default()
    };
    first.send(SyncCommand::SaveDraft(Box::new(draft)));
    first.send(SyncCommand::Keep {
        put: vec![Kept {
            done: Done::of(GroupId(Ulid::from(8_u128)), "moved it".to_owned()),
            stack: Stack::Undo,
            place: 1,
        }],
        gone: Vec::new(),
    });
    first.quit();
    let offered = |e: &Editor| {
        e.seen.iter().find_map(|event| match event {
            SyncEvent::Restored {
                drafts, history, ..
            } => Some((drafts.len(), history.len())),
            _ => None,
        })
    };
    let mut agent = Editor::open_with(dir.path(), &api, 2, |settings| settings.attended = false);
    agent.wait_read(1);
    let mut second = Editor::open(dir.path(), &api, 3);
    second.wait("follower", |e| e.link == Link::Follower);
    assert_eq!(offered(&second), Some((1, 1)), "nobody else edits");
    let third = Editor::open(dir.path(), &api, 4);
    assert_eq!(offered(&third), Some((0, 0)), "somebody does");
}

#[test]
fn a_leader_whose_lock_file_was_removed_sends_nothing_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2"])]);
    let mut first = Editor::open(dir.path(), &api, 1);
    first.wait_read(1);
    api.world().faults.push_back(Fault::Hang { done: true });
    let p = profile_id("a");
    let hanging = first.create(&p, "hanging");
    first.wait_state(hanging, "InFlight");
    fs::remove_file(dir.path().join("account.db.lock")).unwrap();
    let mut second = Editor::open(dir.path(), &api, 2);
    second.wait("it leads", |e| matches!(e.link, Link::Online { .. }));
    let id = first.create(&p, "after");
    first.wait("it follows", |e| e.link == Link::Follower);
    second.wait("both are found", |e| e.texts(&p).len() == 4);
    second.wait_settled();
    first.wait("nothing waits", |e| e.state(id).is_none());
    assert_eq!(count(&api, "create hanging"), 1);
    assert_eq!(count(&api, "create after"), 1);
}

#[test]
fn what_was_stored_otherwise_since_is_read_by_whoever_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let p = profile_id("a");
    let (leader, mut follower, _) = two(dir.path(), &api);
    api.world().rewrite(&p, 1, "other");
    leader.send(SyncCommand::Refresh);
    follower.wait("the leader read it", |e| e.texts(&p) == ["1", "other", "3"]);
    // It is again as the follower once read it, and not as it is stored.
    api.world().rewrite(&p, 1, "2");
    drop(leader.handle);
    follower.wait("it is read", |e| e.texts(&p) == ["1", "2", "3"]);
}

#[test]
fn leaders_that_die_while_both_edit_lose_and_double_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let api = FakeApi::with(&[("a", &["1", "2", "3"])]);
    let p = profile_id("a");
    let mut random = fastrand::Rng::with_seed(5);
    let (mut leader, mut follower, _) = two(dir.path(), &api);
    let (mut made, mut slowest) = (0, Duration::ZERO);
    for round in 0..scaled(10) {
        for _ in 0..random.usize(1..6) {
            let who = if random.bool() {
                &mut leader
            } else {
                &mut follower
            };
            made += 1;
            who.create(&p, &format!("text {made}"));
            if random.u8(..4) == 0 {
                api.world().faults.push_back(Fault::LostReply);
            }
        }
        let saved = |e: &Editor| {
            let mut states = e.replica.operations().iter();
            states.all(|(_, state)| !matches!(state, OperationState::Unsaved { .. }))
        };
        leader.wait("saved", saved);
        follower.wait("saved", saved);
        std::thread::sleep(Duration::from_micros(random.u64(..5_000)));
        drop(leader.handle);
        let died = Instant::now();
        let seen = follower.seen.len();
        let online = |event: &SyncEvent| matches!(event, SyncEvent::Link(Link::Online { .. }));
        follower.wait("it leads", |e| e.seen[seen..].iter().any(online));
        slowest = slowest.max(died.elapsed());
        leader = follower;
        let number = 100 + u64::try_from(round).unwrap();
        follower = Editor::open(dir.path(), &api, number);
        follower.wait("follower", |e| e.link == Link::Follower);
    }
    println!("in process: slowest takeover {slowest:?}, {made} creates");
    // What was killed before it got there is held: its person sends it again.
    api.world().faults.clear();
    let held = |e: &Editor| {
        let all = e.replica.operations().iter();
        let held = all.filter(|(_, state)| matches!(state, OperationState::Held { .. }));
        held.map(|(operation, _)| operation.id).collect::<Vec<_>>()
    };
    while !leader.replica.operations().is_empty() {
        leader.wait("settled or held", |e| {
            held(e).len() == e.replica.operations().len()
        });
        for id in held(&leader) {
            follower.wait_state(id, "Held");
            follower.send(SyncCommand::Retry(id));
            leader.wait("it is tried again", |e| !held(e).contains(&id));
        }
    }
    follower.wait_settled();
    let there = api.world().texts(&p);
    assert_eq!(there.len(), made + 3, "{there:?}");
    for text in (1..=made).map(|n| format!("text {n}")) {
        assert_eq!(count(&api, &format!("create {text}")), 1, "{text}");
    }
    leader.wait("as the server", |e| e.texts(&p) == there);
    follower.wait("as the server", |e| e.texts(&p) == there);
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}

/// An editor in a terminal.
pub(crate) struct Screen {
    pub(crate) terminal: Terminal,
}

impl Screen {
    pub(crate) fn open(home: &Path) -> Self {
        let terminal = Start::new(home, &["--state-dir", "s", "--config", "c.toml"])
            .size(160, 120)
            .run();
        terminal.wait("the queue", |s| s.contains("─ Queue"));
        Self { terminal }
    }

    /// Composes an update; whether it is saved is another question.
    pub(crate) fn compose(&mut self, text: &str) {
        self.terminal.press("c");
        self.terminal.wait_for("New update");
        self.terminal.press(text);
        self.terminal.wait_for(text);
        self.terminal.press("\x13");
        self.terminal
            .wait("composed", |s| !s.contains("New update"));
    }

    pub(crate) fn status(screen: &str) -> &str {
        screen.lines().rev().nth(1).unwrap_or_default()
    }

    pub(crate) fn wait_status(&self, what: &str, words: &[&str]) {
        let bound = Duration::from_mins(1);
        self.terminal.wait_within(bound, what, |screen| {
            let status = Self::status(screen);
            let open = ["not saved", "waiting"];
            words.iter().any(|word| status.contains(word))
                && !open.iter().any(|word| status.contains(word))
        });
    }
}

/// Our texts in the queue on a screen: those that are confirmed, and those that are not.
fn shown(screen: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let lines = screen
        .lines()
        .skip_while(|line| !line.starts_with("─ Queue"));
    let queue = lines.skip(1).take_while(|line| !line.starts_with("─ "));
    let ours = queue.filter_map(|line| {
        let text = line
            .split_whitespace()
            .find(|word| word.starts_with("unique-"))?;
        let is_marked = line.chars().take(14).any(|sign| "!·↑?✗".contains(sign));
        Some((text.to_owned(), is_marked))
    });
    let (marked, confirmed): (Vec<_>, Vec<_>) = ours.partition(|(_, is_marked)| *is_marked);
    let texts = |list: Vec<(String, bool)>| list.into_iter().map(|(text, _)| text).collect();
    (texts(confirmed), texts(marked))
}

#[test]
fn leaders_that_are_killed_or_stopped_lose_and_double_nothing() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("c.toml"), "window = 1\n").unwrap();
    let served = serve_account(home.path(), "s", 3);
    let profile = served.profiles()[0].clone();
    let mut random = fastrand::Rng::with_seed(11);
    let mut leader = Screen::open(home.path());
    leader.wait_status("it leads", &["online"]);
    let mut follower = Screen::open(home.path());
    follower.wait_status("it follows", &["another qurate sends"]);
    let (mut made, mut slowest) = (Vec::new(), Duration::ZERO);
    // None is ever said twice: what was cleared away is on the screens until they read again.
    let mut texts = (0..).map(|number| format!("unique-{number}"));
    for round in 0..scaled(10) {
        for who in [&mut leader, &mut follower] {
            let text = texts.next().expect("another one");
            who.compose(&text);
            // On the screen as saved, or as sent already.
            who.terminal.wait(&text, |screen| {
                let is_it = |line: &&str| line.split_whitespace().any(|word| word == text);
                let line = screen.lines().find(is_it);
                line.is_some_and(|line| !line.chars().take(14).any(|c| c == '!'))
            });
            made.push(text);
        }
        std::thread::sleep(Duration::from_millis(random.u64(..100)));
        if random.bool() {
            leader.terminal.signal(Signal::STOP);
            let text = texts.next().expect("another one");
            follower.compose(&text);
            made.push(text);
            if random.bool() {
                leader.terminal.signal(Signal::CONT);
            }
        }
        leader.terminal.kill();
        let died = Instant::now();
        follower.terminal.wait("it leads", |screen| {
            !Screen::status(screen).contains("another qurate sends")
        });
        slowest = slowest.max(died.elapsed());
        leader = follower;
        follower = Screen::open(home.path());
        follower.wait_status("it follows", &["another qurate sends"]);
        if made.len() > 30 || round + 1 == scaled(10) {
            check(&served, &profile, &leader, &follower, &made);
            clear(&served, &profile, &mut made);
        }
    }
    println!("processes: slowest takeover {slowest:?}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    for mut screen in [follower, leader] {
        // A post that asks the person is kept, and the code says so.
        let asks = Screen::status(&screen.terminal.screen()).contains("held");
        screen.terminal.press("q");
        assert_eq!(screen.terminal.wait_end(), if asks { 75 } else { 0 });
    }
    assert_eq!(sockets(&home.path().join("s/run")), 0);
}

/// The server has each text once, and both screens show what the server has.
fn check(served: &Served, profile: &str, leader: &Screen, follower: &Screen, made: &[String]) {
    leader.wait_status("all is sent", &["online"]);
    follower.wait_status("and seen", &["another qurate sends"]);
    let there = served.texts(profile, "pending");
    for text in made {
        let count = there.iter().filter(|there| *there == text).count();
        let screen = leader.terminal.screen();
        let held = Screen::status(&screen).contains("held");
        assert!(
            count == 1 || (count == 0 && held),
            "{text}: {count}\n{screen}"
        );
    }
    for screen in [leader, follower] {
        let what = "the screen shows what the server has";
        screen.terminal.wait(what, |screen| {
            let (confirmed, held) = shown(screen);
            let all = made.iter();
            let mut all = all.map(|text| (confirmed.contains(text), held.contains(text)));
            all.all(|(confirmed, held)| confirmed || held)
                && confirmed.iter().all(|text| there.contains(text))
        });
    }
}

/// Makes room on the screen.
fn clear(served: &Served, profile: &str, made: &mut Vec<String>) {
    let page = served.get(&format!(
        "profiles/{profile}/updates/pending.json?count=100"
    ));
    for update in page["updates"].as_array().expect("a list") {
        let text = update["text"].as_str().expect("a text");
        if text.starts_with("unique-") {
            let id = update["id"].as_str().expect("an id");
            served.post(&format!("updates/{id}/destroy.json"), "");
        }
    }
    made.clear();
}

fn sockets(directory: &Path) -> usize {
    let names = fs::read_dir(directory).expect("it is there");
    let names = names.flatten().map(|entry| entry.file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("editors-"))
        .filter(|name| name.to_string_lossy().ends_with(".sock"))
        .count()
}
