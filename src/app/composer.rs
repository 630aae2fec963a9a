//! The composer: text, profiles, time, link and picture of an update being written.
//!
//! The only place where the core uses a ratatui type: the text area, which is plain data with
//! editing keys.

use chrono_tz::Tz;
use tui_textarea::{CursorMove, Input, TextArea, WrapMode};

use super::key::{Code, Key};
use super::when::{self, InvalidWhen};
use crate::domain::id::{LocalId, OperationId, ProfileId};
use crate::domain::length::{self, Length};
use crate::domain::operation::{Editable, Placement};
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, Media};
use crate::protocol::Draft;

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
    /// Parts of the media that have no field (title, description, thumbnail), kept as they are.
    pub media: Media,
    /// The operation that it takes the place of once it is saved: one that was held or refused.
    pub replaces: Option<OperationId>,
    /// The text somebody else gave the update meanwhile, shown beside the one being written.
    pub theirs: Option<String>,
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

impl Composer {
    /// Opens a draft. `profiles` are all there are.
    pub fn open(draft: &Draft, editing: Option<Editable>, profiles: &[Profile]) -> Self {
        let base = editing.as_ref().map(|base| base.content.media.clone());
        let chosen = |profile: &Profile| draft.profiles.contains(&profile.id);
        Self {
            editing: draft.update.zip(editing),
            field: Field::Text,
            text: wrapped(&draft.text),
            when: area(&draft.when),
            link: area(&draft.link),
            picture: area(&draft.picture),
            profiles: profiles
                .iter()
                .map(|profile| (profile.id.clone(), chosen(profile)))
                .collect(),
            profile_cursor: profiles.iter().position(chosen).unwrap_or(0),
            media: base.unwrap_or_default(),
            replaces: None,
            theirs: None,
            problems: Vec::new(),
            dirty: false,
        }
    }

    /// Returns what is written, as plain data.
    pub fn draft(&self) -> Draft {
        Draft {
            update: self.editing.as_ref().map(|(update, _)| *update),
            text: self.text.lines().join("\n"),
            link: self.link.lines().join(""),
            picture: self.picture.lines().join(""),
            when: self.when.lines().join(""),
            profiles: self.chosen(),
        }
    }

    /// Says whether nothing was written.
    pub fn is_empty(&self) -> bool {
        let draft = self.draft();
        [&draft.text, &draft.link, &draft.picture]
            .iter()
            .all(|field| field.trim().is_empty())
    }

    /// Returns the profiles it goes to.
    pub fn chosen(&self) -> Vec<ProfileId> {
        let chosen = self.profiles.iter().filter(|(_, chosen)| *chosen);
        chosen.map(|(profile, _)| profile.clone()).collect()
    }

    /// Returns text and media as they would be saved.
    pub fn content(&self) -> Content {
        let draft = self.draft();
        let link = draft.link.trim().to_owned();
        let picture = draft.picture.trim().to_owned();
        let media = if link == self.media.link && picture == self.media.picture {
            self.media.clone()
        } else {
            // Title, description and thumbnail described what was there before.
            Media {
                link,
                picture,
                ..Media::default()
            }
        };
        Content {
            text: draft.text.trim_end().to_owned(),
            media,
        }
    }

    /// Returns the profile whose zone times are read in: the first chosen one.
    pub fn zone(&self, profiles: &[Profile]) -> Tz {
        let chosen = self.chosen();
        let found = profiles.iter().find(|p| chosen.first() == Some(&p.id));
        found.map_or(Tz::UTC, |profile| profile.timezone)
    }

    /// Reads the field of the time.
    pub fn placement(
        &self,
        profiles: &[Profile],
        now: Timestamp,
    ) -> Result<Placement, InvalidWhen> {
        when::parse(&self.when.lines().join(""), self.zone(profiles), now)
    }

