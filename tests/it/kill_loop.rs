//! The real program, killed at random moments while somebody types: what it had shown as saved is
//! there afterwards, and nothing is made twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::pty::Terminal;
use super::served::{Served, serve_account};
use super::two_instances::{Screen, scaled};

/// So many of our updates fit on a screen; then room is made.
const ROOM: usize = 36;

#[test]
fn an_editor_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("c.toml"), "window = 1\n").unwrap();
    let served = serve_account(home.path(), "s", 1);
    let mut run = Run {
        home: home.path(),
        served: &served,
        random: fastrand::Rng::with_seed(17),
        made: 0,
        edits: 0,
        since_check: 0,
        saved: 0,
        held: 0,
    };
    let (kills, started) = (scaled(30), Instant::now());
    for _ in 0..kills {
        run.cycle();
        if run.since_check >= ROOM {
            run.check();
        }
    }
    run.check();
    println!(
        "{kills} kills, {} composed, {} seen as saved and found again, {} held, in {:?}",
        run.made,
        run.saved,
        run.held,
        started.elapsed()
    );
}

struct Run<'a> {
    home: &'a Path,
    served: &'a Served,
    random: fastrand::Rng,
    made: usize,
    edits: usize,
    since_check: usize,
    /// Rows that a killed editor had shown as saved, in all.
    saved: usize,
    held: usize,
}

impl Run<'_> {
    /// Types, kills, starts again, and looks whether all is there.
    fn cycle(&mut self) {
        let mut editor = self.start();
        let (keys, taken_back) = self.keys();
        editor.press(&keys);
        std::thread::sleep(Duration::from_millis(self.random.u64(..=300)));
        let before = rows(&editor.screen());
        editor.kill();
        let saved: Vec<(usize, usize)> = before
            .into_iter()
            .filter(|(_, row)| row.mark != '!')
            .map(|(id, row)| (id, row.edit))
            .collect();
        self.saved += saved.len();
        let editor = self.start();
        // A later edit of the same burst may have been stored after we looked.
        let lost = |screen: &str| {
            let now = rows(screen);
            let is_lost = |(id, edit): &&(usize, usize)| now.get(id).is_none_or(|r| r.edit < *edit);
            saved.iter().filter(is_lost).count()
        };
        // What it takes back itself may have left after we looked.
        let what = format!("after {keys:?} all that was saved is there: {saved:?}");
        editor.wait(&what, |screen| lost(screen) <= taken_back);
        editor.kill();
    }

    fn start(&self) -> Terminal {
        let screen = Screen::open(self.home);
        screen
            .terminal
            .wait("the queue is read from disk", |screen| {
                screen.contains(" updates ") || screen.contains("online")
            });
        screen.terminal
    }

    /// Some keys, and how many updates they may take away.
    fn keys(&mut self) -> (String, usize) {
        let (mut keys, mut taken_back) = (String::new(), 0);
        let calm = self.random.u8(..5) < 3;
        for _ in 0..self.random.usize(2..7) {
            match self.random.u8(..10) {
                0..=2 => {
                    let _ = write!(keys, "cunique-{}\x13", self.made);
                    self.made += 1;
                    self.since_check += 1;
                }
                3 => {
                    self.edits += 1;
                    let _ = write!(keys, "Ge-e{}\x13", self.edits);
                }
                4 => keys.push_str("ggJ"),
                5 => keys.push_str("GK"),
                6 => keys.push_str("ggm2j\r"),
                7 => keys.push_str("jj"),
                8 if !calm => {
                    keys.push_str("Gkd");
                    taken_back += 1;
                }
                9 if !calm => {
                    keys.push('u');
                    taken_back += 1;
                }
                _ => keys.push_str("kJ"),
            }
        }
        (keys, taken_back)
    }

    /// How often the server has each of our updates, in all profiles: never more than once.
    fn there(&self, profiles: &[String]) -> BTreeMap<usize, usize> {
        let mut there = BTreeMap::new();
        for profile in profiles {
            for list in ["pending", "sent"] {
                for text in self.served.texts(profile, list) {
                    for (id, _) in words(&text) {
                        *there.entry(id).or_insert(0) += 1;
                    }
                }
            }
        }
        let twice: Vec<_> = there.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "made twice: {twice:?}");
        there
    }

    /// After quiet, the server is what the screen shows; then room is made for more.
    fn check(&mut self) {
        let editor = Screen::open(self.home);
        editor.terminal.wait_for("online");
        let profiles = self.served.profiles();
        let started = Instant::now();
        // What waits behind a held one waits for the person, so "nothing waits" may never be said.
        let held = loop {
            let there = self.there(&profiles);
            let screen = editor.terminal.screen();
            let shown = rows(&screen);
            let confirmed = shown.iter().filter(|(_, row)| row.mark == ' ');
            let held = shown.values().filter(|row| "?✗".contains(row.mark)).count();
            if confirmed.count() + held == shown.len()
                && shown
                    .iter()
                    .filter(|(_, row)| row.mark == ' ')
                    .map(|(id, _)| *id)
                    .eq(there.keys().copied())
            {
                break held;
            }
            let late = started.elapsed() > Duration::from_mins(1);
            assert!(!late, "not as the server: {there:?}\n{screen}");
            std::thread::sleep(Duration::from_millis(100));
        };
        self.held += held;
        editor.terminal.kill();
        self.since_check = 0;
        for profile in &profiles {
            let page = format!("profiles/{profile}/updates/pending.json?count=100");
            for update in self.served.get(&page)["updates"].as_array().unwrap() {
                if words(update["text"].as_str().unwrap()).next().is_some() {
                    let id = update["id"].as_str().unwrap();
                    self.served.post(&format!("updates/{id}/destroy.json"), "");
                }
            }
        }
        // What is held would stay on the screen.
        fs::remove_dir_all(self.home.join("s/state")).unwrap();
    }
}

/// One of our updates on the screen.
struct Row {
    edit: usize,
    mark: char,
}

/// Our updates in the queue on a screen.
fn rows(screen: &str) -> BTreeMap<usize, Row> {
    let lines = screen
        .lines()
        .skip_while(|line| !line.starts_with("─ Queue"));
    let queue = lines.skip(1).take_while(|line| !line.starts_with("─ "));
    let rows = queue.filter_map(|line| {
        let mark: String = line.chars().take(14).collect();
        // What is being written lies over the rows, and is not in the queue. A number that it cuts off
        // is a lower one.
        let text = line.chars().skip(15).take_while(|c| !"│┌└".contains(*c));
        let text: String = text.collect();
        let (id, edit) = words(&text).next()?;
        let mark = "!·↑?✗".chars().find(|sign| mark.contains(*sign));
        let mark = mark.unwrap_or(' ');
        Some((id, Row { edit, mark }))
    });
    rows.collect()
}

/// The numbers of our updates in a text, with those of their last edits. Once an editor was killed
/// while something was being written, the next ones offer that: "un" is what such an offer takes of the
/// keys.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.split_whitespace().filter_map(|word| {
        let rest = word
            .strip_prefix("un")
            .unwrap_or(word)
            .strip_prefix("ique-")?;
        // Of an edit that was going on at the end, its first letters may be there twice.
        let mut parts = rest.split("-e");
        let id = parts.next()?.trim_end_matches('-').parse().ok()?;
        let edit = parts.filter_map(|part| part.parse().ok()).last();
        Some((id, edit.unwrap_or(0)))
    })
}
