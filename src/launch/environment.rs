//! What the environment says, read once at the start.
//!
//! A token is copied out of it here. The variables themselves stay, as removing one is unsafe while
//! threads run (and this crate has no unsafe code); so whoever starts a program gives it an
//! environment of its own, never ours.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::config::secret::Token;

use super::Failure;

/// The variables that mean something to the program, besides those of the XDG directories.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// `HOME`: what `~/` means.
    pub(super) home: Option<PathBuf>,
    /// `QURATE_API_URL`: the API to edit.
    pub(super) api_url: Option<String>,
    /// `QURATE_TOKEN`: the token for it.
    pub(super) token: Option<Token>,
    /// `QURATE_SERVER_TOKEN`: the token our server asks for.
    pub(super) server_token: Option<Token>,
    /// `QURATE_LOG`: what goes into the log.
    pub(super) log: Option<String>,
    /// `TERM`: the terminal.
    pub(super) terminal: Option<String>,
    /// `VISUAL`, else `EDITOR`: the person's own editor.
    pub(super) editor: Option<OsString>,
    /// `TZ`: the zone, as a name.
    pub(super) zone: Option<String>,
}

impl Environment {
    /// Reads all of them.
    pub(super) fn read() -> Result<Self, Failure> {
        Ok(Self {
            home: variable("HOME").map(PathBuf::from),
            api_url: text("QURATE_API_URL")?,
            token: token("QURATE_TOKEN")?,
            server_token: token("QURATE_SERVER_TOKEN")?,
            log: text("QURATE_LOG")?,
            terminal: text("TERM")?,
            editor: variable("VISUAL").or_else(|| variable("EDITOR")),
            zone: text("TZ").unwrap_or_default(),
        })
    }
}

/// Reads a variable; an empty one is none, as everywhere in a shell.
pub(super) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn text(name: &str) -> Result<Option<String>, Failure> {
    variable(name)
        .map(OsString::into_string)
        .transpose()
        .map_err(|_| Failure::new(Exit::Usage, format!("{name} is not valid text (UTF-8)")))
}

fn token(name: &str) -> Result<Option<Token>, Failure> {
    let problem = || format!("{name} holds no token: one word of printable characters");
    text(name)?
        .map(|value| Token::new(&value).ok_or_else(|| Failure::new(Exit::Usage, problem())))
        .transpose()
}
