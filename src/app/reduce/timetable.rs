//! The posting times of a profile, looked at and changed before they are saved.

use super::commands::{ask, say};
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::timetable::{Timetable, preview};
use crate::protocol::Request;

/// Opens the posting times of the focused profile.
pub(super) fn open(state: &mut State) {
    if let Some(profile) = state.profile() {
        let table = Timetable::of(profile);
        state.mode = Mode::Timetable(Box::new(table));
        look(state);
    }
}

/// Does something to the table, and lays the queue out anew.
pub(super) fn change(state: &mut State, how: impl FnOnce(&mut Timetable)) {
    let Mode::Timetable(table) = &mut state.mode else {
        return;
    };
    if table.waiting {
        return;
    }
    // A word to leave counts only if the next one follows at once.
    table.leaving = false;
    let before = table.lines.clone();
    how(table);
    if table.lines != before {
        look(state);
    }
}

/// Lays the next updates of the queue out over the times as they stand.
pub(super) fn look(state: &mut State) {
    let Mode::Timetable(table) = &state.mode else {
        return;
    };
    let Some(profile) = state.replica.profile(&table.profile) else {
        // It was removed elsewhere meanwhile.
        state.mode = Mode::Lists;
        return say(state, Severity::Warning, "this profile is gone");
    };
    let changes = preview(state, profile, &table.schedule());
    if let Mode::Timetable(table) = &mut state.mode {
        table.preview = changes;
    }
}

/// Takes the last change back.
pub(super) fn take_back(state: &mut State) {
    change(state, |table| {
        if !table.take_back() {
            table.problem = Some("there is nothing to take back here".to_owned());
        }
    });
}

/// Asks the server to take these times. The table stays until there is an answer.
pub(super) fn save(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Timetable(table) = &mut state.mode else {
        return;
    };
    if table.waiting {
        return;
    }
    if !table.is_changed() {
        state.mode = Mode::Lists;
        return say(state, Severity::Done, "the posting times are as they were");
    }
    table.waiting = true;
    table.problem = None;
    let (profile, schedule) = (table.profile.clone(), table.schedule());
    ask(out, Request::SetSchedule { profile, schedule });
}

/// Drops the time being typed.
pub(super) fn drop_time(state: &mut State) {
    change(state, |table| {
        table.adding = None;
        table.problem = None;
    });
}

/// Leaves; changes that are not saved need a second word.
pub(super) fn leave(state: &mut State) {
    let Mode::Timetable(table) = &mut state.mode else {
        return;
    };
    if table.is_changed() && !table.leaving {
        table.leaving = true;
        table.problem = Some("not saved yet: leave once more to drop the changes".to_owned());
    } else {
        state.mode = Mode::Lists;
    }
}
