//! The rows of the outbox: changed only when they are as they were written, and kept apart when
//! they are not.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::counts::{self, Moved};
use super::restore::StoredOperation;
use super::rows::{OPERATION, Stored, Table, Value, bind, checksum};
use super::{Disk, Query, blob_of, execute, json, local_id};
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Operation, OperationState};
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::store::{self, damaged};

// Where the columns of `OPERATION` are.
const SEQ: usize = 0;
const BODY: usize = 4;
const STATE: usize = 5;
const ATTEMPTS: usize = 6;
const TRIED_AT: usize = 7;
const WANTED: usize = 8;
const REQUEST: usize = 9;
const SENT: usize = 10;

/// A row of the outbox, to be changed. Every change of it goes through here, so that no damaged
/// row ever gets a good checksum.
pub(super) struct OperationRow(Vec<Value>);

impl OperationRow {
    fn new(operation: &Operation) -> Result<Self, sqlx::Error> {
        Ok(Self(vec![
            Value::Nothing,
            Value::Bytes(blob_of(operation.id)),
            Value::Text(operation.profile.as_str().to_owned()),
            Value::Text(operation.change.word().to_owned()),
            Value::Text(json(operation)?),
            Value::Text(json(&OperationState::Queued)?),
            Value::Number(0),
            Value::Nothing,
            Value::Nothing,
            Value::Nothing,
            Value::Nothing,
        ]))
    }

    fn set(&mut self, at: usize, value: Value) {
        if let Some(place) = self.0.get_mut(at) {
            *place = value;
        }
    }

    /// Puts another state.
    pub(super) fn set_state(&mut self, state: &OperationState) -> Result<(), sqlx::Error> {
        self.set(STATE, Value::Text(json(state)?));
        Ok(())
    }

    /// Notes a try.
    pub(super) fn set_try(
        &mut self,
        number: u32,
        at: Timestamp,
        wanted: Option<&[LocalId]>,
        (request, sent): (Option<OperationId>, Option<&Content>),
    ) -> Result<(), sqlx::Error> {
        self.set(ATTEMPTS, Value::Number(number.into()));
        self.set(TRIED_AT, Value::Number(at.0));
        let wanted = wanted.map(|ids| ids.iter().flat_map(|id| id.ulid().to_bytes()).collect());
        self.set(WANTED, wanted.map_or(Value::Nothing, Value::Bytes));
        let request = request.map(blob_of);
        self.set(REQUEST, request.map_or(Value::Nothing, Value::Bytes));
        let sent = sent.map(json).transpose()?;
        self.set(SENT, sent.map_or(Value::Nothing, Value::Text));
        Ok(())
    }

    /// Puts the operation as it is now.
    pub(super) fn set_body(&mut self, operation: &Operation) -> Result<(), sqlx::Error> {
        self.set(BODY, Value::Text(json(operation)?));
        Ok(())
    }

    /// The state as it is stored.
    pub(super) fn state(&self) -> Option<&str> {
        self.0.get(STATE)?.text()
    }

    /// The body as it is stored.
    pub(super) fn body(&self) -> Option<&str> {
        self.0.get(BODY)?.text()
    }

    pub(super) fn wanted(&self) -> Option<&[u8]> {
        self.0.get(WANTED)?.bytes()
    }

    async fn write(&self, c: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sum = checksum(self.0.iter());
        let query = sqlx::query(
            "UPDATE operation SET id = $2, profile = $3, word = $4, body = $5, state = $6,
             attempts = $7, tried_at = $8, wanted = $9, request = $10, sent = $11, crc = $12
             WHERE seq = $1",
        );
        let query = self.0.iter().fold(query, bind);
        execute(query.bind(sum), c).await
    }
}

/// Stores a new operation; a second try to store what was stored changes nothing. Says whether it
/// was new.
pub(super) async fn insert(
    c: &mut SqliteConnection,
    operation: &Operation,
) -> Result<bool, sqlx::Error> {
    let mut row = OperationRow::new(operation)?;
    let query = sqlx::query(
        "INSERT INTO operation (id, profile, word, body, state)
         SELECT $1, $2, $3, $4, $5 WHERE true ON CONFLICT (id) DO NOTHING RETURNING seq",
    );
    let query = row.0.iter().skip(1).take(5).fold(query, bind);
    let Some(made) = query.fetch_optional(&mut *c).await? else {
        return Ok(false);
    };
    // The number is given by the table, and is part of what is summed.
    row.set(SEQ, Value::Number(sqlx::Row::try_get(&made, 0)?));
    row.write(c).await?;
    Ok(true)
}

/// Reads the row of an operation, if it is there and as it was written.
pub(super) async fn row(
    c: &mut SqliteConnection,
    operation: OperationId,
) -> Result<Option<OperationRow>, sqlx::Error> {
    // That it is not there is believed only of the table itself: an index can be damaged alone.
    for which in ["id = $1", "+id = $1"] {
        let query = format!("SELECT {} FROM operation WHERE {which}", OPERATION.list());
        let query = sqlx::query(AssertSqlSafe(query)).bind(blob_of(operation));
        if let Some(row) = query.fetch_optional(&mut *c).await? {
            let stored = OPERATION.read(&row)?;
            if !stored.is_good || which != "id = $1" {
                return Err(damaged("an edit is not as it was stored"));
            }
            return Ok(Some(OperationRow(stored.values)));
        }
    }
    Ok(None)
}

