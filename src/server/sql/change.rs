//! Writing updates.

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::{CHUNK, Result, text_hash};
use crate::domain::time::Timestamp;
use crate::server::model::{ObjectId, Update};

/// Stores a new update.
pub(in crate::server) async fn insert_update(
    conn: &mut SqliteConnection,
    u: &Update,
) -> Result<()> {
    insert_updates(conn, std::slice::from_ref(u)).await
}

/// Stores many new updates: several rows a statement, as each statement costs far more than a row.
pub(in crate::server) async fn insert_updates(
    conn: &mut SqliteConnection,
    all: &[Update],
) -> Result<()> {
    const COLUMNS: usize = 22;
    for chunk in all.chunks(CHUNK / COLUMNS) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| {
                let names: Vec<String> = (1..=COLUMNS)
                    .map(|column| format!("${}", row * COLUMNS + column))
                    .collect();
                format!("({})", names.join(", "))
            })
            .collect();
        let statement = format!(
            "INSERT INTO updates (id, profile_id, stage, position, own_time, pinned, due_at, \
             text, text_hash, link, title, description, picture, thumbnail, updated_at, sent_at, \
             service_update_id, shared_now, statistics, error, created_at, via) VALUES {}",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for update in chunk {
            query = bind_update(query, update)
                .bind(update.created_at.0)
                .bind(update.via.clone());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Stores what an update has become.
pub(in crate::server) async fn save_update(conn: &mut SqliteConnection, u: &Update) -> Result<()> {
    let query = sqlx::query(
        "UPDATE updates SET profile_id = $2, stage = $3, position = $4, own_time = $5, \
         pinned = $6, due_at = $7, text = $8, text_hash = $9, link = $10, title = $11, \
         description = $12, picture = $13, thumbnail = $14, updated_at = $15, sent_at = $16, \
         service_update_id = $17, shared_now = $18, statistics = $19, error = $20 WHERE id = $1",
    );
    bind_update(query, u).execute(conn).await.map(drop)
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds the columns that can change, in the order both statements name them.
fn bind_update<'q>(query: Query<'q>, u: &Update) -> Query<'q> {
    let media = &u.content.media;
    query
        .bind(u.id.to_string())
        .bind(u.profile.to_string())
        .bind(u.stage.word())
        .bind(u.position)
        .bind(u.own_time.map(|own| own.at.0))
        .bind(i64::from(u.own_time.is_some_and(|own| own.pinned)))
        .bind(u.due_at.map(|at| at.0))
        .bind(u.content.text.clone())
        .bind(text_hash(&u.content.text))
        .bind(media.link.clone())
        .bind(media.title.clone())
        .bind(media.description.clone())
        .bind(media.picture.clone())
        .bind(media.thumbnail.clone())
        .bind(u.updated_at.0)
        .bind(u.sent_at.map(|at| at.0))
        .bind(u.service_update_id.clone())
        .bind(i64::from(u.shared_now))
        .bind(u.statistics.clone())
        .bind(u.error.clone())
}

/// Stores the positions of updates that moved.
pub(in crate::server) async fn save_positions(
    conn: &mut SqliteConnection,
    moved: &[(ObjectId, i64)],
) -> Result<()> {
    for chunk in moved.chunks(CHUNK) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|i| {
                format!(
                    "(CAST(${} AS TEXT), CAST(${} AS BIGINT))",
                    2 * i + 1,
                    2 * i + 2
                )
            })
            .collect();
        let statement = format!(
            "UPDATE updates SET position = moved.column2 FROM (VALUES {}) AS moved \
             WHERE updates.id = moved.column1",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (id, position) in chunk {
            query = query.bind(id.to_string()).bind(*position);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Stores that an update's slot has come.
pub(in crate::server) async fn take_slot(
    conn: &mut SqliteConnection,
    id: ObjectId,
    slot: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE updates SET position = NULL, due_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(slot.0)
        .execute(conn)
        .await
        .map(drop)
}

/// Stores that a pinned update has its time only for itself.
pub(in crate::server) async fn unpin(conn: &mut SqliteConnection, id: ObjectId) -> Result<()> {
    sqlx::query("UPDATE updates SET pinned = 0 WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await
        .map(drop)
}

/// Deletes an update with all it has.
pub(in crate::server) async fn delete_update(
    conn: &mut SqliteConnection,
    id: ObjectId,
) -> Result<()> {
    for statement in [
        "DELETE FROM interactions WHERE update_id = $1",
        "DELETE FROM attempts WHERE update_id = $1",
        "DELETE FROM updates WHERE id = $1",
    ] {
        sqlx::query(statement)
            .bind(id.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
