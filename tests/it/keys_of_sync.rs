//! What keys do with what sync leaves to the person: undo after a restart, the outbox, both texts
//! side by side, the log of requests, and what others did.

use qurate::app::action::Action;
use qurate::app::command::Command;
use qurate::app::effect::Effect;
use qurate::app::mode::{Mode, Question};
use qurate::app::notice::Severity;
use qurate::app::outbox::{explain, outbox_heading, outbox_rows};
use qurate::app::sides::sides;
use qurate::app::state::Pane;
use qurate::app::status::status;
use qurate::domain::id::OperationId;
use qurate::domain::operation::{Change, Hold, OperationState, Placement};
use qurate::domain::replica::QueueSnapshot;
use qurate::protocol::{Called, Capabilities, Leaving, Link, SyncCommand, SyncEvent};

use crate::harness::{Harness, NOW, fix, id, profile};

/// Says that an operation is held.
fn hold(h: &mut Harness, operation: OperationId, why: Hold) {
    let reason = "the reason".to_owned();
    let held = OperationState::Held { why, reason };
    h.sync(SyncEvent::States(vec![(operation, held)]));
}

/// A reading of the first profile's queue.
fn read(h: &mut Harness, change: impl FnOnce(&mut QueueSnapshot)) {
    let rows = h.state.replica.queue(&profile(0).id).unwrap().mirror();
    let mut snapshot = rows.clone();
    snapshot.read_at = h.now;
    change(&mut snapshot);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
}

/// The third update edited to "update 2!", its text changed to `theirs` elsewhere, and held.
fn conflict(theirs: &str, why: Hold) -> (Harness, OperationId) {
    let mut h = Harness::with(6);
    h.keys("jje!<ctrl-s>").store();
    let operation = h.operations()[0].id;
    read(&mut h, |s| {
        theirs.clone_into(&mut s.updates[2].body.content.text);
    });
    hold(&mut h, operation, why);
    (h, operation)
}

fn offline(h: &mut Harness) {
    let (since, reason) = (h.now, "no route".to_owned());
    h.sync(SyncEvent::Link(Link::Offline { since, reason }));
}

#[test]
fn undo_and_redo_go_on_after_a_restart_in_their_middle() {
    let mut h = Harness::with(6);
    h.keys("Je!<ctrl-s>GdcA new one<ctrl-s>").store();
    let after = h.texts();
    h.keys("uu");
    let middle = h.texts();
    let mut h = h.restart();
    assert_eq!(h.texts(), middle);
    h.keys("UU").store();
    assert_eq!(h.texts(), after);
    let mut h = h.restart();
    h.keys("u").store();
    let mut h = h.restart();
    h.keys("uuu");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(h.texts()[0], "update 0");
    h.keys("u");
    assert_eq!(h.notice(), "there is nothing to take back");
    h.keys("UUUU");
    assert_eq!(h.texts(), after);
}

#[test]
fn what_was_sent_and_read_before_a_restart_is_undone_by_what_undoes_it() {
    let mut h = Harness::with(5);
    h.keys("2Jgge!<ctrl-s>jdcA new one<ctrl-s>").ack().settle();
    assert!(h.changes().is_empty(), "all of it is confirmed");
    let mut h = h.restart();
    h.keys("uuuu");
    assert_eq!(h.order(), [0, 1, 2, 3, 4]);
    let made: Vec<&str> = h.changes().iter().map(Change::word).collect();
    assert_eq!(made, ["destroy", "create", "reorder", "edit", "reorder"]);
    let at = h.state.rows()[0].update;
    assert_eq!(at, id(0, 0), "what was only moved is the same update");
}

#[test]
fn what_undo_made_is_no_act_of_its_own_after_a_restart() {
    let mut h = Harness::with(4);
    h.keys("e!<ctrl-s>").ack().keys("u").store();
    assert_eq!(h.texts()[0], "update 0");
    let mut h = h.restart();
    h.keys("u");
    assert_eq!(h.notice(), "there is nothing to take back");
    h.keys("U");
    assert_eq!(h.texts()[0], "update 0!");
}

