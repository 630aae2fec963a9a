//! Screens of what a person does with updates besides writing and ordering them: tags, links that
//! are opened, programs that are run.

use qurate::app::Action;
use qurate::app::action::Ran;

use super::editor::Editor;
use super::snapshot;

#[test]
fn tags_show_in_the_row_and_where_the_cursor_rests() {
    let mut editor = Editor::demo(8);
    editor
        .press("T l a u n c h space b l o g enter j T l a b enter k")
        .rest();
    snapshot("tags_80x24", &editor.at(80, 24));
    snapshot("tags_120x40", &editor.at(120, 40));
    snapshot("tags_40x12", &editor.at(40, 12));
    editor.press("space space T");
    snapshot("tags_asked_80x24", &editor.at(80, 24));
    editor.press("l a tab");
    snapshot("tags_completed_40x12", &editor.at(40, 12));
}

#[test]
fn what_was_sent_shows_its_tags_and_is_filtered_by_them() {
    let mut editor = Editor::demo(4);
    editor.press("g s j T l a u n c h enter").rest();
    editor.press("j T b l o g space l a t e r enter").rest();
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = editor.at(width, height);
        assert!(screen.contains("[launch]"), "{screen}");
        let rows = screen.lines().filter(|line| line.contains("Sent earl"));
        let rows = rows.filter(|line| line.contains(" likes"));
        assert_eq!(rows.count(), 5, "the numbers stay: {screen}");
    }
    let wide = editor.at(200, 60);
    assert!(wide.contains("[blog later]"), "{wide}");
    editor.press("/ t a g : l a t enter").rest();
    let screen = editor.at(80, 24);
    assert!(screen.contains("1 of 5 read"), "{screen}");
    assert!(screen.contains("[blog later]"), "{screen}");
    assert!(!screen.contains("[launch]"), "{screen}");
    editor.press("T - l a t e r enter");
    assert!(editor.at(80, 24).contains("0 of 5 read"));
}

#[test]
fn of_several_links_one_is_chosen() {
    let mut editor = Editor::demo(8);
    editor.press("j e").type_text(" https://a.example/b");
    editor.press("ctrl-s o");
    snapshot("links_80x24", &editor.at(80, 24));
    snapshot("links_40x12", &editor.at(40, 12));
}

#[test]
fn a_program_is_asked_for_and_what_it_says_is_shown() {
    let mut editor = Editor::demo(8);
    editor.press("! w c space - w");
    snapshot("run_asked_80x24", &editor.at(80, 24));
    editor.press("enter");
    let said: Vec<String> = (1..=60)
        .map(|n| format!("line {n} \u{1b}[31mred"))
        .collect();
    editor.act(Action::Ran {
        number: 1,
        outcome: Ran::Ended {
            failed: Some("exit status: 2".to_owned()),
            out: said.join("\n"),
            err: "it does not like line 7\n".to_owned(),
        },
        now: editor.now,
    });
    snapshot("output_80x24", &editor.at(80, 24));
    editor.press("pagedown");
    snapshot("output_40x12", &editor.at(40, 12));
}

#[test]
fn marked_updates_are_asked_about_together() {
    let mut editor = Editor::demo(8);
    editor.press("space space space r f r i");
    snapshot("time_asked_80x24", &editor.at(80, 24));
    editor.press("space 9 9 enter");
    snapshot("time_refused_80x24", &editor.at(80, 24));
    snapshot("time_refused_40x12", &editor.at(40, 12));
    editor.press("esc S");
    snapshot("share_of_three_80x24", &editor.at(80, 24));
}
