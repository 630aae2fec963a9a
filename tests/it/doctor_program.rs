//! `qurate doctor` as a shell sees it: what it says, its exit code, and that it changes nothing.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use qurate::store::lock::{self, Lock};

use crate::plain_program::run;
use crate::program;
use crate::served::{Served, command};

/// What it says, and its exit code.
fn doctor(home: &Path, arguments: &[&str]) -> (String, i32) {
    let mut command = command(home);
    let command = command.args(["doctor", "--state-dir", "s"]);
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "", "{said}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!said.contains(control), "{said:?}");
    (said, output.status.code().unwrap())
}

/// The line of `name`, with its verdict.
fn line<'s>(said: &'s str, heading: &str, name: &str) -> &'s str {
    let part = said.split(&format!("{heading}\n")).nth(1).expect(said);
    let lines = part.lines().take_while(|line| line.starts_with(' '));
    let mut named = lines.filter(|line| line.get(13..).is_some_and(|rest| rest.starts_with(name)));
    named
        .next()
        .unwrap_or_else(|| panic!("no {name} in {said}"))
}

/// Everything below a directory: bytes, mode and when it was changed.
fn all(directory: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32, i64)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        }
        let meta = fs::symlink_metadata(&path).unwrap();
        let bytes = if meta.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let changed = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
        found.insert(path, (bytes, meta.mode(), changed));
    }
    found
}

/// A store of the server's demo queues, with what a script left in it.
fn store(home: &Path, script: &str) -> PathBuf {
    let server = Served::start(home, &["--demo", "--updates", "4"]);
    let url = server.url();
    let output = run(
        home,
        &["--plain", "--api-url", &url, "--state-dir", "s"],
        script,
    );
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    let accounts = fs::read_dir(home.join("s/state/accounts")).unwrap();
    let mut stores = accounts.map(|entry| entry.unwrap().path());
    stores
        .find(|path| path.extension().is_some_and(|e| e == "db"))
        .expect("a store")
}

fn name(store: &Path) -> String {
    let name = store.file_stem().unwrap().to_str().unwrap();
    format!("Account {name}")
}

#[test]
fn a_slow_line_is_said_where_one_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = command(home.path())
            .args(["doctor", "--state-dir", "s"])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!said(&[]).contains(" line "));
    let slow = said(&["--low-bandwidth"]);
    let words = "low bandwidth: no borders, signs in ASCII, at most 8000 bytes a second";
    assert!(line(&slow, "Terminal", "line").ends_with(words), "{slow}");
    fs::write(home.path().join("c.toml"), "byte_rate = 500\n").unwrap();
    let paced = said(&["--config", "c.toml"]);
    assert!(
        line(&paced, "Terminal", "line").ends_with("at most 500 bytes a second"),
        "{paced}"
    );
}

#[test]
fn where_nothing_is_all_is_well_and_nothing_is_made() {
    let home = tempfile::tempdir().unwrap();
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("Terminal\n"), "{said}");
    assert!(
        line(&said, "Places", "config").contains(": not there"),
        "{said}"
    );
    assert!(
        line(&said, "Places", "state").ends_with("made when it is needed"),
        "{said}"
    );
    assert!(
        line(&said, "Account local", "store").ends_with("nothing kept so far"),
        "{said}"
    );
    assert!(!home.path().join("s").exists());
}

#[test]
fn all_that_is_wrong_with_the_config_is_told_also_when_it_stops_the_start() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let config = file.to_str().unwrap();
    fs::write(
        &file,
        "theme = \"drak\"\nascii = 3\n[keys]\nhistory = \"ctl-g\"\n",
    )
    .unwrap();
    let (said, code) = doctor(home.path(), &["--config", config]);
    assert_eq!(code, 5, "{said}");
    let problems: Vec<&str> = said.lines().filter(|line| line.contains("to do")).collect();
    let wanted = [
        "3 problems",
        "did you mean \"dark\"?",
        "`ascii` is true",
        "`ctl-g` is no key",
    ];
    assert_eq!(problems.len(), wanted.len(), "{said}");
    for (line, wanted) in problems.iter().zip(wanted) {
        assert!(line.contains(wanted), "{wanted}: {said}");
    }
    fs::write(&file, "account = \"work\"\nwindow = 2.5\n").unwrap();
    let (said, code) = doctor(home.path(), &["--config", config]);
    assert_eq!(code, 5, "{said}");
    assert!(
        said.contains("config.toml:1: there is no account `work`"),
        "{said}"
    );
    assert!(
        said.contains("config.toml:2: `window` is a whole number"),
        "{said}"
    );
    assert!(said.contains("Account local"), "the rest is told: {said}");
    fs::write(&file, "theme = [").unwrap();
    assert_eq!(doctor(home.path(), &["--config", config]).1, 5);
}

