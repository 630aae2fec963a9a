//! Reads a whole list page by page, and says whether what came is one consistent list.
//!
//! A list changes while it is read. Where the server numbers its changes, all pages must have the
//! same number. Elsewhere neighbouring pages overlap (page `k` has `101 - k` entries), so that an
//! entry that moved between two requests is seen; beyond what that can cover, the first page is
//! read again at the end. A list that stays inconsistent is handed over as incomplete, and then
//! nothing may be taken for gone because it is missing. One that comes to more than is kept
//! ([`super::allowance`]) is not handed over at all. Of an update that is as it is stored
//! ([`super::stored`]) no copy is held while the others are read.

use std::collections::HashSet;
use std::rc::Rc;

use super::allowance::{Allowance, MOST_UPDATES, NotRead, Share, TooMuch};
use super::budget::Rank;
use super::disk::stored_hash;
use super::stored::StoredUpdates;
use super::worker::Gate;
use crate::api::{Api, List, Page, UpdatePage};
use crate::domain::id::{ProfileId, RemoteId};
use crate::domain::time::Timestamp;
use crate::domain::update::{OwnTime, RemoteUpdate};

/// The most a page may have.
const PAGE: u32 = 100;
/// The last page that overlaps: page 51 of 50 entries ends where page 50 of 51 does.
const LAST_OVERLAP: u32 = 50;
/// How often an inconsistent list is read.
const TRIES: usize = 3;

/// An update of a list, as far as it has to be held.
#[derive(Debug, PartialEq)]
pub(super) enum ListedUpdate {
    /// All of it.
    Whole(RemoteUpdate),
    /// It is as it is stored.
    AsStored(AsStored),
}

/// What is held of an update that is as it is stored.
#[derive(Debug, PartialEq)]
pub(super) struct AsStored {
    pub(super) id: RemoteId,
    /// The hash of its body.
    pub(super) hash: i64,
    /// When it goes out, which is not stored with the body.
    pub(super) due_at: Option<Timestamp>,
    pub(super) own_time: Option<OwnTime>,
    /// How many bytes all of it takes while it is kept.
    pub(super) bytes: usize,
}

impl ListedUpdate {
    /// Keeps of an update of so many bytes what is not stored.
    fn of(update: RemoteUpdate, bytes: usize, stored: &StoredUpdates) -> Self {
        if stored.is_empty() {
            return Self::Whole(update);
        }
        match stored_hash(&update.body) {
            Ok(hash) if stored.has(&update.id, hash) => Self::AsStored(AsStored {
                id: update.id,
                hash,
                due_at: update.body.due_at,
                own_time: update.body.own_time,
                bytes,
            }),
            Ok(_) | Err(_) => Self::Whole(update),
        }
    }

    fn id(&self) -> &RemoteId {
        match self {
            Self::Whole(update) => &update.id,
            Self::AsStored(update) => &update.id,
        }
    }

    /// Returns all of it, unless it is as it is stored.
    pub(super) fn whole(self) -> Option<RemoteUpdate> {
        match self {
            Self::Whole(update) => Some(update),
            Self::AsStored(_) => None,
        }
    }
}

/// A list as read.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) updates: Vec<ListedUpdate>,
    pub(super) revision: Option<u64>,
    /// Whether nothing can be missing.
    pub(super) complete: bool,
    /// What it takes while it is held.
    share: Vec<Share>,
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
    terms: Terms<'_>,
    profile: &ProfileId,
    revision: Option<u64>,
    failed: bool,
    progress: &dyn Fn(u64, u64),
) -> Result<QueueRead, NotRead> {
    if revision.is_some() {
        terms.gate.pass(terms.rank).await;
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
        terms,
        profile,
        since: None,
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
    terms: Terms<'_>,
    profile: &ProfileId,
    since: Timestamp,
    failed: bool,
) -> Result<Listed, NotRead> {
    let source = Source {
        api,
        terms,
        profile,
        since: Some(since),
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
        all.share.extend(more.share);
    }
    Ok(all)
}

/// On which terms lists are read.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Where each request waits for its turn, and of which rank it is.
    pub(super) gate: &'a Rc<Gate>,
    pub(super) rank: Rank,
    /// What the lists of the account may take, and what the one takes now that is read again.
    pub(super) allowance: &'a Rc<Allowance>,
    pub(super) replaces: usize,
    /// What is stored of the list: of that no copy is held.
    pub(super) stored: &'a StoredUpdates,
}

