//! The one function that changes the state.

use super::action::Action;
use super::effect::Effect;
use super::state::State;

/// Applies `action` to `state` and returns what the world has to do, in order.
#[must_use]
pub fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Key { now, .. }
        | Action::Paste { now, .. }
        | Action::Run { now, .. }
        | Action::Mouse { now, .. }
        | Action::Sync { now, .. }
        | Action::Tick(now)
        | Action::Resumed(now) => state.now = now,
        Action::Resize { width, height } => state.viewport = (width, height),
        Action::Rested(_) => {}
    }
    Vec::new()
}
