//! Publishing: what is due, one attempt each, and how it ended.
//!
//! The attempt is on disk before it is made. One without an outcome is never made again: its update
//! becomes failed with the words "may have been sent".

use std::sync::Arc;
use std::time::Duration;

use super::create::fixed;
use super::{Keeper, MISSED_AFTER, Result};
use crate::domain::time::Timestamp;
use crate::server::book::FixedKind;
use crate::server::connection::{CommandConnection, Connection, demo};
use crate::server::model::{ObjectId, Profile, Reaction, Stage, Update};
use crate::server::sql;
use crate::store;

/// How long after it was sent a connection is asked about an update.
const WATCHED_FOR: i64 = 7 * 24 * 60 * 60;

/// The words for an attempt whose outcome nobody knows.
pub(in crate::server) const UNKNOWN: &str =
    "it may have been sent: look at the network before you put it back into the queue";

/// An attempt that is on disk and now has to be made outside.
#[derive(Debug, Clone)]
pub(in crate::server) struct Job {
    pub(in crate::server) update: Update,
    pub(in crate::server) profile: Arc<Profile>,
    pub(in crate::server) command: CommandConnection,
}

/// A sent update whose connection can say how people react.
#[derive(Debug, Clone)]
pub(in crate::server) struct Watched {
    pub(in crate::server) update: Update,
    pub(in crate::server) profile: Arc<Profile>,
    pub(in crate::server) program: Vec<String>,
    pub(in crate::server) timeout: Duration,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) enum Outcome {
    /// The network took it.
    Sent {
        service_update_id: String,
        /// JSON of its numbers, or the mark of made-up ones.
        statistics: Option<String>,
    },
    /// It surely did not go out.
    Refused { reason: String },
    /// Nobody knows.
    Unknown { reason: String },
}

impl Keeper {
    /// Begins to send everything that is due. One command at a time per profile, so jobs of one
    /// profile are to be done in their order.
    /// The jobs are there even if something went wrong: they have begun.
    pub(in crate::server) async fn send_due(&mut self, now: Timestamp) -> (Vec<Job>, Result<()>) {
        let mut jobs = Vec::new();
        for index in 0..self.lanes.len() {
            let sent = self.send_due_of(index, now, &mut jobs).await;
            if sent.is_err() {
                return (jobs, sent);
            }
        }
        (jobs, Ok(()))
    }

    async fn send_due_of(
        &mut self,
        index: usize,
        now: Timestamp,
        jobs: &mut Vec<Job>,
    ) -> Result<()> {
        self.take_due(index, now).await?;
        let lane = &self.lanes[index];
        if lane.profile.paused {
            return Ok(());
        }
        let mut due: Vec<_> = lane
            .book
            .fixed
            .iter()
            .filter(|f| f.kind != FixedKind::Sending && f.at <= now)
            .map(|f| (f.at, f.id))
            .collect();
        due.sort_unstable();
        for (at, id) in due {
            let (index, update) = self.found(id).await?;
            if at < now.plus(-MISSED_AFTER) {
                self.miss(index, update, at, now).await?;
            } else {
                jobs.extend(self.send(index, update, false, now).await?);
            }
        }
        Ok(())
    }

    /// Returns when the next update is due; none if nothing has a time.
    pub(in crate::server) fn next_due(&mut self) -> Option<Timestamp> {
        self.lanes
            .iter_mut()
            .filter(|lane| !lane.profile.paused)
            .filter_map(|lane| {
                lane.slots.advance(lane.profile.anchor);
                let own = lane
                    .book
                    .fixed
                    .iter()
                    .filter(|f| f.kind != FixedKind::Sending)
                    .map(|f| f.at)
                    .min();
                let slot = lane.book.head_slot(&mut lane.slots);
                [own, slot].into_iter().flatten().min()
            })
            .min()
    }

    /// Writes that an attempt begins, and makes it if that can be done here.
    pub(super) async fn send(
        &mut self,
        index: usize,
        mut update: Update,
        shared_now: bool,
        now: Timestamp,
    ) -> Result<Option<Job>> {
        let mut book = self.lanes[index].book.clone();
        let due = if shared_now {
            None
        } else {
            update.own_time.map(|own| own.at).or(update.due_at)
        };
        update.stage = Stage::Sending;
        update.position = None;
        update.due_at = Some(due.unwrap_or(now));
        update.shared_now = shared_now;
        update.error = None;
        book.remove(update.id);
        book.fixed
            .push(fixed(&update, due.unwrap_or(now), FixedKind::Sending));
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::save_update(&mut tx, &update).await?;
        sql::begin_attempt(&mut tx, update.id, now).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        Ok(self.carry_out(index, update, now).await)
    }

