//! What may be wrong with the updates that wait: findings, each with how much it matters and, where
//! there is one, the other update it has to do with.
//!
//! Pure checks of one update, or of one and its neighbours. Which updates say the same is found by
//! [`similar`]. What a finding says on the screen, and when all this is computed, is the app's.

pub mod similar;

use super::id::{LocalId, ProfileId};
use super::length::{self, Length};
use super::profile::Service;
use super::queue::Row;
use super::text::has_scheme;
use super::time::Timestamp;
use super::update::{Content, OwnTime};

/// Two updates are crowded when not more than so many seconds lie between them.
pub const CROWDED: i64 = 5 * 60;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth a look (`~`).
    Hint,
    /// It will be refused, be missed, or look wrong (`‼`).
    Serious,
}

/// Something that may be wrong with an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It has neither text nor anything attached.
    Empty,
    /// It is longer than its network allows, by the network's own counting.
    TooLong(Length),
    /// Its link or picture is no address.
    NoAddress(Attached),
    /// Its own time is over.
    Past(Timestamp),
    /// Another one has the same text, as the API compares them: it refuses the second.
    Same(LocalId),
    /// Another one has nearly the same text.
    Alike(LocalId),
    /// Another one goes out within [`CROWDED`] seconds of it, and not because the schedule says so.
    Crowded {
        /// Which.
        other: LocalId,
        /// How many seconds lie between them.
        apart: i64,
    },
    /// The same text waits for another profile too, whose network would not take all of it.
    Cut(Box<Cut>),
}

/// Where a text waits too that its network would not take all of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The other update.
    pub other: LocalId,
    /// Its profile.
    pub profile: ProfileId,
    /// Its length there.
    pub length: Length,
}

/// A part of an update that is an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// The page.
    Link,
    /// The picture.
    Picture,
}

impl Finding {
    /// Says how much it matters.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Empty | Self::TooLong(_) | Self::NoAddress(_) | Self::Past(_) | Self::Same(_) => {
                Weight::Serious
            }
            Self::Alike(_) | Self::Crowded { .. } | Self::Cut(_) => Weight::Hint,
        }
    }

    /// Returns the other update it has to do with.
    pub fn other(&self) -> Option<LocalId> {
        match self {
            Self::Empty | Self::TooLong(_) | Self::NoAddress(_) | Self::Past(_) => None,
            Self::Same(other) | Self::Alike(other) | Self::Crowded { other, .. } => Some(*other),
            Self::Cut(cut) => Some(cut.other),
        }
    }
}

/// Returns what is wrong with a text and what is attached to it, whatever else waits.
pub fn of_content(content: &Content, service: &Service, limit: Option<u32>) -> Vec<Finding> {
    let mut found = Vec::new();
    if content.text.trim().is_empty() && content.media.is_empty() {
        found.push(Finding::Empty);
    }
    found.extend(too_long(service, &content.text, limit).map(Finding::TooLong));
    let parts = [
        (Attached::Link, &content.media.link),
        (Attached::Picture, &content.media.picture),
    ];
    let wrong = |(_, address): &(Attached, &String)| !address.is_empty() && !is_address(address);
    let wrong = parts.into_iter().filter(wrong);
    found.extend(wrong.map(|(part, _)| Finding::NoAddress(part)));
    found
}

/// Returns the length of a text its network would not take.
pub fn too_long(service: &Service, text: &str, limit: Option<u32>) -> Option<Length> {
    let most = limit.or(length::usual_limit(service))?;
    if surely_fits(text, most) {
        return None;
    }
    let length = length::measure(service, text, limit);
    length.is_over().then_some(length)
}

/// Says whether a text is within a limit by any counting, without counting: most are, and counting
/// is slow. A link counts 23 at most where it is shorter, and has a dot and three more characters.
fn surely_fits(text: &str, limit: u32) -> bool {
    let dots = || text.bytes().filter(|b| *b == b'.').count();
    text.len() <= limit as usize && text.is_ascii() && text.len() + 19 * dots() <= limit as usize
}

/// Says whether a text is the address of something on the web.
pub fn is_address(text: &str) -> bool {
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    has_scheme(text) && !host.is_empty() && !text.contains(char::is_whitespace)
}

/// Returns whether an update's own time is over.
pub fn past(own_time: Option<OwnTime>, now: Timestamp) -> Option<Finding> {
    let own = own_time.filter(|own| own.at < now)?;
    Some(Finding::Past(own.at))
}

