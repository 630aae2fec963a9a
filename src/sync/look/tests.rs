//! What is read, and what it says of a request whose outcome is not known.

use std::time::Duration;

use super::*;
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId};
use crate::domain::operation::{Move, Operation, OperationState, Place, Placement};
use crate::domain::testing::id;
use crate::domain::update::{Media, OwnTime};
use crate::sync::outbox::Outbox;

/// When the create was tried.
const TRIED: Timestamp = Timestamp(1_000_000);

const LONG: &str = "a rather long text that a server may well cut at its end";
const OTHER: &str = "quite another text, which is as long as that, by somebody";

fn profile(name: &str) -> ProfileId {
    ProfileId::parse(name).expect("a good id")
}

fn content(text: &str) -> Content {
    Content {
        text: text.to_owned(),
        ..Content::default()
    }
}

fn with_link(text: &str, link: &str) -> Content {
    Content {
        text: text.to_owned(),
        media: Media {
            link: link.to_owned(),
            ..Media::default()
        }
        .into(),
    }
}

fn editable(text: &str) -> Editable {
    Editable {
        content: content(text),
        own_time: None,
    }
}

fn at(text: &str, seconds: i64, pinned: bool) -> Editable {
    let at = Timestamp(seconds);
    Editable {
        content: content(text),
        own_time: Some(OwnTime { at, pinned }),
    }
}

fn body(is: Editable, status: Status) -> Body {
    Body {
        profile: profile("p"),
        content: is.content,
        status,
        created_at: TRIED,
        due_at: None,
        own_time: is.own_time,
        outcome: crate::domain::rare::Rare::default(),
    }
}

fn pending(text: &str) -> Body {
    body(editable(text), Status::Pending)
}

fn made(text: &str, created_at: Timestamp) -> RemoteUpdate {
    let id = RemoteId::parse("0123456789abcdef01234567").expect("a good id");
    let body = Body {
        created_at,
        ..pending(text)
    };
    RemoteUpdate { id, body }
}

fn create(text: &str) -> Change {
    Change::Create {
        update: id(1),
        content: content(text),
        placement: Placement::Queue,
        shorten: false,
    }
}

fn edit(base: Editable, want: Editable) -> Change {
    let update = id(1);
    Change::Edit { update, base, want }
}

fn share(seen: &str) -> Change {
    let (update, seen) = (id(1), content(seen));
    Change::Share { update, seen }
}

fn destroy(seen: &str) -> Change {
    let (update, seen) = (id(1), content(seen));
    Change::Destroy { update, seen }
}

fn reorder() -> Change {
    let place = Place {
        after: None,
        before: None,
    };
    let updates: Vec<LocalId> = vec![id(1)];
    Change::Reorder {
        moves: vec![Move { updates, place }],
    }
}

/// An operation that went out once, and nobody knows what became of it.
fn lost(change: Change) -> Entry {
    let operation = Operation {
        id: OperationId(id(2).ulid()),
        group: GroupId(id(3).ulid()),
        profile: profile("p"),
        made_at: TRIED,
        not_before: None,
        change,
    };
    let mut outbox = Outbox::default();
    outbox.push(operation, OperationState::Unknown, Duration::ZERO);
    let mut entry = outbox.entries()[0].clone();
    entry.tried_at = Some(TRIED);
    entry
}

/// What is found, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Done,
    NotDone,
    NotYet,
    Held(Hold),
}

fn short(finding: &Finding) -> Is {
    match finding {
        Finding::Done => Is::Done,
        Finding::NotDone => Is::NotDone,
        Finding::NotYet => Is::NotYet,
        Finding::Held(why, _) => Is::Held(*why),
    }
}

fn edit_and_share(base: Editable, want: Editable) -> Joined {
    let update = id(1);
    Joined::EditAndShare { update, base, want }
}

#[test]
fn only_what_was_made_since_a_create_was_tried_can_come_of_it() {
    let create = lost(create("new"));
    for (earlier, is) in [(120, Likeness::Exact), (121, Likeness::None)] {
        assert_eq!(likeness(&create, &made("new", TRIED.plus(-earlier))), is);
    }
    // The server says that it has it, so it may be older.
    let mut again = create.clone();
    again.called_duplicate = true;
    for (earlier, is) in [(3600, Likeness::Exact), (3601, Likeness::None)] {
        assert_eq!(likeness(&again, &made("new", TRIED.plus(-earlier))), is);
    }
}

#[test]
fn nothing_comes_of_a_create_that_was_never_tried_or_is_for_another_queue() {
    let found = made("new", TRIED);
    let mut entry = lost(create("new"));
    assert_eq!(likeness(&entry, &found), Likeness::Exact);
    entry.operation.profile = profile("q");
    assert_eq!(likeness(&entry, &found), Likeness::None);
    let mut entry = lost(create("new"));
    entry.tried_at = None;
    assert_eq!(likeness(&entry, &found), Likeness::None);
    let edit = lost(edit(editable("old"), editable("new")));
    assert_eq!(likeness(&edit, &found), Likeness::None);
}

