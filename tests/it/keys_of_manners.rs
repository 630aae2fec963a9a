//! Calling a person who looks elsewhere, and the doctor.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use qurate::app::action::{Action, Part};
use qurate::app::doctor::{Finding, TmuxSays, Verdict, report};
use qurate::app::effect::Effect;
use qurate::app::status::status;
use qurate::domain::operation::{Hold, OperationState};
use qurate::domain::terminal::{Call, Inside, Locale};
use qurate::protocol::{Called, Link, SyncEvent};

use crate::harness::{Harness, NOW};
use crate::pty::{ENTER, Start};

fn watched(call: Call) -> Harness {
    let mut h = Harness::with(6);
    h.state.settings.call = call;
    h.keys("JjJjJ").store();
    h
}

fn look(h: &mut Harness, here: bool) {
    let now = h.now;
    h.act(Action::Sight { here, now });
}

fn calls(h: &Harness) -> Vec<(Call, String)> {
    let all = h.effects.iter();
    all.filter_map(|effect| match effect {
        Effect::Call { how, text } => Some((*how, text.clone())),
        _ => None,
    })
    .collect()
}

fn refuse(h: &mut Harness, which: usize) {
    let id = h.operations()[which].id;
    let reason = "the text of a post".to_owned();
    let code = None;
    h.sync(SyncEvent::States(vec![(
        id,
        OperationState::Failed { reason, code },
    )]));
}

#[test]
fn who_looks_elsewhere_is_called_once_for_what_comes_together() {
    let mut h = watched(Call::Bell);
    look(&mut h, false);
    refuse(&mut h, 0);
    refuse(&mut h, 1);
    let mut wanted = vec![(Call::Bell, "qurate: an update was refused".to_owned())];
    assert_eq!(calls(&h), wanted, "no word of a post is in it");
    h.wait(61);
    assert_eq!(calls(&h).len(), 1, "time alone is nothing new");
    refuse(&mut h, 2);
    wanted.extend_from_within(..);
    assert_eq!(calls(&h), wanted);
}

#[test]
fn what_is_seen_needs_no_call() {
    let mut h = watched(Call::Message);
    refuse(&mut h, 0);
    look(&mut h, false);
    look(&mut h, true);
    refuse(&mut h, 1);
    look(&mut h, false);
    let now = h.now;
    h.act(Action::Resumed(now));
    refuse(&mut h, 2);
    assert_eq!(calls(&h), [], "who just came back from a stop is there");
    let mut h = watched(Call::Never);
    look(&mut h, false);
    refuse(&mut h, 0);
    assert_eq!(calls(&h), []);
}

#[test]
fn what_mends_itself_is_no_reason_and_what_needs_a_person_is() {
    let reason = || "why".to_owned();
    let cases = [
        (
            SyncEvent::Link(Link::Offline {
                since: NOW,
                reason: reason(),
            }),
            None,
        ),
        (SyncEvent::Link(Link::Limited { until: NOW }), None),
        (SyncEvent::Notice(reason()), None),
        (
            SyncEvent::Link(Link::SignIn { reason: reason() }),
            Some("qurate: the account asks to sign in"),
        ),
        (
            SyncEvent::StoreTrouble(reason()),
            Some("qurate: changes cannot be stored"),
        ),
    ];
    for (event, wanted) in cases {
        let mut h = watched(Call::Message);
        look(&mut h, false);
        h.sync(event.clone());
        h.sync(event);
        let said: Vec<String> = calls(&h).into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            said,
            wanted.into_iter().map(str::to_owned).collect::<Vec<_>>()
        );
    }
    let mut h = watched(Call::Bell);
    look(&mut h, false);
    let id = h.operations()[0].id;
    let held = OperationState::Held {
        reason: reason(),
        why: Hold::Stale,
    };
    h.sync(SyncEvent::States(vec![(id, held)]));
    assert_eq!(
        calls(&h),
        [(
            Call::Bell,
            "qurate: an update is held and needs you".to_owned()
        )]
    );
    let mut h = watched(Call::Bell);
    look(&mut h, false);
    let mut failed = crate::harness::snapshot(1, 4);
    failed.failed.push(crate::harness::update(
        1,
        90_001,
        qurate::domain::update::Status::Failed,
    ));
    h.sync(SyncEvent::Queue {
        profile: crate::harness::profile(1).id,
        delta: failed.into(),
        settled: Vec::new(),
    });
    assert_eq!(
        calls(&h),
        [(Call::Bell, "qurate: an update did not go out".to_owned())]
    );
}

fn finding(h: &Harness, name: &str) -> Finding {
    let report = report(&h.state);
    let mut all = report.parts.into_iter().flat_map(|part| part.findings);
    all.find(|finding| finding.name == name).unwrap()
}

