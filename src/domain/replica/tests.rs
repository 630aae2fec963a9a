//! The laws of the fold, over random histories of one profile's queue.

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::domain::id::GroupId;
use crate::domain::operation::{Editable, Move, Place, Placement};
use crate::domain::profile::Service;
use crate::domain::queue::Row;
use crate::domain::testing::{cases, id, number};
use crate::domain::update::{Body, Content, OwnTime, Status};

const HOUR: i64 = 3600;
/// Local ids below are of the mirror, up to `NEW + 16` of creates.
const NEW: u128 = 20;

fn profile_id() -> ProfileId {
    ProfileId::parse("p1").unwrap()
}

fn profile(paused: bool) -> Profile {
    Profile {
        id: profile_id(),
        service: Service::Mastodon,
        username: "acme".into(),
        formatted_username: "@acme".into(),
        timezone: chrono_tz::Tz::UTC,
        schedule: "00:00 06:00 12:00 18:00".parse().unwrap(),
        paused,
        pending: 0,
        sent: 0,
        connection: None,
        character_limit: None,
    }
}

fn content(text: &str) -> Content {
    Content {
        text: text.to_owned(),
        ..Content::default()
    }
}

fn update(n: u128, due_at: Option<i64>, own_time: Option<OwnTime>, status: Status) -> Update {
    Update {
        id: id(n),
        remote: RemoteId::parse(&format!("r{n}")).ok(),
        body: Body {
            profile: profile_id(),
            content: content(&format!("text {n}")),
            status,
            created_at: Timestamp(0),
            due_at: due_at.map(Timestamp),
            own_time,
            outcome: crate::domain::rare::Rare::default(),
        },
    }
}

/// A mirror of `n` updates on the slots of [`profile`]; those in `own` have a time of their own.
fn mirror(n: u128, own: &[(u128, bool)]) -> QueueSnapshot {
    let updates = (1..=n).map(|i| {
        let at = i64::try_from(i).unwrap() * 6 * HOUR;
        match own.iter().find(|(fixed, _)| *fixed == i) {
            None => update(i, Some(at), None, Status::Pending),
            Some(&(_, pinned)) => {
                let at = Timestamp(if pinned { at } else { at + 600 });
                update(i, Some(at.0), Some(OwnTime { at, pinned }), Status::Pending)
            }
        }
    });
    QueueSnapshot {
        read_at: Timestamp(100),
        updates: updates.collect(),
        failed: vec![
            update(18, None, None, Status::Failed),
            update(19, None, None, Status::Failed),
        ],
    }
}

fn operation(n: u128, change: Change) -> Operation {
    Operation {
        id: OperationId(Ulid::from(n)),
        group: GroupId(Ulid::from(n)),
        profile: profile_id(),
        made_at: Timestamp(200),
        not_before: None,
        change,
    }
}

fn op_id(n: u128) -> OperationId {
    OperationId(Ulid::from(n))
}

fn of(replica: &Replica) -> &ShownQueue {
    replica.queue(&profile_id()).unwrap()
}

fn new_replica(snapshot: QueueSnapshot) -> Replica {
    Replica::restore(
        vec![profile(false)],
        vec![(profile_id(), snapshot)],
        Vec::new(),
    )
}

fn order(replica: &Replica) -> Vec<u128> {
    of(replica)
        .rows()
        .iter()
        .map(|row| number(row.update))
        .collect()
}

fn hours(replica: &Replica) -> Vec<Option<i64>> {
    let hour = |row: &Row| row.due_at.map(|at| at.0 / HOUR);
    of(replica).rows().iter().map(hour).collect()
}

fn create(n: u128, placement: Placement) -> Change {
    Change::Create {
        update: id(n),
        content: content(&format!("new {n}")),
        placement,
        shorten: false,
    }
}

fn edit(n: u128, text: &str, own_time: Option<OwnTime>) -> Change {
    Change::Edit {
        update: id(n),
        base: Editable::default(),
        want: Editable {
            content: content(text),
            own_time,
        },
    }
}

fn share(n: u128) -> Change {
    Change::Share {
        update: id(n),
        seen: Content::default(),
    }
}

fn destroy(n: u128) -> Change {
    Change::Destroy {
        update: id(n),
        seen: Content::default(),
    }
}

fn held() -> OperationState {
    OperationState::Held {
        why: crate::domain::operation::Hold::default(),
        reason: "why".into(),
    }
}

fn failed() -> OperationState {
    OperationState::Failed {
        code: None,
        reason: "no".into(),
    }
}

