//! Addresses in texts as links, once the text is drawn. What is cut off or broken over lines leads
//! where the whole of it does.

use std::ops::Range;

use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;

use super::row::{self, Row};
use crate::domain::text::links as found_in;
use crate::tui::links::Links;

/// Makes links of the addresses of `texts` that stand in an area.
pub(super) fn area(links: &Links, texts: &[&str], area: Rect, buffer: &mut Buffer) {
    if !links.are_on() {
        return;
    }
    let area = area.intersection(buffer.area);
    let mut linked = Linked::of(links, texts);
    for y in area.top()..area.bottom() {
        linked.line(buffer, y, area.left()..area.right());
    }
}

/// Writes the first line of a raw text and makes links of its addresses.
pub(super) fn first_line(
    links: &Links,
    raw: &str,
    row: &mut Row<'_>,
    write: impl FnOnce(&mut Row<'_>),
) {
    let from = row.column();
    write(row);
    if links.are_on() {
        let columns = from..row.column();
        let line = row::first_line(raw);
        row.over(|buffer, y| Linked::of(links, &[line.as_str()]).line(buffer, y, columns));
    }
}

/// Addresses, to be laid over the lines they are drawn in.
struct Linked<'a> {
    links: &'a Links,
    urls: Vec<String>,
    /// What of an address is still to come in the next line.
    rest: Option<(usize, String)>,
}

impl<'a> Linked<'a> {
    fn of(links: &'a Links, texts: &[&str]) -> Self {
        let urls = texts.iter().flat_map(|text| {
            let found = found_in(text).into_iter();
            found.filter_map(|link| text.get(link.range).map(str::to_owned))
        });
        Self {
            links,
            urls: urls.collect(),
            rest: None,
        }
    }

    /// Makes links of the addresses that stand in these columns.
    fn line(&mut self, buffer: &mut Buffer, y: u16, columns: Range<u16>) {
        if self.urls.is_empty() {
            return;
        }
        let drawn = Drawn::read(buffer, y, columns);
        let mut at = 0;
        if let Some((url, rest)) = self.rest.take() {
            let begin = drawn.text.len() - drawn.text.trim_start().len();
            at = self.lay(buffer, &drawn, (url, &rest), begin);
        }
        while let Some(begin) = drawn.text[at..].find("http").map(|begin| at + begin) {
            let shown = &drawn.text[begin..];
            let longest = (0..self.urls.len())
                .map(|url| (common(shown, &self.urls[url]), url))
                .max_by_key(|(same, url)| (*same, usize::MAX - self.urls[*url].len()));
            at = begin + "http".len();
            if let Some((_, url)) = longest.filter(|(same, _)| *same > "https://".len()) {
                let whole = self.urls[url].clone();
                at = at.max(self.lay(buffer, &drawn, (url, &whole), begin));
            }
        }
    }

    /// Lays an address, or what was left of it, over the text from `begin` on, as far as it is
    /// there; returns where it ends.
    fn lay(
        &mut self,
        buffer: &mut Buffer,
        drawn: &Drawn,
        (url, wanted): (usize, &str),
        begin: usize,
    ) -> usize {
        let end = begin + common(&drawn.text[begin..], wanted);
        let (rest, behind) = (&wanted[end - begin..], drawn.text[end..].trim_end());
        let goes_on = behind.is_empty() && end > begin;
        if !rest.is_empty() && !goes_on && !behind.starts_with('…') {
            // Something else stands there.
            return end;
        }
        if !rest.is_empty() && goes_on {
            self.rest = Some((url, rest.to_owned()));
        }
        let style = self.links.to(&self.urls[url]);
        for (_, x) in drawn
            .cells
            .iter()
            .filter(|(at, _)| (begin..end).contains(at))
        {
            buffer[(*x, drawn.y)].set_style(style);
        }
        end
    }
}

/// Returns how many bytes two texts begin with in common.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    pairs
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum()
}

/// What is drawn in some columns of a line.
struct Drawn {
    y: u16,
    text: String,
    /// Where in the text each cell begins, and its column.
    cells: Vec<(usize, u16)>,
}

impl Drawn {
    fn read(buffer: &Buffer, y: u16, columns: Range<u16>) -> Self {
        let (mut text, mut cells) = (String::new(), Vec::new());
        let mut x = columns.start;
        while x < columns.end.min(buffer.area.right()) {
            let cell = &buffer[(x, y)];
            cells.push((text.len(), x));
            text.push_str(cell.symbol());
            x += cell.cell_width().max(1);
        }
        Self { y, text, cells }
    }
}
