//! What goes on for one profile, and when its queue is to be read.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::AbortHandle;

use crate::domain::id::LocalId;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::sync::budget::Rank;

/// How long after the head's time the queue is read, in seconds: publishing takes a moment.
const AFTER_HEAD: [i64; 2] = [3, 15];
/// What goes out by then is known until the next read, in seconds.
const HORIZON: i64 = 15 * 60;

/// A queue that takes long to read is not read before it had no change of ours for this long.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// What goes on for one profile. At most one request is in flight for it.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) busy: Option<Busy>,
    /// When its queue is to be read next, if nothing was acknowledged.
    pub(super) read_at: Duration,
    /// When it is to be read to settle what was acknowledged; what is acknowledged later puts it off.
    pub(super) settle_at: Option<Duration>,
    /// How long the last read took that ended well.
    pub(super) read_took: Duration,
    /// Failed reads in a row: one bad list must not keep the worker busy.
    pub(super) read_failures: u32,
    /// Not read before this, whatever waits for a read: the last one failed.
    pub(super) read_rests: Duration,
    /// How many updates its queue had when it was read last.
    pub(super) rows: usize,
    /// Updates that the last complete read did not show: gone, if the next one does not either.
    pub(super) missing: HashSet<LocalId>,
    /// When a read of it last ended well.
    pub(super) read_done: Option<Duration>,
    /// The server's number of what was read.
    pub(super) revision: Option<u64>,
    /// Read all, whatever the server's number says.
    pub(super) whole: bool,
    /// The first page of sent updates is to be read again.
    pub(super) sent_due: bool,
    /// Grows with every change of ours; a read that began before one is thrown away.
    pub(super) changes: u64,
    /// When the head goes out: the queue is read soon after.
    pub(super) heads: Vec<Timestamp>,
    /// What goes out in the next minutes, as it was read last.
    pub(super) due: Vec<(Timestamp, LocalId)>,
    /// An edit waits for a read.
    pub(super) needed: bool,
}

#[derive(Debug)]
pub(super) enum Busy {
    /// A change, or a look.
    Change,
    /// A read.
    Read(UnderWay),
}

/// A read of a queue that is being made.
#[derive(Debug)]
pub(super) struct UnderWay {
    /// When it began.
    pub(super) began: Duration,
    pub(super) abort: AbortHandle,
    pub(super) rank: Rank,
    /// Until when only what is urgent ends it.
    pub(super) lasts_until: Option<Duration>,
    /// The person asked for a read meanwhile: what this one brings may be older than that.
    pub(super) again: bool,
}

impl UnderWay {
    /// Ends it for a change; a read that changes wait for, or that was put off for long, only for
    /// an urgent one.
    pub(super) fn give_way_to(&self, change: Rank, now: Duration) {
        let lasts = self.lasts_until.is_some_and(|until| now < until);
        if (self.rank == Rank::Poll && !lasts) || change == Rank::Urgent {
            self.abort.abort();
        }
    }
}

impl Lane {
    /// What is known of a queue whose server's number is known from the store: it need not be read
    /// again if that number is still the same.
    pub(super) fn prepared(revision: u64, pending: &[Update], wall: Timestamp) -> Self {
        let mut lane = Self {
            revision: Some(revision),
            ..Self::default()
        };
        lane.note_times(pending.iter().map(|u| (u.id, u.body.due_at)), wall);
        lane
    }

    /// Notes how many updates wait, and what goes out soon.
    pub(super) fn note_times(
        &mut self,
        pending: impl ExactSizeIterator<Item = (LocalId, Option<Timestamp>)>,
        wall: Timestamp,
    ) {
        self.rows = pending.len();
        self.due.clear();
        let (mut head, horizon) = (None, wall.plus(HORIZON));
        for (update, at) in pending {
            let Some(at) = at else { continue };
            head = Some(head.map_or(at, |head: Timestamp| head.min(at)));
            if at < horizon {
                self.due.push((at, update));
            }
        }
        let heads = AFTER_HEAD
            .iter()
            .filter_map(|after| Some(head?.plus(*after)));
        self.heads = heads.filter(|at| *at > wall).collect();
    }

    /// When its queue is to be read next.
    pub(super) fn due(&self) -> Duration {
        let first = self
            .settle_at
            .map_or(self.read_at, |at| at.min(self.read_at));
        first.max(self.read_rests)
    }

    /// How long after a change of ours it is read; `settle` at least. The next change would have a read
    /// that takes long begin anew, and while somebody makes one after the other it would never end.
    pub(super) fn rest(&self, settle: Duration) -> Duration {
        settle.max((self.read_took * 2).min(LONGEST_REST))
    }

    /// Has all of it read as something waits for that; not faster than reads that `settle`, should one
    /// not bring what is waited for.
    pub(super) fn read_soon(&mut self, now: Duration, settle: Duration) {
        let soon = self.read_done.map_or(now, |done| (done + settle).max(now));
        self.read_at = self.read_at.min(soon);
        self.whole = true;
    }

    /// Has its lists read at once, whatever the server's number says and whatever failed before.
    pub(super) fn read_now(&mut self, now: Duration) {
        self.read_at = now;
        self.read_rests = Duration::ZERO;
        self.whole = true;
        self.sent_due = true;
    }
}
