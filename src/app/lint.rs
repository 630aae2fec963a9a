//! The findings of the queue on the screen: when they are looked for, what was found, what it says.
//!
//! Nothing of this happens on a key. When what waits has changed, a *pass* begins; it goes on in
//! slices of about a millisecond, each asked for by [`Effect::Continue`](super::Effect::Continue)
//! and done when nobody has typed anything. A pass goes over all updates, but only those that
//! changed since the last one cost more than a glance. Until it is over the old findings show.
//!
//! Compared with each other are the pending updates of the profile and those of its sent ones that
//! were read, up to [`RECENT_DAYS`] days old. That another network would cut a text is told only
//! where the same text waits for a profile of that network too: what goes nowhere is cut by nobody.

mod found;
mod words;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::state::State;
use crate::domain::id::{IdMap, LocalId, ProfileId};
use crate::domain::length::Length;
use crate::domain::lint::similar::Twins;
use crate::domain::lint::{Cut, Finding, Weight, crowded, of_content, past, too_long};
use crate::domain::profile::Profile;
use crate::domain::replica::ShownQueue;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

use found::Found;
pub use words::words;

/// Sent updates older than this are not compared with.
pub const RECENT_DAYS: i64 = 30;

/// What one slice costs: a glance is 1, a text looked at anew about 20 (and 20 µs).
const SLICE: u32 = 1_000;
const ANEW: u32 = 20;

/// The findings of one queue.
#[derive(Debug, Clone, Default)]
pub struct Lint {
    found: Found,
    counts: Counts,
    /// What is wrong with the texts alone, as they were when they were looked at last.
    alone: IdMap<LocalId, Box<[Finding]>>,
    twins: Twins,
    /// Of what the last pass was begun.
    begun: Option<Begun>,
    pass: Option<Pass>,
    /// When the next own time is over.
    next_past: Option<Timestamp>,
}

/// How many updates have findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// With a serious one.
    pub serious: usize,
    /// With hints only.
    pub hints: usize,
}

/// What findings are of: when it changes they are looked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Begun {
    profile: ProfileId,
    edition: u64,
    sent: (usize, Option<LocalId>),
}

/// Where a pass stands.
#[derive(Debug, Clone, Default)]
struct Pass {
    phase: Phase,
    /// Texts that wait for another profile and are too long there, by their digests.
    over: HashMap<u64, (LocalId, ProfileId, Length)>,
    updates: Vec<LocalId>,
    /// What has to do with times and other profiles.
    beside: IdMap<LocalId, Box<[Finding]>>,
    next_past: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The queues of the other profiles.
    Others {
        profile: usize,
        row: usize,
    },
    Pending {
        row: usize,
    },
    Sent,
    Twins,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Others { profile: 0, row: 0 }
    }
}

impl Lint {
    /// Returns what was found of an update, the worst first.
    pub fn of(&self, update: LocalId) -> impl Iterator<Item = &Finding> {
        self.found.of(update)
    }

    /// Returns the worst that was found of an update.
    pub fn worst(&self, update: LocalId) -> Option<&Finding> {
        self.of(update).next()
    }

    /// Returns all updates something was found of, in the order they were made.
    pub fn updates(&self) -> impl Iterator<Item = LocalId> {
        self.found.worst().map(|(update, _)| update)
    }

    /// Returns all updates that say the same as another one, or nearly, and those others.
    pub(crate) fn twins(&self) -> impl Iterator<Item = LocalId> {
        let says = |finding: &Finding| matches!(finding, Finding::Same(_) | Finding::Alike(_));
        let twins = self.found.all().filter(move |(_, finding)| says(finding));
        twins.flat_map(|(id, finding)| [id].into_iter().chain(finding.other()))
    }

    /// Returns how many updates have findings.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Says whether a pass is not over.
    pub fn is_looking(&self) -> bool {
        self.pass.is_some()
    }