#[test]
fn creates_go_where_they_are_placed_and_get_the_next_slots() {
    let mut replica = new_replica(mirror(3, &[]));
    replica.commit(operation(1, create(21, Placement::Queue)));
    replica.commit(operation(2, create(22, Placement::Top)));
    replica.commit(operation(
        3,
        create(23, Placement::At(Timestamp(13 * HOUR))),
    ));
    replica.commit(operation(4, create(24, Placement::Now)));
    assert_eq!(order(&replica), [22, 1, 23, 2, 3, 21]);
    assert_eq!(hours(&replica), [6, 12, 13, 18, 24, 30].map(Some));
    assert_eq!(of(&replica).leaving, [id(24)]);
    assert_eq!(replica.update(id(24)).unwrap().body.content.text, "new 24");
}

#[test]
fn what_goes_leaves_its_slot_to_those_behind() {
    let mut replica = new_replica(mirror(4, &[(2, true)]));
    replica.commit(operation(1, share(1)));
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![3, 2, 4], [6, 12, 18].map(Some).to_vec())
    );
    assert_eq!(of(&replica).leaving, [id(1)]);
    // The slot of a pinned one becomes free with it.
    replica.commit(operation(2, destroy(2)));
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![3, 4], [6, 12].map(Some).to_vec())
    );
    assert!(of(&replica).is_deleted(id(2)));
    replica.remove(op_id(1));
    replica.remove(op_id(2));
    assert_eq!(order(&replica), [1, 2, 3, 4]);
    assert_eq!(of(&replica).leaving, []);
}

#[test]
fn pinning_takes_the_slot_and_unpinning_gives_it_back() {
    let mut replica = new_replica(mirror(4, &[]));
    let pin = OwnTime {
        at: Timestamp(12 * HOUR),
        pinned: true,
    };
    replica.commit(operation(1, edit(4, "4", Some(pin))));
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![1, 4, 2, 3], [6, 12, 18, 24].map(Some).to_vec())
    );
    replica.commit(operation(2, edit(4, "4", None)));
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![1, 4, 2, 3], [6, 12, 18, 24].map(Some).to_vec())
    );
    assert!(of(&replica).rows().iter().all(|row| !row.fixed));
}

#[test]
fn a_refused_operation_rolls_back_and_stays_listed() {
    let mut replica = new_replica(mirror(3, &[]));
    replica.commit(operation(1, edit(2, "better", None)));
    assert_eq!(replica.update(id(2)).unwrap().body.content.text, "better");
    replica.set_state(op_id(1), failed());
    assert_eq!(replica.update(id(2)).unwrap().body.content.text, "text 2");
    assert_eq!(replica.mark(id(2)), Mark::Failed);
    assert_eq!(replica.counts_in_all().failed, 1);
    assert_eq!(replica.operations().len(), 1);
    replica.remove(op_id(1));
    assert_eq!(replica.mark(id(2)), Mark::Confirmed);
    assert_eq!(replica.counts_in_all(), Counts::default());
}

#[test]
fn what_is_held_before_it_leaves_is_shown_again() {
    let mut replica = new_replica(mirror(3, &[]));
    replica.commit(operation(1, share(1)));
    replica.commit(operation(2, destroy(2)));
    replica.commit(operation(3, create(21, Placement::Queue)));
    assert_eq!(order(&replica), [3, 21]);
    for n in 1..=3 {
        replica.set_state(op_id(n), held());
    }
    assert_eq!(order(&replica), [1, 2, 3, 21]);
    for n in [1, 2, 21] {
        assert_eq!(replica.mark(id(n)), Mark::Held);
    }
    replica.set_state(op_id(2), OperationState::Queued);
    assert_eq!(order(&replica), [1, 3, 21]);
}

#[test]
fn a_failed_update_can_be_put_back_or_deleted() {
    let mut replica = new_replica(mirror(1, &[]));
    assert_eq!(of(&replica).failed, [id(18), id(19)]);
    replica.commit(operation(1, Change::Requeue { update: id(19) }));
    replica.commit(operation(2, destroy(18)));
    assert_eq!(order(&replica), [1, 19]);
    assert!(of(&replica).failed.is_empty());
    assert_eq!(replica.update(id(19)).unwrap().body.status, Status::Pending);
    replica.take_read(&profile_id(), mirror(1, &[]).into(), &[op_id(2)]);
    assert_eq!(
        (order(&replica), of(&replica).failed.clone()),
        (vec![1, 19], vec![id(18)])
    );
}

