//! The config, taken over while the editor runs; and what of it can be tried without it.

use super::commands::say;
use crate::app::effect::Effect;
use crate::app::keymap::Keymap;
use crate::app::notice::Severity;
use crate::app::preferences::Preferences;
use crate::app::state::State;
use crate::domain::terminal::{Call, Colors};

/// Takes over what the file says; a file that is wrong changes nothing.
pub(super) fn configured(
    state: &mut State,
    out: &mut Vec<Effect>,
    found: Result<Preferences, String>,
) {
    let preferences = match found {
        Ok(preferences) => preferences,
        Err(problem) => {
            state.problems = vec![problem.clone()];
            let text = format!("{problem}; all stays as it was");
            return say(state, Severity::Trouble, text);
        }
    };
    let (keymap, errors) = Keymap::with_bindings(&preferences.keys);
    let of_customs = state.customs.configure(&preferences.customs, &keymap);
    state.keymap = keymap;
    state.pending.keys.clear();
    state.settings.window = preferences.window;
    state.settings.look = preferences.look;
    state.settings.links = preferences.links;
    state.settings.line = preferences.line;
    let watches = |call| call != Call::Never;
    if watches(state.settings.call) != watches(preferences.call) {
        super::away::sight(state, true);
        out.push(Effect::WatchSight(watches(preferences.call)));
    }
    state.settings.call = preferences.call;
    if state.settings.mouse != preferences.mouse {
        // What was switched by hand stays as long as the file says the same.
        state.settings.mouse = preferences.mouse;
        if state.mouse != preferences.mouse {
            super::mouse::listen(state, out, preferences.mouse);
        }
    }
    let errors = errors.iter().map(ToString::to_string);
    let problems: Vec<String> = preferences
        .problems
        .into_iter()
        .chain(errors)
        .chain(of_customs)
        .collect();
    state.problems.clone_from(&problems);
    if problems.is_empty() {
        return say(state, Severity::Done, "took over config.toml");
    }
    for problem in problems {
        say(state, Severity::Warning, problem);
    }
}

/// Shows the next theme.
pub(super) fn next_theme(state: &mut State) {
    let mut theme = state.settings.look.theme.next();
    let has_all = state.settings.terminal.colors == Colors::True;
    while theme.needs_true_colors() && !has_all {
        theme = theme.next();
    }
    state.settings.look.theme = theme;
    let name = theme.name();
    let text = format!("`theme = \"{name}\"` in config.toml keeps this one");
    say(state, Severity::Done, text);
}
