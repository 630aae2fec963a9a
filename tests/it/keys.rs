//! What keys do, from the key to what the worker is told.

use qurate::app::action::{Action, Mouse};
use qurate::app::composer::Field;
use qurate::app::effect::Effect;
use qurate::app::mode::Mode;
use qurate::app::outbox::outbox_rows;
use qurate::app::state::{AccountKind, Pane};
use qurate::app::status::status;
use qurate::domain::operation::{Change, OperationState, Placement};
use qurate::domain::replica::QueueSnapshot;
use qurate::protocol::{Capabilities, Leaving, Link, Load, Request, SyncCommand, SyncEvent};

use crate::harness::{Harness, NOW, draft, fix, id, interaction, profile, sent_page, snapshot};

#[test]
fn a_count_moves_an_update_that_many_places_and_undo_puts_it_back() {
    let mut h = Harness::with(8);
    h.keys("3J");
    assert_eq!(h.order(), [1, 2, 3, 0, 4, 5, 6, 7]);
    assert_eq!(h.row(), 3, "the cursor stays on its update");
    assert_eq!(h.changes().len(), 1);
    h.keys("2K");
    assert_eq!(h.order(), [1, 0, 2, 3, 4, 5, 6, 7]);
    h.keys("u");
    assert_eq!(h.order(), [1, 2, 3, 0, 4, 5, 6, 7]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(h.cancelled().len(), 2);
    assert!(h.changes().is_empty());
    h.keys("UU");
    assert_eq!(h.order(), [1, 0, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_move_that_was_sent_is_undone_by_another_move() {
    let mut h = Harness::with(6);
    h.keys("G2K").ack();
    assert_eq!(h.order(), [0, 1, 2, 5, 3, 4]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(h.changes().len(), 2);
    assert!(h.cancelled().is_empty());
}

#[test]
fn top_and_bottom_and_the_arrows_with_alt_move_too() {
    let mut h = Harness::with(5);
    h.keys("jjt");
    assert_eq!(h.order(), [2, 0, 1, 3, 4]);
    h.keys("b");
    assert_eq!(h.order(), [0, 1, 3, 4, 2]);
    h.keys("<alt-up>gg<alt-down>");
    assert_eq!(h.order(), [1, 0, 3, 2, 4]);
    h.keys("uuuu");
    assert_eq!(h.order(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_grabbed_update_travels_with_every_key_of_lists_and_becomes_one_operation() {
    let mut h = Harness::with(40);
    h.keys("m5jG5k<pagedown>gg4j");
    assert!(
        h.changes().is_empty(),
        "nothing is an operation before the drop"
    );
    assert_eq!(h.row(), 4);
    assert_eq!(h.order()[..6], [1, 2, 3, 4, 0, 5]);
    let times: Vec<_> = h.state.rows().iter().map(|row| row.due_at).collect();
    assert!(times.is_sorted(), "each row shows the time it would get");
    h.keys("<enter>");
    assert!(h.in_lists());
    let changes = h.changes();
    let [Change::Reorder { moves }] = &changes[..] else {
        unreachable!("{:?}", h.changes());
    };
    assert_eq!(
        (moves.len(), moves[0].updates.as_slice()),
        (1, &[id(0, 0)][..])
    );
    assert_eq!(h.order()[..6], [1, 2, 3, 4, 0, 5]);
    h.keys("u");
    assert_eq!(h.order()[..6], [0, 1, 2, 3, 4, 5]);
}

#[test]
fn esc_and_q_put_a_grabbed_update_back() {
    for key in ["<esc>", "q"] {
        let mut h = Harness::with(9);
        h.keys("jjm5j").keys(key);
        assert!(h.in_lists() && h.changes().is_empty());
        assert_eq!((h.order()[2], h.row()), (2, 2));
        assert!(!h.effects.contains(&Effect::Quit));
    }
}

#[test]
fn a_grab_to_a_row_by_its_number_and_dropped_where_it_was_changes_nothing() {
    let mut h = Harness::with(9);
    h.keys("m6G");
    assert_eq!(h.row(), 5);
    h.keys("1Gm");
    assert!(h.changes().is_empty());
    assert_eq!(h.notice(), "it stays where it was");
}

#[test]
fn a_queue_that_changes_under_a_grab_keeps_what_is_carried_at_its_neighbours() {
    let mut h = Harness::with(8);
    h.keys("m4j");
    let mut changed = snapshot(0, 8);
    changed.updates.remove(1);
    let profile = profile(0).id;
    h.sync(SyncEvent::Queue {
        profile,
        delta: changed.into(),
        settled: Vec::new(),
    });
    assert_eq!(h.order(), [2, 3, 4, 0, 5, 6, 7]);
    h.keys(" ");
    assert_eq!(h.order(), [2, 3, 4, 0, 5, 6, 7]);
}

#[test]
fn marks_move_as_a_block_and_go_back_to_where_each_was() {
    let mut h = Harness::with(8);
    h.keys(" j j <esc>");
    assert!(h.state.marks.is_empty());
    h.keys("gg j ");
    assert_eq!(h.state.selection(), [id(0, 0), id(0, 2)]);
    h.keys("3J").ack();
    assert_eq!(h.order(), [1, 3, 4, 5, 0, 2, 6, 7]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_range_marks_what_lies_between() {
    let mut h = Harness::with(8);
    h.keys("jv3j");
    assert_eq!(h.state.selection().len(), 4);
    h.keys("b");
    assert_eq!(h.order(), [0, 5, 6, 7, 1, 2, 3, 4]);
    h.keys("v");
    assert!(h.state.marks.len() == 4 && h.state.range.is_none());
    h.keys("jv<esc>");
    assert!(h.state.marks.len() == 4 && h.state.range.is_none());
}

#[test]
fn a_shuffle_is_looked_at_first_and_is_one_operation_that_undo_takes_back() {
    let mut h = Harness::with(30);
    let before = h.order();
    h.keys("X");
    let first = h.order();
    assert_ne!(first, before);
    assert!(h.changes().is_empty());
    h.keys("X");
    let second = h.order();
    assert_ne!(second, first);
    h.keys("<esc>");
    assert_eq!(h.order(), before);
    h.keys("X<enter>").ack();
    let taken = h.order();
    assert_eq!(h.changes().len(), 1);
    assert_ne!(taken, before);
    h.keys("u");
    assert_eq!(h.order(), before);
    h.keys("U");
    assert_eq!(h.order(), taken);
}

#[test]
fn what_was_done_before_is_not_said_beside_a_question() {
    let mut h = Harness::with(12);
    h.keys("X<enter>");
    assert!(h.state.notices.current().is_some());
    h.keys("S");
    assert!(h.state.notices.current().is_none());
    h.keys("nctext<esc>");
    assert!(h.state.notices.current().is_some());
    h.keys("c");
    assert!(h.state.notices.current().is_none());
    h.keys("<enter>");
    let says = &h.state.notices.current().unwrap().text;
    assert_eq!(says, "this is the draft that was kept");
}

#[test]
fn a_shuffle_not_taken_leaves_the_cursor_on_its_update() {
    let mut h = Harness::with(12);
    h.keys("4j");
    let on = h.state.cursors().queue.on;
    h.keys("XXjj<esc>");
    assert_eq!((h.row(), h.state.cursors().queue.on), (4, on));
}

#[test]
fn a_shuffle_of_a_span_leaves_the_rest_and_what_is_fixed() {
    let mut h = Harness::with(30);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: fix(snapshot(0, 30), 7).into(),
        settled: Vec::new(),
    });
    h.keys("5Gv9jX");
    let order = h.order();
    assert_eq!((&order[..4], order[7]), (&[0, 1, 2, 3][..], 7));
    assert_eq!(order[14..], (14..30).collect::<Vec<u32>>());
    assert_ne!(order[4..14], (4..14).collect::<Vec<u32>>());
}

#[test]
fn a_delete_can_be_taken_back_while_it_counts_down_and_redone() {
    let mut h = Harness::with(4);
    h.keys("jd").store();
    assert_eq!(h.order(), [0, 2, 3]);
    assert_eq!(h.row(), 1);
    assert_eq!(h.operations()[0].not_before, Some(NOW.plus(10)));
    h.wait(3);
    let countdown = status(&h.state).countdown.unwrap();
    assert!(countdown.starts_with("deleting in 7 s, u "), "{countdown}");
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3]);
    assert_eq!((h.cancelled().len(), status(&h.state).countdown), (1, None));
    h.keys("U");
    assert_eq!(h.order(), [0, 2, 3]);
}

#[test]
fn a_delete_that_was_sent_is_restored_as_a_new_post_at_its_place() {
    let mut h = Harness::with(4);
    h.keys("jd").ack().keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3]);
    assert!(
        h.notice().contains("restored as a new post"),
        "{}",
        h.notice()
    );
    let restored = h.state.rows()[1].update;
    assert_ne!(restored, id(0, 1));
    // What is done again is done to the new post.
    h.ack().keys("U");
    assert_eq!(h.order(), [0, 2, 3]);
    assert!(
        matches!(h.changes().last(), Some(Change::Destroy { update, .. }) if *update == restored)
    );
}

#[test]
fn several_deleted_and_sent_come_back_in_their_order() {
    let mut h = Harness::with(6);
    h.keys("j  dy").ack();
    assert_eq!(h.order(), [0, 3, 4, 5]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_second_draft_does_not_replace_the_first() {
    let mut h = Harness::with(2);
    h.keys("cfirst<esc>").paste("second").keys("y<esc>");
    h.keys("c<enter><ctrl-s>c<enter><ctrl-s>");
    assert_eq!(h.texts()[2..], ["second", "first"]);
    h.keys("ggeX<esc>eY<ctrl-s>");
    assert_eq!(h.texts()[0], "update 0XY");
    assert!(h.state.drafts.is_empty());
}

#[test]
fn a_text_that_was_given_up_in_the_outbox_is_brought_back_by_undo() {
    let mut h = Harness::with(4);
    h.keys("eX<ctrl-s>jJ").store().keys("wx<esc>");
    assert_eq!(h.texts()[0], "update 0");
    h.keys("u");
    assert_eq!(h.texts()[0], "update 0X");
    h.keys("U");
    assert_eq!(h.texts()[0], "update 0");
    h.keys("uuu");
    assert_eq!(h.notice(), "there is nothing to take back");
}

#[test]
fn a_click_goes_to_the_row_under_it() {
    let mut h = Harness::with(30);
    let now = h.now;
    let mut click = |mouse, row| {
        let column = 10;
        h.act(Action::Mouse {
            mouse,
            column,
            row,
            now,
        });
        (h.row(), h.state.focus)
    };
    // The strip, the title, the heading of a day, then rows.
    assert_eq!(click(Mouse::Press, 5), (2, Pane::Queue));
    assert_eq!(click(Mouse::Press, 2), (2, Pane::Queue));
    assert_eq!(click(Mouse::ScrollDown, 5), (5, Pane::Queue));
    assert_eq!(click(Mouse::Press, 0), (5, Pane::Queue));
}

#[test]
fn a_delete_the_worker_could_not_take_back_is_gone_again() {
    let mut h = Harness::with(4);
    h.keys("d").store().keys("u");
    let id = h.cancelled()[0];
    h.sync(SyncEvent::TooLate(id));
    assert_eq!(h.order(), [1, 2, 3]);
    assert!(h.notice().starts_with("too late"), "{}", h.notice());
}

#[test]
fn deleting_several_asks_and_only_y_says_yes() {
    let mut h = Harness::with(6);
    h.keys(" jd");
    assert!(h.in_lists(), "one mark is no reason to ask");
    h.keys("u<esc>gg  d");
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
    h.keys("d<enter>jx<space>");
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
    h.keys("y");
    assert_eq!(h.order(), [2, 3, 4, 5]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn share_names_what_it_shares_and_only_y_confirms() {
    let mut h = Harness::with(3);
    h.keys("S");
    let Mode::Confirm(confirm) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    let said = confirm.lines.join("\n");
    assert!(
        said.contains("Mastodon @acme0") && said.contains("update 0"),
        "{said}"
    );
    h.keys("S<enter><space>dXJ3");
    assert!(matches!(h.state.mode, Mode::Confirm(_)) && h.changes().is_empty());
    h.paste("y");
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
    h.keys("n");
    assert!(h.in_lists() && h.changes().is_empty());
    h.keys("Sy");
    assert_eq!(h.operations()[0].not_before, Some(NOW.plus(10)));
    assert_eq!(h.order(), [1, 2]);
    h.keys("u");
    assert_eq!(h.order(), [0, 1, 2]);
    h.keys("U");
    assert!(h.changes().is_empty(), "redo never shares");
}

#[test]
fn what_changed_while_it_was_asked_about_is_not_shared() {
    let mut h = Harness::with(3);
    h.keys("S");
    let mut changed = snapshot(0, 3);
    changed.updates[0].body.content.text = "something else".to_owned();
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: changed.into(),
        settled: Vec::new(),
    });
    h.keys("y");
    assert!(h.changes().is_empty());
    assert!(h.notice().starts_with("not shared"), "{}", h.notice());
}

#[test]
fn what_could_not_be_read_is_read_when_the_line_is_back() {
    let mut h = Harness::with(3);
    h.keys("gsj").rest();
    h.sync(SyncEvent::Link(Link::Offline {
        since: NOW,
        reason: "no route".to_owned(),
    }));
    let (profile, update) = (profile(0).id, id(0, 100_000));
    let reason = "no route".to_owned();
    for what in [
        Load::Sent { profile, page: 1 },
        Load::Interactions {
            update,
            event: None,
            page: 1,
        },
    ] {
        let reason = reason.clone();
        h.sync(SyncEvent::LoadFailed { what, reason });
    }
    h.effects.clear();
    h.keys("k").rest().keys("j").rest();
    assert!(h.commands().is_empty(), "{:?}", h.commands());
    h.sync(SyncEvent::Link(Link::Online { since: NOW }));
    let asked = h.commands();
    assert!(
        matches!(asked[0], SyncCommand::LoadSent { page: 1, .. }),
        "{asked:?}"
    );
    assert!(
        matches!(asked[1], SyncCommand::LoadInteractions { page: 1, .. }),
        "{asked:?}"
    );
}

#[test]
fn what_was_shared_cannot_be_taken_back_and_undo_says_so() {
    let mut h = Harness::with(3);
    h.keys("Sy").ack().keys("u");
    assert!(
        h.notice().starts_with("cannot be taken back"),
        "{}",
        h.notice()
    );
    assert_eq!(h.changes().len(), 1);
}

#[test]
fn composing_to_two_profiles_makes_one_group_that_one_undo_takes_back() {
    let mut h = Harness::with(2);
    h.keys("chello<enter>world<tab><down> <ctrl-s>");
    assert!(h.in_lists(), "{:?}", h.state.mode);
    let made = h.operations();
    assert_eq!(made.len(), 2);
    assert_eq!(made[0].group, made[1].group);
    assert_ne!(made[0].profile, made[1].profile);
    let Change::Create {
        content, placement, ..
    } = &made[0].change
    else {
        unreachable!("{made:?}");
    };
    assert_eq!(
        (content.text.as_str(), *placement),
        ("hello\nworld", Placement::Queue)
    );
    assert_eq!(
        (h.texts().len(), h.row()),
        (3, 2),
        "the cursor is on the new update"
    );
    h.keys("u");
    assert_eq!((h.texts().len(), h.changes().len()), (2, 0));
    h.keys("U").ack().keys("u");
    assert_eq!(h.texts().len(), 2);
    assert!(matches!(
        h.changes()[..],
        [.., Change::Destroy { .. }, Change::Destroy { .. }]
    ));
}

#[test]
fn the_composer_places_at_the_top_now_or_at_a_time() {
    for (when, placement) in [
        ("top", Placement::Top),
        ("now", Placement::Now),
        ("tomorrow 9", Placement::At(NOW.plus(86_400))),
    ] {
        let mut h = Harness::with(2);
        h.keys("cx<tab><tab><ctrl-u>").keys(when).keys("<ctrl-s>");
        let operation = h.operations().pop().unwrap();
        assert!(
            matches!(operation.change, Change::Create { placement: p, .. } if p == placement),
            "{when}: {operation:?}"
        );
        assert_eq!(operation.not_before.is_some(), placement == Placement::Now);
    }
}

#[test]
fn what_cannot_be_saved_says_why_and_keeps_what_was_typed() {
    let mut h = Harness::with(2);
    h.keys("c<ctrl-s>");
    let problems = |h: &Harness| match &h.state.mode {
        Mode::Composer(composer) => {
            let texts = composer
                .problems
                .iter()
                .map(|problem| problem.text.as_str());
            texts.collect::<Vec<_>>().join("; ")
        }
        other => unreachable!("{other:?}"),
    };
    assert!(problems(&h).contains("nothing to post"), "{}", problems(&h));
    h.keys("text<tab> <tab><ctrl-u>soonish<tab>ftp://x<ctrl-s>");
    let said = problems(&h);
    for part in [
        "at least one profile",
        "`soonish` is no time",
        "link must begin",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(h.changes().is_empty());
    let long = "x".repeat(600);
    h.keys("<esc>").keys("cn").paste(&long).keys("<ctrl-s>");
    assert!(
        problems(&h).contains("of 500 characters"),
        "{}",
        problems(&h)
    );
}

#[test]
fn leaving_the_composer_keeps_the_draft_and_c_goes_on_with_it() {
    let mut h = Harness::with(2);
    h.keys("chalf a thought<esc>");
    assert!(h.in_lists());
    let kept = h.state.drafts[0].clone();
    assert_eq!(kept.text, "half a thought");
    let id = kept.id;
    let saved = SyncCommand::SaveDraft(Box::new(kept));
    assert!(h.commands().contains(&&saved));
    h.keys("c<enter>, continued<ctrl-s>");
    assert_eq!(h.texts()[2], "half a thought, continued");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::DropDraft(id)));
}

#[test]
fn what_is_typed_goes_to_the_store_within_two_seconds() {
    let mut h = Harness::with(2);
    h.wait(60).keys("c").wait(60).keys("a");
    let saved = |h: &Harness| {
        let mut saves = h.commands().into_iter().rev().filter_map(|c| match c {
            SyncCommand::SaveDraft(draft) => Some(draft.text.clone()),
            _ => None,
        });
        saves.next()
    };
    assert_eq!(saved(&h).as_deref(), Some("a"));
    h.keys("bc");
    assert_eq!(saved(&h).as_deref(), Some("a"));
    assert!(h.effects.contains(&Effect::WakeAt(h.now.plus(2))));
    h.wait(2);
    assert_eq!(saved(&h).as_deref(), Some("abc"));
}

#[test]
fn a_restart_offers_the_draft() {
    let mut h = Harness::fresh(AccountKind::Demo);
    h.sync(SyncEvent::Restored {
        profiles: vec![profile(0)],
        queues: vec![(profile(0).id, snapshot(0, 1))],
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: vec![draft("before the crash")],
        history: Vec::new(),
        tags: Vec::new(),
    });
    assert!(h.notice().contains("draft"));
    h.keys("c<enter><ctrl-s>");
    assert_eq!(h.texts()[1], "before the crash");
}

#[test]
fn an_edit_goes_back_and_forth() {
    let mut h = Harness::with(2);
    h.keys("je!<alt-enter>").ack();
    assert_eq!(h.texts()[1], "update 1!");
    h.keys("u").ack();
    assert_eq!(h.texts()[1], "update 1");
    h.keys("U");
    assert_eq!(h.texts()[1], "update 1!");
    h.keys("e<ctrl-s>");
    assert_eq!(h.notice(), "nothing was changed");
}

#[test]
fn an_update_gets_a_time_of_its_own_and_its_slot_back() {
    let mut h = Harness::with(3);
    h.keys("r");
    assert!(matches!(&h.state.mode, Mode::Composer(c) if c.field == Field::When));
    h.keys("<ctrl-u>+3d<ctrl-s>");
    let last = h.state.rows().last().unwrap();
    assert_eq!((last.update, last.fixed), (id(0, 0), true));
    h.keys("r<ctrl-u>queue<ctrl-s>");
    assert!(h.state.rows().iter().all(|row| !row.fixed));
    h.keys("ggf");
    assert!(h.state.rows()[0].fixed);
    h.keys("J");
    assert!(h.notice().contains("a time of its own"));
    h.keys("u");
    assert!(!h.state.rows()[0].fixed);
}

#[test]
fn an_edit_of_an_update_that_went_out_keeps_the_text() {
    let mut h = Harness::with(2);
    h.keys("e, and more");
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot(0, 0).into(),
        settled: Vec::new(),
    });
    h.keys("<ctrl-s>");
    assert!(h.changes().is_empty());
    assert_eq!(h.state.drafts[0].text, "update 0, and more");
}

#[test]
fn a_paste_in_the_lists_runs_no_command_and_offers_to_compose() {
    let mut h = Harness::with(3);
    h.paste("dddqJ\r\nmore");
    assert!(h.changes().is_empty());
    h.keys("y<ctrl-s>");
    assert_eq!(h.texts()[3], "dddqJ\nmore");
    h.paste("other").keys("n");
    assert!(h.in_lists());
}

#[test]
fn profiles_panes_and_lists_are_reached_by_keys() {
    let mut h = Harness::with(60);
    h.keys("]");
    assert_eq!(h.state.profile, Some(profile(1).id));
    assert!(
        h.commands()
            .contains(&&SyncCommand::Focus(Some(profile(1).id)))
    );
    h.keys("]]");
    assert_eq!(h.state.profile, Some(profile(0).id), "round the end");
    h.keys("[");
    assert_eq!(h.state.profile, Some(profile(2).id));
    h.keys("gp");
    assert_eq!(h.state.focus, Pane::Profiles);
    h.keys("k<enter>");
    assert_eq!(
        (h.state.focus, h.state.profile.clone()),
        (Pane::Queue, Some(profile(1).id))
    );
    for (keys, pane) in [
        ("<tab>", Pane::Sent),
        ("l", Pane::Interactions),
        ("l", Pane::Interactions),
        ("<alt-2>", Pane::Queue),
        ("<shift-tab>", Pane::Profiles),
        ("gi", Pane::Interactions),
        ("<esc>", Pane::Queue),
    ] {
        h.keys(keys);
        assert_eq!(h.state.focus, pane, "{keys}");
    }
}

#[test]
fn the_cursor_goes_by_rows_pages_and_counts_and_the_list_follows() {
    let mut h = Harness::with(100);
    for (keys, row) in [
        ("5j", 5),
        ("2k", 3),
        ("G", 99),
        ("gg", 0),
        ("12G", 11),
        ("5gg", 4),
        ("<home>", 0),
        ("999j", 99),
        ("<end>k", 98),
    ] {
        h.keys(keys);
        assert_eq!(h.row(), row, "{keys}");
    }
    h.keys("gg<ctrl-d><pagedown><ctrl-u><pageup>");
    assert_eq!((h.row(), h.state.cursors().queue.offset), (0, 0));
    h.keys("20j");
    let offset = h.state.cursors().queue.offset;
    assert!(offset > 0 && offset <= 20);
    h.keys("k");
    assert_eq!(
        h.state.cursors().queue.offset,
        offset,
        "no scroll while it is visible"
    );
}

#[test]
fn the_cursor_stays_on_its_update_when_the_queue_changes() {
    let mut h = Harness::with(10);
    h.keys("5j");
    let mut changed = snapshot(0, 10);
    changed.updates.drain(..2);
    let event = |snapshot: QueueSnapshot| SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    };
    h.sync(event(changed.clone()));
    assert_eq!((h.row(), h.order()[3]), (3, 5));
    changed.updates.remove(3);
    h.sync(event(changed));
    assert_eq!(
        (h.row(), h.order()[3]),
        (3, 6),
        "the next one when it is gone"
    );
}

#[test]
fn the_detail_follows_the_cursor_after_a_rest_only() {
    let mut h = Harness::with(10);
    assert_eq!(h.state.detail, Some(id(0, 0)));
    h.keys("jj");
    assert_eq!(h.state.detail, Some(id(0, 0)));
    h.act(Action::Rested(1));
    assert_eq!(
        h.state.detail,
        Some(id(0, 0)),
        "an old timer counts for nothing"
    );
    h.rest();
    assert_eq!(h.state.detail, Some(id(0, 2)));
}

#[test]
fn sent_updates_are_read_page_by_page_as_one_scrolls() {
    let mut h = Harness::with(3);
    h.sync(SyncEvent::Sent(sent_page(0, 1)));
    h.keys("gs");
    assert_eq!(h.state.sent_len(), 21, "the failed one stands above");
    h.keys("15j");
    let asked = SyncCommand::LoadSent {
        profile: profile(0).id,
        page: 2,
    };
    let times = |h: &Harness| h.commands().iter().filter(|c| ***c == asked).count();
    assert_eq!(times(&h), 1);
    h.keys("jjj");
    assert_eq!(times(&h), 1, "asked once");
    h.sync(SyncEvent::Sent(sent_page(0, 2)));
    assert_eq!(h.state.sent_len(), 41);
    h.keys("G");
    h.sync(SyncEvent::Sent(sent_page(0, 3)));
    assert_eq!(h.state.sent_len(), 46);
    let asked_so_far = h.commands().len();
    h.keys("G");
    assert_eq!(h.commands().len(), asked_so_far, "there are no more");
}

#[test]
fn interactions_are_read_for_the_sent_update_and_filtered_by_event() {
    let mut h = Harness::with(3);
    h.keys("gsj").rest();
    let update = id(0, 100_000);
    let asked = |page: u32, event: Option<&str>| SyncCommand::LoadInteractions {
        update,
        event: event.map(str::to_owned),
        page,
    };
    assert!(
        h.commands().contains(&&asked(1, None)),
        "{:?}",
        h.commands()
    );
    let page = |page: u32, event: Option<&str>| SyncEvent::Interactions {
        update,
        event: event.map(str::to_owned),
        page,
        total: 30,
        interactions: (0..15)
            .map(|i| interaction(15 * page as usize + i, "retweet"))
            .collect(),
    };
    h.sync(page(1, None));
    h.keys("gi9j");
    assert!(h.commands().contains(&&asked(2, None)));
    h.sync(page(2, None));
    assert_eq!(h.state.reactions().unwrap().list.len(), 30);
    h.keys("f");
    assert_eq!(h.state.event.as_deref(), Some("retweet"));
    assert!(h.commands().contains(&&asked(1, Some("retweet"))));
    h.keys("F");
    assert_eq!(h.state.event, None);
}

#[test]
fn a_failed_update_is_requeued_deleted_or_written_again() {
    let mut h = Harness::with(3);
    h.keys("gsr");
    assert_eq!((h.texts().len(), h.state.failed().len()), (4, 0));
    h.keys("u");
    assert_eq!((h.texts().len(), h.state.failed().len()), (3, 1));
    h.keys("gsggd");
    assert!(h.state.failed().is_empty());
    h.keys("u");
    assert_eq!(h.state.failed().len(), 1);
    h.keys("ggjr");
    assert!(h.notice().contains("it was sent"), "{}", h.notice());
    h.keys("a, again<ctrl-s>");
    assert_eq!(h.texts()[3], "sent 100000, again");
}

#[test]
fn the_outbox_lists_what_needs_the_person_and_retries_and_discards() {
    let mut h = Harness::with(5);
    h.keys("JjJ").store();
    let first = h.operations()[1].id;
    let reason = "the server said no".to_owned();
    let failed = OperationState::Failed {
        code: Some(1025),
        reason,
    };
    h.sync(SyncEvent::States(vec![(first, failed)]));
    assert!(h.notice().contains("the server said no"));
    let line = status(&h.state);
    assert_eq!((line.failed, line.waiting), (1, 1));
    h.keys("w");
    let rows = outbox_rows(&h.state);
    assert!(rows[0].needs_you && rows[0].operation == first && rows[0].state == "refused (1025)");
    h.keys("r");
    assert_eq!(h.commands().last(), Some(&&SyncCommand::Retry(first)));
    h.keys("x");
    assert!(h.commands().contains(&&SyncCommand::Discard(first)));
    h.keys("x<esc>");
    assert!(h.changes().is_empty() && h.in_lists());
    assert_eq!(h.order(), [0, 1, 2, 3, 4]);
}

#[test]
fn undo_of_what_was_refused_gives_it_up() {
    let mut h = Harness::with(3);
    h.keys("J").all_become(&OperationState::Failed {
        code: None,
        reason: "no".to_owned(),
    });
    assert_eq!(h.order(), [0, 1, 2]);
    h.keys("u");
    assert!(h.changes().is_empty());
    assert!(matches!(h.commands().last(), Some(SyncCommand::Discard(_))));
}

#[test]
fn the_help_filters_and_runs() {
    let mut h = Harness::with(4);
    h.keys("?later<enter>");
    assert_eq!(
        h.order(),
        [1, 0, 2, 3],
        "the first that matches is `move-down`"
    );
    h.keys("gs:shuffle the<enter>");
    assert!(
        matches!(h.state.mode, Mode::Shuffle(_)),
        "{:?}",
        h.state.mode
    );
    h.keys("<esc>?zzzz<enter>");
    assert!(matches!(&h.state.mode, Mode::Palette(p) if p.found.is_empty()));
    h.keys("<esc>");
    assert!(h.in_lists());
}

#[test]
fn quit_never_waits_and_keeps_what_is_being_written() {
    let mut h = Harness::with(4);
    h.keys("q");
    assert_eq!(
        h.effects[h.effects.len() - 2..],
        [
            Effect::Sync(SyncCommand::Quit(Leaving::MaySend)),
            Effect::Quit
        ]
    );
    let mut h = Harness::with(4);
    h.keys("cnot done<ctrl-c>");
    assert!(h.in_lists() && !h.state.drafts.is_empty());
    h.keys("<ctrl-c>");
    assert!(h.effects.contains(&Effect::Quit));
    let mut h = Harness::with(4);
    h.keys("<ctrl-c>").wait(2).keys("<ctrl-c>");
    assert!(!h.effects.contains(&Effect::Quit));
}

#[test]
fn the_terminal_keys_work_everywhere() {
    for open in ["", "c", "?", "m", "S", "w", "X"] {
        let mut h = Harness::with(4);
        h.keys(open).keys("<ctrl-l><ctrl-z>");
        let count = |effect: &Effect| h.effects.iter().filter(|e| *e == effect).count();
        assert_eq!(
            (count(&Effect::Redraw), count(&Effect::Suspend)),
            (1, 1),
            "{open}"
        );
    }
}

#[test]
fn esc_drops_a_count_or_the_begin_of_a_chord_first() {
    let mut h = Harness::with(9);
    h.keys("  3<esc>j");
    assert_eq!((h.row(), h.state.marks.len()), (3, 2));
    h.keys("g<esc>");
    assert_eq!(h.state.marks.len(), 2);
    h.keys("<esc>");
    assert!(h.state.marks.is_empty());
}

#[test]
fn the_first_start_offers_the_form_and_makes_the_profile() {
    let mut h = Harness::fresh(AccountKind::Local);
    h.sync(SyncEvent::Restored {
        profiles: Vec::new(),
        queues: Vec::new(),
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    });
    h.sync(SyncEvent::Capabilities(Capabilities {
        manage_profiles: true,
        pause: true,
        failed: true,
        local: true,
        connections: vec!["demo".to_owned(), "command:mine".to_owned()],
        requests_per_minute: None,
    }));
    assert!(
        h.in_lists(),
        "the account has not said yet that there are none"
    );
    h.sync(SyncEvent::Profiles(Vec::new()));
    assert!(matches!(h.state.mode, Mode::Form(_)));
    h.keys("l<tab>acme<tab><tab><ctrl-u>daily 9:00<tab>l<ctrl-s>");
    let Some(SyncCommand::Ask(Request::CreateProfile(new))) = h.commands().last().copied() else {
        unreachable!("{:?}", h.state.mode);
    };
    assert_eq!(
        (new.name.as_str(), new.timezone.as_str()),
        ("acme", "Europe/Berlin")
    );
    assert_eq!(new.connection, "command:mine");
    h.sync(SyncEvent::Answered(Err("the name is taken".to_owned())));
    assert!(matches!(&h.state.mode, Mode::Form(f) if f.problem.is_some() && !f.waiting));
    h.keys("<ctrl-s>");
    h.sync(SyncEvent::Answered(Ok("added".to_owned())));
    h.sync(SyncEvent::Profiles(vec![profile(0)]));
    assert!(h.in_lists());
    assert_eq!(h.state.profile, Some(profile(0).id));
}

#[test]
fn the_status_line_says_how_the_line_is_and_how_old_the_screen_is() {
    let mut h = Harness::with(2);
    h.wait(20 * 60);
    assert_eq!(status(&h.state).age, None);
    h.sync(SyncEvent::Link(Link::Offline {
        since: h.now,
        reason: "no route".to_owned(),
    }));
    let line = status(&h.state);
    assert_eq!(line.link, "offline since 09:20");
    assert_eq!(line.link_reason.as_deref(), Some("no route"));
    assert_eq!(line.age.as_deref(), Some("as of 20 min ago"));
    assert_eq!(line.profile.as_deref(), Some("Mastodon @acme0"));
    // It was read again meanwhile, and had not changed.
    h.sync(SyncEvent::Unchanged {
        profile: profile(0).id,
        read_at: h.now.plus(-180),
    });
    assert_eq!(status(&h.state).age.as_deref(), Some("as of 3 min ago"));
}

#[test]
fn what_waited_before_a_restart_can_still_be_taken_back() {
    let mut h = Harness::with(4);
    h.keys("jd").store();
    let operations = h.state.replica.operations().to_vec();
    let mut again = Harness::fresh(AccountKind::Demo);
    again.sync(SyncEvent::Restored {
        profiles: vec![profile(0)],
        queues: vec![(profile(0).id, snapshot(0, 4))],
        rest: Vec::new(),
        sent: Vec::new(),
        operations,
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    });
    assert_eq!(again.order(), [0, 2, 3]);
    again.keys("u");
    assert_eq!(again.order(), [0, 1, 2, 3]);
    assert_eq!(again.cancelled().len(), 1);
}

#[test]
fn a_wide_screen_and_a_tiny_one_page_by_what_they_show() {
    let rows = |width, height| {
        let mut h = Harness::with(100).size(width, height);
        h.keys("<pagedown>");
        h.row()
    };
    assert!(rows(200, 60) > rows(80, 24));
    assert!(rows(10, 3) > 0);
}

#[test]
fn the_same_actions_give_the_same_state() {
    let run = || {
        let mut h = Harness::with(50);
        h.keys("3JX<enter>jjm9j ccopy<ctrl-s>dSyuu]X<enter>");
        (h.order(), h.effects)
    };
    assert_eq!(run(), run());
}
