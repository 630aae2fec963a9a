//! Who may ask: loopback rules, the token, the rate limit.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::io;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use subtle::ConstantTimeEq as _;

use super::error::{Code, Refusal};
use crate::domain::time::Timestamp;

/// An access token. Never shown, not even by `Debug`.
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// Takes a token from outside; none if it is empty.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// Draws a fresh one: 256 bits from the kernel.
    pub fn fresh() -> io::Result<Self> {
        let mut bytes = [0_u8; 32];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text.into()))
    }

    /// Reads the token in `path`, or makes the file with a fresh one. A file that others can read
    /// or that belongs to somebody else is refused.
    pub fn kept_in(path: &Path) -> io::Result<Self> {
        let made = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match made {
            Ok(mut file) => {
                let token = Self::fresh()?;
                file.write_all(token.0.as_bytes())?;
                file.write_all(b"\n")?;
                file.sync_all()?;
                Ok(token)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(error) => Err(error),
        }
    }

    fn read(path: &Path) -> io::Result<Self> {
        let file = std::fs::File::open(path)?;
        let facts = file.metadata()?;
        let ours = facts.uid() == rustix::process::getuid().as_raw();
        if !ours || facts.mode() & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the token file must be yours and readable by you alone (chmod 600)",
            ));
        }
        let mut text = String::new();
        file.take(4096).read_to_string(&mut text)?;
        Self::new(&text).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the token file is empty; delete it and a new token is made",
            )
        })
    }

    /// Returns the token itself, to send it or to hand it over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    /// Over TCP, to this port.
    Tcp { port: u16 },
    /// Over the socket, from a process of the same user.
    Socket,
    /// Straight from a test.
    Direct,
}

/// Refuses what a web page could have sent, before anything of the body is read.
pub(super) fn check_origin(
    via: Via,
    uri: &Uri,
    headers: &HeaderMap,
    allowed_hosts: &[String],
) -> Result<(), Refusal> {
    let Via::Tcp { port } = via else {
        return Ok(());
    };
    let forbidden = |words: &str| Err(Refusal::new(Code::Forbidden, words));
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    // A target may name a host too, and then that one counts.
    let named = uri.authority().map(Authority::as_str);
    let is_ours = host.is_some_and(|host| is_our_host(host, port, allowed_hosts))
        && named.is_none_or(|host| is_our_host(host, port, allowed_hosts));
    if !is_ours || hosts.next().is_some() {
        return forbidden("this server answers only under its own loopback address");
    }
    if headers.contains_key(header::ORIGIN) {
        return forbidden("this server answers no web pages");
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"none" && site != b"same-origin") {
        return forbidden("this server answers no web pages");
    }
    Ok(())
}

fn is_our_host(host: &str, port: u16, allowed_hosts: &[String]) -> bool {
    let host = host.to_ascii_lowercase();
    let loopback = ["127.0.0.1", "[::1]", "localhost"]
        .iter()
        .any(|name| host == format!("{name}:{port}") || (port == 80 && host == *name));
    loopback
        || allowed_hosts
            .iter()
            .any(|name| host.eq_ignore_ascii_case(name))
}

/// Returns the token in the `Authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let (scheme, token) = text.trim().split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

/// Checks every token a request brought. On the socket none is needed, but a wrong one is wrong.
pub(super) fn check_token(
    via: Via,
    given: &[String],
    token: Option<&Token>,
    is_open: bool,
) -> Result<(), Refusal> {
    let refused = |words: &str| Err(Refusal::new(Code::SignIn, words));
    if given.is_empty() {
        if via == Via::Socket || is_open {
            return Ok(());
        }
        return refused("an access token is required");
    }
    let right = token.is_some_and(|token| given.iter().all(|given| token.is(given)));
    if right {
        Ok(())
    } else {
        refused("the access token is not valid")
    }
}

/// Counts the requests of the last minute.
#[derive(Debug)]
pub(super) struct Limiter {
    limit: u32,
    times: VecDeque<Timestamp>,
}

impl Limiter {
    /// Allows `limit` requests in any minute.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            times: VecDeque::new(),
        }
    }

    /// Counts a request, or refuses it and says when the next one may come.
    pub(super) fn count(&mut self, now: Timestamp) -> Result<(), Refusal> {
        // A clock set back must not lock anybody out.
        self.times.retain(|at| at.plus(60) > now && *at <= now);
        if self.times.len() < self.limit as usize {
            self.times.push_back(now);
            return Ok(());
        }
        let oldest = self.times.front().copied().unwrap_or(now);
        Err(Refusal {
            code: Code::TooMany,
            message: format!("too many requests: {} a minute are allowed", self.limit),
            retry_after: u64::try_from(oldest.plus(60).0 - now.0).ok(),
        })
    }
}
