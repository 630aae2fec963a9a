//! A real server on a port of its own, with a clock that the test turns.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use qurate::domain::time::Timestamp;
use qurate::server::{self, Clock, Config, Server, Token};
use qurate::store::Place;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::http::{self, Reply};
pub(crate) use crate::served::TOKEN;

/// Monday 2 March 2026, 08:00 UTC.
pub(crate) const MONDAY: i64 = 1_772_438_400;

/// A server that listens, and everything to ask it.
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) runtime: Handle,
    now: Arc<AtomicI64>,
    thread: Option<(
        tokio::sync::oneshot::Sender<()>,
        std::thread::JoinHandle<()>,
    )>,
}

impl Rig {
    /// A server on a database in memory, with nothing in it.
    pub(crate) fn empty() -> Self {
        Self::with(|_| {})
    }

    /// A server with sample data.
    pub(crate) fn demo(updates: u32) -> Self {
        Self::with(|config| config.demo = Some(updates))
    }

    /// A server with a configuration of its own.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(Place::Memory, Token::new(TOKEN).unwrap());
        change(&mut config);
        Self::start(config, MONDAY)
    }

    /// A server on a file, to be started again.
    pub(crate) fn on(file: &Path, now: i64, change: impl FnOnce(&mut Config)) -> Self {
        let place = Place::File(file.to_owned());
        let mut config = Config::new(place, Token::new(TOKEN).unwrap());
        change(&mut config);
        Self::start(config, now)
    }

    /// A server whose clock stands at what it now is: no slot comes, and what is made is new.
    pub(crate) fn today(place: Place, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(place, Token::new(TOKEN).unwrap());
        change(&mut config);
        let now = Clock::system().now().0;
        Self::start(config, now)
    }

    fn start(config: Config, now: i64) -> Self {
        let now = Arc::new(AtomicI64::new(now));
        let clock = {
            let now = Arc::clone(&now);
            Clock::new(move || Timestamp(now.load(Ordering::SeqCst)))
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let server = server::open(config, clock).await.unwrap();
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let runtime = tokio::runtime::Handle::current();
                tell.send((server.clone(), address, runtime)).unwrap();
                tokio::select! {
                    _ = stopped => {}
                    _ = server.serve_tcp(listener, std::future::pending()) => {}
                }
            });
        });
        let (server, address, runtime) = told.recv().unwrap();
        Self {
            server,
            address,
            runtime,
            now,
            thread: Some((stop, thread)),
        }
    }

    /// Ends the server as a kill would: nothing that runs is waited for.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            let _ = stop.send(());
            thread.join().unwrap();
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    /// Turns the clock and lets the publisher look once.
    pub(crate) fn at(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
        self.runtime.block_on(self.server.publish_due());
    }

    /// Turns the clock, and nothing looks.
    pub(crate) fn turn(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Sends a request as it is, after its `Host` and token.
    pub(crate) fn request(&self, first: &str, headers: &str, body: &[u8]) -> Reply {
        let host = self.address;
        let mut bytes = format!(
            "{first} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        http::raw(self.address, &bytes)
    }

    /// Gets a path below `/1/`.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request(&format!("GET /1/{path}"), "", b"")
    }

    /// Posts a form to a path below `/1/`.
    pub(crate) fn post(&self, path: &str, form: &str) -> Reply {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.request(&format!("POST /1/{path}"), kind, form.as_bytes())
    }

    /// Posts, and wants it done.
    pub(crate) fn done(&self, path: &str, form: &str) -> Value {
        let reply = self.post(path, form);
        let json = reply.json();
        assert_eq!(reply.status, 200, "{path} {form}: {json}");
        assert_eq!(json["success"], true, "{path} {form}: {json}");
        json
    }

    /// Makes a profile that posts every day at these times, and returns its id.
    pub(crate) fn profile(&self, name: &str, zone: &str, times: &[&str]) -> String {
        let times = times.join("&schedules[0][times][]=");
        let form = format!(
            "service=twitter&name={name}&timezone={zone}&schedules[0][days][]=mon\
             &schedules[0][days][]=tue&schedules[0][days][]=wed&schedules[0][days][]=thu\
             &schedules[0][days][]=fri&schedules[0][days][]=sat&schedules[0][days][]=sun&schedules[0][times][]={times}"
        );
        let made = self.done("profiles/create.json", &form);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes an update and returns its id.
    pub(crate) fn update(&self, profile: &str, text: &str, more: &str) -> String {
        let form = format!("profile_ids[]={profile}&text={text}{more}");
        let made = self.done("updates/create.json", &form);
        made["updates"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Returns the first hundred pending updates.
    pub(crate) fn pending(&self, profile: &str) -> Vec<Value> {
        self.list(profile, "pending")
    }

    /// Returns the first hundred of a list.
    pub(crate) fn list(&self, profile: &str, list: &str) -> Vec<Value> {
        let reply = self.get(&format!("profiles/{profile}/updates/{list}.json?count=100"));
        assert_eq!(reply.status, 200, "{}", reply.json());
        reply.json()["updates"].as_array().unwrap().clone()
    }

    /// Returns the texts of the queue in its order.
    pub(crate) fn texts(&self, profile: &str) -> Vec<String> {
        let text = |u: &Value| u["text"].as_str().unwrap().to_owned();
        self.pending(profile).iter().map(text).collect()
    }

    /// Returns when each of the queue goes out.
    pub(crate) fn times(&self, profile: &str) -> Vec<i64> {
        let due = |u: &Value| u["due_at"].as_i64().unwrap();
        self.pending(profile).iter().map(due).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.end();
    }
}
