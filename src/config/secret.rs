//! Tokens and the addresses they may be sent to.
//!
//! A token comes from the environment or from a file of mode 0600, never from an argument or from
//! `config.toml`; it is sent only over TLS or to this very machine, and is never printed.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An access token. Its text is only had on purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token as written; none if it is empty or could not stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits =
            !text.is_empty() && text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the token itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("could not use the token file {}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could read the file.
    #[error(
        "the token file {} can be read by others; run `chmod 600` on it (and make it yours), then \
         start again",
        file.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
    },
    /// The file holds no token.
    #[error("the token file {} holds no token: one line of printable characters", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
}

/// Reads a token file; only one that nobody else can read.
pub fn read_token(file: &Path) -> Result<Token, SecretError> {
    let failed = |source| SecretError::File {
        file: file.to_owned(),
        source,
    };
    let mut open = OpenOptions::new().read(true).open(file).map_err(failed)?;
    // Asked of the open file, so that it cannot be another one by then.
    let meta = open.metadata().map_err(failed)?;
    if meta.mode() & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(SecretError::Open {
            file: file.to_owned(),
        });
    }
    let mut text = String::new();
    (&mut open)
        .take(8192)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Token::new(&text).ok_or_else(|| SecretError::Empty {
        file: file.to_owned(),
    })
}

/// Says what is wrong with the address of an API, as the rest of a sentence.
pub fn check_url(url: &str) -> Result<(), String> {
    let (scheme, rest) = url
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .ok_or("starts with https:// (or http:// on this machine)")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("holds a password; the token belongs in a token file".to_owned());
    }
    if rest.contains(['?', '#']) {
        return Err(
            "has a query; it is only an address, as https://api.bufferapp.com/1/".to_owned(),
        );
    }
    if authority.is_empty() || url.bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Err("is no address, as https://api.bufferapp.com/1/".to_owned());
    }
    if scheme == "http" && !is_loopback(authority) {
        return Err(
            "would send the token in the clear; use https:// (http:// only reaches this machine)"
                .to_owned(),
        );
    }
    Ok(())
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_never_shows_in_debug_output() {
        let token = Token::new("  s3cret\n").unwrap();
        assert_eq!(token.reveal(), "s3cret");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(Token::new("two words"), None);
        assert_eq!(Token::new(" \n"), None);
    }

    #[test]
    fn a_token_file_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        let token = Token::new("abc").unwrap();
        fs::write(&file, "abc\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_token(&file).unwrap(), token);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_token(&file), Err(SecretError::Open { .. })));
    }

    #[test]
    fn a_token_goes_over_tls_or_stays_on_this_machine() {
        for good in [
            "https://api.bufferapp.com/1/",
            "http://127.0.0.1:8080/1/",
            "http://localhost/1",
            "http://[::1]:80/1/",
        ] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        for bad in [
            "http://api.bufferapp.com/1/",
            "http://localhost.example.org/",
            "https:///1/",
            "https://a b/",
            "127.0.0.1:80",
            "https://u:p@h/1/",
            "https://h/1/?x=1",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
