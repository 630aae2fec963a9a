//! Writing along one line of the screen: from the left, from the right, clipped by columns.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::grapheme::{self, graphemes};
use crate::domain::shown::Shown;

/// No row shows more of a text than this many bytes; the rest is not even looked at.
const ENOUGH: usize = 2_000;

/// So many columns are left for a text in any case.
const WORDS: usize = 8;

/// The part of one line that is still free.
#[derive(Debug)]
pub(super) struct Row<'a> {
    buffer: &'a mut Buffer,
    y: u16,
    x: u16,
    end: u16,
}

impl<'a> Row<'a> {
    /// Begins line `index` of `area`; a line outside of it takes nothing.
    pub(super) fn new(buffer: &'a mut Buffer, area: Rect, index: usize) -> Self {
        let area = area.intersection(buffer.area);
        let y = u16::try_from(index)
            .ok()
            .filter(|index| *index < area.height)
            .map(|index| area.y + index);
        Self {
            buffer,
            y: y.unwrap_or(area.y),
            x: area.x,
            end: if y.is_some() { area.right() } else { area.x },
        }
    }

    /// Returns how many columns are free.
    pub(super) fn room(&self) -> usize {
        usize::from(self.end.saturating_sub(self.x))
    }

    /// Returns the column the next thing is written in.
    pub(super) fn column(&self) -> u16 {
        self.x
    }

    /// Leaves columns free.
    pub(super) fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// Does something with what is drawn on this line.
    pub(super) fn over(&mut self, lay: impl FnOnce(&mut Buffer, u16)) {
        lay(self.buffer, self.y);
    }

    /// Writes words of our own.
    pub(super) fn put(&mut self, text: &str, style: Style) -> &mut Self {
        if text.width() > self.room() {
            let clipped = Shown::new(text).clip(self.room());
            return self.exactly(&clipped, style);
        }
        self.exactly(text, style)
    }

    /// Writes text from elsewhere.
    pub(super) fn say(&mut self, text: &Shown, style: Style) -> &mut Self {
        let clipped = text.clip(self.room());
        self.exactly(&clipped, style)
    }

    /// Writes the first line of a raw text, made safe.
    pub(super) fn first_line(&mut self, raw: &str, style: Style) -> &mut Self {
        self.say(&first_line(raw), style)
    }

    /// Writes the first line of a raw text, made safe, with what `found` finds in it laid over.
    pub(super) fn first_line_with(
        &mut self,
        raw: &str,
        (style, over): (Style, Style),
        found: impl Fn(&str) -> Vec<std::ops::Range<usize>>,
    ) -> &mut Self {
        let clipped = first_line(raw).clip(self.room());
        let ranges = found(&clipped);
        if ranges.is_empty() {
            return self.exactly(&clipped, style);
        }
        let is_found = |at: usize| ranges.iter().any(|range| range.contains(&at));
        // A grapheme takes one cell, so it is found as a whole or not at all.
        let mut rest = graphemes(&clipped).peekable();
        while let Some((start, _)) = rest.next() {
            let here = is_found(start);
            while rest.next_if(|(at, _)| is_found(*at) == here).is_some() {}
            let end = rest.peek().map_or(clipped.len(), |(at, _)| *at);
            let look = if here { style.patch(over) } else { style };
            self.exactly(&clipped[start..end], look);
        }
        self
    }

    /// Writes raw text in a column of its own, `columns` wide.
    pub(super) fn column_of(&mut self, raw: &str, columns: u16, style: Style) -> &mut Self {
        let after = self.x.saturating_add(columns).min(self.end);
        let clipped = first_line(raw).clip(usize::from(after - self.x));
        self.exactly(&clipped, style);
        self.x = after;
        self
    }

    fn exactly(&mut self, text: &str, style: Style) -> &mut Self {
        if self.room() > 0 {
            let at = (self.x, self.y);
            self.x = write(self.buffer, at, text, self.room(), style);
        }
        self
    }

    /// Writes at the right end, two columns away from what follows on the left; leaves it out if it
    /// would take more than the half of the room.
    pub(super) fn right(&mut self, parts: &[(String, Style)]) -> &mut Self {
        let width: usize = parts.iter().map(|(text, _)| text.width()).sum();
        if width == 0 || width + 2 > self.room() / 2 + 2 {
            return self;
        }
        let mut x = self.end - u16::try_from(width).unwrap_or(0);
        self.end = x.saturating_sub(2).max(self.x);
        for (text, style) in parts {
            x = write(self.buffer, (x, self.y), text, text.width(), *style);
        }
        self
    }

