//! `config.toml` to [`Config`], value by value, so that each complaint can name its line.
//!
//! What only says how the editor looks and works counts as left out where it makes no sense. What
//! says where updates go (accounts, connections) is never guessed: the file is then refused, with
//! all that is wrong with it.

mod commands;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use super::options::{Kind, known, option};
use super::value::{self, Value};
use super::{Account, Config, ConfigError, Connection, Keys, LOCAL, Notify, Server};
use crate::domain::look::{Emoji, ThemeName};
use crate::domain::nearest::nearest;

type Key<'a> = Spanned<Cow<'a, str>>;

/// Reads the text of a config file.
pub(super) fn read(text: &str, file: &Path) -> Result<Config, ConfigError> {
    let mut reader = Reader {
        text,
        file,
        problems: Vec::new(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.stop(at, error.message().replace('\n', ", "));
            return Err(reader.refusal());
        }
    };
    let mut config = reader.config(table.get_ref());
    if reader.problems.iter().any(|problem| problem.stops) {
        return Err(reader.refusal());
    }
    config.warnings = reader.said();
    Ok(config)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

/// What is wrong with the file.
struct Problem {
    at: usize,
    text: String,
    /// Whether the file cannot be used because of it.
    stops: bool,
}

/// What keeps a whole account, connection or command from being used.
struct Bad {
    at: usize,
    text: String,
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        for (key, value) in table {
            self.top(&mut config, key, value);
        }
        if config.account != LOCAL && !config.accounts.contains_key(&config.account) {
            let at = table.get("account").map_or(0, |v| v.span().start);
            let mut names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
            names.push(LOCAL);
            let hint = match nearest(&config.account, &names) {
                Some(right) => format!("; did you mean `{right}`?"),
                None => String::new(),
            };
            let (account, names) = (&config.account, names.join(", "));
            self.stop(
                at,
                format!("there is no account `{account}`; there are: {names}{hint}"),
            );
        }
        config
    }

    fn top(&mut self, config: &mut Config, key: &Key<'_>, value: &Value<'_>) {
        let name = key.get_ref().as_ref();
        let at = value.span().start;
        let some = |value: &Value<'_>| value::count(value).map(Some);
        match name {
            "account" => match value.get_ref().as_str() {
                Some(account) => account.clone_into(&mut config.account),
                None => self.stop(at, not(name, "a name in quotes", value)),
            },
            "accounts" => config.accounts = self.accounts(value),
            "window" => self.put(&mut config.window, "", name, value, value::seconds),
            "mouse" => self.put(&mut config.mouse, "", name, value, value::switch),
            "free_slots" => self.put(&mut config.free_slots, "", name, value, value::boolean),
            "theme" => self.put(&mut config.theme, "", name, value, theme),
            "notify" => self.put(&mut config.notify, "", name, value, calling),
            "hyperlinks" => self.put(&mut config.hyperlinks, "", name, value, value::switch),
            "ascii" => self.put(&mut config.ascii, "", name, value, value::switch),
            "emoji" => self.put(&mut config.emoji, "", name, value, drawn),
            "flush_on_quit" => {
                self.put(&mut config.flush_on_quit, "", name, value, value::boolean);
            }
            "low_bandwidth" => {
                self.put(&mut config.low_bandwidth, "", name, value, value::boolean);
            }
            "byte_rate" => self.put(&mut config.byte_rate, "", name, value, some),
            "commands" => config.commands = self.commands(value),
            "keys" => config.keys = self.keys(value),
            "server" => config.server = self.server(value),
            _ => self.unknown("", key),
        }
    }

    /// Takes a value over where it makes sense; where not, that is said, and what was there stays.
    fn put<T>(
        &mut self,
        into: &mut T,
        section: &str,
        name: &str,
        value: &Value<'_>,
        read: fn(&Value<'_>) -> Option<T>,
    ) {
        match (read(value), option(section, name)) {
            (Some(read), _) => *into = read,
            (None, Some(option)) => {
                let complaint = option.complaint(value, self.text);
                self.warn(value.span().start, complaint);
            }
            (None, None) => self.warn(value.span().start, format!("`{name}` makes no sense")),
        }
    }

    fn accounts(&mut self, value: &Value<'_>) -> BTreeMap<String, Account> {
        let mut accounts = BTreeMap::new();
        let Some(table) = value.get_ref().as_table() else {
            self.stop(value.span().start, not("accounts", "a section", value));
            return accounts;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match self.account(name, key, value) {
                Ok(account) => {
                    accounts.insert(name.to_owned(), account);
                }
                Err(bad) => self.stop(bad.at, bad.text),
            }
        }
        accounts
    }

    fn account(&mut self, name: &str, key: &Key<'_>, value: &Value<'_>) -> Result<Account, Bad> {
        if name == LOCAL {
            let problem = "`local` is the account of the server inside; take another name";
            return Err(bad(key.span().start, problem));
        }
        check_name(key)?;
        let section = format!("accounts.{name}");
        let (mut url, mut token_file) = (None, None);
        for (key, value) in table(&section, value)? {
            match key.get_ref().as_ref() {
                "url" => url = Some(address(value)?),
                "token_file" => token_file = Some(self.path("token_file", value)?),
                _ => self.unknown(&section, key),
            }
        }
        let url = url.ok_or_else(|| {
            let problem = format!(
                "`{section}` needs `url`, the address of its API, as \
                 \"https://api.bufferapp.com/1/\""
            );
            bad(key.span().start, problem)
        })?;
        Ok(Account { url, token_file })
    }

    fn server(&mut self, value: &Value<'_>) -> Server {
        const SECTION: &str = "server";
        let mut server = Server::default();
        let Some(table) = value.get_ref().as_table() else {
            self.warn(value.span().start, not(SECTION, "a section", value));
            return server;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let some = |value: &Value<'_>| value::count(value).map(Some);
            match name {
                "allowed_hosts" => {
                    self.put(
                        &mut server.allowed_hosts,
                        SECTION,
                        name,
                        value,
                        value::texts,
                    );
                }
                "pending_limit" => self.put(&mut server.pending_limit, SECTION, name, value, some),
                "rate_limit" => self.put(&mut server.rate_limit, SECTION, name, value, some),
                "connections" => server.connections = self.connections(value),
                _ => self.unknown(SECTION, key),
            }
        }
        server
    }

    fn connections(&mut self, value: &Value<'_>) -> BTreeMap<String, Connection> {
        let mut connections = BTreeMap::new();
        let Some(table) = value.get_ref().as_table() else {
            let problem = not("server.connections", "a section", value);
            self.stop(value.span().start, problem);
            return connections;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match self.connection(name, key, value) {
                Ok(connection) => {
                    connections.insert(name.to_owned(), connection);
                }
                Err(bad) => self.stop(bad.at, bad.text),
            }
        }
        connections
    }

    fn connection(
        &mut self,
        name: &str,
        key: &Key<'_>,
        value: &Value<'_>,
    ) -> Result<Connection, Bad> {
        if name == "demo" {
            let problem = "`demo` is the connection that is always there; take another name";
            return Err(bad(key.span().start, problem));
        }
        check_name(key)?;
        let section = format!("server.connections.{name}");
        let (mut command, mut interactions) = (None, None);
        for (key, value) in table(&section, value)? {
            let name = key.get_ref().as_ref();
            let some = |value: &Value<'_>| value::program(value).map(Some);
            match name {
                "command" => {
                    let problem = || format!("`command` is {}", Kind::Program.wants());
                    let words = value::program(value);
                    command = Some(words.ok_or_else(|| bad(value.span().start, problem()))?);
                }
                "interactions" => {
                    let section = "server.connections.NAME";
                    self.put(&mut interactions, section, name, value, some);
                }
                _ => self.unknown(&section, key),
            }
        }
        let command = command.ok_or_else(|| {
            let problem =
                format!("`{section}` needs `command`, as [\"/path/to/program\", \"argument\"]");
            bad(key.span().start, problem)
        })?;
        Ok(Connection {
            command,
            interactions,
        })
    }

    fn keys(&mut self, value: &Value<'_>) -> Vec<Keys> {
        let Some(table) = value.get_ref().as_table() else {
            self.warn(value.span().start, not("keys", "a section", value));
            return Vec::new();
        };
        let mut all = Vec::new();
        for (key, value) in table {
            let command = key.get_ref().to_string();
            let one = value.get_ref().as_str().map(|one| vec![one.to_owned()]);
            let Some(keys) = one.or_else(|| value::texts(value)) else {
                let problem = format!(
                    "`{command}` is a key or a list of keys, as [\"J\", \"down\"]; it keeps its \
                     usual keys"
                );
                self.warn(value.span().start, problem);
                continue;
            };
            let at = self.place(key.span().start);
            all.push((key.span().start, Keys { command, keys, at }));
        }
        // The parser sorts by name; the person's own order is the better one for messages.
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, keys)| keys).collect()
    }

    /// A relative path stands beside the config file. `~/` stays as it is: where home is, is not
    /// known here.
    fn path(&self, name: &str, value: &Value<'_>) -> Result<PathBuf, Bad> {
        let text = string(name, value)?;
        if text.starts_with("~/") {
            return Ok(PathBuf::from(text));
        }
        let beside = self.file.parent().unwrap_or(Path::new("."));
        Ok(beside.join(text))
    }

    fn unknown(&mut self, section: &str, key: &Key<'_>) {
        let known = known(section);
        let name = key.get_ref();
        let dot = if section.is_empty() { "" } else { "." };
        let hint = match nearest(name, &known) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are: {}", known.join(", ")),
        };
        self.warn(
            key.span().start,
            format!("there is no option `{section}{dot}{name}`; {hint}"),
        );
    }

    fn warn(&mut self, at: usize, text: String) {
        let stops = false;
        self.problems.push(Problem { at, text, stops });
    }

    fn stop(&mut self, at: usize, text: String) {
        let stops = true;
        self.problems.push(Problem { at, text, stops });
    }

    /// Where something stands, as `config.toml:12`.
    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.file.display(), line_of(self.text, at))
    }

    /// All that is wrong, in the order of the file.
    fn said(&mut self) -> Vec<String> {
        self.problems.sort_by_key(|problem| problem.at);
        let problems = self.problems.iter();
        problems
            .map(|problem| format!("{}: {}", self.place(problem.at), problem.text))
            .collect()
    }

    fn refusal(&mut self) -> ConfigError {
        ConfigError::Wrong {
            problems: self.said(),
        }
    }
}

