//! What the outbox says: what needs the person and why, what waits and what it waits for, and which
//! choices there are. Computed from the state; the view only draws it.

use super::command::Command;
use super::state::State;
use super::status::{clock, first_line, name_of};
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Hold, Operation, OperationState};
use crate::domain::text::normalized;
use crate::domain::time::Timestamp;
use crate::protocol::Link;

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

/// What is told of the row under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Why it is held or failed, in full.
    pub reason: Option<String>,
    /// What it waits for.
    pub waits_for: String,
    /// What can be done, with what that means here.
    pub choices: Vec<(Command, &'static str)>,
}

/// Says whether an operation waits for the person.
pub fn needs_you(how: &OperationState) -> bool {
    matches!(
        how,
        OperationState::Held { .. } | OperationState::Failed { .. }
    )
}

/// Returns the operations of the outbox list: those that need the person first, then by age.
pub fn outbox_order(state: &State) -> Vec<OperationId> {
    let of = |person: bool| {
        let operations = state.replica.operations().iter();
        operations
            .filter(move |(_, how)| *how != OperationState::Acked && needs_you(how) == person)
            .map(|(operation, _)| operation.id)
    };
    of(true).chain(of(false)).collect()
}

/// Computes one row of the outbox list.
pub fn outbox_row(state: &State, id: OperationId) -> Option<OutboxRow> {
    let (operation, how) = state.replica.operation(id)?;
    let profile = state.replica.profile(&operation.profile);
    Some(OutboxRow {
        operation: id,
        profile: profile.map_or_else(|| operation.profile.to_string(), name_of),
        what: describe(state, &operation.change),
        state: words(state, operation, how),
        reason: reason(how).map(str::to_owned),
        needs_you: needs_you(how),
        made_at: operation.made_at,
    })
}

/// Computes all rows of the outbox list.
pub fn outbox_rows(state: &State) -> Vec<OutboxRow> {
    let order = outbox_order(state).into_iter();
    order.filter_map(|id| outbox_row(state, id)).collect()
}

/// Says how much waits, since when there is no line, and how long it will take.
pub fn outbox_heading(state: &State) -> String {
    let counts = state.replica.counts_in_all();
    let mut parts = Vec::new();
    let needing = counts.held + counts.failed;
    if needing > 0 {
        parts.push(format!("{needing} need{} you", s_of(needing)));
    }
    if counts.waiting > 0 {
        parts.push(format!("{} wait{}", counts.waiting, s_of(counts.waiting)));
    }
    if let Link::Offline { since, .. } = &state.link {
        parts.push(format!("offline since {}", clock(state, *since)));
    }
    parts.extend(time_left(state));
    if parts.is_empty() {
        return "Outbox".to_owned();
    }
    format!("Outbox: {}", parts.join(", "))
}

/// The third person's s, for one of something.
fn s_of(number: usize) -> &'static str {
    if number == 1 { "s" } else { "" }
}

/// Says how long it takes to send what waits, if the account has a limit that makes it long.
pub fn time_left(state: &State) -> Option<String> {
    let a_minute = u64::from(state.capabilities.as_ref()?.requests_per_minute?.max(1));
    let requests = requests_waiting(state);
    (requests > a_minute).then(|| format!("~{} min", requests.div_ceil(a_minute)))
}

/// How many requests what waits will take: a run of reorders of one queue is one.
fn requests_waiting(state: &State) -> u64 {
    let mut requests = 0;
    let mut last_order = None;
    for (operation, how) in state.replica.operations() {
        if needs_you(how) || *how == OperationState::Acked {
            continue;
        }
        let orders = matches!(operation.change, Change::Reorder { .. });
        let of = orders.then_some(&operation.profile);
        if of.is_none() || of != last_order {
            requests += 1;
        }
        last_order = of;
    }
    requests
}

