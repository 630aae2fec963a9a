//! Reads of the queues: when each is due, and what it brings.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable};

use super::asks::Ask;
use super::lane::{Busy, UnderWay};
use super::merge::{Merged, delta};
use super::rebase::News;
use super::{Done, Worker, soonest};
use crate::api::{Api, Class};
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Hold, OperationState};
use crate::domain::time::Timestamp;
use crate::protocol::SyncEvent;
use crate::sync::allowance::NotRead;
use crate::sync::backoff::{backoff, jittered};
use crate::sync::budget::Rank;
use crate::sync::disk::{MirrorRow, NewMirror, Write};
use crate::sync::read::{self, Listed, QueueRead, Terms};

/// While changes need the budget, the list of profiles waits so long before it asks again.
const PROFILES_REST: Duration = Duration::from_secs(10);
/// The first read of a queue goes on for so long though somebody writes: of a long queue it takes many
/// minutes, and would begin anew each time. A second one does not: changes shall not wait for what
/// never comes.
const FIRST_READ: Duration = Duration::from_mins(30);
/// From so many updates on, it is strange if most of them vanish at once.
const MANY: usize = 10;

/// The end of a read of a queue.
pub(super) struct Read {
    profile: ProfileId,
    /// When it began, and how many changes of ours there were until then.
    began: Timestamp,
    changes: u64,
    /// None: it gave way to a change.
    result: Option<Result<QueueRead, NotRead>>,
}