#[test]
fn what_the_history_lacks_is_found_among_what_waits() {
    let mut h = Harness::with(4);
    h.keys("J").store();
    let before = h.effects.len();
    h.keys("jjd").store();
    // Killed after the delete was stored and before the word of it was.
    h.effects.truncate(before);
    let mut h = h.restart();
    h.keys("u");
    assert_eq!(h.order(), [1, 0, 2, 3]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3]);
}

#[test]
fn redo_while_what_took_it_back_still_waits_takes_that_out_and_makes_nothing_twice() {
    let mut h = Harness::with(3);
    h.keys("cnew<ctrl-s>").ack().settle();
    let made = h.state.rows()[3].update;
    h.keys("u").store();
    let destroy = h.operations()[0].id;
    let mut h = h.restart();
    h.keys("U");
    assert_eq!(h.cancelled(), [destroy]);
    assert!(
        h.changes().is_empty(),
        "the same text is not created a second time"
    );
    assert_eq!(h.state.rows()[3].update, made);
    h.keys("u");
    assert_eq!(h.texts().len(), 3);
    // Once it was sent, it is made anew.
    h.ack().keys("U");
    assert!(matches!(h.changes().last(), Some(Change::Create { .. })));
}

#[test]
fn one_step_tells_the_store_at_most_once_what_changed() {
    let mut h = Harness::with(4);
    let mut tell = |keys: &str| {
        let before = h.effects.len();
        h.keys(keys);
        let of_keep = |effect: &&Effect| matches!(effect, Effect::Sync(SyncCommand::Keep { .. }));
        h.effects[before..].iter().filter(of_keep).count()
    };
    assert_eq!(tell("jk"), 0);
    assert_eq!(tell("J"), 1);
    assert_eq!(tell("3J"), 1);
    assert_eq!(tell("2u"), 1);
    assert_eq!(tell("U"), 1);
}

