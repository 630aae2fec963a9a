//! The store of one account: what is written, and when.
//!
//! Everything that must happen together is one [`Disk::commit`]: the change of a state, the attempt
//! it belongs to, the remote id that was learned. What is on disk after a crash is what the last
//! commit said, and the next start goes on from there.

mod cached;
mod counts;
mod inspect;
mod known;
mod mirror;
mod open;
mod operations;
mod others;
mod queues;
mod restore;
mod rows;
mod salvage;
mod write;

use std::path::PathBuf;

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{AssertSqlSafe, Transaction};

use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, GroupId, LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::tag::Tagged;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::protocol::{Kept, SentPage};
use crate::store::beside::{self, Trace};
use crate::store::checksum::Checksum;
use crate::store::{self, Schema, Trouble, damaged};

pub(super) use cached::{CachedQueue, Numbers};
pub(super) use counts::Depth;
pub use counts::{Tally, tally};
pub use inspect::{Inspected, Stands, holder, inspect};
pub(super) use known::KnownUpdates;
pub(super) use mirror::{Known, MirrorRow, NewMirror, Order, stored_hash};
pub(super) use open::Found;
pub(super) use others::{Difference, Seen};
pub(super) use restore::{Restored, StoredOperation, numbers, stored};
pub(super) use salvage::Salvage;

/// What a client's store is.
const SCHEMA: Schema = Schema {
    application_id: 0x7175_7243, // "quRC"
    migrations: &[
        include_str!("../../assets/sql/client/0001.sql"),
        include_str!("../../assets/sql/client/0002.sql"),
        include_str!("../../assets/sql/client/0003.sql"),
        include_str!("../../assets/sql/client/0004.sql"),
        include_str!("../../assets/sql/client/0005.sql"),
    ],
};

/// An open store, or what stands in for one that cannot be opened.
#[derive(Debug)]
pub(super) struct Disk {
    connection: SqliteConnection,
    path: PathBuf,
    /// Which file was opened; none for a store in memory.
    file: Option<(u64, u64)>,
    trace: Option<Trace>,
    /// Whether this instance may save a damaged store and put damaged rows away.
    may_mend: bool,
    /// Why it stands in for a store; then nothing can be written.
    absent: Option<String>,
    /// What is wrong with it, if it must be opened again.
    doubt: Option<Doubt>,
    /// Which leader this one is; none if it is none.
    epoch: Option<i64>,
    is_deposed: bool,
}