#[test]
fn only_what_says_something_else_makes_another_edition() {
    let mut replica = new_replica(mirror(4, &[]));
    let before = replica.edition();
    let moved = Change::Reorder {
        moves: vec![Move {
            updates: vec![id(4)],
            place: Place {
                after: None,
                before: Some(id(1)),
            },
        }],
    };
    replica.commit(operation(1, moved));
    let mut read = mirror(4, &[]);
    read.updates.rotate_right(1);
    let mut due: Vec<_> = read.updates.iter().map(|u| u.body.due_at).collect();
    due.sort_unstable();
    for (update, due) in read.updates.iter_mut().zip(due) {
        update.body.due_at = due;
    }
    replica.take_read(&profile_id(), read.clone().into(), &[op_id(1)]);
    assert_eq!(order(&replica), [4, 1, 2, 3]);
    assert_eq!(replica.edition(), before, "only the order is another one");
    read.updates[2].body.content.text.push('!');
    replica.take_read(&profile_id(), read.clone().into(), &[]);
    let edited = replica.edition();
    assert_ne!(edited, before);
    read.updates.remove(0);
    replica.take_read(&profile_id(), read.clone().into(), &[]);
    let left = replica.edition();
    assert_ne!(left, edited);
    // Taken back though the read never showed it: what is shown is another text.
    replica.commit(operation(2, edit(2, "mine", None)));
    let made = replica.edition();
    replica.take_read(&profile_id(), read.into(), &[op_id(2)]);
    assert_ne!(replica.edition(), made);
}

#[test]
fn a_paused_queue_has_no_times_but_those_of_its_own() {
    let mut replica = new_replica(mirror(3, &[(2, false)]));
    replica.set_profiles(vec![profile(true)]);
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![2, 1, 3], vec![Some(12), None, None])
    );
    replica.set_profiles(vec![profile(false)]);
    assert_eq!(
        (order(&replica), hours(&replica)),
        (vec![1, 2, 3], [6, 12, 18].map(Some).to_vec())
    );
}

#[test]
fn a_queue_never_read_shows_what_was_made_for_it() {
    let mut replica = Replica::restore(vec![profile(false)], Vec::new(), Vec::new());
    assert!(replica.queue(&profile_id()).is_none());
    replica.commit(operation(1, create(21, Placement::Queue)));
    // Nobody knows what goes out before it.
    assert_eq!((order(&replica), hours(&replica)), (vec![21], vec![None]));
    let (profile, update) = replica.find(id(21)).unwrap();
    assert_eq!((profile, update.id), (&profile_id(), id(21)));
}

#[test]
fn a_remote_id_is_known_from_its_assignment_on() {
    let mut replica = new_replica(mirror(1, &[]));
    replica.commit(operation(1, create(21, Placement::Queue)));
    assert_eq!(replica.remote(id(21)), None);
    let remote = RemoteId::parse("r21").unwrap();
    replica.assign(id(21), remote.clone());
    replica.commit(operation(2, share(1)));
    replica.remove(op_id(2));
    assert_eq!(replica.remote(id(21)), Some(&remote));
    assert_eq!(replica.update(id(21)).unwrap().remote, Some(remote));
}

#[test]
fn the_mark_of_a_row_tells_what_needs_the_person_most() {
    let mut replica = new_replica(mirror(2, &[]));
    for (n, state, mark) in [
        (1, OperationState::Acked, Mark::Confirmed),
        (2, OperationState::Queued, Mark::Saved),
        (3, OperationState::InFlight, Mark::OnItsWay),
        (4, OperationState::Unsaved { reason: None }, Mark::NotSaved),
        (5, OperationState::Unknown, Mark::Held),
        (6, failed(), Mark::Failed),
    ] {
        replica.commit(operation(n, edit(1, "x", None)));
        replica.set_state(op_id(n), state);
        assert_eq!(replica.mark(id(1)), mark);
    }
    assert_eq!(replica.mark(id(2)), Mark::Confirmed);
    assert_eq!(replica.operations_of(id(1)).count(), 6);
    let counts = replica.counts(&profile_id());
    assert_eq!(
        (counts.waiting, counts.unsaved, counts.held, counts.failed),
        (4, 1, 0, 1)
    );
}

#[test]
fn an_update_listed_twice_is_shown_once() {
    let mut twice = mirror(3, &[]);
    twice.updates.push(twice.updates[0].clone());
    twice.failed.push(twice.updates[1].clone());
    let replica = new_replica(twice);
    assert_eq!(order(&replica), [1, 2, 3]);
    assert_eq!(of(&replica).failed, [id(18), id(19)]);
}

