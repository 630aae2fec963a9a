//! The person's own editor on a text: a file for it, a child process that has the terminal, and
//! what came of it. The text is only ever taken over whole; what cannot be taken over stays in the
//! file, and its place is said.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::Desk;
use super::child::with_own_environment;
use crate::app::action::Edited;

/// What a person can type is never as long; what is longer is the wrong file.
const MOST: u64 = 1 << 20;
/// How long an editor has to end when the program has to.
const PATIENCE: Duration = Duration::from_millis(300);
/// What a shell answers when there is no such program.
const NOT_FOUND: i32 = 127;

/// A text in the person's own editor.
#[derive(Debug)]
pub(super) struct Editing {
    child: Child,
    path: PathBuf,
    text: String,
    editor: String,
}

impl Editing {
    /// Writes the file and starts the editor. The terminal must be free.
    pub(super) fn begin(desk: &Desk, text: String) -> Result<Self, String> {
        let editor = desk.editor.to_string_lossy().into_owned();
        let path = write(&desk.directory, &text)
            .map_err(|error| format!("the text cannot be given to {editor}: {error}"))?;
        // By the shell, as the variables may hold options too; the path is an argument of its own.
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{editor} \"$@\""))
            .arg(&editor)
            .arg(&path)
            .kill_on_drop(true);
        if !io::stdin().is_terminal() {
            // The lines of a script are ours.
            command.stdin(Stdio::null());
        }
        with_own_environment(command.as_std_mut());
        match command.spawn() {
            Ok(child) => Ok(Self {
                child,
                path,
                text,
                editor,
            }),
            Err(error) => {
                let _ = fs::remove_file(&path);
                Err(format!(
                    "{editor} cannot be started: {error}; set VISUAL or EDITOR"
                ))
            }
        }
    }

    /// Waits for the editor to end.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Takes back what the editor left.
    pub(super) fn end(self, status: io::Result<ExitStatus>) -> Edited {
        let editor = &self.editor;
        let why = match status {
            Ok(status) if status.success() => match read(&self.path) {
                Ok(text) => {
                    let _ = fs::remove_file(&self.path);
                    return Edited::Text(text);
                }
                Err(error) => format!("what {editor} wrote cannot be read: {error}"),
            },
            Ok(status) if status.code() == Some(NOT_FOUND) => {
                format!("there is no editor `{editor}`: set VISUAL or EDITOR to one")
            }
            Ok(status) => format!("{editor} failed ({status})"),
            Err(error) => format!("nobody knows how {editor} ended: {error}"),
        };
        let why = format!("{why}; the text is as it was");
        let is_lost = read(&self.path).is_ok_and(|text| text == self.text);
        if is_lost || !self.path.exists() {
            let _ = fs::remove_file(&self.path);
            return Edited::Failed(why);
        }
        let path = self.path.display();
        Edited::Failed(format!("{why}, what was written there is in {path}"))
    }

    /// The program has to end: ends the editor, and takes what it had written into the file.
    pub(super) fn interrupt(mut self) -> Edited {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        match read(&self.path) {
            Ok(text) => {
                let _ = fs::remove_file(&self.path);
                Edited::Text(text)
            }
            Err(error) => Edited::Failed(error.to_string()),
        }
    }
}

/// Writes the text into a new file that only the person can read; it ends with a line break, as
/// editors leave it.
fn write(directory: &Path, text: &str) -> io::Result<PathBuf> {
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..100 {
        let name = format!("text-{}-{number}.txt", std::process::id());
        let path = directory.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match file {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.write_all(b"\n")?;
                return Ok(path);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads the file back, without the line break at its end.
fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > MOST {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    let text = fs::read_to_string(path)?.replace("\r\n", "\n");
    Ok(text.strip_suffix('\n').map_or(text.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn edit(editor: &str, text: &str) -> (Edited, Vec<PathBuf>) {
        let directory = tempfile::tempdir().unwrap();
        let desk = Desk {
            editor: editor.into(),
            directory: directory.path().to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let edited = runtime.block_on(async {
            let mut editing = Editing::begin(&desk, text.to_owned()).unwrap();
            let status = editing.wait().await;
            editing.end(status)
        });
        let left = fs::read_dir(directory.path()).unwrap();
        (edited, left.map(|entry| entry.unwrap().path()).collect())
    }

    #[test]
    fn what_the_editor_wrote_comes_back_and_the_file_is_gone() {
        let (edited, left) = edit("sh -c 'printf \"and more\\n\" >> \"$0\"'", "a\nb");
        assert_eq!(edited, Edited::Text("a\nb\nand more".to_owned()));
        assert!(left.is_empty(), "{left:?}");
        let (edited, _) = edit("true", "unchanged\n\n");
        assert_eq!(edited, Edited::Text("unchanged\n\n".to_owned()));
    }

    #[test]
    fn only_the_person_can_read_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = write(directory.path(), "private").unwrap();
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_editor_that_fails_loses_nothing() {
        let (edited, left) = edit("false", "mine");
        let Edited::Failed(why) = edited else {
            unreachable!("{edited:?}");
        };
        assert!(why.contains("as it was"), "{why}");
        assert!(left.is_empty(), "{left:?}");
        let (edited, left) = edit("sh -c 'echo other > \"$0\"; exit 3'", "mine");
        let Edited::Failed(why) = edited else {
            unreachable!("{edited:?}");
        };
        assert!(why.contains(&left[0].display().to_string()), "{why}");
    }

    #[test]
    fn an_editor_that_is_not_there_is_said() {
        let (edited, _) = edit("/nowhere/at-all", "mine");
        let Edited::Failed(why) = edited else {
            unreachable!("{edited:?}");
        };
        assert!(why.contains("set VISUAL or EDITOR"), "{why}");
    }
}
