//! What keys do while writing: texts and their networks, fields, drafts, the person's own editor.

use qurate::app::action::{Action, Edited};
use qurate::app::composer::{Composer, Field, Meaning, meaning};
use qurate::app::effect::Effect;
use qurate::app::mode::Mode;
use qurate::app::state::AccountKind;
use qurate::domain::id::ProfileId;
use qurate::domain::operation::{Change, Placement};
use qurate::domain::profile::{Profile, Service};
use qurate::domain::update::Media;
use qurate::protocol::{SyncCommand, SyncEvent};

use crate::harness::{Harness, NOW, profile, snapshot};

fn composer(h: &Harness) -> &Composer {
    match &h.state.mode {
        Mode::Composer(composer) => composer,
        other => unreachable!("{other:?}"),
    }
}

/// What was created, as text and profile.
fn created(h: &Harness) -> Vec<(String, String)> {
    let text = |change: Change| match change {
        Change::Create { content, .. } => Some(content.text),
        _ => None,
    };
    let of = |id: &ProfileId| {
        let profile = h.state.replica.profile(id).unwrap();
        profile.service.as_str().to_owned()
    };
    let all = h.operations().into_iter();
    all.filter_map(|op| Some((of(&op.profile), text(op.change)?)))
        .collect()
}

fn pair(service: &str, text: &str) -> (String, String) {
    (service.to_owned(), text.to_owned())
}

#[test]
fn each_network_counts_by_its_own_rule() {
    let mut h = Harness::with(1);
    let link = format!("see https://example.com/{}", "x".repeat(100));
    h.keys("c<tab><down> <down> <tab>")
        .keys("<shift-tab><shift-tab>");
    h.paste(&link);
    let used: Vec<u32> = composer(&h).lengths().iter().map(|(_, l)| l.used).collect();
    // Mastodon and X count a link as 23, Bluesky as it is.
    assert_eq!(used, [27, 27, 124]);
}

#[test]
fn nothing_is_asked_about_profiles_before_they_were_read() {
    let mut h = Harness::fresh(AccountKind::Demo);
    h.keys("c");
    assert!(h.in_lists(), "{:?}", h.state.mode);
    assert!(h.notice().contains("not read yet"), "{}", h.notice());
    h.sync(SyncEvent::Profiles(Vec::new()));
    h.keys("c");
    assert!(matches!(h.state.mode, Mode::Form(_)));
}

#[test]
fn a_network_gets_a_text_of_its_own_and_gives_it_up_again() {
    let mut h = Harness::with(1);
    h.keys("cfor all<tab><down> <ctrl-t>");
    assert_eq!(composer(&h).field, Field::Text);
    assert_eq!(composer(&h).texts.writing(), Some(&Service::Twitter));
    h.keys(", but X<ctrl-g>");
    assert_eq!(composer(&h).texts.of(&Service::Twitter), "for all");
    assert_eq!(composer(&h).texts.writing(), None);
    // What was written for it is there again.
    h.keys("<ctrl-t>");
    assert_eq!(composer(&h).texts.of(&Service::Twitter), "for all, but X");
    // With no network selected the common text is written.
    h.keys("<ctrl-o>!<ctrl-s>");
    assert_eq!(
        created(&h),
        [
            pair("mastodon", "for all!"),
            pair("twitter", "for all, but X")
        ]
    );
    let groups: Vec<_> = h.operations().iter().map(|op| op.group).collect();
    assert_eq!(groups[0], groups[1], "one thing to take back");
    h.keys("u");
    assert!(h.operations().is_empty());
}

#[test]
fn the_network_that_is_over_its_limit_is_the_one_to_split() {
    let mut h = Harness::with(1);
    h.keys("c<tab><down> <shift-tab>").paste(&"x".repeat(300));
    h.keys("<ctrl-s>");
    assert!(
        composer(&h).problems[0]
            .text
            .contains("300 of 280 characters for X")
    );
    assert_eq!(composer(&h).field, Field::Text);
    h.keys("<ctrl-t><ctrl-u>short<ctrl-s>");
    assert_eq!(created(&h)[1], pair("twitter", "short"));
    assert_eq!(created(&h)[0].1.len(), 300);
}

