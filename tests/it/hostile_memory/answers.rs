//! The hostile answers, and what the screen shows of each.

use std::fmt::Write as _;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use super::{Case, Hostile, MEBI, Seen};
use crate::raw_server::{answer, json};

const QUEUE: &str = "updates/pending";
const PROFILES: &str = "/profiles.json";
const INTERACTIONS: &str = "/interactions.json";
const SHUFFLE: &str = "updates/shuffle";

/// Refused for what it is: the queue or the profiles cannot be read.
fn trouble(name: &'static str, at: &'static str, answer: Hostile) -> Case {
    let seen = Seen::Trouble;
    Case {
        name,
        at,
        answer,
        seen,
    }
}

/// Taken, or refused where it is asked for: this is to be seen.
fn shows(name: &'static str, at: &'static str, text: &'static str, answer: Hostile) -> Case {
    let seen = Seen::Text(text);
    Case {
        name,
        at,
        answer,
        seen,
    }
}

fn bytes(bytes: Vec<u8>) -> Hostile {
    Hostile::Bytes(Arc::new(bytes))
}

fn list(entry: &str, count: usize) -> String {
    let mut list = format!("[{entry}");
    list.reserve((entry.len() + 1) * count);
    for _ in 1..count {
        list.push(',');
        list.push_str(entry);
    }
    list.push(']');
    list
}

/// An object of numbers under names that differ.
fn numbers(count: usize) -> String {
    let number = |n: usize| format!("\"{n:x}\":0");
    format!(
        "{{{}}}",
        (0..count).map(number).collect::<Vec<_>>().join(",")
    )
}

/// A page of so many updates, each with this text and these further fields.
fn page(count: usize, text: &str, more: &str) -> Hostile {
    let mut page = format!(r#"{{"total":{count},"updates":["#);
    for n in 0..count {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            page,
            r#"{comma}{{"id":"u{n}","profile_id":"p1","status":"buffer","text":"{text}"{more}}}"#
        );
    }
    page.push_str("]}");
    bytes(json(page))
}

