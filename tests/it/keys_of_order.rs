//! What the keys and the mouse do that put updates elsewhere: ranges and marks, cut and paste,
//! carrying to another profile, repeating, dragging.

use qurate::app::action::{Action, Copying, Mouse, Part};
use qurate::app::effect::Effect;
use qurate::app::mode::{Mode, Question};
use qurate::app::state::Pane;
use qurate::domain::operation::{Change, OperationState, Placement};
use qurate::domain::replica::QueueSnapshot;
use qurate::protocol::{SyncCommand, SyncEvent};

use crate::harness::{Harness, NOW, fix, id, profile, sent_page, snapshot};

fn marked(h: &Harness) -> Vec<usize> {
    let rows = h.state.rows();
    let selected = h.state.marked();
    (0..rows.len())
        .filter(|i| selected.contains(&rows[*i].update))
        .collect()
}

/// Whose profile is on the screen.
fn shown(h: &Harness) -> u8 {
    let here = h.state.profile.clone().unwrap();
    (0..3).find(|n| profile(*n).id == here).unwrap()
}

/// The numbers of the texts in the queue of a profile.
fn order_of(h: &Harness, n: u8) -> Vec<u32> {
    let queue = h.state.replica.queue(&profile(n).id).unwrap();
    let text = |row: &qurate::domain::queue::Row| {
        let update = queue.update(row.update).unwrap();
        let word = update.body.content.text.rsplit(' ').next().unwrap();
        word.parse().unwrap_or(999)
    };
    queue.rows().iter().map(text).collect()
}

fn question(h: &Harness) -> (String, String) {
    match &h.state.mode {
        Mode::Confirm(confirm) => (
            confirm.title.clone(),
            [&confirm.lines[..], &confirm.warnings[..]]
                .concat()
                .join("\n"),
        ),
        other => panic!("no question: {other:?}, {}", h.notice()),
    }
}

/// An editor whose second profile has other texts than the first: the same ones are not taken there.
fn with(updates: usize) -> Harness {
    let mut h = Harness::with(updates);
    h.sync(SyncEvent::Queue {
        profile: profile(1).id,
        delta: others(updates).into(),
        settled: Vec::new(),
    });
    h
}

fn others(updates: usize) -> QueueSnapshot {
    let mut snapshot = snapshot(1, updates);
    for (i, update) in snapshot.updates.iter_mut().enumerate() {
        update.body.content.text = format!("other {i}");
    }
    snapshot
}

/// Gives the first update of profile 0 a text that is too long for the second network (280) and not
/// for its own (500).
fn long_first(h: &mut Harness) {
    let mut changed = snapshot(0, 6);
    changed.updates[0].body.content.text = "long ".repeat(80);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: changed.into(),
        settled: Vec::new(),
    });
}

#[test]
fn shift_stretches_a_range_that_a_plain_key_ends() {
    let mut h = Harness::with(9);
    h.keys("j<shift-down><shift-down>");
    assert_eq!(marked(&h), [1, 2, 3]);
    h.keys("<shift-up>");
    assert_eq!(marked(&h), [1, 2]);
    h.keys("j");
    assert_eq!((marked(&h), h.row()), (vec![], 3));
    h.keys("3<shift-up>");
    assert_eq!(marked(&h), [0, 1, 2, 3]);
    h.keys("b");
    assert_eq!(h.order(), [4, 5, 6, 7, 8, 0, 1, 2, 3]);
    h.keys("u<esc>");
    assert!(marked(&h).is_empty());
}

#[test]
fn v_makes_a_range_of_shift_stay_and_shift_makes_one_of_v_end() {
    let mut h = Harness::with(9);
    h.keys("<shift-down>vjj");
    assert_eq!(marked(&h), [0, 1, 2, 3]);
    h.keys("<shift-down>j");
    assert!(marked(&h).is_empty());
}

#[test]
fn counts_mark_and_range_that_many_and_space_marks_an_open_range() {
    let mut h = Harness::with(9);
    h.keys("3 ");
    assert_eq!((marked(&h), h.row()), (vec![0, 1, 2], 3));
    h.keys("j3v");
    assert_eq!((marked(&h), h.row()), (vec![0, 1, 2, 4, 5, 6], 6));
    h.keys(" ");
    assert_eq!((h.state.marks.len(), h.state.range), (6, None));
}

