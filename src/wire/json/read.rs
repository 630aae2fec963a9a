//! From bytes to a shape, with the path of the field that does not fit.

use serde::de::DeserializeOwned;

use super::BadField;

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
    let mut from = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            ReadError::Field(BadField {
                path,
                reason: error.to_string(),
            })
        } else {
            ReadError::NotJson(error.to_string())
        }
    })?;
    from.end()
        .map_err(|error| ReadError::NotJson(error.to_string()))?;
    Ok(value)
}
