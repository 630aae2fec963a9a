//! What operations on one update are as one request (`sync.md` 2.4).
//!
//! The operations themselves stay as they were made, so each can still be taken back by itself;
//! only the request is one. What is joined here must be what the operations would have come to one
//! by one: `tests` compares both on a model.

use crate::domain::id::LocalId;
use crate::domain::operation::{Change, Editable, Placement};

/// Some operations on one update, oldest first, as one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) enum Joined {
    /// As this one change.
    One(Change),
    /// An edit that is published in the same request, so that no older text can go out between.
    EditAndShare {
        update: LocalId,
        base: Editable,
        want: Editable,
    },
    /// No request: it was deleted before it was made, or edited back to what it was.
    Nothing,
}

impl Joined {
    /// Returns what operations come to, oldest first; none if they are no one request.
    pub(in crate::sync) fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Option<Self> {
        let mut changes = changes.into_iter();
        let first = Self::One(changes.next()?.clone());
        changes.try_fold(first, |joined, next| joined.with(next))
    }

    /// Returns what this and a later operation on the same update come to.
    pub(in crate::sync) fn with(&self, next: &Change) -> Option<Self> {
        let Self::One(first) = self else {
            return None;
        };
        match (first, next) {
            (Change::Create { placement, .. }, _) if *placement == Placement::Now => None,
            (Change::Create { .. }, Change::Edit { base, want, .. }) => {
                create_and_edit(first, base, want)
            }
            (
                Change::Create {
                    update,
                    content,
                    shorten,
                    ..
                },
                Change::Share { .. },
            ) => Some(Self::One(Change::Create {
                update: *update,
                content: content.clone(),
                placement: Placement::Now,
                shorten: *shorten,
            })),
            (Change::Create { .. }, Change::Destroy { .. }) => Some(Self::Nothing),
            (Change::Edit { update, base, .. }, Change::Edit { want, .. }) => {
                Some(Self::One(Change::Edit {
                    update: *update,
                    base: base.clone(),
                    want: want.clone(),
                }))
            }
            (Change::Edit { update, base, want }, Change::Share { .. }) => {
                Some(Self::EditAndShare {
                    update: *update,
                    base: base.clone(),
                    want: want.clone(),
                })
            }
            // The server still has what was there before the edit.
            (Change::Edit { update, base, .. }, Change::Destroy { .. }) => {
                Some(Self::One(Change::Destroy {
                    update: *update,
                    seen: base.content.clone(),
                }))
            }
            _ => None,
        }
    }

    /// Returns it without what changes nothing.
    pub(in crate::sync) fn simplified(self) -> Self {
        match self {
            Self::One(Change::Edit { base, want, .. }) if base == want => Self::Nothing,
            other => other,
        }
    }

    /// Says whether it publishes at once.
    pub(in crate::sync) fn publishes(&self) -> bool {
        match self {
            Self::One(change) => super::is_immediate(change),
            Self::EditAndShare { .. } => true,
            Self::Nothing => false,
        }
    }
}

/// A create with the text, and the time, of a later edit.
fn create_and_edit(create: &Change, base: &Editable, want: &Editable) -> Option<Joined> {
    let Change::Create {
        update,
        placement,
        shorten,
        ..
    } = create
    else {
        return None;
    };
    let placement = match want.own_time {
        _ if base.own_time == want.own_time => *placement,
        own_time => Placement::of(own_time),
    };
    Some(Joined::One(Change::Create {
        update: *update,
        content: want.content.clone(),
        placement,
        shorten: *shorten,
    }))
}

#[cfg(test)]
mod tests;
