//! The real program and its terminal: the first frame, every way to end, and the server inside.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::pty::{Start, TAB, Terminal};
use crate::served::command;
use crate::sync_harness::{lock, sql};

#[test]
fn the_demo_shows_profiles_queue_sent_and_interactions() {
    let home = tempfile::tempdir().unwrap();
    for (columns, rows) in [(120, 40), (200, 60)] {
        let mut demo = Start::new(home.path(), &["demo"]).size(columns, rows).run();
        for text in ["Queue", "Sent", "Interactions", "24 updates", "favorite"] {
            demo.wait_for(text);
        }
        let screen = demo.wait_for("online");
        // At its end stands the date, which may well be a 24th.
        let strip = screen.lines().next().unwrap_or_default();
        let strip = strip.rsplit_once(':').map_or(strip, |(before, _)| before);
        let words: Vec<&str> = strip.split_whitespace().rev().skip(3).collect();
        let counts = words.iter().filter(|word| **word == "24").count();
        assert_eq!(counts, 3, "{screen}");
        assert!(screen.contains("demo ·"), "{screen}");
        assert!(
            !screen.contains("New profile"),
            "nothing lies over it:\n{screen}"
        );
        demo.press("q");
        assert_eq!(demo.wait_end(), 0);
    }
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "the demo leaves nothing: {left:?}");
}

#[test]
fn the_terminal_is_put_back_however_the_editor_ends() {
    let home = tempfile::tempdir().unwrap();
    let ends: [(Option<Signal>, u32); 4] = [
        (None, 0),
        (Some(Signal::TERM), 143),
        (Some(Signal::INT), 130),
        (Some(Signal::HUP), 129),
    ];
    for (signal, code) in ends {
        let mut demo = Start::new(home.path(), &["demo"]).run();
        demo.wait_for("24 updates");
        let raw = demo.settings();
        match signal {
            Some(signal) => demo.signal(signal),
            None => demo.press("q"),
        }
        let asked = Instant::now();
        let words = demo.last_words();
        assert!(asked.elapsed() < Duration::from_secs(2));
        assert_eq!(demo.wait_end(), code, "{signal:?}");
        for (on, off) in [
            ("?1049h", "?1049l"),
            ("?2004h", "?2004l"),
            ("?1004h", "?1004l"),
            ("?25l", "?25h"),
        ] {
            let (on, off) = (words.rfind(on), words.rfind(off));
            assert!(on.is_some() && on < off, "{signal:?}: {off:?}");
        }
        assert_ne!(
            demo.settings(),
            raw,
            "{signal:?}: line mode and echo are back"
        );
    }
}

#[test]
fn a_resized_terminal_is_drawn_anew() {
    let home = tempfile::tempdir().unwrap();
    let demo = Start::new(home.path(), &["demo"]).run();
    demo.wait_for("24 updates");
    demo.resize(30, 8);
    demo.wait("it says that it is too small", |s| {
        !s.contains("24 updates")
    });
    demo.resize(80, 24);
    demo.wait_for("24 updates");
}

#[test]
fn the_first_start_teaches_how_to_add_a_profile_and_says_at_the_end_what_waits() {
    let home = tempfile::tempdir().unwrap();
    let mut editor = local(home.path());
    add_profile(&mut editor);
    compose(&mut editor, "The first one");
    editor.press("q");
    let words = editor.last_words();
    assert_eq!(editor.wait_end(), 0);
    let after = words.rsplit("\x1b[?1049l").next().unwrap_or_default();
    assert!(
        after.contains("1 update waits in the queue: nothing is sent until"),
        "{after:?}"
    );
    let again = local(home.path());
    again.wait_for("The first one");
}

/// Quits while an edit made by `keys` counts down, as `counts` says; returns what is said then.
fn words_of_who_quits(home: &Path, keys: &[&str], counts: &str) -> String {
    let mut editor = local(home);
    add_profile(&mut editor);
    compose(&mut editor, "Not for long");
    for key in keys {
        editor.press(key);
    }
    editor.wait_for(counts);
    editor.press("q");
    let words = editor.last_words();
    assert_eq!(editor.wait_end(), 75, "kept, but not yet sent");
    let after = words.rsplit("\x1b[?1049l").next().unwrap_or_default();
    after.to_owned()
}

#[test]
fn who_quits_while_a_delete_counts_down_reads_it_and_the_exit_code_says_it_too() {
    let home = tempfile::tempdir().unwrap();
    let after = words_of_who_quits(home.path(), &["d"], "deleting in");
    assert!(after.contains("1 change kept: it goes out"), "{after:?}");
}

