//! All SQL of the server. Only what SQLite and PostgreSQL share, values only as parameters.

use std::collections::HashMap;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::model::{ObjectId, Profile, Reaction, Stage, Update};
use crate::domain::schedule::Schedule;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, Media, OwnTime};

/// The schema, oldest step first.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("../../assets/sql/server/0001.sql")];

/// Most parameters of one statement. Binding looks each one up by its name among all, so a statement
/// of a few rows is fastest by far.
const CHUNK: usize = 110;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Returns a value of the table of single values.
pub(super) async fn meta(conn: &mut SqliteConnection, name: &str) -> Result<Option<String>> {
    sqlx::query("SELECT value FROM meta WHERE name = $1")
        .bind(name.to_owned())
        .fetch_optional(conn)
        .await?
        .map(|row| row.try_get("value"))
        .transpose()
}

/// Sets a value of the table of single values.
pub(super) async fn set_meta(conn: &mut SqliteConnection, name: &str, value: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name.to_owned())
    .bind(value.to_owned())
    .execute(conn)
    .await
    .map(drop)
}

/// Returns every profile in its order.
pub(super) async fn profiles(conn: &mut SqliteConnection) -> Result<Vec<Profile>> {
    sqlx::query("SELECT * FROM profiles ORDER BY position, id")
        .fetch_all(conn)
        .await?
        .iter()
        .map(profile)
        .collect()
}

