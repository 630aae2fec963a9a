//! A profile: one account on one social network.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::id::ProfileId;
use super::schedule::Schedule;

/// One account on one social network, with its posting schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The API's id.
    pub id: ProfileId,
    /// The network.
    pub service: Service,
    /// The account's name on the network, raw (`acme`).
    pub username: String,
    /// The name as the network writes it, raw (`@acme`).
    pub formatted_username: String,
    /// The zone its schedule is in.
    pub timezone: Tz,
    /// When it posts.
    pub schedule: Schedule,
    /// Whether its queue stands still.
    pub paused: bool,
    /// How many updates wait, as the API last said.
    pub pending: u64,
    /// How many were sent, as the API last said.
    pub sent: u64,
    /// How our server publishes for it (`demo`, `command:NAME`); none on other servers.
    pub connection: Option<String>,
    /// The network's own limit where the account has another than the usual (a Mastodon server's).
    pub character_limit: Option<u32>,
}

/// What a new profile is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewProfile {
    /// The network.
    pub service: Service,
    /// The account's name.
    pub name: String,
    /// The IANA zone of its schedule.
    pub timezone: String,
    /// When it posts.
    pub schedule: Schedule,
    /// `demo`, or the name of a connection in the server's config.
    pub connection: String,
}

/// A social network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Service {
    /// X, which API v1 calls `twitter`.
    Twitter,
    /// Mastodon.
    Mastodon,
    /// Bluesky.
    Bluesky,
    /// Facebook.
    Facebook,
    /// LinkedIn.
    LinkedIn,
    /// Instagram.
    Instagram,
    /// Threads.
    Threads,
    /// Pinterest.
    Pinterest,
    /// TikTok.
    TikTok,
    /// YouTube.
    YouTube,
    /// Google Business.
    GoogleBusiness,
    /// One this program has no rules for.
    Other(String),
}

/// Name in the API, name for people, two-column mark for a row.
const SERVICES: [(Service, &str, &str, &str); 11] = [
    (Service::Twitter, "twitter", "X", "X"),
    (Service::Mastodon, "mastodon", "Mastodon", "Ma"),
    (Service::Bluesky, "bluesky", "Bluesky", "Bs"),
    (Service::Facebook, "facebook", "Facebook", "Fb"),
    (Service::LinkedIn, "linkedin", "LinkedIn", "Li"),
    (Service::Instagram, "instagram", "Instagram", "Ig"),
    (Service::Threads, "threads", "Threads", "Th"),
    (Service::Pinterest, "pinterest", "Pinterest", "Pi"),
    (Service::TikTok, "tiktok", "TikTok", "Tk"),
    (Service::YouTube, "youtube", "YouTube", "Yt"),
    (
        Service::GoogleBusiness,
        "googlebusiness",
        "Google Business",
        "Gb",
    ),
];

impl Service {
    /// Returns every network this program has rules for.
    pub fn known() -> impl Iterator<Item = Self> {
        SERVICES.into_iter().map(|row| row.0)
    }

    /// Returns the API's name of the network.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => SERVICES
                .iter()
                .find(|row| row.0 == *known)
                .map_or("", |row| row.1),
        }
    }

    /// Returns the network's name as people write it; raw for an unknown one.
    pub fn title(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => SERVICES
                .iter()
                .find(|row| row.0 == *known)
                .map_or("", |row| row.2),
        }
    }

    /// Returns a mark of at most two columns for a row.
    pub fn mark(&self) -> &'static str {
        SERVICES
            .iter()
            .find(|row| row.0 == *self)
            .map_or("??", |row| row.3)
    }
}

impl From<String> for Service {
    fn from(name: String) -> Self {
        SERVICES
            .iter()
            .find(|row| row.1 == name)
            .map_or(Self::Other(name), |row| row.0.clone())
    }
}

impl From<Service> for String {
    fn from(service: Service) -> Self {
        service.as_str().to_owned()
    }
}
