//! The line that asks for words: what its keys do.

use super::{custom, tags, times};
use crate::app::effect::Effect;
use crate::app::mode::Mode;
use crate::app::prompt::Asked;
use crate::app::state::State;

/// Takes what is typed.
pub(super) fn take(state: &mut State, out: &mut Vec<Effect>) {
    let mode = std::mem::take(&mut state.mode);
    let Mode::Prompt(prompt) = mode else {
        state.mode = mode;
        return;
    };
    match prompt.what {
        Asked::Tags { .. } => tags::take(state, out, &prompt.text(), &prompt.updates),
        Asked::When => times::take(state, out, prompt),
        Asked::Command => custom::take(state, out, prompt),
    }
}

/// Puts the next word there that fits what is typed.
pub(super) fn complete(state: &mut State, by: isize) {
    let mode = std::mem::take(&mut state.mode);
    let Mode::Prompt(mut prompt) = mode else {
        state.mode = mode;
        return;
    };
    let what = prompt.what.clone();
    prompt.complete(by, |word| match &what {
        Asked::Tags {
            all_have,
            some_have,
        } => tags::fitting(state, word, all_have, some_have),
        Asked::When => times::words_that_begin(word),
        Asked::Command => state.customs.that_begin(word),
    });
    state.mode = Mode::Prompt(prompt);
}
