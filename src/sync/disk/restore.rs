//! Reads everything back at the start.

use std::collections::{BTreeMap, HashMap};

use sqlx::AssertSqlSafe;
use ulid::Ulid;

use super::cached::{CachedQueue, Numbers};
use super::operations::quarantine;
use super::rows::{DONE, DRAFT, KNOWN, PROFILE, SENT, TAG, Table, Value, bind};
use super::{Disk, execute, wall};
use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, OperationId, ProfileId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::replica::QueueSnapshot;
use crate::domain::tag::Tagged;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::protocol::{Kept, SentPage};
use crate::store::{self, damaged};
use crate::sync::stored::StoredUpdates;

/// So many updates of all queues are read before anything is shown.
const FEW: usize = 2_000;
/// If there are more, so many of the first queue: more than a screen has rows.
const HEAD: usize = 500;

/// What the store held.
#[derive(Debug, Default)]
pub(in crate::sync) struct Restored {
    pub(in crate::sync) profiles: Vec<Profile>,
    pub(in crate::sync) queues: Vec<(ProfileId, QueueSnapshot)>,
    /// The numbers of those that were read back whole.
    pub(in crate::sync) numbers: BTreeMap<ProfileId, Numbers>,
    /// Their updates as they are stored.
    pub(in crate::sync) stored: BTreeMap<ProfileId, StoredUpdates>,
    /// Those of which only the first updates were read, in the order the person sees them; empty if
    /// all of all was read.
    pub(in crate::sync) rest: Vec<CachedQueue>,
    pub(in crate::sync) sent: Vec<SentPage>,
    pub(in crate::sync) operations: Vec<StoredOperation>,
    /// What was being written, the oldest first.
    pub(in crate::sync) drafts: Vec<Draft>,
    /// What was done, the lowest of each stack first.
    pub(in crate::sync) history: Vec<Kept>,
    /// The tags of updates.
    pub(in crate::sync) tags: Vec<Tagged>,
    /// Rows that could not be read: they stay in the file and are not sent.
    pub(in crate::sync) unreadable: usize,
}

/// One operation as the store has it.
#[derive(Debug, Clone)]
pub(in crate::sync) struct StoredOperation {
    pub(in crate::sync) operation: Operation,
    pub(in crate::sync) state: OperationState,
    pub(in crate::sync) attempts: u32,
    pub(in crate::sync) tried_at: Option<Timestamp>,
    /// How many of its tries may have reached the server.
    pub(in crate::sync) reached: u32,
    /// Of how many of them nobody heard what they did, or nothing of it was to be seen.
    pub(in crate::sync) lost: u32,
    pub(in crate::sync) request: Option<OperationId>,
    pub(in crate::sync) sent: Option<Content>,
}

impl Disk {
    /// Reads all that is shown before any network.
    pub(in crate::sync) async fn restore(&mut self) -> Result<Restored, sqlx::Error> {
        let mut restored = Restored::default();
        let (operations, unreadable) = self.operations().await?;
        restored.operations = operations;
        restored.unreadable = unreadable;
        // What the API says is read again; what a person typed is kept apart and said.
        restored.profiles = self.bodies_of(&PROFILE, "place").await?.0;
        restored.sent = self.bodies_of(&SENT, "profile").await?.0;
        let (drafts, bad) = self.keyed_bodies_of::<Draft>(&DRAFT, "id").await?;
        restored.drafts = drafts.into_iter().filter_map(with_its_id).collect();
        restored.drafts.sort_by_key(|draft| draft.at);
        restored.unreadable += bad;
        restored.history = self.bodies_of(&DONE, "stack, place").await?.0;
        let (tags, bad) = self.bodies_of(&TAG, "id").await?;
        restored.tags = tags;
        restored.unreadable += bad;
        let mut queues = self.orders(None).await?;
        // As the person sees them.
        let ids = restored.profiles.iter().map(|profile| &profile.id);
        let places: HashMap<&ProfileId, usize> = ids.zip(0..).collect();
        queues.sort_by_key(|queue| places.get(&queue.profile).copied().unwrap_or(usize::MAX));
        if queues.iter().map(CachedQueue::len).sum::<usize>() <= FEW {
            self.read_rest(&mut queues).await?;
            restored.numbers = numbers(&queues);
            restored.stored = stored(&mut queues);
            restored.queues = queues.into_iter().map(CachedQueue::whole).collect();
        } else if let Some(first) = queues.first_mut() {
            self.read_head(first, HEAD).await?;
            let heads = queues.iter().map(|q| (q.profile.clone(), q.head()));
            restored.queues = heads.collect();
            restored.rest = queues;
        }
        Ok(restored)
    }

    /// Has every body read again, and forgets who an update is where that is not as it was stored:
    /// the API says it again.
    pub(in crate::sync) async fn forget_bodies(&mut self) -> Result<(), sqlx::Error> {
        if !self.may_mend || self.is_absent() {
            return Ok(());
        }
        let mut transaction = store::begin(&mut self.connection).await?;
        sqlx::raw_sql("REINDEX known; UPDATE known SET hash = NULL WHERE hash IS NOT NULL")
            .execute(&mut *transaction)
            .await?;
        let text = format!("SELECT {} FROM known", KNOWN.list());
        let rows = sqlx::query(AssertSqlSafe(text))
            .fetch_all(&mut *transaction)
            .await?;
        for row in rows {
            let stored = KNOWN.read(&row)?;
            if let Some(key) = stored.values.first().filter(|_| !stored.is_good) {
                let query = sqlx::query("DELETE FROM known WHERE local IS $1");
                let gone = bind(query, key).execute(&mut *transaction).await?;
                if gone.rows_affected() != 1 {
                    return Err(damaged("a damaged row cannot be taken out"));
                }
            }
        }
        transaction.commit().await
    }

