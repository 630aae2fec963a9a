//! The composer on the screen: networks and their texts, fields, what will be sent, drafts.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use qurate::app::Action;
use qurate::app::action::Mouse;
use qurate::tui::links::Links;
use qurate::tui::theme::Theme;
use qurate::tui::view::view;

use super::editor::Editor;
use super::snapshot;

/// An update for two networks, of which the second is over its limit and then gets its own text.
fn for_two() -> Editor {
    let mut editor = Editor::demo(4);
    let long = "What we learned from a year of releases, in more words than X takes. ".repeat(5);
    editor.press("c").type_text(&long);
    editor.press("tab down space shift-tab");
    editor
}

#[test]
fn what_is_over_a_limit_is_told_beside_its_field() {
    let mut editor = for_two();
    editor.press("tab tab ctrl-u").type_text("soonish");
    editor.press("tab").type_text("ftp://example.com");
    editor.press("ctrl-s");
    snapshot("composer_problems_80x24", &editor.at(80, 24));
    snapshot("composer_problems_40x12", &editor.at(40, 12));
}

#[test]
fn the_text_of_one_network_is_named() {
    let mut editor = for_two();
    editor.press("ctrl-t ctrl-u").type_text("Short.");
    snapshot("composer_own_80x24", &editor.at(80, 24));
    snapshot("composer_own_40x12", &editor.at(40, 12));
}

#[test]
fn the_profiles_that_can_be_chosen_too_are_counted() {
    let mut editor = Editor::demo(4);
    editor.press("c");
    let screen = editor.at(80, 24);
    assert!(screen.contains("2 more to choose from"), "{screen}");
    editor.press("tab ctrl-a tab");
    assert!(!editor.at(80, 24).contains("more to choose from"));
    editor.press("esc e");
    assert!(!editor.at(80, 24).contains("more to choose from"));
}

#[test]
fn profiles_are_chosen_from_a_list() {
    let mut editor = for_two();
    editor.press("tab");
    snapshot("composer_profiles_80x24", &editor.at(80, 24));
    editor.type_text("mast");
    snapshot("composer_profiles_40x12", &editor.at(40, 12));
}

#[test]
fn what_will_be_sent_stands_beside_or_in_the_place_of_the_fields() {
    let mut editor = for_two();
    editor
        .press("tab tab tab")
        .type_text("https://example.com/releases");
    editor.press("tab").type_text("A year of releases");
    editor.press("f3");
    snapshot("preview_120x40", &editor.at(120, 40));
    snapshot("preview_80x24", &editor.at(80, 24));
    editor.press("pagedown");
    snapshot("preview_40x12", &editor.at(40, 12));
}

#[test]
fn what_will_be_sent_scrolls_where_it_is_longer_than_its_place() {
    let mut editor = for_two();
    editor.press("f3");
    let head = "│ X: @acme  ";
    let short = editor.at(120, 40);
    assert!(
        short.contains(head) && short.contains(" f3 hide it "),
        "{short}"
    );
    assert!(!short.contains("alt-down"), "{short}");
    let text = "A line that goes on for as long as it takes to fill one or two lines. ";
    editor.type_text(&text.repeat(9));
    let long = editor.at(120, 40);
    let keys = " f3 hide it  alt-down down  alt-up up ";
    assert!(long.contains(head) && long.contains(keys), "{long}");
    assert!(long.contains(" more │"), "{long}");
    editor.press("alt-down");
    let below = editor.at(120, 40);
    assert!(!below.contains(head), "{below}");
    // The fields keep the keys.
    assert!(below.contains("one or two lines. A line that"), "{below}");
    editor.press("alt-up");
    assert_eq!(editor.at(120, 40), long);
    let now = editor.now;
    let wheel = |mouse| Action::Mouse {
        mouse,
        column: 100,
        row: 10,
        now,
    };
    editor.act(wheel(Mouse::ScrollDown));
    assert_eq!(editor.at(120, 40), below);
    editor.act(wheel(Mouse::ScrollUp));
    assert_eq!(editor.at(120, 40), long);
    // In the place of the fields it says so too.
    let small = editor.at(80, 24);
    assert!(
        small.contains("back to the fields  alt-down down"),
        "{small}"
    );
}

#[test]
fn a_time_is_said_in_full() {
    let mut editor = Editor::demo(4);
    editor.press("c").type_text("x").press("tab tab ctrl-u");
    editor.type_text("fri 14:30");
    let screen = editor.at(80, 24);
    assert!(
        screen.contains("Fri 27 Nov 14:30 Europe/Berlin, in"),
        "{screen}"
    );
    editor.press("ctrl-u").type_text("now");
    let screen = editor.screen();
    assert!(
        screen.contains("goes out 10 s after it is saved"),
        "{screen}"
    );
    editor.press("ctrl-u").type_text("2020-01-01");
    let screen = editor.screen();
    assert!(screen.contains("is in the past"), "{screen}");
}

#[test]
fn the_drafts_are_listed() {
    let mut editor = Editor::demo(4);
    editor
        .press("c")
        .type_text("Half a thought")
        .press("esc c n");
    editor.type_text("Another").press("tab down space esc");
    editor.press("e").type_text(" and more").press("esc");
    editor.now = editor.now.plus(3600);
    editor.press("c");
    snapshot("drafts_80x24", &editor.at(80, 24));
    snapshot("drafts_40x12", &editor.at(40, 12));
}

/// Returns what stands left of the terminal's cursor, and how far the cursor is from the left.
fn before_cursor(editor: &Editor) -> (String, u16) {
    let (width, height) = editor.state.viewport;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| view(&editor.state, &Theme::ansi(), &Links::default(), frame))
        .unwrap();
    let at = terminal.get_cursor_position().unwrap();
    let buffer = terminal.backend().buffer();
    let line = (0..at.x).map(|x| buffer[(x, at.y)].symbol());
    (line.collect(), at.x)
}

#[test]
fn the_cursor_of_the_terminal_is_where_the_next_character_goes() {
    let mut editor = Editor::demo(4);
    editor.press("c").type_text("漢字 and");
    // A wide character takes two cells, of which the second is empty.
    let (before, x) = before_cursor(&editor);
    assert!(before.ends_with(" and"), "{before:?}");
    let begin = before.chars().position(|c| c == '漢').unwrap();
    let begin = u16::try_from(begin).unwrap();
    assert_eq!(x, begin + 4 + 4);
    editor.press("left left left left left");
    assert_eq!(before_cursor(&editor).1, begin + 2);
    // A word that does not fit goes to the next line, and the cursor with it.
    editor
        .press("end")
        .type_text(&" word".repeat(15))
        .type_text(" unbreakable");
    let (before, _) = before_cursor(&editor);
    assert!(before.ends_with("unbreakable"), "{before:?}");
    editor.press("tab tab").type_text("x");
    assert!(before_cursor(&editor).0.ends_with("queuex"));
    editor.press("shift-tab").type_text("masto");
    assert!(before_cursor(&editor).0.ends_with("masto"));
}
