//! Putting into another profile what was cut or carried: as a copy or a move, which is asked.
//!
//! A move to another profile is a create there and a delete here, in one group: one undo takes both
//! back. The delete waits for the create (see [`keep_source`] and the outbox), so a refused create
//! never costs the text.

use std::collections::HashSet;

use super::commands::say;
use super::paste::{go_to, meanwhile};
use super::queue::{Edit, act, destroy, label_of};
use super::{guard, marks, tags, undo};
use crate::app::effect::Effect;
use crate::app::mode::{Carrier, Confirm, Grab, Mode, Question, Transfer};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::{first_line, name_of};
use crate::domain::done::Inverse;
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::length::measure;
use crate::domain::operation::{Change, Move, OperationState, Place, Placement};
use crate::domain::profile::Profile;
use crate::domain::update::Update;

/// What becomes of those that go to another profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Copy,
    Move,
}

/// How many updates a question names.
const NAMED: usize = 4;

/// Said of a queue that cannot take anything yet.
pub(super) const NOT_READ: &str = "that queue is not read yet; try again in a moment";

/// Asks what shall become of what was carried to another profile.
pub(super) fn ask_carried(state: &mut State, mut grab: Grab) {
    // The button of a mouse is up by now, whatever the answer.
    grab.by = Carrier::Keys;
    let Some(place) = grab.place else {
        state.mode = Mode::Grab(grab);
        return;
    };
    let transfer = Transfer {
        from: grab.home.clone(),
        to: grab.profile.clone(),
        updates: grab.updates.clone(),
        place,
        grab: Some(grab),
    };
    ask(state, transfer, 0);
}

/// What of a transfer can be done.
struct Plan {
    /// These go.
    go: Vec<LocalId>,
    /// These the network would not take; why.
    stay: Vec<String>,
    /// So many of those that go have a time of their own.
    timed: usize,
}

fn plan(state: &State, from: &ProfileId, to: &Profile, updates: &[LocalId]) -> Plan {
    let mut plan = Plan {
        go: Vec::new(),
        stay: Vec::new(),
        timed: 0,
    };
    let Some(shown) = state.replica.queue(from) else {
        return plan;
    };
    let queued = updates.iter().filter(|id| shown.queue.contains(**id));
    let queued: Vec<&Update> = queued.filter_map(|id| shown.update(*id)).collect();
    let there = there_already(state, to, &queued);
    for update in queued {
        if let Some(why) = too_long(update, to).or_else(|| is_there(update, &there)) {
            plan.stay.push(why);
        } else {
            plan.timed += usize::from(update.body.own_time.is_some());
            plan.go.push(update.id);
        }
    }
    plan
}

/// Seconds in which a network's API refuses a text that was sent before.
const SAME_TEXT: i64 = 24 * 3600;

/// Returns those texts of `updates` that wait in another queue or were sent from there within a day.
fn there_already<'a>(state: &'a State, to: &Profile, updates: &[&Update]) -> HashSet<&'a str> {
    let wanted: HashSet<&str> = updates.iter().map(|update| text_of(update)).collect();
    let shown = state.replica.queue(&to.id);
    let pending = shown.into_iter().flat_map(|shown| {
        let rows = shown.rows().iter();
        rows.filter_map(|row| shown.update(row.update))
    });
    let since = state.now.plus(-SAME_TEXT);
    let sent = state.sent.get(&to.id).map_or(&[][..], |sent| &sent.updates);
    let sent = sent.iter().filter(|update| {
        update
            .body
            .outcome
            .sent
            .as_ref()
            .is_some_and(|s| s.at > since)
    });
    let texts = pending.chain(sent).map(text_of);
    texts.filter(|text| wanted.contains(text)).collect()
}

fn text_of(update: &Update) -> &str {
    update.body.content.text.trim()
}

fn is_there(update: &Update, there: &HashSet<&str>) -> Option<String> {
    let text = text_of(update);
    there
        .contains(text)
        .then(|| format!("the same text is there already: “{}”", first_line(text)))
}

fn too_long(update: &Update, to: &Profile) -> Option<String> {
    let text = &update.body.content.text;
    let length = measure(&to.service, text, to.character_limit);
    length.is_over().then(|| {
        format!(
            "too long for {}, {} of {}: “{}”",
            to.service.title(),
            length.used,
            length.limit.unwrap_or_default(),
            first_line(text)
        )
    })
}

