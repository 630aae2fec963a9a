//! Scripted runs of the real program in a terminal, against the real server as a process; what the
//! server holds in the end is read by a client that knows nothing of ours.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::proxy::{Fault, Proxy};
use crate::pty::{BOUND, ENTER, ESC, Start, TAB, Terminal};
use crate::served::{Served, TOKEN};

const EDITED: &str = "Edited from the terminal";
const COMPOSED: &str = "Composed for two profiles";

/// So much of a text is compared: a row may not have room for more.
const PREFIX: usize = 24;

#[test]
fn every_edit_of_a_session_reaches_the_server() {
    let stage = Stage::new(12);
    let mut editor = stage.editor();
    let order = first_half(&mut editor, &stage);
    let left = second_half(&mut editor);
    check(&stage, &editor, &order, &left);
    assert_eq!(editor.quit(), 0);
}

#[test]
fn a_server_that_stops_half_way_and_comes_back_ends_in_the_same_state() {
    let mut stage = Stage::new(12);
    let mut editor = stage.editor();
    let order = first_half(&mut editor, &stage);
    stage.served.stop(Signal::TERM);
    let left = second_half(&mut editor);
    editor
        .terminal
        .wait("offline is said", |s| s.contains("offline"));
    stage.served.start_again();
    check(&stage, &editor, &order, &left);
    assert_eq!(editor.quit(), 0);
}

#[test]
fn an_editor_that_is_killed_half_way_goes_on_where_it_was() {
    let mut stage = Stage::new(12);
    let mut editor = stage.editor();
    let order = first_half(&mut editor, &stage);
    stage.served.stop(Signal::KILL);
    let left = second_half(&mut editor);
    let shown = editor.rows();
    editor.terminal.kill();
    let editor = stage.editor();
    // Without a server: what is shown comes from the disk.
    editor.wait_rows("the queue as it was", |rows| *rows == shown);
    stage.served.start_again();
    check(&stage, &editor, &order, &left);
}

#[test]
fn an_editor_that_is_killed_while_it_sends_neither_loses_nor_doubles() {
    let stage = Stage::new(5);
    for round in 0..4 {
        let text = format!("Killed in round {round}");
        let mut editor = stage.editor();
        editor.compose(&text, Place::Here);
        editor.wait_saved(&text);
        std::thread::sleep(Duration::from_millis(round * 7));
        editor.terminal.kill();
        let editor = stage.editor();
        editor.wait_settled();
        let count = stage.count(0, &text);
        let held = editor.terminal.screen().contains("held");
        assert!(count == 1 || (count == 0 && held), "{count} on the server");
        editor.terminal.kill();
    }
}

#[test]
fn a_create_whose_reply_is_lost_is_made_once() {
    let stage = Stage::new(5);
    let proxy = Proxy::start(stage.served.address);
    proxy.plan("updates/create", Fault::SwallowReply);
    let mut editor = stage.editor_at(&proxy.url());
    editor.compose("Made once", Place::Here);
    wait("the fault is met", || proxy.met() == 1);
    editor.wait_settled();
    assert_eq!(stage.count(0, "Made once"), 1);
    assert_eq!(proxy.seen("updates/create").len(), 1, "never sent again");
    let screen = editor.terminal.screen();
    assert!(!screen.contains("held"), "it was found:\n{screen}");
    assert_eq!(stage.count(0, "Made once"), 1);
}

#[test]
fn who_looks_elsewhere_hears_the_bell_when_the_account_asks_to_sign_in() {
    let stage = Stage::new(5);
    let proxy = Proxy::start(stage.served.address);
    proxy.plan("updates/create", Fault::Failing(401));
    let mut editor = stage.editor_at(&proxy.url());
    editor.press("\x1b[O");
    let rung = |editor: &Editor| editor.terminal.raw().contains(&7);
    assert!(!rung(&editor));
    editor.compose("Not taken", Place::Here);
    wait("the bell rings", || rung(&editor));
}

#[test]
fn a_create_that_never_arrived_goes_out_once_after_it_was_looked_for() {
    let stage = Stage::new(5);
    let proxy = Proxy::start(stage.served.address);
    proxy.plan("updates/create", Fault::LoseRequest);
    let mut editor = stage.editor_at(&proxy.url());
    editor.compose("Lost on the way", Place::Here);
    wait("the fault is met", || proxy.met() == 1);
    editor.press("w");
    editor.terminal.wait_for("looked");
    editor.press(ESC);
    // The looks of a far server take a minute.
    editor
        .terminal
        .wait_within(Duration::from_secs(100), "it goes out", |_| {
            stage.count(0, "Lost on the way") == 1
        });
    editor.wait_settled();
    assert_eq!(stage.count(0, "Lost on the way"), 1);
    assert_eq!(proxy.seen("updates/create").len(), 2);
}

