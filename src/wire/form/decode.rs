//! From bytes to pairs: splitting, percent decoding, brackets.

use super::{Form, FormError, Key, MAX_DEPTH, MAX_PAIRS, Pair};

/// Reads a query string or form body.
pub(super) fn parse(bytes: &[u8]) -> Result<Form, FormError> {
    let mut pairs = Vec::new();
    for part in bytes.split(|&b| b == b'&').filter(|part| !part.is_empty()) {
        if pairs.len() == MAX_PAIRS {
            return Err(FormError::TooManyPairs);
        }
        let (key, value) = match part.iter().position(|&b| b == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &part[part.len()..]),
        };
        let (name, keys) = path(&decode(key))?;
        pairs.push(Pair {
            name,
            keys,
            value: decode(value),
        });
    }
    Ok(Form { pairs })
}

/// Decodes `+` and `%XX`; an incomplete escape stands for itself.
fn decode(bytes: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (&byte, _) => decoded.push(byte),
        }
    }
    // One client sends Latin-1 unescaped; every byte is a character of it.
    String::from_utf8(decoded)
        .unwrap_or_else(|error| error.as_bytes().iter().map(|&b| char::from(b)).collect())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Splits `media[link]` into its name and its brackets. A key whose brackets do not pair up is a
/// plain name.
fn path(key: &str) -> Result<(Box<str>, Vec<Key>), FormError> {
    let Some((name, mut rest)) = key.split_once('[').filter(|(name, _)| !name.is_empty()) else {
        return Ok((key.into(), Vec::new()));
    };
    let mut keys = Vec::new();
    loop {
        let Some((inner, after)) = rest.split_once(']') else {
            return Ok((key.into(), Vec::new()));
        };
        if keys.len() == MAX_DEPTH {
            return Err(FormError::TooDeep {
                key: name.chars().take(40).collect(),
            });
        }
        keys.push(bracket(inner));
        match after.strip_prefix('[') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok((name.into(), keys)),
            None => return Ok((key.into(), Vec::new())),
        }
    }
}

fn bracket(inner: &str) -> Key {
    if inner.is_empty() {
        return Key::Append;
    }
    let digits = inner.bytes().all(|b| b.is_ascii_digit());
    match inner.parse() {
        Ok(number) if digits => Key::Index(number),
        _ => Key::Name(inner.into()),
    }
}
