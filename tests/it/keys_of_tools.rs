//! Other programs: links that are opened, and custom commands, from the key to what becomes of them.

use qurate::app::action::{Action, CopyWay, Copying, Opened, Part, Ran};
use qurate::app::effect::{Effect, Errand};
use qurate::app::mode::Mode;
use qurate::app::preferences::Preferences;
use qurate::domain::custom::{Custom, Input, Output};
use qurate::domain::operation::Change;
use qurate::domain::update::Status;
use qurate::protocol::{SentPage, SyncEvent};

use crate::harness::{Harness, interaction, profile, snapshot, update};

/// A queue with: no link; one in the text; an attached one, one in the text twice, and a picture.
fn linked() -> Harness {
    let mut h = Harness::with(3);
    let mut snapshot = snapshot(0, 3);
    snapshot.updates[1].body.content.text = "see example.org/a, then".into();
    let content = &mut snapshot.updates[2].body.content;
    content.text = "https://example.org/b and https://example.org/b and file:///etc/passwd".into();
    content.media.link = "https://example.org/c".into();
    content.media.picture = "https://example.org/p.png".into();
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: snapshot.into(),
        settled: Vec::new(),
    });
    h
}

fn opened(h: &Harness) -> Vec<&str> {
    let all = h.effects.iter();
    all.filter_map(|effect| match effect {
        Effect::Open(url) => Some(url.as_str()),
        _ => None,
    })
    .collect()
}

#[test]
fn one_link_is_opened_and_of_several_one_is_chosen() {
    let mut h = linked();
    h.keys("o");
    assert_eq!(h.notice(), "it has no link");
    h.keys("jo");
    assert_eq!(opened(&h), ["https://example.org/a"]);
    h.keys("jo");
    let Mode::Links(list) = &h.state.mode else {
        panic!("{:?}", h.state.mode);
    };
    let urls: Vec<&str> = list.list.iter().map(|link| link.url.as_str()).collect();
    let wanted = [
        "https://example.org/c",
        "https://example.org/b",
        "https://example.org/p.png",
    ];
    assert_eq!(urls, wanted);
    h.keys("o");
    assert!(!h.in_lists(), "the key that asked is no answer");
    h.keys("j<enter>");
    assert!(h.in_lists());
    assert_eq!(
        opened(&h),
        ["https://example.org/a", "https://example.org/b"]
    );
    h.keys("oGy");
    let copied = Effect::Copy {
        what: Copying {
            part: Part::Link,
            count: 1,
        },
        text: "https://example.org/p.png".to_owned(),
    };
    assert_eq!(h.effects.last(), Some(&copied));
    h.keys("o<esc>");
    assert_eq!(opened(&h).len(), 2);
}

#[test]
fn where_nothing_opens_it_is_copied_and_said() {
    let mut h = linked();
    h.keys("jo");
    let url = opened(&h)[0].to_owned();
    let tell = |h: &mut Harness, outcome| {
        let (url, now) = (url.clone(), h.now);
        h.act(Action::Opened { url, outcome, now });
    };
    tell(&mut h, Opened::By("firefox".to_owned()));
    assert_eq!(h.notice(), "firefox opens https://example.org/a");
    tell(
        &mut h,
        Opened::Failed("xdg-open failed (exit status: 3)".to_owned()),
    );
    assert_eq!(h.notice(), "xdg-open failed (exit status: 3)");
    // Whatever the cursor is on by now, it is this link that can be copied, or tried again.
    h.keys("y");
    let copied = |h: &Harness| match h.effects.last().cloned() {
        Some(Effect::Copy { text, .. }) => text,
        other => panic!("it is copied: {other:?}"),
    };
    assert_eq!(copied(&h), url);
    assert!(h.in_lists());
    h.keys("c");
    tell(&mut h, Opened::Failed("xdg-open failed".to_owned()));
    assert_eq!(h.notice(), "xdg-open failed: https://example.org/a");
    assert!(!h.in_lists(), "what is written stays open");
    h.keys("<esc>");
    tell(&mut h, Opened::Nowhere);
    let Some(Effect::Copy { what, text }) = h.effects.last().cloned() else {
        panic!("it is copied");
    };
    assert_eq!(text, "https://example.org/a");
    let (way, now) = (CopyWay::Terminal, h.now);
    h.act(Action::Copied { what, way, now });
    assert_eq!(
        h.notice(),
        "copied the link, to open where you sit: your terminal was told to take it (OSC 52)"
    );
}

