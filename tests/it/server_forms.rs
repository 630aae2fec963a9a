//! Every encoding that published clients send, and what is wrong with the others.

use std::io::{Read as _, Write as _};

use crate::http;
use crate::server_rig::{MONDAY, Rig, TOKEN};

#[test]
fn every_encoding_of_a_list_is_read() {
    let rig = Rig::empty();
    let one = rig.profile("one", "UTC", &["09:00"]);
    let two = rig.profile("two", "UTC", &["09:00"]);
    for (i, form) in [
        format!("profile_ids[]={one}&profile_ids[]={two}&"),
        format!("profile_ids%5B%5D={one}&profile_ids%5B%5D={two}"),
        format!("profile_ids%5B0%5D={one}&profile_ids%5B1%5D={two}"),
        format!("shorten=true&now=false&top=false&attachment=true&profile_ids[0]={one}&profile_ids[1]={two}"),
        format!("now=False&shorten=True&profile_ids[]={one}&profile_ids[]={two}&profile_ids[]={one}"),
    ]
    .iter()
    .enumerate()
    {
        let reply = rig.done("updates/create.json", &format!("text=t{i}&{form}"));
        let updates = reply["updates"].as_array().unwrap();
        assert_eq!(updates.len(), 2, "{form}");
        assert!(updates.iter().all(|u| u["status"] == "buffer"), "{form}");
    }
}

#[test]
fn the_token_is_read_in_all_three_places() {
    let rig = Rig::demo(2);
    let host = rig.address;
    let send = |first: &str, headers: &str, body: &str| {
        let length = body.len();
        let text = format!(
            "{first} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        http::raw(rig.address, text.as_bytes()).status
    };
    assert_eq!(
        send(
            "GET /1/user.json",
            &format!("Authorization: Bearer {TOKEN}\r\n"),
            ""
        ),
        200
    );
    assert_eq!(
        send(&format!("GET /1/user.json?access_token={TOKEN}"), "", ""),
        200
    );
    assert_eq!(
        send("GET /1/user.json", "", &format!("access_token={TOKEN}")),
        200
    );
    assert_eq!(send("GET /1/user.json", "", ""), 401);
    assert_eq!(send("GET /1/user.json?access_token=no", "", ""), 401);
    assert_eq!(send("GET /1/user.json?access_token=", "", ""), 401);
    let both = format!("GET /1/user.json?access_token={TOKEN}");
    assert_eq!(
        send(&both, "Authorization: Bearer no\r\n", ""),
        401,
        "each must be right"
    );
    assert_eq!(
        send("GET /1/links/shares.json?url=x", "", ""),
        200,
        "asked without a token"
    );
}

#[test]
fn posts_without_a_type_and_without_a_body_are_read() {
    let rig = Rig::demo(6);
    let profile = rig.get("profiles.json").json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ids: Vec<String> = rig
        .pending(&profile)
        .iter()
        .filter(|u| u.get("scheduled_at").is_none())
        .map(|u| u["id"].as_str().unwrap().to_owned())
        .collect();
    let share = format!("POST /1/updates/{}/share.json", ids[0]);
    assert_eq!(rig.request(&share, "", b"").status, 200);
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let top = format!("POST /1/updates/{}/move_to_top.json", ids[2]);
    let reply = rig.request(&top, kind, b"").json();
    assert_eq!(reply["success"], true);
    assert_eq!(reply["id"], reply["update"]["id"]);
    let edit = format!("POST /1/updates/{}/update.json", ids[3]);
    let reply = rig.request(&edit, "", b"text=caf\xe9").json();
    assert_eq!(
        reply["update"]["text"], "caf\u{e9}",
        "Latin-1 of one client"
    );
}

#[test]
fn times_are_read_as_seconds_and_as_iso() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let at = MONDAY + 7200;
    for (i, time) in [
        at.to_string(),
        "2026-03-02T10:00:00Z".to_owned(),
        "2026-03-02T10:00:00".to_owned(),
        "2026-03-02T12:00:00+02:00".to_owned(),
        "2026-03-02T12%3A00%3A00%2B02%3A00".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let id = rig.update(
            &profile,
            &format!("t{i}"),
            &format!("&now=1&top=1&scheduled_at={time}"),
        );
        let update = rig.get(&format!("updates/{id}.json")).json();
        assert_eq!(update["scheduled_at"], at, "{time}");
        assert_eq!(update["due_at"], at, "{time}");
        assert_eq!(update["status"], "buffer", "{time}");
    }
}

