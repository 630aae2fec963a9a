//! Reads: who is signed in, the profiles, the queues; when each is due and what it brings.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable};

use super::asks::Ask;
use super::{Account, Busy, Done, Lane, Worker, soonest};
use crate::api::{Api, ApiError, Class};
use crate::domain::id::{LocalId, OperationId, ProfileId, RemoteId, UserId};
use crate::domain::operation::{Change, OperationState};
use crate::domain::profile::Profile;
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::protocol::{Capabilities, Link, SyncEvent};
use crate::sync::backoff::jittered;
use crate::sync::disk::{Known, MirrorRow, NewMirror, StoredUpdate, Write};
use crate::sync::order;
use crate::sync::read::{self, Listed, QueueRead};

/// How long after the head's time the queue is read, in seconds: publishing takes a moment.
const AFTER_HEAD: [i64; 2] = [3, 15];

/// What is known once the API has said who is signed in.
pub(super) struct SignedIn {
    user: UserId,
    capabilities: Option<Capabilities>,
    profiles: Vec<Profile>,
}

/// The end of a read of a queue.
pub(super) struct Read {
    profile: ProfileId,
    /// When it began, and how many changes of ours there were until then.
    began: Timestamp,
    changes: u64,
    /// None: it gave way to a change.
    result: Option<Result<QueueRead, ApiError>>,
}

/// A read with local ids, compared with what is stored.
struct Merged {
    pending: Vec<Update>,
    failed: Vec<Update>,
    changed: Vec<StoredUpdate>,
    gone: Vec<LocalId>,
    complete: bool,
    is_news: bool,
    writes: Vec<Write>,
    events: Vec<SyncEvent>,
}

impl<A: Api> Worker<A> {
    /// Asks who is signed in, what the account can do, and which profiles it has.
    pub(super) fn sign_in(&mut self) {
        self.account = Account::Asking;
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let local = self.settings.local;
        self.tasks.push(Box::pin(async move {
            let ask = async {
                gate.pass_now().await;
                let user = api.user().await?;
                gate.pass_now().await;
                let ours = match api.configuration().await {
                    Ok(ours) => ours,
                    // A server without the endpoint is none of ours.
                    Err(error) if error.class() == Class::Refused => None,
                    Err(error) => return Err(error),
                };
                gate.pass_now().await;
                let profiles = api.profiles().await?;
                let has = |word: &str, of: &[String]| of.iter().any(|w| w == word);
                let capabilities = ours.map(|ours| Capabilities {
                    manage_profiles: has("manage_profiles", &ours.capabilities),
                    pause: has("pause", &ours.capabilities),
                    failed: has("failed", &ours.capabilities),
                    local,
                    connections: ours.connections,
                    requests_per_minute: ours.requests_per_minute,
                });
                Ok(SignedIn {
                    user,
                    capabilities,
                    profiles,
                })
            };
            Done::Account(ask.await)
        }));
    }

    pub(super) async fn signed_in(&mut self, result: Result<SignedIn, ApiError>) {
        let signed = match result {
            Ok(signed) => signed,
            Err(error) if error.class() == Class::SignIn => return self.refused_token(&error),
            Err(error) => {
                self.account = Account::Unknown;
                return self.line_fails(&error);
            }
        };
        match self.disk.fact("user").await {
            Ok(Some(user)) if user != signed.user.as_str() => {
                self.account = Account::Refused;
                let link = self.line.set(Link::SignIn {
                    reason: format!(
                        "this token is of another person than the updates kept for account {}; \
                         nothing is sent: use its token, or another account",
                        self.settings.account
                    ),
                });
                return self.emit_link(link);
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                let fact = Write::Fact("user", signed.user.as_str().to_owned());
                self.record(vec![fact], Vec::new()).await;
            }
            Err(error) => {
                self.account = Account::Unknown;
                self.line.open_at = self.clock.elapsed() + self.settings.pace.save_again;
                return self.trouble(&error);
            }
        }
        self.account = Account::Ready;
        self.line_works();
        let capabilities = signed.capabilities.unwrap_or(Capabilities {
            manage_profiles: false,
            pause: false,
            failed: false,
            local: self.settings.local,
            connections: Vec::new(),
            requests_per_minute: self.settings.requests_per_minute,
        });
        self.lists_failed = capabilities.failed;
        self.gate.set_limit(capabilities.requests_per_minute);
        self.emit(SyncEvent::Capabilities(capabilities));
        self.emit(SyncEvent::Profiles(signed.profiles.clone()));
        self.profiles_read(Ok(signed.profiles)).await;
    }