#[test]
fn the_doctor_says_what_to_do_about_what_is_not_well() {
    let mut h = Harness::with(6).size(120, 40);
    h.state.settings.terminal.locale = Locale::Utf8;
    assert_eq!(report(&h.state).worst(), Verdict::Well);
    assert!(finding(&h, "API").value.starts_with("answers, since "));
    h.state.settings.terminal.locale = Locale::Other("C".to_owned());
    assert_eq!(finding(&h, "letters").verdict, Verdict::Act);
    h.keys("J").store();
    refuse(&mut h, 0);
    let outbox = finding(&h, "outbox");
    assert_eq!(outbox.value, "0 held, 1 refused, 0 on the way");
    assert_eq!(
        outbox.advice.as_deref(),
        Some("w shows why and what you can choose")
    );
    let reason = "use a new token".to_owned();
    h.sync(SyncEvent::Link(Link::SignIn { reason }));
    assert_eq!(
        finding(&h, "API").advice.as_deref(),
        Some("use a new token")
    );
    h.sync(SyncEvent::Link(Link::Follower));
    assert!(finding(&h, "sending").value.starts_with("another qurate"));
    h.sync(SyncEvent::StoreTrouble("no space left".to_owned()));
    assert_eq!(
        finding(&h, "store").advice.as_deref(),
        Some("no space left")
    );
    let h = h.size(60, 20);
    assert_eq!(finding(&h, "size").verdict, Verdict::Look);
    let h = h.size(30, 8);
    assert_eq!(finding(&h, "size").verdict, Verdict::Act);
}

#[test]
fn a_config_with_a_problem_is_the_doctors_business_until_it_is_mended() {
    let mut h = Harness::with(2);
    let now = h.now;
    let found = Err("config.toml:3: no".to_owned());
    h.act(Action::Configured { found, now });
    let config = finding(&h, "config");
    assert_eq!(config.advice.as_deref(), Some("config.toml:3: no"));
    let found = Ok(qurate::app::preferences::Preferences::default());
    h.act(Action::Configured { found, now });
    assert_eq!(finding(&h, "config").verdict, Verdict::Well);
}

#[test]
fn tmux_is_asked_when_the_doctor_is_and_what_it_keeps_to_itself_is_said() {
    let mut h = Harness::with(2);
    h.keys(":doctor<enter>");
    assert!(!h.effects.contains(&Effect::AskTmux), "there is none");
    h.keys("<esc>");
    assert!(h.in_lists());
    h.state.settings.terminal.inside = Inside::Tmux;
    h.state.settings.call = Call::Message;
    h.keys(":doctor<enter>");
    assert_eq!(h.effects.last(), Some(&Effect::AskTmux));
    assert_eq!(
        finding(&h, "clipboard").verdict,
        Verdict::Well,
        "no answer is no fault"
    );
    let off = || Some("off".to_owned());
    h.act(Action::TmuxSaid(TmuxSays {
        version: Some("tmux 3.4".to_owned()),
        clipboard: off(),
        passthrough: off(),
        focus_events: off(),
    }));
    for (name, option, verdict) in [
        ("clipboard", "set-clipboard on", Verdict::Act),
        ("calling", "allow-passthrough on", Verdict::Act),
        ("inside", "focus-events on", Verdict::Look),
    ] {
        let finding = finding(&h, name);
        assert_eq!(finding.verdict, verdict);
        assert!(finding.advice.unwrap().contains(option), "{name}");
    }
    h.keys("y");
    let Some(Effect::Copy { what, text }) = h.effects.last() else {
        panic!("nothing was copied");
    };
    assert_eq!(what.part, Part::Report);
    assert!(
        text.contains("  to do      clipboard     tmux takes it, set-clipboard off\n"),
        "{text}"
    );
    assert!(!text.contains("update 0"));
}

#[test]
fn the_report_of_a_real_run_holds_no_token() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in -V) echo tmux 3.9;; *set-clipboard) echo off;; \
         load-buffer*) cat > {0}/copied;; *) exit 1;; esac\n",
        home.path().display()
    );
    fs::write(bin.join("tmux"), script).unwrap();
    fs::set_permissions(bin.join("tmux"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut terminal = Start::new(home.path(), &["demo"])
        .env("TMUX", "/tmp/none,1,0")
        .env("QURATE_SERVER_TOKEN", "0123456789secret0123456789")
        .env("QURATE_TOKEN", "another-secret-of-mine")
        .env("PATH", &path)
        .size(120, 40)
        .run();
    terminal.wait_for("24 updates");
    terminal.press(":doctor");
    terminal.press(ENTER);
    terminal.wait_for("set -g set-clipboard on");
    terminal.press("y");
    terminal.wait_for("copied the report: tmux has it");
    let copied = fs::read_to_string(home.path().join("copied")).unwrap();
    for told in [
        "TERM=xterm-256color",
        "tmux 3.9",
        "this editor holds the lock",
        "nothing waits",
    ] {
        assert!(copied.contains(told), "{told}:\n{copied}");
    }
    assert!(!copied.contains("secret"), "{copied}");
    terminal.press("qq");
    assert_eq!(terminal.wait_end(), 0);
}

#[test]
fn what_goes_over_the_lines_shows_when_it_is_asked_for() {
    let mut h = Harness::with(2);
    let shown = |h: &Harness| status(&h.state).traffic;
    h.act(Action::Wrote { a_second: 7 });
    assert_eq!(shown(&h), None, "nobody asked");
    h.keys(":traffic<enter>");
    assert!(h.effects.contains(&Effect::CountBytes(true)));
    assert_eq!(shown(&h).as_deref(), Some("0 B/s, API not asked"));
    h.act(Action::Wrote { a_second: 1_250 });
    h.sync(SyncEvent::Called(Called {
        at: h.now,
        what: "GET profiles.json".to_owned(),
        millis: 45,
        result: "200".to_owned(),
        good: true,
    }));
    assert_eq!(shown(&h).as_deref(), Some("1.2 kB/s, API 45 ms"));
    h.keys(":traffic<enter>");
    assert!(h.effects.contains(&Effect::CountBytes(false)));
    assert_eq!(shown(&h), None);
}
