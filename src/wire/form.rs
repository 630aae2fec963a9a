//! Form bodies and queries: reading every encoding that published v1 clients send, writing one.
//!
//! Reading is lenient about form and strict about values. Brackets may be escaped, empty or
//! numbered; a lone value is a list of one; bytes that are not UTF-8 are Latin-1, as one client
//! sends them. A value that cannot be what it should be is an error that names its key, never a
//! default: a `now=flase` must not publish, nor quietly not publish.

mod decode;
mod time;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::schedule::Schedule;
use crate::domain::time::Timestamp;
use crate::domain::update::Media;
use crate::wire::json::{ScheduleDto, schedule_from_dto};

pub use time::parse_time;
pub use write::FormWriter;

/// Most pairs a form may have: an order of the largest queue, and what goes along with it.
pub const MAX_PAIRS: usize = 200_100;
/// Most bracket pairs in one key.
pub const MAX_DEPTH: usize = 8;

/// What a client sent: pairs of a path and a value, in the order they came.
///
/// Asked by name, the last of several plain values counts. Its `Debug` shows keys only: one of the
/// values may be an access token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<Pair>,
}

/// One pair of a form.
#[derive(Clone, PartialEq, Eq)]
struct Pair {
    name: Box<str>,
    keys: Vec<Key>,
    value: String,
}

/// One bracket of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// `[]`
    Append,
    /// `[0]`
    Index(u32),
    /// `[link]`
    Name(Box<str>),
}

/// Why a form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// More than [`MAX_PAIRS`].
    #[error("too many parameters: at most {MAX_PAIRS} are read")]
    TooManyPairs,
    /// More than [`MAX_DEPTH`] brackets.
    #[error("`{key}` is nested too deep: at most {MAX_DEPTH} brackets are read")]
    TooDeep {
        /// The key, without its brackets.
        key: String,
    },
    /// A value is not what its key asks for.
    #[error("`{key}` must be {wanted}")]
    BadValue {
        /// The key.
        key: String,
        /// What it must be, for people.
        wanted: &'static str,
    },
}

/// A time that may be sent, sent empty, or not sent at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The key is not there.
    Absent,
    /// The key is there with nothing in it (or `0`, `null`, `false`): no time.
    Cleared,
    /// This time.
    At(Timestamp),
}

impl When {
    /// Returns the time, if there is one.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Absent | Self::Cleared => None,
        }
    }
}

