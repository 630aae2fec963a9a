//! What keys do about findings, what is about to go out, and find and replace: scripts of keys, and
//! what became of the queue.

use qurate::app::action::Action;
use qurate::app::composer::Composer;
use qurate::app::effect::Effect;
use qurate::app::mode::Mode;
use qurate::app::replace::Verdict;
use qurate::domain::id::LocalId;
use qurate::domain::lint::{Finding, Weight};
use qurate::domain::operation::Change;
use qurate::domain::time::Timestamp;
use qurate::domain::update::OwnTime;
use qurate::protocol::{SyncCommand, SyncEvent};

use crate::harness::{Harness, NOW, id, profile, snapshot};

const LONG: &str =
    "We are hiring a maintainer for the documentation of our search. Remote, part time.";

/// An editor whose first profile has these texts, all looked at.
fn with_texts(texts: &[&str]) -> Harness {
    let mut h = Harness::with(3);
    tell(&mut h, texts, |_| None);
    h
}

/// Says what waits for the first profile, with times of their own, in minutes from now.
fn tell(h: &mut Harness, texts: &[&str], own: impl Fn(usize) -> Option<(i64, bool)>) {
    let mut queue = snapshot(0, texts.len());
    for (i, update) in queue.updates.iter_mut().enumerate() {
        texts[i].clone_into(&mut update.body.content.text);
        if let Some((minutes, pinned)) = own(i) {
            let at = NOW.plus(minutes * 60);
            update.body.own_time = Some(OwnTime { at, pinned });
            update.body.due_at = Some(at);
        }
    }
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: queue.into(),
        settled: Vec::new(),
    });
    h.look();
}

fn found(h: &Harness, i: usize) -> Vec<Finding> {
    h.state.lint.of(id(0, i)).cloned().collect()
}

#[test]
fn what_was_found_is_not_lost_by_edits_in_the_midst_of_a_look() {
    let mut h = Harness::with(1_500);
    let mut queue = snapshot(0, 1_500);
    queue.updates[700].body.content.text = "x".repeat(600);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: queue.into(),
        settled: Vec::new(),
    });
    h.look();
    assert!(matches!(found(&h, 700)[..], [Finding::TooLong(_)]));
    // However far a look came, the next edit begins another one.
    for slices in 0..9 {
        h.keys("e!<ctrl-s>");
        (0..slices).for_each(|_| h.act(Action::Continue));
    }
    h.look();
    assert!(matches!(found(&h, 700)[..], [Finding::TooLong(_)]));
}

#[test]
fn what_left_the_queue_has_no_findings_any_more_and_has_them_again_when_it_is_back() {
    let long = "y".repeat(600);
    let mut h = with_texts(&["one", &long]);
    let there = found(&h, 1);
    assert!(matches!(there[..], [Finding::TooLong(_)]), "{there:?}");
    assert_eq!(h.state.lint.counts().serious, 1);
    for _ in 0..2 {
        tell(&mut h, &["one"], |_| None);
        assert_eq!(found(&h, 1), []);
        assert_eq!(h.state.lint.updates().count(), 0);
        assert_eq!(h.state.lint.counts().serious, 0);
        tell(&mut h, &["one", &long], |_| None);
        assert_eq!(found(&h, 1), there);
    }
}

#[test]
fn texts_that_wait_twice_are_found_and_gone_through() {
    let near = LONG.replace("part time", "part times");
    let mut h = with_texts(&["one", LONG, "two", &near, "three", "ONE"]);
    assert_eq!(found(&h, 1), [Finding::Alike(id(0, 3))]);
    assert_eq!(found(&h, 3), [Finding::Alike(id(0, 1))]);
    assert_eq!(found(&h, 5), [Finding::Alike(id(0, 0))]);
    h.keys("}");
    assert_eq!(h.row(), 1);
    h.keys("}");
    assert_eq!(h.row(), 3);
    h.keys("2}");
    assert_eq!(h.row(), 0, "round the end");
    h.keys("{");
    assert_eq!(h.row(), 5);
}

#[test]
fn an_edit_that_mends_it_takes_the_finding_away_and_undo_brings_it_back() {
    let mut h = with_texts(&[LONG, "two", LONG]);
    assert_eq!(found(&h, 0), [Finding::Same(id(0, 2))]);
    assert_eq!(h.state.lint.counts().serious, 2);
    h.keys("e<ctrl-u>something else<ctrl-s>").look();
    assert_eq!(found(&h, 0), []);
    assert_eq!(found(&h, 2), []);
    h.keys("u").look();
    assert_eq!(found(&h, 2), [Finding::Same(id(0, 0))]);
    h.keys("Gd").look();
    assert_eq!(found(&h, 0), [], "the other one is gone");
}