/// Why a store must be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// The disk refused a read or write: what the connection holds may not be what lies there.
    Device,
    /// A row is not as it was written.
    Row,
    /// `SQLite` says that the file is damaged.
    File,
    /// The file is not at its path any more.
    Elsewhere,
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
    Draft(Box<Draft>),
    /// What was typed became an edit or was thrown away.
    DropDraft(DraftId),
    /// The tags of updates, and when they got them.
    Tags(Vec<Tagged>, Timestamp),
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
    fn of(connection: SqliteConnection, path: PathBuf, may_mend: bool) -> Self {
        Self {
            connection,
            path,
            file: None,
            trace: None,
            may_mend,
            absent: None,
            doubt: None,
            epoch: None,
            is_deposed: false,
        }
    }

    /// Says whether it only stands in for a store that cannot be opened.
    pub(super) fn is_absent(&self) -> bool {
        self.absent.is_some()
    }

    /// This instance is the one that sends now, and so the one that mends.
    pub(super) fn may_mend_now(&mut self) {
        self.may_mend = !self.is_absent();
    }

    /// Returns why it must be opened again, if it must.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    /// Notes what an error says of the file.
    pub(super) fn note(&mut self, error: &sqlx::Error) {
        let doubt = match Trouble::of(error) {
            Trouble::Damaged if matches!(error, sqlx::Error::Io(_)) => Doubt::Row,
            Trouble::Damaged | Trouble::Foreign => Doubt::File,
            Trouble::ReadOnly if self.is_elsewhere() => Doubt::Elsewhere,
            // A connection stays read-only when the file is so no more.
            Trouble::Device | Trouble::ReadOnly => Doubt::Device,
            Trouble::Full | Trouble::Busy | Trouble::Other(_) => return,
        };
        if !self.is_absent() {
            self.doubt = self.doubt.max(Some(doubt));
        }
    }

    /// Says what an error means for the person, with the file's name.
    pub(super) fn explain(&self, error: &sqlx::Error) -> String {
        match &self.absent {
            Some(why) => why.clone(),
            None if self.doubt == Some(Doubt::Elsewhere) => format!(
                "{}: it is not there any more; was it moved, or is its disk gone?",
                self.path.display()
            ),
            None => format!("{}: {}", self.path.display(), Trouble::of(error)),
        }
    }

    /// Refuses to write where nothing would be kept.
    fn ready(&mut self) -> Result<(), sqlx::Error> {
        if let Some(why) = &self.absent {
            return Err(sqlx::Error::Io(std::io::Error::other(why.clone())));
        }
        if self.is_elsewhere() {
            self.doubt = Some(Doubt::Elsewhere);
        }
        match self.doubt {
            Some(_) => Err(sqlx::Error::Io(std::io::Error::other("it is opened again"))),
            None => Ok(()),
        }
    }

    /// Writes all of these, or none.
    pub(super) async fn commit(&mut self, writes: &[Write]) -> Result<(), sqlx::Error> {
        if writes.is_empty() {
            return Ok(());
        }
        self.ready()?;
        let mut result = self.try_commit(writes).await;
        // What was learned is worth the ballast; what is new can wait in sight.
        let learned = writes.iter().any(|write| {
            matches!(
                write,
                Write::State(..) | Write::Outcome { .. } | Write::Remote { .. } | Write::End { .. }
            )
        });
        if learned
            && result
                .as_ref()
                .is_err_and(|error| Trouble::of(error) == Trouble::Full)
            && beside::drop_ballast(&self.path)
        {
            tracing::warn!("the disk is full: the space that was kept back is used");
            result = self.try_commit(writes).await;
        }
        if let Err(error) = &result {
            self.note(error);
        }
        result
    }

    async fn try_commit(&mut self, writes: &[Write]) -> Result<(), sqlx::Error> {
        let mut transaction =
            others::begin(&mut self.connection, self.epoch, &mut self.is_deposed).await?;
        write::apply_all(&mut transaction, writes).await?;
        finish(transaction, self.trace.as_ref()).await
    }

    /// Returns how many changes the store has seen.
    async fn changes(&mut self) -> Result<i64, sqlx::Error> {
        let changes = self.fact("changes").await?;
        Ok(changes.and_then(|n| n.parse().ok()).unwrap_or(0))
    }

    /// Returns the API's id of an update.
    pub(super) async fn remote(&mut self, local: LocalId) -> Result<Option<RemoteId>, sqlx::Error> {
        let row = self.known_row("local = $1", |query| query.bind(blob(local)));
        let remote = row.await?.map(|(_, remote)| remote);
        Ok(remote.and_then(|remote| RemoteId::parse(&remote).ok()))
    }

    /// Returns our id of an update the API gave.
    pub(super) async fn local(
        &mut self,
        remote: &RemoteId,
    ) -> Result<Option<LocalId>, sqlx::Error> {
        let row = self.known_row("remote = $1", |query| {
            query.bind(remote.as_str().to_owned())
        });
        Ok(row.await?.map(|(local, _)| local))
    }

    /// Reads who an update is; a row that is not as it was written does not count.
    async fn known_row(
        &mut self,
        which: &'static str,
        bind: impl FnOnce(Query<'static>) -> Query<'static>,
    ) -> Result<Option<(LocalId, String)>, sqlx::Error> {
        let text = format!("SELECT {} FROM known WHERE {which}", rows::KNOWN.list());
        let query = bind(sqlx::query(AssertSqlSafe(text)));
        let Some(row) = query.fetch_optional(&mut self.connection).await? else {
            return Ok(None);
        };
        let stored = rows::KNOWN.read(&row)?;
        if !stored.is_good {
            tracing::error!("who an update is, is not as it was stored; it counts as not known");
            return Ok(None);
        }
        let local = stored.values.first().and_then(rows::Value::bytes);
        let remote = stored.values.get(1).and_then(rows::Value::text);
        Ok(local.and_then(local_id).zip(remote.map(ToOwned::to_owned)))
    }

    /// Returns a fact about the account.
    pub(super) async fn fact(&mut self, key: &str) -> Result<Option<String>, sqlx::Error> {
        let text = format!("SELECT {} FROM fact WHERE key = $1", rows::FACT.list());
        let query = sqlx::query(AssertSqlSafe(text)).bind(key.to_owned());
        let Some(row) = query.fetch_optional(&mut self.connection).await? else {
            return Ok(None);
        };
        let stored = rows::FACT.read(&row)?;
        if !stored.is_good && !stored.is_bare {
            return Err(damaged("a fact is not as it was stored"));
        }
        let value = stored.values.get(1).and_then(rows::Value::text);
        Ok(value.map(ToOwned::to_owned))
    }

    /// Returns the order the last try of a reorder asked for.
    pub(super) async fn wanted(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<Vec<LocalId>>, sqlx::Error> {
        let row = operations::row(&mut self.connection, operation).await?;
        let wanted = row.as_ref().and_then(|row| row.wanted());
        Ok(wanted.map(|wanted| wanted.chunks_exact(16).filter_map(local_id).collect()))
    }

    /// Takes a queued operation out, unless the instance that sends has begun with it.
    pub(super) async fn withdraw(
        &mut self,
        operation: OperationId,
        at: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        self.ready()?;
        let mut transaction = store::begin(&mut self.connection).await?;
        let row = operations::row(&mut transaction, operation).await?;
        let queued = json(&OperationState::Queued)?;
        if row.is_none_or(|row| row.state() != Some(queued.as_str())) {
            return Ok(false);
        }
        let how = "cancelled";
        write::apply_all(&mut transaction, &[Write::End { operation, how, at }]).await?;
        finish(transaction, self.trace.as_ref()).await?;
        Ok(true)
    }
}

/// Commits, with one more change counted in the store and, once that is on disk, in its trace.
async fn finish(
    mut transaction: Transaction<'_, Sqlite>,
    trace: Option<&Trace>,
) -> Result<(), sqlx::Error> {
    let changes: Option<String> =
        sqlx::query_scalar("SELECT value FROM fact WHERE key = 'changes'")
            .fetch_optional(&mut *transaction)
            .await?;
    let changes = match changes.map(|n| n.parse::<i64>()) {
        None => 1,
        Some(Ok(changes)) => changes + 1,
        Some(Err(_)) => return Err(damaged("the number of changes is none")),
    };
    put_fact(&mut transaction, "changes", &changes.to_string()).await?;
    transaction.commit().await?;
    if let Some(trace) = trace
        && let Err(error) = trace.leave(changes)
    {
        tracing::warn!(%error, "the trace of the store cannot be written");
    }
    Ok(())
}

async fn put_fact(c: &mut SqliteConnection, key: &str, value: &str) -> Result<(), sqlx::Error> {
    let sum = Checksum::default().text(key).text(value).finish();
    let put = sqlx::query("INSERT OR REPLACE INTO fact (key, value, crc) VALUES ($1, $2, $3)");
    execute(put.bind(key.to_owned()).bind(value.to_owned()).bind(sum), c).await
}

/// The wall clock, to date what is put away.
fn wall() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

async fn execute(query: Query<'_>, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query.execute(connection).await.map(|_| ())
}

/// The checksum of a row of `known`: who an update is.
fn identity(local: LocalId, remote: Option<&str>, profile: &ProfileId) -> i64 {
    let sum = Checksum::default().blob(&local.ulid().to_bytes());
    let sum = match remote {
        Some(remote) => sum.text(remote),
        None => sum.nothing(),
    };
    sum.text(profile.as_str()).finish()
}

fn blob(id: LocalId) -> Vec<u8> {
    id.ulid().to_bytes().to_vec()
}

fn blob_of(id: OperationId) -> Vec<u8> {
    id.0.to_bytes().to_vec()
}

fn local_id(bytes: &[u8]) -> Option<LocalId> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    Some(LocalId::from(ulid::Ulid::from_bytes(bytes)))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}
