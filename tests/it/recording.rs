//! A run of the real program is recorded and played again: to the same screen, and, if nobody asks
//! for more, without a word of anybody's texts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::pty::{Start, Terminal};
use crate::served::command;

const ENTER: &str = "\r";
const SAVE: &str = "\x13";

/// What `replay` prints, what it complains of, and its exit code.
fn replay(home: &Path, arguments: &[&str]) -> (String, String, i32) {
    let mut command = command(home);
    let output = command.arg("replay").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (text(output.stdout), text(output.stderr), code)
}

fn lines(screen: &str) -> Vec<String> {
    let trimmed = screen.trim_end().lines();
    trimmed.map(|line| line.trim_end().to_owned()).collect()
}

/// Waits until what was recorded so far shows what the terminal does; returns that screen.
fn same(terminal: &Terminal, home: &Path, shape: fn(&str) -> String) -> Vec<String> {
    let started = Instant::now();
    loop {
        let (played, complaint, code) = replay(home, &["r.jsonl"]);
        // A line may be half written.
        assert!(code == 0, "{complaint}");
        let screen = terminal.screen();
        if lines(&shape(&played)) == lines(&shape(&screen)) {
            return lines(&screen);
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "played:\n{played}\nseen:\n{screen}"
        );
    }
}

fn as_it_is(screen: &str) -> String {
    screen.to_owned()
}

/// Letters and digits alike: what masking leaves of a screen.
fn shape(screen: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { 'x' } else { c };
    screen.chars().map(letter).collect()
}

fn start(home: &Path, arguments: &[&str]) -> Terminal {
    let mut all = vec!["demo", "--updates", "6", "--record", "r.jsonl"];
    all.extend(arguments);
    let terminal = Start::new(home, &all).size(100, 30).run();
    terminal.wait_for("6 updates");
    terminal
}

/// Some of everything.
fn work(terminal: &mut Terminal) {
    terminal.press("Jjm2j");
    terminal.press(ENTER);
    terminal.press("c");
    terminal.wait_for("New update");
    terminal.press("Kumquat für zanzibar ✓ ");
    terminal.wait_for("zanzibar");
    terminal.press("\x1b[200~see https://example.org/persimmon 日本語\n🦀 durian\x1b[201~");
    terminal.wait_for("durian");
    terminal.press(SAVE);
    terminal.wait("it is saved", |s| {
        s.contains("zanzibar") && !s.contains("New update")
    });
    terminal.press("Tmangosteen ");
    terminal.press(ENTER);
    terminal.wait_for("mangosteen");
    terminal.resize(90, 28);
    terminal.press("u");
}

#[test]
fn a_recorded_run_is_played_to_the_same_screen() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = start(home.path(), &["--record-texts"]);
    work(&mut terminal);
    let screen = same(&terminal, home.path(), as_it_is);
    assert_eq!(screen.len(), 28, "{screen:#?}");
    terminal.press("/zanzibar");
    terminal.press(ENTER);
    terminal.wait_for("1 of ");
    same(&terminal, home.path(), as_it_is);
    terminal.signal(Signal::TERM);
    terminal.wait_end();
    let file = home.path().join("r.jsonl");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The same again, action by action.
    let (listed, _, code) = replay(home.path(), &["r.jsonl", "--list"]);
    assert_eq!(code, 0);
    let key = |line: &&str| line.ends_with("key m");
    let grab = listed.lines().find(key).expect("m is listed");
    let number = grab.trim().split(' ').next().unwrap();
    let (carried, ..) = replay(home.path(), &["r.jsonl", "--step", number]);
    assert!(carried.contains("drop"), "{carried}");
    assert_eq!(carried.lines().count(), 30);
    let (all, ..) = replay(home.path(), &["r.jsonl", "--all", "--size", "60x14"]);
    let heading = format!("── {number} · key m ──");
    assert!(all.contains(&heading), "{all}");
    let (small, ..) = replay(home.path(), &["r.jsonl", "--size", "60x14"]);
    assert!(small.lines().all(|line| line.chars().count() <= 60) && small.lines().count() == 14);
    let count = listed.lines().count();
    let wanted = (count + 1).to_string();
    let (_, complaint, code) = replay(home.path(), &["r.jsonl", "--step", &wanted]);
    assert_eq!(code, 1);
    assert!(
        complaint.contains(&format!("has only {count} actions")),
        "{complaint}"
    );
}

