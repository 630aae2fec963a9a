//! The two or three sides of something held: what the API has now, what the person wants, and what
//! it was when the person began. Computed from the state; the view only draws it.

use chrono_tz::Tz;

use super::command::Command;
use super::compare::{differing, tokens};
use super::outbox::{describe, word_of};
use super::state::State;
use super::status::name_of;
use super::when;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Editable, Hold, OperationState};
use crate::domain::time::Timestamp;
use crate::domain::update::Update;

/// All that is shown of something held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The name of its profile.
    pub profile: String,
    /// What it does, and the first line of its update.
    pub what: String,
    /// Why it is held, in words.
    pub reason: String,
    /// When it goes out, as the API has it.
    pub due_at: Option<Timestamp>,
    /// When it went out, if it did.
    pub went_out_at: Option<Timestamp>,
    /// The zone of the profile.
    pub zone: Tz,
    /// The sides, from left to right.
    pub columns: Vec<Side>,
    /// What can be done, with what that means here.
    pub choices: Vec<(Command, &'static str)>,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Whose it is.
    pub title: &'static str,
    /// Its text, cut where the marks change.
    pub text: Vec<Piece>,
    /// Its time, link and picture, as far as the sides differ there: name, value, whether it is
    /// not that of the base.
    pub facts: Vec<(&'static str, String, bool)>,
    /// The sign of a line with something that differs.
    pub sign: char,
    /// Said in place of a text: there is none.
    pub note: Option<String>,
}

/// A word, a run of spaces or a line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What.
    pub text: String,
    /// Whether the sides differ here.
    pub changed: bool,
}

/// What the API has of an update now.
pub(super) enum There<'a> {
    /// It is pending, or failed.
    Here(&'a Update),
    /// It went out.
    Sent(&'a Update),
    /// It is not there.
    Gone,
}

/// Looks an update up in what the API last said.
pub(super) fn there<'a>(state: &'a State, profile: &ProfileId, update: LocalId) -> There<'a> {
    let here = state.replica.queue(profile).and_then(|q| q.base(update));
    if let Some(here) = here {
        return There::Here(here);
    }
    let sent = state.sent.get(profile).map_or(&[][..], |s| &s.updates);
    match sent.iter().find(|sent| sent.id == update) {
        Some(sent) => There::Sent(sent),
        None => There::Gone,
    }
}

/// Returns what can be edited of an update.
pub(super) fn editable(update: &Update) -> Editable {
    Editable {
        content: update.body.content.clone(),
        own_time: update.body.own_time,
    }
}

/// Says whether an operation that is held like this is looked at side by side.
pub(super) fn has_sides(change: &Change, how: &OperationState) -> bool {
    match (change, how) {
        (Change::Edit { .. }, OperationState::Held { why, .. }) => match why {
            Hold::Conflict
            | Hold::Changed
            | Hold::TooLate
            | Hold::Gone
            | Hold::Unconfirmed
            | Hold::Recovered => true,
            Hold::Stale | Hold::Closed => false,
        },
        (Change::Share { .. } | Change::Destroy { .. }, OperationState::Held { why, .. }) => {
            *why == Hold::Changed
        }
        _ => false,
    }
}

/// Puts the sides of a held operation together; none if it is not held like that any more.
pub fn sides(state: &State, operation: OperationId) -> Option<Sides> {
    let (operation, how) = state.replica.operation(operation)?;
    let OperationState::Held { why, reason } = how else {
        return None;
    };
    if !has_sides(&operation.change, how) {
        return None;
    }
    let update = *operation.change.updates().first()?;
    let profile = state.replica.profile(&operation.profile);
    let zone = profile.map_or(Tz::UTC, |profile| profile.timezone);
    let there = there(state, &operation.profile, update);
    let (theirs, due_at) = match &there {
        There::Here(update) => {
            let queue = state.replica.queue(&operation.profile);
            let due_at = queue.and_then(|queue| queue.base_due_at(update.id));
            (Some(editable(update)), due_at)
        }
        There::Sent(update) => (Some(editable(update)), None),
        There::Gone => (None, None),
    };
    let went_out_at = match &there {
        There::Sent(update) => update.body.outcome.sent.as_ref().map(|sent| sent.at),
        There::Here(_) | There::Gone => None,
    };
    let is_sent = matches!(there, There::Sent(_));
    let note = "it is not there any more";
    let columns = match &operation.change {
        Change::Edit { base, want, .. } => {
            let title = if is_sent {
                "theirs, sent"
            } else {
                "theirs, now"
            };
            three(title, theirs.as_ref(), want, base, note, zone)
        }
        Change::Share { seen, .. } | Change::Destroy { seen, .. } => {
            let saw = Editable {
                content: seen.clone(),
                own_time: theirs.as_ref().and_then(|theirs| theirs.own_time),
            };
            two(theirs.as_ref(), &saw, note, zone)
        }
        Change::Create { .. } | Change::Reorder { .. } | Change::Requeue { .. } => return None,
    };
    let reason = if reason.is_empty() {
        word_of(*why).to_owned()
    } else {
        reason.clone()
    };
    Some(Sides {
        profile: profile.map_or_else(|| operation.profile.to_string(), name_of),
        what: describe(state, &operation.change),
        reason,
        due_at,
        went_out_at,
        zone,
        columns,
        choices: choices(&operation.change, *why, matches!(there, There::Here(_))),
    })
}

