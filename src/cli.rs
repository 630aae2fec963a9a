//! The command line: what can be asked for, and what the exit code says.
//!
//! Only the words are here; `launch` does what they say. No token is ever an argument: other people
//! on the machine can read arguments.

pub mod doctor;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// A keyboard-driven queue editor for social posts, in a terminal.
///
/// Without a command it opens the editor on the default account. Tokens come from QURATE_TOKEN, a
/// token file or the account in config.toml, never from an argument.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks are noise"
)]
#[command(name = "qurate", version, about, max_term_width = 100)]
pub struct Invocation {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; none: open the editor.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that stand before or after the command.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks are noise"
)]
pub struct Global {
    /// Keep everything (state, data, socket) below DIR
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Read FILE instead of qurate/config.toml in the config directory
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Open this account of config.toml (or `local`)
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "api_url")]
    pub account: Option<String>,
    /// Edit the queues of any server that speaks API v1 [env: QURATE_API_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,
    /// Read the access token from FILE, which only its owner may read [env: QURATE_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Take commands line by line and answer in sentences, without a screen
    #[arg(long, global = true)]
    pub plain: bool,
    /// Draw for a slow line: no borders, signs in ASCII, no more than 8 kB a second
    #[arg(long, global = true)]
    pub low_bandwidth: bool,
    /// Record all that happens in the editor into a new FILE, texts masked, for `qurate replay`
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record texts as they are
    #[arg(long, global = true, requires = "record")]
    pub record_texts: bool,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Open the editor on a throw-away server with sample data
    Demo {
        /// How many updates each profile's queue holds
        #[arg(long, value_name = "N", default_value_t = 24,
            value_parser = clap::value_parser!(u32).range(0..=200_000))]
        updates: u32,
    },
    /// Run the server alone, so that updates go out while no editor is open
    Serve(Serve),
    /// Send what waits while no editor is open, without a screen, until a signal ends it
    ///
    /// It takes the account options of the editor. On the local account it publishes too what is
    /// due. While an editor or another agent sends it waits, and goes on when that ends; an editor
    /// that is opened beside it works as ever. It says a few lines on standard error, nothing goes
    /// out early because it ends, and what nohup has it ignore it ignores.
    ///
    /// Exit codes: 4 if the account refuses to sign in, 128+n after signal n; with --until-sent 0 if
    /// all went out and 75 if something is kept that needs you.
    Agent(Agent),
    /// Print a config.toml with every option and key as it is without one
    Config {
        /// The same: what is printed if nothing else is asked for
        #[arg(long, conflicts_with = "schema")]
        default: bool,
        /// Print a JSON schema of config.toml instead
        #[arg(long)]
        schema: bool,
    },
    /// Say what the terminal can do and how config, stores and server stand; changes and asks nothing
    ///
    /// The exit code is 0 if all is well or works, and 5 if something is to be done.
    Doctor,
    /// Play a recording again and print its last screen; nothing is sent or stored
    Replay(Replay),
}

/// The options of `agent`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Agent {
    /// End when nothing waits any more: with 0, or with 75 if something needs you
    #[arg(long)]
    pub until_sent: bool,
    /// Print a systemd user unit that runs the agent with these options, and end
    #[arg(long, conflicts_with = "until_sent")]
    pub unit: bool,
}

/// The options of `replay`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Replay {
    /// What `--record` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Stop after the N-th action
    #[arg(long, value_name = "N")]
    pub step: Option<usize>,
    /// Print every screen that differs from the one before, with what led to it
    #[arg(long)]
    pub all: bool,
    /// List the actions by their numbers instead
    #[arg(long, conflicts_with = "all")]
    pub list: bool,
    /// As on a terminal of this size, as 80x24
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    pub size: Option<(u16, u16)>,
}

/// The options of `serve`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Serve {
    /// Listen on a loopback address as well as on the socket; port 0 picks one
    #[arg(long, value_name = "ADDR:PORT", value_parser = loopback)]
    pub listen: Option<SocketAddr>,
    /// Listen on this Unix socket instead of the default one
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Keep the queues in this database: a file, or sqlite:FILE
    #[arg(long, value_name = "URL", value_parser = database)]
    pub database: Option<PathBuf>,
    /// Serve sample data with a token of its own, from a throw-away database unless one is named
    #[arg(long)]
    pub demo: bool,
    /// How many updates each profile's queue holds in the sample data
    #[arg(long, value_name = "N", requires = "demo",
        value_parser = clap::value_parser!(u32).range(0..=200_000))]
    pub updates: Option<u32>,
    /// Answer no more than N requests a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate_limit: Option<u32>,
}

impl Invocation {
    /// Parses the arguments, the program's name first.
    pub fn parse_arguments(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let parsed = Self::try_parse_from(arguments)?;
        let global = &parsed.global;
        let elsewhere = global.api_url.is_some() || global.account.is_some();
        let edits = matches!(parsed.command, None | Some(Command::Demo { .. }));
        if global.record.is_some() && (global.plain || !edits) {
            return Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "--record is about the editor and its screen: leave it out with other commands and \
                 with --plain, whose script can be run again\n",
            ));
        }
        let draws = edits && !global.plain;
        if global.low_bandwidth && !draws && parsed.command != Some(Command::Doctor) {
            return Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "--low-bandwidth is about the editor's screen: leave it out with other commands and \
                 with --plain\n",
            ));
        }
        if global.plain && !edits {
            return Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "--plain is about the editor: the other commands have no screen\n",
            ));
        }
        let any_account = matches!(parsed.command, None | Some(Command::Agent(_)));
        if !any_account && (elsewhere || global.token_file.is_some()) {
            return Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "this command is about this machine: leave --api-url, --account and --token-file \
                 out\n",
            ));
        }
        Ok(parsed)
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "an address is as 127.0.0.1:8080; port 0 picks a free one".to_owned())?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(
        "only loopback addresses (127.0.0.1, [::1]) are served; put ssh or a TLS proxy in front \
         for other machines"
            .to_owned(),
    )
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let (width, height) = text.split_once(['x', '×']).unwrap_or_default();
    match (width.parse(), height.parse()) {
        (Ok(width @ 1..=1000), Ok(height @ 1..=500)) => Ok((width, height)),
        _ => Err("a size is as 80x24, 1000x500 at most".to_owned()),
    }
}