#[test]
fn a_masked_recording_has_the_shape_of_the_run_and_no_word_of_it() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = start(home.path(), &[]);
    let texts = terminal.screen();
    work(&mut terminal);
    same(&terminal, home.path(), shape);
    terminal.press("%tamarind");
    terminal.wait_for("tamarind");
    terminal.press("\x03");
    terminal.wait("it is closed", |s| !s.contains("tamarind"));
    terminal.press("/papaya");
    terminal.press(ENTER);
    terminal.wait_for("Nothing matches");
    terminal.press("c");
    terminal.wait_for("New update");
    terminal.press("rambutan");
    terminal.wait_for("rambutan");
    terminal.signal(Signal::TERM);
    terminal.wait_end();
    let file = fs::read_to_string(home.path().join("r.jsonl")).unwrap();
    let file = file.to_lowercase();
    let canaries = [
        "kumquat",
        "zanzibar",
        "persimmon",
        "durian",
        "mangosteen",
        "papaya",
        "tamarind",
        "rambutan",
        "日本",
        "für",
        "example.org",
        "tidewater",
    ];
    // Nor letter by letter.
    let (listed, ..) = replay(home.path(), &["r.jsonl", "--list"]);
    let keys = listed.lines().filter_map(|line| line.split_once("key "));
    let typed: String = keys.map(|(_, key)| key.to_lowercase()).collect();
    assert!(typed.len() > 60, "{listed}");
    for word in canaries {
        assert!(!file.contains(word), "{word} is in the recording");
        assert!(!typed.contains(word), "{word} was typed");
    }
    // Of the updates that the demo has, too: the long words of the first screen's rows.
    let rows = texts.lines().filter(|line| line.contains(':'));
    let words = rows.flat_map(|row| row.split(|c: char| !c.is_alphabetic()));
    let ours = [
        "online", "update", "updates", "europe", "london", "queue", "numbers", "nothing", "sends",
    ];
    let mut looked = 0;
    for word in words.filter(|word| word.len() >= 6) {
        let word = word.to_lowercase();
        if ours.contains(&word.as_str()) {
            continue;
        }
        looked += 1;
        assert!(!file.contains(&word), "{word} is in the recording");
    }
    assert!(looked > 10, "{texts}");
}

#[test]
fn no_token_is_ever_recorded() {
    let home = tempfile::tempdir().unwrap();
    let token = "0123456789canary0123456789";
    let arguments = ["demo", "--record", "r.jsonl", "--record-texts"];
    let mut terminal = Start::new(home.path(), &arguments)
        .env("QURATE_SERVER_TOKEN", token)
        .env("QURATE_TOKEN", token)
        .run();
    terminal.wait_for("24 updates");
    terminal.press("q");
    assert_eq!(terminal.wait_end(), 0);
    let file = fs::read_to_string(home.path().join("r.jsonl")).unwrap();
    assert!(file.lines().count() > 3 && !file.contains("canary"));
}

#[test]
fn a_file_that_is_there_is_not_overwritten_and_the_terminal_is_not_even_taken() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("r.jsonl"), "mine").unwrap();
    for name in ["r.jsonl", "nowhere/r.jsonl"] {
        let mut terminal = Start::new(home.path(), &["demo", "--record", name]).run();
        let said = terminal.last_words();
        assert_eq!(terminal.wait_end(), 1, "{said}");
        assert!(
            said.contains(&format!("{name} cannot be recorded into")),
            "{said}"
        );
        assert!(!said.contains("\x1b[?1049h"), "{said:?}");
    }
    assert_eq!(
        fs::read_to_string(home.path().join("r.jsonl")).unwrap(),
        "mine"
    );
}

#[test]
fn what_cannot_be_played_is_said_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = start(home.path(), &[]);
    terminal.press("j");
    same(&terminal, home.path(), shape);
    terminal.signal(Signal::TERM);
    terminal.wait_end();
    let good = fs::read_to_string(home.path().join("r.jsonl")).unwrap();
    let (last, ..) = replay(home.path(), &["r.jsonl"]);
    let play = |text: &str| {
        fs::write(home.path().join("other"), text).unwrap();
        replay(home.path(), &["other"])
    };
    let (_, complaint, code) = play("{}\n");
    assert_eq!(
        (complaint.as_str(), code),
        (
            "qurate: other:1: this is no recording of qurate: `--record FILE` makes one\n",
            1
        )
    );
    assert_eq!(play("").2, 1);
    let newer = good.replacen("\"qurate_recording\":1", "\"qurate_recording\":99", 1);
    let (_, complaint, code) = play(&newer);
    assert_eq!(code, 1);
    assert!(
        complaint.contains("in format 99, and this one plays format 1"),
        "{complaint}"
    );
    let broken = good.replacen("\n{", "\n{\"Juggle\":3,", 1);
    let (_, complaint, code) = play(&broken);
    assert_eq!(code, 1);
    assert!(
        complaint.starts_with("qurate: other:2: this line is broken"),
        "{complaint}"
    );
    // The program was killed while it wrote.
    let (screen, complaint, code) = play(&format!("{good}{{\"Tick\":17"));
    assert_eq!((screen, code), (last, 0));
    assert!(
        complaint.contains("the last line is cut off"),
        "{complaint}"
    );
    let (_, complaint, code) = replay(home.path(), &["nothing-here"]);
    assert_eq!(code, 1);
    assert!(
        complaint.contains("could not read nothing-here"),
        "{complaint}"
    );
}
