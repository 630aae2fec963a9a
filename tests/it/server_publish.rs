//! Publishing: what is due goes out once, at its time, or is said to have failed.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qurate::server::{CommandConnection, Config, Connection};
use serde_json::Value;

use crate::server_rig::{MONDAY, Rig};

const HOUR: i64 = 3600;

/// Waits until `done`, with a bound.
fn until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A server whose connection `sh` runs a shell script with the directory as its first argument.
fn with_script(file: &Path, now: i64, script: &str, timeout: Duration) -> Rig {
    let directory = file.parent().unwrap().to_str().unwrap().to_owned();
    let arguments = ["/bin/sh", "-c", script, "sh", &directory].map(str::to_owned);
    Rig::on(file, now, move |config: &mut Config| {
        let mut command = CommandConnection::new(arguments.to_vec());
        command.timeout = timeout;
        let name = "sh".to_owned();
        config
            .connections
            .insert(name, Connection::Command(command));
    })
}

fn scripted(rig: &Rig) -> String {
    let profile = rig.profile("acme", "UTC", &["09:00", "15:00"]);
    rig.done(&format!("profiles/{profile}/update.json"), "connection=sh");
    profile
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("server.db");
    (directory, file)
}

fn one(rig: &Rig, id: &str) -> Value {
    rig.get(&format!("updates/{id}.json")).json()
}

#[test]
fn what_is_due_goes_out_at_its_time_and_the_rest_keep_theirs() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00", "15:00"]);
    let a = rig.update(&profile, "a", "");
    let b = rig.update(&profile, "b", "");
    rig.at(MONDAY + HOUR - 1);
    assert_eq!(one(&rig, &a)["status"], "buffer");
    rig.at(MONDAY + HOUR);
    assert_eq!(one(&rig, &a)["status"], "sent");
    assert_eq!(one(&rig, &a)["due_at"], MONDAY + HOUR);
    assert_eq!(one(&rig, &b)["due_at"], MONDAY + 7 * HOUR);
    assert_eq!(rig.texts(&profile), ["b"]);
}

#[test]
fn what_missed_its_time_fails_and_comes_back_only_when_asked() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00", "15:00"]);
    let a = rig.update(&profile, "a", "");
    let b = rig.update(&profile, "b", "");
    let own = rig.update(
        &profile,
        "own",
        &format!("&scheduled_at={}", MONDAY + 2 * HOUR),
    );
    rig.at(MONDAY + 7 * HOUR + 900);
    assert_eq!(
        one(&rig, &b)["status"],
        "sent",
        "fifteen minutes are not too late"
    );
    for id in [&a, &own] {
        let update = one(&rig, id);
        assert_eq!(update["status"], "error");
        assert!(
            update["error"]
                .as_str()
                .unwrap()
                .contains("missed its time")
        );
    }
    assert_eq!(rig.list(&profile, "failed").len(), 2);
    assert!(rig.texts(&profile).is_empty());
    let back = rig.done(&format!("updates/{a}/requeue.json"), "");
    assert_eq!(back["status"], "buffer");
    assert!(back.get("error").is_none());
    assert_eq!(back["due_at"], MONDAY + 25 * HOUR);
    assert_eq!(rig.list(&profile, "failed").len(), 1);
    assert_eq!(
        rig.post(&format!("updates/{own}/share.json"), "").status,
        400
    );
}

#[test]
fn a_command_gets_the_update_and_its_first_line_is_the_id() {
    let (directory, file) = place();
    let script = "cat >\"$1/in.json\"; env >\"$1/env\"; echo post-7; echo more";
    let rig = with_script(&file, MONDAY, script, Duration::from_secs(30));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "hello", "&media[link]=http://x.example");
    rig.done(&format!("updates/{id}/share.json"), "");
    until("it is sent", || one(&rig, &id)["status"] == "sent");
    assert_eq!(one(&rig, &id)["service_update_id"], "post-7");
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    let input: Value = serde_json::from_str(&read("in.json")).unwrap();
    assert_eq!(input["text"], "hello");
    assert_eq!(input["media"]["link"], "http://x.example");
    assert_eq!(input["service"], "twitter");
    assert!(
        !read("env").to_lowercase().contains("token"),
        "{}",
        read("env")
    );
    assert!(!read("env").contains("CARGO"), "{}", read("env"));
}