#[test]
fn doubly_encoded_schedules_are_read() {
    let rig = Rig::empty();
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let inner = "schedules[0][days][]=mon&schedules[0][times][]=12:00";
    let form: String = form_urlencoded::byte_serialize(inner.as_bytes()).collect();
    rig.done(
        &format!("profiles/{profile}/schedules/update.json"),
        &format!("schedules={form}"),
    );
    let reply = rig
        .get(&format!("profiles/{profile}/schedules.json"))
        .json();
    assert_eq!(
        reply,
        serde_json::json!([{"days": ["mon"], "times": ["12:00"]}])
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn what_is_wrong_gets_its_code_and_changes_nothing() {
    let rig = Rig::with(|config| config.pending_limit = Some(6));
    let p = rig.profile("acme", "UTC", &["09:00"]);
    let full = rig.profile("full", "UTC", &["09:00"]);
    for i in 0..6 {
        rig.update(&full, &format!("f{i}"), "");
    }
    let a = rig.update(&p, "a", "");
    let own = rig.update(&p, "own", &format!("&scheduled_at={}", MONDAY + 9999));
    let sent = rig.update(&p, "out", "&now=true");
    let none = "4eb8565e0acb04bb82000004";
    let before = rig.pending(&p);
    let past = MONDAY - 3600;
    let u = format!("profiles/{p}/updates");
    let crowded = crowded();
    let create = "updates/create.json".to_owned();
    let gets: Vec<(String, u16, i64)> = vec![
        (format!("updates/{none}.json"), 404, 1020),
        ("updates/x.json".into(), 404, 1020),
        ("updates/..%2Fx.json".into(), 404, 1020),
        (format!("updates/{}.json", a.to_uppercase()), 404, 1020),
        (format!("updates/{a}"), 406, 1005),
        (format!("updates/{a}.xml"), 406, 1005),
        ("nothing.json".into(), 404, 404),
        ("nothing".into(), 404, 404),
        ("link/shares.json".into(), 400, 1004),
        ("updates/create.json".into(), 405, 405),
        (format!("updates/{a}/share.json"), 405, 405),
        (format!("profiles/{none}.json"), 404, 1010),
        (format!("profiles/{none}/updates/pending.json"), 404, 1010),
        (format!("{u}/pending.json?page=0"), 400, 1006),
        (format!("{u}/pending.json?page=x"), 400, 1006),
        (format!("{u}/pending.json?count=0"), 400, 1006),
        (format!("{u}/pending.json?count=101"), 400, 1006),
        (format!("{u}/pending.json?count=-1"), 400, 1006),
        (
            format!("{u}/pending.json?count=99999999999999999999"),
            400,
            1006,
        ),
        (format!("{u}/pending.json?since=yesterday"), 400, 1006),
        (format!("{u}/pending.json?utc=perhaps"), 400, 1006),
        (format!("{u}/sent.json?count=101"), 400, 1006),
        (
            format!("updates/{sent}/interactions.json?event=nonsense"),
            400,
            1029,
        ),
        (format!("updates/{none}/interactions.json"), 404, 1020),
        ("links/shares.json".into(), 400, 1004),
    ];
    let posts: Vec<(String, String, u16, i64)> = vec![
        (create.clone(), String::new(), 400, 1004),
        (create.clone(), "text=x".into(), 400, 1004),
        (create.clone(), format!("profile_ids[]={p}"), 400, 1004),
        (
            create.clone(),
            format!("profile_ids[]={p}&text=%20%0a"),
            400,
            1004,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={none}"),
            403,
            1011,
        ),
        (
            create.clone(),
            "text=x&profile_ids[]=../../etc".into(),
            403,
            1011,
        ),
        (
            create.clone(),
            format!("text=a&profile_ids[]={p}"),
            400,
            1025,
        ),
        (
            create.clone(),
            format!("text=%20a&profile_ids[]={p}"),
            400,
            1025,
        ),
        (
            create.clone(),
            format!("text=out&profile_ids[]={p}"),
            400,
            1025,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={full}"),
            403,
            1023,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={p}&profile_ids[]={full}"),
            403,
            1023,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={p}&scheduled_at={past}"),
            400,
            1034,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={p}&scheduled_at=soon"),
            400,
            1006,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={p}&now=flase"),
            400,
            1006,
        ),
        (
            create.clone(),
            format!("text=x&profile_ids[]={p}&media[link]=javascript:alert(1)"),
            400,
            1006,
        ),
        (
            create,
            format!("text=x&profile_ids[]={p}&media[picture]=file:///etc/passwd"),
            400,
            1006,
        ),
        (
            format!("updates/{none}/update.json"),
            "text=x".into(),
            404,
            1020,
        ),
        (format!("updates/{a}/update.json"), String::new(), 400, 1004),
        (
            format!("updates/{a}/update.json"),
            "text=".into(),
            400,
            1004,
        ),
        (
            format!("updates/{a}/update.json"),
            "text=own".into(),
            400,
            1025,
        ),
        (
            format!("updates/{a}/update.json"),
            format!("text=a&scheduled_at={past}"),
            400,
            1034,
        ),
        (
            format!("updates/{sent}/update.json"),
            "text=x".into(),
            400,
            1022,
        ),
        (
            format!("updates/{none}/share.json"),
            String::new(),
            404,
            1020,
        ),
        (
            format!("updates/{sent}/share.json"),
            String::new(),
            400,
            1022,
        ),
        (
            format!("updates/{none}/destroy.json"),
            String::new(),
            404,
            1020,
        ),
        (
            format!("updates/{sent}/destroy.json"),
            String::new(),
            400,
            1022,
        ),
        (
            format!("updates/{own}/move_to_top.json"),
            String::new(),
            400,
            1027,
        ),
        (
            format!("updates/{sent}/move_to_top.json"),
            String::new(),
            400,
            1027,
        ),
        (
            format!("updates/{a}/requeue.json"),
            String::new(),
            400,
            1026,
        ),
        (format!("{u}/reorder.json"), String::new(), 400, 1004),
        (format!("{u}/reorder.json"), "order[]=".into(), 400, 1004),
        (
            format!("{u}/reorder.json"),
            format!("order[]={a}&offset=-1"),
            400,
            1006,
        ),
        (
            format!("{u}/reorder.json"),
            format!("order[]={a}&offset=x"),
            400,
            1006,
        ),
        (
            format!("profiles/{none}/updates/reorder.json"),
            format!("order[]={a}"),
            404,
            1010,
        ),
        (format!("{u}/shuffle.json"), "count=0".into(), 400, 1006),
        (format!("{u}/shuffle.json"), "utc=maybe".into(), 400, 1006),
        (format!("{u}/pending.json"), String::new(), 405, 405),
        (
            format!("profiles/{p}/schedules/update.json"),
            String::new(),
            400,
            1004,
        ),
        (
            format!("profiles/{p}/schedules/update.json"),
            "schedules[0][days][]=someday&schedules[0][times][]=09:00".into(),
            400,
            1006,
        ),
        (
            format!("profiles/{p}/schedules/update.json"),
            "schedules[0][days][]=mon&schedules[0][times][]=25:00".into(),
            400,
            1006,
        ),
        (
            format!("profiles/{p}/schedules/update.json"),
            "schedules=nonsense".into(),
            400,
            1006,
        ),
        (
            format!("profiles/{p}/schedules/update.json"),
            crowded,
            403,
            1013,
        ),
        (
            format!("profiles/{p}/paused.json"),
            String::new(),
            400,
            1004,
        ),
        (
            format!("profiles/{p}/update.json"),
            "timezone=Mars/Base".into(),
            400,
            1006,
        ),
        (
            format!("profiles/{p}/update.json"),
            "connection=nope".into(),
            400,
            1006,
        ),
        (
            "profiles/create.json".into(),
            "service=twitter".into(),
            400,
            1004,
        ),
        ("profiles/create.json".into(), "name=x".into(), 400, 1004),
        (
            "profiles/create.json".into(),
            "service=a/b&name=x".into(),
            400,
            1006,
        ),
        (
            "profiles/create.json".into(),
            "service=twitter&name=acme".into(),
            400,
            1012,
        ),
        (
            "profiles/create.json".into(),
            "service=twitter&name=x&connection=nope".into(),
            400,
            1006,
        ),
        (
            "profiles/create.json".into(),
            "service=twitter&name=x%00".into(),
            400,
            1006,
        ),
    ];
    for (path, status, code) in gets {
        assert_refused(&rig.get(&path), status, code, &path);
    }
    for (path, form, status, code) in posts {
        let name = format!("{path} {form}");
        assert_refused(&rig.post(&path, &form), status, code, &name);
    }
    let deep = format!("order{}=1", "[a]".repeat(50));
    assert_refused(
        &rig.post(&format!("{u}/reorder.json"), &deep),
        400,
        1006,
        "deep",
    );
    assert_eq!(rig.pending(&p), before);
    assert_eq!(rig.pending(&full).len(), 6);
}

#[test]
fn odd_bodies_are_answered_and_not_cut_off() {
    let rig = Rig::empty();
    let create = "POST /1/updates/create.json";
    let large = vec![b'a'; 3 * 1024 * 1024];
    assert_refused(&rig.request(create, "", &large), 413, 413, "3 MiB");
    let json = "Content-Type: application/json\r\n";
    assert_refused(&rig.request(create, json, b"{}"), 415, 415, "json");
    assert_refused(
        &rig.request(create, "", b"%ff%zz&&&=&[]=&a[=1"),
        400,
        1004,
        "odd bytes",
    );
    let head = format!("X-Long: {}\r\n", "a".repeat(40_000));
    assert_refused(&rig.request(create, &head, b""), 431, 431, "a long head");
    let long = format!("GET /1/user.json?x={}", "a".repeat(20_000));
    assert_refused(&rig.request(&long, "", b""), 431, 431, "a long query");
    let profile = rig.profile("acme", "UTC", &["09:00"]);
    let order = "order[]=4eb8565e0acb04bb82000004&".repeat(100_000);
    let path = format!("profiles/{profile}/updates/reorder.json");
    assert_eq!(rig.post(&path, &order).status, 200, "a long order is read");
}

#[test]
fn heads_that_are_no_requests_are_answered_in_json_too() {
    let rig = Rig::empty();
    let host = format!("Host: {}\r\n", rig.address);
    let get = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\n{host}{headers}\r\n").into_bytes()
    };
    let twice = "Content-Length: 5\r\nContent-Length: 6\r\n";
    let many = "X: 1\r\n".repeat(150);
    let large = format!("X: {}\r\n", "a".repeat(300_000));
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("a TLS client", b"\x16\x03\x01\x02\0\r\n\r\n".to_vec(), 400),
        ("HTTP/0.9", b"GET /1/user.json\r\n\r\n".to_vec(), 400),
        (
            "an HTTP/2 client",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            400,
        ),
        ("a space", get("/1/us er.json", ""), 400),
        ("a NUL", get("/1/us\0er.json", ""), 400),
        ("no colon", get("/1/user.json", "XY\r\n"), 400),
        ("two lengths", get("/1/user.json", twice), 400),
        ("many headers", get("/1/user.json", &many), 431),
        ("a huge head", get("/1/user.json", &large), 431),
        ("a huge address", get(&"/a".repeat(35_000), ""), 414),
    ];
    for (name, bytes, status) in cases {
        let reply = http::raw(rig.address, &bytes);
        assert_refused(&reply, status, i64::from(status), name);
    }
    let mut both = get("/1/link/shares.json?url=x", "");
    both.extend_from_slice(b"nonsense\r\n\r\n");
    let mut stream = std::net::TcpStream::connect(rig.address).unwrap();
    stream.write_all(&both).unwrap();
    let mut replies = String::new();
    stream.read_to_string(&mut replies).unwrap();
    assert!(replies.starts_with("HTTP/1.1 200"), "{replies}");
    assert!(replies.contains("}HTTP/1.1 400"), "{replies}");
}