fn database(text: &str) -> Result<PathBuf, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Err("PostgreSQL is not supported yet; give a SQLite file".to_owned());
    }
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .unwrap_or(text);
    if path.is_empty() || path.starts_with(':') || path.contains('?') {
        return Err("a database is a file, as /var/lib/qurate/server.db".to_owned());
    }
    Ok(PathBuf::from(path))
}

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok,
    /// Something failed.
    Error,
    /// It was asked for in a way that makes no sense.
    Usage,
    /// The API refused or limited it.
    Refused,
    /// The token is missing or was refused.
    SignIn,
    /// There is a conflict, or there are findings.
    Conflict,
    /// Kept, but not yet sent.
    Kept,
    /// A signal ended it.
    Signal(u8),
}

impl Exit {
    /// Returns the code the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::SignIn => 4,
            Self::Conflict => 5,
            Self::Kept => 75,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation, clap::Error> {
        Invocation::parse_arguments(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Invocation::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        assert_eq!(
            parse("qurate --state-dir /x demo --updates 3").unwrap(),
            parse("qurate demo --updates 3 --state-dir /x").unwrap()
        );
    }

    #[test]
    fn no_command_is_the_editor() {
        let parsed = parse("qurate --api-url http://127.0.0.1:1/1/").unwrap();
        assert_eq!(parsed.command, None);
        assert_eq!(
            parsed.global.api_url.as_deref(),
            Some("http://127.0.0.1:1/1/")
        );
    }

    #[test]
    fn demo_has_24_updates_unless_told() {
        let parsed = parse("qurate demo").unwrap();
        assert_eq!(parsed.command, Some(Command::Demo { updates: 24 }));
    }

    #[test]
    fn the_agent_takes_the_account_options_of_the_editor() {
        let parsed = parse("qurate agent --until-sent --account work --token-file /t").unwrap();
        let agent = Agent {
            until_sent: true,
            unit: false,
        };
        assert_eq!(parsed.command, Some(Command::Agent(agent)));
        assert_eq!(parsed.global.account.as_deref(), Some("work"));
    }

    #[test]
    fn config_prints_the_defaults_unless_the_schema_is_asked_for() {
        let config = |default, schema| Some(Command::Config { default, schema });
        assert_eq!(
            parse("qurate config").unwrap().command,
            config(false, false)
        );
        assert_eq!(
            parse("qurate config --default").unwrap().command,
            config(true, false)
        );
        assert_eq!(
            parse("qurate config --schema").unwrap().command,
            config(false, true)
        );
    }

    #[test]
    fn serve_takes_all_its_options() {
        let parsed = parse(
            "qurate serve --listen 127.0.0.1:0 --socket /s --database sqlite:/d --rate-limit 60",
        );
        let Some(Command::Serve(serve)) = parsed.unwrap().command else {
            panic!("no serve");
        };
        assert_eq!(serve.listen, Some(([127, 0, 0, 1], 0).into()));
        assert_eq!(serve.database, Some("/d".into()));
        assert_eq!(serve.rate_limit, Some(60));
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        for line in [
            "qurate what",
            "qurate serve --listen 0.0.0.0:80",
            "qurate serve --listen 192.168.0.1:80",
            "qurate serve --listen here",
            "qurate serve --updates 3",
            "qurate serve --database postgres://h/d",
            "qurate serve --rate-limit 0",
            "qurate serve --token abc",
            "qurate demo --updates many",
            "qurate demo --api-url http://127.0.0.1/1/",
            "qurate --account a --api-url http://127.0.0.1/1/",
            "qurate serve --plain",
            "qurate config --plain",
            "qurate doctor --plain",
            "qurate doctor --account work",
            "qurate --record-texts",
            "qurate serve --record /x",
            "qurate --plain --record /x",
            "qurate replay",
            "qurate replay /x --size 80",
            "qurate replay /x --all --list",
            "qurate agent --plain",
            "qurate serve --low-bandwidth",
            "qurate --plain --low-bandwidth",
            "qurate agent --record /x",
            "qurate agent --until-sent --unit",
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}: {error}");
        }
    }

    #[test]
    fn help_and_version_are_no_errors() {
        for line in [
            "qurate help",
            "qurate --help",
            "qurate --version",
            "qurate help serve",
        ] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 0, "{line}");
        }
    }

    #[test]
    fn exit_codes_are_the_contract() {
        let all = [
            Exit::Ok,
            Exit::Error,
            Exit::Usage,
            Exit::Refused,
            Exit::SignIn,
            Exit::Conflict,
            Exit::Kept,
            Exit::Signal(15),
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 5, 75, 143]);
    }
}
