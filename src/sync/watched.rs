//! An API whose requests are told to the editor's log, and by which the server's health is known.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::Clock;
use crate::api::{
    Api, ApiError, Doubt, InteractionPage, List, NewUpdate, OursDto, Page, UpdatePage,
};
use crate::domain::id::{ProfileId, RemoteId, UserId};
use crate::domain::operation::Editable;
use crate::domain::profile::{NewProfile, Profile};
use crate::domain::schedule::Schedule;
use crate::domain::update::RemoteUpdate;
use crate::protocol::{Called, SyncEvent};

/// For so long what a server did counts for what is thought of it.
const MEMORY: Duration = Duration::from_mins(10);
/// So many answers are remembered at most.
const KEPT: usize = 200;

/// An API that is watched. Each call is one request of the API beneath.
pub(super) struct Watched<A> {
    api: A,
    clock: Arc<dyn Clock>,
    events: UnboundedSender<SyncEvent>,
    health: Mutex<Health>,
}

/// How a server did lately.
#[derive(Debug, Default)]
struct Health {
    /// When each request ended, how long it took, and whether it ended in silence or failure.
    answers: VecDeque<(Duration, Duration, bool)>,
}

impl Health {
    fn note(&mut self, now: Duration, took: Duration, failed: bool) {
        self.answers.push_back((now, took, failed));
        let is_old = |front: Option<&(Duration, Duration, bool)>| {
            front.is_some_and(|(at, ..)| *at + MEMORY < now)
        };
        while self.answers.len() > KEPT || is_old(self.answers.front()) {
            self.answers.pop_front();
        }
    }

    /// Says whether nothing failed lately and nine of ten answers came within `slow`.
    fn is_well(&self, now: Duration, slow: Duration) -> bool {
        let lately = || self.answers.iter().filter(|(at, ..)| *at + MEMORY >= now);
        let slow_ones = lately().filter(|(_, took, _)| *took >= slow).count();
        let all = lately().count();
        !lately().any(|(.., failed)| *failed) && slow_ones * 10 <= all
    }
}

impl<A: Api> Watched<A> {
    pub(super) fn new(api: A, clock: Arc<dyn Clock>, events: UnboundedSender<SyncEvent>) -> Self {
        Self {
            api,
            clock,
            events,
            health: Mutex::default(),
        }
    }

    /// Says whether the server answered as a healthy one lately: only then may silence be taken
    /// for "it never arrived".
    pub(super) fn is_well(&self, slow: Duration) -> bool {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.is_well(self.clock.elapsed(), slow)
    }

    async fn watch<T>(
        &self,
        what: String,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let (at, began) = (self.clock.wall(), self.clock.elapsed());
        let result = call.await;
        let now = self.clock.elapsed();
        let took = now.saturating_sub(began);
        let failed = matches!(
            result,
            Err(ApiError::Unknown(Doubt::Silent | Doubt::Failing, _))
        );
        self.health
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .note(now, took, failed);
        // The editor may be gone: then nobody reads the log.
        let _ = self.events.send(SyncEvent::Called(Called {
            at,
            what,
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            result: match &result {
                Ok(_) => "ok".to_owned(),
                Err(error) => error.to_string(),
            },
            good: result.is_ok(),
        }));
        result
    }
}

/// Calls the API beneath, under the name of the request it makes.
macro_rules! watched {
    ($self:ident, $call:expr, $($what:tt)*) => {
        $self.watch(format!($($what)*), $call).await
    };
}

impl<A: Api> Api for Watched<A> {
    async fn user(&self) -> Result<UserId, ApiError> {
        watched!(self, self.api.user(), "GET user")
    }

    async fn configuration(&self) -> Result<Option<OursDto>, ApiError> {
        watched!(self, self.api.configuration(), "GET info/configuration")
    }

    async fn profiles(&self) -> Result<Vec<Profile>, ApiError> {
        watched!(self, self.api.profiles(), "GET profiles")
    }

    async fn update(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        watched!(self, self.api.update(id), "GET updates/{id}")
    }

    async fn updates(
        &self,
        profile: &ProfileId,
        list: List,
        page: Page,
    ) -> Result<UpdatePage, ApiError> {
        let name = match list {
            List::Pending => "pending",
            List::Sent => "sent",
            List::Failed => "failed",
        };
        let (number, count) = (page.page, page.count);
        watched!(
            self,
            self.api.updates(profile, list, page),
            "GET profiles/{profile}/updates/{name} page {number} of {count}"
        )
    }

