//! Tags: asked for, put on and taken off at once, kept, and taken back.

use super::commands::say;
use super::queue::label_of;
use super::undo::Outcome;
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::prompt::{Asked, Prompt};
use crate::app::repeat::Repeat;
use crate::app::state::{Pane, State};
use crate::domain::done::Done;
use crate::domain::id::{GroupId, LocalId};
use crate::domain::tag::{Retag, Tagged, Tags, Wish};
use crate::protocol::SyncCommand;

/// So many tags Tab goes through.
const OFFERED: usize = 20;

/// Asks for the tags of the selection.
pub(super) fn ask(state: &mut State) {
    let updates = subjects(state);
    if updates.is_empty() {
        let text = "there is no update to tag from here";
        return say(state, Severity::Done, text);
    }
    let mut all_have: Option<Tags> = None;
    let mut any_has = Tags::new();
    let none = Tags::new();
    for update in &updates {
        let tags = state.tags.of(*update).unwrap_or(&none);
        any_has.extend(tags.iter().cloned());
        match &mut all_have {
            Some(all) => all.retain(|tag| tags.contains(tag)),
            None => all_have = Some(tags.clone()),
        }
    }
    let all_have = all_have.unwrap_or_default();
    let some_have = any_has.difference(&all_have).cloned().collect();
    let what = Asked::Tags {
        all_have,
        some_have,
    };
    state.mode = Mode::Prompt(Box::new(Prompt::open(what, updates)));
}

/// The marked updates of the queue, else the update under the cursor of the pane.
pub(super) fn subjects(state: &State) -> Vec<LocalId> {
    match state.focus {
        Pane::Queue => state.selection(),
        Pane::Profiles | Pane::Sent | Pane::Interactions => state
            .under_cursor()
            .map(|update| update.id)
            .into_iter()
            .collect(),
    }
}

/// Returns the tags that fit the word being typed; behind a `-` those the updates have.
pub(super) fn fitting(state: &State, word: &str, all: &Tags, some: &Tags) -> Vec<String> {
    if let Some(begin) = word.strip_prefix('-') {
        let begin = begin.to_lowercase();
        let there = all.union(some).filter(|tag| tag.starts_with(&begin));
        return there.take(OFFERED).map(|tag| format!("-{tag}")).collect();
    }
    let begin = word.to_lowercase();
    let known = state.tags.that_begin(&begin);
    known.take(OFFERED).map(str::to_owned).collect()
}

/// Does what was typed.
pub(super) fn take(state: &mut State, out: &mut Vec<Effect>, text: &str, updates: &[LocalId]) {
    if Wish::read(text).is_empty() {
        return;
    }
    if put(state, out, text, updates) {
        state.repeat.last = Some(Repeat::Tags(text.to_owned()));
    }
}

/// Puts tags on and takes tags off as one thing; says whether anything changed.
pub(super) fn put(
    state: &mut State,
    out: &mut Vec<Effect>,
    text: &str,
    updates: &[LocalId],
) -> bool {
    let wish = Wish::read(text);
    let changes = updates
        .iter()
        .filter_map(|update| wish.change(*update, state.tags.of(*update)));
    let changes: Vec<Retag> = changes.collect();
    if changes.is_empty() {
        say(state, Severity::Done, "that is how it is tagged already");
        return false;
    }
    let tagged: Vec<LocalId> = changes.iter().map(|change| change.update).collect();
    let label = label_of(state, &verb(&wish), &tagged);
    apply(state, out, &changes);
    say(state, Severity::Done, label.clone());
    let done = Done {
        tags: changes,
        ..Done::of(GroupId(state.ids.ulid(state.now)), label)
    };
    state.history.push(done, state.now);
    true
}

fn verb(wish: &Wish) -> String {
    let list = |tags: &Tags| tags.iter().cloned().collect::<Vec<_>>().join(", ");
    match (wish.on.is_empty(), wish.off.is_empty()) {
        (false, true) => format!("tagged {}", list(&wish.on)),
        (true, _) => format!("no longer tagged {}", list(&wish.off)),
        (false, false) => format!("tagged {}, not {}", list(&wish.on), list(&wish.off)),
    }
}

fn apply(state: &mut State, out: &mut Vec<Effect>, changes: &[Retag]) {
    let mut tagged = Vec::with_capacity(changes.len());
    for change in changes {
        let update = change.update;
        let tags = change.applied(state.tags.of(update));
        state.tags.set(update, tags.clone());
        tagged.push(Tagged { update, tags });
    }
    keep(state, out, tagged);
}

fn keep(state: &mut State, out: &mut Vec<Effect>, tagged: Vec<Tagged>) {
    if tagged.is_empty() {
        return;
    }
    let updates: Vec<LocalId> = tagged.iter().map(|one| one.update).collect();
    state.look_at_again(&updates);
    out.push(Effect::Sync(SyncCommand::Tag(tagged)));
}

/// Another editor on the account tagged these: what was done here can still be taken back.
pub(super) fn take_over(state: &mut State, tagged: Vec<Tagged>) {
    let updates: Vec<LocalId> = tagged.iter().map(|one| one.update).collect();
    for Tagged { update, tags } in tagged {
        state.tags.set(update, tags);
    }
    state.look_at_again(&updates);
}

/// An update is made again under another id, or copied: its tags go with it.
pub(super) fn follow(state: &mut State, out: &mut Vec<Effect>, pairs: &[(LocalId, LocalId)]) {
    let mut tagged = Vec::new();
    for (from, to) in pairs {
        if let Some(tags) = state.tags.of(*from).cloned() {
            state.tags.set(*to, tags.clone());
            tagged.push(Tagged { update: *to, tags });
        }
    }
    keep(state, out, tagged);
}

/// Undo: the tags are as they were.
pub(super) fn take_back(state: &mut State, out: &mut Vec<Effect>, done: Done) -> Outcome {
    let changes: Vec<Retag> = done.tags.iter().rev().map(Retag::inverse).collect();
    apply(state, out, &changes);
    let text = format!("took back: {}", done.label);
    state.history.push_redo(done, state.now);
    Outcome::did(text)
}

/// Redo: they are put on and taken off again.
pub(super) fn do_again(state: &mut State, out: &mut Vec<Effect>, done: Done) -> Outcome {
    apply(state, out, &done.tags);
    let text = format!("did again: {}", done.label);
    state.history.push_again(done, state.now);
    Outcome::did(text)
}
