//! Connections that break, stall, or never come about.

use super::*;

#[tokio::test]
async fn connections_that_break() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\":true".to_vec();
    let whole_but_short =
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\":true}".to_vec();
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = answer("200 OK", "", vec![b' '; CAP + CAP / 4]);
    let long_in_chunks = {
        let mut bytes = chunked.as_bytes().to_vec();
        for _ in 0..160 {
            bytes.extend_from_slice(b"10000\r\n");
            bytes.extend_from_slice(&vec![b' '; 0x10000]);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    };
    let padded = {
        let mut body = br#"{"success":true}"#.to_vec();
        body.resize(CAP, b' ');
        body
    };
    run(vec![
        ("closed without a word", Share, raw(""), Unknown),
        ("closed without a word", Pending, raw(""), Unknown),
        ("reset without a word", Create, Play::Reset(vec![]), Unknown),
        ("closed in the head", Share, raw("HTTP/1.1 200 OK\r\nContent-Le"), Unknown),
        ("closed in the body", Share, raw(half.clone()), Unknown),
        ("reset in the body", Create, Play::Reset(half), Unknown),
        ("shorter than it says, yet whole JSON", Share, raw(whole_but_short), Unknown),
        ("a chunk without an end", Share, raw(format!("{chunked}10\r\n{{\"success\":true}}")), Unknown),
        ("a chunk with a bad length", Share, raw(format!("{chunked}zz\r\n{{\"success\":true}}\r\n0\r\n\r\n")), Unknown),
        ("a negative length", Share, raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), Unknown),
        ("two lengths", Share, raw("HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Length: 2\r\n\r\n{\"success\":true}"), Unknown),
        ("no HTTP", Share, raw("SSH-2.0-OpenSSH_9.9\r\n"), Unknown),
        ("no HTTP", Pending, raw(vec![0; 64]), Unknown),
        ("a head without end", Share, raw(format!("HTTP/1.1 200 OK\r\n{}", "X-A: b\r\n".repeat(200_000))), Unknown),
        ("longer than the cap", Share, raw(long.clone()), Unknown),
        ("longer than the cap", Pending, raw(long), Unknown),
        ("longer than the cap, in chunks", Share, raw(long_in_chunks), Unknown),
        ("as long as the cap", Share, yes(padded), Fine),
        ("compressed without being asked", Share, Play::Answer(answer("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\0")), Unknown),
        ("an answer before the answer", Share, raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}"), Fine),
    ])
    .await;
}

#[tokio::test]
async fn servers_that_keep_one_waiting() {
    let timeouts = Timeouts {
        connect: Duration::from_millis(100),
        read: Duration::from_millis(150),
        total: Duration::from_millis(400),
    };
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    for (name, play) in [
        ("silence", Play::Hang(vec![])),
        ("half a head", Play::Hang(b"HTTP/1.1 200 OK\r\n".to_vec())),
        (
            "half a body",
            Play::Hang([head, &b"{\"success\""[..]].concat()),
        ),
        (
            "a drip",
            Play::Drip(head.to_vec(), Duration::from_millis(5)),
        ),
    ] {
        for asked in [Share, Pending] {
            let server = RawServer::start(play.clone());
            let began = std::time::Instant::now();
            let result = call(&impatient_client(&server, timeouts), asked).await;
            assert_eq!(gives(result, &Unknown), Unknown, "{name} ({asked:?})");
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "{name} ({asked:?})"
            );
            assert_eq!(server.asked().len(), 1, "{name} ({asked:?})");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_connected_to_was_surely_not_sent() {
    // Bound for as long as the test runs, and never listening: nobody else gets the port.
    let bound = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    )
    .unwrap();
    let any = std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0);
    rustix::net::bind(&bound, &any).unwrap();
    let closed = std::net::SocketAddr::try_from(rustix::net::getsockname(&bound).unwrap()).unwrap();
    let plain = RawServer::start(yes(r#"{"success":true}"#));
    let missing = std::env::temp_dir().join("qurate-no-such-socket");
    for endpoint in [
        Endpoint::url(&format!("http://{closed}/1/")).unwrap(),
        // Speaks no TLS: not a byte of the request may get there.
        Endpoint::url(&format!("https://{}/1/", plain.address)).unwrap(),
        Endpoint::socket(missing),
    ] {
        let name = endpoint.to_string();
        let api = V1::new(endpoint, Secret::new("c4n4ry").unwrap());
        for asked in [Share, Pending] {
            let error = call(&api, asked).await.unwrap_err();
            assert!(matches!(error, ApiError::NotSent(_)), "{name}: {error:?}");
            assert_eq!(error.class(), Class::Retry);
            assert!(!format!("{error} {error:?}").contains("c4n4ry"));
        }
    }
    assert_eq!(plain.asked(), []);
}
