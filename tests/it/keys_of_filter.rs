//! Which rows the lists show: filters and free slots, from the key to what the worker is told.

use std::collections::BTreeSet;

use qurate::app::action::{Action, Mouse};
use qurate::app::effect::Effect;
use qurate::app::entries::Entry;
use qurate::app::keymap::Keymap;
use qurate::app::mode::Mode;
use qurate::app::state::{AccountKind, Pane, Settings, State};
use qurate::domain::operation::{Change, Placement};
use qurate::domain::time::Timestamp;
use qurate::domain::update::OwnTime;
use qurate::protocol::SyncEvent;

use crate::harness::{Harness, NOW, fix, id, profile, sent_page, snapshot};

/// Returns the numbers at the end of the texts that show.
fn shown(h: &Harness) -> Vec<u32> {
    let texts = h.state.entries().updates().filter_map(|update| {
        let update = h.state.update(update)?;
        let text = &update.body.content.text;
        text.rsplit(' ').next()?.parse().ok()
    });
    texts.collect()
}

/// Returns the number at the end of the text under the cursor.
fn under(h: &Harness) -> Option<u32> {
    let update = h.state.update(h.state.cursors().queue.on?)?;
    update.body.content.text.rsplit(' ').next()?.parse().ok()
}

fn is_in_line(h: &Harness) -> bool {
    matches!(h.state.mode, Mode::Filter(_))
}

#[test]
fn the_list_narrows_while_one_types_and_enter_keeps_it() {
    let mut h = Harness::with(40);
    h.keys("5j/UPDATE 3");
    assert_eq!(
        shown(&h),
        [3, 13, 23, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]
    );
    assert_eq!(under(&h), Some(13), "the next match from where one was");
    h.keys("3");
    assert_eq!(shown(&h), [33]);
    h.keys("<backspace><backspace>1 -2");
    assert_eq!(shown(&h), [1, 10, 11, 13, 14, 15, 16, 17, 18, 19, 31]);
    assert!(is_in_line(&h));
    h.keys("<enter>3j");
    assert!(h.in_lists());
    assert_eq!(under(&h), Some(14));
    h.keys("G");
    assert_eq!(under(&h), Some(31));
    h.keys("2G");
    assert_eq!(under(&h), Some(10), "a count is a row of what shows");
    h.keys("<esc>");
    assert_eq!((shown(&h).len(), under(&h)), (40, Some(10)));
}

#[test]
fn esc_in_the_line_shows_all_again_with_the_cursor_where_it_was() {
    let mut h = Harness::with(40);
    h.keys("5j/39");
    assert_eq!(under(&h), Some(39));
    h.keys("<esc>");
    assert!(h.in_lists());
    assert_eq!((shown(&h).len(), under(&h)), (40, Some(5)));
}

#[test]
fn esc_in_the_list_ends_a_range_then_clears_marks_then_the_filter() {
    let mut h = Harness::with(40);
    h.keys("/1<enter> v<esc>");
    assert!(h.state.range.is_none() && h.state.marks.len() == 1);
    h.keys("<esc>");
    assert!(h.state.marks.is_empty() && shown(&h).len() < 40);
    h.keys("<esc>");
    assert_eq!(shown(&h).len(), 40);
}