    /// Returns the length of the text for each chosen profile, by its network's rule.
    pub fn lengths<'a>(&self, profiles: &'a [Profile]) -> Vec<(&'a Profile, Length)> {
        let text = self.content().text;
        let chosen = self.chosen();
        profiles
            .iter()
            .filter(|profile| chosen.contains(&profile.id))
            .map(|p| (p, length::measure(&p.service, &text, p.character_limit)))
            .collect()
    }

    /// Says what keeps it from being saved.
    pub fn check(&self, profiles: &[Profile], now: Timestamp) -> Vec<String> {
        let mut problems = Vec::new();
        if self.is_empty() {
            problems.push("there is nothing to post yet: write a text".to_owned());
        }
        if self.chosen().is_empty() {
            problems.push("choose at least one profile (Tab, then Space)".to_owned());
        }
        for (profile, length) in self.lengths(profiles) {
            if length.is_over() {
                let limit = length.limit.unwrap_or_default();
                problems.push(format!(
                    "{} of {limit} characters for {} {}",
                    length.used,
                    profile.service.title(),
                    profile.formatted_username,
                ));
            }
        }
        for (word, area) in [("link", &self.link), ("picture", &self.picture)] {
            let address = area.lines().join("");
            if !is_address(address.trim()) {
                problems.push(format!("the {word} must begin with http:// or https://"));
            }
        }
        match self.placement(profiles, now) {
            Err(error) => problems.push(error.to_string()),
            Ok(Placement::Now) if self.editing.is_some() => {
                problems.push("save it first, then S shares it now".to_owned());
            }
            Ok(Placement::Top) if self.editing.is_some() => {
                problems.push("save it first, then t moves it to the top".to_owned());
            }
            Ok(_) => {}
        }
        problems
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key) {
        let changed = match self.field {
            Field::Text => self.text.input(input(key)),
            Field::Profiles => self.press_profiles(key),
            Field::When => press_line(&mut self.when, key),
            Field::Link => press_line(&mut self.link, key),
            Field::Picture => press_line(&mut self.picture, key),
        };
        self.changed(changed);
        if key.code == Code::Enter && self.field != Field::Text {
            self.step(1);
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let changed = match self.field {
            Field::Text => self.text.insert_str(lines_of(text)),
            Field::Profiles => false,
            Field::When => self.when.insert_str(line_of(text)),
            Field::Link => self.link.insert_str(line_of(text)),
            Field::Picture => self.picture.insert_str(line_of(text)),
        };
        self.changed(changed);
    }

    /// Goes to another field, around the ends.
    pub fn step(&mut self, by: isize) {
        let all = Field::ALL;
        let at = all.iter().position(|f| *f == self.field).unwrap_or(0);
        let next = at.wrapping_add_signed(by + all.len().cast_signed()) % all.len();
        self.field = all[next];
        if self.editing.is_some() && self.field == Field::Profiles {
            // An update belongs to one profile for good.
            self.step(by);
        }
    }

    fn changed(&mut self, changed: bool) {
        if changed {
            self.dirty = true;
            self.problems.clear();
        }
    }

    fn press_profiles(&mut self, key: Key) -> bool {
        let last = self.profiles.len().saturating_sub(1);
        match key.code {
            Code::Left | Code::Up | Code::Char('h' | 'k') => {
                self.profile_cursor = self.profile_cursor.saturating_sub(1);
            }
            Code::Right | Code::Down | Code::Char('l' | 'j') => {
                self.profile_cursor = (self.profile_cursor + 1).min(last);
            }
            Code::Char(' ' | 'x') => {
                if let Some((_, chosen)) = self.profiles.get_mut(self.profile_cursor) {
                    *chosen = !*chosen;
                    return true;
                }
            }
            _ => {}
        }
        false
    }
}

/// Makes a text area with the cursor behind the text.
pub(super) fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(lines_of(text).split('\n').map(str::to_owned).collect());
    area.set_tab_length(2);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// The same for more than one line: long lines go on below, at a word if there is one.
fn wrapped(text: &str) -> TextArea<'static> {
    let mut area = area(text);
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area
}

/// Takes a key in a field of one line; says whether the text changed.
pub(super) fn press_line(area: &mut TextArea<'static>, key: Key) -> bool {
    // What would make a second line: Enter, and its readline names.
    let breaks = key.code == Code::Enter || (key.ctrl && matches!(key.code, Code::Char('m' | 'j')));
    !breaks && area.input(input(key))
}

/// Returns pasted text with plain line breaks and without what cannot be typed.
pub(super) fn lines_of(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect()
}

/// Returns pasted text as one line.
pub(super) fn line_of(text: &str) -> String {
    lines_of(text.trim()).replace(['\n', '\t'], " ")
}

fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    text.is_empty() || rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(' '))
}

/// Translates a key for the text area, with the keys of readline and of other editors.
fn input(key: Key) -> Input {
    use tui_textarea::Key as To;
    let (code, ctrl, alt) = match (key.code, key.ctrl, key.alt) {
        // The area's own `ctrl-u` is undo; people who type in terminals expect it to clear the line.
        (Code::Char('u'), true, false) => (To::Char('j'), true, false),
        (Code::Char('_'), true, false) => (To::Char('u'), true, false),
        (Code::Left, true, false) => (To::Char('b'), false, true),
        (Code::Right, true, false) => (To::Char('f'), false, true),
        (code, ctrl, alt) => (code_of(code), ctrl, alt),
    };
    Input {
        key: code,
        ctrl,
        alt,
        shift: key.shift,
    }
}

fn code_of(code: Code) -> tui_textarea::Key {
    use tui_textarea::Key as To;
    match code {
        Code::Char(c) => To::Char(c),
        Code::F(n) => To::F(n),
        Code::Enter => To::Enter,
        Code::Esc => To::Esc,
        Code::Tab => To::Tab,
        Code::Backspace => To::Backspace,
        Code::Delete => To::Delete,
        Code::Insert => To::Null,
        Code::Up => To::Up,
        Code::Down => To::Down,
        Code::Left => To::Left,
        Code::Right => To::Right,
        Code::Home => To::Home,
        Code::End => To::End,
        Code::PageUp => To::PageUp,
        Code::PageDown => To::PageDown,
    }
}
