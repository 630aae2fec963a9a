//! All the editor knows. Only [`super::reduce()`] changes it; the view reads it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::customs::Customs;
use super::doctor::TmuxSays;
use super::history::History;
use super::keymap::Keymap;
use super::lint::Lint;
use super::list::Cursor;
use super::mode::{Mode, Pending, Pressed};
use super::notice::Notices;
pub use super::preferences::Settings;
use super::reading::Reading;
use super::repeat::Repeats;
use super::selection::{Cut, Span};
use super::shows::Shows;
use super::tags::TagBook;
use crate::domain::draft::Draft;
use crate::domain::id::{IdSource, LocalId, OperationId, ProfileId};
use crate::domain::operation::Operation;
use crate::domain::profile::Profile;
use crate::domain::queue::{Queue, Row};
use crate::domain::replica::{Replica, ShownQueue};
use crate::domain::time::Timestamp;
use crate::domain::update::Update;
use crate::protocol::{Called, Capabilities, Link};

pub use super::loaded::{Loading, Reactions, SentList};

/// All the editor knows.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each read by its name"
)]
pub struct State {
    /// Where the API is.
    pub account: Account,
    /// What the person and the place chose.
    pub settings: Settings,
    /// Which keys mean what.
    pub keymap: Keymap,
    /// Profiles, queues and live operations.
    pub replica: Replica,
    /// The profile on the screen; none before the first is known.
    pub profile: Option<ProfileId>,
    /// The pane that has the keys.
    pub focus: Pane,
    /// Whether that pane has the whole screen.
    pub zoomed: bool,
    /// Whether detail and interactions are hidden.
    pub hides_detail: bool,
    /// Where the cursors of each profile's lists stand.
    pub cursors: BTreeMap<ProfileId, Cursors>,
    /// The row of the list of profiles.
    pub profile_cursor: Cursor,
    /// Marked updates of the focused profile's queue.
    pub marks: BTreeSet<LocalId>,
    /// A range of marks, while one is open.
    pub range: Option<Span>,
    /// What was cut, until it is put elsewhere or let be.
    pub cut: Option<Cut>,
    /// The last thing that changed something, to be done once more.
    pub repeat: Repeats,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// What tmux said of itself, once it was asked.
    pub tmux: Option<TmuxSays>,
    /// What is wrong with the config.
    pub problems: Vec<String>,
    /// Whether the terminal is out of sight, as far as it tells.
    pub away: Option<Away>,
    /// Where the mouse's button went down, while it is.
    pub(crate) pressed: Option<Pressed>,
    /// Which rows the lists show.
    pub shows: Shows,
    /// The tags of updates; they are ours and go to no API.
    pub tags: TagBook,
    /// The custom commands.
    pub customs: Customs,
    /// The sent updates of each profile, as far as they were read.
    pub sent: BTreeMap<ProfileId, SentList>,
    /// The interactions of updates, by event (none: all), as far as they were read.
    pub interactions: BTreeMap<(LocalId, Option<String>), Reactions>,
    /// Only interactions of this event are shown.
    pub event: Option<String>,
    /// The number of sent updates that was chosen last; see [`Self::figure`].
    pub(crate) figure: Option<&'static str>,
    /// Whether sent updates stand by that number and not by time.
    pub(crate) sent_by_figure: bool,
    /// Whether people who reacted stand by their followers and not by time.
    pub(crate) by_followers: bool,
    /// The update whose detail shows; it follows the cursor after a rest.
    pub detail: Option<LocalId>,
    /// The sent or failed update whose interactions show: the one under the cursor of that pane,
    /// after a rest.
    pub reacted: Option<LocalId>,
    /// Which rest timer counts.
    pub(crate) rest: u64,
    /// What that timer was started for: the next `detail` and `reacted`.
    pub(crate) resting: Option<(Option<LocalId>, Option<LocalId>)>,
    /// What takes the keys.
    pub mode: Mode,
    /// Keys pressed but not yet understood.
    pub pending: Pending,
    /// What may be wrong with the updates of the queue on the screen.
    pub lint: Lint,
    /// Whether the person's own time is shown where it differs from the profile's.
    pub clocks: bool,
    /// Whether [`super::Effect::Continue`] was asked for and not yet answered.
    pub(crate) continuing: bool,
    /// Undo and redo.
    pub history: History,
    /// Operations being taken back, until the worker answers.
    pub cancelling: BTreeMap<OperationId, Operation>,
    /// What was written and is kept, the newest last.
    pub drafts: Vec<Draft>,
    /// When the draft went to the worker last.
    pub draft_saved: Timestamp,
    /// What the status line says.
    pub notices: Notices,
    /// The state of the line.
    pub link: Link,
    /// What the account can do; none while not known.
    pub capabilities: Option<Capabilities>,
    /// The latest requests, oldest first.
    pub calls: VecDeque<Called>,
    /// When the worker was told last that the person is there.
    pub(crate) awake: Option<Timestamp>,
    /// A profile whose order the server was asked to change: that is nobody else's doing.
    pub(crate) server_shuffles: Option<ProfileId>,
    /// The store's trouble, which stays until it is over.
    pub store_trouble: Option<String>,
    /// How far the read of a queue is.
    pub progress: BTreeMap<ProfileId, Reading>,
    /// Queues of which the last read was given up, and why.
    pub not_read: BTreeMap<ProfileId, String>,
    /// Bytes that went to the terminal in the last second, while that is shown.
    pub traffic: Option<u64>,
    /// Whether the store was read.
    pub restored: bool,
    /// The queues of which only the first updates were read from the store so far, and how many each
    /// has.
    pub awaited: BTreeMap<ProfileId, u64>,
    /// Whether the account said which profiles there are.
    pub profiles_read: bool,
    /// Columns and lines of the terminal.
    pub viewport: (u16, u16),
    /// The time, as the last action said.
    pub now: Timestamp,
    /// Makes local ids.
    pub(crate) ids: IdSource,
    /// When a tick was last asked for.
    pub(crate) wake: Option<Timestamp>,
    /// Operations whose window is open, and when it ends.
    pub(crate) windows: Vec<(OperationId, Timestamp)>,
    /// Whether the form of the first start was offered already.
    pub(crate) form_offered: bool,
    /// Whether a profile was asked for and shall be gone to once it is there.
    pub(crate) expects_profile: bool,
}