    /// Reads a table of JSON texts, and how many rows are not as they were written. Those that a
    /// person wrote go into the quarantine, all are taken out.
    pub(super) async fn bodies_of<T: serde::de::DeserializeOwned>(
        &mut self,
        table: &Table,
        order: &str,
    ) -> Result<(Vec<T>, usize), sqlx::Error> {
        let (values, bad) = self.keyed_bodies_of(table, order).await?;
        Ok((values.into_iter().map(|(_, value)| value).collect(), bad))
    }

    /// The same, each with the key of its row.
    async fn keyed_bodies_of<T: serde::de::DeserializeOwned>(
        &mut self,
        table: &Table,
        order: &str,
    ) -> Result<(Vec<(Value, T)>, usize), sqlx::Error> {
        let text = format!(
            "SELECT {} FROM {} ORDER BY {order}",
            table.list(),
            table.name
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .fetch_all(&mut self.connection)
            .await?;
        let (mut values, mut bad) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let stored = table.read(&row)?;
            let body = stored.values.get(table.columns.len() - 1);
            let body = body.and_then(Value::text).filter(|_| stored.is_good);
            let value = body.and_then(|body| serde_json::from_str(body).ok());
            match (stored.values.first().cloned(), value) {
                (Some(key), Some(value)) => values.push((key, value)),
                _ => bad.push(stored.values),
            }
        }
        if !bad.is_empty() {
            tracing::error!(
                table = table.name,
                count = bad.len(),
                "rows are not as stored"
            );
            self.take_out(table, &bad).await?;
        }
        Ok((values, bad.len()))
    }

    async fn take_out(&mut self, table: &Table, bad: &[Vec<Value>]) -> Result<(), sqlx::Error> {
        if !self.may_mend || self.is_absent() {
            return Ok(());
        }
        let key = table.columns.first().copied().unwrap_or("rowid");
        let mut transaction = store::begin(&mut self.connection).await?;
        for values in bad {
            if table.is_written_by_hand() {
                quarantine(&mut transaction, table, values, wall()).await?;
            }
            let text = format!("DELETE FROM {} WHERE {key} IS $1", table.name);
            let Some(value) = values.first() else {
                continue;
            };
            let query = bind(sqlx::query(AssertSqlSafe(text)), value);
            execute(query, &mut transaction).await?;
        }
        transaction.commit().await
    }
}

/// Returns the numbers of the queues that were read back whole.
pub(in crate::sync) fn numbers(queues: &[CachedQueue]) -> BTreeMap<ProfileId, Numbers> {
    let whole = queues.iter();
    let whole = whole.filter_map(|queue| Some((queue.profile.clone(), queue.numbers()?)));
    whole.collect()
}

/// Takes from queues that were read back what is stored of them.
pub(in crate::sync) fn stored(queues: &mut [CachedQueue]) -> BTreeMap<ProfileId, StoredUpdates> {
    let queues = queues.iter_mut();
    let stored = queues.map(|queue| (queue.profile.clone(), queue.take_stored()));
    stored.collect()
}

/// A draft has the id of its row: those of older versions have none in themselves.
fn with_its_id((key, draft): (Value, Draft)) -> Option<Draft> {
    let bytes: [u8; 16] = key.bytes()?.try_into().ok()?;
    let id = DraftId(Ulid::from_bytes(bytes));
    Some(Draft { id, ..draft })
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::super::{SCHEMA, Write};
    use super::*;
    use crate::store::{Place, Schema};

    #[tokio::test]
    async fn drafts_of_an_older_version_are_kept_each_under_an_id() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::File(directory.path().join("account.db"));
        let old = Schema {
            application_id: SCHEMA.application_id,
            migrations: &SCHEMA.migrations[..3],
        };
        let mut connection = store::connect(&place, &old).await.unwrap();
        let body = |text: &str| {
            format!(
                r#"{{"update":null,"text":"{text}","link":"","picture":"","when":"","profiles":[]}}"#
            )
        };
        let written = format!(
            "INSERT INTO fact (key, value) VALUES ('sealed', '1');
             INSERT INTO draft (one, body) VALUES (1, '{}');
             INSERT INTO fact (key, value) VALUES ('draft 01', '{}');",
            body("of the leader"),
            body("of another")
        );
        sqlx::raw_sql(AssertSqlSafe(written))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let (mut disk, found) = Disk::open(&place, true).await.unwrap();
        assert!(found.is_none());
        let drafts = disk.restore().await.unwrap().drafts;
        let mut texts: Vec<&str> = drafts.iter().map(|draft| draft.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["of another", "of the leader"]);
        let gone = drafts.iter().map(|draft| Write::DropDraft(draft.id));
        disk.commit(&gone.collect::<Vec<_>>()).await.unwrap();
        assert!(disk.restore().await.unwrap().drafts.is_empty());
        disk.close().await;
    }
}
