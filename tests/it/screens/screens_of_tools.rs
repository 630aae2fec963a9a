//! Screens of what a person does with updates besides writing and ordering them: tags.

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
