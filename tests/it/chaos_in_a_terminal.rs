//! The real program in a terminal over a very bad line, and beside a script that changes the same
//! queue: what was meant is what the server ends with, and the screen shows it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::end_to_end::{Editor, Place, Stage, check, first_half, home, prefix, second_half};
use crate::proxy::{Fault, bad_line};
use crate::pty::{ENTER, ESC};
use crate::server_rig::TOKEN;
use crate::wire::{Wire, personalities, scaled};

/// How long a session on a very bad line may take to settle: its looks and pauses are those of a
/// far server.
const PATIENCE: Duration = Duration::from_mins(10);

fn status(screen: &str) -> &str {
    screen.lines().rev().nth(1).unwrap_or_default()
}

fn needs_somebody(screen: &str) -> bool {
    let status = status(screen);
    status.contains("held") || status.contains("failed")
}

/// Waits until nothing is on its way, and sends again what is held, after all was read once more.
fn settle(editor: &mut Editor, wire: &Wire) {
    loop {
        let screen = editor
            .terminal
            .wait_within(PATIENCE, "settled or held", |screen| {
                let status = status(screen);
                needs_somebody(screen) || (status.contains("online") && !status.contains("waiting"))
            });
        if !needs_somebody(&screen) {
            return;
        }
        wire.proxy.calm();
        wire.wait_stragglers();
        let read = wire.proxy.seen("pending").len();
        editor.press("R");
        let started = Instant::now();
        while wire.proxy.seen("pending").len() < read + 3 {
            assert!(started.elapsed() < PATIENCE, "never read again");
            std::thread::sleep(Duration::from_millis(20));
        }
        editor.press("wr");
        editor.press(ESC);
    }
}

#[test]
fn a_session_on_a_very_bad_line_ends_as_it_was_meant() {
    let personalities = personalities();
    for run in 0..scaled(1) {
        let (name, quirks) = personalities[run % 4].clone();
        let home = home();
        let database = qurate::store::Place::File(home.path().join("server.db"));
        let mut wire = Wire::new(database, quirks, 3, 12);
        let mut stage = Stage::on(home, wire.rig().address);
        let url = wire.proxy.url();
        let mut editor = stage.editor_at(&url);
        let mut bad = bad_line(run as u64);
        // What cannot be seen to be lost is looked for a minute long: too long for every day.
        let hurry = scaled(1) == 1;
        wire.proxy.decide(move |request| {
            let is_slow = ["create", "share"]
                .iter()
                .any(|word| request.first.contains(word));
            bad(request).filter(|_| !(hurry && is_slow))
        });
        let order = first_half(&mut editor, &stage);
        println!("run {run}: {name}");
        let left = match run % 3 {
            0 => {
                wire.proxy.plan("updates/create", Fault::SwallowReply);
                second_half(&mut editor)
            }
            1 => {
                wire.stop();
                let left = second_half(&mut editor);
                wire.start_again();
                stage.served.address = wire.rig().address;
                left
            }
            _ => {
                let left = second_half(&mut editor);
                editor.terminal.signal(Signal::KILL);
                editor = stage.editor_at(&url);
                left
            }
        };
        settle(&mut editor, &wire);
        wire.proxy.calm();
        // The last read may have been a lie.
        wire.wait_stragglers();
        let texts = stage.texts(0, "pending");
        editor.press("R");
        editor.wait_rows(&format!("{name}: {texts:#?}"), |rows| *rows == texts);
        check(&stage, &editor, &order, &left);
        assert_eq!(editor.quit(), 0);
    }
}

/// What a script does to the queue of the editor, by plain requests: it adds one at the end,
/// rewrites one, deletes one, and puts one last.
fn script(stage: &Stage, profile: &str) {
    let page = stage.served.get(&format!(
        "profiles/{profile}/updates/pending.json?count=100"
    ));
    let id = |text: &str| {
        let updates = page["updates"].as_array().unwrap();
        let update = updates.iter().find(|update| update["text"] == text);
        update.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let post = |path: &str, form: &str| {
        let form = format!("access_token={TOKEN}&{form}");
        stage.served.post(path, &form);
    };
    post(
        "updates/create.json",
        &format!("profile_ids[]={profile}&text=Added by a script"),
    );
    post(
        &format!("updates/{}/update.json", id("7 of 0")),
        "text=Rewritten by a script",
    );
    post(&format!("updates/{}/destroy.json", id("8 of 0")), "");
    post(
        &format!("profiles/{profile}/updates/reorder.json"),
        &format!("order[]={}&offset=99", id("9 of 0")),
    );
}

#[test]
fn a_queue_changed_by_a_script_and_by_the_editor_keeps_what_both_meant() {
    for (name, quirks) in personalities() {
        let home = home();
        let wire = Wire::new(qurate::store::Place::Memory, quirks, 1, 12);
        let stage = Stage::on(home, wire.rig().address);
        let mut editor = stage.editor_at(&stage.served.url());
        let profile = wire.profiles[0].to_string();
        std::thread::scope(|scope| {
            let script = scope.spawn(|| script(&stage, &profile));
            editor.press("J");
            editor.press("ggm3j");
            editor.press(ENTER);
            editor.compose("Added by a person", Place::Here);
            editor.press("gg4jd");
            editor.press("gg5je");
            editor.terminal.wait_for("Edit");
            editor.press("\x01\x0b");
            editor.press("Rewritten by a person");
            editor.press("\x13");
            script.join().unwrap();
        });
        editor.wait_rows("the edit", |rows| {
            rows.iter()
                .any(|row| row.starts_with("Rewritten by a pers"))
        });
        editor.wait_windows();
        editor.wait_settled();
        let texts = wire.texts(&wire.profiles[0], "pending");
        editor.press("R");
        editor.wait_rows(&format!("{name}: {texts:#?}"), |rows| {
            let texts: Vec<String> = texts.iter().map(|text| prefix(text)).collect();
            *rows == texts
        });
        let at = |text: &str| {
            let found: Vec<usize> = (0..texts.len()).filter(|i| texts[*i] == text).collect();
            assert_eq!(found.len(), 1, "{name}: {text} in {texts:#?}");
            found[0]
        };
        // What the editor meant.
        assert_eq!(texts[..4], ["0 of 0", "2 of 0", "3 of 0", "1 of 0"]);
        assert_eq!(at("Rewritten by a person"), at("5 of 0") + 1);
        at("Added by a person");
        // What the script meant.
        at("Added by a script");
        assert_eq!(at("Rewritten by a script") + 1, at("10 of 0"));
        assert!(at("9 of 0") > at("11 of 0"), "{name}: {texts:#?}");
        // And nothing else: both deletes and both edits are there.
        assert_eq!(texts.len(), 12, "{name}: {texts:#?}");
        assert_eq!(editor.quit(), 0);
    }
}
