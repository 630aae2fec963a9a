//! Which job goes first, what waits for another, and what comes too late.

use std::collections::HashMap;
use std::time::Duration;

use super::join::Joined;
use super::plan::Now;
use super::{Entry, is_immediate};
use crate::domain::id::{GroupId, ProfileId};
use crate::domain::operation::Change;

/// How long a share or create "now" may wait; an older one never fires by itself.
const SHELF_LIFE: i64 = 15 * 60;

/// How soon a job goes: its class, less one for each minute it waited; then the class itself.
pub(super) type Urgency = (u8, u8);

/// What comes before all else; nothing else grows that old.
pub(super) const URGENT: u8 = 0;
pub(super) const LOOK: u8 = 1;
pub(super) const ORDER: u8 = 4;

/// Has a job come sooner the longer it waits.
pub(super) fn aged(class: u8, since: Duration, now: Now<'_>) -> Urgency {
    let minutes = now.elapsed.saturating_sub(since).as_secs() / 60;
    let minutes = u8::try_from(minutes).unwrap_or(u8::MAX);
    (class.min(class.saturating_sub(minutes).max(LOOK)), class)
}

pub(super) fn class(joined: &Joined) -> u8 {
    if joined.publishes() {
        return URGENT;
    }
    match joined {
        Joined::Nothing | Joined::EditAndShare { .. } => URGENT,
        Joined::One(change) => match change {
            Change::Destroy { .. } | Change::Share { .. } => URGENT,
            Change::Edit { .. } | Change::Requeue { .. } => 2,
            Change::Create { .. } => 3,
            Change::Reorder { .. } => ORDER,
        },
    }
}

/// Says whether something that publishes waited too long.
pub(super) fn is_stale(entry: &Entry, now: Now<'_>) -> bool {
    if !is_immediate(&entry.operation.change) || entry.insisted {
        return false;
    }
    let since = entry
        .operation
        .not_before
        .max(Some(entry.operation.made_at));
    // Whichever clock says so: one may have jumped, or stood still while the machine slept.
    since.is_some_and(|since| now.wall > since.plus(SHELF_LIFE))
        || now.elapsed > entry.opens_at + Duration::from_secs(SHELF_LIFE.unsigned_abs())
}

/// Says whether a delete is half of a move to another profile that is not made there yet.
pub(super) fn waits_for_create(entry: &Entry, creating: &HashMap<GroupId, &ProfileId>) -> bool {
    let operation = &entry.operation;
    matches!(operation.change, Change::Destroy { .. })
        && creating
            .get(&operation.group)
            .is_some_and(|profile| **profile != operation.profile)
}