#[test]
fn marks_are_inverted_with_the_open_range() {
    let mut h = Harness::with(6);
    h.keys(" jvj*");
    assert_eq!(marked(&h), [1, 4, 5]);
    assert!(h.state.range.is_none());
    h.keys("<ctrl-a>*");
    assert!(marked(&h).is_empty());
    h.keys("*");
    assert_eq!(marked(&h).len(), 6);
}

#[test]
fn pin_and_copy_act_on_the_marks() {
    let mut h = Harness::with(6);
    h.keys("3 f");
    assert_eq!(h.changes().len(), 3);
    assert!(
        h.state.rows()[..4]
            .iter()
            .map(|r| r.fixed)
            .eq([true, true, true, false])
    );
    h.keys("<esc>j f");
    assert_eq!(h.notice(), "fixed: “update 4”");
    h.keys("<esc>ggvjf");
    assert!(!h.state.rows()[0].fixed, "all were fixed: they are let go");
    h.keys("uuu");
    assert!(h.changes().is_empty());
    h.keys("y");
    let copied = Effect::Copy {
        what: Copying {
            part: Part::Text,
            count: 2,
        },
        text: "update 0\n\nupdate 1".to_owned(),
    };
    assert_eq!(h.effects.last(), Some(&copied), "{}", h.notice());
}

#[test]
fn what_is_cut_stays_until_it_is_put_after_or_before_the_cursor() {
    let mut h = Harness::with(8);
    h.keys(" j x");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(h.changes().is_empty() && h.state.marks.is_empty());
    h.keys("6Gp");
    assert_eq!(h.order(), [1, 3, 4, 5, 0, 2, 6, 7]);
    assert_eq!(
        (h.row(), h.state.cut.clone(), h.changes().len()),
        (4, None, 1)
    );
    h.keys("xggP");
    assert_eq!(h.order(), [0, 1, 3, 4, 5, 2, 6, 7]);
    h.keys("uu");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5, 6, 7]);
    h.keys("p");
    assert!(h.notice().starts_with("nothing is cut"), "{}", h.notice());
}

#[test]
fn esc_or_a_second_cut_of_the_same_lets_it_be() {
    let mut h = Harness::with(4);
    h.keys("xx");
    assert!(h.state.cut.is_none());
    h.keys("xj <esc>");
    assert!(h.state.marks.is_empty() && h.state.cut.is_some());
    h.keys("<esc>");
    assert!(h.state.cut.is_none());
    h.keys("p");
    assert!(h.changes().is_empty());
}

#[test]
fn what_was_sent_since_it_was_cut_is_said() {
    let mut h = Harness::with(8);
    h.keys("4 x");
    let mut changed = snapshot(0, 8);
    changed.updates.drain(..1);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: changed.into(),
        settled: Vec::new(),
    });
    h.keys("Gp");
    assert_eq!(h.order(), [4, 5, 6, 7, 1, 2, 3]);
    assert!(h.notice().contains("1 sent or deleted meanwhile"));
    h.keys("ggxdp");
    assert!(
        h.notice().contains("no longer in its queue"),
        "{}",
        h.notice()
    );
}

#[test]
fn cut_here_and_put_there_asks_and_a_copy_leaves_it_here() {
    let mut h = with(5);
    h.keys("jx]jjp");
    let (title, said) = question(&h);
    assert_eq!(title, "Copy or move it to X @acme1?");
    assert_eq!(said, "update 1");
    h.keys("p<enter>yJxP");
    assert!(matches!(h.state.mode, Mode::Confirm(_)) && h.changes().is_empty());
    h.keys("c");
    assert_eq!(order_of(&h, 1), [0, 1, 2, 1, 3, 4]);
    assert_eq!(order_of(&h, 0), [0, 1, 2, 3, 4]);
    assert_eq!((h.row(), shown(&h)), (3, 1));
    let changes = h.changes();
    assert!(
        matches!(
            &changes[..],
            [Change::Create { .. }, Change::Reorder { .. }]
        ),
        "{changes:?}"
    );
    assert_eq!(h.notice(), "copied to X @acme1: “update 1”");
    h.keys("u");
    assert_eq!(order_of(&h, 1), [0, 1, 2, 3, 4]);
    assert!(h.changes().is_empty());
}

