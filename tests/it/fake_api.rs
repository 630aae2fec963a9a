//! An API in memory with faults by script: the semantics of a queue, and none of the wire.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use qurate::api::{Api, ApiError, Doubt, InteractionPage, List, NewUpdate, Page, UpdatePage};
use qurate::domain::id::{ProfileId, RemoteId, UserId};
use qurate::domain::operation::{Editable, Placement};
use qurate::domain::profile::{NewProfile, Profile, Service};
use qurate::domain::schedule::Schedule;
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Body, Content, OwnTime, RemoteUpdate, Sent, Status};
use qurate::sync::Clock as _;
use qurate::wire::json::OursDto;
use tokio::sync::Semaphore;

use super::sim_clock::SimClock;

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: used to let some pass before the next fault.
    None,
    /// No connection.
    NotSent,
    /// Lost on the way there, and nobody can tell.
    LostRequest,
    /// Done, and the reply is lost.
    LostReply,
    /// No answer in time; done or not.
    Silent { done: bool },
    /// The server says that it failed; done or not.
    Failing { done: bool },
    /// Never answered; done or not.
    Hang { done: bool },
    /// Not now.
    Later(Duration),
    /// The token is refused.
    SignIn,
    /// Understood and refused.
    Refused { code: i64 },
}

/// How creates fare, besides the faults that are planned one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Weather {
    /// As planned.
    #[default]
    Fair,
    /// Connections break: before or after the server did it.
    Flaky,
    /// The server is slow: most requests are done though nobody heard of it in time.
    Slow,
    /// A gateway gives up on the server: most requests are done all the same.
    Storm,
}

/// The server's state.
#[derive(Debug, Default, Clone)]
pub(crate) struct World {
    pub(crate) user: String,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) queues: BTreeMap<ProfileId, Vec<RemoteUpdate>>,
    pub(crate) sent: BTreeMap<ProfileId, Vec<RemoteUpdate>>,
    /// The faults of the next changes, in order.
    pub(crate) faults: VecDeque<Fault>,
    /// The faults of the next reads.
    pub(crate) read_faults: VecDeque<Fault>,
    /// Profiles of which no list can be read, though they are there.
    pub(crate) closed: BTreeSet<ProfileId>,
    /// Whether nobody can connect.
    pub(crate) down: bool,
    /// Holds the replies to reads of profiles and queues, made already, until it is closed.
    pub(crate) held_back: Option<Arc<Semaphore>>,
    /// How many are held.
    pub(crate) on_their_way: usize,
    /// Whether the server numbers its changes.
    pub(crate) revisions: bool,
    /// What happens just before the next changes are done, one each.
    pub(crate) meanwhile: VecDeque<fn(&mut Self)>,
    /// How many orders are taken the wrong way round.
    pub(crate) spoiled_orders: usize,
    /// Updates that the next reads of queues do not show, one list each.
    pub(crate) hidden: VecDeque<Vec<RemoteId>>,
    /// How creates fare.
    pub(crate) weather: Weather,
    /// Creates that were tried: the first try of each is the one whose outcome is not known.
    pub(crate) tried: BTreeSet<String>,
    pub(crate) random: u64,
    /// What was done, in order.
    pub(crate) done: Vec<String>,
    /// Requests in all.
    pub(crate) requests: usize,
    /// How many pending updates were listed, page by page.
    pub(crate) listed: Vec<usize>,
    /// The clock of this server; none: the machine's.
    pub(crate) clock: Option<Arc<SimClock>>,
    /// How many requests any minute may see, by its clock.
    pub(crate) limit: Option<usize>,
    /// What the server says of itself, if it is ours.
    pub(crate) ours: Option<OursDto>,
    /// Whether a request over the limit is told how long to wait.
    pub(crate) hints: bool,
    /// When requests arrived and how many were over the limit, by its clock.
    pub(crate) arrivals: Vec<Duration>,
    pub(crate) too_many: usize,
    /// When changes were done.
    pub(crate) done_at: Vec<Duration>,
    revision: u64,
    next: u64,
}

/// The API of a [`World`].
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeApi(Arc<Mutex<World>>);

/// How long a request is on its way, by a clock that is not the machine's.
const LATENCY: Duration = Duration::from_millis(120);

/// The first slot; each next one is an hour later.
const FIRST_SLOT: i64 = 4_000_000_000;

pub(crate) fn profile_id(name: &str) -> ProfileId {
    ProfileId::parse(name).expect("a good id")
}

