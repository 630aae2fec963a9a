//! Writing in the real program: the cursor of the terminal, keys as bytes, the person's own editor,
//! and what is kept when it all ends at once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::process::Signal;

use crate::program::{add_profile, local};
use crate::pty::{BOUND, ENTER, ESC, Start, TAB, Terminal};

const OUTSIDE: &str = "\x18\x05";
const SAVE: &str = "\x13";

/// An editor that says who can read the file, and adds a line that it asks for.
const ASKS: &str = r#"ls -l "$1" | cut -c1-10
printf 'your word: '
read word
printf '%s\n' "$word" >> "$1"
"#;

/// Makes a program of this script.
fn script(home: &Path, body: &str) -> PathBuf {
    let path = home.join("editor.sh");
    fs::write(&path, format!("#!/bin/sh\n{body}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn demo(home: &Path, editor: &str) -> Terminal {
    let terminal = Start::new(home, &["demo"]).env("VISUAL", editor).run();
    terminal.wait_for("24 updates");
    terminal.wait_for("online");
    terminal
}

fn compose(terminal: &mut Terminal, text: &str) {
    terminal.press("c");
    terminal.wait_for("New update");
    terminal.press(text);
    terminal.wait_before_cursor(text);
}

/// Texts that lie around below a directory.
fn left_texts(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(left_texts(&path));
        } else if name.starts_with("text-") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_own_editor_has_the_terminal_and_gives_it_back() {
    let home = tempfile::tempdir().unwrap();
    let editor = script(home.path(), ASKS);
    let mut terminal = demo(home.path(), editor.to_str().unwrap());
    let settings = terminal.settings();
    compose(&mut terminal, "first");
    terminal.press(OUTSIDE);
    let screen = terminal.wait_for("your word: ");
    assert!(screen.contains("-rw-------"), "{screen}");
    assert_ne!(terminal.settings(), settings, "its own modes are off");
    // Typed while it runs, it is for it; what comes behind is for us again.
    terminal.press("qqq, c\r");
    terminal.wait_for("took the text over");
    terminal.wait_before_cursor("qqq, c");
    assert_eq!(terminal.settings(), settings);
    assert!(left_texts(home.path()).is_empty());
    terminal.press(" and on");
    terminal.wait_before_cursor("qqq, c and on");
    terminal.press(SAVE);
    terminal.wait("saved", |s| !s.contains("New update"));
    terminal.press("ggE");
    terminal.wait_for("your word: ");
    terminal.press("added\r");
    terminal.wait_for("Edit update");
    terminal.wait_before_cursor("added");
}

#[test]
fn an_own_editor_that_fails_or_is_interrupted_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let editor = script(home.path(), ASKS);
    let mut terminal = demo(home.path(), editor.to_str().unwrap());
    compose(&mut terminal, "mine");
    terminal.press(OUTSIDE);
    terminal.wait_for("your word: ");
    terminal.press("\x03");
    terminal.wait_for("the text is as it was");
    terminal.wait_before_cursor("mine");
    terminal.press("!");
    terminal.wait_before_cursor("mine!");
    let mut terminal = demo(home.path(), "no-such-editor");
    compose(&mut terminal, "mine");
    terminal.press(OUTSIDE);
    terminal.wait_for("set VISUAL or EDITOR");
    terminal.wait_before_cursor("mine");
}

/// Says whether a file below a directory holds this text.
fn holds(directory: &Path, text: &str) -> bool {
    let entries = fs::read_dir(directory).unwrap().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = fs::read(path).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    })
}

/// Waits until the store of the only account holds this text.
fn wait_stored(home: &Path, text: &str) {
    let started = Instant::now();
    while !holds(&home.join("s"), text) {
        assert!(started.elapsed() < BOUND, "{text:?} was never stored");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn drafts_outlive_a_power_cut_and_are_offered() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = local(home.path());
    add_profile(&mut terminal);
    compose(&mut terminal, "kept when left");
    terminal.press(ESC);
    terminal.wait_for("the draft is kept");
    terminal.press("cn");
    terminal.wait_for("New update");
    terminal.press("cut off in the mid");
    wait_stored(home.path(), "cut off in the mid");
    terminal.kill();
    let mut terminal = local(home.path());
    terminal.wait_for("2 drafts were kept: c lists them");
    terminal.press("c");
    let screen = terminal.wait_for("draft: cut off in the mid");
    assert!(screen.contains("draft: kept when left"), "{screen}");
    terminal.press(ENTER);
    terminal.wait_before_cursor("cut off in the mid");
    terminal.press(SAVE);
    terminal.wait("saved", |s| !s.contains("New update"));
    terminal.press("q");
    terminal.wait_end();
    let terminal = local(home.path());
    terminal.wait_for("a draft was kept: c goes on with it");
}

#[test]
fn what_the_own_editor_wrote_so_far_is_a_draft_when_the_line_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let body = "printf 'written outside\\n' >> \"$1\"\nprintf 'your word: '\nread word\n";
    let editor = script(home.path(), body);
    let start = || {
        let start = Start::new(home.path(), &["--state-dir", "s"]);
        start.env("EDITOR", editor.to_str().unwrap()).run()
    };
    let mut terminal = start();
    add_profile(&mut terminal);
    compose(&mut terminal, "before");
    terminal.press(OUTSIDE);
    terminal.wait_for("your word: ");
    terminal.signal(Signal::HUP);
    assert_eq!(terminal.wait_end(), 129);
    assert!(left_texts(home.path()).is_empty());
    let mut terminal = start();
    terminal.wait_for("a draft was kept");
    terminal.press("c\r");
    terminal.wait_before_cursor("written outside");
}

#[test]
fn keys_and_the_cursor_are_those_of_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Start::new(home.path(), &["demo"]).size(80, 24).run();
    terminal.wait_for("24 updates");
    compose(&mut terminal, "漢字 one two");
    // Ctrl-w, and Ctrl-_ as terminals send it.
    terminal.press("\x17");
    terminal.wait_before_cursor("漢字 one ");
    terminal.press("\x1f");
    terminal.wait_before_cursor("漢字 one two");
    // Alt-b, Ctrl-left.
    terminal.press("\x1bb\x1b[1;5D");
    terminal.wait_before_cursor("漢字 ");
    terminal.press("\x05\x1b[200~, three\n漢字四\x1b[201~");
    terminal.wait_before_cursor("漢字四");
    terminal.press("\x1f");
    terminal.wait_before_cursor("漢字 one two");
    // A long line goes on below, at a word.
    terminal.press(&" long".repeat(14));
    terminal.press(" unbreakable");
    terminal.wait_before_cursor("unbreakable");
    terminal.press(TAB);
    terminal.press("nobody");
    terminal.wait_before_cursor("nobody");
    terminal.press(TAB);
    terminal.wait_before_cursor("queue");
}
