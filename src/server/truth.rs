//! What the server was asked and what it did, exactly and in order: for tests that count.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;

use super::error::Refusal;
use super::handlers::Asked;
use crate::domain::time::Timestamp;

/// A list of requests. All clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Truth(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Held while a request is answered, so that the order noted is the order of doing.
    turn: tokio::sync::Mutex<()>,
    requests: Mutex<Vec<Request>>,
}

/// A request that came whole and from somebody who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whether it may change something.
    pub is_change: bool,
    /// The path below `/1/`, as it came.
    pub path: String,
    /// The update or profile in the path; empty if there is none.
    pub id: String,
    /// When it was done, by the server's clock.
    pub at: Timestamp,
    /// The text it brought.
    pub text: Option<String>,
    /// The ids of profiles or updates it brought.
    pub ids: Vec<String>,
    /// Whether it asked for something to go out at once.
    pub now: bool,
    /// Whether its client was told 504.
    pub late: bool,
    /// Whether it was done; else the code of the refusal.
    pub result: Result<(), u16>,
}

impl Truth {
    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().clone()
    }

    /// Returns the changes that were done and whose path ends so.
    pub fn done(&self, path: &str) -> Vec<Request> {
        let requests = self.lock();
        let done = requests
            .iter()
            .filter(|request| request.is_change && request.result.is_ok());
        done.filter(|request| request.path.ends_with(path))
            .cloned()
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Request>> {
        self.0
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no other request is being answered.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// Notes how a request ended.
    pub(super) fn note(&self, asked: &Asked, late: bool, result: Result<(), &Refusal>) {
        let ids = ["profile_ids", "order"].map(|name| asked.form.list(name));
        let flag = |name| asked.form.flag(name).ok().flatten().unwrap_or(false);
        self.lock().push(Request {
            is_change: asked.method == Method::POST,
            path: asked.path.clone(),
            id: asked.id.clone(),
            at: asked.now,
            text: asked.form.text("text").map(str::to_owned),
            ids: ids.concat().into_iter().map(str::to_owned).collect(),
            now: flag("now"),
            late,
            result: result.map_err(|refusal| refusal.code.numbers().0),
        });
    }
}
