//! What can be counted in the store: above all, that no operation ever leaves it unnoticed.
//!
//! Every operation that was ever stored is in exactly one place. The tally says how many there were
//! and what became of those that are no row any more; it changes in the transaction that moves a
//! row, so whatever moves one in another way shows as a difference. That the tally itself cannot be
//! read never hinders an edit from being stored: it is counted anew at the next start.

use std::path::Path;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::rows::{TALLY, Value, bind, checksum, value};
use super::{Disk, SCHEMA, execute};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

/// Where all the operations are that were ever stored: each in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that were ever stored.
    pub made: i64,
    /// In the outbox.
    pub waiting: i64,
    /// In the history: settled, cancelled, superseded or discarded.
    pub ended: i64,
    /// Forgotten by the history, as they were old.
    pub pruned: i64,
    /// Damaged rows that are kept apart.
    pub aside: i64,
    /// Not found any more in a damaged store.
    pub lost: i64,
}

impl Tally {
    /// Returns how many operations are nowhere; less than none: there are more than were made.
    /// Zero is the conservation law.
    pub fn missing(&self) -> i64 {
        let places = [self.waiting, self.ended, self.pruned, self.aside, self.lost];
        let found = places.into_iter().fold(0, i64::saturating_add);
        self.made.saturating_sub(found)
    }
}

/// Counts where the operations of a store are, which another may have open.
pub async fn tally(store: &Path) -> Result<Option<Tally>, StoreError> {
    let mut connection = store::connect_to_read(store, &SCHEMA).await?;
    let tally = read(&mut connection, Depth::Rows).await;
    tally.map_err(|error| StoreError::of(store, error))
}

/// How much is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sync) enum Depth {
    /// Nothing: the tally itself, in which nothing waits.
    Tally,
    /// The outbox; of the rest the tally is believed.
    Outbox,
    /// Every row.
    Rows,
}

/// What one transaction did with operations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) made: i64,
    pub(super) ended: i64,
    pub(super) pruned: i64,
    pub(super) aside: i64,
}

/// Counts what a transaction did, before it commits.
pub(super) async fn note(c: &mut SqliteConnection, moved: Moved) -> Result<(), sqlx::Error> {
    if moved == Moved::default() {
        return Ok(());
    }
    let Some(mut tally) = read(c, Depth::Tally).await? else {
        tracing::error!(?moved, "the tally of edits cannot be read");
        return Ok(());
    };
    tally.made = tally.made.saturating_add(moved.made);
    let kept = moved.ended.saturating_sub(moved.pruned);
    tally.ended = tally.ended.saturating_add(kept);
    tally.pruned = tally.pruned.saturating_add(moved.pruned);
    tally.aside = tally.aside.saturating_add(moved.aside);
    write(c, &tally).await
}

/// Makes the tally say what is there. What it counted `before` and is not there any more is lost.
pub(super) async fn count_anew(
    c: &mut SqliteConnection,
    before: Option<Tally>,
) -> Result<Tally, sqlx::Error> {
    let (waiting, ended, aside) = rows(c).await?;
    let mut tally = before.unwrap_or_default();
    (tally.waiting, tally.ended, tally.aside) = (waiting, ended, aside);
    match tally.missing() {
        missing @ 0.. => tally.lost = tally.lost.saturating_add(missing),
        more => tally.made = tally.made.saturating_sub(more),
    }
    write(c, &tally).await?;
    Ok(tally)
}

/// Reads the tally and counts beside it, as of one moment; none if it is not as it was written.
pub(super) async fn read(
    c: &mut SqliteConnection,
    depth: Depth,
) -> Result<Option<Tally>, sqlx::Error> {
    let list = TALLY.list();
    let text = match depth {
        Depth::Tally => format!("SELECT {list} FROM tally"),
        Depth::Outbox => format!("SELECT {list}, (SELECT count(*) FROM operation) FROM tally"),
        Depth::Rows => format!("SELECT {list}, {ROWS} FROM tally"),
    };
    let row = sqlx::query(AssertSqlSafe(text)).fetch_optional(c).await?;
    let Some(row) = row else { return Ok(None) };
    let stored = TALLY.read(&row)?;
    if !(stored.is_good || stored.is_bare) {
        return Ok(None);
    }
    let column = |at: usize| stored.values.get(at).and_then(Value::number);
    let kept = || {
        Some(Tally {
            made: column(1)?,
            waiting: 0,
            ended: column(2)?,
            pruned: column(3)?,
            aside: column(4)?,
            lost: column(5)?,
        })
    };
    let Some(mut tally) = kept() else {
        return Ok(None);
    };
    // Behind the columns and their checksum.
    let first = stored.values.len() + 1;
    if depth != Depth::Tally {
        tally.waiting = number(&row, first)?;
    }
    if depth == Depth::Rows {
        (tally.ended, tally.aside) = (number(&row, first + 1)?, number(&row, first + 2)?);
    }
    Ok(Some(tally))
}

/// How many operations each table holds.
const ROWS: &str = "(SELECT count(*) FROM operation), (SELECT count(*) FROM history),
    (SELECT count(*) FROM quarantine WHERE source = 'operation')";

async fn rows(c: &mut SqliteConnection) -> Result<(i64, i64, i64), sqlx::Error> {
    let text = format!("SELECT {ROWS}");
    let row = sqlx::query(AssertSqlSafe(text)).fetch_one(c).await?;
    Ok((number(&row, 0)?, number(&row, 1)?, number(&row, 2)?))
}

fn number(row: &SqliteRow, at: usize) -> Result<i64, sqlx::Error> {
    Ok(value(row, at)?.number().unwrap_or(0))
}

async fn write(c: &mut SqliteConnection, tally: &Tally) -> Result<(), sqlx::Error> {
    let columns = [
        1,
        tally.made,
        tally.ended,
        tally.pruned,
        tally.aside,
        tally.lost,
    ];
    let columns = columns.map(Value::Number);
    let put = sqlx::query(
        "INSERT OR REPLACE INTO tally (one, made, ended, pruned, aside, lost, crc)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let put = columns.iter().fold(put, bind);
    execute(put.bind(checksum(columns.iter())), c).await
}

impl Disk {
    /// Counts where the operations are; none if the tally cannot be believed.
    pub(in crate::sync) async fn tally(
        &mut self,
        depth: Depth,
    ) -> Result<Option<Tally>, sqlx::Error> {
        read(&mut self.connection, depth).await
    }

    /// Takes what is there for what there is, once a difference was said.
    pub(in crate::sync) async fn accept_tally(&mut self) -> Result<(), sqlx::Error> {
        self.ready()?;
        let mut transaction = store::begin(&mut self.connection).await?;
        let before = read(&mut transaction, Depth::Tally).await?;
        count_anew(&mut transaction, before).await?;
        transaction.commit().await
    }

    /// Returns when requests were begun, from `since` on, and those that seem to be yet to come.
    pub(in crate::sync) async fn tries_since(
        &mut self,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, sqlx::Error> {
        // What went out together has the same last operation.
        let times: Vec<i64> = sqlx::query_scalar(
            "SELECT min(attempt.at) FROM attempt
             LEFT JOIN operation ON operation.id = attempt.operation
             WHERE attempt.at >= $1 GROUP BY coalesce(operation.request, attempt.operation), number",
        )
        .bind(since.0)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(times.into_iter().map(Timestamp).collect())
    }
}
