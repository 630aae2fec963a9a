//! Connections: how the server publishes for a profile.
//!
//! `demo` is always there and sends nothing anywhere. A `command` is a program of the server's own
//! configuration; no request can name or change one.

pub(super) mod command;
pub(super) mod demo;

use std::collections::BTreeMap;
use std::time::Duration;

/// The name of the connection that is always there.
pub const DEMO: &str = "demo";

/// How the server publishes for a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Marked as sent, with made-up numbers; nothing leaves the machine.
    Demo,
    /// A program of the server's config.
    Command(CommandConnection),
}

/// A program that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandConnection {
    /// The program and its arguments; no shell reads them.
    pub publish: Vec<String>,
    /// The program that reports interactions and numbers of a sent update, if there is one.
    pub interactions: Option<Vec<String>>,
    /// After this long the update may have been sent, for all one knows.
    pub timeout: Duration,
}

impl CommandConnection {
    /// A program that publishes and reports nothing, with 60 s to do it.
    pub fn new(publish: Vec<String>) -> Self {
        Self {
            publish,
            interactions: None,
            timeout: Duration::from_mins(1),
        }
    }
}

/// The connections by name.
#[derive(Debug, Clone)]
pub(super) struct Connections(BTreeMap<String, Connection>);

impl Connections {
    /// Adds `demo` to the configured ones.
    pub(super) fn new(mut configured: BTreeMap<String, Connection>) -> Self {
        configured.insert(DEMO.to_owned(), Connection::Demo);
        Self(configured)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Connection> {
        self.0.get(name)
    }

    /// Returns the names, `demo` first.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.keys().cloned().collect();
        names.sort_by_key(|name| name != DEMO);
        names
    }
}