fn any_id() -> impl Strategy<Value = u128> {
    prop_oneof![4 => 1_u128..14, 1 => 18_u128..20, 3 => NEW + 1..NEW + 7]
}

fn any_own_time() -> impl Strategy<Value = Option<OwnTime>> {
    let slot = (1_i64..20, any::<bool>());
    proptest::option::of(slot.prop_map(|(slot, pinned)| OwnTime {
        at: Timestamp(slot * 6 * HOUR + if pinned { 0 } else { 1200 }),
        pinned,
    }))
}

fn any_change() -> impl Strategy<Value = Change> {
    let placement = prop_oneof![
        3 => Just(Placement::Queue),
        2 => Just(Placement::Top),
        1 => Just(Placement::Now),
        1 => (1_i64..100).prop_map(|h| Placement::At(Timestamp(h * HOUR + 300))),
    ];
    let anchor = || proptest::option::weighted(0.85, any_id().prop_map(id));
    let moved = (
        proptest::collection::vec(any_id().prop_map(id), 1..4),
        anchor(),
        anchor(),
    )
        .prop_map(|(updates, after, before)| Move {
            updates,
            place: Place { after, before },
        });
    prop_oneof![
        3 => (NEW + 1..NEW + 7, placement).prop_map(|(n, placement)| create(n, placement)),
        3 => (any_id(), "[a-z]{1,3}", any_own_time()).prop_map(|(n, text, own)| edit(n, &text, own)),
        4 => proptest::collection::vec(moved, 1..3).prop_map(|moves| Change::Reorder { moves }),
        1 => any_id().prop_map(share),
        1 => any_id().prop_map(destroy),
        1 => any_id().prop_map(|n| Change::Requeue { update: id(n) }),
    ]
}

/// One thing that happens to a replica.
#[derive(Debug, Clone)]
enum Step {
    Commit(Box<Change>),
    State(usize, OperationState),
    Remove(usize),
    Snapshot(u128, Vec<(u128, bool)>, Vec<usize>),
    Pause(bool),
}

fn any_state() -> impl Strategy<Value = OperationState> {
    prop_oneof![
        Just(OperationState::Queued),
        Just(OperationState::InFlight),
        Just(OperationState::Acked),
        Just(OperationState::Unknown),
        Just(held()),
        Just(failed()),
    ]
}

fn any_mirror() -> impl Strategy<Value = (u128, Vec<(u128, bool)>)> {
    let own = proptest::collection::vec((1_u128..14, any::<bool>()), 0..4);
    (0_u128..14, own)
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any_change().prop_map(Box::new).prop_map(Step::Commit),
        3 => (0_usize..12, any_state()).prop_map(|(i, state)| Step::State(i, state)),
        1 => (0_usize..12).prop_map(Step::Remove),
        1 => (any_mirror(), proptest::collection::vec(0_usize..12, 0..4))
            .prop_map(|((n, own), settled)| Step::Snapshot(n, own, settled)),
        1 => any::<bool>().prop_map(Step::Pause),
    ]
}

fn nth(replica: &Replica, i: usize) -> Option<OperationId> {
    replica
        .operations()
        .get(i)
        .map(|(operation, _)| operation.id)
}

fn take_step(replica: &mut Replica, n: u128, step: Step) {
    match step {
        Step::Commit(change) => replica.commit(operation(n, *change)),
        Step::State(i, state) => {
            if let Some(id) = nth(replica, i) {
                replica.set_state(id, state);
            }
        }
        Step::Remove(i) => {
            if let Some(id) = nth(replica, i) {
                replica.remove(id);
            }
        }
        Step::Snapshot(n, own, settled) => {
            let settled: Vec<_> = settled.iter().filter_map(|&i| nth(replica, i)).collect();
            replica.take_read(&profile_id(), mirror(n, &own).into(), &settled);
        }
        Step::Pause(paused) => replica.set_profiles(vec![profile(paused)]),
    }
}

/// Everything of a replica that can be seen.
fn seen(replica: &Replica) -> impl PartialEq + std::fmt::Debug + use<> {
    let queue = of(replica);
    let updates: Vec<_> = (1..NEW + 8)
        .map(|n| replica.update(id(n)).cloned())
        .collect();
    (
        queue.queue.clone(),
        queue.failed.clone(),
        queue.leaving.clone(),
        updates,
    )
}

