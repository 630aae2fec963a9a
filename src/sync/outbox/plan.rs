//! Which operations may be sent now.
//!
//! [`Outbox::plan`] is one pass over the operations and says what is ready, what waits for a time
//! and what waits for a read. The rules, per profile:
//!
//! * Operations on one update go in the order they were made; those that were never tried are one
//!   request where the API has one for them ([`Joined`]). A share goes after, or with, every earlier
//!   edit of its update: an old text is never published.
//! * Creates go in the order they were made, except those still in their window.
//! * A reorder waits for what was made before it and changes who is in the queue, and a create for
//!   the reorders before it, as "at the end" and "at the top" depend on them. Reorders that were
//!   made one after the other are one request.
//! * Held and failed operations, and those being looked up, stop only what is about their update.
//! * A delete of the same act as a create in another profile (a move from one to the other) waits
//!   until that create is acknowledged: a refused one never costs the text.
//! * Two creates of the same text are never unknown together, so each can be told when it is found.
//! * A create waits for the delete before it of an update of the same text: the API has no text
//!   twice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use super::join::Joined;
use super::touched::{Touched, close_chain, note};
use super::urgency::{LOOK, ORDER, URGENT, Urgency, aged, class, is_stale, waits_for_create};
use super::{Entry, Outbox};
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, OperationState, Placement};
use crate::domain::text::normalized;
use crate::domain::time::Timestamp;
use crate::sync::Pace;

/// What time it is, and how fast things go.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync) struct Now<'a> {
    pub(in crate::sync) wall: Timestamp,
    pub(in crate::sync) elapsed: Duration,
    pub(in crate::sync) pace: &'a Pace,
    /// Updates that go out by themselves within two minutes.
    pub(in crate::sync) soon: Option<&'a HashSet<LocalId>>,
}

/// Something to do for one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) enum Job {
    /// Send these operations on one update, oldest first, as one request.
    Send(Vec<OperationId>),
    /// Send these reorders as one order.
    Reorder(Vec<OperationId>),
    /// Look up these operations on one update, which went out as one request that made nothing new.
    Look(Vec<OperationId>),
    /// Look up the creates of this profile whose outcome is unknown.
    LookForCreates(Vec<OperationId>),
}

/// What [`Outbox::plan`] found.
#[derive(Debug, Default)]
pub(in crate::sync) struct Plan {
    /// The most urgent job of each profile that has one, most urgent first.
    pub(in crate::sync) ready: Vec<(ProfileId, Job)>,
    /// The profiles of which that job is urgent: it publishes or deletes, or its update goes out
    /// soon.
    pub(in crate::sync) urgent: BTreeSet<ProfileId>,
    /// When the next operation becomes ready by time alone.
    pub(in crate::sync) wake: Option<Duration>,
    /// Reorders that wait for nothing but a read: of an order that was acknowledged or is unknown,
    /// or because the mirror must be newer than this.
    pub(in crate::sync) reads: BTreeSet<ProfileId>,
    /// Shares and creates "now" that waited too long.
    pub(in crate::sync) stale: Vec<OperationId>,
}

/// Operations on one update that may go out as one request.
#[derive(Debug)]
struct Chain {
    update: LocalId,
    ids: Vec<OperationId>,
    joined: Joined,
    /// When the first of them came in.
    since: Duration,
}

/// What the pass knows of one profile.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, read by name"
)]
struct Lane {
    /// Something that changes who is in the queue is not done.
    members_unfinished: bool,
    /// It is done, but the mirror does not show it yet.
    members_unread: bool,
    create_waits: bool,
    unknown_texts: HashSet<String>,
    /// Texts of updates that are to be deleted.
    leaving_texts: HashSet<String>,
    unknown_creates: Vec<OperationId>,
    chains: Vec<Chain>,
    looks: Vec<Vec<OperationId>>,
    last_look: Option<OperationId>,
    /// Requests of several operations that made, or may have made, an update: looking for that is
    /// looking for all of them.
    led_by_create: HashSet<OperationId>,
    /// A reorder is on its way or being looked up.
    order_busy: bool,
    order_unknown: bool,
    batch: Vec<OperationId>,
    batch_closed: bool,
    batch_ready: Duration,
    batch_first: Duration,
    /// Something waits for the batch: it needs no rest of the keys.
    hurry: bool,
    best: Option<(Urgency, Job)>,
}

