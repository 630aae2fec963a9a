//! Begins transactions on a connection whose last one may have ended by itself.
//!
//! When the disk is full or fails, SQLite rolls a transaction back on its own. sqlx still counts it
//! as open, as the rollback it then asks for finds none, and from then on refuses to begin another
//! or makes a mere savepoint of it. Nothing brings that count back, so the file is opened again.

use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Transaction};

use super::pragmas;

/// Begins a transaction that may write, whatever became of the one before.
pub async fn begin(
    connection: &mut SqliteConnection,
) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback that was only asked for is done before this.
        connection.ping().await?;
    }
    if connection.is_in_transaction() {
        reopen(connection).await?;
    }
    connection.begin_with("BEGIN IMMEDIATE").await
}

async fn reopen(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let file: String =
        sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(&mut *connection)
            .await?;
    // One in memory is gone with its connection.
    if file.is_empty() {
        return Ok(());
    }
    let options = pragmas(SqliteConnectOptions::new().filename(&file));
    let old = std::mem::replace(connection, options.connect().await?);
    if let Err(error) = old.close().await {
        tracing::warn!(%error, "a connection that failed was not closed cleanly; nothing is lost");
    }
    Ok(())
}