/// Stores a new profile.
pub(super) async fn insert_profile(conn: &mut SqliteConnection, p: &Profile) -> Result<()> {
    sqlx::query(
        "INSERT INTO profiles (id, position, service, name, timezone, schedule, connection, \
         paused, anchor, revision, followers, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(p.id.to_string())
    .bind(p.position)
    .bind(p.service.as_str().to_owned())
    .bind(p.name.clone())
    .bind(p.zone.name().to_owned())
    .bind(schedule_text(&p.schedule)?)
    .bind(p.connection.clone())
    .bind(i64::from(p.paused))
    .bind(p.anchor.0)
    .bind(p.revision)
    .bind(p.followers)
    .bind(p.created_at.0)
    .execute(conn)
    .await
    .map(drop)
}

/// Stores what a profile has become.
pub(super) async fn save_profile(conn: &mut SqliteConnection, p: &Profile) -> Result<()> {
    sqlx::query(
        "UPDATE profiles SET name = $2, timezone = $3, schedule = $4, connection = $5, \
         paused = $6, anchor = $7, revision = $8 WHERE id = $1",
    )
    .bind(p.id.to_string())
    .bind(p.name.clone())
    .bind(p.zone.name().to_owned())
    .bind(schedule_text(&p.schedule)?)
    .bind(p.connection.clone())
    .bind(i64::from(p.paused))
    .bind(p.anchor.0)
    .bind(p.revision)
    .execute(conn)
    .await
    .map(drop)
}

/// Deletes a profile with all it has.
pub(super) async fn delete_profile(conn: &mut SqliteConnection, id: ObjectId) -> Result<()> {
    for statement in [
        "DELETE FROM interactions WHERE update_id IN \
         (SELECT id FROM updates WHERE profile_id = $1)",
        "DELETE FROM attempts WHERE update_id IN (SELECT id FROM updates WHERE profile_id = $1)",
        "DELETE FROM updates WHERE profile_id = $1",
        "DELETE FROM profiles WHERE id = $1",
    ] {
        sqlx::query(statement)
            .bind(id.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// What is needed of a pending update to lay the queue out.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: ObjectId,
    pub(super) created_at: Timestamp,
    pub(super) stage: Stage,
    pub(super) position: Option<i64>,
    pub(super) own_time: Option<OwnTime>,
    pub(super) due_at: Option<Timestamp>,
}

/// Returns what waits for a profile, those with a position in its order.
pub(super) async fn waiting(
    conn: &mut SqliteConnection,
    profile: ObjectId,
) -> Result<Vec<Waiting>> {
    sqlx::query(
        "SELECT id, created_at, stage, position, own_time, pinned, due_at FROM updates \
         WHERE profile_id = $1 AND stage IN ('buffer', 'sending') ORDER BY position, id",
    )
    .bind(profile.to_string())
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        Ok(Waiting {
            id: id(row, "id")?,
            created_at: Timestamp(row.try_get("created_at")?),
            stage: stage(row)?,
            position: row.try_get("position")?,
            own_time: own_time(row)?,
            due_at: time(row, "due_at")?,
        })
    })
    .collect()
}

/// Stores a new update.
pub(super) async fn insert_update(conn: &mut SqliteConnection, u: &Update) -> Result<()> {
    insert_updates(conn, std::slice::from_ref(u)).await
}

/// Stores many new updates: several rows a statement, as each statement costs far more than a row.
pub(super) async fn insert_updates(conn: &mut SqliteConnection, all: &[Update]) -> Result<()> {
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
pub(super) async fn save_update(conn: &mut SqliteConnection, u: &Update) -> Result<()> {
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
pub(super) async fn save_positions(
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
pub(super) async fn take_slot(
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
pub(super) async fn unpin(conn: &mut SqliteConnection, id: ObjectId) -> Result<()> {
    sqlx::query("UPDATE updates SET pinned = 0 WHERE id = $1")
        .bind(id.to_string())
        .execute(conn)
        .await
        .map(drop)
}

/// Deletes an update with all it has.
pub(super) async fn delete_update(conn: &mut SqliteConnection, id: ObjectId) -> Result<()> {
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

/// Returns one update.
pub(super) async fn update(conn: &mut SqliteConnection, id: ObjectId) -> Result<Option<Update>> {
    sqlx::query("SELECT * FROM updates WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?
        .map(|row| read_update(&row))
        .transpose()
}

/// Returns updates by id, in the order asked for.
pub(super) async fn updates(conn: &mut SqliteConnection, ids: &[ObjectId]) -> Result<Vec<Update>> {
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
pub(super) async fn history(
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
pub(super) async fn sent_count(conn: &mut SqliteConnection, profile: ObjectId) -> Result<i64> {
    sqlx::query("SELECT COUNT(*) AS total FROM updates WHERE profile_id = $1 AND stage = 'sent'")
        .bind(profile.to_string())
        .fetch_one(conn)
        .await?
        .try_get("total")
}

/// Says whether a profile has this text waiting, or sent it after `since`, in another update than
/// `except`.
pub(super) async fn has_text(
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
pub(super) async fn link_count(conn: &mut SqliteConnection, url: &str) -> Result<i64> {
    sqlx::query(
        "SELECT COUNT(*) AS total FROM updates \
         WHERE stage = 'sent' AND REPLACE(link, '://www.', '://') = $1",
    )
    .bind(url.to_owned())
    .fetch_one(conn)
    .await?
    .try_get("total")
}

/// Writes that an attempt begins.
pub(super) async fn begin_attempt(
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
pub(super) async fn end_attempt(
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

/// Returns the updates that were going out when the server ended.
pub(super) async fn interrupted(conn: &mut SqliteConnection) -> Result<Vec<Update>> {
    sqlx::query("SELECT * FROM updates WHERE stage = 'sending'")
        .fetch_all(conn)
        .await?
        .iter()
        .map(read_update)
        .collect()
}

/// Returns the updates a profile sent after `since`.
pub(super) async fn sent_since(
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

/// Stores an interaction once.
pub(super) async fn insert_reaction(
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
pub(super) async fn save_statistics(
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
pub(super) async fn reactions(
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

fn profile(row: &SqliteRow) -> Result<Profile> {
    let zone: String = row.try_get("timezone")?;
    let schedule: String = row.try_get("schedule")?;
    let service: String = row.try_get("service")?;
    Ok(Profile {
        id: id(row, "id")?,
        position: row.try_get("position")?,
        service: service.into(),
        name: row.try_get("name")?,
        zone: zone.parse().map_err(|_| damaged("timezone", &zone))?,
        schedule: serde_json::from_str(&schedule).map_err(|_| damaged("schedule", &schedule))?,
        connection: row.try_get("connection")?,
        paused: row.try_get::<i64, _>("paused")? != 0,
        anchor: Timestamp(row.try_get("anchor")?),
        revision: row.try_get("revision")?,
        followers: row.try_get("followers")?,
        created_at: Timestamp(row.try_get("created_at")?),
    })
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
            },
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

fn id(row: &SqliteRow, column: &'static str) -> Result<ObjectId> {
    let text: &str = row.try_get(column)?;
    ObjectId::parse(text).ok_or_else(|| damaged(column, text))
}

fn time(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

fn stage(row: &SqliteRow) -> Result<Stage> {
    let word: &str = row.try_get("stage")?;
    Stage::ALL
        .into_iter()
        .find(|stage| stage.word() == word)
        .ok_or_else(|| damaged("stage", word))
}

fn own_time(row: &SqliteRow) -> Result<Option<OwnTime>> {
    let pinned = row.try_get::<i64, _>("pinned")? != 0;
    Ok(time(row, "own_time")?.map(|at| OwnTime { at, pinned }))
}

fn schedule_text(schedule: &Schedule) -> Result<String> {
    serde_json::to_string(schedule).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

fn damaged(column: &'static str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} cannot be `{value}`").into())
}

/// FNV-1a of the text's normal form: only finds candidates, equal texts are then compared.
fn text_hash(text: &str) -> i64 {
    let hash = text::normalized(text)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    i64::from_ne_bytes(hash.to_ne_bytes())
}
