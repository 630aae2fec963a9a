//! Saving what was written: one create for each profile, or an edit. What cannot be saved stays
//! written.

use super::commands::say;
use super::compose::drop_draft;
use super::queue::{Edit, act, label_of};
use super::{drafts, guard, nav, outbox};
use crate::app::composer::Composer;
use crate::app::effect::Effect;
use crate::app::layout::has_room_beside;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::repeat::Repeat;
use crate::app::state::{Pane, State};
use crate::app::status::first_line;
use crate::domain::done::Inverse;
use crate::domain::draft::Draft;
use crate::domain::id::LocalId;
use crate::domain::operation::{Change, Editable, Placement};
use crate::domain::update::{Content, OwnTime};

/// Saves: one create for each profile, or an edit. An edit of what locked while it was written asks
/// first.
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
    let warning = unasked(state);
    let Mode::Composer(composer) = std::mem::take(&mut state.mode) else {
        return;
    };
    match warning {
        Some(warning) => ask(state, composer, warning),
        None => commit(state, out, &composer),
    }
}

/// Returns what to warn of before this edit is saved: its update is about to go out, and was not
/// when the person was asked last.
fn unasked(state: &State) -> Option<String> {
    let composer = state.mode.composer().filter(|composer| !composer.agreed)?;
    let (update, base, want) = wanted(state, composer)?;
    guard::warning(state, &[update]).filter(|_| base != want)
}

fn ask(state: &mut State, composer: Box<Composer>, warning: String) {
    state.mode = Mode::Confirm(Confirm {
        title: "Save it all the same?".to_owned(),
        lines: vec![first_line(&composer.texts.common())],
        warnings: vec![warning],
        what: Question::Save(composer),
    });
}

/// Saves what the person was asked about. What does not hold any more is said where it is written.
pub(super) fn save_anyway(state: &mut State, out: &mut Vec<Effect>, mut composer: Box<Composer>) {
    composer.agreed = true;
    state.mode = Mode::Composer(composer);
    save(state, out);
}

fn commit(state: &mut State, out: &mut Vec<Effect>, composer: &Composer) {
    if let Some(operation) = composer.replaces {
        outbox::drop_one(state, out, operation);
    }
    let mut saved = true;
    if composer.editing.is_some() {
        saved = save_edit(state, out, composer);
    } else {
        save_new(state, out, composer);
    }
    if composer.replaces.is_some() {
        outbox::go_on(state);
    }
    if saved {
        drop_draft(out, composer);
    }
}

/// Returns what an edit changes: the update, what it was, what it shall be.
pub(super) fn wanted(state: &State, composer: &Composer) -> Option<(LocalId, Editable, Editable)> {
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
    let services = composer.services();
    let contents: Vec<Content> = services.iter().map(|s| composer.content(s)).collect();
    let mut edits = Vec::new();
    let mut here = None;
    for target in composer.targets.chosen() {
        let Some(at) = services.iter().position(|s| *s == target.service) else {
            continue;
        };
        let Ok(placement) = composer.placement_for(&target.profile, state.now) else {
            return;
        };
        let update = LocalId::from(state.ids.ulid(state.now));
        let is_here = state.profile.as_ref() == Some(&target.profile);
        if is_here && placement != Placement::Now {
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
    if let Some(update) = here {
        nav::focus(state, Pane::Queue);
        let index = state.queue().and_then(|queue| queue.find(update));
        nav::put(state, |c| &mut c.queue, index.unwrap_or(0), Some(update));
    }
}
