//! The outbox: what waits is taken back, what is held or refused is sent again, given up, opened or
//! written anew. What was typed is never lost: undo or a draft keeps it.

use super::commands::say;
use super::nav::{self, To};
use super::{carry, compose, conflict, filter, transfer, undo};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::mode::{Confirm, Conflict, Mode, Outbox, Question, Scroll};
use crate::app::notice::Severity;
use crate::app::outbox::{choices, needs_you, outbox_order, outbox_row};
use crate::app::sides::{There, has_sides, there};
use crate::app::state::{Pane, State};
use crate::app::status::first_line;
use crate::domain::done::{Done, Inverse, Step};
use crate::domain::id::{GroupId, LocalId, OperationId};
use crate::domain::operation::{Change, Editable, Hold, Operation, OperationState, Placement};
use crate::protocol::SyncCommand;

/// So many lines of a question name what it is about.
const NAMED: usize = 5;

/// Opens the outbox.
pub(super) fn open(state: &mut State) {
    state.mode = Mode::Outbox(Outbox::default());
}

/// Opens the outbox again after something in it was decided, if more of it needs the person.
pub(super) fn go_on(state: &mut State) {
    let operations = state.replica.operations().iter();
    let needing = operations.filter(|(_, how)| needs_you(how)).count();
    state.mode = if needing > 0 {
        Mode::Outbox(Outbox::default())
    } else {
        Mode::Lists
    };
}

/// Opens the outbox with the cursor on an operation.
pub(super) fn back_to(state: &mut State, operation: OperationId) {
    state.mode = Mode::Outbox(Outbox {
        on: Some(operation),
        ..Outbox::default()
    });
}

/// Returns the marked operations, else the one under the cursor.
fn chosen(state: &State) -> Vec<OperationId> {
    let Mode::Outbox(outbox) = &state.mode else {
        return Vec::new();
    };
    let order = outbox_order(state);
    let marked: Vec<OperationId> = order
        .iter()
        .copied()
        .filter(|id| outbox.marks.contains(id))
        .collect();
    if marked.is_empty() {
        let at = outbox.on.filter(|on| order.contains(on));
        return at
            .or(order.get(outbox.cursor).copied())
            .into_iter()
            .collect();
    }
    marked
}

fn one(state: &State) -> Option<(Operation, OperationState)> {
    let id = chosen(state).first().copied()?;
    state.replica.operation(id).cloned()
}

/// Marks the row, or takes its mark, and steps down.
pub(super) fn mark(state: &mut State, out: &mut Vec<Effect>) {
    let order = outbox_order(state);
    let Mode::Outbox(outbox) = &mut state.mode else {
        return;
    };
    let Some(on) = outbox.on.or(order.get(outbox.cursor).copied()) else {
        return;
    };
    if !outbox.marks.remove(&on) {
        outbox.marks.insert(on);
    }
    nav::go(state, out, To::By(1));
}

/// Sends the chosen operations again: the person decided.
pub(super) fn retry(state: &mut State, out: &mut Vec<Effect>) {
    let ids = chosen(state);
    match ids[..] {
        [] => {}
        // One try of the disk saves all.
        [id, ..] if ids.len() == 1 || ids.iter().all(|id| is_unsaved(state, *id)) => {
            retry_one(state, out, id);
        }
        [..] => ask_retry(state, ids),
    }
}

fn is_unsaved(state: &State, id: OperationId) -> bool {
    let found = state.replica.operation(id);
    found.is_some_and(|(_, how)| matches!(how, OperationState::Unsaved { .. }))
}

fn retry_one(state: &mut State, out: &mut Vec<Effect>, id: OperationId) {
    let Some((operation, how)) = state.replica.operation(id).cloned() else {
        return;
    };
    let can = choices(&operation.change, &how);
    if can
        .iter()
        .any(|(command, _)| *command == Command::OutboxRetry)
    {
        out.push(Effect::Sync(SyncCommand::Retry(id)));
        let text = match how {
            OperationState::Unsaved { .. } => "trying to save it",
            _ => "trying again",
        };
        return say(state, Severity::Done, text);
    }
    match how {
        OperationState::Held { .. } if has_sides(&operation.change, &how) => look(state, id),
        OperationState::Held { .. } => {
            let text = "it cannot be sent any more: x drops it, e writes a new post";
            say(state, Severity::Warning, text);
        }
        OperationState::Unsaved { .. } => {
            say(state, Severity::Done, "it is being saved");
        }
        OperationState::Queued
        | OperationState::InFlight
        | OperationState::Unknown
        | OperationState::Failed { .. }
        | OperationState::Acked => say(state, Severity::Done, "it goes out by itself"),
    }
}

/// Asks whether all that can be is sent again.
pub(super) fn retry_all(state: &mut State) {
    let order = outbox_order(state);
    ask_retry(state, order);
}

