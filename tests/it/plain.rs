//! The editor line by line: lines go in as a script, sentences come out.

use proptest::prelude::*;
use qurate::app::action::Action;
use qurate::app::mode::Mode;
use qurate::app::plain::{Host, Plain};
use qurate::app::state::{AccountKind, State};
use qurate::domain::operation::{Hold, OperationState};
use qurate::domain::time::Timestamp;
use qurate::domain::update::Status;
use qurate::protocol::{Link, SyncEvent};

use crate::harness::{Harness, profile, sent_page, snapshot, update};

/// A front on an editor without terminal and worker.
struct Script {
    h: Harness,
    plain: Plain,
}

impl Host for Harness {
    fn state(&self) -> &State {
        &self.state
    }

    fn act(&mut self, action: Action) {
        Self::act(self, action);
        self.look();
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

impl Script {
    fn new(rows: usize) -> Self {
        Self::on(Harness::with(rows))
    }

    fn on(h: Harness) -> Self {
        let mut script = Self {
            h,
            plain: Plain::default(),
        };
        script.plain.greet(&script.h.state);
        script
    }

    /// Says a line and returns what is answered, a line each; `FAILED` begins one that says why not.
    fn say(&mut self, line: &str) -> Vec<String> {
        self.plain.hear(&mut self.h, line);
        self.h.rest();
        let answer = self.plain.answer(&self.h.state);
        let failed = answer.failed;
        let lines = answer.lines.into_iter();
        lines
            .map(|line| {
                let bad = failed.as_ref() == Some(&line);
                format!("{}{line}", if bad { "FAILED " } else { "" })
            })
            .collect()
    }

    /// The same as one text.
    fn said(&mut self, line: &str) -> String {
        self.say(line).join("\n")
    }

    fn news(&mut self) -> Vec<String> {
        let news = self.plain.news(&self.h.state);
        news.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn the_first_line_waits_until_large_queues_are_whole() {
    let mut h = Harness::fresh(AccountKind::Demo);
    let first = profile(0).id;
    h.sync(SyncEvent::Restored {
        profiles: vec![profile(0)],
        queues: vec![(first.clone(), snapshot(0, 3))],
        rest: vec![(first.clone(), 9)],
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: Vec::new(),
        history: Vec::new(),
        tags: Vec::new(),
    });
    h.sync(SyncEvent::Link(Link::Follower));
    assert!(!Plain::can_begin(&h.state));
    let greeting = Plain::default().greet(&h.state)[0].to_string();
    assert!(greeting.contains("1 profile, 9 updates"), "{greeting}");
    h.sync(SyncEvent::Rest(vec![(first, snapshot(0, 9).into())]));
    assert!(Plain::can_begin(&h.state));
}

#[test]
fn each_step_of_the_cursor_is_a_sentence() {
    let mut s = Script::new(4);
    let here = s.said("");
    assert!(
        here.starts_with("1 of 4 of Mastodon @acme0, Mon 23 Nov"),
        "{here}"
    );
    let down = s.said("down 2");
    assert!(down.starts_with("3 of 4"), "{down}");
    assert_eq!(s.said("2 up"), here);
    assert_eq!(s.h.keys("j").row(), 1, "keys and lines are one editor");
    assert!(s.said("k").starts_with("1 of 4"));
    assert!(s.said("4").starts_with("4 of 4"));
    assert_eq!(s.said("5"), "FAILED There are only 4.");
    assert!(s.said("next-profile").contains("acme1"));
}

#[test]
fn an_update_is_moved_by_numbers_and_taken_back() {
    let mut s = Script::new(4);
    let said = s.said("move 3 to 1");
    assert!(said.contains("takes it back"), "{said}");
    assert_eq!(s.h.order(), [2, 0, 1, 3]);
    s.say("undo");
    assert_eq!(s.h.order(), [0, 1, 2, 3]);
    assert_eq!(
        s.said("move 3"),
        "FAILED Say which goes where, as in move 3 to 1."
    );
    s.say("mark 2");
    let said = s.said("move 3 to 1");
    assert!(said.starts_with("FAILED Some are marked"), "{said}");
    assert_eq!(s.h.order(), [0, 1, 2, 3]);
}

#[test]
fn marked_updates_get_a_time_in_one_line() {
    let mut s = Script::new(4);
    s.say("mark 1");
    s.say("mark 3");
    let said = s.said("reschedule 2 tomorrow 9");
    assert!(said.starts_with("FAILED Some are marked"), "{said}");
    let said = s.said("reschedule nonsense");
    assert!(said.starts_with("FAILED `nonsense` is no time"), "{said}");
    let said = s.said("reschedule");
    assert!(
        said.starts_with("FAILED Say a time for all of them"),
        "{said}"
    );
    let said = s.said("reschedule tomorrow 9");
    assert!(said.contains("Set to tomorrow 9: 2 updates"), "{said}");
    let timed = s.h.state.rows().iter().filter(|row| row.fixed).count();
    assert_eq!(timed, 2);
    let said = s.said("share");
    assert!(said.contains("Share 2 updates now"), "{said}");
    s.say("no");
    s.say("undo");
    assert_eq!(s.h.order(), [0, 1, 2, 3]);
}

#[test]
fn lists_are_numbered_lines_on_request() {
    let mut s = Script::new(60);
    let list = s.say("list");
    assert_eq!(list.len(), 51);
    assert!(list[0].starts_with("1: Mon 23 Nov"), "{}", list[0]);
    assert_eq!(list[50], "60 in all; `list queue 51` goes on");
    assert_eq!(s.say("list queue 51").len(), 10);
    assert_eq!(s.say("list profiles").len(), 3);
    assert!(s.say("list sent")[0].starts_with("1: failed: "));
    let outbox = s.said("list outbox");
    assert_eq!(outbox, "The outbox is empty: everything is confirmed.");
    assert!(
        s.said("list nonsense")
            .starts_with("FAILED There is no list `nonsense`")
    );
}

#[test]
fn a_question_is_a_line_and_is_answered_by_one() {
    let mut s = Script::new(3);
    let asked = s.said("share 2");
    assert!(
        asked.contains('?') && asked.ends_with("yes or no?"),
        "{asked}"
    );
    assert_eq!(asked.lines().count(), 1, "{asked}");
    assert_eq!(s.said("down"), "FAILED Answer first: yes or no.");
    assert!(matches!(s.h.state.mode, Mode::Confirm(_)));
    s.say("no");
    assert!(s.h.changes().is_empty());
    s.say("share 2");
    let said = s.said("yes");
    assert!(said.contains("`undo` takes it back, for 10 s"), "{said}");
    assert_eq!(s.h.changes().len(), 1);
}

#[test]
fn a_text_over_several_lines_ends_with_a_dot() {
    let mut s = Script::new(2);
    let said = s.said("compose");
    assert_eq!(said, "Write the text; a line of only . ends it.");
    assert_eq!(
        s.said("down"),
        "",
        "what is a command elsewhere is text here"
    );
    s.say("..");
    let said = s.said(".");
    assert!(said.contains("“down …”"), "{said}");
    assert!(said.contains("6 of 500 characters for Mastodon"), "{said}");
    let said = s.said("when yesterdayish");
    assert!(!said.starts_with("FAILED"), "{said}");
    assert!(s.said("save").starts_with("FAILED Not saved: "));
    s.say("when top");
    s.say("save");
    assert_eq!(s.h.texts()[0], "down\n.");
}

#[test]
fn what_is_written_goes_to_the_profiles_that_are_named() {
    let mut s = Script::new(2);
    s.say("compose 3 words here");
    let said = s.said("to nobody-of-this-name");
    assert!(said.starts_with("FAILED No profile has"), "{said}");
    let said = s.said("to all");
    assert_eq!(said.matches("@acme").count(), 3, "{said}");
    let said = s.said("to acme1");
    assert_eq!(said.matches("@acme").count(), 1, "{said}");
    let said = s.said("link https://example.org/x");
    assert!(!said.starts_with("FAILED"), "{said}");
    s.say("title A page");
    let whole = s.say("preview");
    assert_eq!(s.say("list"), whole);
    assert_eq!(whole[..2], ["for X:", "3 words here"]);
    assert_eq!(
        whole[2..],
        [
            "link: https://example.org/x",
            "title: A page",
            "when: queue"
        ]
    );
    s.say("save");
    s.say("next-profile");
    assert!(s.h.texts().contains(&"3 words here".to_owned()));
    s.say("bottom");
    assert!(s.said("detail").contains("title: A page"));
}

#[test]
fn what_is_open_says_what_can_be_done_with_it_once() {
    let mut s = Script::new(2);
    s.say("compose");
    s.say("one");
    assert!(s.said(".").contains("`save` saves it"));
    assert!(!s.said("when top").contains("`save` saves it"));
    assert!(s.said("").contains("`save` saves it"));
    s.say("save");
    assert_eq!(
        s.say("undo").len(),
        2,
        "what was taken back, and where one is"
    );
    s.h.all_become(&OperationState::Acked);
    s.h.settle();
    assert_eq!(
        s.say("outbox"),
        ["The outbox is empty: everything is confirmed."]
    );
}

#[test]
fn what_is_left_unfinished_is_a_draft() {
    let mut s = Script::new(2);
    s.say("compose");
    s.say("half a thought");
    s.plain.end(&mut s.h);
    s.h.keys("<esc>");
    assert_eq!(s.h.state.drafts.len(), 1);
    assert_eq!(s.h.state.drafts[0].text, "half a thought");
}

#[test]
fn a_time_is_given_in_one_line() {
    let mut s = Script::new(3);
    let said = s.said("reschedule 2 tomorrow 9:10");
    assert!(said.contains("takes it back"), "{said}");
    let list = s.said("list");
    assert!(list.contains("Tue 24 Nov 09:10: "), "{list}");
    assert!(list.contains("at its own time"), "{list}");
    let said = s.said("reschedule 1 never");
    assert!(said.starts_with("FAILED Not saved: "), "{said}");
}

#[test]
fn tags_are_put_on_and_taken_off_in_one_line() {
    let mut s = Script::new(3);
    s.say("tags 2 launch old");
    let list = s.say("list");
    assert!(list[1].ends_with("tag launch, tag old"), "{list:?}");
    s.say("tags 2 -old");
    let list = s.say("list");
    assert!(list[1].ends_with("tag launch"), "{list:?}");
    let said = s.said("tags 2");
    assert!(said.contains("FAILED Say which tags"), "{said}");
    assert!(s.h.in_lists());
}

#[test]
fn a_filter_is_said_and_dropped() {
    let mut s = Script::new(12);
    let said = s.said("filter 11");
    assert!(said.starts_with("1 of 1 of"), "{said}");
    assert!(said.contains("11 hidden by the filter"), "{said}");
    let said = s.said("filter");
    assert!(said.contains("of 12"), "{said}");
}

#[test]
fn the_outbox_tells_why_and_what_can_be_done() {
    let mut s = Script::new(3);
    s.say("edit 1 mine");
    s.say("save");
    s.h.all_become(&OperationState::Held {
        why: Hold::Unconfirmed,
        reason: "nobody knows\x1b[2J".to_owned(),
    });
    let news = s.news();
    assert_eq!(news.len(), 1, "{news:?}");
    assert!(news[0].starts_with("News: held: "), "{news:?}");
    assert!(!news[0].contains('\x1b'), "{news:?}");
    let said = s.said("outbox");
    assert!(said.contains("held: not confirmed"), "{said}");
    assert!(said.contains("`outbox-retry`"), "{said}");
    let said = s.said("outbox-mark 1");
    assert!(said.ends_with("; 1 marked."), "{said}");
    assert!(s.say("list")[0].contains(", marked"));
    s.say("outbox-retry 1");
    let said = s.said("down");
    assert!(!said.starts_with("FAILED"), "{said}");
}

#[test]
fn news_wait_while_a_text_is_written_or_a_question_is_open() {
    let mut s = Script::new(3);
    let down = |h: &mut Harness| {
        h.sync(SyncEvent::Link(Link::Offline {
            since: h.now,
            reason: "no route".to_owned(),
        }));
    };
    s.say("compose");
    down(&mut s.h);
    assert!(s.news().is_empty());
    s.say("text");
    s.say(".");
    assert_eq!(s.news(), ["News: offline since 09:00: no route."]);
    s.say("leave");
    s.say("share");
    s.h.sync(SyncEvent::Notice("something else".to_owned()));
    assert!(s.news().is_empty());
    s.say("no");
    assert_eq!(s.news(), ["News: something else."]);
}

#[test]
fn waiting_tells_what_came_of_it() {
    let mut s = Script::new(3);
    s.say("edit 1 mine");
    s.say("save");
    s.plain.hear(&mut s.h, "wait");
    let now = s.h.now;
    s.h.sync(SyncEvent::Sent(sent_page(0, 1)));
    assert!(s.plain.must_wait(&s.h.state, 0, now));
    s.h.ack();
    assert!(
        s.plain.must_wait(&s.h.state, 1, now),
        "an answer is missing"
    );
    assert!(!s.plain.must_wait(&s.h.state, 0, now));
    let answer = s.plain.answer(&s.h.state);
    assert!(answer.failed.is_none());
    s.say("edit 2 mine too");
    s.say("save");
    s.plain.hear(&mut s.h, "wait");
    assert!(!s.plain.must_wait(&s.h.state, 0, now.plus(121)));
    let failed = s.plain.answer(&s.h.state).failed;
    let failed = failed.map(|why| why.to_string());
    assert_eq!(failed.as_deref(), Some("1 still on the way: online."));
}

#[test]
fn what_cannot_be_done_says_what_can() {
    let mut s = Script::new(3);
    for (line, said) in [
        (
            "share-now",
            "There is no command `share-now`; did you mean `share`?",
        ),
        ("dwon", "There is no command `dwon`; did you mean `down`?"),
        ("blurb", "There is no command `blurb`; `help` lists them."),
        (
            "profiles",
            "There is no command `profiles`; `list profiles` lists them.",
        ),
        ("zoom", "`zoom` is about the screen, and there is none."),
        (
            "save",
            "`save` is for something that is not open (composer).",
        ),
        (
            "delete two",
            "`delete` takes a number at most, and not `two`.",
        ),
        ("down far", "`down` takes a number, as in down 3."),
        (
            "g z",
            "The key g z means nothing here; `help` lists what does.",
        ),
        (
            "when tomorrow",
            "`when` is for something that is not open (composer).",
        ),
    ] {
        assert_eq!(s.said(line), format!("FAILED {said}"), "{line}");
    }
    assert!(
        s.said("g")
            .starts_with("FAILED That is only the begin of g")
    );
    assert!(s.h.changes().is_empty());
    s.say("compose x");
    assert_eq!(
        s.said("down"),
        "FAILED `down` cannot be done here (composer): `back` closes it, `help` lists what can."
    );
}

#[test]
fn help_lists_the_table_with_its_keys_and_what_only_lines_can_say() {
    let mut s = Script::new(3);
    let help = s.said("help");
    assert!(
        help.contains("move-down (key J, alt-down): Move the update"),
        "{help}"
    );
    assert!(help.contains("move N to M: "), "{help}");
    assert!(!help.contains("\nzoom"), "{help}");
    assert!(!help.contains("outbox-retry"), "{help}");
    let found = s.said("help clipboard");
    assert!(found.starts_with("copy-text (key y, Y t)"), "{found}");
    assert!(s.said("help zzz").starts_with("FAILED No command is about"));
    s.say("share");
    assert_eq!(s.say("help").len(), 2, "yes and no");
}

#[test]
fn what_was_typed_by_others_can_not_act_on_the_terminal() {
    let mut s = Script::new(0);
    let mut snapshot = snapshot(0, 2);
    let mut evil = update(0, 9, Status::Pending);
    evil.body.content.text = "\x1b]0;owned\x07 line\r\n\u{202e}second".to_owned();
    snapshot.updates[1] = evil;
    s.h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
    for line in ["", "bottom", "list", "detail", "edit", "leave", "share"] {
        for answer in s.say(line) {
            assert!(!answer.contains(|c: char| c.is_control()), "{answer:?}");
            assert!(!answer.contains('\u{202e}'), "{answer:?}");
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let commands = qurate::app::command::COMMANDS
        .iter()
        .map(|entry| entry.name);
    let names: Vec<&str> = commands
        .chain([
            "", "where", "list", "go", "move", "text", "when", "to", "link", "title", "type",
            "key", "find", "with", "name", "network", "times", "y", "n", "copy", ".", "..",
        ])
        .filter(|name| *name != "quit")
        .collect();
    let rest = prop_oneof![
        4 => Just(String::new()),
        2 => (0usize..9).prop_map(|n| n.to_string()),
        1 => Just("3 to 1".to_owned()),
        1 => "[ -~éß\u{1b}\u{202e}]{0,12}",
    ];
    (prop::sample::select(names), rest).prop_map(|(name, rest)| format!("{name} {rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60 * std::env::var("QURATE_TEST_SCALE")
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_line_stops_it_and_each_is_answered_in_plain_text(
        rows in 0usize..12,
        lines in prop::collection::vec(line(), 0..60),
    ) {
        let mut s = Script::new(rows);
        for line in lines {
            let is_text = s.say("where").is_empty();
            let answers = s.say(&line);
            prop_assert!(is_text || !answers.is_empty() || line.starts_with("compose"), "{line}");
            for answer in answers.iter().chain(&s.news()) {
                prop_assert!(!answer.contains(|c: char| c.is_control()), "{line}: {answer:?}");
            }
        }
    }
}