#[test]
fn a_text_that_was_just_sent_is_found_too() {
    let mut h = Harness::with(3);
    let sent = h.state.sent().unwrap().updates[0].clone();
    tell(&mut h, &["one", &sent.body.content.text, "two"], |_| None);
    assert_eq!(found(&h, 1), [Finding::Same(sent.id)]);
}

#[test]
fn a_text_too_long_for_another_profile_it_waits_for_is_told_at_both() {
    // 500 for the first profile, 280 for the second.
    let long = "x".repeat(300);
    let mut h = with_texts(&["one", &long]);
    assert_eq!(found(&h, 1), [], "it goes nowhere else");
    let mut other = snapshot(1, 2);
    long.clone_into(&mut other.updates[0].body.content.text);
    h.sync(SyncEvent::Queue {
        profile: profile(1).id,
        delta: other.into(),
        settled: Vec::new(),
    });
    h.look();
    let [Finding::Cut(cut)] = &found(&h, 1)[..] else {
        panic!("{:?}", found(&h, 1));
    };
    assert_eq!((cut.other, cut.length.left()), (id(1, 0), Some(-20)));
    h.keys("]").look();
    let there: Vec<Finding> = h.state.lint.of(id(1, 0)).cloned().collect();
    assert!(matches!(there[..], [Finding::TooLong(_)]), "{there:?}");
}

#[test]
fn times_that_are_over_or_too_close_are_found() {
    let mut h = Harness::with(3);
    let own = |i| {
        [
            None,
            Some((-3, false)),
            Some((33, false)),
            Some((120, true)),
        ][i]
    };
    tell(&mut h, &["a one", "b two", "c three", "d four"], own);
    assert_eq!(found(&h, 1), [Finding::Past(NOW.plus(-180))]);
    // The first slot is at 9:30.
    assert_eq!(
        found(&h, 2),
        [Finding::Crowded {
            other: id(0, 0),
            apart: 180
        }]
    );
    assert_eq!(found(&h, 3), []);
    assert_eq!(found(&h, 0), [], "a slot is where it is");
    h.wait(40 * 60).look();
    assert_eq!(
        found(&h, 2)[0].weight(),
        Weight::Serious,
        "its time is over too"
    );
}

#[test]
fn no_key_does_the_work_of_looking() {
    let mut h = Harness::with(2_000);
    h.look();
    h.keys("jJkK5jm3j<enter>gg");
    assert!(!h.state.lint.is_looking(), "a move changes no text");
    let before = h.effects.len();
    h.keys("d");
    assert!(h.state.lint.is_looking());
    let asked = h.effects[before..].iter();
    assert_eq!(asked.filter(|e| **e == Effect::Continue).count(), 1);
    h.keys("jjjj");
    assert!(
        h.state.lint.is_looking(),
        "only when nobody types it goes on"
    );
    h.look();
    assert!(!h.state.lint.is_looking());
}

#[test]
fn a_reading_that_changes_nothing_begins_nothing() {
    let mut h = Harness::with(5);
    h.look();
    let mut profiles = h.state.profiles().to_vec();
    profiles[0].sent += 1;
    h.sync(SyncEvent::Profiles(profiles.clone()));
    assert!(!h.state.lint.is_looking());
    profiles[0].character_limit = Some(3);
    h.sync(SyncEvent::Profiles(profiles));
    h.look();
    assert!(matches!(found(&h, 1)[..], [Finding::TooLong(_)]));
}

#[test]
fn the_list_of_findings_leads_to_each() {
    let mut h = with_texts(&["", "two", LONG, "four", LONG]);
    h.keys(":lint<enter>");
    let Mode::Findings(list) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(list.list, [id(0, 0), id(0, 2), id(0, 4)]);
    h.keys("jj<enter>");
    assert!(h.in_lists());
    assert_eq!(h.row(), 4);
    assert!(h.notice().starts_with("the same text as"), "{}", h.notice());
    let mut h = with_texts(&["one"]);
    h.keys(":lint<enter><enter>");
    assert!(h.in_lists());
    h.keys("}");
    assert!(h.notice().starts_with("no findings"), "{}", h.notice());
}

/// The first slot is at 9:30.
const SLOT: i64 = 1800;

#[test]
fn the_editor_wakes_up_when_an_update_locks() {
    let mut h = Harness::with(4);
    let woken = |h: &Harness| {
        let wakes = h.effects.iter().filter_map(|effect| match effect {
            Effect::WakeAt(at) => Some(*at),
            _ => None,
        });
        wakes.collect::<Vec<Timestamp>>()
    };
    let locks = NOW.plus(SLOT - 120);
    h.keys("<esc>").wait(60);
    assert!(woken(&h).contains(&locks), "{:?}", woken(&h));
    h.wait(SLOT - 60 - 121);
    assert_eq!(h.state.locked(id(0, 0)), None);
    h.wait(1);
    assert_eq!(h.state.locked(id(0, 0)), Some(120));
    assert_eq!(h.state.locked(id(0, 1)), None);
}