/// Asks before several are sent again: of some nobody knows whether they arrived.
fn ask_retry(state: &mut State, ids: Vec<OperationId>) {
    let can = |id: &OperationId| {
        let (operation, how) = state.replica.operation(*id)?;
        let choices = choices(&operation.change, how);
        let can = choices.iter().any(|(c, _)| *c == Command::OutboxRetry);
        let can = can && !is_unsaved(state, *id);
        can.then(|| is_unconfirmed(how))
    };
    let all = ids.len();
    let found: Vec<(OperationId, bool)> = ids
        .into_iter()
        .filter_map(|id| Some((id, can(&id)?)))
        .collect();
    if found.is_empty() {
        return say(state, Severity::Done, "nothing here can be sent again");
    }
    let ids: Vec<OperationId> = found.iter().map(|(id, _)| *id).collect();
    let unsure = found.iter().filter(|(_, unsure)| *unsure).count();
    let mut warnings = Vec::new();
    if unsure > 0 {
        warnings.push(format!(
            "{unsure} of them may have arrived already and could be there twice"
        ));
    }
    state.mode = Mode::Confirm(Confirm {
        title: format!("Send {} of {all} again?", ids.len()),
        lines: name_some(state, &ids),
        warnings,
        what: Question::Retry(ids),
    });
}

fn is_unconfirmed(how: &OperationState) -> bool {
    matches!(
        how,
        OperationState::Held {
            why: Hold::Unconfirmed | Hold::Recovered,
            ..
        }
    )
}

fn name_some(state: &State, ids: &[OperationId]) -> Vec<String> {
    let rows = ids.iter().take(NAMED);
    let mut lines: Vec<String> = rows
        .filter_map(|id| outbox_row(state, *id))
        .map(|row| format!("{}: {}", row.profile, row.what))
        .collect();
    if ids.len() > NAMED {
        lines.push(format!("and {} more", ids.len() - NAMED));
    }
    lines
}

/// Yes: sends these again.
pub(super) fn retry_these(state: &mut State, out: &mut Vec<Effect>, ids: &[OperationId]) {
    for id in ids {
        out.push(Effect::Sync(SyncCommand::Retry(*id)));
    }
    open(state);
    say(state, Severity::Done, format!("trying {} again", ids.len()));
}

/// Gives the chosen operations up. It asks where more than one goes, and where nobody knows whether
/// it arrived.
pub(super) fn discard(state: &mut State, out: &mut Vec<Effect>) {
    let ids = chosen(state);
    let unsure = |id: &OperationId| {
        let found = state.replica.operation(*id);
        found.is_some_and(|(_, how)| is_unconfirmed(how))
    };
    if ids.len() > 1 || ids.iter().any(unsure) {
        let title = match ids.len() {
            1 => "Give it up?".to_owned(),
            many => format!("Give {many} up?"),
        };
        let reasons = ids.iter().filter_map(|id| outbox_row(state, *id)?.reason);
        state.mode = Mode::Confirm(Confirm {
            title,
            lines: name_some(state, &ids),
            warnings: reasons.take(1).filter(|_| ids.len() == 1).collect(),
            what: Question::Discard(ids),
        });
        return;
    }
    give_up(state, out, &ids);
}

/// Yes: gives these up.
pub(super) fn discard_these(state: &mut State, out: &mut Vec<Effect>, ids: &[OperationId]) {
    give_up(state, out, ids);
    open(state);
}

fn give_up(state: &mut State, out: &mut Vec<Effect>, ids: &[OperationId]) {
    // The latest first: what was made later may stand on what was made earlier.
    let mut said = None;
    for id in ids.iter().rev() {
        said = give_up_one(state, out, *id).or(said);
    }
    if let Some(text) = said {
        let text = match ids.len() {
            0 | 1 => text,
            many => format!("given up: {many}; u takes the last one up again"),
        };
        say(state, Severity::Done, text);
    }
}

/// Gives one up; says what became of what it held.
pub(super) fn give_up_one(
    state: &mut State,
    out: &mut Vec<Effect>,
    id: OperationId,
) -> Option<String> {
    let (operation, how) = state.replica.operation(id).cloned()?;
    match how {
        OperationState::Held { .. } | OperationState::Failed { .. } => drop_one(state, out, id),
        OperationState::Unsaved { .. } | OperationState::Queued => {
            transfer::keep_source(state, out, id);
            state.history.forget(id);
            undo::cancel(state, out, vec![id]);
        }
        OperationState::InFlight | OperationState::Unknown | OperationState::Acked => {
            let text = "it is on its way: too late to give it up";
            say(state, Severity::Warning, text);
            return None;
        }
    }
    Some(keep_what_it_held(state, out, &operation))
}

