use proptest::prelude::*;
use ulid::Ulid;

use super::Joined;
use crate::domain::id::LocalId;
use crate::domain::operation::{Change, Editable, Placement};
use crate::domain::time::Timestamp;
use crate::domain::update::{Content, OwnTime};

/// One update on a server, and what was published of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Model {
    there: Option<Editable>,
    published: Vec<String>,
}

impl Model {
    /// What the server does with one request for this change; what it refuses changes nothing.
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Create {
                content, placement, ..
            } => match placement {
                Placement::Now => self.published.push(content.text.clone()),
                Placement::Queue | Placement::Top | Placement::At(_) | Placement::Pinned(_) => {
                    self.there = Some(Editable {
                        content: content.clone(),
                        own_time: placement.own_time(),
                    });
                }
            },
            Change::Edit { want, .. } => {
                if let Some(there) = &mut self.there {
                    *there = want.clone();
                }
            }
            Change::Share { .. } => {
                if let Some(there) = self.there.take() {
                    self.published.push(there.content.text);
                }
            }
            Change::Destroy { .. } => self.there = None,
            Change::Reorder { .. } | Change::Requeue { .. } => {}
        }
    }

    fn apply_joined(&mut self, joined: Joined) {
        match joined.simplified() {
            Joined::Nothing => {}
            Joined::One(change) => self.apply(&change),
            Joined::EditAndShare { want, .. } => {
                if self.there.take().is_some() {
                    self.published.push(want.content.text);
                }
            }
        }
    }
}

/// What a person does next to one update.
#[derive(Debug, Clone, Copy)]
enum Act {
    Write(u8),
    Retime(Option<u8>, bool),
    Share,
    Destroy,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        // Few texts, so that some edits lead back to what was there.
        4 => (0..3_u8).prop_map(Act::Write),
        2 => (proptest::option::of(0..3_u8), any::<bool>()).prop_map(|(at, pin)| Act::Retime(at, pin)),
        1 => Just(Act::Share),
        1 => Just(Act::Destroy),
    ]
}

fn content(text: u8) -> Content {
    Content {
        text: format!("text {text}"),
        ..Content::default()
    }
}

/// The operations an editor makes of the acts: each begins where the last one ended.
fn changes(made_here: Option<u8>, acts: &[Act]) -> Vec<Change> {
    let update = LocalId::from(Ulid(1));
    let mut now = Editable {
        content: content(0),
        own_time: None,
    };
    let mut changes = Vec::new();
    if let Some(kind) = made_here {
        let placement = match kind % 4 {
            0 => Placement::Queue,
            1 => Placement::Top,
            2 => Placement::At(Timestamp(7)),
            _ => Placement::Pinned(Timestamp(7)),
        };
        now.own_time = placement.own_time();
        changes.push(Change::Create {
            update,
            content: now.content.clone(),
            placement,
            shorten: false,
        });
    }
    for act in acts {
        let mut want = now.clone();
        match act {
            Act::Write(text) => want.content = content(*text),
            Act::Retime(at, pinned) => {
                want.own_time = at.map(|at| OwnTime {
                    at: Timestamp(i64::from(at)),
                    pinned: *pinned,
                });
            }
            Act::Share | Act::Destroy => {
                let seen = now.content.clone();
                changes.push(match act {
                    Act::Share => Change::Share { update, seen },
                    _ => Change::Destroy { update, seen },
                });
                break;
            }
        }
        changes.push(Change::Edit {
            update,
            base: std::mem::replace(&mut now, want.clone()),
            want,
        });
    }
    changes
}

