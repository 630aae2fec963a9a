//! What others did: a reading of a queue is compared with the one before, less what operations of
//! this editor explain and what went out at its time.

use std::collections::HashSet;

use super::undo::same;
use crate::app::state::State;
use crate::app::status::name_of;
use crate::domain::id::{IdMap, IdSet, LocalId, OperationId, ProfileId};
use crate::domain::operation::Change;
use crate::domain::replica::{DueUpdate, QueueDelta, ShownQueue};
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
    new: &QueueDelta,
    settled: &[OperationId],
) -> Option<String> {
    let old = state.replica.queue(profile)?;
    // What another editor of this account does is not known here, and nobody else's doing.
    if old.read_at() == Timestamp::default() || matches!(state.link, Link::Follower) {
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

fn compare(old: &ShownQueue, new: &QueueDelta, ours: &HashSet<LocalId>, orders: bool) -> Doings {
    let mut doings = Doings::default();
    let changed: IdMap<LocalId, &Update> = new.changed.iter().map(|u| (u.id, u)).collect();
    let (before, after) = differing(old, new);
    let stood: IdMap<LocalId, usize> = before.iter().map(|(at, was)| (was.id, *at)).collect();
    let had_failed: HashSet<LocalId> = old.read_failed().map(|update| update.id).collect();
    let failed: HashSet<LocalId> = new.failed.iter().map(|listed| listed.update).collect();
    let fixed = |update: LocalId| {
        let now = changed.get(&update).copied();
        let now = now.or_else(|| old.base(update));
        now.is_some_and(|update| update.body.own_time.is_some())
    };
    doings.changed = changed
        .values()
        .filter(|update| !ours.contains(&update.id) && !failed.contains(&update.id))
        .filter(|update| !had_failed.contains(&update.id))
        .filter(|update| old.base(update.id).is_some_and(|was| differs(was, update)))
        .count();
    let mut places = Vec::new();
    for listed in after {
        let update = listed.update;
        if ours.contains(&update) {
            continue;
        }
        match stood.get(&update) {
            None if had_failed.contains(&update) => {}
            None => doings.added += 1,
            Some(at) => {
                let was_fixed = old.base(update).is_some_and(|u| u.body.own_time.is_some());
                if !was_fixed && !fixed(update) {
                    places.push(*at);
                }
            }
        }
    }
    let is_there: IdSet<LocalId> = after.iter().map(|listed| listed.update).collect();
    let gone = before.iter().filter(|(_, was)| {
        let is_there = is_there.contains(&was.id) || failed.contains(&was.id);
        let went_out = |due: Timestamp| due.0 <= new.read_at.0 + EARLY;
        !is_there && !ours.contains(&was.id) && !was.body.due_at.is_some_and(went_out)
    });
    doings.removed = gone.count();
    if !orders {
        doings.moved = places.len() - longest_rising(&places);
    }
    doings
}

/// Says whether an update says something else, or goes out at another time of its own.
fn differs(was: &Update, is: &Update) -> bool {
    !same(&was.body.content, &is.body.content) || was.body.own_time != is.body.own_time
}

/// Returns the part of the pending updates outside of which none came, went or moved: as it was,
/// each with where it stood, and as it is listed now.
fn differing<'a>(
    old: &'a ShownQueue,
    new: &'a QueueDelta,
) -> (Vec<(usize, &'a Update)>, &'a [DueUpdate]) {
    let same = |(was, is): &(&Update, &DueUpdate)| was.id == is.update;
    let head = old
        .read_pending()
        .zip(&new.pending)
        .take_while(same)
        .count();
    let mut before: Vec<(usize, &Update)> = old.read_pending().enumerate().skip(head).collect();
    let mut after = &new.pending[head..];
    while let (Some((_, was)), Some((is, rest))) = (before.last(), after.split_last())
        && was.id == is.update
    {
        before.pop();
        after = rest;
    }
    (before, after)
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
