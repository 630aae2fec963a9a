//! API v1 over HTTP: our own server's, Buffer's, and whatever else speaks it.
//!
//! One call is one request and one answer, judged by `sync.md` 3.1. What is sent is never cleverer
//! than the API page: no redirects, no repetition, no token but in its header.
//!
//! Choices where the API leaves room: `attachment=false` and `shorten` are always sent, so that
//! what comes back is what was written; an edit always carries all parts of the media, as servers
//! differ in what they do when it is left out; an update's own time is removed with an empty
//! `scheduled_at`; an answer with an id twice, of another update or of another profile than asked
//! for is refused, as believing it would damage the mirror.

mod endpoint;
mod read;
mod reply;
mod transport;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::api::{
    Api, ApiError, InteractionPage, List, NewUpdate, OursDto, Page, Profile, ProfileId, RemoteId,
    RemoteUpdate, Schedule, UpdatePage, UserId,
};
use crate::domain::operation::{Editable, Placement};
use crate::domain::profile::NewProfile;
use crate::wire::form::FormWriter;
use crate::wire::json::{
    InteractionDto, InteractionsDto, ScheduleDto, UserDto, each, read_object, schedule_from_dto,
};
use crate::wire::{json, paths};
use transport::{Ask, BODY_CAP, Transport};

pub use endpoint::{Endpoint, InvalidEndpoint, InvalidSecret, Secret};
pub use transport::Timeouts;

/// How many updates of the new queue our server is asked to answer a reorder with.
const REORDER_COUNT: i64 = 20;
/// Room for one update in the answer to a reorder, which returns the whole queue.
const UPDATE_ROOM: usize = 8 * 1024;
/// No answer may be longer than this, not even one with a whole queue. A reorder with a longer one
/// is of unknown outcome, which a read of the queue, page by page, finds out; so the cap is what
/// memory allows, not what the longest queue needs.
const LONGEST_CAP: usize = 16 * 1024 * 1024;

/// A client of API v1. Cheap to make: it connects, and reads certificates, at the first request.
#[derive(Debug)]
pub struct V1 {
    transport: Transport,
    /// Whether the server said that it is ours: then a reorder asks for the head of the queue only,
    /// which other servers have no parameter for.
    ours: AtomicBool,
}

impl V1 {
    /// Makes a client.
    pub fn new(endpoint: Endpoint, secret: Secret) -> Self {
        Self::with_timeouts(endpoint, secret, Timeouts::default())
    }

    /// Makes a client that waits for other times than the usual ones.
    pub fn with_timeouts(endpoint: Endpoint, secret: Secret, timeouts: Timeouts) -> Self {
        Self {
            transport: Transport::new(endpoint, secret, timeouts),
            ours: AtomicBool::new(false),
        }
    }

    async fn get(&self, path: &str, query: FormWriter) -> Result<Vec<u8>, ApiError> {
        let ask = Ask {
            path,
            form: query.finish(),
            cap: BODY_CAP,
        };
        self.transport.get(ask).await
    }

    async fn post(&self, path: &str, body: FormWriter) -> Result<Vec<u8>, ApiError> {
        self.post_for(path, body, BODY_CAP).await
    }

    async fn post_for(
        &self,
        path: &str,
        body: FormWriter,
        cap: usize,
    ) -> Result<Vec<u8>, ApiError> {
        let ask = Ask {
            path,
            form: body.finish(),
            cap: cap.min(LONGEST_CAP),
        };
        self.transport.post(ask).await
    }
}

impl Api for V1 {
    async fn user(&self) -> Result<UserId, ApiError> {
        let body = self.get(paths::USER, FormWriter::new()).await?;
        Ok(read_object::<UserDto>(&body)?.into_domain()?)
    }

    async fn configuration(&self) -> Result<Option<OursDto>, ApiError> {
        let body = self.get(paths::CONFIGURATION, FormWriter::new()).await?;
        let ours = read::ours(&body)?;
        self.ours.store(ours.is_some(), Ordering::Relaxed);
        Ok(ours)
    }

    async fn profiles(&self) -> Result<Vec<Profile>, ApiError> {
        let body = self.get(paths::PROFILES, FormWriter::new()).await?;
        read::profiles(&body)
    }

    async fn update(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        let body = self.get(&paths::update(id, ""), FormWriter::new()).await?;
        read::update(&body, id)
    }

    async fn updates(
        &self,
        profile: &ProfileId,
        list: List,
        page: Page,
    ) -> Result<UpdatePage, ApiError> {
        let below = match list {
            List::Pending => "updates/pending",
            List::Sent => "updates/sent",
            List::Failed => "updates/failed",
        };
        let path = paths::profile(profile, below);
        let body = self.get(&path, paged(FormWriter::new(), page)).await?;
        read::page(&body, profile)
    }

    async fn interactions(
        &self,
        id: &RemoteId,
        event: Option<&str>,
        page: Page,
    ) -> Result<InteractionPage, ApiError> {
        let query = match event {
            Some(event) => FormWriter::new().text("event", event),
            None => FormWriter::new(),
        };
        let path = paths::update(id, "interactions");
        let body = self.get(&path, paged(query, page)).await?;
        let read: InteractionsDto = read_object(&body)?;
        Ok(InteractionPage {
            total: read.total,
            interactions: each(
                "interactions",
                read.interactions,
                InteractionDto::into_domain,
            )?,
        })
    }

