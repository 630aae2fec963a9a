//! Writing and editing: what is typed is never lost, and becomes operations only when it is valid.

use super::commands::say;
use super::queue::{Edit, act, label_of};
use super::{composing, drafts, forms, nav, outbox};
use crate::app::composer::{Composer, Field, area};
use crate::app::effect::Effect;
use crate::app::layout::has_room_beside;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::repeat::Repeat;
use crate::app::sides::editable;
use crate::app::state::{AccountKind, Pane, State};
use crate::app::status::first_line;
use crate::app::when;
use crate::domain::done::Inverse;
use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Change, Editable, Operation, Placement};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, OwnTime, Status};
use crate::protocol::SyncCommand;

/// Opens the composer, empty; where drafts are kept it asks first which to go on with.
pub(super) fn compose(state: &mut State) {
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
        at_time(state, at);
    }
}

/// Gives what is being written a time; an update that is being edited keeps its own.
fn at_time(state: &mut State, at: Timestamp) {
    let when = when::print(at, state.zone());
    if let Mode::Composer(composer) = &mut state.mode
        && composer.editing.is_none()
    {
        composer.when = area(&when);
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
    if let Mode::Composer(composer) = &mut state.mode {
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
    let draft = Draft {
        text: text.to_owned(),
        ..draft_of_edit(state, update, &body)
    };
    open(state, draft);
    if let Mode::Composer(composer) = &mut state.mode {
        composer.dirty = true;
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
    if !matches!(state.mode, Mode::Composer(_)) {
        return;
    }
    let Mode::Composer(composer) = std::mem::take(&mut state.mode) else {
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
fn drop_draft(out: &mut Vec<Effect>, composer: &Composer) {
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

/// Saves: one create for each profile, or an edit.
pub(super) fn save(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let beside = has_room_beside(state);
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    composer.problems = composer.check(now);
    if let Some(problem) = composer.problems.first() {
        let field = problem.field;
        composer.preview = composer.preview.filter(|_| beside);
        composer.go_to(field);
        return;
    }
    let Mode::Composer(composer) = std::mem::take(&mut state.mode) else {
        return;
    };
    if let Some(operation) = composer.replaces {
        outbox::drop_one(state, out, operation);
    }
    let mut saved = true;
    if composer.editing.is_some() {
        saved = save_edit(state, out, &composer);
    } else {
        save_new(state, out, &composer);
    }
    if composer.replaces.is_some() {
        outbox::go_on(state);
    }
    if saved {
        drop_draft(out, &composer);
    }
}

/// Returns what an edit changes: the update, what it was, what it shall be.
fn wanted(state: &State, composer: &Composer) -> Option<(LocalId, Editable, Editable)> {
    let (update, base) = composer.editing.clone()?;
    let placement = composer.placement(state.now);
    let own_time = match placement {
        // The time that was there is kept to the second, and with its pin.
        Ok(Placement::At(at) | Placement::Pinned(at)) => match base.own_time {
            Some(own) if own.at.0 / 60 == at.0 / 60 => Some(own),
            _ => Some(OwnTime { at, pinned: false }),
        },
        Ok(Placement::Queue) => None,
        Ok(Placement::Top | Placement::Now) | Err(_) => base.own_time,
    };
    let service = composer.services().into_iter().next()?;
    let mut content = composer.content(&service);
    // White space at the end that was there before is no change.
    if content.text == base.content.text.trim_end() {
        content.text.clone_from(&base.content.text);
    }
    Some((update, base, Editable { content, own_time }))
}

/// Saves an edit; says whether nothing of it has to be kept as a draft.
fn save_edit(state: &mut State, out: &mut Vec<Effect>, composer: &Composer) -> bool {
    let Some((update, base, want)) = wanted(state, composer) else {
        return true;
    };
    if base == want {
        let text = match composer.replaces {
            Some(_) => "that is what is there already",
            None => "nothing was changed",
        };
        say(state, Severity::Done, text);
        return true;
    }
    let found = state
        .replica
        .find(update)
        .map(|(profile, _)| profile.clone());
    let Some(profile) = found else {
        // It went out or was deleted while it was edited: what was typed stays.
        let draft = Draft {
            update: None,
            ..composer.draft(state.now)
        };
        drafts::keep(state, out, draft);
        let text = "it is no longer in the queue; what you wrote is kept: c makes it a new update";
        say(state, Severity::Trouble, text);
        return false;
    };
    if base.content == want.content {
        state.repeat.last = Some(Repeat::When(composer.draft(state.now).when));
    }
    let label = label_of(state, "edited", &[update]);
    let edit = Edit {
        profile,
        change: Change::Edit { update, base, want },
        inverse: Inverse::EditBack,
    };
    say(state, Severity::Done, label.clone());
    act(state, out, label, vec![edit]);
    true
}

fn save_new(state: &mut State, out: &mut Vec<Effect>, composer: &Composer) {
    let Ok(placement) = composer.placement(state.now) else {
        return;
    };
    let services = composer.services();
    let contents: Vec<Content> = services.iter().map(|s| composer.content(s)).collect();
    let mut edits = Vec::new();
    let mut here = None;
    for target in composer.targets.chosen() {
        let Some(at) = services.iter().position(|s| *s == target.service) else {
            continue;
        };
        let update = LocalId(state.ids.ulid(state.now));
        if state.profile.as_ref() == Some(&target.profile) {
            here = Some(update);
        }
        edits.push(Edit {
            profile: target.profile.clone(),
            change: Change::Create {
                update,
                content: contents[at].clone(),
                placement,
                shorten: composer.shorten.unwrap_or(false),
            },
            inverse: Inverse::Destroy,
        });
    }
    let to = match edits.len() {
        1 => String::new(),
        many => format!(" to {many} profiles"),
    };
    let first = contents.first().map_or("", |content| &content.text);
    let label = format!("wrote{to}: “{}”", first_line(first));
    say(state, Severity::Done, label.clone());
    act(state, out, label, edits);
    if let Some(update) = here.filter(|_| placement != Placement::Now) {
        nav::focus(state, Pane::Queue);
        let index = state.queue().and_then(|queue| queue.find(update));
        nav::put(state, |c| &mut c.queue, index.unwrap_or(0), Some(update));
    }
}
