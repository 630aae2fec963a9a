//! Profiles and their schedules: asked of the server, which has to answer.

use super::commands::{ask, say};
use crate::app::effect::Effect;
use crate::app::form::ProfileForm;
use crate::app::mode::{Confirm, Mode, Question};
use crate::app::notice::Severity;
use crate::app::state::State;
use crate::app::status::name_of;
use crate::protocol::Request;

/// Opens the form of a new profile.
pub(super) fn open_new(state: &mut State) {
    if !state.can_manage_profiles() {
        let text = "this account's profiles are made on its own site";
        return say(state, Severity::Warning, text);
    }
    let can = state.capabilities.as_ref();
    let connections = can.map_or(Vec::new(), |can| can.connections.clone());
    let form = ProfileForm::new(&state.settings.zone, connections);
    state.mode = Mode::Form(Box::new(form));
}

/// Opens the form of the focused profile.
pub(super) fn open_edit(state: &mut State) {
    if !state.can_manage_profiles() {
        let text = "this account's profiles are changed on its own site";
        return say(state, Severity::Warning, text);
    }
    let can = state.capabilities.as_ref();
    let connections = can.map_or(Vec::new(), |can| can.connections.clone());
    if let Some(profile) = state.profile() {
        state.mode = Mode::Form(Box::new(ProfileForm::of(profile, connections)));
    }
}

/// Asks before the focused profile is removed: that cannot be taken back.
pub(super) fn ask_remove(state: &mut State) {
    if !state.can_manage_profiles() {
        let text = "this account's profiles are removed on its own site";
        return say(state, Severity::Warning, text);
    }
    let Some(profile) = state.profile() else {
        return;
    };
    let queued = state.shown().map_or(0, |shown| shown.rows().len());
    let goes = match queued {
        0 => "nothing is queued for it".to_owned(),
        1 => "the update queued for it is deleted".to_owned(),
        n => format!("the {n} updates queued for it are deleted"),
    };
    state.mode = Mode::Confirm(Confirm {
        title: "Remove this profile?".to_owned(),
        lines: vec![name_of(profile), goes],
        warnings: vec!["this cannot be taken back".to_owned()],
        what: Question::RemoveProfile(profile.id.clone()),
    });
}

/// Goes to another field.
pub(super) fn step(state: &mut State, by: isize) {
    if let Mode::Form(form) = &mut state.mode {
        form.step(by);
    }
}

/// Asks for what the form says, if it says it right. It stays open until there is an answer.
pub(super) fn save(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Form(form) = &mut state.mode else {
        return;
    };
    if form.waiting {
        return;
    }
    match form.request() {
        Ok(request) => {
            form.problem = None;
            form.waiting = true;
            state.expects_profile = matches!(request, Request::CreateProfile(_));
            ask(out, request);
        }
        Err((field, why)) => {
            form.field = field;
            form.problem = Some(why);
        }
    }
}

/// The server answered what was asked.
pub(super) fn answered(state: &mut State, answer: Result<String, String>) {
    if let Mode::Form(form) = &mut state.mode
        && form.waiting
    {
        form.waiting = false;
        match &answer {
            Ok(_) => state.mode = Mode::Lists,
            Err(why) => {
                form.problem = Some(why.clone());
                state.expects_profile = false;
                return;
            }
        }
    }
    if let Mode::Timetable(table) = &mut state.mode
        && table.waiting
    {
        table.waiting = false;
        match &answer {
            Ok(_) => state.mode = Mode::Lists,
            Err(why) => {
                table.problem = Some(why.clone());
                return;
            }
        }
    }
    match answer {
        Ok(text) => say(state, Severity::Done, text),
        Err(why) => say(state, Severity::Trouble, why),
    }
}

/// Pauses the focused profile's queue, or lets it go on.
pub(super) fn pause(state: &mut State, out: &mut Vec<Effect>) {
    let Some(profile) = state.profile() else {
        return;
    };
    let (profile, paused) = (profile.id.clone(), !profile.paused);
    if state.capabilities.as_ref().is_some_and(|can| !can.pause) {
        let text = "this account cannot pause a queue";
        return say(state, Severity::Warning, text);
    }
    ask(out, Request::SetPaused { profile, paused });
}