#[test]
fn what_was_sent_and_who_reacted_have_pages() {
    let mut h = Harness::with(2);
    let mut twitter = profile(1);
    twitter.connection = None;
    h.sync(SyncEvent::Profiles(vec![profile(0), twitter, profile(2)]));
    let mut sent = update(1, 100_000, Status::Sent);
    if let Some(sent) = &mut sent.body.outcome.sent {
        sent.service_update_id = "1234".to_owned();
    }
    let id = sent.id;
    h.sync(SyncEvent::Sent(SentPage {
        profile: profile(1).id,
        page: 1,
        total: 1,
        updates: vec![sent],
    }));
    h.keys("]gsj").rest();
    h.keys("o");
    assert_eq!(opened(&h), ["https://x.com/acme1/status/1234"]);
    h.sync(SyncEvent::Interactions {
        update: id,
        event: None,
        page: 1,
        total: 1,
        interactions: vec![interaction(1, "like")],
    });
    h.keys("gio<enter>");
    assert_eq!(opened(&h)[1], "https://x.com/person1");
    h.keys("ojj<enter>");
    assert_eq!(opened(&h)[2], "https://x.com/acme1/status/1234");
}

fn custom(name: &str, key: Option<&str>, input: Input, output: Output) -> Custom {
    Custom {
        name: name.to_owned(),
        key: key.map(str::to_owned),
        run: vec!["prog".to_owned(), "--loud".to_owned()],
        input,
        output,
        at: "config.toml:1".to_owned(),
    }
}

fn configured(customs: Vec<Custom>) -> Harness {
    let mut h = Harness::with(4);
    let (now, preferences) = (h.now, Preferences::default());
    let found = Ok(Preferences {
        customs,
        ..preferences
    });
    h.act(Action::Configured { found, now });
    h
}

fn errands(h: &Harness) -> Vec<&Errand> {
    let all = h.effects.iter();
    all.filter_map(|effect| match effect {
        Effect::Run(errand) => Some(errand),
        _ => None,
    })
    .collect()
}

fn ends(h: &mut Harness, out: &str, err: &str, failed: Option<&str>) {
    let number = errands(h).last().unwrap().number;
    let outcome = Ran::Ended {
        failed: failed.map(str::to_owned),
        out: out.to_owned(),
        err: err.to_owned(),
    };
    let now = h.now;
    h.act(Action::Ran {
        number,
        outcome,
        now,
    });
}

#[test]
fn a_program_gets_the_text_as_input_and_the_fields_as_variables() {
    let mut h = Harness::with(4);
    h.keys("Tblog<enter>!wc -c 'a b'<enter>");
    assert_eq!(h.notice(), "wc runs …");
    let errand = errands(&h)[0].clone();
    assert_eq!(errand.program, ["wc", "-c", "a b"]);
    assert_eq!(errand.input, "update 0");
    let value = |name: &str| {
        let mut all = errand.variables.iter();
        all.find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("QURATE_SERVICE"), Some("mastodon"));
    assert_eq!(value("QURATE_TAGS"), Some("blog"));
    assert_eq!(value("QURATE_STATUS"), Some("pending"));
    assert!(value("QURATE_DUE_AT").is_some_and(|at| at.parse::<i64>().is_ok()));
    assert_eq!(value("QURATE_TOKEN"), None);
    ends(&mut h, "8\n", "", None);
    assert_eq!(h.notice(), "wc: 8");
    assert!(h.in_lists());
    h.keys("!it's<enter>");
    let Mode::Prompt(prompt) = &h.state.mode else {
        panic!("what was typed stays: {:?}", h.state.mode);
    };
    let problem = prompt.problem.as_deref().unwrap();
    assert!(problem.contains("quote is not closed"), "{problem}");
    h.keys("<esc>!<enter>");
    assert_eq!(errands(&h).len(), 1);
}

