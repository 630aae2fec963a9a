//! Reads a whole list page by page, and says whether what came is one consistent list.
//!
//! A list changes while it is read. Where the server numbers its changes, all pages must have the
//! same number. Elsewhere neighbouring pages overlap (page `k` has `101 - k` entries), so that an
//! entry that moved between two requests is seen; beyond what that can cover, the first page is
//! read again at the end. A list that stays inconsistent is handed over as incomplete, and then
//! nothing may be taken for gone because it is missing.

use std::collections::HashSet;
use std::rc::Rc;

use super::budget::Rank;
use super::worker::Gate;
use crate::api::{Api, ApiError, List, Page, UpdatePage};
use crate::domain::id::ProfileId;
use crate::domain::time::Timestamp;
use crate::domain::update::RemoteUpdate;

/// The most a page may have.
const PAGE: u32 = 100;
/// The last page of which the overlap is worth its request.
const LAST_OVERLAP: u32 = 51;
/// More than this no profile is believed to have.
const MOST: usize = 200_000;
/// How often an inconsistent list is read.
const TRIES: usize = 3;

/// A list as read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) updates: Vec<RemoteUpdate>,
    pub(super) revision: Option<u64>,
    /// Whether nothing can be missing.
    pub(super) complete: bool,
}

/// What a read of a queue gave.
#[derive(Debug)]
pub(super) enum QueueRead {
    /// The server says that nothing changed since the revision that was asked about.
    Unchanged,
    /// All of it.
    Read {
        pending: Listed,
        /// The failed updates, if the account lists them.
        failed: Option<Listed>,
    },
}

/// Reads a queue, and what failed if `failed`. With a `revision`, a server that has such numbers
/// is first asked for one small page.
pub(super) async fn queue(
    api: &impl Api,
    gate: &Rc<Gate>,
    profile: &ProfileId,
    revision: Option<u64>,
    failed: bool,
    rank: Rank,
    progress: &dyn Fn(u64, u64),
) -> Result<QueueRead, ApiError> {
    if revision.is_some() {
        gate.pass(rank).await;
        let peek = Page {
            page: 1,
            count: 1,
            since: None,
        };
        if api.updates(profile, List::Pending, peek).await?.revision == revision {
            return Ok(QueueRead::Unchanged);
        }
    }
    let source = Source {
        api,
        gate,
        profile,
        since: None,
        rank,
    };
    let pending = source.list(List::Pending, progress).await?;
    let failed = if failed {
        Some(source.list(List::Failed, &|_, _| {}).await?)
    } else {
        None
    };
    Ok(QueueRead::Read { pending, failed })
}

/// Reads what was made or sent after `since`: where to look for a create.
pub(super) async fn recent(
    api: &impl Api,
    gate: &Rc<Gate>,
    profile: &ProfileId,
    since: Timestamp,
    failed: bool,
) -> Result<Listed, ApiError> {
    let source = Source {
        api,
        gate,
        profile,
        since: Some(since),
        rank: Rank::Change,
    };
    let mut all = source.list(List::Pending, &|_, _| {}).await?;
    let mut lists = vec![List::Sent];
    if failed {
        lists.push(List::Failed);
    }
    for list in lists {
        let more = source.list(list, &|_, _| {}).await?;
        all.complete &= more.complete;
        all.updates.extend(more.updates);
    }
    Ok(all)
}

/// A profile of which lists are read.
struct Source<'a, A> {
    api: &'a A,
    gate: &'a Rc<Gate>,
    profile: &'a ProfileId,
    since: Option<Timestamp>,
    rank: Rank,
}

impl<A: Api> Source<'_, A> {
    async fn page(&self, list: List, page: u32, count: u32) -> Result<UpdatePage, ApiError> {
        self.gate.pass(self.rank).await;
        let since = self.since;
        self.api
            .updates(self.profile, list, Page { page, count, since })
            .await
    }

    /// Reads a list until it is consistent, or [`TRIES`] times.
    async fn list(&self, list: List, progress: &dyn Fn(u64, u64)) -> Result<Listed, ApiError> {
        let mut tries = 1;
        loop {
            let listed = self.once(list, progress).await?;
            if listed.complete || tries == TRIES {
                return Ok(listed);
            }
            tries += 1;
        }
    }

    /// Reads a list once; stops at the first sign that it changed meanwhile.
    async fn once(&self, list: List, progress: &dyn Fn(u64, u64)) -> Result<Listed, ApiError> {
        let first = self.page(list, 1, PAGE).await?;
        let (total, revision) = (first.total, first.revision);
        let mut joined = Joined::of(first);
        // A server may give fewer entries a page than it was asked for.
        let capped = joined.updates.len() < PAGE as usize && (joined.updates.len() as u64) < total;
        let size = if capped {
            u32::try_from(joined.updates.len()).unwrap_or(PAGE)
        } else {
            PAGE
        };
        let plain = revision.is_some() || capped;
        let mut number = 1;
        while (joined.updates.len() as u64) < total && joined.consistent && size > 0 {
            if joined.updates.len() > MOST {
                joined.consistent = false;
                break;
            }
            progress(joined.updates.len() as u64, total);
            number += 1;
            let (page, count) = if plain || number > LAST_OVERLAP {
                (next_plain(joined.updates.len(), size), size)
            } else {
                (number, PAGE + 1 - number)
            };
            let next = self.page(list, page, count).await?;
            let start = (page as usize - 1) * count as usize;
            joined.consistent &= next.total == total && next.revision == revision;
            joined.append(start, next.updates);
        }
        let overlapped = !plain && number <= LAST_OVERLAP;
        if joined.consistent && number > 1 && revision.is_none() && !overlapped {
            let again = self.page(list, 1, size).await?;
            joined.consistent &= again.total == total && joined.starts_with(&again.updates);
        }
        if number > 1 {
            progress(total, total);
        }
        Ok(joined.finish(total, revision))
    }
}

/// Returns the page of `size` entries that holds the entry at `position`.
fn next_plain(position: usize, size: u32) -> u32 {
    u32::try_from(position / size as usize + 1).unwrap_or(u32::MAX)
}

/// Pages put together.
struct Joined {
    updates: Vec<RemoteUpdate>,
    consistent: bool,
}

impl Joined {
    fn of(first: UpdatePage) -> Self {
        Self {
            updates: first.updates,
            consistent: true,
        }
    }

    /// Adds a page that starts at entry `start`; what overlaps must be the same.
    fn append(&mut self, start: usize, page: Vec<RemoteUpdate>) {
        let known = self.updates.get(start..).unwrap_or_default();
        let same = known.len() <= page.len() && known.iter().zip(&page).all(|(a, b)| a.id == b.id);
        let overlap = known.len();
        if !same || page.len() == overlap {
            // Either it changed, or there is no more though `total` says so.
            self.consistent = false;
            return;
        }
        self.updates.extend(page.into_iter().skip(overlap));
    }

    fn starts_with(&self, page: &[RemoteUpdate]) -> bool {
        self.updates.len() >= page.len() && self.updates.iter().zip(page).all(|(a, b)| a.id == b.id)
    }

    fn finish(mut self, total: u64, revision: Option<u64>) -> Listed {
        let before = self.updates.len();
        let mut seen = HashSet::with_capacity(before);
        self.updates.retain(|update| seen.insert(update.id.clone()));
        Listed {
            complete: self.consistent
                && self.updates.len() == before
                && self.updates.len() as u64 == total,
            updates: self.updates,
            revision,
        }
    }
}

#[cfg(test)]
mod tests;
