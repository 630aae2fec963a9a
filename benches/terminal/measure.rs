//! What is done, and what of it is measured.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::figures::{Report, Samples};
use crate::server::{Server, mark};
use crate::terminal::{BEGIN, Size, Terminal, size_of};

type Done = Result<(), Box<dyn Error>>;

/// How often each key is pressed in a round.
const KEYS: usize = 100;
/// How often the program is started in a round.
const STARTS: usize = 5;
/// Behind the detail that follows the cursor after 80 ms of rest.
const QUIET: Duration = Duration::from_millis(130);
const HOME: &str = "gg";
const PAGE: &str = "\x1b[6~";
/// So many keys come at once.
const FLOOD: usize = 500;
/// A slow line, in bytes a second; a key is held on it so long, and repeats so often.
const SLOW: u64 = 10_000;
const HELD: Duration = Duration::from_secs(5);
const REPEAT: Duration = Duration::from_millis(33);

/// One queue in one size of terminal.
pub(crate) struct Plan<'a> {
    pub(crate) home: &'a Path,
    pub(crate) server: &'a Server,
    pub(crate) updates: usize,
    pub(crate) size: Size,
    pub(crate) rounds: usize,
    pub(crate) rest: Duration,
}

/// What is measured of a key.
struct Keys {
    time: Samples,
    bytes: Samples,
    per_cell: Samples,
    after: Samples,
}

impl Keys {
    fn new() -> Self {
        Self {
            time: Samples::new("ms"),
            bytes: Samples::new("bytes"),
            per_cell: Samples::new("bytes a changed cell"),
            after: Samples::new("bytes"),
        }
    }

    fn add_to(self, report: &mut Report, name: &str, on: &str) {
        report.add(
            &format!("{name}: to the last byte of its frame"),
            on,
            self.time,
        );
        report.add(&format!("{name}: bytes of its frame"), on, self.bytes);
        report.add(&format!("{name}: of them"), on, self.per_cell);
        report.add(&format!("{name}: the detail that follows"), on, self.after);
    }
}

/// How fast the terminal itself answers: a program that only gives back what it gets.
pub(crate) fn echo() -> Result<Samples, Box<dyn Error>> {
    let home = tempfile::tempdir()?;
    let script = "stty -icanon -echo min 1; echo ready; exec cat";
    let shell = Path::new("/bin/sh");
    let mut terminal = Terminal::start(shell, &["-c", script], home.path(), size_of("80x24")?)?;
    terminal.until("ready", |screen| screen.contains("ready"))?;
    let mut samples = Samples::new("ms");
    for _ in 0..300 {
        let at = terminal.press("j")?;
        let written = terminal.until_quiet(at, Duration::from_millis(5));
        samples.add(ms(written.first_after));
    }
    Ok(samples)
}

/// Has the program read the queue into its store.
pub(crate) fn fill(home: &Path, server: SocketAddr, updates: usize) -> Done {
    let mut terminal = open(home, server, size_of("120x40")?)?;
    terminal.until("the queue is read", |screen| {
        screen.contains(&mark(0)) && screen.contains(&format!("{updates} updates"))
    })?;
    terminal.quit()
}

fn open(home: &Path, server: SocketAddr, size: Size) -> Result<Terminal, Box<dyn Error>> {
    let url = format!("http://{server}/1/");
    let program = Path::new(env!("CARGO_BIN_EXE_qurate"));
    Terminal::start(
        program,
        &["--api-url", &url, "--state-dir", "state"],
        home,
        size,
    )
}

