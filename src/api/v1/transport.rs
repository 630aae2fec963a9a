//! One request, one answer: clients, limits and what a failure says about what was sent.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, ClientBuilder, Request, redirect, retry};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::endpoint::{Endpoint, Secret};
use super::reply::{Reply, Verb};
use crate::api::{ApiError, Doubt};

/// Most bytes of a body that are read.
pub(super) const BODY_CAP: usize = 8 * 1024 * 1024;
/// The slowest line for which a long body still gets through, in bytes a second.
const SLOWEST: u64 = 4096;
/// How long a connection is kept for the next read: shorter than servers and routers keep theirs.
const IDLE: Duration = Duration::from_secs(20);
/// Most that is waited in addition for a long answer.
const LONGEST: Duration = Duration::from_mins(15);

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection, with its name and its encryption.
    pub connect: Duration,
    /// For the head of the answer, and for each further part of it.
    pub read: Duration,
    /// For all of it.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(30),
        }
    }
}

/// What a request is, besides its method.
pub(super) struct Ask<'a> {
    /// Path below the base.
    pub(super) path: &'a str,
    /// Query of a GET, body of a POST, form-encoded.
    pub(super) form: String,
    /// Most bytes of the answer that are read.
    pub(super) cap: usize,
}

/// Sends requests to one endpoint.
#[derive(Debug)]
pub(super) struct Transport {
    endpoint: Endpoint,
    secret: Secret,
    timeouts: Timeouts,
    /// Made at the first request: reading the system's certificates takes milliseconds that the
    /// first frame needs, and may fail.
    clients: OnceCell<Clients>,
}

#[derive(Debug)]
struct Clients {
    get: Client,
    /// Never reuses a connection, so that a failure to connect surely means "not sent".
    post: Client,
}

impl Transport {
    pub(super) fn new(endpoint: Endpoint, secret: Secret, timeouts: Timeouts) -> Self {
        Self {
            endpoint,
            secret,
            timeouts,
            clients: OnceCell::new(),
        }
    }

    /// Sends a GET; returns the body of a yes.
    pub(super) async fn get(&self, ask: Ask<'_>) -> Result<Vec<u8>, ApiError> {
        self.exchange(Verb::Get, ask)
            .await
            .map_err(|error| self.masked(error))
    }

    /// Sends a POST; returns the body of a yes.
    pub(super) async fn post(&self, ask: Ask<'_>) -> Result<Vec<u8>, ApiError> {
        self.exchange(Verb::Post, ask)
            .await
            .map_err(|error| self.masked(error))
    }

    /// Takes the token out of what an error says.
    fn masked(&self, error: ApiError) -> ApiError {
        let mask = |text: String| self.secret.masked(&text);
        match error {
            ApiError::NotSent(why) => ApiError::NotSent(mask(why)),
            ApiError::Unknown(doubt, why) => ApiError::Unknown(doubt, mask(why)),
            ApiError::SignIn(why) => ApiError::SignIn(mask(why)),
            ApiError::Malformed { path, reason } => ApiError::Malformed {
                path: mask(path),
                reason: mask(reason),
            },
            ApiError::Refused {
                status,
                code,
                message,
            } => ApiError::Refused {
                status,
                code,
                message: mask(message),
            },
            ApiError::Later { .. } | ApiError::Proxy { .. } => error,
        }
    }

    async fn exchange(&self, verb: Verb, ask: Ask<'_>) -> Result<Vec<u8>, ApiError> {
        let clients = self
            .clients
            .get_or_try_init(|| async { Clients::new(&self.endpoint, self.timeouts) })
            .await?;
        let client = match verb {
            Verb::Get => &clients.get,
            Verb::Post => &clients.post,
        };
        let upload = Duration::from_secs(ask.form.len() as u64 / SLOWEST);
        let download = more_time(ask.cap);
        let cap = ask.cap;
        let request = self.request(client, verb, ask)?;
        let whole = self.reply(client, verb, request, cap, upload);
        timeout(self.timeouts.total + upload + download, whole)
            .await
            .unwrap_or_else(|_| Err(silence()))?
            .accepted()
    }

