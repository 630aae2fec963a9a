//! What the client of API v1 sends: one request for each call, and the token in its header only.

use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, Mutex};

use chrono::{NaiveTime, Weekday};
use qurate::api::v1::{Endpoint, Secret, V1};
use qurate::api::{Api, ApiError, List, NewUpdate, Page};
use qurate::domain::id::{ProfileId, RemoteId};
use qurate::domain::operation::{Editable, Placement};
use qurate::domain::profile::{NewProfile, Service};
use qurate::domain::schedule::{Entry, Schedule};
use qurate::domain::time::Timestamp;
use qurate::domain::update::{Content, Media, OwnTime};
use qurate::wire::form::{Form, When};

use crate::raw_server::{Asked, Play, RawServer, json};

const TOKEN: &str = "1/c4n4ry";

fn client(server: &RawServer) -> V1 {
    V1::new(
        Endpoint::url(&server.url()).unwrap(),
        Secret::new(TOKEN).unwrap(),
    )
}

fn id(text: &str) -> RemoteId {
    RemoteId::parse(text).unwrap()
}

fn profile(text: &str) -> ProfileId {
    ProfileId::parse(text).unwrap()
}

/// Makes one call, whatever it is answered, and returns the request it made.
async fn sent<T: Debug, F: Future<Output = Result<T, ApiError>>>(
    call: impl FnOnce(&'static V1) -> F,
) -> Asked {
    let server = RawServer::start(Play::Answer(json("{}")));
    // The call's future borrows the client; a test may leak one.
    let api: &'static V1 = Box::leak(Box::new(client(&server)));
    let result = call(api).await;
    assert!(!matches!(result, Err(ApiError::NotSent(_))), "{result:?}");
    assert!(!format!("{api:?} {result:?}").contains(TOKEN));
    let mut asked = server.asked();
    let request = asked.pop().unwrap();
    assert!(asked.is_empty(), "one call is one request");
    check_headers(&request);
    request
}

fn check_headers(request: &Asked) {
    assert_eq!(request.header("authorization"), Some("Bearer 1/c4n4ry"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("referer"), None);
    assert_eq!(request.header("accept-encoding"), None);
    let agent = concat!("qurate/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent));
    assert!(!request.target.contains("c4n4ry") && !request.body.contains("c4n4ry"));
    let form = "application/x-www-form-urlencoded";
    if request.method == "GET" {
        assert_eq!(request.body, "");
    } else {
        assert_eq!(request.header("content-type"), Some(form));
        assert!(request.header("content-length").is_some());
        assert!(!request.target.contains('?'));
    }
}

fn form(request: &Asked) -> Form {
    Form::parse(request.body.as_bytes()).unwrap()
}

fn line(request: &Asked) -> String {
    format!("{} {}", request.method, request.target)
}

const PAGE: Page = Page {
    page: 2,
    count: 100,
    since: None,
};

#[tokio::test]
async fn each_read_has_its_path_and_query() {
    let since = Page {
        since: Some(Timestamp(5)),
        ..PAGE
    };
    for (request, wanted) in [
        (sent(Api::user).await, "GET /1/user.json"),
        (
            sent(Api::configuration).await,
            "GET /1/info/configuration.json",
        ),
        (sent(Api::profiles).await, "GET /1/profiles.json"),
        (
            sent(|api| async { api.update(&id("u1")).await }).await,
            "GET /1/updates/u1.json",
        ),
        (
            sent(|api| async { api.updates(&profile("p1"), List::Pending, PAGE).await }).await,
            "GET /1/profiles/p1/updates/pending.json?page=2&count=100",
        ),
        (
            sent(|api| async { api.updates(&profile("p1"), List::Sent, since).await }).await,
            "GET /1/profiles/p1/updates/sent.json?page=2&count=100&since=5",
        ),
        (
            sent(|api| async { api.updates(&profile("p1"), List::Failed, PAGE).await }).await,
            "GET /1/profiles/p1/updates/failed.json?page=2&count=100",
        ),
        (
            sent(|api| async { api.interactions(&id("u1"), None, PAGE).await }).await,
            "GET /1/updates/u1/interactions.json?page=2&count=100",
        ),
        (
            sent(|api| async { api.interactions(&id("u1"), Some("share"), PAGE).await }).await,
            "GET /1/updates/u1/interactions.json?event=share&page=2&count=100",
        ),
        (
            sent(|api| async { api.schedules(&profile("p1")).await }).await,
            "GET /1/profiles/p1/schedules.json",
        ),
        (
            sent(|api| api.link_shares("https://a.example/?b=c&d")).await,
            "GET /1/links/shares.json?url=https%3A%2F%2Fa.example%2F%3Fb%3Dc%26d",
        ),
    ] {
        assert_eq!(line(&request), wanted);
    }
}

#[tokio::test]
async fn each_change_without_a_body_has_its_path() {
    for (request, wanted) in [
        (
            sent(|api| async { api.share(&id("u1")).await }).await,
            "POST /1/updates/u1/share.json",
        ),
        (
            sent(|api| async { api.destroy(&id("u1")).await }).await,
            "POST /1/updates/u1/destroy.json",
        ),
        (
            sent(|api| async { api.requeue(&id("u1")).await }).await,
            "POST /1/updates/u1/requeue.json",
        ),
        (
            sent(|api| async { api.move_to_top(&id("u1")).await }).await,
            "POST /1/updates/u1/move_to_top.json",
        ),
        (
            sent(|api| async { api.shuffle(&profile("p1")).await }).await,
            "POST /1/profiles/p1/updates/shuffle.json",
        ),
        (
            sent(|api| async { api.destroy_profile(&profile("p1")).await }).await,
            "POST /1/profiles/p1/destroy.json",
        ),
    ] {
        assert_eq!(line(&request), wanted);
        assert_eq!(request.body, "");
    }
}

async fn created(placement: Placement) -> Form {
    let new = NewUpdate {
        profiles: vec![profile("p1"), profile("p2")],
        content: Content {
            text: "a & b=c 🎉\n#rust".into(),
            media: Media {
                link: "https://a.example".into(),
                ..Media::default()
            }
            .into(),
        },
        placement,
        shorten: false,
    };
    let request = sent(|api| async move { api.create(&new).await }).await;
    assert_eq!(line(&request), "POST /1/updates/create.json");
    form(&request)
}

#[tokio::test]
async fn a_new_update_is_sent_with_its_place() {
    let queue = created(Placement::Queue).await;
    assert_eq!(queue.text("text"), Some("a & b=c 🎉\n#rust"));
    assert_eq!(queue.list("profile_ids"), ["p1", "p2"]);
    assert_eq!(queue.flag("shorten"), Ok(Some(false)));
    assert_eq!(queue.flag("attachment"), Ok(Some(false)));
    assert_eq!(queue.map("media").unwrap().len(), 1);
    assert_eq!(queue.media().unwrap().link, "https://a.example");
    for key in ["now", "top", "scheduled_at"] {
        assert!(!queue.has(key), "{key}");
    }
    assert_eq!(created(Placement::Top).await.flag("top"), Ok(Some(true)));
    assert_eq!(created(Placement::Now).await.flag("now"), Ok(Some(true)));
    let at = created(Placement::At(Timestamp(1_796_112_000))).await;
    assert_eq!(at.text("scheduled_at"), Some("1796112000"));
    assert!(!at.has("pinned"));
    let pinned = created(Placement::Pinned(Timestamp(1_796_112_000))).await;
    assert_eq!(pinned.text("scheduled_at"), Some("1796112000"));
    assert_eq!(pinned.flag("pinned"), Ok(Some(true)));
}

async fn edited(own_time: Option<OwnTime>, now: bool) -> Form {
    let want = Editable {
        content: Content {
            text: "new".into(),
            media: Media {
                picture: "https://a.example/p.png".into(),
                ..Media::default()
            }
            .into(),
        },
        own_time,
    };
    let request = sent(|api| async move { api.edit(&id("u1"), &want, now).await }).await;
    assert_eq!(line(&request), "POST /1/updates/u1/update.json");
    form(&request)
}

#[tokio::test]
async fn an_edit_is_sent_in_full() {
    let slot = edited(None, false).await;
    assert_eq!(slot.text("text"), Some("new"));
    assert_eq!(slot.time("scheduled_at"), Ok(When::Cleared));
    assert!(!slot.has("now") && !slot.has("pinned"));
    let media = slot.map("media").unwrap();
    for field in ["link", "title", "description", "thumbnail"] {
        assert_eq!(media.get(field), Some(&""), "{field}");
    }
    assert_eq!(media.get("picture"), Some(&"https://a.example/p.png"));
    assert_eq!(media.get("photo"), Some(&"https://a.example/p.png"));

    let at = Timestamp(1_796_112_000);
    let custom = edited(Some(OwnTime { at, pinned: false }), true).await;
    assert_eq!(custom.time("scheduled_at"), Ok(When::At(at)));
    assert_eq!(custom.flag("now"), Ok(Some(true)));
    assert_eq!(custom.flag("pinned"), Ok(Some(false)));
    let pinned = edited(Some(OwnTime { at, pinned: true }), false).await;
    assert_eq!(pinned.flag("pinned"), Ok(Some(true)));
}

#[tokio::test]
async fn an_order_is_sent_as_a_whole() {
    let request = sent(|api| async {
        let order = [id("u3"), id("u1"), id("u2")];
        api.reorder(&profile("p1"), &order).await
    })
    .await;
    assert_eq!(line(&request), "POST /1/profiles/p1/updates/reorder.json");
    assert_eq!(
        request.body,
        "offset=0&order%5B%5D=u3&order%5B%5D=u1&order%5B%5D=u2"
    );
}

#[tokio::test]
async fn profiles_and_their_schedules_are_sent() {
    let week = Schedule(vec![Entry {
        days: vec![Weekday::Mon, Weekday::Sun],
        times: vec![NaiveTime::from_hms_opt(9, 5, 0).unwrap()],
    }]);
    let new = NewProfile {
        service: Service::Mastodon,
        name: "acme".into(),
        timezone: "Europe/London".into(),
        schedule: week.clone(),
        connection: "demo".into(),
    };
    let request = sent(|api| async move { api.create_profile(&new).await }).await;
    assert_eq!(line(&request), "POST /1/profiles/create.json");
    let read = form(&request);
    assert_eq!(
        ["service", "name", "timezone", "connection"].map(|key| read.text(key).unwrap()),
        ["mastodon", "acme", "Europe/London", "demo"]
    );
    assert_eq!(read.schedules(), Ok(Some(week.clone())));

    let request = sent(|api| async {
        api.update_profile(&profile("p1"), None, Some("UTC"), None)
            .await
    })
    .await;
    assert_eq!(line(&request), "POST /1/profiles/p1/update.json");
    assert_eq!(request.body, "timezone=UTC");

    let request = sent(|api| async move { api.set_schedule(&profile("p1"), &week).await }).await;
    assert_eq!(line(&request), "POST /1/profiles/p1/schedules/update.json");
    assert_eq!(
        request
            .body
            .replace("%5B", "[")
            .replace("%5D", "]")
            .replace("%3A", ":"),
        "schedules[0][days][]=mon&schedules[0][days][]=sun&schedules[0][times][]=09:05"
    );

    for (paused, body) in [(true, "paused=1"), (false, "paused=0")] {
        let request = sent(|api| async move { api.set_paused(&profile("p1"), paused).await }).await;
        assert_eq!(line(&request), "POST /1/profiles/p1/paused.json");
        assert_eq!(request.body, body);
    }
}

#[tokio::test]
async fn each_change_has_a_connection_of_its_own_though_the_server_keeps_them() {
    let server = RawServer::start(Play::Keep(json(r#"{"success":true,"shares":1}"#)));
    let api = client(&server);
    api.link_shares("a").await.unwrap();
    for _ in 0..3 {
        api.share(&id("u1")).await.unwrap();
    }
    let connections: Vec<usize> = server
        .asked()
        .iter()
        .map(|asked| asked.connection)
        .collect();
    assert_eq!(connections, [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_unix_socket_is_spoken_to_as_any_server() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let asked = RawServer::start_on_socket(&path, Play::Answer(json(r#"{"success":true}"#)));
    let api = V1::new(Endpoint::socket(&path), Secret::new(TOKEN).unwrap());
    api.share(&id("u1")).await.unwrap();
    let request = asked.try_recv().unwrap();
    assert_eq!(line(&request), "POST /1/updates/u1/share.json");
    assert_eq!(request.header("host"), Some("localhost"));
    check_headers(&request);
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_resolver_says() {
    let server = RawServer::start(Play::Answer(json(r#"{"success":true}"#)));
    let url = format!("http://localhost:{}", server.address.port());
    let api = V1::new(Endpoint::url(&url).unwrap(), Secret::none());
    api.share(&id("u1")).await.unwrap();
    let asked = server.asked();
    assert_eq!(line(&asked[0]), "POST /1/updates/u1/share.json");
    assert_eq!(asked[0].header("authorization"), None);
}

#[tokio::test]
async fn no_read_fails_because_the_server_closes_connections_without_a_word() {
    // It closes after each answer and does not say so before.
    let server = RawServer::start(Play::Answer(json(r#"{"shares":1}"#)));
    let api = client(&server);
    for _ in 0..20 {
        assert_eq!(api.link_shares("a").await, Ok(1));
    }
    assert_eq!(server.asked().len(), 20);
}

#[tokio::test]
async fn the_token_is_in_no_log_however_much_is_logged() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(Log(Arc::clone(&log)))
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);
    tracing::trace!("it logs");
    for play in [
        Play::Answer(json(r#"{"success":true}"#)),
        Play::Answer(b"HTTP/1.1 401 No\r\n\r\n".to_vec()),
        Play::Reset(Vec::new()),
    ] {
        let server = RawServer::start(play);
        let _ = client(&server).share(&id("u1")).await;
        assert_eq!(server.asked().len(), 1);
    }
    drop(logging);
    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    assert!(log.contains("it logs"));
    assert!(!log.contains("c4n4ry"), "{log}");
}

/// A log in memory.
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for &Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Log {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}
