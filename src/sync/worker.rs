//! The loop: commands, answers and times in; requests, commits and events out.
//!
//! One task owns everything, so there is no lock. A request is a future in `tasks` that is polled
//! beside the command channel; whatever it brings is handled here, between two commands.

mod account;
mod alive;
mod asks;
mod budget;
mod commands;
mod conserved;
mod following;
mod found;
mod lane;
mod leading;
mod line;
mod looking;
mod merge;
mod opening;
mod ordering;
mod outcome;
mod quitting;
mod reads;
mod ready;
mod rebase;
mod role;
mod room;
mod run;
mod saving;
mod sending;

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::budget::Rank;
use super::disk::{Disk, Found, Write};
use super::outbox::{Now, Outbox, Plan};
use super::peers::Peers;
use super::watched::Watched;
use super::{Clock, Settings};
use crate::api::Api;
use crate::domain::id::{IdSource, OperationId, ProfileId};
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::protocol::{Link, SyncCommand, SyncEvent};
use crate::store::StoreError;
use crate::sync::allowance::Allowance;
use room::Kept;

use asks::Ask;
use budget::Ledger;
use following::Following;
use lane::{Busy, Lane};
pub(super) use line::Gate;
use line::Line;
use role::{Role, taken};
pub(super) use run::run;
use saving::Saving;

/// Requests in flight at once, in all.
const MOST_TASKS: usize = 4;

/// How far signing in has come: nothing is sent before it is known for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Account {
    Unknown,
    Asking,
    Ready,
    /// The token was refused, or is somebody else's.
    Refused,
}

/// What a finished task brought.
type Task = LocalBoxFuture<'static, Done>;

/// The answers, by what was asked.
enum Done {
    Account(Result<account::SignedIn, crate::api::ApiError>),
    Profiles(Result<Vec<Profile>, crate::api::ApiError>),
    Sent(sending::Sent),
    Looked(sending::Looked),
    Checked(looking::Checked),
    Read(reads::Read),
    Answer(asks::Answer),
}

struct Worker<A> {
    api: Arc<Watched<A>>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    events: UnboundedSender<SyncEvent>,
    disk: Disk,
    /// The others; dropped before the role, as the socket is the leader's.
    peers: Peers,
    role: Role,
    outbox: Outbox,
    following: Following,
    saving: Saving,
    ids: IdSource,
    random: fastrand::Rng,
    line: Line,
    gate: Rc<Gate>,
    ledger: Ledger,
    /// How urgent the job is that is being started.
    rank: Rank,
    account: Account,
    /// Whether the account lists failed updates.
    lists_failed: bool,
    profiles: Vec<Profile>,
    profiles_at: Duration,
    profiles_busy: bool,
    /// The person asked for the profiles while they were read; see [`lane::UnderWay`].
    profiles_again: bool,
    lanes: BTreeMap<ProfileId, Lane>,
    /// What is known from the store of the queues of profiles that the account may still have.
    prepared: BTreeMap<ProfileId, Lane>,
    allowance: Rc<Allowance>,
    /// What is kept of the queues that were read.
    kept: BTreeMap<ProfileId, Kept>,
    /// Which generation of each stored queue the editor has: of another it lacks some updates.
    handed: BTreeMap<ProfileId, i64>,
    focus: Option<ProfileId>,
    asks: VecDeque<Ask>,
    asking: usize,
    tasks: FuturesUnordered<Task>,
    /// Operations that waited for nothing there is, as they were said last.
    said_forgotten: Vec<OperationId>,
    /// Grows with whatever is recorded: what was planned before is out of date then.
    recorded: u64,
    /// Creates that had to be looked for: whose, what they said, since when they can be there.
    doubtful: Vec<(ProfileId, Content, Timestamp)>,
    /// Quitting: what may still be sent until when.
    flush_until: Option<Duration>,
    /// Quitting: what was in its window.
    held_at_end: Vec<OperationId>,
}