fn theme(value: &Value<'_>) -> Option<ThemeName> {
    ThemeName::named(value.get_ref().as_str()?)
}

fn calling(value: &Value<'_>) -> Option<Notify> {
    named(&Notify::ALL, value.get_ref().as_str()?)
}

fn drawn(value: &Value<'_>) -> Option<Emoji> {
    match value.get_ref().as_str()? {
        "full" => Some(Emoji::Full),
        "safe" => Some(Emoji::Safe),
        _ => None,
    }
}

fn named<T: Copy>(all: &[(&str, T)], word: &str) -> Option<T> {
    let found = all.iter().find(|(name, _)| *name == word);
    found.map(|(_, choice)| *choice)
}

fn address(value: &Value<'_>) -> Result<String, Bad> {
    let url = string("url", value)?;
    super::secret::check_url(&url)
        .map_err(|problem| bad(value.span().start, format!("`url` {problem}")))?;
    Ok(url)
}

fn string(name: &str, value: &Value<'_>) -> Result<String, Bad> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.ok_or_else(|| bad(value.span().start, not(name, "a text in quotes", value)))
}

fn table<'v, 't>(name: &str, value: &'v Value<'t>) -> Result<&'v DeTable<'t>, Bad> {
    let table = value.get_ref().as_table();
    table.ok_or_else(|| bad(value.span().start, not(name, "a section", value)))
}

/// Names of accounts and connections become parts of file names and of requests.
fn check_name(key: &Key<'_>) -> Result<(), Bad> {
    let name = key.get_ref();
    let fits = (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits {
        return Ok(());
    }
    let problem = format!("`{name}` is no name: 1 to 32 letters, digits, `-` or `_`");
    Err(bad(key.span().start, problem))
}

/// What is wrong with a value that is not shown: it may be a secret in the wrong place.
fn not(name: &str, want: &str, value: &Value<'_>) -> String {
    let got = value.get_ref().type_str();
    let article = if got.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("`{name}` is {want}, not {article} {got} like this")
}

fn bad(at: usize, problem: impl Into<String>) -> Bad {
    let text = problem.into();
    Bad { at, text }
}
