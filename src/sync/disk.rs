//! The store of one account: what is written, and when.
//!
//! Everything that must happen together is one [`Disk::commit`]: the change of a state, the attempt
//! it belongs to, the remote id that was learned. What is on disk after a crash is what the last
//! commit said, and the next start goes on from there.

mod counts;
mod mirror;
mod others;
mod restore;

use std::path::PathBuf;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row as _};

use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::protocol::{Draft, Kept, SentPage, Stack};
use crate::store::{self, Place, Schema, StoreError, Trouble};

pub(super) use mirror::{Known, MirrorRow, NewMirror, StoredUpdate};
pub(super) use others::{Difference, Seen};
pub(super) use restore::{Restored, StoredOperation};

/// What a client's store is.
const SCHEMA: Schema = Schema {
    application_id: 0x7175_7243, // "quRC"
    migrations: &[
        include_str!("../../assets/sql/client/0001.sql"),
        include_str!("../../assets/sql/client/0002.sql"),
    ],
};

/// An open store.
#[derive(Debug)]
pub(super) struct Disk {
    connection: SqliteConnection,
    path: PathBuf,
    /// Which leader this one is; none if it is none.
    epoch: Option<i64>,
    is_deposed: bool,
}

/// One thing to write.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// A new operation, queued.
    Insert(Box<Operation>),
    /// How far an operation has come.
    State(OperationId, OperationState),
    /// An operation is about to be sent: in flight, with the number of the try.
    Try {
        operation: OperationId,
        number: u32,
        at: Timestamp,
        /// The order a reorder asks for.
        wanted: Option<Vec<LocalId>>,
        /// The last operation of the request, if it is one of several.
        request: Option<OperationId>,
        /// What a create says, if a later edit goes out with it.
        sent: Option<Content>,
    },
    /// What came of a try, for people who look into the file.
    Outcome {
        operation: OperationId,
        number: u32,
        outcome: &'static str,
    },
    /// The API's id of one of our updates.
    Remote {
        local: LocalId,
        remote: RemoteId,
        profile: ProfileId,
    },
    /// An update that was only seen gets a local id, unless it has one.
    Seen {
        local: LocalId,
        remote: RemoteId,
        profile: ProfileId,
    },
    /// An operation leaves the outbox.
    End {
        operation: OperationId,
        how: &'static str,
        at: Timestamp,
    },
    /// An operation was fitted to a newer read.
    Rebase(Box<Operation>),
    /// What is being typed.
    Draft(Option<Draft>),
    /// What was done and can be taken back or done again.
    Keep { put: Vec<Kept>, gone: Vec<GroupId> },
    /// A fact about the account.
    Fact(&'static str, String),
    /// The profiles as just read.
    Profiles(Vec<Profile>),
    /// A first page of sent updates.
    Sent(Box<SentPage>),
}

impl Disk {
    /// Opens the store, made and migrated if need be.
    pub(super) async fn open(place: &Place) -> Result<Self, StoreError> {
        let path = match place {
            Place::File(path) => path.clone(),
            Place::Memory => PathBuf::from("memory"),
        };
        let connection = store::connect(place, &SCHEMA).await?;
        Ok(Self {
            connection,
            path,
            epoch: None,
            is_deposed: false,
        })
    }

    /// Says what an error means for the person, with the file's name.
    pub(super) fn explain(&self, error: &sqlx::Error) -> String {
        format!("{}: {}", self.path.display(), Trouble::of(error))
    }

