//! The composer: texts, profiles, time, link and picture of an update being written.
//!
//! The only place where the core uses a ratatui type: the text area, which is plain data with
//! editing keys.

mod check;
mod line;
mod meaning;
mod targets;
mod texts;

use chrono_tz::Tz;
use tui_textarea::{CursorMove, TextArea};

use super::key::{Code, Key};
use super::mode::Scroll;
use super::when::{self, InvalidWhen};
use crate::domain::draft::{Draft, Slot};
use crate::domain::id::{DraftId, LocalId, OperationId, ProfileId};
use crate::domain::length::{self, Length};
use crate::domain::operation::{Editable, Placement};
use crate::domain::profile::{Profile, Service};
use crate::domain::rare::Rare;
use crate::domain::text::links;
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, Media};

pub use check::Problem;
pub(in crate::app) use line::{area, line_of, press_line};
pub use meaning::{Meaning, meaning};
pub use targets::{Target, Targets};
pub use texts::Texts;

/// An update being written or edited.
#[derive(Debug, Clone)]
pub struct Composer {
    /// The id its draft is kept under.
    pub id: DraftId,
    /// The update being edited, and what it was; none for a new one.
    pub editing: Option<(LocalId, Editable)>,
    /// The field with the cursor.
    pub field: Field,
    /// The texts.
    pub texts: Texts,
    /// The profiles.
    pub targets: Targets,
    /// `queue`, `top`, `now` or a time.
    pub when: TextArea<'static>,
    /// The address of a page.
    pub link: TextArea<'static>,
    /// The page's title.
    pub title: TextArea<'static>,
    /// The page's description.
    pub description: TextArea<'static>,
    /// The address of a picture.
    pub picture: TextArea<'static>,
    /// Whether the server may shorten links; none where it never does.
    pub shorten: Option<bool>,
    /// The free slot it was begun on: it is pinned there for as long as it has that time.
    pub slot: Option<Slot>,
    /// The media as they were: what has no field is kept from them.
    pub media: Media,
    /// The operation that it takes the place of once it is saved: one that was held or refused.
    pub replaces: Option<OperationId>,
    /// Whether the person was asked already about an update that is about to go out.
    pub agreed: bool,
    /// The text somebody else gave the update meanwhile, shown beside the one being written.
    pub theirs: Option<String>,
    /// What keeps it from being saved, as the last try said.
    pub problems: Vec<Problem>,
    /// How far the preview is scrolled, while it shows.
    pub preview: Option<Scroll>,
    /// Whether the worker has not yet got the draft as it is.
    pub dirty: bool,
    /// Whether the worker has got it in any state.
    pub is_kept: bool,
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
    /// The link's title.
    Title,
    /// The link's description.
    Description,
    /// Whether links are shortened; Space toggles.
    Shorten,
    /// The picture.
    Picture,
}

impl Composer {
    /// Opens a draft. `profiles` are all there are; `can_shorten` says whether the API shortens
    /// links.
    pub fn open(
        draft: &Draft,
        editing: Option<Editable>,
        profiles: &[Profile],
        can_shorten: bool,
    ) -> Self {
        let base = editing.as_ref().map(|base| base.content.media.clone());
        let is_new = editing.is_none();
        Self {
            id: draft.id,
            editing: draft.update.zip(editing),
            field: Field::Text,
            texts: Texts::new(&draft.text, &draft.own),
            targets: Targets::new(profiles, &draft.profiles),
            when: area(&draft.when),
            link: area(&draft.media.link),
            title: area(&line_of(&draft.media.title)),
            description: area(&line_of(&draft.media.description)),
            picture: area(&draft.media.picture),
            shorten: (can_shorten && is_new).then_some(draft.shorten),
            slot: draft.slot.clone().filter(|_| is_new),
            media: base.map_or_else(|| draft.media.clone(), Rare::into_inner),
            replaces: None,
            agreed: false,
            theirs: None,
            problems: Vec::new(),
            preview: None,
            dirty: false,
            is_kept: false,
        }
    }

    /// Returns what is written, as plain data.
    pub fn draft(&self, at: Timestamp) -> Draft {
        let line = |area: &TextArea<'static>| area.lines().join("");
        Draft {
            id: self.id,
            at,
            update: self.editing.as_ref().map(|(update, _)| *update),
            text: self.texts.common(),
            own: self.texts.own(),
            media: Media {
                link: line(&self.link),
                title: line(&self.title),
                description: line(&self.description),
                picture: line(&self.picture),
                thumbnail: self.media.thumbnail.clone(),
            },
            when: line(&self.when),
            profiles: self.chosen(),
            shorten: self.shorten.unwrap_or(false),
            slot: self.slot.clone(),
        }
    }

