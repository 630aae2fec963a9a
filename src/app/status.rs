//! What the status line says, computed from the state; the view only draws it.

use super::command::Command;
use super::history::Stands;
use super::key::Key;
use super::notice::Severity;
use super::outbox::{reason, time_left};
use super::reading;
use super::state::State;
use crate::domain::operation::Change;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::protocol::Link;

/// The status line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// The account's name.
    pub account: String,
    /// The focused profile, if there is one.
    pub profile: Option<String>,
    /// The state of the line, in words, with what waits while it is down.
    pub link: String,
    /// Whether those words need attention.
    pub link_trouble: bool,
    /// Why the line is as it is.
    pub link_reason: Option<String>,
    /// Operations that wait or are on their way.
    pub waiting: usize,
    /// Whether [`Self::link`] says how many wait already.
    pub waiting_said: bool,
    /// How long it takes to send what waits, if that is long.
    pub time_left: Option<String>,
    /// What goes over the lines, while that is shown.
    pub traffic: Option<String>,
    /// How far the first reads of large queues are, if one is not on the screen.
    pub reading: Option<String>,
    /// Operations not on disk.
    pub unsaved: usize,
    /// Operations that are held.
    pub held: usize,
    /// Operations that were refused.
    pub failed: usize,
    /// Why, for the first held or failed one.
    pub reason: Option<String>,
    /// `deleting in 7 s, u takes it back`, while a window is open.
    pub countdown: Option<String>,
    /// The current notice.
    pub notice: Option<(Severity, String)>,
    /// What is wrong with the store, while the notice says something else.
    pub trouble: Option<String>,
    /// How old what is shown is, while it comes from the cache.
    pub age: Option<String>,
    /// Said of a profile whose connection only pretends to publish.
    pub pretence: Option<&'static str>,
    /// The count and keys typed so far.
    pub typed: String,
}

/// Computes the status line.
pub fn status(state: &State) -> Status {
    let counts = state.replica.counts_in_all();
    let (mut link, link_trouble) = link_words(state);
    let waiting_said = counts.waiting > 0 && matches!(state.link, Link::Offline { .. });
    if waiting_said {
        link = format!("{link}, {} waiting", counts.waiting);
    }
    let needs_you = counts.held + counts.failed > 0;
    Status {
        account: state.account.name.clone(),
        profile: state.profile().map(name_of),
        link,
        link_trouble,
        link_reason: link_reason(state),
        waiting: counts.waiting,
        waiting_said,
        time_left: time_left(state),
        traffic: traffic(state),
        reading: reading::of_account(state),
        unsaved: counts.unsaved,
        held: counts.held,
        failed: counts.failed,
        reason: needs_you.then(|| first_reason(state)).flatten(),
        countdown: countdown(state),
        notice: notice(state),
        trouble: state.store_trouble.clone().filter(|text| {
            let said = state.notices.current();
            said.is_some_and(|notice| notice.text != *text)
        }),
        age: age(state),
        pretence: pretence(state),
        typed: typed(state),
    }
}

/// Returns a profile's name with its network, as lists and questions show it.
pub fn name_of(profile: &Profile) -> String {
    let name = if profile.formatted_username.is_empty() {
        &profile.username
    } else {
        &profile.formatted_username
    };
    format!("{} {name}", profile.service.title())
}

/// Returns the first line of a text, cut for a message.
pub fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or("(no text)").trim();
    if line.chars().count() > 40 {
        line.chars().take(39).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}

/// The connection that publishes nowhere.
const PRETENDS: &str = "demo";

fn pretence(state: &State) -> Option<&'static str> {
    let connection = state.profile()?.connection.as_deref();
    (connection == Some(PRETENDS)).then_some("sends nothing, numbers made up")
}

fn notice(state: &State) -> Option<(Severity, String)> {
    let current = state.notices.current();
    current
        .map(|notice| (notice.severity, notice.text.clone()))
        .or_else(|| Some((Severity::Trouble, state.store_trouble.clone()?)))
}

/// Returns the time of day in the zone of the focused profile.
pub(super) fn clock(state: &State, at: Timestamp) -> String {
    at.in_zone(&state.zone()).format("%H:%M").to_string()
}

fn link_words(state: &State) -> (String, bool) {
    match &state.link {
        Link::Connecting => ("connecting".to_owned(), false),
        Link::Online { .. } => ("online".to_owned(), false),
        Link::Offline { since, .. } => (format!("offline since {}", clock(state, *since)), true),
        Link::Limited { until } => (format!("limited until {}", clock(state, *until)), true),
        Link::SignIn { reason } => (format!("sign in: {reason}"), true),
        Link::Follower => ("another qurate sends".to_owned(), false),
    }
}

fn link_reason(state: &State) -> Option<String> {
    match &state.link {
        Link::Offline { reason, .. } => Some(reason.clone()),
        Link::Connecting
        | Link::Online { .. }
        | Link::Limited { .. }
        | Link::SignIn { .. }
        | Link::Follower => None,
    }
}

/// Bytes a second to the terminal, and how long the API took for its last answer.
fn traffic(state: &State) -> Option<String> {
    let a_second = match state.traffic? {
        bytes @ 0..1_000 => format!("{bytes} B/s"),
        bytes => format!("{}.{} kB/s", bytes / 1_000, bytes % 1_000 / 100),
    };
    let answer = match state.calls.back() {
        Some(call) => format!("{} ms", call.millis),
        None => "not asked".to_owned(),
    };
    Some(format!("{a_second}, API {answer}"))
}

/// How old what is shown is, once that matters: not read for a minute, or the line is down.
fn age(state: &State) -> Option<String> {
    let read_at = state.shown()?.read_at();
    let seconds = state.now.0 - read_at.0;
    let online = matches!(state.link, Link::Online { .. });
    if read_at == Timestamp::default() || seconds < 60 || online {
        return None;
    }
    Some(match seconds {
        60..3600 => format!("as of {} min ago", seconds / 60),
        3600..172_800 => format!("as of {} h ago", seconds / 3600),
        _ => format!("as of {} days ago", seconds / 86_400),
    })
}

/// The window that ends next, and how long it is open.
fn countdown(state: &State) -> Option<String> {
    let open = state.windows.iter().filter(|(_, end)| *end > state.now);
    let (operation, end) = open.min_by_key(|(_, end)| *end)?;
    let (operation, _) = state.replica.operation(*operation)?;
    let word = match operation.change {
        Change::Share { .. } | Change::Create { .. } => "sharing",
        Change::Destroy { .. } => "deleting",
        Change::Edit { .. } | Change::Reorder { .. } | Change::Requeue { .. } => "sending",
    };
    let (command, does) = match state.history.place_of(operation.group) {
        Some(Stands::Last) => (Command::Undo, "takes it back"),
        Some(Stands::TakenBackLast) => (Command::Redo, "stops it"),
        Some(Stands::Further) | None => (Command::Outbox, "shows it"),
    };
    let key = state.keymap.keys_of(command).into_iter().next();
    let key = key.unwrap_or_else(|| command.to_string());
    Some(format!("{word} in {} s, {key} {does}", end.0 - state.now.0))
}

fn typed(state: &State) -> String {
    let count = state.pending.count.map(|count| count.to_string());
    let keys = Key::print_chord(&state.pending.keys);
    count.unwrap_or_default() + &keys
}

fn first_reason(state: &State) -> Option<String> {
    let mut operations = state.replica.operations().iter();
    operations
        .find_map(|(_, how)| reason(how))
        .map(str::to_owned)
}
