//! Edits of the queue: each is committed to the replica at once, handed to the worker, and noted
//! for undo.

use super::among;
use super::commands::say;
use super::{guard, marks};
use crate::app::effect::Effect;
use crate::app::entries::Entries;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::done::{Done, Inverse, Step};
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Editable, Move, Operation, Placement};
use crate::domain::queue::{Queue, Row};
use crate::domain::time::Timestamp;
use crate::domain::update::{OwnTime, Update};
use crate::protocol::SyncCommand;

/// How many updates a question names.
const NAMED: usize = 5;

/// One edit to be made.
pub(super) struct Edit {
    pub(super) profile: ProfileId,
    pub(super) change: Change,
    pub(super) inverse: Inverse,
}

impl State {
    /// Says until when an operation waits so that it can be taken back.
    fn window_of(&self, change: &Change) -> Option<Timestamp> {
        let waits = match change {
            Change::Share { .. } | Change::Destroy { .. } => true,
            Change::Create { placement, .. } => *placement == Placement::Now,
            Change::Edit { .. } | Change::Reorder { .. } | Change::Requeue { .. } => false,
        };
        (waits && self.settings.window > 0).then(|| self.now.plus(self.settings.window.into()))
    }
}

/// Commits edits as one thing a person did; `note` says where undo keeps it.
pub(super) fn act(state: &mut State, out: &mut Vec<Effect>, label: String, edits: Vec<Edit>) {
    let group = GroupId(state.ids.ulid(state.now));
    let done = commit(state, out, group, label, edits);
    state.history.push(done, state.now);
}

/// Commits edits without noting them for undo.
pub(super) fn commit(
    state: &mut State,
    out: &mut Vec<Effect>,
    group: GroupId,
    label: String,
    edits: Vec<Edit>,
) -> Done {
    let mut steps = Vec::with_capacity(edits.len());
    for edit in edits {
        let operation = Operation {
            id: OperationId(state.ids.ulid(state.now)),
            group,
            profile: edit.profile,
            made_at: state.now,
            not_before: state.window_of(&edit.change),
            change: edit.change,
        };
        if let Some(end) = operation.not_before {
            state.windows.push((operation.id, end));
        }
        steps.push(Step {
            operation,
            inverse: edit.inverse,
        });
    }
    let operations: Vec<Operation> = steps.iter().map(|step| step.operation.clone()).collect();
    state.replica.commit_all(operations.clone());
    out.push(Effect::Sync(SyncCommand::Enqueue(operations)));
    Done {
        steps,
        ..Done::of(group, label)
    }
}

/// Returns the moves that put `updates` (in queue order) back where they are now, whatever happens
/// to them: each behind its neighbour, from the top down, so that every neighbour is there already.
pub(super) fn moves_back(queue: &Queue, updates: &[LocalId]) -> Vec<Move> {
    let back = |update: &LocalId| {
        Some(Move {
            updates: vec![*update],
            place: queue.place_of(*update, queue.find(*update)?)?,
        })
    };
    updates.iter().filter_map(back).collect()
}

/// Commits one move of the queue on the screen.
pub(super) fn reorder(
    state: &mut State,
    out: &mut Vec<Effect>,
    label: String,
    moved: Move,
    back: Vec<Move>,
) {
    let Some(profile) = state.profile.clone() else {
        return;
    };
    let change = Change::Reorder { moves: vec![moved] };
    let edit = Edit {
        profile,
        change,
        inverse: Inverse::MoveBack(back),
    };
    let locked = guard::order(state);
    act(state, out, label, vec![edit]);
    guard::warn_of_move(state, &locked);
}

fn move_selection(
    state: &mut State,
    out: &mut Vec<Effect>,
    to: &str,
    find: impl Fn(&Queue, &[LocalId]) -> Option<Move>,
) {
    let updates = state.selection();
    move_these(state, out, to, &updates, find);
}

