//! Reading: updates, pages of them, profiles.

use std::sync::Arc;

use super::{Keeper, Listed, Result};
use crate::domain::time::Timestamp;
use crate::server::model::{ObjectId, Profile, Reaction, Stage};
use crate::server::sql;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) struct Part {
    /// How many to leave out.
    pub(in crate::server) offset: usize,
    /// How many at most.
    pub(in crate::server) count: usize,
    /// Only what is newer than this.
    pub(in crate::server) since: Option<Timestamp>,
}

/// A part of a list, how long all of it is, and the profile's revision.
#[derive(Debug)]
pub(in crate::server) struct Listing {
    pub(in crate::server) total: u64,
    pub(in crate::server) updates: Vec<Listed>,
    pub(in crate::server) revision: i64,
}

/// A profile and its numbers.
#[derive(Debug)]
pub(in crate::server) struct Counted {
    pub(in crate::server) profile: Arc<Profile>,
    pub(in crate::server) pending: usize,
    pub(in crate::server) sent: i64,
}

impl Keeper {
    /// Returns one update.
    pub(in crate::server) async fn update(&mut self, id: ObjectId) -> Result<Listed> {
        let (lane, update) = self.found(id).await?;
        Ok(self.seen(lane, update))
    }

    /// Returns a part of a queue in the order it goes out.
    pub(in crate::server) async fn pending(
        &mut self,
        profile: ObjectId,
        part: Part,
    ) -> Result<Listing> {
        let index = self.lane(profile)?;
        let lane = &mut self.lanes[index];
        let mut rows = lane.rows();
        if let Some(since) = part.since {
            rows.retain(|row| row.created_at > since);
        }
        let page: Vec<_> = rows
            .iter()
            .skip(part.offset)
            .take(part.count)
            .copied()
            .collect();
        let ids: Vec<ObjectId> = page.iter().map(|row| row.id).collect();
        let owner = Arc::clone(&lane.profile);
        let updates = sql::updates(&mut self.conn, &ids).await?;
        // Both are in the same order, and every row of a book is in the database.
        let updates = page
            .iter()
            .zip(updates)
            .map(|(row, update)| Listed {
                update,
                profile: Arc::clone(&owner),
                due_at: row.due_at,
            })
            .collect();
        Ok(Listing {
            total: rows.len() as u64,
            updates,
            revision: owner.revision,
        })
    }

    /// Returns a part of what was sent, or failed, newest first.
    pub(in crate::server) async fn history(
        &mut self,
        profile: ObjectId,
        stage: Stage,
        part: Part,
    ) -> Result<Listing> {
        let index = self.lane(profile)?;
        let owner = Arc::clone(&self.lanes[index].profile);
        let page = (
            i64::try_from(part.offset).unwrap_or(i64::MAX),
            i64::try_from(part.count).unwrap_or(i64::MAX),
        );
        let (total, updates) =
            sql::history(&mut self.conn, profile, stage, part.since, page).await?;
        Ok(Listing {
            total,
            updates: updates
                .into_iter()
                .map(|update| Listed {
                    update,
                    profile: Arc::clone(&owner),
                    due_at: None,
                })
                .collect(),
            revision: owner.revision,
        })
    }

    /// Returns the interactions a connection reported for an update.
    pub(in crate::server) async fn reactions(&mut self, id: ObjectId) -> Result<Vec<Reaction>> {
        Ok(sql::reactions(&mut self.conn, id).await?)
    }

    /// Returns every profile.
    pub(in crate::server) async fn profiles(&mut self) -> Result<Vec<Counted>> {
        let mut all = Vec::with_capacity(self.lanes.len());
        for index in 0..self.lanes.len() {
            all.push(self.counted(index).await?);
        }
        Ok(all)
    }

    /// Returns one profile.
    pub(in crate::server) async fn profile(&mut self, id: ObjectId) -> Result<Counted> {
        let index = self.lane(id)?;
        self.counted(index).await
    }

    pub(super) async fn counted(&mut self, index: usize) -> Result<Counted> {
        let lane = &self.lanes[index];
        let (profile, pending) = (Arc::clone(&lane.profile), lane.book.len());
        let sent = sql::sent_count(&mut self.conn, profile.id).await?;
        Ok(Counted {
            profile,
            pending,
            sent,
        })
    }

    /// Returns how many wait for a profile, and that as a percentage of the limit.
    pub(in crate::server) fn fill(&self, profile: ObjectId) -> (u64, u64) {
        let pending = self
            .lanes
            .iter()
            .find(|lane| lane.profile.id == profile)
            .map_or(0, |lane| lane.book.len() as u64);
        let percentage = self
            .rules
            .pending_limit
            .filter(|limit| *limit > 0)
            .map_or(0, |limit| pending * 100 / u64::from(limit));
        (pending, percentage)
    }

    /// Returns how often an address was shared from here.
    pub(in crate::server) async fn link_count(&mut self, url: &str) -> Result<i64> {
        Ok(sql::link_count(&mut self.conn, url).await?)
    }
}
