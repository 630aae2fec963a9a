//! Free slots: shown or not, and updates put on them.

use super::commands::say;
use super::queue::{Edit, act, label_of, moves_back};
use crate::app::command::{Command, Scope};
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::slots;
use crate::app::state::{Pane, State};
use crate::app::status::name_of;
use crate::domain::done::Inverse;
use crate::domain::id::LocalId;
use crate::domain::operation::{Change, Editable};
use crate::domain::time::Timestamp;
use crate::domain::update::OwnTime;

/// Shows the free slots, or hides them.
pub(super) fn toggle(state: &mut State) {
    state.shows.stale = true;
    state.shows.slots.on = !state.shows.slots.on;
    if !state.shows.slots.on {
        return;
    }
    if let Some(why) = why_none(state) {
        say(state, Severity::Warning, why);
    }
}

/// Says why no free slots show, if they should and there are none.
fn why_none(state: &State) -> Option<String> {
    let profile = state.profile()?;
    if profile.paused {
        return Some(format!(
            "{} is paused: it has no free slots until it goes on",
            name_of(profile)
        ));
    }
    if profile.schedule.is_empty() {
        let text = "has no posting times: edit-schedule in the palette sets them";
        return Some(format!("{} {text}", name_of(profile)));
    }
    let is_on = state.filter_of(Pane::Queue).is_some();
    is_on.then(|| "free slots show when the filter is cleared".to_owned())
}

/// Says what a free slot is for, if the command needs an update and the cursor is on a slot; says
/// whether it did.
pub(super) fn refuses(state: &mut State, command: Command) -> bool {
    let needs_update = command.entry().scope == Scope::Queue
        && !matches!(
            command,
            Command::FreeSlots
                | Command::MarkAll
                | Command::Shuffle
                | Command::Range
                | Command::Mark
        );
    let at_lists = matches!(state.mode, Mode::Lists) && state.focus == Pane::Queue;
    let refused = needs_update
        && at_lists
        && state.slot_under_cursor().is_some()
        && state.selection().is_empty();
    if refused {
        let text = "this is a free slot: c writes an update for it, m carries one here";
        say(state, Severity::Warning, text);
    }
    refused
}

/// Puts updates on the free slots from `slot` on, in order: each is pinned there. One thing done.
pub(super) fn put_on(
    state: &mut State,
    out: &mut Vec<Effect>,
    updates: &[LocalId],
    slot: Timestamp,
) {
    let Some(profile) = state.profile().cloned() else {
        return;
    };
    if slot <= state.now {
        let text = "that slot is over: nothing was moved";
        return say(state, Severity::Warning, text);
    }
    let Some(shown) = state.replica.queue(&profile.id) else {
        return;
    };
    let (pins, _) = slots::put_on(shown, &profile, updates, slot);
    let mut edits = Vec::new();
    for (id, at) in pins {
        let update = shown.update(id).filter(|_| shown.queue.contains(id));
        let own_time = Some(OwnTime { at, pinned: true });
        let Some(update) = update.filter(|update| update.body.own_time != own_time) else {
            continue;
        };
        let base = Editable {
            content: update.body.content.clone(),
            own_time: update.body.own_time,
        };
        let want = Editable {
            content: base.content.clone(),
            own_time,
        };
        let inverse = match base.own_time {
            Some(_) => Inverse::EditBack,
            None => Inverse::EditAndMoveBack(moves_back(&shown.queue, &[id])),
        };
        edits.push(Edit {
            profile: profile.id.clone(),
            change: Change::Edit {
                update: id,
                base,
                want,
            },
            inverse,
        });
    }
    if edits.is_empty() {
        return say(state, Severity::Done, "it stays where it was");
    }
    let moved: Vec<LocalId> = edits
        .iter()
        .flat_map(|edit| edit.change.updates())
        .collect();
    let at = slot.in_zone(&profile.timezone).format("%a %-d %b %H:%M");
    let label = label_of(state, &format!("put on the slot {at}"), &moved);
    say(state, Severity::Done, label.clone());
    act(state, out, label, edits);
}
