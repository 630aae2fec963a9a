//! What takes the keys: the lists themselves, or one thing laid over them.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{Command, Scope};
use super::composer::Composer;
use super::form::ProfileForm;
use super::key::Key;
use super::list::Cursor;
use super::palette::Palette;
use super::prompt::Prompt;
use super::replace::Replace;
use super::timetable::Timetable;
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId};
use crate::domain::link::Link;
use crate::domain::operation::{Move, Place};
use crate::domain::queue::Queue;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;

/// What takes the keys. One at a time, so no two dialogs can be open.
#[derive(Debug, Clone, Default)]
pub enum Mode {
    /// The lists.
    #[default]
    Lists,
    /// Something is carried through the queue.
    Grab(Grab),
    /// A new order is looked at.
    Shuffle(Shuffle),
    /// A question waits for one of its keys.
    Confirm(Confirm),
    /// Help or palette: commands with a filter.
    Palette(Palette),
    /// What waits, is held or failed.
    Outbox(Outbox),
    /// What was done, to go back to.
    History(Past),
    /// One update in full.
    Detail(Scroll),
    /// Something held, side by side with what the API has.
    Conflict(Conflict),
    /// What the editor said so far.
    Messages(Scroll),
    /// The log of requests.
    Calls(Scroll),
    /// How the focused profile did.
    Numbers(Scroll),
    /// What the terminal can do and how things stand.
    Doctor(Scroll),
    /// All findings of the queue.
    Findings(Findings),
    /// Find and replace.
    Replace(Box<Replace>),
    /// A filter is typed.
    Filter(Box<FilterLine>),
    /// Which link to open.
    Links(LinkList),
    /// What the last custom command said.
    Output(Scroll),
    /// A line asks for words.
    Prompt(Box<Prompt>),
    /// Writing or editing an update.
    Composer(Box<Composer>),
    /// The kept drafts.
    Drafts(DraftList),
    /// A new profile, or the schedule of one.
    Form(Box<ProfileForm>),
    /// The posting times of a profile.
    Timetable(Box<Timetable>),
}