#[test]
fn undo_of_an_edit_that_somebody_changed_since_keeps_both_texts() {
    let mut h = Harness::with(3);
    h.keys("e!<ctrl-s>").ack().settle();
    let mut h = h.restart();
    read(&mut h, |s| {
        s.updates[0].body.content.text = "theirs".to_owned();
    });
    h.keys("u");
    assert!(h.notice().contains("somebody changed it"), "{}", h.notice());
    let changes = h.changes();
    let [Change::Edit { base, want, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    let texts = (base.content.text.as_str(), want.content.text.as_str());
    // Its base is not theirs, so the worker holds it and overwrites nothing.
    assert_eq!(texts, ("update 0!", "update 0"));
}

#[test]
fn what_went_out_since_is_not_taken_back() {
    let mut h = Harness::with(3);
    h.keys("e!<ctrl-s>").ack().settle();
    let mut h = h.restart();
    read(&mut h, |s| {
        s.updates.remove(0);
    });
    h.keys("u");
    assert!(h.changes().is_empty());
    assert!(
        h.notice().contains("no longer in the queue"),
        "{}",
        h.notice()
    );
}

#[test]
fn a_window_goes_on_counting_down_after_a_restart() {
    let mut h = Harness::with(3);
    h.keys("d").store().wait(4);
    let h = h.restart();
    let countdown = status(&h.state).countdown.unwrap();
    assert!(countdown.starts_with("deleting in 6 s"), "{countdown}");
}

#[test]
fn the_outbox_says_what_each_waits_for() {
    let mut h = Harness::with(5);
    h.keys("Jjd").store();
    let ids: Vec<OperationId> = h.operations().iter().map(|o| o.id).collect();
    let waits = |h: &Harness, at: usize| explain(&h.state, ids[at]).unwrap().waits_for;
    assert_eq!(waits(&h, 0), "its turn");
    assert!(waits(&h, 1).starts_with("its window: 10 s"));
    h.wait(11);
    offline(&mut h);
    assert_eq!(waits(&h, 1), "the line, offline since 09:00: no route");
    assert_eq!(
        outbox_heading(&h.state),
        "Outbox: 2 wait, offline since 09:00"
    );
    h.sync(SyncEvent::Link(Link::Limited {
        until: NOW.plus(300),
    }));
    assert_eq!(waits(&h, 1), "the limit of the API, until 09:05");
    h.sync(SyncEvent::Link(Link::Follower));
    assert!(waits(&h, 1).starts_with("the other editor"));
    h.sync(SyncEvent::Link(Link::Online { since: NOW }));
    hold(&mut h, ids[1], Hold::Changed);
    assert_eq!(waits(&h, 1), "you");
    h.keys("e!<ctrl-s>").store().keys("e!<ctrl-s>").store();
    let last = h.operations().last().unwrap().id;
    let said = explain(&h.state, last).unwrap().waits_for;
    assert!(
        said.starts_with("an earlier change of the same update"),
        "{said}"
    );
}

#[test]
fn a_create_says_that_it_waits_for_the_delete_of_the_same_text() {
    let mut h = Harness::with(3);
    h.keys("d").store().keys("cupdate 0<ctrl-s>").store();
    let create = h.operations().last().unwrap().id;
    let waits = |h: &Harness| explain(&h.state, create).unwrap().waits_for;
    assert_eq!(
        waits(&h),
        "the delete of an update that says the same (waits 10 s)"
    );
    h.all_become(&OperationState::Acked);
    h.sync(SyncEvent::States(vec![(create, OperationState::Queued)]));
    assert_eq!(waits(&h), "its turn");
}

#[test]
fn what_is_not_saved_is_tried_again_by_a_key() {
    let mut h = Harness::with(3);
    h.keys("J").keys("e!<ctrl-s>");
    let unsaved = h.operations()[0].id;
    let commands = |h: &Harness| {
        let all = h.commands().into_iter();
        all.filter(|c| matches!(c, SyncCommand::Retry(_))).count()
    };
    // It is just being stored.
    h.keys("wr");
    assert_eq!(
        (commands(&h), h.notice().as_str()),
        (0, "it is being saved")
    );
    h.all_become(&OperationState::Unsaved {
        reason: Some("the disk is full".to_owned()),
    });
    h.keys("r");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Retry(unsaved)));
    assert_eq!(h.notice(), "trying to save it");
    // One try saves all, without a question; and there is nothing to send again.
    h.keys("<space><space>r");
    assert_eq!(commands(&h), 2);
    h.keys("R");
    assert_eq!(h.notice(), "nothing here can be sent again");
}

#[test]
fn who_quits_is_asked_if_something_could_not_be_saved() {
    let mut h = Harness::with(3);
    h.keys("J").keys("q");
    assert!(
        h.effects.contains(&Effect::Quit),
        "it is just being stored: the end waits for that"
    );
    let mut h = Harness::with(3);
    h.keys("J").all_become(&OperationState::Unsaved {
        reason: Some("the disk is full".to_owned()),
    });
    for no in ["n", "<esc>"] {
        h.keys("q");
        let Mode::Confirm(confirm) = &h.state.mode else {
            panic!("it does not ask");
        };
        assert!(matches!(confirm.what, Question::Quit));
        assert_eq!(
            confirm.lines,
            ["1 change is not on disk", "the disk is full"]
        );
        h.keys(no);
        assert!(!h.effects.contains(&Effect::Quit));
        assert!(!h.commands().contains(&&SyncCommand::Quit(Leaving::MaySend)));
    }
    h.keys("qy");
    assert!(h.effects.contains(&Effect::Quit));
    assert!(h.commands().contains(&&SyncCommand::Quit(Leaving::MaySend)));
    // Kept, there is nothing to ask.
    let mut h = Harness::with(3);
    h.keys("J").store().keys("q");
    assert!(h.effects.contains(&Effect::Quit));
}

