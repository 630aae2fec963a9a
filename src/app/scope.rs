//! Where keys mean something.

use serde::{Deserialize, Serialize};

use super::state::{Pane, State};

/// Where a key means something. Innermost first; see [`State::scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Everywhere, also in dialogs and text fields.
    Always,
    /// Everywhere but in dialogs and text fields.
    Global,
    /// In every list, and while something is carried.
    List,
    /// In the list of profiles.
    Profiles,
    /// In the queue.
    Queue,
    /// In the list of sent and failed updates.
    Sent,
    /// In the list of interactions.
    Interactions,
    /// While an update is carried.
    Grab,
    /// While a new order is looked at.
    Shuffle,
    /// In a question of yes or no.
    Confirm,
    /// In the question whether to copy or to move to another profile.
    Transfer,
    /// In the list of what waits.
    Outbox,
    /// In the list of what was done.
    History,
    /// While what is held is looked at side by side.
    Conflict,
    /// While the numbers of what was sent are looked at.
    Numbers,
    /// While the doctor's report is looked at.
    Doctor,
    /// In the full view of one update, the messages and the log of requests.
    Detail,
    /// In the list of findings.
    Findings,
    /// In find and replace.
    Replace,
    /// In the help and the palette.
    Palette,
    /// While a filter is typed.
    Filter,
    /// In the line that asks for words.
    Prompt,
    /// In the list of links to open.
    Links,
    /// While what a custom command said is looked at.
    Output,
    /// While writing.
    Composer,
    /// In the list of kept drafts.
    Drafts,
    /// In the form of a profile.
    Form,
    /// In the table of posting times.
    Timetable,
    /// While a new posting time is typed.
    NewTime,
}

impl Scope {
    /// Returns the heading of the scope in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Global => "Everywhere",
            Self::List => "In lists",
            Self::Profiles => "Profiles",
            Self::Queue => "Queue",
            Self::Sent => "Sent and failed",
            Self::Interactions => "Interactions",
            Self::Grab => "While carrying",
            Self::Shuffle => "Shuffle preview",
            Self::Confirm => "Questions",
            Self::Transfer => "Copy or move?",
            Self::Outbox => "Outbox",
            Self::History => "History",
            Self::Conflict => "Side by side",
            Self::Numbers => "Numbers",
            Self::Doctor => "Doctor",
            Self::Detail => "Detail",
            Self::Findings => "Findings",
            Self::Replace => "Find and replace",
            Self::Palette => "Help and palette",
            Self::Filter => "Filter",
            Self::Prompt => "Prompts",
            Self::Links => "Open which?",
            Self::Output => "Output of a command",
            Self::Composer => "Composer",
            Self::Drafts => "Drafts",
            Self::Form => "Profile form",
            Self::Timetable => "Posting times",
            Self::NewTime => "A new posting time",
        }
    }

    /// Says whether keys that are not bound are text here.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Palette
                | Self::Filter
                | Self::Prompt
                | Self::Replace
                | Self::Composer
                | Self::Form
                | Self::NewTime
        )
    }
}

impl State {
    /// Returns the scopes keys are looked up in, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        match self.mode.scope() {
            Some(
                inner @ (Scope::Grab
                | Scope::Shuffle
                | Scope::Outbox
                | Scope::Drafts
                | Scope::Findings
                | Scope::Links
                | Scope::History),
            ) => {
                vec![inner, Scope::List, Scope::Always]
            }
            Some(inner @ (Scope::Conflict | Scope::Numbers | Scope::Output | Scope::Doctor)) => {
                vec![inner, Scope::Detail, Scope::Always]
            }
            Some(inner) => vec![inner, Scope::Always],
            None => self.list_scopes(),
        }
    }

    fn list_scopes(&self) -> Vec<Scope> {
        let pane = match self.focus {
            Pane::Profiles => Scope::Profiles,
            Pane::Queue => Scope::Queue,
            Pane::Sent => Scope::Sent,
            Pane::Interactions => Scope::Interactions,
        };
        vec![pane, Scope::List, Scope::Global, Scope::Always]
    }
}
