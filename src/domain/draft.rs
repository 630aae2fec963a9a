//! A draft: what is being written, as plain data that the store keeps.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::id::{DraftId, LocalId, ProfileId};
use super::profile::Service;
use super::time::Timestamp;
use super::update::Media;

/// What is being written in the composer. Parts that older versions did not keep are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id; one draft is kept under each.
    #[serde(default = "first")]
    pub id: DraftId,
    /// When it was last written on.
    #[serde(default)]
    pub at: Timestamp,
    /// The update being edited; none for a new one.
    pub update: Option<LocalId>,
    /// The text so far: that of every network without one of its own.
    pub text: String,
    /// The texts of networks that have one of their own.
    #[serde(default)]
    pub own: Vec<OwnText>,
    /// What is attached, as far as it is written.
    #[serde(flatten)]
    pub media: Media,
    /// The "when" field as typed (`queue`, `top`, `now`, or a time).
    pub when: String,
    /// The profiles it goes to.
    pub profiles: Vec<ProfileId>,
    /// Whether the server may shorten its links.
    #[serde(default)]
    pub shorten: bool,
    /// The free slot it was begun on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
}

/// A slot of a profile's schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Whose.
    pub profile: ProfileId,
    /// When it is.
    pub at: Timestamp,
}

/// The text that one network gets instead of the common one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnText {
    /// Which network.
    pub service: Service,
    /// Its text.
    pub text: String,
}

/// The id of the one draft that stores of older versions held.
fn first() -> DraftId {
    DraftId(Ulid::nil())
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            id: first(),
            at: Timestamp::default(),
            update: None,
            text: String::new(),
            own: Vec::new(),
            media: Media::default(),
            when: String::new(),
            profiles: Vec::new(),
            shorten: false,
            slot: None,
        }
    }
}

impl Draft {
    /// Returns the first text there is, to know it by.
    pub fn words(&self) -> &str {
        let own = self.own.iter().map(|own| &own.text);
        let media = [&self.media.link, &self.media.picture];
        let mut all = std::iter::once(&self.text).chain(own).chain(media);
        all.find(|text| !text.trim().is_empty())
            .map_or("", |text| text.trim())
    }

    /// Says whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.words().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_of_an_older_version_is_read() {
        let old = r#"{"update":null,"text":"half a thought","link":"https://a.example",
            "picture":"","when":"fri 9","profiles":[]}"#;
        let draft: Draft = serde_json::from_str(old).unwrap();
        assert_eq!(draft.text, "half a thought");
        assert_eq!(draft.media.link, "https://a.example");
        assert_eq!((draft.own.len(), draft.id), (0, first()));
        let json = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<Draft>(&json).unwrap(), draft);
    }

    #[test]
    fn an_own_text_is_something() {
        let own = OwnText {
            service: Service::Twitter,
            text: "short".to_owned(),
        };
        let draft = Draft {
            own: vec![own],
            ..Draft::default()
        };
        assert!(!draft.is_empty() && Draft::default().is_empty());
    }
}
