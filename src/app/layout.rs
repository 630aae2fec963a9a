//! Where everything stands on a screen of a given size; used by paging, the mouse and the view.
//!
//! Every pane's first line is its title; its rows begin below. The profiles are a strip of one line
//! (no title) that opens into a list while it has the focus.

use chrono::NaiveDate;
use chrono_tz::Tz;
use ratatui::layout::Rect;

use super::entries::Entries;
use super::state::{Pane, State};

/// The smallest screen the editor can be used on.
pub use crate::domain::terminal::SMALLEST;

/// From this size on all four panes show.
pub const WIDE: (u16, u16) = (120, 40);

/// How much of the screen there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Too small: the view says so.
    TooSmall,
    /// One list and its detail at a time.
    Narrow,
    /// All four panes.
    Wide,
}

/// Where everything stands. A region that is not shown is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regions {
    /// How much there is.
    pub shape: Shape,
    /// The strip of profiles, one line; opened: a title and a line for each.
    pub profiles: Rect,
    /// The queue.
    pub queue: Option<Rect>,
    /// The sent and failed updates.
    pub sent: Option<Rect>,
    /// The selected update's text and numbers.
    pub detail: Option<Rect>,
    /// The interactions of the selected update.
    pub interactions: Option<Rect>,
    /// The status line.
    pub status: Rect,
    /// The line of keys.
    pub keys: Rect,
}

impl Regions {
    /// Returns where a pane stands.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        match pane {
            Pane::Profiles => Some(self.profiles),
            Pane::Queue => self.queue,
            Pane::Sent => self.sent,
            Pane::Interactions => self.interactions,
        }
    }

    /// Returns the pane at a column and line, and where it stands.
    pub fn hit(&self, column: u16, row: u16) -> Option<(Pane, Rect)> {
        let inside = |rect: &Rect| {
            (rect.left()..rect.right()).contains(&column)
                && (rect.top()..rect.bottom()).contains(&row)
        };
        Pane::ALL
            .into_iter()
            .find_map(|pane| Some((pane, self.pane(pane).filter(inside)?)))
    }

    /// Returns how many lines for rows a pane has.
    pub fn rows(&self, pane: Pane) -> usize {
        self.pane(pane)
            .map_or(0, |rect| usize::from(body(rect).height))
    }
}

/// Says whether there is room for something to stand beside what is written.
pub fn has_room_beside(state: &State) -> bool {
    layout(state.viewport, state).shape == Shape::Wide
}

/// Returns a pane without its title line.
pub fn body(pane: Rect) -> Rect {
    Rect {
        y: pane.y.saturating_add(1),
        height: pane.height.saturating_sub(1),
        ..pane
    }
}

/// Lays the screen out.
pub fn layout(viewport: (u16, u16), state: &State) -> Regions {
    let (width, height) = viewport;
    let full = Rect::new(0, 0, width, height);
    let line = |y: u16| Rect::new(0, y.min(height.saturating_sub(1)), width, height.min(1));
    let status = line(height.saturating_sub(2));
    let keys = line(height.saturating_sub(1));
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return Regions {
            shape: Shape::TooSmall,
            profiles: full,
            queue: None,
            sent: None,
            detail: None,
            interactions: None,
            status,
            keys,
        };
    }
    let profiles_height = strip_height(height, state);
    let profiles = Rect::new(0, 0, width, profiles_height);
    let rest = Rect::new(0, profiles_height, width, height - 2 - profiles_height);
    let panes = if state.zoomed {
        zoomed(rest, state.focus)
    } else if width >= WIDE.0 && height >= WIDE.1 {
        wide(rest, state.hides_detail)
    } else {
        narrow(rest, state.focus, state.hides_detail)
    };
    Regions {
        profiles,
        status,
        keys,
        ..panes
    }
}

fn strip_height(height: u16, state: &State) -> u16 {
    if state.focus == Pane::Profiles {
        let wanted = u16::try_from(state.profiles().len()).unwrap_or(u16::MAX);
        wanted.saturating_add(1).clamp(2, (height / 3).max(2))
    } else {
        1
    }
}