impl World {
    /// Adds an update at the end of a queue.
    pub(crate) fn add(
        &mut self,
        profile: &ProfileId,
        text: &str,
        at: Option<Timestamp>,
    ) -> RemoteId {
        let id = self.push(profile, text, at);
        self.changed(profile);
        id
    }

    /// Adds many updates at the end of a queue.
    pub(crate) fn add_all(&mut self, profile: &ProfileId, texts: &[&str]) {
        for text in texts {
            self.push(profile, text, None);
        }
        self.changed(profile);
    }

    fn now(&self) -> Timestamp {
        match &self.clock {
            Some(clock) => clock.truth(),
            None => Timestamp(chrono::Utc::now().timestamp()),
        }
    }

    /// Takes a request in, unless the minute has seen as many as it may.
    fn admit(&mut self) -> Result<(), ApiError> {
        let Some(clock) = &self.clock else {
            return Ok(());
        };
        let now = clock.elapsed();
        self.arrivals.push(now);
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let minute = Duration::from_mins(1);
        let lately: Vec<Duration> = self
            .arrivals
            .iter()
            .rev()
            .take_while(|at| **at + minute > now)
            .copied()
            .collect();
        if lately.len() <= limit {
            return Ok(());
        }
        self.too_many += 1;
        let after = (lately[limit - 1] + minute).saturating_sub(now);
        let after = self.hints.then_some(after);
        Err(ApiError::Later { after })
    }

    fn push(&mut self, profile: &ProfileId, text: &str, at: Option<Timestamp>) -> RemoteId {
        self.next += 1;
        let id = RemoteId::parse(&format!("{:024x}", self.next)).expect("a good id");
        let own_time = at.map(|at| OwnTime { at, pinned: false });
        let body = Body {
            profile: profile.clone(),
            content: Content {
                text: text.to_owned(),
                ..Content::default()
            },
            status: Status::Pending,
            created_at: self.now(),
            due_at: at,
            own_time,
            outcome: qurate::domain::rare::Rare::default(),
        };
        let queue = self.queues.entry(profile.clone()).or_default();
        queue.push(RemoteUpdate {
            id: id.clone(),
            body,
        });
        id
    }

    /// Gives the updates of a queue their times, and puts them in the order of those.
    fn changed(&mut self, profile: &ProfileId) {
        self.revision += 1;
        let queue = self.queues.entry(profile.clone()).or_default();
        let mut slot = FIRST_SLOT;
        for update in queue.iter_mut() {
            update.body.due_at = Some(update.body.own_time.map_or(Timestamp(slot), |own| own.at));
            if update.body.own_time.is_none() {
                slot += 3600;
            }
        }
        queue.sort_by_key(|update| update.body.due_at);
    }

    pub(crate) fn texts(&self, profile: &ProfileId) -> Vec<String> {
        let queue = self.queues.get(profile).into_iter().flatten();
        queue.map(|u| u.body.content.text.clone()).collect()
    }

    pub(crate) fn sent_texts(&self, profile: &ProfileId) -> Vec<String> {
        let sent = self.sent.get(profile).into_iter().flatten();
        sent.map(|u| u.body.content.text.clone()).collect()
    }

    fn find(&mut self, id: &RemoteId) -> Option<&mut RemoteUpdate> {
        self.queues
            .values_mut()
            .chain(self.sent.values_mut())
            .flatten()
            .find(|update| update.id == *id)
    }

    fn pending(&mut self, id: &RemoteId) -> Result<(ProfileId, usize), ApiError> {
        for (profile, queue) in &self.queues {
            if let Some(at) = queue.iter().position(|update| update.id == *id) {
                return Ok((profile.clone(), at));
            }
        }
        match self.find(id) {
            Some(_) => Err(refused(400, 1022, "it was sent")),
            None => Err(refused(404, 1020, "no such update")),
        }
    }

    pub(crate) fn publish(&mut self, profile: &ProfileId, at: usize) {
        let queue = self.queues.get_mut(profile).expect("queue");
        let mut update = queue.remove(at);
        update.body.status = Status::Sent;
        update.body.outcome.sent = Some(Sent {
            at: self.now(),
            service_update_id: "1".to_owned(),
        });
        self.sent
            .entry(profile.clone())
            .or_default()
            .insert(0, update);
        self.changed(profile);
    }