#[test]
fn a_fixed_update_that_is_deleted_and_restored_is_fixed_again() {
    let mut h = Harness::with(4);
    read(&mut h, |s| *s = fix(s.clone(), 1));
    let own_time = h.state.update(id(0, 1)).unwrap().body.own_time.unwrap();
    h.keys("jd").wait(11).ack().settle();
    assert_eq!(h.order(), [0, 2, 3]);
    h.keys("u");
    let changes = h.changes();
    let [
        Change::Create {
            update, placement, ..
        },
    ] = &changes[..]
    else {
        unreachable!("{changes:?}");
    };
    assert_eq!(*placement, Placement::Pinned(own_time.at));
    let shown = &h.state.update(*update).unwrap().body;
    assert_eq!(shown.own_time, Some(own_time));
}

#[test]
fn the_time_left_is_told_where_a_limit_makes_it_long() {
    let mut h = Harness::with(9);
    let limit = |h: &mut Harness, requests_per_minute| {
        h.sync(SyncEvent::Capabilities(Capabilities {
            manage_profiles: true,
            pause: true,
            failed: true,
            local: true,
            connections: Vec::new(),
            requests_per_minute,
        }));
    };
    h.keys("JJJJJJ");
    limit(&mut h, Some(2));
    assert_eq!(
        status(&h.state).time_left,
        None,
        "a run of orders is one request"
    );
    h.keys("gge!<ctrl-s>je!<ctrl-s>je!<ctrl-s>je!<ctrl-s>");
    assert_eq!(status(&h.state).time_left.as_deref(), Some("~3 min"));
    assert_eq!(outbox_heading(&h.state), "Outbox: 10 wait, ~3 min");
    limit(&mut h, Some(50));
    assert_eq!(status(&h.state).time_left, None);
    limit(&mut h, None);
    assert_eq!(status(&h.state).time_left, None);
}

#[test]
fn the_status_line_says_how_much_waits_while_offline() {
    let mut h = Harness::with(9);
    offline(&mut h);
    assert_eq!(status(&h.state).link, "offline since 09:00");
    h.keys("JJJ").store();
    let line = status(&h.state);
    assert_eq!(line.link, "offline since 09:00, 3 waiting");
    assert_eq!(line.link_reason.as_deref(), Some("no route"));
}

#[test]
fn the_cursor_of_the_outbox_stays_on_its_entry() {
    let mut h = Harness::with(5);
    h.keys("JJJ").store();
    let ids: Vec<OperationId> = h.operations().iter().map(|o| o.id).collect();
    h.keys("wj");
    // What needs the person goes to the top, under the cursor's feet.
    hold(&mut h, ids[2], Hold::Stale);
    let Mode::Outbox(outbox) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    assert_eq!((outbox.on, outbox.cursor), (Some(ids[1]), 2));
    h.keys("x");
    assert_eq!(h.cancelled(), [ids[1]]);
}

#[test]
fn marked_entries_are_given_up_and_all_held_ones_sent_again_after_a_question() {
    let mut h = Harness::with(6);
    h.keys("JJJ").store();
    let ids: Vec<OperationId> = h.operations().iter().map(|o| o.id).collect();
    for id in &ids {
        hold(&mut h, *id, Hold::Stale);
    }
    hold(&mut h, ids[2], Hold::Unconfirmed);
    h.keys("wR");
    let Mode::Confirm(confirm) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    assert_eq!(confirm.title, "Send 3 of 3 again?");
    assert!(confirm.warnings[0].starts_with("1 of them may have arrived"));
    h.keys("n");
    assert!(matches!(h.state.mode, Mode::Outbox(_)));
    h.keys("Ry");
    let again = |c: &&SyncCommand| matches!(c, SyncCommand::Retry(_));
    assert_eq!(h.commands().into_iter().filter(again).count(), 3);
    h.keys("<esc>wgg  x");
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
    h.keys("y");
    let gone: Vec<&SyncCommand> = h.commands().into_iter().rev().take(2).collect();
    assert_eq!(
        gone,
        [&SyncCommand::Discard(ids[0]), &SyncCommand::Discard(ids[1])]
    );
    assert_eq!(outbox_rows(&h.state).len(), 1);
}