    /// Writes at the right end the first of these that [`Self::right`] would not leave out.
    pub(super) fn right_fitting(&mut self, ways: &[Vec<(String, Style)>]) -> &mut Self {
        let room = self.room();
        for parts in ways {
            self.right(parts);
            if self.room() < room {
                break;
            }
        }
        self
    }

    /// Writes at the right end the first of these ways to say something that leaves room for a few
    /// words on the left; none if none does.
    pub(super) fn first_fitting(&mut self, ways: &[String], style: Style) -> &mut Self {
        let most = self.room().saturating_sub(WORDS + 2);
        let way = ways.iter().find(|way| way.width() <= most);
        if let Some(way) = way {
            let x = self.end - u16::try_from(way.width()).unwrap_or(0);
            self.end = x.saturating_sub(2).max(self.x);
            write(self.buffer, (x, self.y), way, way.width(), style);
        }
        self
    }

    /// Fills the rest with a thin line.
    pub(super) fn rule(&mut self, style: Style) {
        while self.x < self.end {
            write(self.buffer, (self.x, self.y), "─", 1, style);
            self.x += 1;
        }
    }
}

/// Writes at most so many columns of a text into the cells from one on; returns the column behind
/// it. It does what [`Buffer::set_stringn`] does, which looks every character up.
fn write(
    buffer: &mut Buffer,
    (mut x, y): (u16, u16),
    text: &str,
    columns: usize,
    style: Style,
) -> u16 {
    let mut room = columns.min(usize::from(buffer.area.right().saturating_sub(x)));
    for (_, grapheme) in graphemes(text) {
        let width = grapheme::columns(grapheme);
        if width == 0 || grapheme.contains(char::is_control) {
            continue;
        }
        let Some(left) = room.checked_sub(width) else {
            break;
        };
        room = left;
        buffer[(x, y)].set_symbol(grapheme).set_style(style);
        // What it covers is drawn with it.
        for _ in 1..width {
            x += 1;
            buffer[(x, y)].reset();
        }
        x += 1;
    }
    x
}

/// Returns the first line of `raw` that is not blank, made safe.
pub(super) fn first_line(raw: &str) -> Shown {
    let line = raw
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let end = (0..=line.len().min(ENOUGH))
        .rev()
        .find(|end| line.is_char_boundary(*end))
        .unwrap_or(0);
    Shown::new(&line[..end])
}

/// Writes the title line of a pane: its name, what is said beside it, a line, and the right end.
pub(super) fn title(
    buffer: &mut Buffer,
    area: Rect,
    (name, name_style): (&str, Style),
    beside: &[(String, Style)],
    right: &str,
    border: Style,
) {
    let mut row = Row::new(buffer, area, 0);
    row.put("─", border).put(" ", border).put(name, name_style);
    if !right.is_empty() {
        row.right(&[(format!(" {right} "), border), ("─".to_owned(), border)]);
        // The line goes on up to the words at the right.
        row.end = (row.end + 2).min(area.right());
    }
    for (text, style) in beside {
        row.skip(2).say(&Shown::new(text), *style);
    }
    row.skip(1).rule(border);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Color;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_written_as_ratatui_writes_it(
            text in "([ -~]{0,6}(é|漢|👩\u{200d}🏽|e\u{301}|\u{1b}|\u{200b}|각){0,2}){0,3}",
            x in 0..12_u16, columns in 0..14_usize,
        ) {
            let area = Rect::new(0, 0, 12, 2);
            let style = Style::new().fg(Color::Red);
            let (mut own, mut theirs) = (Buffer::empty(area), Buffer::empty(area));
            for buffer in [&mut own, &mut theirs] {
                buffer.set_string(0, 1, "漢字漢字漢字", Style::new());
            }
            let end = write(&mut own, (x, 1), &text, columns, style);
            let (theirs_end, _) = theirs.set_stringn(x, 1, &text, columns, style);
            prop_assert_eq!(end, theirs_end);
            prop_assert_eq!(own, theirs);
        }
    }
}
