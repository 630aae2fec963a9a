//! What the agent (the worker without a screen) knows of its account, and the few lines it says.
//!
//! It watches the worker's news as an editor does, but keeps only how far each operation has come and
//! how long the queues are: texts are neither kept nor said, as the lines may end in a log of the
//! system. It says at once what needs the person and how the line is, and counts at most once a
//! minute.

use std::collections::BTreeMap;

use crate::domain::id::{OperationId, ProfileId};
use crate::domain::operation::OperationState;
use crate::domain::replica::{Counts, QueueDelta};
use crate::domain::shown::Shown;
use crate::domain::time::Timestamp;
use crate::protocol::{Link, SyncEvent};

/// Counts are said at most this often, in seconds.
const PAUSE: i64 = 60;

/// The worker without a screen, as its person knows it.
#[derive(Debug, Default)]
pub struct Agent {
    operations: BTreeMap<OperationId, OperationState>,
    queues: BTreeMap<ProfileId, u64>,
    sent: usize,
    store: Store,
    line: Line,
    /// The counts that were said last, and when.
    said: Option<(Tally, Timestamp)>,
    lines: Vec<Shown>,
}

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Store {
    /// Not read yet.
    #[default]
    Unread,
    /// It cannot be opened: what waits in it is not known.
    Absent,
    /// What waits in it is known.
    Read,
}

/// How the line is, as far as it is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Line {
    #[default]
    Unknown,
    /// This instance sends.
    Leads,
    /// Another one sends.
    Follows,
    /// Requests fail.
    Offline,
    /// Nothing is sent until the person does something; what.
    SignIn(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    sent: usize,
    counts: Counts,
}

impl Agent {
    /// Takes a piece of the worker's news.
    pub fn hear(&mut self, event: SyncEvent, now: Timestamp) {
        match event {
            SyncEvent::Restored {
                queues,
                rest,
                operations,
                ..
            } => {
                self.queues = rest.into_iter().collect();
                let queues = queues.into_iter();
                self.count_queues(queues.map(|(profile, queue)| (profile, queue.updates.len())));
                self.operations = operations.into_iter().map(|(o, how)| (o.id, how)).collect();
                if self.store != Store::Absent {
                    self.store = Store::Read;
                }
            }
            SyncEvent::Rest(queues) => {
                let queues = queues.into_iter();
                let count = |queue: QueueDelta| queue.pending.rows().len();
                self.count_queues(queues.map(|(profile, queue)| (profile, count(queue))));
            }
            SyncEvent::Added(operations) => {
                let added = operations.into_iter().map(|(o, how)| (o.id, how));
                self.operations.extend(added);
            }
            SyncEvent::States(states) => {
                for (id, how) in states {
                    self.take_state(id, how);
                }
            }
            SyncEvent::Cancelled(id) => {
                self.operations.remove(&id);
            }
            SyncEvent::Queue {
                profile,
                delta,
                settled,
            } => {
                for id in settled {
                    self.take_state(id, OperationState::Acked);
                    self.operations.remove(&id);
                }
                self.queues
                    .insert(profile, delta.pending.rows().len() as u64);
            }
            SyncEvent::Link(link) => self.take_link(link),
            SyncEvent::StoreTrouble(text) => {
                if self.store == Store::Unread {
                    self.store = Store::Absent;
                }
                self.say(&text);
            }
            SyncEvent::StoreWell => {
                if self.store == Store::Absent {
                    self.store = Store::Unread;
                }
                self.say("the store can be written again");
            }
            SyncEvent::NotRead { reason, .. } => {
                self.say(&format!("a queue was not read: {reason}"));
            }
            SyncEvent::Notice(text) => self.say(&text),
            SyncEvent::Rebased(_)
            | SyncEvent::Assigned { .. }
            | SyncEvent::TooLate(_)
            | SyncEvent::Profiles(_)
            | SyncEvent::Unchanged { .. }
            | SyncEvent::Progress { .. }
            | SyncEvent::Sent(_)
            | SyncEvent::Tags(_)
            | SyncEvent::Interactions { .. }
            | SyncEvent::LoadFailed { .. }
            | SyncEvent::Answered(_)
            | SyncEvent::Capabilities(_)
            | SyncEvent::Called(_) => {}
        }
        self.count(now);
    }

