//! All SQL of the server. Only what SQLite and PostgreSQL share, values only as parameters.

mod attempt;
mod change;
mod list;

pub(super) use attempt::*;
pub(super) use change::*;
pub(super) use list::*;

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::model::{ObjectId, Profile, Stage};
use crate::domain::schedule::Schedule;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::domain::update::OwnTime;

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

/// Stores that a profile's lists have changed.
pub(super) async fn touch_profile(conn: &mut SqliteConnection, id: ObjectId) -> Result<()> {
    sqlx::query("UPDATE profiles SET revision = revision + 1 WHERE id = $1")
        .bind(id.to_string())
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
