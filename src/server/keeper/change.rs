//! Changing one update: edit, share, destroy, requeue.

use super::create::{fixed, not_past, own_kind};
use super::{Job, Keeper, Listed, Result};
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::domain::update::{Media, OwnTime};
use crate::server::book::{Book, Movable};
use crate::server::error::{Code, Refusal};
use crate::server::model::{ObjectId, Stage, Update};
use crate::server::sql;
use crate::store;
use crate::wire::form::When;

/// What an edit wants.
#[derive(Debug, Clone)]
pub(in crate::server) struct Edit {
    pub(in crate::server) text: String,
    /// None: keep what is attached.
    pub(in crate::server) media: Option<Media>,
    pub(in crate::server) when: When,
    pub(in crate::server) pinned: Option<bool>,
    /// Publish the new text in the same request.
    pub(in crate::server) now: bool,
}

impl Keeper {
    /// Replaces text, media and time of a pending or failed update.
    pub(in crate::server) async fn edit(
        &mut self,
        id: ObjectId,
        edit: Edit,
        now: Timestamp,
    ) -> Result<(Listed, Option<Job>)> {
        let (index, before) = self.found(id).await?;
        self.take_due(index, now).await?;
        refuse_gone(&before)?;
        let (_, before) = self.found(id).await?;
        let mut update = before.clone();
        update.content.text = edit.text;
        if let Some(media) = edit.media {
            update.content.media = media.into();
        }
        update.updated_at = now;
        if text::normalized(&update.content.text) != text::normalized(&before.content.text) {
            self.check_duplicate(index, &update.content, Some(id), now)
                .await?;
        }
        let mut book = self.lanes[index].book.clone();
        if update.stage == Stage::Pending {
            self.retime(index, &mut update, &mut book, (edit.when, edit.pinned), now)?;
        } else {
            self.retime_failed(index, &mut update, (edit.when, edit.pinned), now)?;
        }
        let moved = book.settle();
        if let Some((_, position)) = moved.iter().find(|(moved, _)| *moved == id) {
            update.position = Some(*position);
        }
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::save_update(&mut tx, &update).await?;
        sql::save_positions(&mut tx, &moved).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        let mut job = None;
        if edit.now {
            job = self.send(index, update.clone(), true, now).await?;
            if let Ok((_, now_is)) = self.found(id).await {
                update = now_is;
            }
        }
        Ok((self.seen(index, update), job))
    }

    /// Gives an update a time of its own, a pin, or a slot again.
    fn retime(
        &mut self,
        index: usize,
        update: &mut Update,
        book: &mut Book,
        (when, pinned): (When, Option<bool>),
        now: Timestamp,
    ) -> Result<()> {
        let was = update.own_time;
        let wanted = match (when, pinned) {
            (When::Absent, None) => return Ok(()),
            (When::Cleared, _) => None,
            (When::At(at), pin) => Some((at, pin.or(was.map(|own| own.pinned)).unwrap_or(false))),
            (When::Absent, Some(true)) => match was {
                Some(own) => Some((own.at, true)),
                None => self.slot_of(index, update.id).map(|at| (at, true)),
            },
            (When::Absent, Some(false)) => was.filter(|own| !own.pinned).map(|own| (own.at, false)),
        };
        let lane = &mut self.lanes[index];
        let wanted = wanted.map(|(at, pin)| OwnTime {
            at,
            pinned: pin && lane.slots.has(at),
        });
        if wanted == was {
            return Ok(());
        }
        if let Some(own) = wanted {
            if was.map(|was| was.at) != Some(own.at) {
                not_past(own.at, now)?;
            }
            book.remove(update.id);
            book.fixed.push(fixed(update, own.at, own_kind(own.pinned)));
            update.position = None;
        } else {
            // A slot again: at the place its time had.
            let from = was.map_or(now, |own| own.at);
            let place = lane
                .rows()
                .iter()
                .filter(|row| !row.fixed && row.due_at.is_some_and(|at| at < from))
                .count();
            book.remove(update.id);
            let entry = Movable {
                id: update.id,
                created_at: update.created_at,
                position: None,
            };
            book.movable.insert(place.min(book.movable.len()), entry);
        }
        update.own_time = wanted;
        update.due_at = None;
        Ok(())
    }

    /// Gives a failed update the time at which it goes out once it is put back into the queue.
    fn retime_failed(
        &self,
        index: usize,
        update: &mut Update,
        (when, pinned): (When, Option<bool>),
        now: Timestamp,
    ) -> Result<()> {
        match when {
            When::Absent => {}
            When::Cleared => update.own_time = None,
            When::At(at) => {
                if update.own_time.map(|was| was.at) != Some(at) {
                    not_past(at, now)?;
                }
                let pinned = pinned.unwrap_or(false) && self.lanes[index].slots.has(at);
                update.own_time = Some(OwnTime { at, pinned });
            }
        }
        Ok(())
    }

    fn slot_of(&mut self, index: usize, id: ObjectId) -> Option<Timestamp> {
        let rows = self.lanes[index].rows();
        rows.iter().find(|row| row.id == id)?.due_at
    }

    /// Publishes one pending update at once.
    pub(in crate::server) async fn share(
        &mut self,
        id: ObjectId,
        now: Timestamp,
    ) -> Result<Option<Job>> {
        let (index, update) = self.found(id).await?;
        self.take_due(index, now).await?;
        if update.stage == Stage::Failed {
            return Err(Refusal::new(
                Code::NotSaved,
                "this update failed; put it back into the queue first",
            ));
        }
        refuse_gone(&update)?;
        self.send(index, update, true, now).await
    }

    /// Deletes a pending or failed update.
    pub(in crate::server) async fn destroy(&mut self, id: ObjectId, now: Timestamp) -> Result<()> {
        let (index, update) = self.found(id).await?;
        self.take_due(index, now).await?;
        refuse_gone(&update)?;
        let mut book = self.lanes[index].book.clone();
        book.remove(id);
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::delete_update(&mut tx, id).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        Ok(())
    }

    /// Puts a failed update to the end of the queue.
    pub(in crate::server) async fn requeue(
        &mut self,
        id: ObjectId,
        now: Timestamp,
    ) -> Result<Listed> {
        let (index, mut update) = self.found(id).await?;
        self.take_due(index, now).await?;
        if update.stage != Stage::Failed {
            return Err(Refusal::new(
                Code::NotFailed,
                "only a failed update can be put back into the queue",
            ));
        }
        self.check_room(index)?;
        let mut book = self.lanes[index].book.clone();
        update.stage = Stage::Pending;
        update.error = None;
        update.shared_now = false;
        update.due_at = None;
        update.updated_at = now;
        update.own_time = update.own_time.filter(|own| own.at > now);
        if let Some(own) = update.own_time {
            book.fixed
                .push(fixed(&update, own.at, own_kind(own.pinned)));
        } else {
            book.movable.push(Movable {
                id,
                created_at: update.created_at,
                position: None,
            });
        }
        let moved = book.settle();
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::save_update(&mut tx, &update).await?;
        sql::save_positions(&mut tx, &moved).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        let (index, update) = self.found(id).await?;
        Ok(self.seen(index, update))
    }
}

/// Refuses to change what went out or is going out.
fn refuse_gone(update: &Update) -> Result<()> {
    let message = match update.stage {
        Stage::Pending | Stage::Failed => return Ok(()),
        Stage::Sending => "this update is being sent right now",
        Stage::Sent => "this update was already sent",
    };
    Err(Refusal::new(Code::NotSaved, message))
}
