//! Paths of API v1 below `/1/`, without a leading slash.

use crate::domain::id::{ProfileId, RemoteId};

/// `user.json`
pub const USER: &str = "user.json";
/// `profiles.json`
pub const PROFILES: &str = "profiles.json";
/// `profiles/create.json` (ours)
pub const PROFILE_CREATE: &str = "profiles/create.json";
/// `updates/create.json`
pub const UPDATE_CREATE: &str = "updates/create.json";
/// `links/shares.json`
pub const LINK_SHARES: &str = "links/shares.json";
/// `info/configuration.json`
pub const CONFIGURATION: &str = "info/configuration.json";

/// Returns the path of a profile's own page (`profiles/ID.json`) or of something below it.
pub fn profile(id: &ProfileId, below: &str) -> String {
    if below.is_empty() {
        format!("profiles/{id}.json")
    } else {
        format!("profiles/{id}/{below}.json")
    }
}

/// Returns the path of an update's own page (`updates/ID.json`) or of something below it.
pub fn update(id: &RemoteId, below: &str) -> String {
    if below.is_empty() {
        format!("updates/{id}.json")
    } else {
        format!("updates/{id}/{below}.json")
    }
}
