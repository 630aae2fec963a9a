//! What the lines of the queue's list stand for: an update's row, or a free slot.
//!
//! Cursor, scrolling, paging, counts, ranges and the mouse go by *entries*, and so by what is shown;
//! operations go by the rows of the whole queue. With neither a filter nor free slots on, an entry
//! is a row and nothing is kept or computed for it.

use crate::domain::id::LocalId;
use crate::domain::queue::{OpenSlot, Row};
use crate::domain::time::Timestamp;

/// One line of the queue's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The row of this index.
    Row(usize),
    /// A free slot of the schedule.
    Slot(Timestamp),
}

/// Which entries there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Listing {
    /// All rows.
    #[default]
    All,
    /// The rows a filter lets through, ascending.
    Matching(Vec<u32>),
    /// All rows, with free slots between them, ascending.
    WithSlots(Vec<OpenSlot>),
}

/// The entries of a queue.
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a> {
    rows: &'a [Row],
    listing: &'a Listing,
}

impl<'a> Entries<'a> {
    /// Returns the entries of these rows.
    pub fn new(rows: &'a [Row], listing: &'a Listing) -> Self {
        Self { rows, listing }
    }

    /// Returns how many there are.
    pub fn len(self) -> usize {
        match self.listing {
            Listing::All => self.rows.len(),
            Listing::Matching(rows) => rows.len(),
            Listing::WithSlots(slots) => self.rows.len() + slots.len(),
        }
    }

    /// Says whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the entry of this index.
    pub fn get(self, index: usize) -> Option<Entry> {
        let row = match self.listing {
            Listing::All => index,
            Listing::Matching(rows) => *rows.get(index)? as usize,
            Listing::WithSlots(slots) => {
                // The k-th slot has all rows before its own, and k slots, above it.
                let above = before(slots, |k, slot| slot.before + k < index);
                match slots.get(above) {
                    Some(slot) if slot.before + above == index => {
                        return Some(Entry::Slot(slot.at));
                    }
                    _ => index - above,
                }
            }
        };
        (row < self.rows.len()).then_some(Entry::Row(row))
    }

    /// Returns the row of an entry; none for a free slot.
    pub fn row(self, index: usize) -> Option<&'a Row> {
        match self.get(index)? {
            Entry::Row(row) => self.rows.get(row),
            Entry::Slot(_) => None,
        }
    }

    /// Returns the update of an entry; none for a free slot.
    pub fn update(self, index: usize) -> Option<LocalId> {
        self.row(index).map(|row| row.update)
    }

    /// Returns the time of an entry, if it has one.
    pub fn due(self, index: usize) -> Option<Timestamp> {
        match self.get(index)? {
            Entry::Row(row) => self.rows.get(row)?.due_at,
            Entry::Slot(at) => Some(at),
        }
    }

    /// Returns the entry of a row; none if it is hidden.
    pub fn of_row(self, row: usize) -> Option<usize> {
        let index = self.near_row(row);
        (self.get(index) == Some(Entry::Row(row))).then_some(index)
    }

    /// Returns the entry of a row or, if it is hidden, the next below it.
    pub fn near_row(self, row: usize) -> usize {
        match self.listing {
            Listing::All => row,
            Listing::Matching(rows) => rows.partition_point(|at| (*at as usize) < row),
            Listing::WithSlots(slots) => row + slots.partition_point(|slot| slot.before <= row),
        }
    }

    /// Returns the entry of a free slot or, if it is none any more, what stands at its time or
    /// next below.
    pub fn near_slot(self, at: Timestamp) -> usize {
        let row = |rows: &[Row]| rows.partition_point(|row| row.due_at.is_some_and(|due| due < at));
        match self.listing {
            Listing::WithSlots(slots) => {
                let above = slots.partition_point(|slot| slot.at < at);
                match slots.get(above) {
                    Some(slot) if slot.at == at => slot.before + above,
                    _ => row(self.rows) + above,
                }
            }
            Listing::All | Listing::Matching(_) => self.near_row(row(self.rows)),
        }
    }

    /// Returns the updates that are shown, in order.
    pub fn updates(self) -> impl Iterator<Item = LocalId> + 'a {
        (0..self.len()).filter_map(move |index| self.update(index))
    }

    /// Returns the `n`-th entry below entry `from` (above, if negative) that `stops`, or the last
    /// there is. Costs the way.
    pub fn stop(self, from: usize, n: isize, stops: impl Fn(Entry) -> bool) -> Option<Entry> {
        let wanted = n.unsigned_abs();
        let found = |indexes: &mut dyn Iterator<Item = usize>| {
            indexes
                .filter_map(|index| self.get(index))
                .filter(|entry| stops(*entry))
                .take(wanted)
                .last()
        };
        if n < 0 {
            found(&mut (0..from.min(self.len())).rev())
        } else {
            found(&mut (from + 1..self.len()))
        }
    }
}

