//! Screens of findings, of what is about to go out, of two clocks, and of find and replace.

use chrono_tz::Tz;
use qurate::app::Action;
use qurate::app::mode::Mode;
use qurate::domain::profile::Service;
use qurate::domain::time::Timestamp;
use qurate::domain::update::OwnTime;
use qurate::protocol::SyncEvent;

use super::editor::{Editor, NOW, profile, profile_id, queue};
use super::snapshot;

const LONG: &str =
    "We are hiring a maintainer for the documentation. Remote, part time, from now on.";

/// Something of everything, looked at.
fn troubled() -> Editor {
    let mut editor = Editor::demo(8);
    let owner = profile(1, Service::Twitter, "@acme");
    let mut waits = queue(&owner, 1, 8, |i| {
        let texts = ["", LONG, "Fine as it is", "", "One", "Two", "Another one"];
        texts
            .get(i)
            .map_or_else(|| LONG.replace("on.", "on!!"), ToString::to_string)
    });
    waits.updates[3].body.content.text = "Too long. ".repeat(30);
    let at = waits.updates[2].body.due_at.unwrap().plus(120);
    let own = OwnTime { at, pinned: false };
    waits.updates[4].body.own_time = Some(own);
    let link = &mut waits.updates[4].body.content.media.link;
    "example".clone_into(link);
    editor.tell(SyncEvent::Queue {
        profile: profile_id(1),
        delta: waits.into(),
        settled: Vec::new(),
    });
    editor.look();
    editor
}

#[test]
fn findings_have_a_sign_in_the_row_and_words_where_the_cursor_rests() {
    let mut editor = troubled();
    editor.rest();
    snapshot("findings_80x24", &editor.at(80, 24));
    editor.press("}").rest();
    snapshot("findings_next_120x40", &editor.at(120, 40));
    editor.press(": l i n t enter j");
    snapshot("findings_list_80x24", &editor.at(80, 24));
    snapshot("findings_list_40x12", &editor.at(40, 12));
}

#[test]
fn the_key_to_a_finding_stands_first_where_there_is_one() {
    let mut editor = troubled();
    let later = editor.now.plus(60);
    editor.act(Action::Tick(later));
    editor.press("j j").rest();
    let screen = editor.at(80, 24);
    assert!(screen.contains(" ? help  } finding  J later "), "{screen}");
    let mut fine = Editor::demo(8);
    fine.look();
    assert!(!fine.at(80, 24).contains("} finding"));
}

#[test]
fn what_goes_out_in_two_minutes_is_locked_by_the_clock() {
    let mut editor = Editor::demo(6);
    // The first slot is at 9:00.
    let due = NOW.plus(90 * 60);
    let at = |editor: &mut Editor, at: Timestamp| {
        editor.now = at;
        editor.act(Action::Tick(at));
        editor.rest();
        editor.at(80, 24)
    };
    assert!(!at(&mut editor, due.plus(-121)).contains("locked"));
    let locked = at(&mut editor, due.plus(-45));
    snapshot("locked_80x24", &locked);
    editor.press("e");
    snapshot("locked_edit_80x24", &editor.at(80, 24));
}

#[test]
fn a_drag_shows_old_and_new_time_on_every_row_it_changes() {
    let mut editor = Editor::demo(12);
    editor.press("m 4 j");
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = editor.at(width, height);
        let arrows = screen.lines().filter(|line| line.contains(" → "));
        let carried = screen.lines().filter(|line| line.contains("carrying"));
        assert_eq!((arrows.count(), carried.count()), (5, 1), "{screen}");
    }
    let screen = editor.at(80, 24);
    let long = screen
        .lines()
        .find(|line| line.contains("A long one"))
        .unwrap();
    assert!(long.contains("Tue 09:00 → Mon 17:00"), "{long}");
    let small = editor.at(40, 12);
    let told = small
        .lines()
        .filter(|line| line.contains("was ") || line.contains(" → "));
    assert!(told.count() >= 2, "{small}");
}

#[test]
fn both_clocks_show_where_they_differ_and_there_is_room() {
    let mut editor = Editor::demo(6);
    editor.state.settings.zone = "America/Los_Angeles".to_owned();
    editor.rest();
    let wide = editor.at(120, 40);
    snapshot("two_clocks_120x40", &wide);
    // 9:00 in Berlin is midnight in Los Angeles, and 12:00 is 3:00.
    let row = wide.lines().find(|line| line.contains("12:00")).unwrap();
    assert!(row.contains("12:00  03:00"), "{row}");
    let narrow = editor.at(80, 24);
    assert!(!narrow.contains("12:00  03:00"), "{narrow}");
    assert!(narrow.contains("00:00 America/Los_Angeles"), "{narrow}");
    editor.press(": c l o c k s enter");
    assert!(!editor.at(120, 40).contains("12:00  03:00"));
    editor.press(": c l o c k s enter");
    editor.state.settings.zone = "Europe/Paris".to_owned();
    assert!(!editor.at(120, 40).contains("Paris"), "it shows the same");
}

#[test]
fn the_day_after_which_clocks_change_says_so() {
    let mut editor = Editor::demo(3);
    // Fri 26 Mar 2027, 12:00 in Berlin; on Sunday the clocks go forward.
    let now = Timestamp(1_806_058_800);
    editor.now = now;
    let owner = profile(1, Service::Twitter, "@acme");
    let mut waits = queue(&owner, 1, 5, |i| format!("Text {i}"));
    let slots = owner.schedule.slots_after(Tz::Europe__Berlin, now);
    for (update, at) in waits.updates.iter_mut().zip(slots) {
        update.body.due_at = Some(at);
        update.body.own_time = None;
    }
    waits.read_at = now;
    editor.tell(SyncEvent::Queue {
        profile: profile_id(1),
        delta: waits.into(),
        settled: Vec::new(),
    });
    let screen = editor.at(80, 24);
    let said: Vec<&str> = screen
        .lines()
        .filter(|line| line.contains("clocks go"))
        .collect();
    assert_eq!(said.len(), 1, "{screen}");
    let wanted = "Mon 29 Mar  clocks go forward 02:00 → 03:00 on Sun 28 Mar";
    assert!(said[0].contains(wanted), "{}", said[0]);
}

#[test]
fn find_and_replace_shows_before_and_after() {
    let mut editor = troubled();
    editor
        .press("%")
        .type_text("one")
        .press("tab")
        .type_text("two")
        .look();
    snapshot("replace_80x24", &editor.at(80, 24));
    editor.press("alt-c").look();
    snapshot("replace_120x40", &editor.at(120, 40));
    snapshot("replace_40x12", &editor.at(40, 12));
    editor
        .press("esc %")
        .type_text("Too")
        .press("tab")
        .type_text("Much too")
        .look();
    let screen = editor.at(80, 24);
    assert!(screen.contains("left: over "), "{screen}");
    assert!(matches!(editor.state.mode, Mode::Replace(_)));
}
