//! Looking up by reading what came of a request whose outcome is not known.

use std::rc::Rc;

use super::budget::Rank;
use super::outbox::{Entry, Joined};
use super::worker::Gate;
use crate::api::{Api, ApiError};
use crate::domain::id::RemoteId;
use crate::domain::operation::{Change, Editable, Hold};
use crate::domain::text::{normalized, normalized_masking_links};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, RemoteUpdate, Status};

/// How far the server's clock may be from ours, and how long a request may have been on its way.
const EARLIER: i64 = 120;
/// How much earlier it may have been made if the server calls it a duplicate.
const MUCH_EARLIER: i64 = 3600;
/// So long a text must be for a likeness to mean anything.
const TELLING: usize = 40;

/// Codes that say that an update does not exist, or went out already.
pub(super) const NOT_FOUND: i64 = 1020;
pub(super) const NOT_EDITABLE: i64 = 1022;
pub(super) const DUPLICATE: i64 = 1025;

/// What a look at one update says of an operation on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// It was done.
    Done,
    /// It was not, and sending it again is safe.
    NotDone,
    /// Nothing to be seen of it yet.
    NotYet,
    /// It cannot be done any more: the person decides.
    Held(Hold, String),
}

/// Reads the update that some operations of one request are about, and says what became of them.
pub(super) async fn look(
    api: &impl Api,
    gate: &Rc<Gate>,
    remote: &RemoteId,
    joined: &Joined,
) -> Result<Finding, ApiError> {
    gate.pass(Rank::Change).await;
    match api.update(remote).await {
        Ok(update) => Ok(judge(joined, &update.body)),
        Err(error) if is_not_found(&error) => Ok(judge_gone(joined)),
        Err(error) => Err(error),
    }
}

/// Says whether the API told that there is no such update.
pub(super) fn is_not_found(error: &ApiError) -> bool {
    match error {
        ApiError::Refused { status, code, .. } => {
            *code == Some(NOT_FOUND) || (*status == 404 && code.is_none())
        }
        ApiError::NotSent(_)
        | ApiError::Unknown(..)
        | ApiError::Malformed { .. }
        | ApiError::Later { .. }
        | ApiError::SignIn(_)
        | ApiError::Proxy { .. } => false,
    }
}

/// Says what a request has done, from what the update is now.
fn judge(joined: &Joined, found: &Body) -> Finding {
    let change = match joined {
        Joined::Nothing => return Finding::Done,
        Joined::EditAndShare { base, want, .. } => return judge_shared_edit(base, want, found),
        Joined::One(change) => change,
    };
    match (change, found.status) {
        // A failed one was tried, which is what was asked for; the failed list shows it.
        (Change::Share { .. }, Status::Sent | Status::Failed)
        | (Change::Requeue { .. }, Status::Pending | Status::Sent) => Finding::Done,
        // Creates and reorders are looked up by reading lists.
        (Change::Share { .. }, Status::Pending | Status::Draft)
        | (Change::Create { .. } | Change::Reorder { .. }, _) => Finding::NotYet,
        (Change::Requeue { .. }, Status::Failed | Status::Draft) => Finding::NotDone,
        (Change::Destroy { .. }, Status::Sent) => out_before_delete(),
        (Change::Destroy { .. }, Status::Pending | Status::Failed | Status::Draft) => {
            Finding::NotDone
        }
        (Change::Edit { base, want, .. }, status) => match (closest(base, want, found), status) {
            (Some(State::Wanted), _) => Finding::Done,
            (_, Status::Sent) => out_before_edit(),
            (Some(State::Before), _) => Finding::NotDone,
            (None, _) => changed_too(),
        },
    }
}

fn judge_shared_edit(base: &Editable, want: &Editable, found: &Body) -> Finding {
    // When it goes out is not what it says: its own time does not count.
    let at_any_time = |editable: &Editable| Editable {
        content: editable.content.clone(),
        own_time: found.own_time,
    };
    match (
        closest(&at_any_time(base), &at_any_time(want), found),
        found.status,
    ) {
        (Some(State::Wanted), Status::Sent | Status::Failed) => Finding::Done,
        (_, Status::Sent) => out_before_edit(),
        // The server does both or neither.
        (Some(_), _) => Finding::NotYet,
        (None, _) => changed_too(),
    }
}

/// Says what a request that was not sent yet comes to, from what the update is now; none: it may
/// go.
pub(super) fn before(joined: &Joined, found: &Body) -> Option<Finding> {
    let change = match joined {
        Joined::Nothing => return Some(Finding::Done),
        Joined::EditAndShare { base, want, .. } => {
            return match judge_shared_edit(base, want, found) {
                Finding::NotYet => None,
                finding => Some(finding),
            };
        }
        Joined::One(change) => change,
    };
    match change {
        Change::Share { .. } if found.status == Status::Sent => Some(Finding::Done),
        Change::Destroy { .. } if found.status == Status::Sent => Some(out_before_delete()),
        Change::Share { seen, .. } | Change::Destroy { seen, .. } => {
            (!is_same(seen, &found.content)).then(|| {
                let reason = "it is not as you saw it any more: it was changed elsewhere";
                Finding::Held(Hold::Changed, reason.to_owned())
            })
        }
        Change::Edit { .. } | Change::Requeue { .. } => match judge(joined, found) {
            Finding::NotDone => None,
            finding => Some(finding),
        },
        Change::Create { .. } | Change::Reorder { .. } => None,
    }
}

