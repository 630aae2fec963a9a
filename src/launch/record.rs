//! `--record FILE` and `qurate replay FILE`: a recording is begun, and played again without network
//! or store.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::app::record::{Scribe, Start, read_head, read_line, told};
use crate::app::{Action, State, reduce};
use crate::cli::{Exit, Global, Replay};
use crate::runtime::Recording;
use crate::tui::print::print;

use super::{Failure, say};

/// Makes the file with its first line; none if nobody asked. A file that is there stays as it is.
pub(super) fn begin(global: &Global, start: &Start) -> Result<Option<Recording>, Failure> {
    let Some(path) = &global.record else {
        return Ok(None);
    };
    let name = path.display().to_string();
    let failed = |error: io::Error| {
        let what = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "it is there already and nothing is overwritten: name another file".to_owned()
            }
            _ => error.to_string(),
        };
        Failure::new(
            Exit::Error,
            format!("{name} cannot be recorded into: {what}"),
        )
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let scribe = Scribe::new((!global.record_texts).then(|| fastrand::u64(..)));
    let head = scribe.head(start, env!("CARGO_PKG_VERSION"));
    let head = head.map_err(|error| failed(error.into()))?;
    writeln!(file, "{head}").map_err(failed)?;
    Ok(Some(Recording { file, name, scribe }))
}

/// Plays a recording and prints what was asked for.
pub(super) fn replay(options: &Replay) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match play(options, &mut out).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => Ok(Exit::Ok),
        // Whoever read it has read enough.
        Err(Stop::Written(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Ok),
        Err(Stop::Written(error)) => Err(Failure::new(Exit::Error, error)),
        Err(Stop::Read(problem)) => Err(Failure::new(Exit::Error, problem)),
    }
}

/// Why it ends before its end.
enum Stop {
    /// What was printed could not be.
    Written(io::Error),
    /// The recording cannot be played.
    Read(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Written(error)
    }
}

fn play(options: &Replay, out: &mut impl io::Write) -> Result<(), Stop> {
    let mut lines = Lines::open(&options.file)?;
    let mut state = lines.start()?.state();
    let mut shown = String::new();
    let mut step = 0;
    while options.step.is_none_or(|last| step < last) {
        let Some(action) = lines.action()? else { break };
        step += 1;
        if options.list {
            writeln!(out, "{step:>6}  {}", told(&action))?;
        }
        let heading = options.all.then(|| told(&action));
        let action = match (options.size, action) {
            (Some((width, height)), Action::Resize { .. }) => Action::Resize { width, height },
            (_, action) => action,
        };
        // Nothing is performed: what the world answered is in the recording too.
        drop(reduce(&mut state, action));
        if let Some(heading) = heading {
            let screen = screen(&state, options);
            if screen != shown {
                writeln!(out, "── {step} · {heading} ──\n{screen}")?;
                shown = screen;
            }
        }
    }
    if let Some(wanted) = options.step.filter(|wanted| step < *wanted) {
        return Err(Stop::Read(format!(
            "{} has only {step} actions, no number {wanted}",
            options.file.display()
        )));
    }
    if !options.list && !options.all {
        write!(out, "{}", screen(&state, options))?;
    }
    Ok(())
}

fn screen(state: &State, options: &Replay) -> String {
    print(state, options.size.unwrap_or(state.viewport))
}

/// The lines of a recording.
struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    /// The one that was read last.
    number: usize,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self, Stop> {
        let file = File::open(path)
            .map_err(|error| Stop::Read(format!("could not read {}: {error}", path.display())))?;
        Ok(Self {
            path,
            file: BufReader::new(file),
            number: 0,
        })
    }

    fn start(&mut self) -> Result<Start, Stop> {
        let line = self.next()?.unwrap_or_default();
        let start = read_head(line.trim_end());
        start.map_err(|problem| self.wrong(&problem))
    }

    /// The next action; none at the end. A last line without its end was cut off by a crash.
    fn action(&mut self) -> Result<Option<Action>, Stop> {
        let Some(line) = self.next()? else {
            return Ok(None);
        };
        match read_line(&line) {
            Ok(action) => Ok(Some(action)),
            Err(_) if !line.ends_with('\n') => {
                let (path, number) = (self.path.display(), self.number);
                say(&format!(
                    "qurate: {path}:{number}: the last line is cut off and is left out"
                ));
                Ok(None)
            }
            Err(problem) => Err(self.wrong(&problem)),
        }
    }

    fn next(&mut self) -> Result<Option<String>, Stop> {
        let mut line = Vec::new();
        let read = self.file.read_until(b'\n', &mut line);
        self.number += 1;
        match read {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
            Err(error) => Err(self.wrong(&error)),
        }
    }

    fn wrong(&self, problem: &dyn std::fmt::Display) -> Stop {
        Stop::Read(format!(
            "{}:{}: {problem}",
            self.path.display(),
            self.number
        ))
    }
}