    /// Begins a pass if what waits has changed since the last one began.
    pub(crate) fn begin(&mut self, state: &State) {
        let Some(begun) = begun(state) else {
            *self = Self::default();
            return;
        };
        let is_over = self.next_past.is_some_and(|at| at < state.now);
        if self.begun.as_ref() == Some(&begun) && !is_over {
            return;
        }
        if self.begun.as_ref().map(|old| &old.profile) != Some(&begun.profile) {
            *self = Self::default();
        }
        self.begun = Some(begun);
        self.next_past = None;
        let rows = state.shown().map_or(&[][..], ShownQueue::rows);
        self.twins.begin(rows.len());
        self.pass = Some(Pass {
            updates: rows.iter().map(|row| row.update).collect(),
            ..Pass::default()
        });
    }

    /// Goes on with the pass for one slice.
    pub(crate) fn go_on(&mut self, state: &State) {
        let Some(mut pass) = self.pass.take() else {
            return;
        };
        let (Some(profile), Some(shown)) = (state.profile(), state.shown()) else {
            return;
        };
        let mut budget = SLICE;
        while budget > 0 {
            match pass.phase {
                Phase::Others { profile, row } => pass.others(state, &mut budget, profile, row),
                Phase::Pending { row } => {
                    self.pending(&mut pass, state, (profile, shown), &mut budget, row);
                }
                Phase::Sent => {
                    for update in recent(state) {
                        let digest = digest(update);
                        if !self.twins.keeps(update.id, digest) {
                            let text = &update.body.content.text;
                            self.twins.put(update.id, digest, text, true);
                            // It may have been pending before.
                            self.alone.remove(&update.id);
                            budget = budget.saturating_sub(ANEW);
                        }
                    }
                    self.twins.end();
                    pass.phase = Phase::Twins;
                }
                Phase::Twins => {
                    let text = |id: LocalId| {
                        let update = shown.update(id).or_else(|| state.update(id))?;
                        Some(update.body.content.text.as_str())
                    };
                    if self.twins.look(&mut budget, &text) {
                        return self.end(&pass);
                    }
                }
            }
        }
        self.pass = Some(pass);
    }

    /// Looks at the pending updates from one on.
    fn pending(
        &mut self,
        pass: &mut Pass,
        state: &State,
        (profile, shown): (&Profile, &ShownQueue),
        budget: &mut u32,
        from: usize,
    ) {
        let mut at = from;
        while *budget > 0 {
            let Some(id) = pass.updates.get(at).copied() else {
                pass.phase = Phase::Sent;
                return;
            };
            at += 1;
            *budget = budget.saturating_sub(1);
            let Some(update) = shown.update(id) else {
                continue;
            };
            let digest = digest_for(update, profile);
            if !self.twins.keeps(id, digest) {
                *budget = budget.saturating_sub(ANEW);
                let content = &update.body.content;
                self.twins.put(id, digest, &content.text, false);
                let found = of_content(content, &profile.service, profile.character_limit);
                // At once: a pass that is overtaken is not gone through to its end.
                if found.is_empty() {
                    self.alone.remove(&id);
                } else {
                    self.alone.insert(id, found.into_boxed_slice());
                }
            }
            pass.beside(state, shown, update);
        }
        pass.phase = Phase::Pending { row: at };
    }

    /// Costs as much as there are findings, however many updates there are.
    fn end(&mut self, pass: &Pass) {
        let twins = &self.twins;
        self.alone.retain(|id, _| twins.holds(*id));
        let most = self.alone.len() + pass.beside.len() + twins.found().len();
        let mut found = Vec::with_capacity(most);
        for (id, some) in self.alone.iter().chain(&pass.beside) {
            found.extend(some.iter().map(|finding| (*id, finding.clone())));
        }
        found.extend(twins.found().iter().map(|(id, twin)| {
            let finding = if twin.same {
                Finding::Same
            } else {
                Finding::Alike
            };
            (*id, finding(twin.other))
        }));
        self.next_past = pass.next_past;
        self.found = Found::new(found);
        self.counts = Counts::default();
        for (_, worst) in self.found.worst() {
            match worst.weight() {
                Weight::Serious => self.counts.serious += 1,
                Weight::Hint => self.counts.hints += 1,
            }
        }
    }
}

