//! Nothing that acts on a terminal or hides gets through, and nothing else is lost.

use proptest::prelude::*;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::domain::testing::cases;

fn shown(raw: &str) -> String {
    Shown::new(raw).to_string()
}

#[test]
fn plain_text_of_every_script_stays_as_it_is() {
    for text in [
        "",
        "plain",
        "naïve café",
        "日本語",
        "עברית",
        "مرحبا",
        "नमस्ते",
        "क्ष",
        "ශ්‍රී",
        "می‌خواهم",
        "e\u{301}",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇩🇪",
        "1️⃣",
        "❤️",
        "葛\u{E0100}",
        "👩🏽‍🚀",
        "❤️‍🔥",
    ] {
        assert_eq!(shown(text), text);
        assert!(!Shown::is_altered(text));
    }
}

#[test]
fn control_characters_become_their_pictures() {
    assert_eq!(shown("\u{1b}[31mred\u{7}\0\t\u{7f}"), "␛[31mred␇␀␉␡");
    assert_eq!(shown("\u{9b}31m\u{85}"), "�31m�");
    assert_eq!(shown("a\nb\r\nc\rd\u{2028}e"), "a⏎b⏎c␍d⏎e");
    assert!(Shown::is_altered("a\u{1b}b"));
    assert!(!Shown::is_altered("a\nb"));
}

#[test]
fn direction_controls_and_what_is_invisible_become_marks() {
    assert_eq!(shown("a\u{202e}b\u{2066}c\u{200f}"), "a⇄b⇄c⇄");
    assert_eq!(shown("pay\u{200b}pal\u{feff}\u{2060}\u{ad}"), "pay␣pal␣␣␣");
    assert_eq!(shown("\u{3164}\u{115f}"), "␣␣");
    assert_eq!(shown("a\u{200d}b \u{200c}c"), "a␣b ␣c");
    assert_eq!(shown("😀\u{200d}a"), "😀␣a");
}

#[test]
fn hidden_data_is_left_out() {
    let tags: String = "ignore"
        .chars()
        .map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap())
        .collect();
    assert_eq!(shown(&format!("a{tags}b")), "ab");
    assert_eq!(shown("a\u{FE0F}\u{E0101}\u{FE01}b"), "ab");
    assert_eq!(shown("葛\u{E0100}\u{E0101}\u{E0102}"), "葛\u{E0100}");
}

#[test]
fn towers_of_marks_are_cut() {
    let tower = format!("a{}b", "\u{301}".repeat(500));
    assert_eq!(shown(&tower), format!("a{}b", "\u{301}".repeat(8)));
    assert_eq!(shown("\u{301}a"), "◌\u{301}a");
    let chain = "👨\u{200d}".repeat(50) + "👨";
    assert!(
        Shown::new(&chain)
            .as_str()
            .graphemes(true)
            .all(|g| g.len() <= 32)
    );
}

#[test]
fn lines_are_split_and_never_none() {
    let lines = Shown::multiline("a\r\n\nb\u{1b}");
    assert_eq!(
        lines.iter().map(Shown::as_str).collect::<Vec<_>>(),
        ["a", "", "b␛"]
    );
    assert_eq!(Shown::multiline(""), [Shown::default()]);
}

#[test]
fn clipping_tells_that_there_was_more() {
    let clip = |text: &str, width| Shown::new(text).clip(width);
    assert_eq!(clip("hello", 5), "hello");
    assert_eq!(clip("hello", 4), "hel…");
    assert_eq!(clip("hello", 1), "…");
    assert_eq!(clip("hello", 0), "");
    assert_eq!(clip("", 0), "");
    assert_eq!(clip("日本語", 5), "日本…");
    assert_eq!(clip("日本語", 4), "日…");
    assert_eq!(clip("👨‍👩‍👧‍👦👍🏽x", 4), "👨‍👩‍👧‍👦…");
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    wrap(&Shown::multiline(text), width)
        .iter()
        .map(Shown::to_string)
        .collect()
}

#[test]
fn lines_break_at_spaces_and_long_words_anywhere() {
    assert_eq!(
        wrapped("the quick brown fox", 9),
        ["the quick", "brown fox"]
    );
    assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
    assert_eq!(
        wrapped("see abcdefghij ok", 4),
        ["see", "abcd", "efgh", "ij", "ok"]
    );
    assert_eq!(wrapped("日本語日本", 4), ["日本", "語日", "本"]);
    assert_eq!(wrapped("日", 1), ["…"]);
    assert_eq!(wrapped("ab", 0), ["a", "b"]);
    assert_eq!(wrapped("  two  spaces  ", 20), ["  two  spaces"]);
}

fn hides(c: char) -> bool {
    let hidden = "\u{200B}\u{200E}\u{200F}\u{2028}\u{2029}\u{2060}\u{FEFF}";
    let is_in = |low: char, high: char| (low..=high).contains(&c);
    hidden.contains(c)
        || is_in('\u{202A}', '\u{202E}')
        || is_in('\u{2066}', '\u{2069}')
        || is_in('\u{E0000}', '\u{E007F}')
}

/// Text with more of the dangerous than chance gives.
fn nasty() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        (0_u32..0x20).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0x7F_u32..0xA1).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0x2000_u32..0x2070).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0xFE00_u32..0xFE10).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0xE0000_u32..0xE0200).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0x0300_u32..0x0310).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0x1F3F0_u32..0x1F440).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        (0x1F1E6_u32..0x1F200).prop_map(|c| char::from_u32(c).unwrap().to_string()),
        Just("\u{200d}".to_owned()),
        Just("\u{200c}".to_owned()),
        Just("क्".to_owned()),
        "[a-z ]{1,4}",
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn nothing_dangerous_gets_through(raw in nasty()) {
        let shown = shown(&raw);
        for c in shown.chars() {
            prop_assert!(!c.is_control(), "{:?}", c);
            prop_assert!(!hides(c), "{:?}", c);
        }
        for grapheme in shown.graphemes(true) {
            prop_assert!(grapheme.len() <= 32, "{:?}", grapheme);
        }
        let mut marks = 0;
        for c in shown.chars() {
            marks = if is_combining_mark(c) { marks + 1 } else if c == '\u{200d}' || c == '\u{200c}' { marks } else { 0 };
            prop_assert!(marks <= 8);
        }
        if let Some(first) = shown.chars().next() {
            prop_assert!(!is_combining_mark(first));
        }
    }

    #[test]
    fn what_is_safe_stays_as_it_is(raw in nasty()) {
        let once = Shown::new(&raw);
        prop_assert_eq!(Shown::new(once.as_str()), once);
    }

    #[test]
    fn clipped_text_fits(raw in nasty(), width in 0_usize..30) {
        let shown = Shown::new(&raw);
        let clipped = Shown(shown.clip(width));
        prop_assert!(clipped.width() <= width);
        if shown.width() <= width {
            prop_assert_eq!(clipped, shown);
        }
    }

    #[test]
    fn wrapped_text_fits_and_loses_only_spaces(raw in nasty(), width in 2_usize..30) {
        let lines = Shown::multiline(&raw);
        let rows = wrap(&lines, width);
        let text = |lines: &[Shown]| lines.iter().flat_map(|l| l.as_str().chars()).filter(|c| *c != ' ').collect::<String>();
        for row in &rows {
            prop_assert!(row.width() <= width, "{:?}", row);
        }
        // A grapheme wider than the row is the only thing that is replaced.
        if lines.iter().flat_map(|l| l.as_str().graphemes(true)).all(|g| g.width() <= width) {
            prop_assert_eq!(text(&rows), text(&lines));
        }
    }
}
