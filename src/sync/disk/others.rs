//! What other instances wrote, and what an instance may write beside the one that sends.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::restore::StoredOperation;
use super::rows::{PROFILE, TAG};
use super::write::{TAGGED, apply_all, fact};
use super::{Disk, Write, blob_of, json, operations};
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::profile::Profile;
use crate::domain::replica::QueueSnapshot;
use crate::domain::tag::{Tagged, Tags};
use crate::protocol::SentPage;
use crate::store;

/// The fact that counts the leaders there were.
const EPOCH: &str = "epoch";
/// After so many pages the log is written back into the file; only the leader does that.
const CHECKPOINT: &str = "PRAGMA wal_autocheckpoint = 1000";
const NO_CHECKPOINT: &str = "PRAGMA wal_autocheckpoint = 0";

/// What an instance has read of what it does not write itself.
#[derive(Debug, Default)]
pub(in crate::sync) struct Seen {
    /// SQLite's own count of what other connections did.
    version: i64,
    generations: HashMap<ProfileId, i64>,
    sent: HashMap<String, u64>,
    /// How often tags were written, and what they were.
    tagged: Option<String>,
    tags: HashMap<LocalId, u64>,
}

/// What is in the store and was not when it was read last.
#[derive(Debug, Default)]
pub(in crate::sync) struct Difference {
    /// All operations there are.
    pub(in crate::sync) operations: Vec<StoredOperation>,
    /// Those that left, and how.
    pub(in crate::sync) ended: Vec<(OperationId, String)>,
    /// All profiles there are.
    pub(in crate::sync) profiles: Vec<Profile>,
    /// The queues that differ.
    pub(in crate::sync) queues: Vec<(ProfileId, QueueSnapshot)>,
    /// The pages of sent updates that differ.
    pub(in crate::sync) sent: Vec<SentPage>,
    /// The updates that others tagged, as they are tagged now.
    pub(in crate::sync) tags: Vec<Tagged>,
}

impl Seen {
    /// Has everything read again.
    pub(in crate::sync) fn forget_version(&mut self) {
        self.version = -1;
    }

    /// Notes what this instance itself writes: that is no news.
    pub(in crate::sync) fn note_tags(&mut self, tagged: &[Tagged]) {
        for one in tagged {
            if one.tags.is_empty() {
                self.tags.remove(&one.update);
            } else {
                self.tags.insert(one.update, hash(&one.tags));
            }
        }
    }
}

impl Disk {
    /// Begins to send for the account: earlier leaders write nothing any more, should one still
    /// live. That cannot be while the kernel's lock works; it can if its file was removed.
    pub(in crate::sync) async fn lead(&mut self) -> Result<(), sqlx::Error> {
        (self.epoch, self.is_deposed) = (None, false);
        if self.is_absent() {
            return Ok(());
        }
        pragma(self, CHECKPOINT).await?;
        let mut transaction = store::begin(&mut self.connection).await?;
        let before = epoch(&mut transaction).await?;
        let epoch = before.and_then(|e| e.parse::<i64>().ok()).unwrap_or(0) + 1;
        apply_all(&mut transaction, &[Write::Fact(EPOCH, epoch.to_string())]).await?;
        transaction.commit().await?;
        self.epoch = Some(epoch);
        Ok(())
    }

    /// Leaves it to another instance to send, and to write the log back.
    pub(in crate::sync) async fn follow(&mut self) -> Result<(), sqlx::Error> {
        (self.epoch, self.is_deposed) = (None, false);
        pragma(self, NO_CHECKPOINT).await
    }

    /// Says whether another instance has begun to send though this one never ended.
    pub(in crate::sync) fn lost_lead(&self) -> bool {
        self.is_deposed
    }