    /// Makes a begun attempt: at once for `demo`, as a job for a command. It never fails: what has
    /// begun and cannot be written to its end stays an attempt without an outcome.
    pub(super) async fn carry_out(
        &mut self,
        index: usize,
        update: Update,
        now: Timestamp,
    ) -> Option<Job> {
        let profile = self.owner(index);
        let outcome = match self.connections.get(&profile.connection) {
            Some(Connection::Command(command)) => {
                return Some(Job {
                    command: command.clone(),
                    profile,
                    update,
                });
            }
            Some(Connection::Demo) => demo::publish(update.id),
            None => Outcome::Refused {
                reason: format!(
                    "the server's config has no connection named `{}`",
                    profile.connection
                ),
            },
        };
        if let Err(refusal) = self.finish(update.id, outcome, now).await {
            tracing::error!(%refusal, "the outcome of an attempt could not be written");
        }
        None
    }

    /// Writes how an attempt ended.
    pub(in crate::server) async fn finish(
        &mut self,
        id: ObjectId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<()> {
        let (index, mut update) = self.found(id).await?;
        if update.stage != Stage::Sending {
            return Ok(());
        }
        let word = apply(&mut update, outcome, now);
        self.settle(index, update, word, now).await
    }

    /// Returns the updates of the last week whose connection can say how people react.
    pub(in crate::server) async fn watched(&mut self, now: Timestamp) -> Result<Vec<Watched>> {
        let mut watched = Vec::new();
        for lane in &self.lanes {
            let Some(Connection::Command(command)) = self.connections.get(&lane.profile.connection)
            else {
                continue;
            };
            let Some(program) = &command.interactions else {
                continue;
            };
            let since = now.plus(-WATCHED_FOR);
            for update in sql::sent_since(&mut self.conn, lane.profile.id, since).await? {
                watched.push(Watched {
                    update,
                    profile: Arc::clone(&lane.profile),
                    program: program.clone(),
                    timeout: command.timeout,
                });
            }
        }
        Ok(watched)
    }

    /// Stores how people reacted.
    pub(in crate::server) async fn react(
        &mut self,
        id: ObjectId,
        reactions: &[Reaction],
        statistics: Option<String>,
    ) -> Result<()> {
        let mut tx = store::begin(&mut self.conn).await?;
        for reaction in reactions {
            sql::insert_reaction(&mut tx, id, reaction).await?;
        }
        if let Some(statistics) = statistics {
            sql::save_statistics(&mut tx, id, &statistics).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Gives up on an update whose time is long over.
    async fn miss(
        &mut self,
        index: usize,
        mut update: Update,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        update.stage = Stage::Failed;
        update.position = None;
        update.due_at = Some(at);
        update.updated_at = now;
        update.error = Some("it missed its time: nothing was running then to send it".to_owned());
        self.settle(index, update, "missed", now).await
    }

    async fn settle(
        &mut self,
        index: usize,
        update: Update,
        word: &str,
        now: Timestamp,
    ) -> Result<()> {
        let mut book = self.lanes[index].book.clone();
        book.remove(update.id);
        let profile = self.lanes[index].touched(now);
        let mut tx = store::begin(&mut self.conn).await?;
        sql::save_update(&mut tx, &update).await?;
        sql::end_attempt(&mut tx, update.id, now, word).await?;
        sql::save_profile(&mut tx, &profile).await?;
        tx.commit().await?;
        self.lanes[index].replace(profile, book);
        Ok(())
    }

    /// What was going out when the last server ended may have been sent.
    pub(super) async fn give_up_interrupted(
        &mut self,
        now: Timestamp,
    ) -> std::result::Result<(), sqlx::Error> {
        let interrupted = sql::interrupted(&mut self.conn).await?;
        let mut tx = store::begin(&mut self.conn).await?;
        for mut update in interrupted {
            let reason = "the server ended while it was sending".to_owned();
            let word = apply(&mut update, Outcome::Unknown { reason }, now);
            sql::save_update(&mut tx, &update).await?;
            sql::end_attempt(&mut tx, update.id, now, word).await?;
            sql::touch_profile(&mut tx, update.profile).await?;
        }
        tx.commit().await
    }
}

/// Writes an outcome into its update; returns the word for the attempt.
fn apply(update: &mut Update, outcome: Outcome, now: Timestamp) -> &'static str {
    update.updated_at = now;
    match outcome {
        Outcome::Sent {
            service_update_id,
            statistics,
        } => {
            update.stage = Stage::Sent;
            update.sent_at = Some(now);
            update.service_update_id = Some(service_update_id);
            update.statistics = statistics;
            "sent"
        }
        Outcome::Refused { reason } => {
            update.stage = Stage::Failed;
            update.error = Some(reason);
            "refused"
        }
        Outcome::Unknown { reason } => {
            update.stage = Stage::Failed;
            update.error = Some(format!("{reason}; {UNKNOWN}"));
            "unknown"
        }
    }
}
