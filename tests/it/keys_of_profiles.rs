//! What keys do to profiles: their posting times, their names, their removal.

use qurate::app::mode::Mode;
use qurate::app::timetable::Timetable;
use qurate::domain::operation::Change;
use qurate::domain::profile::Profile;
use qurate::protocol::{Capabilities, Request, SyncCommand, SyncEvent};

use crate::harness::{Harness, profile};

fn with(updates: usize) -> Harness {
    let mut h = Harness::with(updates);
    h.sync(SyncEvent::Capabilities(Capabilities {
        manage_profiles: true,
        pause: true,
        failed: true,
        local: true,
        connections: vec!["demo".to_owned(), "blog".to_owned()],
        requests_per_minute: None,
    }));
    h
}

fn table(h: &Harness) -> &Timetable {
    match &h.state.mode {
        Mode::Timetable(table) => table,
        other => unreachable!("{other:?}"),
    }
}

fn asked(h: &Harness) -> Vec<Request> {
    let requests = h.all_commands().filter_map(|command| match command {
        SyncCommand::Ask(request) => Some(request.clone()),
        _ => None,
    });
    requests.collect()
}

#[test]
fn posting_times_are_changed_in_a_table_with_the_queues_new_times_in_sight() {
    let mut h = with(6);
    h.keys(":edit-sched<enter>");
    assert_eq!(
        table(&h).schedule().to_string(),
        "daily 09:30 12:30 17:00 20:00"
    );
    let same = table(&h).preview.iter().all(|c| c.from == c.to);
    assert!(same, "nothing was changed yet: {:?}", table(&h).preview);
    assert_eq!(table(&h).preview.len(), 6);
    // Without the first time of the day everything is later, and nothing is sent yet.
    h.keys("d");
    assert_eq!(table(&h).schedule().to_string(), "daily 12:30 17:00 20:00");
    let later = table(&h).preview.iter().filter(|c| c.to > c.from).count();
    assert!(later >= 5, "{:?}", table(&h).preview);
    assert_eq!(asked(&h), []);
    h.keys("u");
    assert_eq!(
        table(&h).schedule().to_string(),
        "daily 09:30 12:30 17:00 20:00"
    );
    // A new time, and Sundays off for it.
    h.keys("a7<enter>h<space><ctrl-s>");
    let wanted = "mon-sat 07:00 09:30 12:30 17:00 20:00; sun 09:30 12:30 17:00 20:00";
    let [
        Request::SetSchedule {
            profile: of,
            schedule,
        },
    ] = &asked(&h)[..]
    else {
        unreachable!("{:?}", asked(&h));
    };
    assert_eq!(schedule.to_string(), wanted);
    assert_eq!(*of, profile(0).id);
    // Keys wait for the answer; what the server says against it is shown and nothing is lost.
    h.keys("d");
    h.sync(SyncEvent::Answered(Err("too many times".to_owned())));
    assert_eq!(table(&h).problem.as_deref(), Some("too many times"));
    assert_eq!(table(&h).schedule().to_string(), wanted);
    h.keys("<ctrl-s>");
    h.sync(SyncEvent::Answered(Ok("posting times changed".to_owned())));
    assert!(h.in_lists());
    assert_eq!(h.notice(), "posting times changed");
}

#[test]
fn a_table_with_changes_is_left_at_the_second_word() {
    let mut h = with(2);
    h.keys(":edit-sched<enter><esc>");
    assert!(h.in_lists(), "nothing was changed");
    h.keys(":edit-sched<enter><space>q");
    assert!(table(&h).problem.as_ref().unwrap().contains("not saved"));
    h.keys("jq");
    assert!(table(&h).is_changed(), "another key lay between the two");
    h.keys("q");
    assert!(h.in_lists());
    assert_eq!(asked(&h), []);
}

#[test]
fn letters_are_no_commands_while_a_time_is_typed_and_a_wrong_one_stays() {
    let mut h = with(2);
    h.keys(":edit-sched<enter>ad2x<enter>");
    assert!(table(&h).problem.as_ref().unwrap().contains("d2x"));
    assert_eq!(table(&h).lines.len(), 4);
    h.keys("<esc>");
    assert!(table(&h).adding.is_none());
    assert!(!table(&h).is_changed());
}

#[test]
fn a_profile_is_changed_in_its_form() {
    let mut h = with(2);
    h.keys("gpe");
    assert!(matches!(h.state.mode, Mode::Form(_)));
    h.keys("<ctrl-u>@other<tab><tab>l<ctrl-s>");
    let wanted = Request::ChangeProfile {
        profile: profile(0).id,
        name: "other".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        connection: Some("blog".to_owned()),
    };
    assert_eq!(asked(&h), [wanted]);
    h.sync(SyncEvent::Answered(Ok("profile @other changed".to_owned())));
    assert!(h.in_lists());
}

#[test]
fn a_profile_is_removed_only_after_a_yes_that_says_what_goes_with_it() {
    let mut h = with(3);
    h.keys("gpd");
    let Mode::Confirm(question) = &h.state.mode else {
        unreachable!("{:?}", h.state.mode);
    };
    let said = question.lines.join(" ");
    assert!(
        said.contains("@acme0") && said.contains("3 updates"),
        "{said}"
    );
    assert!(!question.warnings.is_empty());
    h.keys("d<enter>");
    assert_eq!(asked(&h), []);
    h.keys("n");
    assert!(h.in_lists());
    h.keys("dy");
    assert_eq!(asked(&h), [Request::RemoveProfile(profile(0).id)]);
}

#[test]
fn where_profiles_are_made_elsewhere_they_are_changed_there_too() {
    let mut h = Harness::with(2);
    h.sync(SyncEvent::Capabilities(Capabilities {
        manage_profiles: false,
        pause: false,
        failed: false,
        local: false,
        connections: Vec::new(),
        requests_per_minute: Some(50),
    }));
    for keys in ["gpe", "d"] {
        h.keys(keys);
        assert!(h.in_lists());
        assert!(h.notice().contains("its own site"), "{}", h.notice());
    }
    assert_eq!(asked(&h), []);
}

#[test]
fn a_table_of_a_profile_that_is_removed_elsewhere_closes() {
    let mut h = with(2);
    h.keys(":edit-sched<enter>");
    let others: Vec<Profile> = vec![profile(1)];
    h.sync(SyncEvent::Profiles(others));
    h.keys("<space>");
    assert!(h.in_lists(), "{:?}", h.state.mode);
}

#[test]
fn what_is_deleted_is_deleted_from_its_own_queue_though_another_shows_by_then() {
    let mut h = with(6);
    let before = h.state.profile.clone();
    h.keys("<space>j<space>d");
    assert!(matches!(h.state.mode, Mode::Confirm(_)));
    // While the question stands, the account turns out not to have the profile any more.
    h.sync(SyncEvent::Profiles(vec![profile(1)]));
    assert_eq!(h.state.profile, Some(profile(1).id));
    h.keys("y");
    let operations = h.operations();
    assert_eq!(operations.len(), 2);
    for operation in operations {
        assert!(matches!(operation.change, Change::Destroy { .. }));
        assert_eq!(Some(operation.profile), before);
    }
}
