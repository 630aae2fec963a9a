use std::collections::HashSet;
use std::time::Duration;

use super::{Job, Now, Outbox, Plan};
use crate::domain::id::{GroupId, IdSource, LocalId, OperationId, ProfileId};
use crate::domain::operation::{
    Change, Editable, Move, Operation, OperationState, Place, Placement,
};
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, OwnTime};
use crate::sync::Pace;

const START: Timestamp = Timestamp(1_000_000);

struct Case {
    outbox: Outbox,
    ids: IdSource,
}

impl Case {
    fn new() -> Self {
        Self {
            outbox: Outbox::default(),
            ids: IdSource::new(3),
        }
    }

    fn update(&mut self) -> LocalId {
        LocalId::from(self.ids.ulid(START))
    }

    fn add(&mut self, change: Change, state: OperationState) -> OperationId {
        self.add_after(change, state, None)
    }

    fn add_after(
        &mut self,
        change: Change,
        state: OperationState,
        not_before: Option<Timestamp>,
    ) -> OperationId {
        let operation = Operation {
            id: OperationId(self.ids.ulid(START)),
            group: GroupId(self.ids.ulid(START)),
            profile: profile(),
            made_at: START,
            not_before,
            change,
        };
        let id = operation.id;
        self.outbox.push(operation, state, Duration::ZERO);
        id
    }

    fn plan_at(&self, elapsed: Duration) -> Plan {
        let seconds = i64::try_from(elapsed.as_secs()).expect("small");
        let now = Now {
            wall: START.plus(seconds),
            elapsed,
            pace: &Pace::remote(),
            soon: None,
        };
        self.outbox.plan(now, &|_| false)
    }

    /// What waits for nothing there is, if this is the plan.
    fn stuck(&self, plan: &Plan, elapsed: Duration) -> Vec<OperationId> {
        let now = Now {
            wall: START,
            elapsed,
            pace: &Pace::remote(),
            soon: None,
        };
        let waits = self.outbox.waits(plan, now, &|_| false).into_iter();
        waits
            .filter(|(_, waits)| waits.is_none())
            .map(|(id, _)| id)
            .collect()
    }

    /// What is sent first when every rest of the keys is over.
    fn next(&self) -> Option<Job> {
        let plan = self.plan_at(Duration::from_mins(1));
        plan.ready.into_iter().next().map(|(_, job)| job)
    }
}

fn profile() -> ProfileId {
    ProfileId::parse("p").expect("a good id")
}

fn create(update: LocalId, text: &str, placement: Placement) -> Change {
    let content = Content {
        text: text.to_owned(),
        ..Content::default()
    };
    Change::Create {
        update,
        content,
        placement,
        shorten: false,
    }
}

fn edit(update: LocalId) -> Change {
    Change::Edit {
        update,
        base: Editable::default(),
        want: Editable::default(),
    }
}

fn share(update: LocalId) -> Change {
    let seen = Content::default();
    Change::Share { update, seen }
}

fn requeue(update: LocalId) -> Change {
    Change::Requeue { update }
}

fn destroy(update: LocalId) -> Change {
    let seen = Content::default();
    Change::Destroy { update, seen }
}

fn reorder(update: LocalId) -> Change {
    let place = Place {
        after: None,
        before: None,
    };
    let updates = vec![update];
    Change::Reorder {
        moves: vec![Move { updates, place }],
    }
}

fn held() -> OperationState {
    OperationState::Held {
        why: crate::domain::operation::Hold::default(),
        reason: String::new(),
    }
}

fn failed() -> OperationState {
    OperationState::Failed {
        code: None,
        reason: String::new(),
    }
}

use OperationState::{Acked, Queued, Unknown};

