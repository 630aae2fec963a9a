use super::Joined;
use crate::api::UpdatePage;
use crate::domain::id::{ProfileId, RemoteId};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, RemoteUpdate, Status};
use crate::sync::allowance::{Allowance, Share};

fn update(id: usize) -> RemoteUpdate {
    RemoteUpdate {
        id: RemoteId::parse(&format!("{id}")).expect("a good id"),
        body: Body {
            profile: ProfileId::parse("p").expect("a good id"),
            content: Content::default(),
            status: Status::Pending,
            created_at: Timestamp(0),
            due_at: None,
            own_time: None,
            outcome: crate::domain::rare::Rare::default(),
        },
    }
}

fn page(ids: impl IntoIterator<Item = usize>) -> Vec<RemoteUpdate> {
    ids.into_iter().map(update).collect()
}

fn joined(first: impl IntoIterator<Item = usize>) -> Joined {
    let first = UpdatePage {
        total: 0,
        updates: page(first),
        revision: None,
    };
    let share = Share::new(&Allowance::new(usize::MAX), 0);
    Joined::of(first, share).expect("allowed")
}

#[test]
fn pages_that_overlap_rightly_are_one_list() {
    let mut list = joined(0..100);
    list.append(99, page(99..198)).expect("allowed");
    list.append(196, page(196..294)).expect("allowed");
    let listed = list.finish(294, None);
    assert!(listed.complete);
    assert_eq!(listed.updates, page(0..294));
}

#[test]
fn an_entry_that_left_between_two_pages_is_noticed() {
    let mut list = joined(0..100);
    // Entry 5 left, so everything moved up by one.
    list.append(99, page(100..199)).expect("allowed");
    assert!(!list.finish(199, None).complete);
}

#[test]
fn an_entry_that_came_in_between_two_pages_is_noticed() {
    let mut list = joined(0..100);
    list.append(99, page(98..197)).expect("allowed");
    assert!(!list.finish(199, None).complete);
}

#[test]
fn a_list_shorter_than_its_total_is_incomplete() {
    let mut list = joined(0..100);
    list.append(100, Vec::new()).expect("allowed");
    assert!(!list.finish(150, None).complete);
    assert!(!joined(0..3).finish(4, None).complete);
    assert!(joined(0..3).finish(3, None).complete);
}

#[test]
fn an_entry_that_is_there_twice_makes_a_list_incomplete() {
    let listed = joined([1, 2, 1]).finish(3, None);
    assert!(!listed.complete);
    assert_eq!(listed.updates, page([1, 2]));
}
