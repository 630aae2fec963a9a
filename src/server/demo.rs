//! Sample data for `demo` and `serve --demo`: the same three profiles and texts each time.
//!
//! More updates than there are texts get an opening and a number, so that no two are the same. Every
//! id follows from its place, and every time from the start of the server.

use serde::Deserialize;
use sqlx::sqlite::SqliteConnection;

use super::book::{GAP, Slots};
use super::connection::{DEMO, demo};
use super::keeper::Outcome;
use super::model::{ObjectId, Profile, Stage, Update};
use super::sql;
use crate::domain::profile::Service;
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, Media, OwnTime};
use crate::store;

const DATA: &str = include_str!("../../assets/demo.json");

/// How many sent updates each profile has.
const SENT: usize = 30;
const DAY: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
struct Data {
    profiles: Vec<SampleProfile>,
    pending: Vec<Sample>,
    sent: Vec<Sample>,
    failed: SampleFailed,
    openings: Vec<String>,
}

#[derive(Deserialize)]
struct SampleProfile {
    service: Service,
    name: String,
    timezone: chrono_tz::Tz,
    followers: i64,
    schedule: Schedule,
}

#[derive(Deserialize)]
struct Sample {
    text: String,
    #[serde(flatten)]
    media: Media,
    /// Days from now, for one with a time of its own.
    own_time: Option<i64>,
    #[serde(default)]
    pinned: bool,
}

#[derive(Deserialize)]
struct SampleFailed {
    text: String,
    reason: String,
}

/// Fills the database, if it has no profile yet, with `count` pending updates per profile.
pub(super) async fn fill(
    conn: &mut SqliteConnection,
    count: u32,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    if !sql::profiles(conn).await?.is_empty() {
        return Ok(());
    }
    let data: Data = serde_json::from_str(DATA).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    let mut tx = store::begin(conn).await?;
    for (place, sample) in (1_u64..).zip(&data.profiles) {
        let profile = profile(place, sample, now);
        sql::insert_profile(&mut tx, &profile).await?;
        let mut all = pending(&data, &profile, place, count as usize, now);
        all.extend(sent(&data, &profile, place, now));
        if place == 2 {
            all.push(failed(&data, &profile, now));
        }
        sql::insert_updates(&mut tx, &all).await?;
    }
    tx.commit().await
}

fn profile(place: u64, sample: &SampleProfile, now: Timestamp) -> Profile {
    Profile {
        // Not of `now`: scripts may know the ids of the sample profiles.
        id: ObjectId::new(Timestamp(0x0de0_0000), place),
        position: i64::try_from(place).unwrap_or(0),
        service: sample.service.clone(),
        name: sample.name.clone(),
        zone: sample.timezone,
        schedule: sample.schedule.clone(),
        connection: DEMO.to_owned(),
        paused: false,
        anchor: now,
        revision: 1,
        followers: sample.followers,
        created_at: now.plus(-400 * DAY),
    }
}

/// Returns an update without a place or time.
fn update(profile: &Profile, id: ObjectId, text: String, media: Media, at: Timestamp) -> Update {
    Update {
        id,
        profile: profile.id,
        stage: Stage::Pending,
        position: None,
        own_time: None,
        due_at: None,
        content: Content {
            text,
            media: media.into(),
        },
        created_at: at,
        updated_at: at,
        sent_at: None,
        service_update_id: None,
        shared_now: false,
        statistics: None,
        error: None,
        via: "web".to_owned(),
    }
}

fn pending(
    data: &Data,
    profile: &Profile,
    place: u64,
    count: usize,
    now: Timestamp,
) -> Vec<Update> {
    let mut slots = Slots::new(profile.schedule.clone(), profile.zone, now);
    // Each profile begins elsewhere in the texts, so that the queues differ.
    let shift = (usize::try_from(place).unwrap_or(0) - 1) * 7;
    (0..count)
        .map(|i| {
            let at = (i + shift) % data.pending.len();
            let (sample, round) = (&data.pending[at], i / data.pending.len());
            let mut made = update(
                profile,
                ObjectId::new(Timestamp(0x0de1_0000), (place << 32) | i as u64),
                numbered(data, &sample.text, i, round),
                sample.media.clone(),
                now.plus(-(i64::try_from(count - i).unwrap_or(0) * 61) - 3600),
            );
            made.own_time = own_time(sample, round, i, &mut slots, now);
            if made.own_time.is_none() {
                made.position = i64::try_from(i + 1).ok().map(|i| i * GAP);
            }
            made
        })
        .collect()
}

/// Only the first round has times of its own: they are near.
fn own_time(
    sample: &Sample,
    round: usize,
    i: usize,
    slots: &mut Slots,
    now: Timestamp,
) -> Option<OwnTime> {
    if round > 0 {
        return None;
    }
    if sample.pinned {
        let at = *slots.first(i + 3).last()?;
        return Some(OwnTime { at, pinned: true });
    }
    let days = sample.own_time?;
    let noon = now.0 - now.0.rem_euclid(DAY) + days * DAY + 15 * 3600 + 30 * 60;
    Some(OwnTime {
        at: Timestamp(noon),
        pinned: false,
    })
}

fn sent(data: &Data, profile: &Profile, place: u64, now: Timestamp) -> Vec<Update> {
    (0..SENT)
        .map(|i| {
            let sample = &data.sent[i % data.sent.len()];
            let hours = i64::try_from(i).unwrap_or(0) * 17 + 2;
            let at = now.plus(-hours * 3600 - i64::try_from(place).unwrap_or(0) * 500);
            let id = ObjectId::new(Timestamp(0x0de2_0000), (place << 32) | i as u64);
            let text = numbered(data, &sample.text, i, i / data.sent.len());
            let mut made = update(profile, id, text, sample.media.clone(), at.plus(-3 * DAY));
            if let Outcome::Sent {
                service_update_id,
                statistics,
            } = demo::publish(id)
            {
                made.service_update_id = Some(service_update_id);
                made.statistics = statistics;
            }
            made.stage = Stage::Sent;
            made.due_at = Some(at);
            made.sent_at = Some(at.plus(1));
            made.updated_at = at.plus(1);
            made
        })
        .collect()
}

fn failed(data: &Data, profile: &Profile, now: Timestamp) -> Update {
    let id = ObjectId::new(Timestamp(0x0de3_0000), 1);
    let at = now.plus(-5 * 3600);
    let mut made = update(
        profile,
        id,
        data.failed.text.clone(),
        Media::default(),
        at.plus(-DAY),
    );
    made.stage = Stage::Failed;
    made.due_at = Some(at);
    made.updated_at = at;
    made.error = Some(data.failed.reason.clone());
    made
}

/// Returns the text; from the second round on with an opening and a number.
fn numbered(data: &Data, text: &str, i: usize, round: usize) -> String {
    if round == 0 {
        return text.to_owned();
    }
    let opening = &data.openings[(i * 5 + round) % data.openings.len()];
    format!("{opening} {}: {text}", i + 1)
}