impl Plan<'_> {
    pub(crate) fn run(&self, report: &mut Report) -> Done {
        let on = format!("{} updates, {}x{}", self.updates, self.size.0, self.size.1);
        self.starts(report, &on)?;
        let mut terminal = self.open()?;
        self.keys(&mut terminal, report, &on)?;
        self.floods(&mut terminal, report, &on)?;
        self.slow_line(&mut terminal, report, &on)?;
        terminal.quit()?;
        self.rest(report, &on)
    }

    /// Starts it, and waits until the queue is whole.
    fn open(&self) -> Result<Terminal, Box<dyn Error>> {
        let mut terminal = open(self.home, self.server.address, self.size)?;
        terminal.until("it is there", |screen| {
            self.is_there(screen) && screen.contains("online")
        })?;
        terminal.until_quiet(Instant::now(), Duration::from_secs(1));
        Ok(terminal)
    }

    fn is_there(&self, screen: &str) -> bool {
        screen.contains(&mark(0)) && screen.contains(&format!("{} updates", self.updates))
    }

    fn starts(&self, report: &mut Report, on: &str) -> Done {
        let mut first = Samples::new("ms");
        for _ in 0..STARTS * self.rounds {
            let mut terminal = open(self.home, self.server.address, self.size)?;
            let (at, _) = terminal.until("the first frame", |screen| self.is_there(screen))?;
            first.add(ms(at - terminal.started));
            terminal.until_quiet(Instant::now(), Duration::from_millis(500));
            terminal.quit()?;
        }
        report.add("start to the first complete frame", on, first);
        Ok(())
    }

    fn keys(&self, terminal: &mut Terminal, report: &mut Report, on: &str) -> Done {
        let rows = usize::from(self.size.1.get());
        let mut step = Keys::new();
        let mut scroll = Keys::new();
        let mut page = Keys::new();
        let mut moved = Keys::new();
        let mut requests = Samples::new("");
        for _ in 0..self.rounds {
            go_home(terminal)?;
            for i in 0..KEYS {
                key(terminal, if i % 10 < 5 { "j" } else { "k" }, &mut step)?;
            }
            // To the last row of the page, and on.
            go_home(terminal)?;
            quietly(terminal, &"j".repeat(rows))?;
            for _ in 0..KEYS.min(self.updates.saturating_sub(2 * rows)) {
                key(terminal, "j", &mut scroll)?;
            }
            go_home(terminal)?;
            quietly(terminal, PAGE)?;
            for _ in 0..KEYS.min(self.updates / rows / 2) {
                key(terminal, PAGE, &mut page)?;
            }
            go_home(terminal)?;
            let before = self.server.answered();
            for i in 0..KEYS {
                key(terminal, if i % 10 < 5 { "J" } else { "K" }, &mut moved)?;
            }
            requests.add(size(self.server.answered() - before));
        }
        step.add_to(report, "cursor step", on);
        scroll.add_to(report, "scroll by one", on);
        page.add_to(report, "page", on);
        moved.add_to(report, "moved row", on);
        // An order that was taken has the whole queue read again: with a long one, that is other work.
        report.add("moved rows: requests meanwhile", on, requests);
        Ok(())
    }

    fn floods(&self, terminal: &mut Terminal, report: &mut Report, on: &str) -> Done {
        let (mut time, mut frames) = (Samples::new("ms"), Samples::new("frames"));
        let mut bytes = Samples::new("bytes");
        for _ in 0..5 * self.rounds {
            go_home(terminal)?;
            let last = mark(FLOOD.min(self.updates - 1));
            let pressed = terminal.press(&"j".repeat(FLOOD))?;
            let (at, came) = terminal.until("all keys", |screen| is_at(screen, &last))?;
            time.add(ms(at - pressed));
            frames.add(size(count(&came)));
            bytes.add(size(came.len()));
            terminal.until_quiet(at, QUIET);
        }
        report.add("500 keys at once: to the last byte", on, time);
        report.add("500 keys at once: frames", on, frames);
        report.add("500 keys at once: bytes", on, bytes);
        Ok(())
    }

    /// A key is held; once it is let go, how much comes until the screen is right?
    fn slow_line(&self, terminal: &mut Terminal, report: &mut Report, on: &str) -> Done {
        let (mut time, mut bytes) = (Samples::new("ms"), Samples::new("bytes"));
        for _ in 0..self.rounds {
            go_home(terminal)?;
            terminal.set_rate(SLOW);
            let begun = Instant::now();
            let mut keys: usize = 0;
            let mut released = begun;
            while begun.elapsed() < HELD {
                released = terminal.press("j")?;
                keys += 1;
                terminal.until_quiet(released, REPEAT);
            }
            let last = mark(keys.min(self.updates - 1));
            let is_right = |screen: &str| is_at(screen, &last);
            let (at, came) = terminal.until("the screen is right", is_right)?;
            time.add(ms(at.saturating_duration_since(released)));
            bytes.add(size(came.len()));
            terminal.set_rate(0);
            terminal.until_quiet(Instant::now(), QUIET);
        }
        report.add("10 kB/s, a key held 5 s: right after its end", on, time);
        report.add("10 kB/s, a key held 5 s: bytes after its end", on, bytes);
        Ok(())
    }

    fn rest(&self, report: &mut Report, on: &str) -> Done {
        let mut terminal = self.open()?;
        terminal.until_quiet(Instant::now(), Duration::from_secs(2));
        let (before, memory) = terminal.waits_and_memory()?;
        report.add(
            "resident memory",
            on,
            Samples::one("MB", size(usize::try_from(memory)?) * 1.024 / 1000.0),
        );
        if self.rest.is_zero() {
            return terminal.quit();
        }
        let answered = self.server.answered();
        let begun = Instant::now();
        let mut bytes = 0;
        while let Some(left) = self.rest.checked_sub(begun.elapsed()) {
            // The clock writes once a minute: quiet for so long may never come.
            let written = terminal.until_quiet(begun, left.min(Duration::from_secs(1)));
            bytes += written.first.len() + written.rest.len();
        }
        let (after, _) = terminal.waits_and_memory()?;
        let name = format!("at rest for {} s", self.rest.as_secs());
        report.add(
            &format!("{name}: written"),
            on,
            Samples::one("bytes", size(bytes)),
        );
        let waits = Samples::one("", size(usize::try_from(after - before)?));
        report.add(&format!("{name}: threads woke up"), on, waits);
        let polls = Samples::one("", size(self.server.answered() - answered));
        report.add(&format!("{name}: requests, which wake them"), on, polls);
        terminal.quit()
    }
}