    /// Changes the state of an operation, unless it is not in state `from` any more: the instance
    /// that sends was faster.
    pub(in crate::sync) async fn change_if(
        &mut self,
        operation: OperationId,
        from: &OperationState,
        to: &OperationState,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = store::begin(&mut self.connection).await?;
        let row = operations::row(&mut transaction, operation).await?;
        let wanted = json(from)?;
        if row.is_none_or(|row| row.state() != Some(wanted.as_str())) {
            return Ok(false);
        }
        let write = Write::State(operation, to.clone());
        apply_all(&mut transaction, &[write]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes what is in the store now as seen.
    pub(in crate::sync) async fn see(&mut self) -> Result<Seen, sqlx::Error> {
        let version = self.version().await?;
        let mut seen = Seen {
            version,
            ..Seen::default()
        };
        seen.generations = self.generations().await?;
        for (profile, body) in self.sent_bodies().await? {
            seen.sent.insert(profile, hash(&body));
        }
        self.tags_of_others(&mut seen).await?;
        Ok(seen)
    }

    /// Says whether another connection wrote since this was asked last.
    pub(in crate::sync) async fn others_wrote(
        &mut self,
        seen: &mut Seen,
    ) -> Result<bool, sqlx::Error> {
        let version = self.version().await?;
        Ok(std::mem::replace(&mut seen.version, version) != version)
    }

    /// Reads what others wrote, as it was at one moment; none if they wrote nothing. `known` are
    /// the operations that are known to be there.
    pub(in crate::sync) async fn difference(
        &mut self,
        seen: &mut Seen,
        known: &[(OperationId, ProfileId)],
    ) -> Result<Option<Difference>, sqlx::Error> {
        let version = self.version().await?;
        if version == seen.version {
            return Ok(None);
        }
        sqlx::raw_sql("BEGIN").execute(&mut self.connection).await?;
        let found = self.find(seen, known).await;
        sqlx::raw_sql("COMMIT")
            .execute(&mut self.connection)
            .await?;
        let found = found?;
        seen.version = version;
        Ok(Some(found))
    }

    async fn find(
        &mut self,
        seen: &mut Seen,
        known: &[(OperationId, ProfileId)],
    ) -> Result<Difference, sqlx::Error> {
        let mut found = Difference {
            operations: self.operations().await?.0,
            profiles: self.bodies_of(&PROFILE, "place").await?.0,
            ..Difference::default()
        };
        let mut generations = self.generations().await?;
        let mut fresh: Vec<ProfileId> = generations
            .iter()
            .filter(|(profile, generation)| seen.generations.get(*profile) != Some(*generation))
            .map(|(profile, _)| profile.clone())
            .collect();
        for (id, profile) in known {
            if found.operations.iter().all(|s| s.operation.id != *id)
                && let Some(how) = self.ended(*id).await?
            {
                found.ended.push((*id, how));
                if !fresh.contains(profile) && generations.contains_key(profile) {
                    fresh.push(profile.clone());
                }
            }
        }
        for profile in fresh {
            let queue = self.cached(&profile).await?;
            found.queues.extend(queue.map(|queue| (profile, queue)));
        }
        for (profile, body) in self.sent_bodies().await? {
            let hash = hash(&body);
            if seen.sent.insert(profile, hash) != Some(hash) {
                found.sent.extend(serde_json::from_str::<SentPage>(&body));
            }
        }
        found.tags = self.tags_of_others(seen).await?;
        std::mem::swap(&mut seen.generations, &mut generations);
        Ok(found)
    }

    /// Returns the updates whose tags are not as they were seen or written here.
    pub(in crate::sync) async fn tags_of_others(
        &mut self,
        seen: &mut Seen,
    ) -> Result<Vec<Tagged>, sqlx::Error> {
        let tagged = fact(&mut self.connection, TAGGED).await?;
        let tagged = Some(tagged.unwrap_or_default());
        if tagged == seen.tagged {
            return Ok(Vec::new());
        }
        let (rows, _) = self.bodies_of::<Tagged>(&TAG, "id").await?;
        let mut now: HashMap<LocalId, u64> = HashMap::with_capacity(rows.len());
        now.extend(rows.iter().map(|one| (one.update, hash(&one.tags))));
        let is_new = |one: &Tagged| seen.tags.get(&one.update) != now.get(&one.update);
        let mut news: Vec<Tagged> = rows.into_iter().filter(is_new).collect();
        let gone = seen.tags.keys().filter(|update| !now.contains_key(*update));
        news.extend(gone.map(|update| Tagged {
            update: *update,
            tags: Tags::new(),
        }));
        (seen.tagged, seen.tags) = (tagged, now);
        Ok(news)
    }

    /// Says how an operation left the outbox; none if it did not.
    pub(in crate::sync) async fn ended(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<String>, sqlx::Error> {
        // From the newest on: what is asked for left just now.
        sqlx::query_scalar("SELECT ended FROM history WHERE id = $1 ORDER BY seq DESC LIMIT 1")
            .bind(blob_of(operation))
            .fetch_optional(&mut self.connection)
            .await
    }

    async fn version(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut self.connection)
            .await
    }

    async fn generations(&mut self) -> Result<HashMap<ProfileId, i64>, sqlx::Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as("SELECT profile, generation FROM queue")
            .fetch_all(&mut self.connection)
            .await?;
        let parsed = rows
            .into_iter()
            .filter_map(|(profile, n)| Some((ProfileId::parse(&profile).ok()?, n)));
        Ok(parsed.collect())
    }

    async fn sent_bodies(&mut self) -> Result<Vec<(String, String)>, sqlx::Error> {
        sqlx::query_as("SELECT profile, body FROM sent")
            .fetch_all(&mut self.connection)
            .await
    }
}

/// Begins a transaction; that of the leader `mine` fails, and it is deposed, if it is the leader no
/// more.
pub(super) async fn begin<'c>(
    connection: &'c mut sqlx::SqliteConnection,
    mine: Option<i64>,
    is_deposed: &mut bool,
) -> Result<sqlx::Transaction<'c, sqlx::Sqlite>, sqlx::Error> {
    let mut transaction = store::begin(connection).await?;
    if let Some(mine) = mine
        && epoch(&mut transaction).await? != Some(mine.to_string())
    {
        *is_deposed = true;
        let reason = "another instance sends for this account now".to_owned();
        return Err(sqlx::Error::Protocol(reason));
    }
    Ok(transaction)
}

async fn epoch(connection: &mut sqlx::SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    fact(connection, EPOCH).await
}

async fn pragma(disk: &mut Disk, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(statement)
        .execute(&mut disk.connection)
        .await
        .map(|_| ())
}

fn hash(text: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