#[test]
fn the_filter_is_kept_for_each_profile_and_can_be_changed() {
    let mut h = Harness::with(20);
    h.keys("/update 1<enter>]");
    assert_eq!(shown(&h).len(), 20);
    h.keys("[");
    assert_eq!(shown(&h).len(), 11);
    h.keys("/2");
    assert_eq!(shown(&h), [12]);
    h.keys("<ctrl-u><enter>");
    assert_eq!(shown(&h).len(), 20, "an empty line is no filter");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_still_works() {
    let mut h = Harness::with(20);
    h.keys("/is:pined 7");
    assert_eq!(shown(&h), [7, 17]);
    let typed = h.state.filter_of(Pane::Queue).unwrap();
    assert_eq!(
        typed.filter.problems,
        ["is:pined is not known; is:pinned is"]
    );
}

#[test]
fn marks_ranges_and_deletes_are_of_what_shows() {
    let mut h = Harness::with(30);
    h.keys("/5<enter><ctrl-a>");
    assert_eq!(
        h.state.marks,
        BTreeSet::from([id(0, 5), id(0, 15), id(0, 25)])
    );
    h.keys("<ctrl-a>");
    assert!(h.state.marks.is_empty());
    h.keys("ggvj");
    assert_eq!(h.state.selection(), [id(0, 5), id(0, 15)]);
    h.keys("v<esc>/3<enter> <esc>");
    // A mark that does not show is kept and not acted on.
    let mut h = Harness::with(30);
    h.keys("gg 3j /5<enter>d");
    assert!(h.in_lists(), "one update, so it does not ask");
    assert_eq!(h.changes().len(), 1);
    assert_eq!(
        h.state.replica.queue(&profile(0).id).unwrap().rows().len(),
        29
    );
    assert!(h.state.queue().unwrap().contains(id(0, 0)));
}

#[test]
fn a_move_goes_past_the_next_update_that_shows() {
    let mut h = Harness::with(30);
    h.keys("/5<enter>J");
    assert_eq!(shown(&h), [15, 5, 25]);
    assert_eq!(h.order()[14..17], [15, 5, 16], "directly behind it");
    assert_eq!(under(&h), Some(5));
    h.keys("9J");
    assert_eq!(h.order()[24..], [25, 5, 26, 27, 28, 29]);
    h.keys("J");
    assert_eq!(h.notice(), "it cannot go further");
    h.keys("2K");
    assert_eq!(h.order()[13..16], [14, 5, 15], "directly before it");
    h.keys("t");
    assert_eq!(h.order()[0], 5, "the top is the true one");
    h.keys("b");
    assert_eq!(h.order()[29], 5);
    h.keys("uuuuu");
    assert_eq!(h.order(), (0..30).collect::<Vec<_>>());
}

#[test]
fn what_is_carried_goes_past_what_shows_too() {
    let mut h = Harness::with(30);
    h.keys("/5<enter>mj");
    assert_eq!(h.order()[14..17], [15, 5, 16]);
    h.keys("j<enter>");
    assert_eq!(h.order()[24..27], [25, 5, 26]);
    h.keys("u");
    assert_eq!(h.order(), (0..30).collect::<Vec<_>>());
    h.keys("3Gm1G<enter>");
    assert_eq!(
        h.order()[4..7],
        [4, 25, 5],
        "directly before the first that shows"
    );
}

#[test]
fn a_shuffle_does_not_move_what_is_hidden() {
    let mut h = Harness::with(30);
    h.keys("/5<enter>X");
    assert!(h.in_lists());
    assert_eq!(
        h.notice(),
        "a shuffle would move what the filter hides: Esc clears the filter"
    );
}

#[test]
fn n_goes_round_the_matches_and_says_so() {
    let mut h = Harness::with(30);
    h.keys("/5<enter>n");
    assert_eq!((under(&h), h.notice().as_str()), (Some(15), ""));
    h.keys("2n");
    assert_eq!(
        (under(&h), h.notice().as_str()),
        (Some(5), "on from the top")
    );
    h.keys("N");
    assert_eq!(
        (under(&h), h.notice().as_str()),
        (Some(25), "on from the end")
    );
    // Without the filter it goes to the next match among all.
    h.keys("<esc>ggn");
    assert_eq!((shown(&h).len(), under(&h)), (30, Some(5)));
    h.keys("2n");
    assert_eq!(under(&h), Some(25));
    h.keys("n");
    assert_eq!(
        (under(&h), h.notice().as_str()),
        (Some(5), "on from the top")
    );
    h.keys("N");
    assert_eq!(under(&h), Some(25));
    let mut h = Harness::with(3);
    h.keys("n");
    assert_eq!(
        h.notice(),
        "there is nothing to go to: / looks for something"
    );
}

#[test]
fn edits_come_and_go_under_the_filter_and_what_is_hidden_is_said() {
    let mut h = Harness::with(20);
    h.keys("/ 7<enter>e!<ctrl-s>");
    assert_eq!(h.order().len(), 20);
    assert_eq!(h.state.entries().len(), 2);
    h.keys("e<ctrl-u>other<ctrl-s>");
    assert_eq!(shown(&h), [17]);
    assert!(
        h.notice().ends_with("(hidden by the filter)"),
        "{}",
        h.notice()
    );
    h.keys("u");
    assert_eq!(h.state.entries().len(), 2);
    h.keys("cnew 7<ctrl-s>");
    assert_eq!(shown(&h).last(), Some(&7));
}

#[test]
fn what_somebody_else_changes_is_looked_at_again() {
    let mut h = Harness::with(20);
    h.keys("/ 7<enter>");
    let mut changed = snapshot(0, 20);
    changed.updates[3].body.content.text = "now it is 77 7".to_owned();
    changed.updates.remove(17);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: changed.into(),
        settled: Vec::new(),
    });
    let shown: Vec<_> = h.state.entries().updates().collect();
    assert_eq!(shown, [id(0, 3), id(0, 7)]);
}