impl Lane {
    fn offer(&mut self, urgency: Urgency, job: Job) {
        if self.best.as_ref().is_none_or(|(best, _)| urgency < *best) {
            self.best = Some((urgency, job));
        }
    }
}

impl Outbox {
    /// Says what may be done now. `busy` profiles have a request in flight.
    pub(in crate::sync) fn plan(&self, now: Now<'_>, busy: &dyn Fn(&ProfileId) -> bool) -> Plan {
        let mut plan = Plan::default();
        let mut lanes: BTreeMap<&ProfileId, Lane> = BTreeMap::new();
        let mut touched: HashMap<LocalId, Touched> = HashMap::new();
        // Creates that are not done, by what they belong to.
        let mut creating: HashMap<GroupId, &ProfileId> = HashMap::new();
        for entry in &self.entries {
            let lane = lanes.entry(&entry.operation.profile).or_default();
            if let Change::Reorder { .. } = entry.operation.change {
                lane.reorder(entry, now, &mut plan.wake);
                continue;
            }
            match entry.state {
                OperationState::Queued if is_stale(entry, now) => {
                    close_chain(&mut touched, entry);
                    plan.stale.push(entry.id());
                }
                OperationState::Queued if waits_for_create(entry, &creating) => {
                    close_chain(&mut touched, entry);
                }
                OperationState::Queued => lane.queued(entry, &mut touched, now, &mut plan.wake),
                OperationState::Unknown => lane.unknown(entry, now, &mut plan.wake),
                OperationState::Unsaved { .. }
                | OperationState::InFlight
                | OperationState::Acked
                | OperationState::Held { .. }
                | OperationState::Failed { .. } => close_chain(&mut touched, entry),
            }
            lane.note(entry, now);
            lane.note_delete(entry, &touched);
            note(&mut touched, entry);
            let creates = matches!(entry.operation.change, Change::Create { .. });
            if creates && entry.state != OperationState::Acked {
                creating.insert(entry.operation.group, &entry.operation.profile);
            }
        }
        let mut ready = Vec::new();
        for (profile, lane) in lanes {
            let job = lane.finish(profile, now, &mut plan);
            ready.extend(job.map(|(urgency, job)| (urgency, profile, job)));
        }
        ready.retain(|(_, profile, _)| !busy(profile));
        ready.sort_by_key(|(urgency, _, _)| *urgency);
        for (urgency, profile, job) in ready {
            if urgency.0 == URGENT {
                plan.urgent.insert(profile.clone());
            }
            plan.ready.push((profile.clone(), job));
        }
        plan
    }
}

impl Lane {
    /// Takes a reorder into the batch, or notes why it cannot go yet.
    fn reorder(&mut self, entry: &Entry, now: Now<'_>, wake: &mut Option<Duration>) {
        match entry.state {
            OperationState::InFlight => self.order_busy = true,
            OperationState::Unknown => {
                self.order_busy = true;
                if entry.not_until > now.elapsed {
                    *wake = Some(wake.map_or(entry.not_until, |wake| wake.min(entry.not_until)));
                } else {
                    self.order_unknown = true;
                }
            }
            OperationState::Acked => self.members_unread = true,
            OperationState::Unsaved { .. } => {
                self.order_busy |= self.batch.is_empty();
                self.batch_closed = true;
            }
            OperationState::Queued => {
                if self.members_unfinished || self.order_busy || self.batch_closed {
                    self.batch_closed = true;
                    return;
                }
                let rest = if entry.attempts > 0 {
                    Duration::ZERO
                } else {
                    now.pace.reorder_rest
                };
                if self.batch.is_empty() {
                    self.batch_first = entry.added_at + now.pace.reorder_limit;
                }
                self.batch_ready = (entry.added_at + rest)
                    .min(self.batch_first)
                    .max(entry.not_until);
                self.batch.push(entry.id());
            }
            OperationState::Held { .. } | OperationState::Failed { .. } => {}
        }
    }

