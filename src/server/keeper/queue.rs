//! The order of a queue: slots that come, reorder, shuffle, move to the top.

use std::sync::Arc;

use super::read::{Listing, Part};
use super::{Keeper, Listed, Result};
use crate::domain::time::Timestamp;
use crate::server::book::{Fixed, FixedKind};
use crate::server::error::{Code, Refusal};
use crate::server::model::{ObjectId, Profile, Stage};
use crate::server::quirks::Quirks;
use crate::server::sql;
use crate::store;

impl Keeper {
    /// Takes those whose slot has come out of the order: from now on nothing but sending, editing
    /// or deleting them changes when they go out.
    pub(super) async fn take_due(&mut self, index: usize, now: Timestamp) -> Result<()> {
        let lane = &mut self.lanes[index];
        if lane.profile.paused {
            return Ok(());
        }
        let mut profile = Profile::clone(&lane.profile);
        let mut book = lane.book.clone();
        let mut taken = Vec::new();
        lane.slots.advance(profile.anchor);
        while let Some(slot) = book.head_slot(&mut lane.slots).filter(|slot| *slot <= now) {
            let head = book.movable.remove(0);
            book.fixed.push(Fixed {
                id: head.id,
                created_at: head.created_at,
                at: slot,
                kind: FixedKind::Due,
            });
            taken.push((head.id, slot));
            profile.anchor = slot;
            lane.slots.advance(slot);
        }
        if taken.is_empty() {
            return Ok(());
        }
        let mut tx = store::begin(&mut self.conn).await?;
        for (id, slot) in taken {
            sql::take_slot(&mut tx, id, slot).await?;
        }
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        Ok(())
    }

    /// Puts `order` at `offset` of the queue; returns the first `count` of the queue it made.
    pub(in crate::server) async fn reorder(
        &mut self,
        profile: ObjectId,
        order: &[ObjectId],
        (offset, count): (usize, usize),
        quirks: &Quirks,
        now: Timestamp,
    ) -> Result<Listing> {
        let index = self.lane(profile)?;
        self.take_due(index, now).await?;
        let lane = &mut self.lanes[index];
        let rows = lane.rows();
        let mut book = lane.book.clone();
        if quirks.refuses_unknown_ids && order.iter().any(|id| rows.iter().all(|row| row.id != *id))
        {
            return Err(Refusal::bounds(
                "`order` has an id that is not in the queue",
            ));
        }
        if quirks.absolute_offset {
            book.reorder_absolute(&rows, order, offset);
        } else {
            book.reorder(&rows, order, offset);
        }
        self.save_order(index, book, now).await?;
        self.head(profile, count).await
    }

    /// Draws a new order for those that take a slot; returns the first `count`.
    pub(in crate::server) async fn shuffle(
        &mut self,
        profile: ObjectId,
        count: usize,
        now: Timestamp,
    ) -> Result<Listing> {
        let index = self.lane(profile)?;
        self.take_due(index, now).await?;
        let mut book = self.lanes[index].book.clone();
        self.random.shuffle(&mut book.movable);
        self.save_order(index, book, now).await?;
        self.head(profile, count).await
    }

    /// Makes an update the next to take a slot.
    pub(in crate::server) async fn move_to_top(
        &mut self,
        id: ObjectId,
        now: Timestamp,
    ) -> Result<Listed> {
        let (index, update) = self.found(id).await?;
        self.take_due(index, now).await?;
        let mut book = self.lanes[index].book.clone();
        let at = book.movable.iter().position(|m| m.id == id);
        let Some(at) = at.filter(|_| update.stage == Stage::Pending) else {
            return Err(Refusal::new(
                Code::NotMovable,
                "only a pending update without a time of its own can be moved to the top",
            ));
        };
        book.movable[..=at].rotate_right(1);
        self.save_order(index, book, now).await?;
        let (index, update) = self.found(id).await?;
        Ok(self.seen(index, update))
    }

    async fn save_order(
        &mut self,
        index: usize,
        mut book: crate::server::book::Book,
        now: Timestamp,
    ) -> Result<()> {
        let moved = book.settle();
        if moved.is_empty() {
            return Ok(());
        }
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::save_positions(&mut tx, &moved).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        Ok(())
    }

    /// Returns the first `count` of a queue.
    async fn head(&mut self, profile: ObjectId, count: usize) -> Result<Listing> {
        let part = Part {
            offset: 0,
            count,
            since: None,
        };
        self.pending(profile, part).await
    }

    /// Returns the profile as it now is.
    pub(super) fn owner(&self, index: usize) -> Arc<Profile> {
        Arc::clone(&self.lanes[index].profile)
    }
}