fn cases() -> ProptestConfig {
    let scale = std::env::var("QURATE_TEST_SCALE").ok();
    let scale: u32 = scale.and_then(|scale| scale.parse().ok()).unwrap_or(1);
    ProptestConfig {
        cases: 10_000 * scale,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn joined_requests_come_to_what_single_ones_come_to(
        made_here in proptest::option::of(any::<u8>()),
        acts in proptest::collection::vec(act(), 0..7),
        // Where the line was up, so that what came before had gone out.
        cuts in any::<u8>(),
    ) {
        let changes = changes(made_here, &acts);
        let mut single = Model::default();
        if made_here.is_none() {
            single.there = Some(Editable { content: content(0), own_time: None });
        }
        let mut together = single.clone();
        for change in &changes {
            single.apply(change);
        }
        let mut chain: Option<Joined> = None;
        let mut requests = 0;
        for (i, change) in changes.iter().enumerate() {
            let cut = cuts >> (i % 8) & 1 == 1;
            let (done, open) = match chain.take() {
                None => (None, Joined::One(change.clone())),
                Some(joined) => match joined.with(change) {
                    Some(more) => (None, more),
                    None => (Some(joined), Joined::One(change.clone())),
                },
            };
            if let Some(joined) = done {
                together.apply_joined(joined);
                requests += 1;
            }
            chain = Some(open);
            if cut && let Some(joined) = chain.take() {
                together.apply_joined(joined);
                requests += 1;
            }
        }
        if let Some(joined) = chain {
            together.apply_joined(joined);
            requests += 1;
        }
        prop_assert_eq!(&single, &together);
        prop_assert!(requests <= changes.len());
    }
}

#[test]
fn what_was_never_made_and_what_leads_back_needs_no_request() {
    let back = changes(None, &[Act::Write(1), Act::Write(0)]);
    let joined = Joined::of(&back).map(Joined::simplified);
    assert_eq!(joined, Some(Joined::Nothing));
    let gone = changes(Some(0), &[Act::Write(1), Act::Destroy]);
    assert_eq!(Joined::of(&gone), Some(Joined::Nothing));
    let line_break = {
        let mut changes = changes(None, &[Act::Write(0)]);
        if let Change::Edit { want, .. } = &mut changes[0] {
            want.content.text = "text\n0".to_owned();
        }
        changes
    };
    let joined = Joined::of(&line_break).map(Joined::simplified);
    assert_ne!(joined, Some(Joined::Nothing), "a line break is an edit");
}

#[test]
fn what_is_published_or_deleted_is_what_the_server_has_or_will_have() {
    let made = changes(Some(0), &[Act::Write(1), Act::Share]);
    let Some(Joined::One(Change::Create {
        content: said,
        placement,
        ..
    })) = Joined::of(&made)
    else {
        panic!("one request that makes and publishes it");
    };
    assert_eq!((said, placement), (content(1), Placement::Now));
    // The delete is of the text before the edit, which never arrives.
    let deleted = changes(None, &[Act::Write(1), Act::Destroy]);
    let update = LocalId::from(Ulid(1));
    let seen = content(0);
    let destroy = Change::Destroy { update, seen };
    assert_eq!(Joined::of(&deleted), Some(Joined::One(destroy)));
}

#[test]
fn a_create_keeps_its_place_unless_an_edit_gives_it_a_time() {
    let joined = |placement: Placement, from: Option<i64>, to: Option<OwnTime>| {
        let mut changes = changes(Some(0), &[Act::Write(1)]);
        if let Change::Create { placement: at, .. } = &mut changes[0] {
            *at = placement;
        }
        if let Change::Edit { base, want, .. } = &mut changes[1] {
            base.own_time = from.map(|at| time(at, false));
            want.own_time = to;
        }
        match Joined::of(&changes) {
            Some(Joined::One(Change::Create { placement, .. })) => Some(placement),
            _ => None,
        }
    };
    let at = |seconds| Placement::At(Timestamp(seconds));
    assert_eq!(joined(Placement::Top, None, None), Some(Placement::Top));
    assert_eq!(joined(Placement::Queue, None, None), Some(Placement::Queue));
    assert_eq!(joined(at(7), Some(7), Some(time(7, false))), Some(at(7)));
    assert_eq!(joined(at(7), Some(7), Some(time(8, false))), Some(at(8)));
    assert_eq!(joined(at(7), Some(7), None), Some(Placement::Queue));
    let pinned = Some(Placement::Pinned(Timestamp(7)));
    assert_eq!(joined(at(7), Some(7), Some(time(7, true))), pinned);
    assert_eq!(joined(Placement::Now, None, None), None, "it is out");
}

fn time(at: i64, pinned: bool) -> OwnTime {
    let at = Timestamp(at);
    OwnTime { at, pinned }
}
