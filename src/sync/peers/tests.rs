use tokio::time::timeout;

use super::*;
use crate::domain::time::Timestamp;

const BOUND: Duration = Duration::from_secs(10);

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

async fn heard(peers: &mut Peers) -> Option<Link> {
    timeout(BOUND, peers.heard()).await.expect("a word").link
}

/// Waits until a follower has heard this of the line.
async fn heard_link(peers: &mut Peers, want: &Link) {
    while heard(peers).await.as_ref() != Some(want) {}
}

/// Waits until the other end has closed.
async fn closed(mut stream: UnixStream) {
    let mut all = Vec::new();
    // Closed with something unread is an error here, and closed all the same.
    let _ = timeout(BOUND, stream.read_to_end(&mut all))
        .await
        .expect("closed");
}

fn offline() -> Link {
    Link::Offline {
        since: Timestamp(7),
        reason: "no route \u{1b}".repeat(1000),
    }
}

#[test]
fn both_ends_hear_of_changes_and_followers_of_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        let mut leader = Peers::listen(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let mut one = Peers::follow(&path);
        let mut two = Peers::follow(&path);
        assert_eq!(heard(&mut one).await, None);
        assert_eq!(heard(&mut two).await, None);
        leader.tell_link(&offline());
        heard_link(&mut one, &shortened(&offline())).await;
        heard_link(&mut two, &shortened(&offline())).await;
        // A follower does not speak of its line, which would be nonsense.
        two.tell_link(&Link::Connecting);
        // What came at the start is heard first.
        while timeout(REST * 20, leader.heard()).await.is_ok() {}
        two.tell();
        assert_eq!(heard(&mut leader).await, None);
        leader.tell();
        assert_eq!(
            heard(&mut two).await,
            Some(shortened(&offline())),
            "it is still there"
        );
    });
    assert!(!path.exists(), "the file goes with the leader");
}

#[test]
fn a_follower_finds_the_next_leader() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        let mut follower = Peers::follow(&path);
        let leader = Peers::listen(&path).unwrap();
        heard(&mut follower).await;
        drop(leader);
        let next = Peers::listen(&path).unwrap();
        next.tell_link(&Link::Connecting);
        heard_link(&mut follower, &Link::Connecting).await;
    });
}

#[test]
fn a_socket_of_a_dead_leader_is_replaced_and_anything_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        drop(Peers::listen(&path).unwrap());
        let deposed = Peers::listen(&path).unwrap();
        let leader = Peers::listen(&path).unwrap();
        drop(deposed);
        assert!(path.exists(), "it is the other's");
        drop(leader);
        std::fs::write(&path, "mine").unwrap();
        assert!(Peers::listen(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        let long = dir.path().join("x".repeat(120));
        assert!(Peers::listen(&long).is_err());
        let missing = dir.path().join("no/such");
        assert!(Peers::listen(&missing).is_err());
    });
}

#[test]
fn nonsense_is_hung_up_on_and_a_flood_is_a_trickle() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        let mut leader = Peers::listen(&path).unwrap();
        let long = vec![b'x'; LONGEST + 1];
        for nonsense in [
            b"GET / HTTP/1.1\r\n\r\n".as_slice(),
            b"\n",
            b"\xff\0\n",
            &long,
        ] {
            let mut stream = UnixStream::connect(&path).await.unwrap();
            // It may be closed before all of it is taken.
            let _ = stream.write_all(nonsense).await;
            closed(stream).await;
        }
        // A leader does not take the line of another.
        let mut stream = UnixStream::connect(&path).await.unwrap();
        stream.write_all(b"link \"Connecting\"\n").await.unwrap();
        closed(stream).await;

        let flood = UnixStream::connect(&path).await.unwrap();
        let (_, mut writer) = flood.into_split();
        let flood = tokio::spawn(async move {
            while writer.write_all(&b"changed\n".repeat(4096)).await.is_ok() {}
        });
        let began = std::time::Instant::now();
        let mut times = 0;
        while timeout(Duration::from_millis(200), leader.heard())
            .await
            .is_ok()
            && began.elapsed() < REST * 40
        {
            times += 1;
        }
        assert!(times <= 42, "{times} wakings in 40 rests");
        let mut follower = Peers::follow(&path);
        heard(&mut follower).await;
        flood.abort();
    });
}

#[test]
fn who_comes_too_many_is_sent_away_and_one_who_never_reads_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        let leader = Peers::listen(&path).unwrap();
        let mut silent = Vec::new();
        for _ in 0..MOST {
            silent.push(UnixStream::connect(&path).await.unwrap());
        }
        closed(UnixStream::connect(&path).await.unwrap()).await;
        for _ in 0..100_000 {
            leader.tell();
        }
        silent.clear();
        let mut follower = Peers::follow(&path);
        heard(&mut follower).await;
    });
}

#[test]
fn a_stranger_at_the_path_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    run(async {
        let stranger = UnixListener::bind(&path).unwrap();
        let mut follower = Peers::follow(&path);
        let (mut stream, _) = timeout(BOUND, stranger.accept()).await.unwrap().unwrap();
        stream.write_all(b"link {\"Offline\":1}\n").await.unwrap();
        closed(stream).await;
        assert_eq!(heard(&mut follower).await, None);
    });
}
