//! Reading fields as other servers write them: numbers as strings or floats, null for what is not
//! there, and an empty array for an empty object.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

use super::bounded::{AtMost, Fields, Numbers, TEXT_MOST, Texts, take};
use super::slim::Slim;

/// Largest whole number a float holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number; null and an empty string are 0.
pub(super) fn int<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(maybe_int(from)?.unwrap_or(0))
}

/// Reads a whole number or nothing.
pub(super) fn maybe_int<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let value = Slim::deserialize(from)?.0;
    match &value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        other => number(other)
            .map(Some)
            .ok_or_else(|| D::Error::custom(format!("not a whole number: {}", kind(other)))),
    }
}

/// Reads a number that is only shown, or not even that; what is none is 0.
pub(super) fn any_int<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(any_maybe_int(from)?.unwrap_or(0))
}

/// Reads a number that is only shown, or not even that.
pub(super) fn any_maybe_int<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(number(&Slim::deserialize(from)?.0))
}

/// Reads a number of things: whole and not negative, and there.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let read = maybe_int(from)?.ok_or_else(|| D::Error::custom("not a number"))?;
    u64::try_from(read).map_err(|_| D::Error::custom("a number of things below zero"))
}

/// Reads a number of things where one is told and makes sense.
pub(super) fn maybe_count<'de, D, N>(from: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i64>,
{
    Ok(number(&Slim::deserialize(from)?.0).and_then(|n| N::try_from(n).ok()))
}

/// Returns a number however it is written.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(whole))
        }
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be in the range that a float holds exactly; a fraction is dropped"
)]
fn whole(float: f64) -> Option<i64> {
    (float.abs() <= EXACT).then_some(float as i64)
}

/// Reads a text this program depends on; null is empty, a number is its digits.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Slim::deserialize(from)?.0 {
        Value::Null => Ok(String::new()),
        Value::String(text) => not_too_long(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(D::Error::custom(format!("not a text: {}", kind(&other)))),
    }
}

/// Reads a text that may be missing, too long or of any other kind: it is for people.
pub(super) fn any_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = scalar_text(Slim::deserialize(from)?.0);
    let text = text.filter(|text| text.len() <= TEXT_MOST);
    Ok(text.unwrap_or_default())
}

/// Reads a text or nothing; what is no text is nothing.
pub(super) fn maybe_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = scalar_text(Slim::deserialize(from)?.0);
    text.map(not_too_long).transpose()
}

fn scalar_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Refuses a text rather than to cut it: what is kept of an update is sent again with an edit.
fn not_too_long<E: Error>(text: String) -> Result<String, E> {
    if text.len() > TEXT_MOST {
        return Err(E::custom(format_args!("longer than {TEXT_MOST} bytes")));
    }
    Ok(text)
}

/// Reads a flag: `true`, `1`, `"1"`, `"true"`; null and anything else is `false`.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(truth(&Slim::deserialize(from)?.0).unwrap_or(false))
}

/// Returns a flag however it is written; none if it is none.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(n) => n.as_f64().map(|n| n != 0.0),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a list of not too many entries.
pub(super) fn at_most<'de, const MOST: usize, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(AtMost::<T, MOST>::deserialize(from)?.0)
}

/// Reads a list of not too many entries; null is an empty one.
pub(super) fn list<'de, const MOST: usize, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<AtMost<T, MOST>>::deserialize(from)?.map_or_else(Vec::new, |list| list.0))
}

/// Reads what may be a text or an object with one; null is nothing.
pub(super) fn anything<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    let value = Slim::deserialize(from)?.0;
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// Reads a list of texts; what is no text is left out.
pub(super) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    take::<Texts, _>(from)
}

/// Reads an object of numbers; null and an empty array are an empty one, and what is no number is
/// left out, as are the last ones of very many.
pub(super) fn map<'de, D>(from: D) -> Result<BTreeMap<String, Value>, D::Error>
where
    D: Deserializer<'de>,
{
    take::<Numbers, _>(from)
}

/// Reads an object of numbers and the like, if there is one.
pub(super) fn maybe_map<'de, D>(from: D) -> Result<Option<BTreeMap<String, Value>>, D::Error>
where
    D: Deserializer<'de>,
{
    map(from).map(|fields| (!fields.is_empty()).then_some(fields))
}

/// Reads an object; anything else (null, an empty array) is nothing.
pub(super) fn object<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    take::<Fields<T>, _>(from)
}

/// Reads an object; anything else (null, an empty array) is an empty one.
pub(super) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    object(from).map(Option::unwrap_or_default)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number out of range",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
