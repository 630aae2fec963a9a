//! Making updates: one per profile, all or none.

use std::collections::HashSet;

use super::{Job, Keeper, Listed, PAST_TOLERANCE, Result};
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, OwnTime};
use crate::server::book::{Book, Fixed, FixedKind, Movable};
use crate::server::error::{Code, Refusal};
use crate::server::model::{ObjectId, Profile, Stage, Update};
use crate::server::sql;
use crate::store;

/// What is to be made.
#[derive(Debug, Clone)]
pub(in crate::server) struct NewUpdates {
    /// For whom; unknown ones are ignored.
    pub(in crate::server) profiles: Vec<ObjectId>,
    pub(in crate::server) content: Content,
    pub(in crate::server) place: Place,
    /// What made it.
    pub(in crate::server) via: String,
}

/// Where new updates go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Place {
    /// Behind the last slot-scheduled one.
    End,
    /// Before the first slot-scheduled one.
    Top,
    /// Out at once.
    Now,
    /// At a time of its own.
    At { at: Timestamp, pinned: bool },
}

/// One new update with what its profile becomes by it.
struct Made {
    lane: usize,
    update: Update,
    profile: Profile,
    book: Book,
    moved: Vec<(ObjectId, i64)>,
}

impl Keeper {
    /// Makes the updates; what goes out at once is already marked so, and is in the jobs unless
    /// its connection is done with it.
    pub(in crate::server) async fn create(
        &mut self,
        new: &NewUpdates,
        now: Timestamp,
    ) -> Result<(Vec<Listed>, Vec<Job>)> {
        let mut named = HashSet::new();
        let lanes: Vec<usize> = new
            .profiles
            .iter()
            .filter(|id| named.insert(**id))
            .filter_map(|id| self.lane(*id).ok())
            .collect();
        if lanes.is_empty() {
            return Err(Refusal::new(
                Code::NotYourProfile,
                "none of these profiles is yours",
            ));
        }
        if let Place::At { at, .. } = new.place {
            not_past(at, now)?;
        }
        let mut all = Vec::with_capacity(lanes.len());
        for index in lanes {
            self.take_due(index, now).await?;
            self.check_room(index)?;
            self.check_duplicate(index, &new.content, None, now).await?;
            all.push(self.made(index, new, now));
        }
        self.store(&mut all, new.place == Place::Now, now).await?;
        Ok(self.publish_made(all, new.place == Place::Now, now).await)
    }

    /// Writes all of them in one transaction.
    async fn store(&mut self, all: &mut [Made], out: bool, now: Timestamp) -> Result<()> {
        let mut tx = store::begin(&mut self.conn).await?;
        for made in all.iter() {
            sql::insert_update(&mut tx, &made.update).await?;
            sql::save_positions(&mut tx, &made.moved).await?;
            sql::save_profile(&mut tx, &made.profile).await?;
            if out {
                sql::begin_attempt(&mut tx, made.update.id, now).await?;
            }
        }
        tx.commit().await?;
        for made in all {
            let book = std::mem::take(&mut made.book);
            self.lanes[made.lane].replace(made.profile.clone(), book);
        }
        Ok(())
    }

    async fn publish_made(
        &mut self,
        all: Vec<Made>,
        out: bool,
        now: Timestamp,
    ) -> (Vec<Listed>, Vec<Job>) {
        let (mut listed, mut jobs) = (Vec::with_capacity(all.len()), Vec::new());
        for made in all {
            let mut update = made.update;
            if out {
                jobs.extend(self.carry_out(made.lane, update.clone(), now).await);
                if let Ok((_, now_is)) = self.found(update.id).await {
                    update = now_is;
                }
            }
            listed.push(self.seen(made.lane, update));
        }
        (listed, jobs)
    }

    fn made(&mut self, index: usize, new: &NewUpdates, now: Timestamp) -> Made {
        let id = self.fresh(now);
        let lane = &self.lanes[index];
        let (profile, mut book) = (lane.touched(now), lane.book.clone());
        let mut update = Update {
            id,
            profile: profile.id,
            stage: Stage::Pending,
            position: None,
            own_time: None,
            due_at: None,
            content: new.content.clone(),
            created_at: now,
            updated_at: now,
            sent_at: None,
            service_update_id: None,
            shared_now: false,
            statistics: None,
            error: None,
            via: new.via.clone(),
        };
        let movable = Movable {
            id,
            created_at: now,
            position: None,
        };
        match new.place {
            Place::End => book.movable.push(movable),
            Place::Top => book.movable.insert(0, movable),
            Place::Now => {
                update.stage = Stage::Sending;
                update.shared_now = true;
                update.due_at = Some(now);
                book.fixed.push(fixed(&update, now, FixedKind::Sending));
            }
            Place::At { at, pinned } => {
                let pinned = pinned && lane.slots.has(at);
                update.own_time = Some(OwnTime { at, pinned });
                book.fixed.push(fixed(&update, at, own_kind(pinned)));
            }
        }
        // Its row is inserted before the positions are written, so one list serves all.
        let moved = book.settle();
        Made {
            lane: index,
            update,
            profile,
            book,
            moved,
        }
    }

    pub(super) fn check_room(&self, index: usize) -> Result<()> {
        let pending = self.lanes[index].book.len();
        match self.rules.pending_limit {
            Some(limit) if pending >= limit as usize => Err(Refusal::new(
                Code::PendingLimit,
                format!("this queue is full: {limit} updates may wait"),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses a text that waits or went out not long ago in another update of the profile.
    pub(super) async fn check_duplicate(
        &mut self,
        index: usize,
        content: &Content,
        except: Option<ObjectId>,
        now: Timestamp,
    ) -> Result<()> {
        if self.rules.takes_duplicates || content.text.trim().is_empty() {
            return Ok(());
        }
        let profile = self.lanes[index].profile.id;
        let since = now.plus(-self.rules.duplicate_window);
        if sql::has_text(&mut self.conn, profile, &content.text, since, except).await? {
            return Err(Refusal::new(
                Code::Duplicate,
                "this text already waits in the queue or was sent not long ago",
            ));
        }
        Ok(())
    }
}

/// Refuses a time that is over.
pub(super) fn not_past(at: Timestamp, now: Timestamp) -> Result<()> {
    if at < now.plus(-PAST_TOLERANCE) {
        return Err(Refusal::new(
            Code::Past,
            "`scheduled_at` lies in the past; choose a time to come, or share the update now",
        ));
    }
    Ok(())
}

/// Returns the row of an update whose time no reorder changes.
pub(super) fn fixed(update: &Update, at: Timestamp, kind: FixedKind) -> Fixed {
    Fixed {
        id: update.id,
        created_at: update.created_at,
        at,
        kind,
    }
}

/// Returns what an update with a time of its own is.
pub(super) fn own_kind(pinned: bool) -> FixedKind {
    if pinned {
        FixedKind::Pinned
    } else {
        FixedKind::Custom
    }
}
