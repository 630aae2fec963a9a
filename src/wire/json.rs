//! JSON shapes of API v1 (field names and types of the seed's "Updates" page and of
//! `buffer-api.md` A5 to A9).

use std::collections::BTreeMap;

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::domain::schedule::{Entry, Schedule};

/// An update as v1 writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateDto {
    /// The same as `id`.
    #[serde(rename = "_id")]
    pub mongo_id: String,
    /// The update's id.
    pub id: String,
    /// The application that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// `Today`, `Tomorrow`, `Thursday 3rd March`.
    pub day: String,
    /// Unix seconds; 0 means none.
    pub due_at: i64,
    /// `6:13 am`
    pub due_time: String,
    /// Present only with a time of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<i64>,
    /// Whether a time of its own sits on a slot.
    pub pinned: bool,
    /// What is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaDto>,
    /// Whose queue it is in.
    pub profile_id: String,
    /// The network.
    pub profile_service: String,
    /// Unix seconds, sent ones only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    /// The network's id, sent ones only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_update_id: Option<String>,
    /// Whether it was published by `now` or share.
    pub shared_now: bool,
    /// Numbers, sent ones only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<BTreeMap<String, serde_json::Value>>,
    /// `buffer`, `sent`, `error`, `draft`.
    pub status: String,
    /// The text.
    pub text: String,
    /// The text as HTML.
    pub text_formatted: String,
    /// `text`, `link`, `picture`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who made it.
    pub user_id: String,
    /// What made it.
    pub via: String,
    /// Why it failed: a string, or an object with `text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<serde_json::Value>,
}

/// What is attached, as v1 writes it; parts that are not there are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaDto {
    /// Address of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Address of a small picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}

/// A page of updates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdatesDto {
    /// How many there are in all.
    pub total: u64,
    /// This page of them.
    pub updates: Vec<UpdateDto>,
    /// Ours: a number that grows with every change of the profile's queue, failed list or schedule,
    /// so that a client that polls reads one small page and stops if it has not grown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// A page of interactions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InteractionsDto {
    /// How many there are in all.
    pub total: u64,
    /// This page of them.
    pub interactions: Vec<InteractionDto>,
}

/// One interaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InteractionDto {
    /// The same as `id`.
    #[serde(rename = "_id")]
    pub mongo_id: String,
    /// Unix seconds.
    pub created_at: i64,
    /// `favorite`, `retweet`, …
    pub event: String,
    /// Its id.
    pub id: String,
    /// The network's id of it.
    pub interaction_id: String,
    /// Who.
    pub user: InteractionUserDto,
}

/// Who interacted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InteractionUserDto {
    /// The name.
    pub username: String,
    /// How many follow.
    pub followers: i64,
    /// A picture's address.
    pub avatar: String,
    /// The same over https.
    pub avatar_https: String,
    /// The network's id of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twitter_id: Option<String>,
}

/// One entry of a posting schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleDto {
    /// `mon` … `sun`
    pub days: Vec<String>,
    /// `HH:MM`
    pub times: Vec<String>,
}

/// A profile as v1 writes it (the fields this program reads or writes).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileDto {
    /// The same as `id`.
    #[serde(rename = "_id")]
    pub mongo_id: String,
    /// The profile's id.
    pub id: String,
    /// A picture's address.
    pub avatar: String,
    /// The same over https.
    pub avatar_https: String,
    /// Numbers: `pending`, `sent`, `drafts`.
    pub counts: BTreeMap<String, serde_json::Value>,
    /// Unix seconds.
    pub created_at: i64,
    /// Whether new updates go to it unless another is chosen.
    #[serde(rename = "default")]
    pub is_default: bool,
    /// Whether the API refuses to post to it.
    pub disabled: bool,
    /// Why its connection is broken; null otherwise.
    pub disconnected: Option<serde_json::Value>,
    /// `Twitter`
    pub formatted_service: String,
    /// `@acme`
    pub formatted_username: String,
    /// Whether the plan excludes it.
    pub locked: bool,
    /// Whether its queue stands still.
    pub paused: bool,
    /// When it posts.
    pub schedules: Vec<ScheduleDto>,
    /// The network.
    pub service: String,
    /// The network's id of the account.
    pub service_id: String,
    /// `profile`
    pub service_type: String,
    /// `acme`
    pub service_username: String,
    /// `followers`
    pub statistics: BTreeMap<String, serde_json::Value>,
    /// People who may use it.
    pub team_members: Vec<String>,
    /// An IANA zone.
    pub timezone: String,
    /// Whose it is.
    pub user_id: String,
    /// Ours: how the server publishes for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Ours: the network's own limit, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub character_limit: Option<u32>,
}

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserDto {
    /// The same as `id`.
    #[serde(rename = "_id")]
    pub mongo_id: String,
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The plan.
    pub plan: String,
    /// An IANA zone.
    pub timezone: String,
    /// Unix seconds.
    pub activity_at: i64,
    /// Unix seconds.
    pub created_at: i64,
    /// How times are shown.
    pub twentyfour_hour_time: bool,
}

/// An error body: all four keys, so that every client is served.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorDto {
    /// Always false.
    pub success: bool,
    /// One of the codes of `buffer-api.md` A6.
    pub code: Option<serde_json::Value>,
    /// What happened.
    pub error: Option<serde_json::Value>,
    /// The same; may be an object with `text` elsewhere.
    pub message: Option<serde_json::Value>,
}

/// The part of `info/configuration` that is ours, under the key `qurate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OursDto {
    /// The program's version.
    pub version: String,
    /// Words: `manage_profiles`, `pause`, `failed`, `revision`.
    pub capabilities: Vec<String>,
    /// Connection names.
    pub connections: Vec<String>,
    /// Requests a minute; absent: no limit.
    pub requests_per_minute: Option<u32>,
}

/// Why a schedule cannot be read; `path` begins with the entry, as `[1].times[0]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`schedules{path}` is not a day or a time of day")]
pub struct BadSchedule {
    /// Where, below the list of entries.
    pub path: String,
}

/// Reads a schedule. Days may be written out (`Monday`), times may have seconds or no leading zero.
pub fn schedule_from_dto(entries: &[ScheduleDto]) -> Result<Schedule, BadSchedule> {
    let read = |(at, entry): (usize, &ScheduleDto)| {
        let days = entry.days.iter().enumerate().map(|(i, day)| {
            day.trim().parse::<Weekday>().map_err(|_| BadSchedule {
                path: format!("[{at}].days[{i}]"),
            })
        });
        let times = entry.times.iter().enumerate().map(|(i, time)| {
            time_of_day(time).ok_or_else(|| BadSchedule {
                path: format!("[{at}].times[{i}]"),
            })
        });
        Ok(Entry {
            days: days.collect::<Result<_, _>>()?,
            times: times.collect::<Result<_, _>>()?,
        })
    };
    let entries: Result<_, BadSchedule> = entries.iter().enumerate().map(read).collect();
    entries.map(Schedule)
}

/// Writes a schedule.
pub fn schedule_to_dto(schedule: &Schedule) -> Vec<ScheduleDto> {
    let day = |day: &Weekday| day.to_string().to_ascii_lowercase();
    let time = |time: &NaiveTime| time.format("%H:%M").to_string();
    schedule
        .0
        .iter()
        .map(|entry| ScheduleDto {
            days: entry.days.iter().map(day).collect(),
            times: entry.times.iter().map(time).collect(),
        })
        .collect()
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.trim().split(':');
    let mut part = || {
        let part = parts.next()?;
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    NaiveTime::from_hms_opt(part()?, part()?, 0)
}