/// Returns the neighbour of row `at` that goes out within [`CROWDED`] seconds of it. Slots of the
/// schedule may lie as close as the person likes, and so may what is pinned to them; only a time
/// that an update has for itself is crowded, or two on one instant.
pub fn crowded(
    rows: &[Row],
    at: usize,
    own_time: impl Fn(LocalId) -> Option<OwnTime>,
) -> Option<Finding> {
    let row = rows.get(at).filter(|row| row.fixed)?;
    let in_slot = |row: &Row| own_time(row.update).is_none_or(|own| own.pinned);
    let beside = [at.checked_sub(1), at.checked_add(1)];
    let near = beside.into_iter().flatten().filter_map(|i| rows.get(i));
    near.filter_map(|other| {
        let apart = (row.due_at?.0 - other.due_at?.0).abs();
        let planned = apart > 0 && in_slot(row) && in_slot(other);
        (apart <= CROWDED && !planned).then_some(Finding::Crowded {
            other: other.update,
            apart,
        })
    })
    .min_by_key(|found| match found {
        Finding::Crowded { apart, .. } => *apart,
        _ => i64::MAX,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::update::Media;

    fn content(text: &str, link: &str) -> Content {
        let media = Media {
            link: link.to_owned(),
            ..Media::default()
        };
        Content {
            text: text.to_owned(),
            media: media.into(),
        }
    }

    fn of(text: &str, link: &str) -> Vec<Finding> {
        of_content(&content(text, link), &Service::Twitter, None)
    }

    #[test]
    fn a_text_is_looked_at_alone() {
        assert_eq!(of(" \n", ""), [Finding::Empty]);
        assert_eq!(of("", "https://example.org/a"), []);
        assert_eq!(
            of("look", "example.org"),
            [Finding::NoAddress(Attached::Link)]
        );
        assert_eq!(of("look", "https:///a").len(), 1);
        assert_eq!(of("look", "https://exa mple.org").len(), 1);
        let long = of(&"x".repeat(281), "");
        assert!(matches!(long[..], [Finding::TooLong(length)] if length.used == 281));
        assert_eq!(of(&"x".repeat(280), ""), []);
        let unknown = Service::Other("x".to_owned());
        let long = content(&"x".repeat(9000), "");
        assert_eq!(of_content(&long, &unknown, None), []);
    }

    fn rows(minutes: &[(i64, bool)]) -> Vec<Row> {
        let row = |(n, (minute, fixed)): (usize, &(i64, bool))| Row {
            update: LocalId::from(ulid::Ulid::from(n as u128)),
            due_at: Some(Timestamp(minute * 60)),
            fixed: *fixed,
        };
        minutes.iter().enumerate().map(row).collect()
    }

    #[test]
    fn only_a_time_of_its_own_is_crowded() {
        let rows = rows(&[(0, false), (3, false), (8, true), (20, true), (26, true)]);
        let own = |pinned| {
            move |id: LocalId| {
                let fixed = u128::from(id.ulid()) >= 2;
                let at = Timestamp(0);
                fixed.then_some(OwnTime { at, pinned })
            }
        };
        let found = |pinned| -> Vec<bool> {
            let one = |i| crowded(&rows, i, own(pinned)).is_some();
            (0..rows.len()).map(one).collect()
        };
        assert_eq!(found(false), [false, false, true, false, false]);
        assert_eq!(found(true), [false; 5]);
    }

    #[test]
    fn a_time_that_is_over_is_told_if_it_is_its_own() {
        let own = |at| {
            Some(OwnTime {
                at: Timestamp(at),
                pinned: false,
            })
        };
        assert_eq!(
            past(own(5), Timestamp(6)),
            Some(Finding::Past(Timestamp(5)))
        );
        assert_eq!(past(own(6), Timestamp(6)), None);
        assert_eq!(past(None, Timestamp(6)), None);
    }

    proptest! {
        #[test]
        fn what_surely_fits_is_never_over(
            text in "([a-z ]{0,9}(a\\.co|http://a\\.b| x\\.de/y)?){0,20}",
            service in prop::sample::select(Service::known().collect::<Vec<_>>()),
            limit in prop::option::of(1u32..400),
        ) {
            let slow = length::measure(&service, &text, limit).is_over();
            prop_assert_eq!(too_long(&service, &text, limit).is_some(), slow);
        }
    }
}
