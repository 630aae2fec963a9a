//! `qurate agent`: the worker of an account without an editor, and the unit that has it started.

use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::{Agent, Exit, Global};
use crate::runtime::agent::{Until, run};
use crate::sync;
use crate::sync::SystemClock;

use super::edit::Opening;
use super::ending::Ending;
use super::parting::LAST_COMMIT;
use super::{Failure, say};

/// The unit as it is in the sources; the line of the command is made anew.
const UNIT: &str = include_str!("../../assets/qurate-agent.service");

/// How long the agent runs with these options.
pub(super) fn until(options: &Agent) -> Until {
    if options.until_sent {
        Until::Sent
    } else {
        Until::Signal
    }
}

/// Sends what waits until a signal, or what was asked for, ends it.
pub(super) fn attend(opening: Opening, until: Until) -> Result<Ending, Failure> {
    let failed = |what: &str, e: io::Error| Failure::new(Exit::Error, format!("{what}: {e}"));
    let mut settings = opening.settings();
    settings.attended = false;
    say(&format!(
        "qurate: the agent works for the account {} ({})",
        opening.name, opening.url
    ));
    tracing::info!(account = opening.name, ?until, "the agent begins");
    let clock = std::sync::Arc::new(SystemClock::default());
    let worker = sync::spawn(opening.api, settings, clock)
        .map_err(|e| failed("the worker could not be started", e))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| failed("the agent could not be started", e))?;
    let (exit, agent) = runtime.block_on(run(until, &worker.commands, worker.events));
    let parting = worker.ended.wait(LAST_COMMIT);
    tracing::info!(account = opening.name, ?exit, "the agent ends");
    Ok(Ending {
        exit,
        kept: agent.counts().waiting,
        needing: agent.counts().held + agent.counts().failed,
        lost: 0,
        pending: agent.pending(),
        another_sends: agent.follows() || parting.is_some_and(|p| p.another_takes_over),
    })
}

/// Prints a unit that runs this program with these options.
pub(super) fn print_unit(global: &Global) -> Result<Exit, Failure> {
    let failed = |error: io::Error| Failure::new(Exit::Error, error);
    let program = std::env::current_exe().map_err(failed)?;
    let text = unit(&program, global).map_err(failed)?;
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read it has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(error)),
        _ => Ok(Exit::Ok),
    }
}

fn unit(program: &Path, global: &Global) -> io::Result<String> {
    let text = |path: &Path| {
        let absolute = std::path::absolute(path)?;
        let text = absolute.to_str().map(str::to_owned);
        text.ok_or_else(|| io::Error::other(format!("{} is no text", absolute.display())))
    };
    let mut words = vec![text(program)?];
    for (option, path) in [
        ("--state-dir", &global.state_dir),
        ("--config", &global.config),
        ("--token-file", &global.token_file),
    ] {
        if let Some(path) = path {
            words.extend([option.to_owned(), text(path)?]);
        }
    }
    for (option, value) in [
        ("--account", &global.account),
        ("--api-url", &global.api_url),
    ] {
        if let Some(value) = value {
            words.extend([option.to_owned(), value.clone()]);
        }
    }
    words.push("agent".to_owned());
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let lines = UNIT.lines().map(|line| match line.split_once('=') {
        Some(("ExecStart", _)) => format!("ExecStart={}\n", words.join(" ")),
        _ => format!("{line}\n"),
    });
    Ok(lines.collect())
}

/// Writes a word as systemd reads it back: its own signs are doubled, the rest is quoted.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@+,".contains(c);
    if word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut text = String::from('"');
    for c in word.chars() {
        match c {
            '%' | '$' => text.extend([c, c]),
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_runs_this_program_with_these_options() {
        let global = Global {
            config: Some("/home/me/my config.toml".into()),
            account: Some("work".to_owned()),
            ..Global::default()
        };
        let unit = unit(Path::new("/opt/50%/qurate"), &global).unwrap();
        let line = "\nExecStart=\"/opt/50%%/qurate\" --config \"/home/me/my config.toml\" \
                    --account work agent\n";
        assert!(unit.contains(line), "{unit}");
        assert_eq!(unit.matches("ExecStart=").count(), 1);
        assert!(unit.ends_with("WantedBy=default.target\n"));
    }
}