#[test]
fn what_is_about_to_go_out_is_touched_only_after_a_question() {
    let mut h = Harness::with(4);
    h.wait(SLOT - 45);
    for key in ["e", "r", "f", "d"] {
        h.keys(key);
        let Mode::Confirm(confirm) = &h.state.mode else {
            panic!("{key}: {:?}", h.state.mode);
        };
        assert!(
            confirm.warnings[0].contains("45 s"),
            "{:?}",
            confirm.warnings
        );
        // The key that asked does not answer.
        h.keys(key);
        assert!(h.changes().is_empty(), "{key}");
        h.keys("n");
        assert!(h.in_lists() && h.changes().is_empty(), "{key}");
    }
    h.keys("S");
    assert!(matches!(&h.state.mode, Mode::Confirm(c) if c.warnings[0].contains("45 s")));
    h.keys("nfy");
    assert!(matches!(h.changes()[..], [Change::Edit { .. }]));
    h.keys("ey");
    assert!(matches!(h.state.mode, Mode::Composer(_)));
    h.keys("<esc>jd");
    assert!(h.in_lists(), "the next one is not locked");
}

/// Something written on update 0 before it locked, and saved after that.
fn saved_late() -> Harness {
    let mut h = Harness::with(4);
    h.wait(SLOT - 125);
    h.keys("e, really");
    h.wait(80);
    h.keys("<ctrl-s>");
    h
}

#[test]
fn what_locked_while_it_was_written_asks_before_it_is_saved() {
    let mut h = saved_late();
    let Mode::Confirm(confirm) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(confirm.title, "Save it all the same?");
    assert_eq!(confirm.lines, ["update 0, really"]);
    assert!(confirm.warnings[0].contains("45 s"), "{confirm:?}");
    h.keys("<ctrl-s>");
    assert!(h.changes().is_empty(), "the key that asked does not answer");
    h.keys("n");
    assert!(h.changes().is_empty());
    let text = |h: &Harness| h.state.mode.composer().map(Composer::text);
    assert!(matches!(h.state.mode, Mode::Composer(_)));
    assert_eq!(text(&h).as_deref(), Some("update 0, really"));
    h.keys("<ctrl-s>y");
    assert!(h.in_lists());
    assert_eq!(h.texts()[0], "update 0, really");
    // Whoever was asked when it was opened is not asked again, nor is one who changed nothing.
    let mut h = Harness::with(4);
    h.wait(SLOT - 45);
    h.keys("ey!<ctrl-s>");
    assert_eq!(h.changes().len(), 1);
    let mut h = Harness::with(4);
    h.wait(SLOT - 125);
    h.keys("e");
    h.wait(80);
    h.keys("<ctrl-s>");
    assert!(h.in_lists() && h.changes().is_empty());
}

#[test]
fn what_is_asked_about_is_kept_as_a_draft_however_it_ends() {
    let kept = |h: &Harness| h.state.drafts.first().map(|draft| draft.text.clone());
    let text = Some("update 0, really".to_owned());
    let mut h = saved_late();
    h.keys("<ctrl-c><ctrl-c>");
    assert_eq!(kept(&h), text);
    // As when the line goes: what leaves is run, and no key is pressed.
    let mut h = saved_late();
    for _ in 0..3 {
        if let Some(leave) = h.state.mode.leaves_writing() {
            let now = h.now;
            h.act(leave.action(None, now));
        }
    }
    assert!(h.in_lists());
    assert_eq!(kept(&h), text);
    // The draft of a dirty text is saved beside the open question.
    let saved = |c: &&SyncCommand| matches!(c, SyncCommand::SaveDraft(_));
    let mut h = saved_late();
    let before = h.commands().into_iter().filter(saved).count();
    h.keys("n!<ctrl-s>");
    h.wait(3);
    assert_eq!(h.commands().into_iter().filter(saved).count(), before + 1);
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
}

#[test]
fn what_is_locked_elsewhere_is_told_by_its_own_clock() {
    let mut h = Harness::with(4);
    let mut profiles: Vec<_> = (0..3).map(profile).collect();
    profiles[1].timezone = chrono_tz::Asia::Tokyo;
    h.sync(SyncEvent::Profiles(profiles));
    h.wait(SLOT - 45);
    let asked = |h: &Harness, p| qurate::app::guard::asked(&h.state, id(p, 0)).unwrap();
    assert!(asked(&h, 0).starts_with("goes out at 09:30, in 45 s"));
    let other = asked(&h, 1);
    assert!(
        other.starts_with("goes out at 17:30 Asia/Tokyo, in 45 s"),
        "{other}"
    );
}