/// The focused pane takes everything; the profiles' list takes what it needs, the queue the rest.
fn zoomed(rest: Rect, focus: Pane) -> Regions {
    let shown = |pane: Pane| (focus == pane).then_some(rest);
    Regions {
        shape: Shape::Narrow,
        queue: shown(Pane::Queue).or(shown(Pane::Profiles)),
        sent: shown(Pane::Sent),
        interactions: shown(Pane::Interactions),
        detail: None,
        profiles: rest,
        status: rest,
        keys: rest,
    }
}

fn wide(rest: Rect, hides_detail: bool) -> Regions {
    let upper = rest.height * 3 / 5;
    let lower = rest.height - upper;
    let left = rest.width / 2;
    let right = rest.width - left;
    let detail = lower * 2 / 5;
    let x = rest.x + left;
    let y = rest.y + upper;
    if hides_detail {
        return Regions {
            shape: Shape::Wide,
            queue: Some(Rect::new(rest.x, rest.y, rest.width, upper)),
            sent: Some(Rect::new(rest.x, y, rest.width, lower)),
            detail: None,
            interactions: None,
            profiles: rest,
            status: rest,
            keys: rest,
        };
    }
    Regions {
        shape: Shape::Wide,
        queue: Some(Rect::new(rest.x, rest.y, rest.width, upper)),
        sent: Some(Rect::new(rest.x, y, left, lower)),
        detail: Some(Rect::new(x, y, right, detail)),
        interactions: Some(Rect::new(x, y + detail, right, lower - detail)),
        profiles: rest,
        status: rest,
        keys: rest,
    }
}

/// One list and its detail: the list is the focused one, the detail takes what is over.
fn narrow(rest: Rect, focus: Pane, hides_detail: bool) -> Regions {
    let detail = match rest.height {
        _ if hides_detail => 0,
        0..=9 => 0,
        10..=13 => 4,
        height => height / 3,
    };
    let list = Rect::new(rest.x, rest.y, rest.width, rest.height - detail);
    let below = Rect::new(rest.x, rest.y + list.height, rest.width, detail);
    let shown = |pane: Pane| (focus == pane).then_some(list);
    Regions {
        shape: Shape::Narrow,
        queue: shown(Pane::Queue).or(shown(Pane::Profiles)),
        sent: shown(Pane::Sent),
        interactions: shown(Pane::Interactions),
        detail: (detail > 0).then_some(below),
        profiles: rest,
        status: rest,
        keys: rest,
    }
}

/// One line of the queue's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The heading of a day; none: without a time (paused, or no slots).
    Day(Option<NaiveDate>),
    /// The entry of this index.
    Entry(usize),
}

/// Returns the day an entry stands under.
fn day_of(entries: Entries<'_>, index: usize, zone: Tz) -> Option<NaiveDate> {
    let at = entries.due(index)?;
    Some(at.in_zone(&zone).date_naive())
}

/// Returns the lines of a queue's list from entry `offset` on, as many as fit into `height`. The
/// first is always the heading of the first entry's day.
pub fn queue_lines(entries: Entries<'_>, zone: Tz, offset: usize, height: usize) -> Vec<Line> {
    let mut lines = Vec::with_capacity(height);
    let mut heading = None;
    for index in offset..entries.len() {
        let day = day_of(entries, index, zone);
        if heading != Some(day) {
            // A heading without a row below it says nothing.
            if lines.len() + 2 > height {
                break;
            }
            lines.push(Line::Day(day));
            heading = Some(day);
        }
        if lines.len() == height {
            break;
        }
        lines.push(Line::Entry(index));
    }
    lines
}

