//! The end of an editor that shall send what waits first, as its person and signals see it.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::end_to_end::{Place, Stage};
use super::proxy::Proxy;
use super::pty::Terminal;
use super::served::hang_ups_must_count;

/// A server, and a place for editors that send first.
fn stage() -> Stage {
    let stage = Stage::new(5);
    let config = "window = 1\nflush_on_quit = true\n";
    fs::write(stage.home.path().join("config.toml"), config).unwrap();
    stage
}

fn ends_soon(terminal: &mut Terminal, code: u32) {
    let asked = Instant::now();
    assert_eq!(terminal.wait_end(), code);
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let said = terminal.last_words();
    assert!(said.contains("1 change kept"), "{said:?}");
}

#[test]
fn what_was_done_just_before_quitting_goes_out_and_is_not_said_to_be_kept() {
    let stage = stage();
    let mut editor = stage.editor();
    let mut rows = editor.rows();
    editor.press("J");
    rows.swap(0, 1);
    editor.wait_rows("it is moved", |now| *now == rows);
    editor.press("q");
    assert_eq!(editor.terminal.wait_end(), 0);
    let said = editor.terminal.last_words();
    assert!(!said.contains("kept"), "{said:?}");
    assert_eq!(stage.texts(0, "pending"), rows);
}

#[test]
fn who_does_not_want_to_wait_until_all_is_sent_ends_that() {
    hang_ups_must_count();
    let stage = stage();
    let proxy = Proxy::start(stage.served.address);
    for (signal, code, text) in [
        (Signal::INT, 130, "Not sent yet"),
        (Signal::HUP, 129, "Nor is this"),
    ] {
        let mut editor = stage.editor_at(&proxy.url());
        editor.wait_settled();
        proxy.go_down();
        editor.compose(text, Place::Here);
        editor.wait_saved(text);
        editor.press("q");
        editor.terminal.wait_for("sending what waits");
        editor.terminal.signal(signal);
        ends_soon(&mut editor.terminal, code);
        proxy.come_up();
        let editor = stage.editor_at(&proxy.url());
        editor.wait_settled();
        assert_eq!(editor.quit(), 0);
    }
    assert_eq!(stage.texts(0, "pending").len(), 7);
}

#[test]
fn a_signal_does_not_wait_until_all_is_sent() {
    hang_ups_must_count();
    let stage = stage();
    let proxy = Proxy::start(stage.served.address);
    let mut editor = stage.editor_at(&proxy.url());
    editor.wait_settled();
    proxy.go_down();
    editor.compose("Not sent yet", Place::Here);
    editor.wait_saved("Not sent yet");
    editor.terminal.signal(Signal::HUP);
    ends_soon(&mut editor.terminal, 129);
}
