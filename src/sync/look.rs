//! Looking up by reading what came of a request whose outcome is not known.

use std::rc::Rc;

use super::worker::Gate;
use crate::api::{Api, ApiError};
use crate::domain::id::RemoteId;
use crate::domain::operation::{Change, Editable, Hold, Operation};
use crate::domain::text::{normalized, normalized_masking_links};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, RemoteUpdate, Status};

/// How far the server's clock may be from ours, and how long a request may have been on its way.
const EARLIER: i64 = 120;

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

/// Reads the update an operation is about, and says what became of the operation.
pub(super) async fn look(
    api: &impl Api,
    gate: &Rc<Gate>,
    remote: &RemoteId,
    change: &Change,
) -> Result<Finding, ApiError> {
    gate.pass().await;
    match api.update(remote).await {
        Ok(update) => Ok(judge(change, &update.body)),
        Err(error) if is_not_found(&error) => Ok(judge_gone(change)),
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

fn judge(change: &Change, found: &Body) -> Finding {
    match (change, found.status) {
        // A failed one was tried, which is what was asked for; the failed list shows it.
        (Change::Share { .. }, Status::Sent | Status::Failed)
        | (Change::Requeue { .. }, Status::Pending | Status::Sent) => Finding::Done,
        // Creates and reorders are looked up by reading lists.
        (Change::Share { .. }, Status::Pending | Status::Draft)
        | (Change::Create { .. } | Change::Reorder { .. }, _) => Finding::NotYet,
        (Change::Requeue { .. }, Status::Failed | Status::Draft) => Finding::NotDone,
        (Change::Destroy { .. }, Status::Sent) => Finding::Held(
            Hold::TooLate,
            "it went out before it could be deleted".to_owned(),
        ),
        (Change::Destroy { .. }, Status::Pending | Status::Failed | Status::Draft) => {
            Finding::NotDone
        }
        (Change::Edit { want, .. }, _) if is_as(want, found) => Finding::Done,
        (Change::Edit { .. }, Status::Sent) => {
            Finding::Held(Hold::TooLate, "it went out before this edit".to_owned())
        }
        (Change::Edit { base, .. }, _) if is_as(base, found) => Finding::NotDone,
        (Change::Edit { .. }, _) => Finding::Held(
            Hold::Conflict,
            "it was changed elsewhere at the same time".to_owned(),
        ),
    }
}

fn judge_gone(change: &Change) -> Finding {
    match change {
        Change::Destroy { .. } => Finding::Done,
        Change::Create { .. }
        | Change::Edit { .. }
        | Change::Reorder { .. }
        | Change::Share { .. }
        | Change::Requeue { .. } => {
            Finding::Held(Hold::Gone, "it is not there any more".to_owned())
        }
    }
}

/// Says whether an update is as an edit wants it.
fn is_as(want: &Editable, found: &Body) -> bool {
    let same_text = normalized(&want.content.text) == normalized(&found.content.text);
    // The server fills in titles and thumbnails by itself.
    let same_media = want.content.media.link == found.content.media.link
        && want.content.media.picture == found.content.media.picture;
    same_text && same_media && want.own_time.map(|own| own.at) == found.own_time.map(|own| own.at)
}

/// Returns from when on a create that was tried at `tried_at` can have been made.
pub(super) fn made_since(tried_at: Timestamp) -> Timestamp {
    tried_at.plus(-EARLIER)
}

/// Says whether an update can only have come from this create, which was tried at `tried_at`.
/// Whether the update was known before, the caller checks.
pub(super) fn is_from(create: &Operation, tried_at: Timestamp, found: &RemoteUpdate) -> bool {
    let Change::Create {
        content, shorten, ..
    } = &create.change
    else {
        return false;
    };
    let same_text = if *shorten {
        normalized_masking_links(&content.text)
            == normalized_masking_links(&found.body.content.text)
    } else {
        normalized(&content.text) == normalized(&found.body.content.text)
    };
    let link = &found.body.content.media.link;
    same_text
        && (content.media.link == *link || content.media.link.is_empty())
        && found.body.profile == create.profile
        && found.body.created_at >= made_since(tried_at)
}