#[test]
fn long_output_is_shown_and_failures_are_said() {
    let mut h = Harness::with(4);
    h.keys("!list<enter>");
    ends(&mut h, "one\ntwo\n", "", None);
    assert!(matches!(h.state.mode, Mode::Output(_)));
    h.keys("y");
    assert!(matches!(h.effects.last(), Some(Effect::Copy { text, .. }) if text == "one\ntwo\n"));
    h.keys("q!list<enter>");
    ends(&mut h, "", "no such thing\n", Some("exit status: 1"));
    assert_eq!(h.notice(), "list failed (exit status: 1): no such thing");
    assert!(h.in_lists());
    h.keys("!list<enter>");
    let number = errands(&h).last().unwrap().number;
    let (outcome, now) = (Ran::Failed("list cannot be started: no".to_owned()), h.now);
    h.act(Action::Ran {
        number,
        outcome,
        now,
    });
    assert_eq!(h.notice(), "list cannot be started: no");
    // While something else has the keys it does not come in between.
    h.keys("!list<enter>cwords");
    ends(&mut h, "one\ntwo\n", "", None);
    assert!(matches!(h.state.mode, Mode::Composer(_)));
    h.keys("<esc>:output<enter>");
    assert!(matches!(h.state.mode, Mode::Output(_)));
}

#[test]
fn output_becomes_the_text_only_when_it_is_saved_and_undo_takes_it_back() {
    let loud = custom("loud", Some("ctrl-o"), Input::Text, Output::Text);
    let mut h = configured(vec![loud]);
    h.keys("j<ctrl-o>");
    assert_eq!(errands(&h)[0].program, ["prog", "--loud"]);
    ends(&mut h, "UPDATE 1\n", "", None);
    assert!(matches!(h.state.mode, Mode::Composer(_)));
    assert_eq!(h.changes(), []);
    h.keys("<ctrl-s>");
    assert_eq!(h.texts()[1], "UPDATE 1");
    assert!(matches!(&h.changes()[..], [Change::Edit { .. }]));
    h.keys("u");
    assert_eq!(h.texts()[1], "update 1");
    h.keys("!loud<enter>");
    ends(&mut h, " \n", "", None);
    assert_eq!(h.notice(), "loud said nothing: the text is as it was");
    // What was only shown is taken for the text when asked.
    h.keys("!other<enter>");
    ends(&mut h, "a\nb\n", "", None);
    h.keys("e<ctrl-s>");
    assert_eq!(h.texts()[1], "a\nb");
}

#[test]
fn output_takes_the_place_of_a_kept_draft_and_begins_no_second_one() {
    let loud = custom("loud", Some("ctrl-o"), Input::Text, Output::Text);
    let mut h = configured(vec![loud]);
    h.keys("je, half<esc>");
    let kept = h.state.drafts[0].id;
    h.keys("<ctrl-o>");
    ends(&mut h, "UPDATE 1\n", "", None);
    let composer = h.state.mode.composer().unwrap();
    assert_eq!((composer.id, composer.text().as_str()), (kept, "UPDATE 1"));
    // What was written before is there again by an undo in the text.
    h.keys("<ctrl-_>");
    h.keys("<ctrl-_>");
    assert_eq!(h.state.mode.composer().unwrap().text(), "update 1, half");
    h.keys("<esc>");
    assert_eq!(h.state.drafts.len(), 1);
}

#[test]
fn marked_updates_go_in_as_json_and_a_text_is_of_one() {
    let rows = custom("rows", Some("g r"), Input::Json, Output::Show);
    let mut h = configured(vec![rows]);
    h.keys("  !wc<enter>");
    assert!(
        h.notice()
            .starts_with("wc takes one update, and 2 are marked")
    );
    assert!(errands(&h).is_empty());
    h.keys("gr");
    let lines: Vec<serde_json::Value> = errands(&h)[0]
        .input
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["body"]["content"]["text"], "update 1");
}

#[test]
fn a_key_that_means_something_is_not_taken_from_it() {
    let customs = vec![
        custom("one", Some("j"), Input::Text, Output::Show),
        custom("two", Some("g"), Input::Text, Output::Show),
        custom("three", Some("ctrl-o"), Input::Text, Output::Show),
        custom("four", Some("ctrl-o x"), Input::Text, Output::Show),
        custom("five", Some("foo-bar"), Input::Text, Output::Show),
    ];
    let mut h = configured(customs);
    let said = h.state.notices.past().iter().map(|n| n.text.clone());
    let said: Vec<String> = said.collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(
        said[0],
        "config.toml:1: the key of the command `one`: `j` already means `down`"
    );
    assert!(said[2].contains("`four`") && said[2].contains("already runs `three`"));
    h.keys("j!fi<tab><enter>");
    assert_eq!(errands(&h).len(), 1, "by its name it runs all the same");
    assert_eq!(errands(&h)[0].program, ["prog", "--loud"]);
}