    pub(super) async fn profiles_read(&mut self, result: Result<Vec<Profile>, ApiError>) {
        self.profiles_busy = false;
        let now = self.clock.elapsed();
        let poll = self.settings.pace.poll_others;
        self.profiles_at = now + jittered(poll, &mut self.random);
        let profiles = match result {
            Ok(profiles) => profiles,
            Err(error) => match error.class() {
                Class::SignIn => return self.refused_token(&error),
                Class::Refused => return self.line_works(),
                Class::Retry | Class::Unknown => {
                    self.profiles_at = now;
                    return self.line_fails(&error);
                }
            },
        };
        self.line_works();
        for profile in &profiles {
            self.lanes
                .entry(profile.id.clone())
                .or_insert_with(|| Lane {
                    read_at: now,
                    sent_due: true,
                    ..Lane::default()
                });
        }
        self.lanes.retain(|id, lane| {
            lane.busy.is_some() || profiles.iter().any(|profile| profile.id == *id)
        });
        if profiles != self.profiles {
            self.profiles.clone_from(&profiles);
            let news = vec![SyncEvent::Profiles(profiles.clone())];
            self.record(vec![Write::Profiles(profiles)], news).await;
        }
    }

    /// Starts the reads that are due, the focused profile first. Says when the next one is.
    pub(super) fn start_reads(&mut self, wanted: &BTreeSet<ProfileId>) -> Option<Duration> {
        let (now, wall) = (self.clock.elapsed(), self.clock.wall());
        let settle = self.settings.pace.settle;
        let mut wake = None;
        if self.profiles_at > now {
            wake = Some(self.profiles_at);
        } else if !self.profiles_busy && self.has_room() {
            self.start_profiles();
        }
        let mut ids: Vec<ProfileId> = self.lanes.keys().cloned().collect();
        ids.sort_by_key(|id| Some(id) != self.focus.as_ref());
        for id in ids {
            let lane = self.lane(&id);
            if lane.busy.is_some() {
                continue;
            }
            if wanted.contains(&id) {
                // Not faster than reads that settle, should one not bring what is waited for.
                let soon = lane.read_done.map_or(now, |done| (done + settle).max(now));
                lane.read_at = lane.read_at.min(soon);
                lane.whole = true;
            }
            if let Some(head) = lane.heads.first().copied() {
                if head <= wall {
                    lane.heads.retain(|at| *at > wall);
                    lane.read_at = now;
                } else {
                    let wait = u64::try_from(head.0 - wall.0).unwrap_or(0);
                    wake = soonest(wake, Some(now + Duration::from_secs(wait)));
                }
            }
            if lane.read_at > now {
                wake = soonest(wake, Some(lane.read_at));
            } else if self.has_room() {
                self.start_read(id);
            }
        }
        wake
    }

    pub(super) fn start_profiles(&mut self) {
        self.profiles_busy = true;
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        self.tasks.push(Box::pin(async move {
            gate.pass().await;
            Done::Profiles(api.profiles().await)
        }));
    }

    fn start_read(&mut self, profile: ProfileId) {
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let (events, failed) = (self.events.clone(), self.lists_failed);
        let began = self.clock.wall();
        let (abort, registration) = AbortHandle::new_pair();
        let lane = self.lane(&profile);
        lane.busy = Some(Busy::Read(abort));
        let changes = lane.changes;
        let revision = lane.revision.filter(|_| !lane.whole);
        self.tasks.push(Box::pin(async move {
            let progress = |read, total| {
                let profile = profile.clone();
                let _ = events.send(SyncEvent::Progress {
                    profile,
                    read,
                    total,
                });
            };
            let read = read::queue(&*api, &gate, &profile, revision, failed, &progress);
            let result = Abortable::new(read, registration).await.ok();
            Done::Read(Read {
                profile,
                began,
                changes,
                result,
            })
        }));
    }

    pub(super) async fn queue_read(&mut self, read: Read) {
        let now = self.clock.elapsed();
        let lane = self.lane(&read.profile);
        lane.busy = None;
        lane.read_at = now;
        let is_old = read.changes != lane.changes;
        // Others may have stored edits for this account meanwhile.
        self.take_stored().await;
        match read.result {
            None => {}
            Some(Ok(_)) if is_old => self.line_works(),
            Some(Ok(QueueRead::Unchanged)) => {
                self.line_works();
                self.read_ended(&read.profile);
            }
            Some(Ok(QueueRead::Read { pending, failed })) => {
                self.line_works();
                self.put_read(&read.profile, read.began, pending, failed)
                    .await;
            }
            Some(Err(error)) => match error.class() {
                Class::SignIn => self.refused_token(&error),
                // The profile may be gone: ask which there are, and do not ask for this one soon.
                Class::Refused => {
                    self.line_works();
                    self.profiles_at = now;
                    let poll = self.settings.pace.poll_focused;
                    self.lane(&read.profile).read_at = now + poll;
                }
                Class::Retry | Class::Unknown => self.line_fails(&error),
            },
        }
    }