#[test]
fn an_own_text_needs_several_networks() {
    let mut h = Harness::with(1);
    h.keys("cone<ctrl-t>");
    assert!(h.notice().contains("several networks"), "{}", h.notice());
    h.keys("<esc>e<ctrl-t>");
    assert!(h.notice().contains("several networks"), "{}", h.notice());
}

#[test]
fn the_own_texts_are_part_of_the_draft() {
    let mut h = Harness::with(1);
    h.keys("cfor all<tab><down> <ctrl-t><ctrl-u>for X<esc>");
    let saved = h.state.drafts[0].clone();
    let mut again = Harness::fresh(AccountKind::Demo);
    again.sync(SyncEvent::Restored {
        profiles: (0..3).map(profile).collect(),
        queues: vec![(profile(0).id, snapshot(0, 1))],
        rest: Vec::new(),
        sent: Vec::new(),
        operations: Vec::new(),
        drafts: vec![saved],
        history: Vec::new(),
        tags: Vec::new(),
    });
    again.keys("c<enter><ctrl-s>");
    assert_eq!(
        created(&again),
        [pair("mastodon", "for all"), pair("twitter", "for X")]
    );
}

#[test]
fn one_of_a_thousand_profiles_is_found_by_typing() {
    let mut h = Harness::with(1);
    let many = (0..1000_u32).map(|n| Profile {
        id: format!("{:024x}", 0x9000 + n).try_into().unwrap(),
        formatted_username: format!("@team{n}"),
        ..profile(u8::try_from(n % 3).unwrap())
    });
    h.sync(SyncEvent::Profiles(many.collect()));
    h.keys("chi<tab>team731 <backspace><backspace><backspace>");
    assert_eq!(composer(&h).targets.found().len(), 1000);
    h.keys("55<ctrl-a><ctrl-u>");
    let chosen = composer(&h).chosen().len();
    // The profile that was on the screen, 731, and those whose names begin with team55.
    let with_55 = (0..1000).filter(|n: &u32| n.to_string().starts_with("55"));
    assert_eq!(chosen, 2 + with_55.count());
    h.keys("<ctrl-s>");
    assert_eq!(h.operations().len(), chosen);
}

#[test]
fn a_profile_that_is_gone_is_chosen_no_more() {
    let mut h = Harness::with(1);
    h.keys("cx<tab><down> ");
    h.sync(SyncEvent::Profiles(vec![profile(0), profile(2)]));
    assert_eq!(composer(&h).chosen(), [profile(0).id]);
}

#[test]
fn title_and_description_show_where_there_is_a_link() {
    let mut h = Harness::with(1);
    h.keys("ctext");
    let shows = |h: &Harness, field| composer(h).fields().contains(&field);
    assert!(!shows(&h, Field::Title) && !shows(&h, Field::Shorten));
    h.keys("<tab><tab><tab>https://a.example/x<tab>A title<tab>About it<tab>");
    assert_eq!(composer(&h).field, Field::Picture);
    h.keys("https://a.example/p.png<ctrl-s>");
    let changes = h.changes();
    let [Change::Create { content, .. }] = &changes[..] else {
        unreachable!("{changes:?}");
    };
    let wanted = Media {
        link: "https://a.example/x".to_owned(),
        title: "A title".to_owned(),
        description: "About it".to_owned(),
        picture: "https://a.example/p.png".to_owned(),
        thumbnail: String::new(),
    };
    assert_eq!(*content.media, wanted);
}

/// An editor whose first update has all media there are.
fn with_media() -> (Harness, Media) {
    let mut h = Harness::with(1);
    let media = Media {
        link: "https://a.example/".to_owned(),
        title: "A  title\nof two lines".to_owned(),
        description: "About".to_owned(),
        picture: "https://a.example/p.png".to_owned(),
        thumbnail: "https://a.example/t.png".to_owned(),
    };
    let mut queue = snapshot(0, 1);
    queue.updates[0].body.content.media = media.clone().into();
    h.sync(SyncEvent::Queue {
        profile: profile(0).id,
        delta: queue.into(),
        settled: Vec::new(),
    });
    (h, media)
}