    /// Writes all of these, or none.
    pub(super) async fn commit(&mut self, writes: &[Write]) -> Result<(), sqlx::Error> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        transaction.commit().await
    }

    /// Returns the API's id of an update.
    pub(super) async fn remote(&mut self, local: LocalId) -> Result<Option<RemoteId>, sqlx::Error> {
        let remote: Option<Option<String>> =
            sqlx::query_scalar("SELECT remote FROM known WHERE local = $1")
                .bind(blob(local))
                .fetch_optional(&mut self.connection)
                .await?;
        Ok(remote
            .flatten()
            .and_then(|remote| RemoteId::parse(&remote).ok()))
    }

    /// Returns our id of an update the API gave.
    pub(super) async fn local(
        &mut self,
        remote: &RemoteId,
    ) -> Result<Option<LocalId>, sqlx::Error> {
        let local: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT local FROM known WHERE remote = $1")
                .bind(remote.as_str())
                .fetch_optional(&mut self.connection)
                .await?;
        Ok(local.and_then(|local| local_id(&local)))
    }

    /// Returns a fact about the account.
    pub(super) async fn fact(&mut self, key: &str) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT value FROM fact WHERE key = $1")
            .bind(key)
            .fetch_optional(&mut self.connection)
            .await
    }

    /// Returns the order the last try of a reorder asked for.
    pub(super) async fn wanted(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<Vec<LocalId>>, sqlx::Error> {
        let row = sqlx::query("SELECT wanted FROM operation WHERE id = $1")
            .bind(blob_of(operation))
            .fetch_optional(&mut self.connection)
            .await?;
        let wanted: Option<Vec<u8>> = match row {
            Some(row) => row.try_get(0)?,
            None => None,
        };
        Ok(wanted.map(|wanted| wanted.chunks_exact(16).filter_map(local_id).collect()))
    }

    /// Takes a queued operation out, unless the instance that sends has begun with it.
    pub(super) async fn withdraw(
        &mut self,
        operation: OperationId,
        at: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = store::begin(&mut self.connection).await?;
        let state: Option<String> = sqlx::query_scalar("SELECT state FROM operation WHERE id = $1")
            .bind(blob_of(operation))
            .fetch_optional(&mut *transaction)
            .await?;
        if state != Some(json(&OperationState::Queued)?) {
            return Ok(false);
        }
        end(&mut transaction, operation, "cancelled", at).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Forgets the oldest ended operations; enough are kept to see what happened.
    pub(super) async fn prune(&mut self, now: Timestamp) -> Result<(), sqlx::Error> {
        let mut transaction = store::begin(&mut self.connection).await?;
        let old = sqlx::query(
            "DELETE FROM history
             WHERE at < $1 OR seq <= (SELECT max(seq) FROM history) - 20000",
        );
        execute(old.bind(now.plus(-90 * 86_400).0), &mut transaction).await?;
        let orphans = sqlx::query(
            "DELETE FROM attempt WHERE operation NOT IN (SELECT id FROM operation)
             AND operation NOT IN (SELECT id FROM history)",
        );
        execute(orphans, &mut transaction).await?;
        transaction.commit().await
    }

    /// Closes the store; the last connection writes its log back into the file.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the store was not closed cleanly; nothing is lost");
        }
    }
}