#[test]
fn enter_goes_to_the_update_of_what_only_waits() {
    let mut h = Harness::with(9);
    h.keys("]4jJ").store().keys("[gsw<enter>");
    assert!(h.in_lists());
    assert_eq!(h.state.profile, Some(profile(1).id));
    assert_eq!((h.state.focus, h.row()), (Pane::Queue, 5));
}

#[test]
fn both_texts_stand_side_by_side_and_mine_is_sent_over_theirs() {
    let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
    h.keys("w<enter>");
    assert!(
        matches!(h.state.mode, Mode::Conflict(_)),
        "{:?}",
        h.state.mode
    );
    let sides = sides(&h.state, operation).unwrap();
    let text = |at: usize| {
        let pieces = sides.columns[at].text.iter();
        pieces.map(|p| p.text.as_str()).collect::<String>()
    };
    assert_eq!(
        (text(0), text(1), text(2)),
        ("theirs 2".into(), "update 2!".into(), "update 2".into())
    );
    let changed = |at: usize| {
        let pieces = sides.columns[at].text.iter().filter(|p| p.changed);
        pieces.map(|p| p.text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        (changed(0), changed(1), changed(2)),
        (vec!["theirs"], vec!["2!"], vec!["update", "2"])
    );
    h.keys("m");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Retry(operation)));
    assert!(h.in_lists());
}

#[test]
fn theirs_is_taken_and_undo_brings_mine_back_as_an_edit() {
    let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
    h.keys("w<enter>t");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Discard(operation)));
    assert!(h.in_lists() && h.changes().is_empty());
    assert_eq!(h.texts()[2], "theirs 2");
    h.keys("u");
    assert_eq!(h.texts()[2], "update 2!");
    let changes = h.changes();
    let [Change::Edit { base, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    assert_eq!(
        base.content.text, "theirs 2",
        "an edit of what is there now"
    );
    // Also after a restart.
    let (mut h, _) = conflict("theirs 2", Hold::Conflict);
    h.keys("w<enter>t");
    let mut h = h.restart();
    h.keys("u");
    assert_eq!(h.texts()[2], "update 2!");
}

#[test]
fn both_are_edited_and_what_is_saved_is_an_edit_of_theirs() {
    let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
    h.keys("w<enter>e");
    let Mode::Composer(composer) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    assert_eq!(composer.theirs.as_deref(), Some("theirs 2"));
    h.keys("<esc>");
    assert!(
        matches!(h.state.mode, Mode::Outbox(_)) && h.state.drafts.is_empty(),
        "it is still held, so there is nothing to keep"
    );
    h.keys("e and theirs<ctrl-s>");
    assert!(h.commands().contains(&&SyncCommand::Discard(operation)));
    let changes = h.changes();
    let [Change::Edit { base, want, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    let texts = (base.content.text.as_str(), want.content.text.as_str());
    assert_eq!(texts, ("theirs 2", "update 2! and theirs"));
    h.keys("u");
    assert_eq!(h.texts()[2], "theirs 2");
}

#[test]
fn leaving_the_two_sides_decides_nothing() {
    for key in ["<esc>", "q", "<enter>", "<ctrl-c>"] {
        let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
        let before = h.commands().len();
        h.keys("w<enter>jkn").keys(key);
        let Mode::Outbox(outbox) = &h.state.mode else {
            unreachable!("{key}: {:?}", h.state.mode);
        };
        assert_eq!(outbox.on, Some(operation));
        assert_eq!(h.commands().len(), before, "{key}");
    }
}

#[test]
fn the_two_sides_close_when_it_is_no_longer_held() {
    let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
    h.keys("w<enter>");
    h.sync(SyncEvent::States(vec![(operation, OperationState::Queued)]));
    assert!(matches!(h.state.mode, Mode::Outbox(_)));
}

#[test]
fn an_edit_of_what_went_out_becomes_a_new_post_or_a_draft() {
    let gone = |why| {
        let (mut h, operation) = conflict("theirs 2", why);
        read(&mut h, |s| {
            s.updates.remove(2);
        });
        h.keys("w<enter>");
        (h, operation)
    };
    let (mut h, operation) = gone(Hold::TooLate);
    h.keys("m");
    assert!(h.notice().starts_with("not here"), "{}", h.notice());
    h.keys("n");
    assert!(h.commands().contains(&&SyncCommand::Discard(operation)));
    assert_eq!(h.texts()[5], "update 2!");
    assert!(matches!(h.changes()[..], [Change::Create { .. }]));
    h.keys("u");
    assert_eq!(h.texts().len(), 5);

    let (mut h, _) = gone(Hold::Gone);
    h.keys("t");
    assert_eq!(h.state.drafts[0].text, "update 2!");
    let saved = |c: &&SyncCommand| matches!(c, SyncCommand::SaveDraft(_));
    assert!(h.commands().into_iter().any(|c| saved(&c)));
    h.keys("c<enter><ctrl-s>");
    assert_eq!(h.texts()[5], "update 2!");

    let (mut h, _) = gone(Hold::Gone);
    h.keys("e too<ctrl-s>");
    assert_eq!(h.texts()[5], "update 2! too");
}

#[test]
fn a_delete_of_what_was_changed_since_shows_what_changed() {
    let mut h = Harness::with(4);
    h.keys("d").store();
    let operation = h.operations()[0].id;
    read(&mut h, |s| {
        s.updates[0].body.content.text = "update 0, better".to_owned();
    });
    hold(&mut h, operation, Hold::Changed);
    assert_eq!(
        h.texts()[0],
        "update 0, better",
        "it is not hidden while it waits"
    );
    h.keys("wr");
    assert!(
        matches!(h.state.mode, Mode::Conflict(_)),
        "one looks before one deletes"
    );
    h.keys("m");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Retry(operation)));
    h.keys("w<enter>t");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Discard(operation)));
    assert!(h.changes().is_empty());
}

