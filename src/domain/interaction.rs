//! How people reacted to a sent update.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// One favorite, retweet, like, comment, mention or share of a sent update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// The API's id of it.
    pub id: String,
    /// What happened, in the singular (`favorite`, `retweet`, …).
    pub event: String,
    /// When.
    pub created_at: Timestamp,
    /// The person's name on the network, raw.
    pub username: String,
    /// How many follow that person.
    pub followers: i64,
}

/// The events the API page names, in the order a filter offers them.
pub const EVENTS: [&str; 6] = ["retweet", "favorite", "like", "comment", "mention", "share"];
