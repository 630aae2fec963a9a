//! Writing and editing: what is typed is never lost, and becomes operations only when it is valid.

use super::commands::say;
use super::queue::{Edit, act, label_of};
use super::{forms, nav, outbox};
use crate::app::composer::{Composer, Field};
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::state::{Pane, State};
use crate::app::status::first_line;
use crate::app::when;
use crate::domain::done::Inverse;
use crate::domain::id::{LocalId, OperationId};
use crate::domain::operation::{Change, Editable, Operation, Placement};
use crate::domain::update::{OwnTime, Update};
use crate::protocol::{Draft, SyncCommand};

/// Opens the composer: with the kept draft, or empty.
pub(super) fn compose(state: &mut State) {
    if state.profiles().is_empty() {
        return forms::open_new(state);
    }
    match state.draft.take() {
        Some(draft) => {
            state.draft = state.older_drafts.pop();
            say(state, Severity::Done, "this is the draft that was kept");
            open(state, draft);
        }
        None => compose_text(state, ""),
    }
}

/// Keeps a draft, and those from before behind it.
fn keep(state: &mut State, draft: Draft) {
    state.older_drafts.extend(state.draft.replace(draft));
}

/// Opens the composer with a text.
pub(super) fn compose_text(state: &mut State, text: &str) {
    let draft = Draft {
        text: text.to_owned(),
        when: "queue".to_owned(),
        profiles: state.profile.iter().cloned().collect(),
        ..Draft::default()
    };
    open(state, draft);
    if !text.is_empty()
        && let Mode::Composer(composer) = &mut state.mode
    {
        composer.dirty = true;
    }
}

fn open(state: &mut State, mut draft: Draft) {
    // What the draft edits may be gone since; then it is a new update.
    let edited = draft.update.and_then(|id| state.replica.update(id));
    let editing = edited.map(editable);
    if editing.is_none() {
        draft.update = None;
    }
    let composer = Composer::open(&draft, editing, state.profiles());
    state.mode = Mode::Composer(Box::new(composer));
}

/// Opens what the person wrote in an operation that waits for them; what is saved takes its place.
pub(super) fn open_on(
    state: &mut State,
    draft: &Draft,
    base: Option<Editable>,
    replaces: OperationId,
    theirs: Option<String>,
) {
    let mut composer = Composer::open(draft, base, state.profiles());
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
    let draft = Draft {
        update: None,
        text: content.text.clone(),
        link: content.media.link.clone(),
        picture: content.media.picture.clone(),
        when: "queue".to_owned(),
        profiles: vec![operation.profile.clone()],
    };
    keep(state, draft.clone());
    out.push(Effect::Sync(SyncCommand::SaveDraft(Some(draft))));
}

fn editable(update: &Update) -> Editable {
    Editable {
        content: update.body.content.clone(),
        own_time: update.body.own_time,
    }
}

/// Opens the update under the cursor for editing.
pub(super) fn edit(state: &mut State, field: Field) {
    let zone = state.zone();
    let Some(update) = state.cursors().queue.on.and_then(|id| state.update(id)) else {
        return;
    };
    let body = &update.body;
    let own = body.own_time.map(|own| when::print(own.at, zone));
    let draft = Draft {
        update: Some(update.id),
        text: body.content.text.clone(),
        link: body.content.media.link.clone(),
        picture: body.content.media.picture.clone(),
        when: own.unwrap_or_else(|| "queue".to_owned()),
        profiles: vec![body.profile.clone()],
    };
    let kept = state
        .draft
        .as_ref()
        .is_some_and(|kept| kept.update == draft.update);
    if kept {
        compose(state);
    } else {
        open(state, draft);
    }
    if let Mode::Composer(composer) = &mut state.mode {
        composer.field = field;
    }
}

/// Writes a new update from the one under the cursor.
pub(super) fn add_again(state: &mut State) {
    let Some(update) = state.under_cursor() else {
        return;
    };
    let content = &update.body.content;
    let draft = Draft {
        update: None,
        text: content.text.clone(),
        link: content.media.link.clone(),
        picture: content.media.picture.clone(),
        when: "queue".to_owned(),
        profiles: vec![update.body.profile.clone()],
    };
    open(state, draft);
    say(
        state,
        Severity::Warning,
        "change something: the same text to the same profile within a day is refused",
    );
}

/// Goes to another field.
pub(super) fn step(state: &mut State, by: isize) {
    if let Mode::Composer(composer) = &mut state.mode {
        composer.step(by);
    }
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
            out.push(Effect::Sync(SyncCommand::SaveDraft(state.draft.clone())));
            return;
        }
    }
    let draft = composer.draft();
    if composer.is_empty() || unchanged(state, &composer) {
        // Nothing of worth: a draft kept from before stays.
        out.push(Effect::Sync(SyncCommand::SaveDraft(state.draft.clone())));
        return;
    }
    say(
        state,
        Severity::Done,
        "the draft is kept: c goes on with it",
    );
    keep(state, draft.clone());
    state.draft_saved = state.now;
    out.push(Effect::Sync(SyncCommand::SaveDraft(Some(draft))));
}

