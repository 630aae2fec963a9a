//! From bytes to a shape, with the path of the field that does not fit.

use serde::de::DeserializeOwned;

use super::BadField;
use super::bounded::too_many_values;

/// Why a body is not the shape it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or its end is missing.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// It is JSON with a field that does not fit.
    #[error(transparent)]
    Field(#[from] BadField),
}

/// Reads one JSON value and nothing behind it.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ReadError> {
    if let Some(reason) = too_many_values(body) {
        return Err(BadField::new(".", reason).into());
    }
    let mut from = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            ReadError::Field(field(path, &error.to_string()))
        } else {
            ReadError::NotJson(error.to_string())
        }
    })?;
    from.end()
        .map_err(|error| ReadError::NotJson(error.to_string()))?;
    Ok(value)
}

/// Reads one JSON object. A list is refused, which serde would take for the fields in their order:
/// `[0,[]]` must not be believed to be an empty queue.
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ReadError> {
    if body.trim_ascii_start().starts_with(b"{") {
        return read(body);
    }
    read::<serde::de::IgnoredAny>(body)?;
    Err(ReadError::Field(BadField::new(".", "not an object")))
}

/// Puts the name of a missing field into the path, and drops the position, which helps nobody in a
/// body that nobody sees. Neither is a text of the body repeated, which may be of any length and may be
/// nobody's business.
fn field(path: String, reason: &str) -> BadField {
    let repeated = ["invalid type: string \"", "invalid value: string \""];
    if repeated.iter().any(|start| reason.starts_with(start)) {
        return BadField::new(path, "a text that does not belong there");
    }
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let missing = reason
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'));
    match missing {
        Some(name) if path == "." => BadField::new(name, "missing"),
        Some(name) => BadField::new(format!("{path}.{name}"), "missing"),
        None => BadField::new(path, reason),
    }
}