impl Pass {
    /// Looks for texts that are too long for another profile they wait for.
    fn others(&mut self, state: &State, budget: &mut u32, at: usize, from: usize) {
        let Some(profile) = state.profiles().get(at) else {
            self.phase = Phase::Pending { row: 0 };
            return;
        };
        let shown = state.replica.queue(&profile.id);
        let shown = shown.filter(|_| Some(&profile.id) != state.profile.as_ref());
        let Some((shown, rows)) = shown.map(|shown| (shown, shown.rows())) else {
            self.phase = Phase::Others {
                profile: at + 1,
                row: 0,
            };
            return;
        };
        let mut row = from;
        while *budget > 0 && row < rows.len() {
            *budget = budget.saturating_sub(1);
            let update = shown.update(rows[row].update);
            row += 1;
            let Some(text) = update.map(|update| update.body.content.text.as_str()) else {
                continue;
            };
            // Counting is slow, but few texts are near a limit.
            if let Some(length) = too_long(&profile.service, text, profile.character_limit) {
                *budget = budget.saturating_sub(ANEW);
                let over = (rows[row - 1].update, profile.id.clone(), length);
                self.over.insert(text_digest(text), over);
            }
        }
        self.phase = if row < rows.len() {
            Phase::Others { profile: at, row }
        } else {
            Phase::Others {
                profile: at + 1,
                row: 0,
            }
        };
    }

    /// Looks at the time of an update, and whether it would be cut elsewhere.
    fn beside(&mut self, state: &State, shown: &ShownQueue, update: &Update) {
        let mut found = Vec::new();
        if let Some(own) = update.body.own_time {
            found.extend(past(Some(own), state.now));
            let own_time = |id| shown.update(id).and_then(|other| other.body.own_time);
            let row = shown.queue.find(update.id);
            found.extend(row.and_then(|row| crowded(shown.rows(), row, own_time)));
            if own.at >= state.now {
                let next = self.next_past.unwrap_or(own.at);
                self.next_past = Some(next.min(own.at));
            }
        }
        if !self.over.is_empty()
            && let Some((other, profile, length)) =
                self.over.get(&text_digest(&update.body.content.text))
        {
            found.push(Finding::Cut(Box::new(Cut {
                other: *other,
                profile: profile.clone(),
                length: *length,
            })));
        }
        if !found.is_empty() {
            self.beside.insert(update.id, found.into_boxed_slice());
        }
    }
}

fn begun(state: &State) -> Option<Begun> {
    let profile = state.profile.clone()?;
    state.shown()?;
    let sent = state.sent();
    let updates = sent.map_or(&[][..], |sent| sent.updates.as_slice());
    Some(Begun {
        profile,
        edition: state.replica.edition(),
        sent: (updates.len(), updates.first().map(|update| update.id)),
    })
}

/// The sent updates that are compared with.
pub(crate) fn recent(state: &State) -> impl Iterator<Item = &Update> {
    let since = state.now.plus(-RECENT_DAYS * 86_400);
    let updates = state.sent().map_or(&[][..], |sent| sent.updates.as_slice());
    updates.iter().take(200).filter(move |update| {
        let sent = update.body.outcome.sent.as_ref();
        sent.is_none_or(|sent| sent.at >= since)
    })
}

fn digest(update: &Update) -> u64 {
    let mut hasher = DefaultHasher::new();
    update.body.content.hash(&mut hasher);
    hasher.finish()
}

/// A number for all that what is wrong with a content follows from.
fn digest_for(update: &Update, profile: &Profile) -> u64 {
    let mut hasher = DefaultHasher::new();
    update.body.content.hash(&mut hasher);
    (&profile.service, profile.character_limit).hash(&mut hasher);
    hasher.finish()
}

fn text_digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.trim().hash(&mut hasher);
    hasher.finish()
}