impl Mode {
    /// Returns the scope of its own keys; none for the lists.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Self::Lists => None,
            Self::Grab(_) => Some(Scope::Grab),
            Self::Shuffle(_) => Some(Scope::Shuffle),
            Self::Confirm(confirm) => Some(confirm.what.scope()),
            Self::Palette(_) => Some(Scope::Palette),
            Self::Outbox(_) => Some(Scope::Outbox),
            Self::History(_) => Some(Scope::History),
            Self::Conflict(_) => Some(Scope::Conflict),
            Self::Numbers(_) => Some(Scope::Numbers),
            Self::Doctor(_) => Some(Scope::Doctor),
            Self::Detail(_) | Self::Messages(_) | Self::Calls(_) => Some(Scope::Detail),
            Self::Findings(_) => Some(Scope::Findings),
            Self::Replace(_) => Some(Scope::Replace),
            Self::Filter(_) => Some(Scope::Filter),
            Self::Prompt(_) => Some(Scope::Prompt),
            Self::Links(_) => Some(Scope::Links),
            Self::Output(_) => Some(Scope::Output),
            Self::Composer(_) => Some(Scope::Composer),
            Self::Drafts(_) => Some(Scope::Drafts),
            Self::Form(_) => Some(Scope::Form),
            Self::Timetable(table) if table.adding.is_some() => Some(Scope::NewTime),
            Self::Timetable(_) => Some(Scope::Timetable),
        }
    }

    /// Returns what is being written, also while it is asked whether to save it.
    pub fn composer(&self) -> Option<&Composer> {
        match self {
            Self::Composer(composer)
            | Self::Confirm(Confirm {
                what: Question::Save(composer),
                ..
            }) => Some(composer),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn composer_mut(&mut self) -> Option<&mut Composer> {
        match self {
            Self::Composer(composer)
            | Self::Confirm(Confirm {
                what: Question::Save(composer),
                ..
            }) => Some(composer),
            _ => None,
        }
    }

    /// Returns the command that brings what is being written a step nearer to being kept as a draft;
    /// none if nothing is.
    pub fn leaves_writing(&self) -> Option<Command> {
        self.composer()?;
        Some(match self {
            Self::Confirm(_) => Command::No,
            _ => Command::Leave,
        })
    }

    /// Returns what is carried, also while it is asked what shall become of it.
    pub fn carried(&self) -> Option<&Grab> {
        match self {
            Self::Grab(grab) => Some(grab),
            Self::Confirm(Confirm {
                what: Question::Transfer(transfer),
                ..
            }) => transfer.grab.as_ref(),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn carried_mut(&mut self) -> Option<&mut Grab> {
        match self {
            Self::Grab(grab) => Some(grab),
            Self::Confirm(Confirm {
                what: Question::Transfer(transfer),
                ..
            }) => transfer.grab.as_mut(),
            _ => None,
        }
    }
}

/// Updates being carried. What is shown is `preview`; nothing is an operation yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grab {
    /// Whose they are.
    pub home: ProfileId,
    /// Whose queue they are carried through.
    pub profile: ProfileId,
    /// What is carried, in order.
    pub updates: Vec<LocalId>,
    /// Where each was, as the moves that put all back.
    pub origin: Vec<Move>,
    /// Where they are now.
    pub place: Option<Place>,
    /// The free slot the first of them is on, instead of a place.
    pub slot: Option<Timestamp>,
    /// Whether all of it has times of its own, so that it goes from free slot to free slot only.
    pub only_slots: bool,
    /// The queue as it would be, with the times each row would get.
    pub preview: Queue,
    /// Where the cursor was in each queue they came through, for Esc.
    pub cursors: BTreeMap<ProfileId, Cursor>,
    /// What carries them.
    pub by: Carrier,
}

/// What carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The keys.
    Keys,
    /// The mouse, for as long as its button is down.
    Mouse,
}

/// Where the mouse's button went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// The update.
    pub(crate) on: LocalId,
    /// Whether it was inside of an open range: then the cursor goes there only if nothing is
    /// dragged.
    pub(crate) in_range: bool,
}

impl Grab {
    /// Says whether they are in a queue that is not theirs.
    pub fn is_abroad(&self) -> bool {
        self.home != self.profile
    }
}

/// A shuffled order that is looked at. What is shown is `preview`.
#[derive(Debug, Clone)]
pub struct Shuffle {
    /// Whose queue.
    pub profile: ProfileId,
    /// The movable updates of the span, in the order they have.
    pub before: Vec<LocalId>,
    /// The order drawn.
    pub after: Vec<LocalId>,
    /// Where the span is.
    pub place: Place,
    /// The queue as it would be.
    pub preview: Queue,
    /// Where the cursor was before, so that it is there again if the old order stays.
    pub from: Option<LocalId>,
}

/// A question. Only the keys of its scope answer it; nothing else does anything.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What `y` does.
    pub what: Question,
    /// The heading.
    pub title: String,
    /// What the person should know: profile, first line, length, when.
    pub lines: Vec<String>,
    /// What should make them think twice.
    pub warnings: Vec<String>,
}

/// What a question is about.
#[derive(Debug, Clone)]
pub enum Question {
    /// Publish these updates now.
    Share(Vec<Agreed>),
    /// Delete these.
    Delete(Vec<LocalId>),
    /// Write a new update from pasted text.
    ComposePasted(String),
    /// Give up these operations.
    Discard(Vec<OperationId>),
    /// Send these operations again.
    Retry(Vec<OperationId>),
    /// Remove this profile with all that is queued.
    RemoveProfile(ProfileId),
    /// Let the server shuffle this queue.
    ServerShuffle(ProfileId),
    /// Give these updates this time although some are about to go out.
    Time {
        /// The time, as it was written.
        text: String,
        /// Which.
        updates: Vec<LocalId>,
    },
    /// Run this command on what is selected although some of it is about to go out.
    Anyway(Command),
    /// Save what is written although its update is about to go out.
    Save(Box<Composer>),
    /// Quit although something could not be put on disk.
    Quit,
    /// Copy these to another profile, or move them there.
    Transfer(Box<Transfer>),
}

