//! Profiles and their schedules: asked of the server, which has to answer.

use super::commands::{ask, say};
use crate::app::effect::Effect;
use crate::app::form::ProfileForm;
use crate::app::mode::Mode;
use crate::app::notice::Severity;
use crate::app::state::State;
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

/// Opens the form of the focused profile's posting times.
pub(super) fn open_schedule(state: &mut State) {
    if let Some(profile) = state.profile() {
        state.mode = Mode::Form(Box::new(ProfileForm::schedule_of(profile)));
    }
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