/// Changes the row of an operation; says whether there is one.
pub(super) async fn change(
    c: &mut SqliteConnection,
    operation: OperationId,
    how: impl FnOnce(&mut OperationRow) -> Result<(), sqlx::Error>,
) -> Result<bool, sqlx::Error> {
    let Some(mut row) = row(c, operation).await? else {
        return Ok(false);
    };
    how(&mut row)?;
    row.write(c).await?;
    Ok(true)
}

/// Makes an operation of a row that is as it was written.
pub(super) fn parse(stored: &Stored) -> Option<StoredOperation> {
    if !stored.is_good {
        return None;
    }
    let at = |index: usize| stored.values.get(index);
    Some(StoredOperation {
        operation: serde_json::from_str(at(BODY)?.text()?).ok()?,
        state: serde_json::from_str(at(STATE)?.text()?).ok()?,
        attempts: u32::try_from(at(ATTEMPTS)?.number()?).ok()?,
        tried_at: at(TRIED_AT)?.number().map(Timestamp),
        reached: 0,
        lost: 0,
        request: at(REQUEST)?
            .bytes()
            .and_then(local_id)
            .map(|id| OperationId(id.ulid())),
        sent: at(SENT)?
            .text()
            .and_then(|sent| serde_json::from_str(sent).ok()),
    })
}

/// Keeps a row that makes no sense where nothing sends it and nothing throws it away.
pub(super) async fn quarantine(
    c: &mut SqliteConnection,
    table: &Table,
    values: &[Value],
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    let names = table.columns.iter().chain(table.besides);
    let body: serde_json::Map<String, serde_json::Value> = names
        .zip(values)
        .map(|(name, value)| ((*name).to_owned(), value.shown()))
        .collect();
    let word = (table.name == OPERATION.name)
        .then(|| values.get(3).and_then(Value::text).map(ToOwned::to_owned))
        .flatten();
    let query: Query<'_> =
        sqlx::query("INSERT INTO quarantine (source, word, body, at) VALUES ($1, $2, $3, $4)")
            .bind(table.name)
            .bind(word)
            .bind(json(&body)?.into_bytes())
            .bind(at.0);
    execute(query, c).await
}

impl Disk {
    /// Reads the operations, and how many rows are not as they were written. Those go into the
    /// quarantine, if this instance is the one that may do that.
    pub(in crate::sync) async fn operations(
        &mut self,
    ) -> Result<(Vec<StoredOperation>, usize), sqlx::Error> {
        let query = format!("SELECT {} FROM operation ORDER BY seq", OPERATION.list());
        let rows = sqlx::query(AssertSqlSafe(query))
            .fetch_all(&mut self.connection)
            .await?;
        let reached = self.reached().await?;
        let mut operations = Vec::with_capacity(rows.len());
        let mut bad = Vec::new();
        for row in rows {
            let stored = OPERATION.read(&row)?;
            match parse(&stored) {
                Some(mut operation) => {
                    let tries = reached.get(&operation.operation.id);
                    (operation.reached, operation.lost) = tries.copied().unwrap_or((0, 0));
                    operations.push(operation);
                }
                None => bad.push(stored.values),
            }
        }
        if !bad.is_empty() {
            tracing::error!(count = bad.len(), "edits are not as they were stored");
            self.put_away(&bad).await?;
        }
        Ok((operations, bad.len()))
    }

    /// Returns how many tries of each operation may have reached the server, and of how many of
    /// them that is not known.
    async fn reached(&mut self) -> Result<HashMap<OperationId, (u32, u32)>, sqlx::Error> {
        let rows: Vec<(Vec<u8>, u32, u32)> = sqlx::query_as(
            "SELECT operation, count(*),
                 count(*) FILTER (WHERE outcome IS NULL OR outcome IN ('unknown', 'not there'))
             FROM attempt
             WHERE outcome IS NULL OR outcome NOT IN ('not sent', 'not signed in')
             GROUP BY operation",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let tries = rows.into_iter();
        Ok(tries
            .filter_map(|(id, tries, lost)| {
                Some((OperationId(local_id(&id)?.ulid()), (tries, lost)))
            })
            .collect())
    }

    async fn put_away(&mut self, bad: &[Vec<Value>]) -> Result<(), sqlx::Error> {
        if !self.may_mend || self.is_absent() {
            return Ok(());
        }
        let at = super::wall();
        let mut transaction = store::begin(&mut self.connection).await?;
        // Its entry in the index may be the one of before.
        sqlx::raw_sql("REINDEX operation")
            .execute(&mut *transaction)
            .await?;
        let mut moved = Moved::default();
        for values in bad {
            quarantine(&mut transaction, &OPERATION, values, at).await?;
            moved.aside += 1;
            let Some(key) = values.first() else { continue };
            let query = sqlx::query("DELETE FROM operation WHERE seq = $1");
            let gone = bind(query, key).execute(&mut *transaction).await?;
            if gone.rows_affected() != 1 {
                return Err(damaged("a damaged edit cannot be put away"));
            }
        }
        counts::note(&mut transaction, moved).await?;
        transaction.commit().await
    }

    /// Returns how many rows lie in the quarantine since `since`.
    pub(in crate::sync) async fn quarantined(
        &mut self,
        since: Timestamp,
    ) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM quarantine WHERE at >= $1")
            .bind(since.0)
            .fetch_one(&mut self.connection)
            .await
    }
}