fn marks(replica: &Replica) -> Vec<Mark> {
    (1..NEW + 8).map(|n| replica.mark(id(n))).collect()
}

/// The same replica, made anew from its parts.
fn made_anew(replica: &Replica) -> Replica {
    Replica::restore(
        replica.profiles().to_vec(),
        vec![(profile_id(), of(replica).mirror())],
        replica.operations().to_vec(),
    )
}

fn assert_consistent(replica: &Replica) -> Result<(), TestCaseError> {
    let queue = of(replica);
    let rows = queue.rows().iter().map(|row| row.update);
    let mut all: Vec<LocalId> = rows
        .chain(queue.failed.clone())
        .chain(queue.leaving.clone())
        .collect();
    let listed = all.len();
    all.sort_unstable();
    all.dedup();
    prop_assert_eq!(listed, all.len(), "listed twice");
    for &update in &all {
        prop_assert!(replica.update(update).is_some());
        prop_assert!(!queue.is_deleted(update));
    }
    // All of the mirror is there but what was deleted.
    let mirror = queue.mirror();
    for update in mirror.updates.iter().chain(&mirror.failed) {
        prop_assert_eq!(all.contains(&update.id), !queue.is_deleted(update.id));
    }
    // Rows are in the order of their times, those without one last.
    let key = |row: &Row| (row.due_at.is_none(), row.due_at);
    prop_assert!(queue.rows().is_sorted_by_key(key));
    for row in queue.rows() {
        let own = replica
            .update(row.update)
            .and_then(|update| update.body.own_time);
        prop_assert_eq!(row.fixed, own.is_some());
        if let Some(own) = own {
            prop_assert_eq!(row.due_at, Some(own.at));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_shown_is_the_fold_of_the_operations_over_the_mirror(
        (n, own) in any_mirror(), steps in proptest::collection::vec(any_step(), 1..16),
    ) {
        let mut replica = new_replica(mirror(n, &own));
        for (n, step) in (100..).zip(steps) {
            take_step(&mut replica, n, step);
            let anew = made_anew(&replica);
            prop_assert_eq!(seen(&replica), seen(&anew));
            prop_assert_eq!(marks(&replica), marks(&anew));
            prop_assert_eq!(replica.counts_in_all(), anew.counts_in_all());
            for (operation, _) in replica.operations() {
                prop_assert_eq!(&replica.operation(operation.id).unwrap().0, operation);
            }
            assert_consistent(&replica)?;
        }
    }

    #[test]
    fn going_on_and_acknowledging_changes_nothing_shown(
        (n, own) in any_mirror(), changes in proptest::collection::vec(any_change(), 1..10), i in 0_usize..10,
    ) {
        let mut replica = new_replica(mirror(n, &own));
        for (n, change) in (100..).zip(changes) {
            replica.commit(operation(n, change));
        }
        let before = seen(&replica);
        if let Some(id) = nth(&replica, i) {
            for state in [OperationState::Queued, OperationState::InFlight, OperationState::Unknown, OperationState::Acked] {
                replica.set_state(id, state);
                prop_assert_eq!(&seen(&replica), &before);
            }
        }
    }

    #[test]
    fn a_read_that_shows_all_effects_changes_nothing_in_the_queue(
        (n, own) in any_mirror(), changes in proptest::collection::vec(any_change(), 0..10), paused: bool,
    ) {
        let mut replica = new_replica(mirror(n, &own));
        replica.set_profiles(vec![profile(paused)]);
        for (n, change) in (100..).zip(changes) {
            replica.commit(operation(n, change));
        }
        let queue = of(&replica);
        let as_read = |id: LocalId, due_at: Option<Timestamp>| {
            let mut update = queue.update(id).unwrap().clone();
            update.body.due_at = due_at;
            update
        };
        let snapshot = QueueSnapshot {
            read_at: Timestamp(300),
            updates: queue.rows().iter().map(|row| as_read(row.update, row.due_at)).collect(),
            failed: queue.failed.iter().map(|&id| as_read(id, None)).collect(),
        };
        let before = (queue.queue.clone(), queue.failed.clone());
        let settled: Vec<OperationId> = replica.operations().iter().map(|(o, _)| o.id).collect();
        replica.take_read(&profile_id(), snapshot.into(), &settled);
        let queue = of(&replica);
        prop_assert_eq!((queue.queue.clone(), queue.failed.clone()), before);
        prop_assert!(queue.leaving.is_empty() && replica.operations().is_empty());
    }
}
