//! Keeps on disk how many requests were made lately, so that a restart forgets none, and knows
//! whether the person is there.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use super::lane::Busy;
use super::line::limit_of;
use super::{Lane, Worker};
use crate::api::Api;
use crate::domain::id::{LocalId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::time::Timestamp;
use crate::protocol::{Capabilities, SyncCommand};
use crate::sync::budget::{MINUTE, Rank};
use crate::sync::disk::Write;

/// The fact that holds the times of the last requests.
const REQUESTS: &str = "requests";
/// The fact that holds the limit the server advertised last, or [`NO_LIMIT`]; nothing if it says
/// nothing of one.
const LIMIT: &str = "limit";
const NO_LIMIT: &str = "none";
/// So many requests may pass at the same time, before that is written.
const UNWRITTEN: usize = 1;
/// So many requests are read at most.
const MOST: usize = 1000;
/// After so long without a key the person is not there.
const AWAY: Duration = Duration::from_mins(5);
/// While changes wait, a queue is read this often all the same: the focused one, and the others.
const AT_LEAST: [Duration; 2] = [Duration::from_mins(2), Duration::from_mins(5)];
/// While changes need the budget, a read looks so often whether they still do.
const TIGHT_REST: Duration = Duration::from_secs(2);
/// Of what the limit lets through, reads that nobody waits for take so much at most, as far as they
/// can be put off; and that long after its time one is late, in rounds of all queues.
const SHARE: f64 = 0.6;
const LATE: u32 = 2;
/// So many updates a request brings where pages overlap.
const A_PAGE: usize = 75;
/// What is due in less than this is urgent.
const SOON: i64 = 120;

/// What the worker knows of the person.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// When the person last did something.
    awake_at: Duration,
    /// How long reading all queues takes, as it was when a read was planned last.
    round: Cell<Duration>,
}

impl<A: Api> Worker<A> {
    /// Takes the limit the server advertised last, until it can be asked: a start shall not wait for
    /// one that there is not.
    pub(super) async fn restore_limit(&mut self) {
        // What cannot be read is as if it never said anything.
        let said = self.disk.fact(LIMIT).await.ok().flatten();
        let said = said.unwrap_or_default();
        if said == NO_LIMIT {
            self.gate.set_limit(None);
        } else if let Ok(limit) = said.parse() {
            self.gate.set_limit(Some(limit));
        }
    }

    /// Takes the limit the server advertises, if it says what it can; else what is known of it.
    pub(super) async fn take_limit(&mut self, said: Option<&Capabilities>) {
        let text = said.map_or_else(String::new, |said| match said.requests_per_minute {
            Some(limit) => limit.to_string(),
            None => NO_LIMIT.to_owned(),
        });
        let known = self.disk.fact(LIMIT).await.ok().flatten();
        if known.unwrap_or_default() != text {
            let fact = Write::Fact(LIMIT, text);
            self.record(vec![fact], Vec::new()).await;
        }
        let was_limited = self.gate.is_limited();
        self.gate.set_limit(match said {
            Some(said) => said.requests_per_minute,
            None => self.settings.requests_per_minute.map(limit_of),
        });
        if !was_limited {
            self.restore_budget().await;
        }
    }

    /// Counts the requests of the last minute that the run before this one made.
    pub(super) async fn restore_budget(&mut self) {
        if !self.gate.is_limited() {
            return;
        }
        let wall = self.clock.wall();
        let made = match self.disk.fact(REQUESTS).await {
            Ok(fact) => Made::parse(fact.as_deref().unwrap_or_default()),
            Err(error) => {
                self.trouble(&error);
                // As if all of them had just been made.
                return self.gate.restore(&[(Duration::ZERO, wall); 20]);
            }
        };
        let mut times = made.times;
        let since = wall.plus(-seconds(MINUTE));
        match self.disk.tries_since(since.max(made.until)).await {
            Ok(tries) => times.extend(tries.into_iter().filter(|at| *at > made.until)),
            Err(error) => self.trouble(&error),
        }
        // A worker that ended without a word may have made some more.
        times.extend(std::iter::repeat_n(made.until.plus(1), made.open));
        let aged = |at: Timestamp| {
            // What seems to be yet to come was made just now: the clock was set back.
            let at = at.min(wall);
            let age = wall.0.saturating_sub(at.0);
            // Whole seconds: it may be younger than it looks.
            let age = u64::try_from(age).unwrap_or(0).saturating_sub(1);
            (Duration::from_secs(age), at)
        };
        let mut made: Vec<_> = times.into_iter().map(aged).collect();
        made.retain(|(age, _)| *age < MINUTE);
        self.gate.restore(&made);
        let write = self.requests_made(false);
        self.keep_budget(write).await;
    }