#[test]
fn a_create_is_known_by_what_it_says_and_by_what_an_edit_made_it_say() {
    let mut create = lost(create("first"));
    create.sent = Some(content("second"));
    for (text, is) in [
        ("first", Likeness::Exact),
        ("second", Likeness::Exact),
        ("third", Likeness::None),
    ] {
        assert_eq!(likeness(&create, &made(text, TRIED)), is, "{text}");
    }
}

#[test]
fn a_text_is_like_another_if_it_is_the_same_or_was_cut() {
    let start: String = LONG.chars().take(TELLING).collect();
    let too_short: String = LONG.chars().take(TELLING - 1).collect();
    for (said, found, is) in [
        ("new", "new", Likeness::Exact),
        (" new ", "new", Likeness::Exact),
        ("new", "other", Likeness::None),
        (LONG, LONG, Likeness::Exact),
        (LONG, OTHER, Likeness::None),
        (LONG, &format!("{start}…"), Likeness::Weak),
        (LONG, &format!("{start}..."), Likeness::Weak),
        (LONG, &format!("{start} …"), Likeness::Weak),
        (LONG, &format!("{too_short}…"), Likeness::None),
        (LONG, &start, Likeness::None),
        (OTHER, &format!("{start}…"), Likeness::None),
    ] {
        let is_like = text_likeness(&content(said), false, &content(found));
        assert_eq!(is_like, is, "{said:?} and {found:?}");
    }
}

#[test]
fn a_text_whose_links_are_others_is_the_same_only_if_the_server_was_to_shorten_them() {
    let (said, found) = ("read https://example.com/page", "read https://sho.rt/1");
    let (long, cut) = (format!("{LONG} {said}"), format!("{LONG} {found}"));
    for (said, shorten, found, is) in [
        (said, true, found, Likeness::Exact),
        (said, false, found, Likeness::None),
        (said, true, "hear https://sho.rt/1", Likeness::None),
        (&long, true, &cut, Likeness::Exact),
        (&long, false, &cut, Likeness::Weak),
        (&long, true, OTHER, Likeness::None),
    ] {
        let is_like = text_likeness(&content(said), shorten, &content(found));
        assert_eq!(is_like, is, "{said:?} and {found:?}");
    }
}

#[test]
fn a_text_with_another_page_attached_is_only_like_it() {
    let telling: String = LONG.chars().take(TELLING).collect();
    let too_short: String = LONG.chars().take(TELLING - 1).collect();
    for (text, link, is) in [
        ("new", "", Likeness::Exact),
        ("new", "http://a/", Likeness::Exact),
        ("new", "http://b/", Likeness::None),
        (&telling, "http://b/", Likeness::Weak),
        (&too_short, "http://b/", Likeness::None),
    ] {
        let (said, found) = (with_link(text, link), with_link(text, "http://a/"));
        assert_eq!(text_likeness(&said, false, &found), is, "{text:?} {link}");
    }
}

#[test]
fn an_update_is_on_the_side_of_an_edit_that_it_is_exactly_like_else_nearly_like() {
    let (one, two) = (editable("two words"), editable("two\nwords"));
    let (before, wanted) = (Some(State::Before), Some(State::Wanted));
    for (base, want, found, side) in [
        (&one, &two, pending("two words"), before),
        (&one, &two, pending("two\nwords"), wanted),
        // Trimmed, it may be both: then nothing is sent a second time.
        (&one, &two, pending(" two  words "), wanted),
        (&editable("a"), &editable("b"), pending(" a"), before),
        (&editable("a"), &editable("b"), pending(" b"), wanted),
        (&editable("a"), &editable("b"), pending("c"), None),
    ] {
        assert_eq!(closest(base, want, &found), side, "{:?}", found.content);
    }
}

#[test]
fn an_update_with_another_time_or_another_attachment_is_on_neither_side() {
    let wanted = at("new", 100, true);
    let is = |e: Editable| closest(&editable("old"), &wanted, &body(e, Status::Pending));
    assert_eq!(is(at("new", 100, true)), Some(State::Wanted));
    // Servers do not tell everywhere whether a time is pinned.
    assert_eq!(is(at("new", 100, false)), Some(State::Wanted));
    assert_eq!(is(at("new", 101, true)), None);
    assert_eq!(is(editable("new")), None);
    assert_eq!(is(at("old", 100, true)), None);
    let mut attached = at("new", 100, true);
    attached.content.media.title = "filled in by the server".to_owned();
    assert_eq!(is(attached.clone()), Some(State::Wanted));
    attached.content.media.picture = "http://a/".to_owned();
    assert_eq!(is(attached.clone()), None);
    attached.content.media.picture.clear();
    attached.content.media.link = "http://a/".to_owned();
    assert_eq!(is(attached), None);
}

