//! The one seam to the outside: an API that holds queues.
//!
//! One call is one request: no retries, no state, no guess. An error says what is known of the
//! request ([`ApiError::class`]); what to do about it is the worker's business.

pub mod v1;

use std::future::Future;
use std::time::Duration;

use crate::domain::id::{ProfileId, RemoteId, UserId};
use crate::domain::interaction::Interaction;
use crate::domain::operation::{Editable, Placement};
use crate::domain::profile::{NewProfile, Profile};
use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, RemoteUpdate};
pub use crate::wire::json::OursDto;

/// An API that holds queues. Each call is at most one request.
pub trait Api: Send + Sync + 'static {
    /// `GET user`: who is signed in.
    fn user(&self) -> impl Future<Output = Result<UserId, ApiError>> + Send;
    /// `GET info/configuration`: what is ours in it; none on other servers.
    fn configuration(&self) -> impl Future<Output = Result<Option<OursDto>, ApiError>> + Send;
    /// `GET profiles`.
    fn profiles(&self) -> impl Future<Output = Result<Vec<Profile>, ApiError>> + Send;
    /// `GET updates/:id`.
    fn update(&self, id: &RemoteId) -> impl Future<Output = Result<RemoteUpdate, ApiError>> + Send;
    /// `GET profiles/:id/updates/{pending,sent,failed}`.
    fn updates(
        &self,
        profile: &ProfileId,
        list: List,
        page: Page,
    ) -> impl Future<Output = Result<UpdatePage, ApiError>> + Send;
    /// `GET updates/:id/interactions`; `event` in the singular.
    fn interactions(
        &self,
        id: &RemoteId,
        event: Option<&str>,
        page: Page,
    ) -> impl Future<Output = Result<InteractionPage, ApiError>> + Send;
    /// `POST updates/create`: one update per known profile, in the reply's order.
    fn create(
        &self,
        new: &NewUpdate,
    ) -> impl Future<Output = Result<Vec<RemoteUpdate>, ApiError>> + Send;
    /// `POST updates/:id/update`; `now` publishes the new text in the same request.
    fn edit(
        &self,
        id: &RemoteId,
        want: &Editable,
        now: bool,
    ) -> impl Future<Output = Result<RemoteUpdate, ApiError>> + Send;
    /// `POST profiles/:id/updates/reorder` with offset 0; returns the queue it made, or the head
    /// of it.
    fn reorder(
        &self,
        profile: &ProfileId,
        order: &[RemoteId],
    ) -> impl Future<Output = Result<Vec<RemoteUpdate>, ApiError>> + Send;
    /// `POST profiles/:id/updates/shuffle`.
    fn shuffle(
        &self,
        profile: &ProfileId,
    ) -> impl Future<Output = Result<Vec<RemoteUpdate>, ApiError>> + Send;
    /// `POST updates/:id/share`.
    fn share(&self, id: &RemoteId) -> impl Future<Output = Result<(), ApiError>> + Send;
    /// `POST updates/:id/destroy`.
    fn destroy(&self, id: &RemoteId) -> impl Future<Output = Result<(), ApiError>> + Send;
    /// `POST updates/:id/requeue`.
    fn requeue(&self, id: &RemoteId)
    -> impl Future<Output = Result<RemoteUpdate, ApiError>> + Send;
    /// `POST updates/:id/move_to_top`.
    fn move_to_top(
        &self,
        id: &RemoteId,
    ) -> impl Future<Output = Result<RemoteUpdate, ApiError>> + Send;
    /// `POST profiles/create` (ours).
    fn create_profile(
        &self,
        new: &NewProfile,
    ) -> impl Future<Output = Result<Profile, ApiError>> + Send;
    /// `POST profiles/:id/update` (ours): name, zone, connection; `None` keeps.
    fn update_profile(
        &self,
        profile: &ProfileId,
        name: Option<&str>,
        timezone: Option<&str>,
        connection: Option<&str>,
    ) -> impl Future<Output = Result<Profile, ApiError>> + Send;
    /// `POST profiles/:id/destroy` (ours).
    fn destroy_profile(
        &self,
        profile: &ProfileId,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
    /// `POST profiles/:id/paused` (ours).
    fn set_paused(
        &self,
        profile: &ProfileId,
        paused: bool,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
    /// `GET profiles/:id/schedules`.
    fn schedules(
        &self,
        profile: &ProfileId,
    ) -> impl Future<Output = Result<Schedule, ApiError>> + Send;
    /// `POST profiles/:id/schedules/update`.
    fn set_schedule(
        &self,
        profile: &ProfileId,
        schedule: &Schedule,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
    /// `GET links/shares`.
    fn link_shares(&self, url: &str) -> impl Future<Output = Result<u64, ApiError>> + Send;
}

/// Which list of updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The queue.
    Pending,
    /// What went out.
    Sent,
    /// What failed (ours).
    Failed,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub page: u32,
    /// 1 to 100.
    pub count: u32,
    /// Only what was made (pending) or sent (sent) after this.
    pub since: Option<Timestamp>,
}

/// A page of updates.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatePage {
    /// How many there are in all.
    pub total: u64,
    /// This page of them.
    pub updates: Vec<RemoteUpdate>,
    /// Grows with every change of the profile, where the server tells it.
    pub revision: Option<u64>,
}

