//! A proxy between editor and server that loses, spoils, delays and invents what goes through it.
//!
//! Each connection carries one request, so what is met is exactly what the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::spoil::spoil;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and the reply is lost.
    SwallowReply,
    /// It is lost before the server sees it.
    LoseRequest,
    /// The connection breaks, and the request gets through later.
    LateRequest(Duration),
    /// It is done, and only the first half of the reply comes.
    Truncate,
    /// It is done, and the connection is reset in the head of the reply.
    ResetInHead,
    /// It is done after so long.
    Slow(Duration),
    /// It is not done: a page with this status.
    Failing(u16),
    /// It is done, and a page with this status comes instead of the reply.
    FailingAfter(u16),
    /// 504 comes at once, and the request gets through later.
    GivenUp(Duration),
    /// It is not done: 429, with or without saying when to come back.
    Limited(Option<u32>),
    /// It is not done: the page of a network that wants a sign-in.
    Page,
    /// It is not done: it is sent elsewhere.
    Redirect,
    /// It is done, and the reply is no JSON.
    Garbage,
    /// It is done, and the reply has each key twice.
    TwiceKeys,
    /// It is done, and the reply names another id.
    WrongId,
    /// It is done, and the body of the reply is made wrong as this seed says.
    Spoilt(u64),
}

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passing {
    /// Method, target and version.
    pub(crate) first: String,
    pub(crate) body: String,
}

impl Passing {
    pub(crate) fn is_change(&self) -> bool {
        self.first.starts_with("POST")
    }
}

/// Says what happens to a request.
pub(crate) type Decide = Box<dyn FnMut(&Passing) -> Option<Fault> + Send>;

/// A running proxy. It lives as long as the test's process.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Nobody listens.
    down: AtomicBool,
}

struct State {
    upstream: SocketAddr,
    faults: Vec<(String, Fault)>,
    decide: Option<Decide>,
    met: Vec<Fault>,
    seen: Vec<String>,
    /// Requests that still have to get through.
    on_the_way: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proxy {
    /// Starts one in front of a server.
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                upstream,
                faults: Vec::new(),
                decide: None,
                met: Vec::new(),
                seen: Vec::new(),
                on_the_way: 0,
            }),
            down: AtomicBool::new(false),
        });
        listen(listener, &shared);
        Self { address, shared }
    }

    /// The address of the API through the proxy.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/1/", self.address)
    }

    /// Meets the next request whose first line holds `path` with this fault.
    pub(crate) fn plan(&self, path: &str, fault: Fault) {
        self.shared.lock().faults.push((path.to_owned(), fault));
    }

    /// Has every request from now on met as `decide` says.
    pub(crate) fn decide(&self, decide: impl FnMut(&Passing) -> Option<Fault> + Send + 'static) {
        self.shared.lock().decide = Some(Box::new(decide));
    }

    /// From now on nothing is met but what was planned.
    pub(crate) fn calm(&self) {
        self.shared.lock().decide = None;
    }

    /// Sends everything to another server from now on.
    pub(crate) fn lead_to(&self, upstream: SocketAddr) {
        self.shared.lock().upstream = upstream;
    }

    /// Stops listening: who comes is refused.
    pub(crate) fn go_down(&self) {
        self.shared.down.store(true, Ordering::SeqCst);
        // It waits for the next one to come; this is the one.
        let _ = TcpStream::connect(self.address);
        let refused = || TcpStream::connect(self.address).is_err();
        wait("the proxy to go down", refused);
    }

    /// Listens again, at the same address.
    pub(crate) fn come_up(&self) {
        self.shared.down.store(false, Ordering::SeqCst);
        wait("the port to be free", || {
            let Ok(listener) = TcpListener::bind(self.address) else {
                return false;
            };
            listen(listener, &self.shared);
            true
        });
    }

    /// How many faults were met.
    pub(crate) fn met(&self) -> usize {
        self.shared.lock().met.len()
    }

    /// How many requests are still to get through, their clients long gone.
    pub(crate) fn on_the_way(&self) -> usize {
        self.shared.lock().on_the_way
    }

    /// The first lines of the requests so far that hold `path`.
    pub(crate) fn seen(&self, path: &str) -> Vec<String> {
        let state = self.shared.lock();
        let all = state.seen.iter();
        all.filter(|line| line.contains(path)).cloned().collect()
    }
}

fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn listen(listener: TcpListener, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if shared.down.load(Ordering::SeqCst) {
                return;
            }
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // A connection that breaks is what a proxy is for.
                let _ = carry(&stream, &shared);
            });
        }
    });
}

fn carry(client: &TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let Some((head, passing)) = read_request(&mut reader)? else {
        return Ok(());
    };
    let (upstream, fault) = {
        let mut state = shared.lock();
        state.seen.push(passing.first.trim().to_owned());
        let planned = state
            .faults
            .iter()
            .position(|(path, _)| passing.first.contains(path));
        let fault = match planned {
            Some(at) => Some(state.faults.remove(at).1),
            None => state.decide.as_mut().and_then(|decide| decide(&passing)),
        };
        state.met.extend(fault);
        (state.upstream, fault)
    };
    let body = passing.body.into_bytes();
    match fault.map_or(Meets::Reply, Meets::of) {
        Meets::Instead(bytes) => answer(client, &bytes),
        Meets::Later(after, bytes) => {
            shared.lock().on_the_way += 1;
            let answered = answer(client, &bytes);
            thread::sleep(after);
            // Nobody hears how it ended.
            let _ = ask(upstream, &head, &body);
            shared.lock().on_the_way -= 1;
            answered
        }
        Meets::Reply => {
            if let Some(Fault::Slow(pause)) = fault {
                thread::sleep(pause);
            }
            let reply = ask(upstream, &head, &body)?;
            answer(client, &reply)
        }
        Meets::Wrong(seed) => {
            let reply = ask(upstream, &head, &body)?;
            answer(client, &wrong(&reply, seed))
        }
        Meets::Spoiled(spoil) => {
            let reply = ask(upstream, &head, &body)?;
            answer(client, &spoil(reply))?;
            if fault == Some(Fault::ResetInHead) {
                rustix::net::sockopt::set_socket_linger(client, Some(Duration::ZERO))?;
            }
            Ok(())
        }
    }
}

/// What a fault comes to.
enum Meets {
    /// The server's reply.
    Reply,
    /// These bytes, and the server hears nothing.
    Instead(Vec<u8>),
    /// These bytes, and the server hears of it later.
    Later(Duration, Vec<u8>),
    /// What is made of the server's reply.
    Spoiled(fn(Vec<u8>) -> Vec<u8>),
    /// The server's reply with another body, and now and then another status.
    Wrong(u64),
}

impl Meets {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Slow(_) => Self::Reply,
            Fault::Spoilt(seed) => Self::Wrong(seed),
            Fault::LoseRequest => Self::Instead(Vec::new()),
            Fault::LateRequest(after) => Self::Later(after, Vec::new()),
            Fault::GivenUp(after) => Self::Later(after, page(504, "")),
            Fault::Failing(status) => Self::Instead(page(status, "")),
            Fault::Limited(None) => Self::Instead(page(429, "")),
            Fault::Limited(Some(seconds)) => {
                Self::Instead(page(429, &format!("retry-after: {seconds}\r\n")))
            }
            Fault::Page => Self::Instead(page(200, "")),
            Fault::Redirect => {
                Self::Instead(page(307, "location: http://127.0.0.1:9/1/elsewhere\r\n"))
            }
            Fault::SwallowReply => Self::Spoiled(|_| Vec::new()),
            Fault::Truncate => Self::Spoiled(|mut reply| {
                reply.truncate(usize::midpoint(head_end(&reply), reply.len()));
                reply
            }),
            Fault::ResetInHead => Self::Spoiled(|mut reply| {
                reply.truncate(head_end(&reply) / 2);
                reply
            }),
            Fault::FailingAfter(500) => Self::Spoiled(|_| page(500, "")),
            Fault::FailingAfter(502) => Self::Spoiled(|_| page(502, "")),
            Fault::FailingAfter(_) => Self::Spoiled(|_| page(504, "")),
            Fault::Garbage => Self::Spoiled(|_| {
                response(
                    200,
                    "content-type: application/json\r\n",
                    b"{\"success\":tru",
                )
            }),
            Fault::TwiceKeys => Self::Spoiled(|reply| with_body(&reply, twice_keys)),
            Fault::WrongId => Self::Spoiled(|reply| with_body(&reply, wrong_id)),
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<(String, Passing)>> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    if first.is_empty() {
        return Ok(None);
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
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some((head, Passing { first, body })))
}

