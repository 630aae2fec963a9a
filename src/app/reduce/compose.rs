//! Writing and editing: opened, left and kept; what is typed is never lost.

use super::commands::say;
use super::saving::wanted;
use super::{composing, drafts, forms, outbox};
use crate::app::composer::{Composer, Field, area};
use crate::app::effect::Effect;
use crate::app::layout::has_room_beside;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::sides::editable;
use crate::app::state::{AccountKind, Pane, State};
use crate::app::when;
use crate::domain::draft::{Draft, Slot};
use crate::domain::id::{DraftId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Editable, Operation};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, Status};
use crate::protocol::SyncCommand;

/// Opens the composer, empty; where drafts are kept it asks first which to go on with.
pub(super) fn compose(state: &mut State) {
    if state.profiles().is_empty() && !state.profiles_read {
        let text = "the profiles are not read yet: press it again in a moment";
        return say(state, Severity::Warning, text);
    }
    if state.profiles().is_empty() {
        return forms::open_new(state);
    }
    let slot = state.slot_under_cursor();
    let slot = slot.filter(|_| state.focus == Pane::Queue);
    if state.drafts.is_empty() || slot.is_some() {
        compose_text(state, "");
    } else {
        drafts::list(state);
    }
    if let Some(at) = slot {
        on_slot(state, at);
    }
}

/// What is being written goes to a free slot of the profile on the screen.
fn on_slot(state: &mut State, at: Timestamp) {
    let when = when::print(at, state.zone());
    let profile = state.profile.clone();
    if let Mode::Composer(composer) = &mut state.mode {
        composer.when = area(&when);
        composer.slot = profile.map(|profile| Slot { profile, at });
    }
}

/// Opens the composer with a text.
pub(super) fn compose_text(state: &mut State, text: &str) {
    let content = Content {
        text: text.to_owned(),
        ..Content::default()
    };
    let here: Vec<ProfileId> = state.profile.iter().cloned().collect();
    let draft = draft_of(state, &content, &here);
    open(state, draft);
    if !text.is_empty()
        && let Mode::Composer(composer) = &mut state.mode
    {
        composer.dirty = true;
    }
}

/// Returns the draft of a new update with this content.
pub(super) fn draft_of(state: &mut State, content: &Content, to: &[ProfileId]) -> Draft {
    Draft {
        id: DraftId(state.ids.ulid(state.now)),
        at: state.now,
        text: content.text.clone(),
        media: content.media.clone().into_inner(),
        when: "queue".to_owned(),
        profiles: to.to_vec(),
        ..Draft::default()
    }
}

/// Opens a draft that was kept.
pub(super) fn go_on(state: &mut State, draft: Draft) {
    say(state, Severity::Done, "this is the draft that was kept");
    open(state, draft);
    if let Mode::Composer(composer) = &mut state.mode {
        composer.is_kept = true;
    }
}

fn open(state: &mut State, mut draft: Draft) {
    // What the draft edits may be gone since; then it is a new update.
    let edited = draft.update.and_then(|id| state.replica.update(id));
    let editing = edited.map(editable);
    if editing.is_none() {
        draft.update = None;
    }
    let composer = composer(state, &draft, editing);
    state.mode = Mode::Composer(Box::new(composer));
}

fn composer(state: &State, draft: &Draft, editing: Option<Editable>) -> Composer {
    // Our own server leaves links as they are.
    let can_shorten = state.account.kind == AccountKind::Remote;
    Composer::open(draft, editing, state.profiles(), can_shorten)
}

/// Opens what the person wrote in an operation that waits for them; what is saved takes its place.
pub(super) fn open_on(
    state: &mut State,
    draft: &Draft,
    base: Option<Editable>,
    replaces: OperationId,
    theirs: Option<String>,
) {
    let mut composer = composer(state, draft, base);
    composer.replaces = Some(replaces);
    composer.theirs = theirs;
    state.mode = Mode::Composer(Box::new(composer));
}

/// Keeps the text of an operation that is given up as a draft of a new update.
pub(super) fn keep_as_draft(state: &mut State, out: &mut Vec<Effect>, operation: &Operation) {
    let content = match &operation.change {
        Change::Edit { want, .. } => &want.content,
        Change::Create { content, .. } => content,
        Change::Reorder { .. }
        | Change::Share { .. }
        | Change::Destroy { .. }
        | Change::Requeue { .. } => return,
    };
    let draft = draft_of(state, content, std::slice::from_ref(&operation.profile));
    drafts::keep(state, out, draft);
}

