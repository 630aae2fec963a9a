//! The composer: text, profiles, time, link and picture of an update being written.
//!
//! The only place where the core uses a ratatui type: the text area, which is plain data with
//! editing keys.

use tui_textarea::TextArea;

use crate::domain::id::{LocalId, ProfileId};
use crate::domain::operation::Editable;

/// An update being written or edited.
#[derive(Debug, Clone)]
pub struct Composer {
    /// The update being edited, and what it was; none for a new one.
    pub editing: Option<(LocalId, Editable)>,
    /// The field with the cursor.
    pub field: Field,
    /// The text.
    pub text: TextArea<'static>,
    /// `queue`, `top`, `now` or a time.
    pub when: TextArea<'static>,
    /// The address of a page.
    pub link: TextArea<'static>,
    /// The address of a picture.
    pub picture: TextArea<'static>,
    /// Every profile, and whether the update goes to it.
    pub profiles: Vec<(ProfileId, bool)>,
    /// The profile the cursor is on, in the field of profiles.
    pub profile_cursor: usize,
    /// What keeps it from being saved, as the last try said.
    pub problems: Vec<String>,
    /// Whether the worker has not yet got the draft as it is.
    pub dirty: bool,
}

/// The fields of the composer, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The text.
    Text,
    /// The profiles it goes to; Space toggles.
    Profiles,
    /// When it goes out.
    When,
    /// The link.
    Link,
    /// The picture.
    Picture,
}

impl Field {
    /// The fields in the order of Tab.
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::Profiles,
        Self::When,
        Self::Link,
        Self::Picture,
    ];
}
