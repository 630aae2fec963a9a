//! Undo and redo: what is not sent yet is taken back whole; what was sent is answered by what
//! undoes it, as a new operation.

mod way;

use super::commands::say;
use super::drafts;
use super::queue::{Edit, commit};
use super::tags;
use crate::app::effect::Effect;
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::domain::done::{Done, Inverse, Step};
use crate::domain::id::{GroupId, LocalId, OperationId};
use crate::domain::operation::{Change, Move, Operation, OperationState, Placement};
use crate::protocol::SyncCommand;

pub(super) use way::same;
use way::{GONE, LATER, Way, is_disputed, sent_way, way};

/// What came of one step back or forward.
pub(super) enum Outcome {
    /// There is nothing more.
    Nothing,
    /// It was done; what to say.
    Done { text: String, severity: Severity },
    /// It could not be; why. It is off the stack.
    Refused(String),
    /// It cannot be now; why. It is still on the stack.
    Later(String),
}

/// Takes the last thing back.
pub(super) fn undo(state: &mut State, out: &mut Vec<Effect>) {
    let outcome = undo_one(state, out);
    tell(state, outcome, "there is nothing to take back");
}

/// Does again what was taken back last.
pub(super) fn redo(state: &mut State, out: &mut Vec<Effect>) {
    let outcome = redo_one(state, out);
    tell(state, outcome, "there is nothing to do again");
}

fn tell(state: &mut State, outcome: Outcome, nothing: &str) {
    match outcome {
        Outcome::Nothing => say(state, Severity::Done, nothing),
        Outcome::Done { text, severity } => say(state, severity, text),
        Outcome::Refused(text) | Outcome::Later(text) => say(state, Severity::Warning, text),
    }
}

/// Takes the last thing back, and says what came of it.
pub(super) fn undo_one(state: &mut State, out: &mut Vec<Effect>) -> Outcome {
    let Some(done) = state.history.pop_undo() else {
        return Outcome::Nothing;
    };
    if !done.drafts.is_empty() {
        return drafts::bring_back(state, out, done);
    }
    if !done.tags.is_empty() {
        return tags::take_back(state, out, done);
    }
    let mut ways: Vec<Way> = done.steps.iter().map(|step| way(state, step)).collect();
    let all_gone = ways.iter().all(|way| way.refusal() == Some(GONE));
    let mut refusals = ways.iter().filter_map(Way::refusal);
    if let Some(why) = refusals.find(|why| all_gone || *why != GONE) {
        let text = format!("{why}: {}", done.label);
        if ways.iter().any(|way| way.refusal() == Some(LATER)) {
            state.history.push_again(done, state.now);
            return Outcome::Later(text);
        }
        return Outcome::Refused(text);
    }
    // What of it can be is taken back; only that can be done again.
    let mut done = done;
    let mut possible = ways.iter().map(|way| way.refusal().is_none());
    done.steps.retain(|_| possible.next().unwrap_or(false));
    ways.retain(|way| way.refusal().is_none());
    let mut text = format!("took back: {}", done.label);
    let disputed = ways.iter().any(|way| is_disputed(state, way));
    if go(state, out, &mut done, ways) {
        text.push_str(" (restored as a new post)");
    }
    state.history.push_redo(done, state.now);
    let mut severity = Severity::Done;
    if disputed {
        text.push_str("; somebody changed it since: w shows both texts");
        severity = Severity::Warning;
    }
    Outcome::Done { text, severity }
}

/// Goes the ways; says whether something was made again under a new id.
fn go(state: &mut State, out: &mut Vec<Effect>, done: &mut Done, ways: Vec<Way>) -> bool {
    let mut cancelled = Vec::new();
    let mut answers = Vec::new();
    for way in ways {
        match way {
            Way::Cancel(id) => cancelled.push(id),
            Way::GiveUp(id) => {
                state.replica.remove(id);
                out.push(Effect::Sync(SyncCommand::Discard(id)));
            }
            Way::Answer(step) => answers.push(*step),
            Way::No(_) => {}
        }
    }
    let anew = !answers.is_empty() && answer(state, out, done, answers);
    if !cancelled.is_empty() {
        cancel(state, out, cancelled);
    }
    anew
}