fn wrote_nothing(state: &State, composer: &Composer, operation: OperationId) -> bool {
    let found = state.replica.operation(operation);
    found.is_some_and(|(operation, _)| match &operation.change {
        Change::Edit { want, .. } => want.content == composer.content(),
        Change::Create { content, .. } => *content == composer.content(),
        _ => false,
    })
}

fn unchanged(state: &State, composer: &Composer) -> bool {
    match wanted(state, composer) {
        Some((_, base, want)) => base == want,
        None => false,
    }
}

/// Throws the kept draft away.
pub(super) fn discard(state: &mut State, out: &mut Vec<Effect>) {
    let text = match state.draft.take() {
        Some(draft) => format!("threw the draft away: “{}”", first_line(&draft.text)),
        None => "there is no draft".to_owned(),
    };
    state.draft = state.older_drafts.pop();
    out.push(Effect::Sync(SyncCommand::SaveDraft(state.draft.clone())));
    say(state, Severity::Done, text);
}

/// Saves: one create for each profile, or an edit.
pub(super) fn save(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let profiles = state.replica.profiles();
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    composer.problems = composer.check(profiles, now);
    if !composer.problems.is_empty() {
        return;
    }
    let Mode::Composer(composer) = std::mem::take(&mut state.mode) else {
        return;
    };
    if let Some(operation) = composer.replaces {
        outbox::drop_one(state, out, operation);
    }
    if composer.editing.is_some() {
        save_edit(state, out, &composer);
    } else {
        save_new(state, out, &composer);
    }
    if composer.replaces.is_some() {
        outbox::go_on(state);
    }
    out.push(Effect::Sync(SyncCommand::SaveDraft(state.draft.clone())));
}

/// Returns what an edit changes: the update, what it was, what it shall be.
fn wanted(state: &State, composer: &Composer) -> Option<(LocalId, Editable, Editable)> {
    let (update, base) = composer.editing.clone()?;
    let placement = composer.placement(state.profiles(), state.now);
    let own_time = match placement {
        // The time that was there is kept to the second, and with its pin.
        Ok(Placement::At(at) | Placement::Pinned(at)) => match base.own_time {
            Some(own) if own.at.0 / 60 == at.0 / 60 => Some(own),
            _ => Some(OwnTime { at, pinned: false }),
        },
        Ok(Placement::Queue) => None,
        Ok(Placement::Top | Placement::Now) | Err(_) => base.own_time,
    };
    let mut content = composer.content();
    // White space at the end that was there before is no change.
    if content.text == base.content.text.trim_end() {
        content.text.clone_from(&base.content.text);
    }
    Some((update, base, Editable { content, own_time }))
}

fn save_edit(state: &mut State, out: &mut Vec<Effect>, composer: &Composer) {
    let Some((update, base, want)) = wanted(state, composer) else {
        return;
    };
    if base == want {
        let text = match composer.replaces {
            Some(_) => "that is what is there already",
            None => "nothing was changed",
        };
        return say(state, Severity::Done, text);
    }
    let found = state
        .replica
        .find(update)
        .map(|(profile, _)| profile.clone());
    let Some(profile) = found else {
        // It went out or was deleted while it was edited: what was typed stays.
        let draft = Draft {
            update: None,
            ..composer.draft()
        };
        keep(state, draft);
        let text = "it is no longer in the queue; what you wrote is kept: c makes it a new update";
        return say(state, Severity::Trouble, text);
    };
    let label = label_of(state, "edited", &[update]);
    let edit = Edit {
        profile,
        change: Change::Edit { update, base, want },
        inverse: Inverse::EditBack,
    };
    say(state, Severity::Done, label.clone());
    act(state, out, label, vec![edit]);
}

fn save_new(state: &mut State, out: &mut Vec<Effect>, composer: &Composer) {
    let content = composer.content();
    let Ok(placement) = composer.placement(state.profiles(), state.now) else {
        return;
    };
    let mut edits = Vec::new();
    let mut here = None;
    for profile in composer.chosen() {
        let update = LocalId(state.ids.ulid(state.now));
        if state.profile.as_ref() == Some(&profile) {
            here = Some(update);
        }
        edits.push(Edit {
            profile,
            change: Change::Create {
                update,
                content: content.clone(),
                placement,
                shorten: false,
            },
            inverse: Inverse::Destroy,
        });
    }
    let to = match edits.len() {
        1 => String::new(),
        many => format!(" to {many} profiles"),
    };
    let label = format!("wrote{to}: “{}”", first_line(&content.text));
    say(state, Severity::Done, label.clone());
    act(state, out, label, edits);
    if let Some(update) = here.filter(|_| placement != Placement::Now) {
        nav::focus(state, Pane::Queue);
        let index = state.queue().and_then(|queue| queue.find(update));
        nav::put(state, |c| &mut c.queue, index.unwrap_or(0), Some(update));
    }
}
