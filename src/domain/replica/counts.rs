//! How much is not confirmed.

use crate::domain::operation::OperationState;

/// How many operations are not confirmed, by what they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Not yet sent, on their way, or being looked up: they need only time.
    pub waiting: usize,
    /// Of the waiting ones, those not yet on disk.
    pub unsaved: usize,
    /// Held: they need the person.
    pub held: usize,
    /// Refused: they need the person.
    pub failed: usize,
}

impl Counts {
    /// Counts operations by their states.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a OperationState>) -> Self {
        let mut counts = Self::default();
        for state in states {
            counts.change(state, true);
        }
        counts
    }

    /// Counts one operation in `state`, or takes it out again.
    pub(super) fn change(&mut self, state: &OperationState, add: bool) {
        let step = |n: &mut usize| *n = if add { *n + 1 } else { n.saturating_sub(1) };
        match state {
            OperationState::Acked => {}
            OperationState::Held { .. } => step(&mut self.held),
            OperationState::Failed { .. } => step(&mut self.failed),
            OperationState::Unsaved { .. } => {
                step(&mut self.unsaved);
                step(&mut self.waiting);
            }
            OperationState::Queued | OperationState::InFlight | OperationState::Unknown => {
                step(&mut self.waiting);
            }
        }
    }
}

impl std::ops::Add for Counts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            waiting: self.waiting + other.waiting,
            unsaved: self.unsaved + other.unsaved,
            held: self.held + other.held,
            failed: self.failed + other.failed,
        }
    }
}
