//! Where the parts are put together: options and config become a server, a worker and an editor.
//!
//! There is no logic here, only order: what is opened first, what ends last, and what is said on
//! standard error in between. The environment is read here and nowhere else, and passed on as
//! arguments. Tokens stay in it only as long as the process lives: removing a variable is not safe
//! once threads run, so programs that the server starts get an environment of their own instead.

mod account;
mod agent;
mod answer;
mod configuration;
mod doctor;
mod edit;
mod ending;
mod environment;
mod heaps;
mod inside;
mod log;
mod parting;
mod record;
mod serve;
mod throwaway;
mod zone;

use std::ffi::OsString;
use std::io::{self, Write};

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::v1::{Endpoint, Secret, V1};
use crate::app::state::AccountKind;
use crate::cli::{Command, Exit, Global, Invocation};
use crate::config::{Config, LOCAL};
use crate::runtime::{self, agent::Until};
use crate::server::{self, DEMO};
use crate::store::Place;

use crate::config::paths::Paths;
use account::{Chosen, Remote};
use edit::{Front, Opening};
use ending::Ending;
use environment::Environment;
use inside::Inside;
use throwaway::Throwaway;

/// Runs the program with these arguments (its own name first).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    // Before anything is made: stores, sockets, logs and tokens are nobody else's business.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    no_core_dumps();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let invocation = match Invocation::parse_arguments(arguments.iter().cloned()) {
        Ok(invocation) => invocation,
        Err(error) => return usage(&error),
    };
    match start(&invocation, &arguments) {
        Ok(exit) => exit,
        Err(failure) => {
            say(&format!("qurate: {}", failure.message));
            failure.exit
        }
    }
}

/// Why it could not go on: what happened and what to do next, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl std::fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
        }
    }
}

/// Who works on an account.
#[derive(Debug, Clone, Copy)]
enum By<'a> {
    /// A person, with what is said of the editor on the command line.
    Person(Front, &'a Global),
    /// Nobody: what waits is sent.
    Agent(Until),
}

impl By<'_> {
    /// Says what is missing, before anything is started.
    fn check_terminal(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Person(front, _) => edit::check_terminal(front, environment),
            Self::Agent(_) => Ok(()),
        }
    }
}

fn start(invocation: &Invocation, arguments: &[OsString]) -> Result<Exit, Failure> {
    let global = &invocation.global;
    match &invocation.command {
        Some(Command::Replay(options)) => return record::replay(options),
        Some(Command::Agent(options)) if options.unit => return agent::print_unit(global),
        _ => {}
    }
    if let Some(Command::Config { schema, .. }) = invocation.command {
        // Before the file is read: who asks may want to mend it.
        return configuration::print(schema);
    }
    // Before anything is read, as it would be read twice.
    heaps::keep_small(arguments);
    let environment = Environment::read()?;
    // The editor stays where it was started, but a path in a message should tell where.
    let state_dir = global.state_dir.as_ref().map(std::path::absolute);
    let state_dir = state_dir
        .transpose()
        .map_err(|e| Failure::new(Exit::Usage, e))?;
    let paths = Paths::find(
        state_dir.as_deref(),
        global.config.as_deref(),
        &environment::variable,
    )
    .map_err(|e| Failure::new(Exit::Error, e))?;
    if invocation.command == Some(Command::Doctor) {
        return doctor::doctor(global, &paths, &environment);
    }
    let mut config = Config::load(&paths.config, paths.config_asked_for)
        .map_err(|e| Failure::new(Exit::Error, e))?;
    config.low_bandwidth |= global.low_bandwidth;
    survive_signals();
    let by = match &invocation.command {
        Some(Command::Agent(options)) => By::Agent(agent::until(options)),
        _ if global.plain => By::Person(Front::Plain, global),
        _ => By::Person(Front::Screen, global),
    };
    match &invocation.command {
        None | Some(Command::Agent(_)) => match account::choose(global, &config, &environment)? {
            Chosen::Remote(remote) => open_remote(remote, by, &paths, &config, &environment),
            Chosen::Local => open_local(by, &paths, &config, &environment),
        },
        Some(Command::Demo { updates }) => demo(*updates, by, &paths, &config, &environment),
        Some(Command::Serve(options)) => serve::serve(options, &paths, &config, &environment),
        Some(Command::Config { schema, .. }) => configuration::print(*schema),
        Some(Command::Doctor) => doctor::doctor(global, &paths, &environment),
        Some(Command::Replay(options)) => record::replay(options),
    }
}

/// Makes the directories, and begins the log in them.
fn prepare(paths: &Paths, environment: &Environment) -> Result<(), Failure> {
    paths.make().map_err(|e| Failure::new(Exit::Error, e))?;
    log::start(&paths.log(), environment.log.as_deref());
    Ok(())
}

