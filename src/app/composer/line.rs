//! Fields of text: how they are made, and what each key does in them.

use tui_textarea::{CursorMove, DataCursor, Input, TextArea, WrapMode};

use crate::app::key::{Code, Key};

/// Makes a text area with the cursor behind the text.
pub(in crate::app) fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(lines_of(text).split('\n').map(str::to_owned).collect());
    area.set_tab_length(2);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// The same for more than one line: long lines go on below, at a word if there is one.
pub(super) fn wrapped(text: &str) -> TextArea<'static> {
    let mut area = area(text);
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area
}

/// Returns the text of an area.
pub(super) fn text_of(area: &TextArea<'static>) -> String {
    area.lines().join("\n")
}

/// Takes a key in a field of several lines; says whether the text changed.
pub(super) fn press_text(area: &mut TextArea<'static>, key: Key) -> bool {
    press(area, key)
}

/// Takes a key in a field of one line; says whether the text changed.
pub(in crate::app) fn press_line(area: &mut TextArea<'static>, key: Key) -> bool {
    // What would make a second line: Enter, and its readline names.
    let breaks = key.code == Code::Enter || (key.ctrl && matches!(key.code, Code::Char('m' | 'j')));
    !breaks && press(area, key)
}

fn press(area: &mut TextArea<'static>, key: Key) -> bool {
    let is_forward = match key.code {
        Code::Char('f') => key.alt && !key.ctrl,
        Code::Right => key.ctrl && !key.alt,
        _ => false,
    };
    if is_forward && !key.shift {
        forward_word(area);
        return false;
    }
    area.input(input(key))
}

/// Goes behind the word, as readline does; the area's own key goes to the begin of the next one.
fn forward_word(area: &mut TextArea<'static>) {
    let DataCursor(row, column) = area.cursor();
    let behind = |line: &String, from: usize| {
        let mut rest = line.chars().enumerate().skip(from);
        rest.by_ref().find(|(_, c)| c.is_alphanumeric())?;
        let end = rest.find(|(_, c)| !c.is_alphanumeric());
        Some(end.map_or_else(|| line.chars().count(), |(at, _)| at))
    };
    let rows = area.lines().iter().enumerate().skip(row);
    let mut found = rows.filter_map(|(at, line)| {
        let from = if at == row { column } else { 0 };
        Some((at, behind(line, from)?))
    });
    let place = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let step = match found.next() {
        Some((row, column)) => CursorMove::Jump(place(row), place(column)),
        None => CursorMove::Bottom,
    };
    let is_last = matches!(step, CursorMove::Bottom);
    area.cancel_selection();
    area.move_cursor(step);
    if is_last {
        area.move_cursor(CursorMove::End);
    }
}

/// Returns pasted text with plain line breaks and without what cannot be typed.
pub(super) fn lines_of(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect()
}

/// Returns pasted text as one line.
pub(in crate::app) fn line_of(text: &str) -> String {
    lines_of(text.trim()).replace(['\n', '\t'], " ")
}

/// Translates a key for the text area, with the keys of readline and of other editors.
fn input(key: Key) -> Input {
    use tui_textarea::Key as To;
    let (code, ctrl, alt) = match (key.code, key.ctrl, key.alt) {
        // The area's own `ctrl-u` is undo; people who type in terminals expect it to clear the line.
        (Code::Char('u'), true, false) => (To::Char('j'), true, false),
        (Code::Char('_'), true, false) => (To::Char('u'), true, false),
        (Code::Left, true, false) => (To::Char('b'), false, true),
        (code, ctrl, alt) => (code_of(code), ctrl, alt),
    };
    Input {
        key: code,
        ctrl,
        alt,
        shift: key.shift,
    }
}

fn code_of(code: Code) -> tui_textarea::Key {
    use tui_textarea::Key as To;
    match code {
        Code::Char(c) => To::Char(c),
        Code::F(n) => To::F(n),
        Code::Enter => To::Enter,
        Code::Esc => To::Esc,
        Code::Tab => To::Tab,
        Code::Backspace => To::Backspace,
        Code::Delete => To::Delete,
        Code::Insert => To::Null,
        Code::Up => To::Up,
        Code::Down => To::Down,
        Code::Left => To::Left,
        Code::Right => To::Right,
        Code::Home => To::Home,
        Code::End => To::End,
        Code::PageUp => To::PageUp,
        Code::PageDown => To::PageDown,
    }
}