#[test]
fn what_can_be_done_fits_why_it_is_held() {
    use Command::{OutboxDiscard, OutboxEdit, OutboxOpen, OutboxRetry};
    for (keys, why, can) in [
        (
            "e!<ctrl-s>",
            Hold::Conflict,
            vec![OutboxOpen, OutboxEdit, OutboxDiscard],
        ),
        (
            "e!<ctrl-s>",
            Hold::TooLate,
            vec![OutboxOpen, OutboxEdit, OutboxDiscard],
        ),
        ("d", Hold::TooLate, vec![OutboxDiscard]),
        (
            "Sy",
            Hold::Stale,
            vec![OutboxRetry, OutboxDiscard, OutboxOpen],
        ),
        ("Sy", Hold::Changed, vec![OutboxOpen, OutboxDiscard]),
        (
            "cnew<ctrl-s>",
            Hold::Unconfirmed,
            vec![OutboxRetry, OutboxEdit, OutboxDiscard, OutboxOpen],
        ),
    ] {
        let mut h = Harness::with(4);
        h.keys(keys).store();
        let operation = h.operations()[0].id;
        hold(&mut h, operation, why);
        let told = explain(&h.state, operation).unwrap();
        let offered: Vec<Command> = told.choices.iter().map(|(c, _)| *c).collect();
        assert_eq!(offered, can, "{keys} {why:?}");
    }
}

