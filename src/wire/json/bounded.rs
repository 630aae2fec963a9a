//! Lists and objects as they come, of which no more is built than an answer may have.
//!
//! An entry of a list takes a byte or two on the line and hundreds in memory, so that the limit on
//! an answer's length is none on what reading it takes. Lists of whole things are refused beyond a
//! number no server has a reason for; of what is only shown the rest is skipped; and however an
//! answer is made up, the number of its values is limited ([`too_many_values`]).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::lenient::number;
use super::slim::Slim;

/// Most updates on a page; 100 are asked for, but a server may know no pages.
pub(super) const PAGE_MOST: usize = 5_000;
/// Most updates in the answer to a change: a reorder may be answered with the whole queue, of which
/// only the order is kept.
pub(super) const QUEUE_MOST: usize = 20_000;
/// Most profiles: they come all at once.
pub(super) const PROFILES_MOST: usize = 10_000;
/// Most interactions in one answer; 50 are asked for.
pub(super) const INTERACTIONS_MOST: usize = 5_000;
/// Most entries of a posting schedule; a week that is written out has seven.
pub(super) const ENTRIES_MOST: usize = 1_000;
/// Most numbers about one update or profile that are kept: they are only shown.
const NUMBERS_MOST: usize = 24;
/// Longest name of such a number, in bytes.
const NAME_MOST: usize = 100;
/// Most values in one answer: what [`QUEUE_MOST`] updates with all their fields have, and half of
/// that again.
const VALUES_MOST: usize = 1_000_000;
/// Longest text that is acted on, in bytes: what our server takes in a form.
pub(super) const TEXT_MOST: usize = 1024 * 1024;

/// A list with at most `MOST` entries. One more is an error, and no further one is looked at.
pub(super) struct AtMost<T, const MOST: usize>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for AtMost<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Counts(PhantomData))
    }
}

struct Counts<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Counts<T, MOST> {
    type Value = AtMost<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match entries.next_element()? {
                Some(entry) => kept.push(entry),
                None => return Ok(AtMost(kept)),
            }
        }
        match entries.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom(format_args!("more than {MOST} entries"))),
            None => Ok(AtMost(kept)),
        }
    }
}

/// What is taken of a value: something of a list or of an object, and nothing of all else.
pub(super) trait Take<'de> {
    /// What it becomes.
    type Taken: Default;

    fn list<A: SeqAccess<'de>>(mut entries: A) -> Result<Self::Taken, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::Taken::default())
    }

    fn object<A: MapAccess<'de>>(mut fields: A) -> Result<Self::Taken, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Taken::default())
    }
}

/// Takes it of the next value.
pub(super) fn take<'de, T: Take<'de>, D: Deserializer<'de>>(from: D) -> Result<T::Taken, D::Error> {
    from.deserialize_any(Takes::<T>(PhantomData))
}

struct Takes<T>(PhantomData<T>);

impl<'de, T: Take<'de>> Visitor<'de> for Takes<T> {
    type Value = T::Taken;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_unit<E>(self) -> Result<T::Taken, E> {
        Ok(T::Taken::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<T::Taken, A::Error> {
        T::list(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T::Taken, A::Error> {
        T::object(fields)
    }
}

/// The texts of a list.
pub(super) struct Texts;

impl<'de> Take<'de> for Texts {
    type Taken = Vec<String>;

    fn list<A: SeqAccess<'de>>(mut entries: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(Slim(entry)) = entries.next_element()? {
            if let Value::String(text) = entry {
                texts.push(text);
            }
        }
        Ok(texts)
    }
}

/// The first numbers of an object.
pub(super) struct Numbers;

impl<'de> Take<'de> for Numbers {
    type Taken = BTreeMap<String, Value>;

    fn object<A: MapAccess<'de>>(mut fields: A) -> Result<Self::Taken, A::Error> {
        let mut numbers = BTreeMap::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Slim(value) = fields.next_value()?;
            let fits = numbers.len() < NUMBERS_MOST && name.len() <= NAME_MOST;
            if fits && number(&value).is_some() {
                numbers.insert(name, value);
            }
        }
        Ok(numbers)
    }
}

