//! A look at a store from outside: what waits in it and whether it is as it was left. Nothing is
//! changed, sealed, mended or migrated, whoever has it open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::counts::{self, Depth};
use super::rows::{FACT, OPERATION, Value};
use super::{SCHEMA, operations};
use crate::domain::operation::OperationState;
use crate::domain::replica::Counts;
use crate::store::beside::{self, Trace};
use crate::store::lock::{self, Holder};
use crate::store::{self, StoreError, damaged};

/// How long the look at the pages may take.
const LOOK: Duration = Duration::from_secs(2);

/// A store as it lies there.
#[derive(Debug)]
pub struct Inspected {
    /// Which process has it.
    pub holder: Holder,
    /// Damaged stores that were set aside here before.
    pub aside: Vec<PathBuf>,
    /// How it stands.
    pub stands: Result<Stands, StoreError>,
}

/// How a store that can be read stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stands {
    /// The schema in the file.
    pub version: i64,
    /// The newest schema this program knows.
    pub known: usize,
    /// What waits in it; nothing is counted in one of an older schema.
    pub counts: Counts,
    /// Edits that are not as they were stored: the next start sets them apart.
    pub damaged: usize,
    /// Rows that were set apart, as they were damaged: never sent.
    pub quarantined: i64,
    /// Texts that were begun.
    pub drafts: i64,
    /// Edits that are nowhere though they were made, by its own tally.
    pub missing: i64,
}

impl Stands {
    /// Says whether it has the schema of this program; if not the next start brings it there.
    pub fn is_current(&self) -> bool {
        usize::try_from(self.version) == Ok(self.known)
    }
}

/// Says which process has a store or a socket of ours.
pub fn holder(file: &Path) -> io::Result<Holder> {
    lock::holder(&lock::beside(file))
}

/// Looks at a store; none if there never was one. `scratch` is a directory for a copy, which the
/// caller removes.
pub async fn inspect(path: &Path, scratch: &Path) -> Result<Option<Inspected>, StoreError> {
    let trace = Trace::read(path);
    let length = match fs::metadata(path) {
        Ok(file) => Some(file.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => {
            let path = path.to_owned();
            return Err(StoreError::File { path, source });
        }
    };
    if length.is_none() && trace.is_none() {
        return Ok(None);
    }
    let holder = holder(path).map_err(|source| StoreError::File {
        path: path.to_owned(),
        source,
    })?;
    let stands = if length.unwrap_or(0) == 0 {
        Err(StoreError::of(path, damaged("it is gone")))
    } else {
        look(path, trace, holder, scratch).await
    };
    Ok(Some(Inspected {
        holder,
        aside: beside::aside(path),
        stands,
    }))
}

async fn look(
    path: &Path,
    trace: Option<i64>,
    holder: Holder,
    scratch: &Path,
) -> Result<Stands, StoreError> {
    let is_held = holder != Holder::Nobody;
    let (mut c, version) = store::connect_to_look(path, &SCHEMA, is_held, scratch).await?;
    let mut stands = Stands {
        version,
        known: SCHEMA.migrations.len(),
        ..Stands::default()
    };
    let read = read(&mut c, trace, &mut stands).await;
    let closed = c.close().await;
    read.and(closed)
        .map_err(|error| StoreError::of(path, error))?;
    Ok(stands)
}

async fn read(
    c: &mut SqliteConnection,
    trace: Option<i64>,
    stands: &mut Stands,
) -> Result<(), sqlx::Error> {
    store::look(c, Some(LOOK)).await?;
    if !stands.is_current() {
        return Ok(());
    }
    if changes(c).await? < trace.unwrap_or(0) {
        return Err(damaged("its last changes are gone"));
    }
    let text = format!("SELECT {} FROM operation ORDER BY seq", OPERATION.list());
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(&mut *c).await?;
    let mut states: Vec<OperationState> = Vec::with_capacity(rows.len());
    for row in rows {
        match operations::parse(&OPERATION.read(&row)?) {
            Some(operation) => states.push(operation.state),
            None => stands.damaged += 1,
        }
    }
    stands.counts = Counts::of(&states);
    stands.quarantined = count(c, "SELECT count(*) FROM quarantine").await?;
    stands.drafts = count(c, "SELECT count(*) FROM draft").await?;
    let tally = counts::read(c, Depth::Rows).await?;
    stands.missing = tally.map_or(0, |tally| tally.missing());
    Ok(())
}

/// How many changes the store has seen. Read after the trace: who writes does it the other way
/// round.
async fn changes(c: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let text = format!("SELECT {} FROM fact WHERE key = 'changes'", FACT.list());
    let row = sqlx::query(AssertSqlSafe(text)).fetch_optional(c).await?;
    let Some(row) = row else { return Ok(0) };
    let stored = FACT.read(&row)?;
    if !stored.is_good && !stored.is_bare {
        return Err(damaged("a fact is not as it was stored"));
    }
    let value = stored.values.get(1).and_then(Value::text);
    Ok(value.and_then(|n| n.parse().ok()).unwrap_or(0))
}

async fn count(c: &mut SqliteConnection, text: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(text).fetch_one(c).await
}
