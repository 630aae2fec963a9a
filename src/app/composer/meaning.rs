//! What the field of the time means for the update being written, in absolute time.

use super::Composer;
use crate::app::state::State;
use crate::app::when::InvalidWhen;
use crate::domain::operation::Placement;
use crate::domain::time::Timestamp;

/// What the field of the time means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A time of its own.
    At(Timestamp),
    /// Pinned to the free slot it was begun on.
    OnSlot(Timestamp),
    /// The next free slot of the first chosen profile; none if its queue gives no times.
    NextSlot(Option<Timestamp>),
    /// The first slot of the first chosen profile; none if its queue gives no times.
    FirstSlot(Option<Timestamp>),
    /// The slot the edited update has.
    ItsSlot(Option<Timestamp>),
    /// At once, after so many seconds in which it can be taken back.
    Now(u32),
    /// It cannot be read, or there is no such time.
    Invalid(InvalidWhen),
}

/// Says what the field of the time means.
pub fn meaning(state: &State, composer: &Composer) -> Meaning {
    let first = composer.targets.chosen().next();
    let placement = match first {
        Some(first) => composer.placement_for(&first.profile, state.now),
        None => composer.placement(state.now),
    };
    let placement = match placement {
        Ok(placement) => placement,
        Err(error) => return Meaning::Invalid(error),
    };
    match placement {
        Placement::At(at) => Meaning::At(at),
        Placement::Pinned(at) => Meaning::OnSlot(at),
        Placement::Now => Meaning::Now(state.settings.window),
        Placement::Queue => match &composer.editing {
            Some((update, base)) if base.own_time.is_none() => {
                let found = state.replica.find(*update);
                let queue = found.and_then(|(profile, _)| state.replica.queue(profile));
                let row = queue.and_then(|shown| {
                    let at = shown.queue.find(*update)?;
                    shown.rows().get(at)
                });
                Meaning::ItsSlot(row.and_then(|row| row.due_at))
            }
            _ => Meaning::NextSlot(slot(state, composer, false)),
        },
        Placement::Top => Meaning::FirstSlot(slot(state, composer, true)),
    }
}

fn slot(state: &State, composer: &Composer, first: bool) -> Option<Timestamp> {
    let target = composer.targets.chosen().next()?;
    let profile = state.replica.profile(&target.profile)?;
    match state.replica.queue(&profile.id) {
        Some(shown) => {
            let at_top = shown.rows().iter().find(|row| !row.fixed).filter(|_| first);
            at_top.map_or_else(|| shown.next_slot(profile, state.now), |row| row.due_at)
        }
        None if profile.paused => None,
        None => {
            let mut slots = profile.schedule.slots_after(profile.timezone, state.now);
            slots.next()
        }
    }
}
