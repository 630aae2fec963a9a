//! The program on the other side of a real `sshd`, over a line of 10 kB/s with 200 ms there and back.
//!
//! Where there is no `sshd` or it cannot be run, nothing of this is checked.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::pty::{Start, Terminal};
use crate::served::{Served, TOKEN};
use crate::skip::not_checked;

/// How many bytes a second the line carries, and how long one is under way.
const RATE: u64 = 10_000;
const DELAY: Duration = Duration::from_millis(100);
/// What of the line's time is carried at once.
const SLICE: u64 = 50;
const SSHD: &str = "/usr/sbin/sshd";

/// A line that leads to an `sshd`, one of its own for each connection.
struct Line {
    address: SocketAddr,
    /// How many bytes came from there.
    carried: Arc<AtomicU64>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    /// Cuts all connections.
    fn cut(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.iter() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn start(config: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            address: listener.local_addr().unwrap(),
            carried: Arc::default(),
            open: Arc::default(),
        };
        let (carried, open) = (Arc::clone(&line.carried), Arc::clone(&line.open));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut sshd = Command::new(SSHD)
                    .args(["-i", "-e", "-f"])
                    .arg(&config)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap();
                let (there, back) = (sshd.stdin.take().unwrap(), sshd.stdout.take().unwrap());
                let ours = stream.try_clone().unwrap();
                let mut all = open.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(stream.try_clone().unwrap());
                drop(all);
                let counted = Arc::clone(&carried);
                thread::spawn(move || carry(ours, there, None));
                thread::spawn(move || {
                    carry(back, stream, Some(&counted));
                    // Its client is gone: so is it, or it ends at the next byte.
                    let _ = sshd.wait();
                });
            }
        });
        line
    }
}

/// Carries bytes at the rate of the line, each as late as the line is long.
fn carry(mut from: impl Read, mut to: impl Write + Send + 'static, counted: Option<&AtomicU64>) {
    let (sender, late) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    let writer = thread::spawn(move || {
        for (at, bytes) in late {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).and_then(|()| to.flush()).is_err() {
                return;
            }
        }
    });
    let most = usize::try_from(RATE / SLICE).unwrap();
    let mut buffer = vec![0; most];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if let Some(counted) = counted {
            counted.fetch_add(read as u64, Ordering::Relaxed);
        }
        // The time these bytes take on the line.
        thread::sleep(Duration::from_secs(1) * u32::try_from(read).unwrap() / 10_000);
        if sender
            .send((Instant::now() + DELAY, buffer[..read].to_vec()))
            .is_err()
        {
            break;
        }
    }
    drop(sender);
    let _ = writer.join();
}

fn key(path: &Path) -> bool {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status();
    made.is_ok_and(|status| status.success())
}

/// Returns a line to a server that lets its own user in with a key, or why there cannot be one.
fn line(home: &Path) -> Result<Line, &'static str> {
    let (host, user, config) = (
        home.join("host"),
        home.join("user"),
        home.join("sshd_config"),
    );
    // What sshd wants to be there when it is started by root.
    let is_there = !rustix::process::getuid().is_root() || fs::create_dir_all("/run/sshd").is_ok();
    if !Path::new(SSHD).exists() || !is_there || !key(&host) || !key(&user) {
        return Err("there is no sshd that can be run");
    }
    let lines = [
        format!("HostKey {}", host.display()),
        format!("AuthorizedKeysFile {}.pub", user.display()),
        "StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPrintMotd no".to_owned(),
    ];
    fs::write(&config, lines.join("\n")).unwrap();
    Ok(Line::start(config))
}

/// Opens the editor on that server over such a line; its process writes its number into `pid`.
fn open(line: &Line, home: &Path, served: &Served, options: &str) -> Terminal {
    let program = env!("CARGO_BIN_EXE_qurate");
    let place = home.display();
    let command = format!(
        "echo $$ > {place}/pid; exec env -i HOME={place} TERM=xterm-256color LANG=C.UTF-8 TZ=UTC \
         PATH=/usr/bin:/bin QURATE_TOKEN={TOKEN} SSH_CONNECTION=x {program} --api-url {} \
         --state-dir {place}/state {options}",
        served.url()
    );
    let (port, key) = (line.address.port().to_string(), home.join("user"));
    let name = Command::new("id").arg("-un").output().unwrap().stdout;
    let host = format!("{}@127.0.0.1", String::from_utf8(name).unwrap().trim());
    let arguments = [
        "-F",
        "none",
        "-tt",
        "-e",
        "none",
        "-p",
        &port,
        "-i",
        key.to_str().unwrap(),
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "IdentitiesOnly=yes",
        &host,
        &command,
    ];
    let terminal = Start::new(home, &arguments)
        .program(Path::new("/usr/bin/ssh"))
        .run();
    terminal.wait("the editor", |screen| {
        screen.contains("300 updates") && screen.contains("online")
    });
    terminal
}