#[test]
fn a_refused_new_post_is_written_anew() {
    let mut h = Harness::with(2);
    h.keys("cnew one<tab><tab><ctrl-u>top<ctrl-s>");
    h.all_become(&OperationState::Failed {
        code: Some(1025),
        reason: "the same text was posted".to_owned(),
    });
    let refused = h.operations()[0].id;
    h.keys("we, other words<ctrl-s>");
    assert!(h.commands().contains(&&SyncCommand::Discard(refused)));
    let changes = h.changes();
    let [
        Change::Create {
            content, placement, ..
        },
    ] = &changes[..]
    else {
        unreachable!("{changes:?}");
    };
    assert_eq!(
        (content.text.as_str(), *placement),
        ("new one, other words", Placement::Top)
    );
}

#[test]
fn undo_of_what_is_surely_not_sent_gives_it_up_and_of_what_may_be_does_not() {
    let (mut h, operation) = conflict("theirs 2", Hold::Conflict);
    h.keys("u");
    assert_eq!(h.texts()[2], "theirs 2");
    assert!(h.commands().contains(&&SyncCommand::Discard(operation)));
    let (mut h, _) = conflict("theirs 2", Hold::Unconfirmed);
    h.keys("u");
    assert!(
        h.notice().contains("decide in the outbox"),
        "{}",
        h.notice()
    );
    assert_eq!(h.changes().len(), 1);
}

#[test]
fn an_operation_fitted_to_a_newer_read_is_undone_to_that() {
    let mut h = Harness::with(3);
    h.keys("e!<ctrl-s>").store();
    let mut operation = h.operations()[0].clone();
    if let Change::Edit { base, .. } = &mut operation.change {
        base.content.text = "theirs".to_owned();
    }
    h.sync(SyncEvent::Rebased(vec![operation]));
    h.ack().keys("u");
    assert_eq!(h.texts()[0], "theirs");
}

fn called(n: i64) -> SyncEvent {
    SyncEvent::Called(Called {
        at: NOW.plus(n),
        what: format!("POST updates/{n}/update.json"),
        millis: 120,
        result: "200".to_owned(),
        good: true,
    })
}

#[test]
fn the_log_keeps_the_last_requests_and_stays_where_it_is_read() {
    let mut h = Harness::with(2);
    for n in 0..600 {
        h.sync(called(n));
    }
    assert_eq!(h.state.calls.len(), 500);
    h.keys("@jjj");
    h.sync(called(600));
    let Mode::Calls(scroll) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    assert_eq!(scroll.line, 4);
    h.keys("<esc>");
    assert!(h.in_lists());
}

#[test]
fn what_others_did_is_said_quietly() {
    let mut h = Harness::with(8);
    h.wait(60);
    read(&mut h, |s| {
        s.updates[2].body.content.text = "theirs".to_owned();
        s.updates[3].body.content.text = "theirs too".to_owned();
        let mut added = s.updates[4].clone();
        added.id = id(0, 77);
        s.updates.push(added);
    });
    let said = "someone changed 2 updates, added 1 (Mastodon @acme0)";
    assert_eq!(h.notice(), said);
    assert_eq!(h.state.notices.current().unwrap().severity, Severity::Done);
    read(&mut h, |s| {
        s.updates.swap(6, 7);
    });
    assert_eq!(h.notice(), "someone moved 1 update (Mastodon @acme0)");
    read(&mut h, |s| {
        s.updates.remove(5);
    });
    assert_eq!(h.notice(), "someone removed 1 update (Mastodon @acme0)");
    // Something that matters more stays, and this is read later.
    h.sync(SyncEvent::StoreTrouble("the disk is full".to_owned()));
    read(&mut h, |s| {
        s.updates.remove(5);
    });
    assert_eq!(h.notice(), "the disk is full");
    let last = h.state.notices.past().last().unwrap();
    assert!(last.text.starts_with("someone removed"), "{}", last.text);
}

#[test]
fn what_we_did_and_what_went_out_is_not_said_to_be_others_doing() {
    let mut h = Harness::with(8);
    h.keys("2Jjje!<ctrl-s>jdcnew<ctrl-s>").ack();
    h.state.notices.clear();
    h.settle();
    assert_eq!(h.notice(), "");
    // At its time the first goes out.
    let due = h.state.rows()[0].due_at.unwrap();
    h.wait(due.0 - h.now.0 + 3);
    read(&mut h, |s| {
        s.updates.remove(0);
    });
    assert_eq!(h.notice(), "");
    // The first reading ever is no news.
    let mut h = Harness::with(0);
    read(&mut h, |s| s.read_at = NOW);
    assert_eq!(h.notice(), "");
}