    /// What the weather does to a create of this text.
    fn weather_for(&mut self, text: &str) -> Option<Fault> {
        let mut random = fastrand::Rng::with_seed(self.random);
        let percent = random.u8(0..100);
        let done = percent.is_multiple_of(2);
        self.random = random.u64(..);
        let first = self.tried.insert(text.to_owned());
        match self.weather {
            Weather::Fair => None,
            // After the first try the line is only bad, not broken.
            Weather::Flaky if !first && percent >= 3 => None,
            Weather::Flaky if done => Some(Fault::LostReply),
            Weather::Flaky => Some(Fault::LostRequest),
            Weather::Slow => Some(Fault::Silent { done: percent >= 2 }),
            Weather::Storm => Some(Fault::Failing { done: percent >= 2 }),
        }
    }

    /// Gives a queue its times again after somebody put it in another order.
    pub(crate) fn renew(&mut self, profile: &ProfileId) {
        self.changed(profile);
    }

    /// Gives an update another text behind the client's back.
    pub(crate) fn rewrite(&mut self, profile: &ProfileId, row: usize, text: &str) {
        let queue = self.queues.get_mut(profile).expect("queue");
        text.clone_into(&mut queue[row].body.content.text);
        self.changed(profile);
    }

    /// Destroys an update behind the client's back.
    pub(crate) fn remove(&mut self, id: &RemoteId) {
        if let Ok((profile, at)) = self.pending(id) {
            self.queues.get_mut(&profile).expect("queue").remove(at);
            self.changed(&profile);
        }
    }
}

fn refused(status: u16, code: i64, message: &str) -> ApiError {
    ApiError::Refused {
        status,
        code: Some(code),
        message: message.to_owned(),
    }
}

impl FakeApi {
    /// A server with these profiles and texts in their queues.
    pub(crate) fn with(queues: &[(&str, &[&str])]) -> Self {
        let api = Self::default();
        {
            let mut world = api.world();
            "u1".clone_into(&mut world.user);
            world.revisions = true;
            for (name, texts) in queues {
                let id = profile_id(name);
                world.profiles.push(Profile {
                    id: id.clone(),
                    service: Service::Mastodon,
                    username: (*name).to_owned(),
                    formatted_username: format!("@{name}"),
                    timezone: chrono_tz::UTC,
                    schedule: Schedule::default(),
                    paused: false,
                    pending: 0,
                    sent: 0,
                    connection: None,
                    character_limit: None,
                });
                world.queues.insert(id.clone(), Vec::new());
                for text in *texts {
                    world.add(&id, text, None);
                }
            }
        }
        api
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("not poisoned")
    }

    /// A server of its own that is as this one is now.
    pub(crate) fn copy(&self) -> Self {
        let world = self.world().clone();
        Self(Arc::new(Mutex::new(world)))
    }

    /// The way of a request.
    async fn travel(&self) {
        let clock = self.world().clock.clone();
        match clock {
            Some(clock) => clock.sleep_until(clock.elapsed() + LATENCY).await,
            None => tokio::task::yield_now().await,
        }
    }

    fn list(&self, profile: &ProfileId, list: List, page: Page) -> Result<UpdatePage, ApiError> {
        let mut world = self.world();
        let hidden = match list {
            List::Pending => world.hidden.pop_front().unwrap_or_default(),
            List::Sent | List::Failed => Vec::new(),
        };
        let listed = world.profiles.iter().any(|known| known.id == *profile);
        if !listed || world.closed.contains(profile) {
            return Err(refused(404, 1012, "no such profile"));
        }
        let all = match list {
            List::Pending => world.queues.get(profile),
            List::Sent => world.sent.get(profile),
            List::Failed => None,
        };
        let since = page.since.unwrap_or_default();
        let when = |u: &RemoteUpdate| match &u.body.outcome.sent {
            Some(sent) => sent.at,
            None => u.body.created_at,
        };
        let all: Vec<RemoteUpdate> = all
            .into_iter()
            .flatten()
            .filter(|u| when(u) > since && !hidden.contains(&u.id))
            .cloned()
            .collect();
        let skip = (page.page as usize - 1) * page.count as usize;
        let part = all.iter().skip(skip).take(page.count as usize);
        let part: Vec<RemoteUpdate> = part.cloned().collect();
        if list == List::Pending {
            world.listed.push(part.len());
        }
        Ok(UpdatePage {
            total: all.len() as u64,
            updates: part,
            revision: world.revisions.then_some(world.revision),
        })
    }

    /// The way back of a reply.
    async fn return_with<T>(&self, reply: T) -> T {
        let held = self.world().held_back.clone();
        if let Some(held) = held {
            self.world().on_their_way += 1;
            // Closed, it gives no leave, and none is needed.
            let _ = held.acquire().await;
        }
        reply
    }

