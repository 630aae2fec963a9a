//! Disks that are full, read-only, gone or broken: what was typed stays on the screen as not saved,
//! nothing is sent that is not on disk, and everything goes out once the disk works again.
//!
//! The worker runs in a child process, so that it can have other rights, limits and system calls.
//! What needs root (a file system of its own) says so when it is skipped.

#![expect(clippy::print_stdout, reason = "what was counted is said")]

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use qurate::domain::id::LocalId;
use qurate::domain::operation::OperationState;
use qurate::protocol::{SyncCommand, SyncEvent};
use tempfile::TempDir;

use super::fake_api::{FakeApi, profile_id};
use super::pty::Start;
use super::served::{Served, TOKEN};
use super::skip::not_checked;
use super::sync_harness::Editor;

const NOBODY: u32 = 65_534;
const EDITS: usize = 4;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn scale() -> usize {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    scale.and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// What runs in the child: edits while the disk is in trouble, and what became of them after.
#[test]
fn child() {
    let Some(dir) = std::env::var_os("QURATE_DISK_CHILD") else {
        return;
    };
    let (api, p) = (FakeApi::with(&[("a", &["1"])]), profile_id("a"));
    let say = |text: String| println!("CHILD {}", text.replace('\n', " "));
    let wait = || {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
    };
    let mut e = Editor::open(Path::new(&dir), &api, 1);
    e.wait("what can be read is shown", |e| {
        let is = |event: &SyncEvent| matches!(event, SyncEvent::Restored { .. });
        e.seen.iter().any(is)
    });
    say(format!("open {}", e.trouble.join(" | ")));
    wait();
    let ids: Vec<_> = (0..EDITS)
        .map(|n| e.create(&p, &format!("edit {n}")))
        .collect();
    e.wait("stored or not", |e| {
        ids.iter()
            .all(|id| !matches!(e.state(*id), Some(OperationState::Unsaved { reason: None })))
    });
    let unsaved = |e: &Editor| {
        let is = |id: &&_| matches!(e.state(**id), Some(OperationState::Unsaved { .. }));
        ids.iter().filter(is).count()
    };
    // What must not be done would have been done before the second of these is answered.
    for asked in 1..=2 {
        e.send(SyncCommand::LoadInteractions {
            update: LocalId::from(ulid::Ulid::from(1_u128)),
            event: None,
            page: 1,
        });
        e.wait(
            "it says that the server never had it, or why it asks nothing",
            |e| {
                let is = |event: &&SyncEvent| matches!(event, SyncEvent::LoadFailed { .. });
                e.seen.iter().filter(is).count() >= asked
            },
        );
    }
    let done = api.world().done.len();
    say(format!(
        "unsaved {} done {done} {}",
        unsaved(&e),
        e.trouble.join(" | ")
    ));
    wait();
    if std::env::var_os("QURATE_DISK_KILL").is_some() {
        // Killed in the middle of it; what was saved is there at the next start.
        let mut saved: Vec<usize> = Vec::new();
        e.wait("quiet", |_| true);
        for (n, id) in ids.iter().enumerate() {
            if !matches!(e.state(*id), Some(OperationState::Unsaved { .. })) {
                saved.push(n);
            }
        }
        e.kill();
        fs::write(std::env::var_os("QURATE_FAULT_OFF").unwrap(), "").unwrap();
        let mut e = Editor::open(Path::new(&dir), &api, 2);
        e.wait("all went out or is held", |e| {
            e.replica
                .operations()
                .iter()
                .all(|(_, state)| matches!(state, OperationState::Held { .. }))
        });
        let texts = api.world().texts(&p);
        let held = e.replica.operations().len();
        let lost = saved
            .iter()
            .filter(|n| !texts.contains(&format!("edit {n}")))
            .count();
        let mut twice = texts.clone();
        twice.sort();
        twice.dedup();
        say(format!(
            "end lost {} twice {} saved {}",
            lost.saturating_sub(held),
            texts.len() - twice.len(),
            saved.len()
        ));
        e.quit();
        return;
    }
    if let Some(off) = std::env::var_os("QURATE_FAULT_OFF") {
        fs::write(off, "").unwrap();
    }
    e.wait("all is stored and sent", |_| {
        api.world().done.len() == EDITS
    });
    e.wait_settled();
    let texts = api.world().texts(&p);
    let wanted: Vec<String> = (0..EDITS).map(|n| format!("edit {n}")).collect();
    assert_eq!(texts[1..], wanted, "in order, once");
    say(format!("end {}", e.trouble.join(" | ")));
    e.quit();
}

/// A child, and what it said last.
struct Run {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Run {
    fn start(dir: &Path, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "disk_trouble::child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("QURATE_DISK_CHILD", dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        change(&mut command);
        let mut child = command.spawn().expect("the child");
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    fn heard(&mut self, word: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the child ended before it said {word:?}");
            if let Some((_, said)) = line.split_once("CHILD ")
                && let Some(rest) = said.strip_prefix(word)
            {
                return rest.trim().to_owned();
            }
        }
    }

    fn go_on(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }

    fn end(mut self) -> String {
        let said = self.heard("end");
        assert!(self.child.wait().unwrap().success(), "it ended well");
        said
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory that the child, which is not root, may use.
struct Stage {
    root: TempDir,
    mount: Option<PathBuf>,
}

impl Stage {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let stage = Self { root, mount: None };
        fs::create_dir(stage.dir()).unwrap();
        Self::give(&stage.dir());
        stage
    }

    /// On a file system of its own of this size, if we may make one.
    fn mounted(size: &str) -> Option<Self> {
        let mut stage = Self::new();
        let options = format!("size={size},uid={NOBODY},gid={NOBODY},mode=700");
        let made = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(stage.dir())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            not_checked("mounting a file system needs root");
            return None;
        }
        stage.mount = Some(stage.dir());
        Some(stage)
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("state")
    }

    fn store(&self) -> PathBuf {
        self.dir().join("account.db")
    }

    fn give(path: &Path) {
        if is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn run(&self) -> Run {
        Run::start(&self.dir(), |command| {
            if is_root() {
                command.uid(NOBODY).gid(NOBODY);
            }
        })
    }

    /// A store that is there already.
    fn with_store(self) -> Self {
        let mut run = self.run();
        run.heard("open");
        run.go_on();
        run.heard("unsaved 0");
        run.go_on();
        run.end();
        self
    }

    fn mount(&self, arguments: &[&str]) {
        let program = arguments[0];
        let status = Command::new(program)
            .args(&arguments[1..])
            .arg(self.dir())
            .status()
            .unwrap();
        assert!(status.success(), "{arguments:?}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(mount) = &self.mount {
            let _ = Command::new("umount").arg("-l").arg(mount).status();
        }
    }
}

/// Trouble before the start, what it is, and how it is mended.
fn from_the_start(what: &str, stage: &Stage, harm: impl FnOnce(), mend: impl FnOnce()) {
    harm();
    let mut run = stage.run();
    let open = run.heard("open");
    run.go_on();
    let said = run.heard("unsaved");
    assert!(
        said.starts_with(&format!("{EDITS} done 0")),
        "{what}: not saved and nothing sent: {said}"
    );
    assert!(
        open.contains(stage.root.path().to_str().unwrap()),
        "{what}: the message names the path: {open:?}"
    );
    mend();
    run.go_on();
    let end = run.end();
    println!("{what}: {open} / {end}");
}

#[test]
fn a_store_that_cannot_be_opened_is_tried_again_until_it_can_be() {
    let stage = Stage::new();
    let dir = stage.dir();
    let (closed, open) = (|| Stage::mode(&dir, 0o500), || Stage::mode(&dir, 0o700));
    from_the_start("a directory that cannot be written", &stage, closed, open);

    let stage = Stage::new().with_store();
    let dir = stage.dir();
    let (closed, open) = (|| Stage::mode(&dir, 0o500), || Stage::mode(&dir, 0o700));
    from_the_start("the same with a store in it", &stage, closed, open);

    let stage = Stage::new().with_store();
    let store = stage.store();
    let (closed, open) = (|| Stage::mode(&store, 0o400), || Stage::mode(&store, 0o600));
    from_the_start("a file that cannot be written", &stage, closed, open);

    let stage = Stage::new().with_store();
    let lock = stage.dir().join("account.db.lock");
    let (closed, open) = (|| Stage::mode(&lock, 0), || Stage::mode(&lock, 0o600));
    let dir = stage.dir();
    let closed = || {
        closed();
        Stage::mode(&dir, 0o500);
    };
    let open = || {
        open();
        Stage::mode(&stage.dir(), 0o700);
    };
    from_the_start("a lock that cannot be taken", &stage, closed, open);

    let stage = Stage::new();
    let store = stage.store();
    let harm = || {
        fs::create_dir(&store).unwrap();
        fs::write(store.join("x"), "").unwrap();
    };
    from_the_start("a directory in its place", &stage, harm, || {
        fs::remove_dir_all(&store).unwrap();
    });

    let stage = Stage::new();
    let store = stage.store();
    let other = stage.dir().join("other.db");
    from_the_start(
        "a link in its place",
        &stage,
        || symlink(&other, &store).unwrap(),
        || fs::remove_file(&store).unwrap(),
    );
    assert!(!other.exists(), "a link is not followed");

    if is_root() {
        let stage = Stage::new().with_store();
        let store = stage.store();
        let harm = || {
            chown(&store, Some(0), Some(0)).unwrap();
            Stage::mode(&store, 0o666);
        };
        from_the_start("a file of somebody else", &stage, harm, || {
            Stage::give(&store);
        });
    } else {
        not_checked("a file of somebody else needs root");
    }
}

#[test]
fn a_disk_that_is_full_or_read_only_is_lived_with() {
    let fill = |stage: &Stage| {
        let mut file = fs::File::create(stage.dir().join("fill")).unwrap();
        while file.write_all(&[7; 1024]).is_ok() {}
    };
    let free = |stage: &Stage| fs::remove_file(stage.dir().join("fill")).unwrap();
    let Some(stage) = Stage::mounted("1m") else {
        return;
    };
    from_the_start(
        "full from the start",
        &stage,
        || fill(&stage),
        || free(&stage),
    );

    let stage = Stage::mounted("1m").unwrap().with_store();
    let (ro, rw) = (["mount", "-o", "remount,ro"], ["mount", "-o", "remount,rw"]);
    from_the_start(
        "read-only from the start",
        &stage,
        || stage.mount(&ro),
        || stage.mount(&rw),
    );

    // While it runs.
    for (what, known) in [("full", true), ("full and new", false)] {
        let mut stage = Stage::mounted("1m").unwrap();
        if known {
            stage = stage.with_store();
        }
        let mut run = stage.run();
        assert_eq!(run.heard("open"), "");
        fill(&stage);
        run.go_on();
        let said = run.heard("unsaved");
        assert!(said.contains("done 0"), "{what}: nothing is sent: {said}");
        assert!(said.contains("full"), "{what}: {said}");
        free(&stage);
        run.go_on();
        run.end();
    }
}

type Harm = fn(&Stage);

#[test]
fn a_store_that_goes_away_while_it_is_open_is_noticed() {
    let harms: [(&str, Harm); 3] = [
        ("removed", |stage| {
            for part in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(stage.dir().join(format!("account.db{part}")));
            }
        }),
        ("moved with its directory", |stage| {
            fs::rename(stage.dir(), stage.root.path().join("elsewhere")).unwrap();
            fs::create_dir(stage.dir()).unwrap();
            Stage::give(&stage.dir());
        }),
        ("replaced by an empty file", |stage| {
            fs::remove_file(stage.store()).unwrap();
            fs::write(stage.store(), "").unwrap();
            Stage::give(&stage.store());
        }),
    ];
    for (what, harm) in harms {
        let stage = Stage::new().with_store();
        let mut run = stage.run();
        assert_eq!(run.heard("open"), "", "{what}");
        harm(&stage);
        run.go_on();
        run.heard("unsaved");
        run.go_on();
        run.end();
        let length = fs::metadata(stage.store()).unwrap().len();
        assert!(length > 4096, "{what}: it is stored where it should be");
    }
    let Some(stage) = Stage::mounted("2m") else {
        return;
    };
    let stage = stage.with_store();
    let mut run = stage.run();
    run.heard("open");
    stage.mount(&["umount", "-l"]);
    Stage::mode(&stage.dir(), 0o500);
    run.go_on();
    let said = run.heard("unsaved");
    assert!(
        said.starts_with(&format!("{EDITS} done 0")),
        "a lost mount: {said}"
    );
    Stage::mode(&stage.dir(), 0o700);
    run.go_on();
    run.end();
}

#[test]
fn a_limit_for_files_ends_nothing() {
    // From 64 to 512 KiB.
    let step = if scale() > 1 { 4 } else { 112 };
    for limit in (64..=512).step_by(step) {
        let dir = tempfile::tempdir().unwrap();
        let bytes = limit * 1024;
        let mut run = Run::start(dir.path(), |_| {});
        run.heard("open");
        let pid = run.child.id().to_string();
        let limit_to = |n: &str| {
            let status = Command::new("prlimit")
                .args(["--pid", &pid, &format!("--fsize={n}:")])
                .status();
            status.is_ok_and(|status| status.success())
        };
        if !limit_to(&bytes.to_string()) {
            return not_checked("there is no prlimit");
        }
        run.go_on();
        run.heard("unsaved");
        assert!(limit_to("unlimited"));
        run.go_on();
        run.end();
    }
}

/// Fails the k-th write or sync of the store, and so many after it.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static long seen, from, many; static int which, code; static char *off; static int ready;
static void setup(void) {
  if (ready) return; ready = 1;
  char *s = getenv("QURATE_FAULT");
  if (s) sscanf(s, "%ld %ld %d %d", &from, &many, &which, &code);
  off = getenv("QURATE_FAULT_OFF");
}
static int hit(int fd, int kind) {
  char link[64], path[512]; setup();
  if (!from || !(which & kind) || (off && access(off, F_OK) == 0)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1); if (n < 0) return 0; path[n] = 0;
  if (!strstr(path, "account.db")) return 0;
  seen++;
  if (seen >= from && seen < from + many) { errno = code; return 1; }
  return 0;
}
#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { REAL(pwrite); return hit(fd, 1) ? -1 : real(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { REAL(pwrite64); return hit(fd, 1) ? -1 : real(fd, b, n, o); }
ssize_t write(int fd, const void *b, size_t n) { REAL(write); return hit(fd, 1) ? -1 : real(fd, b, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); return hit(fd, 1) ? -1 : real(fd, n); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); return hit(fd, 1) ? -1 : real(fd, n); }
int fsync(int fd) { REAL(fsync); return hit(fd, 2) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return hit(fd, 2) ? -1 : real(fd); }
"#;

#[test]
fn a_write_or_sync_that_fails_loses_and_doubles_nothing() {
    let tools = tempfile::tempdir().unwrap();
    Stage::mode(tools.path(), 0o755);
    let (source, shim) = (tools.path().join("shim.c"), tools.path().join("shim.so"));
    fs::write(&source, SHIM).unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .args([&shim, &source])
        .arg("-ldl")
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return not_checked("there is no C compiler");
    }
    // The calls at which it fails; for how many, and what.
    let (writes, syncs, full, broken) = (1, 2, 28, 5);
    let every = if scale() > 1 { 1 } else { 16 };
    let (mut runs, mut saved) = (0, 0);
    for from in (1..90).step_by(every) {
        for (many, which, code) in [
            (1, writes, full),
            (7, writes, full),
            (100_000, writes, full),
            (1, syncs, broken),
            (100_000, syncs, broken),
            (3, writes | syncs, broken),
        ] {
            if which == syncs && from > 30 {
                continue;
            }
            for kill in [false, true] {
                if scale() == 1 && (from / every + usize::from(kill) + many) % 2 == 0 {
                    continue;
                }
                let dir = tempfile::tempdir().unwrap();
                let fault = format!("{from} {many} {which} {code}");
                let mut run = Run::start(dir.path(), |command| {
                    command
                        .env("LD_PRELOAD", &shim)
                        .env("QURATE_FAULT", &fault)
                        .env("QURATE_FAULT_OFF", dir.path().join("off"));
                    if kill {
                        command.env("QURATE_DISK_KILL", "1");
                    }
                });
                run.heard("open");
                run.go_on();
                run.heard("unsaved");
                run.go_on();
                let end = run.end();
                if kill {
                    assert!(end.starts_with("lost 0 twice 0"), "{fault}: {end}");
                    let n = end.rsplit(' ').next().and_then(|n| n.parse::<usize>().ok());
                    saved += n.unwrap();
                }
                runs += 1;
            }
        }
    }
    println!("calls that fail: {runs} runs, {saved} saved edits before a kill, 0 lost, 0 twice");
}

