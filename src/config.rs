//! What the person chose: `config.toml` as typed values, and the directories everything lives in.
//!
//! The file is read at the start and whenever it changes. What makes no sense is said with file, line
//! and the nearest right name; the option counts as left out and the rest works. Only what says where
//! updates go (accounts, the account, connections) and what is no TOML at all stops the start.
//! No secret stands in the file: an account names the file that holds its token.

pub mod paths;
pub mod secret;

mod options;
mod print;
mod read;
mod value;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::look::{Emoji, ThemeName};
pub use crate::domain::nearest::nearest;

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
    /// Whether quitting waits until everything that may go out has gone out.
    pub flush_on_quit: bool,
    /// Keys by the name of their command, as written; the key table judges them.
    pub keys: Vec<Keys>,
    /// How the server on this machine works.
    pub server: Server,
    /// What is wrong with the file but does not stop anything, for people.
    pub warnings: Vec<String>,
}

/// Something that is on, off, or as the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switch {
    /// As the terminal is.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// How a person is called whose terminal is out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// By a message where the terminal is known to show one, else by the bell.
    #[default]
    Auto,
    /// By the bell.
    Bell,
    /// By a message of the desktop (OSC 9).
    Osc9,
    /// Not at all.
    Off,
}

impl Notify {
    /// All of them, by their names in the file.
    pub const ALL: [(&str, Self); 4] = [
        ("auto", Self::Auto),
        ("bell", Self::Bell),
        ("osc9", Self::Osc9),
        ("off", Self::Off),
    ];
}

