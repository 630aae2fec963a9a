//! The table of endpoints, and how a path finds its row.

use axum::http::Method;

use super::error::{Code, Refusal};

/// Something the server can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Who is signed in.
    User,
    /// Ends the token.
    Deauthorize,
    /// All profiles.
    Profiles,
    /// Makes a profile (ours).
    ProfileCreate,
    /// One profile.
    Profile,
    /// Changes a profile (ours).
    ProfileUpdate,
    /// Deletes a profile (ours).
    ProfileDestroy,
    /// Pauses or resumes a profile (ours).
    ProfilePaused,
    /// Posting times.
    Schedules,
    /// Replaces the posting times.
    SchedulesUpdate,
    /// The queue.
    Pending,
    /// What was sent.
    Sent,
    /// What failed (ours).
    Failed,
    /// Changes the order.
    Reorder,
    /// Draws a new order.
    Shuffle,
    /// Makes updates.
    UpdateCreate,
    /// One update.
    Update,
    /// Edits an update.
    UpdateEdit,
    /// Publishes an update.
    Share,
    /// Deletes an update.
    Destroy,
    /// Makes an update the next.
    MoveToTop,
    /// Puts a failed update back (ours).
    Requeue,
    /// How people reacted.
    Interactions,
    /// How often a link was shared.
    LinkShares,
    /// Limits and what is ours.
    Configuration,
}

/// Path below `/1/` without its suffix, method, endpoint. `:id` stands for one part.
const ROUTES: &[(&str, Method, Endpoint)] = &[
    ("user", Method::GET, Endpoint::User),
    ("user/deauthorize", Method::POST, Endpoint::Deauthorize),
    ("profiles", Method::GET, Endpoint::Profiles),
    ("profiles/create", Method::POST, Endpoint::ProfileCreate),
    ("profiles/:id", Method::GET, Endpoint::Profile),
    ("profiles/:id/update", Method::POST, Endpoint::ProfileUpdate),
    (
        "profiles/:id/destroy",
        Method::POST,
        Endpoint::ProfileDestroy,
    ),
    ("profiles/:id/paused", Method::POST, Endpoint::ProfilePaused),
    ("profiles/:id/schedules", Method::GET, Endpoint::Schedules),
    (
        "profiles/:id/schedules/update",
        Method::POST,
        Endpoint::SchedulesUpdate,
    ),
    (
        "profiles/:id/updates/pending",
        Method::GET,
        Endpoint::Pending,
    ),
    ("profiles/:id/updates/sent", Method::GET, Endpoint::Sent),
    ("profiles/:id/updates/failed", Method::GET, Endpoint::Failed),
    (
        "profiles/:id/updates/reorder",
        Method::POST,
        Endpoint::Reorder,
    ),
    (
        "profiles/:id/updates/shuffle",
        Method::POST,
        Endpoint::Shuffle,
    ),
    ("updates/create", Method::POST, Endpoint::UpdateCreate),
    ("updates/:id", Method::GET, Endpoint::Update),
    ("updates/:id/update", Method::POST, Endpoint::UpdateEdit),
    ("updates/:id/share", Method::POST, Endpoint::Share),
    ("updates/:id/destroy", Method::POST, Endpoint::Destroy),
    ("updates/:id/move_to_top", Method::POST, Endpoint::MoveToTop),
    ("updates/:id/requeue", Method::POST, Endpoint::Requeue),
    (
        "updates/:id/interactions",
        Method::GET,
        Endpoint::Interactions,
    ),
    ("links/shares", Method::GET, Endpoint::LinkShares),
    // As one published client spells it.
    ("link/shares", Method::GET, Endpoint::LinkShares),
    ("info/configuration", Method::GET, Endpoint::Configuration),
];

impl Endpoint {
    /// Says whether it answers without a token: published clients ask it so.
    pub(super) fn is_open(self) -> bool {
        self == Self::LinkShares
    }

    /// Returns the most bytes its body may have.
    pub(super) fn body_limit(self) -> usize {
        const MIB: usize = 1024 * 1024;
        if self == Self::Reorder { 8 * MIB } else { MIB }
    }
}

/// Finds the endpoint of a request, and the id in its path (empty if it has none).
pub(super) fn find<'p>(method: &Method, path: &'p str) -> Result<(Endpoint, &'p str), Refusal> {
    let nowhere = || Refusal::new(Code::NoEndpoint, "there is no such endpoint");
    let path = path.strip_prefix("/1/").ok_or_else(nowhere)?;
    let Some(below) = path.strip_suffix(".json") else {
        let known = ROUTES.iter().any(|(pattern, ..)| {
            let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
            matches(pattern, stem).is_some()
        });
        return Err(if known {
            Refusal::new(Code::Format, "the path must end in `.json`")
        } else {
            nowhere()
        });
    };
    let mut other_method = false;
    for (pattern, wanted, endpoint) in ROUTES {
        if let Some(id) = matches(pattern, below) {
            if wanted == method || (wanted == Method::GET && method == Method::HEAD) {
                return Ok((*endpoint, id));
            }
            other_method = true;
            if !pattern.contains(":id") {
                // `profiles/create` is no profile's id.
                break;
            }
        }
    }
    Err(if other_method {
        Refusal::new(Code::Method, "this endpoint wants another method")
    } else {
        nowhere()
    })
}

/// Returns the id in a path that fits the pattern.
fn matches<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let mut id = "";
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        if wanted == ":id" {
            id = part;
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(id)
}
