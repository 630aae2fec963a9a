//! How another server might decide what API v1 leaves open. For tests: no config file and no
//! command line reaches it.
//!
//! What this server decides is the default of each. A client that is right under all of them can
//! be trusted with a server nobody has seen.

use std::time::Duration;

use super::error::{Code, Refusal};
use super::keeper::Part;
use super::route::Endpoint;
use super::truth::Truth;
use crate::domain::text::{EntityKind, entities};
use crate::domain::update::Media;
use crate::wire::form::Form;

/// What links become where a server shortens them.
const SHORT: &str = "http://short.example/";

/// The server's personality.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, off by default"
)]
pub struct Quirks {
    /// `reorder` gives the n-th listed id the n-th place from `offset`, whatever became of those
    /// before it; the others fill what is left.
    pub absolute_offset: bool,
    /// `reorder` refuses ids it does not know, with 400.
    pub refuses_unknown_ids: bool,
    /// What is said to share and destroy of an update that went out.
    pub of_sent: OfSent,
    /// `update` without media takes what is attached away.
    pub clears_omitted_media: bool,
    /// Texts lose the spaces around them.
    pub trims_texts: bool,
    /// Links in a new update are shortened unless `shorten` is false.
    pub shortens_links: bool,
    /// `since` includes its own second.
    pub since_is_inclusive: bool,
    /// A refusal has status 200, and only its body says no.
    pub refuses_with_200: bool,
    /// Nothing of ours: no `qurate` in the configuration, no revision, no failed list.
    pub plain: bool,
    /// The same text is taken as often as it comes.
    pub takes_duplicates: bool,
    /// 429 does not say when to come back.
    pub hides_retry_after: bool,
    /// Some changes are answered with 504 and done all the same.
    pub late: Option<Late>,
    /// Where what was asked and done is noted.
    pub truth: Option<Truth>,
}

/// What is said to share and destroy of an update that went out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OfSent {
    /// 400 with code 1022.
    #[default]
    NotSaved,
    /// 404 with code 1020.
    NotFound,
    /// Yes, though nothing is done.
    Success,
}

/// Changes that are given up in front of the server and still get through to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Of a hundred changes so many.
    pub percent: u8,
    /// When the 504 is sent.
    pub answered_after: Duration,
    /// When the change is done.
    pub done_after: Duration,
}

impl Quirks {
    /// Refuses what a server without anything of ours does not have. Making profiles is for the
    /// tests themselves.
    pub(super) fn check_endpoint(&self, endpoint: Endpoint) -> Result<(), Refusal> {
        if self.plain && matches!(endpoint, Endpoint::Failed | Endpoint::Requeue) {
            return Err(Refusal::new(Code::NoEndpoint, "there is no such endpoint"));
        }
        Ok(())
    }

    /// Returns what to say to a share or destroy that was refused because it was sent; none: yes.
    pub(super) fn refused_of_sent(&self, refusal: Refusal) -> Option<Refusal> {
        match self.of_sent {
            OfSent::NotSaved => Some(refusal),
            OfSent::NotFound => Some(Refusal::no_update()),
            OfSent::Success => None,
        }
    }

    /// Returns the part of a list that is meant.
    pub(super) fn part(&self, mut part: Part) -> Part {
        if self.since_is_inclusive {
            part.since = part.since.map(|since| since.plus(-1));
        }
        part
    }

    /// Returns the media an edit wants.
    pub(super) fn edited_media(&self, sent: Option<Media>) -> Option<Media> {
        match sent {
            None if self.clears_omitted_media => Some(Media::default()),
            sent => sent,
        }
    }

    /// Returns a text as it is kept.
    pub(super) fn text<'t>(&self, sent: &'t str) -> &'t str {
        if self.trims_texts { sent.trim() } else { sent }
    }

    /// Returns the text of a new update as it is kept.
    pub(super) fn new_text(&self, form: &Form, sent: &str) -> Result<String, Refusal> {
        let text = self.text(sent);
        let shorten = self.shortens_links && form.flag("shorten")?.unwrap_or(true);
        Ok(if shorten {
            shortened(text)
        } else {
            text.to_owned()
        })
    }

    /// Says whether a refusal is sent with status 200: what is wrong with the request itself, or
    /// with the server, never is.
    pub(super) fn hides_status(&self, code: Code) -> bool {
        self.refuses_with_200 && code != Code::Trouble && code.numbers().0 >= 1000
    }

    /// Says whether this change is one that comes late.
    pub(super) fn late(&self) -> Option<Late> {
        self.late.filter(|late| fastrand::u8(..100) < late.percent)
    }
}

fn shortened(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut done = 0;
    let links = entities(text).into_iter();
    for link in links.filter(|entity| entity.kind == EntityKind::Link) {
        short.push_str(&text[done..link.range.start]);
        short.push_str(SHORT);
        short.push_str(&link.range.len().to_string());
        done = link.range.end;
    }
    short.push_str(&text[done..]);
    short
}
