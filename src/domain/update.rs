//! An update: one post to one profile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{LocalId, ProfileId, RemoteId};
use super::rare::Rare;
use super::time::Timestamp;

/// One post to one profile, as this program knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Our id; what cursor, marks, operations and undo hold.
    pub id: LocalId,
    /// The API's id; none while the create is not confirmed.
    pub remote: Option<RemoteId>,
    /// What the API says of it, or will say of it.
    pub body: Body,
}

/// An update as one reply of the API gives it: no local id yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteUpdate {
    /// The API's id.
    pub id: RemoteId,
    /// Everything else.
    pub body: Body,
}

/// All that an update is besides its ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The profile it goes to.
    pub profile: ProfileId,
    /// Text and media.
    pub content: Content,
    /// Where it is on its way.
    pub status: Status,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it goes out (or went); none if the profile is paused or has no slots (API: `0`).
    pub due_at: Option<Timestamp>,
    /// A time of its own, which no reorder changes.
    pub own_time: Option<OwnTime>,
    /// When and as what the network took it.
    pub sent: Option<Box<Sent>>,
    /// Numbers by their API names (`clicks`, `reach`, `retweets`, …), for sent updates.
    pub statistics: Rare<BTreeMap<String, i64>>,
    /// Why it failed, for failed updates.
    pub error: Option<Box<str>>,
}

/// What a person writes: text and what is attached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Content {
    /// The text, raw; it is shown only through [`super::shown::Shown`].
    pub text: String,
    /// What is attached; all empty means none.
    pub media: Rare<Media>,
}

/// What is attached to an update; an empty string is a part that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// The address of a page.
    pub link: String,
    /// The page's title.
    pub title: String,
    /// The page's description.
    pub description: String,
    /// The address of a picture.
    pub picture: String,
    /// The address of a small picture.
    pub thumbnail: String,
}

impl Media {
    /// Says whether nothing is attached.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where an update is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// In the queue (API: `buffer`).
    Pending,
    /// The network took it.
    Sent,
    /// It was tried, or its time was missed, and it needs a person (API: `error`).
    Failed,
    /// Kept, not queued.
    Draft,
}

/// A time an update has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTime {
    /// The time (`scheduled_at`).
    pub at: Timestamp,
    /// Whether it occupies a slot of the schedule at that time (`pinned`).
    pub pinned: bool,
}

/// When and as what a network took an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// The network's own id of the post; empty if it gave none.
    pub service_update_id: String,
}
