//! What a person waits for: pages of sent updates and interactions, and requests that are made now
//! or not at all. They go before polls, and never wait behind a change.

mod turn;

use std::rc::Rc;
use std::sync::Arc;

use super::{Account, Done, Worker};
use crate::api::{Api, ApiError, Class, InteractionPage, List, Page, UpdatePage};
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::update::{RemoteUpdate, Update};
use crate::protocol::{Load, Request, SentPage, SyncEvent};
use crate::sync::budget::Rank;
use crate::sync::disk::Write;
use crate::sync::look::{self, Likeness};

/// How many updates or interactions a page holds.
const PAGE: u32 = 50;
/// How many of these requests are in flight at once.
const MOST: usize = 2;

/// Something to read or do for the person.
#[derive(Debug)]
pub(super) enum Ask {
    Sent {
        profile: ProfileId,
        page: u32,
        /// Whether a person waits, or the worker refreshes what it keeps.
        by_person: bool,
    },
    Interactions {
        update: LocalId,
        event: Option<String>,
        page: u32,
    },
    Do(Request),
}

/// What came of it.
pub(super) enum Answer {
    Sent {
        profile: ProfileId,
        page: u32,
        by_person: bool,
        result: Result<UpdatePage, ApiError>,
    },
    Interactions {
        update: LocalId,
        event: Option<String>,
        page: u32,
        result: Result<InteractionPage, ApiError>,
    },
    Done {
        request: Request,
        result: Result<String, ApiError>,
    },
}

impl<A: Api> Worker<A> {
    /// Takes a request, or refuses it at once.
    pub(super) fn ask(&mut self, request: Request) {
        if let Some((profile, what)) = needs_quiet(&request) {
            let waits = self.outbox.of(profile).any(|entry| match entry.state {
                OperationState::Acked => false,
                OperationState::Unsaved { .. }
                | OperationState::Queued
                | OperationState::InFlight
                | OperationState::Unknown
                | OperationState::Held { .. }
                | OperationState::Failed { .. } => true,
            });
            if waits {
                let why = format!("{what} only when nothing of it waits to be sent: see w");
                return self.emit(SyncEvent::Answered(Err(why)));
            }
        }
        self.asks.push_back(Ask::Do(request));
    }

    /// Starts what persons wait for, also while the line is said to be down: it is a try. Only for
    /// whose store this is; an instance that does not send finds that out here too.
    pub(super) async fn start_asks(&mut self) {
        match self.account {
            Account::Ready => {}
            Account::Asking => return,
            Account::Unknown if self.asks.is_empty() => return,
            Account::Unknown => return self.sign_in(),
            Account::Refused => return self.refuse_asks("not signed in; R tries again"),
        }
        while self.asking < MOST
            && let Some(ask) = self.next_ask()
        {
            self.asking += 1;
            let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
            match ask {
                Ask::Sent {
                    profile,
                    page,
                    by_person,
                } => self.tasks.push(Box::pin(async move {
                    let rank = if by_person { Rank::Change } else { Rank::Poll };
                    gate.pass(rank).await;
                    let part = Page {
                        page,
                        count: PAGE,
                        since: None,
                    };
                    let result = api.updates(&profile, List::Sent, part).await;
                    Done::Answer(Answer::Sent {
                        profile,
                        page,
                        by_person,
                        result,
                    })
                })),
                Ask::Interactions {
                    update,
                    event,
                    page,
                } => self.start_interactions(update, event, page).await,
                Ask::Do(request) => self.tasks.push(Box::pin(async move {
                    gate.pass_now().await;
                    let result = perform(&*api, &request).await;
                    Done::Answer(Answer::Done { request, result })
                })),
            }
        }
    }

    /// Answers all that persons wait for with the reason why it cannot be had.
    pub(super) fn refuse_asks(&mut self, reason: &str) {
        for ask in std::mem::take(&mut self.asks) {
            let reason = reason.to_owned();
            let what = match ask {
                Ask::Sent {
                    profile,
                    page,
                    by_person: true,
                } => Load::Sent { profile, page },
                Ask::Sent { profile, .. } => {
                    self.lane(&profile).sent_due = true;
                    continue;
                }
                Ask::Interactions {
                    update,
                    event,
                    page,
                } => Load::Interactions {
                    update,
                    event,
                    page,
                },
                Ask::Do(_) => {
                    self.emit(SyncEvent::Answered(Err(reason)));
                    continue;
                }
            };
            self.emit(SyncEvent::LoadFailed { what, reason });
        }
    }

