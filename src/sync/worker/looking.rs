//! Looks by reading at what became of a request, and at what is there before one that cannot be
//! undone.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::sending::{Found, Looked};
use super::{Busy, Done, Worker};
use crate::api::{Api, ApiError, Class, Doubt};
use crate::domain::id::{OperationId, ProfileId, RemoteId};
use crate::domain::operation::Change;
use crate::domain::time::Timestamp;
use crate::domain::update::RemoteUpdate;
use crate::sync::allowance::NotRead;
use crate::sync::budget::Rank;
use crate::sync::look::{self, Finding};
use crate::sync::outbox::Entry;
use crate::sync::read::{self, Terms};
use crate::sync::stored::StoredUpdates;

/// What is there before a request that cannot be undone.
pub(super) struct Checked {
    profile: ProfileId,
    ids: Vec<OperationId>,
    result: Result<RemoteUpdate, ApiError>,
}

impl<A: Api> Worker<A> {
    /// Reads the update that some operations of one request are about.
    pub(super) async fn look_at(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
        let Some(joined) = self.outbox.joined(&ids) else {
            return Ok(());
        };
        let Some(remote) = self.remote_of(&ids).await else {
            return Ok(());
        };
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let began = self.clock.elapsed();
        self.lane(&profile).busy = Some(Busy::Change);
        self.tasks.push(Box::pin(async move {
            let found = look::look(&*api, &gate, &remote, &joined).await;
            Done::Looked(Looked {
                profile,
                ids,
                began,
                result: found.map(Found::One),
            })
        }));
        Ok(())
    }

    /// Reads what was made lately; one read serves all unknown creates of a profile.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the jobs have one shape; the budget is waited for inside"
    )]
    pub(super) fn look_for_creates(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
    ) -> Result<(), Duration> {
        let since = ids
            .iter()
            .filter_map(|&id| self.outbox.get(id).map(look::made_since));
        let since = since.min().unwrap_or(Timestamp(0)).plus(-1);
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let (began, failed) = (self.clock.elapsed(), self.lists_failed);
        let (allowance, replaces) = (Rc::clone(&self.allowance), self.kept_bytes(&profile));
        self.lane(&profile).busy = Some(Busy::Change);
        self.tasks.push(Box::pin(async move {
            let terms = Terms {
                gate: &gate,
                rank: Rank::Change,
                allowance: &allowance,
                // Where a server takes no heed of the time, it is the queue once more.
                replaces,
                // What it looks for is not stored.
                stored: &StoredUpdates::default(),
            };
            let found = read::recent(&*api, terms, &profile, since, failed).await;
            Done::Looked(Looked {
                profile,
                ids,
                began,
                result: found.map(Found::Lately).map_err(NotRead::of_request),
            })
        }));
        Ok(())
    }

    /// Says when an operation is looked for again, after a look that began at `began` and showed
    /// nothing of it; none: it was looked for long enough.
    pub(super) fn next_look(&self, entry: &Entry, began: Duration) -> Option<Duration> {
        let pace = &self.settings.pace;
        let done = usize::try_from(entry.looks).unwrap_or(usize::MAX);
        if !matches!(entry.operation.change, Change::Create { .. }) {
            // So many looks, however old it is: a share is not repeated on the word of one.
            let look = pace.share_looks.get(done)?;
            return Some((entry.unknown_since + *look).max(began + pace.settle));
        }
        let age = entry.unknown_age + began.saturating_sub(entry.unknown_since);
        let is_slow = matches!(entry.doubt, Some(Doubt::Silent | Doubt::Failing));
        let late = pace.late_looks.iter().filter(|_| is_slow);
        let next = pace.looks.iter().chain(late).find(|look| **look > age);
        if let Some(next) = next {
            return Some(began + next.saturating_sub(age));
        }
        // It may be sent again only after two complete looks.
        let may_go_again = entry.doubt == Some(Doubt::Broken) && done < 2;
        may_go_again.then_some(began + pace.settle)
    }

    /// Reads the update that some operations are about, before they are sent.
    pub(super) fn check(
        &mut self,
        profile: ProfileId,
        ids: Vec<OperationId>,
        remote: RemoteId,
    ) -> Result<(), Duration> {
        self.gate.try_pass(self.rank)?;
        let api = Arc::clone(&self.api);
        self.lane(&profile).busy = Some(Busy::Change);
        self.tasks.push(Box::pin(async move {
            let result = api.update(&remote).await;
            Done::Checked(Checked {
                profile,
                ids,
                result,
            })
        }));
        Ok(())
    }

    /// Lets operations go if the update is as the person saw it.
    pub(super) async fn checked(&mut self, checked: Checked) {
        let Checked {
            profile,
            ids,
            result,
        } = checked;
        self.lane(&profile).busy = None;
        let Some(joined) = self.outbox.joined(&ids) else {
            return;
        };
        let finding = match result {
            Ok(found) => look::before(&joined, &found.body),
            Err(error) if look::is_not_found(&error) => Some(look::judge_gone(&joined)),
            Err(error) => match error.class() {
                Class::SignIn => return self.refused_token(&error),
                Class::Refused => {
                    self.line_works();
                    return self.set_back(&ids);
                }
                Class::Retry | Class::Unknown => {
                    self.line_fails(&error);
                    return self.set_back(&ids);
                }
            },
        };
        self.line_works();
        match finding {
            None => {
                let now = self.clock.elapsed();
                for &id in &ids {
                    if let Some(entry) = self.outbox.get_mut(id) {
                        entry.checked_at = Some(now);
                    }
                }
            }
            Some(Finding::Done) => self.acked(&profile, &ids, Vec::new(), Vec::new()).await,
            Some(Finding::Held(why, reason)) => {
                self.hold(&ids, why, &reason).await;
                self.settle_soon(&profile);
            }
            Some(Finding::NotDone | Finding::NotYet) => self.set_back(&ids),
        }
    }
}
