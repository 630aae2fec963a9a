//! What the person chose: `config.toml` as typed values, and the directories everything lives in.
//!
//! The file is read at the start and whenever it changes. What makes no sense is said with file, line
//! and the nearest right name; the option counts as left out and the rest works. Only what says where
//! updates go (accounts, the account, connections) and what is no TOML at all stops the start.
//! No secret stands in the file: an account names the file that holds its token.

pub mod paths;
pub mod secret;

mod choices;
mod options;
mod print;
mod read;
mod value;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::custom::Custom;
use crate::domain::look::{Emoji, ThemeName};
pub use crate::domain::nearest::nearest;

pub use choices::{Notify, Switch};
pub use print::{KeyRow, default_text, schema};

/// The name of the account whose server is inside.
pub const LOCAL: &str = "local";

/// Everything `config.toml` can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The account to open: [`LOCAL`] or the name of one in `accounts`.
    pub account: String,
    /// The remote accounts, by name.
    pub accounts: BTreeMap<String, Account>,
    /// Seconds that a share, a create-now and a delete wait before they are sent.
    pub window: u32,
    /// Whether the mouse is listened to; if nobody says, unless over SSH.
    pub mouse: Switch,
    /// Whether the free slots of the schedule show from the start.
    pub free_slots: bool,
    /// The colours.
    pub theme: ThemeName,
    /// Whether borders and signs are in ASCII; if nobody says, where the locale is not UTF-8.
    pub ascii: Switch,
    /// How emoji are drawn.
    pub emoji: Emoji,
    /// Whether links are told to the terminal; if nobody says, to those known to take them.
    pub hyperlinks: Switch,
    /// How the person is called while the terminal is out of sight.
    pub notify: Notify,
    /// Whether the screen is drawn for a slow line.
    pub low_bandwidth: bool,
    /// The most bytes a second that go to the terminal; none: as many as it takes, or few on a slow
    /// line.
    pub byte_rate: Option<u32>,
    /// Whether quitting waits until everything that may go out has gone out.
    pub flush_on_quit: bool,
    /// Keys by the name of their command, as written; the key table judges them.
    pub keys: Vec<Keys>,
    /// Custom commands.
    pub commands: Vec<Custom>,
    /// How the server on this machine works.
    pub server: Server,
    /// What is wrong with the file but does not stop anything, for people.
    pub warnings: Vec<String>,
}

/// A remote account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Where its API is, as `https://api.bufferapp.com/1/`.
    pub url: String,
    /// The file that holds its token (perhaps as `~/…`); none: `QURATE_TOKEN` or `--token-file`.
    pub token_file: Option<PathBuf>,
}

/// The keys of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The command's name.
    pub command: String,
    /// Its keys, as written; empty: the command has no key.
    pub keys: Vec<String>,
    /// Where it stands, as `config.toml:12`, for what the key table has to say.
    pub at: String,
}

/// The `[server]` section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Names under which a proxy in front may address the server, besides loopback.
    pub allowed_hosts: Vec<String>,
    /// How many updates a queue may hold; none: no limit.
    pub pending_limit: Option<u32>,
    /// How many requests a minute a client may make; none: no limit.
    pub rate_limit: Option<u32>,
    /// The `command` connections, by name.
    pub connections: BTreeMap<String, Connection>,
}

/// A connection that publishes by running a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The program that reports interactions, and its arguments.
    pub interactions: Option<Vec<String>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            account: LOCAL.to_owned(),
            accounts: BTreeMap::new(),
            window: 10,
            mouse: Switch::Auto,
            free_slots: false,
            theme: ThemeName::default(),
            ascii: Switch::Auto,
            emoji: Emoji::default(),
            hyperlinks: Switch::Auto,
            notify: Notify::Auto,
            low_bandwidth: false,
            byte_rate: None,
            flush_on_quit: false,
            keys: Vec::new(),
            commands: Vec::new(),
            server: Server::default(),
            warnings: Vec::new(),
        }
    }
}

/// Why a config file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there, or was asked for, and cannot be read.
    #[error("could not read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no TOML, or where updates go makes no sense.
    #[error("{}", problems.join("\n"))]
    Wrong {
        /// All that is wrong with it and what would be right, each with file and line, in the order
        /// of the file; also what would not have stopped anything.
        problems: Vec<String>,
    },
    /// Somebody else could write a command or an address into it.
    #[error(
        "{} can be written by others and names commands or accounts; make it yours alone with \
         `chmod go-w` (and `chown`), then start again",
        file.display()
    )]
    Writable {
        /// The file.
        file: PathBuf,
    },
}

impl Config {
    /// Reads a file. One that does not exist is an empty one, unless the person named it.
    pub fn load(file: &Path, asked_for: bool) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound && !asked_for => {
                return Ok(Self::default());
            }
            Err(source) => {
                let file = file.to_owned();
                return Err(ConfigError::Read { file, source });
            }
        };
        let config = Self::parse(&text, file)?;
        let trusts = !config.accounts.is_empty()
            || !config.server.connections.is_empty()
            || !config.commands.is_empty();
        if trusts && others_can_write(file).unwrap_or(true) {
            return Err(ConfigError::Writable {
                file: file.to_owned(),
            });
        }
        Ok(config)
    }

    /// Parses the text of a file; `file` is for messages and for relative paths in it.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        read::read(text, file)
    }
}

/// Whether anybody but this user (and root) may change a file.
fn others_can_write(file: &Path) -> io::Result<bool> {
    let meta = fs::metadata(file)?;
    let ours = meta.uid() == rustix::process::geteuid().as_raw() || meta.uid() == 0;
    Ok(!ours || meta.mode() & 0o022 != 0)
}

#[cfg(test)]
mod tests;
