//! JSON shapes of API v1 (field names and types of the seed's "Updates" page and of
//! `buffer-api.md` A5 to A9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use bounded::{ENTRIES_MOST, INTERACTIONS_MOST, PAGE_MOST, PROFILES_MOST, QUEUE_MOST};
pub use convert::{BadField, each, schedule_from_dto, schedule_to_dto};
pub use read::{ReadError, read, read_object};
pub use said::Said;

mod bounded;
mod convert;
mod lenient;
mod read;
mod said;
mod slim;

/// An update as v1 writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateDto {
    /// The same as `id`.
    #[serde(rename = "_id", deserialize_with = "lenient::any_text")]
    pub mongo_id: String,
    /// The update's id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// The application that made it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub client_id: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::int")]
    pub created_at: i64,
    /// Unix seconds of the last change.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::any_maybe_int"
    )]
    pub updated_at: Option<i64>,
    /// `Today`, `Tomorrow`, `Thursday 3rd March`.
    #[serde(deserialize_with = "lenient::any_text")]
    pub day: String,
    /// Unix seconds; 0 means none.
    #[serde(deserialize_with = "lenient::int")]
    pub due_at: i64,
    /// `6:13 am`
    #[serde(deserialize_with = "lenient::any_text")]
    pub due_time: String,
    /// Present only with a time of its own.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_int"
    )]
    pub scheduled_at: Option<i64>,
    /// Whether a time of its own sits on a slot.
    #[serde(deserialize_with = "lenient::flag")]
    pub pinned: bool,
    /// What is attached.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::object"
    )]
    pub media: Option<MediaDto>,
    /// Whose queue it is in.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// The network.
    #[serde(deserialize_with = "lenient::any_text")]
    pub profile_service: String,
    /// Unix seconds, sent ones only.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_int"
    )]
    pub sent_at: Option<i64>,
    /// The network's id, sent ones only.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub service_update_id: Option<String>,
    /// Whether it was published by `now` or share.
    #[serde(deserialize_with = "lenient::flag")]
    pub shared_now: bool,
    /// Numbers, sent ones only.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_map"
    )]
    pub statistics: Option<BTreeMap<String, serde_json::Value>>,
    /// `buffer`, `sent`, `error`, `draft`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: String,
    /// The text.
    #[serde(deserialize_with = "lenient::text")]
    pub text: String,
    /// The text as HTML.
    #[serde(deserialize_with = "lenient::any_text")]
    pub text_formatted: String,
    /// `text`, `link`, `picture`.
    #[serde(
        rename = "type",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub kind: Option<String>,
    /// Who made it.
    #[serde(deserialize_with = "lenient::any_text")]
    pub user_id: String,
    /// What made it.
    #[serde(deserialize_with = "lenient::any_text")]
    pub via: String,
    /// Why it failed: a string, or an object with `text`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::anything"
    )]
    pub error: Option<serde_json::Value>,
}

/// What is attached, as v1 writes it; parts that are not there are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaDto {
    /// Address of a page.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub link: Option<String>,
    /// Its title.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub title: Option<String>,
    /// Its description.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub description: Option<String>,
    /// Address of a picture.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub picture: Option<String>,
    /// Address of a small picture.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub thumbnail: Option<String>,
}

/// A page of updates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdatesDto {
    /// How many there are in all.
    #[serde(deserialize_with = "lenient::count")]
    pub total: u64,
    /// This page of them.
    #[serde(deserialize_with = "lenient::at_most::<PAGE_MOST, _, _>")]
    pub updates: Vec<UpdateDto>,
    /// Ours: a number that grows with every change of the profile's queue, failed list or schedule,
    /// so that a client that polls reads one small page and stops if it has not grown.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_count"
    )]
    pub revision: Option<u64>,
}

/// Updates that a change answers with.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ListedDto {
    /// The updates.
    #[serde(deserialize_with = "lenient::at_most::<QUEUE_MOST, _, _>")]
    pub updates: Vec<PendingDto>,
}

/// An update that is not sent: what stands of its statistics is let go at once. It says nothing, and
/// of a whole queue could take many times what all else does.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "UpdateDto")]
pub struct PendingDto(pub UpdateDto);

impl From<UpdateDto> for PendingDto {
    fn from(update: UpdateDto) -> Self {
        Self(UpdateDto {
            statistics: None,
            ..update
        })
    }
}

/// A page of interactions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InteractionsDto {
    /// How many there are in all.
    #[serde(deserialize_with = "lenient::count")]
    pub total: u64,
    /// This page of them.
    #[serde(deserialize_with = "lenient::at_most::<INTERACTIONS_MOST, _, _>")]
    pub interactions: Vec<InteractionDto>,
}

/// One interaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InteractionDto {
    /// The same as `id`.
    #[serde(rename = "_id", deserialize_with = "lenient::any_text")]
    pub mongo_id: String,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::int")]
    pub created_at: i64,
    /// `favorite`, `retweet`, …
    #[serde(deserialize_with = "lenient::any_text")]
    pub event: String,
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// The network's id of it.
    #[serde(deserialize_with = "lenient::any_text")]
    pub interaction_id: String,
    /// Who.
    #[serde(deserialize_with = "lenient::or_default")]
    pub user: InteractionUserDto,
}

