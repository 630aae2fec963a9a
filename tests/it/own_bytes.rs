//! Whether what went to a terminal is only what we send: our own sequences, and text that neither
//! acts nor hides.

use unicode_normalization::char::is_combining_mark;

/// Looks at output; says what in it is not ours, and where.
pub(crate) fn foreign(output: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(output) {
        Ok(text) => text,
        Err(error) => return Some(format!("no text at byte {}", error.valid_up_to())),
    };
    let mut rest = text;
    let mut marks = 0;
    while let Some(c) = rest.chars().next() {
        let length = if c == '\u{1b}' {
            match own_sequence(rest) {
                Some(length) => length,
                None => return Some(said(text, rest)),
            }
        } else if rest.starts_with("\r\n") {
            2
        } else if is_foreign(c) {
            return Some(said(text, rest));
        } else {
            c.len_utf8()
        };
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > 8 {
            return Some(said(text, rest));
        }
        rest = &rest[length..];
    }
    None
}

/// Looks at a text, in which no sequence is ours; says what in it acts or hides.
pub(crate) fn foreign_text(text: &str) -> Option<String> {
    if text.contains(char::is_control) {
        return Some(format!("{text:?}"));
    }
    foreign(text.as_bytes())
}

fn said(text: &str, rest: &str) -> String {
    let at = text.len() - rest.len();
    let from = (0..=at.saturating_sub(40))
        .rev()
        .find(|i| text.is_char_boundary(*i));
    let some: String = text[from.unwrap_or(0)..].chars().take(80).collect();
    format!("at byte {at}: {some:?}")
}

fn is_foreign(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{13430}'..='\u{1345f}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Returns the length of the sequence of ours with which `rest` begins.
fn own_sequence(rest: &str) -> Option<usize> {
    const MODES: [&str; 11] = [
        "\u{1b}[?1049h",
        "\u{1b}[?1049l",
        "\u{1b}[?1004h",
        "\u{1b}[?1004l",
        "\u{1b}[?2004h",
        "\u{1b}[?2004l",
        "\u{1b}[?2026h",
        "\u{1b}[?2026l",
        "\u{1b}[?25h",
        "\u{1b}[?25l",
        "\u{1b}[r",
    ];
    if let Some(mode) = MODES.iter().find(|mode| rest.starts_with(**mode)) {
        return Some(mode.len());
    }
    let body = rest.strip_prefix("\u{1b}[")?;
    let digits = body
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b';')
        .count();
    let last = body.as_bytes().get(digits)?;
    // Move, erase, colours, scroll.
    b"HCKJmrLM".contains(last).then_some(2 + digits + 1)
}

#[test]
fn ours_is_told_from_theirs() {
    for ours in [
        "\u{1b}[?2026h\u{1b}[2J\u{1b}[3;4Hé 漢 👩‍👧\u{1b}[0;31mx\u{1b}[m\r\n\u{1b}[K\u{1b}[?2026l",
        "",
    ] {
        assert_eq!(foreign(ours.as_bytes()), None);
    }
    for theirs in crate::spoil::HOSTILE.iter().take(11) {
        // The first is made of sequences that are ours too: only in a text they are not.
        assert!(foreign_text(theirs).is_some(), "{theirs:?}");
    }
    for theirs in crate::spoil::HOSTILE.iter().take(11).skip(1) {
        assert!(foreign(theirs.as_bytes()).is_some(), "{theirs:?}");
    }
    for theirs in [
        "\u{1b}[?1h",
        "\u{1b}c",
        "\r",
        "\u{1b}[5n",
        "a\u{9b}1m",
        "\u{1b}",
    ] {
        assert!(foreign(theirs.as_bytes()).is_some(), "{theirs:?}");
    }
    assert!(foreign(b"\xff").is_some());
}
