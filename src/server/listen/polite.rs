//! A stream on which no request ends without a reply that says why.
//!
//! The HTTP library answers a head that it cannot read with a bare status, or not at all. This keeps
//! such a reply back, so that one of ours, in JSON like all others, can take its place.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use crate::server::error::{Code, Refusal};
use crate::server::http;

/// How long, and how much, is still read behind a refused head: a connection that is closed with
/// something unread takes the reply along.
const LINGER: Duration = Duration::from_secs(1);
const MOST: usize = 1024 * 1024;

/// A stream that keeps bare replies back.
pub(super) struct Polite<S> {
    stream: S,
    /// Something was read since the last reply.
    asked: bool,
    /// The status of the reply that was kept back.
    kept: Option<u16>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Polite<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            asked: false,
            kept: None,
        }
    }

    /// Answers what the library gave up on, if it has not been answered.
    pub(super) async fn answer(mut self, error: &hyper::Error) {
        let Some(refusal) = self.refusal(error) else {
            return;
        };
        let reply = http::refused_bytes(&refusal);
        // A client that hung up does not want to know.
        let _ = tokio::time::timeout(LINGER, async {
            self.stream.write_all(&reply).await?;
            self.stream.shutdown().await?;
            let (mut buffer, mut seen) = (vec![0; 16 * 1024], 0);
            while seen < MOST {
                match self.stream.read(&mut buffer).await? {
                    0 => break,
                    n => seen += n,
                }
            }
            io::Result::Ok(())
        })
        .await;
    }

    fn refusal(&self, error: &hyper::Error) -> Option<Refusal> {
        let (code, words) = match self.kept {
            Some(414) => (Code::AddressTooLong, "the address is too long"),
            Some(431) => (Code::HeadTooLarge, "the head of a request may have 16 KiB"),
            Some(_) => (Code::Malformed, "this is no request of HTTP/1.1"),
            None if !self.asked => return None,
            None if error.is_timeout() => (Code::Timeout, "the request did not come in time"),
            None if error.is_incomplete_message() => {
                (Code::Malformed, "the request ended before its end")
            }
            None if error.is_parse() => (Code::Malformed, "only HTTP/1.1 is spoken here"),
            None => return None,
        };
        Some(Refusal::new(code, words))
    }
}

/// Finds a bare reply at the end of what is written: a head of a refusal without type and body. No
/// body of ours can look like it, as JSON escapes the ends of lines.
fn bare(bytes: &[u8]) -> Option<(usize, u16)> {
    const START: &[u8] = b"HTTP/1.1 4";
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = bytes.len().saturating_sub(512);
    let at = from
        + bytes[from..]
            .windows(START.len())
            .rposition(|w| w == START)?;
    let head = std::str::from_utf8(&bytes[at..]).ok()?.to_ascii_lowercase();
    if head.contains("\r\ncontent-type:") || !head.contains("\r\ncontent-length: 0\r\n") {
        return None;
    }
    let status = head.get(9..12)?.parse().ok()?;
    Some((at, status))
}

impl<S: AsyncRead + Unpin> AsyncRead for Polite<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.asked |= buffer.filled().len() > before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Polite<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let end = match bare(bytes) {
            Some((0, status)) => {
                self.kept = Some(status);
                return Poll::Ready(Ok(bytes.len()));
            }
            Some((at, _)) => at,
            None => bytes.len(),
        };
        self.asked = false;
        Pin::new(&mut self.stream).poll_write(cx, &bytes[..end])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.kept.is_some() {
            // Not before our own reply.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_without_type_and_body_is_bare() {
        let library = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
                        content-length: 0\r\ndate: x\r\n\r\n";
        assert_eq!(bare(library), Some((0, 431)));
        let behind = [b"HTTP/1.1 200 OK\r\n\r\n{}".as_slice(), library].concat();
        assert_eq!(bare(&behind), Some((21, 431)));
        let ours = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\
                     content-length: 0\r\n\r\n";
        assert_eq!(bare(ours), None);
        assert_eq!(bare(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
        assert_eq!(bare(b"{\"text\":\"HTTP/1.1 400 x\"}"), None);
    }
}