#[test]
fn a_share_never_publishes_a_text_older_than_the_last_edit() {
    for state in [Queued, Unknown, held(), failed()] {
        let mut case = Case::new();
        let u = case.update();
        let first = case.add(edit(u), state.clone());
        let share = case.add(share(u), Queued);
        let together = Some(Job::Send(vec![first, share])).filter(|_| state == Queued);
        let alone = case.next() == Some(Job::Send(vec![share]));
        assert!(!alone, "{state:?}");
        assert!(
            state != Queued || case.next() == together,
            "one request for both"
        );
        case.outbox.get_mut(first).expect("there").state = Acked;
        assert_eq!(case.next(), Some(Job::Send(vec![share])));
    }
}

#[test]
fn what_is_held_or_failed_stops_only_what_is_about_its_update() {
    let mut case = Case::new();
    let (u, v) = (case.update(), case.update());
    case.add(edit(u), held());
    let behind = case.add(edit(u), Queued);
    let other = case.add(edit(v), Queued);
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    case.outbox.remove(&[other]);
    assert_eq!(case.next(), None);
    let away = case.add(destroy(u), Queued);
    case.outbox.remove(&[behind]);
    assert_eq!(
        case.next(),
        Some(Job::Send(vec![away])),
        "a delete needs no text"
    );
}

#[test]
fn the_most_urgent_goes_first() {
    let mut case = Case::new();
    let ids: Vec<LocalId> = (0..4).map(|_| case.update()).collect();
    let create = case.add(create(ids[0], "a", Placement::Queue), Queued);
    let edit = case.add(edit(ids[1]), Queued);
    let destroy = case.add(destroy(ids[2]), Queued);
    for id in [destroy, edit, create] {
        assert_eq!(case.next(), Some(Job::Send(vec![id])));
        case.outbox.remove(&[id]);
    }
}

#[test]
fn of_two_that_are_as_urgent_the_one_made_first_goes_first() {
    let mut case = Case::new();
    let (u, v) = (case.update(), case.update());
    let first = case.add(edit(u), Queued);
    let second = case.add(edit(v), Queued);
    for id in [first, second] {
        assert_eq!(case.next(), Some(Job::Send(vec![id])));
        case.outbox.remove(&[id]);
    }
}

#[test]
fn consecutive_reorders_are_one_and_wait_for_a_rest() {
    let mut case = Case::new();
    let u = case.update();
    let a = case.add(reorder(u), Queued);
    let b = case.add(reorder(u), Queued);
    let early = case.plan_at(Duration::from_millis(100));
    assert!(early.ready.is_empty());
    assert_eq!(early.wake, Some(Pace::remote().reorder_rest));
    assert_eq!(case.next(), Some(Job::Reorder(vec![a, b])));
}

#[test]
fn reorders_wait_for_a_rest_but_not_for_ever_and_a_tried_one_for_none() {
    let pace = Pace::remote();
    let mut case = Case::new();
    let u = case.update();
    let a = case.add(reorder(u), Queued);
    let b = case.add(reorder(u), Queued);
    // The keys never rest, but the first has waited for as long as it may.
    case.outbox.get_mut(b).expect("there").added_at = pace.reorder_limit;
    let early = case.plan_at(pace.reorder_limit.saturating_sub(Duration::from_millis(1)));
    assert!(early.ready.is_empty());
    assert_eq!(early.wake, Some(pace.reorder_limit));
    let plan = case.plan_at(pace.reorder_limit);
    assert_eq!(plan.ready, [(profile(), Job::Reorder(vec![a, b]))]);
    case.outbox.remove(&[b]);
    case.outbox.get_mut(a).expect("there").attempts = 1;
    let plan = case.plan_at(Duration::ZERO);
    assert_eq!(plan.ready, [(profile(), Job::Reorder(vec![a]))]);
}

