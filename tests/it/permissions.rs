//! Who may read what: everything the program makes is for its owner only, whatever the umask; what
//! others could read is taken from them, and links and others' files are refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use qurate::store::beside;
use qurate::store::lock::Lock;
use qurate::store::{Place, Schema, StoreError, connect};

use crate::pty::Start;
use crate::skip::not_checked;

const SCHEMA: Schema = Schema {
    application_id: 7,
    migrations: &["CREATE TABLE a (x INTEGER) STRICT;"],
};

/// Everything below a directory.
fn below(directory: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, all);
        }
        all.push(path);
    }
}

/// Checks that nobody else may do anything with anything below.
fn check(home: &Path, what: &str) -> Vec<String> {
    let mut all = Vec::new();
    below(home, &mut all);
    let mut names = Vec::new();
    for path in all {
        let meta = fs::symlink_metadata(&path).unwrap();
        let wanted = if meta.is_dir() { 0o700 } else { 0o600 };
        let mode = meta.mode() & 0o777;
        assert_eq!(mode, wanted, "{what}: {} has {mode:o}", path.display());
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names
}

#[test]
fn what_an_editor_makes_is_its_owners_only_under_any_umask() {
    for umask in ["000", "077"] {
        let home = tempfile::tempdir().unwrap();
        let script = format!(
            "umask {umask}; exec {} --state-dir s",
            env!("CARGO_BIN_EXE_qurate")
        );
        let mut editor = Start::new(home.path(), &["-c", &script])
            .program(Path::new("/bin/sh"))
            .run();
        editor.wait_for("New profile");
        let names = check(home.path(), umask);
        for wanted in [
            ".db",
            ".db-wal",
            ".db-shm",
            ".db.lock",
            ".db.known",
            ".db.ballast",
            ".sock",
        ] {
            let there = names.iter().any(|name| name.ends_with(wanted));
            assert!(there, "{wanted} is not there: {names:?}");
        }
        // And while it runs others' rights do not come back: all is opened to others, and mended.
        editor.press("\x1bq");
        editor.kill();
        let mut all = Vec::new();
        below(home.path(), &mut all);
        let stores = |path: &&PathBuf| {
            let name = path.to_string_lossy().into_owned();
            path.is_file()
                && [".db", "-wal", ".lock", ".known", ".ballast"]
                    .iter()
                    .any(|e| name.ends_with(e))
        };
        for path in all.iter().filter(stores) {
            fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
        }
        let editor = Start::new(home.path(), &["--state-dir", "s"]).run();
        editor.wait_for("New profile");
        check(home.path(), "after it was open to others");
    }
}

#[tokio::test]
async fn links_are_refused_and_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "precious").unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o644)).unwrap();
    for part in ["", "-wal", "-shm"] {
        let store = dir.path().join(format!("a{part}.db"));
        symlink(&target, beside::with(&store, part)).unwrap();
        let error = connect(&Place::File(store), &SCHEMA).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Foreign { .. }),
            "{part}: {error}"
        );
    }
    let lock = dir.path().join("l.lock");
    symlink(&target, &lock).unwrap();
    Lock::try_take(&lock).unwrap_err();
    let store = dir.path().join("b.db");
    symlink(&target, beside::with(&store, ".known")).unwrap();
    beside::Trace::open(&store, 1).unwrap_err();
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o777, 0o644);
}

#[tokio::test]
async fn what_is_somebody_elses_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return not_checked("giving a file to another user needs root");
    }
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("a.db");
    fs::write(&store, "").unwrap();
    std::os::unix::fs::chown(&store, Some(12_345), None).unwrap();
    let error = connect(&Place::File(store.clone()), &SCHEMA)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Owner { .. }), "{error}");
    let lock = dir.path().join("l.lock");
    fs::write(&lock, "").unwrap();
    std::os::unix::fs::chown(&lock, Some(12_345), None).unwrap();
    Lock::try_take(&lock).unwrap_err();
    assert_eq!(fs::metadata(&store).unwrap().len(), 0);
}

#[test]
fn what_is_set_aside_is_its_owners_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("a.db");
    for part in ["", "-wal", "-shm"] {
        let path = beside::with(&store, part);
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    }
    let copy = dir.path().join("copy");
    beside::copy_to_read(&store, &copy, 7, 1).unwrap();
    let first = beside::set_aside(&store, "T").unwrap().unwrap();
    fs::write(&store, "y").unwrap();
    let second = beside::set_aside(&store, "T").unwrap().unwrap();
    assert_ne!(first, second, "nothing is written over");
    assert_eq!(fs::read_to_string(&first).unwrap(), "x");
    check(dir.path(), "set aside");
}