#[test]
fn a_command_that_fails_says_why() {
    let (_directory, file) = place();
    let script = "cat >/dev/null; echo 'too \u{1b}[31mlong' >&2; exit 3";
    let rig = with_script(&file, MONDAY, script, Duration::from_secs(30));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "&now=true");
    until("it failed", || one(&rig, &id)["status"] == "error");
    let error = one(&rig, &id)["error"].as_str().unwrap().to_owned();
    assert!(
        error.contains("ended with 3") && error.contains("long"),
        "{error}"
    );
    assert!(!error.contains('\u{1b}'), "{error:?}");
}

#[test]
fn a_command_that_leaves_something_running_has_sent_when_it_ends() {
    let (_directory, file) = place();
    let script = "sleep 60 & echo id-7";
    let rig = with_script(&file, MONDAY, script, Duration::from_secs(15));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "&now=true");
    until("it ended", || one(&rig, &id)["status"] != "buffer");
    let update = one(&rig, &id);
    assert_eq!(update["status"], "sent", "{update}");
    assert_eq!(update["service_update_id"], "id-7");
}

#[test]
fn a_command_that_does_not_end_may_have_sent() {
    let (_directory, file) = place();
    let rig = with_script(&file, MONDAY, "sleep 100", Duration::from_millis(200));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "&now=true");
    let during = one(&rig, &id);
    assert_eq!(during["status"], "buffer");
    assert_eq!(
        rig.post(&format!("updates/{id}/destroy.json"), "").json()["code"],
        1022
    );
    assert_eq!(
        rig.post(&format!("updates/{id}/share.json"), "").json()["code"],
        1022
    );
    assert_eq!(
        rig.post(&format!("updates/{id}/update.json"), "text=y")
            .json()["code"],
        1022
    );
    until("it failed", || one(&rig, &id)["status"] == "error");
    let error = one(&rig, &id)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("may have been sent"), "{error}");
}

#[test]
fn an_attempt_that_a_kill_cut_off_is_never_made_again() {
    let (directory, file) = place();
    let script = "echo x >>\"$1/tries\"; sleep 3; echo id";
    let rig = with_script(&file, MONDAY, script, Duration::from_secs(30));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "");
    rig.at(MONDAY + HOUR);
    let tries = || std::fs::read_to_string(directory.path().join("tries")).unwrap_or_default();
    until("the command began", || !tries().is_empty());
    let list = format!("profiles/{profile}/updates/pending.json");
    let revision = |rig: &Rig| rig.get(&list).json()["revision"].as_i64();
    let before = revision(&rig);
    rig.kill();
    let rig = with_script(&file, MONDAY + HOUR + 5, script, Duration::from_secs(30));
    let update = one(&rig, &id);
    assert!(revision(&rig) > before, "the queue is another one");
    assert_eq!(update["status"], "error");
    assert!(
        update["error"]
            .as_str()
            .unwrap()
            .contains("may have been sent")
    );
    rig.at(MONDAY + HOUR + 10);
    assert!(
        rig.runtime
            .block_on(rig.server.settled(Duration::from_secs(10)))
    );
    assert_eq!(tries(), "x\n", "tried once");
}

#[test]
fn a_queue_is_the_same_after_a_restart() {
    let (_directory, file) = place();
    let rig = Rig::on(&file, MONDAY, |_| {});
    let profile = rig.profile("acme", "UTC", &["09:00", "15:00"]);
    for text in ["a", "b", "c", "d"] {
        rig.update(&profile, text, "");
    }
    rig.update(
        &profile,
        "own",
        &format!("&scheduled_at={}", MONDAY + 30 * HOUR),
    );
    rig.done(&format!("profiles/{profile}/updates/shuffle.json"), "");
    let before = rig.pending(&profile);
    rig.kill();
    let rig = Rig::on(&file, MONDAY + 60, |_| {});
    assert_eq!(rig.pending(&profile), before);
}

#[test]
fn a_command_reports_how_people_reacted() {
    let (_directory, file) = place();
    let rig = Rig::on(&file, MONDAY, |config| {
        let sh = |script: &str| ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let mut command = CommandConnection::new(sh("echo 1"));
        command.interactions = Some(sh(
            "echo '{\"event\":\"likes\",\"username\":\"ann\",\"id\":\"9\"}'; \
             echo '{\"statistics\":{\"likes\":1}}'",
        ));
        let name = "sh".to_owned();
        config
            .connections
            .insert(name, Connection::Command(command));
    });
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "&now=true");
    until("it is sent", || one(&rig, &id)["status"] == "sent");
    let server = rig.server.clone();
    rig.runtime
        .spawn(async move { server.publisher(pending(), |_| pending()).await });
    let interactions = || rig.get(&format!("updates/{id}/interactions.json")).json();
    until("it was asked about", || interactions()["total"] == 1);
    assert_eq!(interactions()["interactions"][0]["event"], "like");
    assert_eq!(interactions()["interactions"][0]["user"]["username"], "ann");
    until("numbers came", || {
        one(&rig, &id)["statistics"]["likes"] == 1
    });
}

