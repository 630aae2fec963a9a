//! What a shell and a terminal do to the editor: stop it, let it go on, and go away.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::program::{add_profile, local};
use super::pty::{BOUND, ESC, Start, Terminal};
use super::served::hang_ups_must_count;
use super::skip::not_checked;
use super::terminal::{demo, modes_are_undone};

/// Runs the program with job control, and says what became of it.
const SHELL: &str = "set -m; \"$0\" demo; echo \"STOPPED $?\"; read line; fg; echo \"ENDED $?\"";

const TMUX: &str = "/usr/bin/tmux";

/// Starts a shell that runs this, with the program as its `$0`.
fn shell(home: &Path, script: &str) -> Terminal {
    let program = env!("CARGO_BIN_EXE_qurate");
    let start = Start::new(home, &["-c", script, program]);
    start.program(Path::new("/bin/sh")).run()
}

/// The only child of a process.
fn child_of(pid: Pid) -> Pid {
    let pid = pid.as_raw_nonzero();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    Pid::from_raw(children.trim().parse().unwrap()).unwrap()
}

#[test]
fn a_stopped_editor_gives_the_terminal_back_and_draws_all_of_it_when_it_goes_on() {
    for (stop, undone, columns) in [
        (None, true, 120),
        (Some(Signal::TSTP), true, 90),
        // Nothing hears of this one.
        (Some(Signal::STOP), false, 120),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = shell(home.path(), SHELL);
        terminal.wait("the editor", |s| {
            s.contains("24 updates") && s.contains("online")
        });
        let before = terminal.raw().len();
        match stop {
            None => terminal.press("\x1a"),
            Some(signal) => kill_process(child_of(terminal.pid()), signal).unwrap(),
        }
        // The code of a stop: 128 and the signal.
        terminal.wait("the shell", |s| {
            s.contains("STOPPED 147") || s.contains("STOPPED 148")
        });
        let raw = terminal.raw();
        if undone {
            modes_are_undone(&String::from_utf8_lossy(&raw));
        }
        assert!(!String::from_utf8_lossy(&raw[before..]).contains("ENDED"));
        terminal.resize(columns, 40);
        let stopped = terminal.raw().len();
        // Enter, as it is where the terminal was not given back.
        terminal.press("\n");
        terminal.wait("the editor again", |s| {
            s.contains("24 updates") && s.lines().all(|line| !line.contains("STOPPED"))
        });
        let again = String::from_utf8_lossy(&terminal.raw()[stopped..]).into_owned();
        for mode in ["\x1b[?1049h", "\x1b[?2004h", "\x1b[?25l"] {
            assert!(again.contains(mode), "{mode:?} is not set again: {again:?}");
        }
        // It hears keys, and draws on what the terminal has become.
        terminal.press("?");
        let screen = terminal.wait_for("Keys that work");
        let widest = screen.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(columns.into()), "{screen}");
        terminal.press(ESC);
        terminal.wait("the queue", |s| !s.contains("Keys that work"));
        terminal.press("q");
        terminal.wait_for("ENDED 0");
        modes_are_undone(&terminal.last_words());
    }
}

/// What runs the program below a shell that outlives it, to say how it ended; `trap` says what hang-ups
/// are to them.
fn traced(trap: &str) -> String {
    let program = env!("CARGO_BIN_EXE_qurate");
    format!("trap {trap} HUP; {program} --state-dir s; echo $? >code")
}

/// Runs that in a terminal of its own inside this one.
fn inside(home: &Path, trap: &str) -> Terminal {
    let run = traced(trap);
    let start = Start::new(home, &["-qec", &run, "/dev/null"]);
    start.program(Path::new("/usr/bin/script")).run()
}

/// Begins an update.
fn write(terminal: &mut Terminal) {
    add_profile(terminal);
    terminal.press("c");
    terminal.wait_for("New update");
    terminal.press("what was begun");
    terminal.wait_before_cursor("what was begun");
}

/// Sees that it ended as hung up on, and that the next start has the text.
fn text_was_left(home: &Path, how: &str) {
    assert_eq!(code(home), "129\n", "{how}");
    let mut terminal = local(home);
    terminal.wait_for("a draft was kept");
    terminal.press("c\r");
    terminal.wait_before_cursor("what was begun");
}

