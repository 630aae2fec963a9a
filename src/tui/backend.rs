//! The screen as ratatui's back end: one write per frame, and none for a frame that changes
//! nothing.
//!
//! It keeps what the terminal shows and what it shall show. When a frame is complete it finds out
//! whether rows only moved up or down (then the terminal moves them), and sends the cells that
//! are left, inside a synchronized update, as one write. The real cursor is sent only when it
//! changed. The size is told from outside when it changes, never asked for each frame.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::{Position, Rect, Size};

use super::pen::{BEGIN_UPDATE, END_UPDATE, Pen};
use super::scroll;

/// Runs of unchanged cells up to this long are sent again rather than jumped over: a jump costs
/// as much.
const SHORT_GAP: u16 = 3;
/// From this many cells on, erasing to the end of a row is shorter than writing blanks.
const LONG_BLANK: usize = 4;

/// Draws frames on `W`, which gets each of them in one `write_all`.
#[derive(Debug)]
pub struct FrameBackend<W: Write> {
    out: W,
    /// What the terminal shows.
    shown: Buffer,
    /// What it shall show.
    next: Buffer,
    /// The rows in which the two differ.
    dirty: Vec<bool>,
    erase: bool,
    /// Where the terminal's cursor is shown; none while it is hidden, as it is at the start.
    cursor: Option<Position>,
    want_cursor: Option<Position>,
    last_position: Position,
    pen: Pen,
}

impl<W: Write> FrameBackend<W> {
    /// Draws on `out`, which is `size` cells large, empty, and has its cursor hidden.
    pub fn new(out: W, size: Size) -> Self {
        let mut backend = Self {
            out,
            shown: Buffer::default(),
            next: Buffer::default(),
            dirty: Vec::new(),
            erase: false,
            cursor: None,
            want_cursor: None,
            last_position: Position::ORIGIN,
            pen: Pen::default(),
        };
        backend.forget(size);
        backend
    }

    /// Says that the terminal is now `size` large and that what it shows is not known.
    pub fn forget(&mut self, size: Size) {
        let area = Rect::from((Position::ORIGIN, size));
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.dirty = vec![false; size.height.into()];
        self.erase = true;
    }

    /// Says that the terminal was left and entered again: the cursor is hidden.
    pub fn entered_again(&mut self, size: Size) {
        self.forget(size);
        self.cursor = None;
    }

    /// Returns where the frames go.
    pub fn out(&self) -> &W {
        &self.out
    }

    fn compose(&mut self) {
        let width = self.next.area.width;
        if self.erase {
            self.pen.erase_screen();
            self.erase = false;
        } else if let Some(found) = scroll::find(&self.shown, &self.next, &self.dirty) {
            self.pen.scroll(found.top, found.bottom, found.by);
            scroll::apply(&mut self.shown, found);
            for y in found.top..found.bottom {
                self.dirty[usize::from(y)] = true;
            }
        }
        for y in 0..self.next.area.height {
            if std::mem::take(&mut self.dirty[usize::from(y)]) {
                self.row(y, width);
            }
        }
        self.pen.plain();
    }

    /// Sends the cells of one row that changed.
    fn row(&mut self, y: u16, width: u16) {
        let start = usize::from(y) * usize::from(width);
        let range = start..start + usize::from(width);
        let (Some(old), Some(new)) = (
            self.shown.content.get_mut(range.clone()),
            self.next.content.get(range),
        ) else {
            return;
        };
        let blank_from = new.iter().rposition(|c| !is_blank(c)).map_or(0, |i| i + 1);
        let mut pending: Option<u16> = None;
        let mut broken_until = 0;
        let mut x = 0;
        while x < width {
            let i = usize::from(x);
            let step = new[i].cell_width().max(1);
            let covered = i..usize::from((x + step).min(width));
            if i >= broken_until && old[covered.clone()] == new[covered.clone()] {
                x += step;
                continue;
            }
            // Writing over one half of a wide character leaves the other half to the terminal.
            broken_until = covered
                .map(|k| k + usize::from(old[k].cell_width()))
                .fold(broken_until, usize::max);
            if i >= blank_from {
                let changed = (i..new.len()).filter(|&k| old[k] != new[k]).count();
                if changed >= LONG_BLANK {
                    self.pen.go(x, y);
                    self.pen.erase_line();
                    break;
                }
            }
            match pending {
                Some(end) if x > end && x - end <= SHORT_GAP => {
                    refill(&mut self.pen, &new[usize::from(end)..i], width);
                }
                _ => {}
            }
            self.pen.go(x, y);
            self.pen.cell(&new[i], width);
            x += step;
            pending = Some(x);
        }
        old.clone_from_slice(new);
    }

