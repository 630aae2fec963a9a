//! Writing the one encoding this program sends: escaped brackets, lists with empty ones.

use std::fmt::Display;

use form_urlencoded::byte_serialize;

use crate::domain::schedule::Schedule;
use crate::domain::update::Media;
use crate::wire::json::schedule_to_dto;

/// Writes a form body or a query.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "it holds what a person wrote")]
pub struct FormWriter(String);

impl FormWriter {
    /// Starts an empty form.
    pub fn new() -> Self {
        Self::default()
    }

    fn pair(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(byte_serialize(value.as_bytes()));
    }

    /// Adds a plain value.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.pair(name, value);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, value: i64) -> Self {
        self.text(name, &value.to_string())
    }

    /// Adds `true` or `false`.
    #[must_use]
    pub fn flag(self, name: &str, value: bool) -> Self {
        self.text(name, if value { "true" } else { "false" })
    }

    /// Adds a list as `name[]`.
    #[must_use]
    pub fn list<T: Display>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let name = format!("{name}[]");
        for value in values {
            self.pair(&name, &value.to_string());
        }
        self
    }

    /// Adds all parts of `media`, the empty ones too: what is left out would be kept.
    #[must_use]
    pub fn media(mut self, media: &Media) -> Self {
        for (name, value) in media_parts(media) {
            self.pair(name, value);
        }
        self
    }

    /// Adds only the parts of `media` that are there, for a new update.
    #[must_use]
    pub fn new_media(mut self, media: &Media) -> Self {
        for (name, value) in media_parts(media) {
            if !value.is_empty() {
                self.pair(name, value);
            }
        }
        self
    }

    /// Adds a posting schedule as `schedules[0][days][]`; an empty one as `schedules=`.
    #[must_use]
    pub fn schedules(mut self, schedule: &Schedule) -> Self {
        if schedule.0.is_empty() {
            return self.text("schedules", "");
        }
        for (at, entry) in schedule_to_dto(schedule).iter().enumerate() {
            for (field, values) in [("days", &entry.days), ("times", &entry.times)] {
                let name = format!("schedules[{at}][{field}][]");
                // A list without values says that it is empty.
                if values.is_empty() {
                    self.pair(&name, "");
                }
                for value in values {
                    self.pair(&name, value);
                }
            }
        }
        self
    }

    /// Returns what was written.
    pub fn finish(self) -> String {
        self.0
    }
}

/// A picture without a link is a `photo` in requests of API v1; with one it is the link's preview.
fn media_parts(media: &Media) -> impl Iterator<Item = (&'static str, &str)> {
    let photo = (media.link.is_empty() && !media.picture.is_empty())
        .then_some(("media[photo]", media.picture.as_str()));
    [
        ("media[link]", media.link.as_str()),
        ("media[title]", media.title.as_str()),
        ("media[description]", media.description.as_str()),
        ("media[picture]", media.picture.as_str()),
        ("media[thumbnail]", media.thumbnail.as_str()),
    ]
    .into_iter()
    .chain(photo)
}
