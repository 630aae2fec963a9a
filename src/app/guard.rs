//! The freeze guard: an update that goes out within [`LOCKED`] seconds is locked. The API may send
//! it while we still change it, so what touches it warns or asks first.

use super::state::State;
use crate::domain::id::LocalId;
use crate::domain::queue::Row;
use crate::domain::replica::ShownQueue;
use crate::domain::time::Timestamp;

/// So many seconds before its time an update is locked: an edit needs its turn in the outbox, a
/// request and an answer, and a server's clock is not ours.
pub const LOCKED: i64 = 120;

/// What is still there so many seconds after its time was missed and does not go out by itself.
const MISSED: i64 = 15 * 60;

impl State {
    /// Says whether what goes out at this time is locked now.
    pub fn is_locked(&self, due_at: Option<Timestamp>) -> bool {
        due_at.is_some_and(|at| (-MISSED..=LOCKED).contains(&(at.0.saturating_sub(self.now.0))))
    }

    /// Returns in how many seconds a locked update goes out; none if it is not locked.
    pub fn locked(&self, update: LocalId) -> Option<i64> {
        let here = self.shown().filter(|shown| shown.update(update).is_some());
        let queue = here.or_else(|| {
            let (profile, _) = self.replica.find(update)?;
            self.replica.queue(profile)
        });
        let row = self.locked_of(queue).find(|row| row.update == update)?;
        Some((row.due_at?.0.saturating_sub(self.now.0)).max(0))
    }

    /// Returns the locked rows of the focused queue.
    pub fn locked_rows(&self) -> impl Iterator<Item = &Row> {
        self.locked_of(self.shown())
    }

    /// Returns the locked rows of all queues.
    pub(crate) fn locked_anywhere(&self) -> impl Iterator<Item = &Row> {
        let queues = self.profiles().iter().map(|p| self.replica.queue(&p.id));
        queues.flat_map(|shown| self.locked_of(shown))
    }

    /// The locked rows of a queue are its first ones, so that nothing else is looked at.
    fn locked_of<'a>(&'a self, shown: Option<&'a ShownQueue>) -> impl Iterator<Item = &'a Row> {
        let rows = shown.map_or(&[][..], ShownQueue::rows);
        let soon = |row: &&Row| {
            row.due_at
                .is_some_and(|at| at.0.saturating_sub(self.now.0) <= LOCKED)
        };
        rows.iter()
            .take_while(soon)
            .filter(|row| self.is_locked(row.due_at))
    }

    /// Returns when the next row of the focused queue locks.
    pub(crate) fn next_lock(&self) -> Option<Timestamp> {
        let rows = self.shown()?.rows();
        let soon = |row: &Row| {
            row.due_at
                .is_some_and(|at| at.0.saturating_sub(self.now.0) <= LOCKED)
        };
        let next = rows.get(rows.partition_point(soon))?.due_at?;
        Some(next.plus(-LOCKED))
    }
}

/// Says what may happen to a locked update, without a number that would have to be counted down;
/// none if it is not locked.
pub fn words(state: &State, update: LocalId) -> Option<String> {
    told(state, update, |_| String::new())
}

/// Says the same with the seconds that are left at this moment, for a question.
pub fn asked(state: &State, update: LocalId) -> Option<String> {
    told(state, update, |seconds| format!(", in {seconds} s"))
}

/// Returns what the clock of the update's own profile shows, with its zone where that is not the one
/// on the screen.
fn clock_of(state: &State, update: LocalId, at: Timestamp) -> String {
    let found = state.replica.find(update);
    let profile = found.and_then(|(profile, _)| state.replica.profile(profile));
    let zone = profile.map_or_else(|| state.zone(), |profile| profile.timezone);
    let clock = at.in_zone(&zone).format("%H:%M");
    if zone == state.zone() {
        clock.to_string()
    } else {
        format!("{clock} {}", zone.name())
    }
}

fn told(state: &State, update: LocalId, left: impl Fn(i64) -> String) -> Option<String> {
    let seconds = state.locked(update)?;
    if seconds == 0 {
        return Some("may be on its way already: its time is there".to_owned());
    }
    let at = clock_of(state, update, state.now.plus(seconds));
    let left = left(seconds);
    Some(format!("goes out at {at}{left}: the API may send it first"))
}
