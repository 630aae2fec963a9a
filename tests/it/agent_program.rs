//! The agent as a process, beside editors in terminals: what waits goes out without a screen, once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::plain_program::run;
use super::program::{add_profile, local};
use super::pty::{BOUND, Start, Terminal};
use super::served::{Served, TOKEN, command, hang_ups_must_count};
use super::two_instances::Screen;

/// A running agent and what it says. Dropping it kills it.
struct Agent {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Agent {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut program = command(home);
        program.args(["agent", "--state-dir", "s"]).args(arguments);
        Self::spawn(&mut program)
    }

    fn spawn(program: &mut Command) -> Self {
        let mut child = program
            .env("QURATE_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Self {
            child,
            lines,
            heard: Vec::new(),
        }
    }

    /// Waits until it says something with these words in it.
    fn wait_for(&mut self, words: &str) {
        loop {
            match self.lines.recv_timeout(BOUND) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if line.contains(words) {
                        return;
                    }
                }
                Err(error) => panic!("{words:?} was not said ({error}): {:#?}", self.heard),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end; returns its exit code and all it said.
    fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        loop {
            match self.lines.recv_timeout(BOUND) {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it did not end"),
            }
        }
        (code, self.heard.join("\n"))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server on a file, and the options that open its account.
fn server(home: &Path) -> (Served, String) {
    let arguments = ["--demo", "--updates", "3", "--database", "server.db"];
    let server = Served::start(home, &arguments);
    let url = server.url();
    (server, url)
}

fn editor(home: &Path, url: &str) -> Terminal {
    let editor = Start::new(home, &["--state-dir", "s", "--api-url", url])
        .env("QURATE_TOKEN", TOKEN)
        .run();
    editor.wait("the queue", |screen| screen.contains("3 updates"));
    editor
}

fn count(server: &Served, text: &str) -> usize {
    let profile = server.profiles().remove(0);
    let there = server.texts(&profile, "pending");
    there.iter().filter(|there| *there == text).count()
}

#[test]
fn what_a_killed_editor_left_is_sent_once_and_the_agent_ends() {
    let home = tempfile::tempdir().unwrap();
    let (mut server, url) = server(home.path());
    let mut screen = Screen {
        terminal: editor(home.path(), &url),
    };
    server.stop(Signal::TERM);
    // While the line is known to be down nothing but a read is tried: it surely waits.
    screen.terminal.press("R");
    screen.terminal.wait_for("offline since");
    screen.compose("left behind");
    screen.terminal.wait("it is saved", |screen| {
        let line = screen.lines().find(|line| line.contains("left behind"));
        line.is_some_and(|line| !line.contains('!'))
    });
    screen.terminal.kill();
    server.start_again();
    let agent = Agent::start(home.path(), &["--api-url", &url, "--until-sent"]);
    let (code, said) = agent.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 change waits"), "{said}");
    assert!(said.ends_with("qurate: 1 sent, nothing waits"), "{said}");
    assert!(!said.contains("left behind"), "no text is said: {said}");
    assert_eq!(count(&server, "left behind"), 1);
    let again = Agent::start(home.path(), &["--api-url", &url, "--until-sent"]);
    let (code, said) = again.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("qurate: nothing waits"), "{said}");
    assert_eq!(count(&server, "left behind"), 1);
}

#[test]
fn an_editor_beside_the_agent_works_on_and_takes_over_when_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let (server, url) = server(home.path());
    let mut agent = Agent::start(home.path(), &["--api-url", &url]);
    agent.wait_for("nothing waits");
    let mut screen = Screen {
        terminal: editor(home.path(), &url),
    };
    screen.wait_status("it follows", &["another qurate sends"]);
    screen.compose("by the agent");
    screen.wait_status("it is sent", &["another qurate sends"]);
    assert_eq!(count(&server, "by the agent"), 1);
    let asked = Instant::now();
    agent.signal(Signal::TERM);
    let (code, said) = agent.end();
    assert!(asked.elapsed() < Duration::from_secs(2), "{said}");
    assert_eq!(code, Some(143), "{said}");
    screen.wait_status("it sends itself", &["online"]);
    screen.compose("by the editor");
    screen.wait_status("it is sent", &["online"]);
    for text in ["by the agent", "by the editor"] {
        assert_eq!(count(&server, text), 1, "{text}");
    }
    screen.terminal.press("q");
    assert_eq!(screen.terminal.wait_end(), 0);
}