    async fn start_interactions(&mut self, update: LocalId, event: Option<String>, page: u32) {
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let remote = self.disk.remote(update).await.ok().flatten();
        self.tasks.push(Box::pin(async move {
            gate.pass_now().await;
            let part = Page {
                page,
                count: PAGE,
                since: None,
            };
            let result = match remote {
                Some(remote) => api.interactions(&remote, event.as_deref(), part).await,
                None => Err(ApiError::NotSent("the server never had it".to_owned())),
            };
            Done::Answer(Answer::Interactions {
                update,
                event,
                page,
                result,
            })
        }));
    }

    pub(super) async fn answered(&mut self, answer: Answer) {
        self.asking = self.asking.saturating_sub(1);
        match answer {
            Answer::Sent {
                profile,
                page,
                by_person,
                result,
            } => self.sent_page(profile, page, by_person, result).await,
            Answer::Interactions {
                update,
                event,
                page,
                result,
            } => match self.judged(result) {
                Ok(found) => self.emit(SyncEvent::Interactions {
                    update,
                    event,
                    page,
                    total: found.total,
                    interactions: found.interactions,
                }),
                Err(reason) => self.emit(SyncEvent::LoadFailed {
                    what: Load::Interactions {
                        update,
                        event,
                        page,
                    },
                    reason,
                }),
            },
            Answer::Done { request, result } => {
                let result = self.judged(result);
                self.after(&request);
                self.emit(SyncEvent::Answered(result));
            }
        }
    }

    /// Notes what an answer says of the line, and turns an error into words.
    fn judged<T>(&mut self, result: Result<T, ApiError>) -> Result<T, String> {
        match result {
            Ok(value) => {
                self.line_works();
                Ok(value)
            }
            Err(error) => {
                match error.class() {
                    Class::Refused => self.line_works(),
                    Class::SignIn => self.refused_token(&error),
                    Class::Retry | Class::Unknown => self.line_fails(&error),
                }
                Err(error.to_string())
            }
        }
    }

    /// Reads again what a request changed.
    fn after(&mut self, request: &Request) {
        let now = self.clock.elapsed();
        self.profiles_at = now;
        let profile = match request {
            Request::CreateProfile(_) | Request::RemoveProfile(_) => return,
            Request::ChangeProfile { profile, .. }
            | Request::SetSchedule { profile, .. }
            | Request::SetPaused { profile, .. }
            | Request::ServerShuffle { profile } => profile,
        };
        let lane = self.lane(profile);
        lane.read_at = now;
        lane.whole = true;
        // A read that began before is of the queue as it was.
        lane.changes += 1;
    }

    async fn sent_page(
        &mut self,
        profile: ProfileId,
        page: u32,
        by_person: bool,
        result: Result<UpdatePage, ApiError>,
    ) {
        let failed = |worker: &Self, reason: String| {
            if by_person {
                let what = Load::Sent {
                    profile: profile.clone(),
                    page,
                };
                worker.emit(SyncEvent::LoadFailed { what, reason });
            }
        };
        let found = match self.judged(result) {
            Ok(found) => found,
            Err(reason) => {
                self.lane(&profile).sent_due = true;
                return failed(self, reason);
            }
        };
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        let mut updates = Vec::with_capacity(found.updates.len());
        for update in found.updates {
            match self.adopt(&profile, update, &mut writes, &mut events).await {
                Ok(update) => updates.push(update),
                Err(error) => {
                    self.trouble(&error);
                    return failed(self, self.disk.explain(&error));
                }
            }
        }
        let page = SentPage {
            profile,
            page,
            total: found.total,
            updates,
        };
        if page.page == 1 {
            writes.push(Write::Sent(Box::new(page.clone())));
        }
        events.push(SyncEvent::Sent(page));
        self.record(writes, events).await;
    }

