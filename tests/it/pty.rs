//! The real program in a pseudo-terminal, and its screen as text.
//!
//! A thread reads what the program writes into a terminal emulator. Tests press keys and wait for
//! a screen that shows what they expect, within a bound that is generous because it only counts
//! when something is wrong.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before a test gives up on it.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

pub(crate) const ENTER: &str = "\r";
pub(crate) const ESC: &str = "\x1b";
pub(crate) const TAB: &str = "\t";

/// What to start, and in which terminal.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<&'a str>,
    pub(crate) environment: Vec<(&'a str, &'a str)>,
    pub(crate) home: &'a Path,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

impl<'a> Start<'a> {
    /// The program with these arguments, in a terminal of 40 rows of 120 columns.
    pub(crate) fn new(home: &'a Path, arguments: &[&'a str]) -> Self {
        Self {
            program: Path::new(env!("CARGO_BIN_EXE_qurate")),
            arguments: arguments.to_vec(),
            environment: Vec::new(),
            home,
            rows: 40,
            columns: 120,
        }
    }

    /// Starts this instead of the program.
    pub(crate) fn program(mut self, program: &'a Path) -> Self {
        self.program = program;
        self
    }

    pub(crate) fn env(mut self, name: &'a str, value: &'a str) -> Self {
        self.environment.push((name, value));
        self
    }

    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    pub(crate) fn run(self) -> Terminal {
        Terminal::start(&self)
    }
}

/// A running program and its terminal. Dropping it kills the program.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    status: Option<u32>,
}

struct Shared {
    output: Mutex<Output>,
    changed: Condvar,
}

impl Shared {
    /// A test that failed while it looked at the screen has not changed it.
    fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Output {
    emulator: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

impl Terminal {
    fn start(start: &Start<'_>) -> Self {
        let size = PtySize {
            rows: start.rows,
            cols: start.columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(start.program);
        command.args(&start.arguments);
        command.env_clear();
        command.env("HOME", start.home);
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        // The zone of the sample data: rows have one clock, whatever this machine's zone is.
        command.env("TZ", "Europe/London");
        command.env("TMPDIR", start.home);
        for (name, value) in &start.environment {
            command.env(name, value);
        }
        command.cwd(start.home);
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("the output");
        let shared = Arc::new(Shared {
            output: Mutex::new(Output {
                emulator: vt100::Parser::new(size_of(start.rows), size_of(start.columns), 0),
                raw: Vec::new(),
                ended: false,
            }),
            changed: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            // A pseudo-terminal whose program is gone answers with an error, not with an end.
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let mut output = theirs.lock();
                output.emulator.process(&buffer[..read]);
                output.raw.extend_from_slice(&buffer[..read]);
                theirs.changed.notify_all();
            }
            theirs.lock().ended = true;
            theirs.changed.notify_all();
        });
        Self {
            writer: pair.master.take_writer().expect("the input"),
            master: pair.master,
            child,
            shared,
            status: None,
        }
    }

    /// Types these keys, all at once.
    pub(crate) fn press(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .and_then(|()| self.writer.flush())
            .expect("the program reads its keys");
    }

    /// Waits until the screen is as wanted and returns it.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_within(BOUND, what, wanted)
    }

    /// Waits so long until the screen is as wanted and returns it.
    pub(crate) fn wait_within(
        &self,
        bound: Duration,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let started = Instant::now();
        let mut output = self.shared.lock();
        loop {
            let screen = output.emulator.screen().contents();
            if wanted(&screen) {
                return screen;
            }
            let left = bound.saturating_sub(started.elapsed());
            assert!(
                !left.is_zero() && !output.ended,
                "{what}: not seen{}\n{}",
                if output.ended {
                    " (the program ended)"
                } else {
                    ""
                },
                framed(&screen)
            );
            output = self
                .shared
                .changed
                .wait_timeout(output, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits until the screen holds this text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until what stands left of the cursor, on its line, ends with this text.
    pub(crate) fn wait_before_cursor(&self, text: &str) {
        let started = Instant::now();
        let mut output = self.shared.lock();
        loop {
            let screen = output.emulator.screen();
            let (row, column) = screen.cursor_position();
            let before = screen.contents_between(row, 0, row, column);
            if !screen.hide_cursor() && before.ends_with(text) {
                return;
            }
            let left = BOUND.saturating_sub(started.elapsed());
            assert!(
                !left.is_zero() && !output.ended,
                "the cursor is behind {before:?}, not {text:?}\n{}",
                framed(&screen.contents())
            );
            output = self
                .shared
                .changed
                .wait_timeout(output, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// What the screen shows now.
    pub(crate) fn screen(&self) -> String {
        let output = self.shared.lock();
        output.emulator.screen().contents()
    }

    /// All bytes the program wrote so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let output = self.shared.lock();
        output.raw.clone()
    }

    /// The terminal's own settings (echo, line mode, signals), as text to compare.
    pub(crate) fn settings(&self) -> String {
        format!("{:?}", self.master.get_termios())
    }

    /// Gives the terminal another size. If that is none, programs take it for 80×24, and so it shows
    /// what they write.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let shown = match (columns, rows) {
            (0, _) | (_, 0) => (80, 24),
            sizes => sizes,
        };
        let mut output = self.shared.lock();
        output
            .emulator
            .screen_mut()
            .set_size(size_of(shown.1), size_of(shown.0));
        drop(output);
        self.master.resize(size).expect("terminals can be resized");
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the program runs");
    }

    /// Kills the program as a power cut would, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.signal(Signal::KILL);
        self.wait_end();
    }

    /// Waits until the program ended and returns its exit code (128 + n after a signal that it did
    /// not handle is not told apart: see [`Terminal::raw`]).
    pub(crate) fn wait_end(&mut self) -> u32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.status {
                return status;
            }
            let ended = self.child.try_wait().expect("the program is ours");
            self.status = ended.map(|status| status.exit_code());
            assert!(
                self.status.is_some() || started.elapsed() < BOUND,
                "the program did not end\n{}",
                framed(&self.screen())
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until all output was read, and returns it as text.
    pub(crate) fn last_words(&mut self) -> String {
        self.wait_end();
        let mut output = self.shared.lock();
        while !output.ended {
            output = self
                .shared
                .changed
                .wait(output)
                .unwrap_or_else(PoisonError::into_inner);
        }
        String::from_utf8_lossy(&output.raw).into_owned()
    }

    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("the program was started");
        Pid::from_raw(id.cast_signed()).expect("ids are positive")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.status.is_none() && self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

fn size_of(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("no terminal is empty")
}

/// A screen with its frame, for messages.
fn framed(screen: &str) -> String {
    let mut text = String::from("┌────\n");
    for line in screen.lines() {
        let _ = writeln!(text, "│{line}");
    }
    text + "└────"
}
