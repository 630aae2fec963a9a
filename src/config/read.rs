//! `config.toml` to [`Config`], value by value, so that each complaint can name its line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::options::{LONGEST_WINDOW, emoji, known, notify, themes};
use super::{Account, Config, ConfigError, Connection, Keys, LOCAL, Notify, Server, Switch};
use crate::domain::look::{Emoji, ThemeName};
use crate::domain::nearest::nearest;

type Value<'a> = Spanned<DeValue<'a>>;

/// Reads the text of a config file.
pub(super) fn read(text: &str, file: &Path) -> Result<Config, ConfigError> {
    let mut reader = Reader {
        text,
        file,
        warnings: Vec::new(),
    };
    let table = DeTable::parse(text).map_err(|e| {
        let line = line_of(text, e.span().map_or(0, |s| s.start));
        reader.error_at(line, e.message().replace('\n', ", "))
    })?;
    let mut config = reader.config(table.get_ref())?;
    config.warnings = reader.warnings;
    Ok(config)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

fn integer(value: &Value<'_>) -> Option<u32> {
    match value.get_ref() {
        DeValue::Integer(i) => i.as_str().replace('_', "").parse().ok(),
        _ => None,
    }
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "account" => config.account = self.string("account", value)?,
                "accounts" => config.accounts = self.accounts(value)?,
                "window" => config.window = self.seconds("window", value)?,
                "mouse" => config.mouse = self.switch("mouse", value)?,
                "free_slots" => config.free_slots = self.boolean("free_slots", value)?,
                "theme" => {
                    let name = self.word("theme", value, &themes())?;
                    config.theme = ThemeName::named(&name).unwrap_or_default();
                }
                "notify" => {
                    let word = self.word("notify", value, &notify())?;
                    let named = Notify::ALL.into_iter().find(|(name, _)| *name == word);
                    config.notify = named.map(|(_, notify)| notify).unwrap_or_default();
                }
                "hyperlinks" => config.hyperlinks = self.switch("hyperlinks", value)?,
                "ascii" => config.ascii = self.switch("ascii", value)?,
                "emoji" => {
                    config.emoji = match self.word("emoji", value, &emoji())?.as_str() {
                        "safe" => Emoji::Safe,
                        _ => Emoji::Full,
                    };
                }
                "flush_on_quit" => config.flush_on_quit = self.boolean("flush_on_quit", value)?,
                "keys" => config.keys = self.keys(value)?,
                "server" => config.server = self.server(value)?,
                _ => self.unknown("", key),
            }
        }
        if config.account != LOCAL && !config.accounts.contains_key(&config.account) {
            let at = table.get("account").map_or(0, |v| v.span().start);
            let mut names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
            names.push(LOCAL);
            let problem = format!(
                "there is no account `{}`; there are: {}",
                config.account,
                names.join(", ")
            );
            return Err(self.error_at(line_of(self.text, at), problem));
        }
        Ok(config)
    }

    fn switch(&self, name: &str, value: &Value<'_>) -> Result<Switch, ConfigError> {
        match value.get_ref() {
            DeValue::Boolean(true) => Ok(Switch::On),
            DeValue::Boolean(false) => Ok(Switch::Off),
            DeValue::String(word) if word == "auto" => Ok(Switch::Auto),
            DeValue::String(word) if word == "on" => Ok(Switch::On),
            DeValue::String(word) if word == "off" => Ok(Switch::Off),
            _ => {
                let problem = format!("`{name}` is true, false or \"auto\"");
                Err(self.error(value.span().start, problem))
            }
        }
    }

    fn accounts(&mut self, value: &Value<'_>) -> Result<BTreeMap<String, Account>, ConfigError> {
        let mut accounts = BTreeMap::new();
        for (name, value) in self.table("accounts", value)? {
            let known = name.get_ref().as_ref();
            if known == LOCAL {
                let problem = "`local` is the account of the server inside; take another name";
                return Err(self.error(name.span().start, problem));
            }
            self.check_name(name)?;
            accounts.insert(known.to_owned(), self.account(known, name, value)?);
        }
        Ok(accounts)
    }

    fn account(
        &mut self,
        name: &str,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
    ) -> Result<Account, ConfigError> {
        let section = format!("accounts.{name}");
        let (mut url, mut token_file) = (None, None);
        for (key, value) in self.table(&section, value)? {
            match key.get_ref().as_ref() {
                "url" => url = Some(self.url(value)?),
                "token_file" => token_file = Some(self.path("token_file", value)?),
                _ => self.unknown(&section, key),
            }
        }
        let url = url.ok_or_else(|| {
            let problem = format!(
                "`{section}` needs `url`, the address of its API, as \
                 \"https://api.bufferapp.com/1/\""
            );
            self.error(key.span().start, problem)
        })?;
        Ok(Account { url, token_file })
    }

    fn server(&mut self, value: &Value<'_>) -> Result<Server, ConfigError> {
        let mut server = Server::default();
        for (key, value) in self.table("server", value)? {
            match key.get_ref().as_ref() {
                "allowed_hosts" => server.allowed_hosts = self.strings("allowed_hosts", value)?,
                "pending_limit" => {
                    server.pending_limit = Some(self.count("pending_limit", value)?);
                }
                "rate_limit" => server.rate_limit = Some(self.count("rate_limit", value)?),
                "connections" => server.connections = self.connections(value)?,
                _ => self.unknown("server", key),
            }
        }
        Ok(server)
    }

    fn connections(
        &mut self,
        value: &Value<'_>,
    ) -> Result<BTreeMap<String, Connection>, ConfigError> {
        let mut connections = BTreeMap::new();
        for (key, value) in self.table("server.connections", value)? {
            let name = key.get_ref().as_ref();
            if name == "demo" {
                let problem = "`demo` is the connection that is always there; take another name";
                return Err(self.error(key.span().start, problem));
            }
            self.check_name(key)?;
            let section = format!("server.connections.{name}");
            let (mut command, mut interactions) = (None, None);
            for (key, value) in self.table(&section, value)? {
                match key.get_ref().as_ref() {
                    "command" => command = Some(self.program("command", value)?),
                    "interactions" => interactions = Some(self.program("interactions", value)?),
                    _ => self.unknown(&section, key),
                }
            }
            let command = command.ok_or_else(|| {
                let problem =
                    format!("`{section}` needs `command`, as [\"/path/to/program\", \"argument\"]");
                self.error(key.span().start, problem)
            })?;
            let connection = Connection {
                command,
                interactions,
            };
            connections.insert(name.to_owned(), connection);
        }
        Ok(connections)
    }

    fn keys(&mut self, value: &Value<'_>) -> Result<Vec<Keys>, ConfigError> {
        let mut all = Vec::new();
        for (key, value) in self.table("keys", value)? {
            let command = key.get_ref().to_string();
            let problem =
                || format!("`{command}` is a key or a list of keys, as [\"J\", \"down\"]");
            let keys = match value.get_ref() {
                DeValue::String(one) => vec![one.to_string()],
                DeValue::Array(_) => self
                    .strings(&command, value)
                    .map_err(|_| self.error(value.span().start, problem()))?,
                _ => return Err(self.error(value.span().start, problem())),
            };
            let line = line_of(self.text, key.span().start);
            let at = format!("{}:{line}", self.file.display());
            all.push((key.span().start, Keys { command, keys, at }));
        }
        // The parser sorts by name; the person's own order is the better one for messages.
        all.sort_by_key(|(at, _)| *at);
        Ok(all.into_iter().map(|(_, keys)| keys).collect())
    }

    fn url(&self, value: &Value<'_>) -> Result<String, ConfigError> {
        let url = self.string("url", value)?;
        super::secret::check_url(&url)
            .map_err(|problem| self.error(value.span().start, format!("`url` {problem}")))?;
        Ok(url)
    }

    /// A relative path stands beside the config file. `~/` stays as it is: where home is, is not
    /// known here.
    fn path(&self, name: &str, value: &Value<'_>) -> Result<PathBuf, ConfigError> {
        let text = self.string(name, value)?;
        if text.starts_with("~/") {
            return Ok(PathBuf::from(text));
        }
        let beside = self.file.parent().unwrap_or(Path::new("."));
        Ok(beside.join(text))
    }

    fn program(&self, name: &str, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        let problem = || {
            let problem = format!(
                "`{name}` is a list of the program and its arguments, as \
                 [\"/path/to/program\", \"argument\"]; no shell reads it"
            );
            self.error(value.span().start, problem)
        };
        let words = self.strings(name, value).map_err(|_| problem())?;
        match words.first() {
            Some(program) if !program.is_empty() => Ok(words),
            _ => Err(problem()),
        }
    }

    fn strings(&self, name: &str, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        let list = value.get_ref().as_array();
        let list = list.ok_or_else(|| self.not(name, "a list of texts", value))?;
        list.iter().map(|item| self.string(name, item)).collect()
    }

    fn string(&self, name: &str, value: &Value<'_>) -> Result<String, ConfigError> {
        let text = value.get_ref().as_str();
        text.map(str::to_owned)
            .ok_or_else(|| self.not(name, "a text in quotes", value))
    }

    fn boolean(&self, name: &str, value: &Value<'_>) -> Result<bool, ConfigError> {
        let choice = value.get_ref().as_bool();
        choice.ok_or_else(|| self.not(name, "true or false", value))
    }

    /// A word nobody knows is no reason not to start.
    fn word(
        &mut self,
        name: &str,
        value: &Value<'_>,
        known: &[&str],
    ) -> Result<String, ConfigError> {
        let word = self.string(name, value)?;
        if !known.contains(&word.as_str()) {
            let hint = match nearest(&word, known) {
                Some(right) => format!("did you mean `{right}`?"),
                None => format!("there are: {}", known.join(", ")),
            };
            let line = line_of(self.text, value.span().start);
            let file = self.file.display();
            self.warnings.push(format!(
                "{file}:{line}: there is no {name} `{word}`; {hint}"
            ));
        }
        Ok(word)
    }

    fn seconds(&self, name: &str, value: &Value<'_>) -> Result<u32, ConfigError> {
        integer(value)
            .filter(|seconds| *seconds <= LONGEST_WINDOW)
            .ok_or_else(|| self.not(name, "a whole number of seconds from 0 to 3600", value))
    }

    fn count(&self, name: &str, value: &Value<'_>) -> Result<u32, ConfigError> {
        integer(value)
            .filter(|n| *n > 0)
            .ok_or_else(|| self.not(name, "a whole number from 1 (leave it out for none)", value))
    }

    fn table<'v, 't>(
        &self,
        name: &str,
        value: &'v Value<'t>,
    ) -> Result<&'v DeTable<'t>, ConfigError> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.not(name, "a section", value))
    }

    /// Names of accounts and connections become parts of file names and of requests.
    fn check_name(&self, key: &Spanned<std::borrow::Cow<'_, str>>) -> Result<(), ConfigError> {
        let name = key.get_ref();
        let fits = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits {
            return Ok(());
        }
        let problem = format!("`{name}` is no name: 1 to 32 letters, digits, `-` or `_`");
        Err(self.error(key.span().start, problem))
    }

    fn unknown(&mut self, section: &str, key: &Spanned<std::borrow::Cow<'_, str>>) {
        let known = known(section);
        let name = key.get_ref();
        let line = line_of(self.text, key.span().start);
        let dot = if section.is_empty() { "" } else { "." };
        let hint = match nearest(name, &known) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are: {}", known.join(", ")),
        };
        self.warnings.push(format!(
            "{}:{line}: there is no option `{section}{dot}{name}`; {hint}",
            self.file.display()
        ));
    }

    fn not(&self, name: &str, want: &str, value: &Value<'_>) -> ConfigError {
        let got = value.get_ref().type_str();
        let article = if got.starts_with(['a', 'i']) {
            "an"
        } else {
            "a"
        };
        let problem = format!("`{name}` is {want}, not {article} {got} like this");
        self.error(value.span().start, problem)
    }

    fn error(&self, at: usize, problem: impl Into<String>) -> ConfigError {
        self.error_at(line_of(self.text, at), problem.into())
    }

    fn error_at(&self, line: usize, problem: String) -> ConfigError {
        ConfigError::Line {
            file: self.file.to_owned(),
            line,
            problem,
        }
    }
}
