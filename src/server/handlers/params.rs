//! Parameters that several endpoints have, read and checked.

use super::Asked;
use crate::domain::update::Media;
use crate::server::error::{Code, Refusal};
use crate::server::keeper::Part;
use crate::server::model::ObjectId;

/// How many a page has if the request does not say.
const COUNT: i64 = 20;
/// How many a page may have.
const MOST: i64 = 100;

impl Asked {
    /// Returns `page`, `count` and `since`.
    pub(super) fn part(&self) -> Result<Part, Refusal> {
        let page = self.form.int("page")?.unwrap_or(1);
        if page < 1 {
            return Err(Refusal::bounds("`page` counts from 1"));
        }
        let count = self.form.int("count")?.unwrap_or(COUNT);
        if !(1..=MOST).contains(&count) {
            return Err(Refusal::bounds("`count` must be between 1 and 100"));
        }
        let offset = (page - 1).saturating_mul(count);
        Ok(Part {
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
            count: usize::try_from(count).unwrap_or(usize::MAX),
            since: self.form.time("since")?.at(),
        })
    }

    /// Returns the profile in the path.
    pub(super) fn profile(&self) -> Result<ObjectId, Refusal> {
        ObjectId::parse(&self.id).ok_or_else(Refusal::no_profile)
    }

    /// Returns the update in the path.
    pub(super) fn update(&self) -> Result<ObjectId, Refusal> {
        ObjectId::parse(&self.id).ok_or_else(Refusal::no_update)
    }

    /// Returns a list of ids that must be there; those that are nobody's are left out.
    pub(super) fn ids(&self, name: &str) -> Result<Vec<ObjectId>, Refusal> {
        let ids = self.form.list(name);
        if ids.is_empty() {
            return Err(Refusal::missing(name));
        }
        Ok(ids.into_iter().filter_map(ObjectId::parse).collect())
    }

    /// Returns what is to be attached; none if nothing was sent about it, all empty if it is to go.
    pub(super) fn media(&self) -> Result<Option<Media>, Refusal> {
        let plain = self.form.text("media").unwrap_or("").trim();
        if !["", "0", "null", "false"].contains(&plain.to_ascii_lowercase().as_str()) {
            // Taken for empty, it would clear what is attached.
            return Err(Refusal::bounds(
                "`media` must be fields such as `media[link]`, or empty",
            ));
        }
        Ok(self.form.media().map(|media| Media {
            link: storable(&media.link),
            title: storable(&media.title),
            description: storable(&media.description),
            picture: storable(&media.picture),
            thumbnail: storable(&media.thumbnail),
        }))
    }

    /// Returns a text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.form
            .text(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::missing(name))
    }

    /// Returns the event to show, in the singular; none: all.
    pub(super) fn event(&self) -> Result<Option<&'static str>, Refusal> {
        const EVENTS: [&str; 9] = [
            "retweet", "favorite", "like", "comment", "mention", "share", "reshare", "plusOne",
            "click",
        ];
        let Some(asked) = self.form.text("event").map(str::trim) else {
            return Ok(None);
        };
        if asked.is_empty() {
            return Ok(None);
        }
        EVENTS
            .into_iter()
            .find(|event| asked == *event || asked.strip_suffix('s') == Some(event))
            .map(Some)
            .ok_or_else(|| {
                Refusal::new(
                    Code::NoSuchEvent,
                    "there are no such events; ask for retweet, favorite, like, comment, \
                     mention or share",
                )
            })
    }
}

/// Returns a text that databases take: a NUL becomes the mark for what cannot be shown.
pub(super) fn storable(sent: &str) -> String {
    sent.replace('\0', "\u{fffd}")
}
