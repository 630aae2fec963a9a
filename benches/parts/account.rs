//! An API in memory with one long queue, which others edit when told to, and which may be away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use qurate::api::{Api, ApiError, InteractionPage, List, NewUpdate, OursDto, Page, UpdatePage};
use qurate::domain::id::{ProfileId, RemoteId, UserId};
use qurate::domain::operation::Editable;
use qurate::domain::profile::{NewProfile, Profile};
use qurate::domain::schedule::Schedule;
use qurate::domain::update::RemoteUpdate;

use crate::editor::{profile, queue};

/// The API; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The queue, and what it is after it was edited: of each hundred one has another text.
    queues: [Vec<RemoteUpdate>; 2],
    revision: AtomicU64,
    away: AtomicBool,
}

impl Account {
    /// An account whose queue has so many updates.
    pub(crate) fn with(updates: usize) -> Self {
        let remote = |update: qurate::domain::update::Update| {
            let (id, body) = (update.remote?, update.body);
            Some(RemoteUpdate { id, body })
        };
        let queue: Vec<_> = queue(0, updates)
            .updates
            .into_iter()
            .filter_map(remote)
            .collect();
        let mut edited = queue.clone();
        for update in edited.iter_mut().step_by(100) {
            update.body.content.text.push_str(", edited");
        }
        Self(Arc::new(Inner {
            queues: [queue, edited],
            revision: AtomicU64::new(0),
            away: AtomicBool::new(false),
        }))
    }

    /// Has others edit the queue.
    pub(crate) fn edit(&self) {
        self.0.revision.fetch_add(1, Ordering::Relaxed);
    }

    /// Has it answer nobody, or everybody again.
    pub(crate) fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::Relaxed);
    }

    fn answer<T>(&self, answer: impl FnOnce() -> T) -> Result<T, ApiError> {
        if self.0.away.load(Ordering::Relaxed) {
            return nothing();
        }
        Ok(answer())
    }
}

/// Answers what nobody asks here.
fn nothing<T>() -> Result<T, ApiError> {
    Err(ApiError::NotSent("away".to_owned()))
}

impl Api for Account {
    async fn user(&self) -> Result<UserId, ApiError> {
        self.answer(|| UserId::parse("me").expect("an id"))
    }

    async fn configuration(&self) -> Result<Option<OursDto>, ApiError> {
        self.answer(|| None)
    }

    async fn profiles(&self) -> Result<Vec<Profile>, ApiError> {
        self.answer(|| vec![profile(0)])
    }

    async fn updates(
        &self,
        _profile: &ProfileId,
        list: List,
        page: Page,
    ) -> Result<UpdatePage, ApiError> {
        let revision = self.0.revision.load(Ordering::Relaxed);
        let queue = match list {
            List::Pending => self.0.queues[usize::from(revision % 2 == 1)].as_slice(),
            List::Sent | List::Failed => &[],
        };
        let count = page.count as usize;
        let before = (page.page as usize).saturating_sub(1) * count;
        self.answer(|| UpdatePage {
            total: queue.len() as u64,
            updates: queue.iter().skip(before).take(count).cloned().collect(),
            revision: Some(revision),
        })
    }

    async fn update(&self, _id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        nothing()
    }

    async fn interactions(
        &self,
        _id: &RemoteId,
        _event: Option<&str>,
        _page: Page,
    ) -> Result<InteractionPage, ApiError> {
        nothing()
    }

    async fn create(&self, _new: &NewUpdate) -> Result<Vec<RemoteUpdate>, ApiError> {
        nothing()
    }

    async fn edit(
        &self,
        _id: &RemoteId,
        _want: &Editable,
        _now: bool,
    ) -> Result<RemoteUpdate, ApiError> {
        nothing()
    }

    async fn reorder(
        &self,
        _profile: &ProfileId,
        _order: &[RemoteId],
    ) -> Result<Vec<RemoteUpdate>, ApiError> {
        nothing()
    }

    async fn shuffle(&self, _profile: &ProfileId) -> Result<Vec<RemoteUpdate>, ApiError> {
        nothing()
    }

    async fn share(&self, _id: &RemoteId) -> Result<(), ApiError> {
        nothing()
    }

    async fn destroy(&self, _id: &RemoteId) -> Result<(), ApiError> {
        nothing()
    }

    async fn requeue(&self, _id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        nothing()
    }

    async fn move_to_top(&self, _id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        nothing()
    }

    async fn create_profile(&self, _new: &NewProfile) -> Result<Profile, ApiError> {
        nothing()
    }

    async fn update_profile(
        &self,
        _profile: &ProfileId,
        _name: Option<&str>,
        _timezone: Option<&str>,
        _connection: Option<&str>,
    ) -> Result<Profile, ApiError> {
        nothing()
    }

    async fn destroy_profile(&self, _profile: &ProfileId) -> Result<(), ApiError> {
        nothing()
    }

    async fn set_paused(&self, _profile: &ProfileId, _paused: bool) -> Result<(), ApiError> {
        nothing()
    }

    async fn schedules(&self, _profile: &ProfileId) -> Result<Schedule, ApiError> {
        nothing()
    }

    async fn set_schedule(
        &self,
        _profile: &ProfileId,
        _schedule: &Schedule,
    ) -> Result<(), ApiError> {
        nothing()
    }

    async fn link_shares(&self, _url: &str) -> Result<u64, ApiError> {
        nothing()
    }
}
