//! The one owner of the database: every use case is a method here, one at a time.
//!
//! Each first writes one transaction and then changes the books in memory, so a failure leaves both
//! as they were. The caller runs a method to its end once it is begun (see [`super::http`]): a
//! dropped one could have committed without its book knowing.

mod change;
mod create;
mod profiles;
mod publish;
mod queue;
mod read;

use std::sync::Arc;

use sqlx::sqlite::SqliteConnection;

pub(super) use change::Edit;
pub(super) use create::{NewUpdates, Place};
pub(super) use profiles::{NewProfile, ProfileChange, SCHEDULE_LIMIT};
pub(super) use publish::{Job, Outcome, Watched};
pub(super) use read::{Counted, Listing, Part};

use super::book::{Book, Fixed, FixedKind, Movable, Slots};
use super::connection::Connections;
use super::error::Refusal;
use super::model::{ObjectId, Profile, Stage, Update};
use super::sql;
use crate::domain::time::Timestamp;

/// An update more than this past its time is never sent by itself.
pub(super) const MISSED_AFTER: i64 = 15 * 60;
/// A time of its own may lie this far back (clocks differ, requests take a while): it goes out now.
pub(super) const PAST_TOLERANCE: i64 = 60;

type Result<T> = std::result::Result<T, Refusal>;

/// What the configuration decides about queues.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) pending_limit: Option<u32>,
    /// Seconds for which a sent text counts as a duplicate.
    pub(super) duplicate_window: i64,
    /// A text is never a duplicate.
    pub(super) takes_duplicates: bool,
}

/// An update, and all that is needed to show it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) update: Update,
    pub(super) profile: Arc<Profile>,
    /// When it goes out, for a pending one.
    pub(super) due_at: Option<Timestamp>,
}

/// One profile with its queue.
#[derive(Debug)]
struct Lane {
    profile: Arc<Profile>,
    book: Book,
    slots: Slots,
}

/// The one owner of the database.
#[derive(Debug)]
pub(super) struct Keeper {
    conn: SqliteConnection,
    lanes: Vec<Lane>,
    rules: Rules,
    connections: Arc<Connections>,
    random: fastrand::Rng,
    user: ObjectId,
    started: Timestamp,
}

impl Keeper {
    /// Reads the books. What was going out when the last server ended may have been sent.
    pub(super) async fn open(
        mut conn: SqliteConnection,
        rules: Rules,
        connections: Arc<Connections>,
        now: Timestamp,
        seed: u64,
    ) -> std::result::Result<Self, sqlx::Error> {
        let random = fastrand::Rng::with_seed(seed);
        let (user, started) = user(&mut conn, now, random.clone().u64(..)).await?;
        let mut keeper = Self {
            conn,
            lanes: Vec::new(),
            rules,
            connections,
            random,
            user,
            started,
        };
        keeper.give_up_interrupted(now).await?;
        keeper.reload(now).await?;
        Ok(keeper)
    }

    /// Reads everything from the database again.
    pub(super) async fn reload(&mut self, now: Timestamp) -> std::result::Result<(), sqlx::Error> {
        let mut lanes = Vec::new();
        for mut profile in sql::profiles(&mut self.conn).await? {
            // A clock that once was wrong must not hold the queue back.
            profile.anchor = profile.anchor.min(now);
            let book = read_book(&mut self.conn, profile.id).await?;
            lanes.push(Lane::new(profile, book));
        }
        self.lanes = lanes;
        Ok(())
    }

    /// Returns who owns everything here, and since when.
    pub(super) fn user(&self) -> (ObjectId, Timestamp) {
        (self.user, self.started)
    }

    /// Returns a fresh id.
    fn fresh(&mut self, now: Timestamp) -> ObjectId {
        ObjectId::new(now, self.random.u64(..))
    }

    /// Returns where a profile's lane is.
    fn lane(&self, profile: ObjectId) -> Result<usize> {
        self.lanes
            .iter()
            .position(|lane| lane.profile.id == profile)
            .ok_or_else(Refusal::no_profile)
    }

