//! The end of an editor that shall send what waits first, as its person and signals see it.

use std::fs;
use std::time::{Duration, Instant};

use qurate::protocol::{Leaving, Link, SyncCommand};
use rustix::process::Signal;

use super::end_to_end::{Place, Stage};
use super::fake_api::{FakeApi, Fault, profile_id};
use super::plain_program::run;
use super::proxy::Proxy;
use super::pty::Terminal;
use super::served::hang_ups_must_count;
use super::sim_clock::SimClock;
use super::sync_budget::{limited, remote};
use super::sync_harness::{Editor, quick_dir};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

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

#[test]
fn the_end_of_a_script_sends_what_waits_like_its_quit() {
    let stage = stage();
    let before = stage.texts(0, "pending");
    let url = stage.served.url();
    let arguments = [
        "--plain",
        "--api-url",
        &url,
        "--state-dir",
        "s",
        "--config",
        "config.toml",
    ];
    let output = run(stage.home.path(), &arguments, "move 3 to 1\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(stage.texts(0, "pending")[0], before[2]);
}

#[test]
fn who_quits_has_an_order_sent_that_needs_a_read_first() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 300, &clock);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), |settings| {
        remote(settings);
        let day = Duration::from_hours(24);
        (settings.pace.poll_focused, settings.pace.poll_others) = (day, day);
        settings.flush_on_quit = 2 * MINUTE;
    });
    clock.run(MINUTE);
    editor.wait_read(1);
    // What was read is too old by now for an order to be made from it.
    clock.pass(10 * MINUTE);
    editor.carry(&profiles[0], 0, Some(1));
    editor.send(SyncCommand::Quit(Leaving::MaySend));
    clock.run(10 * MINUTE);
    editor.quit();
    let texts = api.world().texts(&profiles[0]);
    assert_eq!(texts[..2], ["text 1", "text 0"]);
}

#[test]
fn who_quits_has_an_order_sent_of_what_was_made_or_moved_just_before() {
    let dir = quick_dir();
    let (api, p) = (FakeApi::with(&[("a", &["1", "2"])]), profile_id("a"));
    let flush = |settings: &mut qurate::sync::Settings| {
        settings.flush_on_quit = 20 * SECOND;
        // Nothing is read but for what waits.
        (settings.pace.poll_focused, settings.pace.poll_others) = (60 * MINUTE, 60 * MINUTE);
    };
    let mut editor = Editor::open_with(dir.path(), &api, 1, flush);
    editor.wait_read(1);
    editor.create(&p, "3");
    editor.carry(&p, 2, None);
    editor.quit();
    assert_eq!(api.world().texts(&p), ["3", "1", "2"]);

    let mut editor = Editor::open_with(dir.path(), &api, 2, flush);
    editor.wait_read(1);
    let first = editor.carry(&p, 2, None);
    editor.wait_state(first, "Acked");
    editor.carry(&p, 2, None);
    editor.quit();
    assert_eq!(api.world().texts(&p), ["1", "2", "3"]);
}

#[test]
fn quitting_does_not_wait_for_a_line_that_opens_later() {
    let (dir, clock) = (quick_dir(), SimClock::new());
    let (api, profiles) = limited(1, 5, &clock);
    let mut editor = Editor::open_at(dir.path(), &api, 1, clock.clone(), |settings| {
        remote(settings);
        settings.flush_on_quit = 30 * SECOND;
    });
    clock.run(MINUTE);
    editor.wait_read(1);
    clock.pass(MINUTE);
    api.world().faults.push_back(Fault::Later(10 * MINUTE));
    let edit = editor.edit(&profiles[0], 0, "later");
    clock.run(30 * SECOND);
    editor.wait("limited", |e| matches!(e.link, Link::Limited { .. }));
    assert!(editor.state(edit).is_some());
    // Time stands still, and it ends all the same.
    editor.quit();
}
