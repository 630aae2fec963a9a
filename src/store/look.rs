//! A look at the pages of a file, bounded in time.

use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnection;

use super::damaged;

/// Looks whether the pages of a file make sense, for at most `within`; none: to the end, and the
/// indexes too. What was not looked at in that time counts as good.
pub async fn look(
    connection: &mut SqliteConnection,
    within: Option<Duration>,
) -> Result<(), sqlx::Error> {
    let query = match within {
        Some(within) => {
            let until = Instant::now() + within;
            connection
                .lock_handle()
                .await?
                .set_progress_handler(1_000, move || Instant::now() < until);
            "PRAGMA quick_check(1)"
        }
        None => "PRAGMA integrity_check(1)",
    };
    let found: Result<Vec<String>, _> = sqlx::query_scalar(query).fetch_all(&mut *connection).await;
    connection.lock_handle().await?.remove_progress_handler();
    match found {
        Ok(found) => match found.first() {
            Some(text) if text != "ok" => Err(damaged(text)),
            _ => Ok(()),
        },
        Err(error) if is_interrupt(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Says whether the time was up.
fn is_interrupt(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "9")
}
