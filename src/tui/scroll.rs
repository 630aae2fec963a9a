//! Finds rows that only moved up or down, so that the terminal can move them itself.
//!
//! A list that scrolls by one changes nearly every cell of the screen, but says almost nothing
//! new. Telling the terminal to move a region costs a few bytes.

use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::buffer::{Buffer, Cell};

/// Rows `top..bottom` shall move up by `by` (down if negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scroll {
    pub(super) top: u16,
    pub(super) bottom: u16,
    pub(super) by: i32,
}

/// Fewer changed rows than this are sent as they are.
const FEW_ROWS: usize = 4;
/// A region is worth its commands if it spares this many cells.
const WORTH: usize = 60;

/// Finds the move that spares the most cells, if one is worth it.
pub(super) fn find(shown: &Buffer, next: &Buffer, dirty: &[bool]) -> Option<Scroll> {
    let changed = dirty.iter().filter(|d| **d).count();
    let width = usize::from(next.area.width);
    if changed < FEW_ROWS || width == 0 {
        return None;
    }
    let old: Vec<u64> = shown.content.chunks(width).map(fingerprint).collect();
    let new: Vec<u64> = next.content.chunks(width).map(fingerprint).collect();
    let height = old.len().min(new.len());
    let (by, matches) = (1..height.saturating_sub(1))
        .flat_map(|n| {
            let n = i32::try_from(n).unwrap_or(0);
            [n, -n]
        })
        .map(|by| (by, moved_rows(&old, &new, dirty, by)))
        .max_by_key(|(by, matches)| (matches.len(), -by.abs()))?;
    let frames = Frames { shown, next, width };
    let region = frames.grown(region(&matches, by)?, by, height);
    (frames.spared(region, by) > WORTH).then(|| Scroll {
        top: u16::try_from(region.0).unwrap_or(0),
        bottom: u16::try_from(region.1).unwrap_or(0),
        by,
    })
}

/// What is shown and what shall be.
#[derive(Clone, Copy)]
struct Frames<'a> {
    shown: &'a Buffer,
    next: &'a Buffer,
    width: usize,
}

/// Rows from the first to before the second.
type Region = (usize, usize);

impl Frames<'_> {
    /// Takes rows at the edges in that differ little from what comes to stand there: the row the
    /// cursor leaves is such a one.
    fn grown(self, mut region: Region, by: i32, height: usize) -> Region {
        loop {
            let lower = (region.0, (region.1 + 1).min(height));
            let upper = (region.0.saturating_sub(1), region.1);
            let better = [lower, upper]
                .into_iter()
                .map(|grown| (self.spared(grown, by), grown))
                .filter(|(spared, _)| *spared > self.spared(region, by))
                .max();
            match better {
                Some((_, grown)) => region = grown,
                None => return region,
            }
        }
    }

    /// Returns how many cells do not have to be sent if the rows of a region move; 0 if more have
    /// to.
    fn spared(self, region: Region, by: i32) -> usize {
        let rows = region.0..region.1;
        let plain: usize = rows.clone().map(|y| self.cost(Some(y), y)).sum();
        let moved: usize = rows
            .clone()
            .map(|y| {
                let from = usize::try_from(i64::try_from(y).unwrap_or(0) + i64::from(by));
                self.cost(from.ok().filter(|from| rows.contains(from)), y)
            })
            .sum();
        plain.saturating_sub(moved)
    }

    /// Returns how many cells of row `y` must be sent if row `from` stands there (none: a blank
    /// row).
    fn cost(self, from: Option<usize>, y: usize) -> usize {
        let row = |y: usize| y * self.width..(y + 1) * self.width;
        let new = &self.next.content[row(y)];
        match from {
            Some(from) => {
                let old = &self.shown.content[row(from)];
                old.iter().zip(new).filter(|(a, b)| a != b).count()
            }
            None => new.iter().filter(|cell| **cell != Cell::EMPTY).count(),
        }
    }
}

/// Moves the rows in `buffer` as the terminal does.
pub(super) fn apply(buffer: &mut Buffer, scroll: Scroll) {
    let width = usize::from(buffer.area.width);
    let range = usize::from(scroll.top) * width..usize::from(scroll.bottom) * width;
    let Some(cells) = buffer.content.get_mut(range) else {
        return;
    };
    let by = usize::try_from(scroll.by.unsigned_abs()).unwrap_or(0) * width;
    let by = by.min(cells.len());
    let blank = if scroll.by > 0 {
        cells.rotate_left(by);
        let end = cells.len();
        &mut cells[end - by..]
    } else {
        cells.rotate_right(by);
        &mut cells[..by]
    };
    blank.fill(Cell::EMPTY);
}

/// Returns the changed rows that stand `by` rows lower in `old`.
fn moved_rows(old: &[u64], new: &[u64], dirty: &[bool], by: i32) -> Vec<usize> {
    (0..new.len())
        .filter(|&y| dirty.get(y).copied().unwrap_or(false))
        .filter(|&y| {
            i64::try_from(y)
                .ok()
                .and_then(|y| usize::try_from(y + i64::from(by)).ok())
                .and_then(|from| old.get(from))
                .is_some_and(|hash| *hash != 0 && *hash == new[y])
        })
        .collect()
}

/// Returns the rows a region must span to move `matches` by `by`.
fn region(matches: &[usize], by: i32) -> Option<Region> {
    let (first, last) = (*matches.first()?, *matches.last()?);
    let by_rows = usize::try_from(by.unsigned_abs()).ok()?;
    Some(if by > 0 {
        (first, last + by_rows + 1)
    } else {
        (first.checked_sub(by_rows)?, last + 1)
    })
}

/// Returns a hash of a row; 0 for a blank one, which proves nothing.
fn fingerprint(row: &[Cell]) -> u64 {
    if row.iter().all(|cell| *cell == Cell::EMPTY) {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    for cell in row {
        cell.hash(&mut hasher);
    }
    hasher.finish() | 1
}
