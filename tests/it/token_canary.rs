//! A token that looks like no other text goes through everything that can go wrong, and is then
//! looked for: it may be in the header of requests to the configured host, and where it was given.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use qurate::api::v1::{Endpoint, Secret, V1};
use qurate::api::{Api, List, NewUpdate, Page};
use qurate::domain::id::ProfileId;
use qurate::domain::operation::Placement;
use qurate::domain::update::Content;
use rustix::process::{Pid, Signal, kill_process};
use tracing_subscriber::fmt::MakeWriter;

use crate::pty::{Start, Terminal};
use crate::raw_server::{Asked, Play, RawServer, answer, json};
use crate::served::{Served, TOKEN, command};

const CANARY: &str = "qX7vN2mKz9RbT4wYc8LhJ5dPf3GsA6eUoZ1iCkVx";
/// So many characters of it in a row are a find.
const PIECE: usize = 10;

/// Says whether some of the token is in there, in one piece or broken over lines.
fn holds(bytes: &[u8], token: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let pieces = token.len() / PIECE;
    (0..pieces).any(|n| text.contains(&token[n * PIECE..(n + 1) * PIECE]))
}

#[track_caller]
fn clean(what: &str, bytes: impl AsRef<[u8]>, token: &str) {
    let bytes = bytes.as_ref();
    let text = String::from_utf8_lossy(bytes);
    assert!(!holds(bytes, token), "{what} holds the token: {text}");
}

/// Looks into every file below, with its name, but the one that the token was given in.
fn clean_files(dir: &Path, given: Option<&Path>, token: &str) -> usize {
    let mut looked = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if given == Some(path.as_path()) {
            continue;
        }
        let name = path.display().to_string();
        clean("a file's name", &name, token);
        if kind.is_dir() {
            looked += clean_files(&path, given, token);
        } else if kind.is_file() {
            clean(&name, fs::read(&path).unwrap(), token);
            looked += 1;
        }
    }
    looked
}

/// A place to which nothing may ever connect.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The kernel keeps for us who connected.
    #[track_caller]
    fn nobody_came(&self, what: &str) {
        self.0.set_nonblocking(true).unwrap();
        let came = self.0.accept().map(|(_, from)| from);
        let waits = came
            .as_ref()
            .is_err_and(|e| e.kind() == ErrorKind::WouldBlock);
        assert!(waits, "{what}: {came:?}");
    }
}

/// The token is in one header of each request and in nothing else of it.
#[track_caller]
fn only_in_its_header(what: &str, asked: &[Asked]) {
    assert!(!asked.is_empty(), "{what}: the server was asked");
    for asked in asked {
        let mut rest = asked.clone();
        rest.headers.retain(|(name, _)| name != "authorization");
        clean(what, format!("{rest:?}"), CANARY);
        let bearer = format!("Bearer {CANARY}");
        assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    }
}

type Scripted = (String, Vec<u8>);

