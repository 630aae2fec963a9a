//! What the terminal sends, as the app knows it: keys in one normal form, pasted text as one
//! piece, what the mouse did, and nothing else.
//!
//! The runtime asks the terminal for its size itself, so a new size is not input.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::app::action::Mouse;
use crate::app::key::{Code, Key};

/// One thing a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Pressed a key.
    Key(Key),
    /// Brought the terminal into sight, or took it away.
    Sight(bool),
    /// Pasted text; line breaks are `\n`, other control characters are gone.
    Paste(String),
    /// Did something with the mouse.
    Mouse {
        /// What.
        mouse: Mouse,
        /// Column, from 0.
        column: u16,
        /// Line, from 0.
        row: u16,
    },
}

/// Translates one event of the terminal; none for what means nothing here.
pub fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => translate_key(key).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(clean(&text))),
        Event::Mouse(event) => translate_mouse(event),
        Event::FocusGained => Some(Input::Sight(true)),
        Event::FocusLost => Some(Input::Sight(false)),
        Event::Resize(..) => None,
    }
}

fn translate_mouse(event: MouseEvent) -> Option<Input> {
    let mouse = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
        MouseEventKind::Drag(MouseButton::Left) => Mouse::Drag,
        MouseEventKind::Up(MouseButton::Left) => Mouse::Release,
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle) => Mouse::OtherButton,
        MouseEventKind::ScrollUp => Mouse::ScrollUp,
        MouseEventKind::ScrollDown => Mouse::ScrollDown,
        _ => return None,
    };
    let (column, row) = (event.column, event.row);
    Some(Input::Mouse { mouse, column, row })
}

fn translate_key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let code = match event.code {
        KeyCode::Char(c) if c.is_control() => return None,
        KeyCode::Char(c) => Code::Char(named(c, event.modifiers)),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            shift = true;
            Code::Tab
        }
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event
        .modifiers
        .intersects(KeyModifiers::ALT | KeyModifiers::META);
    Some(Key::new(code, ctrl, alt, shift))
}

/// The reader names the control characters above Ctrl-z by the digits that send them too; on most
/// keyboards they are Ctrl with a backslash, `]`, `^` and `_` (and `/`).
fn named(c: char, modifiers: KeyModifiers) -> char {
    match c {
        '4' if modifiers.contains(KeyModifiers::CONTROL) => '\\',
        '5' if modifiers.contains(KeyModifiers::CONTROL) => ']',
        '6' if modifiers.contains(KeyModifiers::CONTROL) => '^',
        '7' if modifiers.contains(KeyModifiers::CONTROL) => '_',
        other => other,
    }
}

/// Terminals send line breaks in a paste as `\r`; some programs put control sequences on the
/// clipboard.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|&c| c == '\n' || c == '\t' || !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        match translate(Event::Key(KeyEvent::new(code, modifiers)))? {
            Input::Key(key) => Some(key.to_string()),
            Input::Paste(_) | Input::Mouse { .. } | Input::Sight(_) => None,
        }
    }

    #[test]
    fn keys_have_one_normal_form() {
        let cases = [
            (KeyCode::Char('j'), KeyModifiers::NONE, "j"),
            (KeyCode::Char('J'), KeyModifiers::SHIFT, "J"),
            (KeyCode::Char('J'), KeyModifiers::NONE, "J"),
            (KeyCode::Char('S'), KeyModifiers::CONTROL, "ctrl-s"),
            (KeyCode::Char('b'), KeyModifiers::ALT, "alt-b"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab"),
            (KeyCode::Down, KeyModifiers::ALT, "alt-down"),
            (KeyCode::F(1), KeyModifiers::NONE, "f1"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "space"),
            (KeyCode::Char('7'), KeyModifiers::CONTROL, "ctrl-_"),
        ];
        for (code, modifiers, want) in cases {
            assert_eq!(key(code, modifiers).as_deref(), Some(want));
        }
    }

    #[test]
    fn a_released_key_means_nothing() {
        let mut event = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(translate(Event::Key(event)), None);
    }

    #[test]
    fn the_terminal_tells_whether_it_is_in_sight() {
        assert_eq!(translate(Event::FocusGained), Some(Input::Sight(true)));
        assert_eq!(translate(Event::FocusLost), Some(Input::Sight(false)));
    }

    #[test]
    fn of_the_mouse_only_what_the_editor_knows_is_heard() {
        let event = |kind| {
            let event = MouseEvent {
                kind,
                column: 7,
                row: 3,
                modifiers: KeyModifiers::NONE,
            };
            match translate(Event::Mouse(event))? {
                Input::Mouse { mouse, column, row } => Some((mouse, column, row)),
                Input::Key(_) | Input::Paste(_) | Input::Sight(_) => None,
            }
        };
        let drag = MouseEventKind::Drag(MouseButton::Left);
        assert_eq!(event(drag), Some((Mouse::Drag, 7, 3)));
        let other = MouseEventKind::Down(MouseButton::Right);
        assert_eq!(event(other), Some((Mouse::OtherButton, 7, 3)));
        assert_eq!(event(MouseEventKind::Moved), None);
        assert_eq!(event(MouseEventKind::Up(MouseButton::Right)), None);
    }

    #[test]
    fn pasted_text_is_one_piece_without_control_characters() {
        let pasted = Event::Paste("a\r\nb\rc\x1b[31m\td\x07".to_owned());
        let want = Input::Paste("a\nb\nc[31m\td".to_owned());
        assert_eq!(translate(pasted), Some(want));
    }
}