    /// Returns what has to be written of the requests made, if something has.
    pub(super) fn unwritten_requests(&mut self) -> Option<Write> {
        if !self.gate.is_limited() || !self.gate.is_unwritten() || !self.role.is_leader() {
            return None;
        }
        self.gate.take_unwritten();
        Some(self.requests_made(false))
    }

    /// Writes the requests made: not all of them are followed by another commit.
    pub(super) async fn write_requests(&mut self) {
        if let Some(write) = self.unwritten_requests() {
            self.keep_budget(write).await;
        }
    }

    /// Writes the requests made, at the end.
    pub(super) async fn close_budget(&mut self) {
        if self.gate.is_limited() && self.role.is_leader() {
            let write = self.requests_made(true);
            self.keep_budget(write).await;
        }
    }

    async fn keep_budget(&mut self, write: Write) {
        if !self.role.is_leader() {
            return;
        }
        if let Err(error) = self.disk.commit(&[write]).await {
            // The next one holds all of it.
            tracing::warn!(%error, "the times of requests are not written");
        }
    }

    fn requests_made(&self, closed: bool) -> Write {
        let wall = self.clock.wall();
        let times = self.gate.stamps();
        let made = Made {
            open: if closed {
                0
            } else {
                self.gate.at_once().min(UNWRITTEN)
            },
            until: wall,
            times,
        };
        Write::Fact(REQUESTS, made.to_text())
    }

    /// Notes that the person is there, if a command says so.
    pub(super) fn note_person(&mut self, command: &SyncCommand) {
        match command {
            SyncCommand::Enqueue(_)
            | SyncCommand::Focus(_)
            | SyncCommand::Refresh
            | SyncCommand::LoadSent { .. }
            | SyncCommand::LoadInteractions { .. }
            | SyncCommand::Ask(_)
            | SyncCommand::Cancel(_)
            | SyncCommand::Retry(_)
            | SyncCommand::Discard(_)
            | SyncCommand::SaveDraft(_)
            | SyncCommand::DropDraft(_)
            | SyncCommand::Tag(_)
            | SyncCommand::Awake => {}
            SyncCommand::Keep { .. } | SyncCommand::Quit(_) => return,
        }
        let now = self.clock.elapsed();
        let was_away = self.is_away();
        self.ledger.awake_at = now;
        if !was_away {
            return;
        }
        // What was promised to a person who is there.
        let (focused, others) = (self.poll(true), self.poll(false));
        let focus = self.focus.clone();
        for (id, lane) in &mut self.lanes {
            let poll = if Some(id) == focus.as_ref() {
                focused
            } else {
                others
            };
            let due = lane.read_done.map_or(now, |done| (done + poll).max(now));
            lane.read_at = lane.read_at.min(due);
        }
    }

    fn is_away(&self) -> bool {
        self.ledger.awake_at + AWAY < self.clock.elapsed()
    }

    /// How long after a read the next one is due.
    pub(super) fn poll(&self, focused: bool) -> Duration {
        let pace = &self.settings.pace;
        let round = self.round();
        self.ledger.round.set(round);
        match (focused, self.is_away()) {
            (true, false) => pace.poll_focused,
            (true, true) => pace.poll_focused * 4,
            (false, false) => pace.poll_others.max(round),
            (false, true) => (pace.poll_others * 5 / 2).max(round),
        }
    }

    /// How long it takes to read all queues once where requests are few. Were one due again before
    /// the others had their turn, these would never be read.
    fn round(&self) -> Duration {
        let Some(a_minute) = self.gate.refill() else {
            return Duration::ZERO;
        };
        let requests = |lane: &Lane| match lane.revision {
            Some(_) => 1,
            None => 1 + lane.rows / A_PAGE,
        };
        let requests: usize = self.lanes.values().map(requests).sum();
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        Duration::from_secs_f64(f64::from(requests) * 60.0 / (SHARE * a_minute))
    }

    /// Says whether changes need what is left of the budget, so that reads nobody waits for have
    /// to give way.
    pub(super) fn is_tight(&self) -> bool {
        self.gate.is_limited()
            && !self.gate.has_spare()
            && self.outbox.entries().iter().any(|entry| {
                matches!(
                    entry.state,
                    OperationState::Queued | OperationState::InFlight | OperationState::Unknown
                )
            })
    }

