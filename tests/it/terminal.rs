//! What the editor promises its terminal, seen from outside: few bytes, one frame for what waits,
//! and every mode undone whatever ends it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::pty::{BOUND, Start, Terminal};

const BEGIN: &str = "\x1b[?2026h";

/// Starts the editor on the sample data and waits until it is online.
pub(crate) fn demo(home: &std::path::Path) -> Terminal {
    let terminal = Start::new(home, &["demo"]).run();
    terminal.wait_for("24 updates");
    terminal.wait_for("online");
    terminal
}

/// Asserts that what was set when the editor began is undone by what it wrote last.
pub(crate) fn modes_are_undone(output: &str) {
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
fn a_frame_that_the_line_cannot_carry_yet_waits() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("c.toml");
    // The first frame takes some minutes of it.
    std::fs::write(&config, "byte_rate = 10\n").unwrap();
    let arguments = ["--config", "c.toml", "demo", "--low-bandwidth"];
    let mut terminal = Start::new(home.path(), &arguments).run();
    terminal.wait_for("demo");
    // What is copied is told the terminal at once: it does what the keys say, and draws nothing.
    for copies in 1..=3 {
        let started = Instant::now();
        let copied = |raw: &[u8]| String::from_utf8_lossy(raw).matches("\x1b]52;").count();
        while copied(&terminal.raw()) < copies {
            assert!(started.elapsed() < BOUND, "it is not copied");
            // Until the queue is there, there is nothing to copy.
            terminal.press("y");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
    let output = terminal.last_words();
    assert_eq!(output.matches(BEGIN).count(), 1, "{output:?}");
    assert!(!output.contains('\u{2500}'), "no borders: {output:?}");
    modes_are_undone(&output);
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

/// Returns line and text of the first rows of the queue: those that begin with a time of day.
fn rows(screen: &str) -> Vec<(usize, String)> {
    let text = |line: &str| line.chars().skip(14).take(30).collect();
    let is_row = |line: &str| line.chars().nth(4) == Some(':');
    let lines = screen.lines().enumerate().skip(2);
    lines
        .filter(|(_, line)| is_row(line))
        .map(|(at, line)| (at, text(line)))
        .take(2)
        .collect()
}

#[test]
fn a_row_is_dragged_with_the_mouse_whose_modes_are_undone() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(home.path());
    let before = rows(&terminal.screen());
    let (from, to) = (before[0].0 + 1, before[1].0 + 1);
    // Down on the first row, a step to the second, up.
    let drag = format!("\x1b[<0;20;{from}M\x1b[<32;20;{to}M\x1b[<0;20;{to}m");
    terminal.press(&drag);
    terminal.wait("the rows changed places", |screen| {
        let now = rows(screen);
        !screen.contains("carrying") && now[0].1 == before[1].1 && now[1].1 == before[0].1
    });
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
    let output = terminal.last_words();
    modes_are_undone(&output);
    for mode in ["1000", "1002", "1006"] {
        assert!(output.contains(&format!("\x1b[?{mode}h")), "{mode}");
        assert!(output.contains(&format!("\x1b[?{mode}l")), "{mode}");
    }
    assert!(
        !output.contains("\x1b[?1003h"),
        "every motion floods a line"
    );
}

#[test]
fn over_ssh_the_mouse_is_left_to_the_terminal_until_it_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let start = Start::new(home.path(), &["demo"]).env("SSH_TTY", "/dev/pts/9");
    let mut terminal = start.run();
    terminal.wait_for("24 updates");
    let asks =
        |terminal: &Terminal| String::from_utf8_lossy(&terminal.raw()).contains("\x1b[?1000h");
    assert!(!asks(&terminal));
    terminal.press(":mouse");
    terminal.wait_for("Listen to the mouse");
    terminal.press(super::pty::ENTER);
    terminal.wait_for("the mouse is on");
    assert!(asks(&terminal));
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
}