fn answer(mut client: &TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    client.write_all(bytes)?;
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

fn page(status: u16, headers: &str) -> Vec<u8> {
    let headers = format!("content-type: text/html\r\n{headers}");
    response(status, &headers, b"<!doctype html><title>Wait</title>")
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Where the body of a reply begins.
fn head_end(reply: &[u8]) -> usize {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n");
    end.map_or(reply.len(), |at| at + 4)
}

fn with_body(reply: &[u8], change: fn(&str) -> String) -> Vec<u8> {
    let (head, body) = reply.split_at(head_end(reply));
    let status = head.get(9..12).and_then(|s| std::str::from_utf8(s).ok());
    let status = status.and_then(|s| s.parse().ok()).unwrap_or(200);
    let body = change(&String::from_utf8_lossy(body));
    response(
        status,
        "content-type: application/json\r\n",
        body.as_bytes(),
    )
}

/// Gives a reply a wrong body.
fn wrong(reply: &[u8], seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let (head, body) = reply.split_at(head_end(reply));
    let body = spoil(body, &mut random);
    let status = head.get(9..12).and_then(|s| std::str::from_utf8(s).ok());
    let status = status.and_then(|s| s.parse().ok()).unwrap_or(200);
    let (status, headers) = match random.u8(..12) {
        0 => ([204, 400, 403, 404, 418, 500, 503][random.usize(..7)], ""),
        1 => (status, "content-encoding: gzip\r\n"),
        2 => (status, "content-type: text/html; charset=utf-16\r\n"),
        3 => (
            status,
            "set-cookie: a=b\r\nretry-after: -1\r\ndate: never\r\n",
        ),
        // Longer ones are kept, up to a quarter of an hour: too long for a test.
        4 => (429, "retry-after: 0\r\n"),
        5 => (503, "retry-after: Mon, 01 Jan 1990 00:00:00 GMT\r\n"),
        _ => (status, "content-type: application/json\r\n"),
    };
    response(status, headers, &body)
}

/// Puts the first key of an object into it once more.
fn twice_keys(body: &str) -> String {
    let Some(inside) = body.strip_prefix('{') else {
        return format!("[[],{body}]");
    };
    let first = inside.split_once(':').map_or("", |(key, _)| key);
    format!("{{{first}:null,{inside}")
}

/// Gives what is named first another id, under both names of it.
fn wrong_id(body: &str) -> String {
    let start = body.find("\"id\":\"").map(|at| at + 6);
    match start.and_then(|start| body.get(start..start + 24)) {
        Some(id) => {
            let other: String = id.chars().rev().collect();
            body.replace(id, &other)
        }
        None => body.to_owned(),
    }
}

/// What happens on a very bad line: three of ten requests meet something, the same for the same
/// seed and order of requests.
pub(crate) fn bad_line(seed: u64) -> impl FnMut(&Passing) -> Option<Fault> + Send + 'static {
    let mut random = fastrand::Rng::with_seed(seed);
    move |request| {
        let fault = (random.u8(..10) < 3).then(|| any_fault(&mut random));
        // Another person's token is nothing that passes: nothing is sent until somebody looks.
        let is_sign_in = request.first.contains("/user.json");
        fault.filter(|fault| *fault != Fault::WrongId || !is_sign_in)
    }
}

/// Draws one of all faults.
pub(crate) fn any_fault(random: &mut fastrand::Rng) -> Fault {
    let short = Duration::from_millis(random.u64(..40));
    match random.u8(..20) {
        0 | 1 => Fault::LoseRequest,
        2 | 3 => Fault::SwallowReply,
        4 => Fault::LateRequest(short),
        5 => Fault::Truncate,
        6 => Fault::ResetInHead,
        7 => Fault::Slow(short * 3),
        8 => Fault::Slow(short * 20),
        9 => Fault::Failing([500, 502, 503][random.usize(..3)]),
        10 => Fault::FailingAfter([500, 502, 504][random.usize(..3)]),
        11 => Fault::GivenUp(short),
        12 => Fault::Limited(None),
        13 => Fault::Limited(Some(random.u32(..2))),
        14 => Fault::Page,
        15 => Fault::Redirect,
        16 => Fault::Garbage,
        17 => Fault::TwiceKeys,
        18 => Fault::WrongId,
        _ => Fault::Failing(403),
    }
}
