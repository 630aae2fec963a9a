//! Other programs: what they get of our environment, how long they may take, what they say.
//!
//! Nothing is ever given to a shell, and no token is in a child's environment. A thread waits for
//! each, so that no key does; what came of it is told through a channel. Custom commands end with
//! the editor; what opens an address does not, as it may be the person's browser.

mod programs;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::app::Action;
use crate::app::action::{Opened, Ran};
use crate::domain::time::Timestamp;

pub(super) use programs::Programs;

/// So long it is waited whether an opener fails; one that goes on is a browser.
const OPENING: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(20);

/// What a program did.
#[derive(Debug)]
pub(super) enum Told {
    /// An opener.
    Opened { url: String, outcome: Opened },
    /// A custom command.
    Ran { number: u64, outcome: Ran },
}

impl Told {
    /// Returns what it means to the app.
    pub(super) fn action(self, now: Timestamp) -> Action {
        match self {
            Self::Opened { url, outcome } => Action::Opened { url, outcome, now },
            Self::Ran { number, outcome } => Action::Ran {
                number,
                outcome,
                now,
            },
        }
    }
}

/// The program that opens addresses, and what stands before the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opener {
    /// The program.
    pub program: String,
    /// Its arguments; `%s` in one stands for the address, else that comes last.
    pub arguments: Vec<String>,
}

impl Opener {
    /// Opens an address; what came of it is told.
    pub(super) fn open(&self, url: String, told: UnboundedSender<Told>) {
        let opener = self.clone();
        thread::spawn(move || {
            let outcome = opener.run(&url);
            let _ = told.send(Told::Opened { url, outcome });
        });
    }

    fn arguments(&self, url: &str) -> Vec<String> {
        let has_place = self
            .arguments
            .iter()
            .any(|argument| argument.contains("%s"));
        let mut all: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| argument.replace("%s", url))
            .collect();
        if !has_place {
            all.push(url.to_owned());
        }
        all
    }

    fn run(&self, url: &str) -> Opened {
        let program = self.program.clone();
        let mut command = Command::new(&program);
        command
            .args(self.arguments(url))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        with_own_environment(&mut command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Opened::Failed(format!("{program} cannot be started: {error}")),
        };
        match wait(&mut child, OPENING) {
            Some(status) if !status.success() => {
                Opened::Failed(format!("{program} failed ({status})"))
            }
            // A browser that stays is waited for here, so that it leaves no zombie.
            None => {
                thread::spawn(move || child.wait());
                Opened::By(program)
            }
            Some(_) => Opened::By(program),
        }
    }
}

/// What the C library reads when a program begins.
pub(crate) const TUNABLES: &str = "GLIBC_TUNABLES";
/// What stood in [`TUNABLES`] when the program was started, if it put something there itself.
pub(crate) const TUNABLES_BEFORE: &str = "QURATE_TUNABLES_BEFORE";

/// Gives a program the environment we were started with, less our tokens.
pub(super) fn with_own_environment(command: &mut Command) {
    for token in ["QURATE_TOKEN", "QURATE_SERVER_TOKEN"] {
        command.env_remove(token);
    }
    if let Some(before) = env::var_os(TUNABLES_BEFORE) {
        command.env_remove(TUNABLES_BEFORE);
        if before.is_empty() {
            command.env_remove(TUNABLES);
        } else {
            command.env(TUNABLES, before);
        }
    }
}

/// Waits for a program to end, for so long.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if begun.elapsed() < patience => thread::sleep(STEP),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opener_gets_the_address_as_one_argument() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("opened");
        let opener = |arguments: &[&str]| Opener {
            program: "sh".to_owned(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        };
        // No `%s` in it: that would be the place of the address.
        let script = format!("echo \"$1\" > {}", file.display());
        let url = "https://a.example/$(id);x";
        let outcome = opener(&["-c", &script, "sh"]).run(url);
        assert_eq!(outcome, Opened::By("sh".to_owned()));
        assert_eq!(std::fs::read_to_string(file).unwrap(), format!("{url}\n"));
        let failed = opener(&["-c", "exit 4", "%s"]).run(url);
        assert!(matches!(failed, Opened::Failed(_)), "{failed:?}");
    }
}