#[test]
fn a_lost_reorder_is_looked_up_when_it_is_time_and_others_wait_for_it() {
    let mut case = Case::new();
    let u = case.update();
    let lost = case.add(reorder(u), Unknown);
    case.add(reorder(u), Queued);
    case.outbox.get_mut(lost).expect("there").not_until = Duration::from_secs(90);
    let early = case.plan_at(Duration::from_mins(1));
    assert!(early.ready.is_empty() && early.reads.is_empty());
    assert_eq!(early.wake, Some(Duration::from_secs(90)));
    let plan = case.plan_at(Duration::from_secs(90));
    assert!(plan.ready.is_empty());
    assert!(plan.reads.contains(&profile()));
}

#[test]
fn a_reorder_does_not_pass_one_that_is_not_saved() {
    let mut case = Case::new();
    let u = case.update();
    case.add(reorder(u), Queued);
    case.add(reorder(u), OperationState::Unsaved { reason: None });
    let later = case.add(reorder(u), Queued);
    let Some(Job::Reorder(batch)) = case.next() else {
        panic!("the first may go");
    };
    assert!(!batch.contains(&later));

    let mut case = Case::new();
    let u = case.update();
    case.add(reorder(u), OperationState::Unsaved { reason: None });
    case.add(reorder(u), Queued);
    assert_eq!(case.next(), None);
    // Nor does a create, whose place depends on it.
    let v = case.update();
    case.add(create(v, "a", Placement::Top), Queued);
    assert_eq!(case.next(), None);
}

#[test]
fn a_create_goes_after_those_before_it_but_not_after_one_in_its_window() {
    let mut case = Case::new();
    let (u, v) = (case.update(), case.update());
    let waits = create(u, "first", Placement::Queue);
    let waits = case.add_after(waits, Queued, Some(START.plus(100)));
    let other = case.add(create(v, "second", Placement::Queue), Queued);
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    // Its window is over, but it failed to connect and has to wait.
    let entry = case.outbox.get_mut(waits).expect("there");
    entry.opens_at = Duration::from_mins(1);
    entry.not_until = Duration::from_secs(100);
    assert_eq!(case.next(), None);
}

#[test]
fn a_create_waits_for_the_reorders_before_it_and_hurries_them() {
    let mut case = Case::new();
    let (u, v) = (case.update(), case.update());
    let moved = case.add(reorder(u), Queued);
    let made = case.add(create(v, "a", Placement::Top), Queued);
    let later = case.add(reorder(v), Queued);
    let plan = case.plan_at(Duration::from_millis(1));
    assert_eq!(plan.ready, [(profile(), Job::Reorder(vec![moved]))]);
    case.outbox.remove(&[moved]);
    assert_eq!(case.next(), Some(Job::Send(vec![made])));
    case.outbox.get_mut(made).expect("there").state = Acked;
    let plan = case.plan_at(Duration::from_mins(1));
    assert!(plan.ready.is_empty(), "the mirror does not have it yet");
    assert!(plan.reads.contains(&profile()));
    case.outbox.remove(&[made]);
    assert_eq!(case.next(), Some(Job::Reorder(vec![later])));
}

#[test]
fn a_reorder_waits_for_an_edit_that_changes_who_can_move_and_for_no_other() {
    for (time, waits) in [(None, false), (Some(START), true)] {
        let mut case = Case::new();
        let u = case.update();
        let own_time = time.map(|at| OwnTime { at, pinned: false });
        let want = Editable {
            own_time,
            ..Editable::default()
        };
        let base = Editable::default();
        case.add(
            Change::Edit {
                update: u,
                base,
                want,
            },
            Unknown,
        );
        case.outbox
            .entries
            .iter_mut()
            .for_each(|e| e.not_until = Duration::MAX);
        let moved = case.add(reorder(u), Queued);
        let next = case.next();
        assert_eq!(next != Some(Job::Reorder(vec![moved])), waits, "{next:?}");
    }
}

