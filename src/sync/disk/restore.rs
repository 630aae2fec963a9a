//! Reads everything back at the start.

use std::collections::HashMap;

use sqlx::Row as _;

use super::{Disk, local_id, mirror};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::Profile;
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, Update};
use crate::protocol::{Draft, Kept, SentPage};

/// What the store held.
#[derive(Debug, Default)]
pub(in crate::sync) struct Restored {
    pub(in crate::sync) profiles: Vec<Profile>,
    pub(in crate::sync) queues: Vec<(ProfileId, QueueSnapshot)>,
    pub(in crate::sync) sent: Vec<SentPage>,
    pub(in crate::sync) operations: Vec<StoredOperation>,
    pub(in crate::sync) draft: Option<Draft>,
    /// What was done, the lowest of each stack first.
    pub(in crate::sync) history: Vec<Kept>,
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
    pub(in crate::sync) request: Option<OperationId>,
    pub(in crate::sync) sent: Option<Content>,
}

impl Disk {
    /// Reads all that is shown before any network.
    pub(in crate::sync) async fn restore(&mut self) -> Result<Restored, sqlx::Error> {
        let mut restored = Restored::default();
        let (operations, unreadable) = self.operations_after(0).await?;
        restored.operations = operations;
        restored.unreadable = unreadable;
        restored.profiles = self
            .texts(
                "SELECT body FROM profile ORDER BY place",
                &mut restored.unreadable,
            )
            .await?;
        restored.sent = self
            .texts("SELECT body FROM sent", &mut restored.unreadable)
            .await?;
        restored.draft = self
            .texts("SELECT body FROM draft", &mut restored.unreadable)
            .await?
            .pop();
        restored.history = self
            .texts(
                "SELECT body FROM done ORDER BY stack, place",
                &mut restored.unreadable,
            )
            .await?;
        restored.queues = self.queues().await?;
        Ok(restored)
    }

    /// Reads the operations stored after row `seq`, and how many rows make no sense.
    pub(in crate::sync) async fn operations_after(
        &mut self,
        seq: i64,
    ) -> Result<(Vec<StoredOperation>, usize), sqlx::Error> {
        let rows = sqlx::query(
            "SELECT seq, body, state, attempts, tried_at, request, sent,
             (SELECT count(*) FROM attempt WHERE attempt.operation = operation.id
              AND (outcome IS NULL OR outcome NOT IN ('not sent', 'not signed in')))
             FROM operation WHERE seq > $1
             ORDER BY seq",
        )
        .bind(seq)
        .fetch_all(&mut self.connection)
        .await?;
        let total = rows.len();
        let mut operations = Vec::with_capacity(total);
        for row in rows {
            let body: String = row.try_get(1)?;
            let state: String = row.try_get(2)?;
            let (Ok(operation), Ok(state)) =
                (serde_json::from_str(&body), serde_json::from_str(&state))
            else {
                continue;
            };
            operations.push(StoredOperation {
                operation,
                state,
                attempts: row.try_get(3)?,
                tried_at: row.try_get::<Option<i64>, _>(4)?.map(Timestamp),
                request: row
                    .try_get::<Option<&[u8]>, _>(5)?
                    .and_then(local_id)
                    .map(|id| OperationId(id.0)),
                reached: row.try_get(7)?,
                sent: row
                    .try_get::<Option<&str>, _>(6)?
                    .and_then(|sent| serde_json::from_str(sent).ok()),
            });
        }
        let unreadable = total - operations.len();
        Ok((operations, unreadable))
    }

    async fn queues(&mut self) -> Result<Vec<(ProfileId, QueueSnapshot)>, sqlx::Error> {
        let mut bodies = self.bodies().await?;
        let rows = sqlx::query("SELECT profile, read_at, pending, failed FROM queue")
            .fetch_all(&mut self.connection)
            .await?;
        let mut queues = Vec::with_capacity(rows.len());
        for row in rows {
            let Ok(profile) = ProfileId::parse(row.try_get::<&str, _>(0)?) else {
                continue;
            };
            let mut take = |blob: &[u8]| -> Vec<Update> {
                mirror::unpack(blob)
                    .filter_map(|row| {
                        let (remote, mut body) = bodies.remove(&row.local)?;
                        body.due_at = row.due_at;
                        Some(Update {
                            id: row.local,
                            remote: Some(remote),
                            body,
                        })
                    })
                    .collect()
            };
            let snapshot = QueueSnapshot {
                read_at: Timestamp(row.try_get(1)?),
                updates: take(row.try_get::<&[u8], _>(2)?),
                failed: take(row.try_get::<&[u8], _>(3)?),
            };
            queues.push((profile, snapshot));
        }
        Ok(queues)
    }

    pub(super) async fn bodies(
        &mut self,
    ) -> Result<HashMap<LocalId, (RemoteId, Body)>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT local, remote, body FROM known WHERE body IS NOT NULL AND remote IS NOT NULL",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let mut bodies = HashMap::with_capacity(rows.len());
        for row in rows {
            let local = local_id(row.try_get::<&[u8], _>(0)?);
            let remote = RemoteId::parse(row.try_get::<&str, _>(1)?);
            let body = serde_json::from_str(row.try_get::<&str, _>(2)?);
            if let (Some(local), Ok(remote), Ok(body)) = (local, remote, body) {
                bodies.insert(local, (remote, body));
            }
        }
        Ok(bodies)
    }

    /// Reads a column of JSON texts; those that make no sense are counted and left out.
    pub(super) async fn texts<T: serde::de::DeserializeOwned>(
        &mut self,
        query: &'static str,
        unreadable: &mut usize,
    ) -> Result<Vec<T>, sqlx::Error> {
        let texts: Vec<String> = sqlx::query_scalar(query)
            .fetch_all(&mut self.connection)
            .await?;
        let total = texts.len();
        let values: Vec<T> = texts
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect();
        *unreadable += total - values.len();
        Ok(values)
    }
}
