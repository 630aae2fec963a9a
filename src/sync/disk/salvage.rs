//! Saves what is readable of a damaged store into a new one.
//!
//! The damaged file is only ever renamed. It is read from a copy, row by row, from both ends and
//! then number by number, so that a page that makes no sense costs the rows on it and no others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::counts::{self, Depth};
use super::operations::{parse, quarantine};
use super::rows::{DRAFT, OPERATION, Stored, TABLES, Table, Value, bind, checksum};
use super::{SCHEMA, execute, json};
use crate::domain::operation::{Hold, OperationState};
use crate::store::{self, Place, StoreError, beside};

/// How many numbers behind the last one read are tried one by one.
const GAP: i64 = 2_000;

/// What was saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sync) struct Salvage {
    /// Edits that were saved.
    pub(in crate::sync) saved: usize,
    /// Edits and drafts that were found and make no sense.
    pub(in crate::sync) unreadable: usize,
    /// Edits that waited and were not found any more.
    pub(in crate::sync) lost: usize,
    /// Whether a part of the file could not be read at all.
    pub(in crate::sync) torn: bool,
    /// Where the old file lies.
    pub(in crate::sync) aside: Option<PathBuf>,
}

/// Makes a new store of what is readable, and sets the old one aside. Whenever this is cut off,
/// one of the two is complete.
pub(super) async fn salvage(path: &Path) -> Result<Salvage, StoreError> {
    let (new, copy) = (
        beside::with(path, ".salvaged"),
        beside::with(path, ".reading"),
    );
    beside::remove_copy(&new);
    let version = u32::try_from(SCHEMA.migrations.len()).unwrap_or(0);
    let copied = beside::copy_to_read(path, &copy, SCHEMA.application_id, version);
    if let Err(source) = copied {
        beside::remove_copy(&copy);
        let path = path.to_owned();
        return Err(StoreError::File { path, source });
    }
    let mut made = store::connect(&Place::File(new.clone()), &SCHEMA).await?;
    let result = read_all(&copy, &mut made).await;
    let closed = made.close().await;
    beside::remove_copy(&copy);
    let mut salvage = result.map_err(|error| StoreError::of(&new, error))?;
    closed.map_err(|error| StoreError::of(&new, error))?;
    salvage.aside = put_in_place(path)?;
    Ok(salvage)
}

/// Sets the old file aside, if there is one, and puts the salvaged one in its place.
pub(super) fn put_in_place(path: &Path) -> Result<Option<PathBuf>, StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    let time = chrono::Utc::now().format("%Y%m%dT%H%M%SZ").to_string();
    let aside = beside::set_aside(path, &time).map_err(failed)?;
    std::fs::rename(beside::with(path, ".salvaged"), path).map_err(failed)?;
    beside::sync_directory(path).map_err(failed)?;
    Ok(aside)
}

async fn read_all(copy: &Path, new: &mut SqliteConnection) -> Result<Salvage, sqlx::Error> {
    let mut salvage = Salvage::default();
    let mut old = match store::connect_to_salvage(copy).await {
        Ok(old) => old,
        Err(error) => {
            tracing::error!(%error, "nothing of the damaged store can be read");
            salvage.torn = true;
            return Ok(salvage);
        }
    };
    let copied = copy_rows(&mut old, new, true, &mut salvage).await;
    let _ = old.close().await;
    copied.map(|()| salvage)
}

/// Copies every row that is as it was written; others that a person wrote go into quarantine.
pub(super) async fn copy_rows(
    old: &mut SqliteConnection,
    new: &mut SqliteConnection,
    hold: bool,
    salvage: &mut Salvage,
) -> Result<(), sqlx::Error> {
    // A store from before the checksums has none: then nothing can be told of a row.
    let bare = sqlx::query("SELECT crc FROM operation LIMIT 1")
        .fetch_optional(&mut *old)
        .await
        .is_err_and(|error| error.to_string().contains("no such column"));
    // One from before the tally has none.
    let before = counts::read(old, Depth::Tally).await.ok().flatten();
    let mut found = 0;
    // One from before several drafts were kept has one, under no id.
    let one_draft = sqlx::query("SELECT one FROM draft LIMIT 1")
        .fetch_optional(&mut *old)
        .await
        .is_ok();
    let mut transaction = store::begin(new).await?;
    for table in TABLES {
        let bare = bare || (one_draft && table.name == DRAFT.name);
        let (rows, torn) = read_rows(old, table, bare).await;
        let ours = matches!(table.name, "operation" | "draft" | "done");
        salvage.torn |= torn && ours;
        for mut stored in rows {
            let is_operation = table.name == OPERATION.name;
            found += i64::from(is_operation);
            stored.is_good |= bare;
            if !stored.is_good || (is_operation && parse(&stored).is_none()) {
                if table.is_written_by_hand() {
                    salvage.unreadable += 1;
                    quarantine(&mut transaction, table, &stored.values, super::wall()).await?;
                }
                continue;
            }
            if is_operation {
                if hold {
                    hold_back(&mut stored)?;
                }
                salvage.saved += 1;
            }
            put(&mut transaction, table, &stored).await?;
        }
    }
    copy_history(old, &mut transaction).await?;
    let lost = before.map_or(0, |before| before.missing().saturating_sub(found));
    salvage.lost = usize::try_from(lost).unwrap_or(0);
    counts::count_anew(&mut transaction, before).await?;
    transaction.commit().await
}