/// Answers of which each may make a program say what it knows.
fn replies(elsewhere: SocketAddr) -> Vec<Scripted> {
    let plain = "Content-Type: application/json\r\n";
    let echo = format!(r#"{{"success":false,"code":1000,"error":"no good: {CANARY}"}}"#);
    let long = format!(r#"{{"error":"{}{CANARY}"}}"#, "x".repeat(475));
    let mut escaped = String::new();
    for byte in CANARY.bytes() {
        let _ = write!(escaped, "\\u{byte:04x}");
    }
    let page = format!("<!doctype html><title>502</title>Authorization: Bearer {CANARY}");
    let mut all: Vec<Scripted> = [
        ("yes", json(r#"{"success":true}"#)),
        ("a no in a yes", json(&echo)),
        ("no JSON", json(format!("Bearer {CANARY}"))),
        ("a text as all", json(format!(r#""{CANARY}""#))),
        (
            "a text as a list",
            json(format!(r#"{{"updates":"{CANARY}","total":1}}"#)),
        ),
        (
            "a text as a number",
            json(format!(r#"{{"updates":[],"total":"{CANARY}"}}"#)),
        ),
        (
            "a name in a path",
            json(format!(
                r#"{{"total":1,"updates":[{{"id":"u","profile_id":"p1","statistics":{{"{CANARY}":[]}},"status":"{CANARY}","service":"{CANARY}"}}]}}"#
            )),
        ),
        ("400", answer("400 No", plain, &echo)),
        ("401", answer("401 No", plain, &echo)),
        ("403", answer("403 No", plain, &echo)),
        ("404", answer("404 No", plain, &echo)),
        ("cut in the middle", answer("403 No", plain, &long)),
        (
            "escaped",
            answer("403 No", plain, format!(r#"{{"error":"{escaped}"}}"#)),
        ),
        (
            "429",
            answer("429 No", &format!("{plain}Retry-After: 1\r\n"), &echo),
        ),
        ("500", answer("500 No", plain, &echo)),
        ("502 HTML", answer("502 No", "Content-Type: text/html\r\n", page)),
        (
            "503",
            answer("503 No", &format!("{plain}Retry-After: 1\r\n"), &echo),
        ),
        (
            "a reason",
            answer(&format!("418 {CANARY}"), plain, "{}"),
        ),
        ("garbage", format!("\u{1}{CANARY}\r\n\r\n").into_bytes()),
        (
            "truncated",
            format!("HTTP/1.1 200 A\r\nContent-Length: 999\r\n\r\n{{\"error\":\"{CANARY}")
                .into_bytes(),
        ),
        (
            "a bad chunk",
            format!("HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n")
                .into_bytes(),
        ),
        (
            "a cookie",
            answer(
                "200 A",
                &format!("{plain}Set-Cookie: token={CANARY}\r\n"),
                "{}",
            ),
        ),
        (
            "a bad header",
            format!("HTTP/1.1 200 A\r\n{CANARY}\r\n\r\n").into_bytes(),
        ),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into();
    for status in [301, 302, 303, 307, 308] {
        for to in [
            format!("http://{elsewhere}/1/{CANARY}"),
            format!("https://{elsewhere}/1/"),
            format!("//localhost:{}/", elsewhere.port()),
        ] {
            let headers = format!("Location: {to}\r\n");
            let bytes = answer(&format!("{status} Go"), &headers, &echo);
            all.push((format!("{status} to {to}"), bytes));
        }
    }
    all
}

/// Everything that this program and all it uses would log.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn no_answer_makes_the_client_say_its_token() {
    let elsewhere = Elsewhere::new();
    let replies = replies(elsewhere.address());
    let heard = Heard::default();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(heard.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(log, || {
        for (name, bytes) in &replies {
            let server = RawServer::start(Play::Answer(bytes.clone()));
            let endpoint = Endpoint::url(&server.url()).unwrap();
            let api = V1::new(endpoint, Secret::new(CANARY).unwrap());
            for said in runtime.block_on(calls(&api)) {
                clean(name, said, CANARY);
            }
            clean(name, format!("{api:?}"), CANARY);
            only_in_its_header(name, &server.asked());
        }
    });
    elsewhere.nobody_came("the client");
    let heard = heard.0.lock().unwrap();
    assert!(!heard.is_empty(), "something was logged");
    clean("the trace", &*heard, CANARY);
    println!("{} answers to 5 calls each", replies.len());
    assert!(replies.len() > 35);
}

/// Asks in each manner, and returns what is said of what went wrong.
async fn calls(api: &V1) -> Vec<String> {
    let profile = ProfileId::parse("p1").unwrap();
    let page = Page {
        page: 1,
        count: 100,
        since: None,
    };
    let new = NewUpdate {
        profiles: vec![profile.clone()],
        content: Content::default(),
        placement: Placement::Queue,
        shorten: false,
    };
    let errors = [
        api.user().await.err(),
        api.profiles().await.err(),
        api.updates(&profile, List::Pending, page).await.err(),
        api.schedules(&profile).await.err(),
        api.create(&new).await.err(),
    ];
    let said = errors.into_iter().flatten();
    said.map(|error| format!("{error}\n{error:?}")).collect()
}

/// How the token is given.
#[derive(Debug, Clone, Copy)]
enum Given {
    Variable,
    File,
    Account,
}

/// Which answer each way of giving it meets in a terminal, and how the session ends.
const SESSIONS: [(Given, &str, Signal); 6] = [
    (Given::Variable, "yes", Signal::TERM),
    (Given::File, "401", Signal::HUP),
    (Given::Account, "403", Signal::KILL),
    (Given::Variable, "307 to http", Signal::QUIT),
    (Given::File, "429", Signal::INT),
    (Given::Account, "502 HTML", Signal::TERM),
];

#[test]
fn no_session_leaves_the_token_anywhere() {
    let elsewhere = Elsewhere::new();
    let replies = replies(elsewhere.address());
    for (given, wanted, signal) in SESSIONS {
        let found = replies.iter().find(|(name, _)| name.starts_with(wanted));
        let server = RawServer::start(Play::Answer(found.unwrap().1.clone()));
        let home = tempfile::tempdir().unwrap();
        let what = format!("{given:?}, {wanted}");
        // The second time there is a store, and it is damaged.
        for again in [false, true] {
            session(&what, given, &server, home.path(), &elsewhere, signal);
            if again {
                break;
            }
            spoil_stores(home.path());
        }
        only_in_its_header(&what, &server.asked());
        elsewhere.nobody_came(&what);
        let token = home.path().join("token");
        let looked = clean_files(home.path(), Some(&token), CANARY);
        assert!(looked >= 2, "{what}: a store and a log were looked at");
    }
}

fn session(
    what: &str,
    given: Given,
    server: &RawServer,
    home: &Path,
    elsewhere: &Elsewhere,
    signal: Signal,
) {
    let token = home.join("token");
    let url = server.url();
    private(&token, CANARY);
    let config = format!("window = 1\n[accounts.far]\nurl = \"{url}\"\ntoken_file = \"~/token\"\n");
    private(&home.join("config.toml"), &config);
    let proxy = format!("http://{}/", elsewhere.address());
    let mut arguments = vec!["--state-dir", "s", "--config", "config.toml"];
    arguments.extend(match given {
        Given::Variable => vec!["--api-url", &url],
        Given::File => vec!["--api-url", &url, "--token-file", "token"],
        Given::Account => vec!["--account", "far"],
    });
    let mut start = Start::new(home, &arguments).env(
        "QURATE_LOG",
        "trace,qurate=trace,hyper=trace,hyper_util=trace,reqwest=trace,sqlx=trace",
    );
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        start = start.env(name, &proxy);
    }
    if matches!(given, Given::Variable) {
        start = start.env("QURATE_TOKEN", CANARY);
    }
    let mut terminal = start.run();
    terminal.wait(what, |screen| {
        let states = [
            "sign in:",
            "offline since",
            "limited until",
            "online",
            "the file is damaged",
        ];
        states.iter().any(|state| screen.contains(state))
    });
    clean(what, proc_file(terminal.pid(), "cmdline"), CANARY);
    if !matches!(given, Given::Variable) {
        clean(what, proc_file(terminal.pid(), "environ"), CANARY);
    }
    // All that is known of what is wrong, and what waits.
    terminal.press("R");
    terminal.press("w");
    clean(what, screen_in_one_line(&terminal), CANARY);
    terminal.signal(signal);
    terminal.wait_end();
    clean(what, screen_in_one_line(&terminal), CANARY);
    clean(what, terminal.last_words(), CANARY);
}

fn screen_in_one_line(terminal: &Terminal) -> String {
    terminal.screen().split_whitespace().collect()
}

fn private(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

fn proc_file(pid: Pid, name: &str) -> Vec<u8> {
    fs::read(format!("/proc/{}/{name}", pid.as_raw_nonzero())).unwrap()
}

/// Overwrites all of each store but the page that says what file it is.
fn spoil_stores(home: &Path) {
    let mut spoilt = 0;
    for entry in fs::read_dir(home.join("s/state/accounts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "db") {
            let mut bytes = fs::read(&path).unwrap();
            bytes.iter_mut().skip(4096).for_each(|byte| *byte = b'?');
            fs::write(&path, bytes).unwrap();
            spoilt += 1;
        }
    }
    assert_eq!(spoilt, 1);
}

#[test]
fn neither_the_server_nor_what_it_starts_tells_a_token() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path().display();
    let config = format!(
        "[server.connections.blog]\ncommand = [\"/bin/sh\", \"-c\", \
         \"cat /proc/$$/environ /proc/$$/cmdline > {here}/seen; cat > {here}/given; echo id-1\"]\n"
    );
    private(&home.path().join("config.toml"), &config);
    let mut child = command(home.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--state-dir", "s"])
        .args(["--config", "config.toml"])
        .env("QURATE_SERVER_TOKEN", TOKEN)
        .env("QURATE_TOKEN", CANARY)
        .env("QURATE_LOG", "trace,hyper=trace,sqlx=trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    stdout.read_line(&mut out).unwrap();
    let address = out
        .trim()
        .trim_start_matches("listening on http://")
        .trim_end_matches("/1/")
        .parse()
        .unwrap();
    let served = Served::elsewhere(address);
    let form = "service=mastodon&name=blog&timezone=UTC&connection=blog";
    let profile = served.post("profiles/create.json", form);
    let profile = profile["profile"]["id"].as_str().unwrap().to_owned();
    let form = format!("access_token={TOKEN}&profile_ids[]={profile}&text=hello&now=true");
    served.post("updates/create.json", &form);
    served.wait_texts(&profile, "sent", |texts| texts == ["hello"]);
    let mut said = String::new();
    for path in ["user.json", "nothing.json", "updates/u/update.json"] {
        for token in [TOKEN, CANARY] {
            for method in ["GET", "POST"] {
                let query = format!("{path}?access_token={token}");
                let (status, body) = served.ask(method, &query, "");
                let _ = writeln!(said, "{status} {body}");
            }
        }
    }
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    let cmdline = proc_file(pid, "cmdline");
    kill_process(pid, Signal::TERM).unwrap();
    stdout.read_to_string(&mut out).unwrap();
    let err = child.wait_with_output().unwrap().stderr;
    assert!(fs::read(home.path().join("seen")).unwrap().len() > 40);
    for token in [TOKEN, CANARY] {
        clean("the command line", &cmdline, token);
        clean("standard output", &out, token);
        clean("standard error", &err, token);
        clean("an answer", &said, token);
        let looked = clean_files(home.path(), None, token);
        assert!(looked >= 4, "only {looked} files");
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("a")).unwrap();
    let file = home.path().join("a/b");
    let planted = [b"\0\xff", &CANARY.as_bytes()[5..30], b"\xff"].concat();
    fs::write(&file, planted).unwrap();
    let found = std::panic::catch_unwind(|| clean_files(home.path(), None, CANARY));
    assert!(found.is_err());
    assert_eq!(clean_files(home.path(), Some(&file), CANARY), 0);
}
