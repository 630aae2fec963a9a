//! What others did: a reading of a queue is compared with the one before, less what operations of
//! this editor explain and what went out at its time.

use std::collections::HashSet;

use super::undo::same;
use crate::app::state::State;
use crate::app::status::name_of;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::Change;
use crate::domain::places::Places;
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::protocol::Link;

/// So many seconds before its time an update may go out: clocks differ.
const EARLY: i64 = 60;

/// What others did to a queue.
#[derive(Debug, Default, PartialEq, Eq)]
struct Doings {
    changed: usize,
    added: usize,
    removed: usize,
    moved: usize,
}

/// Says what others did since the last reading, if anything; to be asked before the new reading is
/// taken over.
pub(super) fn news(
    state: &State,
    profile: &ProfileId,
    new: &QueueSnapshot,
    settled: &[OperationId],
) -> Option<String> {
    let old = state.replica.queue(profile)?.mirror();
    // What another editor of this account does is not known here, and nobody else's doing.
    if old.read_at == Timestamp::default() || matches!(state.link, Link::Follower) {
        return None;
    }
    let mut ours: HashSet<LocalId> = HashSet::new();
    let mut orders = state.server_shuffles.as_ref() == Some(profile);
    for (operation, _) in state.replica.operations() {
        if operation.profile == *profile || settled.contains(&operation.id) {
            orders |= matches!(
                operation.change,
                Change::Reorder { .. } | Change::Create { .. } | Change::Requeue { .. }
            );
            ours.extend(operation.change.updates());
        }
    }
    for operation in state.cancelling.values() {
        orders = true;
        ours.extend(operation.change.updates());
    }
    let doings = compare(old, new, &ours, orders);
    let text = doings.text()?;
    let name = state.replica.profile(profile).map(name_of);
    Some(format!("someone {text} ({})", name.unwrap_or_default()))
}

impl Doings {
    fn text(&self) -> Option<String> {
        let parts = [
            (self.changed, "changed"),
            (self.added, "added"),
            (self.removed, "removed"),
            (self.moved, "moved"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .enumerate()
            .map(|(at, (number, word))| match (at, number) {
                (0, 1) => format!("{word} 1 update"),
                (0, many) => format!("{word} {many} updates"),
                (_, many) => format!("{word} {many}"),
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn compare(
    old: &QueueSnapshot,
    new: &QueueSnapshot,
    ours: &HashSet<LocalId>,
    orders: bool,
) -> Doings {
    let mut doings = Doings::default();
    let mut is_there = vec![false; old.updates.len()];
    let id = |at: usize| old.updates[at].id;
    let before = Places::of(old.updates.len(), id);
    let stood = |update: &Update| before.get(update.id, id);
    let had_failed: HashSet<LocalId> = old.failed.iter().map(|update| update.id).collect();
    for place in new.failed.iter().filter_map(stood) {
        is_there[place] = true;
    }
    let mut places = Vec::new();
    for update in &new.updates {
        let stood = stood(update);
        if let Some(place) = stood {
            is_there[place] = true;
        }
        match stood {
            _ if ours.contains(&update.id) => {}
            None if had_failed.contains(&update.id) => {}
            None => doings.added += 1,
            Some(at) => {
                let was = &old.updates[at];
                let time = |update: &Update| update.body.own_time;
                if !same(&was.body.content, &update.body.content) || time(was) != time(update) {
                    doings.changed += 1;
                }
                if time(was).is_none() && time(update).is_none() {
                    places.push(at);
                }
            }
        }
    }
    let gone = old
        .updates
        .iter()
        .zip(is_there)
        .filter(|(update, is_there)| {
            let went_out = |due: Timestamp| due.0 <= new.read_at.0 + EARLY;
            !is_there && !ours.contains(&update.id) && !update.body.due_at.is_some_and(went_out)
        });
    doings.removed = gone.count();
    if !orders {
        doings.moved = places.len() - longest_rising(&places);
    }
    doings
}

/// Returns how many of `places` stay in order if as few as possible are moved.
fn longest_rising(places: &[usize]) -> usize {
    let mut ends: Vec<usize> = Vec::new();
    for place in places {
        let at = ends.partition_point(|end| end < place);
        match ends.get_mut(at) {
            Some(end) => *end = *place,
            None => ends.push(*place),
        }
    }
    ends.len()
}
