//! What the editor promises its terminal, seen from outside: few bytes, one frame for what waits,
//! and every mode undone whatever ends it.

use rustix::process::Signal;

use super::pty::{Start, Terminal};

const BEGIN: &str = "\x1b[?2026h";

fn demo(home: &std::path::Path) -> Terminal {
    let terminal = Start::new(home, &["demo"]).run();
    terminal.wait_for("24 updates");
    terminal.wait_for("online");
    terminal
}

fn modes_are_undone(output: &str) {
    let ending = output.rsplit(BEGIN).next().unwrap_or_default();
    for (set, undone) in [
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[?2004h", "\x1b[?2004l"),
        ("\x1b[?25l", "\x1b[?25h"),
    ] {
        assert!(output.contains(set), "{set:?} was never set");
        assert!(ending.contains(undone), "{undone:?} is not in {ending:?}");
    }
}

#[test]
fn quitting_gives_every_mode_back() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(home.path());
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
    modes_are_undone(&terminal.last_words());
}

#[test]
fn a_signal_ends_the_editor_with_its_code_and_gives_every_mode_back() {
    for (signal, code) in [
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = demo(home.path());
        terminal.signal(signal);
        assert_eq!(terminal.wait_end(), code);
        modes_are_undone(&terminal.last_words());
    }
}

/// Set where this binary plays an editor that panics.
const PANICS: &str = "QURATE_TEST_PANICS";

#[test]
fn a_panic_gives_every_mode_back_before_it_says_anything() {
    if std::env::var_os(PANICS).is_some() {
        let _guard = qurate::tui::terminal::TerminalGuard::new().unwrap();
        panic!("as planned");
    }
    let home = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    let name = "terminal::a_panic_gives_every_mode_back_before_it_says_anything";
    let start = Start::new(home.path(), &["--exact", name, "--nocapture"]).program(&this);
    let mut terminal = start.env(PANICS, "1").run();
    assert_eq!(terminal.wait_end(), 101);
    let output = terminal.last_words();
    modes_are_undone(&output);
    let said = output.find("as planned").unwrap();
    assert!(output.find("\x1b[?1049l").unwrap() < said, "{output:?}");
}

#[test]
fn a_new_size_is_drawn_on() {
    let home = tempfile::tempdir().unwrap();
    let terminal = demo(home.path());
    terminal.resize(39, 9);
    terminal.wait_for("too small");
    terminal.resize(80, 24);
    terminal.wait_for("24 updates");
    terminal.resize(200, 60);
    terminal.wait_for("Interactions");
}

#[test]
fn many_keys_at_once_are_all_taken_and_draw_few_frames() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Start::new(home.path(), &["demo", "--updates", "1000"]).run();
    terminal.wait_for("1000 updates");
    terminal.wait_for("online");
    let before = terminal.raw().len();
    // Three bytes each: more than the reader takes at once.
    terminal.press(&"\x1b[B".repeat(600));
    terminal.press("G:");
    terminal.wait_for("Commands");
    let raw = terminal.raw();
    let frames = String::from_utf8_lossy(&raw[before..])
        .matches(BEGIN)
        .count();
    assert!(frames < 60, "{frames} frames for 602 keys");
}
