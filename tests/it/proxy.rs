//! A proxy between editor and server that can lose a reply.
//!
//! Each connection carries one request, so what is lost is exactly what the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to the next request whose path matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and the reply is lost.
    SwallowReply,
    /// It is lost before the server sees it.
    LoseRequest,
}

/// A running proxy. It lives as long as the test's process.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    upstream: SocketAddr,
    faults: Vec<(String, Fault)>,
    met: usize,
    seen: Vec<String>,
}

impl Proxy {
    /// Starts one in front of a server.
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Mutex::new(Shared {
            upstream,
            faults: Vec::new(),
            met: 0,
            seen: Vec::new(),
        }));
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&theirs);
                thread::spawn(move || {
                    // A connection that breaks is what a proxy is for.
                    let _ = carry(&stream, &shared);
                });
            }
        });
        Self { address, shared }
    }

    /// The address of the API through the proxy.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/1/", self.address)
    }

    /// Meets the next request whose first line holds `path` with this fault.
    pub(crate) fn plan(&self, path: &str, fault: Fault) {
        let mut shared = self.shared.lock().expect("no test panics with it");
        shared.faults.push((path.to_owned(), fault));
    }

    /// How many faults were met.
    pub(crate) fn met(&self) -> usize {
        self.shared.lock().expect("no test panics with it").met
    }

    /// The first lines of the requests so far that hold `path`.
    pub(crate) fn seen(&self, path: &str) -> Vec<String> {
        let shared = self.shared.lock().expect("no test panics with it");
        let all = shared.seen.iter();
        all.filter(|line| line.contains(path)).cloned().collect()
    }
}

fn carry(client: &TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    if first.is_empty() {
        return Ok(());
    }
    let (mut head, mut length) = (first.clone(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
        // The server answers under its own name only.
        if !name.eq_ignore_ascii_case("connection") && !name.eq_ignore_ascii_case("host") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (upstream, fault) = {
        let mut shared = shared.lock().expect("no test panics with it");
        shared.seen.push(first.trim().to_owned());
        let at = shared
            .faults
            .iter()
            .position(|(path, _)| first.contains(path));
        let fault = at.map(|at| shared.faults.remove(at).1);
        shared.met += usize::from(fault.is_some());
        (shared.upstream, fault)
    };
    if fault == Some(Fault::LoseRequest) {
        return client.shutdown(Shutdown::Both);
    }
    let reply = ask(upstream, &head, &body)?;
    match fault {
        Some(Fault::SwallowReply) => return client.shutdown(Shutdown::Both),
        Some(Fault::LoseRequest) | None => {}
    }
    let mut back = client;
    back.write_all(&reply)?;
    client.shutdown(Shutdown::Both)
}

fn ask(upstream: SocketAddr, head: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(format!("{head}host: {upstream}\r\nconnection: close\r\n\r\n").as_bytes())?;
    server.write_all(body)?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    Ok(reply)
}
