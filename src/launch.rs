//! Where the parts are put together: options and config become a server, a worker and an editor.
//!
//! There is no logic here, only order: what is opened first, what ends last, and what is said on
//! standard error in between. The environment is read here and nowhere else, and passed on as
//! arguments. Tokens stay in it only as long as the process lives: removing a variable is not safe
//! once threads run, so programs that the server starts get an environment of their own instead.

mod account;
mod environment;
mod log;
mod throwaway;

use std::ffi::OsString;
use std::io::{self, Write};

use crate::cli::{Command, Exit, Invocation};
use crate::config::Config;

use crate::config::paths::Paths;
use environment::Environment;

/// Runs the program with these arguments (its own name first).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    // Before anything is made: stores, sockets, logs and tokens are nobody else's business.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let invocation = match Invocation::parse_arguments(arguments) {
        Ok(invocation) => invocation,
        Err(error) => return usage(&error),
    };
    match start(&invocation) {
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

fn start(invocation: &Invocation) -> Result<Exit, Failure> {
    let global = &invocation.global;
    let environment = Environment::read()?;
    let paths = Paths::find(
        global.state_dir.as_deref(),
        global.config.as_deref(),
        &environment::variable,
    )
    .map_err(|e| Failure::new(Exit::Error, e))?;
    let config = Config::load(&paths.config, paths.config_asked_for)
        .map_err(|e| Failure::new(Exit::Error, e))?;
    for warning in &config.warnings {
        say(&format!("qurate: {warning}"));
    }
    match &invocation.command {
        None | Some(Command::Demo { .. } | Command::Serve(_)) => {
            Err(Failure::new(Exit::Error, "this part is not built yet"))
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