#[test]
fn who_quits_while_a_share_counts_down_reads_that_it_waits_for_an_answer() {
    let home = tempfile::tempdir().unwrap();
    let after = words_of_who_quits(home.path(), &["S", "y"], "sharing in");
    assert!(
        after.contains("1 change needs you: w shows why"),
        "{after:?}"
    );
    assert!(!after.contains("goes out"), "{after:?}");
    local(home.path()).wait_for("held");
}

#[test]
fn an_editor_takes_over_when_the_server_it_used_goes_away() {
    let home = tempfile::tempdir().unwrap();
    let mut server = command(home.path())
        .args(["serve", "--state-dir", "s"])
        .spawn()
        .unwrap();
    let socket = home.path().join("s/run/server.sock");
    let started = Instant::now();
    while !socket.exists() {
        assert!(started.elapsed() < Duration::from_secs(20), "no socket");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut editor = local(home.path());
    add_profile(&mut editor);
    compose(&mut editor, "While it runs");
    server.kill().unwrap();
    server.wait().unwrap();
    let gone = Instant::now();
    compose(&mut editor, "After it went");
    settled(&editor);
    assert!(
        gone.elapsed() < Duration::from_secs(8),
        "it takes over in two seconds"
    );
    editor.press("q");
    let words = editor.last_words();
    assert!(
        words.contains("2 updates wait in the queue"),
        "this one serves now"
    );
}

pub(crate) fn local(home: &Path) -> Terminal {
    Start::new(home, &["--state-dir", "s"]).run()
}

/// Fills in the form that the first start shows.
pub(crate) fn add_profile(editor: &mut Terminal) {
    editor.wait_for("New profile");
    editor.press(TAB);
    editor.press("@acme");
    editor.wait_for("@acme");
    editor.press("\x13");
    editor.wait("the profile", |s| {
        s.contains("▸@acme") && !s.contains("New profile")
    });
}

fn compose(editor: &mut Terminal, text: &str) {
    editor.press("c");
    editor.wait_for("New update");
    editor.press(text);
    editor.wait_for(text);
    editor.press("\x13");
    editor.wait(text, |s| s.contains(text) && !s.contains("New update"));
    settled(editor);
}

fn settled(editor: &Terminal) {
    editor.wait("settled", |screen| {
        let status = screen.lines().rev().nth(1).unwrap_or_default();
        let open = ["not saved", "waiting"];
        status.contains("online") && !open.iter().any(|word| status.contains(word))
    });
}

#[test]
fn who_quits_at_once_on_a_slow_disk_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut editor = local(home.path());
    add_profile(&mut editor);
    editor.press("c");
    editor.wait_for("New update");
    editor.press("written last");
    editor.wait_for("written last");
    let store = home.path().join("s/state/accounts/local.db");
    let locked = lock(&store);
    editor.press("\x13q");
    editor.wait_for("waiting for the disk to take the last changes");
    drop(locked);
    assert_eq!(editor.wait_end(), 75, "{}", editor.last_words());
    let editor = local(home.path());
    editor.wait_for("written last");
    settled(&editor);
}

#[test]
fn what_cannot_be_saved_is_asked_about_and_told_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let mut editor = local(home.path());
    add_profile(&mut editor);
    let store = home.path().join("s/state/accounts/local.db");
    sql(
        &store,
        "CREATE TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    editor.press("c");
    editor.wait_for("New update");
    editor.press("not to be lost");
    editor.wait_for("not to be lost");
    editor.press("\x13");
    editor.wait("not saved", |s| {
        s.contains("not to be lost") && !s.contains("New update") && s.contains("no room")
    });
    editor.press("q");
    editor.wait_for("Quit without what is not saved?");
    editor.press("y");
    assert_eq!(editor.wait_end(), 1);
    let words = editor.last_words();
    assert!(words.contains("1 change could not be stored"), "{words}");
}

#[test]
fn no_core_dump_is_made_of_what_holds_tokens() {
    let home = tempfile::tempdir().unwrap();
    let demo = Start::new(home.path(), &["demo"]).run();
    demo.wait_for("24 updates");
    let limits = format!("/proc/{}/limits", demo.pid().as_raw_nonzero());
    let limits = fs::read_to_string(limits).unwrap();
    let core = limits.lines().find(|line| line.contains("core")).unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
}
