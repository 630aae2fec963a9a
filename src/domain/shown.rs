//! Text that is safe to put on a terminal.
//!
//! Whatever came from the API, from a file or from another program reaches the screen, the log or
//! standard output only as a [`Shown`], and only [`Shown::new`] makes one. What would act on the
//! terminal or hide from the reader is shown as a mark: control characters as their pictures
//! (`␛`), direction controls as `⇄`, other invisible characters as `␣`. The raw text is kept
//! elsewhere, for editing and for sending back unchanged.

use std::fmt;

use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar as _;

use super::grapheme::{columns, graphemes};
use super::length::is_pictographic;

/// Text without a control, bidi or invisible character, fit for one row of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Shown(String);

/// How many combining marks one base may carry; no language needs more, and some terminals choke.
const MARKS: usize = 8;

/// How many bytes one grapheme may take; what is behind is left out.
const GRAPHEME_BYTES: usize = 32;

impl Shown {
    /// Makes `raw` safe; a line break becomes `⏎`, as the result is one line.
    pub fn new(raw: &str) -> Self {
        if raw.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Self(raw.to_owned());
        }
        Self(bounded(&marked(&stripped(raw))))
    }

    /// Makes each line of `raw` safe.
    pub fn lines(raw: &str) -> Vec<Self> {
        raw.lines().map(Self::new).collect()
    }

    /// Makes each line of `raw` safe; the same as [`Shown::lines`], but never empty.
    pub fn multiline(raw: &str) -> Vec<Self> {
        let lines = Self::lines(raw);
        if lines.is_empty() {
            vec![Self::default()]
        } else {
            lines
        }
    }

    /// Says whether `raw` holds something that is shown as a mark or left out: worth a badge.
    pub fn is_altered(raw: &str) -> bool {
        raw.lines().any(|line| Self::new(line).as_str() != line)
    }

    /// Returns how many columns it takes on a terminal.
    pub fn width(&self) -> usize {
        graphemes(&self.0).map(|(_, g)| columns(g)).sum()
    }

    /// Returns at most `width` columns of it; what is cut off is told by a final `…`.
    pub fn clip(&self, width: usize) -> String {
        // Each byte takes at most one column, so most rows need no measuring.
        if self.0.len() <= width || self.width() <= width {
            return self.0.clone();
        }
        let Some(room) = width.checked_sub(1) else {
            return String::new();
        };
        let mut clipped = self.0[..self.fitting(room)].to_owned();
        clipped.push('…');
        clipped
    }

    /// Returns how many bytes of it fit into `width` columns.
    fn fitting(&self, width: usize) -> usize {
        let mut used = 0;
        graphemes(&self.0)
            .find(|(_, grapheme)| {
                used += columns(grapheme);
                used > width
            })
            .map_or(self.0.len(), |(at, _)| at)
    }

    /// Returns the safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Leaves out hidden data, and the marks above what one base may carry.
fn stripped(raw: &str) -> String {
    let mut kept = String::with_capacity(raw.len());
    let mut marks = 0;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let before = kept.chars().next_back();
        match c {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\u{FE0E}' | '\u{FE0F}' if before.is_some_and(takes_selector) => {}
            // One variant of an ideograph; more of them in a row only hide data.
            '\u{E0100}'..='\u{E01EF}' if before.is_some_and(is_ideograph) => {}
            '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}' => {
                continue;
            }
            _ => {}
        }
        if is_joiner(c) {
            kept.push(c);
            continue;
        }
        marks = if is_mark(picture(c)) { marks + 1 } else { 0 };
        if marks > MARKS {
            continue;
        }
        if marks > 0 && before.is_none() {
            // A mark without a base would be drawn onto the cell before.
            kept.push('◌');
        }
        kept.push(c);
    }
    kept
}

/// Replaces by a visible mark what must not reach a terminal as it is.
fn marked(stripped: &str) -> String {
    let mut safe = String::with_capacity(stripped.len());
    let mut chars = stripped.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let joins = match c {
            '\u{200C}' => joins_letters(before, after, '\0'),
            '\u{200D}' => joins_emoji(before, after) || joins_letters(before, after, '\u{0590}'),
            _ => false,
        };
        let shown = if joins { c } else { picture(c) };
        safe.push(shown);
        before = Some(shown);
    }
    safe
}