fn pid(home: &Path) -> String {
    fs::read_to_string(home.join("pid"))
        .unwrap()
        .trim()
        .to_owned()
}

/// Says whether a process runs. One that ended is listed until the system has taken note of it, which
/// may take a second and is not its doing.
fn runs(process: &Path) -> bool {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let state = status.lines().find_map(|l| l.strip_prefix("State:"));
    state.is_some_and(|state| !state.trim_start().starts_with(['Z', 'X']))
}

/// The texts of the first queue.
fn all_texts(served: &Served) -> Vec<String> {
    let profile = &served.profiles()[0];
    let page = |page: usize| {
        let path = format!("profiles/{profile}/updates/pending.json?count=100&page={page}");
        let page = served.get(&path);
        let updates = page["updates"].as_array().unwrap().clone();
        updates
            .into_iter()
            .map(|update| update["text"].as_str().unwrap().to_owned())
    };
    (1..=3).flat_map(page).collect()
}

/// Holds keys for five seconds, as a keyboard repeats them, and then presses others; returns how many
/// of the first there were.
fn hold(terminal: &mut Terminal, keys: &[&str], then: &str) -> usize {
    let begun = Instant::now();
    let mut pressed = 0;
    for key in keys.iter().cycle() {
        if begun.elapsed() >= Duration::from_secs(5) {
            break;
        }
        terminal.press(key);
        pressed += 1;
        thread::sleep(Duration::from_millis(33));
    }
    terminal.press(then);
    pressed
}

#[test]
fn a_key_that_was_held_leaves_no_backlog() {
    let home = tempfile::tempdir().unwrap();
    let line = match line(home.path()) {
        Ok(line) => line,
        Err(why) => return not_checked(why),
    };
    let served = Served::start(home.path(), &["--demo", "--updates", "300"]);
    let mut terminal = open(&line, home.path(), &served, "--low-bandwidth");
    let texts = all_texts(&served);
    // Steps; and pages, of which each is more than the line carries until the next.
    for (keys, then) in [(&["j"][..], "k"), (&["\x1b[6~", "\x1b[5~"], "ggjjj")] {
        let steps = hold(&mut terminal, keys, then);
        let at = if keys.len() == 1 { steps - 1 } else { 3 };
        let carried = line.carried.load(Ordering::Relaxed);
        let start: String = texts[at].lines().next().unwrap().chars().take(20).collect();
        terminal.wait("the screen is right", |screen| {
            let mut lines = screen.lines();
            lines.any(|line| line.starts_with(['>', '▌']) && line.contains(&start))
        });
        let later = line.carried.load(Ordering::Relaxed) - carried;
        println!("{keys:?} {steps} times: {later} bytes after the last key");
        // Two pages: the one that was under way, and the right one.
        assert!(later < 8_000, "{later} bytes were still to come");
    }
    line.cut();
}

#[test]
fn a_line_that_drops_while_somebody_writes_leaves_the_text_and_no_process() {
    let home = tempfile::tempdir().unwrap();
    let line = match line(home.path()) {
        Ok(line) => line,
        Err(why) => return not_checked(why),
    };
    let served = Served::start(home.path(), &["--demo", "--updates", "300"]);
    let mut terminal = open(&line, home.path(), &served, "");
    let before = served.texts(&served.profiles()[0], "pending");
    terminal.press("J");
    terminal.press("c");
    terminal.wait_for("New update");
    terminal.press("what was begun on the train");
    terminal.wait_for("begun on the train");
    let process = PathBuf::from(format!("/proc/{}", pid(home.path())));
    assert!(runs(&process));
    // `sshd` hangs up at once.
    line.cut();
    let cut = Instant::now();
    while runs(&process) {
        assert!(
            cut.elapsed() < Duration::from_secs(1),
            "it goes on without a line"
        );
        thread::sleep(Duration::from_millis(2));
    }
    println!("gone {} ms after the line", cut.elapsed().as_millis());
    drop(terminal);
    let mut terminal = open(&line, home.path(), &served, "");
    terminal.press("c");
    terminal.wait_for("begun on the train");
    let mut moved = before;
    moved.swap(0, 1);
    served.wait_texts(&served.profiles()[0], "pending", |texts| texts == moved);
    line.cut();
}