#[test]
fn a_window_is_waited_for_and_nothing_waits_with_it() {
    let mut case = Case::new();
    let (u, v) = (case.update(), case.update());
    let share = case.add_after(share(u), Queued, Some(START.plus(100)));
    let now = create(v, "a", Placement::Now);
    let now = case.add_after(now, Queued, Some(START.plus(200)));
    let w = case.update();
    let other = case.add(create(w, "b", Placement::Queue), Queued);
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    case.outbox.remove(&[other]);
    assert_eq!(case.next(), None);
    let wake = case.plan_at(Duration::from_mins(1)).wake;
    assert_eq!(wake, Some(Duration::from_secs(100)));
    let plan = case.plan_at(Duration::from_secs(100));
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![share]))]);
    let _ = now;
}

#[test]
fn what_goes_out_soon_is_urgent_and_what_waits_grows_older() {
    let mut case = Case::new();
    let (u, v, w) = (case.update(), case.update(), case.update());
    let first = case.add(edit(u), Queued);
    let soon = case.add(edit(v), Queued);
    let due = HashSet::from([v]);
    let at = |outbox: &Outbox, elapsed| {
        let now = Now {
            wall: START,
            elapsed,
            pace: &Pace::remote(),
            soon: Some(&due),
        };
        outbox.plan(now, &|_| false)
    };
    let plan = at(&case.outbox, Duration::ZERO);
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![soon]))]);
    assert!(plan.urgent.contains(&profile()));
    case.outbox.remove(&[soon, first]);
    // A create that waited for two minutes goes before an edit that did not.
    let old = case.add(create(w, "a", Placement::Queue), Queued);
    let young = case.add(edit(u), Queued);
    case.outbox.get_mut(young).expect("there").added_at = Duration::from_secs(119);
    let plan = at(&case.outbox, Duration::from_secs(59));
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![young]))]);
    let plan = at(&case.outbox, Duration::from_mins(2));
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![old]))]);
    assert!(plan.urgent.is_empty());
    // But it never grows as old as what is urgent.
    let v = case.update();
    let share = case.add(share(v), Queued);
    let plan = at(&case.outbox, Duration::from_mins(10));
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![share]))]);
}

#[test]
fn what_publishes_at_once_does_not_fire_late() {
    let mut case = Case::new();
    let u = case.update();
    let id = case.add(share(u), Queued);
    assert_eq!(case.plan_at(Duration::from_secs(899)).ready.len(), 1);
    let late = case.plan_at(Duration::from_secs(901));
    assert!(late.ready.is_empty());
    assert_eq!(late.stale, [id]);
    case.outbox.get_mut(id).expect("there").insisted = true;
    assert_eq!(case.plan_at(Duration::from_secs(901)).ready.len(), 1);
}

#[test]
fn what_was_tried_is_sent_again_as_it_was() {
    for tried_first in [true, false] {
        let mut case = Case::new();
        let u = case.update();
        let first = case.add(edit(u), Queued);
        let second = case.add(edit(u), Queued);
        let tried = if tried_first { first } else { second };
        case.outbox.get_mut(tried).expect("there").tried = true;
        assert_eq!(case.next(), Some(Job::Send(vec![first])));
    }
}

#[test]
fn nothing_joins_what_is_before_something_that_is_stopped() {
    for state in [held(), failed()] {
        let mut case = Case::new();
        let u = case.update();
        let first = case.add(edit(u), Queued);
        case.add(edit(u), state.clone());
        case.add(edit(u), Queued);
        assert_eq!(case.next(), Some(Job::Send(vec![first])), "{state:?}");
    }
    // Nor what is before a share that comes too late.
    let mut case = Case::new();
    let u = case.update();
    let first = case.add(edit(u), Queued);
    let late = case.add(share(u), Queued);
    case.add(edit(u), Queued);
    let plan = case.plan_at(Duration::from_secs(901));
    assert_eq!(plan.stale, [late]);
    assert_eq!(plan.ready, [(profile(), Job::Send(vec![first]))]);
}