#[test]
fn a_move_past_what_is_about_to_go_out_warns() {
    let mut h = Harness::with(4);
    h.wait(SLOT - 45);
    h.keys("GK");
    assert!(!h.notice().contains("about to go out"), "{}", h.notice());
    h.keys("t");
    assert!(
        h.notice().contains("“update 0” is about to go out"),
        "{}",
        h.notice()
    );
    assert_eq!(h.order(), [3, 0, 1, 2], "it is done all the same");
    h.keys("u<esc>ggmj<enter>");
    assert!(h.notice().contains("about to go out"), "{}", h.notice());
}

fn hits(h: &Harness) -> Vec<(LocalId, Verdict)> {
    let Mode::Replace(replace) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    let of = |hit: &qurate::app::replace::Hit| (hit.update, hit.verdict);
    replace.hits.iter().map(of).collect()
}

#[test]
fn find_and_replace_changes_what_its_preview_shows_and_one_undo_takes_all_back() {
    let mut h = with_texts(&["Acme one", "two", "acme and acme", "Acme"]);
    h.keys("%acme<tab>us").look();
    let changed: Vec<LocalId> = hits(&h).into_iter().map(|(id, _)| id).collect();
    assert_eq!(changed, [id(0, 2)]);
    h.keys("<alt-c>").look();
    assert_eq!(hits(&h).len(), 3);
    assert!(
        h.changes().is_empty(),
        "nothing is changed before it is asked for"
    );
    h.keys("<enter>");
    assert!(h.changes().is_empty(), "enter only goes to the other field");
    h.keys("<ctrl-s>");
    assert!(h.in_lists());
    assert_eq!(h.texts(), ["us one", "two", "us and us", "us"]);
    assert!(h.notice().contains("in 3 updates"), "{}", h.notice());
    h.ack().keys("u");
    assert_eq!(h.texts(), ["Acme one", "two", "acme and acme", "Acme"]);
    h.keys("U");
    assert_eq!(h.texts(), ["us one", "two", "us and us", "us"]);
}

#[test]
fn only_marked_updates_are_replaced_in() {
    let mut h = with_texts(&["a one", "a two", "a three"]);
    h.keys("  %a<tab>b<ctrl-s>");
    assert_eq!(h.texts(), ["b one", "b two", "a three"]);
    assert!(h.state.marks.is_empty());
}

#[test]
fn what_would_be_too_long_or_empty_or_goes_out_now_is_left_and_said() {
    let long = format!("{} a", "x".repeat(498));
    let mut h = with_texts(&["a now", "a", &long, "a word"]);
    h.wait(SLOT - 45);
    h.keys("%a<tab>").look();
    assert!(matches!(
        hits(&h)[..],
        [
            (_, Verdict::Locked),
            (_, Verdict::Empty),
            (_, Verdict::Changed(_)),
            (_, Verdict::Changed(_))
        ]
    ));
    h.keys("bb").look();
    let too_long = hits(&h)[2].1;
    assert!(
        matches!(too_long, Verdict::TooLong(length) if length.used == 501),
        "{too_long:?}"
    );
    h.keys("<ctrl-s>");
    assert_eq!(h.texts()[1], "bb");
    assert_eq!(h.texts()[2], long);
    assert_eq!(h.texts()[0], "a now");
    assert!(h.notice().contains("2 left as they were"), "{}", h.notice());
}

#[test]
fn what_cannot_be_replaced_says_why_and_keeps_what_was_typed() {
    let mut h = with_texts(&["one"]);
    h.keys("%<ctrl-s>");
    let problem = |h: &Harness| match &h.state.mode {
        Mode::Replace(replace) => replace.problem.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    assert!(problem(&h).contains("write what is to be found"));
    h.keys("zzz<ctrl-s>");
    assert!(problem(&h).contains("in none of them"));
    h.keys("<backspace>");
    assert_eq!(problem(&h), "");
    h.keys("<esc>");
    assert!(h.in_lists());
    let mut h = with_texts(&[]);
    h.keys("%");
    assert!(
        h.notice().contains("nothing to look through"),
        "{}",
        h.notice()
    );
}

#[test]
fn an_update_that_changes_beneath_the_dialog_is_replaced_as_it_is() {
    let mut h = with_texts(&["a one", "two"]);
    h.keys("%a<tab>b").look();
    tell(&mut h, &["two", "a new text"], |_| None);
    assert_eq!(hits(&h).len(), 1);
    h.keys("<ctrl-s>");
    assert_eq!(h.texts(), ["two", "b new text"]);
}
