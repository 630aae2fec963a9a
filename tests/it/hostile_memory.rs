//! Answers without end, of any size and depth, to the real program: its memory stays small, it says
//! that something is wrong, and goes on when the server is well again.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::Pid;

use crate::pty::Start;
use crate::raw_server::{answer, json};

/// Most memory the program may ever have had, in KiB.
const MOST: u64 = 150 * 1024;
const MEBI: usize = 1 << 20;

/// What is answered where a queue is asked for.
#[derive(Clone)]
enum Hostile {
    /// This.
    Bytes(Arc<Vec<u8>>),
    /// A head, and then this again and again, so many times.
    Stream(String, Vec<u8>, usize),
}

/// A server that is well but for the queues, which are as hostile as told.
struct Server {
    address: SocketAddr,
    queues: Arc<Mutex<Hostile>>,
    /// How many hostile answers were begun.
    begun: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let queues = Arc::new(Mutex::new(well()));
        let begun = Arc::new(AtomicUsize::new(0));
        let (theirs, count) = (Arc::clone(&queues), Arc::clone(&begun));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (queues, count) = (Arc::clone(&theirs), Arc::clone(&count));
                thread::spawn(move || {
                    // A client that had enough closes: then writing fails, as it should.
                    let _ = serve(stream.unwrap(), &queues, &count);
                });
            }
        });
        Self {
            address,
            queues,
            begun,
        }
    }

    fn now_answers(&self, hostile: Hostile) {
        *self.queues.lock().unwrap() = hostile;
        self.begun.store(0, Ordering::SeqCst);
    }
}

fn serve(
    mut stream: TcpStream,
    queues: &Mutex<Hostile>,
    begun: &AtomicUsize,
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default();
    if target.contains("/user.json") {
        return stream.write_all(&json(r#"{"id":"me","name":"me"}"#));
    }
    if target.contains("/profiles.json") {
        let profile = r#"[{"id":"p1","service":"twitter","formatted_username":"@p","timezone":"UTC",
            "service_username":"p","formatted_service":"Twitter","counts":{},"schedules":[]}]"#;
        return stream.write_all(&json(profile));
    }
    if target.contains("/configuration.json") {
        return stream.write_all(&json("{}"));
    }
    let hostile = queues.lock().unwrap().clone();
    begun.fetch_add(1, Ordering::SeqCst);
    match hostile {
        Hostile::Bytes(bytes) => stream.write_all(&bytes),
        Hostile::Stream(head, part, times) => {
            stream.write_all(head.as_bytes())?;
            for _ in 0..times {
                stream.write_all(&part)?;
            }
            Ok(())
        }
    }
}

fn bytes(bytes: Vec<u8>) -> Hostile {
    Hostile::Bytes(Arc::new(bytes))
}

fn well() -> Hostile {
    bytes(json(
        r#"{"total":1,"updates":[{"id":"u1","profile_id":"p1","status":"buffer","text":"All is well"}]}"#,
    ))
}

/// A page with one update of such a text.
fn with_text(length: usize) -> Hostile {
    let mut page = String::from(
        r#"{"total":1,"updates":[{"id":"u1","profile_id":"p1","status":"buffer","text":""#,
    );
    page.push_str(&"long ".repeat(length / 5));
    page.push_str(r#""}]}"#);
    bytes(json(page))
}

/// A no whose message is a list of such items.
fn no(items: &str) -> Hostile {
    bytes(answer("403 No", "", format!(r#"{{"error":[{items}0]}}"#)))
}

/// A gibibyte of spaces in 32 parts, packed.
fn bomb() -> Hostile {
    let mut child = Command::new("gzip")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip");
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        for _ in 0..32 {
            stdin.write_all(&vec![b' '; MEBI]).unwrap();
        }
    });
    let packed = child.wait_with_output().unwrap().stdout;
    feeder.join().unwrap();
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    bytes(answer("200 A", headers, packed.repeat(32)))
}

/// So many updates, each as small as can be.
fn many(updates: usize) -> Hostile {
    let mut page = String::from(r#"{"total":1000000,"updates":["#);
    for n in 0..updates {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            page,
            r#"{comma}{{"id":"u{n}","profile_id":"p1","status":"buffer","text":"a"}}"#
        );
    }
    page.push_str("]}");
    bytes(json(page))
}

fn hostile() -> Vec<(&'static str, Hostile)> {
    let head = "HTTP/1.1 200 A\r\nContent-Type: application/json\r\n";
    let chunk = [
        format!("{MEBI:x}\r\n").into_bytes(),
        vec![b' '; MEBI],
        b"\r\n".to_vec(),
    ]
    .concat();
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        bytes(json(format!(r#"{{"total":1,"updates":{open}{close}}}"#)))
    };
    vec![
        (
            "100 MB",
            Hostile::Stream(
                format!("{head}Content-Length: {}\r\n\r\n", 100 * MEBI),
                vec![b' '; MEBI],
                100,
            ),
        ),
        (
            "chunks without end",
            Hostile::Stream(
                format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
                chunk,
                usize::MAX,
            ),
        ),
        (
            "headers without end",
            Hostile::Stream(head.to_owned(), b"X-A: b\r\n".repeat(1000), usize::MAX),
        ),
        ("a text of 10 MB", with_text(10 * MEBI)),
        ("a bomb", bomb()),
        ("70,000 updates", many(70_000)),
        ("a message of numbers", no(&"0,".repeat(4_000_000))),
        ("a message of objects", no(&"{\"a\":0},".repeat(900_000))),
        ("deep lists", deep("[", "]")),
        ("deep objects", deep("{\"a\":", "}")),
        ("deep and cut", deep("[", "")),
    ]
}

fn most_memory(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

#[test]
fn no_answer_makes_the_program_large_or_stops_it() {
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    let url = format!("http://{}/1/", server.address);
    let start = Start::new(home.path(), &["--api-url", &url]).env("QURATE_TOKEN", "a-token");
    let mut terminal = start.run();
    terminal.wait_for("All is well");
    terminal.wait_for("online");
    let before = most_memory(terminal.pid());
    for (name, hostile) in hostile() {
        server.now_answers(hostile);
        terminal.press("R");
        terminal.wait(&format!("{name}: trouble is said"), |screen| {
            let status: Vec<&str> = screen.lines().rev().take(2).collect();
            server.begun.load(Ordering::SeqCst) > 0 && !status.concat().contains("online")
        });
        let most = most_memory(terminal.pid());
        println!(
            "{name}: at most {most} KiB\n{}",
            terminal.screen().lines().rev().nth(1).unwrap()
        );
        assert!(most < MOST, "{name}: {most} KiB, {before} before");
        server.now_answers(well());
        terminal.press("R");
        terminal.wait(&format!("{name}: all is well again"), |screen| {
            screen.contains("All is well") && screen.contains("online")
        });
    }
    // What just fits is taken, or refused; either way it is not kept many times over.
    for (name, hostile) in [
        ("8 MB", with_text(8 * MEBI - 1000)),
        ("20,000 updates", many(20_000)),
    ] {
        server.now_answers(hostile);
        terminal.press("R");
        terminal.wait(name, |_| server.begun.load(Ordering::SeqCst) > 0);
        server.now_answers(well());
        terminal.press("R");
        terminal.wait(&format!("{name}: all is well again"), |screen| {
            screen.contains("All is well") && screen.contains("online")
        });
        let most = most_memory(terminal.pid());
        println!("{name}: at most {most} KiB");
        assert!(most < MOST, "{name}: {most} KiB, {before} before");
    }
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
}
