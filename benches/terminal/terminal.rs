//! A program in a pseudo-terminal, and when it wrote what.

use std::error::Error;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take.
const BOUND: Duration = Duration::from_mins(2);
/// A synchronized update begins and ends with these (DEC private mode 2026).
pub(crate) const BEGIN: &[u8] = b"\x1b[?2026h";
pub(crate) const END: &[u8] = b"\x1b[?2026l";

/// Columns and rows.
pub(crate) type Size = (NonZero<u16>, NonZero<u16>);

/// Reads a size like `120x40`.
pub(crate) fn size_of(size: &str) -> Result<Size, Box<dyn Error>> {
    let (columns, rows) = size.split_once('x').ok_or("a size is like 120x40")?;
    Ok((columns.parse()?, rows.parse()?))
}

/// What came at once, and when.
struct Chunk(Instant, Vec<u8>);

/// A running program; dropping it kills it.
pub(crate) struct Terminal {
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    chunks: Receiver<Chunk>,
    /// Bytes a second that are read; 0: as they come.
    rate: Arc<AtomicU64>,
    pub(crate) screen: vt100::Parser,
    pub(crate) started: Instant,
    _master: Box<dyn MasterPty + Send>,
}

/// What a program wrote until it was quiet.
#[derive(Default)]
pub(crate) struct Written {
    /// The first frame, or all of it where there are no synchronized updates.
    pub(crate) first: Vec<u8>,
    /// What came behind it.
    pub(crate) rest: Vec<u8>,
    /// From the keys to the last byte of the first frame.
    pub(crate) first_after: Duration,
    /// From the keys to the last byte of all.
    pub(crate) all_after: Duration,
}

impl Terminal {
    /// Starts a program below `home`.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        home: &Path,
        (columns, rows): Size,
    ) -> Result<Self, Box<dyn Error>> {
        let size = PtySize {
            rows: rows.get(),
            cols: columns.get(),
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in [
            ("PATH", "/usr/bin:/bin"),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("QURATE_TOKEN", "a-token"),
        ] {
            command.env(name, value);
        }
        command.env("HOME", home);
        command.env("TMPDIR", home);
        command.cwd(home);
        let started = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader()?;
        let rate = Arc::new(AtomicU64::new(0));
        let (sender, chunks) = channel();
        let theirs = Arc::clone(&rate);
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            loop {
                let rate = theirs.load(Ordering::Relaxed);
                // A fiftieth of a second's bytes at once.
                let most = if rate == 0 {
                    buffer.len()
                } else {
                    usize::try_from(rate / 50).unwrap_or(1).max(1)
                };
                let Ok(read @ 1..) = reader.read(&mut buffer[..most]) else {
                    break;
                };
                let chunk = Chunk(Instant::now(), buffer[..read].to_vec());
                if sender.send(chunk).is_err() {
                    break;
                }
                if let Some(nanoseconds) = (1_000_000_000 * read as u64).checked_div(rate) {
                    thread::sleep(Duration::from_nanos(nanoseconds));
                }
            }
        });
        Ok(Self {
            writer: pair.master.take_writer()?,
            child,
            chunks,
            rate,
            screen: vt100::Parser::new(rows, columns, 0),
            started,
            _master: pair.master,
        })
    }

    /// Has the line carry so many bytes a second; 0: as many as come.
    pub(crate) fn set_rate(&self, rate: u64) {
        self.rate.store(rate, Ordering::Relaxed);
    }

    pub(crate) fn press(&mut self, keys: &str) -> Result<Instant, Box<dyn Error>> {
        let at = Instant::now();
        self.writer.write_all(keys.as_bytes())?;
        self.writer.flush()?;
        Ok(at)
    }

    /// Waits until the screen is so; returns since when it is, and what came until then.
    pub(crate) fn until(
        &mut self,
        what: &str,
        is_so: impl Fn(&str) -> bool,
    ) -> Result<(Instant, Vec<u8>), Box<dyn Error>> {
        let mut bytes = Vec::new();
        let end = Instant::now() + BOUND;
        while !is_so(&self.screen.screen().contents()) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(Chunk(at, chunk)) = self.chunks.recv_timeout(left) else {
                return Err(
                    format!("{what}: not seen\n{}", self.screen.screen().contents()).into(),
                );
            };
            self.screen.process(&chunk);
            bytes.extend(chunk);
            if is_so(&self.screen.screen().contents()) {
                return Ok((at, bytes));
            }
        }
        Ok((Instant::now(), bytes))
    }

    /// Takes in what comes until nothing came for so long. `since` is when the keys were pressed.
    pub(crate) fn until_quiet(&mut self, since: Instant, quiet: Duration) -> Written {
        self.take_in(since, quiet, quiet, |_| {})
    }

    /// What a key does: it waits for that in any case, and then until all is quiet. Looks at the
    /// screen as the first frame left it.
    pub(crate) fn answer(
        &mut self,
        since: Instant,
        quiet: Duration,
        look: impl FnMut(&vt100::Screen),
    ) -> Written {
        self.take_in(since, BOUND, quiet, look)
    }

    fn take_in(
        &mut self,
        since: Instant,
        mut wait: Duration,
        quiet: Duration,
        mut look: impl FnMut(&vt100::Screen),
    ) -> Written {
        let mut written = Written::default();
        let mut is_whole = false;
        // Whoever is gone writes nothing more.
        while let Ok(Chunk(at, chunk)) = self.chunks.recv_timeout(wait) {
            wait = quiet;
            self.screen.process(&chunk);
            written.all_after = at - since;
            if is_whole {
                written.rest.extend(chunk);
                continue;
            }
            written.first.extend(chunk);
            written.first_after = at - since;
            is_whole = written.first.windows(END.len()).any(|part| part == END);
            if is_whole {
                look(self.screen.screen());
            }
        }
        written
    }

    /// Has all its threads together waited so often, and how large is it in KiB?
    pub(crate) fn waits_and_memory(&self) -> Result<(u64, u64), Box<dyn Error>> {
        let process = format!("/proc/{}", self.child.process_id().ok_or("it ended")?);
        let mut waits = 0;
        for thread in std::fs::read_dir(format!("{process}/task"))? {
            let status = std::fs::read_to_string(thread?.path().join("status"))?;
            waits += number(&status, "voluntary_ctxt_switches:");
        }
        let status = std::fs::read_to_string(format!("{process}/status"))?;
        Ok((waits, number(&status, "VmRSS:")))
    }

    /// Quits it and waits for its end.
    pub(crate) fn quit(&mut self) -> Result<(), Box<dyn Error>> {
        self.press("q")?;
        self.until_quiet(Instant::now(), Duration::from_millis(300));
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn number(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}
