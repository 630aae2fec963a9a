//! What a person takes for one character.
//!
//! Finding where one ends costs more than anything else that a frame does, and most texts are mostly
//! ASCII: a printable ASCII character before another one is a grapheme of one column, and is not
//! looked up.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The graphemes of a text, in order, each with where it begins: its extended grapheme clusters
/// (UAX 29).
pub(crate) fn graphemes(text: &str) -> Graphemes<'_> {
    Graphemes { text, at: 0 }
}

/// Returns how many graphemes a text has.
pub(crate) fn count(text: &str) -> usize {
    // A line feed joins the carriage return before it.
    if text.is_ascii() && !text.contains('\r') {
        return text.len();
    }
    graphemes(text).count()
}

/// Returns how many columns a grapheme takes on a terminal.
pub(crate) fn columns(grapheme: &str) -> usize {
    if matches!(grapheme.as_bytes(), [byte] if is_plain(*byte)) {
        1
    } else {
        grapheme.width()
    }
}

/// Goes over the graphemes of a text.
#[derive(Debug, Clone)]
pub(crate) struct Graphemes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Graphemes<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let rest = &self.text[at..];
        let (first, second) = (rest.as_bytes().first()?, rest.as_bytes().get(1));
        // Nothing of ASCII joins what stands before it, but a line feed its carriage return.
        let grapheme = if is_plain(*first) && second.is_none_or(u8::is_ascii) {
            &rest[..1]
        } else {
            rest.graphemes(true).next()?
        };
        self.at += grapheme.len();
        Some((at, grapheme))
    }
}

/// Says whether a byte is a printable character of ASCII.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation as _;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    /// Pieces of which some join what stands beside them.
    const PIECES: [&str; 26] = [
        "a", "Z", " ", "~", "1", "#", "\r", "\n", "\t", "\u{7f}", "\u{301}", "\u{200d}",
        "\u{fe0f}", "\u{20e3}", "é", "漢", "각", "\u{1100}", "\u{1161}", "क", "\u{94d}", "👩",
        "🏽", "🇩", "🇪", "\u{600}",
    ];

    proptest! {
        #[test]
        fn they_are_those_of_the_standard(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
        ) {
            let text = pieces.concat();
            let own: Vec<(usize, &str)> = graphemes(&text).collect();
            let whole: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
            prop_assert_eq!(count(&text), whole.len());
            prop_assert_eq!(own, whole);
            for grapheme in text.graphemes(true) {
                prop_assert_eq!(columns(grapheme), grapheme.width());
            }
        }

        #[test]
        fn of_any_text_they_are_those_of_the_standard(text: String) {
            let own: Vec<(usize, &str)> = graphemes(&text).collect();
            let whole: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
            prop_assert_eq!(own, whole);
        }
    }
}