    /// Returns what is to be said now.
    pub fn lines(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.lines)
    }

    /// Says the counts if they changed and it is time; [`Self::rings_at`] tells when it will be.
    pub fn count(&mut self, now: Timestamp) {
        if self.store != Store::Read {
            return;
        }
        let tally = self.tally();
        let is_due = match self.said {
            None => true,
            Some((said, at)) => {
                let needs_more = need(tally.counts) > need(said.counts);
                said != tally && (needs_more || now.0 >= at.0 + PAUSE)
            }
        };
        if is_due {
            self.say_counts(tally, now);
        }
    }

    /// Says the counts, if they are not what was said last: nothing comes after this.
    pub fn part(&mut self, now: Timestamp) {
        let tally = self.tally();
        if self.store == Store::Read && self.said.is_none_or(|(said, _)| said != tally) {
            self.say_counts(tally, now);
        }
    }

    /// Returns when counts that changed are to be said.
    pub fn rings_at(&self) -> Option<Timestamp> {
        let (said, at) = self.said?;
        (said != self.tally()).then_some(Timestamp(at.0 + PAUSE))
    }

    /// Says whether nothing waits any more that time or a line could help.
    pub fn is_done(&self) -> bool {
        self.store == Store::Read && self.counts().waiting == 0
    }

    /// Returns what the person has to do before anything can be sent from here, if there is such.
    pub fn sign_in(&self) -> Option<&str> {
        match &self.line {
            Line::SignIn(reason) => Some(reason),
            Line::Unknown | Line::Leads | Line::Follows | Line::Offline => None,
        }
    }

    /// Counts what is not confirmed.
    pub fn counts(&self) -> Counts {
        Counts::of(self.operations.values())
    }

    /// Counts the updates in the queues.
    pub fn pending(&self) -> u64 {
        self.queues.values().sum()
    }

    /// Says whether another instance sends.
    pub fn follows(&self) -> bool {
        self.line == Line::Follows
    }

    fn tally(&self) -> Tally {
        Tally {
            sent: self.sent,
            counts: self.counts(),
        }
    }

    fn count_queues(&mut self, queues: impl Iterator<Item = (ProfileId, usize)>) {
        self.queues
            .extend(queues.map(|(profile, count)| (profile, count as u64)));
    }

    fn take_state(&mut self, id: OperationId, how: OperationState) {
        // Only what is known can be counted once.
        let Some(before) = self.operations.get_mut(&id) else {
            return;
        };
        let is_sent = |state: &OperationState| matches!(state, OperationState::Acked);
        if is_sent(&how) && !is_sent(before) {
            self.sent += 1;
        }
        *before = how;
    }

    fn take_link(&mut self, link: Link) {
        let was = self.line.clone();
        let is = match link {
            Link::Follower => Line::Follows,
            // What the one that sends tells of its line is its own affair.
            Link::Offline { .. } | Link::Limited { .. } | Link::SignIn { .. } if self.follows() => {
                return;
            }
            Link::Offline { reason, .. } => {
                if was != Line::Offline {
                    self.say(&format!("offline: {reason}; it is tried again"));
                }
                Line::Offline
            }
            Link::SignIn { reason } => Line::SignIn(reason),
            Link::Online { .. } => Line::Leads,
            // It has to come before what is said of the line.
            Link::Connecting if was == Line::Follows => Line::Leads,
            Link::Connecting | Link::Limited { .. } => return,
        };
        match (&was, &is) {
            (Line::Follows, Line::Leads) => self.say("this one sends from now on"),
            (Line::Offline, Line::Leads) => self.say("online again"),
            (was, Line::Follows) if *was != Line::Follows => {
                self.say("another qurate sends; this one goes on when that one ends");
            }
            _ => {}
        }
        self.line = is;
    }

    fn say(&mut self, text: &str) {
        self.lines.push(Shown::new(text));
    }

    fn say_counts(&mut self, tally: Tally, now: Timestamp) {
        self.said = Some((tally, now));
        let (sent, counts) = (tally.sent, tally.counts);
        let mut words = Vec::new();
        if sent > 0 {
            words.push(format!("{sent} sent"));
        }
        match counts.waiting {
            0 => words.push("nothing waits".to_owned()),
            1 => words.push("1 change waits".to_owned()),
            n => words.push(format!("{n} changes wait")),
        }
        for (count, what) in [(counts.held, "held"), (counts.failed, "refused")] {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        }
        let mut text = words.join(", ");
        if need(counts) > 0 {
            text.push_str("; w in the editor says why");
        }
        self.say(&text);
    }
}