    fn place_cursor(&mut self) {
        match self.want_cursor {
            Some(at) => {
                self.pen.go(at.x, at.y);
                self.pen.raw("\x1b[?25h");
            }
            None if self.cursor.is_some() => self.pen.raw("\x1b[?25l"),
            None => {}
        }
        self.cursor = self.want_cursor;
    }
}

/// Sends unchanged cells again, if all are as plain as a jump is short.
fn refill(pen: &mut Pen, cells: &[Cell], width: u16) {
    if cells.iter().all(|cell| cell.symbol().len() == 1) {
        for cell in cells {
            pen.cell(cell, width);
        }
    }
}

fn is_blank(cell: &Cell) -> bool {
    *cell == Cell::EMPTY
}

impl<W: Write> Backend for FrameBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            let Some(place) = self.next.cell_mut((x, y)) else {
                continue;
            };
            place.clone_from(cell);
            for covered in 1..cell.cell_width() {
                if let Some(behind) = self.next.cell_mut((x + covered, y)) {
                    behind.reset();
                }
            }
            self.dirty[usize::from(y)] = true;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.want_cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.want_cursor = Some(self.last_position);
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.last_position)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.last_position = position.into();
        if let Some(want) = &mut self.want_cursor {
            *want = self.last_position;
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.forget(self.next.area.as_size());
        Ok(())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        match clear_type {
            ClearType::All => self.clear(),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.next.area.as_size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.next.area.as_size(),
            pixels: Size::ZERO,
        })
    }

    /// Sends the frame, if it changes anything.
    fn flush(&mut self) -> io::Result<()> {
        for (y, dirty) in self.dirty.iter_mut().enumerate() {
            *dirty = *dirty && differs(&self.shown, &self.next, y);
        }
        let drawn = self.erase || self.dirty.contains(&true);
        if !drawn && self.cursor == self.want_cursor {
            return Ok(());
        }
        if drawn {
            self.pen.raw(BEGIN_UPDATE);
            if self.cursor.is_some() {
                self.pen.raw("\x1b[?25l");
            }
            self.compose();
            self.place_cursor();
            self.pen.raw(END_UPDATE);
        } else {
            self.place_cursor();
        }
        let frame = self.pen.take();
        self.out.write_all(frame.as_bytes())
    }
}

