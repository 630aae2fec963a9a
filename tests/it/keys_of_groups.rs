//! What acts on all that is marked as one thing, and what a point does once more.

use qurate::app::mode::{Mode, Question};
use qurate::domain::operation::Change;
use qurate::domain::queue::Row;
use qurate::protocol::SyncEvent;

use crate::harness::{Harness, id, profile, snapshot};

fn warnings(h: &Harness) -> &[String] {
    match &h.state.mode {
        Mode::Confirm(confirm) => &confirm.warnings,
        other => panic!("{other:?}"),
    }
}

/// A queue of texts that no other profile has: they can go there.
fn own(updates: usize) -> Harness {
    let mut h = Harness::with(updates);
    let mut snapshot = snapshot(0, updates);
    for (i, update) in snapshot.updates.iter_mut().enumerate() {
        update.body.content.text = format!("own {i}");
    }
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
    h
}

#[test]
fn marked_updates_are_shared_after_one_question_and_one_undo_stops_all() {
    let mut h = Harness::with(9);
    h.keys("2 S");
    let Mode::Confirm(confirm) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(confirm.title, "Share 2 updates now, for everybody to see?");
    assert_eq!(confirm.lines[1..], ["update 0", "update 1"]);
    h.keys("S<enter>");
    assert_eq!(h.changes(), [], "only y shares");
    h.keys("y");
    let changes = h.changes();
    assert_eq!(changes.len(), 2);
    let shares = |c: &Change| matches!(c, Change::Share { .. });
    assert!(changes.iter().all(shares));
    assert_eq!(h.order(), [2, 3, 4, 5, 6, 7, 8]);
    h.store().keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(h.cancelled().len(), 2);
    // Of many the question names the first ones.
    h.keys("<ctrl-a>S");
    let Mode::Confirm(confirm) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(confirm.lines.last().unwrap(), "and 4 more");
}

#[test]
fn of_those_that_changed_meanwhile_none_is_shared() {
    let mut h = Harness::with(5);
    h.keys("2 S");
    let mut snapshot = snapshot(0, 5);
    snapshot.updates[1].body.content.text = "another text 9".to_owned();
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
    h.keys("y");
    assert_eq!(h.changes().len(), 1);
    assert_eq!(
        h.notice(),
        "shared: “update 0”; 1 changed or gone while you were asked: not shared"
    );
    assert_eq!(h.texts()[0], "another text 9");
}

fn timed(h: &Harness) -> usize {
    h.state.rows().iter().filter(|row| row.fixed).count()
}

#[test]
fn marked_updates_get_a_time_together_and_one_undo_takes_it_back() {
    let mut h = Harness::with(6);
    h.keys("2 rnonsense<enter>");
    let Mode::Prompt(prompt) = &h.state.mode else {
        panic!("what is no time stays typed: {:?}", h.state.mode);
    };
    assert!(prompt.problem.as_ref().unwrap().contains("is no time"));
    h.keys("<ctrl-u>now<enter>");
    assert!(!h.in_lists(), "that is for S");
    h.keys("<ctrl-u>tom<tab> 9<enter>");
    assert!(h.in_lists());
    assert_eq!(h.notice(), "set to tomorrow 9: 2 updates");
    assert_eq!(timed(&h), 2);
    let times: Vec<_> = h.state.rows().iter().filter(|row| row.fixed).collect();
    assert_eq!(times[0].due_at, times[1].due_at);
    h.ack().keys("u");
    assert_eq!(timed(&h), 0);
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5], "at their places again");
    h.keys("U");
    assert_eq!(timed(&h), 2);
    h.keys("rqueue<enter>");
    assert_eq!(timed(&h), 0);
    h.keys("r<enter>");
    assert!(h.in_lists(), "nothing was asked for");
    h.keys("<esc>r");
    let single = matches!(h.state.mode, Mode::Composer(_));
    assert!(single, "one is edited as before: {:?}", h.state.mode);
}

