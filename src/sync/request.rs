//! Some operations as one request, and what its reply says.

use std::collections::HashSet;

use crate::api::{Api, ApiError, NewUpdate};
use crate::domain::id::{ProfileId, RemoteId};
use crate::domain::operation::Editable;
use crate::domain::update::RemoteUpdate;

/// A request that changes something, with all ids looked up.
#[derive(Debug, Clone)]
pub(super) enum Call {
    Create(NewUpdate),
    Edit {
        remote: RemoteId,
        want: Editable,
        /// Publish it in the same request.
        now: bool,
    },
    /// The updates that come first, in order; the rest keeps its order behind them.
    Reorder {
        profile: ProfileId,
        first: Vec<RemoteId>,
    },
    Share(RemoteId),
    Destroy(RemoteId),
    Requeue(RemoteId),
}

/// What a successful request gave.
#[derive(Debug)]
pub(super) enum Reply {
    /// The updates that were made.
    Created(Vec<RemoteUpdate>),
    /// The queue was put in order.
    Ordered {
        /// Whether the queue in the reply begins as it was asked for.
        as_asked: bool,
    },
    /// It was done.
    Done,
}

impl Call {
    /// Makes the request, once.
    pub(super) async fn perform(self, api: &impl Api) -> Result<Reply, ApiError> {
        match self {
            Self::Create(new) => return api.create(&new).await.map(Reply::Created),
            Self::Edit { remote, want, now } => api.edit(&remote, &want, now).await.map(|_| ())?,
            Self::Reorder { profile, first } => {
                let queue = api.reorder(&profile, &first).await?;
                return Ok(Reply::Ordered {
                    as_asked: begins_as(&queue, &first),
                });
            }
            Self::Share(remote) => api.share(&remote).await?,
            Self::Destroy(remote) => api.destroy(&remote).await?,
            Self::Requeue(remote) => api.requeue(&remote).await.map(|_| ())?,
        }
        Ok(Reply::Done)
    }
}

/// Says whether a queue, or the head of one, begins as it was asked for. Updates with a time of
/// their own stand where that is, and what was asked for may have left the queue meanwhile.
fn begins_as(queue: &[RemoteUpdate], first: &[RemoteId]) -> bool {
    let movable = queue.iter().filter(|u| u.body.own_time.is_none());
    let movable: Vec<&RemoteId> = movable.map(|update| &update.id).collect();
    let there: HashSet<&RemoteId> = movable.iter().copied().collect();
    let asked: Vec<&RemoteId> = first.iter().filter(|id| there.contains(id)).collect();
    movable.starts_with(&asked)
}
