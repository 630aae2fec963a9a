//! Kept drafts: offered, gone on with, thrown away and brought back.

use super::commands::say;
use super::compose;
use super::undo::Outcome;
use crate::app::effect::Effect;
use crate::app::mode::{DraftList, Mode};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::first_line;
use crate::domain::done::Done;
use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, GroupId, LocalId};
use crate::protocol::SyncCommand;

/// Keeps a draft, in the place of what was kept under its id.
pub(super) fn keep(state: &mut State, out: &mut Vec<Effect>, draft: Draft) {
    out.push(Effect::Sync(SyncCommand::SaveDraft(Box::new(
        draft.clone(),
    ))));
    state.drafts.retain(|kept| kept.id != draft.id);
    state.drafts.push(draft);
}

/// Takes the kept draft of an update out, to go on with it.
pub(super) fn take_of(state: &mut State, update: LocalId) -> Option<Draft> {
    let is_of = |draft: &Draft| draft.update == Some(update);
    let at = state.drafts.iter().rposition(is_of)?;
    Some(state.drafts.remove(at))
}

/// Says after a start that there are drafts.
pub(super) fn offer(state: &mut State) {
    if !matches!(state.mode, Mode::Lists) {
        return;
    }
    match state.drafts.len() {
        0 => {}
        1 => say(state, Severity::Done, "a draft was kept: c goes on with it"),
        many => {
            let text = format!("{many} drafts were kept: c lists them");
            say(state, Severity::Done, text);
        }
    }
}

/// Lists the drafts, with the cursor on the newest.
pub(super) fn list(state: &mut State) {
    state.mode = Mode::Drafts(DraftList {
        cursor: 1,
        offset: 0,
    });
}

/// Returns where the draft of a row of the list is kept; none for the row of a new update.
fn place(state: &State) -> Option<usize> {
    let Mode::Drafts(list) = &state.mode else {
        return None;
    };
    state
        .drafts
        .len()
        .checked_sub(list.cursor)
        .filter(|at| *at < state.drafts.len())
}

/// Goes on with the draft under the cursor, or begins a new update.
pub(super) fn open(state: &mut State) {
    match place(state) {
        Some(at) => {
            let draft = state.drafts.remove(at);
            compose::go_on(state, draft);
        }
        None => compose::compose_text(state, ""),
    }
}

/// Throws the draft under the cursor away.
pub(super) fn throw(state: &mut State, out: &mut Vec<Effect>) {
    let Some(at) = place(state) else {
        return say(state, Severity::Done, "there is no draft on this row");
    };
    throw_at(state, out, at);
    if state.drafts.is_empty() {
        state.mode = Mode::Lists;
    }
}

/// Throws the newest draft away.
pub(super) fn throw_newest(state: &mut State, out: &mut Vec<Effect>) {
    match state.drafts.len().checked_sub(1) {
        Some(at) => throw_at(state, out, at),
        None => say(state, Severity::Done, "there is no draft"),
    }
}

fn throw_at(state: &mut State, out: &mut Vec<Effect>, at: usize) {
    let draft = state.drafts.remove(at);
    out.push(Effect::Sync(SyncCommand::DropDraft(draft.id)));
    let label = format!("threw a draft away: “{}”", first_line(draft.words()));
    say(state, Severity::Done, format!("{label}; u brings it back"));
    let done = Done {
        drafts: vec![draft],
        ..Done::of(GroupId(state.ids.ulid(state.now)), label)
    };
    state.history.push(done, state.now);
}

/// In the list of drafts: brings back what was thrown away last.
pub(super) fn back(state: &mut State, out: &mut Vec<Effect>) {
    if !state.history.last_is_draft() {
        let text = "no draft was thrown away just now";
        return say(state, Severity::Done, text);
    }
    super::undo::undo(state, out);
}

/// Undo: what was thrown away is kept again.
pub(super) fn bring_back(state: &mut State, out: &mut Vec<Effect>, done: Done) -> Outcome {
    for draft in &done.drafts {
        keep(state, out, draft.clone());
    }
    let text = format!("took back: {}", done.label);
    state.history.push_redo(done, state.now);
    Outcome::did(text)
}

/// Redo: it is thrown away again.
pub(super) fn throw_again(state: &mut State, out: &mut Vec<Effect>, done: Done) -> Outcome {
    let ids: Vec<DraftId> = done.drafts.iter().map(|draft| draft.id).collect();
    if !state.drafts.iter().any(|draft| ids.contains(&draft.id)) {
        let text = format!("it is not there any more: {}", done.label);
        return Outcome::Refused(text);
    }
    state.drafts.retain(|draft| !ids.contains(&draft.id));
    for id in ids {
        out.push(Effect::Sync(SyncCommand::DropDraft(id)));
    }
    let text = format!("did again: {}", done.label);
    state.history.push_again(done, state.now);
    Outcome::did(text)
}
