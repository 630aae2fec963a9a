//! Answers without end, of any size and depth, to the real program: its memory stays small, it says
//! that something is wrong, and goes on when the server is well again.

mod answers;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use rustix::process::Pid;
use tempfile::TempDir;

use crate::pty::{ENTER, Start, TAB, Terminal};
use crate::raw_server::json;

/// Most memory the program may ever have had, in KiB.
const MOST: u64 = 150 * 1024;
/// How long a queue of 68,000 updates may take on a busy machine.
const LONG: Duration = Duration::from_mins(3);
const MEBI: usize = 1 << 20;

/// What is answered where a case is about.
#[derive(Clone)]
enum Hostile {
    /// This.
    Bytes(Arc<Vec<u8>>),
    /// A head, and then this again and again, so many times.
    Stream(String, Arc<Vec<u8>>, usize),
    /// Whatever page is asked for is there, each with other updates that have a text of so many
    /// bytes.
    Pages(usize),
    /// A long queue.
    Long(Long),
}

/// A long queue.
#[derive(Clone)]
struct Long {
    /// How many updates it has.
    count: usize,
    /// How often its texts say the same, in 30 bytes.
    words: usize,
    /// Whether it is another one whenever it is read.
    changes: bool,
    /// How often it was read.
    times: Arc<AtomicUsize>,
    /// Whether its last page was asked for just now: then its first one is looked at once more.
    is_over: Arc<AtomicBool>,
}

/// A hostile answer.
struct Case {
    name: &'static str,
    /// In the path of what it answers.
    at: &'static str,
    answer: Hostile,
    seen: Seen,
}

/// What a person sees of it.
enum Seen {
    /// The status line says that something is wrong.
    Trouble,
    /// The screen shows this.
    Text(&'static str),
}

/// What a server answers.
#[derive(Default)]
struct Answers {
    /// In the path of what, and with what.
    hostile: Option<(&'static str, Hostile)>,
    /// How many hostile answers were begun.
    begun: usize,
    /// Which of the well ones: each shows another text, so that it is seen which was read.
    round: usize,
}

/// A server that is well but for one path.
struct Server {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(Answers::default()));
        let theirs = Arc::clone(&answers);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let answers = Arc::clone(&theirs);
                thread::spawn(move || {
                    // A client that had enough closes: then writing fails, as it should.
                    let _ = serve(stream.unwrap(), &answers);
                });
            }
        });
        Self { address, answers }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap()
    }

    fn turns_hostile(&self, case: &Case) {
        let mut answers = self.answers();
        answers.hostile = Some((case.at, case.answer.clone()));
        answers.begun = 0;
    }

    /// Returns the text that its queue has from now on.
    fn is_well(&self) -> String {
        let mut answers = self.answers();
        answers.hostile = None;
        answers.round += 1;
        format!("All is well {}.", answers.round)
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<Answers>) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (hostile, round) = {
        let mut answers = answers.lock().unwrap();
        let here = answers.hostile.clone();
        let here = here.filter(|(at, _)| target.contains(at));
        answers.begun += usize::from(here.is_some());
        (here, answers.round)
    };
    match hostile {
        None => stream.write_all(&json(well(target, round))),
        Some((_, Hostile::Bytes(bytes))) => stream.write_all(&bytes),
        Some((_, Hostile::Stream(head, part, times))) => {
            stream.write_all(head.as_bytes())?;
            for _ in 0..times {
                stream.write_all(&part)?;
            }
            Ok(())
        }
        Some((_, Hostile::Pages(length))) => stream.write_all(&json(any_page(target, length))),
        Some((_, Hostile::Long(long))) => stream.write_all(&json(long.page(target))),
    }
}

/// Returns which entry a page begins with, and how many it has.
fn asked(target: &str) -> (usize, usize) {
    let asked = |name: &str| {
        let (_, value) = target.split_once(name)?;
        value.split('&').next()?.parse::<usize>().ok()
    };
    let count = asked("count=").unwrap_or(20);
    ((asked("page=").unwrap_or(1) - 1) * count, count)
}