#[test]
fn nothing_is_done_to_what_is_not_made() {
    for state in [held(), failed(), Unknown] {
        for change in [edit, share, destroy, requeue] {
            let mut case = Case::new();
            let u = case.update();
            let made = create(u, "a", Placement::Queue);
            let made = case.add(made, state.clone());
            case.outbox.get_mut(made).expect("there").not_until = Duration::MAX;
            let next = change(u);
            case.add(next.clone(), Queued);
            assert_eq!(case.next(), None, "{state:?} {next:?}");
        }
    }
}

#[test]
fn it_is_late_by_whichever_clock_says_so_first() {
    let mut case = Case::new();
    let u = case.update();
    case.add_after(share(u), Queued, Some(START.plus(10)));
    let ready = |wall: i64, elapsed: u64| {
        let now = Now {
            wall: START.plus(wall),
            elapsed: Duration::from_secs(elapsed),
            pace: &Pace::remote(),
            soon: None,
        };
        let plan = case.outbox.plan(now, &|_| false);
        assert_eq!(plan.stale.len() + plan.ready.len(), 1);
        plan.ready.len() == 1
    };
    assert!(ready(910, 910));
    assert!(!ready(911, 20), "the machine slept");
    assert!(!ready(5000, 20));
    assert!(!ready(20, 911), "the clock was set back");
    assert!(!ready(20, 5000));
}

#[test]
fn creates_of_one_text_are_never_unknown_together() {
    let mut case = Case::new();
    let (u, v, w) = (case.update(), case.update(), case.update());
    let lost = case.add(create(u, "same", Placement::Queue), Unknown);
    case.outbox.get_mut(lost).expect("there").not_until = Duration::from_secs(1000);
    let other = case.add(create(w, "other", Placement::Queue), Queued);
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    case.outbox.remove(&[other]);
    case.add(create(v, " same ", Placement::Queue), Queued);
    assert_eq!(case.next(), None);
    let other = case.add(create(w, "other", Placement::Now), Queued);
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    case.outbox.get_mut(lost).expect("there").not_until = Duration::ZERO;
    // What publishes goes before it.
    assert_eq!(case.next(), Some(Job::Send(vec![other])));
    case.outbox.remove(&[other]);
    assert_eq!(case.next(), Some(Job::LookForCreates(vec![lost])));
}

#[test]
fn whatever_may_be_done_is_done_or_has_a_time() {
    // Liveness: nothing that is queued or unknown waits for nothing.
    let mut case = Case::new();
    let u = case.update();
    for change in [
        create(u, "a", Placement::Queue),
        edit(u),
        share(u),
        destroy(u),
    ] {
        for state in [Queued, Unknown] {
            let mut case = Case::new();
            let id = case.add(change.clone(), state);
            case.outbox.get_mut(id).expect("there").not_until = Duration::from_secs(70);
            let plan = case.plan_at(Duration::from_mins(1));
            assert_eq!(plan.wake, Some(Duration::from_secs(70)), "{change:?}");
            assert_eq!(case.plan_at(Duration::from_secs(70)).ready.len(), 1);
        }
    }
}

#[test]
fn a_create_waits_for_the_delete_before_it_of_the_same_text() {
    let mut case = Case::new();
    let (old, new, other) = (case.update(), case.update(), case.update());
    let seen = Content {
        text: "hello".to_owned(),
        ..Content::default()
    };
    let delete = Change::Destroy { update: old, seen };
    let delete = case.add_after(delete, OperationState::Queued, Some(START.plus(10)));
    let queued = OperationState::Queued;
    let other = case.add(create(other, "other", Placement::Queue), queued.clone());
    let same = case.add(create(new, "hello ", Placement::Queue), queued);
    let jobs = |case: &Case, seconds| {
        let plan = case.plan_at(Duration::from_secs(seconds));
        let ready = plan.ready.into_iter().next();
        (ready.map(|(_, job)| job), plan.wake)
    };
    // In the window of the delete others go.
    let window = Some(Duration::from_secs(10));
    assert_eq!(jobs(&case, 1), (Some(Job::Send(vec![other])), window));
    case.outbox.remove(&[other]);
    assert_eq!(jobs(&case, 1), (None, window));
    assert_eq!(jobs(&case, 10).0, Some(Job::Send(vec![delete])));
    // Also while nobody knows whether it was done, and no longer.
    for (state, goes) in [
        (OperationState::InFlight, false),
        (OperationState::Unknown, false),
        (OperationState::Acked, true),
        (held(), true),
    ] {
        case.outbox.get_mut(delete).expect("there").state = state.clone();
        let job = jobs(&case, 10).0;
        assert_eq!(job == Some(Job::Send(vec![same])), goes, "{state:?}");
    }
}