fn wanted(h: &Harness) -> Media {
    match h.changes().pop() {
        Some(Change::Edit { want, .. }) => want.content.media.into_inner(),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn an_edit_keeps_the_media_it_does_not_change() {
    let (mut h, media) = with_media();
    h.keys("e!<ctrl-s>");
    assert_eq!(wanted(&h), media);
    let (mut h, media) = with_media();
    h.keys("e<tab><tab><tab><tab>, really<ctrl-s>");
    let description = "About, really".to_owned();
    assert_eq!(
        wanted(&h),
        Media {
            description,
            ..media
        }
    );
}

#[test]
fn what_told_of_the_old_link_is_not_sent_with_another() {
    let (mut h, media) = with_media();
    h.keys("e<tab><tab>more<ctrl-s>");
    let want = wanted(&h);
    assert_eq!(want.link, "https://a.example/more");
    assert_eq!(
        (want.title, want.description, want.thumbnail),
        Default::default()
    );
    assert_eq!(want.picture, media.picture);
}

#[test]
fn links_are_shortened_where_the_api_does_it() {
    let mut h = Harness::with(1);
    h.keys("csee https://a.example/<esc>");
    h.keys("c<enter>");
    assert!(!composer(&h).fields().contains(&Field::Shorten));
    let mut h = Harness::with(1);
    h.state.account.kind = AccountKind::Remote;
    h.keys("csee https://a.example/<tab><tab><tab><tab>");
    assert_eq!(composer(&h).field, Field::Shorten);
    h.keys(" <ctrl-s>");
    assert!(matches!(
        h.changes()[..],
        [Change::Create { shorten: true, .. }]
    ));
}

#[test]
fn the_field_of_the_time_says_what_it_means() {
    let mut h = Harness::with(2);
    let means = |h: &Harness| meaning(&h.state, composer(h));
    h.keys("cx");
    // Two updates have the slots of 09:30 and 12:30.
    let next = NOW.plus(8 * 3600);
    assert_eq!(means(&h), Meaning::NextSlot(Some(next)));
    h.keys("<tab><tab><ctrl-u>top");
    assert_eq!(means(&h), Meaning::FirstSlot(Some(NOW.plus(1800))));
    h.keys("<ctrl-u>tomorrow 9");
    assert_eq!(means(&h), Meaning::At(NOW.plus(86_400)));
    h.keys("<ctrl-u>now");
    assert_eq!(means(&h), Meaning::Now(10));
    h.keys("<ctrl-u>queue<ctrl-s>");
    let made = h.operations()[0].change.updates()[0];
    let row = h
        .state
        .rows()
        .iter()
        .find(|row| row.update == made)
        .unwrap();
    assert_eq!(row.due_at, Some(next), "the slot that was promised");
    h.keys("gge");
    assert_eq!(means(&h), Meaning::ItsSlot(Some(NOW.plus(1800))));
}

#[test]
fn several_drafts_are_listed_and_one_is_gone_on_with() {
    let mut h = Harness::with(3);
    h.keys("cone<esc>cntwo<esc>e three<esc>");
    assert_eq!(h.state.drafts.len(), 3);
    h.keys("cjj<enter>");
    assert_eq!(composer(&h).text(), "one");
    h.keys("<esc>ck<enter>new<ctrl-s>");
    assert_eq!(h.texts()[3], "new");
    // The draft of an edit opens with that update.
    h.keys("gge");
    assert_eq!(composer(&h).text(), "update 0 three");
    h.keys("<ctrl-s>");
    assert_eq!(h.texts()[0], "update 0 three");
    assert_eq!(h.state.drafts.len(), 2);
}

#[test]
fn a_draft_that_was_thrown_away_comes_back() {
    let mut h = Harness::with(1);
    h.keys("cone<esc>cntwo<esc>cd");
    let thrown = h.state.drafts.len();
    assert_eq!(thrown, 1);
    let dropped = |c: &&SyncCommand| matches!(c, SyncCommand::DropDraft(_));
    assert_eq!(h.commands().into_iter().filter(dropped).count(), 1);
    h.keys("u");
    let texts = |h: &Harness| {
        h.state
            .drafts
            .iter()
            .map(|d| d.text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&h), ["one", "two"]);
    assert!(matches!(
        h.commands().last(),
        Some(SyncCommand::SaveDraft(_))
    ));
    h.keys("ddn<esc>");
    assert!(h.state.drafts.is_empty() && h.in_lists());
    h.keys("uu");
    assert_eq!(texts(&h), ["one", "two"]);
    h.keys("U");
    assert_eq!(texts(&h), ["one"]);
    // After a restart too.
    let mut again = h.restart();
    assert!(
        again.state.drafts.is_empty(),
        "the store of this harness keeps none"
    );
    again.keys("u");
    assert_eq!(texts(&again), ["two"]);
}

#[test]
fn a_text_goes_to_the_own_editor_and_back() {
    let mut h = Harness::with(2);
    let asked = |h: &Harness| match h.effects.last() {
        Some(Effect::EditText(text)) => text.clone(),
        other => unreachable!("{other:?}"),
    };
    h.keys("cfirst<ctrl-x><ctrl-e>");
    assert_eq!(asked(&h), "first");
    let now = h.now;
    let outcome = Edited::Text("first\nsecond".to_owned());
    h.act(Action::Edited { outcome, now });
    assert_eq!(composer(&h).text(), "first\nsecond");
    assert!(
        composer(&h).dirty,
        "it goes to the store as what is typed does"
    );
    let outcome = Edited::Text("first\nsecond".to_owned());
    h.act(Action::Edited { outcome, now });
    assert!(h.notice().contains("changed nothing"), "{}", h.notice());
    let outcome = Edited::Failed("vi failed".to_owned());
    h.act(Action::Edited { outcome, now });
    assert_eq!(h.notice(), "vi failed");
    assert_eq!(composer(&h).text(), "first\nsecond");
    h.keys("<ctrl-s>ggjE");
    assert_eq!(asked(&h), "update 1");
    let outcome = Edited::Text("better".to_owned());
    h.act(Action::Edited { outcome, now });
    h.keys("<ctrl-s>");
    assert_eq!(h.texts()[1], "better");
}

#[test]
fn the_keys_of_readline_edit_the_text() {
    for (keys, text) in [
        ("<ctrl-a>X", "Xone two three"),
        ("<ctrl-a><ctrl-e>X", "one two threeX"),
        ("<ctrl-w>X", "one two X"),
        ("<ctrl-u>X", "X"),
        ("<ctrl-a><ctrl-k>X", "X"),
        ("<ctrl-b><ctrl-b>X", "one two thrXee"),
        ("<ctrl-a><ctrl-f>X", "oXne two three"),
        ("<ctrl-a><ctrl-d>X", "Xne two three"),
        ("<ctrl-h>X", "one two threX"),
        ("<backspace>X", "one two threX"),
        ("<alt-b>X", "one two Xthree"),
        ("<ctrl-left>X", "one two Xthree"),
        ("<ctrl-a><alt-f>X", "oneX two three"),
        ("<ctrl-a><ctrl-right>X", "oneX two three"),
        ("<ctrl-a><alt-f><alt-f><alt-f><alt-f>X", "one two threeX"),
        ("<enter>four<up><ctrl-e><alt-f>X", "one two three\nfourX"),
        ("<ctrl-a><alt-d>X", "X two three"),
        ("<ctrl-w><ctrl-_>", "one two three"),
        ("<ctrl-w><ctrl-_><ctrl-r>", "one two "),
    ] {
        let mut h = Harness::with(1);
        h.keys("cone two three").keys(keys);
        assert_eq!(composer(&h).text(), text, "{keys}");
    }
}

#[test]
fn many_pasted_lines_are_one_step_to_take_back() {
    let mut h = Harness::with(1);
    h.keys("ca").paste("1\r\n2\n3\n4");
    assert_eq!(composer(&h).text(), "a1\n2\n3\n4");
    h.keys("<ctrl-_>");
    assert_eq!(composer(&h).text(), "a");
    h.keys("<ctrl-r>");
    assert_eq!(composer(&h).text(), "a1\n2\n3\n4");
}

#[test]
fn a_preview_that_hides_the_fields_takes_no_text() {
    let mut h = Harness::with(1).size(80, 24);
    h.keys("ctext<f3>xyz");
    assert_eq!(composer(&h).text(), "text");
    h.keys("<esc>");
    assert!(composer(&h).preview.is_none());
    let mut h = Harness::with(1).size(120, 40);
    h.keys("ctext<f3>xyz");
    assert_eq!(composer(&h).text(), "textxyz", "it stands beside");
    h.keys("<ctrl-s>");
    assert!(matches!(
        h.changes()[..],
        [Change::Create {
            placement: Placement::Queue,
            ..
        }]
    ));
}