impl<A: Api> Worker<A> {
    fn new(
        api: A,
        settings: Settings,
        clock: Arc<dyn Clock>,
        events: UnboundedSender<SyncEvent>,
        disk: Disk,
        role: Role,
    ) -> Self {
        let allowance = Allowance::new(settings.most_kept);
        let gate = Gate::new(settings.requests_per_minute, Arc::clone(&clock));
        Self {
            api: Arc::new(Watched::new(api, Arc::clone(&clock), events.clone())),
            // Never those of the editor, should it be given the same random bits.
            ids: IdSource::new(settings.seed ^ 0x7570_6461_7465),
            random: fastrand::Rng::with_seed(settings.seed ^ 0x6a69_7474_6572),
            settings,
            clock,
            events,
            disk,
            peers: Peers::none(),
            role,
            outbox: Outbox::default(),
            following: Following::default(),
            saving: Saving::default(),
            line: Line::new(),
            gate: Rc::new(gate),
            ledger: Ledger::default(),
            rank: Rank::Change,
            account: Account::Unknown,
            lists_failed: false,
            profiles: Vec::new(),
            profiles_at: Duration::ZERO,
            profiles_busy: false,
            profiles_again: false,
            lanes: BTreeMap::new(),
            prepared: BTreeMap::new(),
            allowance,
            kept: BTreeMap::new(),
            handed: BTreeMap::new(),
            focus: None,
            asks: VecDeque::new(),
            asking: 0,
            tasks: FuturesUnordered::new(),
            said_forgotten: Vec::new(),
            recorded: 0,
            doubtful: Vec::new(),
            flush_until: None,
            held_at_end: Vec::new(),
        }
    }

    async fn begin_and_work(
        &mut self,
        inbox: &mut UnboundedReceiver<SyncCommand>,
        found: Option<Found>,
        error: Option<StoreError>,
    ) {
        self.opened(found, error).await;
        self.work(inbox).await;
    }

