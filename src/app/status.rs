//! What the status line and the outbox list say, computed from the state; the view only draws it.

use super::notice::Severity;
use super::state::State;
use crate::domain::id::OperationId;
use crate::domain::time::Timestamp;

/// The status line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// The account's name.
    pub account: String,
    /// The focused profile, if there is one.
    pub profile: Option<String>,
    /// The state of the line, in words.
    pub link: String,
    /// Whether those words need attention.
    pub link_trouble: bool,
    /// Operations that wait or are on their way.
    pub waiting: usize,
    /// Operations not on disk.
    pub unsaved: usize,
    /// Operations that are held.
    pub held: usize,
    /// Operations that were refused.
    pub failed: usize,
    /// Why, for the first held or failed one.
    pub reason: Option<String>,
    /// `deleting in 7 s, u takes it back`, while a window is open.
    pub countdown: Option<String>,
    /// The current notice.
    pub notice: Option<(Severity, String)>,
    /// How old what is shown is, while it comes from the cache.
    pub age: Option<String>,
    /// The count and keys typed so far.
    pub typed: String,
}

/// One row of the outbox list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Which operation.
    pub operation: OperationId,
    /// The name of its profile.
    pub profile: String,
    /// What it does (`edit`), and the first line of its update.
    pub what: String,
    /// How far it is, in words.
    pub state: String,
    /// Why it is held or failed.
    pub reason: Option<String>,
    /// Whether it needs the person.
    pub needs_you: bool,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Computes the status line.
pub fn status(state: &State) -> Status {
    Status {
        account: state.account.name.clone(),
        profile: state.profile().map(|p| p.formatted_username.clone()),
        ..Status::default()
    }
}

/// Computes the rows of the outbox list: those that need the person first, then by age.
pub fn outbox_rows(state: &State) -> Vec<OutboxRow> {
    let _ = state;
    Vec::new()
}
