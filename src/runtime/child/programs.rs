//! Custom commands: what they get, how long they may take, and that none outlives the editor.

use std::collections::BTreeMap;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::mpsc::UnboundedSender;

use super::{STEP, Told, with_own_environment};
use crate::app::action::Ran;
use crate::app::effect::Errand;

/// How long a custom command may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// So long what is left in its pipes is waited for; what it started may hold them open.
const READING: Duration = Duration::from_secs(1);
/// No more of what a program says is kept.
const MOST: usize = 256 * 1024;

/// The custom commands that run. They end with the editor, whatever ends that.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Programs(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    /// The process groups, by the numbers of the errands. One is out of here before its end is
    /// seen, so that a number is never that of another process.
    groups: BTreeMap<u64, Pid>,
    /// No more are started.
    is_over: bool,
}

impl Programs {
    /// Runs a custom command; what came of it is told.
    pub(in crate::runtime) fn run(&self, errand: Errand, told: UnboundedSender<Told>) {
        let running = Arc::clone(&self.0);
        thread::spawn(move || {
            let number = errand.number;
            let outcome = perform(errand, &running, PATIENCE);
            let _ = told.send(Told::Ran { number, outcome });
        });
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        let mut running = lock(&self.0);
        running.is_over = true;
        for group in running.groups.values() {
            kill(*group);
        }
    }
}

/// Whoever panicked with it left it as it was, or with one entry more or less.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a program and all it started.
fn kill(group: Pid) {
    let _ = kill_process_group(group, Signal::KILL);
}

