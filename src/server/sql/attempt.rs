//! Attempts to publish, and how people reacted.

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::Result;
use crate::domain::time::Timestamp;
use crate::server::model::{ObjectId, Reaction};

/// Writes that an attempt begins.
pub(in crate::server) async fn begin_attempt(
    conn: &mut SqliteConnection,
    update: ObjectId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO attempts (update_id, started_at) VALUES ($1, $2)")
        .bind(update.to_string())
        .bind(now.0)
        .execute(conn)
        .await
        .map(drop)
}

/// Writes how the attempt ended.
pub(in crate::server) async fn end_attempt(
    conn: &mut SqliteConnection,
    update: ObjectId,
    now: Timestamp,
    outcome: &str,
) -> Result<()> {
    sqlx::query(
        "UPDATE attempts SET ended_at = $2, outcome = $3 \
         WHERE update_id = $1 AND ended_at IS NULL",
    )
    .bind(update.to_string())
    .bind(now.0)
    .bind(outcome.to_owned())
    .execute(conn)
    .await
    .map(drop)
}

/// Stores an interaction once.
pub(in crate::server) async fn insert_reaction(
    conn: &mut SqliteConnection,
    update: ObjectId,
    r: &Reaction,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO interactions (update_id, id, event, created_at, interaction_id, username, \
         followers, avatar, person_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (update_id, interaction_id) DO NOTHING",
    )
    .bind(update.to_string())
    .bind(r.id.clone())
    .bind(r.event.clone())
    .bind(r.created_at.0)
    .bind(r.interaction_id.clone())
    .bind(r.username.clone())
    .bind(r.followers)
    .bind(r.avatar.clone())
    .bind(r.person_id.clone())
    .execute(conn)
    .await
    .map(drop)
}

/// Stores the numbers of an update.
pub(in crate::server) async fn save_statistics(
    conn: &mut SqliteConnection,
    id: ObjectId,
    statistics: &str,
) -> Result<()> {
    sqlx::query("UPDATE updates SET statistics = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(statistics.to_owned())
        .execute(conn)
        .await
        .map(drop)
}

/// Returns the interactions of an update, newest first.
pub(in crate::server) async fn reactions(
    conn: &mut SqliteConnection,
    update: ObjectId,
) -> Result<Vec<Reaction>> {
    sqlx::query("SELECT * FROM interactions WHERE update_id = $1 ORDER BY created_at DESC, id")
        .bind(update.to_string())
        .fetch_all(conn)
        .await?
        .iter()
        .map(|row| {
            Ok(Reaction {
                id: row.try_get("id")?,
                event: row.try_get("event")?,
                created_at: Timestamp(row.try_get("created_at")?),
                interaction_id: row.try_get("interaction_id")?,
                username: row.try_get("username")?,
                followers: row.try_get("followers")?,
                avatar: row.try_get("avatar")?,
                person_id: row.try_get("person_id")?,
            })
        })
        .collect()
}