/// Takes operations out of the outbox, as far as the worker agrees; the screen does not wait.
pub(super) fn cancel(state: &mut State, out: &mut Vec<Effect>, operations: Vec<OperationId>) {
    // The latest first: what was made later may stand on what was made earlier.
    for id in operations.iter().rev() {
        if let Some((operation, _)) = state.replica.operation(*id) {
            state.cancelling.insert(*id, operation.clone());
            state.replica.remove(*id);
        }
        state.windows.retain(|(open, _)| open != id);
    }
    out.push(Effect::Sync(SyncCommand::Cancel(operations)));
}

/// Commits what takes `steps` back; says whether something was made again under a new id.
fn answer(state: &mut State, out: &mut Vec<Effect>, done: &mut Done, steps: Vec<Step>) -> bool {
    let mut edits = Vec::new();
    let mut renamed: Vec<(LocalId, LocalId)> = Vec::new();
    // In the order they were done: what stood behind an update of this group finds it there again.
    for step in steps {
        inverse(state, step, &mut edits, &mut renamed);
    }
    for edit in &mut edits {
        // A place may name an update that is being made again beside this one.
        if let Change::Reorder { moves } = &mut edit.change {
            for (from, to) in &renamed {
                for moved in moves.iter_mut() {
                    follow(moved, *from, *to);
                }
            }
        }
    }
    // Orders come last: they name updates that are made again here.
    edits.sort_by_key(|edit| matches!(edit.change, Change::Reorder { .. }));
    // Of the same group, so that after a restart it is no act of its own.
    let _not_noted = commit(state, out, done.group, done.label.clone(), edits);
    state.history.push_redo(done.clone(), state.now);
    for (from, to) in &renamed {
        state.history.rename(*from, *to);
    }
    if let Some(moved) = state.history.pop_redo() {
        *done = moved;
    }
    tags::follow(state, out, &renamed);
    !renamed.is_empty()
}

fn follow(moved: &mut Move, from: LocalId, to: LocalId) {
    let anchors = [&mut moved.place.after, &mut moved.place.before];
    let ids = moved
        .updates
        .iter_mut()
        .chain(anchors.into_iter().flatten());
    for id in ids.filter(|id| **id == from) {
        *id = to;
    }
}

fn inverse(
    state: &mut State,
    step: Step,
    edits: &mut Vec<Edit>,
    renamed: &mut Vec<(LocalId, LocalId)>,
) {
    let profile = step.operation.profile;
    let mut push = |change: Change| {
        edits.push(Edit {
            profile: profile.clone(),
            change,
            inverse: Inverse::None,
        });
    };
    match (step.inverse, step.operation.change) {
        (Inverse::EditBack, Change::Edit { update, base, want }) => push(Change::Edit {
            update,
            base: want,
            want: base,
        }),
        (Inverse::EditAndMoveBack(moves), Change::Edit { update, base, want }) => {
            push(Change::Edit {
                update,
                base: want,
                want: base,
            });
            push(Change::Reorder { moves });
        }
        // What was moved is gone with what is taken back beside it.
        (Inverse::MoveBack(moves), _) if moves.is_empty() => {}
        (Inverse::MoveBack(moves), _) => push(Change::Reorder { moves }),
        (
            Inverse::Destroy,
            Change::Create {
                update, content, ..
            },
        ) => push(Change::Destroy {
            update,
            seen: content,
        }),
        (Inverse::CreateAgain { placement, place }, Change::Destroy { update, seen }) => {
            let again = LocalId::from(state.ids.ulid(state.now));
            renamed.push((update, again));
            push(Change::Create {
                update: again,
                content: seen,
                placement,
                shorten: false,
            });
            if let (Placement::Queue, Some(place)) = (placement, place) {
                push(Change::Reorder {
                    moves: vec![Move {
                        updates: vec![again],
                        place,
                    }],
                });
            }
        }
        // No other pairs are ever made.
        _ => {}
    }
}

