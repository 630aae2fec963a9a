//! Emoji that terminals draw with different widths, and what may stand in their place: something
//! every terminal gives the same number of columns. Only for the screen; the text stays as it is.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::length::is_pictographic;

/// Returns what is drawn instead of one grapheme, as wide as it is; none if terminals agree on it.
///
/// Of a joined emoji, one with a skin tone and one with a selector the first character is left, of
/// a flag its two letters, of a keycap its key. What is newer than what most terminals know is a
/// pair of brackets.
pub fn safe(grapheme: &str) -> Option<String> {
    let mut chars = grapheme.chars();
    let first = chars.next()?;
    let second = chars.next();
    if is_letter_of_flag(first) {
        let letters = grapheme.chars().filter(|c| is_letter_of_flag(*c));
        return Some(padded(
            &letters.filter_map(letter).collect::<String>(),
            grapheme,
        ));
    }
    if second.is_some() && grapheme.ends_with('\u{20E3}') {
        return Some(padded(&first.to_string(), grapheme));
    }
    if !is_emoji(first) || (second.is_none() && !is_young(first)) {
        return None;
    }
    let base = if is_young(first) {
        "[]".to_owned()
    } else {
        first.to_string()
    };
    Some(padded(&base, grapheme))
}

/// Fills up with blanks to the width of the grapheme; what is wider is cut.
fn padded(text: &str, grapheme: &str) -> String {
    let width = grapheme.width();
    let mut left = width;
    let mut fits: String = text
        .chars()
        .take_while(|c| {
            let columns = c.width().unwrap_or(0);
            let has_room = columns <= left;
            left = left.saturating_sub(columns);
            has_room
        })
        .collect();
    let missing = width.saturating_sub(fits.width());
    fits.extend(std::iter::repeat_n(' ', missing));
    fits
}

fn is_letter_of_flag(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn letter(c: char) -> Option<char> {
    char::from_u32(u32::from('A') + u32::from(c).checked_sub(0x1F1E6)?)
}

fn is_emoji(c: char) -> bool {
    is_pictographic(c)
        || matches!(c, '\u{1F000}'..='\u{1FAFF}' | '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '↔'..='↪')
}

/// Says whether it came after Unicode 12 (2019): older tables of widths do not have it.
fn is_young(c: char) -> bool {
    matches!(
        c,
        '\u{1F6D6}'..='\u{1F6DF}' | '\u{1F6FB}'..='\u{1F6FF}' | '\u{1F7F0}'..='\u{1F7FF}'
            | '\u{1F90C}' | '\u{1F972}' | '\u{1F977}'..='\u{1F979}' | '\u{1F9A3}' | '\u{1F9A4}'
            | '\u{1F9AB}'..='\u{1F9AD}' | '\u{1F9CB}' | '\u{1F9CC}' | '\u{1FA74}'..='\u{1FA77}'
            | '\u{1FA7B}'..='\u{1FA7F}' | '\u{1FA83}'..='\u{1FA8F}' | '\u{1FA96}'..='\u{1FAFF}'
    )
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    #[test]
    fn what_terminals_disagree_on_has_a_form_that_is_as_wide() {
        let cases = [
            ("❤️", Some("❤ ")),
            ("👍🏽", Some("👍")),
            ("👩‍👩‍👧", Some("👩")),
            ("🇩🇪", Some("DE")),
            ("1️⃣", Some("1 ")),
            ("🫠", Some("[]")),
            ("🧵", None),
            ("☕", None),
            ("é", None),
            ("e\u{301}", None),
            ("漢", None),
            ("┌", None),
            ("↑", None),
        ];
        for (grapheme, wanted) in cases {
            assert_eq!(grapheme.graphemes(true).count(), 1, "{grapheme}");
            let form = safe(grapheme);
            assert_eq!(form.as_deref(), wanted, "{grapheme}");
            if let Some(form) = form {
                assert_eq!(form.width(), grapheme.width(), "{grapheme}");
            }
        }
    }
}
