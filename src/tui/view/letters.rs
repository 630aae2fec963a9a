//! What is drawn, once more in letters that the terminal has: signs and borders in ASCII, emoji in
//! forms that are as wide everywhere, no borders where none are wanted. It is the last step of a frame and moves nothing: each cell
//! keeps its columns.

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::emoji;
use crate::domain::look::{Borders, Emoji, Letters, Look};
use crate::tui::theme::BLANK;

/// Replaces in the whole of `buffer` what is not to be drawn.
pub(super) fn replace(look: Look, buffer: &mut Buffer) {
    if look.borders == Borders::Blank {
        blank(buffer);
    }
    if look.letters == Letters::Unicode && look.emoji == Emoji::Full {
        return;
    }
    let mut index = 0;
    while index < buffer.content.len() {
        let cell = &buffer.content[index];
        let width = usize::from(cell.cell_width()).max(1);
        if let Some(form) = form(look, cell.symbol(), width) {
            draw(buffer, index, &form);
        }
        index += width;
    }
}

/// Takes the lines of borders away. Words in a border stay.
fn blank(buffer: &mut Buffer) {
    let marked = |cell: &&mut Cell| cell.modifier.contains(BLANK);
    for cell in buffer.content.iter_mut().filter(marked) {
        let is_line = |c: char| ('\u{2500}'..='\u{257F}').contains(&c);
        if cell.symbol() == " " || cell.symbol().chars().all(is_line) {
            cell.reset();
        } else {
            cell.modifier.remove(BLANK);
        }
    }
}

/// Puts a form of one or two columns in place of the grapheme at `index`.
fn draw(buffer: &mut Buffer, index: usize, form: &str) {
    let mut chars = form.chars();
    let (first, second) = (chars.next(), chars.next());
    for (at, symbol) in [(index, first), (index + 1, second)] {
        if let (Some(cell), Some(symbol)) = (buffer.content.get_mut(at), symbol) {
            cell.set_char(symbol);
        }
    }
}

/// Returns what is drawn instead of a symbol; none: it stays.
fn form(look: Look, symbol: &str, width: usize) -> Option<String> {
    if symbol.is_ascii() {
        return None;
    }
    let safe = match look.emoji {
        Emoji::Safe => emoji::safe(symbol),
        Emoji::Full => None,
    };
    let symbol = safe.as_deref().unwrap_or(symbol);
    let sign = match look.letters {
        Letters::Unicode => None,
        Letters::Signs => sign(symbol).map(String::from),
        Letters::Ascii if symbol.is_ascii() => None,
        Letters::Ascii => {
            let letter = sign(symbol).or_else(|| plain_letter(symbol));
            Some(letter.map_or_else(|| "?".repeat(width), String::from))
        }
    };
    sign.or(safe)
}

/// The letter without what stands above or below it.
fn plain_letter(symbol: &str) -> Option<char> {
    symbol.nfkd().next().filter(char::is_ascii_graphic)
}

/// Our own signs, by what stands for them in ASCII. In each column of the screen they stay
/// different. Left parts of a block are the cursor, the tip of a bar; lower ones a trend.
const SIGNS: [(char, &str); 19] = [
    ('-', "─▏▎▍▄–—"),
    ('|', "│"),
    ('+', "▆▓✓"),
    ('>', "▌▋▊▉▸›→"),
    ('<', "‹←"),
    ('#', "█■"),
    ('_', "▁␣"),
    ('.', "▂·"),
    (':', "▃░"),
    ('=', "▅▒↕"),
    ('*', "▇"),
    ('^', "↑"),
    ('@', "◆"),
    ('o', "◇◌"),
    ('X', "✗"),
    ('!', "‼"),
    ('~', "…"),
    ('"', "“”„"),
    ('\'', "‘’"),
];

/// One of our own signs, in ASCII.
fn sign(symbol: &str) -> Option<char> {
    let mut chars = symbol.chars();
    let (Some(only), None) = (chars.next(), chars.next()) else {
        return None;
    };
    let listed = SIGNS.iter().find(|(_, signs)| signs.contains(only));
    match only {
        _ if listed.is_some() => listed.map(|(ascii, _)| *ascii),
        '\u{2502}'..='\u{257F}' => Some('+'),
        '×' => Some('x'),
        'µ' => Some('u'),
        '⏎' => Some('/'),
        '⇄' | '�' | '\u{2400}'..='\u{2421}' => Some('?'),
        _ => None,
    }
}