fn perform(errand: Errand, running: &Mutex<Running>, patience: Duration) -> Ran {
    let Some((program, arguments)) = errand.program.split_first() else {
        return Ran::Failed("it names no program".to_owned());
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(errand.variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    with_own_environment(&mut command);
    let mut child = match start(&mut command, errand.number, running) {
        Some(Ok(child)) => child,
        Some(Err(error)) => return Ran::Failed(format!("{program} cannot be started: {error}")),
        None => return Ran::Failed(format!("{program} was not started: the editor ends")),
    };
    if let Some(mut stdin) = child.stdin.take() {
        let input = errand.input;
        // One that does not read all of it is fine.
        thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let out = child.stdout.take().map(Reading::begin);
    let err = child.stderr.take().map(Reading::begin);
    let Some(status) = wait(&mut child, errand.number, running, patience) else {
        let _ = child.wait();
        let seconds = patience.as_secs();
        return Ran::Failed(format!(
            "{program} took longer than {seconds} s and was ended"
        ));
    };
    let deadline = Instant::now() + READING;
    let said = |reading: Option<Reading>| reading.map_or_else(String::new, |r| r.end(deadline));
    Ran::Ended {
        failed: (!status.success()).then(|| status.to_string()),
        out: said(out),
        err: said(err),
    }
}

/// Starts a program, unless the editor ends.
fn start(
    command: &mut Command,
    number: u64,
    running: &Mutex<Running>,
) -> Option<std::io::Result<Child>> {
    // Who ends the editor waits for the lock, and so for the number.
    let mut running = lock(running);
    if running.is_over {
        return None;
    }
    let started = command.spawn();
    if let Ok(child) = &started {
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        running.groups.extend(group.map(|group| (number, group)));
    }
    Some(started)
}

/// Waits for a program to end, for so long; then it is ended, with all it started.
fn wait(
    child: &mut Child,
    number: u64,
    running: &Mutex<Running>,
    patience: Duration,
) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        let mut running = lock(running);
        match child.try_wait() {
            Ok(None) if begun.elapsed() < patience => {}
            Ok(Some(status)) => {
                running.groups.remove(&number);
                return Some(status);
            }
            Ok(None) | Err(_) => {
                running.groups.remove(&number).into_iter().for_each(kill);
                return None;
            }
        }
        drop(running);
        thread::sleep(STEP);
    }
}

/// What a program says, as it is read.
struct Reading {
    thread: thread::JoinHandle<()>,
    kept: Arc<Mutex<Vec<u8>>>,
}

impl Reading {
    /// Reads to the end, and keeps what there is room for.
    fn begin(mut pipe: impl Read + Send + 'static) -> Self {
        let kept = Arc::default();
        let keeps = Arc::clone(&kept);
        let thread = thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                let mut kept: MutexGuard<'_, Vec<u8>> = lock(&keeps);
                let room = MOST.saturating_sub(kept.len());
                kept.extend_from_slice(&chunk[..read.min(room)]);
            }
        });
        Self { thread, kept }
    }

    /// Returns what was said until the end, or until now if that is too far.
    fn end(self, deadline: Instant) -> String {
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(STEP);
        }
        String::from_utf8_lossy(&lock(&self.kept)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustix::process::kill_process;

    use super::*;

    fn run(errand: Errand) -> Ran {
        perform(errand, &Mutex::default(), PATIENCE)
    }

    fn errand(program: &[&str], input: &str) -> Errand {
        Errand {
            number: 1,
            program: program.iter().map(|word| (*word).to_owned()).collect(),
            input: input.to_owned(),
            variables: vec![("QURATE_WORD".to_owned(), "$(id) `id`".to_owned())],
        }
    }

    #[test]
    fn a_command_gets_the_input_and_the_variables_and_no_shell() {
        let ran = run(errand(&["tr", "a-z", "A-Z"], "über $HOME"));
        let Ran::Ended { failed, out, err } = ran else {
            unreachable!("{ran:?}");
        };
        assert_eq!(
            (failed, out.as_str(), err.as_str()),
            (None, "üBER $HOME", "")
        );
        let ran = run(errand(
            &[
                "sh",
                "-c",
                "printf %s \"$QURATE_WORD\"; echo no >&2; exit 3",
            ],
            "",
        ));
        let Ran::Ended { failed, out, err } = ran else {
            unreachable!("{ran:?}");
        };
        assert_eq!((out.as_str(), err.as_str()), ("$(id) `id`", "no\n"));
        assert!(failed.unwrap().contains('3'));
        // It reads nothing of a long input, and ends.
        let ran = run(errand(&["true"], &"x".repeat(1 << 20)));
        assert!(matches!(ran, Ran::Ended { failed: None, .. }), "{ran:?}");
    }

    #[test]
    fn what_cannot_be_started_is_said_and_too_much_is_cut() {
        let ran = run(errand(&["/nowhere/at-all"], ""));
        let Ran::Failed(why) = ran else {
            unreachable!("{ran:?}");
        };
        assert!(why.contains("/nowhere/at-all cannot be started"), "{why}");
        let ran = run(errand(&["head", "-c", "1000000", "/dev/zero"], ""));
        let Ran::Ended { out, .. } = ran else {
            unreachable!("{ran:?}");
        };
        assert_eq!(out.len(), MOST);
    }

    #[test]
    fn what_it_left_behind_does_not_keep_us_from_what_it_said() {
        let ran = run(errand(
            &["sh", "-c", "echo said; sleep 30 & echo $! >&2"],
            "",
        ));
        let Ran::Ended { out, err, .. } = ran else {
            unreachable!("{ran:?}");
        };
        assert_eq!(out, "said\n");
        // It is let live: whoever starts something in the background means it.
        let left = Pid::from_raw(err.trim().parse().unwrap()).unwrap();
        kill_process(left, Signal::KILL).unwrap();
    }

    /// A program that starts another one, and the pipe both hold open: its end is theirs.
    const STAYS: [&str; 3] = [
        "sh",
        "-c",
        "sleep 1000 & echo $! > \"$QURATE_FILE\"; sleep 1000",
    ];

    fn staying(file: &Path) -> Errand {
        let mut errand = errand(&STAYS, "");
        let file = file.to_str().unwrap().to_owned();
        errand.variables.push(("QURATE_FILE".to_owned(), file));
        errand
    }

    /// Returns the number of the program that the other one started, once it is known.
    fn started(file: &Path) -> Pid {
        loop {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            if let Some(number) = text.strip_suffix('\n') {
                return Pid::from_raw(number.parse().unwrap()).unwrap();
            }
            thread::sleep(STEP);
        }
    }

    /// Waits until it is no more; nobody waits for it but the system, so it may be dead and there.
    fn is_gone(pid: Pid) -> bool {
        let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            match std::fs::read_to_string(&stat) {
                Ok(stat) if !stat.contains(") Z ") => thread::sleep(STEP),
                Ok(_) | Err(_) => return true,
            }
        }
        false
    }

    #[test]
    fn one_that_takes_too_long_is_ended_with_all_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("number");
        let ran = perform(staying(&file), &Mutex::default(), Duration::from_secs(1));
        let Ran::Failed(why) = ran else {
            unreachable!("{ran:?}");
        };
        assert_eq!(why, "sh took longer than 1 s and was ended");
        assert!(is_gone(started(&file)));
    }

    #[test]
    fn those_that_run_end_with_the_editor_and_no_more_are_started() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("number");
        let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
        let programs = Programs::default();
        let running = Arc::clone(&programs.0);
        programs.run(staying(&file), told);
        let left = started(&file);
        drop(programs);
        assert!(is_gone(left));
        let Some(Told::Ran {
            outcome: Ran::Ended { failed, .. },
            ..
        }) = hears.blocking_recv()
        else {
            unreachable!("it was ended");
        };
        assert!(failed.unwrap().contains("signal: 9"));
        let ran = perform(errand(&["true"], ""), &running, PATIENCE);
        assert!(matches!(ran, Ran::Failed(_)), "{ran:?}");
    }
}
