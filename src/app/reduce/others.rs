//! What others did: a reading of a queue is compared with the one before, less what operations of
//! this editor explain and what went out at its time.

use super::undo::same;
use crate::app::state::State;
use crate::app::status::name_of;
use crate::domain::id::{IdSet, LocalId, OperationId, ProfileId};
use crate::domain::operation::Change;
use crate::domain::replica::{Brings, QueueDelta, ShownQueue};
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
    let mut ours = IdSet::default();
    let mut orders = state.server_shuffles.as_ref() == Some(profile);
    for (operation, _) in state.replica.operations() {
        if operation.profile == *profile || settled.contains(&operation.id) {
            orders |= matches!(
                operation.change,
                Change::Reorder { .. } | Change::Create { .. } | Change::Requeue { .. }
            );
            ours.extend(operation.change.touched());
        }
    }
    for operation in state.cancelling.values() {
        orders = true;
        ours.extend(operation.change.touched());
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

fn compare(old: &ShownQueue, new: &QueueDelta, ours: &IdSet<LocalId>, orders: bool) -> Doings {
    let found;
    let differences = match &new.brings {
        Brings::All(_) => {
            found = old.differences(new);
            &found
        }
        Brings::Changes { differences, .. } => differences,
    };
    let failed = new.failed.iter().map(|listed| listed.update);
    let failed: IdSet<LocalId> = failed.chain(old.read_failed().iter().copied()).collect();
    let is_theirs = |update: &LocalId| !ours.contains(update);
    let changed = new.brings.updates();
    let changed = changed
        .filter(|update| is_theirs(&update.id) && !failed.contains(&update.id))
        .filter(|update| old.base(update.id).is_some_and(|was| differs(was, update)));
    let went_out = |due: Timestamp| due.0 <= new.read_at.0 + EARLY;
    let removed = differences
        .left
        .iter()
        .filter(|left| is_theirs(&left.update) && !left.due_at.is_some_and(went_out));
    let came = differences.came.iter().copied();
    Doings {
        changed: changed.count(),
        added: came.filter(is_theirs).count(),
        removed: removed.count(),
        moved: if orders { 0 } else { differences.moved },
    }
}

/// Says whether an update says something else, or goes out at another time of its own.
fn differs(was: &Update, is: &Update) -> bool {
    !same(&was.body.content, &is.body.content) || was.body.own_time != is.body.own_time
}
