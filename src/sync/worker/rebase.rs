//! What a complete read means for the operations that live: what it settles, what it contradicts,
//! and what is in conflict with it (`sync.md` 4.2).

use std::collections::{HashMap, HashSet};

use super::Worker;
use super::merge::{List, movable};
use crate::api::Api;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::merge::rebase;
use crate::domain::operation::{Change, Move, Operation, OperationState, Placement};
use crate::domain::update::Body;
use crate::protocol::SyncEvent;
use crate::sync::disk::{MirrorRow, Write};
use crate::sync::look::{self, Finding, State};
use crate::sync::order;
use crate::sync::outbox::{Entry, Joined};

/// What is written and said with a read.
pub(super) struct News<'a> {
    pub(super) writes: &'a mut Vec<Write>,
    pub(super) events: &'a mut Vec<SyncEvent>,
}

impl<A: Api> Worker<A> {
    /// Returns what a complete read settles: what was acknowledged before it began and what it
    /// shows done. What is in conflict with it is held.
    pub(super) async fn settled_by(
        &mut self,
        profile: &ProfileId,
        pending: &List,
        news: &mut News<'_>,
    ) -> Result<Vec<OperationId>, sqlx::Error> {
        if self.outbox.of(profile).next().is_none() {
            return Ok(Vec::new());
        }
        // Of those that operations touch it has all.
        let bodies = pending.bodies.iter();
        let bodies: HashMap<LocalId, &Body> = bodies.map(|u| (u.id, &u.body)).collect();
        let mut settled = self.settled_acked(profile, &bodies, news);
        settled.extend(self.settled_orders(profile, &pending.rows, news).await?);
        settled.extend(self.fit_edits(profile, &bodies, news));
        Ok(settled)
    }

    /// Fits the reorders that live to the queue as it is now: where the neighbours they were made
    /// against are gone or were moved by others, they get those that mean the same.
    pub(super) fn carry_over_orders(
        &mut self,
        profile: &ProfileId,
        before: &[LocalId],
        rows: &[MirrorRow],
        news: &mut News<'_>,
    ) {
        let now = movable(rows);
        if before == now {
            return;
        }
        let orders = self.outbox.of(profile).filter_map(|entry| {
            let failed = matches!(entry.state, OperationState::Failed { .. });
            match &entry.operation.change {
                Change::Reorder { moves } if !failed => Some((entry, moves)),
                _ => None,
            }
        });
        // Also those that this read settles: later ones were made after them.
        let orders: Vec<_> = orders.collect();
        let is_done = |(entry, _): &&(&Entry, _)| entry.state == OperationState::Acked;
        let done = orders.iter().take_while(is_done).count();
        if done == orders.len() {
            // All are in the read already.
            return;
        }
        let (ids, orders): (Vec<OperationId>, Vec<Vec<Move>>) = orders
            .into_iter()
            .map(|(entry, moves)| (entry.operation.id, moves.clone()))
            .unzip();
        let mut rebased = Vec::new();
        for (id, moves) in ids.into_iter().zip(rebase(before, &orders, done, &now)) {
            let Some(moves) = moves else { continue };
            let Some(entry) = self.outbox.get_mut(id) else {
                continue;
            };
            // What is acknowledged is in the read already.
            if entry.state != OperationState::Acked {
                entry.operation.change = Change::Reorder { moves };
                rebased.push(entry.operation.clone());
            }
        }
        let writes = rebased.iter().cloned().map(Box::new);
        news.writes.extend(writes.map(Write::Rebase));
        if !rebased.is_empty() {
            news.events.push(SyncEvent::Rebased(rebased));
        }
    }

