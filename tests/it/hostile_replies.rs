//! Every malformed, truncated or hostile reply gives the one error that says what is known of the
//! request, and none a panic.

mod broken_lines;
mod not_json;
mod not_promised;
mod statuses;

use std::time::Duration;

use qurate::api::v1::{Endpoint, Secret, Timeouts, V1};
use qurate::api::{Api, ApiError, Class, List, NewUpdate, Page};
use qurate::domain::id::{ProfileId, RemoteId};
use qurate::domain::operation::{Editable, Placement};
use qurate::domain::update::Content;

use crate::raw_server::{Play, RawServer, answer, json};

const CAP: usize = 8 * 1024 * 1024;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Pending,
    Update,
    Profiles,
    User,
    Interactions,
    Schedules,
    Shares,
    Configuration,
    Create,
    Edit,
    Share,
    Reorder,
    Top,
}

use Call::{
    Configuration, Create, Edit, Interactions, Pending, Profiles, Reorder, Schedules, Share,
    Shares, Top, Update, User,
};

/// What must come of it.
#[derive(Debug, Clone, PartialEq)]
enum Gives {
    Fine,
    Unknown,
    Malformed(&'static str),
    Later(Option<u64>),
    SignIn,
    Proxy(u16),
    Refused(u16, Option<i64>, &'static str),
}

use Gives::{Fine, Later, Malformed, Proxy, Refused, Unknown};

type Case = (&'static str, Call, Play, Gives);

fn client(server: &RawServer) -> V1 {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        read: Duration::from_secs(5),
        total: Duration::from_secs(20),
    };
    impatient_client(server, timeouts)
}

fn impatient_client(server: &RawServer, timeouts: Timeouts) -> V1 {
    let endpoint = Endpoint::url(&server.url()).unwrap();
    V1::with_timeouts(endpoint, Secret::new("c4n4ry").unwrap(), timeouts)
}

async fn call(api: &V1, call: Call) -> Result<(), ApiError> {
    let (u1, p1) = (
        RemoteId::parse("u1").unwrap(),
        ProfileId::parse("p1").unwrap(),
    );
    let page = Page {
        page: 1,
        count: 100,
        since: None,
    };
    match call {
        Pending => api.updates(&p1, List::Pending, page).await.map(drop),
        Update => api.update(&u1).await.map(drop),
        Profiles => api.profiles().await.map(drop),
        User => api.user().await.map(drop),
        Interactions => api.interactions(&u1, None, page).await.map(drop),
        Schedules => api.schedules(&p1).await.map(drop),
        Shares => api.link_shares("https://a.example").await.map(drop),
        Configuration => api.configuration().await.map(drop),
        Create => {
            let new = NewUpdate {
                profiles: vec![p1],
                content: Content::default(),
                placement: Placement::Queue,
                shorten: false,
            };
            api.create(&new).await.map(drop)
        }
        Edit => api.edit(&u1, &Editable::default(), false).await.map(drop),
        Share => api.share(&u1).await,
        Reorder => api.reorder(&p1, &[u1]).await.map(drop),
        Top => api.move_to_top(&u1).await.map(drop),
    }
}

fn gives(result: Result<(), ApiError>, wanted: &Gives) -> Gives {
    match result {
        Ok(()) => Fine,
        Err(ApiError::Unknown(..)) => Unknown,
        Err(ApiError::Malformed { path, reason }) => {
            let Malformed(wanted) = wanted else {
                panic!("malformed at {path}: {reason}");
            };
            assert_eq!(path, *wanted, "{reason}");
            Malformed(wanted)
        }
        Err(ApiError::Later { after }) => Later(after.map(|after| after.as_secs())),
        Err(ApiError::SignIn(_)) => Gives::SignIn,
        Err(ApiError::Proxy { status }) => Proxy(status),
        Err(ApiError::Refused {
            status,
            code,
            message,
        }) => {
            let Refused(.., wanted) = wanted else {
                panic!("refused with {status} {code:?}: {message}");
            };
            assert_eq!(message, *wanted);
            Refused(status, code, wanted)
        }
        Err(error @ ApiError::NotSent(_)) => panic!("{error}"),
    }
}

async fn run(cases: Vec<Case>) {
    for (name, asked, play, wanted) in cases {
        let server = RawServer::start(play);
        let result = call(&client(&server), asked).await;
        assert_eq!(gives(result, &wanted), wanted, "{name} ({asked:?})");
        assert_eq!(
            server.asked().len(),
            1,
            "{name} ({asked:?}): one call is one request"
        );
    }
}

fn yes(body: impl AsRef<[u8]>) -> Play {
    Play::Answer(json(body))
}

fn no(status: &str, body: &str) -> Play {
    Play::Answer(answer(status, "Content-Type: application/json\r\n", body))
}

fn html(status: &str) -> Play {
    let page = "<!doctype html><title>Sign in to WiFi</title>";
    Play::Answer(answer(status, "Content-Type: text/html\r\n", page))
}

fn raw(bytes: impl AsRef<[u8]>) -> Play {
    Play::Answer(bytes.as_ref().to_vec())
}

/// One update as JSON with `more` fields, which begin with a comma.
fn update(more: &str) -> String {
    format!(r#"{{"id":"u1","profile_id":"p1","status":"buffer","text":"a"{more}}}"#)
}

fn page_of(updates: &str) -> String {
    format!(r#"{{"total":1,"updates":[{updates}]}}"#)
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_token_goes_elsewhere() {
    let elsewhere = RawServer::start(yes(r#"{"success":true}"#));
    for status in [300, 301, 302, 303, 307, 308] {
        for (asked, wanted) in [
            (Share, Unknown),
            (Create, Unknown),
            (Pending, Proxy(status)),
        ] {
            let location = format!("Location: {}\r\n", elsewhere.url());
            let reply = answer(
                &format!("{status} Elsewhere"),
                &location,
                r#"{"success":true}"#,
            );
            let server = RawServer::start(Play::Answer(reply));
            let result = call(&client(&server), asked).await;
            assert_eq!(gives(result, &wanted), wanted, "{status} ({asked:?})");
            assert_eq!(server.asked().len(), 1);
        }
    }
    assert_eq!(elsewhere.asked(), []);
}

#[tokio::test]
async fn an_unread_yes_to_a_change_is_never_taken_for_a_no() {
    for play in [
        yes(""),
        html("502 Bad Gateway"),
        raw(""),
        yes(r#"{"success":true}"#),
    ] {
        let server = RawServer::start(play);
        let error = call(&client(&server), Create).await.unwrap_err();
        assert_eq!(error.class(), Class::Unknown, "{error:?}");
    }
}
