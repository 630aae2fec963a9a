//! Who may ask: loopback rules, the socket, the rate limit, the lock.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qurate::domain::time::Timestamp;
use qurate::server::{self, Clock, Config, OpenError, Token};
use qurate::store::Place;

use crate::http;
use crate::server_rig::{Rig, TOKEN};

fn ask(rig: &Rig, first: &str, headers: &str) -> u16 {
    let text = format!("{first} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\r\n");
    let reply = http::raw(rig.address, text.as_bytes());
    assert!(reply.json()["code"].is_number() || reply.status == 200);
    reply.status
}

#[test]
fn a_web_page_gets_nothing() {
    let rig = Rig::with(|config| config.allowed_hosts = vec!["queue.example".to_owned()]);
    let port = rig.address.port();
    let user = "GET /1/user.json";
    for good in [
        format!("Host: 127.0.0.1:{port}\r\n"),
        format!("Host: localhost:{port}\r\n"),
        format!("Host: LOCALHOST:{port}\r\n"),
        format!("Host: [::1]:{port}\r\n"),
        "Host: queue.example\r\n".to_owned(),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: none\r\n"),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: same-origin\r\n"),
    ] {
        assert_eq!(ask(&rig, user, &good), 200, "{good}");
    }
    for bad in [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: evil.example:{port}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        "Host: 127.0.0.1:1\r\n".to_owned(),
        format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
        "Host:\r\n".to_owned(),
        format!("Host: localhost:{port}\r\nHost: evil.example\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: http://evil.example\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: null\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("Host: localhost:{port}\r\nSec-Fetch-Site: same-site\r\n"),
    ] {
        assert_eq!(ask(&rig, user, &bad), 403, "{bad}");
    }
    let host = format!("Host: localhost:{port}\r\n");
    assert_eq!(ask(&rig, "GET http://evil.example/1/user.json", &host), 403);
    assert_eq!(
        ask(
            &rig,
            &format!("GET http://localhost:{port}/1/user.json"),
            &host
        ),
        200
    );
    assert_eq!(ask(&rig, "OPTIONS /1/user.json", &host), 403);
    assert_eq!(ask(&rig, "OPTIONS *", &host), 403);
    assert_eq!(ask(&rig, "DELETE /1/user.json", &host), 405);
}

#[test]
fn a_limit_of_requests_is_kept_and_says_when_to_come_back() {
    let rig = Rig::with(|config| config.rate_limit = Some(5));
    let start = rig.now();
    for i in 0..5 {
        rig.turn(start + i);
        assert_eq!(rig.get("user.json").status, 200);
    }
    rig.turn(start + 20);
    let reply = rig.get("user.json");
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("retry-after"), Some("40"));
    assert_eq!(reply.json()["success"], false);
    rig.turn(start + 60);
    let reply = rig.get("info/configuration.json");
    assert_eq!(reply.json()["qurate"]["requests_per_minute"], 5);
    assert_eq!(rig.get("user.json").status, 429, "one place was free");
}

#[test]
fn the_socket_knows_its_user_but_not_a_wrong_token() {
    let rig = Rig::empty();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let server = rig.server.clone();
    let listener = {
        let _inside = rig.runtime.enter();
        tokio::net::UnixListener::bind(&path).unwrap()
    };
    rig.runtime
        .spawn(async move { server.serve_unix(listener, std::future::pending()).await });
    let ask = |headers: &str| {
        let mut stream = UnixStream::connect(&path).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        write!(
            stream,
            "GET /1/user.json HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
        )
        .unwrap();
        http::read(&mut stream).status
    };
    assert_eq!(ask(""), 200);
    assert_eq!(ask(&format!("Authorization: Bearer {TOKEN}\r\n")), 200);
    assert_eq!(ask("Authorization: Bearer no\r\n"), 401);
}

#[test]
fn a_database_has_one_server_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("server.db");
    let rig = Rig::on(&file, 1000, |_| {});
    let config = Config::new(Place::File(file.clone()), Token::new(TOKEN).unwrap());
    let clock = Clock::new(|| Timestamp(1000));
    let second = rig
        .runtime
        .block_on(server::open(config.clone(), clock.clone()));
    assert!(matches!(second, Err(OpenError::InUse(_))), "{second:?}");
    rig.kill();
    let rig = Rig::on(&file, 1000, |_| {});
    assert_eq!(rig.get("user.json").status, 200);
}

#[test]
fn many_connections_that_say_nothing_keep_nobody_out_for_long() {
    let rig = Rig::empty();
    let silent: Vec<_> = (0..63)
        .map(|_| std::net::TcpStream::connect(rig.address).unwrap())
        .collect();
    assert_eq!(rig.get("user.json").status, 200);
    drop(silent);
    assert_eq!(rig.get("user.json").status, 200);
}

#[test]
fn a_token_ends_when_it_is_given_back() {
    let rig = Rig::empty();
    let reply = rig.done("user/deauthorize.json", "");
    assert_eq!(reply["message"], "Access successfully revoked!");
    assert_eq!(rig.get("user.json").status, 401);
}

#[test]
fn a_kept_token_is_made_once_and_refused_if_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    let token = Token::kept_in(&path).unwrap();
    assert_eq!(token.reveal().len(), 64);
    assert_eq!(Token::kept_in(&path).unwrap().reveal(), token.reveal());
    assert!(!format!("{token:?}").contains(token.reveal()));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Token::kept_in(&path).is_err());
}

#[test]
fn a_damaged_database_is_named_with_what_to_do() {
    use qurate::server::{self, Clock, Config, Token};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("server.db");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let open = || {
        let token = Token::new("0123456789abcdef-test-token").unwrap();
        let config = Config::new(qurate::store::Place::File(path.clone()), token);
        let opened = runtime.block_on(server::open(config, Clock::system()));
        opened.map(drop).map_err(|error| error.to_string())
    };
    open().unwrap();
    runtime.block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut connection = options.connect().await.unwrap();
        let all = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)");
        all.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(b'X');
    std::fs::write(&path, bytes).unwrap();
    let problem = open().unwrap_err();
    assert!(problem.contains("server.db"), "{problem}");
    assert!(problem.contains("damaged; move it away"), "{problem}");
}