    /// What was acknowledged is settled, unless the read shows something else for the first time:
    /// it may be behind. The second time it is believed, and said.
    fn settled_acked(
        &mut self,
        profile: &ProfileId,
        bodies: &HashMap<LocalId, &Body>,
        news: &mut News<'_>,
    ) -> Vec<OperationId> {
        let mut settled = Vec::new();
        let mut contradicted = Vec::new();
        let mut later: HashSet<LocalId> = HashSet::new();
        let all: Vec<_> = self.outbox.of(profile).collect();
        for entry in all.into_iter().rev() {
            let updates = entry.operation.change.updates();
            if entry.state == OperationState::Acked {
                let last = updates.iter().all(|update| !later.contains(update));
                let word = contradiction(&entry.operation, bodies).filter(|_| last);
                match word {
                    Some(_) if !entry.contradicted => contradicted.push(entry.operation.id),
                    Some(word) => {
                        settled.push(entry.operation.id);
                        if let Contradiction::Said(text) = word {
                            news.events.push(SyncEvent::Notice(text));
                        }
                    }
                    None => settled.push(entry.operation.id),
                }
            }
            if !matches!(entry.operation.change, Change::Reorder { .. }) {
                later.extend(updates);
            }
        }
        for id in contradicted {
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.contradicted = true;
            }
        }
        settled
    }

    /// Orders of unknown outcome that the read shows are done; one it does not show is sent again,
    /// unless that never works.
    async fn settled_orders(
        &mut self,
        profile: &ProfileId,
        rows: &[MirrorRow],
        news: &mut News<'_>,
    ) -> Result<Vec<OperationId>, sqlx::Error> {
        let unknown: Vec<OperationId> = self
            .outbox
            .of(profile)
            .filter(|entry| {
                entry.state == OperationState::Unknown
                    && matches!(entry.operation.change, Change::Reorder { .. })
            })
            .map(|entry| entry.operation.id)
            .collect();
        let Some(&last) = unknown.last() else {
            return Ok(Vec::new());
        };
        let wanted = self.disk.wanted(last).await?.unwrap_or_default();
        let done = order::is_done(&wanted, rows);
        let state = if done {
            OperationState::Acked
        } else {
            self.after_fault(&unknown)
        };
        self.set_states(&unknown, &state, news);
        Ok(if done { unknown } else { Vec::new() })
    }

    /// Compares what waits with what is there now. What somebody else did already is settled; what
    /// would overwrite what somebody else wrote, or do what cannot be undone to something the
    /// person has not seen, is held.
    fn fit_edits(
        &mut self,
        profile: &ProfileId,
        bodies: &HashMap<LocalId, &Body>,
        news: &mut News<'_>,
    ) -> Vec<OperationId> {
        let mut settled = Vec::new();
        let mut found = Vec::new();
        let mut earlier: HashSet<LocalId> = HashSet::new();
        for entry in self.outbox.of(profile) {
            let change = &entry.operation.change;
            let (Some(&update), false) = (
                change.updates().first(),
                matches!(change, Change::Reorder { .. }),
            ) else {
                continue;
            };
            // It begins where an earlier one of ours ends, not with what is there now.
            let first = earlier.insert(update);
            if let (true, OperationState::Queued, Some(body)) =
                (first, &entry.state, bodies.get(&update))
                && let Some(finding) = look::before(&Joined::One(change.clone()), body)
            {
                found.push((entry.operation.id, finding));
            }
        }
        for (id, finding) in found {
            match finding {
                Finding::Done => {
                    self.set_states(&[id], &OperationState::Acked, news);
                    settled.push(id);
                }
                Finding::Held(why, reason) => {
                    self.set_states(&[id], &OperationState::Held { why, reason }, news);
                }
                Finding::NotDone | Finding::NotYet => {}
            }
        }
        settled
    }

    fn set_states(&mut self, ids: &[OperationId], state: &OperationState, news: &mut News<'_>) {
        for &id in ids {
            news.writes.push(Write::State(id, state.clone()));
            if let Some(entry) = self.outbox.get_mut(id) {
                entry.state = state.clone();
            }
        }
        let states = ids.iter().map(|&id| (id, state.clone()));
        news.events.push(SyncEvent::States(states.collect()));
    }
}

/// The queue as read is not as an acknowledged operation left it.
enum Contradiction {
    /// Worth saying, if it stays so.
    Said(String),
    /// It may have gone out already.
    Quiet,
}

/// Says how the queue as read differs from what an acknowledged operation left; none: it does not.
fn contradiction(operation: &Operation, bodies: &HashMap<LocalId, &Body>) -> Option<Contradiction> {
    let said = |text| Some(Contradiction::Said(text));
    match &operation.change {
        Change::Edit { update, base, want } => {
            let body = bodies.get(update)?;
            let line = first_line(&want.content.text);
            if look::closest(base, want, body) == Some(State::Wanted) {
                return None;
            }
            said(format!("your edit “{line}” was replaced by somebody else"))
        }
        Change::Create {
            update, placement, ..
        } => (*placement != Placement::Now && !bodies.contains_key(update))
            .then_some(Contradiction::Quiet),
        Change::Destroy { update, seen } => {
            let line = first_line(&seen.text);
            if !bodies.contains_key(update) {
                return None;
            }
            said(format!("“{line}” was deleted and is there again"))
        }
        Change::Share { .. } | Change::Requeue { .. } | Change::Reorder { .. } => None,
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect()
}
