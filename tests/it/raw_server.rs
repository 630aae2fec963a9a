//! A server that answers with given bytes, however wrong, and keeps what it was asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// What a server does with each connection.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// Answers with these bytes and closes.
    Answer(Vec<u8>),
    /// Answers and keeps the connection for the next request.
    Keep(Vec<u8>),
    /// Answers with these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Answers with these bytes and then says nothing more.
    Hang(Vec<u8>),
    /// Answers byte by byte, with a pause between them, without end.
    Drip(Vec<u8>, Duration),
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Which connection it came on, from 0.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }
}

/// A server on a loopback port.
pub(crate) struct RawServer {
    pub(crate) address: SocketAddr,
    asked: Receiver<Asked>,
}

impl RawServer {
    pub(crate) fn start(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (tell, play) = (tell.clone(), play.clone());
                thread::spawn(move || serve(stream.unwrap(), number, &tell, &play));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn start_on_socket(path: &Path, play: Play) -> Receiver<Asked> {
        let listener = UnixListener::bind(path).unwrap();
        let (tell, asked) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let Some(request) = read_request(&mut stream, number) else {
                    continue;
                };
                tell.send(request).unwrap();
                if let Play::Answer(bytes) = &play {
                    stream.write_all(bytes).unwrap();
                }
            }
        });
        asked
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/1/", self.address)
    }

    /// Returns all requests so far, in order. A request is noted before it is answered.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.try_iter().collect()
    }
}

fn serve(mut stream: TcpStream, number: usize, tell: &Sender<Asked>, play: &Play) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = read_request(&mut stream, number) {
        if tell.send(request).is_err() {
            return;
        }
        // A client that had enough closes: then writing fails, as it should.
        match play {
            Play::Answer(bytes) => {
                let _ = stream.write_all(bytes);
                return;
            }
            Play::Keep(bytes) => stream.write_all(bytes).unwrap(),
            Play::Reset(bytes) => {
                let _ = stream.write_all(bytes);
                let now = Some(Duration::ZERO);
                rustix::net::sockopt::set_socket_linger(&stream, now).unwrap();
                return;
            }
            Play::Hang(bytes) => {
                let _ = stream.write_all(bytes);
                // Until the client closes.
                let _ = stream.read(&mut [0; 1]);
                return;
            }
            Play::Drip(bytes, pause) => {
                for byte in bytes.iter().chain(std::iter::repeat(&b' ')) {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    thread::sleep(*pause);
                }
            }
        }
    }
}

/// Reads one request; none if the connection ends before.
fn read_request(stream: &mut impl Read, connection: usize) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
        if head.len() == 1 && byte[0] == 0x16 {
            return None; // a TLS handshake
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Asked {
        connection,
        method,
        target,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// Writes an answer with a length that fits.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Writes a yes with a JSON body.
pub(crate) fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 Awesome", "Content-Type: application/json\r\n", body)
}