/// Who interacted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InteractionUserDto {
    /// The name.
    #[serde(deserialize_with = "lenient::any_text")]
    pub username: String,
    /// How many follow.
    #[serde(deserialize_with = "lenient::any_int")]
    pub followers: i64,
    /// A picture's address.
    #[serde(deserialize_with = "lenient::any_text")]
    pub avatar: String,
    /// The same over https.
    #[serde(deserialize_with = "lenient::any_text")]
    pub avatar_https: String,
    /// The network's id of the person.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub twitter_id: Option<String>,
}

/// One entry of a posting schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleDto {
    /// `mon` … `sun`
    #[serde(deserialize_with = "lenient::texts")]
    pub days: Vec<String>,
    /// `HH:MM`
    #[serde(deserialize_with = "lenient::texts")]
    pub times: Vec<String>,
}

/// A profile as v1 writes it (the fields this program reads or writes).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API's own independent flags"
)]
pub struct ProfileDto {
    /// The same as `id`.
    #[serde(rename = "_id", deserialize_with = "lenient::any_text")]
    pub mongo_id: String,
    /// The profile's id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// A picture's address.
    #[serde(deserialize_with = "lenient::any_text")]
    pub avatar: String,
    /// The same over https.
    #[serde(deserialize_with = "lenient::any_text")]
    pub avatar_https: String,
    /// Numbers: `pending`, `sent`, `drafts`.
    #[serde(deserialize_with = "lenient::map")]
    pub counts: BTreeMap<String, serde_json::Value>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::any_int")]
    pub created_at: i64,
    /// Whether new updates go to it unless another is chosen.
    #[serde(rename = "default", deserialize_with = "lenient::flag")]
    pub is_default: bool,
    /// Whether the API refuses to post to it.
    #[serde(deserialize_with = "lenient::flag")]
    pub disabled: bool,
    /// Why its connection is broken; null otherwise.
    #[serde(deserialize_with = "lenient::anything")]
    pub disconnected: Option<serde_json::Value>,
    /// `Twitter`
    #[serde(deserialize_with = "lenient::any_text")]
    pub formatted_service: String,
    /// `@acme`
    #[serde(deserialize_with = "lenient::any_text")]
    pub formatted_username: String,
    /// Whether the plan excludes it.
    #[serde(deserialize_with = "lenient::flag")]
    pub locked: bool,
    /// Whether its queue stands still.
    #[serde(deserialize_with = "lenient::flag")]
    pub paused: bool,
    /// When it posts.
    #[serde(deserialize_with = "lenient::list::<ENTRIES_MOST, _, _>")]
    pub schedules: Vec<ScheduleDto>,
    /// The network.
    #[serde(deserialize_with = "lenient::text")]
    pub service: String,
    /// The network's id of the account.
    #[serde(deserialize_with = "lenient::any_text")]
    pub service_id: String,
    /// `profile`
    #[serde(deserialize_with = "lenient::any_text")]
    pub service_type: String,
    /// `acme`
    #[serde(deserialize_with = "lenient::any_text")]
    pub service_username: String,
    /// `followers`
    #[serde(deserialize_with = "lenient::map")]
    pub statistics: BTreeMap<String, serde_json::Value>,
    /// People who may use it.
    #[serde(deserialize_with = "lenient::texts")]
    pub team_members: Vec<String>,
    /// An IANA zone.
    #[serde(deserialize_with = "lenient::any_text")]
    pub timezone: String,
    /// Whose it is.
    #[serde(deserialize_with = "lenient::any_text")]
    pub user_id: String,
    /// Ours: how the server publishes for it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_text"
    )]
    pub connection: Option<String>,
    /// Ours: the network's own limit, where it is not the usual one.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::maybe_count"
    )]
    pub character_limit: Option<u32>,
}

/// All profiles: a bare list.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct ProfilesDto(
    /// The profiles.
    #[serde(deserialize_with = "lenient::at_most::<PROFILES_MOST, _, _>")]
    pub Vec<ProfileDto>,
);

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserDto {
    /// The same as `id`.
    #[serde(rename = "_id", deserialize_with = "lenient::any_text")]
    pub mongo_id: String,
    /// The person's id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// The person's name.
    #[serde(deserialize_with = "lenient::any_text")]
    pub name: String,
    /// The plan.
    #[serde(deserialize_with = "lenient::any_text")]
    pub plan: String,
    /// An IANA zone.
    #[serde(deserialize_with = "lenient::any_text")]
    pub timezone: String,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::any_int")]
    pub activity_at: i64,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::any_int")]
    pub created_at: i64,
    /// How times are shown.
    #[serde(deserialize_with = "lenient::flag")]
    pub twentyfour_hour_time: bool,
}

/// An error body: all four keys, so that every client is served.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
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
    #[serde(deserialize_with = "lenient::any_text")]
    pub version: String,
    /// Words: `manage_profiles`, `pause`, `failed`, `revision`.
    #[serde(deserialize_with = "lenient::texts")]
    pub capabilities: Vec<String>,
    /// Connection names.
    #[serde(deserialize_with = "lenient::texts")]
    pub connections: Vec<String>,
    /// Requests a minute; absent: no limit.
    #[serde(deserialize_with = "lenient::maybe_count")]
    pub requests_per_minute: Option<u32>,
}
