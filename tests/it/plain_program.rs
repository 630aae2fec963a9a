//! The real program line by line: a script on standard input, sentences on standard output.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::served::{Served, TOKEN, command};

/// Runs a script on the throw-away account, to its end.
fn demo(home: &Path, script: &str) -> Output {
    run(home, &["demo", "--plain", "--updates", "5"], script)
}

pub(crate) fn run(home: &Path, arguments: &[&str], script: &str) -> Output {
    let mut command = command(home);
    command
        .args(arguments)
        .env("QURATE_TOKEN", TOKEN)
        .env("EDITOR", "sh -c 'printf \"from outside\\n\" > \"$0\"'");
    answered(&mut command, script)
}

fn answered(command: &mut Command, script: &str) -> Output {
    let mut child = command
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_script_is_answered_without_an_escape_code_and_ends_well() {
    let home = tempfile::tempdir().unwrap();
    let script = "list\nmove 3 to 1\nshare 2\nno\nlist sent\nlist profiles\noutbox\nhelp\ndoctor\nundo\nquit\n";
    let output = demo(home.path(), script);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.starts_with("Qurate on the account demo: 3 profiles, 15 updates"),
        "{said}"
    );
    assert!(said.contains("\n5: "), "{said}");
    assert!(said.contains("yes or no?"), "{said}");
    assert!(!said.contains("not saved yet"), "{said}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!said.contains(control), "{said:?}");
    assert_eq!(text(&output.stderr), "");
}

/// What the C library is told for us is ours alone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn large_blocks_go_back_to_the_system_and_no_other_program_hears_of_it() {
    let home = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(home.path().join(name)).unwrap();
    let own = "glibc.malloc.tcache_count=7";
    let other = "glibc.malloc.mmap_threshold=65536";
    // Whoever sets the same knows why.
    for (before, threshold) in [(None, 131_072), (Some(own), 131_072), (Some(other), 65_536)] {
        let look = "env > $HOME/theirs; tr \"\\0:\" \"\\n\" < /proc/$PPID/environ > $HOME/ours";
        let script = format!("run-command 1 sh -c '{look}'\nquit\n");
        let mut command = command(home.path());
        command.envs(before.map(|before| ("GLIBC_TUNABLES", before)));
        let output = answered(command.args(["demo", "--plain"]), &script);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        // The C library cuts what it has read into its parts.
        let (ours, theirs) = (read("ours"), read("theirs"));
        let has = |what: &str| ours.lines().any(|line| line.ends_with(what));
        let threshold = format!("glibc.malloc.mmap_threshold={threshold}");
        assert!(has(&threshold), "{ours}");
        assert!(before.is_none_or(has), "{ours}");
        let theirs: Vec<&str> = theirs.lines().filter(|l| l.contains("TUNABLES")).collect();
        let before = before.map(|before| format!("GLIBC_TUNABLES={before}"));
        assert_eq!(theirs, Vec::from_iter(before));
    }
}

/// By way of the loader, or from a file that is no more.
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
#[test]
fn a_start_that_cannot_be_begun_again_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("copy");
    fs::copy(env!("CARGO_BIN_EXE_qurate"), &program).unwrap();
    for start in [
        "exec /lib64/ld-linux-x86-64.so.2 ./copy demo --plain",
        "exec 3<copy; rm copy; exec /proc/self/fd/3 demo --plain",
    ] {
        let look = "grep -E ^Sig..t: /proc/$PPID/status > $HOME/signals";
        let script = format!("run-command 1 sh -c '{look}'\nquit\n");
        let mut command = Command::new("sh");
        command.args(["-c", start]).current_dir(home.path());
        command.env_clear().env("HOME", home.path());
        command.env("PATH", "/usr/bin:/bin");
        let output = answered(&mut command, &script);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{start}: {}",
            text(&output.stderr)
        );
        // A pipe that nobody reads is an error, not the end.
        let signals = fs::read_to_string(home.path().join("signals")).unwrap();
        let caught = signals
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        assert_ne!(caught & (1 << 12), 0, "{start}: {signals}");
    }
}