/// Asks what shall become of it; `gone` of it were sent or deleted meanwhile.
pub(super) fn ask(state: &mut State, transfer: Transfer, gone: usize) {
    let Some(to) = state.replica.profile(&transfer.to) else {
        return;
    };
    let plan = plan(state, &transfer.from, to, &transfer.updates);
    if plan.go.is_empty() {
        let why = plan.stay.into_iter().next();
        let why = why.unwrap_or_else(|| "it is no longer in its queue".to_owned());
        if let Some(grab) = transfer.grab {
            state.mode = Mode::Grab(grab);
        }
        return say(state, Severity::Warning, why);
    }
    let named = plan.go.iter().filter_map(|id| state.update(*id));
    let mut lines: Vec<String> = named
        .take(NAMED)
        .map(|update| first_line(&update.body.content.text))
        .collect();
    if plan.go.len() > lines.len() {
        lines.push(format!("and {} more", plan.go.len() - lines.len()));
    }
    let mut warnings = plan.stay;
    if warnings.len() > NAMED {
        let more = warnings.len() - NAMED;
        warnings.truncate(NAMED);
        warnings.push(format!("and {more} more that are not taken there"));
    }
    if !warnings.is_empty() {
        warnings.push("what is not taken there stays where it is".to_owned());
    }
    if gone > 0 {
        warnings.push(format!("{}, and left out", meanwhile(gone)));
    }
    warnings.extend(guard::warning(state, &plan.go));
    if plan.timed > 0 {
        warnings.push(match plan.timed {
            1 => "one has a time of its own and keeps it".to_owned(),
            n => format!("{n} have a time of their own and keep it"),
        });
    }
    let what = match plan.go.len() {
        1 => "Copy or move it".to_owned(),
        n => format!("Copy or move {n} updates"),
    };
    state.mode = Mode::Confirm(Confirm {
        title: format!("{what} to {}?", name_of(to)),
        lines,
        warnings,
        what: Question::Transfer(Box::new(transfer)),
    });
}

/// Copies or moves, as the person chose.
pub(super) fn answer(state: &mut State, out: &mut Vec<Effect>, how: How) {
    let Mode::Confirm(Confirm {
        what: Question::Transfer(transfer),
        ..
    }) = &state.mode
    else {
        return;
    };
    let transfer = transfer.as_ref().clone();
    state.mode = Mode::Lists;
    let Some(to) = state.replica.profile(&transfer.to) else {
        return;
    };
    // What is carried was fitted to what came in since the question was asked.
    let (updates, place) = match &transfer.grab {
        Some(grab) => (&grab.updates, grab.place.unwrap_or(transfer.place)),
        None => (&transfer.updates, transfer.place),
    };
    let plan = plan(state, &transfer.from, to, updates);
    let name = name_of(to);
    if let Some(grab) = &transfer.grab {
        // The cursors of the queues it came through are where they were.
        for (profile, cursor) in &grab.cursors {
            state.cursors.entry(profile.clone()).or_default().queue = *cursor;
        }
    }
    if plan.go.is_empty() {
        return say(state, Severity::Warning, "it is no longer in its queue");
    }
    let verb = match how {
        How::Copy => format!("copied to {name}"),
        How::Move => format!("moved to {name}"),
    };
    let label = label_of(state, &verb, &plan.go);
    let mut made = Vec::new();
    let mut edits = creates(state, &transfer.to, &plan.go, place, &mut made);
    if how == How::Move {
        let gone = plan.go.iter().filter_map(|id| state.update(*id));
        edits.extend(gone.map(|update| destroy(state, &transfer.from, update)));
    }
    marks::clear(state);
    state.cut = None;
    act(state, out, label.clone(), edits);
    let pairs: Vec<(LocalId, LocalId)> =
        plan.go.iter().copied().zip(made.iter().copied()).collect();
    tags::follow(state, out, &pairs);
    go_to(state, made.first().copied());
    let said = match plan.stay.len() {
        0 => label,
        n => format!("{label}; {n} not taken there: left where they were"),
    };
    say(state, Severity::Done, said);
}

/// Returns the edits that make `updates` again in another queue, at `place`.
fn creates(
    state: &mut State,
    to: &ProfileId,
    updates: &[LocalId],
    place: Place,
    made: &mut Vec<LocalId>,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut on_slots = Vec::new();
    for id in updates {
        let Some(body) = state.update(*id).map(|update| update.body.clone()) else {
            continue;
        };
        let update = LocalId::from(state.ids.ulid(state.now));
        // A pin holds a slot of its own queue, so elsewhere it is just a time.
        let own_time = body.own_time.filter(|own| own.at > state.now);
        let placement = match own_time {
            Some(own) => Placement::At(own.at),
            None => Placement::Queue,
        };
        if placement == Placement::Queue {
            on_slots.push(update);
        }
        made.push(update);
        edits.push(Edit {
            profile: to.clone(),
            change: Change::Create {
                update,
                content: body.content,
                placement,
                shorten: false,
            },
            inverse: Inverse::Destroy,
        });
    }
    // Where a create goes by itself needs no move.
    let at_end = place.before.is_none();
    if !at_end && !on_slots.is_empty() {
        let moved = Move {
            updates: on_slots,
            place,
        };
        edits.push(Edit {
            profile: to.clone(),
            change: Change::Reorder { moves: vec![moved] },
            // Without the updates there is nothing to move back.
            inverse: Inverse::MoveBack(Vec::new()),
        });
    }
    edits
}

/// A create will not be sent as it is: if it is half of a move to another profile, the other half,
/// the delete, is taken back, so that the update stays where it was.
pub(super) fn keep_source(state: &mut State, out: &mut Vec<Effect>, create: OperationId) {
    let Some((operation, _)) = state.replica.operation(create) else {
        return;
    };
    let Change::Create { content, .. } = &operation.change else {
        return;
    };
    let source = state.replica.operations().iter().find(|(other, how)| {
        let open = matches!(how, OperationState::Unsaved { .. } | OperationState::Queued);
        let same = matches!(&other.change, Change::Destroy { seen, .. } if seen == content);
        open && same && other.group == operation.group && other.profile != operation.profile
    });
    if let Some(source) = source.map(|(other, _)| other.id) {
        state.history.forget(source);
        undo::cancel(state, out, vec![source]);
    }
}
