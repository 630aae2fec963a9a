//! What changed in the replica since somebody looked.

use std::collections::BTreeSet;

use crate::domain::id::{LocalId, ProfileId};

/// What may look otherwise than when it was asked last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Profiles whose queues were folded anew.
    pub queues: BTreeSet<ProfileId>,
    /// Updates that operations touched, or are marked otherwise.
    pub updates: Vec<LocalId>,
}

impl Changes {
    /// Says whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.updates.is_empty()
    }
}