/// Switches profile, moves, grabs and shuffles; returns the queue that the screen shows then.
pub(crate) fn first_half(editor: &mut Editor, stage: &Stage) -> Vec<String> {
    let first = editor.rows();
    editor.press("]");
    editor.wait_rows("the next profile", |rows| {
        rows.len() == first.len() && *rows != first
    });
    editor.press("[");
    editor.wait_rows("the first profile", |rows| *rows == first);

    editor.press("JJK");
    let mut moved = first.clone();
    moved.swap(0, 1);
    editor.wait_rows("one down", |rows| *rows == moved);

    editor.press("ggm10j");
    editor.terminal.wait_for("carrying");
    editor.press(ENTER);
    editor.wait_rows("dropped 10 rows away", |rows| {
        rows.iter().position(|row| *row == moved[0]) == Some(10)
    });
    let dropped = editor.rows();

    editor.press("X");
    editor.terminal.wait_for("a new order, not yet taken");
    let mut drawn = editor.rows();
    while drawn == dropped {
        editor.press("X");
        drawn = editor.rows();
    }
    editor.press(ENTER);
    editor
        .terminal
        .wait("it is taken", |s| !s.contains("not yet taken"));
    let order = editor.rows();
    assert_ne!(order, dropped);
    stage.wait_queue(0, &order);
    order
}

/// What the second half leaves.
pub(crate) struct Left {
    edited: String,
    shared: String,
    deleted: String,
}

/// Edits the first update, takes a move back, composes for two profiles, shares one and deletes one.
pub(crate) fn second_half(editor: &mut Editor) -> Left {
    let rows = editor.rows();
    editor.press("gge");
    editor.terminal.wait_for("Edit");
    // Line by line from the end; the shuffle decides how many lines the first update has.
    editor.press(&"\x01\x0b\x7f".repeat(6));
    editor
        .terminal
        .wait("an empty text", |s| s.contains(" 0/280"));
    editor.press(EDITED);
    editor.terminal.wait_for(EDITED);
    editor.press("\x13");
    editor.wait_rows("the edit", |rows| rows[0].starts_with(EDITED));

    let before = editor.rows();
    editor.press("ggJ");
    editor.wait_rows("a move", |rows| *rows != before);
    editor.press("u");
    editor.wait_rows("taken back", |rows| *rows == before);

    // What was done before is on disk, once this is.
    editor.compose(COMPOSED, Place::AndTheNext);
    editor.wait_saved(COMPOSED);

    let (shared, deleted) = (rows[2].clone(), rows[3].clone());
    editor.press("gg2jS");
    editor.terminal.wait_for(" y ");
    editor.press("y");
    editor.wait_rows("the share", |rows| !rows.contains(&shared));
    editor.press("d");
    editor.wait_rows("the delete", |rows| !rows.contains(&deleted));
    editor.wait_windows();
    Left {
        edited: rows[0].clone(),
        shared,
        deleted,
    }
}

/// What the server holds is what the screen shows, and nothing was lost or doubled.
pub(crate) fn check(stage: &Stage, editor: &Editor, order: &[String], left: &Left) {
    let mut want: Vec<String> = order.to_vec();
    let edited = want.iter_mut().find(|text| **text == left.edited).unwrap();
    edited.replace_range(.., EDITED);
    want.retain(|text| *text != left.shared && *text != left.deleted);
    want.push(COMPOSED.to_owned());
    want.sort();
    editor.wait_settled();
    let shown = editor.rows();
    stage.wait_queue(0, &shown);
    let same = |text: &String| {
        want.iter()
            .any(|w| w.starts_with(text.as_str()) || text.starts_with(w.as_str()))
    };
    assert!(shown.iter().all(same), "{shown:#?}\n{want:#?}");
    assert_eq!(shown.len(), want.len(), "{shown:#?}\n{want:#?}");
    assert_eq!(stage.count(0, COMPOSED), 1);
    assert_eq!(stage.count(1, COMPOSED), 1);
    assert_eq!(stage.count(2, COMPOSED), 0);
    assert_eq!(stage.count(0, EDITED), 1);
    let sent = stage.texts(0, "sent");
    let times = sent.iter().filter(|text| **text == left.shared).count();
    assert_eq!(times, 1, "shared once: {sent:#?}");
    assert!(!sent.contains(&left.deleted));
    let screen = editor.terminal.screen();
    for word in ["held", "failed", "waiting"] {
        let status = screen.lines().rev().nth(1).unwrap_or_default();
        assert!(!status.contains(word), "{word}:\n{screen}");
    }
}

/// A server with sample data, and a place for editors.
pub(crate) struct Stage {
    pub(crate) home: TempDir,
    pub(crate) served: Served,
    profiles: Vec<String>,
}

impl Stage {
    pub(crate) fn new(updates: u32) -> Self {
        let home = home();
        let updates = updates.to_string();
        let served = Served::start(
            home.path(),
            &["--demo", "--database", "server.db", "--updates", &updates],
        );
        let profiles = served.profiles();
        Self {
            home,
            served,
            profiles,
        }
    }