#[test]
fn a_terminal_that_goes_away_ends_the_editor_and_leaves_the_text() {
    hang_ups_must_count();
    // The second hears of it only by its input, which has an end then.
    for trap in [":", "''"] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = inside(home.path(), trap);
        write(&mut terminal);
        terminal.kill();
        text_was_left(home.path(), trap);
    }
}

/// Runs `tmux` with a server of its own.
fn tmux(home: &Path, arguments: &[&str]) -> Terminal {
    let mut all = vec!["-f", "/dev/null", "-S", "tmux"];
    all.extend(arguments);
    let start = Start::new(home, &all);
    start.program(Path::new(TMUX)).run()
}

#[test]
fn in_tmux_the_editor_outlives_the_client_and_ends_with_the_server() {
    hang_ups_must_count();
    if !Path::new(TMUX).exists() {
        return not_checked("there is no tmux");
    }
    for (end, trap) in [
        ("kill-server", ":"),
        ("kill-pane", "''"),
        ("KILL", ":"),
        ("KILL", "''"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut client = tmux(home.path(), &["new-session", &traced(trap)]);
        write(&mut client);
        client.kill();
        let mut client = tmux(home.path(), &["attach"]);
        client.wait_before_cursor("what was begun");
        client.press(" and");
        client.wait_before_cursor("what was begun and");
        client.press("\x7f\x7f\x7f\x7f");
        client.wait_before_cursor("what was begun");
        if end == "KILL" {
            let said = tmux(home.path(), &["display-message", "-p", "#{pid}"]).last_words();
            let server = said.trim().parse().ok().and_then(Pid::from_raw);
            kill_process(server.expect("its number"), Signal::KILL).unwrap();
        } else {
            assert_eq!(tmux(home.path(), &[end]).wait_end(), 0);
        }
        text_was_left(home.path(), &format!("{end}, trap {trap}"));
    }
}

/// Waits until the shell says how the program ended.
fn code(home: &Path) -> String {
    let started = Instant::now();
    loop {
        let said = fs::read_to_string(home.join("code")).unwrap_or_default();
        if said.ends_with('\n') {
            return said;
        }
        assert!(started.elapsed() < BOUND, "it goes on without a terminal");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Says whether the first and the last line are there.
fn is_whole(screen: &str) -> bool {
    screen.contains("24 updates") && screen.lines().last().is_some_and(|l| l.contains("? help"))
}

#[test]
fn whatever_size_a_terminal_says_it_has_the_editor_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(home.path());
    for (columns, rows, shown) in [
        (1, 1, ""),
        (500, 200, "24 updates"),
        (500, 1, ""),
        (1, 200, ""),
        // What a terminal says that does not know its size.
        (0, 0, "24 updates"),
    ] {
        terminal.resize(columns, rows);
        // A key for each size, so that what is drawn is what the size before led to, too.
        terminal.press("j");
        if !shown.is_empty() {
            terminal.wait_for(shown);
        }
    }
    // Somebody drags the corner of the window there and back. What the terminal cut off meanwhile is
    // drawn again, though the size is the same in the end.
    terminal.resize(80, 24);
    // At the top the same rows show whatever the sizes were, and all that was pressed is done when the
    // help is seen.
    terminal.press("gg?");
    terminal.wait_for("Keys that work here");
    terminal.press("\x1b");
    // What is found in them is said above them when it is found. Blanks at the end of a line may have
    // been written or not.
    let rows = |screen: &str| -> Vec<String> {
        let rows = screen.lines().skip(2).take(13);
        rows.map(|row| row.trim_end().to_owned()).collect()
    };
    let whole = |s: &str| s.lines().count() == 24 && is_whole(s) && !s.contains("Keys that");
    let before = rows(&terminal.wait("all of it", whole));
    for step in 0..400_u16 {
        terminal.resize(20 + step % 140, 5 + step % 50);
    }
    terminal.resize(80, 24);
    terminal.wait("all of it again", |s| whole(s) && rows(s) == before);
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
}
