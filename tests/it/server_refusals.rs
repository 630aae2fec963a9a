//! Sixty requests that a web page, another program or a broken client may send over loopback: each
//! is refused with a 4xx, and nothing changes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::http;
use crate::server_rig::{Rig, TOKEN};

/// What is written, and whether the writer then says that it has nothing more.
type Case = (String, bool);

/// A change that is right but for its headers.
fn change(id: &str, host: &str, headers: &str, body: &str) -> Case {
    let text = format!(
        "POST /1/updates/{id}/destroy.json HTTP/1.1\r\nHost: {host}\r\n{headers}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    (text, false)
}

/// What comes from elsewhere: by its host, its origin, or what a browser says of it.
fn from_elsewhere(id: &str, port: u16) -> Vec<Case> {
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let here = format!("127.0.0.1:{port}");
    let hosts = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example#localhost:{port}"),
        format!("evil.example@localhost:{port}"),
        format!("user@127.0.0.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("localhost.:{port}"),
        format!("127.0.0.1:{port}, evil.example"),
        format!("127.0.0.1:{port}\r\nHost: evil.example"),
        String::new(),
    ];
    let mut cases: Vec<Case> = hosts
        .iter()
        .map(|host| change(id, host, &bearer, ""))
        .collect();
    for headers in [
        "Origin: http://evil.example\r\n".to_owned(),
        "Origin: null\r\n".to_owned(),
        "Origin: file://\r\n".to_owned(),
        format!("Origin: http://{here}\r\n"),
        format!("Origin: http://localhost:{port}\r\n"),
        "Origin:\r\n".to_owned(),
        "Sec-Fetch-Site: cross-site\r\n".to_owned(),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        "Sec-Fetch-Site: \r\n".to_owned(),
        "Sec-Fetch-Site: none\r\nOrigin: http://evil.example\r\n".to_owned(),
    ] {
        cases.push(change(id, &here, &format!("{bearer}{headers}"), ""));
    }
    for first in ["OPTIONS /1/updates", "OPTIONS *", "OPTIONS /1/user.json"] {
        let wishes = "Access-Control-Request-Method: POST\r\n\
                      Access-Control-Request-Headers: authorization\r\n";
        let text = format!("{first} HTTP/1.1\r\nHost: {here}\r\n{bearer}{wishes}\r\n");
        cases.push((text, false));
    }
    let absolute = format!(
        "POST http://evil.example/1/updates/{id}/destroy.json HTTP/1.1\r\nHost: {here}\r\n\
         {bearer}Content-Length: 0\r\n\r\n"
    );
    cases.push((absolute, false));
    cases
}

/// What has no token, or a wrong or an old one, wherever it may stand.
fn without_token(id: &str, port: u16) -> Vec<Case> {
    let here = format!("127.0.0.1:{port}");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let plain = "Content-Type: text/plain\r\n";
    let short = &TOKEN[..TOKEN.len() - 1];
    let mut cases = Vec::new();
    for (headers, body) in [
        (String::new(), String::new()),
        ("Authorization: Bearer\r\n".to_owned(), String::new()),
        ("Authorization: Bearer wrong\r\n".to_owned(), String::new()),
        (format!("Authorization: Bearer {short}\r\n"), String::new()),
        (format!("Authorization: Bearer {TOKEN}x\r\n"), String::new()),
        (format!("Authorization: Basic {TOKEN}\r\n"), String::new()),
        (format!("Authorization: {TOKEN}\r\n"), String::new()),
        (format!("Cookie: access_token={TOKEN}\r\n"), String::new()),
        (format!("X-Access-Token: {TOKEN}\r\n"), String::new()),
        (form.to_owned(), "access_token=".to_owned()),
        (form.to_owned(), "access_token=wrong".to_owned()),
        // As a page's form without preflight would send it.
        (plain.to_owned(), "access_token=guess&x=y".to_owned()),
        (
            format!("Authorization: Bearer {TOKEN}\r\n{form}"),
            "access_token=wrong".to_owned(),
        ),
    ] {
        cases.push(change(id, &here, &headers, &body));
    }
    let query = format!(
        "POST /1/updates/{id}/destroy.json?access_token=wrong HTTP/1.1\r\nHost: {here}\r\n\
         Content-Length: 0\r\n\r\n"
    );
    cases.push((query, false));
    cases
}

/// What is no request, two requests in one, too large, or to nowhere.
fn broken(id: &str, port: u16) -> Vec<Case> {
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let head = format!("Host: 127.0.0.1:{port}\r\n{bearer}");
    let destroy = format!("POST /1/updates/{id}/destroy.json HTTP/1.1\r\n{head}");
    let long = "x".repeat(20_000);
    [
        // Two lengths, a length and chunks, a length that is none: what a proxy may read otherwise.
        (format!("{destroy}Content-Length: 0\r\nContent-Length: 5\r\n\r\nGET /"), false),
        (format!("{destroy}Content-Length: +0\r\n\r\n"), false),
        (format!("{destroy}Content-Length: -1\r\n\r\n"), false),
        (format!("{destroy}Transfer-Encoding: gzip\r\n\r\n"), false),
        (format!("{destroy}Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), false),
        (format!("{destroy}Content-Length: 10\r\n\r\nabc"), true),
        (format!("{destroy}X: {long}\r\nContent-Length: 0\r\n\r\n"), false),
        (format!("{destroy}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"), false),
        (format!("{destroy}Content-Type: multipart/form-data\r\nContent-Length: 2\r\n\r\nxx"), false),
        (format!("GET /1/updates/{id}/destroy.json HTTP/1.1\r\n{head}\r\n"), false),
        (format!("DELETE /1/updates/{id}.json HTTP/1.1\r\n{head}\r\n"), false),
        (format!("PUT /1/updates/{id}/destroy.json HTTP/1.1\r\n{head}\r\n"), false),
        (format!("POST /1/updates/{id}/destroy HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n"), false),
        (format!("POST /1/updates/../updates/{id}/destroy.json HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n"), false),
        ("\u{16}\u{3}\u{1} TLS\r\n\r\n".to_owned(), true),
    ]
    .to_vec()
}

#[test]
fn sixty_requests_from_elsewhere_change_nothing() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let id = rig.update(&profile, "still here", "");
    let port = rig.address.port();
    let mut cases = from_elsewhere(&id, port);
    cases.extend(without_token(&id, port));
    cases.extend(broken(&id, port));
    assert!(cases.len() >= 60, "{}", cases.len());
    let before = rig
        .get(&format!("profiles/{profile}/updates/pending.json"))
        .body;
    for (request, ends) in &cases {
        let mut stream = TcpStream::connect(rig.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        // The server may answer and stop reading before all is written.
        let _ = stream.write_all(request.as_bytes());
        if *ends {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        let reply = http::read(&mut stream);
        let said: String = request.chars().take(300).collect();
        assert!(
            (400..500).contains(&reply.status),
            "{}: {said}",
            reply.status
        );
        assert_eq!(reply.header("access-control-allow-origin"), None, "{said}");
        let now = rig
            .get(&format!("profiles/{profile}/updates/pending.json"))
            .body;
        assert_eq!(now, before, "{said}");
    }
}

#[test]
fn a_flood_of_silent_connections_ends_and_changes_nothing() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    rig.update(&profile, "still here", "");
    let mut flood: Vec<TcpStream> = (0..60)
        .map(|_| TcpStream::connect(rig.address).unwrap())
        .collect();
    // Half of them begin to say something, byte by byte, and never end.
    for stream in flood.iter_mut().step_by(2) {
        stream.write_all(b"POST /1/upd").unwrap();
    }
    assert_eq!(rig.texts(&profile), ["still here"]);
    for mut stream in flood {
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut said = String::new();
        // The server lets go of each of them by itself.
        stream.read_to_string(&mut said).unwrap();
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    }
    assert_eq!(rig.texts(&profile), ["still here"]);
}