#[test]
fn marks_of_operations_times_tags_and_repeats_can_be_looked_for() {
    let mut h = Harness::with(12);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: fix(snapshot(0, 12), 4).into(),
        settled: Vec::new(),
    });
    h.keys("/is:pinned<enter>");
    assert_eq!(shown(&h), [4]);
    h.keys("<esc>gg3J/is:waiting<enter>");
    assert_eq!(shown(&h), [0]);
    h.keys("<esc>gg/before:tomorrow<enter>");
    assert_eq!(shown(&h), [1, 2, 3, 0], "all of today");
    h.keys("b");
    assert_eq!(shown(&h), [2, 3, 0, 5], "what moves up in time comes in");
    h.keys("<esc>/dup:<enter>");
    assert!(shown(&h).is_empty());
    h.keys("<esc>gge<ctrl-u>Update  5<ctrl-s>/dup:<enter>");
    assert_eq!(shown(&h), [5, 5]);
    h.keys("e!<ctrl-s>");
    assert!(shown(&h).is_empty());
    let tagged = h.state.rows()[2].update;
    h.state
        .tags
        .set(tagged, BTreeSet::from(["launch".to_owned()]));
    h.keys("<esc>/tag:launch<enter>");
    assert_eq!(h.state.entries().updates().collect::<Vec<_>>(), [tagged]);
}

#[test]
fn what_is_nearly_the_same_is_found_as_soon_as_lint_knows() {
    let mut h = Harness::with(5);
    let text = "We are hiring a maintainer for the documentation of our search. Remote, part time";
    let written = |h: &mut Harness, row: usize, text: &str| {
        h.keys(&format!("{row}Ge<ctrl-u>"))
            .paste(text)
            .keys("<ctrl-s>");
    };
    written(&mut h, 2, text);
    written(&mut h, 5, &format!("{text}!!"));
    h.keys("/dup:<enter>");
    assert_eq!(h.state.entries().len(), 0, "nobody has compared them yet");
    h.look();
    assert_eq!(
        h.state.entries().updates().collect::<Vec<_>>(),
        [id(0, 1), id(0, 4)]
    );
    // What is no longer like it leaves, and so does what it was like.
    h.keys("gge<ctrl-u>something else<ctrl-s>").look();
    assert_eq!(h.state.entries().len(), 0);
    h.keys("u").look();
    assert_eq!(h.state.entries().len(), 2);
    // So is what was sent.
    let mut h = Harness::with(5);
    written(&mut h, 2, text);
    let mut page = sent_page(0, 1);
    page.updates[3].body.content.text = format!("{text}, really");
    h.sync(SyncEvent::Sent(page));
    h.keys("/dup:<enter>gs/dup:<enter>").look();
    assert_eq!(h.state.entries().len(), 1);
    let found = (0..h.state.sent_len()).filter_map(|row| h.state.sent_row(row));
    let found: Vec<String> = found.map(|u| u.body.content.text.clone()).collect();
    assert_eq!(found, [format!("{text}, really")]);
}

#[test]
fn the_sent_pane_and_the_profiles_are_filtered_too() {
    let mut h = Harness::with(5);
    h.keys("gs/failed<enter>");
    assert_eq!(h.state.sent_len(), 1);
    h.keys("<esc>/sent 10000<enter>");
    assert_eq!(h.state.sent_len(), 10);
    h.keys("G");
    assert_eq!(
        h.state.sent_row(9).unwrap().id,
        h.state.cursors().sent.on.unwrap()
    );
    assert_eq!(shown(&h).len(), 5, "the queue has a filter of its own");
    let asked = h.commands().len();
    h.keys("kkG");
    assert_eq!(
        h.commands().len(),
        asked,
        "few matches do not load all there is"
    );
    h.keys("<esc>gp/acme1<enter>");
    assert_eq!(h.state.profile, Some(profile(1).id));
    h.keys("jj");
    assert_eq!(h.state.profile, Some(profile(1).id), "only what shows");
    h.keys("<esc>j");
    assert_eq!(h.state.profile, Some(profile(2).id));
}

