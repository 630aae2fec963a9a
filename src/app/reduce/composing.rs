//! What keys do inside the composer: fields, networks and their texts, the preview, the person's
//! own editor.

use super::commands::say;
use crate::app::action::Edited;
use crate::app::composer::Field;
use crate::app::effect::Effect;
use crate::app::key::{Code, Key};
use crate::app::layout::has_room_beside;
use crate::app::mode::{Mode, Scroll};
use crate::app::notice::Severity;
use crate::app::state::State;

/// Lines a key scrolls what will be sent.
pub(super) const LINES: isize = 3;

/// Takes a key that is not bound to a command. A preview that hides the fields is only scrolled.
pub(super) fn press(state: &mut State, key: Key) {
    let beside = has_room_beside(state);
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    match &mut composer.preview {
        Some(scroll) if !beside => {
            let by: isize = match key.code {
                Code::Up => -1,
                Code::Down => 1,
                Code::PageUp => -10,
                Code::PageDown => 10,
                _ => return,
            };
            scroll.by(by);
        }
        _ => composer.press(key),
    }
}

/// Shows what will be sent, or hides it.
pub(super) fn preview(state: &mut State) {
    if let Mode::Composer(composer) = &mut state.mode {
        composer.preview = match composer.preview {
            Some(_) => None,
            None => Some(Scroll::default()),
        };
    }
}

/// Scrolls what will be sent, if it shows.
pub(super) fn scroll(state: &mut State, by: isize) {
    if let Mode::Composer(composer) = &mut state.mode
        && let Some(scroll) = &mut composer.preview
    {
        scroll.by(by);
    }
}

/// Goes to another field; a preview that hides the fields gives way.
pub(super) fn step(state: &mut State, by: isize) {
    let beside = has_room_beside(state);
    if let Mode::Composer(composer) = &mut state.mode {
        if composer.preview.is_some() && !beside {
            composer.preview = None;
        } else {
            composer.step(by);
        }
    }
}

/// Selects the counter of the next network.
pub(super) fn next_network(state: &mut State) {
    if let Mode::Composer(composer) = &mut state.mode {
        composer.next_network();
    }
}

/// Gives a network a text of its own.
pub(super) fn split(state: &mut State) {
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    match composer.split() {
        Ok(service) => {
            let text = format!("this is the text for {} alone now", service.title());
            say(state, Severity::Done, text);
        }
        Err(why) => say(state, Severity::Warning, why),
    }
}

/// Gives a network the common text again.
pub(super) fn join(state: &mut State) {
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    match composer.join() {
        Some(service) => {
            let name = service.title();
            let text = format!("{name} gets the common text; its own is there again if you split");
            say(state, Severity::Done, text);
        }
        None => say(
            state,
            Severity::Warning,
            "the selected network has no text of its own",
        ),
    }
}

/// Asks for the person's own editor on the text.
pub(super) fn text_outside(state: &mut State, out: &mut Vec<Effect>) {
    let Mode::Composer(composer) = &mut state.mode else {
        return;
    };
    composer.go_to(Field::Text);
    out.push(Effect::EditText(composer.text()));
}

/// The person's own editor ended.
pub(super) fn edited(state: &mut State, outcome: Edited) {
    let (severity, text) = match (outcome, &mut state.mode) {
        (Edited::Text(text), Mode::Composer(composer)) => {
            if composer.replace_text(&text) {
                (
                    Severity::Done,
                    "took the text over; it is not saved yet".to_owned(),
                )
            } else {
                (Severity::Done, "the editor changed nothing".to_owned())
            }
        }
        (Edited::Text(_), _) => return,
        (Edited::Failed(why), _) => (Severity::Trouble, why),
    };
    say(state, severity, text);
}
