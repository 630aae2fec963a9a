//! One operation as one request, and what its reply says.

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
    /// It was done.
    Done,
}

impl Call {
    /// Makes the request, once.
    pub(super) async fn perform(self, api: &impl Api) -> Result<Reply, ApiError> {
        match self {
            Self::Create(new) => return api.create(&new).await.map(Reply::Created),
            Self::Edit { remote, want } => api.edit(&remote, &want, false).await.map(|_| ())?,
            Self::Reorder { profile, first } => {
                api.reorder(&profile, &first).await.map(|_| ())?;
            }
            Self::Share(remote) => api.share(&remote).await?,
            Self::Destroy(remote) => api.destroy(&remote).await?,
            Self::Requeue(remote) => api.requeue(&remote).await.map(|_| ())?,
        }
        Ok(Reply::Done)
    }
}