fn move_these(
    state: &mut State,
    out: &mut Vec<Effect>,
    to: &str,
    updates: &[LocalId],
    find: impl Fn(&Queue, &[LocalId]) -> Option<Move>,
) {
    let Some(queue) = state.queue() else { return };
    let Some(moved) = find(queue, updates) else {
        return say_stuck(state, updates);
    };
    let back = moves_back(queue, &moved.updates);
    let label = label_of(state, &format!("moved {to}"), &moved.updates);
    reorder(state, out, label, moved, back);
}

/// Says why nothing moved.
fn say_stuck(state: &mut State, updates: &[LocalId]) {
    let Some(queue) = state.queue().filter(|_| !updates.is_empty()) else {
        return;
    };
    let rows = updates
        .iter()
        .filter_map(|id| queue.rows().get(queue.find(*id)?));
    if rows.into_iter().all(|row| row.fixed) {
        say(
            state,
            Severity::Warning,
            "it has a time of its own: r changes that, f gives it a slot",
        );
    } else {
        say(state, Severity::Done, "it cannot go further");
    }
}

/// Names what was done to `updates`.
pub(super) fn label_of(state: &State, verb: &str, updates: &[LocalId]) -> String {
    match updates {
        [one] => {
            let text = state.update(*one).map(|u| first_line(&u.body.content.text));
            format!("{verb}: “{}”", text.unwrap_or_default())
        }
        many => format!("{verb}: {} updates", many.len()),
    }
}

/// Moves the selection so many places.
pub(super) fn move_by(state: &mut State, out: &mut Vec<Effect>, by: isize) {
    let to = if by < 0 { "up" } else { "down" };
    if state.search().is_none() {
        return move_selection(state, out, to, |queue, updates| queue.moved_by(updates, by));
    }
    let listing = state.shows.listing.clone();
    move_selection(state, out, to, |queue, updates| {
        among::moved_by(Entries::new(queue.rows(), &listing), queue, updates, by)
    });
}

/// Moves the selection to the top.
pub(super) fn to_top(state: &mut State, out: &mut Vec<Effect>) {
    let updates = state.selection();
    put_on_top(state, out, &updates);
}

/// Moves these to the top.
pub(super) fn put_on_top(state: &mut State, out: &mut Vec<Effect>, updates: &[LocalId]) {
    move_these(state, out, "to the top", updates, Queue::moved_to_top);
}

/// Moves the selection to the end.
pub(super) fn to_bottom(state: &mut State, out: &mut Vec<Effect>) {
    move_selection(state, out, "to the end", Queue::moved_to_bottom);
}

/// Deletes the selection; more than one asks.
pub(super) fn delete(state: &mut State, out: &mut Vec<Effect>) {
    let updates = state.selection();
    let warning = guard::warning(state, &updates);
    if updates.len() < 2 && warning.is_none() {
        return delete_all(state, out, &updates);
    }
    let lines = first_lines(state, &updates);
    state.mode = Mode::Confirm(Confirm {
        title: match updates.len() {
            1 => "Delete it all the same?".to_owned(),
            many => format!("Delete {many} updates?"),
        },
        lines,
        warnings: warning.into_iter().collect(),
        what: Question::Delete(updates),
    });
}

/// Names updates for a question: the first ones, and how many more there are.
pub(super) fn first_lines(state: &State, updates: &[LocalId]) -> Vec<String> {
    let named = updates
        .iter()
        .take(NAMED)
        .filter_map(|id| state.update(*id));
    let mut lines: Vec<String> = named
        .map(|update| first_line(&update.body.content.text))
        .collect();
    if updates.len() > lines.len() {
        lines.push(format!("and {} more", updates.len() - lines.len()));
    }
    lines
}

