//! Which account is opened, where its API is, and with which token.

use std::path::{Path, PathBuf};

use crate::cli::{Exit, Global};
use crate::config::paths::account_key;
use crate::config::secret::{self, Token};
use crate::config::{Account, Config, LOCAL};
use crate::domain::nearest::nearest;

use super::Failure;
use super::environment::Environment;

/// What the person wants to edit.
#[derive(Debug)]
pub(super) enum Chosen {
    /// The queues of the server inside.
    Local,
    /// Those of another server.
    Remote(Remote),
}

/// A remote account, ready to be opened.
#[derive(Debug)]
pub(super) struct Remote {
    /// What the status line calls it.
    pub(super) name: String,
    /// The key of its store.
    pub(super) key: String,
    /// Where its API is.
    pub(super) url: String,
    /// How to sign in.
    pub(super) token: Token,
}

/// Chooses by option, then environment, then config file.
pub(super) fn choose(
    global: &Global,
    config: &Config,
    environment: &Environment,
) -> Result<Chosen, Failure> {
    let address = match (&global.api_url, &global.account) {
        (Some(url), _) => Some(url),
        (None, Some(_)) => None,
        (None, None) => environment.api_url.as_ref(),
    };
    if let Some(url) = address {
        return by_url(url, global, environment).map(Chosen::Remote);
    }
    let name = global.account.as_ref().unwrap_or(&config.account);
    if name == LOCAL {
        if global.token_file.is_some() {
            let problem = "the local account needs no token: leave --token-file out, or say which \
                           server with --api-url";
            return Err(Failure::new(Exit::Usage, problem));
        }
        return Ok(Chosen::Local);
    }
    by_name(name, global, config, environment).map(Chosen::Remote)
}

fn by_url(url: &str, global: &Global, environment: &Environment) -> Result<Remote, Failure> {
    secret::check_url(url)
        .map_err(|problem| Failure::new(Exit::Usage, format!("the address `{url}` {problem}")))?;
    let authority = url.split("://").nth(1).unwrap_or(url);
    Ok(Remote {
        name: authority.split('/').next().unwrap_or(url).to_owned(),
        key: account_key(None, url),
        url: url.to_owned(),
        token: token(global, environment, None)?,
    })
}

fn by_name(
    name: &str,
    global: &Global,
    config: &Config,
    environment: &Environment,
) -> Result<Remote, Failure> {
    let account = config.accounts.get(name).ok_or_else(|| {
        let mut names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
        names.push(LOCAL);
        let hint = match nearest(name, &names) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are: {}", names.join(", ")),
        };
        Failure::new(Exit::Usage, format!("there is no account `{name}`; {hint}"))
    })?;
    let file = account.token_file.as_deref();
    Ok(Remote {
        name: name.to_owned(),
        key: account_key(Some(name), &account.url),
        url: account.url.clone(),
        token: token(global, environment, file)?,
    })
}

fn token(
    global: &Global,
    environment: &Environment,
    of_account: Option<&Path>,
) -> Result<Token, Failure> {
    let read = |file: PathBuf| secret::read_token(&file).map_err(|e| Failure::new(Exit::SignIn, e));
    if let Some(file) = &global.token_file {
        return read(file.clone());
    }
    if let Some(token) = &environment.token {
        return Ok(token.clone());
    }
    match of_account {
        Some(file) => read(at_home(file, environment)),
        None => Err(Failure::new(
            Exit::SignIn,
            "there is no access token: set QURATE_TOKEN, use --token-file FILE, or give the account \
             a `token_file` in config.toml",
        )),
    }
}

/// Says where the token of an account comes from, or why there is none that can be used.
pub(super) fn where_token(
    account: &Account,
    global: &Global,
    environment: &Environment,
) -> Result<String, String> {
    let file = account.token_file.as_deref();
    let token = token(global, environment, file).map_err(|failure| failure.message)?;
    // Only whether there is one was asked.
    drop(token);
    Ok(match (&environment.token, file) {
        (Some(_), _) => "QURATE_TOKEN".to_owned(),
        (None, Some(file)) => at_home(file, environment).display().to_string(),
        (None, None) => "--token-file".to_owned(),
    })
}