    /// Says whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.draft(Timestamp::default()).is_empty()
    }

    /// Returns the profiles it goes to.
    pub fn chosen(&self) -> Vec<ProfileId> {
        let chosen = self.targets.chosen();
        chosen.map(|target| target.profile.clone()).collect()
    }

    /// Returns the networks it goes to.
    pub fn services(&self) -> Vec<Service> {
        let networks = self.targets.networks();
        networks.into_iter().map(|(service, _)| service).collect()
    }

    /// Returns text and media as they would be saved for a network.
    pub fn content(&self, service: &Service) -> Content {
        Content {
            text: self.texts.of(service).trim_end().to_owned(),
            media: self.media().into(),
        }
    }

    /// Returns the media as they would be saved. What describes another link or picture than the
    /// one that is there now is left out, unless the person wrote it.
    pub fn media(&self) -> Media {
        let field = |area: &TextArea<'static>| area.lines().join("").trim().to_owned();
        let (link, picture) = (field(&self.link), field(&self.picture));
        let same = |new: String, base: &str| {
            if new == line_of(base) {
                base.to_owned()
            } else {
                new
            }
        };
        let about = |area, base: &str| {
            if self.is_stale(area, base) {
                String::new()
            } else {
                same(field(area), base)
            }
        };
        let same_picture = picture == self.media.picture;
        let same_link = link == self.media.link;
        Media {
            title: about(&self.title, &self.media.title),
            description: about(&self.description, &self.media.description),
            thumbnail: if same_picture && same_link {
                self.media.thumbnail.clone()
            } else {
                String::new()
            },
            link,
            picture,
        }
    }

    /// Says whether a field still tells of a link that is not there any more: then it is not sent.
    pub fn is_stale(&self, field: &TextArea<'static>, base: &str) -> bool {
        let link = self.link.lines().join("");
        let written = field.lines().join("");
        !base.is_empty() && link.trim() != self.media.link && written.trim() == line_of(base).trim()
    }

    /// Returns the profile whose zone times are read in: the first chosen one.
    pub fn zone(&self) -> Tz {
        let first = self.targets.chosen().next();
        first.map_or(Tz::UTC, |target| target.zone)
    }

    /// Reads the field of the time.
    pub fn placement(&self, now: Timestamp) -> Result<Placement, InvalidWhen> {
        when::parse(&self.when.lines().join(""), self.zone(), now)
    }

    /// Reads it for one of the profiles: on the slot it was begun on, it is pinned.
    pub fn placement_for(
        &self,
        profile: &ProfileId,
        now: Timestamp,
    ) -> Result<Placement, InvalidWhen> {
        let slot = self.slot.as_ref().filter(|slot| slot.profile == *profile);
        Ok(match (self.placement(now)?, slot) {
            (Placement::At(at), Some(slot)) if at == slot.at => Placement::Pinned(at),
            (placement, _) => placement,
        })
    }

    /// Returns the length of the text for each chosen network, by its own rule.
    pub fn lengths(&self) -> Vec<(Service, Length)> {
        let networks = self.targets.networks().into_iter();
        networks
            .map(|(service, limit)| {
                let text = self.texts.of(&service);
                let length = length::measure(&service, text.trim_end(), limit);
                (service, length)
            })
            .collect()
    }

    /// Returns the fields that show, in the order of Tab: those of a link only where there is one.
    pub fn fields(&self) -> Vec<Field> {
        let written = |area: &TextArea<'static>| area.lines().iter().any(|line| !line.is_empty());
        let has_link = written(&self.link);
        let about = has_link || written(&self.title) || written(&self.description);
        let in_text = || {
            let services = self.services();
            let mut texts = services.iter().map(|service| self.texts.of(service));
            texts.any(|text| !links(&text).is_empty())
        };
        let shortens = self.shorten.is_some_and(|on| on || has_link || in_text());
        let all = [
            (Field::Text, true),
            // An update belongs to one profile for good.
            (Field::Profiles, self.editing.is_none()),
            (Field::When, true),
            (Field::Link, true),
            (Field::Title, about),
            (Field::Description, about),
            (Field::Shorten, shortens),
            (Field::Picture, true),
        ];
        let shown = all.into_iter().filter(|(_, shows)| *shows);
        shown.map(|(field, _)| field).collect()
    }

    /// Takes a key that is not bound to a command.
    pub fn press(&mut self, key: Key) {
        let changed = match self.field {
            Field::Text => line::press_text(self.texts.area_mut(), key),
            Field::Profiles => self.press_profiles(key),
            Field::When => press_line(&mut self.when, key),
            Field::Link => press_line(&mut self.link, key),
            Field::Title => press_line(&mut self.title, key),
            Field::Description => press_line(&mut self.description, key),
            Field::Picture => press_line(&mut self.picture, key),
            Field::Shorten => self.press_shorten(key),
        };
        self.changed(changed);
        if key.code == Code::Enter && self.field != Field::Text {
            self.step(1);
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let line = line_of(text);
        let changed = match self.field {
            Field::Text => self.texts.area_mut().insert_str(line::lines_of(text)),
            Field::Profiles => {
                self.targets.look_for(line);
                false
            }
            Field::Shorten => false,
            Field::When => self.when.insert_str(line),
            Field::Link => self.link.insert_str(line),
            Field::Title => self.title.insert_str(line),
            Field::Description => self.description.insert_str(line),
            Field::Picture => self.picture.insert_str(line),
        };
        self.changed(changed);
    }

    /// Goes to another field, around the ends.
    pub fn step(&mut self, by: isize) {
        let all = self.fields();
        let at = all.iter().position(|f| *f == self.field).unwrap_or(0);
        let next = at.wrapping_add_signed(by + all.len().cast_signed()) % all.len();
        self.go_to(all[next]);
    }

    /// Goes to a field.
    pub fn go_to(&mut self, field: Field) {
        if self.field == Field::Profiles && field != Field::Profiles {
            self.targets.look_for(String::new());
        }
        self.field = field;
    }

    /// Selects the counter of the next network, and with it its text.
    pub fn next_network(&mut self) {
        let services = self.services();
        self.texts.next(&services);
        self.go_to(Field::Text);
    }

    /// Gives the network under the cursor, or the selected one, a text of its own; says for which,
    /// or why it cannot be.
    pub fn split(&mut self) -> Result<Service, &'static str> {
        let services = self.services();
        if self.editing.is_some() || services.len() < 2 {
            return Err("own texts are for updates to several networks: this one goes to one");
        }
        let over = || {
            let lengths = self.lengths().into_iter();
            let mut over = lengths.filter(|(_, length)| length.is_over());
            over.next().map(|(service, _)| service)
        };
        let service = if self.field == Field::Profiles {
            let target = self.targets.under_cursor().filter(|target| target.chosen);
            target
                .map(|target| target.service.clone())
                .ok_or("choose it first: Space")?
        } else {
            let selected = self.texts.selected().cloned().or_else(over);
            selected.ok_or("select a network first: ctrl-o")?
        };
        self.texts.split(&service);
        self.go_to(Field::Text);
        self.changed(true);
        Ok(service)
    }

    /// Gives the network under the cursor, or the selected one, the common text again; says for
    /// which it did.
    pub fn join(&mut self) -> Option<Service> {
        let under = self.targets.under_cursor();
        let service = if self.field == Field::Profiles {
            under.map(|target| target.service.clone())
        } else {
            self.texts.selected().cloned()
        };
        let service = service.filter(|service| self.texts.join(service));
        self.changed(service.is_some());
        service
    }

    /// Puts what another editor made of the text in its place; says whether that changes it.
    pub fn replace_text(&mut self, text: &str) -> bool {
        let text = line::lines_of(text);
        let area = self.texts.area_mut();
        if line::text_of(area) == text {
            return false;
        }
        area.select_all();
        if text.is_empty() {
            area.cut();
        } else {
            area.insert_str(text);
        }
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        self.changed(true);
        true
    }

    /// Returns the text that is being written.
    pub fn text(&self) -> String {
        line::text_of(self.texts.area())
    }

    /// Takes over which profiles there are now.
    pub fn know(&mut self, profiles: &[Profile]) {
        self.targets.update(profiles);
        self.settle();
    }

    fn changed(&mut self, changed: bool) {
        if changed {
            self.dirty = true;
            self.problems.clear();
        }
    }

    fn settle(&mut self) {
        let services = self.services();
        self.texts.settle(&services);
    }

    fn press_profiles(&mut self, key: Key) -> bool {
        let changed = self.targets.press(key);
        self.settle();
        changed
    }

    fn press_shorten(&mut self, key: Key) -> bool {
        let toggles = key.code == Code::Char(' ');
        if toggles {
            self.shorten = self.shorten.map(|on| !on);
        }
        toggles
    }
}