    /// Says when a queue is read at the latest, whatever else there is to do.
    pub(super) fn latest_read(&self, profile: &ProfileId, lane: &Lane) -> Option<Duration> {
        let [focused, other] = AT_LEAST;
        let is_focused = self.focus.as_ref() == Some(profile);
        let longest = if is_focused {
            focused
        } else {
            other.max(self.ledger.round.get() * LATE)
        };
        lane.read_done.map(|done| done + longest)
    }

    /// Says whether a queue that was never read waits until the one on the screen was. They would share
    /// what the limit lets through: of a large account that one would be there last.
    pub(super) fn gives_way(&self, profile: &ProfileId) -> bool {
        let first = self.profiles.first().map(|profile| &profile.id);
        let Some(first) = self.focus.as_ref().or(first) else {
            return false;
        };
        let never = |profile| !self.kept.contains_key(profile);
        let is_read = || {
            let lane = self.lanes.get(first);
            lane.is_some_and(|lane| matches!(lane.busy, Some(Busy::Read(_))))
        };
        self.gate.is_limited() && first != profile && never(profile) && never(first) && is_read()
    }

    /// Starts a read whose time has come, unless changes need the budget more. Says when it may be
    /// started then.
    pub(super) fn start_due_read(
        &mut self,
        profile: ProfileId,
        wanted: &BTreeSet<ProfileId>,
        is_tight: bool,
    ) -> Option<Duration> {
        let now = self.clock.elapsed();
        let is_limited = self.gate.is_limited();
        let on_screen = self.focus.as_ref() == Some(&profile);
        let lane = self.lanes.get(&profile)?;
        let latest = self.latest_read(&profile, lane);
        let is_late = latest.is_some_and(|latest| latest <= now);
        let kept = lane.needed || (is_limited && (is_late || wanted.contains(&profile)));
        if !kept && let Some(latest) = latest.filter(|_| is_tight) {
            return Some(latest.min(now + TIGHT_REST));
        }
        let rank = if kept { Rank::Change } else { Rank::Poll };
        // What waits for the budget would only be in the way of what may go.
        if !kept && let Some(wait) = self.gate.delay(on_screen) {
            return Some(now + wait);
        }
        let profile = if kept || on_screen || !is_limited {
            profile
        } else {
            self.longest_due().unwrap_or(profile)
        };
        self.start_read(profile, rank);
        None
    }

    /// Returns the queue whose read waits longest for its turn.
    fn longest_due(&self) -> Option<ProfileId> {
        let now = self.clock.elapsed();
        let first = self
            .lanes
            .iter()
            .filter(|(id, lane)| lane.busy.is_none() && lane.due() <= now && !self.gives_way(id))
            .min_by_key(|(_, lane)| lane.due());
        first.map(|(id, _)| id.clone())
    }

    /// Returns the updates that go out by themselves within two minutes.
    pub(super) fn due_soon(&self) -> HashSet<LocalId> {
        let soon = self.clock.wall().plus(SOON);
        let due = self.lanes.values().flat_map(|lane| &lane.due);
        due.filter(|(at, _)| *at < soon)
            .map(|(_, id)| *id)
            .collect()
    }
}

/// The times of the last requests as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Made {
    /// How many requests may have been made after this and before the next that was written.
    open: usize,
    /// When this was written.
    until: Timestamp,
    times: Vec<Timestamp>,
}

impl Made {
    fn to_text(&self) -> String {
        let head = [self.open.to_string(), self.until.0.to_string()];
        let times = self.times.iter().map(|at| at.0.to_string());
        head.into_iter().chain(times).collect::<Vec<_>>().join(" ")
    }

    /// Reads what was written; what makes no sense counts as nothing.
    fn parse(text: &str) -> Self {
        let mut words = text.split(' ');
        let open: usize = words.next().and_then(|open| open.parse().ok()).unwrap_or(0);
        let mut times = words.filter_map(|word| Some(Timestamp(word.parse().ok()?)));
        Self {
            open: open.min(MOST),
            until: times.next().unwrap_or(Timestamp(0)),
            times: times.take(MOST).collect(),
        }
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_nonsense_is_nothing() {
        let made = Made {
            open: 3,
            until: Timestamp(1_000_000),
            times: vec![Timestamp(999_990), Timestamp(999_999)],
        };
        assert_eq!(Made::parse(&made.to_text()), made);
        for text in ["", "x", "closed now", "-1 x", "99999999999999999999 1"] {
            let made = Made::parse(text);
            assert!(
                made.open <= MOST && made.times.is_empty(),
                "{text}: {made:?}"
            );
        }
    }
}