/// The terminal is out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Away {
    /// When the person was called last.
    pub(crate) called: Option<Timestamp>,
}

/// Where the API is, for the status line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Which kind.
    pub kind: AccountKind,
}

/// Which kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// The server inside.
    Local,
    /// A throw-away server with sample data.
    Demo,
    /// Any other.
    Remote,
}

/// The four panes, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The profiles.
    Profiles,
    /// The queue.
    Queue,
    /// The sent and failed updates.
    Sent,
    /// The interactions of the selected update.
    Interactions,
}

impl Pane {
    /// The panes in the order of Tab.
    pub const ALL: [Self; 4] = [Self::Profiles, Self::Queue, Self::Sent, Self::Interactions];
}

/// The cursors of one profile's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursors {
    /// In the queue.
    pub queue: Cursor,
    /// In the failed and sent updates.
    pub sent: Cursor,
    /// In the interactions.
    pub interactions: Cursor,
}

impl State {
    /// Makes the state of an editor that has not heard anything yet. `seed` are random bits.
    pub fn new(account: Account, settings: Settings, keymap: Keymap, seed: u64) -> Self {
        Self {
            shows: Shows::new(settings.free_slots),
            account,
            keymap,
            replica: Replica::default(),
            profile: None,
            focus: Pane::Queue,
            zoomed: false,
            hides_detail: false,
            cursors: BTreeMap::new(),
            profile_cursor: Cursor::default(),
            marks: BTreeSet::new(),
            range: None,
            tags: TagBook::default(),
            customs: Customs::default(),
            cut: None,
            repeat: Repeats::default(),
            mouse: settings.mouse,
            away: None,
            tmux: None,
            problems: Vec::new(),
            pressed: None,
            settings,
            sent: BTreeMap::new(),
            interactions: BTreeMap::new(),
            event: None,
            figure: None,
            sent_by_figure: false,
            by_followers: false,
            detail: None,
            reacted: None,
            rest: 0,
            resting: None,
            mode: Mode::default(),
            pending: Pending::default(),
            lint: Lint::default(),
            clocks: true,
            continuing: false,
            history: History::default(),
            cancelling: BTreeMap::new(),
            drafts: Vec::new(),
            draft_saved: Timestamp::default(),
            notices: Notices::default(),
            link: Link::Connecting,
            capabilities: None,
            calls: VecDeque::new(),
            awake: None,
            server_shuffles: None,
            store_trouble: None,
            progress: BTreeMap::new(),
            not_read: BTreeMap::new(),
            traffic: None,
            restored: false,
            awaited: BTreeMap::new(),
            profiles_read: false,
            viewport: (80, 24),
            now: Timestamp::default(),
            ids: IdSource::new(seed),
            wake: None,
            windows: Vec::new(),
            form_offered: false,
            expects_profile: false,
        }
    }

    /// Returns the profiles, in the order of the strip.
    pub fn profiles(&self) -> &[Profile] {
        self.replica.profiles()
    }

    /// Returns the focused profile.
    pub fn profile(&self) -> Option<&Profile> {
        self.replica.profile(self.profile.as_ref()?)
    }

