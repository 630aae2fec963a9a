//! One process sends for an account: the holder of the kernel lock beside the store.

use tokio::sync::oneshot;

use crate::store::lock::{Lock, beside};
use crate::store::{Place, StoreError, make_directory};

/// Whether this instance sends.
#[derive(Debug)]
pub(super) enum Role {
    /// It holds the account's lock (none for a store in memory).
    Leader(#[expect(dead_code, reason = "held, never looked at")] Option<Lock>),
    /// Another does; a thread waits for the lock.
    Follower(Option<oneshot::Receiver<Lock>>),
    /// The lock cannot even be asked for; it is tried again, with the store.
    Unable(std::io::Error),
}

impl Role {
    pub(super) fn new(place: &Place) -> Self {
        let Place::File(path) = place else {
            return Self::Leader(None);
        };
        let path = beside(path);
        if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty())
            && let Err(error) = make_directory(directory)
        {
            tracing::error!(%error, "the store's directory cannot be made");
        }
        match Lock::try_take(&path) {
            Ok(Some(lock)) => return Self::Leader(Some(lock)),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the account's lock cannot be taken");
                return Self::Unable(error);
            }
        }
        let (give, taken) = oneshot::channel();
        std::thread::spawn(move || {
            // If the editor has ended meanwhile, the lock is free again at once.
            if let Ok(lock) = Lock::take(&path) {
                let _ = give.send(lock);
            }
        });
        Self::Follower(Some(taken))
    }

    /// Returns what is wrong with the lock, if it cannot be asked for.
    pub(super) fn error(&self, place: &Place) -> Option<StoreError> {
        let (Self::Unable(error), Place::File(path)) = (self, place) else {
            return None;
        };
        Some(StoreError::File {
            path: beside(path),
            source: std::io::Error::new(error.kind(), error.to_string()),
        })
    }

    pub(super) fn is_leader(&self) -> bool {
        matches!(self, Self::Leader(_))
    }
}

/// Waits for the lock of a follower; a leader waits for ever.
pub(super) async fn taken(role: &mut Role) -> Lock {
    if let Role::Follower(waiting) = role
        && let Some(lock) = waiting
    {
        match lock.await {
            Ok(lock) => return lock,
            // It will never come, and must not be asked for again.
            Err(_) => *waiting = None,
        }
    }
    std::future::pending().await
}
