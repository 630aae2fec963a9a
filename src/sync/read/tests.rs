use super::{AsStored, Joined, ListedUpdate};
use crate::api::UpdatePage;
use crate::domain::id::{ProfileId, RemoteId};
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Content, RemoteUpdate, Status};
use crate::sync::allowance::{Allowance, Share};
use crate::sync::disk::stored_hash;
use crate::sync::stored::StoredUpdates;

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

fn whole(ids: impl IntoIterator<Item = usize>) -> Vec<ListedUpdate> {
    let page = page(ids).into_iter();
    page.map(ListedUpdate::Whole).collect()
}

fn joined(first: impl IntoIterator<Item = usize>) -> Joined<'static> {
    // Nothing is stored.
    joined_beside(page(first), Box::leak(Box::default()))
}

fn joined_beside(updates: Vec<RemoteUpdate>, stored: &StoredUpdates) -> Joined<'_> {
    let first = UpdatePage {
        total: 0,
        updates,
        revision: None,
    };
    let share = Share::new(&Allowance::new(usize::MAX), 0);
    Joined::of(first, share, stored).expect("allowed")
}

#[test]
fn pages_that_overlap_rightly_are_one_list() {
    let mut list = joined(0..100);
    list.append(99, page(99..198)).expect("allowed");
    list.append(196, page(196..294)).expect("allowed");
    let listed = list.finish(294, None);
    assert!(listed.complete);
    assert_eq!(listed.updates, whole(0..294));
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
    assert_eq!(listed.updates, whole([1, 2]));
}

#[test]
fn of_what_is_as_it_is_stored_no_copy_is_held() {
    let text = |text: &str| Content {
        text: text.to_owned(),
        ..Content::default()
    };
    let mut updates = page(1..=3);
    for update in &mut updates {
        update.body.content = text("as it was");
    }
    let hash = stored_hash(&updates[0].body).expect("a body");
    let mut stored = StoredUpdates::with_capacity(2);
    stored.add(&updates[0].id, hash);
    stored.add(&updates[1].id, hash);
    let stored = stored.sorted();
    // The first goes out at another time, which is not stored with it; the second was changed, and the
    // third is as the first and not stored.
    updates[0].body.due_at = Some(Timestamp(7));
    updates[1].body.content = text("changed");
    let share = |update: &RemoteUpdate| {
        let mut share = Share::new(&Allowance::new(usize::MAX), 0);
        share.add(&update.id, &update.body).expect("allowed")
    };
    let bytes = share(&updates[0]);
    let expected = [
        ListedUpdate::AsStored(AsStored {
            id: updates[0].id.clone(),
            hash,
            due_at: Some(Timestamp(7)),
            own_time: None,
            bytes,
        }),
        ListedUpdate::Whole(updates[1].clone()),
        ListedUpdate::Whole(updates[2].clone()),
    ];
    // Nor does it take more room in the list than what is held whole.
    assert_eq!(size_of::<ListedUpdate>(), size_of::<RemoteUpdate>());
    let listed = joined_beside(updates, &stored).finish(3, None);
    assert!(listed.complete);
    assert_eq!(listed.updates, expected);
}
