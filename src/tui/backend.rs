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

use super::links::Links;
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
    /// The bytes of all frames.
    sent: u64,
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
            sent: 0,
        };
        backend.forget(size);
        backend
    }

    /// Draws links, too; the view knows them by the same table.
    #[must_use]
    pub fn with_links(mut self, links: Links) -> Self {
        self.pen = Pen::with(links);
        self
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

    /// Returns how many bytes all frames had.
    pub fn sent(&self) -> u64 {
        self.sent
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
        self.sent += frame.len() as u64;
        self.out.write_all(frame.as_bytes())
    }
}

fn differs(shown: &Buffer, next: &Buffer, row: usize) -> bool {
    let width = usize::from(next.area.width);
    let range = row * width..(row + 1) * width;
    shown.content.get(range.clone()) != next.content.get(range)
}

#[cfg(test)]
mod tests;
