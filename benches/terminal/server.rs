//! A server with one long queue: it takes orders, and says of every other edit that all is well.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What every text begins with; its number follows.
pub(crate) const TEXT: &str = "S";

/// Returns how the text of an update begins.
pub(crate) fn mark(number: usize) -> String {
    format!("{TEXT}{number:06}")
}

/// A server that was started.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    account: Arc<Account>,
}

/// What it serves, and how often it did.
struct Account {
    /// The numbers of the updates, as they are to go out.
    queue: Mutex<Queue>,
    answered: AtomicUsize,
}

struct Queue {
    order: Vec<usize>,
    revision: usize,
}

impl Server {
    /// Starts a server with a queue of so many updates; it ends with the process.
    pub(crate) fn start(updates: usize) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let queue = Queue {
            order: (0..updates).collect(),
            revision: 1,
        };
        let account = Arc::new(Account {
            queue: Mutex::new(queue),
            answered: AtomicUsize::new(0),
        });
        let served = Arc::clone(&account);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                thread::spawn(move || serve(stream, &served));
            }
        });
        Ok(Self { address, account })
    }

    /// Returns how many requests it has answered.
    pub(crate) fn answered(&self) -> usize {
        self.account.answered.load(Ordering::Relaxed)
    }
}

/// Answers one request after the other until the client closes.
fn serve(stream: TcpStream, account: &Account) -> Option<()> {
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
        let mut form = String::new();
        stream
            .by_ref()
            .take(length)
            .read_to_string(&mut form)
            .ok()?;
        let body = body(&target, &form, account);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all((head + &body).as_bytes()).ok()?;
        account.answered.fetch_add(1, Ordering::Relaxed);
    }
}

fn body(target: &str, form: &str, account: &Account) -> String {
    let mut queue = account.queue.lock().unwrap_or_else(PoisonError::into_inner);
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
        queue.pending(target)
    } else if target.contains("updates/reorder") {
        queue.reorder(form)
    } else {
        r#"{"success":true}"#.to_owned()
    }
}

impl Queue {
    fn pending(&self, target: &str) -> String {
        let asked = |name: &str| {
            let (_, value) = target.split_once(name)?;
            value.split('&').next()?.parse::<usize>().ok()
        };
        let count = asked("count=").unwrap_or(20);
        let start = (asked("page=").unwrap_or(1).max(1) - 1) * count;
        let (total, revision) = (self.order.len(), self.revision);
        let page = self.listed(start.min(total)..(start + count).min(total));
        format!(r#"{{"total":{total},"revision":{revision},"updates":[{page}]}}"#)
    }

    /// Puts updates to the front, and answers with them.
    fn reorder(&mut self, form: &str) -> String {
        let ids = form.split('&').filter_map(|field| field.split_once('='));
        let ids = ids.filter(|(name, _)| name.starts_with("order"));
        let ids = ids.filter_map(|(_, id)| usize::from_str_radix(id, 16).ok());
        let first: Vec<usize> = ids.collect();
        let (many, named) = (first.len(), first.iter().copied().collect::<HashSet<_>>());
        let rest = self.order.iter().filter(|number| !named.contains(number));
        self.order = first.iter().chain(rest).copied().collect();
        self.revision += 1;
        let page = self.listed(0..many);
        format!(r#"{{"success":true,"updates":[{page}]}}"#)
    }

    /// Writes updates as they lie in the queue: the times stay where they are.
    fn listed(&self, places: Range<usize>) -> String {
        let all = places.map(|place| update(self.order[place], place));
        all.collect::<Vec<_>>().join(",")
    }
}

fn update(number: usize, place: usize) -> String {
    let words = [
        "a new release",
        "notes from the road",
        "what we learnt",
        "read this twice",
    ];
    let text = (0..4).map(|i| words[(number / 3 + number * i) % words.len()]);
    let text = text.collect::<Vec<_>>().join(", ");
    let due = 1_900_000_000 + 300 * place;
    format!(
        r#"{{"id":"{number:024x}","profile_id":"p1","status":"buffer","text":"{} {text}",
            "created_at":1700000000,"due_at":{due}}}"#,
        mark(number)
    )
}
