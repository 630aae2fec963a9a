//! The bytes of one frame: a pen that knows where it stands and how it writes, so that it sends
//! only what changes.

use std::fmt::Write as _;

use ratatui::buffer::{Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};

use super::links::Links;

/// Begins a synchronized update: the terminal shows nothing until it ends.
pub(super) const BEGIN_UPDATE: &str = "\x1b[?2026h";
/// Ends a synchronized update.
pub(super) const END_UPDATE: &str = "\x1b[?2026l";

/// What follows belongs to no link.
pub(super) const END_LINK: &str = "\x1b]8;;\x1b\\";

/// Collects the bytes of a frame.
#[derive(Debug, Default)]
pub(super) struct Pen {
    out: String,
    /// Where the terminal's cursor is; none if that is not certain.
    at: Option<(u16, u16)>,
    look: Look,
    links: Links,
    /// The link that is written at the moment; 0 for none.
    link: u16,
}

/// How the terminal writes at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            fg: Color::Reset,
            bg: Color::Reset,
            modifier: Modifier::empty(),
        }
    }
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier & Modifier::all(),
        }
    }
}

/// SGR codes to switch a modifier on.
const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

impl Pen {
    /// Writes links of this table.
    pub(super) fn with(links: Links) -> Self {
        Self {
            links,
            ..Self::default()
        }
    }

    /// Writes bytes that move nothing and change no look.
    pub(super) fn raw(&mut self, bytes: &str) {
        self.out.push_str(bytes);
    }

    /// Returns what was written, and forgets it and where the cursor is.
    pub(super) fn take(&mut self) -> String {
        self.at = None;
        std::mem::take(&mut self.out)
    }

    /// Moves to a place by the shortest safe way.
    pub(super) fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at == (x, y) => {}
            // Forward in a row; backward and far away an address is as short.
            Some((from, row)) if row == y && x > from => {
                let _ = match x - from {
                    1 => write!(self.out, "\x1b[C"),
                    by => write!(self.out, "\x1b[{by}C"),
                };
            }
            Some((_, row)) if row + 1 == y && x == 0 => self.out.push_str("\r\n"),
            _ if x == 0 => {
                let _ = write!(self.out, "\x1b[{}H", y + 1);
            }
            _ => {
                let _ = write!(self.out, "\x1b[{};{}H", y + 1, x + 1);
            }
        }
        self.at = Some((x, y));
    }

    /// Writes one cell where the cursor is, in a row `width` columns wide.
    pub(super) fn cell(&mut self, cell: &Cell, width: u16) {
        self.look(Look::of(cell));
        self.link(Links::number(cell.modifier));
        self.out.push_str(cell.symbol());
        // After the last column the terminal may or may not have wrapped; after a symbol whose
        // width terminals do not agree on, nobody knows where it stands.
        self.at = self
            .at
            .map(|(x, y)| (x + cell.cell_width().max(1), y))
            .filter(|(x, _)| *x < width && width_is_certain(cell.symbol()));
    }

    /// Erases from the cursor to the end of the row.
    pub(super) fn erase_line(&mut self) {
        self.plain();
        self.out.push_str("\x1b[K");
    }

    /// Erases the whole screen.
    pub(super) fn erase_screen(&mut self) {
        self.plain();
        self.out.push_str("\x1b[2J");
    }

    /// Scrolls the rows `top..bottom` up (`by` > 0) or down. Regions with inserted and deleted
    /// lines, because not every terminal has the scroll commands.
    pub(super) fn scroll(&mut self, top: u16, bottom: u16, by: i32) {
        self.plain();
        let count = by.unsigned_abs();
        let command = if by > 0 { 'M' } else { 'L' };
        let _ = write!(self.out, "\x1b[{};{bottom}r\x1b[{}H", top + 1, top + 1);
        let _ = match count {
            1 => write!(self.out, "\x1b[{command}"),
            n => write!(self.out, "\x1b[{n}{command}"),
        };
        self.out.push_str("\x1b[r");
        self.at = None;
    }

    /// Writes plainly from here on.
    pub(super) fn plain(&mut self) {
        self.look(Look::default());
        self.link(0);
    }

    /// Begins the link of a number and ends the one before. The number is told too, so that the
    /// parts of one that is broken over lines belong together.
    fn link(&mut self, number: u16) {
        if number == self.link {
            return;
        }
        let url = self.links.url(number).unwrap_or_default();
        let _ = match number {
            0 => write!(self.out, "{END_LINK}"),
            _ => write!(self.out, "\x1b]8;id=q{number};{url}\x1b\\"),
        };
        self.link = number;
    }

    fn look(&mut self, want: Look) {
        if want == self.look {
            return;
        }
        if want == Look::default() {
            self.out.push_str("\x1b[m");
            self.look = want;
            return;
        }
        let mut from = self.look;
        let mut codes = Codes::default();
        if !want.modifier.contains(from.modifier) {
            codes.push(0);
            from = Look::default();
        }
        for (modifier, code) in MODIFIERS {
            if want.modifier.contains(modifier) && !from.modifier.contains(modifier) {
                codes.push(code.into());
            }
        }
        if want.fg != from.fg {
            codes.color(want.fg, false);
        }
        if want.bg != from.bg {
            codes.color(want.bg, true);
        }
        let _ = write!(self.out, "\x1b[{}m", codes.0);
        self.look = want;
    }
}

/// The numbers of one SGR sequence.
#[derive(Default)]
struct Codes(String);

impl Codes {
    fn push(&mut self, code: u16) {
        if !self.0.is_empty() {
            self.0.push(';');
        }
        let _ = write!(self.0, "{code}");
    }

    fn color(&mut self, color: Color, background: bool) {
        let plane: u16 = if background { 10 } else { 0 };
        let basic = match color {
            Color::Reset => 39,
            Color::Black => 30,
            Color::Red => 31,
            Color::Green => 32,
            Color::Yellow => 33,
            Color::Blue => 34,
            Color::Magenta => 35,
            Color::Cyan => 36,
            Color::Gray => 37,
            Color::DarkGray => 90,
            Color::LightRed => 91,
            Color::LightGreen => 92,
            Color::LightYellow => 93,
            Color::LightBlue => 94,
            Color::LightMagenta => 95,
            Color::LightCyan => 96,
            Color::White => 97,
            Color::Indexed(index) => {
                self.push(38 + plane);
                self.push(5);
                return self.push(index.into());
            }
            Color::Rgb(red, green, blue) => {
                self.push(38 + plane);
                self.push(2);
                self.push(red.into());
                self.push(green.into());
                return self.push(blue.into());
            }
        };
        self.push(basic + plane);
    }
}

/// Says whether every terminal moves its cursor by the same number of columns for `symbol`.
///
/// Clusters of several characters (joined emoji, variation selectors, skin tones) and pictographs
/// are drawn one or two columns wide, as the terminal likes; after those the pen says where to
/// go on, so that the rest of the row stays in its columns.
fn width_is_certain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (None, _) => true,
        (Some(only), None) => {
            let code = u32::from(only);
            code < 0x2600 || (0x3000..0xe000).contains(&code) || (0xf900..0xfe00).contains(&code)
        }
        _ => false,
    }
}