#[test]
fn a_head_that_does_not_come_is_said_to_be_late_and_silence_is_not() {
    let rig = Rig::empty();
    let mut slow = std::net::TcpStream::connect(rig.address).unwrap();
    let mut silent = std::net::TcpStream::connect(rig.address).unwrap();
    slow.write_all(b"GET /1/user.json HTTP/1.1\r\nHost:")
        .unwrap();
    assert_refused(&http::read(&mut slow), 408, 408, "slow");
    let mut said = Vec::new();
    silent.read_to_end(&mut said).unwrap();
    assert_eq!(said, b"");
}

#[test]
fn a_client_that_has_no_more_to_ask_still_gets_its_reply() {
    let rig = Rig::empty();
    let host = rig.address;
    let half = |request: &str| {
        let mut stream = std::net::TcpStream::connect(rig.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        http::read(&mut stream)
    };
    let request = format!("GET /1/link/shares.json?url=x HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert_eq!(half(&request).status, 200);
    assert_refused(&half("GET /1/us"), 400, 400, "half a head");
}

#[test]
fn media_that_is_no_media_does_not_clear_what_is_attached() {
    let rig = Rig::empty();
    let p = rig.profile("acme", "UTC", &["09:00"]);
    let id = rig.update(&p, "a", "&media[link]=http://a.example&media[title]=x%00y");
    let before = rig.pending(&p);
    assert_eq!(before[0]["media"]["title"], "x\u{fffd}y");
    let path = format!("updates/{id}/update.json");
    assert_refused(&rig.post(&path, "text=a&media=true"), 400, 1006, "media");
    assert_eq!(rig.pending(&p), before);
    let cleared = rig.done(&path, "text=a&media=");
    assert!(cleared["update"]["media"].is_null(), "{cleared}");
}

/// A schedule of more than 730 times a week.
fn crowded() -> String {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut pairs = Vec::new();
    for entry in 0..3 {
        pairs.extend(days.map(|day| format!("schedules[{entry}][days][]={day}")));
        for hour in 0..24 {
            pairs.push(format!("schedules[{entry}][times][]={hour}:00"));
            pairs.push(format!("schedules[{entry}][times][]={hour}:30"));
        }
    }
    pairs.join("&")
}

fn assert_refused(reply: &http::Reply, status: u16, code: i64, name: &str) {
    let json = reply.json();
    assert_eq!(
        (reply.status, json["code"].as_i64()),
        (status, Some(code)),
        "{name}: {json}"
    );
    assert_eq!(json["success"], false, "{name}");
    assert!(
        json["error"].is_string() && json["message"].is_string(),
        "{name}: {json}"
    );
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("application/json"),
        "{name}"
    );
}
