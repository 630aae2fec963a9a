//! Screens of finding things: the palette with its letters, a prefix, zoom, what was done.

use super::editor::{Editor, NOW};
use super::snapshot;
use qurate::app::Action;
use qurate::domain::operation::OperationState;
use qurate::protocol::SyncEvent;
use qurate::tui::theme::Theme;
use ratatui::style::Modifier;

#[test]
fn the_palette_shows_which_letters_were_found() {
    let mut editor = Editor::demo(6);
    editor.press(":").type_text("mvup");
    snapshot("palette_letters_120x40", &editor.at(120, 40));
    snapshot("palette_letters_40x12", &editor.at(40, 12));
    editor.size(80, 24);
    for theme in [Theme::ansi(), Theme::ansi().without_colors()] {
        let buffer = editor.buffer(&theme);
        let row = |y: u16| {
            let cells = (0..40).map(move |x| (x, y));
            let marked = cells.filter(|at| buffer[*at].modifier.contains(Modifier::UNDERLINED));
            marked
                .map(|at| buffer[at].symbol().to_owned())
                .collect::<String>()
        };
        assert_eq!(row(3), "mvup");
    }
    editor.type_text("zzz");
    assert!(editor.at(80, 24).contains("No command is like that."));
}

#[test]
fn what_follows_a_prefix_shows_at_once_and_in_full_after_a_rest() {
    let mut editor = Editor::demo(6);
    editor.press("g");
    let screen = editor.at(120, 40);
    assert!(screen.contains(" g then g top  h history"), "{screen}");
    assert!(!screen.contains("┌─ g "), "{screen}");
    editor.linger();
    snapshot("prefix_80x24", &editor.at(80, 24));
    snapshot("prefix_40x12", &editor.at(40, 12));
    editor.press("esc");
    assert!(!editor.at(80, 24).contains("┌─ g "));
    editor.press("Y");
    let screen = editor.at(80, 24);
    assert!(
        screen.contains(" Y then i copy-id  j copy-json"),
        "{screen}"
    );
}

#[test]
fn a_zoomed_pane_says_how_to_come_back() {
    let mut editor = Editor::demo(24);
    editor.press("z");
    snapshot("zoom_80x24", &editor.at(80, 24));
    editor.press("z i");
    snapshot("without_detail_120x40", &editor.at(120, 40));
}

#[test]
fn what_was_done_is_listed_with_what_was_taken_back() {
    let mut editor = Editor::demo(6);
    editor.press("g h");
    assert!(editor.at(80, 24).contains("Nothing was done yet"));
    editor.press("esc J t ] t [");
    editor.now = NOW.plus(90_000);
    editor.act(Action::Tick(editor.now));
    editor.press("j K d u u g h");
    snapshot("history_80x24", &editor.at(80, 24));
    snapshot("history_120x40", &editor.at(120, 40));
    snapshot("history_40x12", &editor.at(40, 12));
}

#[test]
fn the_keys_for_what_is_marked_show_also_right_after_something_was_done() {
    let mut editor = Editor::demo(24);
    editor.press("J u");
    assert!(editor.at(80, 24).contains("took back: moved down"));
    editor.press("space");
    let screen = editor.at(80, 24);
    assert!(screen.contains(" esc unmark  space mark "), "{screen}");
}

#[test]
fn the_countdown_names_the_key_that_ends_it() {
    let mut editor = Editor::demo(6);
    editor.press("j d");
    assert!(
        editor
            .at(80, 24)
            .contains("deleting in 10 s, u takes it back")
    );
    editor.press("J");
    assert!(editor.at(80, 24).contains("deleting in 10 s, w shows it"));
    editor.press("u");
    assert!(
        editor
            .at(80, 24)
            .contains("deleting in 10 s, u takes it back")
    );
    // What an undo deletes is not taken back by one more.
    let mut editor = Editor::demo(6);
    editor.press("c").type_text("new").press("ctrl-s");
    let made = editor.state.replica.operations()[0].0.clone();
    editor.tell(SyncEvent::States(vec![(made.id, OperationState::Acked)]));
    editor.press("u");
    assert!(editor.at(80, 24).contains("deleting in 10 s, U stops it"));
    editor.press("U");
    assert!(!editor.at(80, 24).contains("deleting"));
}

#[test]
fn the_line_of_the_filter_says_what_can_be_typed() {
    let mut editor = Editor::demo(24);
    editor.press("/");
    let screen = editor.at(80, 24);
    assert!(
        screen.contains(" words, is:over (too long), dup:, "),
        "{screen}"
    );
    editor.press("i");
    assert!(!editor.at(80, 24).contains("is:over"));
    editor.press("esc g p /");
    assert!(editor.at(80, 24).contains("words of a name, a network"));
}

#[test]
fn what_is_marked_has_its_own_keys_in_the_last_line() {
    let last = |editor: &mut Editor, width, height| {
        let screen = editor.at(width, height);
        screen.lines().last().unwrap_or_default().to_owned()
    };
    let mut editor = Editor::demo(24);
    editor.press("space space").rest().look();
    let narrow = last(&mut editor, 80, 24);
    assert_eq!(
        narrow,
        " esc unmark  space mark  r time  m grab  x cut  d delete  % replace"
    );
    let wide = last(&mut editor, 120, 40);
    assert_eq!(
        wide,
        format!("{narrow}  S share now  T tags  ? help  J later  K earlier")
    );
    editor.press("v j").rest();
    assert_eq!(
        last(&mut editor, 80, 24),
        " esc let go  space mark it  r time  m grab  x cut  d delete  % replace"
    );
    // What was marked before the range is still marked; then it is not.
    editor.press("esc");
    assert_eq!(last(&mut editor, 80, 24), narrow);
    editor.press("esc");
    assert!(last(&mut editor, 80, 24).starts_with(" ? help "));
}