    /// Returns the focused profile's shown queue.
    pub fn shown(&self) -> Option<&ShownQueue> {
        self.replica.queue(self.profile.as_ref()?)
    }

    /// Returns the queue on the screen: the shown one, or what it would be while something is
    /// carried or shuffled.
    pub fn queue(&self) -> Option<&Queue> {
        match (&self.mode, self.mode.carried()) {
            (_, Some(grab)) => Some(&grab.preview),
            (Mode::Shuffle(shuffle), None) => Some(&shuffle.preview),
            (_, None) => self.shown().map(|shown| &shown.queue),
        }
    }

    /// Returns the rows of the queue on the screen.
    pub fn rows(&self) -> &[Row] {
        self.queue().map_or(&[], Queue::rows)
    }

    /// Returns the failed updates of the focused profile, which stand above the sent ones.
    pub fn failed(&self) -> &[LocalId] {
        self.shown().map_or(&[], |shown| shown.failed.as_slice())
    }

    /// Returns what was sent by the focused profile.
    pub fn sent(&self) -> Option<&SentList> {
        self.sent.get(self.profile.as_ref()?)
    }

    /// Returns the numbers that the focused profile's sent updates have, and the largest of each.
    pub fn figures(&self) -> &[(&'static str, i64)] {
        self.sent()
            .and_then(|sent| sent.figures.as_deref())
            .unwrap_or_default()
    }

    /// Returns the number that bars and charts tell, and its largest: the one chosen last, if this
    /// profile's updates have it, else their first.
    pub fn figure(&self) -> Option<(&'static str, i64)> {
        let there = self.figures();
        let chosen = there.iter().find(|(name, _)| Some(*name) == self.figure);
        chosen.or_else(|| there.first()).copied()
    }

    /// Returns the cursors of the focused profile.
    pub fn cursors(&self) -> Cursors {
        self.profile
            .as_ref()
            .and_then(|id| self.cursors.get(id))
            .copied()
            .unwrap_or_default()
    }

    /// Returns an update by its id, wherever it is shown.
    pub fn update(&self, id: LocalId) -> Option<&Update> {
        // Most often it is of the queue on the screen, which is one of many.
        let here = self.shown().and_then(|shown| shown.update(id));
        here.or_else(|| self.sent()?.get(id))
            .or_else(|| self.replica.update(id))
    }

    /// Returns the update whose detail shows.
    pub fn selected(&self) -> Option<&Update> {
        self.update(self.detail?)
    }

    /// Says whether there is an account but no profile yet, so that the screen teaches how to add one.
    pub fn is_first_start(&self) -> bool {
        self.profiles_read && self.profiles().is_empty() && self.can_manage_profiles()
    }

    /// Says whether profiles can be made here.
    pub fn can_manage_profiles(&self) -> bool {
        self.capabilities
            .as_ref()
            .map_or(self.account.kind != AccountKind::Remote, |can| {
                can.manage_profiles
            })
    }

    /// Returns the zone times are shown and read in: the focused profile's.
    pub fn zone(&self) -> Tz {
        self.profile().map_or(Tz::UTC, |profile| profile.timezone)
    }

    /// Returns the interactions on the screen.
    pub fn reactions(&self) -> Option<&Reactions> {
        self.interactions.get(&(self.reacted?, self.event.clone()))
    }

    /// Returns how many interactions of one kind the update has: as counted, where all were read,
    /// else as the API or the network's own numbers say; none if nobody says.
    pub fn reactions_of(&self, event: &str) -> Option<u64> {
        let update = self.reacted?;
        let all = self.interactions.get(&(update, None));
        let complete = all.filter(|all| all.total == Some(all.list.len() as u64));
        if let Some(all) = complete {
            return Some(all.list.iter().filter(|one| one.event == event).count() as u64);
        }
        let of_kind = self.interactions.get(&(update, Some(event.to_owned())));
        of_kind.and_then(|found| found.total).or_else(|| {
            // The numbers are named by the plural of the event.
            let numbers = &self.update(update)?.body.outcome.statistics;
            u64::try_from(*numbers.get(&format!("{event}s"))?).ok()
        })
    }

    /// Says whether people who reacted stand by their followers.
    pub fn by_followers(&self) -> bool {
        self.by_followers
    }

    /// Returns the update the cursor is on.
    pub fn under_cursor(&self) -> Option<&Update> {
        let cursors = self.cursors();
        match self.focus {
            Pane::Profiles => None,
            Pane::Queue => self.update(cursors.queue.on?),
            Pane::Sent => self.sent_row(cursors.sent.index),
            Pane::Interactions => self.update(self.reacted?),
        }
    }
}