impl Question {
    /// Returns the scope of the keys that answer it.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Transfer(_) => Scope::Transfer,
            Self::Share(_)
            | Self::Time { .. }
            | Self::Delete(_)
            | Self::ComposePasted(_)
            | Self::Discard(_)
            | Self::Retry(_)
            | Self::RemoveProfile(_)
            | Self::Anyway(_)
            | Self::Save(_)
            | Self::Quit
            | Self::ServerShuffle(_) => Scope::Confirm,
        }
    }
}

/// An update to be published now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Which.
    pub update: LocalId,
    /// What the person sees and agrees to.
    pub seen: Content,
}

/// Updates that go to another profile, copied or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Whose they are.
    pub from: ProfileId,
    /// Whose queue they go to.
    pub to: ProfileId,
    /// Which, in the order they will have.
    pub updates: Vec<LocalId>,
    /// Where in that queue.
    pub place: Place,
    /// What is carried, so that a no goes on with it; none: they were cut.
    pub grab: Option<Grab>,
}

/// The list of what waits, is held or failed; its rows are
/// [`super::outbox::outbox_order`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox {
    /// The operation the cursor is on; it stays on it when rows come and go.
    pub on: Option<OperationId>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub offset: usize,
    /// The marked ones.
    pub marks: BTreeSet<OperationId>,
}

/// The list of findings: updates with what was found of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The updates, in queue order.
    pub list: Vec<LocalId>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub offset: usize,
}

/// The links one of which is to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkList {
    /// The links.
    pub list: Vec<Link>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub offset: usize,
}

/// The list of what was done; its rows are [`super::history::History::moments`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// The thing the cursor is on; it stays on it when the list changes. None: before all of them.
    pub on: Option<GroupId>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub offset: usize,
}

impl Findings {
    /// Returns the update the cursor is on.
    pub fn on(&self) -> Option<LocalId> {
        self.list.get(self.cursor).copied()
    }
}

/// Something held that is looked at side by side; what is shown is [`super::sides::sides`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// Which operation.
    pub operation: OperationId,
    /// How far it is scrolled.
    pub scroll: Scroll,
}

/// The list of kept drafts: a new update first, then the drafts, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DraftList {
    /// The row of the cursor.
    pub cursor: usize,
    /// The first visible row.
    pub offset: usize,
}

/// The line a filter is typed in.
#[derive(Debug, Clone)]
pub struct FilterLine {
    /// The pane it is for.
    pub pane: super::state::Pane,
    /// What is typed.
    pub line: tui_textarea::TextArea<'static>,
    /// Where the cursor of that pane was, for Esc.
    pub home: super::list::Cursor,
    /// What the list stays near while it narrows.
    pub near: super::list::Cursor,
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    /// The first visible line; the view clamps it to what there is.
    pub line: usize,
}

impl Scroll {
    /// Scrolls by so many lines.
    pub(crate) fn by(&mut self, lines: isize) {
        self.line = self.line.saturating_add_signed(lines).min(10_000);
    }
}

/// Keys pressed but not yet understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// The count typed so far.
    pub count: Option<u32>,
    /// The begin of a chord.
    pub keys: Vec<Key>,
    /// Which timer of a chord counts.
    pub(crate) chord: u64,
    /// Whether the begin of a chord stands for a while: then all that may follow is shown.
    pub lingers: bool,
    /// When `Ctrl-c` was last pressed.
    pub interrupted: Option<Timestamp>,
}