/// An object as a shape.
pub(super) struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Take<'de> for Fields<T> {
    type Taken = Option<T>;

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Some)
    }
}

/// Says of an answer that holds too many values why it is not read. They are counted by what stands
/// before each and between two, so that a few may be counted twice.
pub(super) fn too_many_values(body: &[u8]) -> Option<String> {
    let (mut values, mut in_text, mut escaped) = (0, false, false);
    for &byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
    }
    (values > VALUES_MOST).then(|| format!("more than {VALUES_MOST} values"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::{ProfileDto, ReadError, UpdateDto, UpdatesDto, read};

    fn list(entry: &str, count: usize) -> String {
        format!("[{}]", vec![entry; count].join(","))
    }

    fn refused<T: serde::de::DeserializeOwned>(json: &str) -> String {
        let error = read::<T>(json.as_bytes()).err();
        let Some(ReadError::Field(field)) = error else {
            unreachable!("refused for what a field holds, not {error:?}");
        };
        field.to_string()
    }

    #[test]
    fn a_list_is_taken_up_to_its_cap_and_one_more_is_refused_by_name() {
        let page = |n| format!(r#"{{"total":1,"updates":{}}}"#, list("{}", n));
        let full = read::<UpdatesDto>(page(PAGE_MOST).as_bytes()).unwrap();
        assert_eq!(full.updates.len(), PAGE_MOST);
        assert_eq!(
            refused::<UpdatesDto>(&page(PAGE_MOST + 1)),
            "`updates`: more than 5000 entries"
        );
    }

    #[test]
    fn a_text_is_taken_up_to_its_cap_and_where_it_only_is_for_people_left_out_beyond() {
        let full = "a".repeat(TEXT_MOST);
        let update = |field: &str, more: &str| format!(r#"{{"{field}":"{full}{more}"}}"#);
        assert_eq!(
            read::<UpdateDto>(update("text", "").as_bytes())
                .unwrap()
                .text,
            full
        );
        let long = format!(r#"{{"media":{}}}"#, update("link", "a"));
        for (field, json) in [("text", &update("text", "a")), ("media.link", &long)] {
            let reason = format!("`{field}`: longer than 1048576 bytes");
            assert_eq!(refused::<UpdateDto>(json), reason);
        }
        let via = read::<UpdateDto>(update("via", "a").as_bytes())
            .unwrap()
            .via;
        assert_eq!(via, "");
    }

    #[test]
    fn an_answer_of_very_many_values_is_refused_whatever_they_are() {
        for entry in ["0", "\"\"", "[]", "{}", "{\"a\":[[0]]}"] {
            let odd = format!(r#"{{"id":{}}}"#, list(entry, VALUES_MOST + 1));
            assert_eq!(refused::<UpdateDto>(&odd), "`.`: more than 1000000 values");
        }
        // What looks like values in a text is none.
        let text = format!(r#"{{"text":"\"{}"}}"#, "[".repeat(VALUES_MOST + 1));
        let read = read::<UpdateDto>(text.as_bytes()).unwrap();
        assert_eq!(read.text.len(), VALUES_MOST + 2);
    }

    #[test]
    fn of_what_is_only_shown_the_rest_is_skipped() {
        let numbers: Vec<String> = (0..1000).map(|n| format!(r#""{n:04}":{n}"#)).collect();
        let odd = format!(
            r#"{{"counts":{{"a":[0],"b":{{"text":1}},{}}},"disconnected":{},"team_members":[[""],1,"x"]}}"#,
            numbers.join(","),
            list("{}", 1000)
        );
        let read = read::<ProfileDto>(odd.as_bytes()).unwrap();
        assert_eq!(read.counts.len(), NUMBERS_MOST);
        assert_eq!(read.counts.keys().next().unwrap(), "0000");
        assert_eq!(read.disconnected, Some(Value::Array(Vec::new())));
        assert_eq!(read.team_members, ["x"]);
    }
}