    fn request(&self, client: &Client, verb: Verb, ask: Ask<'_>) -> Result<Request, ApiError> {
        let not_built = |error: &dyn Error| ApiError::NotSent(innermost(error));
        let mut url = self
            .endpoint
            .base()
            .join(ask.path)
            .map_err(|error| not_built(&error))?;
        let builder = match verb {
            Verb::Get => {
                url.set_query(Some(ask.form.as_str()).filter(|query| !query.is_empty()));
                client.get(url)
            }
            Verb::Post => client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                // Also for an empty body, where it would be left out and some proxies want it.
                .header(CONTENT_LENGTH, ask.form.len())
                .body(ask.form),
        };
        let mut request = builder.build().map_err(|error| not_built(&error))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = self.secret.header() {
            headers.insert(AUTHORIZATION, token.clone());
        }
        Ok(request)
    }

    async fn reply(
        &self,
        client: &Client,
        verb: Verb,
        request: Request,
        cap: usize,
        upload: Duration,
    ) -> Result<Reply, ApiError> {
        let patience = self.timeouts.connect + self.timeouts.read + upload;
        let mut response = timeout(patience, client.execute(request))
            .await
            .map_err(|_| silence())?
            .map_err(|error| {
                if error.is_connect() || error.is_builder() {
                    ApiError::NotSent(innermost(&error))
                } else if error.is_timeout() {
                    ApiError::Unknown(Doubt::Silent, innermost(&error))
                } else {
                    ApiError::Unknown(Doubt::Broken, innermost(&error))
                }
            })?;
        let mut body = Vec::new();
        let broken = loop {
            match timeout(self.timeouts.read, response.chunk()).await {
                Ok(Ok(None)) => break None,
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() <= cap => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Ok(Some(_))) => break Some(format!("the answer is longer than {cap} bytes")),
                Ok(Err(error)) => break Some(innermost(&error)),
                Err(_) => break Some("the answer stopped half way".to_owned()),
            }
        };
        Ok(Reply {
            verb,
            status: response.status(),
            headers: response.headers().clone(),
            body,
            broken,
        })
    }
}

impl Clients {
    fn new(endpoint: &Endpoint, timeouts: Timeouts) -> Result<Self, ApiError> {
        // Another part of the process may have installed it before: that one is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |builder: ClientBuilder| {
            builder
                .build()
                .map_err(|error| ApiError::NotSent(innermost(&error)))
        };
        let builder = || builder(endpoint, timeouts);
        // A request on a kept connection that the server just closed fails for nothing. On this
        // machine a new one costs less than a failed read when the server is started again.
        let kept = if endpoint.is_local() { 0 } else { 2 };
        Ok(Self {
            get: build(
                builder()?
                    .pool_max_idle_per_host(kept)
                    .pool_idle_timeout(IDLE),
            )?,
            post: build(builder()?.pool_max_idle_per_host(0))?,
        })
    }
}

fn builder(endpoint: &Endpoint, timeouts: Timeouts) -> Result<ClientBuilder, ApiError> {
    let mut builder = Client::builder()
        .user_agent(concat!("qurate/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(retry::never())
        .http1_only()
        .connect_timeout(timeouts.connect);
    if endpoint.is_local() {
        builder = builder.no_proxy();
    }
    if endpoint.is_clear() {
        builder = builder
            .tls_backend_preconfigured(no_tls()?)
            // Whatever the machine's resolver thinks of it.
            .resolve_to_addrs(
                "localhost",
                &[
                    (Ipv4Addr::LOCALHOST, 0).into(),
                    (Ipv6Addr::LOCALHOST, 0).into(),
                ],
            );
    } else {
        builder = builder.https_only(true);
    }
    if let Some(path) = endpoint.socket_path() {
        builder = builder.unix_socket(path);
    }
    Ok(builder)
}

/// TLS that trusts nobody, for endpoints without it: the system's certificates need not be read,
/// nor even be there.
fn no_tls() -> Result<rustls::ClientConfig, ApiError> {
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| ApiError::NotSent(error.to_string()))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

/// Returns how much longer an answer may take that may be longer than usual. The cap is far above
/// what an answer needs, so that an eighth of it is still generous.
fn more_time(cap: usize) -> Duration {
    let seconds = cap.saturating_sub(BODY_CAP) as u64 / 8 / SLOWEST;
    Duration::from_secs(seconds).min(LONGEST)
}

fn silence() -> ApiError {
    ApiError::Unknown(Doubt::Silent, "no answer in time".to_owned())
}

/// Returns what the first cause says, without the URL that the outer ones repeat.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
