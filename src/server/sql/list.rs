//! Reading updates.

use std::collections::HashMap;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::{CHUNK, Result, id, own_time, stage, text_hash, time};
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, Media};
use crate::server::model::{ObjectId, Stage, Update};

/// Returns one update.
pub(in crate::server) async fn update(
    conn: &mut SqliteConnection,
    id: ObjectId,
) -> Result<Option<Update>> {
    sqlx::query("SELECT * FROM updates WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| read_update(&row))
        .transpose()
}

/// Returns updates by id, in the order asked for.
pub(in crate::server) async fn updates(
    conn: &mut SqliteConnection,
    ids: &[ObjectId],
) -> Result<Vec<Update>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let names: Vec<String> = (1..=chunk.len()).map(|i| format!("${i}")).collect();
        let statement = format!("SELECT * FROM updates WHERE id IN ({})", names.join(", "));
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for id in chunk {
            query = query.bind(id.to_string());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let update = read_update(&row)?;
            found.insert(update.id, update);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Returns a page of the updates of one stage, newest first, and how many there are in all.
pub(in crate::server) async fn history(
    conn: &mut SqliteConnection,
    profile: ObjectId,
    stage: Stage,
    after: Option<Timestamp>,
    page: (i64, i64),
) -> Result<(u64, Vec<Update>)> {
    let after = after.map_or(i64::MIN, |at| at.0);
    let total: i64 = sqlx::query(
        "SELECT COUNT(*) AS total FROM updates \
         WHERE profile_id = $1 AND stage = $2 AND COALESCE(sent_at, updated_at) > $3",
    )
    .bind(profile.to_string())
    .bind(stage.word())
    .bind(after)
    .fetch_one(&mut *conn)
    .await?
    .try_get("total")?;
    let (offset, count) = page;
    let updates = sqlx::query(
        "SELECT * FROM updates \
         WHERE profile_id = $1 AND stage = $2 AND COALESCE(sent_at, updated_at) > $3 \
         ORDER BY sent_at DESC, due_at DESC, id DESC LIMIT $4 OFFSET $5",
    )
    .bind(profile.to_string())
    .bind(stage.word())
    .bind(after)
    .bind(count)
    .bind(offset)
    .fetch_all(conn)
    .await?
    .iter()
    .map(read_update)
    .collect::<Result<_>>()?;
    Ok((u64::try_from(total).unwrap_or(0), updates))
}

/// Returns how many updates of a profile were sent.
pub(in crate::server) async fn sent_count(
    conn: &mut SqliteConnection,
    profile: ObjectId,
) -> Result<i64> {
    sqlx::query("SELECT COUNT(*) AS total FROM updates WHERE profile_id = $1 AND stage = 'sent'")
        .bind(profile.to_string())
        .fetch_one(conn)
        .await?
        .try_get("total")
}

/// Says whether a profile has this text waiting, or sent it after `since`, in another update than
/// `except`.
pub(in crate::server) async fn has_text(
    conn: &mut SqliteConnection,
    profile: ObjectId,
    wanted: &str,
    since: Timestamp,
    except: Option<ObjectId>,
) -> Result<bool> {
    let rows = sqlx::query(
        "SELECT id, text FROM updates WHERE profile_id = $1 AND text_hash = $2 \
         AND (stage IN ('buffer', 'sending') OR (stage = 'sent' AND sent_at > $3))",
    )
    .bind(profile.to_string())
    .bind(text_hash(wanted))
    .bind(since.0)
    .fetch_all(conn)
    .await?;
    let wanted = text::normalized(wanted);
    for row in &rows {
        if Some(id(row, "id")?) != except
            && text::normalized(row.try_get::<&str, _>("text")?) == wanted
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns how many updates link to `url`.
pub(in crate::server) async fn link_count(conn: &mut SqliteConnection, url: &str) -> Result<i64> {
    sqlx::query(
        "SELECT COUNT(*) AS total FROM updates \
         WHERE stage = 'sent' AND REPLACE(link, '://www.', '://') = $1",
    )
    .bind(url.to_owned())
    .fetch_one(conn)
    .await?
    .try_get("total")
}

/// Returns the updates that were going out when the server ended.
pub(in crate::server) async fn interrupted(conn: &mut SqliteConnection) -> Result<Vec<Update>> {
    sqlx::query("SELECT * FROM updates WHERE stage = 'sending'")
        .fetch_all(conn)
        .await?
        .iter()
        .map(read_update)
        .collect()
}

/// Returns the updates a profile sent after `since`.
pub(in crate::server) async fn sent_since(
    conn: &mut SqliteConnection,
    profile: ObjectId,
    since: Timestamp,
) -> Result<Vec<Update>> {
    sqlx::query("SELECT * FROM updates WHERE profile_id = $1 AND stage = 'sent' AND sent_at > $2")
        .bind(profile.to_string())
        .bind(since.0)
        .fetch_all(conn)
        .await?
        .iter()
        .map(read_update)
        .collect()
}

fn read_update(row: &SqliteRow) -> Result<Update> {
    Ok(Update {
        id: id(row, "id")?,
        profile: id(row, "profile_id")?,
        stage: stage(row)?,
        position: row.try_get("position")?,
        own_time: own_time(row)?,
        due_at: time(row, "due_at")?,
        content: Content {
            text: row.try_get("text")?,
            media: Media {
                link: row.try_get("link")?,
                title: row.try_get("title")?,
                description: row.try_get("description")?,
                picture: row.try_get("picture")?,
                thumbnail: row.try_get("thumbnail")?,
            }
            .into(),
        },
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        sent_at: time(row, "sent_at")?,
        service_update_id: row.try_get("service_update_id")?,
        shared_now: row.try_get::<i64, _>("shared_now")? != 0,
        statistics: row.try_get("statistics")?,
        error: row.try_get("error")?,
        via: row.try_get("via")?,
    })
}