/// Deletes these, each from the queue it is in: another may show by the time the question is
/// answered.
pub(super) fn delete_all(state: &mut State, out: &mut Vec<Effect>, updates: &[LocalId]) {
    let edits: Vec<Edit> = updates
        .iter()
        .filter_map(|id| state.replica.find(*id))
        .map(|(profile, update)| destroy(state, profile, update))
        .collect();
    if edits.is_empty() {
        return;
    }
    let label = label_of(state, "deleted", updates);
    marks::clear(state);
    act(state, out, label, edits);
}

/// Returns the edit that deletes an update of the queue on the screen, or of any other.
pub(super) fn destroy(state: &State, profile: &ProfileId, update: &Update) -> Edit {
    let place = state.replica.queue(profile).and_then(|shown| {
        let near = shown.queue.find(update.id)?;
        shown.queue.place_of(update.id, near)
    });
    let placement = Placement::of(update.body.own_time);
    Edit {
        profile: profile.clone(),
        change: Change::Destroy {
            update: update.id,
            seen: update.body.content.clone(),
        },
        inverse: Inverse::CreateAgain { placement, place },
    }
}

/// Deletes the failed update under the cursor.
pub(super) fn delete_failed(state: &mut State, out: &mut Vec<Effect>) {
    match failed_under_cursor(state) {
        Some(update) => delete_all(state, out, &[update]),
        None => say(
            state,
            Severity::Warning,
            "what was sent cannot be deleted from here",
        ),
    }
}

fn failed_under_cursor(state: &State) -> Option<LocalId> {
    state.failed().get(state.cursors().sent.index).copied()
}

/// Puts the failed update under the cursor back into the queue.
pub(super) fn requeue(state: &mut State, out: &mut Vec<Effect>) {
    let (Some(update), Some(profile)) = (failed_under_cursor(state), state.profile.clone()) else {
        return say(
            state,
            Severity::Warning,
            "it was sent: a writes a new update from its text",
        );
    };
    let label = label_of(state, "put back into the queue", &[update]);
    say(state, Severity::Done, label.clone());
    let edit = Edit {
        profile,
        change: Change::Requeue { update },
        inverse: Inverse::None,
    };
    act(state, out, label, vec![edit]);
}

/// Fixes the selection to the times it has; if all of it is fixed, lets it go.
pub(super) fn pin(state: &mut State, out: &mut Vec<Effect>) {
    let (Some(profile), Some(queue)) = (state.profile.clone(), state.queue()) else {
        return;
    };
    let selected = state.selection();
    let rows: Vec<Row> = selected
        .iter()
        .filter_map(|id| queue.rows().get(queue.find(*id)?).copied())
        .collect();
    if rows.is_empty() {
        return;
    }
    let lets_go = rows.iter().all(|row| row.fixed);
    let edits: Vec<Edit> = rows
        .iter()
        .filter(|row| row.fixed == lets_go)
        .filter_map(|row| {
            let own_time = match row.due_at {
                _ if lets_go => None,
                due => Some(OwnTime {
                    at: due?,
                    pinned: true,
                }),
            };
            retime(state, &profile, row.update, own_time)
        })
        .collect();
    if edits.is_empty() {
        let text = "it has no time to be fixed to: the queue is paused or has no slots";
        return say(state, Severity::Warning, text);
    }
    let verb = if lets_go { "let go" } else { "fixed" };
    let updates: Vec<LocalId> = edits.iter().flat_map(|e| e.change.updates()).collect();
    let label = label_of(state, verb, &updates);
    say(state, Severity::Done, label.clone());
    act(state, out, label, edits);
}

/// Returns the edit that gives an update another time of its own, or none.
pub(super) fn retime(
    state: &State,
    profile: &ProfileId,
    update: LocalId,
    own_time: Option<OwnTime>,
) -> Option<Edit> {
    let body = &state.update(update)?.body;
    let base = Editable {
        content: body.content.clone(),
        own_time: body.own_time,
    };
    let want = Editable {
        content: base.content.clone(),
        own_time,
    };
    (base != want).then(|| Edit {
        profile: profile.clone(),
        change: Change::Edit { update, base, want },
        inverse: Inverse::EditBack,
    })
}