#[test]
fn a_move_to_another_profile_is_one_undo_sent_or_not() {
    for sent in [false, true] {
        let mut h = with(5);
        h.keys("3 x]Pm");
        assert_eq!(order_of(&h, 1), [0, 1, 2, 0, 1, 2, 3, 4]);
        assert_eq!(order_of(&h, 0), [3, 4]);
        assert_eq!(h.notice(), "moved to X @acme1: 3 updates");
        let window = |op: &qurate::domain::operation::Operation| op.not_before;
        let windows: Vec<_> = h.operations().iter().map(window).collect();
        assert_eq!(windows[..4], [None; 4], "creates go at once");
        assert_eq!(windows[4..], [Some(NOW.plus(10)); 3], "deletes wait");
        if sent {
            h.ack();
        } else {
            h.store();
        }
        h = h.restart();
        h.keys("u");
        assert_eq!(order_of(&h, 1), [0, 1, 2, 3, 4], "sent: {sent}");
        assert_eq!(order_of(&h, 0), [0, 1, 2, 3, 4], "sent: {sent}");
        h.keys("U");
        assert_eq!(order_of(&h, 1), [0, 1, 2, 0, 1, 2, 3, 4], "sent: {sent}");
        assert_eq!(order_of(&h, 0), [3, 4], "sent: {sent}");
        h.keys("u");
        assert_eq!(order_of(&h, 1), [0, 1, 2, 3, 4], "sent: {sent}");
        assert_eq!(order_of(&h, 0), [0, 1, 2, 3, 4], "sent: {sent}");
    }
}

#[test]
fn a_move_that_is_refused_there_leaves_the_update_here() {
    for how in [
        OperationState::Failed {
            code: Some(1025),
            reason: "the same text".to_owned(),
        },
        OperationState::Held {
            why: qurate::domain::operation::Hold::Unconfirmed,
            reason: "not confirmed".to_owned(),
        },
    ] {
        let mut h = with(4);
        h.keys("2 x]Pm").store();
        assert_eq!(order_of(&h, 0), [2, 3]);
        let creates: Vec<_> = h.operations();
        h.sync(SyncEvent::States(vec![(creates[1].id, how)]));
        assert_eq!(order_of(&h, 0), [1, 2, 3], "only the one that was refused");
        let deletes: Vec<_> = h
            .changes()
            .into_iter()
            .filter(|c| matches!(c, Change::Destroy { .. }))
            .collect();
        assert!(
            matches!(&deletes[..], [Change::Destroy { update, .. }] if *update == id(0, 0)),
            "{deletes:?}"
        );
        assert_eq!(h.cancelled().len(), 1);
    }
}

#[test]
fn a_create_given_up_in_the_outbox_leaves_the_update_where_it_was() {
    let mut h = with(4);
    h.keys("x]pm").store().keys("wx<esc>");
    assert_eq!(order_of(&h, 0), [0, 1, 2, 3]);
    assert_eq!(order_of(&h, 1), [0, 1, 2, 3]);
}

#[test]
fn what_a_network_cannot_take_is_said_and_stays() {
    let mut h = with(6);
    long_first(&mut h);
    h.keys("x]p");
    assert!(h.in_lists());
    assert!(
        h.notice().starts_with("too long for X, 400 of 280"),
        "{}",
        h.notice()
    );
    h.keys("[<esc>gg2 x]p");
    let (_, said) = question(&h);
    assert!(
        said.contains("update 1") && said.contains("too long for X"),
        "{said}"
    );
    h.keys("m");
    assert_eq!(order_of(&h, 0).len(), 5);
    assert_eq!(order_of(&h, 1).len(), 7);
    assert!(h.notice().contains("1 not taken there"), "{}", h.notice());
}

#[test]
fn a_text_that_is_there_already_is_said_and_stays() {
    let mut h = Harness::with(3);
    h.keys("x]p");
    assert!(h.in_lists() && h.changes().is_empty());
    let notice = h.notice();
    assert!(
        notice.starts_with("the same text is there already"),
        "{notice}"
    );
    // What was sent there within a day counts, what was sent before that does not.
    for (text, taken) in [("sent 100000", false), ("sent 100040", true)] {
        let mut h = with(3);
        let mut changed = snapshot(0, 3);
        changed.updates[0].body.content.text = text.to_owned();
        h.sync(SyncEvent::Queue {
            profile: profile(0).id,
            delta: changed.into(),
            settled: Vec::new(),
        });
        h.sync(SyncEvent::Sent(sent_page(1, 2)));
        h.sync(SyncEvent::Sent(sent_page(1, 3)));
        h.keys("x]p");
        assert_eq!(!h.in_lists(), taken, "{text}: {}", h.notice());
    }
}