impl<A: Api> Worker<A> {
    /// Starts the reads that are due, the focused profile first. Says when the next one is.
    pub(super) fn start_reads(&mut self, wanted: &BTreeSet<ProfileId>) -> Option<Duration> {
        let (now, wall) = (self.clock.elapsed(), self.clock.wall());
        let settle = self.settings.pace.settle;
        let mut wake = None;
        let is_tight = self.is_tight();
        if is_tight {
            // Profiles change seldom.
            self.profiles_at = self.profiles_at.max(now + PROFILES_REST);
        }
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
                lane.read_soon(now, settle);
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
            let due = lane.due();
            if due > now {
                wake = soonest(wake, Some(due));
            } else if self.has_room() && !self.gives_way(&id) {
                wake = soonest(wake, self.start_due_read(id, wanted, is_tight));
            }
        }
        wake
    }

    pub(super) fn start_read(&mut self, profile: ProfileId, rank: Rank) {
        let (api, gate) = (Arc::clone(&self.api), Rc::clone(&self.gate));
        let (events, failed) = (self.events.clone(), self.lists_failed);
        let began = self.clock.wall();
        let (abort, registration) = AbortHandle::new_pair();
        let (now, is_first) = (self.clock.elapsed(), !self.kept.contains_key(&profile));
        let lane = self.lane(&profile);
        let lasts = is_first && lane.read_failures == 0;
        let lasts_until = lasts.then_some(now + FIRST_READ);
        lane.settle_at = None;
        lane.busy = Some(Busy::Read(UnderWay {
            began: now,
            abort,
            rank,
            lasts_until,
            again: false,
        }));
        let changes = lane.changes;
        let allowance = Rc::clone(&self.allowance);
        let (replaces, stored) = (self.kept_bytes(&profile), self.stored_of(&profile));
        let lane = self.lane(&profile);
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
            let terms = Terms {
                gate: &gate,
                rank,
                allowance: &allowance,
                replaces,
                stored: &stored,
            };
            let read = read::queue(&*api, terms, &profile, revision, failed, &progress);
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
        let (now, settle) = (self.clock.elapsed(), self.settings.pace.settle);
        let lane = self.lane(&read.profile);
        let busy = lane.busy.take();
        let again = matches!(busy, Some(Busy::Read(UnderWay { again: true, .. })));
        lane.read_at = now;
        lane.needed = false;
        let is_old = read.changes != lane.changes;
        if is_old || read.result.is_none() {
            lane.read_at = now + lane.rest(settle);
        } else if let (Some(Ok(QueueRead::Read { .. })), Some(Busy::Read(ended))) =
            (&read.result, busy)
        {
            lane.read_took = now.saturating_sub(ended.began);
        }
        // Others may have stored edits for this account meanwhile.
        self.take_stored().await;
        let profile = read.profile.clone();
        self.read_came(read, is_old).await;
        if again {
            self.lane(&profile).read_now(now);
        }
    }

    async fn read_came(&mut self, read: Read, is_old: bool) {
        match read.result {
            None => {}
            Some(Ok(_)) if is_old => self.line_works(),
            Some(Ok(QueueRead::Unchanged)) => {
                self.line_works();
                self.read_ended(&read.profile);
                self.emit(SyncEvent::Unchanged {
                    profile: read.profile,
                    read_at: read.began,
                });
            }
            Some(Ok(QueueRead::Read { pending, failed })) => {
                self.line_works();
                self.put_read(&read.profile, read.began, pending, failed)
                    .await;
            }
            Some(Err(NotRead::TooMuch(why))) => {
                self.line_works();
                self.too_much(read.profile, why);
            }
            Some(Err(NotRead::Api(error))) => match error.class() {
                Class::SignIn => self.refused_token(&error),
                // The profile may be gone: ask which there are, and do not ask for this one soon.
                Class::Refused => {
                    self.line_works();
                    self.profiles_at = self.clock.elapsed();
                    let poll = self.settings.pace.poll_focused;
                    self.rest_reads(&read.profile, poll);
                    self.hold_orders_of_none(&read.profile).await;
                }
                Class::Retry | Class::Unknown => {
                    self.line_fails(&error);
                    let lane = self.lane(&read.profile);
                    let failures = lane.read_failures + 1;
                    let wait = backoff(failures, &self.settings.pace, &mut self.random);
                    self.rest_reads(&read.profile, wait);
                }
            },
        }
    }

    /// Says whether the account has this profile, as far as is known.
    pub(super) fn has_profile(&self, profile: &ProfileId) -> bool {
        self.profiles.iter().any(|known| known.id == *profile)
    }

    /// Has the next read of a queue wait, also if an order waits for it: it would fail the same way.
    pub(super) fn rest_reads(&mut self, profile: &ProfileId, wait: Duration) {
        let until = self.clock.elapsed() + wait;
        let lane = self.lane(profile);
        lane.read_failures += 1;
        lane.read_at = until;
        lane.read_rests = until;
    }

    /// An order of a queue that cannot be read, of a profile the account does not have any more,
    /// would wait for ever.
    async fn hold_orders_of_none(&mut self, profile: &ProfileId) {
        if self.has_profile(profile) {
            return;
        }
        let orders: Vec<OperationId> = self
            .outbox
            .of(profile)
            .filter(|entry| {
                entry.state == OperationState::Queued
                    && matches!(entry.operation.change, Change::Reorder { .. })
            })
            .map(|entry| entry.operation.id)
            .collect();
        self.hold(
            &orders,
            Hold::Gone,
            "the account does not have this profile any more",
        )
        .await;
    }

    /// Plans the next read.
    fn read_ended(&mut self, profile: &ProfileId) {
        let now = self.clock.elapsed();
        let is_tight = self.is_tight();
        let poll = self.poll(self.focus.as_ref() == Some(profile));
        // Sooner at most: the time is a promise.
        let next = now + jittered(poll, &mut self.random).min(poll);
        let lane = self.lane(profile);
        lane.read_failures = 0;
        lane.read_done = Some(now);
        lane.read_at = next;
        lane.whole = false;
        // While changes need the budget, it can wait for a later read.
        if !is_tight && std::mem::take(&mut lane.sent_due) {
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
        let states = self.states_of(profile);
        let merged = match self.merge(profile, pending, failed).await {
            Ok(Some(merged)) => merged,
            Ok(None) => return self.read_all_again(profile),
            Err(error) => return self.read_not_kept(profile, states, &error),
        };
        let Merged {
            pending,
            failed,
            changed,
            bytes,
            stored,
            doubted,
            differences,
            is_known,
            before,
            complete,
            is_news,
            mut writes,
            mut events,
            ..
        } = merged;
        let gone: Vec<LocalId> = differences.gone().collect();
        // What came was counted as it came.
        let stays = !complete || !doubted.is_empty();
        if let (true, Err(why)) = (stays, self.fits(profile, bytes)) {
            self.put_back(states);
            return self.too_much_with(profile, doubted, &gone, why);
        }
        let mut settled = Vec::new();
        if complete {
            let mut news = News {
                writes: &mut writes,
                events: &mut events,
            };
            self.carry_over_orders(profile, &before, &pending.rows, &mut news);
            match self.settled_by(profile, &pending, &mut news).await {
                Ok(by_this) => settled = by_this,
                Err(error) => return self.read_not_kept(profile, states, &error),
            }
        }
        let at = self.clock.wall();
        writes.extend(settled.iter().map(|&operation| Write::End {
            operation,
            how: "settled",
            at,
        }));
        let first = self.lane(profile).read_done.is_none();
        if is_news || first || !settled.is_empty() || !writes.is_empty() {
            let bodies = pending.bodies.iter().chain(&failed.bodies);
            let mirror = NewMirror {
                profile,
                read_at: began,
                // After the next start it stands for what is kept here: nothing in doubt.
                revision: revision.filter(|_| complete && doubted.is_empty()),
                pending: &pending.rows,
                failed: &failed.rows,
                changed: bodies.filter(|u| changed.contains(&u.id)).collect(),
                gone: &gone,
            };
            self.step().await;
            match self.disk.put_queue(&mirror, &writes).await {
                Ok(generation) => self.handed.insert(profile.clone(), generation),
                Err(error) => return self.read_not_kept(profile, states, &error),
            };
        }
        self.step().await;
        self.outbox.remove(&settled);
        for event in events {
            self.emit(event);
        }
        self.note_kept(profile, bytes, stored.sorted());
        let rows = &pending.rows;
        self.note_read(profile, revision, complete, rows, !gone.is_empty());
        self.note_doubts(profile, doubted, &gone, rows.len());
        let has_settled = !settled.is_empty();
        if is_news || first || has_settled {
            self.emit(SyncEvent::Queue {
                profile: profile.clone(),
                delta: delta(began, pending, failed, is_known.then_some(differences)),
                settled,
            });
        } else if complete {
            self.emit(SyncEvent::Unchanged {
                profile: profile.clone(),
                read_at: began,
            });
        }
        if has_settled {
            self.count_outbox().await;
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
        let wall = self.clock.wall();
        let lane = self.lane(profile);
        lane.sent_due |= some_left;
        lane.note_times(rows.iter().map(|row| (row.local, row.due_at)), wall);
        lane.revision = revision.filter(|_| complete);
        self.read_ended(profile);
    }

    /// What a read did not show, and what of what was sent it contradicts, is read again soon.
    fn note_doubts(
        &mut self,
        profile: &ProfileId,
        doubted: HashSet<LocalId>,
        gone: &[LocalId],
        left: usize,
    ) {
        let before = left + gone.len();
        if before >= MANY && gone.len() * 2 > before {
            let text = format!(
                "{} of {before} updates are gone from the queue at once; nothing was deleted here",
                gone.len()
            );
            self.emit(SyncEvent::Notice(text));
        }
        let contradicted = self
            .outbox
            .of(profile)
            .any(|entry| entry.contradicted && entry.state == OperationState::Acked);
        let soon = self.clock.elapsed() + self.settings.pace.settle;
        let lane = self.lane(profile);
        if contradicted || !doubted.is_empty() {
            lane.read_at = lane.read_at.min(soon);
            lane.whole = true;
        }
        lane.missing = doubted;
    }

    fn states_of(&self, profile: &ProfileId) -> Vec<(OperationId, OperationState)> {
        let all = self.outbox.of(profile);
        all.map(|entry| (entry.operation.id, entry.state.clone()))
            .collect()
    }

    /// What a read proved is not proved if it cannot be kept.
    fn put_back(&mut self, states: Vec<(OperationId, OperationState)>) {
        for (id, state) in states {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.state = state;
            }
        }
    }

    /// A read that cannot be kept is not shown: its local ids would be others the next time.
    fn read_not_kept(
        &mut self,
        profile: &ProfileId,
        states: Vec<(OperationId, OperationState)>,
        error: &sqlx::Error,
    ) {
        self.put_back(states);
        // Whether it was stored after all is not known.
        self.handed.remove(profile);
        self.trouble(error);
        let again = self.clock.elapsed() + self.settings.pace.save_again;
        let lane = self.lane(profile);
        lane.read_at = again;
        lane.whole = true;
    }
}
