//! The `command` connection: a program gets the update as JSON on standard input.
//!
//! It gets nothing else of ours: no shell, an environment of a few harmless names, a process group
//! of its own, so that a key at our terminal does not reach it. Exit 0 means sent, and the first
//! line of output is the network's id of the post.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::CommandConnection;
use crate::domain::shown::Shown;
use crate::domain::text;
use crate::server::keeper::Outcome;

/// Most output that is read; more is thrown away.
const OUTPUT: usize = 64 * 1024;
/// How long the output of a program that has ended is read.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Longest id of a post.
const ID: usize = 200;
/// What a program needs of our environment to run at all.
const ENVIRONMENT: [&str; 7] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"];

/// Runs the program once.
pub(in crate::server) async fn publish(command: &CommandConnection, input: &str) -> Outcome {
    let output = match run(&command.publish, input, command.timeout).await {
        Ok(output) => output,
        Err(Failure::NotStarted(error)) => {
            return Outcome::Refused {
                reason: format!("its command could not be started: {error}"),
            };
        }
        Err(Failure::TimedOut) => {
            return Outcome::Unknown {
                reason: "its command did not end in time".to_owned(),
            };
        }
        Err(Failure::Lost(error)) => {
            return Outcome::Unknown {
                reason: format!("its command was lost: {error}"),
            };
        }
    };
    match output.code {
        Some(0) => Outcome::Sent {
            service_update_id: first_line(&output.stdout),
            statistics: None,
        },
        Some(code) => Outcome::Refused {
            reason: format!("its command ended with {code}: {}", complaint(&output)),
        },
        None => Outcome::Unknown {
            reason: "its command was killed".to_owned(),
        },
    }
}

/// What a program left behind.
pub(in crate::server) struct Output {
    pub(in crate::server) code: Option<i32>,
    pub(in crate::server) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Why there is no output.
pub(in crate::server) enum Failure {
    NotStarted(io::Error),
    TimedOut,
    Lost(io::Error),
}

/// Runs a program of the config with `input` on its standard input.
pub(in crate::server) async fn run(
    arguments: &[String],
    input: &str,
    timeout: Duration,
) -> Result<Output, Failure> {
    let mut child = start(arguments).map_err(Failure::NotStarted)?;
    let group = child.id();
    let result = tokio::time::timeout(timeout, converse(&mut child, input)).await;
    if let Ok(result) = result {
        return result.map_err(Failure::Lost);
    }
    kill_group(group);
    // Reaped here, so that no zombie stays; what it answers no longer counts.
    let _ = child.wait().await;
    Err(Failure::TimedOut)
}

fn start(arguments: &[String]) -> io::Result<Child> {
    let [program, rest @ ..] = arguments else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is empty"));
    };
    let mut command = Command::new(program);
    command
        .args(rest)
        .env_clear()
        .envs(
            ENVIRONMENT
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    command.spawn()
}

async fn converse(child: &mut Child, input: &str) -> io::Result<Output> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program may well not read what it does not need.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let status = {
        let talk = async {
            tokio::join!(
                write,
                capped(stdout, &mut said),
                capped(stderr, &mut complained)
            )
        };
        tokio::pin!(talk);
        tokio::select! {
            _ = &mut talk => child.wait().await?,
            status = child.wait() => {
                // Something it left running may hold its output open; its own is there by now.
                let _ = tokio::time::timeout(LAST_WORDS, &mut talk).await;
                status?
            }
        }
    };
    Ok(Output {
        code: status.code(),
        stdout: said,
        stderr: complained,
    })
}

/// Reads to the end and keeps the first [`OUTPUT`] bytes.
async fn capped(from: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut from) = from else {
        return;
    };
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        let room = OUTPUT - kept.len();
        kept.extend_from_slice(&buffer[..read.min(room)]);
    }
}

fn kill_group(leader: Option<u32>) {
    let group = leader
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // Already gone is as good.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

fn first_line(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let line = output.lines().next().unwrap_or("").trim();
    Shown::new(line).as_str().chars().take(ID).collect()
}

/// Returns what the program said last, for the person.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let line = last.unwrap_or("it gave no reason");
    text::normalized(Shown::new(line).as_str())
        .chars()
        .take(500)
        .collect()
}