#[test]
fn a_time_of_its_own_goes_along() {
    let mut h = with(6);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: fix(snapshot(0, 6), 3).into(),
        settled: Vec::new(),
    });
    let at = h.state.rows()[3].due_at.unwrap();
    h.keys("4Gx]p");
    assert!(question(&h).1.contains("time of its own"));
    h.keys("c");
    assert!(matches!(
        h.changes()[..],
        [Change::Create { placement: Placement::At(own), .. }] if own == at
    ));
}

#[test]
fn what_is_carried_to_another_profile_is_shown_there_and_esc_puts_it_back() {
    let mut h = with(9);
    h.keys("]3j[2j");
    h.keys("m2j]");
    assert_eq!(shown(&h), 1);
    assert_eq!(
        h.order()[..6],
        [0, 1, 2, 2, 3, 4],
        "at the cursor's place there"
    );
    assert_eq!(h.row(), 3);
    let times: Vec<_> = h.state.rows().iter().map(|row| row.due_at).collect();
    assert!(times.is_sorted() && times.iter().all(Option::is_some) && times.len() == 10);
    h.keys("2jgg");
    assert_eq!(h.order()[..4], [2, 0, 1, 2]);
    h.keys("4G");
    assert_eq!((h.order()[..5].to_vec(), h.row()), (vec![0, 1, 2, 2, 3], 3));
    h.keys("<esc>");
    assert!(h.in_lists() && h.changes().is_empty());
    assert_eq!((shown(&h), h.row(), h.order()[2]), (0, 2, 2));
    h.keys("]");
    assert_eq!(
        (h.row(), h.order().len()),
        (3, 9),
        "the cursor there is where it was"
    );
}

#[test]
fn carried_there_and_dropped_it_asks_and_a_no_goes_on_carrying() {
    let mut h = with(5);
    h.keys("m]2jm");
    assert!(
        matches!(h.state.mode, Mode::Grab(_)),
        "m would answer the question"
    );
    h.keys("<enter>");
    assert_eq!(question(&h).0, "Copy or move it to X @acme1?");
    assert_eq!(h.order(), [0, 1, 0, 2, 3, 4], "what is carried still shows");
    h.keys("<esc>");
    assert!(matches!(h.state.mode, Mode::Grab(_)));
    h.keys("k m");
    assert_eq!(order_of(&h, 1), [0, 0, 1, 2, 3, 4]);
    assert_eq!(order_of(&h, 0), [1, 2, 3, 4]);
    assert_eq!((h.row(), shown(&h)), (1, 1));
    h.keys("u");
    assert_eq!(order_of(&h, 0), [0, 1, 2, 3, 4]);
    assert_eq!(order_of(&h, 1), [0, 1, 2, 3, 4]);
}

#[test]
fn carried_round_all_profiles_it_is_home_again() {
    let mut h = with(5);
    h.keys("3 m2]]");
    assert_eq!((shown(&h), h.order()), (0, vec![0, 1, 2, 3, 4]));
    h.keys("j ");
    assert_eq!(h.order(), [3, 0, 1, 2, 4]);
    assert_eq!(h.state.marks.len(), 3, "the marks came along");
    h.keys("m[<esc>");
    assert_eq!(h.state.marks.len(), 3);
}

#[test]
fn a_queue_that_changes_under_what_is_carried_there_keeps_it_at_its_neighbours() {
    let mut h = with(5);
    h.keys("m]2j<enter>");
    let mut changed = others(5);
    changed.updates.remove(0);
    h.sync(SyncEvent::Queue {
        profile: profile(1).id,
        delta: changed.into(),
        settled: Vec::new(),
    });
    assert_eq!(h.order(), [1, 0, 2, 3, 4]);
    h.keys("c");
    assert_eq!(order_of(&h, 1), [1, 0, 2, 3, 4]);
    h.keys("[m]");
    let mut gone = snapshot(0, 5);
    gone.updates.remove(0);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: gone.into(),
        settled: Vec::new(),
    });
    assert!(h.in_lists());
    assert!(h.notice().contains("no longer in the queue"));
}