/// Returns what is shown for a character: itself, or a mark.
fn picture(c: char) -> char {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => '⏎',
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('�'),
        '\u{7F}' => '␡',
        '\u{80}'..='\u{9F}' => '�',
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => '⇄',
        _ if is_invisible(c) => '␣',
        _ => c,
    }
}

/// Says whether a character is there and takes no room, or takes room and shows nothing, without
/// being a space that people type.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0080}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}'
    )
}

/// Says whether a character is drawn onto the one before it.
fn is_mark(c: char) -> bool {
    is_combining_mark(c) || (c.width() == Some(0) && !matches!(c, '\u{200C}' | '\u{200D}'))
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

fn is_emoji_part(c: char) -> bool {
    is_pictographic(c) || matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2B1B}')
}

fn joins_emoji(before: Option<char>, after: Option<char>) -> bool {
    before.is_some_and(|c| is_emoji_part(c) || c == '\u{FE0F}') && after.is_some_and(is_emoji_part)
}

/// Says whether a joiner stands between letters (or their marks) at or above `from`.
fn joins_letters(before: Option<char>, after: Option<char>, from: char) -> bool {
    let is_letter = |c: char| c >= from && (c.is_alphabetic() || is_combining_mark(c));
    before.is_some_and(is_letter) && after.is_some_and(is_letter)
}

fn takes_selector(c: char) -> bool {
    is_emoji_part(c)
        || matches!(c, '#' | '*' | '0'..='9' | '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '↔'..='↙')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Cuts each grapheme to what a terminal's cell can hold; a cut is told by `…`, which also keeps
/// the rest from growing together with what follows.
fn bounded(safe: &str) -> String {
    let mut bounded = String::with_capacity(safe.len());
    for (_, grapheme) in graphemes(safe) {
        if grapheme.len() <= GRAPHEME_BYTES {
            bounded.push_str(grapheme);
            continue;
        }
        let mut end = GRAPHEME_BYTES - '…'.len_utf8();
        while !grapheme.is_char_boundary(end) {
            end -= 1;
        }
        bounded.push_str(grapheme[..end].trim_end_matches(is_joiner));
        bounded.push('…');
    }
    bounded
}

/// Breaks lines at spaces, and words that are too long anywhere, so that none is wider than
/// `width` (of at least one column).
pub fn wrap(lines: &[Shown], width: usize) -> Vec<Shown> {
    let width = width.max(1);
    lines
        .iter()
        .flat_map(|line| wrap_line(line, width))
        .collect()
}

fn wrap_line(line: &Shown, width: usize) -> Vec<Shown> {
    let mut wrapped = Vec::new();
    let mut row = String::new();
    let mut used = 0;
    for piece in line.0.split_inclusive(' ') {
        let word = Shown(piece.trim_end_matches(' ').to_owned());
        let columns = word.width();
        if used + columns > width && used > 0 {
            wrapped.push(Shown(row.trim_end_matches(' ').to_owned()));
            row.clear();
            used = 0;
        }
        if columns > width {
            break_word(&word, width, &mut wrapped, &mut row, &mut used);
        } else {
            row.push_str(word.as_str());
            used += columns;
        }
        // Spaces at the end of a row take no room.
        let spaces = piece.len() - word.0.len();
        row.push_str(&piece[piece.len() - spaces..]);
        used += spaces;
    }
    wrapped.push(Shown(row.trim_end_matches(' ').to_owned()));
    wrapped
}

/// Breaks a word wider than a row; its end stays in `row`.
fn break_word(
    word: &Shown,
    width: usize,
    wrapped: &mut Vec<Shown>,
    row: &mut String,
    used: &mut usize,
) {
    for (_, grapheme) in graphemes(&word.0) {
        // A wide character in a row of one column.
        let grapheme = if columns(grapheme) > width {
            "…"
        } else {
            grapheme
        };
        if *used + columns(grapheme) > width {
            wrapped.push(Shown(std::mem::take(row)));
            *used = 0;
        }
        row.push_str(grapheme);
        *used += columns(grapheme);
    }
}

#[cfg(test)]
mod tests;
