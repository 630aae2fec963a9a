//! Opens the SQLite files of this program, and knows nothing of what is in them.
//!
//! A file is made with mode 0600 before SQLite sees it (its `-wal` and `-shm` get the same mode),
//! is checked to be ours before anything is written to it, and is brought to the newest schema by
//! embedded migrations, each in a transaction of its own. A file of another program or of a newer
//! version of this one is refused and left as it is.

pub mod beside;
pub mod checksum;
pub mod lock;

mod begin;
mod error;
mod look;

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

pub use begin::begin;
pub use error::{StoreError, Trouble, damaged};
pub use look::look;

/// Versions before this one can damage a file when one connection commits while another
/// checkpoints (the WAL-reset bug), and two instances of this program do just that.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long a statement waits for another connection's write.
const BUSY: Duration = Duration::from_secs(2);

/// Which file, and what it must hold.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Marks the file as ours (`PRAGMA application_id`); each kind of file has its own.
    pub application_id: i32,
    /// The migrations from the first to the newest. Append-only: one that was released is never
    /// changed, as files in the field have run it.
    pub migrations: &'static [&'static str],
}

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file; its directory is made with mode 0700 if it is not there.
    File(PathBuf),
    /// In memory, for tests and throw-away use: gone with its last connection.
    Memory,
}

/// Opens a store for one connection, made and migrated if need be.
pub async fn connect(place: &Place, schema: &Schema) -> Result<SqliteConnection, StoreError> {
    outlive_limits();
    match place {
        Place::File(path) => {
            make(path)?;
            let options = pragmas(SqliteConnectOptions::new().filename(path));
            let mut connection = sql(path, options.connect().await)?;
            match prepared(&mut connection, path, schema).await {
                Ok(()) => Ok(connection),
                Err(error) => {
                    // Dropped, it would be closed at some later time, by when the file may be
                    // another.
                    let _ = connection.close().await;
                    Err(error)
                }
            }
        }
        Place::Memory => {
            let path = Path::new(":memory:");
            let options = pragmas(SqliteConnectOptions::new().in_memory(true));
            let mut connection = sql(path, options.connect().await)?;
            check_version(&mut connection, path).await?;
            migrate(&mut connection, path, schema).await?;
            Ok(connection)
        }
    }
}

/// Opens a store that cannot be written, to see what is in it. Nothing is made or changed.
pub async fn connect_to_read(path: &Path, schema: &Schema) -> Result<SqliteConnection, StoreError> {
    let log = fs::metadata(beside::with(path, "-wal"));
    // Where there is no log nobody has it open, and where nothing can be written none can be made.
    let quiet = !log.is_ok_and(|log| log.len() > 0);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(quiet)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let mut connection = sql(path, options.connect().await)?;
    let version = number(&mut connection, path, "PRAGMA user_version").await?;
    let known = schema.migrations.len();
    if usize::try_from(version) != Ok(known) {
        let found = version;
        let path = path.to_owned();
        return Err(StoreError::Newer { path, found, known });
    }
    Ok(connection)
}

/// Opens a store to see how it is, and changes nothing in it or beside it.
///
/// While somebody has it open (`is_held`) its log is read with it. Else nobody writes: without a log
/// the file is all there is, and with one both are read from a copy below `scratch`, as reading the
/// log leaves traces beside the file. Returns the schema it has, too.
pub async fn connect_to_look(
    path: &Path,
    schema: &Schema,
    is_held: bool,
    scratch: &Path,
) -> Result<(SqliteConnection, i64), StoreError> {
    let mut options = SqliteConnectOptions::new()
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let log = fs::metadata(beside::with(path, "-wal"));
    if is_held {
        options = options.filename(path).read_only(true);
    } else if log.is_ok_and(|log| log.len() > 0) {
        let copy = beside::copy_to_look(path, scratch).map_err(|source| StoreError::File {
            path: path.to_owned(),
            source,
        })?;
        options = options.filename(copy);
    } else {
        options = options.filename(path).read_only(true).immutable(true);
    }
    let mut connection = sql(path, options.connect().await)?;
    let id = number(&mut connection, path, "PRAGMA application_id").await?;
    if id != i64::from(schema.application_id) {
        let path = path.to_owned();
        return Err(StoreError::Foreign { path });
    }
    let found = number(&mut connection, path, "PRAGMA user_version").await?;
    let known = schema.migrations.len();
    if usize::try_from(found).is_ok_and(|found| found > known) {
        let path = path.to_owned();
        return Err(StoreError::Newer { path, found, known });
    }
    Ok((connection, found))
}

/// Opens a copy that was made to read what is left of a damaged store.
pub async fn connect_to_salvage(path: &Path) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .disable_statement_logging();
    sql(path, options.connect().await)
}

/// Opens a store for at most `connections` connections, made and migrated if need be.
///
/// A store in memory has one connection whatever is asked, as each would see a store of its own.
pub async fn pool(
    place: &Place,
    schema: &Schema,
    connections: u32,
) -> Result<SqlitePool, StoreError> {
    let options = SqlitePoolOptions::new()
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10));
    match place {
        Place::File(path) => {
            let first = connect(place, schema).await?;
            let pool = options
                .max_connections(connections.max(1))
                .connect_with(pragmas(
                    SqliteConnectOptions::new()
                        .filename(path)
                        .journal_mode(SqliteJournalMode::Wal),
                ))
                .await;
            sql(path, first.close().await)?;
            sql(path, pool)
        }
        Place::Memory => {
            let path = Path::new(":memory:");
            let memory = pragmas(SqliteConnectOptions::new().in_memory(true));
            let pool = sql(
                path,
                options
                    .min_connections(1)
                    .max_connections(1)
                    .connect_with(memory)
                    .await,
            )?;
            let mut connection = sql(path, pool.acquire().await)?;
            check_version(&mut connection, path).await?;
            migrate(&mut connection, path, schema).await?;
            drop(connection);
            Ok(pool)
        }
    }
}

