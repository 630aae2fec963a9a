//! The outbox, both sides of what is held, and the log of requests, as text.

use qurate::app::state::AccountKind;
use qurate::domain::id::OperationId;
use qurate::domain::operation::{Hold, OperationState};
use qurate::domain::profile::{Profile, Service};
use qurate::domain::replica::QueueDelta;
use qurate::protocol::{Called, Capabilities, Link, SyncEvent};

use super::editor::{Editor, NOW, profile, profile_id, sent};
use super::snapshot;

fn ids(editor: &Editor) -> Vec<OperationId> {
    let operations = editor.state.replica.operations().iter();
    operations.map(|(operation, _)| operation.id).collect()
}

fn becomes(editor: &mut Editor, operation: OperationId, how: OperationState) {
    editor.tell(SyncEvent::States(vec![(operation, how)]));
}

/// A reading in which somebody else gave the `at`-th update another text; none: took it out.
fn reading(editor: &mut Editor, at: usize, text: Option<&str>) {
    let shown = editor.state.replica.queue(&profile_id(1)).unwrap();
    let mut snapshot = shown.mirror();
    snapshot.read_at = editor.now;
    match text {
        Some(text) => text.clone_into(&mut snapshot.updates[at].body.content.text),
        None => {
            snapshot.updates.remove(at);
        }
    }
    editor.tell(SyncEvent::Queue {
        profile: profile_id(1),
        delta: snapshot.into(),
        settled: Vec::new(),
    });
}

/// The first update edited here and there, and held.
pub(super) fn held(editor: &mut Editor, theirs: &str, reason: &str) {
    editor
        .press("g g e")
        .type_text(" Yes!")
        .press("ctrl-s")
        .store_all();
    reading(editor, 0, Some(theirs));
    let operation = ids(editor)[0];
    let (why, reason) = (Hold::Conflict, reason.to_owned());
    becomes(editor, operation, OperationState::Held { why, reason });
}

pub(super) fn call(seconds: i64, millis: u64, what: &str, good: bool) -> Called {
    let result = if good {
        "200".to_owned()
    } else {
        "no answer in 30 s: looking whether it arrived".to_owned()
    };
    Called {
        at: NOW.plus(seconds),
        what: what.to_owned(),
        millis,
        result,
        good,
    }
}

/// An outbox with a bit of everything, while offline, at a limit.
fn full_outbox() -> Editor {
    let mut editor = Editor::demo(9);
    editor.tell(SyncEvent::Capabilities(Capabilities {
        manage_profiles: false,
        pause: false,
        failed: false,
        local: false,
        connections: Vec::new(),
        requests_per_minute: Some(2),
    }));
    let theirs = "Release 2.4 is out now: faster search, and the import keeps the tags.";
    held(
        &mut editor,
        theirs,
        "it was changed elsewhere at the same time; both texts are kept and nothing is sent until you choose",
    );
    editor
        .press("j d j J J j e")
        .type_text(" And?")
        .press("ctrl-s");
    editor
        .press("c")
        .type_text("A new one")
        .press("ctrl-s")
        .store_all();
    editor
        .press("] e")
        .type_text(" More.")
        .press("ctrl-s")
        .store_all();
    editor.press("J");
    let all = ids(&editor);
    let refused = OperationState::Failed {
        code: Some(1025),
        reason: "the same text was posted a short time ago; change something".to_owned(),
    };
    becomes(&mut editor, all[5], refused);
    becomes(
        &mut editor,
        *all.last().unwrap(),
        OperationState::Unsaved {
            reason: Some("the disk is full; free some space, it is tried again".to_owned()),
        },
    );
    editor.now = NOW.plus(15 * 60);
    editor.act(qurate::app::Action::Tick(editor.now));
    editor.tell(SyncEvent::Link(Link::Offline {
        since: NOW.plus(120),
        reason: "the connection was refused".to_owned(),
    }));
    editor
}

