//! What the status line and the outbox list say, computed from the state; the view only draws it.

use super::command::Command;
use super::key::Key;
use super::notice::Severity;
use super::state::State;
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Operation, OperationState};
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
    /// The state of the line, in words.
    pub link: String,
    /// Whether those words need attention.
    pub link_trouble: bool,
    /// Operations that wait or are on their way.
    pub waiting: usize,
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
    /// How old what is shown is, while it comes from the cache.
    pub age: Option<String>,
    /// Said of a profile whose connection only pretends to publish.
    pub pretence: Option<&'static str>,
    /// The count and keys typed so far.
    pub typed: String,
}

/// One row of the outbox list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Which operation.
    pub operation: OperationId,
    /// The name of its profile.
    pub profile: String,
    /// What it does (`edit`), and the first line of its update.
    pub what: String,
    /// How far it is, in words.
    pub state: String,
    /// Why it is held or failed.
    pub reason: Option<String>,
    /// Whether it needs the person.
    pub needs_you: bool,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Computes the status line.
pub fn status(state: &State) -> Status {
    let counts = state.replica.counts_in_all();
    let (link, link_trouble) = link_words(state);
    let needs_you = counts.held + counts.failed > 0;
    Status {
        account: state.account.name.clone(),
        profile: state.profile().map(name_of),
        link,
        link_trouble,
        waiting: counts.waiting,
        unsaved: counts.unsaved,
        held: counts.held,
        failed: counts.failed,
        reason: needs_you.then(|| first_reason(state)).flatten(),
        countdown: countdown(state),
        notice: notice(state),
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

fn link_words(state: &State) -> (String, bool) {
    let clock = |at: Timestamp| at.in_zone(&state.zone()).format("%H:%M").to_string();
    match &state.link {
        Link::Connecting => ("connecting".to_owned(), false),
        Link::Online { .. } => ("online".to_owned(), false),
        Link::Offline { since, reason } => {
            (format!("offline since {}: {reason}", clock(*since)), true)
        }
        Link::Limited { until } => (format!("limited until {}", clock(*until)), true),
        Link::SignIn { reason } => (format!("sign in: {reason}"), true),
        Link::Follower => ("another editor sends".to_owned(), false),
    }
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
    let key = state.keymap.keys_of(Command::Undo).into_iter().next();
    let key = key.unwrap_or_else(|| "undo".to_owned());
    Some(format!(
        "{word} in {} s, {key} takes it back",
        end.0 - state.now.0
    ))
}

fn typed(state: &State) -> String {
    let count = state.pending.count.map(|count| count.to_string());
    let keys = Key::print_chord(&state.pending.keys);
    count.unwrap_or_default() + &keys
}

fn first_reason(state: &State) -> Option<String> {
    let mut operations = state.replica.operations().iter();
    operations
        .find_map(|(_, state)| reason(state))
        .map(str::to_owned)
}

fn reason(state: &OperationState) -> Option<&str> {
    match state {
        OperationState::Held { reason, .. } | OperationState::Failed { reason, .. } => Some(reason),
        OperationState::Unsaved { reason } => reason.as_deref(),
        OperationState::Queued
        | OperationState::InFlight
        | OperationState::Acked
        | OperationState::Unknown => None,
    }
}

/// Computes the rows of the outbox list: those that need the person first, then by age.
pub fn outbox_rows(state: &State) -> Vec<OutboxRow> {
    let operations = state.replica.operations().iter();
    let mut rows: Vec<OutboxRow> = operations
        .filter(|(_, how)| *how != OperationState::Acked)
        .map(|(operation, how)| outbox_row(state, operation, how))
        .collect();
    rows.sort_by_key(|row| !row.needs_you);
    rows
}

fn outbox_row(state: &State, operation: &Operation, how: &OperationState) -> OutboxRow {
    let profile = state.replica.profile(&operation.profile);
    OutboxRow {
        operation: operation.id,
        profile: profile.map_or_else(|| operation.profile.to_string(), name_of),
        what: describe(state, &operation.change),
        state: words(state, operation, how),
        reason: reason(how).map(str::to_owned),
        needs_you: matches!(
            how,
            OperationState::Held { .. } | OperationState::Failed { .. }
        ),
        made_at: operation.made_at,
    }
}

fn words(state: &State, operation: &Operation, how: &OperationState) -> String {
    let left = operation.not_before.map_or(0, |at| at.0 - state.now.0);
    match how {
        OperationState::Unsaved { .. } => "not saved".to_owned(),
        OperationState::Queued if left > 0 => format!("waits {left} s"),
        OperationState::Queued => "saved, waits".to_owned(),
        OperationState::InFlight => "on its way".to_owned(),
        OperationState::Acked => "done".to_owned(),
        OperationState::Unknown => "being looked up".to_owned(),
        OperationState::Held { .. } => "held".to_owned(),
        OperationState::Failed {
            code: Some(code), ..
        } => format!("refused ({code})"),
        OperationState::Failed { code: None, .. } => "refused".to_owned(),
    }
}

/// Says what a change does, with the first line of its update.
pub fn describe(state: &State, change: &Change) -> String {
    let line = match change {
        Change::Create { content, .. }
        | Change::Share { seen: content, .. }
        | Change::Destroy { seen: content, .. } => first_line(&content.text),
        Change::Edit { want, .. } => first_line(&want.content.text),
        Change::Requeue { update } => text_of(state, *update),
        Change::Reorder { .. } => match change.updates().as_slice() {
            [one] => text_of(state, *one),
            many => return format!("reorder {} updates", many.len()),
        },
    };
    format!("{} “{line}”", change.word())
}

fn text_of(state: &State, update: LocalId) -> String {
    let found = state.update(update);
    found.map_or_else(String::new, |u| first_line(&u.body.content.text))
}