/// Returns the first index of `slots` for which `is_before` does not hold.
fn before(slots: &[OpenSlot], is_before: impl Fn(usize, &OpenSlot) -> bool) -> usize {
    let (mut low, mut high) = (0, slots.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if is_before(middle, &slots[middle]) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    fn rows(due: &[i64]) -> Vec<Row> {
        let row = |(n, at): (usize, &i64)| Row {
            update: LocalId::from(Ulid::from(n as u128)),
            due_at: Some(Timestamp(*at)),
            fixed: false,
        };
        due.iter().enumerate().map(row).collect()
    }

    fn slot(at: i64, before: usize) -> OpenSlot {
        OpenSlot {
            at: Timestamp(at),
            before,
        }
    }

    #[test]
    fn every_entry_is_found_again_by_what_it_is() {
        let rows = rows(&[100, 300, 400, 900]);
        let listings = [
            Listing::All,
            Listing::Matching(vec![1, 3]),
            Listing::WithSlots(vec![slot(50, 0), slot(200, 1), slot(250, 1), slot(950, 4)]),
        ];
        for listing in &listings {
            let entries = Entries::new(&rows, listing);
            for index in 0..entries.len() {
                let again = match entries.get(index) {
                    Some(Entry::Row(row)) => entries.of_row(row),
                    Some(Entry::Slot(at)) => Some(entries.near_slot(at)),
                    None => None,
                };
                assert_eq!(again, Some(index), "{listing:?}");
            }
            assert_eq!(entries.get(entries.len()), None);
            let times: Vec<_> = (0..entries.len()).map(|i| entries.due(i)).collect();
            assert!(times.is_sorted(), "{times:?}");
        }
    }

    #[test]
    fn what_is_hidden_or_taken_leads_to_what_stands_there() {
        let rows = rows(&[100, 300, 400, 900]);
        let matching = Listing::Matching(vec![1, 3]);
        let entries = Entries::new(&rows, &matching);
        assert_eq!((entries.of_row(2), entries.near_row(2)), (None, 1));
        let slots = Listing::WithSlots(vec![slot(200, 1), slot(500, 3)]);
        let entries = Entries::new(&rows, &slots);
        let near = entries.near_slot(Timestamp(400));
        assert_eq!(entries.get(near), Some(Entry::Row(2)));
    }

    #[test]
    fn a_way_stops_where_it_may_and_goes_as_far_as_there_is() {
        let rows = rows(&[100, 300, 400, 900]);
        let entries = Entries::new(&rows, &Listing::All);
        let odd = |entry: Entry| matches!(entry, Entry::Row(row) if row % 2 == 1);
        assert_eq!(entries.stop(0, 2, odd), Some(Entry::Row(3)));
        assert_eq!(entries.stop(0, 9, odd), Some(Entry::Row(3)));
        assert_eq!(entries.stop(3, -1, odd), Some(Entry::Row(1)));
        assert_eq!(entries.stop(3, 1, odd), None);
    }
}
