//! The tags of an update, as they stand in a row. They are ours: no network shows them.

use crate::app::State;
use crate::domain::id::LocalId;
use crate::domain::shown::Shown;

/// Returns the tags of an update in one piece; none if it has none.
pub(super) fn of(state: &State, update: LocalId) -> Option<Shown> {
    let tags: Vec<&str> = state.tags.of(update)?.iter().map(String::as_str).collect();
    Some(Shown::new(&tags.join(" ")))
}