    /// Gives an update the API showed its local id: the one it has, that of the create that made
    /// it, or a new one.
    async fn adopt(
        &mut self,
        profile: &ProfileId,
        update: RemoteUpdate,
        writes: &mut Vec<Write>,
        events: &mut Vec<SyncEvent>,
    ) -> Result<Update, sqlx::Error> {
        let known = match self.disk.local(&update.id).await? {
            Some(id) => Some(id),
            None => self.claim(profile, &update, writes, events),
        };
        let id = known.unwrap_or_else(|| {
            let local = self.new_local();
            // Of what a create on its way may have made, the id is not kept: that create must
            // still be able to claim it.
            if !self.may_be_on_its_way(profile, &update) {
                writes.push(Write::Seen {
                    local,
                    remote: update.id.clone(),
                    profile: profile.clone(),
                });
            }
            local
        });
        Ok(Update {
            id,
            remote: Some(update.id),
            body: update.body,
        })
    }

    /// Says whether a create whose reply is awaited may have made this update: pages for the person
    /// are read beside changes.
    fn may_be_on_its_way(&self, profile: &ProfileId, update: &RemoteUpdate) -> bool {
        self.outbox.of(profile).any(|entry| {
            entry.state == OperationState::InFlight
                && look::likeness(entry, update) == Likeness::Exact
        })
    }

    /// Gives an update that was never seen before to the create of unknown outcome that made it,
    /// if one did; that create is acknowledged with it.
    pub(super) fn claim(
        &mut self,
        profile: &ProfileId,
        update: &RemoteUpdate,
        writes: &mut Vec<Write>,
        events: &mut Vec<SyncEvent>,
    ) -> Option<LocalId> {
        let Some(id) = self.claimant(profile, update) else {
            self.suspect(update);
            return None;
        };
        let local = self.made_by(id)?;
        self.remember_made(id);
        self.assign(id, update.id.clone(), writes, events);
        for id in self.outbox.request_of(id) {
            self.outbox.get_mut(id)?.state = OperationState::Acked;
            writes.push(Write::State(id, OperationState::Acked));
            events.push(SyncEvent::States(vec![(id, OperationState::Acked)]));
        }
        self.settle_soon(profile);
        Some(local)
    }

    /// Returns a local id nobody has.
    pub(super) fn new_local(&mut self) -> LocalId {
        LocalId::from(self.ids.ulid(self.clock.wall()))
    }
}

/// Returns the profile of which nothing may wait for this request, and what it does.
fn needs_quiet(request: &Request) -> Option<(&ProfileId, &'static str)> {
    match request {
        Request::ServerShuffle { profile } => Some((profile, "the server can shuffle a queue")),
        Request::RemoveProfile(profile) => Some((profile, "a profile can be removed")),
        Request::CreateProfile(_)
        | Request::ChangeProfile { .. }
        | Request::SetSchedule { .. }
        | Request::SetPaused { .. } => None,
    }
}

/// Makes one of the requests that are not kept.
async fn perform(api: &impl Api, request: &Request) -> Result<String, ApiError> {
    match request {
        Request::CreateProfile(new) => {
            let made = api.create_profile(new).await?;
            Ok(format!("profile {} made", made.formatted_username))
        }
        Request::ChangeProfile {
            profile,
            name,
            timezone,
            connection,
        } => {
            let connection = connection.as_deref();
            let changed = api.update_profile(profile, Some(name), Some(timezone), connection);
            Ok(format!(
                "profile {} changed",
                changed.await?.formatted_username
            ))
        }
        Request::RemoveProfile(profile) => {
            api.destroy_profile(profile).await?;
            Ok("profile removed".to_owned())
        }
        Request::SetSchedule { profile, schedule } => {
            api.set_schedule(profile, schedule).await?;
            Ok("posting times changed".to_owned())
        }
        Request::SetPaused { profile, paused } => {
            api.set_paused(profile, *paused).await?;
            let word = if *paused { "paused" } else { "resumed" };
            Ok(format!("queue {word}"))
        }
        Request::ServerShuffle { profile } => {
            api.shuffle(profile).await?;
            Ok("shuffled by the server".to_owned())
        }
    }
}
