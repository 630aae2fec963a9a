//! tmux around the editor: it is asked to take a text, and to tell the terminal it is shown on.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use crate::app::action::Copying;

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

    /// Needs tmux 3.2 or newer. It gets an environment of its own: ours holds tokens.
    fn load(&self, text: &str) -> std::io::Result<bool> {
        let mut child = Command::new("tmux")
            .args(["load-buffer", "-w", "-"])
            .env_clear()
            .env("TMUX", &self.server)
            .env("PATH", &self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes())?;
        }
        Ok(child.wait()?.success())
    }
}