    /// Plans the next read.
    fn read_ended(&mut self, profile: &ProfileId) {
        let now = self.clock.elapsed();
        let pace = &self.settings.pace;
        let poll = if self.focus.as_ref() == Some(profile) {
            pace.poll_focused
        } else {
            pace.poll_others
        };
        let next = now + jittered(poll, &mut self.random);
        let lane = self.lane(profile);
        lane.read_done = Some(now);
        lane.read_at = next;
        lane.whole = false;
        if std::mem::take(&mut lane.sent_due) {
            self.asks.push_back(Ask::Sent {
                profile: profile.clone(),
                page: 1,
                by_person: false,
            });
        }
    }

    /// Takes a read in: local ids, what it settles, the cache, the news.
    async fn put_read(
        &mut self,
        profile: &ProfileId,
        began: Timestamp,
        pending: Listed,
        failed: Option<Listed>,
    ) {
        let revision = pending.revision;
        let merged = match self.merge(profile, pending, failed).await {
            Ok(merged) => merged,
            Err(error) => return self.read_not_kept(profile, &error),
        };
        let Merged {
            pending,
            failed,
            changed,
            gone,
            complete,
            is_news,
            mut writes,
            mut events,
        } = merged;
        let rows: Vec<MirrorRow> = pending.iter().map(MirrorRow::of).collect();
        let settled = match complete {
            true => match self
                .settled_by(profile, &rows, &mut writes, &mut events)
                .await
            {
                Ok(settled) => settled,
                Err(error) => {
                    self.still_unknown(&writes);
                    return self.read_not_kept(profile, &error);
                }
            },
            false => Vec::new(),
        };
        let at = self.clock.wall();
        writes.extend(settled.iter().map(|&operation| Write::End {
            operation,
            how: "settled",
            at,
        }));
        let first = self.lane(profile).read_done.is_none();
        if is_news || first || !settled.is_empty() || !writes.is_empty() {
            let mirror = NewMirror {
                profile,
                read_at: began,
                revision,
                pending: &pending,
                failed: &failed,
                changed: &changed,
                gone: &gone,
            };
            if let Err(error) = self.disk.put_queue(&mirror, &writes).await {
                self.still_unknown(&writes);
                return self.read_not_kept(profile, &error);
            }
        }
        self.outbox.remove(&settled);
        for event in events {
            self.emit(event);
        }
        self.note_read(profile, revision, complete, &rows, !gone.is_empty());
        if is_news || first || !settled.is_empty() {
            self.emit(SyncEvent::Queue {
                profile: profile.clone(),
                snapshot: QueueSnapshot {
                    read_at: began,
                    updates: pending,
                    failed,
                },
                settled,
            });
        }
    }

    fn note_read(
        &mut self,
        profile: &ProfileId,
        revision: Option<u64>,
        complete: bool,
        rows: &[MirrorRow],
        some_left: bool,
    ) {
        let head = rows.iter().filter_map(|row| row.due_at).min();
        let wall = self.clock.wall();
        let lane = self.lane(profile);
        lane.sent_due |= some_left;
        lane.revision = revision.filter(|_| complete);
        lane.heads = AFTER_HEAD
            .iter()
            .filter_map(|after| Some(head?.plus(*after)))
            .filter(|at| *at > wall)
            .collect();
        self.read_ended(profile);
    }

    /// What a read proved is not proved if it cannot be kept.
    fn still_unknown(&mut self, writes: &[Write]) {
        for write in writes {
            if let Write::State(id, _) = write
                && let Some(entry) = self.outbox.get_mut(*id)
            {
                entry.state = OperationState::Unknown;
            }
        }
    }

    /// A read that cannot be kept is not shown: its local ids would be others the next time.
    fn read_not_kept(&mut self, profile: &ProfileId, error: &sqlx::Error) {
        self.trouble(error);
        let again = self.clock.elapsed() + self.settings.pace.save_again;
        let lane = self.lane(profile);
        lane.read_at = again;
        lane.whole = true;
    }