#[test]
fn the_outbox_tells_all_of_what_the_cursor_is_on() {
    let mut editor = full_outbox();
    editor.press("w");
    snapshot("outbox_held_80x24", &editor.at(80, 24));
    snapshot("outbox_held_120x40", &editor.at(120, 40));
    snapshot("outbox_held_40x12", &editor.at(40, 12));
    editor.press("j");
    snapshot("outbox_refused_80x24", &editor.at(80, 24));
    editor.press("j j");
    snapshot("outbox_waits_80x24", &editor.at(80, 24));
    snapshot("outbox_waits_40x12", &editor.at(40, 12));
    editor.press("G space g g space R");
    snapshot("outbox_retry_all_80x24", &editor.at(80, 24));
}

#[test]
fn a_queue_that_was_not_read_says_so_until_it_is() {
    let mut editor = Editor::demo(9);
    editor.tell(SyncEvent::NotRead {
        profile: profile_id(1),
        reason: "more than 34 MB of updates came".to_owned(),
    });
    snapshot("not_read_80x24", &editor.at(80, 24));
    snapshot("not_read_120x40", &editor.at(120, 40));
    snapshot("not_read_40x12", &editor.at(40, 12));
    editor.now = NOW.plus(60);
    editor.act(qurate::app::Action::Tick(editor.now));
    assert!(editor.at(120, 40).contains("not read: more than 34 MB"));
    reading(&mut editor, 0, Some("read"));
    assert!(!editor.at(120, 40).contains("not read"));
}

#[test]
fn both_sides_stand_beside_or_below_each_other() {
    let mut editor = full_outbox();
    editor.press("w enter");
    snapshot("conflict_120x40", &editor.at(120, 40));
    snapshot("conflict_80x24", &editor.at(80, 24));
    snapshot("conflict_40x12", &editor.at(40, 12));
    editor.press("j j j j");
    snapshot("conflict_scrolled_40x12", &editor.at(40, 12));
    editor.press("e");
    snapshot("conflict_edit_80x24", &editor.at(80, 24));
    snapshot("conflict_edit_40x12", &editor.at(40, 12));
}

#[test]
fn an_edit_of_what_went_out_shows_what_went_out() {
    let mut editor = Editor::demo(5);
    held(&mut editor, "soon sent", "it went out before this edit");
    let operation = ids(&editor)[0];
    let reason = "it went out before this edit".to_owned();
    let why = Hold::TooLate;
    becomes(&mut editor, operation, OperationState::Held { why, reason });
    let mut page = sent(1, 1);
    let shown = editor.state.replica.queue(&profile_id(1)).unwrap();
    page.updates[0].id = shown.mirror().updates[0].id;
    reading(&mut editor, 0, None);
    editor.tell(SyncEvent::Sent(page));
    editor.press("w enter");
    snapshot("conflict_sent_120x40", &editor.at(120, 40));
}

#[test]
fn a_share_of_what_changed_shows_what_changed() {
    let mut editor = Editor::demo(5);
    editor.press("S y").store_all();
    reading(&mut editor, 0, Some("Release 2.4 is out: slower search."));
    let (operation, why) = (ids(&editor)[0], Hold::Changed);
    let reason = "it is not as you saw it any more".to_owned();
    becomes(&mut editor, operation, OperationState::Held { why, reason });
    editor.press("w enter");
    snapshot("conflict_share_80x24", &editor.at(80, 24));
}

#[test]
fn the_log_of_requests_has_the_latest_above() {
    let mut editor = Editor::demo(5);
    editor.press("@");
    assert!(editor.at(80, 24).contains("No request was made yet."));
    for (at, millis, what, good) in [
        (0, 12, "GET profiles.json", true),
        (1, 148, "GET profiles/…01/updates/pending.json page 1", true),
        (
            40,
            30_004,
            "POST updates/…02/update.json, edit “Release 2.4 is out”",
            false,
        ),
        (42, 95, "GET updates/…02.json", true),
    ] {
        editor.tell(SyncEvent::Called(call(at, millis, what, good)));
    }
    snapshot("calls_80x24", &editor.at(80, 24));
    snapshot("calls_120x40", &editor.at(120, 40));
    snapshot("calls_40x12", &editor.at(40, 12));
}

