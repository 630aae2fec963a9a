//! `qurate serve` as a process, and a plain HTTP client that knows nothing of ours.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The token of every server the tests start.
pub(crate) const TOKEN: &str = "a-token-for-tests-only";

/// A running server. Dropping it kills it.
pub(crate) struct Served {
    /// None: it runs in this process.
    process: Option<(Child, BufReader<ChildStdout>)>,
    /// The line it said when it was ready.
    pub(crate) line: String,
    pub(crate) address: SocketAddr,
    arguments: Vec<String>,
    home: PathBuf,
}

impl Served {
    /// Starts `qurate serve` with these arguments, on a free port, and waits until it is ready.
    pub(crate) fn start(home: &Path, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        Self::start_at("127.0.0.1:0", home, arguments)
    }

    fn start_at(listen: &str, home: &Path, arguments: Vec<String>) -> Self {
        let mut child = command(home)
            .env("QURATE_SERVER_TOKEN", TOKEN)
            .args(["serve", "--listen", listen])
            .args(&arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says a line");
        let address = line
            .trim_end()
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix("/1/"))
            .and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("not the line of the contract: {line:?}"));
        Self {
            process: Some((child, stdout)),
            line,
            address,
            arguments,
            home: home.to_owned(),
        }
    }

    /// One that runs in this process and has our token, to be asked in the same way.
    pub(crate) fn elsewhere(address: SocketAddr) -> Self {
        Self {
            process: None,
            line: String::new(),
            address,
            arguments: Vec::new(),
            home: PathBuf::new(),
        }
    }

    /// Ends it as `signal` does, and returns its exit code (none: it did not handle the signal)
    /// and what else it said on standard output.
    pub(crate) fn stop(&mut self, signal: Signal) -> (Option<i32>, String) {
        kill_process(self.pid(), signal).expect("it runs");
        let (child, stdout) = self.process.as_mut().expect("a process");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).expect("text");
        let status = child.wait().expect("it is ours");
        (status.code(), rest)
    }

    /// Starts it again at the same address with the same arguments.
    pub(crate) fn start_again(&mut self) {
        let listen = self.address.to_string();
        *self = Self::start_at(&listen, &self.home.clone(), self.arguments.clone());
    }

    pub(crate) fn pid(&self) -> Pid {
        let (child, _) = self.process.as_ref().expect("a process");
        Pid::from_raw(child.id().cast_signed()).expect("ids are positive")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/1/", self.address)
    }

    /// Asks for a path below `/1/`; the reply must be a yes.
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Sends a form to a path below `/1/`; the reply must be a yes.
    pub(crate) fn post(&self, path: &str, form: &str) -> Value {
        let (status, body) = self.ask("POST", path, form);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes one request on a connection of its own.
    pub(crate) fn ask(&self, method: &str, path: &str, form: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).expect("it accepts connections");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("sockets have timeouts");
        let mut request = format!(
            "{method} /1/{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {TOKEN}\r\n\
             connection: close\r\n",
            self.address
        );
        if method == "POST" {
            let _ = write!(
                request,
                "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
                form.len()
            );
        }
        let _ = write!(request, "\r\n{form}");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        let status = reply.split(' ').nth(1).and_then(|s| s.parse().ok());
        let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {reply}"));
        (status.expect("a status"), body)
    }

    /// The ids of the profiles, in the server's order.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let profiles = self.get("profiles.json");
        texts(&profiles, "id")
    }

    /// The texts of a profile's list (`pending`, `sent`), in its order.
    pub(crate) fn texts(&self, profile: &str, list: &str) -> Vec<String> {
        let page = self.get(&format!("profiles/{profile}/updates/{list}.json?count=100"));
        texts(&page["updates"], "text")
    }

    /// Waits until a list of texts is as wanted.
    pub(crate) fn wait_texts(&self, profile: &str, list: &str, wanted: impl Fn(&[String]) -> bool) {
        let started = Instant::now();
        loop {
            let texts = self.texts(profile, list);
            if wanted(&texts) {
                return;
            }
            assert!(
                started.elapsed() < 4 * super::pty::BOUND,
                "the server never had it: {texts:#?}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.process {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a server with sample data that also answers the editors on the local account of a state
/// directory, so that they look at its pace.
pub(crate) fn serve_account(home: &Path, state: &str, updates: usize) -> Served {
    let run = home.join(state).join("run");
    std::fs::create_dir_all(&run).expect("a place for the socket");
    let socket = run.join("server.sock");
    let socket = socket.to_str().expect("a temporary name is text");
    let updates = updates.to_string();
    Served::start(
        home,
        &[
            "--demo",
            "--database",
            "server.db",
            "--socket",
            socket,
            "--updates",
            &updates,
        ],
    )
}

/// The program with an environment that holds nothing but where its files go.
pub(crate) fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qurate"));
    command
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("PATH", "/usr/bin:/bin")
        .current_dir(home);
    command
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|item| item[field].as_str().expect("a text").to_owned())
        .collect()
}

/// Says at once that what is tested cannot be here: a program started where hang-ups are ignored (as
/// by `nohup`) rightly ignores them too, and would be waited for in vain.
pub(crate) fn hang_ups_must_count() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let is_ignored = ignored.is_some_and(|mask| mask & 1 != 0);
    assert!(
        !is_ignored,
        "hang-ups are ignored here: run the tests without nohup"
    );
}