#[test]
fn an_operation_the_plan_forgot_is_found() {
    let mut case = Case::new();
    let (a, b) = (case.update(), case.update());
    let queued = OperationState::Queued;
    let first = case.add(edit(a), queued.clone());
    let behind = case.add(share(a), queued.clone());
    let order = case.add(reorder(b), queued.clone());
    let late = case.add_after(destroy(b), queued, Some(START.plus(600)));
    case.add(create(b, "text", Placement::Queue), held());
    let later = Duration::from_mins(1);
    let mut plan = case.plan_at(later);
    assert_eq!(case.stuck(&plan, later), []);
    // A plan that forgets the profile: only what waits for a time is named then, and what is
    // behind something else, which is not.
    plan.ready.clear();
    assert_eq!(case.stuck(&plan, later), [first, order]);
    assert!(!case.stuck(&plan, later).contains(&behind));
    plan.wake = None;
    assert_eq!(case.stuck(&plan, later), [first, order, late]);
}

#[test]
fn a_delete_that_is_half_of_a_move_to_another_profile_waits_for_the_other_half() {
    let failed = OperationState::Failed {
        code: None,
        reason: String::new(),
    };
    for (state, goes) in [
        (OperationState::Queued, false),
        (OperationState::Unknown, false),
        (OperationState::InFlight, false),
        (failed, false),
        (OperationState::Acked, true),
    ] {
        let mut case = Case::new();
        let (here, there) = (case.update(), case.update());
        let group = GroupId(case.ids.ulid(START));
        let mut add = |profile: ProfileId, change: Change, state: OperationState| {
            let operation = Operation {
                id: OperationId(case.ids.ulid(START)),
                group,
                profile,
                made_at: START,
                not_before: None,
                change,
            };
            let id = operation.id;
            case.outbox.push(operation, state, Duration::ZERO);
            id
        };
        let other = ProfileId::parse("other").expect("a good id");
        add(
            other,
            create(there, "moved", Placement::Queue),
            state.clone(),
        );
        let delete = add(profile(), destroy(here), OperationState::Queued);
        let later = Duration::from_mins(1);
        let mut plan = case.plan_at(later);
        let is_ready = plan.ready.contains(&(profile(), Job::Send(vec![delete])));
        assert_eq!(is_ready, goes, "{state:?}");
        // Whoever looks for what is stuck knows why it waits.
        plan.ready.retain(|(of, _)| *of != profile());
        assert_eq!(case.stuck(&plan, later).contains(&delete), goes);
    }
}