/// Returns what can be done here.
fn choices(change: &Change, why: Hold, is_here: bool) -> Vec<(Command, &'static str)> {
    use Command::{ConflictEdit, ConflictMine, ConflictNew, ConflictTheirs};
    match change {
        Change::Edit { .. } if !is_here || matches!(why, Hold::TooLate | Hold::Gone) => vec![
            (ConflictNew, "a new post from my text"),
            (ConflictEdit, "edit it first"),
            (ConflictTheirs, "drop it, kept as a draft"),
        ],
        Change::Edit { .. } => vec![
            (ConflictMine, "take mine"),
            (ConflictTheirs, "take theirs"),
            (ConflictEdit, "edit both"),
        ],
        _ => vec![
            (ConflictMine, "do it anyway"),
            (ConflictTheirs, "leave it as it is now"),
        ],
    }
}

fn three(
    title: &'static str,
    theirs: Option<&Editable>,
    yours: &Editable,
    base: &Editable,
    note: &str,
    zone: Tz,
) -> Vec<Side> {
    let text = |side: &Editable| side.content.text.clone();
    let (in_base, by_yours) = marks(&text(base), &text(yours));
    let (from_theirs, by_theirs) = match theirs {
        Some(theirs) => marks(&text(base), &text(theirs)),
        None => (vec![false; in_base.len()], Vec::new()),
    };
    let either: Vec<bool> = in_base
        .iter()
        .zip(&from_theirs)
        .map(|(a, b)| *a || *b)
        .collect();
    let all = [theirs.unwrap_or(base), yours, base];
    let side = |title, of: &Editable, marks: &[bool], sign| Side {
        title,
        text: pieces(&of.content.text, marks),
        facts: facts(of, base, &all, zone),
        sign,
        note: None,
    };
    let left = match theirs {
        Some(theirs) => side(title, theirs, &by_theirs, '+'),
        None => nothing(title, note),
    };
    vec![
        left,
        side("yours", yours, &by_yours, '+'),
        side("before, when you began", base, &either, '-'),
    ]
}

fn two(theirs: Option<&Editable>, saw: &Editable, note: &str, zone: Tz) -> Vec<Side> {
    let now = "as it is now";
    let text = |side: &Editable| side.content.text.clone();
    let all = [theirs.unwrap_or(saw), saw];
    let (in_saw, in_now) = match theirs {
        Some(theirs) => marks(&text(saw), &text(theirs)),
        None => (Vec::new(), Vec::new()),
    };
    let left = match theirs {
        Some(theirs) => Side {
            title: now,
            text: pieces(&theirs.content.text, &in_now),
            facts: facts(theirs, saw, &all, zone),
            sign: '+',
            note: None,
        },
        None => nothing(now, note),
    };
    let right = Side {
        title: "as you saw it",
        text: pieces(&saw.content.text, &in_saw),
        facts: facts(saw, saw, &all, zone),
        sign: '-',
        note: None,
    };
    vec![left, right]
}

fn nothing(title: &'static str, note: &str) -> Side {
    Side {
        title,
        text: Vec::new(),
        facts: Vec::new(),
        sign: ' ',
        note: Some(note.to_owned()),
    }
}

fn marks(base: &str, other: &str) -> (Vec<bool>, Vec<bool>) {
    differing(&tokens(base), &tokens(other))
}

fn pieces(text: &str, marks: &[bool]) -> Vec<Piece> {
    let tokens = tokens(text).into_iter().enumerate();
    tokens
        .map(|(at, token)| Piece {
            text: token.to_owned(),
            changed: marks.get(at).copied().unwrap_or(false),
        })
        .collect()
}

/// Time, link and picture, as far as the sides differ there.
fn facts(
    of: &Editable,
    base: &Editable,
    all: &[&Editable],
    zone: Tz,
) -> Vec<(&'static str, String, bool)> {
    let time = |side: &Editable| {
        side.own_time.map_or_else(
            || "a slot of the queue".to_owned(),
            |own| when::print(own.at, zone),
        )
    };
    let link = |side: &Editable| side.content.media.link.clone();
    let picture = |side: &Editable| side.content.media.picture.clone();
    let values = |side: &Editable| [time(side), link(side), picture(side)];
    let (of, base) = (values(of), values(base));
    let all: Vec<[String; 3]> = all.iter().map(|side| values(side)).collect();
    let mut facts = Vec::new();
    for (at, (name, value)) in ["time", "link", "picture"].into_iter().zip(of).enumerate() {
        if all.iter().any(|other| other[at] != value) {
            let differs = base[at] != value;
            let value = if value.is_empty() {
                "none".to_owned()
            } else {
                value
            };
            facts.push((name, value, differs));
        }
    }
    facts
}