    async fn work(&mut self, inbox: &mut UnboundedReceiver<SyncCommand>) {
        self.meet().await;
        self.restore_limit().await;
        self.restore_budget().await;
        loop {
            if self.disk.lost_lead() {
                self.step_down().await;
            }
            if self.is_time_over() {
                return self.close_budget().await;
            }
            let wake = self.start_what_may().await;
            if self.is_flushed() {
                return self.close_budget().await;
            }
            self.write_requests().await;
            let wake = soonest(self.alive(wake), self.flush_until);
            let (clock, gate) = (Arc::clone(&self.clock), Rc::clone(&self.gate));
            let timer = async {
                match wake {
                    Some(wake) => clock.sleep_until(wake).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                command = inbox.recv() => {
                    // Nobody holds the other end: the editor is gone, as after a crash.
                    let Some(command) = command else { return };
                    if self.take(command, inbox).await.is_break() {
                        return self.close_budget().await;
                    }
                }
                Some(done) = self.tasks.next(), if !self.tasks.is_empty() => {
                    self.finish(done).await;
                }
                lock = taken(&mut self.role) => {
                    self.take_over(lock).await;
                    self.restore_budget().await;
                }
                heard = self.peers.heard() => self.heard(heard).await,
                // What passed is written before the next one does.
                () = gate.passed() => {}
                () = timer => {}
            }
        }
    }

    /// A place where a test may end the worker.
    async fn step(&self) {
        if let Some(interrupt) = &self.settings.interrupt {
            interrupt.step().await;
        }
    }

    /// Handles a command and all that wait behind it; edits that came together are one commit.
    async fn take(
        &mut self,
        first: SyncCommand,
        inbox: &mut UnboundedReceiver<SyncCommand>,
    ) -> ControlFlow<()> {
        let mut next = Some(first);
        while let Some(command) = next.take() {
            next = inbox.try_recv().ok();
            self.note_person(&command);
            if let SyncCommand::Enqueue(mut operations) = command {
                // With it what belongs to it: a draft that became an edit must not come back.
                loop {
                    match next.take() {
                        Some(SyncCommand::Enqueue(mut more)) => operations.append(&mut more),
                        Some(SyncCommand::SaveDraft(draft)) => {
                            self.keep_with_next(Write::Draft(draft));
                        }
                        Some(SyncCommand::DropDraft(id)) => {
                            self.keep_with_next(Write::DropDraft(id));
                        }
                        Some(SyncCommand::Tag(tagged)) => {
                            let seen = self.clock.wall();
                            self.keep_with_next(Write::Tags(tagged, seen));
                        }
                        Some(SyncCommand::Keep { put, gone }) => {
                            self.keep_with_next(Write::Keep { put, gone });
                        }
                        other => {
                            next = other;
                            break;
                        }
                    }
                    next = inbox.try_recv().ok();
                }
                self.enqueue(operations).await;
            } else {
                self.command(command).await?;
            }
        }
        ControlFlow::Continue(())
    }

    async fn finish(&mut self, done: Done) {
        self.step().await;
        match done {
            Done::Account(result) => self.signed_in(result).await,
            Done::Profiles(result) => self.profiles_read(result).await,
            Done::Sent(sent) => self.sent(sent).await,
            Done::Looked(looked) => self.looked(looked).await,
            Done::Checked(checked) => self.checked(checked).await,
            Done::Read(read) => self.queue_read(read).await,
            Done::Answer(answer) => self.answered(answer).await,
        }
    }

    /// Starts every request whose time has come, and says when the next one's comes.
    async fn start_what_may(&mut self) -> Option<Duration> {
        let mut wake = soonest(self.save_again().await, self.catch_up_again().await);
        if self.is_without_store() {
            return wake;
        }
        self.start_asks().await;
        if !self.role.is_leader() || self.following.is_behind() {
            return wake;
        }
        let now = self.clock.elapsed();
        if self.line.open_at > now {
            return soonest(wake, Some(self.line.open_at));
        }
        match self.account {
            Account::Ready => {}
            Account::Unknown => {
                self.sign_in();
                return wake;
            }
            Account::Asking | Account::Refused => return wake,
        }
        // What is not on disk must not run ahead: a crash now would forget what was done.
        if self.saving.owes() {
            return wake;
        }
        if self.line.failures > 0 {
            // A read tries the line: a change that got lost on it would have to be looked up.
            if !self.profiles_busy {
                self.start_profiles();
            }
            return wake;
        }
        let plan = self.plan();
        wake = soonest(wake, plan.wake);
        let reads = plan.reads.clone();
        wake = soonest(wake, self.start_changes(plan).await);
        if self.flush_until.is_some() {
            return soonest(wake, self.start_needed_reads(&reads));
        }
        soonest(wake, self.start_reads(&reads))
    }

    fn plan(&self) -> Plan {
        self.with_now(Outbox::plan)
    }

    /// Asks something of the outbox as of now.
    fn with_now<T>(
        &self,
        ask: impl FnOnce(&Outbox, Now<'_>, &dyn Fn(&ProfileId) -> bool) -> T,
    ) -> T {
        let soon = self.due_soon();
        let now = Now {
            wall: self.clock.wall(),
            elapsed: self.clock.elapsed(),
            pace: &self.settings.pace,
            soon: Some(&soon),
        };
        let busy = |profile: &ProfileId| {
            let lane = self.lanes.get(profile);
            lane.is_some_and(|lane| matches!(lane.busy, Some(Busy::Change)))
        };
        ask(&self.outbox, now, &busy)
    }

    /// Says whether another request may start.
    fn has_room(&self) -> bool {
        self.tasks.len() < MOST_TASKS
    }

    fn lane(&mut self, profile: &ProfileId) -> &mut Lane {
        self.lanes.entry(profile.clone()).or_default()
    }

    fn emit(&self, event: SyncEvent) {
        self.tell_others(&event);
        self.show(event);
    }

    /// Tells this instance's editor only.
    fn show(&self, event: SyncEvent) {
        // The editor may be gone; what matters is on disk.
        let _ = self.events.send(event);
    }

    fn emit_link(&self, link: Option<Link>) {
        if let Some(link) = link {
            tracing::info!(account = self.settings.account, ?link, "the line");
            self.emit(SyncEvent::Link(link));
        }
    }
}

/// Returns the sooner of two times.
fn soonest(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
