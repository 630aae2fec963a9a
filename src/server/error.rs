//! What the server says when it does not do what was asked: code, status and words.

use axum::http::StatusCode;

use crate::wire::form::FormError;

/// A code of API v1, each with its HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// 400 What came is no request.
    Malformed,
    /// 401 The token is missing or wrong.
    SignIn,
    /// 403 Not from there.
    Forbidden,
    /// 404 No such endpoint.
    NoEndpoint,
    /// 405 The endpoint wants another method.
    Method,
    /// 408 The request did not come.
    Timeout,
    /// 413 The body is too large.
    TooLarge,
    /// 414 The address is too long.
    AddressTooLong,
    /// 415 The body is no form.
    NoForm,
    /// 429 Too many requests.
    TooMany,
    /// 431 The head is too large.
    HeadTooLarge,
    /// 504 Given up before it was done, which only tests see.
    GivenUp,
    /// 1000 The server's own trouble.
    Trouble,
    /// 1004
    Missing,
    /// 1005
    Format,
    /// 1006
    OutOfBounds,
    /// 1010
    NoProfile,
    /// 1011
    NotYourProfile,
    /// 1012
    ProfileNotSaved,
    /// 1013
    ScheduleLimit,
    /// 1020
    NoUpdate,
    /// 1022
    NotSaved,
    /// 1023
    PendingLimit,
    /// 1025
    Duplicate,
    /// 1026
    NotFailed,
    /// 1027
    NotMovable,
    /// 1029
    NoSuchEvent,
    /// 1034
    Past,
}

impl Code {
    /// Returns the number in the body and the status of the reply.
    pub(super) fn numbers(self) -> (u16, StatusCode) {
        match self {
            Self::Malformed => (400, StatusCode::BAD_REQUEST),
            Self::SignIn => (401, StatusCode::UNAUTHORIZED),
            Self::Forbidden => (403, StatusCode::FORBIDDEN),
            Self::NoEndpoint => (404, StatusCode::NOT_FOUND),
            Self::Method => (405, StatusCode::METHOD_NOT_ALLOWED),
            Self::Timeout => (408, StatusCode::REQUEST_TIMEOUT),
            Self::TooLarge => (413, StatusCode::PAYLOAD_TOO_LARGE),
            Self::AddressTooLong => (414, StatusCode::URI_TOO_LONG),
            Self::NoForm => (415, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::TooMany => (429, StatusCode::TOO_MANY_REQUESTS),
            Self::HeadTooLarge => (431, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::GivenUp => (504, StatusCode::GATEWAY_TIMEOUT),
            Self::Trouble => (1000, StatusCode::SERVICE_UNAVAILABLE),
            Self::Missing => (1004, StatusCode::BAD_REQUEST),
            Self::Format => (1005, StatusCode::NOT_ACCEPTABLE),
            Self::OutOfBounds => (1006, StatusCode::BAD_REQUEST),
            Self::NoProfile => (1010, StatusCode::NOT_FOUND),
            Self::NotYourProfile => (1011, StatusCode::FORBIDDEN),
            Self::ProfileNotSaved => (1012, StatusCode::BAD_REQUEST),
            Self::ScheduleLimit => (1013, StatusCode::FORBIDDEN),
            Self::NoUpdate => (1020, StatusCode::NOT_FOUND),
            Self::NotSaved => (1022, StatusCode::BAD_REQUEST),
            Self::PendingLimit => (1023, StatusCode::FORBIDDEN),
            Self::Duplicate => (1025, StatusCode::BAD_REQUEST),
            Self::NotFailed => (1026, StatusCode::BAD_REQUEST),
            Self::NotMovable => (1027, StatusCode::BAD_REQUEST),
            Self::NoSuchEvent => (1029, StatusCode::BAD_REQUEST),
            Self::Past => (1034, StatusCode::BAD_REQUEST),
        }
    }
}

/// Why a request was not done. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) message: String,
    /// Seconds after which it may be asked again.
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    /// Refuses with a code and words for people.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// Refuses a parameter whose value cannot be.
    pub(super) fn bounds(message: impl Into<String>) -> Self {
        Self::new(Code::OutOfBounds, message)
    }

    /// Refuses a request that lacks a parameter.
    pub(super) fn missing(name: &str) -> Self {
        Self::new(Code::Missing, format!("the parameter `{name}` is required"))
    }

    /// Refuses an update id that is nobody's.
    pub(super) fn no_update() -> Self {
        Self::new(Code::NoUpdate, "there is no update with this id")
    }

    /// Refuses a profile id that is nobody's.
    pub(super) fn no_profile() -> Self {
        Self::new(Code::NoProfile, "there is no profile with this id")
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        Self::bounds(error.to_string())
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        // The words of the database are for the log: they may hold a text.
        tracing::error!(%error, "the database refused");
        Self {
            code: Code::Trouble,
            message: "the server could not use its database; nothing was changed".to_owned(),
            retry_after: Some(5),
        }
    }
}
