//! Where an API is, and the token for it.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use reqwest::Url;
use reqwest::header::HeaderValue;

/// What stands where a token was.
const MASK: &str = "(token)";
/// Fewer characters of a token than these tell nothing.
const SHOWN: usize = 8;

/// Where an API is: a checked URL, or a socket of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
    socket: Option<PathBuf>,
}

/// Why a URL is not one a token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// It is no URL.
    #[error("not a URL: {0}")]
    NotAUrl(String),
    /// It has a scheme that is not http or https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// The token would cross a network in the clear.
    #[error("http is only allowed to this machine (127.0.0.1, [::1], localhost): use https")]
    Clear,
    /// It has a name, a password, a query or a fragment.
    #[error("the URL must be only scheme, host and path, as `https://api.bufferapp.com/1/`")]
    Extra,
}

impl Endpoint {
    /// Checks a URL. The path defaults to `/1/`.
    pub fn url(text: &str) -> Result<Self, InvalidEndpoint> {
        let mut base =
            Url::parse(text.trim()).map_err(|error| InvalidEndpoint::NotAUrl(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(InvalidEndpoint::Scheme(base.scheme().to_owned()));
        }
        let is_plain = base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none();
        if !is_plain {
            return Err(InvalidEndpoint::Extra);
        }
        if base.path() == "/" {
            base.set_path("/1/");
        } else if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let endpoint = Self { base, socket: None };
        if endpoint.is_clear() && !endpoint.is_loopback() {
            return Err(InvalidEndpoint::Clear);
        }
        Ok(endpoint)
    }

    /// A Unix socket, on which our own server listens.
    pub fn socket(path: impl Into<PathBuf>) -> Self {
        Self {
            base: Url::parse("http://localhost/1/").expect("a constant that is a URL"),
            socket: Some(path.into()),
        }
    }

    /// Says whether it cannot be reached but from this machine.
    pub fn is_local(&self) -> bool {
        self.socket.is_some() || self.is_loopback()
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn socket_path(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    pub(super) fn is_clear(&self) -> bool {
        self.base.scheme() == "http"
    }

    fn is_loopback(&self) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.socket {
            Some(path) => write!(f, "{}", path.display()),
            None => write!(f, "{}", self.base),
        }
    }
}

/// An access token. It is shown nowhere: it has no `Display`, and its `Debug` says nothing.
#[derive(Clone)]
pub struct Secret(Option<HeaderValue>);

/// Why a text cannot be a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a token: it has spaces, line breaks or characters that no header can carry")]
pub struct InvalidSecret;

impl Secret {
    /// Takes a token; spaces around it are dropped, as files end with a line break.
    pub fn new(token: &str) -> Result<Self, InvalidSecret> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InvalidSecret);
        }
        let mut header =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| InvalidSecret)?;
        header.set_sensitive(true);
        Ok(Self(Some(header)))
    }

    /// No token: for a socket that only its owner can open.
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.0.as_ref()
    }

    /// Takes the token out of what a server said: some repeat in a refusal what they were sent, and
    /// that is shown, logged and kept. A short token is left, as it may well be a word.
    pub(super) fn masked(&self, text: &str) -> String {
        let header = self.0.as_ref().and_then(|header| header.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let Some(token) = token.filter(|token| token.len() >= SHOWN) else {
            return text.to_owned();
        };
        let text = text.replace(token, MASK);
        // A message is cut, perhaps in the middle of the token.
        let cut = (SHOWN..token.len()).rev().find_map(|length| {
            let (start, _) = token.split_at(length);
            text.strip_suffix(start)
        });
        match cut {
            Some(before) => format!("{before}{MASK}"),
            None => text,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_sent_in_the_clear_over_a_network() {
        for url in [
            "http://api.bufferapp.com/1/",
            "http://192.168.0.4:8080/1/",
            "http://127.0.0.1.example.com/1/",
            "http://localhost.example.com/1/",
            "http://0.0.0.0/1/",
            "http://[::ffff:10.0.0.1]/1/",
        ] {
            assert_eq!(Endpoint::url(url), Err(InvalidEndpoint::Clear), "{url}");
        }
        for url in [
            "http://127.0.0.1:9/1/",
            "http://[::1]:9/1/",
            "http://localhost:9/1/",
            "https://api.bufferapp.com/1/",
        ] {
            assert!(Endpoint::url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn odd_urls_are_refused() {
        for url in ["", "api.bufferapp.com", "https://", "/1/"] {
            assert!(
                matches!(Endpoint::url(url), Err(InvalidEndpoint::NotAUrl(_))),
                "{url}"
            );
        }
        assert!(matches!(
            Endpoint::url("ftp://a/1/"),
            Err(InvalidEndpoint::Scheme(_))
        ));
        for url in [
            "https://u:p@a/1/",
            "https://a/1/?access_token=x",
            "https://a/1/#x",
        ] {
            assert_eq!(Endpoint::url(url), Err(InvalidEndpoint::Extra), "{url}");
        }
    }

    #[test]
    fn the_path_is_completed() {
        for (url, base) in [
            ("https://a.example", "https://a.example/1/"),
            ("https://a.example/", "https://a.example/1/"),
            ("https://a.example/v1", "https://a.example/v1/"),
            (" https://a.example/1/ ", "https://a.example/1/"),
        ] {
            assert_eq!(Endpoint::url(url).unwrap().base().as_str(), base);
        }
    }

    #[test]
    fn a_token_that_a_server_repeats_is_masked_also_where_it_is_cut() {
        let secret = Secret::new("abcdefghijkl").unwrap();
        for (text, masked) in [
            ("no abcdefghijkl, abcdefghijkl.", "no (token), (token)."),
            ("no abcdefghij", "no (token)"),
            ("no abcdefg", "no abcdefg"),
            ("no", "no"),
        ] {
            assert_eq!(secret.masked(text), masked);
        }
        assert_eq!(Secret::new("no").unwrap().masked("no"), "no");
        assert_eq!(Secret::none().masked("no"), "no");
    }

    #[test]
    fn a_token_is_never_shown() {
        let secret = Secret::new(" c4n4ry\n").unwrap();
        assert!(!format!("{secret:?}{:?}", secret.header()).contains("c4n4ry"));
        for text in ["", " ", "a b", "a\nb", "é"] {
            assert!(Secret::new(text).is_err(), "{text:?}");
        }
    }
}
