//! An update as a filter looks at it, and which updates say the same as another.

use crate::app::filter::Subject;
use crate::app::lint::recent;
use crate::app::state::State;
use crate::domain::duplicate::repeated;
use crate::domain::id::{IdSet, LocalId};
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

pub(super) fn time_of(update: &Update) -> Option<Timestamp> {
    let body = &update.body;
    body.outcome
        .sent
        .as_ref()
        .map(|sent| sent.at)
        .or(body.due_at)
}

pub(super) fn subject<'a>(
    state: &'a State,
    update: &'a Update,
    at: Option<Timestamp>,
    alike: Option<&IdSet<LocalId>>,
) -> Subject<'a> {
    Subject {
        update,
        at,
        mark: state.replica.mark(update.id),
        tags: state.tags.of(update.id),
        profile: state.profile(),
        is_repeated: alike.is_some_and(|alike| alike.contains(&update.id)),
    }
}

/// Returns what of the focused profile says the same as another pending or recently sent update,
/// or nearly. The same text is found at once; what is nearly the same is what lint has found, so
/// that no key waits for it.
pub(super) fn alike(state: &State) -> IdSet<LocalId> {
    let pending = state
        .rows()
        .iter()
        .filter_map(|row| state.update(row.update));
    let all = pending.chain(recent(state));
    let mut found = repeated(all.map(|update| (update.id, update.body.content.text.as_str())));
    found.extend(state.lint.twins());
    found
}