    /// Gives every update its local id, and finds what differs from the store.
    async fn merge(
        &mut self,
        profile: &ProfileId,
        pending: Listed,
        failed: Option<Listed>,
    ) -> Result<Merged, sqlx::Error> {
        let known = self.disk.known(profile).await?;
        let old = self.disk.order(profile).await?.unwrap_or_default();
        let mut merged = Merged {
            pending: Vec::new(),
            failed: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
            complete: pending.complete,
            is_news: false,
            writes: Vec::new(),
            events: Vec::new(),
        };
        let mut kept = HashMap::new();
        let failed_complete = failed.as_ref().is_some_and(|failed| failed.complete);
        if !pending.complete || (failed.is_some() && !failed_complete) {
            // What is missing from an incomplete read is not taken for gone.
            kept = self.disk.stored(profile).await?;
        }
        let failed_list = failed.map(|failed| failed.updates).unwrap_or_default();
        merged.pending = self.named(profile, pending.updates, &known, &mut merged)?;
        merged.failed = self.named(profile, failed_list, &known, &mut merged)?;
        if !merged.complete {
            keep_missing(&mut merged.pending, &old.0, &mut kept);
        }
        if !failed_complete {
            keep_missing(&mut merged.failed, &old.1, &mut kept);
        }
        let rows = |updates: &[Update]| updates.iter().map(MirrorRow::of).collect::<Vec<_>>();
        let now = (rows(&merged.pending), rows(&merged.failed));
        let there: HashSet<LocalId> = now.0.iter().chain(&now.1).map(|row| row.local).collect();
        merged.gone = old
            .0
            .iter()
            .chain(&old.1)
            .map(|row| row.local)
            .filter(|local| !there.contains(local))
            .collect();
        merged.is_news = now != old || !merged.changed.is_empty();
        Ok(merged)
    }

    fn named(
        &mut self,
        profile: &ProfileId,
        updates: Vec<crate::domain::update::RemoteUpdate>,
        known: &HashMap<RemoteId, Known>,
        merged: &mut Merged,
    ) -> Result<Vec<Update>, sqlx::Error> {
        let mut named = Vec::with_capacity(updates.len());
        for mut update in updates {
            update.body.profile = profile.clone();
            let before = known.get(&update.id);
            let id = match before {
                Some(known) => known.local,
                None => self.name(profile, &update, &mut merged.writes, &mut merged.events),
            };
            let remote = update.id.clone();
            let update = Update {
                id,
                remote: Some(update.id),
                body: update.body,
            };
            let stored = StoredUpdate::of(&update, &remote)?;
            if before.and_then(|known| known.hash) != Some(stored.hash) {
                merged.changed.push(stored);
            }
            named.push(update);
        }
        Ok(named)
    }

    /// Returns what a complete read settles: what was acknowledged before it began, and orders of
    /// unknown outcome that it shows. An order it does not show is sent again.
    async fn settled_by(
        &mut self,
        profile: &ProfileId,
        rows: &[MirrorRow],
        writes: &mut Vec<Write>,
        events: &mut Vec<SyncEvent>,
    ) -> Result<Vec<OperationId>, sqlx::Error> {
        let mut settled = Vec::new();
        let mut unknown = Vec::new();
        for entry in self.outbox.of(profile) {
            match (&entry.state, &entry.operation.change) {
                (OperationState::Acked, _) => settled.push(entry.operation.id),
                (OperationState::Unknown, Change::Reorder { .. }) => {
                    unknown.push(entry.operation.id);
                }
                _ => {}
            }
        }
        let Some(&last) = unknown.last() else {
            return Ok(settled);
        };
        let wanted = self.disk.wanted(last).await?.unwrap_or_default();
        let state = if order::is_done(&wanted, rows) {
            settled.extend(&unknown);
            OperationState::Acked
        } else {
            OperationState::Queued
        };
        for id in &unknown {
            writes.push(Write::State(*id, state.clone()));
            if let Some(entry) = self.outbox.get_mut(*id) {
                entry.state = state.clone();
            }
        }
        let states = unknown.into_iter().map(|id| (id, state.clone()));
        events.insert(0, SyncEvent::States(states.collect()));
        Ok(settled)
    }
}

/// Puts the updates that an incomplete read lacks back where they were.
fn keep_missing(
    updates: &mut Vec<Update>,
    old: &[MirrorRow],
    stored: &mut HashMap<LocalId, Update>,
) {
    let mut place = 0;
    for row in old {
        if let Some(at) = updates.iter().position(|update| update.id == row.local) {
            place = at + 1;
        } else if let Some(mut update) = stored.remove(&row.local) {
            update.body.due_at = row.due_at;
            updates.insert(place.min(updates.len()), update);
            place += 1;
        }
    }
}
