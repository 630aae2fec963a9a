//! Texts made unreadable that keep their shape: as long in bytes, characters and columns, with the
//! same lines, gaps, signs, emoji and links, so that what a screen does with them stays the same.
//!
//! Each letter and digit becomes another one of its kind, drawn by chance from the whole text and
//! bits that nobody keeps. So equal texts stay equal, and nothing else of them can be told.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::RangeInclusive;

use unicode_width::UnicodeWidthChar as _;

use super::text::{has_scheme, links};

/// Letters of one script that take the same room, to draw from.
const SCRIPTS: [RangeInclusive<char>; 14] = [
    'à'..='ö',
    'ø'..='ÿ',
    'À'..='Ö',
    'Ø'..='Þ',
    'α'..='ω',
    'Α'..='Ρ',
    'а'..='я',
    'А'..='Я',
    'א'..='ת',
    'ب'..='غ',
    'が'..='ざ',
    'ガ'..='ザ',
    '가'..='힣',
    '一'..='鿿',
];
/// What other letters become, by their bytes and columns.
const OTHERS: [(usize, usize, char); 5] = [
    (2, 1, 'ж'),
    (3, 1, 'ა'),
    (3, 2, '一'),
    (4, 1, '𐐨'),
    (4, 2, '𠀀'),
];

/// Makes texts unreadable.
#[derive(Debug, Clone)]
pub struct Mask {
    secret: u64,
    /// For letters that are typed one by one.
    typed: fastrand::Rng,
}

impl Mask {
    /// Makes one from random bits that are kept nowhere.
    pub fn new(secret: u64) -> Self {
        Self {
            secret,
            typed: fastrand::Rng::with_seed(secret.rotate_left(32)),
        }
    }

    /// Masks a text; the same one always alike.
    pub fn text(&self, text: &str) -> String {
        let mut hasher = DefaultHasher::new();
        (self.secret, text).hash(&mut hasher);
        let mut random = fastrand::Rng::with_seed(hasher.finish());
        let kept = kept(text);
        let is_kept = |at: usize| kept.iter().any(|range| range.contains(&at));
        text.char_indices()
            .map(|(at, c)| {
                if is_kept(at) {
                    c
                } else {
                    letter(c, &mut random)
                }
            })
            .collect()
    }

    /// Masks a letter that was typed, each time differently.
    pub fn typed(&mut self, c: char) -> char {
        letter(c, &mut self.typed)
    }
}

/// What makes a link of a text: its scheme, or the ending of its host.
fn kept(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut kept = Vec::new();
    for link in links(text) {
        let (start, link) = (link.range.start, &text[link.range.clone()]);
        if has_scheme(link) {
            kept.push(start..start + link.find("://").unwrap_or(0));
        } else {
            let host = link.find(['/', '?', '#', ':']).unwrap_or(link.len());
            let ending = link[..host].rfind('.').unwrap_or(host);
            kept.push(start + ending..start + host);
        }
    }
    kept
}

fn letter(c: char, random: &mut fastrand::Rng) -> char {
    match c {
        'a'..='z' => random.lowercase(),
        'A'..='Z' => random.uppercase(),
        '0'..='9' => random.digit(10),
        _ if !c.is_alphanumeric() || c.width() == Some(0) => c,
        _ => foreign(c, random),
    }
}

fn foreign(c: char, random: &mut fastrand::Rng) -> char {
    let shape = |c: char| (c.len_utf8(), c.width().unwrap_or(0));
    let script = SCRIPTS.iter().find(|letters| letters.contains(&c));
    if let Some(letters) = script {
        let drawn = random.char(letters.clone());
        if drawn.is_alphabetic() && shape(drawn) == shape(c) {
            return drawn;
        }
        return *letters.start();
    }
    let (bytes, columns) = shape(c);
    let other = OTHERS
        .into_iter()
        .find(|(b, w, _)| (*b, *w) == (bytes, columns));
    other.map_or(c, |(.., other)| other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::shown::Shown;
    use crate::domain::text::entities;

    const TEXT: &str = "Ship it: https://example.com/a?b=c#d and docs.example.org, thanks @ada! #rust\n\
         Größe 42 km, привет 日本語 한국어 👩‍💻 שלום";

    #[test]
    fn a_masked_text_has_the_shape_of_the_text_and_no_word_of_it() {
        let masked = Mask::new(7).text(TEXT);
        assert_eq!(masked.len(), TEXT.len());
        let widths = |text: &str| {
            Shown::lines(text)
                .iter()
                .map(Shown::width)
                .collect::<Vec<_>>()
        };
        assert_eq!(widths(&masked), widths(TEXT));
        let kinds = |text: &str| {
            let found = entities(text).into_iter();
            found.map(|e| (e.kind, e.range)).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&masked), kinds(TEXT), "{masked}");
        for word in TEXT.split(|c: char| !c.is_alphanumeric()) {
            let said = ["https", "org"].contains(&word);
            assert!(
                said || word.chars().count() < 2 || !masked.contains(word),
                "{word}: {masked}"
            );
        }
    }

    #[test]
    fn the_same_text_is_masked_alike_and_otherwise_under_another_secret() {
        let mask = Mask::new(7);
        assert_eq!(mask.text(TEXT), mask.text(TEXT));
        assert_ne!(mask.text(TEXT), Mask::new(8).text(TEXT));
        let (one, two) = (mask.text("launch day"), mask.text("launch days"));
        assert_ne!(one[..6], two[..6], "a word alone tells nothing");
    }

    proptest! {
        #[test]
        fn every_text_keeps_its_bytes_characters_and_lines(text in "\\PC{0,40}(\n\\PC{0,40})?") {
            let masked = Mask::new(3).text(&text);
            prop_assert_eq!(masked.len(), text.len());
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert_eq!(masked.lines().count(), text.lines().count());
        }
    }
}