#[test]
fn marked_updates_go_to_the_top_together_by_their_time() {
    let mut h = Harness::with(6);
    h.keys("G<space>k<space>rtop<enter>");
    assert_eq!(h.order(), [4, 5, 0, 1, 2, 3]);
    h.keys("<esc>3G.");
    assert_eq!(h.order(), [0, 4, 5, 1, 2, 3], "a point does it again");
}

#[test]
fn several_are_edited_together_or_none_is() {
    let mut h = Harness::with(5);
    h.keys("2 e");
    let Mode::Replace(replace) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(replace.updates.len(), 2);
    h.keys("update<tab>news<ctrl-s>");
    assert_eq!(h.texts()[..3], ["news 0", "news 1", "update 2"]);
    h.keys("u");
    assert_eq!(h.texts()[..2], ["update 0", "update 1"]);
    h.keys("gg2 E");
    assert!(h.in_lists());
    assert!(h.notice().starts_with("your editor takes one text"));
    h.keys("<esc>e");
    assert!(matches!(h.state.mode, Mode::Composer(_)));
}

#[test]
fn a_point_puts_the_next_where_the_last_was_put() {
    let mut h = Harness::with(6);
    h.keys("xGp");
    assert_eq!(h.order(), [1, 2, 3, 4, 5, 0]);
    h.keys("gg.");
    assert_eq!(h.order(), [2, 3, 4, 5, 0, 1]);
    h.keys("gg.");
    assert_eq!(h.order(), [3, 4, 5, 0, 1, 2]);
    assert_eq!(h.notice(), "again: moved: “update 2”");
    h.keys(".");
    assert!(h.notice().starts_with("it is there already"));
    h.keys("uuu");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5]);
    h.keys("GxggPG.");
    assert_eq!(h.order(), [4, 5, 0, 1, 2, 3]);
}

#[test]
fn a_point_pastes_what_is_cut_on_the_same_side() {
    let mut h = own(6);
    h.keys("xGP");
    assert_eq!(h.order(), [1, 2, 3, 4, 0, 5]);
    h.keys("ggx3G.");
    assert_eq!(h.order(), [2, 1, 3, 4, 0, 5], "before the cursor");
    // Into another profile it asks again, and there is nothing to go on beside.
    h.keys("ggx]pc[jx].");
    let asks = matches!(&h.state.mode, Mode::Confirm(c) if matches!(c.what, Question::Transfer(_)));
    assert!(asks, "{:?}", h.state.mode);
    h.keys("<esc><esc>.");
    assert!(h.in_lists());
    assert!(h.notice().starts_with("nothing is cut"), "{}", h.notice());
}

#[test]
fn a_point_replaces_in_the_next_what_was_replaced_before() {
    let mut h = Harness::with(5);
    h.keys(" %update<tab>news<ctrl-s>");
    assert_eq!(h.texts()[..2], ["news 0", "update 1"]);
    h.keys("2G.");
    assert_eq!(h.texts()[1], "news 1");
    assert_eq!(h.notice(), "again: replaced “update” by “news” in 1 update");
    h.keys(".");
    assert_eq!(h.notice(), "“update” is not in it");
    h.keys("u");
    assert_eq!(h.texts()[1], "update 1");
    h.keys("gs.");
    assert!(h.notice().contains("it works in: Queue"), "{}", h.notice());
}

/// The first update goes out at 9:30.
const SLOT: i64 = 1800;