#[test]
fn a_long_queue_is_searched_in_steps_behind_the_keys() {
    let mut h = Harness::with(20_000);
    let asked = |h: &Harness| h.effects.iter().filter(|e| **e == Effect::Continue).count();
    let at_rest = asked(h.look());
    h.keys("/9");
    assert!(h.state.search().unwrap().is_searching());
    assert_eq!(asked(&h), at_rest + 1, "the key asks for the rest");
    // The next key comes before all was looked at.
    h.keys("999");
    while h.state.search().unwrap().is_searching() {
        h.act(Action::Continue);
    }
    assert_eq!(shown(&h), [9_999, 19_999]);
    let before = asked(h.look());
    h.keys("<backspace> 1<enter>");
    while h.state.search().unwrap().is_searching() {
        h.act(Action::Continue);
    }
    let both = |n: &u32| n.to_string().contains("999") && n.to_string().contains('1');
    let wanted: Vec<u32> = (0..20_000).filter(both).collect();
    assert_eq!(shown(&h), wanted);
    assert!(asked(&h) > before);
    h.keys("J");
    assert!(
        !h.state.search().unwrap().is_searching(),
        "a move looks at what it touches"
    );
}

#[test]
fn what_one_goes_to_is_not_hidden_by_a_filter() {
    let mut h = Harness::with(12);
    h.keys("jJ/9<enter>");
    assert_eq!(shown(&h), [9]);
    h.keys("w<enter>");
    assert_eq!(h.state.cursors().queue.on, Some(id(0, 1)));
    assert_eq!(shown(&h).len(), 12, "the filter that hid it is cleared");
    // One that lets it through stays.
    h.keys("/1<enter>");
    let listed = shown(&h);
    h.keys("w<enter>");
    assert_eq!(h.state.cursors().queue.on, Some(id(0, 1)));
    assert_eq!(shown(&h), listed);
}

// Free slots.

fn slot(h: &Harness, index: usize) -> Timestamp {
    match h.state.entries().get(index) {
        Some(Entry::Slot(at)) => at,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn free_slots_show_behind_the_updates_and_between_those_with_times_of_their_own() {
    let mut h = Harness::with(4);
    h.keys("F");
    let entries = h.state.entries();
    assert_eq!(entries.len(), 4 + 4 * 14, "14 days of four slots");
    assert_eq!(slot(&h, 4), NOW.plus(86_400 + 1_800), "tomorrow 9:30");
    h.keys("G");
    assert_eq!(
        (h.state.slot_under_cursor(), h.state.cursors().queue.on),
        (Some(slot(&h, 59)), None)
    );
    h.keys("5k5G");
    assert_eq!(h.state.slot_under_cursor(), Some(slot(&h, 4)));
    h.keys("F");
    assert_eq!(h.state.entries().len(), 4);
    assert_eq!(under(&h), Some(3), "what stands nearest");
    // Pinned far away: all gaps before it show.
    let mut far = snapshot(0, 4);
    let at = NOW.plus(20 * 86_400 + 1_800);
    far.updates[3].body.own_time = Some(OwnTime { at, pinned: true });
    far.updates[3].body.due_at = Some(at);
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: far.into(),
        settled: Vec::new(),
    });
    h.keys("F");
    let row = h.state.entries().of_row(3).unwrap();
    assert_eq!(row, 3 + 1 + 19 * 4);
    assert!((0..h.state.entries().len()).all(|i| i == row || h.state.entries().due(i) != Some(at)));
}

#[test]
fn a_slot_that_is_over_is_gone_and_the_cursor_stays_near() {
    let mut h = Harness::with(1);
    h.keys("Fj");
    let first = h.state.slot_under_cursor().unwrap();
    h.wait(first.0 - NOW.0);
    let next = h.state.slot_under_cursor().unwrap();
    assert!(next > first);
}