    /// Begins a chain with an operation that is no reorder, or adds it to that of its update, if
    /// nothing before it stands in its way.
    fn queued(
        &mut self,
        entry: &Entry,
        touched: &mut HashMap<LocalId, Touched>,
        now: Now<'_>,
        wake: &mut Option<Duration>,
    ) {
        let change = &entry.operation.change;
        let Some(update) = change.updates().first().copied() else {
            return;
        };
        // Whatever comes next, later ones cannot go past this one.
        let open = touched.entry(update).or_default().open_chain.take();
        // One that began in the queue of another profile is none of this one.
        let chain = open.and_then(|at| self.chains.get(at));
        let chain = chain.filter(|chain| chain.update == update);
        let joined = chain.and_then(|chain| chain.joined.with(change));
        if joined.is_none() && (open.is_some() || self.is_blocked(entry, touched)) {
            return;
        }
        if let Some(ready) = waits_until(entry, now) {
            *wake = Some(wake.map_or(ready, |wake| wake.min(ready)));
            return;
        }
        let at = match (open, joined) {
            (Some(at), Some(joined)) if !entry.tried => {
                let Some(chain) = self.chains.get_mut(at) else {
                    return;
                };
                chain.ids.push(entry.id());
                chain.joined = joined;
                at
            }
            (Some(_), _) => return,
            (None, _) => {
                self.chains.push(Chain {
                    update,
                    ids: vec![entry.id()],
                    joined: Joined::One(change.clone()),
                    since: entry.added_at,
                });
                self.chains.len() - 1
            }
        };
        // What was tried may have arrived in part: it is sent again as it was.
        if !entry.tried {
            touched.entry(update).or_default().open_chain = Some(at);
        }
    }

    fn is_blocked(&mut self, entry: &Entry, touched: &HashMap<LocalId, Touched>) -> bool {
        let on = |update: &LocalId| touched.get(update);
        match &entry.operation.change {
            Change::Create {
                content, placement, ..
            } => {
                if *placement != Placement::Now && (!self.batch.is_empty() || self.order_busy) {
                    self.hurry = true;
                    return true;
                }
                let text = normalized(&content.text);
                (*placement != Placement::Now && self.create_waits)
                    || self.unknown_texts.contains(&text)
                    || self.leaving_texts.contains(&text)
            }
            Change::Edit { update, .. } | Change::Requeue { update } => {
                on(update).is_some_and(|t| t.unfinished || t.edit_held || t.create_stuck)
            }
            Change::Share { update, .. } => on(update)
                .is_some_and(|t| t.unfinished || t.edit_held || t.edit_failed || t.create_stuck),
            Change::Destroy { update, .. } => {
                on(update).is_some_and(|t| t.unfinished || t.create_stuck)
            }
            Change::Reorder { .. } => true,
        }
    }

    /// Offers a look for an operation whose outcome is unknown.
    fn unknown(&mut self, entry: &Entry, now: Now<'_>, wake: &mut Option<Duration>) {
        if let Change::Create { content, .. } = &entry.operation.change {
            self.unknown_texts.insert(normalized(&content.text));
        }
        if entry.not_until > now.elapsed {
            *wake = Some(wake.map_or(entry.not_until, |wake| wake.min(entry.not_until)));
        } else if let Change::Create { .. } = entry.operation.change {
            self.unknown_creates.push(entry.id());
        } else if entry
            .request
            .is_none_or(|request| !self.led_by_create.contains(&request))
        {
            self.add_look(entry);
        }
        if let (Change::Create { .. }, Some(request)) = (&entry.operation.change, entry.request) {
            self.led_by_create.insert(request);
        }
    }

