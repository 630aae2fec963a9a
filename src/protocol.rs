//! The vocabulary between the editor and the sync worker: plain data, no behaviour.

use serde::{Deserialize, Serialize};

use crate::domain::done::Done;
use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, GroupId, LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::interaction::Interaction;
use crate::domain::operation::{Operation, OperationState};
use crate::domain::profile::{NewProfile, Profile};
use crate::domain::replica::{QueueDelta, QueueSnapshot};
use crate::domain::schedule::Schedule;
use crate::domain::tag::Tagged;
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// What the editor asks of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SyncCommand {
    /// Store these (one commit) and send them when their turn comes.
    Enqueue(Vec<Operation>),
    /// Take these back before they are sent. Answered by [`SyncEvent::Cancelled`] or
    /// [`SyncEvent::TooLate`] for each.
    Cancel(Vec<OperationId>),
    /// Send a held or failed one again: the person decided.
    Retry(OperationId),
    /// The person gave up on a held or failed one.
    Discard(OperationId),
    /// This profile is on the screen; none while no profile is.
    Focus(Option<ProfileId>),
    /// Read everything again now, also while offline (`R`).
    Refresh,
    /// Read one page (from 1) of a profile's sent updates.
    LoadSent {
        /// Whose.
        profile: ProfileId,
        /// Which page, from 1.
        page: u32,
    },
    /// Read one page (from 1) of the interactions of a sent update.
    LoadInteractions {
        /// Which update, by our id.
        update: LocalId,
        /// Only this event (singular); none: all.
        event: Option<String>,
        /// Which page, from 1.
        page: u32,
    },
    /// Do something that needs the line now and is not kept if there is none.
    Ask(Request),
    /// Keep what is being typed, in the place of what has its id, to offer it at the next start
    /// after a crash.
    SaveDraft(Box<Draft>),
    /// This draft was sent or thrown away.
    DropDraft(DraftId),
    /// Keep these tags in the place of those the updates had.
    Tag(Vec<Tagged>),
    /// Keep these things that were done, so that they can be taken back after a restart too.
    Keep {
        /// New ones, and those that changed.
        put: Vec<Kept>,
        /// Those that cannot be taken back any more.
        gone: Vec<GroupId>,
    },
    /// The person is there: a key was pressed. Said at most once a minute; the profile on the
    /// screen is read more often then.
    Awake,
    /// The editor closes: windows of share and create-now become held, the rest stays.
    Quit(Leaving),
}

/// How the editor closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leaving {
    /// What may go out is sent first, if the settings have it so.
    MaySend,
    /// Nothing is sent any more, also by a worker that already quits.
    AtOnce,
}

/// Something that was done, and on which stack it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What was done.
    pub done: Done,
    /// Whether it can be taken back or done again.
    pub stack: Stack,
    /// Grows upwards on each stack.
    pub place: u64,
}

/// The stacks of what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stack {
    /// It can be taken back.
    Undo,
    /// It was taken back and can be done again.
    Redo,
}

/// A request that is only made while the person waits for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Make a profile (our server only).
    CreateProfile(NewProfile),
    /// Change a profile (our server only).
    ChangeProfile {
        /// Which.
        profile: ProfileId,
        /// The account's name.
        name: String,
        /// The IANA zone of its schedule.
        timezone: String,
        /// How the server publishes for it; none: as before.
        connection: Option<String>,
    },
    /// Remove a profile with all that is queued for it (our server only); refused while anything of
    /// it waits to be sent.
    RemoveProfile(ProfileId),
    /// Replace a profile's posting schedule.
    SetSchedule {
        /// Whose.
        profile: ProfileId,
        /// The new schedule.
        schedule: Schedule,
    },
    /// Pause or resume a profile's queue.
    SetPaused {
        /// Whose.
        profile: ProfileId,
        /// Whether it shall stand still.
        paused: bool,
    },
    /// Let the server shuffle; refused while the profile's outbox is not empty.
    ServerShuffle {
        /// Whose queue.
        profile: ProfileId,
    },
}