fn open_local(
    by: By<'_>,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Exit, Failure> {
    by.check_terminal(environment)?;
    prepare(paths, environment)?;
    let token = match &environment.server_token {
        Some(token) => server::Token::new(token.reveal()),
        None => None,
    };
    let token = match token {
        Some(token) => token,
        None => serve::kept_quietly(&paths.data.join("token"))?,
    };
    let mut settings = server::Config::new(Place::File(paths.database()), token);
    answer::configure(&mut settings, &config.server);
    open_inside(
        LOCAL,
        AccountKind::Local,
        settings,
        by,
        paths,
        config,
        environment,
    )
}

fn demo(
    updates: u32,
    by: By<'_>,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Exit, Failure> {
    by.check_terminal(environment)?;
    let failed = |e: io::Error| Failure::new(Exit::Error, format!("no room for the demo: {e}"));
    let temporary = std::env::temp_dir();
    let throwaway = Throwaway::make(&temporary).map_err(failed)?;
    let paths = paths.below(throwaway.path(), &temporary);
    prepare(&paths, environment)?;
    let token = server::Token::fresh().map_err(failed)?;
    let mut settings = server::Config::new(Place::Memory, token);
    settings.demo = Some(updates);
    open_inside(
        DEMO,
        AccountKind::Demo,
        settings,
        by,
        &paths,
        config,
        environment,
    )
}

fn open_inside(
    name: &str,
    kind: AccountKind,
    settings: server::Config,
    by: By<'_>,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let inside = Inside::start(settings, paths.socket.clone())
        .map_err(|problem| Failure::new(Exit::Error, problem))?;
    let opening = Opening {
        name: name.to_owned(),
        kind,
        url: "the server inside".to_owned(),
        meeting: paths.meeting(&paths.store(name)),
        store: paths.store(name),
        api: V1::new(Endpoint::socket(&paths.socket), Secret::none()),
    };
    let ending = work(opening, by, paths, config, environment)?;
    match inside.stop() {
        Ok(served) => Ok(finish(&ending, served && kind == AccountKind::Local)),
        Err(problem) => {
            finish(&ending, false);
            Err(Failure::new(Exit::Error, problem))
        }
    }
}

fn open_remote(
    remote: Remote,
    by: By<'_>,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Exit, Failure> {
    by.check_terminal(environment)?;
    let endpoint = Endpoint::url(&remote.url).map_err(|e| Failure::new(Exit::Usage, e))?;
    let secret = Secret::new(remote.token.reveal()).map_err(|e| Failure::new(Exit::SignIn, e))?;
    prepare(paths, environment)?;
    let opening = Opening {
        name: remote.name,
        kind: AccountKind::Remote,
        url: remote.url,
        meeting: paths.meeting(&paths.store(&remote.key)),
        store: paths.store(&remote.key),
        api: V1::new(endpoint, secret),
    };
    let ending = work(opening, by, paths, config, environment)?;
    Ok(finish(&ending, false))
}

/// Has an account worked on.
fn work(
    opening: Opening,
    by: By<'_>,
    paths: &Paths,
    config: &Config,
    environment: &Environment,
) -> Result<Ending, Failure> {
    match by {
        By::Person(front, global) => {
            edit::edit(opening, (front, global), paths, config, environment)
        }
        By::Agent(until) => agent::attend(opening, until),
    }
}

/// Says what the person should know, now that the terminal is theirs again.
fn finish(ending: &Ending, publishes_only_here: bool) -> Exit {
    if let runtime::Exit::Failed(reason) | runtime::Exit::SignIn(reason) = &ending.exit {
        say(&format!("qurate: {reason}"));
    }
    for line in ending.words(publishes_only_here) {
        say(&line);
    }
    ending.code()
}

/// A dump of the memory would hold tokens. Where that cannot be refused, none is made as a rule.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
}

/// A file that may not grow (`ulimit -f`) shall be an error that is shown, not a signal that kills:
/// with any handler the write fails instead. The same for the wish to read the config again, before
/// the editor listens for it; and for a pipe that nobody reads, which a start that could not be begun
/// again (see [`heaps`]) would leave deadly. The runtime's handlers stay when the runtime is gone.
fn survive_signals() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    if let Ok(runtime) = runtime {
        let _guard = runtime.enter();
        for number in [Signal::XFSZ, Signal::USR1, Signal::PIPE] {
            let _handled = signal(SignalKind::from_raw(number.as_raw()));
        }
    }
}

/// Prints what clap has to say: help and version to standard output, complaints to standard error.
fn usage(error: &clap::Error) -> Exit {
    let printed = error.print();
    match (error.exit_code(), printed) {
        (0, Ok(())) => Exit::Ok,
        (0, Err(_)) => Exit::Error,
        _ => Exit::Usage,
    }
}

/// Says a line on standard error; if nobody can hear it there is nothing better to do.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