/// Returns why something is held, failed or not saved.
pub(super) fn reason(how: &OperationState) -> Option<&str> {
    match how {
        OperationState::Held { reason, .. } | OperationState::Failed { reason, .. } => Some(reason),
        OperationState::Unsaved { reason } => reason.as_deref(),
        OperationState::Queued
        | OperationState::InFlight
        | OperationState::Acked
        | OperationState::Unknown => None,
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
        OperationState::Held { why, .. } => format!("held: {}", word_of(*why)),
        OperationState::Failed {
            code: Some(code), ..
        } => format!("refused ({code})"),
        OperationState::Failed { code: None, .. } => "refused".to_owned(),
    }
}

/// Returns why something is held, in a word or two.
pub(super) fn word_of(why: Hold) -> &'static str {
    match why {
        Hold::Unconfirmed => "not confirmed",
        Hold::Stale => "too old to go out by itself",
        Hold::Closed => "the editor was closed",
        Hold::Conflict => "both changed it",
        Hold::Changed => "changed since you saw it",
        Hold::TooLate => "it went out before",
        Hold::Gone => "not there any more",
        Hold::Recovered => "from a damaged store",
    }
}

/// Tells all of one operation of the outbox.
pub fn explain(state: &State, id: OperationId) -> Option<Explanation> {
    let (operation, how) = state.replica.operation(id)?;
    Some(Explanation {
        reason: reason(how).map(str::to_owned),
        waits_for: waits_for(state, operation, how),
        choices: choices(&operation.change, how),
    })
}

fn waits_for(state: &State, operation: &Operation, how: &OperationState) -> String {
    match how {
        OperationState::Unsaved { reason: None } => "the disk".to_owned(),
        OperationState::Unsaved { reason: Some(_) } => {
            "the disk: it is tried again by itself and sent once it is saved".to_owned()
        }
        OperationState::Queued => what_queued_waits_for(state, operation),
        OperationState::InFlight => "the answer".to_owned(),
        OperationState::Unknown => "a look at the queue: the answer to it got lost".to_owned(),
        OperationState::Acked => "the next reading of the queue".to_owned(),
        OperationState::Held { .. } | OperationState::Failed { .. } => "you".to_owned(),
    }
}

fn what_queued_waits_for(state: &State, operation: &Operation) -> String {
    if let Some(end) = operation.not_before.filter(|end| *end > state.now) {
        let left = end.0 - state.now.0;
        return format!("its window: {left} s in which it can be taken back");
    }
    match &state.link {
        Link::Follower => return "the other editor, which sends for this account".to_owned(),
        Link::Offline { since, reason } => {
            let since = clock(state, *since);
            return format!("the line, offline since {since}: {reason}");
        }
        Link::SignIn { reason } => return format!("signing in: {reason}"),
        Link::Limited { until } => {
            return format!("the limit of the API, until {}", clock(state, *until));
        }
        Link::Connecting => return "the line: connecting".to_owned(),
        Link::Online { .. } => {}
    }
    if let Some((other, how)) = earlier(state, operation) {
        let word = other.change.word();
        let how = words(state, other, how);
        return format!("an earlier change of the same update ({word}, {how})");
    }
    if let Some((other, how)) = same_text_leaving(state, operation) {
        let how = words(state, other, how);
        return format!("the delete of an update that says the same ({how})");
    }
    if let Some(name) = other_half(state, operation) {
        return format!("its being made in {name}, as it moves there");
    }
    "its turn".to_owned()
}

/// Returns the delete that a create waits for, as the API has no text twice.
fn same_text_leaving<'a>(
    state: &'a State,
    operation: &Operation,
) -> Option<&'a (Operation, OperationState)> {
    let Change::Create { content, .. } = &operation.change else {
        return None;
    };
    let text = normalized(&content.text);
    state.replica.operations().iter().find(|(other, how)| {
        let says_the_same = match &other.change {
            Change::Destroy { seen, .. } => normalized(&seen.text) == text,
            _ => false,
        };
        let is_done = needs_you(how) || *how == OperationState::Acked;
        says_the_same && !is_done && other.id < operation.id && other.profile == operation.profile
    })
}

