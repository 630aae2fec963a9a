//! Making and changing profiles.

use chrono_tz::Tz;

use super::read::Counted;
use super::{Keeper, Lane, Result};
use crate::domain::profile::Service;
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;
use crate::server::book::{Book, FixedKind, Slots};
use crate::server::error::{Code, Refusal};
use crate::server::model::{ObjectId, Profile};
use crate::server::sql;
use crate::store;

/// Most slots in a week.
pub(in crate::server) const SCHEDULE_LIMIT: usize = 730;

/// What a new profile is made of.
#[derive(Debug, Clone)]
pub(in crate::server) struct NewProfile {
    pub(in crate::server) service: Service,
    pub(in crate::server) name: String,
    pub(in crate::server) zone: Tz,
    pub(in crate::server) schedule: Schedule,
    pub(in crate::server) connection: String,
}

/// A change of a profile; none keeps.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct ProfileChange {
    pub(in crate::server) name: Option<String>,
    pub(in crate::server) zone: Option<Tz>,
    pub(in crate::server) schedule: Option<Schedule>,
    pub(in crate::server) connection: Option<String>,
    pub(in crate::server) paused: Option<bool>,
}

impl Keeper {
    /// Makes a profile.
    pub(in crate::server) async fn create_profile(
        &mut self,
        new: NewProfile,
        now: Timestamp,
    ) -> Result<Counted> {
        check_schedule(&new.schedule)?;
        self.check_connection(&new.connection)?;
        let taken = self
            .lanes
            .iter()
            .any(|lane| lane.profile.service == new.service && lane.profile.name == new.name);
        if taken {
            return Err(Refusal::new(
                Code::ProfileNotSaved,
                "there is already a profile with this name on this network",
            ));
        }
        let position = self.lanes.last().map_or(1, |s| s.profile.position + 1);
        let profile = Profile {
            id: self.fresh(now),
            position,
            service: new.service,
            name: new.name,
            zone: new.zone,
            schedule: new.schedule,
            connection: new.connection,
            paused: false,
            anchor: now,
            revision: 1,
            followers: 0,
            created_at: now,
        };
        sql::insert_profile(&mut self.conn, &profile).await?;
        self.lanes.push(Lane::new(profile, Book::default()));
        self.counted(self.lanes.len() - 1).await
    }

    /// Changes a profile; due times follow.
    pub(in crate::server) async fn change_profile(
        &mut self,
        id: ObjectId,
        change: ProfileChange,
        now: Timestamp,
    ) -> Result<Counted> {
        let index = self.lane(id)?;
        if let Some(schedule) = &change.schedule {
            check_schedule(schedule)?;
        }
        if let Some(connection) = &change.connection {
            self.check_connection(connection)?;
        }
        self.take_due(index, now).await?;
        let mut profile = self.lanes[index].touched(now);
        let schedule_before = profile.schedule.clone();
        let zone_before = profile.zone;
        profile.name = change.name.unwrap_or(profile.name);
        profile.zone = change.zone.unwrap_or(profile.zone);
        profile.schedule = change.schedule.unwrap_or(profile.schedule);
        profile.connection = change.connection.unwrap_or(profile.connection);
        profile.paused = change.paused.unwrap_or(profile.paused);
        let mut book = self.lanes[index].book.clone();
        let mut unpinned = Vec::new();
        if profile.schedule != schedule_before || profile.zone != zone_before {
            let slots = Slots::new(profile.schedule.clone(), profile.zone, now);
            for fixed in &mut book.fixed {
                if fixed.kind == FixedKind::Pinned && !slots.has(fixed.at) {
                    // Its slot is gone; it keeps its time.
                    fixed.kind = FixedKind::Custom;
                    unpinned.push(fixed.id);
                }
            }
        }
        let mut tx = store::begin(&mut self.conn).await?;
        for id in unpinned {
            sql::unpin(&mut tx, id).await?;
        }
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        self.counted(index).await
    }

    /// Deletes a profile with all its updates.
    pub(in crate::server) async fn destroy_profile(&mut self, id: ObjectId) -> Result<()> {
        let index = self.lane(id)?;
        let sending = self.lanes[index]
            .book
            .fixed
            .iter()
            .any(|f| f.kind == FixedKind::Sending);
        if sending {
            return Err(Refusal::new(
                Code::ProfileNotSaved,
                "one of its updates is being sent right now; try again in a minute",
            ));
        }
        let mut tx = store::begin(&mut self.conn).await?;
        sql::delete_profile(&mut tx, id).await?;
        tx.commit().await?;
        self.lanes.remove(index);
        Ok(())
    }

    fn check_connection(&self, name: &str) -> Result<()> {
        if self.connections.get(name).is_some() {
            return Ok(());
        }
        Err(Refusal::bounds(format!(
            "there is no connection with this name; there are: {}",
            self.connections.names().join(", ")
        )))
    }
}

fn check_schedule(schedule: &Schedule) -> Result<()> {
    let slots: usize = schedule
        .0
        .iter()
        .map(|entry| entry.days.len() * entry.times.len())
        .sum();
    if slots > SCHEDULE_LIMIT {
        return Err(Refusal::new(
            Code::ScheduleLimit,
            format!("a schedule may have {SCHEDULE_LIMIT} times a week"),
        ));
    }
    Ok(())
}