impl Switch {
    /// Says whether it is on where the terminal speaks for it, or against it.
    pub fn is_on(self, auto: bool) -> bool {
        match self {
            Self::Auto => auto,
            Self::On => true,
            Self::Off => false,
        }
    }
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
            flush_on_quit: false,
            keys: Vec::new(),
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
        let trusts = !config.accounts.is_empty() || !config.server.connections.is_empty();
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
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("/etc/config.toml")).map_err(|e| e.to_string())
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(parse(""), Ok(Config::default()));
    }

    #[test]
    fn every_option_is_read() {
        let config = parse(
            r#"
            account = "work"
            window = 0
            mouse = true
            ascii = "on"
            emoji = "safe"
            hyperlinks = "off"
            notify = "bell"
            free_slots = true
            flush_on_quit = true
            [keys]
            grab = "m"
            quit = ["q", "ctrl-q"]
            help = []
            [accounts.work]
            url = "https://api.bufferapp.com/1/"
            token_file = "work.token"
            [server]
            allowed_hosts = ["queue.example.org"]
            pending_limit = 100
            rate_limit = 60
            [server.connections.blog]
            command = ["/usr/bin/post", "--site", "x"]
            interactions = ["/usr/bin/seen"]
            "#,
        )
        .unwrap();
        assert_eq!(config.account, "work");
        assert_eq!(config.window, 0);
        assert!(config.free_slots);
        assert_eq!((config.ascii, config.emoji), (Switch::On, Emoji::Safe));
        let manners = (config.hyperlinks, config.notify);
        assert_eq!(manners, (Switch::Off, Notify::Bell));
        assert_eq!((config.mouse, config.flush_on_quit), (Switch::On, true));
        let keys: Vec<_> = config
            .keys
            .iter()
            .map(|k| (k.command.as_str(), k.keys.join(" "), k.at.as_str()))
            .collect();
        assert_eq!(
            keys,
            [
                ("grab", "m".to_owned(), "/etc/config.toml:12"),
                ("quit", "q ctrl-q".to_owned(), "/etc/config.toml:13"),
                ("help", String::new(), "/etc/config.toml:14"),
            ]
        );
        assert_eq!(
            config.accounts["work"].token_file.as_deref(),
            Some(Path::new("/etc/work.token"))
        );
        assert_eq!(config.server.pending_limit, Some(100));
        assert_eq!(config.server.connections["blog"].command.len(), 3);
        assert_eq!(config.warnings, [""; 0]);
    }

    #[test]
    fn an_unknown_option_is_a_warning_with_the_nearest_name_and_the_rest_works() {
        let config = parse("mose = true\nwindow = 3\n[server]\nratelimit = 5\n").unwrap();
        assert_eq!(config.window, 3);
        assert_eq!(
            config.warnings,
            [
                "/etc/config.toml:1: there is no option `mose`; did you mean `mouse`?",
                "/etc/config.toml:4: there is no option `server.ratelimit`; did you mean \
                 `rate_limit`?",
            ]
        );
    }

    #[test]
    fn a_value_that_makes_no_sense_is_a_warning_with_what_is_right_and_the_rest_works() {
        let cases = [
            (
                "theme = \"drak\"",
                "`theme` is \"terminal\", \"dark\", \"light\", \"high-contrast\" or \"plain\", not \
                 \"drak\"; did you mean \"dark\"? \"terminal\" is taken",
            ),
            (
                "emoji = \"save\"",
                "`emoji` is \"full\" or \"safe\", not \"save\"; did you mean \"safe\"? \"full\" is taken",
            ),
            (
                "theme = 3",
                "`theme` is \"terminal\", \"dark\", \"light\", \"high-contrast\" or \"plain\", not 3; \
                 \"terminal\" is taken",
            ),
            (
                "ascii = 3",
                "`ascii` is true, false or \"auto\", not 3; \"auto\" is taken",
            ),
            (
                "mouse = 1",
                "`mouse` is true, false or \"auto\", not 1; did you mean true? \"auto\" is taken",
            ),
            (
                "hyperlinks = \"atuo\"",
                "`hyperlinks` is true, false or \"auto\", not \"atuo\"; did you mean \"auto\"? \"auto\" \
                 is taken",
            ),
            (
                "free_slots = \"flase\"",
                "`free_slots` is true or false, not \"flase\"; did you mean false? false is taken",
            ),
            (
                "window = -1",
                "`window` is a whole number of seconds from 0 to 3600, not -1; 10 is taken",
            ),
            (
                "window = \"5\"",
                "`window` is a whole number of seconds from 0 to 3600, not \"5\"; did you mean 5? 10 is \
                 taken",
            ),
            (
                "[window]\n",
                "`window` is a whole number of seconds from 0 to 3600, not a section; 10 is taken",
            ),
            (
                "[server]\nrate_limit = 0",
                "`rate_limit` is a whole number from 1 (leave it out for none), not 0; it counts as left \
                 out",
            ),
            (
                "[server]\nallowed_hosts = \"a.example\"",
                "`allowed_hosts` is a list of texts, as [\"one\", \"two\"], not \"a.example\"; did you mean \
                 [\"a.example\"]? [] is taken",
            ),
            (
                "[keys]\ngrab = 3",
                "`grab` is a key or a list of keys, as [\"J\", \"down\"]; it keeps its usual keys",
            ),
            ("keys = 3", "`keys` is a section, not an integer like this"),
            (
                "server = 3",
                "`server` is a section, not an integer like this",
            ),
        ];
        for (text, want) in cases {
            let text = format!("flush_on_quit = true\n{text}");
            let config = parse(&text).expect(&text);
            let line = text.trim_end().lines().count();
            let said = format!("/etc/config.toml:{line}: {want}");
            assert_eq!(config.warnings, [said]);
            let as_if_left_out = Config {
                flush_on_quit: true,
                warnings: config.warnings.clone(),
                ..Config::default()
            };
            assert_eq!(config, as_if_left_out);
        }
        assert_eq!(parse("theme = \"light\"").unwrap().theme, ThemeName::Light);
    }

    #[test]
    fn all_that_is_wrong_is_told_in_the_order_of_the_file() {
        let config = parse("window = -1\nmose = true\n[server]\nrate_limit = 0\n").unwrap();
        let lines: Vec<_> = config.warnings.iter().map(|w| &w[..19]).collect();
        let at = [
            "/etc/config.toml:1:",
            "/etc/config.toml:2:",
            "/etc/config.toml:4:",
        ];
        assert_eq!(lines, at);
        let refused = parse("window = -1\n[accounts.x]\n[accounts.y]\nurl = 3\n").unwrap_err();
        let lines: Vec<_> = refused.lines().map(|w| &w[..19]).collect();
        assert_eq!(lines, at);
    }

    #[test]
    fn what_says_where_updates_go_is_never_guessed() {
        let cases = [
            (
                "account = \"work\"",
                "/etc/config.toml:1: there is no account `work`; there are: local",
            ),
            (
                "account = \"wrok\"\n[accounts.work]\nurl=\"https://a.example/1/\"",
                "/etc/config.toml:1: there is no account `wrok`; there are: work, local; did you mean \
                 `work`?",
            ),
            ("account = 3", "/etc/config.toml:1: `account` is a name"),
            (
                "accounts = 3",
                "/etc/config.toml:1: `accounts` is a section",
            ),
            (
                "[accounts.x]\n",
                "/etc/config.toml:1: `accounts.x` needs `url`",
            ),
            (
                "[accounts.x]\nurl = \"https://a.example/1/\"\ntoken_file = 3",
                "/etc/config.toml:3: `token_file` is a text in quotes",
            ),
            (
                "[accounts.local]\nurl = \"http://a/1/\"",
                "/etc/config.toml:1: `local` is the",
            ),
            (
                "[accounts.x]\nurl = \"ftp://a\"",
                "/etc/config.toml:2: `url` starts with",
            ),
            (
                "[server.connections.demo]\ncommand=[\"a\"]",
                "/etc/config.toml:1: `demo` is the",
            ),
            (
                "[server.connections.c]\ncommand=[]",
                "/etc/config.toml:2: `command` is a list",
            ),
            (
                "[server.connections.c]\ncommand=\"sh -c x\"",
                "/etc/config.toml:2: `command` is",
            ),
            ("a = [", "/etc/config.toml:1: "),
            (
                "[accounts.x]\nurl=\"http://u:p@h/\"",
                "/etc/config.toml:2: `url` holds a password",
            ),
            (
                "[accounts.x]\nurl=\"http://h/?access_token=1\"",
                "/etc/config.toml:2: `url` has",
            ),
            (
                "[accounts.x]\nurl=\"http://api.example.org/1/\"",
                "/etc/config.toml:2: `url` would",
            ),
        ];
        for (text, want) in cases {
            let got = parse(text).expect_err(text);
            assert!(got.starts_with(want), "{text:?}: {got}");
        }
    }

    #[test]
    fn a_file_others_can_write_is_refused_once_it_names_commands() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        fs::write(&file, "mouse = true").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(Config::load(&file, true).unwrap().mouse, Switch::On);
        fs::write(&file, "[server.connections.c]\ncommand = [\"true\"]").unwrap();
        let refused = Config::load(&file, true).unwrap_err();
        assert!(matches!(refused, ConfigError::Writable { .. }), "{refused}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Config::load(&file, true).is_ok());
    }

    #[test]
    fn a_missing_file_is_only_an_error_when_it_was_asked_for() {
        let file = Path::new("/nowhere/config.toml");
        assert_eq!(Config::load(file, false).unwrap(), Config::default());
        assert!(matches!(
            Config::load(file, true),
            Err(ConfigError::Read { .. })
        ));
    }
}