/// Takes a held or refused operation out, without keeping what it held.
pub(super) fn drop_one(state: &mut State, out: &mut Vec<Effect>, id: OperationId) {
    state.history.forget(id);
    state.replica.remove(id);
    out.push(Effect::Sync(SyncCommand::Discard(id)));
    carry::rebase(state);
}

/// Notes the text of what was given up, so that undo brings it back; where there is no update left
/// to bring it back to, it becomes a draft.
fn keep_what_it_held(state: &mut State, out: &mut Vec<Effect>, operation: &Operation) -> String {
    let word = operation.change.word();
    let (change, inverse) = match &operation.change {
        Change::Edit { update, want, .. } => {
            let Some(now) = now(state, operation, *update) else {
                compose::keep_as_draft(state, out, operation);
                return "dropped; your text is kept as a draft: c goes on with it".to_owned();
            };
            // As if the person had edited their text into what is there now.
            let change = Change::Edit {
                update: *update,
                base: want.clone(),
                want: now,
            };
            (change, Inverse::EditBack)
        }
        Change::Create {
            update,
            content,
            placement,
            ..
        } => {
            if state.replica.profile(&operation.profile).is_none() {
                compose::keep_as_draft(state, out, operation);
                return "dropped; its text is kept as a draft: c goes on with it".to_owned();
            }
            let placement = match placement {
                // Nothing is published by taking something back.
                Placement::Now => Placement::Queue,
                Placement::Queue | Placement::Top | Placement::At(_) | Placement::Pinned(_) => {
                    *placement
                }
            };
            let change = Change::Destroy {
                update: *update,
                seen: content.clone(),
            };
            let place = None;
            (change, Inverse::CreateAgain { placement, place })
        }
        Change::Reorder { .. }
        | Change::Share { .. }
        | Change::Destroy { .. }
        | Change::Requeue { .. } => return format!("given up: {word}"),
    };
    note(state, operation, change, inverse);
    "given up; u brings it back".to_owned()
}

/// Returns what is there now of an update that can still be edited.
fn now(state: &State, operation: &Operation, update: LocalId) -> Option<Editable> {
    if let There::Sent(_) = there(state, &operation.profile, update) {
        return None;
    }
    let update = state.replica.update(update)?;
    Some(crate::app::sides::editable(update))
}

/// Notes something for undo that no operation did.
fn note(state: &mut State, like: &Operation, change: Change, inverse: Inverse) {
    let text = match &like.change {
        Change::Edit { want, .. } => first_line(&want.content.text),
        Change::Create { content, .. } => first_line(&content.text),
        _ => String::new(),
    };
    let group = GroupId(state.ids.ulid(state.now));
    let operation = Operation {
        id: OperationId(state.ids.ulid(state.now)),
        group,
        made_at: state.now,
        not_before: None,
        profile: like.profile.clone(),
        change,
    };
    let done = Done {
        steps: vec![Step { operation, inverse }],
        ..Done::of(group, format!("gave up: “{text}”"))
    };
    state.history.push(done, state.now);
}

/// Opens both texts of what is held, or goes to the update.
pub(super) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let Some((operation, how)) = one(state) else {
        return;
    };
    if has_sides(&operation.change, &how) {
        return look(state, operation.id);
    }
    let updates = operation.change.updates();
    state.mode = Mode::Lists;
    nav::go_to_profile(state, out, &operation.profile);
    let Some(shown) = state.replica.queue(&operation.profile) else {
        return;
    };
    let queued = |id: &LocalId| Some((shown.queue.find(*id)?, *id));
    let failed = |id: &LocalId| Some((shown.failed.iter().position(|f| f == id)?, *id));
    let in_queue = updates.iter().find_map(queued);
    let in_failed = updates.iter().find_map(failed);
    match (in_queue, in_failed) {
        (Some((index, on)), _) => {
            filter::uncover(state, on);
            nav::focus(state, Pane::Queue);
            nav::put(state, |c| &mut c.queue, index, Some(on));
        }
        (None, Some((index, on))) => {
            nav::focus(state, Pane::Sent);
            filter::clear(state);
            nav::put(state, |c| &mut c.sent, index, Some(on));
        }
        (None, None) => say(state, Severity::Done, "its update is not in the queue"),
    }
}

fn look(state: &mut State, operation: OperationId) {
    state.mode = Mode::Conflict(Conflict {
        operation,
        scroll: Scroll::default(),
    });
}

/// Opens what the person wrote for writing on.
pub(super) fn edit(state: &mut State) {
    let Some((operation, how)) = one(state) else {
        return;
    };
    let can = choices(&operation.change, &how);
    if can
        .iter()
        .any(|(command, _)| *command == Command::OutboxEdit)
    {
        return conflict::write_on(state, &operation);
    }
    let text = match operation.change {
        Change::Edit { .. } | Change::Create { .. } => {
            "it goes out by itself: edit it in the queue"
        }
        _ => "there is no text of yours in it",
    };
    say(state, Severity::Done, text);
}