#[test]
fn a_long_trouble_of_the_store_is_read_in_full_among_the_messages() {
    let mut editor = Editor::demo(5);
    let text = "the store cannot be written: no space left on device (/home/me/.local/state/qurate/local/store.db)\nFree some space; what you do is kept here until then, and tried again every two seconds.\nThree entries of an older file could not be read; they are kept beside it.";
    editor.tell(SyncEvent::StoreTrouble(text.to_owned()));
    editor.press("y");
    snapshot("trouble_80x24", &editor.at(80, 24));
    editor.press("g l");
    snapshot("messages_80x24", &editor.at(80, 24));
    snapshot("messages_40x12", &editor.at(40, 12));
}

/// Tells what an editor hears that never was on this account before.
fn sign_in_first(editor: &mut Editor, profiles: Vec<Profile>) {
    editor.tell(SyncEvent::Restored {
        profiles: Vec::new(),
        queues: Vec::new(),
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    });
    editor.tell(SyncEvent::Link(Link::Online { since: NOW }));
    editor.tell(SyncEvent::Capabilities(Capabilities {
        manage_profiles: false,
        pause: false,
        failed: false,
        local: false,
        connections: Vec::new(),
        requests_per_minute: Some(60),
    }));
    editor.tell(SyncEvent::Profiles(profiles));
}

#[test]
fn the_first_read_of_very_many_short_queues_says_how_long_it_takes() {
    let mut editor = Editor::new(AccountKind::Remote);
    let profile = |n| Profile {
        pending: 3,
        ..profile(n, Service::Mastodon, "@acme")
    };
    sign_in_first(&mut editor, (1..=200).map(profile).collect());
    let screen = editor.at(120, 40);
    let words = "200 queues: 0 of 600 read, 4 min left";
    assert!(screen.contains(words), "{screen}");
}

#[test]
fn the_first_read_of_a_large_account_says_how_far_it_is_and_all_else_works() {
    let mut editor = Editor::new(AccountKind::Remote);
    let mut profiles = vec![
        profile(1, Service::Twitter, "@acme"),
        profile(2, Service::Mastodon, "@acme@fosstodon.org"),
    ];
    for (profile, pending) in profiles.iter_mut().zip([10_000, 5_000]) {
        profile.pending = pending;
    }
    sign_in_first(&mut editor, profiles);
    let progress = |read| SyncEvent::Progress {
        profile: profile_id(1),
        read,
        total: 10_000,
    };
    editor.tell(progress(100));
    // The requests that the limit lets through at once say nothing of the pace.
    let words = "100 of 10,000 read, 2 min left";
    let screen = editor.at(120, 40);
    assert!(screen.contains(words), "{screen}");
    editor.now = NOW.plus(15);
    editor.tell(progress(1_200));
    snapshot("first_read_120x40", &editor.at(120, 40));
    snapshot("first_read_80x24", &editor.at(80, 24));
    editor
        .press("c")
        .type_text("Written meanwhile")
        .press("ctrl-s")
        .store_all();
    let screen = editor.at(80, 24);
    assert!(screen.contains("Written meanwhile"), "{screen}");
    assert!(screen.contains("1,200 of 10,000 read"), "{screen}");
    assert!(screen.contains("Without a time"), "{screen}");
    assert!(screen.contains("is not read yet"), "{screen}");
    let read = |editor: &mut Editor| {
        editor.tell(SyncEvent::Queue {
            profile: profile_id(1),
            delta: QueueDelta {
                read_at: editor.now,
                ..QueueDelta::default()
            },
            settled: Vec::new(),
        });
    };
    read(&mut editor);
    let screen = editor.at(80, 24);
    assert!(!screen.contains("of 10,000 read"), "{screen}");
    assert!(screen.contains("1 queue: 0 of 5,000 read"), "{screen}");
    // What is read again is nobody's business.
    editor.tell(progress(300));
    let screen = editor.at(80, 24);
    assert!(!screen.contains("of 10,000 read"), "{screen}");
}