/// How many need the person.
fn need(counts: Counts) -> usize {
    counts.held + counts.failed
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::domain::id::GroupId;
    use crate::domain::operation::{Change, Hold, Operation};

    fn restored(states: &[OperationState]) -> SyncEvent {
        let operations = (0..).zip(states);
        SyncEvent::Restored {
            profiles: Vec::new(),
            queues: Vec::new(),
            rest: Vec::new(),
            sent: Vec::new(),
            operations: operations
                .map(|(n, how)| (operation(n), how.clone()))
                .collect(),
            drafts: Vec::new(),
            history: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn operation(number: u128) -> Operation {
        Operation {
            id: OperationId(Ulid::from(number)),
            group: GroupId(Ulid::from(number)),
            profile: ProfileId::parse("a").unwrap(),
            made_at: Timestamp(0),
            not_before: None,
            change: Change::Reorder { moves: Vec::new() },
        }
    }

    fn became(number: u128, how: OperationState) -> SyncEvent {
        SyncEvent::States(vec![(operation(number).id, how)])
    }

    fn held() -> OperationState {
        OperationState::Held {
            why: Hold::Closed,
            reason: "a secret text".to_owned(),
        }
    }

    fn said(agent: &mut Agent) -> Vec<String> {
        let lines = agent.lines().into_iter();
        lines.map(|line| line.as_str().to_owned()).collect()
    }

    const QUEUED: OperationState = OperationState::Queued;

    #[test]
    fn counts_are_said_once_a_minute_and_what_needs_the_person_at_once() {
        let mut agent = Agent::default();
        agent.hear(restored(&[QUEUED, QUEUED, QUEUED]), Timestamp(0));
        assert_eq!(said(&mut agent), ["3 changes wait"]);
        agent.hear(became(0, OperationState::InFlight), Timestamp(1));
        agent.hear(became(0, OperationState::Acked), Timestamp(2));
        assert_eq!(said(&mut agent), [""; 0]);
        assert_eq!(agent.rings_at(), Some(Timestamp(60)));
        agent.hear(became(1, held()), Timestamp(3));
        let words = "1 sent, 1 change waits, 1 held; w in the editor says why";
        assert_eq!(said(&mut agent), [words]);
        assert_eq!(agent.rings_at(), None);
        agent.hear(became(2, OperationState::Acked), Timestamp(4));
        assert!(agent.is_done());
        assert_eq!(agent.rings_at(), Some(Timestamp(63)));
        agent.count(Timestamp(63));
        let words = "2 sent, nothing waits, 1 held; w in the editor says why";
        assert_eq!(said(&mut agent), [words]);
        agent.part(Timestamp(64));
        assert_eq!(said(&mut agent), [""; 0], "that was said");
    }

    #[test]
    fn what_a_read_settles_was_sent_though_nobody_said_so() {
        let mut agent = Agent::default();
        agent.hear(restored(&[QUEUED]), Timestamp(0));
        agent.lines();
        let settled = vec![operation(0).id];
        let read = SyncEvent::Queue {
            profile: ProfileId::parse("a").unwrap(),
            delta: QueueDelta::default(),
            settled,
        };
        agent.queues.insert(ProfileId::parse("a").unwrap(), 7);
        agent.hear(read, Timestamp(1));
        assert_eq!(agent.pending(), 0, "as it was read");
        agent.part(Timestamp(1));
        assert_eq!(said(&mut agent), ["1 sent, nothing waits"]);
        assert_eq!(agent.counts(), Counts::default());
    }

    #[test]
    fn a_store_that_cannot_be_opened_is_not_an_empty_one() {
        let mut agent = Agent::default();
        let trouble = SyncEvent::StoreTrouble("the disk is full".to_owned());
        agent.hear(trouble, Timestamp(0));
        agent.hear(restored(&[]), Timestamp(0));
        assert!(!agent.is_done());
        agent.hear(SyncEvent::StoreWell, Timestamp(1));
        assert!(!agent.is_done());
        agent.hear(restored(&[QUEUED]), Timestamp(1));
        assert!(!agent.is_done());
        let words = [
            "the disk is full",
            "the store can be written again",
            "1 change waits",
        ];
        assert_eq!(said(&mut agent), words);
    }

    #[test]
    fn the_line_of_the_one_that_sends_is_not_ours() {
        let mut agent = Agent::default();
        let sign_in = || {
            SyncEvent::Link(Link::SignIn {
                reason: "a new token".to_owned(),
            })
        };
        agent.hear(SyncEvent::Link(Link::Follower), Timestamp(0));
        agent.hear(sign_in(), Timestamp(0));
        assert_eq!(agent.sign_in(), None);
        agent.hear(SyncEvent::Link(Link::Connecting), Timestamp(1));
        agent.hear(sign_in(), Timestamp(1));
        assert_eq!(agent.sign_in(), Some("a new token"));
        let words = [
            "another qurate sends; this one goes on when that one ends",
            "this one sends from now on",
        ];
        assert_eq!(said(&mut agent), words);
    }
}
