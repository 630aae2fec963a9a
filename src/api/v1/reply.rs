//! What a status and a body say about whether a request was done (`sync.md` 3.1).

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::api::{ApiError, Doubt};
use crate::wire::json::{BadField, ReadError, Said};

/// Longer waits are not believed.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// Whether a request may have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// It only reads.
    Get,
    /// It may have changed something unless the answer says no.
    Post,
}

/// An answer, its body as far as it could be read.
pub(super) struct Reply {
    pub(super) verb: Verb,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Why the body is not complete.
    pub(super) broken: Option<String>,
}

impl Reply {
    /// Returns the body of a yes.
    pub(super) fn accepted(self) -> Result<Vec<u8>, ApiError> {
        let status = self.status;
        // A broken body of a "no" may still be readable; one of a "yes" never counts.
        let said = Said::read(&self.body);
        let error = said.clone().filter(Said::is_error);
        match status.as_u16() {
            200..=299 => match (self.broken, said) {
                (Some(why), _) => Err(ApiError::Unknown(Doubt::Unreadable, why)),
                (None, Some(said)) if said.success == Some(false) => Err(refused(status, &said)),
                (None, _) => Ok(self.body),
            },
            401 => Err(ApiError::SignIn(message(status, error.as_ref()))),
            429 => Err(ApiError::Later {
                after: wait(&self.headers),
            }),
            503 if error.is_some() && self.headers.contains_key(RETRY_AFTER) => {
                Err(ApiError::Later {
                    after: wait(&self.headers),
                })
            }
            300..=399 if self.verb == Verb::Get => Err(proxy(status)),
            300..=399 => Err(ApiError::Unknown(
                Doubt::Failing,
                format!(
                    "redirected with status {}, which is not followed",
                    status.as_u16()
                ),
            )),
            400..=499 => Err(error.map_or_else(|| proxy(status), |said| refused(status, &said))),
            _ => Err(ApiError::Unknown(
                Doubt::Failing,
                message(status, error.as_ref()),
            )),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotJson(_) => Self::Unknown(Doubt::Unreadable, error.to_string()),
            ReadError::Field(field) => field.into(),
        }
    }
}

impl From<BadField> for ApiError {
    fn from(field: BadField) -> Self {
        Self::Malformed {
            path: field.path,
            reason: field.reason,
        }
    }
}

fn proxy(status: StatusCode) -> ApiError {
    ApiError::Proxy {
        status: status.as_u16(),
    }
}

fn refused(status: StatusCode, said: &Said) -> ApiError {
    // "Access token required" and "not within application scope".
    if matches!(said.code, Some(1001 | 1002)) {
        return ApiError::SignIn(message(status, Some(said)));
    }
    ApiError::Refused {
        status: status.as_u16(),
        code: said.code,
        message: message(status, Some(said)),
    }
}

fn message(status: StatusCode, said: Option<&Said>) -> String {
    let code = said.and_then(|said| said.code);
    said.and_then(|said| said.message.clone())
        .unwrap_or_else(|| match code {
            Some(code) => format!("status {}, code {code}", status.as_u16()),
            None => format!("status {}", status.as_u16()),
        })
}

/// Reads `Retry-After`: seconds, or a date that is compared with the server's own clock.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => LONGEST_WAIT,
        Err(_) => {
            let until = date(text)?;
            let now = headers
                .get(DATE)
                .and_then(|value| date(value.to_str().ok()?))
                .unwrap_or_else(Utc::now);
            u64::try_from((until - now).num_seconds()).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text)
        .ok()
        .map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        headers.insert(DATE, "Mon, 01 Jun 2026 10:00:00 GMT".parse().unwrap());
        wait(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, seconds) in [
            ("30", Some(30)),
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("99999999999999999999999", Some(LONGEST_WAIT)),
            ("Mon, 01 Jun 2026 10:01:30 GMT", Some(90)),
            ("Mon, 01 Jun 2026 09:00:00 GMT", Some(0)),
            ("Mon, 01 Jun 9999 09:00:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("1.5", None),
            ("", None),
        ] {
            // A weekday that does not fit its date is no date.
            assert_eq!(after(value), seconds, "{value:?}");
        }
    }
}