/// Has a write beyond the limit for files fail, which else would end the process without a word.
fn outlive_limits() {
    // A signal that is listened for does not kill, also when nobody listens any more.
    const SIGXFSZ: i32 = 25;
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let kind = tokio::signal::unix::SignalKind::from_raw(SIGXFSZ);
        if let Err(error) = tokio::signal::unix::signal(kind) {
            tracing::warn!(%error, "a limit for files will end the program");
        }
    });
}

/// Makes `directory` and what is above it with mode 0700 where it is not there yet.
pub fn make_directory(directory: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| StoreError::File {
            path: directory.to_owned(),
            source,
        })
}

/// Makes the file with mode 0600, or takes the rights of others away from one that is there, and
/// from its log. One that is a link or somebody else's is refused.
///
/// A file that is there is never opened here: closing it would drop the locks that SQLite holds
/// on it in this process.
fn make(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        make_directory(directory)?;
    }
    for part in ["-wal", "-shm"] {
        let part = beside::with(path, part);
        take_from_others(&part)?;
        // SQLite makes them with the mode of the store, which may have been read-only.
        if fs::metadata(&part).is_ok_and(|part| part.permissions().mode() & 0o600 != 0o600) {
            fs::set_permissions(&part, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        }
    }
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => take_from_others(path),
        Err(error) => Err(failed(error)),
    }
}

/// Takes the rights of others away from a file, if it is there.
fn take_from_others(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !metadata.is_file() {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(StoreError::Owner {
            path: path.to_owned(),
        });
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read this file; mode set to 0600");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}

/// Says whether the file is ours, and only then lets the pragmas write to it.
async fn prepared(
    connection: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
) -> Result<(), StoreError> {
    check_version(connection, path).await?;
    // In one statement, as another instance may just be making the file.
    let facts = sqlx::query_as(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
    );
    let (id, version, tables): (i64, i64, i64) =
        sql(path, facts.fetch_one(&mut *connection).await)?;
    let fresh = id == 0 && version == 0 && tables == 0;
    if !fresh && id != i64::from(schema.application_id) {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    let known = schema.migrations.len();
    if usize::try_from(version).map_or(true, |version| version > known) {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: version,
            known,
        });
    }
    enter_wal(connection, path).await?;
    migrate(connection, path, schema).await
}

/// Sets what every connection needs. Nothing here writes to the file.
fn pragmas(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .disable_statement_logging()
}

/// Switches to the write-ahead log, which SQLite's own busy timeout does not cover: two instances
/// that start at once would make one of them fail.
async fn enter_wal(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let switched = sqlx::raw_sql("PRAGMA journal_mode = WAL")
            .execute(&mut *connection)
            .await;
        match switched {
            Ok(_) => return Ok(()),
            Err(error) if tries < 40 && Trouble::of(&error) == Trouble::Busy => {
                tries += 1;
                tokio::time::sleep(BUSY / 40).await;
            }
            Err(error) => return sql(path, Err(error)),
        }
    }
}

/// Runs the migrations the file has not seen, one transaction each; its `user_version` counts them.
async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
) -> Result<(), StoreError> {
    for (index, migration) in schema.migrations.iter().enumerate() {
        // Immediate, and the version is read again inside: another instance may be at it too.
        let mut transaction = sql(path, begin(connection).await)?;
        let version = number(&mut transaction, path, "PRAGMA user_version").await?;
        if usize::try_from(version).is_ok_and(|version| version > index) {
            continue;
        }
        let run = sqlx::raw_sql(*migration).execute(&mut *transaction).await;
        // What a migration makes is there already: the number in the file is not what it was.
        let run = run.map_err(|error| match Trouble::of(&error) {
            Trouble::Other(text) if text.contains("already exists") => damaged(&text),
            _ => error,
        });
        sql(path, run)?;
        let marks = format!(
            "PRAGMA application_id = {}; PRAGMA user_version = {};",
            schema.application_id,
            index + 1
        );
        let marks = sqlx::raw_sql(AssertSqlSafe(marks));
        sql(path, marks.execute(&mut *transaction).await)?;
        sql(path, transaction.commit().await)?;
    }
    Ok(())
}

/// Refuses an SQLite with the WAL-reset bug.
async fn check_version(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let found: String = sql(
        path,
        sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(connection)
            .await,
    )?;
    if parse_version(&found) < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite { found });
    }
    Ok(())
}

/// Reads `3.51.3`; a part that is no number counts as 0.
fn parse_version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

/// Reads one number.
async fn number(
    connection: &mut SqliteConnection,
    path: &Path,
    query: &'static str,
) -> Result<i64, StoreError> {
    sql(path, sqlx::query_scalar(query).fetch_one(connection).await)
}

/// Says of which file an SQL error is.
fn sql<T>(path: &Path, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
    result.map_err(|source| StoreError::of(path, source))
}

#[cfg(test)]
mod tests;
