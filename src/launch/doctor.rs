//! `qurate doctor`: what is known of the terminal, the config and the places is put together here.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use crate::app::keymap::Keymap;
use crate::cli::doctor::{Patient, exit, report};
use crate::cli::{Exit, Global};
use crate::config::paths::Paths;
use crate::config::{Config, ConfigError};
use crate::domain::doctor::Screen;
use crate::domain::shown::Shown;
use crate::domain::terminal::{Inside, Terminal};

use super::environment::{self, Environment};
use super::throwaway::Throwaway;
use super::{Failure, account, configuration, edit};

/// Looks at everything and says it.
pub(super) fn doctor(
    global: &Global,
    paths: &Paths,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let failed = |error: io::Error| Failure::new(Exit::Error, error);
    let (mut config, mut problems) = match Config::load(&paths.config, paths.config_asked_for) {
        Ok(config) => (config, Vec::new()),
        Err(ConfigError::Wrong { problems }) => (Config::default(), problems),
        Err(error) => (Config::default(), vec![error.to_string()]),
    };
    config.low_bandwidth |= global.low_bandwidth;
    let terminal = Terminal::of(|name| environment::variable(name)?.into_string().ok());
    let preferences = configuration::preferences(&config, &terminal);
    let (_, errors) = Keymap::with_bindings(&preferences.keys);
    problems.extend(preferences.problems);
    problems.extend(errors.iter().map(ToString::to_string));
    let says = match terminal.inside {
        Inside::Tmux => edit::tmux().map(|tmux| tmux.says()),
        Inside::Nothing | Inside::Screen => None,
    };
    let scratch = Throwaway::make(&std::env::temp_dir()).map_err(failed)?;
    let tokens: BTreeMap<String, Result<String, String>> = config
        .accounts
        .iter()
        .map(|(name, of)| (name.clone(), account::where_token(of, global, environment)))
        .collect();
    let patient = Patient {
        version: env!("CARGO_PKG_VERSION"),
        screen: Screen {
            terminal: &terminal,
            size: size(),
            theme: config.theme,
            mouse: preferences.mouse,
            links: preferences.links,
            call: preferences.call,
            line: preferences.line,
            tmux: says.as_ref(),
        },
        paths,
        config: &config,
        problems,
        tokens,
        scratch: scratch.path(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let report = runtime.block_on(report(patient));
    // Names of files and what stands in them may be anybody's.
    let mut text = String::new();
    for line in Shown::lines(&report.text()) {
        text.push_str(line.as_str());
        text.push('\n');
    }
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read it has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(error)),
        _ => Ok(exit(&report)),
    }
}

/// The size of the terminal, if there is one; the system is asked, not the terminal.
fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stdout())
        .or_else(|_| rustix::termios::tcgetwinsize(io::stdin()))
        .ok()?;
    (size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}
