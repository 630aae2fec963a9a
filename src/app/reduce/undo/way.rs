//! How one step is taken back: out of the outbox, by another operation, or not at all.

use crate::app::state::State;
use crate::domain::done::{Inverse, Step};
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Hold, OperationState, Placement};
use crate::domain::update::Content;

/// How one operation is taken back.
pub(super) enum Way {
    /// Out of the outbox, as it was not sent.
    Cancel(OperationId),
    /// It failed: it is out of what is shown already.
    GiveUp(OperationId),
    /// By another operation.
    Answer(Box<Step>),
    /// Not now, or never; why.
    No(&'static str),
}

pub(super) const GONE: &str = "it is no longer in the queue, so it cannot be taken back";
pub(super) const LATER: &str = "it is just being sent; press undo again in a moment";

impl Way {
    pub(super) fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::No(why) => Some(why),
            Self::Cancel(_) | Self::GiveUp(_) | Self::Answer(_) => None,
        }
    }
}

/// Says how a step is taken back.
pub(super) fn way(state: &State, step: &Step) -> Way {
    let id = step.operation.id;
    let answer = || Way::Answer(Box::new(step.clone()));
    match state.replica.operation(id).map(|(_, how)| how) {
        Some(OperationState::Unsaved { .. } | OperationState::Queued) => Way::Cancel(id),
        Some(OperationState::Failed { .. }) => Way::GiveUp(id),
        Some(OperationState::Held { why, .. }) => match why {
            Hold::Unconfirmed | Hold::Recovered => {
                Way::No("it is held and may have arrived; decide in the outbox")
            }
            Hold::Stale
            | Hold::Closed
            | Hold::Conflict
            | Hold::Changed
            | Hold::TooLate
            | Hold::Gone => Way::GiveUp(id),
        },
        Some(OperationState::InFlight | OperationState::Unknown) => match step.inverse {
            Inverse::CreateAgain { .. } => Way::No(LATER),
            Inverse::None => Way::No("too late to take back"),
            Inverse::EditBack
            | Inverse::EditAndMoveBack(_)
            | Inverse::MoveBack(_)
            | Inverse::Destroy => sent_way(state, step, answer),
        },
        Some(OperationState::Acked) | None => sent_way(state, step, answer),
    }
}

/// Says whether what an edit made is no longer what is there: the worker then keeps both texts.
pub(super) fn is_disputed(state: &State, way: &Way) -> bool {
    let Way::Answer(step) = way else { return false };
    let (Inverse::EditBack | Inverse::EditAndMoveBack(_), Change::Edit { update, want, .. }) =
        (&step.inverse, &step.operation.change)
    else {
        return false;
    };
    let now = state.replica.update(*update);
    now.is_some_and(|now| !same(&now.body.content, &want.content))
}

/// Says whether two contents are the same to a person: the server fills in titles and thumbnails,
/// and may cut spaces at the ends.
pub(in crate::app::reduce) fn same(one: &Content, other: &Content) -> bool {
    one.text.trim() == other.text.trim()
        && one.media.link == other.media.link
        && one.media.picture == other.media.picture
}

/// The same for one that was sent.
pub(super) fn sent_way(state: &State, step: &Step, answer: impl Fn() -> Way) -> Way {
    let in_queue = |update: &LocalId| {
        let shown = state.replica.queue(&step.operation.profile);
        shown.is_some_and(|shown| shown.queue.contains(*update))
    };
    match (&step.inverse, &step.operation.change) {
        // What went out, or was taken out by somebody else, is left alone.
        (
            Inverse::EditBack
            | Inverse::EditAndMoveBack(_)
            | Inverse::MoveBack(_)
            | Inverse::Destroy,
            change,
        ) if !change.updates().iter().any(in_queue) => Way::No(GONE),
        (Inverse::None, _)
        | (
            Inverse::Destroy,
            Change::Create {
                placement: Placement::Now,
                ..
            },
        ) => Way::No("cannot be taken back"),
        _ => answer(),
    }
}