    /// One on a server that runs in this process.
    pub(crate) fn on(home: TempDir, address: SocketAddr) -> Self {
        let served = Served::elsewhere(address);
        let profiles = served.profiles();
        Self {
            home,
            served,
            profiles,
        }
    }

    pub(crate) fn editor(&self) -> Editor {
        self.editor_at(&self.served.url())
    }

    /// Starts an editor and waits until it shows the queue.
    pub(crate) fn editor_at(&self, url: &str) -> Editor {
        Editor::start(self.home.path(), url)
    }

    pub(crate) fn texts(&self, profile: usize, list: &str) -> Vec<String> {
        let texts = self.served.texts(&self.profiles[profile], list);
        texts.iter().map(|text| prefix(text)).collect()
    }

    /// How often a text is in a profile's queue.
    fn count(&self, profile: usize, text: &str) -> usize {
        let all = self.served.texts(&self.profiles[profile], "pending");
        all.iter().filter(|t| t.starts_with(text)).count()
    }

    /// Waits until the server's queue is that of a screen.
    fn wait_queue(&self, profile: usize, rows: &[String]) {
        let same = |texts: &[String]| {
            texts.len() == rows.len()
                && rows
                    .iter()
                    .zip(texts)
                    .all(|(row, text)| prefix(text) == *row)
        };
        self.served
            .wait_texts(&self.profiles[profile], "pending", same);
    }
}

/// A place for editors, in which what can be taken back can be so for a second.
pub(crate) fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), "window = 1\n").unwrap();
    home
}

/// To which profiles an update is composed.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Here,
    AndTheNext,
}

/// The editor in a terminal that has room for all rows.
pub(crate) struct Editor {
    pub(crate) terminal: Terminal,
}

impl Editor {
    fn start(home: &Path, url: &str) -> Self {
        let terminal = Start::new(
            home,
            &[
                "--api-url",
                url,
                "--state-dir",
                "editor",
                "--config",
                "config.toml",
            ],
        )
        .env("QURATE_TOKEN", TOKEN)
        .size(160, 60)
        .run();
        let editor = Self { terminal };
        editor.wait_rows("the queue", |rows| rows.len() >= 5);
        editor
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.terminal.press(keys);
    }

    pub(crate) fn compose(&mut self, text: &str, place: Place) {
        self.press("c");
        self.terminal.wait_for("New update");
        self.press(text);
        self.terminal.wait_for(text);
        if let Place::AndTheNext = place {
            self.press(TAB);
            self.press("\x1b[C ");
            self.terminal
                .wait("both are chosen", |s| s.matches("[x]").count() == 2);
        }
        self.press("\x13");
        self.wait_rows("what was composed", |rows| {
            rows.iter().any(|row| text.starts_with(row.as_str()))
        });
    }

    /// The texts of the queue's rows, as far as [`PREFIX`].
    pub(crate) fn rows(&self) -> Vec<String> {
        rows(&self.terminal.screen())
    }

    pub(crate) fn wait_rows(&self, what: &str, wanted: impl Fn(&Vec<String>) -> bool) {
        self.terminal.wait(what, |screen| wanted(&rows(screen)));
    }

    /// Waits until the row of a text is on disk.
    pub(crate) fn wait_saved(&self, text: &str) {
        let text = prefix(text);
        self.terminal.wait("it is saved", |screen| {
            let mut lines = screen.lines().filter(|line| line.contains(&text));
            lines.next().is_some_and(|line| !head(line).contains('!'))
        });
    }

    /// Waits until no window is open any more.
    pub(crate) fn wait_windows(&self) {
        self.terminal.wait("no window is open", |screen| {
            !screen.contains("u takes it back")
        });
    }

    /// Waits until the line is up and nothing waits, neither for the line nor for the disk.
    pub(crate) fn wait_settled(&self) {
        self.terminal
            .wait_within(Duration::from_secs(100), "settled", |screen| {
                let status = screen.lines().rev().nth(1).unwrap_or_default();
                let is_saved = screen.lines().all(|line| !head(line).contains('!'));
                status.contains("online") && !status.contains("waiting") && is_saved
            });
    }

    pub(crate) fn quit(mut self) -> u32 {
        self.press("q");
        let asked = Instant::now();
        let code = self.terminal.wait_end();
        assert!(asked.elapsed() < Duration::from_secs(2), "q never waits");
        code
    }
}

/// What stands before the network's mark in a row.
fn head(line: &str) -> String {
    line.chars().take(14).collect()
}

fn rows(screen: &str) -> Vec<String> {
    screen
        .lines()
        .skip_while(|line| !line.starts_with("─ Queue"))
        .skip(1)
        .take_while(|line| !line.starts_with("─ "))
        .filter(|line| line.chars().nth(4) == Some(':'))
        .map(|line| prefix(&line.chars().skip(15).collect::<String>()))
        .collect()
}

pub(crate) fn prefix(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let start: String = first.chars().take(PREFIX).collect();
    start.trim_end().to_owned()
}

fn wait(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < BOUND, "{what}: not within the bound");
        std::thread::sleep(Duration::from_millis(20));
    }
}
