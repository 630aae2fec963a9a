//! An update: one post to one profile.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};

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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Flat")]
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
    /// What became of it; nothing yet for what is pending.
    pub outcome: Rare<Outcome>,
}

/// What became of an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// When and as what the network took it.
    pub sent: Option<Sent>,
    /// Numbers by their API names (`clicks`, `reach`, `retweets`, …), for sent updates.
    pub statistics: BTreeMap<String, i64>,
    /// Why it failed, for failed updates.
    pub error: Option<String>,
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

/// A body as it is written: what became of it stands beside the rest.
#[derive(Deserialize)]
struct Flat {
    profile: ProfileId,
    content: Content,
    status: Status,
    created_at: Timestamp,
    due_at: Option<Timestamp>,
    own_time: Option<OwnTime>,
    sent: Option<Sent>,
    statistics: BTreeMap<String, i64>,
    error: Option<String>,
}

impl From<Flat> for Body {
    fn from(flat: Flat) -> Self {
        let outcome = Outcome {
            sent: flat.sent,
            statistics: flat.statistics,
            error: flat.error,
        };
        Self {
            profile: flat.profile,
            content: flat.content,
            status: flat.status,
            created_at: flat.created_at,
            due_at: flat.due_at,
            own_time: flat.own_time,
            outcome: outcome.into(),
        }
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut body = to.serialize_struct("Body", 9)?;
        body.serialize_field("profile", &self.profile)?;
        body.serialize_field("content", &self.content)?;
        body.serialize_field("status", &self.status)?;
        body.serialize_field("created_at", &self.created_at)?;
        body.serialize_field("due_at", &self.due_at)?;
        body.serialize_field("own_time", &self.own_time)?;
        body.serialize_field("sent", &self.outcome.sent)?;
        body.serialize_field("statistics", &self.outcome.statistics)?;
        body.serialize_field("error", &self.outcome.error)?;
        body.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_takes_little_room() {
        // A hundred thousand of them are held: eight bytes more in each are a megabyte.
        assert!(size_of::<Update>() <= 136, "{}", size_of::<Update>());
        assert_eq!(size_of::<Update>(), size_of::<Option<Update>>());
    }

    #[test]
    fn a_body_is_written_as_stores_have_it() {
        let text = r#"{"profile":"p","content":{"text":"t","media":{"link":"","title":"","description":"","picture":"","thumbnail":""}},"status":"Sent","created_at":1,"due_at":null,"own_time":null,"sent":{"at":2,"service_update_id":"9"},"statistics":{"clicks":3},"error":"no"}"#;
        let body: Body = serde_json::from_str(text).unwrap();
        assert_eq!(body.outcome.sent.as_ref().map(|sent| sent.at.0), Some(2));
        assert_eq!(body.outcome.statistics["clicks"], 3);
        assert_eq!(body.outcome.error.as_deref(), Some("no"));
        assert_eq!(serde_json::to_string(&body).unwrap(), text);
        let none = r#""sent":null,"statistics":{},"error":null}"#;
        let text = format!("{}{none}", text.split("\"sent\"").next().unwrap());
        let body: Body = serde_json::from_str(&text).unwrap();
        assert_eq!(body.outcome, Rare::default());
        assert_eq!(serde_json::to_string(&body).unwrap(), text);
    }
}
