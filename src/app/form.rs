//! The form of a profile: what the first start asks for, and how a schedule is changed.

use tui_textarea::TextArea;

use crate::domain::id::ProfileId;
use crate::domain::profile::Service;

/// A profile being made, or the schedule of one being changed.
#[derive(Debug, Clone)]
pub struct ProfileForm {
    /// The profile whose schedule is changed; none for a new profile.
    pub editing: Option<ProfileId>,
    /// The field with the cursor.
    pub field: FormField,
    /// The networks to choose from.
    pub services: Vec<Service>,
    /// The chosen one.
    pub service: usize,
    /// The account's name.
    pub name: TextArea<'static>,
    /// The IANA zone.
    pub zone: TextArea<'static>,
    /// The posting times (`mon-fri 09:00 13:30; sat 11:00`).
    pub times: TextArea<'static>,
    /// The connections to choose from.
    pub connections: Vec<String>,
    /// The chosen one.
    pub connection: usize,
    /// What keeps it from being saved.
    pub problem: Option<String>,
    /// Whether the answer of the server is awaited.
    pub waiting: bool,
}

/// The fields of the form, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormField {
    /// The network; left and right choose.
    Service,
    /// The account's name.
    Name,
    /// The zone.
    Zone,
    /// The posting times.
    Times,
    /// How the server publishes; left and right choose.
    Connection,
}
