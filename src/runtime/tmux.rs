//! tmux around the editor: it is asked to take a text, and to tell the terminal it is shown on.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use crate::app::action::Copying;
use crate::app::doctor::TmuxSays;

/// Where tmux is, as the environment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmux {
    /// `TMUX`: the server this terminal belongs to.
    pub server: String,
    /// `PATH`: where the program is looked for.
    pub path: String,
}

/// A text that was handed to tmux.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) what: Copying,
    pub(super) text: String,
    /// Whether tmux took it.
    pub(super) taken: bool,
}

impl Tmux {
    /// Hands it a text; a thread waits for the answer, so that no key does.
    pub(super) fn hand(&self, what: Copying, text: String, answers: UnboundedSender<Handed>) {
        let tmux = self.clone();
        thread::spawn(move || {
            let taken = tmux.load(&text).unwrap_or(false);
            let _ = answers.send(Handed { what, text, taken });
        });
    }

    /// Asks how it is set; a thread waits for the answers.
    pub(super) fn ask(&self, answers: UnboundedSender<TmuxSays>) {
        let tmux = self.clone();
        thread::spawn(move || {
            let _ = answers.send(tmux.says());
        });
    }

    /// Returns what it says of itself.
    pub fn says(&self) -> TmuxSays {
        let option = |name| self.output(&["show-options", "-gv", name]);
        TmuxSays {
            version: self.output(&["-V"]),
            clipboard: option("set-clipboard"),
            passthrough: option("allow-passthrough"),
            focus_events: option("focus-events"),
        }
    }

    fn output(&self, arguments: &[&str]) -> Option<String> {
        let output = self.command(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let text = text.trim();
        (output.status.success() && !text.is_empty()).then(|| text.to_owned())
    }

    /// It gets an environment of its own: ours holds tokens.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command
            .args(arguments)
            .env_clear()
            .env("TMUX", &self.server)
            .env("PATH", &self.path)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Needs tmux 3.2 or newer.
    fn load(&self, text: &str) -> std::io::Result<bool> {
        let mut child = self
            .command(&["load-buffer", "-w", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes())?;
        }
        Ok(child.wait()?.success())
    }
}
