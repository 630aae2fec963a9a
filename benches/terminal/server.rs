//! A server with one long queue that never changes: it takes every edit and says that all is well.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// What every text begins with; its number follows.
pub(crate) const TEXT: &str = "S";

/// Returns how the text of an update begins.
pub(crate) fn mark(number: usize) -> String {
    format!("{TEXT}{number:06}")
}

/// Starts a server with a queue of so many updates; it ends with the process.
pub(crate) fn start(updates: usize) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, updates));
        }
    });
    Ok(address)
}

/// Answers one request after the other until the client closes.
fn serve(stream: TcpStream, updates: usize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut target, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if target.is_empty() {
                line.split(' ').nth(1)?.clone_into(&mut target);
            } else if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).ok()?;
        let body = body(&target, updates);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all((head + &body).as_bytes()).ok()?;
    }
}

fn body(target: &str, updates: usize) -> String {
    if target.contains("/user.json") {
        r#"{"id":"me","name":"me"}"#.to_owned()
    } else if target.contains("/profiles.json") {
        r#"[{"id":"p1","service":"mastodon","formatted_username":"@bench","timezone":"UTC",
            "service_username":"bench","formatted_service":"Mastodon","counts":{},
            "schedules":[{"days":["mon","tue","wed","thu","fri"],"times":["09:00","13:00"]}]}]"#
            .to_owned()
    } else if target.contains("/configuration.json") {
        r#"{"qurate":{"requests_per_minute":null}}"#.to_owned()
    } else if target.contains("interactions") {
        r#"{"total":0,"interactions":[]}"#.to_owned()
    } else if target.contains("updates/sent") {
        r#"{"total":0,"updates":[]}"#.to_owned()
    } else if target.contains("updates/pending") {
        pending(target, updates)
    } else {
        r#"{"success":true}"#.to_owned()
    }
}

fn pending(target: &str, updates: usize) -> String {
    let asked = |name: &str| {
        let (_, value) = target.split_once(name)?;
        value.split('&').next()?.parse::<usize>().ok()
    };
    let count = asked("count=").unwrap_or(20);
    let start = (asked("page=").unwrap_or(1).max(1) - 1) * count;
    let page = start.min(updates)..(start + count).min(updates);
    let page: Vec<String> = page.map(update).collect();
    let page = page.join(",");
    format!(r#"{{"total":{updates},"revision":1,"updates":[{page}]}}"#)
}

fn update(number: usize) -> String {
    let words = [
        "a new release",
        "notes from the road",
        "what we learnt",
        "read this twice",
    ];
    let text = (0..4).map(|i| words[(number / 3 + number * i) % words.len()]);
    let text = text.collect::<Vec<_>>().join(", ");
    let due = 1_900_000_000 + 300 * number;
    format!(
        r#"{{"id":"{number:024x}","profile_id":"p1","status":"buffer","text":"{} {text}",
            "created_at":1700000000,"due_at":{due}}}"#,
        mark(number)
    )
}
