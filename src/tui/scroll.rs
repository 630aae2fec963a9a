//! Finds rows that only moved up or down, so that the terminal can move them itself.
//!
//! A list that scrolls by one changes nearly every cell of the screen, but says almost nothing
//! new. Telling the terminal to move a region costs a few bytes.

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
    let region = region(&matches, by)?;
    let costs = Costs::new(shown, next, width, by);
    let region = costs.grown(region);
    (costs.spared(region) > WORTH).then(|| Scroll {
        top: u16::try_from(region.0).unwrap_or(0),
        bottom: u16::try_from(region.1).unwrap_or(0),
        by,
    })
}

/// How many cells of each row must be sent, by what stands there before. Cells are compared once: a
/// region is grown in many steps.
struct Costs {
    by: i32,
    /// If the rows stay where they are.
    stay: Vec<usize>,
    /// If the row that is moved there stands there.
    moved: Vec<usize>,
    /// If the row is blank.
    blank: Vec<usize>,
}

/// Rows from the first to before the second.
type Region = (usize, usize);

impl Costs {
    fn new(shown: &Buffer, next: &Buffer, width: usize, by: i32) -> Self {
        let old: Vec<&[Cell]> = shown.content.chunks(width).collect();
        let differ = |from: Option<&&[Cell]>, new: &[Cell]| match from {
            Some(old) => old.iter().zip(new).filter(|(a, b)| a != b).count(),
            None => new.len(),
        };
        let new = || next.content.chunks(width).enumerate();
        let from = |y: usize| origin(y, by).and_then(|from| old.get(from));
        let full = |row: &[Cell]| row.iter().filter(|cell| **cell != Cell::EMPTY).count();
        Self {
            by,
            stay: new().map(|(y, row)| differ(old.get(y), row)).collect(),
            moved: new().map(|(y, row)| differ(from(y), row)).collect(),
            blank: new().map(|(_, row)| full(row)).collect(),
        }
    }

    /// Takes rows at the edges in that differ little from what comes to stand there: the row the
    /// cursor leaves is such a one.
    fn grown(&self, mut region: Region) -> Region {
        let height = self.stay.len();
        loop {
            let lower = (region.0, (region.1 + 1).min(height));
            let upper = (region.0.saturating_sub(1), region.1);
            let spared = self.spared(region);
            let better = [lower, upper]
                .into_iter()
                .map(|grown| (self.spared(grown), grown))
                .filter(|(more, _)| *more > spared)
                .max();
            match better {
                Some((_, grown)) => region = grown,
                None => return region,
            }
        }
    }

    /// Returns how many cells do not have to be sent if the rows of a region move; 0 if more have
    /// to.
    fn spared(&self, region: Region) -> usize {
        let rows = region.0..region.1;
        let at = |costs: &[usize], y: usize| costs.get(y).copied().unwrap_or(0);
        let stay: usize = rows.clone().map(|y| at(&self.stay, y)).sum();
        let moved = rows.clone().map(|y| {
            let is_inside = origin(y, self.by).is_some_and(|from| rows.contains(&from));
            at(if is_inside { &self.moved } else { &self.blank }, y)
        });
        stay.saturating_sub(moved.sum())
    }
}

/// Returns the row that comes to stand at `y`.
fn origin(y: usize, by: i32) -> Option<usize> {
    y.checked_add_signed(isize::try_from(by).ok()?)
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
            let from = origin(y, by).and_then(|from| old.get(from));
            from.is_some_and(|hash| *hash != 0 && *hash == new[y])
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

/// Returns a hash of what a row says; 0 for a blank one, which proves nothing. It only has to be quick:
/// rows that share it and differ spare nothing.
fn fingerprint(row: &[Cell]) -> u64 {
    let (mut hash, mut is_blank) = (0_u64, true);
    for cell in row {
        let symbol = cell.symbol().as_bytes().iter();
        let number = symbol.fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        is_blank &= number == u64::from(b' ');
        hash = (hash.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    if is_blank { 0 } else { hash | 1 }
}