#[test]
fn a_dot_does_the_last_change_again_on_what_is_selected_now() {
    let mut h = Harness::with(9);
    h.keys(".");
    assert_eq!(h.notice(), "there is nothing to repeat yet");
    h.keys("3Jgg.");
    assert_eq!(h.order()[..6], [2, 3, 0, 1, 4, 5]);
    assert_eq!(h.notice(), "again: moved down: “update 1”");
    h.keys("gg1.");
    assert_eq!(h.order()[..3], [3, 2, 0], "its own count wins");
    h.keys("Gtj.");
    assert_eq!(h.order()[..2], [3, 8]);
    h.keys("dgg.");
    assert_eq!(h.order().len(), 7);
    h.keys("u");
    assert_eq!(h.order().len(), 8);
    h.keys("f2j.");
    assert_eq!(h.state.rows().iter().filter(|row| row.fixed).count(), 2);
}

#[test]
fn a_dot_repeats_a_carried_way_and_asks_again_where_it_was_asked() {
    let mut h = Harness::with(9);
    h.keys("m3j gg.");
    assert_eq!(h.order()[..6], [2, 3, 0, 1, 4, 5]);
    h.keys("gg2 dygg2 .");
    assert!(question(&h).0.starts_with("Delete 2"));
    h.keys("y");
    assert_eq!(h.order().len(), 5);
    h.keys("Sy.");
    assert!(matches!(
        &h.state.mode,
        Mode::Confirm(c) if matches!(c.what, Question::Share(_))
    ));
    h.keys("nX<enter>.");
    assert!(matches!(h.state.mode, Mode::Shuffle(_)));
    h.keys("<esc>gs.");
    assert!(h.notice().contains("`shuffle`"), "{}", h.notice());
}

#[test]
fn a_dot_gives_the_same_time_again_to_all_that_are_marked() {
    let mut h = Harness::with(6);
    h.keys("r<ctrl-u>tomorrow 9<ctrl-s>");
    let at = h.state.rows().iter().find(|row| row.fixed).unwrap().due_at;
    h.keys("gg2 .");
    let times = h.state.rows().iter().filter(|row| row.fixed);
    assert_eq!(times.map(|row| row.due_at).collect::<Vec<_>>(), [at; 3]);
    assert_eq!(h.notice(), "again: set to tomorrow 9: 2 updates");
    h.keys("uu");
    assert!(h.state.rows().iter().all(|row| !row.fixed));
}

#[test]
fn g_n_goes_to_the_next_to_go_out() {
    let mut h = Harness::with(6);
    let second = h.state.rows()[1].due_at.unwrap();
    h.keys("Ggn");
    assert_eq!(h.row(), 0);
    h.now = second;
    h.keys("Ggsgn");
    assert_eq!((h.row(), h.state.focus), (2, Pane::Queue));
    h.now = h.state.rows()[5].due_at.unwrap();
    h.keys("gn");
    assert_eq!(
        (h.row(), h.notice().as_str()),
        (2, "nothing here waits to go out")
    );
}

struct Pointer(Harness);

impl Pointer {
    fn with(updates: usize) -> Self {
        Self(Harness::with(updates))
    }

    fn does(&mut self, mouse: Mouse, column: u16, row: u16) -> &mut Self {
        let now = self.0.now;
        self.0.act(Action::Mouse {
            mouse,
            column,
            row,
            now,
        });
        self
    }
}

/// The line of the first row: after the strip, the title and the heading of a day.
const FIRST: u16 = 3;

#[test]
fn a_row_is_dragged_to_its_place_with_the_preview_of_grab() {
    let mut p = Pointer::with(4);
    p.does(Mouse::Press, 10, FIRST).does(Mouse::Drag, 12, FIRST);
    assert!(p.0.in_lists(), "the mouse is still on its row");
    p.does(Mouse::Drag, 12, FIRST + 1)
        .does(Mouse::Drag, 12, FIRST + 2);
    assert!(matches!(p.0.state.mode, Mode::Grab(_)) && p.0.changes().is_empty());
    assert_eq!((p.0.order(), p.0.row()), (vec![1, 2, 0, 3], 2));
    p.does(Mouse::Release, 12, FIRST + 2);
    assert!(p.0.in_lists());
    assert_eq!((p.0.order(), p.0.changes().len()), (vec![1, 2, 0, 3], 1));
    p.0.keys("u");
    assert_eq!(p.0.order(), [0, 1, 2, 3]);
}