#[test]
fn without_a_home_it_says_so_in_one_line() {
    let output = Command::new(env!("CARGO_BIN_EXE_qurate"))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn an_edit_on_a_full_disk_is_shown_as_not_saved_and_saved_when_there_is_space() {
    let Some(stage) = Stage::mounted("2m") else {
        return;
    };
    let served = Served::start(
        stage.root.path(),
        &["--demo", "--database", "server.db", "--updates", "5"],
    );
    let profile = served.profiles().remove(0);
    let below = stage.dir();
    let start = || {
        let url = served.url();
        let arguments = ["--api-url", &url, "--state-dir", below.to_str().unwrap()];
        let mut editor = Start::new(stage.root.path(), &arguments);
        editor.environment.push(("QURATE_TOKEN", TOKEN));
        // Root may write where the file system belongs to somebody else.
        let editor = editor.run();
        // A first read cannot be kept on a full disk, so it must have come before.
        editor.wait("the queue", |s| {
            s.contains("online") && s.contains(" updates")
        });
        editor
    };
    let mut editor = start();
    let mut fill = fs::File::create(below.join("fill")).unwrap();
    while fill.write_all(&[7; 512]).is_ok() {}
    editor.press("c");
    editor.wait_for("New update");
    editor.press("Typed on a full disk");
    editor.wait_for("Typed on a full disk");
    editor.press("\x13");
    editor.wait("marked as not saved", |screen| {
        let mut rows = screen
            .lines()
            .filter(|row| row.contains("Typed on a full disk"));
        rows.any(|row| row.contains('!')) && screen.contains("full")
    });
    let on_server = || {
        let texts = served.texts(&profile, "pending");
        texts
            .iter()
            .filter(|text| text.contains("full disk"))
            .count()
    };
    assert_eq!(on_server(), 0, "nothing is sent that is not on disk");
    drop(fill);
    fs::remove_file(below.join("fill")).unwrap();
    served.wait_texts(&profile, "pending", |texts| {
        texts.iter().any(|text| text == "Typed on a full disk")
    });
    editor.wait("not marked any more", |screen| {
        let mut rows = screen
            .lines()
            .filter(|row| row.contains("Typed on a full disk"));
        rows.any(|row| !row.contains('!'))
    });
    editor.kill();
    let again = start();
    again.wait_for("Typed on a full disk");
    assert_eq!(on_server(), 1);
}