#[test]
fn compose_on_a_free_slot_is_pinned_to_it() {
    let mut h = Harness::with(2);
    h.keys("F4G");
    let at = h.state.slot_under_cursor().unwrap();
    h.keys("chello<ctrl-s>");
    let changes = h.changes();
    let [Change::Create { placement, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    assert_eq!(*placement, Placement::Pinned(at));
    assert_eq!(h.state.entries().due(h.row()), Some(at));
    assert!(h.state.slot_under_cursor().is_none());
}

/// Returns where what was written on the free slot in row 4 goes, once the script was pressed.
fn written_on_slot(script: &str) -> Vec<(bool, Placement)> {
    let mut h = Harness::with(2);
    h.keys("F4G").keys("chello").keys(script).keys("<ctrl-s>");
    let made = h.operations().into_iter();
    let made = made.filter_map(|op| match op.change {
        Change::Create { placement, .. } => Some((op.profile == profile(0).id, placement)),
        _ => None,
    });
    made.collect()
}

#[test]
fn what_is_written_on_a_free_slot_is_pinned_there_only_while_it_has_its_time_and_profile() {
    let mut h = Harness::with(2);
    h.keys("F4G");
    let at = h.state.slot_under_cursor().unwrap();
    let pinned = (true, Placement::Pinned(at));
    assert_eq!(written_on_slot(""), [pinned]);
    let later = [(true, Placement::At(at.plus(3600)))];
    let hour = "<tab><tab><backspace><backspace><backspace><backspace><backspace>";
    assert_eq!(written_on_slot(&format!("{hour}21:00")), later);
    assert_eq!(written_on_slot(&format!("{hour}20:00")), [pinned]);
    let queue = [(true, Placement::Queue)];
    assert_eq!(written_on_slot("<tab><tab><ctrl-u>queue"), queue);
    // Another profile may have no slot then.
    let two = [pinned, (false, Placement::At(at))];
    assert_eq!(written_on_slot("<tab><down> "), two);
    assert_eq!(
        written_on_slot("<tab> <down> "),
        [(false, Placement::At(at))]
    );
    // A kept draft knows its slot.
    assert_eq!(written_on_slot("<esc>ggc<enter>"), [pinned]);
}

#[test]
fn an_update_carried_onto_a_free_slot_is_pinned_there_and_undo_puts_it_back() {
    let mut h = Harness::with(4);
    let before = h.state.rows().to_vec();
    h.keys("F2Gm2j");
    assert_eq!(h.order(), [0, 2, 3, 1], "behind the others first");
    h.keys("3j");
    assert!(h.changes().is_empty());
    assert_eq!(h.order(), [0, 2, 3, 1]);
    let at = NOW.plus(86_400 + 3_600 * 8);
    assert_eq!(
        h.state.rows()[3].due_at,
        Some(at),
        "the third free slot, 17:00"
    );
    assert_eq!(
        h.state.rows()[2].due_at,
        before[2].due_at,
        "the others move up"
    );
    h.keys("k2jk<enter>");
    let changes = h.changes();
    let [Change::Edit { update, want, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    assert_eq!(
        (*update, want.own_time),
        (id(0, 1), Some(OwnTime { at, pinned: true }))
    );
    assert_eq!(h.notice(), "put on the slot Tue 24 Nov 17:00: “update 1”");
    h.keys("u");
    assert_eq!(h.state.rows(), before);
    h.keys("U").ack();
    h.keys("u");
    assert_eq!(h.state.rows(), before, "also when it was sent");
}

#[test]
fn a_pinned_update_goes_from_slot_to_slot() {
    let mut h = Harness::with(3);
    h.keys("Fmjjjj<enter>");
    let first = h.state.rows()[2].due_at.unwrap();
    h.keys("mj<enter>");
    assert_eq!(h.order(), [1, 2, 0]);
    let second = h.state.rows()[2].due_at.unwrap();
    assert!(second > first);
    h.keys("m9k<enter>");
    let third = h.state.rows()[2].due_at.unwrap();
    assert!(third < first, "the slot that became free behind the others");
    h.keys("mjk<enter>");
    assert_eq!(h.notice(), "it stays where it was");
    h.keys("uuu");
    assert_eq!(h.order(), [0, 1, 2]);
}

#[test]
fn several_take_the_free_slots_one_after_the_other_and_esc_puts_them_back() {
    let mut h = Harness::with(5);
    let before = h.state.rows().to_vec();
    h.keys("F  mG");
    assert_eq!(h.order(), [2, 3, 4, 0, 1]);
    h.keys("jj");
    let due = |h: &Harness| {
        h.state.rows()[3..]
            .iter()
            .map(|row| row.due_at.unwrap().0 - NOW.0)
            .collect::<Vec<_>>()
    };
    let day = 86_400;
    assert_eq!(due(&h), [day + 8 * 3600, day + 11 * 3600]);
    h.keys("k");
    assert_eq!(due(&h), [day + 3 * 3600 + 1800, day + 8 * 3600]);
    h.keys("<esc>");
    assert_eq!(h.state.rows(), before);
    h.keys("mGj<enter>");
    assert_eq!(h.changes().len(), 2);
    assert_eq!(h.order(), [2, 3, 4, 0, 1]);
    h.keys("u");
    assert_eq!(h.state.rows(), before);
}

#[test]
fn what_needs_an_update_says_what_a_free_slot_is_for() {
    for key in ["e", "d", "S", "f", "r", "J", "t", "m"] {
        let mut h = Harness::with(2);
        h.keys("FG").keys(key);
        assert!(h.in_lists() && h.changes().is_empty());
        assert!(
            h.notice().starts_with("this is a free slot"),
            "{key}: {}",
            h.notice()
        );
    }
    let mut h = Harness::with(2);
    h.keys("F<ctrl-a>Gmj<esc>");
    assert_eq!(h.state.marks.len(), 2);
}

#[test]
fn a_profile_without_slots_says_why() {
    for (paused, schedule, said) in [
        (true, "daily 09:30", "is paused"),
        (false, "", "has no posting times"),
    ] {
        let mut h = Harness::with(2);
        let mut changed = profile(0);
        changed.paused = paused;
        changed.schedule = schedule.parse().unwrap();
        h.sync(SyncEvent::Profiles(vec![changed, profile(1)]));
        h.keys("F");
        assert!(h.notice().contains(said), "{}", h.notice());
        assert_eq!(h.state.entries().len(), 2);
    }
}

#[test]
fn a_click_goes_to_what_shows_there() {
    let mut h = Harness::with(30);
    h.keys("/5<enter>");
    // The strip, the heading of the pane and that of the day stand above.
    h.act(Action::Mouse {
        mouse: Mouse::Press,
        column: 9,
        row: 3,
        now: NOW,
    });
    assert_eq!(under(&h), Some(5));
    h.act(Action::Mouse {
        mouse: Mouse::Press,
        column: 9,
        row: 5,
        now: NOW,
    });
    assert_eq!(under(&h), Some(15));
}

#[test]
fn what_a_search_found_so_far_is_looked_at_again_when_it_is_overtaken() {
    let mut h = Harness::with(20_000);
    h.keys("/u");
    h.act(Action::Continue);
    assert!(h.state.search().unwrap().is_searching());
    h.keys("pdate 1234");
    while h.state.search().unwrap().is_searching() {
        h.act(Action::Continue);
    }
    assert_eq!(shown(&h).len(), 12, "1234, 11234 and 12340 to 12349");
    h.keys("<ctrl-u>dup:");
    assert!(
        h.state.search().unwrap().is_searching(),
        "not in the key's own action"
    );
    while h.state.search().unwrap().is_searching() {
        h.act(Action::Continue);
    }
    assert!(shown(&h).is_empty());
}

#[test]
fn free_slots_show_from_the_start_if_the_config_says_so() {
    let settings = Settings {
        free_slots: true,
        ..Settings::default()
    };
    let with = Harness::with(2);
    let account = with.state.account.clone();
    let mut h = Harness::fresh(AccountKind::Demo);
    h.state = State::new(account, settings, Keymap::default(), 7);
    h.sync(SyncEvent::Restored {
        profiles: vec![profile(0)],
        queues: vec![(profile(0).id, snapshot(0, 2))],
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    });
    assert!(h.state.entries().len() > 2);
    h.keys("F");
    assert_eq!(h.state.entries().len(), 2);
}