#[test]
fn what_became_of_a_request_is_seen_by_where_its_update_is() {
    use Status::{Draft, Failed, Pending, Sent};
    let requeue = Change::Requeue { update: id(1) };
    let mine = edit(editable("old"), editable("new"));
    for (change, text, status, is) in [
        (share("new"), "new", Sent, Is::Done),
        (share("new"), "new", Failed, Is::Done),
        (share("new"), "new", Pending, Is::NotYet),
        (share("new"), "new", Draft, Is::NotYet),
        (requeue.clone(), "new", Pending, Is::Done),
        (requeue.clone(), "new", Sent, Is::Done),
        (requeue.clone(), "new", Failed, Is::NotDone),
        (requeue, "new", Draft, Is::NotDone),
        (destroy("new"), "new", Sent, Is::Held(Hold::TooLate)),
        (destroy("new"), "new", Pending, Is::NotDone),
        (destroy("new"), "new", Failed, Is::NotDone),
        (create("new"), "new", Pending, Is::NotYet),
        (reorder(), "new", Pending, Is::NotYet),
        (mine.clone(), "new", Pending, Is::Done),
        (mine.clone(), "new", Sent, Is::Done),
        (mine.clone(), "old", Sent, Is::Held(Hold::TooLate)),
        (mine.clone(), "old", Pending, Is::NotDone),
        (mine, "theirs", Pending, Is::Held(Hold::Conflict)),
    ] {
        let found = body(editable(text), status);
        let finding = judge(&Joined::One(change.clone()), &found);
        assert_eq!(short(&finding), is, "{change:?} {text} {status:?}");
    }
    assert_eq!(judge(&Joined::Nothing, &pending("new")), Finding::Done);
}

#[test]
fn an_edit_that_is_published_with_it_is_done_only_once_it_went_out() {
    use Status::{Failed, Pending, Sent};
    let both = edit_and_share(at("old", 100, false), editable("new"));
    for (text, status, is) in [
        ("new", Sent, Is::Done),
        ("new", Failed, Is::Done),
        ("new", Pending, Is::NotYet),
        ("old", Pending, Is::NotYet),
        ("old", Sent, Is::Held(Hold::TooLate)),
        ("theirs", Pending, Is::Held(Hold::Conflict)),
        ("theirs", Sent, Is::Held(Hold::TooLate)),
    ] {
        // At whatever time it goes out.
        let found = body(at(text, 7, false), status);
        assert_eq!(short(&judge(&both, &found)), is, "{text} {status:?}");
        let may_go = is == Is::NotYet;
        assert_eq!(before(&both, &found).is_none(), may_go, "{text}");
    }
}

#[test]
fn what_is_not_as_it_was_seen_is_neither_published_nor_deleted() {
    use Status::{Pending, Sent};
    let mine = edit(editable("old"), editable("new"));
    let changed = Some(Is::Held(Hold::Changed));
    let too_late = Some(Is::Held(Hold::TooLate));
    for (change, text, status, is) in [
        (share("seen"), "seen", Pending, None),
        (share("seen"), " seen ", Pending, None),
        (share("seen"), "theirs", Pending, changed),
        (share("seen"), "theirs", Sent, Some(Is::Done)),
        (destroy("seen"), "seen", Pending, None),
        (destroy("seen"), "theirs", Pending, changed),
        (destroy("seen"), "seen", Sent, too_late),
        (mine.clone(), "old", Pending, None),
        (mine.clone(), "new", Pending, Some(Is::Done)),
        (mine, "old", Sent, too_late),
        (create("new"), "other", Pending, None),
        (reorder(), "other", Pending, None),
    ] {
        let found = body(editable(text), status);
        let finding = before(&Joined::One(change.clone()), &found);
        assert_eq!(finding.as_ref().map(short), is, "{change:?} {text}");
    }
    let nothing = before(&Joined::Nothing, &pending("new"));
    assert_eq!(nothing, Some(Finding::Done));
}

#[test]
fn of_what_is_not_there_any_more_only_a_delete_is_done() {
    let gone = |joined| short(&judge_gone(&joined));
    assert_eq!(gone(Joined::One(destroy("seen"))), Is::Done);
    assert_eq!(gone(Joined::Nothing), Is::Done);
    let held = Is::Held(Hold::Gone);
    assert_eq!(gone(Joined::One(share("seen"))), held);
    let edited = edit(editable("old"), editable("new"));
    assert_eq!(gone(Joined::One(edited)), held);
    let both = edit_and_share(editable("old"), editable("new"));
    assert_eq!(gone(both), held);
}

#[test]
fn an_update_is_not_found_if_the_code_says_so_or_the_status_and_no_code() {
    for (status, code, is) in [
        (400, Some(NOT_FOUND), true),
        (404, Some(NOT_FOUND), true),
        (404, None, true),
        (400, None, false),
        (404, Some(1012), false),
        (400, Some(NOT_EDITABLE), false),
    ] {
        let error = ApiError::Refused {
            status,
            code,
            message: String::new(),
        };
        assert_eq!(is_not_found(&error), is, "{status} {code:?}");
    }
    assert!(!is_not_found(&ApiError::NotSent("no".to_owned())));
}