/// Opens the update under the cursor for editing.
pub(super) fn edit(state: &mut State, field: Field) {
    let Some(update) = state.cursors().queue.on.and_then(|id| state.update(id)) else {
        return;
    };
    let (update, body) = (update.id, update.body.clone());
    if let Some(kept) = drafts::take_of(state, update) {
        go_on(state, kept);
    } else {
        let draft = draft_of_edit(state, update, &body);
        open(state, draft);
    }
    let is_locked = state.locked(update).is_some();
    if let Mode::Composer(composer) = &mut state.mode {
        // Whoever comes here was asked about it.
        composer.agreed = is_locked;
        composer.go_to(field);
    }
}

/// Returns the draft of an edit that has not begun.
fn draft_of_edit(state: &mut State, update: LocalId, body: &Body) -> Draft {
    let mut draft = draft_of(state, &body.content, std::slice::from_ref(&body.profile));
    draft.update = Some(update);
    if let Some(own) = body.own_time {
        let profile = state.replica.profile(&body.profile);
        let zone = profile.map_or_else(|| state.zone(), |profile| profile.timezone);
        draft.when = when::print(own.at, zone);
    }
    draft
}

/// Opens an update for editing, with another text in it; says whether it is still in a queue.
pub(super) fn edit_with(state: &mut State, update: LocalId, text: &str) -> bool {
    let found = state.replica.update(update);
    let Some(body) = found.map(|update| update.body.clone()) else {
        return false;
    };
    if body.status != Status::Pending {
        return false;
    }
    // What was kept of it is gone on with, and is not lost: the text area takes it back.
    let kept = drafts::take_of(state, update);
    let is_kept = kept.is_some();
    let draft = kept.unwrap_or_else(|| draft_of_edit(state, update, &body));
    open(state, draft);
    if let Mode::Composer(composer) = &mut state.mode {
        composer.is_kept = is_kept;
        composer.replace_text(text);
    }
    true
}

/// Opens the update under the cursor, and its text in the person's own editor at once.
pub(super) fn edit_outside(state: &mut State, out: &mut Vec<Effect>) {
    edit(state, Field::Text);
    composing::text_outside(state, out);
}

/// Writes a new update from the one under the cursor.
pub(super) fn add_again(state: &mut State) {
    let Some(update) = state.under_cursor() else {
        return;
    };
    let (content, profile) = (update.body.content.clone(), update.body.profile.clone());
    let draft = draft_of(state, &content, &[profile]);
    open(state, draft);
    say(
        state,
        Severity::Warning,
        "change something: the same text to the same profile within a day is refused",
    );
}

/// Leaves what is innermost: a preview that hides the fields, else the composer.
pub(super) fn leave_preview_or_all(state: &mut State, out: &mut Vec<Effect>) {
    let beside = has_room_beside(state);
    if let Mode::Composer(composer) = &mut state.mode
        && composer.preview.is_some()
        && !beside
    {
        composer.preview = None;
        return;
    }
    leave(state, out);
}

/// Leaves; what was written is kept.
pub(super) fn leave(state: &mut State, out: &mut Vec<Effect>) {
    if state.mode.composer().is_none() {
        return;
    }
    let (Mode::Composer(composer)
    | Mode::Confirm(Confirm {
        what: Question::Save(composer),
        ..
    })) = std::mem::take(&mut state.mode)
    else {
        return;
    };
    if let Some(operation) = composer.replaces {
        outbox::back_to(state, operation);
        // What is in the operation is kept there.
        if wrote_nothing(state, &composer, operation) {
            return drop_draft(out, &composer);
        }
    }
    if composer.is_empty() || unchanged(state, &composer) {
        return drop_draft(out, &composer);
    }
    say(
        state,
        Severity::Done,
        "the draft is kept: c goes on with it",
    );
    state.draft_saved = state.now;
    drafts::keep(state, out, composer.draft(state.now));
}

/// What was written is saved, or is nothing of worth: the store shall not offer it again.
pub(super) fn drop_draft(out: &mut Vec<Effect>, composer: &Composer) {
    if composer.is_kept {
        out.push(Effect::Sync(SyncCommand::DropDraft(composer.id)));
    }
}

fn wrote_nothing(state: &State, composer: &Composer, operation: OperationId) -> bool {
    let Some((operation, _)) = state.replica.operation(operation) else {
        return false;
    };
    let is_same = |content: &Content| {
        let mut services = composer.services().into_iter();
        services.all(|service| composer.content(&service) == *content)
    };
    match &operation.change {
        Change::Edit { want, .. } => is_same(&want.content),
        Change::Create { content, .. } => is_same(content),
        _ => false,
    }
}

fn unchanged(state: &State, composer: &Composer) -> bool {
    match wanted(state, composer) {
        Some((_, base, want)) => base == want,
        None => false,
    }
}