#[test]
fn a_second_agent_waits_for_the_first() {
    let home = tempfile::tempdir().unwrap();
    let (_server, url) = server(home.path());
    let mut first = Agent::start(home.path(), &["--api-url", &url]);
    first.wait_for("nothing waits");
    let mut second = Agent::start(home.path(), &["--api-url", &url]);
    second.wait_for("another qurate sends; this one goes on when that one ends");
    first.signal(Signal::INT);
    assert_eq!(first.end().0, Some(130));
    second.wait_for("this one sends from now on");
}

#[test]
fn what_needs_the_person_is_told_by_the_exit_code() {
    let home = tempfile::tempdir().unwrap();
    let (server, url) = server(home.path());
    let before = server.texts(&server.profiles()[0], "pending");
    let arguments = ["--plain", "--api-url", &url, "--state-dir", "s"];
    // Closed in the time to take it back: a share waits for its person then.
    let output = run(home.path(), &arguments, "share 1\nyes\n");
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    let agent = Agent::start(home.path(), &["--api-url", &url, "--until-sent"]);
    let (code, said) = agent.end();
    assert_eq!(code, Some(75), "{said}");
    let words = "nothing waits, 1 held; w in the editor says why";
    assert!(said.contains(words), "{said}");
    assert_eq!(server.texts(&server.profiles()[0], "pending"), before);
}

#[test]
fn a_token_that_is_refused_ends_it_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let (_server, url) = server(home.path());
    let mut program = command(home.path());
    program.args(["agent", "--state-dir", "s", "--api-url", &url]);
    let output = program.env("QURATE_TOKEN", "wrong").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.to_lowercase().contains("token"), "{said}");
}

#[test]
fn nohup_is_heeded_and_an_interrupt_sent_by_hand_is_too() {
    hang_ups_must_count();
    let home = tempfile::tempdir().unwrap();
    let (_server, url) = server(home.path());
    let mut program = Command::new("/bin/sh");
    program
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .args(["-c", "trap '' HUP INT QUIT; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_qurate"), "agent", "--state-dir", "s"])
        .args(["--api-url", &url]);
    let mut agent = Agent::spawn(&mut program);
    agent.wait_for("nothing waits");
    agent.signal(Signal::HUP);
    let mut second = Agent::start(home.path(), &["--api-url", &url]);
    second.wait_for("another qurate sends");
    drop(second);
    // As who starts it in the background of a script: what is sent by hand counts.
    agent.signal(Signal::INT);
    assert_eq!(agent.end().0, Some(130));
    let mut agent = Agent::start(home.path(), &["--api-url", &url]);
    agent.wait_for("nothing waits");
    agent.signal(Signal::HUP);
    assert_eq!(agent.end().0, Some(129));
}

#[test]
fn on_the_local_account_the_agent_is_the_server_too() {
    let home = tempfile::tempdir().unwrap();
    let mut editor = local(home.path());
    add_profile(&mut editor);
    let mut screen = Screen { terminal: editor };
    screen.compose("for later");
    screen.wait_status("it is sent", &["online"]);
    screen.terminal.kill();
    let mut agent = Agent::start(home.path(), &[]);
    agent.wait_for("nothing waits");
    let mut server = UnixStream::connect(home.path().join("s/run/server.sock")).unwrap();
    let request = "GET /1/profiles.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    server.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    server.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("acme"), "{reply}");
    agent.signal(Signal::TERM);
    assert_eq!(agent.end().0, Some(143));
}

#[test]
fn the_unit_is_printed_with_the_options_and_opens_nothing() {
    let home = tempfile::tempdir().unwrap();
    let output = command(home.path())
        .args(["--account", "work", "agent", "--unit"])
        .output()
        .unwrap();
    let unit = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let line = format!(
        "ExecStart={} --account work agent\n",
        env!("CARGO_BIN_EXE_qurate")
    );
    assert!(unit.contains(&line), "{unit}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