/// Says whether the cursor is on this row.
fn is_at(screen: &str, mark: &str) -> bool {
    screen
        .lines()
        .any(|line| line.starts_with('▌') && line.contains(mark))
}

/// Presses a key, and notes what came of it.
fn key(terminal: &mut Terminal, key: &str, keys: &mut Keys) -> Done {
    let before = terminal.screen.screen().clone();
    let at = terminal.press(key)?;
    let mut of_frame = None;
    let written = terminal.answer(at, QUIET, |screen| {
        of_frame = Some(changed(&before, screen));
    });
    if written.first.is_empty() {
        return Err(format!(
            "{key:?} did nothing\n{}",
            terminal.screen.screen().contents()
        )
        .into());
    }
    keys.time.add(ms(written.first_after));
    keys.bytes.add(size(written.first.len()));
    if let Some(cells @ 1..) = of_frame {
        keys.per_cell.add(size(written.first.len()) / size(cells));
    }
    keys.after.add(size(written.rest.len()));
    Ok(())
}

/// To the first update, so that the list begins there.
fn go_home(terminal: &mut Terminal) -> Done {
    quietly(terminal, HOME)?;
    terminal.until("home", |screen| is_at(screen, &mark(0)))?;
    Ok(())
}

fn quietly(terminal: &mut Terminal, keys: &str) -> Done {
    let at = terminal.press(keys)?;
    terminal.until_quiet(at, QUIET);
    Ok(())
}

/// Counts the cells that look different.
fn changed(before: &vt100::Screen, after: &vt100::Screen) -> usize {
    let (rows, columns) = after.size();
    let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    cells
        .filter(|&(row, column)| before.cell(row, column) != after.cell(row, column))
        .count()
}

fn count(bytes: &[u8]) -> usize {
    bytes
        .windows(BEGIN.len())
        .filter(|part| *part == BEGIN)
        .count()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float counts")]
fn size(size: usize) -> f64 {
    size as f64
}