#[test]
fn one_that_is_about_to_go_out_is_asked_about_wherever_the_cursor_is() {
    let mut h = own(5);
    h.wait(SLOT - 45);
    for key in ["f", "r", "d", "S"] {
        h.keys("gg2 G");
        h.keys(key);
        let said = warnings(&h)[0].clone();
        assert!(said.starts_with("one of them goes out"), "{key}: {said}");
        assert!(said.contains("45 s"), "{key}: {said}");
        h.keys(key).keys("n<esc>");
        assert_eq!(h.changes(), [], "{key}");
    }
    h.keys("gg2 Gfy");
    assert_eq!(h.changes().len(), 2);
    h.keys("u<esc>G f");
    assert_eq!(timed(&h), 1, "none of these is about to go out");
    h.keys("<esc>ggx]p");
    assert!(warnings(&h).iter().any(|said| said.contains("45 s")));
}

/// The times of the marked ones, as the profile's clock shows them.
fn due(h: &Harness, updates: &[usize]) -> Vec<String> {
    let rows = h.state.rows();
    let of = |i: &usize| rows.iter().find(|row| row.update == id(0, *i));
    let at = |row: &Row| row.due_at.map(|at| at.in_zone(&h.state.zone()));
    let all = updates.iter().filter_map(of).filter_map(at);
    all.map(|at| at.format("%a %-d %H:%M").to_string())
        .collect()
}

#[test]
fn marked_updates_are_spread_over_days_and_one_u_takes_all_back() {
    let mut h = Harness::with(12);
    h.keys("   rnext week<enter>");
    assert!(h.in_lists());
    assert_eq!(
        h.notice(),
        "spread over next week, Mon 30 Nov to Sun 6 Dec: 3 updates"
    );
    let want = ["Mon 30 09:30", "Thu 3 09:30", "Sun 6 09:30"];
    assert_eq!(due(&h, &[0, 1, 2]), want);
    let pinned = |h: &Harness, i| h.state.update(id(0, i)).unwrap().body.own_time;
    assert!(pinned(&h, 1).is_some_and(|own| own.pinned));
    assert_eq!(h.operations().len(), 3);
    // Others go round what is fixed: the slot of Monday is taken.
    h.keys("<esc>gg  .");
    assert_eq!(due(&h, &[3, 4]), ["Mon 30 12:30", "Sun 6 12:30"]);
    assert_eq!(due(&h, &[0, 1, 2]), want);
    h.keys("uu");
    assert_eq!(h.order(), (0..12).collect::<Vec<_>>());
    assert_eq!(pinned(&h, 1), None);
    // A time of day is their own; too few days are said and nothing is done.
    h.keys("<esc>gg   rtue-wed 8<enter>");
    let Mode::Prompt(prompt) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    let why = "only 2 days there: name more days, leave the time out";
    assert_eq!(prompt.problem.as_deref(), Some(why));
    h.keys("<ctrl-u>tue..thu 8<enter>");
    assert_eq!(
        due(&h, &[0, 1, 2]),
        ["Tue 24 08:00", "Wed 25 08:00", "Thu 26 08:00"]
    );
    assert!(pinned(&h, 1).is_some_and(|own| !own.pinned));
}

#[test]
fn the_words_of_a_spread_are_completed() {
    let mut h = Harness::with(5);
    h.keys("  rn<tab>");
    let Mode::Prompt(prompt) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    assert_eq!(prompt.text(), "next week");
}

#[test]
fn a_time_asked_for_before_it_locked_asks_once_it_is_given() {
    let mut h = Harness::with(5);
    h.wait(SLOT - 125);
    h.keys("2 rtomorrow 9");
    h.wait(10);
    h.keys("<enter>");
    assert!(warnings(&h)[0].starts_with("one of them goes out"));
    h.keys("<enter>");
    assert_eq!(h.changes(), [], "the key that asked does not answer");
    h.keys("y");
    assert_eq!(timed(&h), 2);
    // A point asks as well.
    h.keys("u<esc>gg.");
    assert!(warnings(&h)[0].starts_with("it goes out"));
    h.keys("n");
    assert_eq!(timed(&h), 0);
    // Whoever was asked already is not asked again.
    h.keys("2 rytomorrow 9<enter>");
    assert!(h.in_lists());
    assert_eq!(timed(&h), 2);
}