/// A few operations of two profiles in any state; now and then one names an update of the other.
fn any_case(random: &mut fastrand::Rng) -> Case {
    let mut case = Case::new();
    let updates: Vec<LocalId> = (0..4).map(|_| case.update()).collect();
    let groups: Vec<GroupId> = (0..3).map(|_| GroupId(case.ids.ulid(START))).collect();
    let mut named = HashSet::new();
    for _ in 0..random.usize(1..8) {
        let at = random.usize(..2);
        let of = if random.u8(..4) == 0 { 1 - at } else { at };
        let update = updates[2 * of + random.usize(..2)];
        let text = ["a", "b", ""][random.usize(..3)];
        let time = random.bool().then_some(OwnTime {
            at: START.plus(9_000),
            pinned: false,
        });
        // Nothing is done to an update before it is made.
        let is_new = named.insert(update);
        let change = match random.u8(if is_new { 0 } else { 2 }..7) {
            0 => create(update, text, Placement::Queue),
            1 => create(update, text, Placement::Now),
            2 => Change::Edit {
                update,
                base: Editable::default(),
                want: Editable {
                    own_time: time,
                    ..Editable::default()
                },
            },
            3 => share(update),
            4 => destroy(update),
            5 => requeue(update),
            _ => reorder(update),
        };
        let state = match random.u8(..8) {
            0..3 => OperationState::Queued,
            3 | 4 => OperationState::Unknown,
            5 => OperationState::Acked,
            6 => held(),
            _ => failed(),
        };
        let operation = Operation {
            id: OperationId(case.ids.ulid(START)),
            group: groups[random.usize(..3)],
            profile: ProfileId::parse(["p", "q"][at]).expect("a good id"),
            made_at: START,
            not_before: (random.u8(..4) == 0).then_some(START.plus(100)),
            change,
        };
        let id = operation.id;
        case.outbox.push(operation, state, Duration::ZERO);
        let entry = case.outbox.get_mut(id).expect("there");
        entry.not_until = Duration::from_secs([0, 0, 0, 70][random.usize(..4)]);
        entry.tried = random.bool();
    }
    case
}

#[test]
fn no_operation_ever_waits_for_nothing() {
    for seed in 0..5_000 {
        let case = any_case(&mut fastrand::Rng::with_seed(seed));
        for elapsed in [1, 60, 70, 100].map(Duration::from_secs) {
            let plan = case.plan_at(elapsed);
            let stuck = case.stuck(&plan, elapsed);
            assert_eq!(stuck, [], "{seed} at {elapsed:?}: {:#?}", case.outbox);
            // A request is about one update, whichever queues it was seen in.
            for (_, job) in plan.ready {
                let (Job::Send(ids) | Job::Look(ids)) = job else {
                    continue;
                };
                let of = |id: &OperationId| case.outbox.get(*id).expect("there").operation.clone();
                let all: HashSet<_> = ids.iter().map(|id| of(id).change.updates()).collect();
                assert_eq!(all.len(), 1, "{seed} at {elapsed:?}: {:#?}", case.outbox);
            }
        }
    }
}

#[test]
fn what_is_made_on_an_update_in_two_queues_goes_in_its_order() {
    let mut case = Case::new();
    let (one, other) = (case.update(), case.update());
    let here = case.add(edit(one), Queued);
    let add_there = |case: &mut Case, change: Change| {
        let operation = Operation {
            id: OperationId(case.ids.ulid(START)),
            group: GroupId(case.ids.ulid(START)),
            profile: ProfileId::parse("q").expect("a good id"),
            made_at: START,
            not_before: None,
            change,
        };
        let id = operation.id;
        case.outbox.push(operation, Queued, Duration::ZERO);
        id
    };
    let first = add_there(&mut case, edit(other));
    let behind = add_there(&mut case, share(one));
    let later = Duration::from_mins(1);
    let plan = case.plan_at(later);
    let there = ProfileId::parse("q").expect("a good id");
    let jobs = [
        (profile(), Job::Send(vec![here])),
        (there.clone(), Job::Send(vec![first])),
    ];
    assert_eq!(
        plan.ready, jobs,
        "nothing joins what is about another update"
    );
    case.outbox.remove(&[first]);
    let plan = case.plan_at(later);
    assert_eq!(plan.ready, jobs[..1]);
    assert_eq!(
        case.stuck(&plan, later),
        [],
        "it waits for the one before it"
    );
    case.outbox.remove(&[here]);
    let job = (there, Job::Send(vec![behind]));
    assert_eq!(case.plan_at(later).ready, [job]);
}