#[test]
fn a_drag_is_put_back_by_esc_the_other_button_and_a_release_outside() {
    for way in 0..3 {
        let mut p = Pointer::with(4);
        p.does(Mouse::Press, 10, FIRST)
            .does(Mouse::Drag, 10, FIRST + 2);
        assert_eq!(p.0.order(), [1, 2, 0, 3]);
        match way {
            0 => {
                p.0.keys("<esc>");
            }
            1 => {
                p.does(Mouse::OtherButton, 10, FIRST + 2);
            }
            _ => {
                p.does(Mouse::Release, 10, 0);
            }
        }
        p.does(Mouse::Drag, 10, FIRST + 1)
            .does(Mouse::Release, 10, FIRST + 1);
        assert!(p.0.in_lists() && p.0.changes().is_empty(), "way {way}");
        assert_eq!((p.0.order(), p.0.row()), (vec![0, 1, 2, 3], 0), "way {way}");
    }
}

#[test]
fn the_marks_are_dragged_with_the_row_if_it_is_one_of_them() {
    let mut p = Pointer::with(6);
    p.0.keys("2 ");
    p.does(Mouse::Press, 10, FIRST)
        .does(Mouse::Drag, 10, FIRST + 2);
    p.does(Mouse::Release, 10, FIRST + 2);
    assert_eq!(p.0.order(), [2, 0, 1, 3, 4, 5]);
    p.0.keys("u<esc>gg3<shift-down>");
    p.does(Mouse::Press, 10, FIRST + 1)
        .does(Mouse::Drag, 10, FIRST);
    assert_eq!(
        p.0.order(),
        [0, 1, 2, 3, 4, 5],
        "a block is not carried over itself"
    );
    p.does(Mouse::OtherButton, 10, FIRST).0.keys("<esc>gg ");
    p.does(Mouse::Press, 10, FIRST + 2)
        .does(Mouse::Drag, 10, FIRST);
    p.does(Mouse::Release, 10, FIRST);
    assert_eq!(p.0.order(), [2, 0, 1, 3, 4, 5], "another row goes alone");
}

#[test]
fn a_click_inside_of_a_range_only_ends_it_when_nothing_is_dragged() {
    let mut p = Pointer::with(6);
    p.0.keys("3<shift-down>");
    p.does(Mouse::Press, 10, FIRST + 1);
    assert_eq!(marked(&p.0), [0, 1, 2, 3]);
    p.does(Mouse::Release, 10, FIRST + 1);
    assert_eq!((marked(&p.0), p.0.row()), (vec![], 1));
}

#[test]
fn a_click_chooses_a_profile_in_the_strip_and_the_wheel_turns_what_is_under_it() {
    let mut p = Pointer::with(30);
    p.does(Mouse::Press, 20, 0);
    assert_eq!((shown(&p.0), p.0.state.focus), (1, Pane::Queue));
    p.does(Mouse::Press, 3, 0);
    assert_eq!(shown(&p.0), 0);
    p.does(Mouse::Press, 78, 0);
    assert_eq!(p.0.state.focus, Pane::Profiles);
    p.0.keys("gq");
    p.0 = p.0.size(120, 40);
    p.does(Mouse::ScrollDown, 10, 30);
    assert_eq!((p.0.row(), p.0.state.focus), (0, Pane::Queue));
    assert_eq!(p.0.state.cursors().sent.index, 3);
    p.does(Mouse::ScrollDown, 10, 5);
    assert_eq!(p.0.row(), 3);
}

#[test]
fn a_drag_past_the_edge_carries_on_row_by_row() {
    let mut p = Pointer::with(30);
    p.does(Mouse::Press, 10, FIRST);
    for _ in 0..25 {
        p.does(Mouse::Drag, 10, 23);
    }
    assert_eq!(p.0.row(), 25);
    for _ in 0..9 {
        p.does(Mouse::Drag, 10, 0);
    }
    assert_eq!((p.0.row(), p.0.order()[16]), (16, 0));
}

#[test]
fn the_palette_turns_the_mouse_on_and_off() {
    let mut h = Harness::with(3);
    h.keys(":mouse<enter>");
    assert!(h.state.mouse && h.effects.contains(&Effect::Mouse(true)));
    h.keys(":mouse<enter>");
    assert_eq!(
        h.effects
            .iter()
            .rev()
            .find(|e| matches!(e, Effect::Mouse(_))),
        Some(&Effect::Mouse(false))
    );
}

#[test]
fn a_profile_that_is_carried_to_is_read() {
    let mut h = Harness::with(3);
    h.keys("m]");
    let focus = SyncCommand::Focus(Some(profile(1).id));
    assert_eq!(h.commands().iter().filter(|c| ***c == focus).count(), 1);
    h.keys("<esc>");
    let focus = SyncCommand::Focus(Some(profile(0).id));
    assert!(h.commands().iter().rev().any(|c| **c == focus));
}
