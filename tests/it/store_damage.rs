//! Damaged stores: whatever is flipped, cut or missing, nothing damaged is sent, nothing starts
//! empty in silence, and the file that was damaged is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qurate::domain::draft::Draft;
use qurate::domain::operation::{Hold, Operation, OperationState};
use qurate::protocol::{Leaving, SyncCommand, SyncEvent};
use qurate::store::Place;
use qurate::sync::{Settings, SystemClock, spawn};

use super::fake_api::{FakeApi, profile_id};
use super::sync_harness::{Editor, try_tally};

const PAGE: usize = 4096;
const OPERATIONS: usize = 24;

/// How many cases: few as a rule, `QURATE_TEST_SCALE` times as many when asked, up to `most`.
fn cases(few: usize, most: usize) -> usize {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    let scale = scale.and_then(|n| n.parse().ok()).unwrap_or(1);
    (few * scale).min(most)
}

/// The files of a store, and what it held.
struct Sample {
    files: Vec<(&'static str, Vec<u8>)>,
    operations: Vec<(Operation, OperationState)>,
}

/// What a start with some files brought.
struct Start {
    operations: Vec<(Operation, OperationState)>,
    told: Vec<String>,
    /// What the API was asked to do.
    done: Vec<String>,
}

fn api() -> FakeApi {
    FakeApi::with(&[("a", &["1", "2", "3", "4", "5", "6", "7", "8"])])
}

/// Makes a store with edits that wait, a draft and a mirror; with its log, or closed.
fn sample(live: bool) -> Sample {
    let dir = tempfile::tempdir().unwrap();
    let (api, p) = (api(), profile_id("a"));
    let mut e = Editor::open(dir.path(), &api, 1);
    e.wait_read(1);
    api.world().down = true;
    let mut last = None;
    for n in 0..OPERATIONS {
        let text = format!("edit {n:03} {}", "words and more words ".repeat(n % 5 * 8));
        last = Some(match n % 3 {
            0 => e.create(&p, &text),
            1 => e.edit(&p, n % 8, &text),
            _ => e.carry(&p, n % 7 + 1, None),
        });
    }
    e.send(SyncCommand::SaveDraft(Box::new(Draft {
        text: "half a thought".to_owned(),
        ..Draft::default()
    })));
    e.wait_state(last.unwrap(), "Queued");
    let path = e.path.clone();
    let read = |names: &[&'static str]| -> Vec<(&'static str, Vec<u8>)> {
        let file = |name: &&'static str| (*name, fs::read(with(&path, name)).unwrap());
        names.iter().map(file).collect()
    };
    // While nothing is written: between a commit and its trace they do not belong together.
    let names = ["", "-wal", ".known"];
    let mut live_files = read(&names);
    let mut quiet = 0;
    // On a busy machine a commit and its trace can be long apart.
    while quiet < 10 {
        std::thread::sleep(std::time::Duration::from_millis(30));
        let again = read(&names);
        quiet = if again == live_files { quiet + 1 } else { 0 };
        live_files = again;
    }
    e.quit();
    let files = if live {
        live_files
    } else {
        read(&["", ".known"])
    };
    let mut sample = Sample {
        files,
        operations: Vec::new(),
    };
    let whole = sample.start(|_| {}, false);
    assert_eq!(whole.operations.len(), OPERATIONS);
    assert!(whole.told.is_empty(), "{:?}", whole.told);
    sample.operations = whole.operations;
    sample
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl Sample {
    /// Starts an editor's worker with these files, as they are after `harm`.
    fn start(&self, harm: impl FnOnce(&Path), online: bool) -> Start {
        let dir = tempfile::tempdir().unwrap();
        self.start_in(dir.path(), harm, online)
    }

    fn start_in(&self, dir: &Path, harm: impl FnOnce(&Path), online: bool) -> Start {
        let path = dir.join("account.db");
        for (name, bytes) in &self.files {
            fs::write(with(&path, name), bytes).unwrap();
        }
        harm(&path);
        let api = api();
        api.world().down = !online;
        let settings = Settings::new(Place::File(path.clone()), "test", true, 5);
        let clock = Arc::new(SystemClock::default());
        let mut settings = settings;
        if online {
            settings.flush_on_quit = std::time::Duration::from_millis(300);
            settings.pace.reorder_rest = std::time::Duration::from_millis(1);
            settings.pace.reorder_limit = std::time::Duration::from_millis(2);
        }
        let mut handle = spawn(api.clone(), settings, clock).unwrap();
        handle
            .commands
            .send(SyncCommand::Quit(Leaving::MaySend))
            .unwrap();
        let mut start = Start {
            operations: Vec::new(),
            told: Vec::new(),
            done: Vec::new(),
        };
        while let Some(event) = handle.events.blocking_recv() {
            match event {
                SyncEvent::Restored { operations, .. } => start.operations = operations,
                SyncEvent::StoreTrouble(text) => start.told.push(text),
                _ => {}
            }
        }
        start.done.clone_from(&api.world().done);
        // Whatever was saved, set aside or lost: it is counted. A foreign file has no tally.
        if let Ok(Some(tally)) = try_tally(&path) {
            assert_eq!(tally.missing(), 0, "{tally:?}");
        }
        start
    }

    /// Says whether everything came back as it was.
    fn is_whole(&self, start: &Start) -> bool {
        start.operations == self.operations
    }

    /// Says what is wrong with a start from a damaged file; none: nothing.
    fn wrong(&self, start: &Start) -> Option<String> {
        for (operation, state) in &start.operations {
            let as_made = self.operations.iter().any(|(ours, _)| ours == operation);
            let waits = matches!(state, OperationState::Held { .. });
            if !as_made && !waits {
                return Some(format!(
                    "a damaged edit would be sent: {operation:?} {state:?}"
                ));
            }
        }
        if start.told.is_empty() && !self.is_whole(start) {
            return Some(format!("{} edits, and not a word", start.operations.len()));
        }
        None
    }

    fn bytes(&self, name: &str) -> &[u8] {
        let (_, bytes) = self.files.iter().find(|(n, _)| *n == name).unwrap();
        bytes
    }

    /// Where the rows of the outbox lie in the file: from the first to behind the last byte.
    fn rows(&self) -> Vec<(usize, usize)> {
        let file = self.bytes("");
        let mut rows = Vec::new();
        for page in (0..file.len() / PAGE).map(|n| n * PAGE) {
            let bytes = &file[page..page + PAGE];
            if bytes[0] != 0x0d || page == 0 {
                continue;
            }
            let count = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
            for cell in 0..count {
                let at = 8 + cell * 2;
                let start = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
                let (size, n) = varint(&bytes[start..]);
                let (_, m) = varint(&bytes[start + n..]);
                // A row with the rest on other pages ends here for us.
                let end = (start + n + m + size).min(PAGE);
                let ours = self
                    .operations
                    .iter()
                    .any(|(o, _)| holds(&bytes[start..end], o.id.0.to_string().as_bytes()));
                if ours && size > 120 {
                    rows.push((page + start, page + end));
                }
            }
        }
        assert!(rows.len() >= OPERATIONS - 2, "{} rows found", rows.len());
        rows
    }
}

fn varint(bytes: &[u8]) -> (usize, usize) {
    let mut value = 0;
    for (n, byte) in bytes.iter().take(8).enumerate() {
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return (value, n + 1);
        }
    }
    (value, 8)
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn flip(file: &Path, at: usize, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1 << bit;
    fs::write(file, bytes).unwrap();
}

/// How many starts were told, and how many came back the very same.
#[derive(Debug, Default)]
struct Count {
    found: usize,
    harmless: usize,
    missed: Vec<String>,
}

impl Count {
    fn take(&mut self, sample: &Sample, start: &Start, what: impl FnOnce() -> String) {
        if let Some(wrong) = sample.wrong(start) {
            self.missed.push(format!("{}: {wrong}", what()));
        } else if start.told.is_empty() {
            self.harmless += 1;
        } else {
            self.found += 1;
        }
    }
}

#[test]
fn flipped_bits_in_stored_edits_are_found() {
    let sample = sample(false);
    let rows = sample.rows();
    let mut random = fastrand::Rng::with_seed(0xb17_f11b);
    let mut count = Count::default();
    let all = cases(60, 2_000);
    for n in 0..all {
        let (start, end) = rows[random.usize(..rows.len())];
        let (at, bit) = (random.usize(start..end), random.u8(..8));
        let start = sample.start(|path| flip(path, at, bit), n % 10 == 0);
        if n % 10 == 0 {
            let damaged = |text: &&String| !is_ours(text);
            let sent = start.done.iter().find(damaged);
            assert_eq!(sent, None, "sent though damaged: byte {at}, bit {bit}");
            if start.told.is_empty() {
                count
                    .missed
                    .push(format!("byte {at}, bit {bit}: online and not a word"));
            } else {
                count.found += 1;
            }
            continue;
        }
        count.take(&sample, &start, || format!("byte {at}, bit {bit}"));
    }
    println!(
        "flips in rows of the outbox: {all}, found {}, harmless {}, missed {}",
        count.found,
        count.harmless,
        count.missed.len()
    );
    // Not even one in a thousand; of few, none.
    assert!(count.missed.len() * 1000 <= all, "{:#?}", count.missed);
    assert!((count.found + count.harmless) * 1000 >= all * 999);
    assert!(count.harmless * 1000 <= all, "{count:?}");
}

/// Says whether the API was asked for something that some edit of the sample asks for.
fn is_ours(done: &str) -> bool {
    let rest = done
        .strip_prefix("create ")
        .or_else(|| done.strip_prefix("edit "));
    let Some(text) = rest else {
        return done.starts_with("reorder") || done.starts_with("order");
    };
    (0..OPERATIONS).any(|n| {
        text == format!("edit {n:03} {}", "words and more words ".repeat(n % 5 * 8))
            || text.trim_end()
                == format!("edit {n:03} {}", "words and more words ".repeat(n % 5 * 8)).trim_end()
    })
}

#[test]
fn flipped_bits_anywhere_never_empty_or_change_the_outbox_in_silence() {
    let sample = sample(false);
    let length = sample.bytes("").len();
    let mut random = fastrand::Rng::with_seed(0xa11);
    let mut count = Count::default();
    let all = cases(40, 2_000);
    for _ in 0..all {
        let (at, bit) = (random.usize(..length), random.u8(..8));
        let start = sample.start(|path| flip(path, at, bit), false);
        count.take(&sample, &start, || format!("byte {at}, bit {bit}"));
    }
    println!(
        "flips anywhere in the file: {all}, found {}, harmless {}, missed {}",
        count.found,
        count.harmless,
        count.missed.len()
    );
    assert!(count.missed.is_empty(), "{:#?}", count.missed);
}

#[test]
fn flipped_bits_in_the_log_never_take_edits_back_in_silence() {
    let sample = sample(true);
    let length = sample.bytes("-wal").len();
    let mut random = fastrand::Rng::with_seed(0x10c);
    let mut count = Count::default();
    let all = cases(30, 2_000);
    for _ in 0..all {
        let (at, bit) = (random.usize(..length), random.u8(..8));
        let start = sample.start(|path| flip(&with(path, "-wal"), at, bit), false);
        count.take(&sample, &start, || format!("byte {at}, bit {bit}"));
    }
    println!(
        "flips in the log: {all}, found {}, harmless {}, missed {}",
        count.found,
        count.harmless,
        count.missed.len()
    );
    assert!(count.missed.is_empty(), "{:#?}", count.missed);
}

#[test]
fn a_store_cut_short_is_never_an_empty_start_in_silence() {
    for live in [false, true] {
        let sample = sample(live);
        let name = if live { "-wal" } else { "" };
        let length = sample.bytes(name).len();
        let mut random = fastrand::Rng::with_seed(0x7c7);
        let mut count = Count::default();
        let all = cases(12, 250);
        for n in 0..all {
            let keep = match n {
                0 => 0,
                1 => 1,
                2 => PAGE,
                3 => length - 1,
                _ => random.usize(..length),
            };
            let cut = |path: &Path| {
                let file = with(path, name);
                let bytes = fs::read(&file).unwrap();
                fs::write(&file, &bytes[..keep]).unwrap();
            };
            let start = sample.start(cut, false);
            count.take(&sample, &start, || format!("cut to {keep} of {length}"));
        }
        println!(
            "truncations of {name:?}: {all}, found {}, harmless {}, missed {}",
            count.found,
            count.harmless,
            count.missed.len()
        );
        assert!(count.missed.is_empty(), "{:#?}", count.missed);
    }
}

#[test]
fn what_is_readable_is_saved_and_waits_and_the_old_file_stays() {
    let sample = sample(false);
    let dir = tempfile::tempdir().unwrap();
    // The page of the mirror's order: SQLite sees it, and no edit lies on it.
    let harm = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[100] = 0x77;
        fs::write(path, bytes).unwrap();
    };
    let start = sample.start_in(dir.path(), harm, false);
    let text = start.told.join("\n");
    assert!(text.contains("damaged"), "{text}");
    let files = names(dir.path());
    let aside = files
        .iter()
        .find(|name| name.starts_with("account.db.damaged-"));
    assert!(text.contains(aside.unwrap().as_str()), "{text}: {files:?}");
    assert!(
        !files
            .iter()
            .any(|name| name.contains(".reading") || name.contains(".salvaged")),
        "{files:?}"
    );

    let dir = tempfile::tempdir().unwrap();
    // The first page of all edits but not its head: the log's number is behind its trace.
    let harm = |path: &Path| {
        fs::write(with(path, ".known"), "changes 00000000000000099999\n").unwrap();
    };
    let start = sample.start_in(dir.path(), harm, false);
    assert_eq!(start.operations.len(), OPERATIONS);
    for (operation, state) in &start.operations {
        assert!(
            matches!(
                state,
                OperationState::Held {
                    why: Hold::Recovered,
                    ..
                }
            ),
            "{operation:?} {state:?}"
        );
    }
    let text = start.told.join("\n");
    assert!(
        text.contains(&format!("{OPERATIONS} edits were saved")),
        "{text}"
    );
    // And it is said once: the next start has a store as it was left.
    let again = Sample {
        files: Vec::new(),
        operations: start.operations,
    };
    let start = again.start_in(dir.path(), |_| {}, true);
    assert!(again.is_whole(&start));
    assert!(start.told.is_empty(), "{:?}", start.told);
    assert!(start.done.is_empty(), "{:?}", start.done);
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_missing_or_empty_store_is_said() {
    let closed = sample(false);
    let live = sample(true);
    let remove = |path: &Path| fs::remove_file(path).unwrap();
    let empty = |path: &Path| fs::write(path, "").unwrap();
    for (sample, what) in [(&closed, "closed"), (&live, "live")] {
        for harm in [&remove as &dyn Fn(&Path), &empty] {
            let dir = tempfile::tempdir().unwrap();
            let start = sample.start_in(dir.path(), harm, false);
            let text = start.told.join("\n");
            assert!(text.contains("a new one was begun"), "{what}: {text:?}");
            // A log that lost its file may be all there is: it is kept.
            let kept = names(dir.path())
                .iter()
                .any(|n| n.ends_with("-wal") && n.contains("damaged"));
            assert_eq!(kept, what == "live");
        }
    }
    // A log taken away takes back what was promised.
    let start = live.start(|path| fs::remove_file(with(path, "-wal")).unwrap(), true);
    assert!(!start.told.is_empty());
    assert_eq!(start.done, Vec::<String>::new());
}

#[test]
fn a_foreign_or_newer_file_is_refused_and_left_as_it_is() {
    let sample = sample(false);
    let letter = "Dear diary, ".repeat(900);
    let foreign = |path: &Path| fs::write(path, &letter).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let start = sample.start_in(dir.path(), foreign, true);
    let text = start.told.join("\n");
    assert!(text.contains("is not a file of this program"), "{text}");
    assert_eq!(
        fs::read_to_string(dir.path().join("account.db")).unwrap(),
        letter
    );

    let newer = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[63] = 9;
        fs::write(path, bytes).unwrap();
    };
    let dir = tempfile::tempdir().unwrap();
    let start = sample.start_in(dir.path(), newer, true);
    let text = start.told.join("\n");
    assert!(text.contains("made by a newer qurate"), "{text}");
    assert_eq!(fs::read(dir.path().join("account.db")).unwrap()[63], 9);
    assert!(start.done.is_empty());
}