/// Has an operation that might still be sent wait for the person.
fn hold_back(stored: &mut Stored) -> Result<(), sqlx::Error> {
    let Some(operation) = parse(stored) else {
        return Ok(());
    };
    let reason = match operation.state {
        OperationState::Unsaved { .. } | OperationState::Queued if operation.attempts == 0 => {
            "it was saved from a damaged store and not sent yet"
        }
        OperationState::Unsaved { .. }
        | OperationState::Queued
        | OperationState::InFlight
        | OperationState::Unknown => {
            "it was saved from a damaged store and may have been sent before: look for it first"
        }
        OperationState::Acked | OperationState::Held { .. } | OperationState::Failed { .. } => {
            return Ok(());
        }
    };
    let state = OperationState::Held {
        why: Hold::Recovered,
        reason: reason.to_owned(),
    };
    if let Some(place) = stored.values.get_mut(5) {
        *place = Value::Text(json(&state)?);
    }
    Ok(())
}

async fn put(c: &mut SqliteConnection, table: &Table, stored: &Stored) -> Result<(), sqlx::Error> {
    let marks: Vec<String> = (1..=stored.values.len() + 1)
        .map(|n| format!("${n}"))
        .collect();
    let mut names: Vec<&str> = table.columns.iter().chain(table.besides).copied().collect();
    names.push("crc");
    let text = format!(
        "INSERT OR IGNORE INTO {} ({}) VALUES ({})",
        table.name,
        names.join(", "),
        marks.join(", ")
    );
    let query = stored
        .values
        .iter()
        .fold(sqlx::query(AssertSqlSafe(text)), bind);
    let sum = checksum(stored.values.iter().take(table.columns.len()));
    execute(query.bind(sum), c).await
}

/// Reads what can be read of a table; says whether a part of it could not be.
async fn read_rows(old: &mut SqliteConnection, table: &Table, bare: bool) -> (Vec<Stored>, bool) {
    let mut list = table.list();
    if bare {
        if table.name == "done" {
            return (Vec::new(), false);
        }
        list = list
            .replace("request, sent, crc", "NULL, NULL, NULL")
            .replace(", crc", ", NULL");
        if table.name == DRAFT.name {
            list = list.replace("id,", "zeroblob(16),");
        }
    }
    let key = table.columns.first().copied().unwrap_or("rowid");
    let select = format!("SELECT {list} FROM {}", table.name);
    let mut rows = Vec::new();
    let whole = read_until_torn(old, table, &format!("{select} NOT INDEXED"), &mut rows).await;
    if whole {
        return (rows, false);
    }
    let backwards = format!("{select} ORDER BY {key} DESC");
    read_until_torn(old, table, &backwards, &mut rows).await;
    if table.name == OPERATION.name {
        read_by_number(old, &select, &mut rows).await;
    }
    let mut seen = Vec::new();
    rows.retain(|row| {
        let key = row.values.first().cloned();
        let new = !seen.contains(&key);
        if new {
            seen.push(key);
        }
        new
    });
    if table.name == OPERATION.name {
        rows.sort_by_key(|row| row.values.first().and_then(Value::number));
    }
    (rows, true)
}

/// Says whether it came to the end.
async fn read_until_torn(
    old: &mut SqliteConnection,
    table: &Table,
    query: &str,
    rows: &mut Vec<Stored>,
) -> bool {
    use futures_util::TryStreamExt as _;
    let mut stream = sqlx::query(AssertSqlSafe(query.to_owned())).fetch(old);
    loop {
        match stream.try_next().await {
            Ok(Some(row)) => rows.extend(table.read(&row).ok()),
            Ok(None) => return true,
            Err(error) => {
                tracing::error!(table = table.name, %error, "a part of the table cannot be read");
                return false;
            }
        }
    }
}

/// Asks for each number that is missing between those that were read, and some behind.
async fn read_by_number(old: &mut SqliteConnection, select: &str, rows: &mut Vec<Stored>) {
    let known: BTreeSet<i64> = rows
        .iter()
        .filter_map(|row| row.values.first()?.number())
        .collect();
    let last: i64 = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'operation'")
        .fetch_optional(&mut *old)
        .await
        .ok()
        .flatten()
        .unwrap_or(0);
    let sane = known.iter().copied().filter(|seq| *seq < 1 << 40);
    let end = sane.max().unwrap_or(0).max(last.min(1 << 40));
    let first = (end - 20_000).max(1);
    let query = format!("{select} WHERE seq = $1");
    for seq in (first..=end + GAP).filter(|seq| !known.contains(seq)) {
        let query = sqlx::query(AssertSqlSafe(query.clone())).bind(seq);
        if let Ok(Some(row)) = query.fetch_optional(&mut *old).await {
            rows.extend(OPERATION.read(&row).ok());
        }
    }
}

/// What happened to ended operations and what was put away before; as far as it goes.
async fn copy_history(
    old: &mut SqliteConnection,
    new: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    for (select, put) in [
        (
            "SELECT id, body, ended, at FROM history",
            "INSERT INTO history (id, body, ended, at) VALUES ($1, $2, $3, $4)",
        ),
        (
            "SELECT source, word, body, at FROM quarantine",
            "INSERT INTO quarantine (source, word, body, at) VALUES ($1, $2, $3, $4)",
        ),
        (
            "SELECT operation, number, at, outcome FROM attempt",
            "INSERT OR IGNORE INTO attempt (operation, number, at, outcome)
             VALUES ($1, $2, $3, $4)",
        ),
    ] {
        let rows: Vec<SqliteRow> = sqlx::query(select)
            .fetch_all(&mut *old)
            .await
            .unwrap_or_default();
        for row in rows {
            let values = (0..row.len()).map(|at| super::rows::value(&row, at));
            let Ok(values) = values.collect::<Result<Vec<_>, _>>() else {
                continue;
            };
            let query = values.iter().fold(sqlx::query(put), bind);
            // A row that does not fit (a text that is a number now) is left out.
            if let Err(error) = execute(query, new).await {
                tracing::warn!(%error, "a row of the history is not saved");
            }
        }
    }
    Ok(())
}