    /// Adds a look for an operation; what went out in one request is one look.
    fn add_look(&mut self, entry: &Entry) {
        let request = entry.request;
        if request.is_some() && request == self.last_look {
            if let Some(look) = self.looks.last_mut() {
                look.push(entry.id());
            }
            return;
        }
        self.last_look = request;
        self.looks.push(vec![entry.id()]);
    }

    /// Notes what an operation that is no reorder means for later ones of its profile.
    fn note(&mut self, entry: &Entry, now: Now<'_>) {
        let in_window = entry.opens_at > now.elapsed;
        let changes_members = match &entry.operation.change {
            Change::Create { placement, .. } => *placement != Placement::Now,
            Change::Edit { base, want, .. } => base.own_time != want.own_time,
            Change::Requeue { .. } => true,
            Change::Share { .. } | Change::Destroy { .. } | Change::Reorder { .. } => false,
        };
        if !changes_members {
            return;
        }
        if entry.is_unfinished() {
            self.members_unfinished = true;
            if matches!(entry.operation.change, Change::Create { .. })
                && entry.state != OperationState::Unknown
                && !in_window
            {
                self.create_waits = true;
            }
        } else if entry.state == OperationState::Acked {
            self.members_unread = true;
        }
    }

    /// Notes a delete that will be done: until then the API refuses the same text again. One that
    /// waits behind a create the person has to decide on is of no update there is.
    fn note_delete(&mut self, entry: &Entry, touched: &HashMap<LocalId, Touched>) {
        if let Change::Destroy { update, seen } = &entry.operation.change
            && entry.is_unfinished()
            && !touched.get(update).is_some_and(|t| t.create_stuck)
        {
            self.leaving_texts.insert(normalized(&seen.text));
        }
    }

    /// Turns what the pass found into the lane's share of the plan.
    fn finish(
        mut self,
        profile: &ProfileId,
        now: Now<'_>,
        plan: &mut Plan,
    ) -> Option<(Urgency, Job)> {
        if !self.unknown_creates.is_empty() {
            let creates = std::mem::take(&mut self.unknown_creates);
            self.offer((LOOK, LOOK), Job::LookForCreates(creates));
        }
        if let Some(look) = std::mem::take(&mut self.looks).into_iter().next() {
            self.offer((LOOK, LOOK), Job::Look(look));
        }
        for chain in std::mem::take(&mut self.chains) {
            let class = if chain.is_due_soon(now) {
                URGENT
            } else {
                class(&chain.joined)
            };
            self.offer(aged(class, chain.since, now), Job::Send(chain.ids));
        }
        if self.order_unknown {
            plan.reads.insert(profile.clone());
        }
        if !self.batch.is_empty() {
            if self.batch_ready > now.elapsed && !self.hurry {
                plan.wake = Some(
                    plan.wake
                        .map_or(self.batch_ready, |wake| wake.min(self.batch_ready)),
                );
            } else if self.members_unread {
                plan.reads.insert(profile.clone());
            } else {
                let batch = std::mem::take(&mut self.batch);
                let since = self.batch_first.saturating_sub(now.pace.reorder_limit);
                self.offer(aged(ORDER, since, now), Job::Reorder(batch));
            }
        }
        self.best
    }
}

impl Chain {
    /// Says whether its update goes out by itself before it may be too late.
    fn is_due_soon(&self, now: Now<'_>) -> bool {
        let updates = match &self.joined {
            Joined::One(change @ (Change::Edit { .. } | Change::Destroy { .. })) => {
                change.updates()
            }
            _ => return false,
        };
        now.soon
            .is_some_and(|soon| updates.iter().any(|update| soon.contains(update)))
    }
}

/// Returns until when an operation waits for its window or for its next try; none: not at all.
fn waits_until(entry: &Entry, now: Now<'_>) -> Option<Duration> {
    Some(entry.not_until.max(entry.opens_at)).filter(|ready| *ready > now.elapsed)
}