/// What the worker tells the editor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SyncEvent {
    /// What the store held at the start: shown before any network.
    Restored {
        /// The cached profiles.
        profiles: Vec<Profile>,
        /// The cached queues, or their first updates.
        queues: Vec<(ProfileId, QueueSnapshot)>,
        /// Of which queues there is more to come by [`SyncEvent::Rest`], and how many pending
        /// updates each has: large ones do not keep the first frame waiting.
        rest: Vec<(ProfileId, u64)>,
        /// The first cached page of sent updates of each profile.
        sent: Vec<SentPage>,
        /// The live operations, oldest first.
        operations: Vec<(Operation, OperationState)>,
        /// What was typed and neither saved nor thrown away, the oldest first.
        drafts: Vec<Draft>,
        /// What was done before, the lowest of each stack first.
        history: Vec<Kept>,
        /// The tags of updates.
        tags: Vec<Tagged>,
    },
    /// Another editor on this account gave updates these tags in the place of those they had.
    Tags(Vec<Tagged>),
    /// These queues, whole, as the store held them. It comes for each that was left out of
    /// [`SyncEvent::Restored`], before anything else of the worker; what could not be read is empty.
    Rest(Vec<(ProfileId, QueueDelta)>),
    /// Another editor of this account made these; they are stored, the oldest first.
    Added(Vec<(Operation, OperationState)>),
    /// These operations were fitted to a newer read (their anchors, or what they are an edit of);
    /// they replace those of the same id.
    Rebased(Vec<Operation>),
    /// Operations changed their state (stored, sent, acknowledged, held, refused).
    States(Vec<(OperationId, OperationState)>),
    /// A create got its remote id.
    Assigned {
        /// Our id.
        update: LocalId,
        /// The API's.
        remote: RemoteId,
    },
    /// Taken back before it was sent; it is gone from the outbox.
    Cancelled(OperationId),
    /// Too late to take back: it is being sent or was.
    TooLate(OperationId),
    /// The profiles, as just read.
    Profiles(Vec<Profile>),
    /// A complete read of one queue that differs from the last.
    Queue {
        /// Whose.
        profile: ProfileId,
        /// What it holds, beside what was handed over of it before.
        delta: QueueDelta,
        /// Acknowledged operations that this read settles: they leave the fold with it.
        settled: Vec<OperationId>,
    },
    /// A complete read of one queue found it as it was.
    Unchanged {
        /// Whose.
        profile: ProfileId,
        /// When the read began.
        read_at: Timestamp,
    },
    /// A read of one queue in progress.
    Progress {
        /// Whose.
        profile: ProfileId,
        /// Updates read so far.
        read: u64,
        /// Updates there are.
        total: u64,
    },
    /// A queue was not read, though the server answers: what is shown of it is as it was before.
    NotRead {
        /// Whose.
        profile: ProfileId,
        /// Why, for people.
        reason: String,
    },
    /// One page of sent updates.
    Sent(SentPage),
    /// One page of interactions.
    Interactions {
        /// Of which update.
        update: LocalId,
        /// Only this event; none: all.
        event: Option<String>,
        /// Which page, from 1.
        page: u32,
        /// How many there are in all.
        total: u64,
        /// This page of them.
        interactions: Vec<Interaction>,
    },
    /// A page of sent or interactions could not be read.
    LoadFailed {
        /// What was asked.
        what: Load,
        /// Why, for people.
        reason: String,
    },
    /// A request was done (text for the status line) or refused (why).
    Answered(Result<String, String>),
    /// The state of the line changed.
    Link(Link),
    /// What this account can do, as just read.
    Capabilities(Capabilities),
    /// A request was made, for the log of requests.
    Called(Called),
    /// Worth knowing, for the status line.
    Notice(String),
    /// The store cannot be used as it should (disk full, read-only, damaged): what and what to do.
    StoreTrouble(String),
    /// The store is written again after it could not be.
    StoreWell,
}

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// When it was made.
    pub at: Timestamp,
    /// What it asked: the method, the path without ids' secrets, what it is about.
    pub what: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What came of it, in words; never a token.
    pub result: String,
    /// Whether that is what was hoped for.
    pub good: bool,
}

/// Which read failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Load {
    /// A page of sent updates.
    Sent {
        /// Whose.
        profile: ProfileId,
        /// Which page.
        page: u32,
    },
    /// A page of interactions.
    Interactions {
        /// Of which update.
        update: LocalId,
        /// Which event.
        event: Option<String>,
        /// Which page.
        page: u32,
    },
}

/// One page of a profile's sent updates, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentPage {
    /// Whose.
    pub profile: ProfileId,
    /// Which page, from 1.
    pub page: u32,
    /// How many there are in all.
    pub total: u64,
    /// The updates.
    pub updates: Vec<Update>,
}

/// The state of the line to the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// Not yet known.
    Connecting,
    /// The last request was answered.
    Online {
        /// When.
        since: Timestamp,
    },
    /// Requests fail.
    Offline {
        /// Since when.
        since: Timestamp,
        /// Why, for people.
        reason: String,
    },
    /// The API takes no more requests for a while.
    Limited {
        /// Until when.
        until: Timestamp,
    },
    /// The token was refused, or belongs to somebody else than the store: nothing is sent.
    SignIn {
        /// What to do.
        reason: String,
    },
    /// Another instance sends for this account; this one only stores.
    Follower,
}

/// What an account can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of independent facts, read by name"
)]
pub struct Capabilities {
    /// Profiles can be created, changed, removed.
    pub manage_profiles: bool,
    /// Queues can be paused.
    pub pause: bool,
    /// Failed updates are listed and can be requeued.
    pub failed: bool,
    /// The server is ours and on this machine, and sends only while it runs.
    pub local: bool,
    /// Connection names a profile can have (`demo`, those of the server's config).
    pub connections: Vec<String>,
    /// Requests a minute; none: no limit.
    pub requests_per_minute: Option<u32>,
}