/// Writes one thing.
async fn apply(connection: &mut SqliteConnection, write: &Write) -> Result<(), sqlx::Error> {
    match write {
        Write::Insert(operation) => insert(connection, operation).await,
        Write::State(operation, state) => {
            execute(
                sqlx::query("UPDATE operation SET state = $2 WHERE id = $1")
                    .bind(blob_of(*operation))
                    .bind(json(state)?),
                connection,
            )
            .await
        }
        Write::Try {
            operation,
            number,
            at,
            wanted,
            request,
            sent,
        } => {
            let what = (wanted.as_deref(), *request, sent.as_ref());
            begin_try(connection, *operation, *number, *at, what).await
        }
        Write::Outcome {
            operation,
            number,
            outcome,
        } => {
            execute(
                sqlx::query("UPDATE attempt SET outcome = $3 WHERE operation = $1 AND number = $2")
                    .bind(blob_of(*operation))
                    .bind(number)
                    .bind(*outcome),
                connection,
            )
            .await
        }
        Write::Remote {
            local,
            remote,
            profile,
        } => put_remote(connection, *local, remote, profile).await,
        Write::Seen {
            local,
            remote,
            profile,
        } => {
            // A local id that somebody holds stays; a reply may also name one update twice.
            let seen = sqlx::query(
                "INSERT INTO known (local, remote, profile) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
            .bind(blob(*local))
            .bind(remote.as_str())
            .bind(profile.as_str());
            execute(seen, connection).await
        }
        Write::End { operation, how, at } => end(connection, *operation, how, *at).await,
        Write::Rebase(operation) => {
            execute(
                sqlx::query("UPDATE operation SET body = $2 WHERE id = $1")
                    .bind(blob_of(operation.id))
                    .bind(json(operation)?),
                connection,
            )
            .await
        }
        Write::Draft(draft) => put_draft(connection, draft.as_ref()).await,
        Write::Keep { put, gone } => keep(connection, put, gone).await,
        Write::Fact(key, value) => {
            execute(
                sqlx::query("INSERT OR REPLACE INTO fact (key, value) VALUES ($1, $2)")
                    .bind(*key)
                    .bind(value),
                connection,
            )
            .await
        }
        Write::Profiles(profiles) => put_profiles(connection, profiles).await,
        Write::Sent(page) => {
            execute(
                sqlx::query("INSERT OR REPLACE INTO sent (profile, body) VALUES ($1, $2)")
                    .bind(page.profile.as_str())
                    .bind(json(page)?),
                connection,
            )
            .await
        }
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

async fn execute(query: Query<'_>, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query.execute(connection).await.map(|_| ())
}

async fn insert(c: &mut SqliteConnection, operation: &Operation) -> Result<(), sqlx::Error> {
    // A second try to store what was stored changes nothing.
    let query = sqlx::query(
        "INSERT INTO operation (id, profile, word, body, state) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(blob_of(operation.id))
    .bind(operation.profile.as_str())
    .bind(operation.change.word())
    .bind(json(operation)?)
    .bind(json(&OperationState::Queued)?);
    execute(query, c).await
}

async fn begin_try(
    c: &mut SqliteConnection,
    operation: OperationId,
    number: u32,
    at: Timestamp,
    (wanted, request, sent): (Option<&[LocalId]>, Option<OperationId>, Option<&Content>),
) -> Result<(), sqlx::Error> {
    let wanted: Option<Vec<u8>> =
        wanted.map(|wanted| wanted.iter().flat_map(|id| id.0.to_bytes()).collect());
    let state = sqlx::query(
        "UPDATE operation SET state = $2, attempts = $3, tried_at = $4, wanted = $5, request = $6,
         sent = $7 WHERE id = $1",
    )
    .bind(blob_of(operation))
    .bind(json(&OperationState::InFlight)?)
    .bind(number)
    .bind(at.0)
    .bind(wanted)
    .bind(request.map(blob_of))
    .bind(sent.map(json).transpose()?);
    // Another instance may have taken it back: then nothing is sent.
    if state.execute(&mut *c).await?.rows_affected() == 0 {
        return Err(sqlx::Error::RowNotFound);
    }
    let attempt =
        sqlx::query("INSERT OR REPLACE INTO attempt (operation, number, at) VALUES ($1, $2, $3)")
            .bind(blob_of(operation))
            .bind(number)
            .bind(at.0);
    execute(attempt, c).await
}

async fn end(
    c: &mut SqliteConnection,
    operation: OperationId,
    how: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    let keep = sqlx::query(
        "INSERT INTO history (id, body, ended, at)
         SELECT id, body, $2, $3 FROM operation WHERE id = $1",
    )
    .bind(blob_of(operation))
    .bind(how)
    .bind(at.0);
    execute(keep, c).await?;
    let remove = sqlx::query("DELETE FROM operation WHERE id = $1").bind(blob_of(operation));
    execute(remove, c).await
}

async fn put_remote(
    c: &mut SqliteConnection,
    local: LocalId,
    remote: &RemoteId,
    profile: &ProfileId,
) -> Result<(), sqlx::Error> {
    // Operations hold the local id of the create: it wins over one from a page that showed the
    // update before the create was known to have made it.
    let other = sqlx::query("DELETE FROM known WHERE remote = $1 AND local <> $2")
        .bind(remote.as_str())
        .bind(blob(local));
    execute(other, c).await?;
    let put = sqlx::query(
        "INSERT INTO known (local, remote, profile) VALUES ($1, $2, $3)
         ON CONFLICT (local) DO UPDATE SET remote = excluded.remote",
    )
    .bind(blob(local))
    .bind(remote.as_str())
    .bind(profile.as_str());
    execute(put, c).await
}

async fn put_draft(c: &mut SqliteConnection, draft: Option<&Draft>) -> Result<(), sqlx::Error> {
    match draft {
        Some(draft) => {
            let put = sqlx::query("INSERT OR REPLACE INTO draft (one, body) VALUES (1, $1)");
            execute(put.bind(json(draft)?), c).await
        }
        None => execute(sqlx::query("DELETE FROM draft"), c).await,
    }
}

async fn keep(c: &mut SqliteConnection, put: &[Kept], gone: &[GroupId]) -> Result<(), sqlx::Error> {
    for kept in put {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO done (id, stack, place, body) VALUES ($1, $2, $3, $4)",
        )
        .bind(kept.done.group.0.to_bytes().to_vec())
        .bind(match kept.stack {
            Stack::Undo => 0,
            Stack::Redo => 1,
        })
        .bind(i64::try_from(kept.place).unwrap_or(i64::MAX))
        .bind(json(kept)?);
        execute(query, c).await?;
    }
    for group in gone {
        let query = sqlx::query("DELETE FROM done WHERE id = $1");
        execute(query.bind(group.0.to_bytes().to_vec()), c).await?;
    }
    Ok(())
}

async fn put_profiles(c: &mut SqliteConnection, profiles: &[Profile]) -> Result<(), sqlx::Error> {
    execute(sqlx::query("DELETE FROM profile"), c).await?;
    for (place, profile) in profiles.iter().enumerate() {
        let put =
            sqlx::query("INSERT OR REPLACE INTO profile (id, place, body) VALUES ($1, $2, $3)")
                .bind(profile.id.as_str())
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(json(profile)?);
        execute(put, c).await?;
    }
    Ok(())
}

fn blob(id: LocalId) -> Vec<u8> {
    id.0.to_bytes().to_vec()
}

fn blob_of(id: OperationId) -> Vec<u8> {
    id.0.to_bytes().to_vec()
}

fn local_id(bytes: &[u8]) -> Option<LocalId> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    Some(LocalId(ulid::Ulid::from_bytes(bytes)))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}
