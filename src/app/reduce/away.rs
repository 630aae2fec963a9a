//! A person whose terminal is out of sight is called when something needs them: once for what came
//! together, and without a word of what was written. What they see needs no call, and what mends
//! itself, as a lost line, is none either.

use crate::app::effect::Effect;
use crate::app::state::{Away, State};
use crate::domain::terminal::Call;
use crate::protocol::Link;

/// So many seconds pass between two calls.
const QUIET: i64 = 60;

/// The terminal says whether it is in sight.
pub(super) fn sight(state: &mut State, here: bool) {
    state.away = (!here).then(Away::default);
}

/// What needs the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Concerns {
    refused: usize,
    held: usize,
    failed: usize,
    store: bool,
    sign_in: bool,
}

impl Concerns {
    /// Counts them; nothing where nobody is called.
    pub(super) fn of(state: &State) -> Option<Self> {
        if state.away.is_none() || state.settings.call == Call::Never {
            return None;
        }
        let counts = state.replica.counts_in_all();
        let queues = state.profiles().iter();
        let queues = queues.filter_map(|profile| state.replica.queue(&profile.id));
        Some(Self {
            refused: counts.failed,
            held: counts.held,
            failed: queues.map(|queue| queue.failed.len()).sum(),
            store: state.store_trouble.is_some(),
            sign_in: matches!(state.link, Link::SignIn { .. }),
        })
    }

    /// Says what is there that was not there before.
    fn since(self, before: Self) -> Option<&'static str> {
        [
            (self.failed > before.failed, "an update did not go out"),
            (self.refused > before.refused, "an update was refused"),
            (self.held > before.held, "an update is held and needs you"),
            (self.store && !before.store, "changes cannot be stored"),
            (
                self.sign_in && !before.sign_in,
                "the account asks to sign in",
            ),
        ]
        .into_iter()
        .find_map(|(is_new, words)| is_new.then_some(words))
    }
}

/// Calls the person if something needs them that did not before.
pub(super) fn call(state: &mut State, out: &mut Vec<Effect>, before: Option<Concerns>) {
    let (Some(before), Some(after)) = (before, Concerns::of(state)) else {
        return;
    };
    let (Some(words), Some(away)) = (after.since(before), &mut state.away) else {
        return;
    };
    let is_soon = |at| state.now.0 - at < QUIET;
    if away.called.is_some_and(|at| is_soon(at.0)) {
        return;
    }
    away.called = Some(state.now);
    let (how, text) = (state.settings.call, format!("qurate: {words}"));
    out.push(Effect::Call { how, text });
}