/// Returns the operations that took each step of `done` back, if none of them was sent yet.
fn open_answers(state: &State, done: &Done) -> Option<Vec<OperationId>> {
    let of_group = |operation: &Operation| {
        let steps = &done.steps;
        operation.group == done.group && steps.iter().all(|step| step.operation.id != operation.id)
    };
    let live = state.replica.operations().iter();
    let answers: Vec<&(Operation, OperationState)> =
        live.filter(|(operation, _)| of_group(operation)).collect();
    let is_open = |(_, how): &&(Operation, OperationState)| {
        matches!(how, OperationState::Unsaved { .. } | OperationState::Queued)
    };
    let is_answered = |step: &Step| {
        let updates = step.operation.change.updates();
        answers.iter().any(|(answer, _)| {
            let of = answer.change.updates();
            answer.profile == step.operation.profile && of.iter().any(|id| updates.contains(id))
        })
    };
    let all = answers.iter().all(is_open) && done.steps.iter().all(is_answered);
    all.then(|| answers.iter().map(|(answer, _)| answer.id).collect())
}

/// Does again what was taken back last, and says what came of it.
pub(super) fn redo_one(state: &mut State, out: &mut Vec<Effect>) -> Outcome {
    let Some(done) = state.history.pop_redo() else {
        return Outcome::Nothing;
    };
    if !done.drafts.is_empty() {
        return drafts::throw_again(state, out, done);
    }
    if !done.tags.is_empty() {
        return tags::do_again(state, out, done);
    }
    let publishes = |step: &Step| match &step.operation.change {
        Change::Share { .. } => true,
        Change::Create { placement, .. } => *placement == Placement::Now,
        _ => false,
    };
    if done.steps.iter().any(publishes) {
        let text = "sharing is not done again by redo: S asks first";
        return Outcome::Refused(text.to_owned());
    }
    if let Some(answers) = open_answers(state, &done) {
        // What took it back was not sent yet: without it, it is as it was.
        cancel(state, out, answers);
        super::carry::rebase(state);
        let text = format!("did again: {}", done.label);
        state.history.push_again(done, state.now);
        return Outcome::did(text);
    }
    let is_there = |step: &Step| {
        let makes = matches!(step.operation.change, Change::Create { .. });
        let updates = step.operation.change.updates();
        makes || updates.iter().any(|id| state.replica.update(*id).is_some())
    };
    if !done.steps.iter().any(is_there) {
        let text = format!("it is not there any more: {}", done.label);
        return Outcome::Refused(text);
    }
    let mut edits = Vec::new();
    let mut renamed = Vec::new();
    for step in done.steps {
        let mut change = step.operation.change;
        if let Change::Create { update, .. } = &mut change {
            // The id may have been used by a create that was sent: it cannot be made twice.
            let again = LocalId::from(state.ids.ulid(state.now));
            renamed.push((*update, again));
            *update = again;
        }
        if let Change::Reorder { moves } = &mut change {
            for (from, to) in &renamed {
                for moved in moves.iter_mut() {
                    follow(moved, *from, *to);
                }
            }
        }
        edits.push(Edit {
            profile: step.operation.profile,
            change,
            inverse: step.inverse,
        });
    }
    let text = format!("did again: {}", done.label);
    let group = GroupId(state.ids.ulid(state.now));
    let again = commit(state, out, group, done.label, edits);
    for (from, to) in &renamed {
        state.history.rename(*from, *to);
    }
    tags::follow(state, out, &renamed);
    state.history.push_again(again, state.now);
    Outcome::did(text)
}

impl Outcome {
    /// It was done as it should.
    pub(super) fn did(text: String) -> Self {
        Self::Done {
            text,
            severity: Severity::Done,
        }
    }
}

/// The worker could not take an operation back: it is shown again, and answered if it can be.
pub(super) fn too_late(state: &mut State, out: &mut Vec<Effect>, id: OperationId) {
    let Some(operation) = state.cancelling.remove(&id) else {
        return;
    };
    state.replica.commit(operation.clone());
    state.replica.set_state(id, OperationState::InFlight);
    let found = state.history.taken_back(id);
    let way = |step: &Step| sent_way(state, step, || Way::Answer(Box::new(step.clone())));
    let found = found.map(|(group, step)| (group, way(&step)));
    match found {
        Some((group, Way::Answer(step)))
            if !matches!(step.inverse, Inverse::CreateAgain { .. }) =>
        {
            let mut edits = Vec::new();
            inverse(state, *step, &mut edits, &mut Vec::new());
            let _not_noted = commit(state, out, group, String::new(), edits);
        }
        _ => {
            let text = format!("too late to take back: {}", operation.change.word());
            say(state, Severity::Warning, text);
        }
    }
}