/// Returns the first offset from which entry `last` still fits into `height` lines with the
/// headings. Costs a screen, never the queue.
pub fn queue_first(entries: Entries<'_>, zone: Tz, last: usize, height: usize) -> usize {
    if last >= entries.len() {
        return 0;
    }
    let mut first = last;
    let mut day = day_of(entries, last, zone);
    let mut lines = 2;
    while first > 0 {
        let above = day_of(entries, first - 1, zone);
        lines += if above == day { 1 } else { 2 };
        if lines > height {
            break;
        }
        day = above;
        first -= 1;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::entries::Listing;
    use crate::app::keymap::Keymap;
    use crate::app::state::{Account, AccountKind, Settings};
    use crate::domain::id::LocalId;
    use crate::domain::queue::Row;
    use crate::domain::time::Timestamp;

    fn state() -> State {
        let account = Account {
            name: "local".to_owned(),
            kind: AccountKind::Local,
        };
        State::new(account, Settings::default(), Keymap::default(), 1)
    }

    fn rows(hours: &[i64]) -> Vec<Row> {
        let row = |(n, hour): (usize, &i64)| Row {
            update: LocalId::from(ulid::Ulid::from(n as u128)),
            due_at: Some(Timestamp(hour * 3600)),
            fixed: false,
        };
        hours.iter().enumerate().map(row).collect()
    }

    #[test]
    fn regions_never_overlap_and_never_leave_the_screen() {
        let mut state = state();
        let views = [(false, false), (true, false), (false, true)];
        for (pane, (zoomed, hides)) in Pane::ALL
            .into_iter()
            .flat_map(|pane| views.map(|view| (pane, view)))
        {
            if hides && pane == Pane::Interactions {
                // Its focus shows it.
                continue;
            }
            (state.focus, state.zoomed, state.hides_detail) = (pane, zoomed, hides);
            for width in (40..200).step_by(7) {
                for height in 10..70 {
                    let regions = layout((width, height), &state);
                    let full = Rect::new(0, 0, width, height);
                    let all = [
                        Some(regions.profiles),
                        regions.queue,
                        regions.sent,
                        regions.detail,
                        regions.interactions,
                        Some(regions.status),
                        Some(regions.keys),
                    ];
                    let shown: Vec<Rect> = all.into_iter().flatten().collect();
                    for (i, rect) in shown.iter().enumerate() {
                        assert_eq!(rect.intersection(full), *rect);
                        assert!(shown[..i].iter().all(|other| !other.intersects(*rect)));
                    }
                    let used: u32 = shown.iter().map(|rect| rect.area()).sum();
                    assert_eq!(used, full.area(), "{width}x{height} {pane:?}");
                    assert!(regions.rows(pane) > 0, "{width}x{height} {pane:?}");
                }
            }
        }
    }

    #[test]
    fn all_four_panes_show_when_there_is_room_and_one_list_when_not() {
        let state = state();
        let wide = layout((120, 40), &state);
        assert!(Pane::ALL.iter().all(|pane| wide.pane(*pane).is_some()));
        let narrow = layout((80, 24), &state);
        assert_eq!((narrow.shape, narrow.sent), (Shape::Narrow, None));
        assert!(narrow.detail.is_some());
        assert_eq!(layout((39, 24), &state).shape, Shape::TooSmall);
    }

    #[test]
    fn a_day_has_one_heading_and_no_heading_stands_alone_at_the_end() {
        let rows = rows(&[1, 2, 25, 26, 49]);
        let rows = Entries::new(&rows, &Listing::All);
        let lines = queue_lines(rows, Tz::UTC, 0, 20);
        let headings = lines.iter().filter(|line| matches!(line, Line::Day(_)));
        assert_eq!((headings.count(), lines.len()), (3, 8));
        assert_eq!(queue_lines(rows, Tz::UTC, 0, 4).len(), 3);
        assert!(matches!(queue_lines(rows, Tz::UTC, 1, 9)[0], Line::Day(_)));
    }

    #[test]
    fn the_first_offset_is_the_smallest_one_that_shows_the_row() {
        let rows = rows(&[1, 2, 25, 26, 27, 49, 73, 74]);
        let rows = Entries::new(&rows, &Listing::All);
        for height in 2..12 {
            for last in 0..rows.len() {
                let shows = |offset| {
                    queue_lines(rows, Tz::UTC, offset, height).contains(&Line::Entry(last))
                };
                let slow = (0..=last).find(|offset| shows(*offset));
                assert_eq!(Some(queue_first(rows, Tz::UTC, last, height)), slow);
            }
        }
    }
}
