//! Screens for terminals that have not all: borders and signs in ASCII, emoji in plain forms.

use super::editor::{Editor, TEXTS, text};
use super::snapshot;
use qurate::domain::look::{Emoji, Letters};
use qurate::tui::theme::Theme;

/// Ways to a screen each, from the lists.
const WAYS: [&str; 17] = [
    "j",
    "g s",
    "g i",
    "g p",
    "enter",
    "J d j x j space g h",
    "j m j j",
    "X",
    ":",
    "?",
    "w",
    "#",
    "g f",
    "@",
    "c",
    "r",
    ": e d i t - s c h e d enter l",
];

fn demo(letters: Letters, emoji: Emoji) -> Editor {
    let mut editor = Editor::demo(24);
    editor.state.settings.look.letters = letters;
    editor.state.settings.look.emoji = emoji;
    editor
}

#[test]
fn borders_and_signs_are_ascii_and_texts_stay() {
    let mut editor = demo(Letters::Signs, Emoji::Full);
    editor.press("j m j j");
    snapshot("ascii_grab_80x24", &editor.at(80, 24));
    editor.press("esc j d f k x k");
    snapshot("ascii_120x40", &editor.at(120, 40));
    editor.press("?");
    snapshot("ascii_help_40x12", &editor.at(40, 12));
    let texts = TEXTS.concat();
    for way in WAYS {
        let mut editor = demo(Letters::Signs, Emoji::Full);
        editor.press(way).rest().look();
        for (width, height) in [(80, 24), (120, 40), (40, 12)] {
            let screen = editor.at(width, height);
            let foreign = screen
                .chars()
                .find(|c| !c.is_ascii() && !texts.contains(*c));
            assert_eq!(foreign, None, "after {way:?}:\n{screen}");
        }
    }
}

#[test]
fn where_the_locale_has_no_other_letters_none_is_drawn_and_columns_stay() {
    for way in WAYS {
        let mut plain = demo(Letters::Ascii, Emoji::Full);
        let mut full = demo(Letters::Unicode, Emoji::Full);
        for (width, height) in [(80, 24), (120, 40)] {
            let of = |editor: &mut Editor| {
                editor.press(way).rest().look().size(width, height);
                editor.buffer(&Theme::ansi())
            };
            let (plain, full) = (of(&mut plain), of(&mut full));
            let screen = text(&plain);
            assert!(screen.is_ascii(), "after {way:?}:\n{screen}");
            for (plain, full) in plain.content.iter().zip(&full.content) {
                assert_eq!(plain.style(), full.style());
                if full.symbol().is_ascii() && full.symbol() != " " {
                    assert_eq!(plain.symbol(), full.symbol());
                }
            }
        }
    }
    let mut editor = Editor::with_texts(4, |_| "Größe “1 km” — ½ 漢字 end".to_owned());
    editor.state.settings.look.letters = Letters::Ascii;
    let screen = editor.at(80, 24);
    assert!(screen.contains("Gro?e \"1 km\" - 1 ???? end"), "{screen}");
}

#[test]
fn safe_emoji_are_as_wide_everywhere_and_the_rest_stays_in_its_columns() {
    let emoji = "👍🏽 👩‍👩‍👧 🇩🇪 ❤️ 1️⃣ 🫠 ☕ done";
    let screens = [Emoji::Full, Emoji::Safe].map(|way| {
        let mut editor = Editor::with_texts(6, |_| emoji.to_owned());
        editor.state.settings.look.emoji = way;
        editor.at(120, 40);
        editor.buffer(&Theme::ansi())
    });
    let [full, safe] = &screens;
    let row = |y: u16| {
        let symbols = (0..60).map(|x| safe[(x, y)].symbol());
        symbols.collect::<String>()
    };
    assert!(
        text(safe).contains("👍 👩 DE ❤  1  [] ☕ done"),
        "{}",
        row(3)
    );
    for (full, safe) in full.content.iter().zip(&safe.content) {
        if full.symbol().is_ascii() && full.symbol() != " " {
            assert_eq!(full, safe, "what is beside does not move");
        }
        assert!(safe.symbol().chars().count() <= 1, "{}", safe.symbol());
    }
}
