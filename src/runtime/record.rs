//! The recording of a run: a thread that writes each action into a file, so that no key waits for
//! the disk. What cannot be written is said once, and ends the recording and nothing else.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::record::Scribe;
use crate::app::{Action, State};

/// How long the end waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file that has its first line, and who writes the others.
#[derive(Debug)]
pub struct Recording {
    /// The file.
    pub file: File,
    /// Its name, for people.
    pub name: String,
    /// Who writes.
    pub scribe: Scribe,
}

/// Hands actions to the thread. Dropping it waits until all is written.
#[derive(Debug)]
pub(super) struct Recorder {
    /// Given away at the end.
    actions: Option<Sender<(Action, bool)>>,
    trouble: UnboundedReceiver<String>,
    ended: Receiver<()>,
}

impl Recorder {
    /// Starts the thread.
    pub(super) fn start(recording: Recording) -> io::Result<Self> {
        let (actions, taken) = channel();
        let (tell, trouble) = unbounded_channel();
        let (end, ended) = channel();
        thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || {
                write(recording, &taken, &tell);
                // Nobody may wait for it.
                let _ = end.send(());
            })?;
        Ok(Self {
            actions: Some(actions),
            trouble,
            ended,
        })
    }

    /// Has an action written that is about to change this state.
    pub(super) fn write(&self, state: &State, action: &Action) {
        let is_words = matches!(action, Action::Key { key, .. } if state.takes_words(*key));
        if let Some(actions) = &self.actions {
            // A recording that ended was told of.
            let _ = actions.send((action.clone(), is_words));
        }
    }

    /// Waits until it is known that nothing more can be written; for ever if all is well.
    pub(super) async fn trouble(recorder: &mut Option<Self>) -> String {
        let told = match recorder {
            Some(recorder) => recorder.trouble.recv().await,
            None => None,
        };
        match told {
            Some(why) => why,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.actions.take());
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

fn write(recording: Recording, actions: &Receiver<(Action, bool)>, tell: &UnboundedSender<String>) {
    let mut scribe = recording.scribe;
    let mut file = BufWriter::new(recording.file);
    while let Ok(first) = actions.recv() {
        // All that waits, and then it is on its way: a crash shall find it in the file.
        let mut all = std::iter::once(first).chain(actions.try_iter());
        let written = all
            .try_for_each(|(action, is_words)| line(&mut scribe, &mut file, &action, is_words))
            .and_then(|()| file.flush());
        if let Err(error) = written {
            let name = &recording.name;
            let _ = tell.send(format!(
                "the recording {name} ends here: {error}; what is in it can be replayed"
            ));
            // What could not be written is not tried again when this is dropped.
            let _ = file.into_parts();
            return;
        }
    }
}

fn line(
    scribe: &mut Scribe,
    file: &mut BufWriter<File>,
    action: &Action,
    is_words: bool,
) -> io::Result<()> {
    let line = scribe.line(action, is_words)?;
    file.write_all(line.as_bytes())?;
    file.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::Keymap;
    use crate::app::preferences::Settings;
    use crate::app::state::{Account, AccountKind};
    use crate::domain::time::Timestamp;

    fn state() -> State {
        let account = Account {
            name: "a".to_owned(),
            kind: AccountKind::Local,
        };
        State::new(account, Settings::default(), Keymap::default(), 1)
    }

    fn recording(file: File) -> Recording {
        Recording {
            file,
            name: "r.jsonl".to_owned(),
            scribe: Scribe::new(Some(1)),
        }
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_said_once_and_what_follows_is_let_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("r");
        std::fs::write(&path, "").unwrap();
        // One that was opened to be read refuses to be written, as a full disk does.
        let file = File::open(&path).unwrap();
        let mut recorder = Some(Recorder::start(recording(file)).unwrap());
        let write = |recorder: &Option<Recorder>| {
            let action = Action::Tick(Timestamp(1));
            recorder.as_ref().unwrap().write(&state(), &action);
        };
        write(&recorder);
        let why = Recorder::trouble(&mut recorder).await;
        assert!(
            why.starts_with("the recording r.jsonl ends here: "),
            "{why}"
        );
        write(&recorder);
        let more = recorder.as_mut().unwrap().trouble.recv().await;
        assert_eq!(more, None, "it is said once");
    }

    #[test]
    fn all_that_was_done_is_in_the_file_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("r");
        let recorder = Recorder::start(recording(File::create(&path).unwrap())).unwrap();
        for number in 0..1_000 {
            recorder.write(&state(), &Action::Tick(Timestamp(number)));
        }
        drop(recorder);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1_000);
        assert_eq!(text.lines().last(), Some("{\"Tick\":999}"));
    }
}
