//! Calling a person who looks elsewhere.

use qurate::app::action::Action;
use qurate::app::effect::Effect;
use qurate::domain::operation::{Hold, OperationState};
use qurate::domain::terminal::Call;
use qurate::protocol::{Link, SyncEvent};

use crate::harness::{Harness, NOW};

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
    let refused = (Call::Bell, "qurate: an update was refused".to_owned());
    assert_eq!(calls(&h), [refused.clone()], "no word of a post is in it");
    h.wait(61);
    assert_eq!(calls(&h).len(), 1, "time alone is nothing new");
    refuse(&mut h, 2);
    assert_eq!(calls(&h), [refused.clone(), refused]);
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
        snapshot: failed,
        settled: Vec::new(),
    });
    assert_eq!(
        calls(&h),
        [(Call::Bell, "qurate: an update did not go out".to_owned())]
    );
}