#[test]
fn a_program_is_run_on_an_update_and_what_it_says_is_told() {
    let home = tempfile::tempdir().unwrap();
    let script = "run-command 2 tr a-z A-Z\nrun-command 1 printf 'one\\ntwo\\nthree'\noutput\n\
                  run-command 1 no-such-program-here\nquit\n";
    let output = demo(home.path(), script);
    let said = text(&output.stdout);
    assert!(said.contains("Tr: A FLAKY TEST IS A BUG REPORT"), "{said}");
    assert_eq!(said.matches("\none\ntwo\nthree\n").count(), 2, "{said}");
    assert!(
        said.contains("o-such-program-here cannot be started"),
        "{said}"
    );
    // It stands for the line that failed.
    assert_eq!(output.status.code(), Some(1), "{said}");
}

#[test]
fn a_script_stops_at_the_first_line_that_fails() {
    let home = tempfile::tempdir().unwrap();
    let output = demo(home.path(), "down\ngo 77\ndelete\n");
    let (said, complaint) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.ends_with("There are only 5.\n"), "{said}");
    assert_eq!(
        complaint,
        "qurate: line 2: There are only 5. The lines after it were not done.\n"
    );
}

#[test]
fn what_a_script_did_is_on_the_server_when_it_waited() {
    let home = tempfile::tempdir().unwrap();
    let server = Served::start(home.path(), &["--demo", "--updates", "4"]);
    let url = server.url();
    let first = server.profiles().remove(0);
    let before = server.texts(&first, "pending");
    let script = "move 3 to 1\ncompose Two lines?\nto all\nsave\nedit-outside 2\nsave\nwait\n";
    let arguments = ["--plain", "--api-url", &url, "--state-dir", "s"];
    let output = run(home.path(), &arguments, script);
    let said = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{said}\n{}",
        text(&output.stderr)
    );
    assert!(said.contains("Everything is confirmed."), "{said}");
    let after = server.texts(&first, "pending");
    assert_eq!(after[0], before[2]);
    assert_eq!(after[1], "from outside");
    assert_eq!(after.last().map(String::as_str), Some("Two lines?"));
    for profile in server.profiles() {
        assert!(
            server
                .texts(&profile, "pending")
                .contains(&"Two lines?".to_owned())
        );
    }
    let left: Vec<_> = fs::read_dir(home.path().join("s")).unwrap().collect();
    assert!(!left.is_empty());
}

#[test]
fn the_end_of_the_input_keeps_what_was_being_written_and_says_what_waits() {
    let home = tempfile::tempdir().unwrap();
    let server = Served::start(home.path(), &["--demo", "--updates", "4"]);
    let url = server.url();
    let arguments = ["--plain", "--api-url", &url, "--state-dir", "s"];
    let output = run(
        home.path(),
        &arguments,
        "delete 1\ncompose\nhalf a thought\n",
    );
    assert_eq!(output.status.code(), Some(75), "kept, not yet sent");
    let complaint = text(&output.stderr);
    assert_eq!(complaint, "1 change kept: it goes out at the next start\n");
    let output = run(home.path(), &arguments, "list drafts\n");
    let said = text(&output.stdout);
    assert!(said.contains("half a thought"), "{said}");
}

#[test]
fn a_dumb_terminal_and_a_pipe_are_told_of_it() {
    let home = tempfile::tempdir().unwrap();
    let output = command(home.path())
        .arg("demo")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let complaint = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("`--plain`"), "{complaint}");
}

/// One that is spoken with.
struct Talk {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Talk {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn say(&mut self, line: &str) -> String {
        writeln!(self.stdin, "{line}").unwrap();
        self.line()
    }
}

#[test]
fn each_line_is_answered_before_the_next_and_a_signal_ends_it() {
    let home = tempfile::tempdir().unwrap();
    let mut child = command(home.path())
        .args(["demo", "--plain", "--updates", "5"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut talk = Talk {
        child,
        stdin,
        stdout,
    };
    assert!(talk.line().starts_with("Qurate on the account demo"));
    assert!(talk.line().starts_with("1 of 5 of "));
    assert!(talk.say("down").starts_with("2 of 5 of "));
    assert!(talk.say("").starts_with("2 of 5 of "));
    assert!(talk.say("share").ends_with("yes or no?"));
    let pid = Pid::from_raw(talk.child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let mut rest = String::new();
    talk.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert_eq!(talk.child.wait().unwrap().code(), Some(143));
}