    async fn create(&self, new: &NewUpdate) -> Result<Vec<RemoteUpdate>, ApiError> {
        let form = FormWriter::new()
            .text("text", &new.content.text)
            .list("profile_ids", &new.profiles)
            .flag("shorten", new.shorten)
            .flag("attachment", false)
            .new_media(&new.content.media);
        let form = match new.placement {
            Placement::Queue => form,
            Placement::Top => form.flag("top", true),
            Placement::Now => form.flag("now", true),
            Placement::At(at) => form.number("scheduled_at", at.0),
            Placement::Pinned(at) => form.number("scheduled_at", at.0).flag("pinned", true),
        };
        let body = self.post(paths::UPDATE_CREATE, form).await?;
        read::created(&body, &new.profiles)
    }

    async fn edit(
        &self,
        id: &RemoteId,
        want: &Editable,
        now: bool,
    ) -> Result<RemoteUpdate, ApiError> {
        let form = FormWriter::new()
            .text("text", &want.content.text)
            .flag("attachment", false)
            .media(&want.content.media);
        let form = match want.own_time {
            Some(own) => form
                .number("scheduled_at", own.at.0)
                .flag("pinned", own.pinned),
            None => form.text("scheduled_at", ""),
        };
        let form = if now { form.flag("now", true) } else { form };
        let body = self.post(&paths::update(id, "update"), form).await?;
        read::update(&body, id)
    }

    async fn reorder(
        &self,
        profile: &ProfileId,
        order: &[RemoteId],
    ) -> Result<Vec<RemoteUpdate>, ApiError> {
        let mut form = FormWriter::new().number("offset", 0).list("order", order);
        if self.ours.load(Ordering::Relaxed) {
            form = form.number("count", REORDER_COUNT);
        }
        let path = paths::profile(profile, "updates/reorder");
        let cap = BODY_CAP + order.len().saturating_mul(UPDATE_ROOM);
        let body = self.post_for(&path, form, cap).await?;
        read::queue(&body, profile)
    }

    async fn shuffle(&self, profile: &ProfileId) -> Result<Vec<RemoteUpdate>, ApiError> {
        let path = paths::profile(profile, "updates/shuffle");
        let body = self.post_for(&path, FormWriter::new(), LONGEST_CAP).await?;
        read::queue(&body, profile)
    }

    async fn share(&self, id: &RemoteId) -> Result<(), ApiError> {
        let path = paths::update(id, "share");
        read::done(&self.post(&path, FormWriter::new()).await?)
    }

    async fn destroy(&self, id: &RemoteId) -> Result<(), ApiError> {
        let path = paths::update(id, "destroy");
        read::done(&self.post(&path, FormWriter::new()).await?)
    }

    async fn requeue(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        let path = paths::update(id, "requeue");
        read::update(&self.post(&path, FormWriter::new()).await?, id)
    }

    async fn move_to_top(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        let path = paths::update(id, "move_to_top");
        read::update(&self.post(&path, FormWriter::new()).await?, id)
    }

    async fn create_profile(&self, new: &NewProfile) -> Result<Profile, ApiError> {
        let form = FormWriter::new()
            .text("service", new.service.as_str())
            .text("name", &new.name)
            .text("timezone", &new.timezone)
            .text("connection", &new.connection)
            .schedules(&new.schedule);
        read::profile(&self.post(paths::PROFILE_CREATE, form).await?)
    }

    async fn update_profile(
        &self,
        profile: &ProfileId,
        name: Option<&str>,
        timezone: Option<&str>,
        connection: Option<&str>,
    ) -> Result<Profile, ApiError> {
        let fields = [
            ("name", name),
            ("timezone", timezone),
            ("connection", connection),
        ];
        let form = fields.into_iter().fold(FormWriter::new(), |form, field| {
            let (key, value) = field;
            match value {
                Some(value) => form.text(key, value),
                None => form,
            }
        });
        let path = paths::profile(profile, "update");
        read::profile(&self.post(&path, form).await?)
    }

    async fn destroy_profile(&self, profile: &ProfileId) -> Result<(), ApiError> {
        let path = paths::profile(profile, "destroy");
        read::done(&self.post(&path, FormWriter::new()).await?)
    }

    async fn set_paused(&self, profile: &ProfileId, paused: bool) -> Result<(), ApiError> {
        // Digits, as Buffer's own page sends them.
        let form = FormWriter::new().number("paused", i64::from(paused));
        let path = paths::profile(profile, "paused");
        read::done(&self.post(&path, form).await?)
    }

    async fn schedules(&self, profile: &ProfileId) -> Result<Schedule, ApiError> {
        let path = paths::profile(profile, "schedules");
        let body = self.get(&path, FormWriter::new()).await?;
        Ok(schedule_from_dto(&json::read::<Vec<ScheduleDto>>(&body)?)?)
    }

    async fn set_schedule(&self, profile: &ProfileId, schedule: &Schedule) -> Result<(), ApiError> {
        let path = paths::profile(profile, "schedules/update");
        let form = FormWriter::new().schedules(schedule);
        read::done(&self.post(&path, form).await?)
    }

    async fn link_shares(&self, url: &str) -> Result<u64, ApiError> {
        let query = FormWriter::new().text("url", url);
        read::shares(&self.get(paths::LINK_SHARES, query).await?)
    }
}

fn paged(query: FormWriter, page: Page) -> FormWriter {
    let query = query
        .number("page", page.page.into())
        .number("count", page.count.into());
    match page.since {
        Some(since) => query.number("since", since.0),
        None => query,
    }
}