#[test]
fn the_example_command_works() {
    let (directory, file) = place();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/example-command");
    let posts = directory.path().join("posts.jsonl");
    let arguments = [&example, &posts].map(|path| path.to_str().unwrap().to_owned());
    let rig = Rig::on(&file, MONDAY, |config| {
        let command = CommandConnection::new(arguments.to_vec());
        let name = "sh".to_owned();
        config
            .connections
            .insert(name, Connection::Command(command));
    });
    let profile = scripted(&rig);
    for (text, number) in [("first", "1"), ("second", "2")] {
        let id = rig.update(&profile, text, "&now=true");
        until("it is sent", || one(&rig, &id)["status"] == "sent");
        assert_eq!(one(&rig, &id)["service_update_id"], number);
    }
    let written = std::fs::read_to_string(posts).unwrap();
    assert_eq!(written.lines().count(), 2);
}

#[test]
fn the_example_command_says_how_it_is_configured() {
    let example = include_str!("../../assets/example-command");
    let (_, told) = example.split_once("config:\n").unwrap();
    let lines: Vec<&str> = told
        .lines()
        .map_while(|line| line.strip_prefix("#"))
        .collect();
    let place = Path::new("config.toml");
    let config = qurate::config::Config::parse(&lines.join("\n"), place).unwrap();
    assert_eq!(config.warnings, [""; 0]);
    assert_eq!(config.server.connections["example"].command.len(), 2);
}

#[test]
fn a_failed_update_comes_back_at_the_time_it_was_given_if_there_is_room() {
    let (_directory, file) = place();
    let rig = Rig::on(&file, MONDAY, |config| config.pending_limit = Some(1));
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let id = rig.update(&profile, "x", "");
    rig.at(MONDAY + 2 * HOUR);
    assert_eq!(one(&rig, &id)["status"], "error");
    let wanted = MONDAY + 5 * HOUR;
    let form = format!("text=x&scheduled_at={wanted}");
    rig.done(&format!("updates/{id}/update.json"), &form);
    let other = rig.update(&profile, "y", "");
    let requeue = format!("updates/{id}/requeue.json");
    assert_eq!(rig.post(&requeue, "").json()["code"], 1023);
    rig.done(&format!("updates/{other}/destroy.json"), "");
    let back = rig.done(&requeue, "");
    assert_eq!(back["due_at"], wanted);
}

#[test]
fn a_profile_whose_connection_is_gone_says_so() {
    let (_directory, file) = place();
    let rig = with_script(&file, MONDAY, "echo 1", Duration::from_secs(30));
    let profile = scripted(&rig);
    let id = rig.update(&profile, "x", "");
    rig.kill();
    let rig = Rig::on(&file, MONDAY + 10, |_| {});
    rig.at(MONDAY + HOUR);
    let error = one(&rig, &id)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("no connection named `sh`"), "{error}");
}

#[test]
fn the_publisher_looks_again_when_a_queue_changes() {
    let rig = Rig::empty();
    let server = rig.server.clone();
    rig.runtime
        .spawn(async move { server.publisher(pending(), |_| pending()).await });
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let id = rig.update(&profile, "x", "");
    rig.turn(MONDAY + HOUR);
    // Here no clock tells it anything.
    rig.update(&profile, "y", "");
    until("it is sent", || one(&rig, &id)["status"] == "sent");
    assert_eq!(rig.texts(&profile), ["y"]);
}

#[test]
fn commands_of_one_profile_run_one_after_the_other() {
    let (directory, file) = place();
    let script = "read line; echo begin >>\"$1/log\"; sleep 0.1; echo end >>\"$1/log\"; echo 1";
    let rig = with_script(&file, MONDAY, script, Duration::from_secs(30));
    let profile = scripted(&rig);
    let at = MONDAY + 60;
    let ids: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|text| rig.update(&profile, text, &format!("&scheduled_at={at}")))
        .collect();
    rig.at(at);
    for id in &ids {
        until("it is sent", || one(&rig, id)["status"] == "sent");
    }
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert_eq!(log, "begin\nend\n".repeat(3));
}