/// A page of interactions.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionPage {
    /// How many there are in all.
    pub total: u64,
    /// This page of them.
    pub interactions: Vec<Interaction>,
}

/// A new update for some profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpdate {
    /// For whom; unknown ones are silently ignored by the API.
    pub profiles: Vec<ProfileId>,
    /// Text and media.
    pub content: Content,
    /// Where it goes.
    pub placement: Placement,
    /// Whether links may be shortened.
    pub shorten: bool,
}

/// What is known of a request that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No byte of it was sent: no name, no connection, no TLS.
    #[error("could not connect: {0}")]
    NotSent(String),
    /// It was sent and there is no readable answer: it may or may not have been done.
    #[error("no readable answer: {1}")]
    Unknown(Doubt, String),
    /// The answer was read but is not what the API promises; `path` names the field.
    #[error("the server's answer makes no sense at `{path}`: {reason}")]
    Malformed {
        /// The field, as `updates[3].due_at`.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Too many requests, or not now.
    #[error("the server takes no more requests for now")]
    Later {
        /// Wait at least this long, if it said so.
        after: Option<Duration>,
    },
    /// The token was refused.
    #[error("the server refused the token: {0}")]
    SignIn(String),
    /// An answer without an API body (a proxy's page): not done, as far as one can know.
    #[error("something in between answered with status {status}")]
    Proxy {
        /// The HTTP status.
        status: u16,
    },
    /// The API said no.
    #[error("{message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its code (`buffer-api.md` A6).
        code: Option<i64>,
        /// What it said, raw.
        message: String,
    },
}

/// What became of a request that was sent and not readably answered (`sync.md` 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The connection broke before an answer began.
    Broken,
    /// No answer came in time.
    Silent,
    /// The server said that it failed, or sent the request elsewhere.
    Failing,
    /// An answer came and makes no sense, or broke off.
    Unreadable,
}

/// What follows from an error for the request that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It surely did nothing: it may be sent again, after a while.
    Retry,
    /// It may have been done: look before anything else.
    Unknown,
    /// The token is no good: nothing may be sent until the person acts.
    SignIn,
    /// It was understood and refused: sending it again changes nothing.
    Refused,
}

impl ApiError {
    /// Classifies the failure of a request that changes something (`sync.md` 3.1).
    pub fn class(&self) -> Class {
        match self {
            Self::NotSent(_) | Self::Later { .. } | Self::Proxy { .. } => Class::Retry,
            Self::Unknown(..) | Self::Malformed { .. } => Class::Unknown,
            Self::SignIn(_) => Class::SignIn,
            Self::Refused { .. } => Class::Refused,
        }
    }
}