fn at_home(file: &Path, environment: &Environment) -> PathBuf {
    match (file.strip_prefix("~"), &environment.home) {
        (Ok(below), Some(home)) => home.join(below),
        _ => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn environment(api_url: Option<&str>, token: Option<&str>) -> Environment {
        Environment {
            api_url: api_url.map(str::to_owned),
            token: token.and_then(Token::new),
            ..Environment::default()
        }
    }

    fn config(dir: &Path) -> Config {
        let text = "account = \"work\"\n[accounts.work]\nurl = \"https://a.example/1/\"\n\
                    token_file = \"t\"";
        Config::parse(text, &dir.join("config.toml")).unwrap()
    }

    fn remote(chosen: Result<Chosen, Failure>) -> Remote {
        match chosen {
            Ok(Chosen::Remote(remote)) => remote,
            other => panic!("{other:?}"),
        }
    }

    fn named(account: &str) -> Global {
        Global {
            account: Some(account.to_owned()),
            ..Global::default()
        }
    }

    fn at(url: &str) -> Global {
        Global {
            api_url: Some(url.to_owned()),
            ..Global::default()
        }
    }

    #[test]
    fn the_first_start_is_local() {
        let chosen = choose(
            &Global::default(),
            &Config::default(),
            &environment(None, None),
        );
        assert!(matches!(chosen, Ok(Chosen::Local)));
    }

    #[test]
    fn the_option_wins_over_the_environment_and_that_over_the_file() {
        let config = config(Path::new("/"));
        let variables = environment(Some("https://b.example/1/"), Some("abc"));
        let chosen = remote(choose(&at("http://127.0.0.1:1/1/"), &config, &variables));
        assert_eq!(chosen.name, "127.0.0.1:1");
        assert_eq!(chosen.url, "http://127.0.0.1:1/1/");
        let chosen = remote(choose(&Global::default(), &config, &variables));
        assert_eq!(chosen.name, "b.example");
        let chosen = remote(choose(&named("work"), &config, &variables));
        assert_eq!(chosen.key, "work");
        let chosen = choose(&named(LOCAL), &config, &variables);
        assert!(matches!(chosen, Ok(Chosen::Local)));
    }

    #[test]
    fn an_account_brings_its_own_token_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t");
        let (global, config) = (Global::default(), config(dir.path()));
        let missing = choose(&global, &config, &environment(None, None)).unwrap_err();
        assert_eq!(missing.exit, Exit::SignIn, "{}", missing.message);
        fs::write(&file, "secret\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let chosen = remote(choose(&global, &config, &environment(None, None)));
        assert_eq!(chosen.token.reveal(), "secret");
        let mut at_home = environment(None, None);
        at_home.home = Some(dir.path().to_owned());
        let mut config = config;
        let account = config.accounts.get_mut("work").unwrap();
        account.token_file = Some("~/t".into());
        let chosen = remote(choose(&global, &config, &at_home));
        assert_eq!(chosen.token.reveal(), "secret");
    }

    #[test]
    fn what_is_missing_or_unsafe_is_said_with_what_to_do() {
        let (config, token) = (Config::default(), environment(None, Some("abc")));
        let clear = choose(&at("http://a.example/1/"), &config, &token).unwrap_err();
        assert_eq!(clear.exit, Exit::Usage);
        assert!(clear.message.contains("https://"), "{}", clear.message);
        let none = environment(None, None);
        let none = choose(&at("https://a.example/1/"), &config, &none).unwrap_err();
        assert_eq!(none.exit, Exit::SignIn);
        assert!(none.message.contains("QURATE_TOKEN"), "{}", none.message);
        let other = choose(&named("locl"), &config, &token).unwrap_err();
        assert!(other.message.contains("did you mean `local`?"));
    }
}