/// So many profiles, each with these further fields.
fn profiles(count: usize, more: &str) -> Hostile {
    let profile = |n: usize| {
        format!(r#"{{"id":"p{n}","service":"twitter","formatted_username":"@odd{n}"{more}}}"#)
    };
    let all: Vec<String> = (1..=count).map(profile).collect();
    bytes(json(format!("[{}]", all.join(","))))
}

/// A no whose message is a list of such items.
fn no(items: &str) -> Hostile {
    bytes(answer("403 No", "", format!(r#"{{"error":[{items}0]}}"#)))
}

/// A gibibyte of spaces in 32 parts, packed.
fn bomb() -> Hostile {
    let mut child = Command::new("gzip")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip");
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        for _ in 0..32 {
            stdin.write_all(&vec![b' '; MEBI]).unwrap();
        }
    });
    let packed = child.wait_with_output().unwrap().stdout;
    feeder.join().unwrap();
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    bytes(answer("200 A", headers, packed.repeat(32)))
}

/// What is asked for when the queue is read.
pub(super) fn of_queues() -> Vec<Case> {
    let head = "HTTP/1.1 200 A\r\nContent-Type: application/json\r\n";
    let chunk = [
        format!("{MEBI:x}\r\n").into_bytes(),
        vec![b' '; MEBI],
        b"\r\n".to_vec(),
    ]
    .concat();
    let stream = |framing: &str, part: Vec<u8>, times| {
        Hostile::Stream(format!("{head}{framing}"), Arc::new(part), times)
    };
    let length = format!("Content-Length: {}\r\n\r\n", 100 * MEBI);
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        bytes(json(format!(r#"{{"total":1,"updates":{open}{close}}}"#)))
    };
    let tiny = |entry, count| {
        bytes(json(format!(
            r#"{{"total":1,"updates":{}}}"#,
            list(entry, count)
        )))
    };
    let long = |length: usize| page(1, &"long ".repeat(length / 5), "");
    let headers = b"X-A: b\r\n".repeat(1000);
    vec![
        trouble("100 MB", QUEUE, stream(&length, vec![b' '; MEBI], 100)),
        trouble(
            "chunks without end",
            QUEUE,
            stream(chunked, chunk, usize::MAX),
        ),
        trouble(
            "headers without end",
            QUEUE,
            stream("", headers, usize::MAX),
        ),
        trouble("a text of 10 MB", QUEUE, long(10 * MEBI)),
        trouble("a bomb", QUEUE, bomb()),
        trouble("70,000 updates", QUEUE, page(70_000, "a", "")),
        trouble("millions of updates", QUEUE, tiny("{}", 2_700_000)),
        trouble(
            "millions of numbers for updates",
            QUEUE,
            tiny("0", 4_000_000),
        ),
        trouble("a message of numbers", QUEUE, no(&"0,".repeat(4_000_000))),
        trouble(
            "a message of objects",
            QUEUE,
            no(&"{\"a\":0},".repeat(900_000)),
        ),
        trouble("deep lists", QUEUE, deep("[", "]")),
        trouble("deep objects", QUEUE, deep("{\"a\":", "}")),
        trouble("deep and cut", QUEUE, deep("[", "")),
        trouble("a text of 8 MB", QUEUE, long(8 * MEBI - 1000)),
        // What just fits is taken; it is not kept many times over.
        shows("a text of 1 MB", QUEUE, "long", long(MEBI)),
        shows("5,000 updates", QUEUE, "Odd", page(5_000, "Odd", "")),
    ]
}

/// Pages that are right, each with other updates, and without end.
pub(super) fn of_pages() -> Vec<Case> {
    let pages = |name, text, length| shows(name, QUEUE, text, Hostile::Pages(length));
    vec![
        pages("pages of long texts", "not read: more than 34 MB", 60_000),
        pages("pages of short texts", "not read: more than 200,000", 0),
    ]
}

/// What may be in the fields of an update: as much as fits into an answer, which is refused, and as
/// much as is read.
pub(super) fn of_fields() -> Vec<Case> {
    let update = |field: &str, value: &str| page(1, "Odd", &format!(",\"{field}\":{value}"));
    let objects = |count| list(r#"{"a":0}"#, count);
    let nested = format!(
        r#","error":{}"no"{}"#,
        r#"{"error":"#.repeat(100),
        "}".repeat(100)
    );
    let statistics = format!(",\"statistics\":{}", numbers(24));
    vec![
        trouble(
            "an error of lists",
            QUEUE,
            update("error", &list("[]", 2_700_000)),
        ),
        trouble(
            "an error of objects",
            QUEUE,
            update("error", &objects(1_000_000)),
        ),
        trouble(
            "media of lists",
            QUEUE,
            update("media", &list("[]", 2_700_000)),
        ),
        shows(
            "an error of some objects",
            QUEUE,
            "Odd",
            update("error", &objects(490_000)),
        ),
        shows(
            "media of some lists",
            QUEUE,
            "Odd",
            update("media", &list("[]", 490_000)),
        ),
        shows(
            "media of fields",
            QUEUE,
            "Odd",
            update("media", &numbers(700_000)),
        ),
        shows(
            "statistics of one",
            QUEUE,
            "Odd",
            update("statistics", &numbers(700_000)),
        ),
        shows(
            "an error in each",
            QUEUE,
            "Odd",
            page(5_000, "Odd", r#","error":{"text":0}"#),
        ),
        shows(
            "an error in an error",
            QUEUE,
            "Odd",
            page(5_000, "Odd", &nested),
        ),
        shows(
            "statistics in each",
            QUEUE,
            "Odd",
            page(5_000, "Odd", &statistics),
        ),
    ]
}

/// What may be in a list of profiles.
pub(super) fn of_profiles() -> Vec<Case> {
    let profile = |field: &str, value: &str| profiles(1, &format!(",\"{field}\":{value}"));
    let times = |count| format!(r#"[{{"days":["mon"],"times":{}}}]"#, list("\"\"", count));
    let tiny = |entry, count| bytes(json(list(entry, count)));
    let week = format!(
        ",\"schedules\":{}",
        list(r#"{"days":[""],"times":[""]}"#, 12)
    );
    vec![
        trouble("millions of profiles", PROFILES, tiny("{}", 2_700_000)),
        trouble("20,000 profiles", PROFILES, profiles(20_000, "")),
        trouble(
            "schedules without end",
            PROFILES,
            profile("schedules", &list("{}", 2_700_000)),
        ),
        trouble(
            "some schedules",
            PROFILES,
            profile("schedules", &list("{}", 490_000)),
        ),
        trouble(
            "times without end",
            PROFILES,
            profile("schedules", &times(2_700_000)),
        ),
        trouble(
            "why of objects",
            PROFILES,
            profile("disconnected", &list("{}", 2_700_000)),
        ),
        shows(
            "times",
            PROFILES,
            "@odd1",
            profile("schedules", &times(990_000)),
        ),
        shows(
            "why",
            PROFILES,
            "@odd1",
            profile("disconnected", &list("{}", 490_000)),
        ),
        shows(
            "counts",
            PROFILES,
            "@odd1",
            profile("counts", &numbers(700_000)),
        ),
        shows(
            "a team",
            PROFILES,
            "@odd1",
            profile("team_members", &list("\"a\"", 990_000)),
        ),
        shows(
            "10,000 profiles",
            PROFILES,
            "@odd1",
            profiles(10_000, &week),
        ),
    ]
}

/// What is asked for of an update that was sent.
pub(super) fn of_interactions() -> Vec<Case> {
    let some = |entry: &str, count| {
        let all = list(entry, count);
        bytes(json(format!(r#"{{"total":{count},"interactions":{all}}}"#)))
    };
    let one = r#"{"id":"i","event":"like","user":{"username":"odd"}}"#;
    let user = |user: &str| {
        some(
            &format!(r#"{{"id":"i","event":"mention","user":{user}}}"#),
            1,
        )
    };
    // As many values, and as many entries, as there may be.
    let (values, entries) = ("more than 1000000", "more than 5000");
    vec![
        shows(
            "millions of them",
            INTERACTIONS,
            values,
            some("{}", 2_700_000),
        ),
        shows("too many of them", INTERACTIONS, entries, some(one, 5_001)),
        shows(
            "a user of lists",
            INTERACTIONS,
            values,
            user(&list("[]", 2_700_000)),
        ),
        shows("5,000 of them", INTERACTIONS, "odd", some(one, 5_000)),
        shows(
            "a user of fields",
            INTERACTIONS,
            "mention",
            user(&numbers(700_000)),
        ),
    ]
}

/// What a shuffle, of which as much is read as of a reorder of a long queue, is answered with.
pub(super) fn of_shuffles() -> Vec<Case> {
    let tiny = |entry, count| {
        bytes(json(format!(
            r#"{{"total":1,"updates":{}}}"#,
            list(entry, count)
        )))
    };
    let statistics = format!(",\"statistics\":{}", numbers(24));
    let text = "Odd ".repeat(130);
    vec![
        shows(
            "16 MB of updates",
            SHUFFLE,
            "more than 1000000",
            tiny("{}", 5_500_000),
        ),
        shows(
            "too many updates",
            SHUFFLE,
            "more than 20000",
            page(20_001, "Odd", ""),
        ),
        shows(
            "64 MB",
            SHUFFLE,
            "longer than",
            page(20_000, &text.repeat(6), ""),
        ),
        shows(
            "16 MB",
            SHUFFLE,
            "shuffled",
            page(20_000, &text, &statistics),
        ),
    ]
}