/// A profile of which lists are read.
struct Source<'a, A> {
    api: &'a A,
    terms: Terms<'a>,
    profile: &'a ProfileId,
    since: Option<Timestamp>,
}

impl<A: Api> Source<'_, A> {
    async fn page(&self, list: List, page: u32, count: u32) -> Result<UpdatePage, NotRead> {
        self.terms.gate.pass(self.terms.rank).await;
        let since = self.since;
        let page = Page { page, count, since };
        let mut page = self.api.updates(self.profile, list, page).await?;
        for update in &mut page.updates {
            // The name is held once.
            update.body.profile = self.profile.clone();
        }
        Ok(page)
    }

    /// Reads a list until it is consistent, or [`TRIES`] times.
    async fn list(&self, list: List, progress: &dyn Fn(u64, u64)) -> Result<Listed, NotRead> {
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
    async fn once(&self, list: List, progress: &dyn Fn(u64, u64)) -> Result<Listed, NotRead> {
        let first = self.page(list, 1, PAGE).await?;
        let (total, revision) = (first.total, first.revision);
        let share = Share::new(self.terms.allowance, self.terms.replaces);
        let mut joined = Joined::of(first, share, self.terms.stored)?;
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
            joined.append(start, next.updates)?;
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

/// For how many updates room is made if a server says that so many will come.
fn room(total: u64) -> usize {
    usize::try_from(total).map_or(MOST_UPDATES, |total| total.min(MOST_UPDATES))
}

/// Returns the page of `size` entries that holds the entry at `position`.
fn next_plain(position: usize, size: u32) -> u32 {
    u32::try_from(position / size as usize + 1).unwrap_or(u32::MAX)
}

/// Pages put together.
struct Joined<'a> {
    updates: Vec<ListedUpdate>,
    consistent: bool,
    share: Share,
    stored: &'a StoredUpdates,
}

impl<'a> Joined<'a> {
    fn of(first: UpdatePage, share: Share, stored: &'a StoredUpdates) -> Result<Self, TooMuch> {
        let mut joined = Self {
            // One block from the start: it would be copied again and again while it grows, and a
            // block for each page would leave holes between the texts when all of them are let go.
            // What is never written takes no memory, whatever a server says that will come.
            updates: Vec::with_capacity(room(first.total)),
            consistent: true,
            share,
            stored,
        };
        joined.keep(first.updates.into_iter())?;
        Ok(joined)
    }

    fn keep(&mut self, updates: impl Iterator<Item = RemoteUpdate>) -> Result<(), TooMuch> {
        for update in updates {
            let bytes = self.share.add(&update.id, &update.body)?;
            self.updates
                .push(ListedUpdate::of(update, bytes, self.stored));
        }
        Ok(())
    }

    /// Adds a page that starts at entry `start`; what overlaps must be the same.
    fn append(&mut self, start: usize, page: Vec<RemoteUpdate>) -> Result<(), TooMuch> {
        let overlap = self.updates.len().saturating_sub(start);
        let is_same = |(a, b): (&ListedUpdate, &RemoteUpdate)| *a.id() == b.id;
        let same = overlap <= page.len() && self.updates.iter().skip(start).zip(&page).all(is_same);
        if !same || page.len() == overlap {
            // Either it changed, or there is no more though `total` says so.
            self.consistent = false;
            return Ok(());
        }
        self.keep(page.into_iter().skip(overlap))
    }

    fn starts_with(&self, page: &[RemoteUpdate]) -> bool {
        self.updates.len() >= page.len()
            && self.updates.iter().zip(page).all(|(a, b)| *a.id() == b.id)
    }

    fn finish(mut self, total: u64, revision: Option<u64>) -> Listed {
        let before = self.updates.len();
        // All are there until the last was looked at; then those that are there twice go.
        let twice: HashSet<usize> = {
            let mut seen = HashSet::with_capacity(before);
            let all = self.updates.iter().enumerate();
            all.filter(|(_, update)| !seen.insert(update.id()))
                .map(|(at, _)| at)
                .collect()
        };
        if !twice.is_empty() {
            let mut at = 0..;
            self.updates
                .retain(|_| !twice.contains(&at.next().unwrap_or(0)));
        }
        Listed {
            complete: self.consistent && twice.is_empty() && before as u64 == total,
            updates: self.updates,
            revision,
            share: vec![self.share],
        }
    }
}

#[cfg(test)]
mod tests;
