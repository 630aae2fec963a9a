//! The client of API v1 against our own server: what one writes, the other reads.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use qurate::api::v1::{Endpoint, Secret, V1};
use qurate::api::{Api, ApiError, List, NewUpdate, Page};
use qurate::domain::id::{ProfileId, RemoteId};
use qurate::domain::operation::{Editable, Placement};
use qurate::domain::profile::{NewProfile, Profile, Service};
use qurate::domain::schedule::{Entry, Schedule};
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Content, Media, OwnTime, RemoteUpdate, Status};

use crate::server_rig::{MONDAY, Rig, TOKEN};

const FIRST: Page = Page {
    page: 1,
    count: 100,
    since: None,
};

fn client(rig: &Rig) -> V1 {
    let url = format!("http://{}/1/", rig.address);
    V1::new(Endpoint::url(&url).unwrap(), Secret::new(TOKEN).unwrap())
}

fn every_day_at(times: &[(u32, u32)]) -> Schedule {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    Schedule(vec![Entry {
        days: vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun],
        times: times
            .iter()
            .map(|&(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
            .collect(),
    }])
}

async fn profile(api: &V1) -> Profile {
    let new = NewProfile {
        service: Service::Mastodon,
        name: "acme".into(),
        timezone: "Europe/Berlin".into(),
        schedule: every_day_at(&[(9, 0), (17, 30)]),
        connection: "demo".into(),
    };
    api.create_profile(&new).await.unwrap()
}

async fn create(api: &V1, profile: &ProfileId, text: &str, placement: Placement) -> RemoteUpdate {
    let new = NewUpdate {
        profiles: vec![profile.clone()],
        content: Content {
            text: text.into(),
            media: Media::default().into(),
        },
        placement,
        shorten: false,
    };
    let mut made = api.create(&new).await.unwrap();
    assert_eq!(made.len(), 1);
    made.remove(0)
}

async fn pending(api: &V1, profile: &ProfileId) -> Vec<RemoteUpdate> {
    let page = api.updates(profile, List::Pending, FIRST).await.unwrap();
    assert_eq!(page.total, page.updates.len() as u64);
    assert!(page.revision.is_some());
    page.updates
}

fn ids(updates: &[RemoteUpdate]) -> Vec<RemoteId> {
    updates.iter().map(|update| update.id.clone()).collect()
}

#[tokio::test]
async fn profiles_are_made_changed_and_removed() {
    let rig = Rig::empty();
    let api = client(&rig);
    assert_eq!(api.user().await, api.user().await);
    let ours = api.configuration().await.unwrap().unwrap();
    assert!(ours.capabilities.contains(&"manage_profiles".to_owned()));
    assert!(ours.connections.contains(&"demo".to_owned()));

    let made = profile(&api).await;
    assert_eq!(made.service, Service::Mastodon);
    assert_eq!(made.timezone, chrono_tz::Europe::Berlin);
    assert_eq!(made.connection.as_deref(), Some("demo"));
    assert_eq!(api.profiles().await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(api.schedules(&made.id).await.unwrap(), made.schedule);

    let week = every_day_at(&[(6, 5)]);
    api.set_schedule(&made.id, &week).await.unwrap();
    assert_eq!(api.schedules(&made.id).await.unwrap(), week);
    api.set_schedule(&made.id, &Schedule::default())
        .await
        .unwrap();
    assert!(api.schedules(&made.id).await.unwrap().is_empty());

    api.set_paused(&made.id, true).await.unwrap();
    assert!(api.profiles().await.unwrap()[0].paused);
    api.set_paused(&made.id, false).await.unwrap();
    assert!(!api.profiles().await.unwrap()[0].paused);

    let changed = api.update_profile(&made.id, Some("Ann & Bob"), Some("UTC"), None);
    let changed = changed.await.unwrap();
    assert_eq!(
        (changed.username.as_str(), changed.timezone),
        ("Ann & Bob", chrono_tz::UTC)
    );
    assert_eq!(changed.connection.as_deref(), Some("demo"));

    api.destroy_profile(&made.id).await.unwrap();
    assert_eq!(api.profiles().await.unwrap(), []);
}

#[tokio::test]
async fn updates_are_made_edited_and_cleared() {
    let rig = Rig::empty();
    let api = client(&rig);
    let home = profile(&api).await.id;
    let text = "Grüße & <b>\u{1F389}</b>\n100% + 1 #rust";
    let new = NewUpdate {
        profiles: vec![
            home.clone(),
            ProfileId::parse("0123456789abcdef01234567").unwrap(),
        ],
        content: Content {
            text: text.into(),
            media: Media {
                link: "https://a.example/?b=c&d=é".into(),
                title: "T".into(),
                description: "D".into(),
                picture: "https://a.example/p.png".into(),
                thumbnail: String::new(),
            }
            .into(),
        },
        placement: Placement::Queue,
        shorten: false,
    };
    let made = api.create(&new).await.unwrap().remove(0);
    assert_eq!(made.body.content, new.content);
    assert_eq!(made.body.status, Status::Pending);
    assert_eq!(made.body.created_at, Timestamp(MONDAY));
    assert_eq!(made.body.own_time, None);
    // 17:30 in Berlin: 09:00 there has begun.
    assert_eq!(made.body.due_at, Some(Timestamp(MONDAY + 8 * 3600 + 1800)));
    assert_eq!(api.update(&made.id).await.unwrap(), made);
    assert_eq!(pending(&api, &home).await, std::slice::from_ref(&made));

    // Tuesday's 17:30 in Berlin: only a slot can be pinned to.
    let at = Timestamp(MONDAY + 86_400 + 8 * 3600 + 1800);
    for own_time in [
        Some(OwnTime { at, pinned: false }),
        Some(OwnTime { at, pinned: true }),
        Some(OwnTime { at, pinned: false }),
        None,
    ] {
        let want = Editable {
            content: made.body.content.clone(),
            own_time,
        };
        let edited = api.edit(&made.id, &want, false).await.unwrap();
        assert_eq!(edited.body.own_time, own_time);
        assert_eq!(edited.body.content, new.content);
    }

    let bare = Editable {
        content: Content {
            text: "bare".into(),
            media: Media::default().into(),
        },
        own_time: None,
    };
    let edited = api.edit(&made.id, &bare, false).await.unwrap();
    assert_eq!(edited.body.content, bare.content);
    assert_eq!(edited.body.due_at, made.body.due_at);
    let picture = Media {
        picture: "https://a.example/q.png".into(),
        ..Media::default()
    };
    let want = Editable {
        content: Content {
            text: "bare".into(),
            media: picture.into(),
        },
        own_time: None,
    };
    assert_eq!(
        api.edit(&made.id, &want, false).await.unwrap().body.content,
        want.content
    );
}

#[tokio::test]
async fn a_queue_is_ordered_and_what_is_gone_is_gone() {
    let rig = Rig::empty();
    let api = client(&rig);
    let home = profile(&api).await.id;
    let one = create(&api, &home, "one", Placement::Queue).await.id;
    let two = create(&api, &home, "two", Placement::Queue).await.id;
    let three = create(&api, &home, "three", Placement::Top).await.id;
    assert_eq!(
        ids(&pending(&api, &home).await),
        [three.clone(), one.clone(), two.clone()]
    );

    let order = [two.clone(), three.clone(), one.clone()];
    assert_eq!(ids(&api.reorder(&home, &order).await.unwrap()), order);
    assert_eq!(api.move_to_top(&one).await.unwrap().id, one);
    let before = pending(&api, &home).await;
    assert_eq!(ids(&before), [one.clone(), two.clone(), three.clone()]);
    assert_eq!(
        api.shuffle(&home).await.unwrap(),
        pending(&api, &home).await
    );

    api.destroy(&two).await.unwrap();
    assert!(!ids(&pending(&api, &home).await).contains(&two));
    for gone in [api.destroy(&two).await, api.update(&two).await.map(drop)] {
        assert!(
            matches!(
                gone,
                Err(ApiError::Refused {
                    status: 404,
                    code: Some(1020),
                    ..
                })
            ),
            "{gone:?}"
        );
    }
}

#[tokio::test]
async fn what_was_shared_is_listed_as_sent_with_its_reactions() {
    let rig = Rig::empty();
    let api = client(&rig);
    let home = profile(&api).await.id;
    let made = create(&api, &home, "one", Placement::Queue).await;
    api.share(&made.id).await.unwrap();
    // The attempt runs beside the request.
    let listed = async {
        loop {
            let sent = api.updates(&home, List::Sent, FIRST).await.unwrap();
            if sent.total > 0 {
                break sent;
            }
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(20), listed);
    let sent = sent.await.expect("it is sent");
    assert_eq!(sent.updates[0].id, made.id);
    assert_eq!(sent.updates[0].body.status, Status::Sent);
    assert_eq!(
        sent.updates[0].body.outcome.sent.as_ref().unwrap().at,
        Timestamp(MONDAY)
    );
    assert_eq!(
        api.link_shares("https://a.example/unheard-of")
            .await
            .unwrap(),
        0
    );
    assert_eq!(pending(&api, &home).await, []);
    assert_eq!(
        api.updates(&home, List::Failed, FIRST).await.unwrap().total,
        0
    );

    rig.turn(MONDAY + 86_400);
    let all = api.interactions(&made.id, None, FIRST).await.unwrap();
    assert!(all.total > 0, "the demo connection reports reactions");
    let some = api
        .interactions(&made.id, Some("favorite"), FIRST)
        .await
        .unwrap();
    assert!(some.interactions.iter().all(|one| one.event == "favorite"));
    assert_eq!(all.interactions.len() as u64, all.total.min(100));
    let odd = api.interactions(&made.id, Some("sneeze"), FIRST).await;
    assert!(
        matches!(
            odd,
            Err(ApiError::Refused {
                code: Some(1029),
                ..
            })
        ),
        "{odd:?}"
    );
}

#[tokio::test]
async fn refusals_of_our_server_are_understood() {
    let rig = Rig::with(|config| config.rate_limit = Some(8));
    let api = client(&rig);
    let home = profile(&api).await.id;
    create(&api, &home, "same", Placement::Queue).await;
    let again = NewUpdate {
        profiles: vec![home.clone()],
        content: Content {
            text: "same".into(),
            media: Media::default().into(),
        },
        placement: Placement::Queue,
        shorten: false,
    };
    let code = |result: Result<Vec<RemoteUpdate>, ApiError>| match result {
        Err(ApiError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(api.create(&again).await), Some(1025));
    let past = NewUpdate {
        placement: Placement::At(Timestamp(5)),
        ..again.clone()
    };
    assert_eq!(code(api.create(&past).await), Some(1034));
    let nobody = ProfileId::parse("0123456789abcdef01234567").unwrap();
    let nobodys = NewUpdate {
        profiles: vec![nobody],
        ..again
    };
    assert_eq!(code(api.create(&nobodys).await), Some(1011));

    let url = format!("http://{}/1/", rig.address);
    let wrong = V1::new(Endpoint::url(&url).unwrap(), Secret::new("wrong").unwrap());
    assert!(matches!(wrong.user().await, Err(ApiError::SignIn(_))));
    let none = V1::new(Endpoint::url(&url).unwrap(), Secret::none());
    assert!(matches!(
        none.share(&RemoteId::parse("u").unwrap()).await,
        Err(ApiError::SignIn(_))
    ));

    let mut answers = Vec::new();
    for _ in 0..9 {
        answers.push(api.user().await);
    }
    let limited = answers.pop();
    assert!(
        matches!(limited, Some(Err(ApiError::Later { after: Some(_) }))),
        "{limited:?}"
    );
}

#[tokio::test]
async fn the_order_of_a_long_queue_is_one_request() {
    let rig = Rig::demo(3_000);
    let api = client(&rig);
    let home = api.profiles().await.unwrap().remove(0);
    let mut order = Vec::new();
    for page in 1..=30 {
        let part = Page { page, ..FIRST };
        let part = api.updates(&home.id, List::Pending, part).await.unwrap();
        assert_eq!(part.total, 3_000);
        order.extend(ids(&part.updates));
    }
    order.reverse();
    let queue = api.reorder(&home.id, &order).await.unwrap();
    assert_eq!(queue.len(), 3_000);
    // Once the server is known to be ours, its answer need not hold the whole queue.
    assert!(api.configuration().await.unwrap().is_some());
    let head = api.reorder(&home.id, &order).await.unwrap();
    assert_eq!(ids(&head), ids(&queue[..20]));
    // Those with a time of their own keep it.
    let has_slot = |update: &&RemoteUpdate| update.body.own_time.is_none();
    let movable: Vec<RemoteId> = queue
        .iter()
        .filter(has_slot)
        .map(|u| u.id.clone())
        .collect();
    let known: HashSet<&RemoteId> = movable.iter().collect();
    order.retain(|id| known.contains(id));
    assert_eq!(movable, order);
}