impl Long {
    /// All texts are too long for their network, and so like each other that each has its finding.
    fn page(&self, target: &str) -> String {
        let (start, count) = asked(target);
        let was_over = self
            .is_over
            .swap(start + count >= self.count, Ordering::Relaxed);
        if start == 0 && !was_over {
            self.times.fetch_add(1, Ordering::Relaxed);
        }
        let time = if self.changes {
            self.times.load(Ordering::Relaxed)
        } else {
            0
        };
        let words = "as many words as make it long ".repeat(self.words);
        let update = |n: usize| {
            let id = time * 1_000_000 + n;
            let due = 1_900_000_000 + n;
            format!(
                r#"{{"id":"u{id}","profile_id":"p1","status":"buffer","due_at":{due},
                    "text":"Time {time}, {n}: {words}"}}"#
            )
        };
        let updates: Vec<String> = (start..self.count.min(start + count)).map(update).collect();
        let (total, updates) = (self.count, updates.join(","));
        format!(r#"{{"total":{total},"updates":[{updates}]}}"#)
    }
}

/// A page as it is asked for, of a list that never ends.
fn any_page(target: &str, length: usize) -> String {
    let (start, count) = asked(target);
    let text = "a".repeat(length);
    let update =
        |n| format!(r#"{{"id":"u{n}","profile_id":"p1","status":"buffer","text":"{text}{n}"}}"#);
    let updates: Vec<String> = (start..start + count).map(update).collect();
    format!(
        r#"{{"total":1000000000,"updates":[{}]}}"#,
        updates.join(",")
    )
}

fn well(target: &str, round: usize) -> String {
    if target.contains("/user.json") {
        r#"{"id":"me","name":"me"}"#.to_owned()
    } else if target.contains("/profiles.json") {
        r#"[{"id":"p1","service":"twitter","formatted_username":"@p","timezone":"UTC",
            "service_username":"p","formatted_service":"Twitter","counts":{},"schedules":[]}]"#
            .to_owned()
    } else if target.contains("/configuration.json") {
        // Nothing waits for its turn: at 50 requests a minute, as of servers that do not say how
        // many they take, each case would take ten seconds of waiting.
        r#"{"qurate":{"requests_per_minute":null}}"#.to_owned()
    } else if target.contains("/interactions.json") {
        r#"{"total":0,"interactions":[]}"#.to_owned()
    } else if target.contains("updates/sent") {
        let sent = |n: usize| {
            format!(
                r#"{{"id":"s{n}","profile_id":"p1","status":"sent","text":"Sent","sent_at":{n}}}"#
            )
        };
        let all: Vec<String> = (1..20).map(sent).collect();
        format!(r#"{{"total":{},"updates":[{}]}}"#, all.len(), all.join(","))
    } else {
        format!(
            r#"{{"total":1,"updates":[{{"id":"u0","profile_id":"p1","status":"buffer",
                "text":"All is well {round}."}}]}}"#
        )
    }
}

/// The real program, signed in on such a server.
struct Program {
    server: Server,
    terminal: Terminal,
    _home: TempDir,
}

impl Program {
    fn start() -> Self {
        let server = Server::start();
        let home = tempfile::tempdir().unwrap();
        let url = format!("http://{}/1/", server.address);
        let start = Start::new(home.path(), &["--api-url", &url]).env("QURATE_TOKEN", "a-token");
        let terminal = start.run();
        terminal.wait_for("All is well 0.");
        terminal.wait_for("online");
        Self {
            server,
            terminal,
            _home: home,
        }
    }

    /// Lets it have such an answer when these keys make it ask, and be well again; returns the most
    /// memory it ever had, in KiB.
    fn meets(&mut self, case: &Case, keys: &[&str]) -> u64 {
        let Self {
            server, terminal, ..
        } = self;
        let Case { name, seen, .. } = case;
        server.turns_hostile(case);
        for key in keys {
            terminal.press(key);
        }
        terminal.wait(&format!("{name}: it is seen"), |screen| {
            let status: Vec<&str> = screen.lines().rev().take(2).collect();
            server.answers().begun > 0
                && match seen {
                    Seen::Trouble => !status.concat().contains("online"),
                    Seen::Text(text) => screen.contains(text),
                }
        });
        let text = server.is_well();
        terminal.press("R");
        terminal.wait(&format!("{name}: all is well again"), |screen| {
            screen.contains(&text) && screen.contains("online") && screen.contains("@p ")
        });
        let most = most_memory(terminal.pid());
        assert!(most < MOST, "{name}: {most} KiB");
        most
    }

    fn ends(mut self) {
        self.terminal.press("q");
        assert_eq!(self.terminal.wait_end(), 0);
    }
}