fn out_before_delete() -> Finding {
    let reason = "it went out before it could be deleted";
    Finding::Held(Hold::TooLate, reason.to_owned())
}

fn out_before_edit() -> Finding {
    Finding::Held(Hold::TooLate, "it went out before this edit".to_owned())
}

fn changed_too() -> Finding {
    let reason = "it was changed elsewhere at the same time; both texts are kept";
    Finding::Held(Hold::Conflict, reason.to_owned())
}

/// Says what follows from an update not being there any more.
pub(super) fn judge_gone(joined: &Joined) -> Finding {
    match joined {
        Joined::One(Change::Destroy { .. }) | Joined::Nothing => Finding::Done,
        Joined::One(_) | Joined::EditAndShare { .. } => {
            Finding::Held(Hold::Gone, "it is not there any more".to_owned())
        }
    }
}

/// Which side of an edit an update is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As before it.
    Before,
    /// As it wants it.
    Wanted,
}

/// Says on which side of an edit an update is; none: on neither. Servers trim and join spaces, so
/// what differs in them only counts as the same, unless it is exactly as the other side.
pub(super) fn closest(base: &Editable, want: &Editable, found: &Body) -> Option<State> {
    let same_time = |editable: &Editable| {
        editable.own_time.map(|own| own.at) == found.own_time.map(|own| own.at)
    };
    let exact = |e: &Editable| {
        same_time(e)
            && e.content.text == found.content.text
            && same_media(&e.content, &found.content)
    };
    let close = |e: &Editable| same_time(e) && is_same(&e.content, &found.content);
    if exact(want) {
        Some(State::Wanted)
    } else if exact(base) {
        Some(State::Before)
    } else if close(want) {
        Some(State::Wanted)
    } else {
        close(base).then_some(State::Before)
    }
}

/// Says whether two contents are the same to a reader.
pub(super) fn is_same(a: &Content, b: &Content) -> bool {
    normalized(&a.text) == normalized(&b.text) && same_media(a, b)
}

fn same_media(a: &Content, b: &Content) -> bool {
    // The server fills in titles and thumbnails by itself.
    a.media.link == b.media.link && a.media.picture == b.media.picture
}

/// Returns from when on a create can have been made.
pub(super) fn made_since(entry: &Entry) -> Timestamp {
    let earlier = if entry.called_duplicate {
        MUCH_EARLIER
    } else {
        EARLIER
    };
    entry.tried_at.unwrap_or_default().plus(-earlier)
}

/// How much an update looks like what a create makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// Not at all.
    None,
    /// The text was cut, or its links are others: a person has to look.
    Weak,
    /// It can only have come from it.
    Exact,
}

/// Says how much an update looks like what a create that was tried makes. Whether the update was
/// known before, the caller checks.
pub(super) fn likeness(create: &Entry, found: &RemoteUpdate) -> Likeness {
    let Change::Create {
        content, shorten, ..
    } = &create.operation.change
    else {
        return Likeness::None;
    };
    if create.tried_at.is_none()
        || found.body.profile != create.operation.profile
        || found.body.created_at < made_since(create)
    {
        return Likeness::None;
    }
    let said = [Some(content), create.sent.as_ref()];
    let of = |said: &Content| text_likeness(said, *shorten, &found.body.content);
    said.into_iter()
        .flatten()
        .map(of)
        .max()
        .unwrap_or(Likeness::None)
}

fn text_likeness(said: &Content, shorten: bool, found: &Content) -> Likeness {
    let same_link = said.media.link == found.media.link || said.media.link.is_empty();
    let (ours, theirs) = (normalized(&said.text), normalized(&found.text));
    let same_but_for_links =
        || normalized_masking_links(&said.text) == normalized_masking_links(&found.text);
    if same_link && (ours == theirs || (shorten && same_but_for_links())) {
        return Likeness::Exact;
    }
    let cut = theirs
        .strip_suffix('…')
        .or_else(|| theirs.strip_suffix("..."))
        .is_some_and(|start| {
            start.chars().count() >= TELLING && ours.starts_with(start.trim_end())
        });
    let telling = ours.chars().count() >= TELLING;
    if cut || (telling && (ours == theirs || same_but_for_links())) {
        Likeness::Weak
    } else {
        Likeness::None
    }
}

#[cfg(test)]
mod tests;
