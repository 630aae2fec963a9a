//! The clipboard of the terminal the person sits at, over any number of ssh hops (OSC 52).

/// Some terminals take no more than this.
const LIMIT: usize = 74_000;

/// Returns the bytes that put `text` on the clipboard; none if it is longer than terminals take.
pub fn copy(text: &str) -> Option<String> {
    let encoded = base64(text.as_bytes());
    (encoded.len() <= LIMIT).then(|| format!("\x1b]52;c;{encoded}\x1b\\"))
}

/// Wraps a sequence so that tmux hands it on to the terminal around it, if it may.
pub fn through_tmux(bytes: &str) -> String {
    format!("\x1bPtmux;{}\x1b\\", bytes.replace('\x1b', "\x1b\x1b"))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let part = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = part(0) << 16 | part(1) << 8 | part(2);
        for i in 0..4 {
            if i <= chunk.len() {
                let six = (bits >> (18 - 6 * i)) & 63;
                out.push(char::from(LETTERS[six as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_terminals_expect_it() {
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64("é⏎\u{fffd}".as_bytes()), "w6nij47vv70=");
        assert_eq!(copy("foo").as_deref(), Some("\x1b]52;c;Zm9v\x1b\\"));
        let wrapped = "\x1bPtmux;\x1b\x1b]52;c;Zm9v\x1b\x1b\\\x1b\\";
        assert_eq!(
            copy("foo").map(|bytes| through_tmux(&bytes)).as_deref(),
            Some(wrapped)
        );
        assert_eq!(copy(&"x".repeat(LIMIT)), None);
    }
}