#[test]
fn an_account_whose_token_cannot_be_used_is_found_and_no_token_is_told() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let account = "[accounts.work]\nurl = \"https://a.example/1/\"\ntoken_file = \"t\"\n";
    fs::write(&file, account).unwrap();
    let token = home.path().join("t");
    fs::write(&token, "canary0123456789").unwrap();
    fs::set_permissions(&token, Permissions::from_mode(0o644)).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let (said, code) = doctor(home.path(), &config);
    assert_eq!(code, 5, "{said}");
    assert!(
        line(&said, "Account work", "token").contains("to do"),
        "{said}"
    );
    fs::set_permissions(&token, Permissions::from_mode(0o600)).unwrap();
    let (good, code) = doctor(home.path(), &config);
    assert_eq!(code, 0, "{good}");
    assert!(
        line(&good, "Account work", "token").ends_with("/t"),
        "{good}"
    );
    assert!(
        line(&good, "Account work", "API").contains("https://a.example/1/"),
        "{good}"
    );
    assert!(!said.contains("canary") && !good.contains("canary"));
}

#[test]
fn what_waits_and_what_is_held_is_counted_in_a_store_nobody_has() {
    let home = tempfile::tempdir().unwrap();
    // The share could still be taken back when the editor closed: it is held.
    let store = store(home.path(), "delete 1\nshare 2\nyes\n");
    let before = all(&home.path().join("s"));
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 5, "{said}");
    let outbox = line(&said, &name(&store), "outbox");
    assert!(
        outbox.ends_with("1 held, 0 refused, 1 on the way"),
        "{said}"
    );
    let sending = line(&said, &name(&store), "sending");
    assert!(sending.contains("nobody holds the lock"), "{said}");
    assert!(
        before == all(&home.path().join("s")),
        "it changed something"
    );
}

#[test]
fn a_store_that_was_left_in_a_crash_is_read_with_its_log_and_stays_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let mut editor = program::local(home.path());
    program::add_profile(&mut editor);
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 0, "{said}");
    let process = format!("process {} holds the lock", editor.pid().as_raw_nonzero());
    let sending = line(&said, "Account local", "sending");
    assert!(
        sending.contains(&process) || sending.contains("another process"),
        "{said}"
    );
    assert!(
        line(&said, "Places", "server").contains("runs in"),
        "{said}"
    );
    editor.kill();
    let state = home.path().join("s");
    let before = all(&state);
    let log = state.join("state/accounts/local.db-wal");
    assert!(
        before.get(&log).is_some_and(|(log, ..)| !log.is_empty()),
        "no log was left"
    );
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        line(&said, "Account local", "outbox").ends_with("nothing waits"),
        "{said}"
    );
    assert!(before == all(&state), "it changed something");
}

#[test]
fn a_damaged_store_is_found_and_left_to_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path(), "delete 1\n");
    let mut bytes = fs::read(&store).unwrap();
    let half = bytes.len() / 2;
    bytes[4096..half].fill(0x5a);
    fs::write(&store, &bytes).unwrap();
    let before = all(&home.path().join("s"));
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 5, "{said}");
    let found = line(&said, &name(&store), "store");
    assert!(found.contains("to do"), "{said}");
    assert!(said.contains("the next start saves what is left"), "{said}");
    assert!(
        before == all(&home.path().join("s")),
        "it changed something"
    );
    fs::write(
        &store,
        "not a database at all, but as long as one has to be to be looked at",
    )
    .unwrap();
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("is not a file of this program"), "{said}");
}

#[test]
fn a_store_whose_last_changes_are_gone_is_found() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path(), "delete 1\n");
    let trace = PathBuf::from(format!("{}.known", store.display()));
    fs::write(&trace, format!("changes {:020}\n", 1_000_000)).unwrap();
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("its last changes are gone"), "{said}");
}

#[test]
fn a_lock_that_somebody_holds_is_no_finding() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path(), "delete 1\n");
    let held = Lock::try_take(&lock::beside(&store))
        .unwrap()
        .expect("free");
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        line(&said, &name(&store), "sending").contains("holds the lock and sends"),
        "{said}"
    );
    assert!(
        line(&said, &name(&store), "outbox").ends_with("1 on the way"),
        "{said}"
    );
    drop(held);
}

#[test]
fn a_place_that_cannot_be_used_is_found() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("s")).unwrap();
    fs::write(home.path().join("s/state"), "a file").unwrap();
    let (said, code) = doctor(home.path(), &[]);
    assert_eq!(code, 5, "{said}");
    assert!(line(&said, "Places", "state").contains("to do"), "{said}");
}