impl Form {
    /// Reads a query string or a form body. Empty input is an empty form.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        decode::parse(bytes)
    }

    /// Adds the pairs of `other` behind its own, so that `other` wins where both have a key: a
    /// body is added to its query.
    pub fn extend(&mut self, other: Self) -> Result<(), FormError> {
        if self.pairs.len() + other.pairs.len() > MAX_PAIRS {
            return Err(FormError::TooManyPairs);
        }
        self.pairs.extend(other.pairs);
        Ok(())
    }

    /// Says whether anything was sent under `name`, also empty.
    pub fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Returns the distinct names that were sent, in order, without their brackets.
    pub fn names(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.pairs
            .iter()
            .map(|pair| &*pair.name)
            .filter(|name| seen.insert(*name))
            .collect()
    }

    /// Returns the last plain value of `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.named(name)
            .filter(|pair| pair.keys.is_empty())
            .last()
            .map(|pair| pair.value.as_str())
    }

    /// Takes every value of `name` out of the form (an access token, so that it goes no further)
    /// and returns the last plain one.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let found = self.text(name).map(str::to_owned);
        self.pairs.retain(|pair| &*pair.name != name);
        found
    }

    /// Returns the values of a list: `name[]=a`, `name[0]=a` or a lone `name=a`; empty values do
    /// not count. Numbered values are sorted by their numbers.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut values: Vec<(Option<u32>, &str)> = self
            .named(name)
            .filter(|pair| pair.keys.len() <= 1 && !pair.value.is_empty())
            .map(|pair| (index(pair.keys.first()), pair.value.as_str()))
            .collect();
        if values.iter().all(|(index, _)| index.is_some()) {
            values.sort_by_key(|(index, _)| *index);
        }
        values.into_iter().map(|(_, value)| value).collect()
    }

    /// Returns the fields of `name[field]=value`; none if nothing was sent under `name`, and no
    /// fields if it was sent empty (`name=`, `name[]=`, `name=null`): that clears it.
    pub fn map(&self, name: &str) -> Option<BTreeMap<&str, &str>> {
        self.has(name).then(|| {
            self.named(name)
                .filter_map(|pair| match pair.keys.as_slice() {
                    [Key::Name(field)] => Some((&**field, pair.value.as_str())),
                    _ => None,
                })
                .collect()
        })
    }

    /// Returns what `media[…]` holds; none if nothing was sent under `media`, all empty if it is
    /// to be cleared. `photo` is what requests call the `picture` of replies.
    pub fn media(&self) -> Option<Media> {
        let fields = self.map("media")?;
        let field = |name: &str| (*fields.get(name).unwrap_or(&"")).to_owned();
        // Clients of languages with a null write it out.
        let address = |name: &str| {
            Some(field(name))
                .filter(|v| v != "null")
                .unwrap_or_default()
        };
        let photo = address("photo");
        Some(Media {
            link: address("link"),
            title: field("title"),
            description: field("description"),
            picture: if photo.is_empty() {
                address("picture")
            } else {
                photo
            },
            thumbnail: address("thumbnail"),
        })
    }

    /// Returns whether a flag is set; none if it is not there. Set but empty is `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, FormError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        match value.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Some(true)),
            "false" | "0" | "no" | "off" | "null" | "" => Ok(Some(false)),
            _ => Err(bad(name, "`true` or `false`")),
        }
    }

    /// Returns a whole number; none if it is not there or empty.
    pub fn int(&self, name: &str) -> Result<Option<i64>, FormError> {
        match self.text(name).map(str::trim) {
            None | Some("") => Ok(None),
            Some(value) => value
                .parse()
                .map(Some)
                .map_err(|_| bad(name, "a whole number")),
        }
    }

    /// Returns a time: unix seconds or ISO 8601 (see [`parse_time`]).
    pub fn time(&self, name: &str) -> Result<When, FormError> {
        match self.text(name).map(str::trim) {
            None => Ok(When::Absent),
            Some("" | "0" | "null" | "false" | "False") => Ok(When::Cleared),
            Some(value) => parse_time(value)
                .map(When::At)
                .ok_or_else(|| bad(name, "a time: unix seconds or ISO 8601")),
        }
    }

    /// Returns the posting schedule under `schedules`; none if nothing was sent there, an empty one
    /// if it was sent empty.
    pub fn schedules(&self) -> Result<Option<Schedule>, FormError> {
        let Some(entries) = self.schedule_entries()? else {
            return Ok(None);
        };
        schedule_from_dto(&entries).map(Some).map_err(|error| {
            bad(
                &format!("schedules{}", error.path),
                "a list of days (`mon` to `sun`) and times (`HH:MM`)",
            )
        })
    }

    fn schedule_entries(&self) -> Result<Option<Vec<ScheduleDto>>, FormError> {
        const NAME: &str = "schedules";
        if !self.has(NAME) {
            return Ok(None);
        }
        if let Some(inner) = self.text(NAME).filter(|text| !text.is_empty()) {
            // One client encodes the whole list a second time and sends it as one value.
            let inner = Self::parse(inner.as_bytes())?;
            if inner.text(NAME).is_some() || !inner.has(NAME) {
                return Err(bad(NAME, "a list of entries with `days` and `times`"));
            }
            return inner.schedule_entries();
        }
        let mut entries = Entries::default();
        for pair in self.named(NAME) {
            if let [place, Key::Name(field), rest @ ..] = pair.keys.as_slice()
                && rest.len() <= 1
            {
                entries.add(place, field, &pair.value);
            }
        }
        Ok(Some(entries.list))
    }

    fn named<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Pair> + use<'a, 'n> {
        self.pairs.iter().filter(move |pair| &*pair.name == name)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.names()).finish()
    }
}

/// Schedule entries while they are gathered from pairs.
#[derive(Default)]
struct Entries {
    list: Vec<ScheduleDto>,
    places: BTreeMap<String, usize>,
}

impl Entries {
    fn add(&mut self, place: &Key, field: &str, value: &str) {
        let entry = match place {
            Key::Append => self.appended(field),
            Key::Index(number) => self.placed(&number.to_string()),
            Key::Name(name) => self.placed(name),
        };
        let Some(entry) = self.list.get_mut(entry) else {
            return;
        };
        match field {
            _ if value.is_empty() => {}
            "days" => entry.days.push(value.to_owned()),
            "times" => entry.times.push(value.to_owned()),
            _ => {}
        }
    }

    fn placed(&mut self, place: &str) -> usize {
        if let Some(&at) = self.places.get(place) {
            return at;
        }
        self.list.push(ScheduleDto::default());
        self.places.insert(place.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    /// `schedules[][days][]`: a new entry begins where days follow times.
    fn appended(&mut self, field: &str) -> usize {
        let full = self
            .list
            .last()
            .is_none_or(|entry| field == "days" && !entry.times.is_empty());
        if full {
            self.list.push(ScheduleDto::default());
        }
        self.list.len() - 1
    }
}

fn index(key: Option<&Key>) -> Option<u32> {
    match key {
        Some(Key::Index(number)) => Some(*number),
        _ => None,
    }
}

fn bad(key: &str, wanted: &'static str) -> FormError {
    FormError::BadValue {
        key: key.to_owned(),
        wanted,
    }
}

#[cfg(test)]
mod tests;