fn differs(shown: &Buffer, next: &Buffer, row: usize) -> bool {
    let width = usize::from(next.area.width);
    let range = row * width..(row + 1) * width;
    shown.content.get(range.clone()) != next.content.get(range)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    /// Keeps each write of its own.
    #[derive(Debug, Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A terminal of ours beside an emulator that gets the same bytes.
    struct Pair {
        ours: Terminal<FrameBackend<Writes>>,
        emulator: vt100::Parser,
        seen: usize,
    }

    impl Pair {
        fn new(width: u16, height: u16) -> Self {
            let backend = FrameBackend::new(Writes::default(), Size::new(width, height));
            let mut emulator = vt100::Parser::new(cells(height), cells(width), 0);
            emulator.process(b"\x1b[?25l");
            Self {
                ours: Terminal::new(backend).unwrap(),
                emulator,
                seen: 0,
            }
        }

        /// Draws, and returns how many bytes that took; fails unless it was at most one write and
        /// the emulator shows what was drawn.
        fn draw(&mut self, rows: &[(&str, Style)], cursor: Option<(u16, u16)>) -> usize {
            let mut want = Buffer::default();
            self.ours
                .draw(|frame| {
                    for (y, (text, style)) in (0_u16..).zip(rows) {
                        let width = frame.area().width.into();
                        frame.buffer_mut().set_stringn(0, y, text, width, *style);
                    }
                    if let Some(at) = cursor {
                        frame.set_cursor_position(at);
                    }
                    want = frame.buffer_mut().clone();
                })
                .unwrap();
            let writes = &self.ours.backend().out().0;
            let new = writes.len() - self.seen;
            assert!(new <= 1, "{new} writes");
            let bytes = writes[self.seen..].concat();
            self.seen = writes.len();
            self.emulator.process(&bytes);
            assert_same(&want, self.emulator.screen());
            assert_eq!(self.emulator.screen().hide_cursor(), cursor.is_none());
            if let Some((x, y)) = cursor {
                assert_eq!(self.emulator.screen().cursor_position(), (y, x));
            }
            bytes.len()
        }
    }

    fn cells(count: u16) -> std::num::NonZeroU16 {
        count.try_into().unwrap()
    }

    fn assert_same(want: &Buffer, screen: &vt100::Screen) {
        for y in 0..want.area.height {
            let mut x = 0;
            while x < want.area.width {
                let (ours, theirs) = (&want[(x, y)], screen.cell(y, x).unwrap());
                let there = if theirs.has_contents() {
                    theirs.contents()
                } else {
                    " "
                };
                assert_eq!(ours.symbol(), there, "at {x},{y}");
                assert_eq!(ours.modifier.contains(Modifier::REVERSED), theirs.inverse());
                assert_eq!(ours.modifier.contains(Modifier::BOLD), theirs.bold());
                let red = theirs.fgcolor() == vt100::Color::Idx(1);
                assert_eq!(ours.fg == Color::Red, red, "at {x},{y}");
                x += ours.cell_width().max(1);
            }
        }
    }

    const PLAIN: Style = Style::new();

    #[test]
    fn a_frame_is_one_write_and_an_unchanged_one_is_none() {
        let mut pair = Pair::new(20, 4);
        assert!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], None) > 0);
        assert_eq!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], None), 0);
        assert!(pair.draw(&[("one", PLAIN)], Some((3, 0))) > 0);
        assert_eq!(pair.draw(&[("one", PLAIN)], Some((3, 0))), 0);
        let moved = pair.draw(&[("one", PLAIN)], Some((4, 0)));
        assert!((1..20).contains(&moved), "{moved}");
        assert!(pair.draw(&[("one", PLAIN)], None) > 0);
    }

    #[test]
    fn a_row_that_gets_shorter_is_erased_and_not_overwritten() {
        let mut pair = Pair::new(100, 4);
        let long = "x".repeat(100);
        pair.draw(&[(&long, PLAIN)], None);
        let bytes = pair.draw(&[("short", PLAIN)], None);
        assert!(bytes < 40, "{bytes}");
    }

    #[test]
    fn a_list_that_scrolls_is_moved_and_not_sent_again() {
        let rows: Vec<String> = (0..200)
            .map(|i| format!(" 09:{i:02} update {i}, {} and more", "word ".repeat(i % 13)))
            .collect();
        let mut pair = Pair::new(120, 40);
        let draw = |pair: &mut Pair, from: usize, cursor: usize| {
            let marked = format!("▌{}", rows[cursor].trim_start());
            let shown: Vec<(&str, Style)> = std::iter::once(("heading", PLAIN.fg(Color::Red)))
                .chain((from..from + 37).map(|i| {
                    let text = if i == cursor { &marked } else { &rows[i] };
                    (text.as_str(), PLAIN)
                }))
                .chain([("status", PLAIN), ("hints", PLAIN)])
                .collect();
            pair.draw(&shown, None)
        };
        draw(&mut pair, 0, 36);
        let down = draw(&mut pair, 1, 37);
        assert!(down <= 350, "{down}");
        let up = draw(&mut pair, 0, 36);
        assert!(up <= 350, "{up}");
        assert!(draw(&mut pair, 18, 40) > 0);
        assert!(draw(&mut pair, 3, 5) > 0);
    }

    #[test]
    fn whatever_is_drawn_the_terminal_shows_it() {
        let words = [
            "a",
            "漢字",
            " ",
            "é",
            "👍🏽x",
            "──",
            "▌",
            "⏎",
            "longer words",
            "ﾊﾟ",
            "",
        ];
        let styles = [
            PLAIN,
            PLAIN.fg(Color::Red),
            PLAIN.add_modifier(Modifier::REVERSED),
            PLAIN.fg(Color::Red).add_modifier(Modifier::BOLD),
        ];
        let mut random = fastrand::Rng::with_seed(7);
        let mut pair = Pair::new(31, 12);
        let mut rows: Vec<(String, Style)> = vec![(String::new(), PLAIN); 12];
        for _ in 0..400 {
            match random.u8(..4) {
                0 => rows.rotate_left(1),
                1 => rows.rotate_right(2),
                _ => {}
            }
            for _ in 0..random.usize(..4) {
                let text = (0..random.usize(..9)).map(|_| words[random.usize(..words.len())]);
                rows[random.usize(..12)] = (text.collect(), styles[random.usize(..4)]);
            }
            // The emulator and we differ on the width of joined emoji, as terminals do.
            let drawn: Vec<(&str, Style)> = rows
                .iter()
                .map(|(text, style)| (text.as_str(), *style))
                .filter(|(text, _)| !text.contains('👍') && !text.contains('ﾟ'))
                .collect();
            let cursor = random.bool().then(|| (random.u16(..31), random.u16(..12)));
            pair.draw(&drawn, cursor);
        }
    }

    #[test]
    fn after_a_new_size_everything_is_drawn_again() {
        let mut pair = Pair::new(20, 4);
        pair.draw(&[("one", PLAIN), ("two", PLAIN)], Some((1, 1)));
        pair.ours.backend_mut().forget(Size::new(9, 3));
        pair.emulator.screen_mut().set_size(cells(3), cells(9));
        assert!(pair.draw(&[("one", PLAIN), ("two", PLAIN)], Some((1, 1))) > 0);
    }
}
