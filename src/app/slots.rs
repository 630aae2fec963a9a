//! The free slots of the posting schedule between and after the updates of a queue, and what it
//! means to put updates on them.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use crate::domain::id::{LocalId, ProfileId};
use crate::domain::profile::Profile;
use crate::domain::queue::{OpenSlot, Queue, Row, open_slots};
use crate::domain::replica::ShownQueue;
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;

/// Behind the last update at least so many free slots show, and those of at least so many days.
const BEHIND: usize = 20;
const DAYS_BEHIND: i64 = 14;
/// No more free slots than this show, however far away an update's own time is.
const MOST: usize = 1_000;
/// So many times of a schedule are worked out at once.
const AHEAD: usize = 256;

/// Whether free slots show, and the times of the schedule they are taken from.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// Whether they show.
    pub on: bool,
    /// Whose times these are.
    of: Option<(ProfileId, Tz, Schedule)>,
    /// The times of the schedule as far as they were needed, ascending.
    times: Vec<Timestamp>,
}

impl Slots {
    /// Returns the free slots to show with `rows`; none while the queue is paused.
    pub(crate) fn open(
        &mut self,
        profile: &Profile,
        rows: &[Row],
        now: Timestamp,
    ) -> Vec<OpenSlot> {
        if profile.paused || profile.schedule.is_empty() {
            return Vec::new();
        }
        let of = (
            profile.id.clone(),
            profile.timezone,
            profile.schedule.clone(),
        );
        if self.of.as_ref() != Some(&of) {
            self.of = Some(of);
            self.times.clear();
        }
        let timed = rows.partition_point(|row| row.due_at.is_some());
        let last = rows[..timed].last().and_then(|row| row.due_at);
        let end = last.map_or(now, |last| last.max(now));
        let mut next = self.times.partition_point(|at| *at <= now);
        let known = &mut self.times;
        let slots = std::iter::from_fn(move || {
            if next == known.len() {
                let from = known.last().map_or(now, |last| now.max(*last));
                let more = profile.schedule.slots_after(profile.timezone, from);
                known.extend(more.take(AHEAD));
            }
            next += 1;
            known.get(next - 1).copied()
        });
        let mut behind = 0;
        let far = end.plus(DAYS_BEHIND * 86_400);
        open_slots(rows, slots)
            .take_while(|slot| {
                behind += usize::from(slot.at > end);
                slot.at <= far || behind <= BEHIND
            })
            .take(MOST)
            .collect()
    }
}

/// Returns the slots that `updates` get, in order, if they are put on the free slots from `slot` on,
/// and the queue as it would be.
pub(crate) fn put_on(
    shown: &ShownQueue,
    profile: &Profile,
    updates: &[LocalId],
    slot: Timestamp,
) -> (Vec<(LocalId, Timestamp)>, Queue) {
    let all_there: Vec<(LocalId, Timestamp)> = updates.iter().map(|id| (*id, slot)).collect();
    let queue = shown.pinned_at(Some(profile), &all_there);
    if updates.len() < 2 {
        return (all_there, queue);
    }
    let mine: BTreeSet<LocalId> = updates.iter().copied().collect();
    let is_other = |row: &&Row| !mine.contains(&row.update);
    let others: Vec<Row> = queue.rows().iter().filter(is_other).copied().collect();
    let later = profile.schedule.slots_after(profile.timezone, slot);
    let free = open_slots(&others, later).map(|open| open.at);
    let free = std::iter::once(slot).chain(free);
    let pins: Vec<(LocalId, Timestamp)> = updates.iter().copied().zip(free).collect();
    let queue = shown.pinned_at(Some(profile), &pins);
    (pins, queue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::profile;

    // Monday 2026-11-23 09:00 in Berlin.
    const NOW: Timestamp = Timestamp(1_795_420_800);

    fn row(n: u128, hours: i64) -> Row {
        Row {
            update: LocalId::from(ulid::Ulid::from(n)),
            due_at: Some(NOW.plus(hours * 3600)),
            fixed: true,
        }
    }

    fn hours(slots: &[OpenSlot]) -> Vec<(i64, usize)> {
        let hour = |slot: &OpenSlot| ((slot.at.0 - NOW.0) / 3600, slot.before);
        slots.iter().map(hour).collect()
    }

    #[test]
    fn all_gaps_up_to_the_last_update_show_and_some_behind_it() {
        let daily = profile("daily 10:00 12:00");
        let mut slots = Slots::default();
        // Today at 10 is taken, and something goes out at 11:30 that is no slot.
        let mut rows = vec![row(1, 1), row(2, 27), row(3, 24 * 30 + 3)];
        rows[0].due_at = rows[0].due_at.map(|at| at.plus(30));
        let open = slots.open(&daily, &rows, NOW);
        assert_eq!(hours(&open)[..4], [(3, 1), (25, 1), (49, 2), (51, 2)]);
        let behind = open.iter().filter(|slot| slot.before == 3).count();
        assert_eq!(behind, 2 * 14, "14 days");
        let weekly = profile("mon 10:00");
        assert_eq!(slots.open(&weekly, &[], NOW).len(), 20);
    }

    #[test]
    fn time_passes_and_the_number_is_bounded() {
        let daily = profile("daily 10:00 12:00");
        let mut slots = Slots::default();
        slots.open(&daily, &[], NOW);
        let later = NOW.plus(2 * 3600);
        let open = slots.open(&daily, &[], later);
        assert_eq!(hours(&open)[0], (3, 0));
        let far = [row(1, 24 * 365 * 100)];
        assert_eq!(slots.open(&daily, &far, NOW).len(), MOST);
        let mut paused = daily;
        paused.paused = true;
        assert!(slots.open(&paused, &[], NOW).is_empty());
    }
}
