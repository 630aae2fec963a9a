//! Accepting connections, on TCP and on the socket, within limits.

mod polite;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::Server;
use super::guard::Via;
use super::http;
use polite::Polite;

/// Most connections at once; more wait to be accepted.
const CONNECTIONS: usize = 64;
/// How long the head of a request may take, and how long a connection may idle.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Room for a head. More than is allowed, so that most heads that are too large get an answer.
const HEAD_ROOM: usize = 128 * 1024;
/// How long requests may take to end after the shutdown.
const LAST_CALL: Duration = Duration::from_secs(2);

impl Server {
    /// Answers on a TCP listener, which must be on a loopback address, until `shutdown`.
    pub async fn serve_tcp(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "only loopback addresses are served; put ssh or a TLS proxy in front",
            ));
        }
        let via = Via::Tcp {
            port: address.port(),
        };
        let mut desk = Desk::new(self);
        tokio::pin!(shutdown);
        loop {
            let permit = tokio::select! {
                () = &mut shutdown => break,
                permit = desk.room() => permit,
            };
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => desk.serve(stream, via, permit),
                    Err(error) => pause(&error).await,
                },
            }
        }
        desk.close().await;
        Ok(())
    }

    /// Answers on a Unix socket, only processes of the same user, until `shutdown`.
    pub async fn serve_unix(
        &self,
        listener: UnixListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let mut desk = Desk::new(self);
        tokio::pin!(shutdown);
        loop {
            let permit = tokio::select! {
                () = &mut shutdown => break,
                permit = desk.room() => permit,
            };
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) if is_same_user(&stream) => {
                        desk.serve(stream, Via::Socket, permit);
                    }
                    Ok(_) => tracing::warn!("another user came to the socket and was sent away"),
                    Err(error) => pause(&error).await,
                },
            }
        }
        desk.close().await;
        Ok(())
    }
}

/// Says whether the other end belongs to the same user.
fn is_same_user(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == rustix::process::getuid().as_raw())
}

/// Accepting fails when files run out; trying again at once would only burn the processor.
async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// The connections of one listener.
struct Desk {
    server: Server,
    permits: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Desk {
    fn new(server: &Server) -> Self {
        Self {
            server: server.clone(),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
            closing: watch::Sender::new(false),
            tasks: JoinSet::new(),
        }
    }

    /// Waits until one more connection may be served.
    async fn room(&mut self) -> OwnedSemaphorePermit {
        while self.tasks.try_join_next().is_some() {}
        Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
    }

    fn serve<S>(&mut self, stream: S, via: Via, permit: OwnedSemaphorePermit)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let server = self.server.clone();
        let mut closing = self.closing.subscribe();
        self.tasks.spawn(async move {
            let _permit = permit;
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let server = server.clone();
                async move {
                    let request = request.map(Body::new);
                    Ok::<_, Infallible>(http::handle(server, request, via).await)
                }
            });
            let mut stream = Polite::new(stream);
            let ended = {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_TIME)
                    .max_buf_size(HEAD_ROOM)
                    // A client may say that it has nothing more to ask, and still wait.
                    .half_close(true)
                    .serve_connection(TokioIo::new(&mut stream), service);
                tokio::pin!(connection);
                let first = tokio::select! {
                    ended = connection.as_mut() => Some(ended),
                    _ = closing.wait_for(|closing| *closing) => None,
                };
                if let Some(ended) = first {
                    ended
                } else {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            // A client that hangs up in the middle is its own business.
            if let Err(error) = ended {
                stream.answer(&error).await;
            }
        });
    }

    /// Lets requests end, but not for long.
    async fn close(mut self) {
        self.closing.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_CALL, all).await;
    }
}