    async fn interactions(
        &self,
        id: &RemoteId,
        event: Option<&str>,
        page: Page,
    ) -> Result<InteractionPage, ApiError> {
        watched!(
            self,
            self.api.interactions(id, event, page),
            "GET updates/{id}/interactions"
        )
    }

    async fn create(&self, new: &NewUpdate) -> Result<Vec<RemoteUpdate>, ApiError> {
        let profiles = new.profiles.len();
        watched!(
            self,
            self.api.create(new),
            "POST updates/create for {profiles}"
        )
    }

    async fn edit(
        &self,
        id: &RemoteId,
        want: &Editable,
        now: bool,
    ) -> Result<RemoteUpdate, ApiError> {
        watched!(
            self,
            self.api.edit(id, want, now),
            "POST updates/{id}/update"
        )
    }

    async fn reorder(
        &self,
        profile: &ProfileId,
        order: &[RemoteId],
    ) -> Result<Vec<RemoteUpdate>, ApiError> {
        let length = order.len();
        watched!(
            self,
            self.api.reorder(profile, order),
            "POST profiles/{profile}/updates/reorder of {length}"
        )
    }

    async fn shuffle(&self, profile: &ProfileId) -> Result<Vec<RemoteUpdate>, ApiError> {
        watched!(
            self,
            self.api.shuffle(profile),
            "POST profiles/{profile}/updates/shuffle"
        )
    }

    async fn share(&self, id: &RemoteId) -> Result<(), ApiError> {
        watched!(self, self.api.share(id), "POST updates/{id}/share")
    }

    async fn destroy(&self, id: &RemoteId) -> Result<(), ApiError> {
        watched!(self, self.api.destroy(id), "POST updates/{id}/destroy")
    }

    async fn requeue(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        watched!(self, self.api.requeue(id), "POST updates/{id}/requeue")
    }

    async fn move_to_top(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        watched!(
            self,
            self.api.move_to_top(id),
            "POST updates/{id}/move_to_top"
        )
    }

    async fn create_profile(&self, new: &NewProfile) -> Result<Profile, ApiError> {
        watched!(self, self.api.create_profile(new), "POST profiles/create")
    }

    async fn update_profile(
        &self,
        profile: &ProfileId,
        name: Option<&str>,
        timezone: Option<&str>,
        connection: Option<&str>,
    ) -> Result<Profile, ApiError> {
        watched!(
            self,
            self.api.update_profile(profile, name, timezone, connection),
            "POST profiles/{profile}/update"
        )
    }

    async fn destroy_profile(&self, profile: &ProfileId) -> Result<(), ApiError> {
        watched!(
            self,
            self.api.destroy_profile(profile),
            "POST profiles/{profile}/destroy"
        )
    }

    async fn set_paused(&self, profile: &ProfileId, paused: bool) -> Result<(), ApiError> {
        watched!(
            self,
            self.api.set_paused(profile, paused),
            "POST profiles/{profile}/paused"
        )
    }

    async fn schedules(&self, profile: &ProfileId) -> Result<Schedule, ApiError> {
        watched!(
            self,
            self.api.schedules(profile),
            "GET profiles/{profile}/schedules"
        )
    }

    async fn set_schedule(&self, profile: &ProfileId, schedule: &Schedule) -> Result<(), ApiError> {
        watched!(
            self,
            self.api.set_schedule(profile, schedule),
            "POST profiles/{profile}/schedules/update"
        )
    }

    async fn link_shares(&self, url: &str) -> Result<u64, ApiError> {
        watched!(self, self.api.link_shares(url), "GET links/shares")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_well_while_it_answers_soon_and_nothing_failed_lately() {
        let second = Duration::from_secs;
        let mut health = Health::default();
        assert!(health.is_well(second(0), second(5)));
        for i in 0..20 {
            health.note(second(i), second(u64::from(i == 7) * 9), false);
        }
        assert!(health.is_well(second(20), second(5)), "one slow of twenty");
        for i in 20..23 {
            health.note(second(i), second(9), false);
        }
        assert!(!health.is_well(second(23), second(5)));
        assert!(health.is_well(second(623), second(5)), "long ago");
        health.note(second(700), second(0), true);
        assert!(!health.is_well(second(1299), second(5)));
        assert!(health.is_well(second(1301), second(5)));
        for i in 0..1000 {
            health.note(second(2000), second(i % 2), false);
        }
        assert_eq!(health.answers.len(), KEPT);
    }
}