/// Returns the name of the profile an update moves to, while it is not made there and its delete
/// waits for that.
fn other_half(state: &State, operation: &Operation) -> Option<String> {
    let (create, _) = state.replica.operations().iter().find(|(other, how)| {
        other.group == operation.group
            && other.profile != operation.profile
            && matches!(other.change, Change::Create { .. })
            && *how != OperationState::Acked
    })?;
    let is_destroy = matches!(operation.change, Change::Destroy { .. });
    let to = state.replica.profile(&create.profile)?;
    is_destroy.then(|| name_of(to))
}

/// Returns the change it has to wait for: the latest before it of one of its updates; an order
/// waits for none that is held or refused.
fn earlier<'a>(state: &'a State, operation: &Operation) -> Option<&'a (Operation, OperationState)> {
    let orders = matches!(operation.change, Change::Reorder { .. });
    let touches = |update: &LocalId| {
        let all = state.replica.operations_of(*update).rev();
        let mut before = all.filter(|(other, how)| {
            other.id < operation.id && *how != OperationState::Acked && !(orders && needs_you(how))
        });
        before.next()
    };
    operation.change.updates().iter().take(20).find_map(touches)
}

/// Returns what can be done with an operation, the best first.
pub(super) fn choices(change: &Change, how: &OperationState) -> Vec<(Command, &'static str)> {
    use Command::{OutboxDiscard, OutboxEdit, OutboxOpen, OutboxRetry};
    let go = (OutboxOpen, "go to it");
    let edits = matches!(change, Change::Edit { .. });
    let writes = edits || matches!(change, Change::Create { .. });
    let mut found = match how {
        OperationState::Unsaved { reason: Some(_) } => vec![
            (OutboxRetry, "try to save it now"),
            (OutboxDiscard, "give it up"),
            go,
        ],
        OperationState::Unsaved { reason: None } | OperationState::Queued => {
            vec![(OutboxDiscard, "give it up"), go]
        }
        OperationState::InFlight | OperationState::Unknown | OperationState::Acked => vec![go],
        OperationState::Failed { .. } => {
            vec![
                (OutboxRetry, "send again"),
                (OutboxDiscard, "give it up"),
                go,
            ]
        }
        OperationState::Held { why, .. } => match why {
            Hold::Conflict => vec![
                (OutboxOpen, "look at both texts"),
                (OutboxDiscard, "take theirs"),
            ],
            Hold::Changed => vec![
                (OutboxOpen, "look at what changed"),
                (OutboxDiscard, "drop it"),
            ],
            Hold::TooLate | Hold::Gone if edits => vec![
                (OutboxOpen, "look at both texts"),
                (OutboxDiscard, "drop it, its text becomes a draft"),
            ],
            Hold::TooLate | Hold::Gone => vec![(OutboxDiscard, "drop it")],
            Hold::Unconfirmed if edits => vec![
                (OutboxOpen, "look at both texts"),
                (OutboxRetry, "send again"),
                (OutboxDiscard, "take theirs"),
            ],
            Hold::Unconfirmed | Hold::Recovered => vec![
                (OutboxRetry, "send again: it may be there twice then"),
                (OutboxDiscard, "drop it"),
                go,
            ],
            Hold::Stale | Hold::Closed => {
                vec![(OutboxRetry, "send now"), (OutboxDiscard, "drop it"), go]
            }
        },
    };
    if writes && needs_you(how) {
        let gone = matches!(
            how,
            OperationState::Held {
                why: Hold::TooLate | Hold::Gone,
                ..
            }
        );
        let word = if gone {
            "a new post from your text"
        } else {
            "edit your text"
        };
        found.insert(found.len().min(1), (OutboxEdit, word));
    }
    found
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