    async fn read(&self) -> Result<(), ApiError> {
        let fault = {
            let mut world = self.world();
            world.requests += 1;
            if world.down {
                return Err(ApiError::NotSent("refused".to_owned()));
            }
            world.admit()?;
            world.read_faults.pop_front().unwrap_or(Fault::None)
        };
        self.travel().await;
        match fault {
            Fault::None => Ok(()),
            Fault::Refused { code } => Err(refused(400, code, "no, says the server")),
            Fault::NotSent => Err(ApiError::NotSent("refused".to_owned())),
            Fault::LostRequest | Fault::LostReply => {
                Err(ApiError::Unknown(Doubt::Broken, "reset".to_owned()))
            }
            Fault::Silent { .. } => Err(ApiError::Unknown(Doubt::Silent, "late".to_owned())),
            Fault::Failing { .. } => Err(ApiError::Unknown(Doubt::Failing, "502".to_owned())),
            Fault::Hang { .. } => std::future::pending().await,
            Fault::Later(after) => Err(ApiError::Later { after: Some(after) }),
            Fault::SignIn => Err(ApiError::SignIn("no".to_owned())),
        }
    }

    async fn change<T>(
        &self,
        what: String,
        act: impl FnOnce(&mut World) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let fault = {
            let mut world = self.world();
            world.requests += 1;
            if world.down {
                return Err(ApiError::NotSent("refused".to_owned()));
            }
            world.admit()?;
            world.faults.pop_front().unwrap_or(Fault::None)
        };
        self.travel().await;
        let perform = || {
            let mut world = self.world();
            if let Some(meanwhile) = world.meanwhile.pop_front() {
                meanwhile(&mut world);
            }
            if let Fault::Refused { code } = fault {
                return Err(refused(400, code, "no, says the server"));
            }
            let result = act(&mut world);
            if result.is_ok() {
                world.done.push(what);
                let at = world.clock.as_ref().map(|clock| clock.elapsed());
                world.done_at.extend(at);
            }
            result
        };
        match fault {
            Fault::None | Fault::Refused { .. } => perform(),
            Fault::NotSent => Err(ApiError::NotSent("refused".to_owned())),
            Fault::LostRequest => Err(ApiError::Unknown(Doubt::Broken, "reset".to_owned())),
            Fault::LostReply => {
                perform().and(Err(ApiError::Unknown(Doubt::Broken, "reset".to_owned())))
            }
            Fault::Silent { done } | Fault::Failing { done } => {
                let doubt = match fault {
                    Fault::Silent { .. } => Doubt::Silent,
                    _ => Doubt::Failing,
                };
                if done {
                    perform()?;
                }
                Err(ApiError::Unknown(doubt, "no answer".to_owned()))
            }
            Fault::Hang { done } => {
                if done {
                    perform()?;
                }
                std::future::pending().await
            }
            Fault::Later(after) => Err(ApiError::Later { after: Some(after) }),
            Fault::SignIn => Err(ApiError::SignIn("no".to_owned())),
        }
    }
}

impl Api for FakeApi {
    async fn user(&self) -> Result<UserId, ApiError> {
        self.read().await?;
        Ok(UserId::parse(&self.world().user).expect("a good id"))
    }

    async fn configuration(&self) -> Result<Option<OursDto>, ApiError> {
        self.read().await?;
        Ok(self.world().ours.clone())
    }

    async fn profiles(&self) -> Result<Vec<Profile>, ApiError> {
        self.read().await?;
        let reply = self.world().profiles.clone();
        Ok(self.return_with(reply).await)
    }

    async fn update(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        self.read().await?;
        let found = self.world().find(id).cloned();
        found.ok_or_else(|| refused(404, 1020, "no such update"))
    }

    async fn updates(
        &self,
        profile: &ProfileId,
        list: List,
        page: Page,
    ) -> Result<UpdatePage, ApiError> {
        self.read().await?;
        let reply = self.list(profile, list, page)?;
        match list {
            List::Pending => Ok(self.return_with(reply).await),
            List::Sent | List::Failed => Ok(reply),
        }
    }

    async fn interactions(
        &self,
        _: &RemoteId,
        _: Option<&str>,
        _: Page,
    ) -> Result<InteractionPage, ApiError> {
        self.read().await?;
        Ok(InteractionPage {
            total: 0,
            interactions: Vec::new(),
        })
    }