#[test]
fn a_teammates_change_moves_neither_cursor_nor_marks_nor_what_is_carried() {
    let mut h = Harness::with(20);
    h.keys("4j jj");
    let on = h.state.cursors().queue.on;
    read(&mut h, |s| {
        s.updates.rotate_right(3);
        s.updates[9].body.content.text = "theirs".to_owned();
        s.updates.remove(0);
    });
    assert_eq!(h.state.cursors().queue.on, on);
    assert_eq!(h.state.marks.iter().collect::<Vec<_>>(), [&id(0, 4)]);
    read(&mut h, |s| s.updates.retain(|u| Some(u.id) != on));
    let next = h.state.cursors().queue.on;
    assert_eq!(next, Some(id(0, 8)), "the one that stands there now");
    h.keys("<esc>m2j");
    read(&mut h, |s| {
        s.updates.remove(0);
    });
    assert!(matches!(&h.state.mode, Mode::Grab(g) if g.updates == [id(0, 8)]));
    assert_eq!(h.state.cursors().queue.on, Some(id(0, 8)));
}

#[test]
fn the_worker_hears_at_most_once_a_minute_that_somebody_is_there() {
    let mut h = Harness::with(4);
    let awake = |h: &Harness| {
        let all = h.all_commands();
        all.filter(|c| matches!(c, SyncCommand::Awake)).count()
    };
    assert_eq!(awake(&h), 0, "news are nobody's keys");
    h.keys("jjkk");
    assert_eq!(awake(&h), 1);
    h.wait(59).keys("j");
    assert_eq!(awake(&h), 1);
    h.wait(1).keys("j");
    assert_eq!(awake(&h), 2);
    // A clock that was set back does not silence it.
    h.now = NOW.plus(-1000);
    h.keys("j");
    assert_eq!(awake(&h), 3);
}

#[test]
fn trouble_with_the_store_stays_until_it_is_written_again() {
    let mut h = Harness::with(4);
    let text =
        "the disk is full: /state/store\nfree some space; what you do is kept here until then";
    h.keys("J").all_become(&OperationState::Unsaved {
        reason: Some("the disk is full".to_owned()),
    });
    h.sync(SyncEvent::StoreTrouble(text.to_owned()));
    h.keys("jJ");
    h.wait(60);
    let line = status(&h.state);
    assert_eq!(line.unsaved, 2);
    assert_eq!(line.notice.unwrap(), (Severity::Trouble, text.to_owned()));
    h.keys("R");
    let line = status(&h.state);
    assert_eq!(line.notice.unwrap().1, "reading everything again");
    assert_eq!(
        line.trouble.as_deref(),
        Some(text),
        "beside what else is said"
    );
    h.store();
    h.wait(60);
    let line = status(&h.state);
    assert_eq!((line.trouble, line.notice), (None, None));
}

#[test]
fn what_is_worth_knowing_is_a_warning() {
    let mut h = Harness::with(1);
    h.sync(SyncEvent::Notice("possible duplicate of “x”".to_owned()));
    let notice = h.state.notices.current().unwrap();
    assert_eq!(notice.severity, Severity::Warning);
    h.act(Action::Tick(NOW.plus(11)));
    assert!(h.state.notices.current().is_none());
}

#[test]
fn a_reading_that_settles_all_changes_nothing_on_the_screen() {
    let mut h = Harness::with(6);
    h.keys("2Jgge!<ctrl-s>jdcnew<ctrl-s>").ack();
    let before = h.texts();
    h.settle();
    assert_eq!(h.texts(), before);
    assert!(h.changes().is_empty());
}