    /// Reads an update and finds its lane.
    async fn found(&mut self, id: ObjectId) -> Result<(usize, Update)> {
        let update = sql::update(&mut self.conn, id)
            .await?
            .ok_or_else(Refusal::no_update)?;
        let lane = self.lane(update.profile)?;
        Ok((lane, update))
    }

    /// Adds to one update what is needed to show it.
    fn seen(&mut self, index: usize, update: Update) -> Listed {
        let lane = &mut self.lanes[index];
        let due_at = match update.stage {
            Stage::Pending | Stage::Sending => lane
                .rows()
                .iter()
                .find(|row| row.id == update.id)
                .and_then(|row| row.due_at),
            Stage::Sent | Stage::Failed => None,
        };
        Listed {
            due_at,
            profile: Arc::clone(&lane.profile),
            update,
        }
    }
}

impl Lane {
    fn new(profile: Profile, book: Book) -> Self {
        let slots = Slots::new(profile.schedule.clone(), profile.zone, profile.anchor);
        Self {
            profile: Arc::new(profile),
            book,
            slots,
        }
    }

    /// Lays the queue out.
    fn rows(&mut self) -> Vec<super::book::Row> {
        self.slots.advance(self.profile.anchor);
        self.book.rows(&mut self.slots, self.profile.paused)
    }

    /// Returns what the profile becomes by a change at `now`. The anchor can follow the clock: no
    /// free slot lies between, or the head would have it.
    fn touched(&self, now: Timestamp) -> Profile {
        let mut profile = Profile::clone(&self.profile);
        profile.revision += 1;
        profile.anchor = profile.anchor.max(now);
        profile
    }

    /// Takes over what is now on disk.
    fn replace(&mut self, profile: Profile, book: Book) {
        if profile.schedule != self.profile.schedule || profile.zone != self.profile.zone {
            self.slots = Slots::new(profile.schedule.clone(), profile.zone, profile.anchor);
        }
        self.slots.advance(profile.anchor);
        self.profile = Arc::new(profile);
        self.book = book;
    }
}

/// Reads one profile's queue.
async fn read_book(
    conn: &mut SqliteConnection,
    profile: ObjectId,
) -> std::result::Result<Book, sqlx::Error> {
    let mut book = Book::default();
    for w in sql::waiting(conn, profile).await? {
        let kind = match (w.stage, w.own_time) {
            (Stage::Sending, _) => FixedKind::Sending,
            (_, Some(own)) if own.pinned => FixedKind::Pinned,
            (_, Some(_)) => FixedKind::Custom,
            (_, None) => FixedKind::Due,
        };
        let at = w.own_time.map(|own| own.at).or(w.due_at);
        match (kind, at) {
            (FixedKind::Due, None) => book.movable.push(Movable {
                id: w.id,
                created_at: w.created_at,
                position: w.position,
            }),
            (kind, at) => book.fixed.push(Fixed {
                id: w.id,
                created_at: w.created_at,
                at: at.unwrap_or(w.created_at),
                kind,
            }),
        }
    }
    Ok(book)
}

/// Returns the person everything here belongs to, made when the database is.
async fn user(
    conn: &mut SqliteConnection,
    now: Timestamp,
    rest: u64,
) -> std::result::Result<(ObjectId, Timestamp), sqlx::Error> {
    let id = sql::meta(conn, "user").await?;
    let since = sql::meta(conn, "since").await?;
    if let (Some(id), Some(since)) = (
        id.as_deref().and_then(ObjectId::parse),
        since.and_then(|at| at.parse().ok()),
    ) {
        return Ok((id, Timestamp(since)));
    }
    let id = ObjectId::new(now, rest);
    sql::set_meta(conn, "user", &id.to_string()).await?;
    sql::set_meta(conn, "since", &now.0.to_string()).await?;
    Ok((id, now))
}