    async fn create(&self, new: &NewUpdate) -> Result<Vec<RemoteUpdate>, ApiError> {
        let new = new.clone();
        {
            let mut world = self.world();
            let fault = world.weather_for(&new.content.text);
            world.faults.extend(fault);
        }
        let what = match new.placement {
            Placement::Now => "create and share",
            Placement::Queue | Placement::Top | Placement::At(_) | Placement::Pinned(_) => "create",
        };
        self.change(format!("{what} {}", new.content.text), move |world| {
            let mut made = Vec::new();
            for profile in &new.profiles {
                let at = new.placement.own_time().map(|own| own.at);
                let id = world.add(profile, &new.content.text, at);
                let queue = world.queues.get_mut(profile).expect("queue");
                let last = queue.iter().position(|u| u.id == id).expect("just added");
                match new.placement {
                    Placement::Top => queue[..=last].rotate_right(1),
                    Placement::Now => {
                        let at = last;
                        world.publish(profile, at);
                    }
                    Placement::Queue | Placement::At(_) | Placement::Pinned(_) => {}
                }
                world.changed(profile);
                made.push(world.find(&id).expect("made").clone());
            }
            Ok(made)
        })
        .await
    }

    async fn edit(
        &self,
        id: &RemoteId,
        want: &Editable,
        now: bool,
    ) -> Result<RemoteUpdate, ApiError> {
        let (id, want) = (id.clone(), want.clone());
        let what = if now { "edit and share" } else { "edit" };
        self.change(format!("{what} {}", want.content.text), move |world| {
            let (profile, _) = world.pending(&id)?;
            let update = world.find(&id).expect("found");
            update.body.content = want.content;
            update.body.own_time = want.own_time;
            world.changed(&profile);
            if now {
                let (_, at) = world.pending(&id)?;
                world.publish(&profile, at);
            }
            Ok(world.find(&id).expect("found").clone())
        })
        .await
    }

    async fn reorder(
        &self,
        profile: &ProfileId,
        order: &[RemoteId],
    ) -> Result<Vec<RemoteUpdate>, ApiError> {
        let (profile, order) = (profile.clone(), order.to_vec());
        self.change("reorder".to_owned(), move |world| {
            let queue = world.queues.get_mut(&profile).expect("queue");
            let places: BTreeMap<&RemoteId, usize> = order
                .iter()
                .enumerate()
                .map(|(place, id)| (id, place))
                .collect();
            queue.sort_by_key(|u| places.get(&u.id).copied().unwrap_or(usize::MAX));
            if world.spoiled_orders > 0 {
                world.spoiled_orders -= 1;
                queue.reverse();
            }
            world.changed(&profile);
            Ok(world.queues[&profile].clone())
        })
        .await
    }

    async fn shuffle(&self, profile: &ProfileId) -> Result<Vec<RemoteUpdate>, ApiError> {
        let profile = profile.clone();
        self.change("shuffle".to_owned(), move |world| {
            world.queues.get_mut(&profile).expect("queue").reverse();
            world.changed(&profile);
            Ok(world.queues[&profile].clone())
        })
        .await
    }

    async fn share(&self, id: &RemoteId) -> Result<(), ApiError> {
        let id = id.clone();
        self.change("share".to_owned(), move |world| {
            let (profile, at) = world.pending(&id)?;
            world.publish(&profile, at);
            Ok(())
        })
        .await
    }

    async fn destroy(&self, id: &RemoteId) -> Result<(), ApiError> {
        let id = id.clone();
        self.change("destroy".to_owned(), move |world| {
            let (profile, at) = world.pending(&id)?;
            world.queues.get_mut(&profile).expect("queue").remove(at);
            world.changed(&profile);
            Ok(())
        })
        .await
    }

    async fn requeue(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        self.update(id).await
    }

    async fn move_to_top(&self, id: &RemoteId) -> Result<RemoteUpdate, ApiError> {
        self.update(id).await
    }

    async fn create_profile(&self, _: &NewProfile) -> Result<Profile, ApiError> {
        Err(refused(404, 1000, "not here"))
    }

    async fn update_profile(
        &self,
        _: &ProfileId,
        _: Option<&str>,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Profile, ApiError> {
        Err(refused(404, 1000, "not here"))
    }

    async fn destroy_profile(&self, _: &ProfileId) -> Result<(), ApiError> {
        Err(refused(404, 1000, "not here"))
    }

    async fn set_paused(&self, _: &ProfileId, _: bool) -> Result<(), ApiError> {
        Err(refused(404, 1000, "not here"))
    }

    async fn schedules(&self, _: &ProfileId) -> Result<Schedule, ApiError> {
        Ok(Schedule::default())
    }

    async fn set_schedule(&self, _: &ProfileId, _: &Schedule) -> Result<(), ApiError> {
        self.change("schedule".to_owned(), |_| Ok(())).await
    }

    async fn link_shares(&self, _: &str) -> Result<u64, ApiError> {
        Ok(0)
    }
}