/// The most memory it ever had, in KiB.
fn most_memory(pid: Pid) -> u64 {
    memory(pid, "VmHWM:")
}

fn memory(pid: Pid, which: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let line = status.lines().find(|line| line.starts_with(which));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

#[test]
fn no_answer_with_a_queue_makes_the_program_large_or_stops_it() {
    let mut program = Program::start();
    for case in answers::of_queues() {
        let most = program.meets(&case, &["R"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}

#[test]
fn no_number_of_pages_makes_the_program_large_or_stops_it() {
    let mut program = Program::start();
    for case in answers::of_pages() {
        let most = program.meets(&case, &["R"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}

/// As many updates as are kept, with texts of 330 bytes, and none of those that were there before; and
/// then the longest answer that is read.
#[test]
fn a_queue_that_is_another_one_each_time_does_not_make_the_program_large() {
    let mut program = Program::start();
    let times = Arc::new(AtomicUsize::new(0));
    let long = Long {
        count: 68_000,
        words: 10,
        changes: true,
        times: Arc::clone(&times),
        is_over: Arc::default(),
    };
    program.server.answers().hostile = Some(("updates/pending", Hostile::Long(long)));
    for _ in 0..3 {
        let before = times.load(Ordering::Relaxed);
        program.terminal.press("R");
        program
            .terminal
            .wait_within(LONG, "the next one shows", |screen| {
                let shown = screen.split_once("Time ").map(|(_, rest)| rest);
                let shown = shown.and_then(|rest| rest.split(',').next());
                shown.and_then(|time| time.parse::<usize>().ok()) > Some(before)
            });
    }
    let most = most_memory(program.terminal.pid());
    println!("another queue each time: at most {most} KiB");
    assert!(most < MOST, "{most} KiB");
    for case in answers::of_shuffles() {
        program.meets(&case, &[":", "server-shuffle", ENTER, "y"]);
    }
    program.ends();
}

/// What is as it was read before is there already: its texts, 20 MB here, are not held once more.
#[test]
fn a_queue_that_is_read_again_as_it_was_is_not_held_twice() {
    let mut program = Program::start();
    let times = Arc::new(AtomicUsize::new(0));
    let long = Long {
        count: 20_000,
        words: 33,
        changes: false,
        times: Arc::clone(&times),
        is_over: Arc::default(),
    };
    program.server.answers().hostile = Some(("updates/pending", Hostile::Long(long)));
    let pid = program.terminal.pid();
    // A read that begins tells that the one before was taken in.
    let begins = |terminal: &mut Terminal, number: usize| {
        terminal.press("R");
        terminal.wait_within(LONG, &format!("read {number}"), |_| {
            times.load(Ordering::Relaxed) >= number
        });
    };
    begins(&mut program.terminal, 1);
    program.terminal.wait_within(LONG, "it was read", |screen| {
        screen.contains("20000 updates")
    });
    let before = memory(pid, "VmRSS:");
    // From now on the most counts anew (proc(5), on `clear_refs`).
    fs::write(format!("/proc/{}/clear_refs", pid.as_raw_nonzero()), "5").unwrap();
    begins(&mut program.terminal, 2);
    begins(&mut program.terminal, 3);
    let more = most_memory(pid).saturating_sub(before);
    println!("{before} KiB, and {more} more while it was read again");
    assert!(more < 12 * 1024, "{more} KiB more than {before}");
    program.ends();
}

#[test]
fn no_field_of_an_update_makes_the_program_large_or_stops_it() {
    let mut program = Program::start();
    for case in answers::of_fields() {
        let most = program.meets(&case, &["R"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}

#[test]
fn no_list_of_profiles_makes_the_program_large_or_stops_it() {
    let mut program = Program::start();
    for case in answers::of_profiles() {
        let most = program.meets(&case, &["R"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}

#[test]
fn no_interactions_make_the_program_large_or_stop_it() {
    let mut program = Program::start();
    // To the list of sent updates; each further one has interactions that were not read yet.
    program.terminal.press(TAB);
    for case in answers::of_interactions() {
        let most = program.meets(&case, &["j"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}

#[test]
fn no_answer_to_a_shuffle_makes_the_program_large_or_stops_it() {
    let mut program = Program::start();
    for case in answers::of_shuffles() {
        let most = program.meets(&case, &[":", "server-shuffle", ENTER, "y"]);
        println!("{}: at most {most} KiB", case.name);
    }
    program.ends();
}
