//! One request from its head to its reply.
//!
//! In this order: loopback rules (before anything of the body is read), endpoint, body, token, rate
//! limit, use case. Whatever goes wrong is answered with a JSON body; a request that has begun to
//! change something runs to its end, even if its client hangs up.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt as _;

use super::Server;
use super::error::{Code, Refusal};
use super::guard::{self, Via};
use super::handlers::{self, Asked};
use super::quirks::Late;
use super::route;
use crate::wire::form::Form;
use crate::wire::json::ErrorDto;

/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(30);
/// Most bytes of a head.
const HEAD: usize = 16 * 1024;
/// How much of a body that is too large is read and thrown away, so that its sender can read why.
const DRAIN: usize = 32 * 1024 * 1024;

/// Answers a request.
pub(super) async fn handle(server: Server, request: Request, via: Via) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // On a task of its own: a client that hangs up drops this future, not the use case.
    let asked = server.clone();
    let work = tokio::spawn(async move { reply(&asked, request, via).await });
    let result = work.await.unwrap_or_else(|_| {
        Err(Refusal::new(
            Code::Trouble,
            "the server met a case it was not made for",
        ))
    });
    let response = match result {
        Ok(body) => json(StatusCode::OK, body),
        Err(refusal) => {
            if refusal.code == Code::Trouble {
                server.doubt();
            }
            let mut response = refused(&refusal);
            if server.quirks().hides_status(refusal.code) {
                *response.status_mut() = StatusCode::OK;
            }
            if server.quirks().hides_retry_after {
                response.headers_mut().remove(header::RETRY_AFTER);
            }
            response
        }
    };
    tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
    response
}

async fn reply(server: &Server, request: Request, via: Via) -> handlers::Reply {
    let (head, body) = request.into_parts();
    guard::check_origin(via, &head.uri, &head.headers, server.allowed_hosts())?;
    if head.method == Method::OPTIONS {
        return Err(Refusal::new(
            Code::Forbidden,
            "this server answers no web pages",
        ));
    }
    let query = head.uri.query().unwrap_or("");
    let size: usize = head
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if size + head.uri.path().len() + query.len() > HEAD {
        return Err(Refusal::new(
            Code::HeadTooLarge,
            "the head of a request may have 16 KiB",
        ));
    }
    let found = route::find(&head.method, head.uri.path());
    let limit = found
        .as_ref()
        .map_or(0, |(endpoint, _)| endpoint.body_limit());
    let body = tokio::time::timeout(BODY_TIME, read(body, limit))
        .await
        .map_err(|_| Refusal::new(Code::Timeout, "the body did not come in time"))?;
    let (endpoint, id) = found?;
    server.quirks().check_endpoint(endpoint)?;
    let body = body?;
    check_type(&head.headers, &body)?;
    let (form, given) = parameters(&head.headers, query, &body)?;
    server.check_token(via, &given, endpoint.is_open())?;
    let now = server.now();
    server.count(now)?;
    let path = head.uri.path();
    let asked = Asked {
        endpoint,
        path: path.strip_prefix("/1/").unwrap_or(path).to_owned(),
        id: id.to_owned(),
        method: head.method,
        form,
        now,
    };
    let late = server.quirks().late();
    match late.filter(|_| asked.method == Method::POST) {
        Some(late) => Err(give_up(server.clone(), asked, late).await),
        None => answer(server, &asked, false).await,
    }
}

/// Answers a request, and notes it if somebody wants to know.
async fn answer(server: &Server, asked: &Asked, late: bool) -> handlers::Reply {
    let Some(truth) = &server.quirks().truth else {
        return handlers::answer(server, asked).await;
    };
    let _turn = truth.turn().await;
    let reply = handlers::answer(server, asked).await;
    truth.note(asked, late, reply.as_ref().map(drop));
    reply
}

/// Has a change done later, and says that it was given up.
async fn give_up(server: Server, mut asked: Asked, late: Late) -> Refusal {
    tokio::spawn(async move {
        tokio::time::sleep(late.done_after).await;
        asked.now = server.now();
        // Its client has gone: nobody hears how it ended.
        let _ = answer(&server, &asked, true).await;
    });
    tokio::time::sleep(late.answered_after).await;
    Refusal::new(Code::GivenUp, "no answer in time")
}

/// Reads a body of at most `limit` bytes. More is read too, so that the client gets to our answer.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::bounds("the body ended before its end"))?;
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        } else if seen > DRAIN {
            break;
        }
    }
    if seen > limit {
        return Err(Refusal::new(
            Code::TooLarge,
            format!("the body may have {limit} bytes"),
        ));
    }
    Ok(bytes)
}

/// Refuses a body that says it is no form; many clients say nothing, or say it without a body.
fn check_type(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(|kind| String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase());
    let other = kind
        .is_some_and(|kind| kind.starts_with("multipart/") || kind.starts_with("application/json"));
    if other && !body.is_empty() {
        return Err(Refusal::new(
            Code::NoForm,
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    Ok(())
}

/// Reads query and body, and takes every token out of them.
fn parameters(
    headers: &HeaderMap,
    query: &str,
    body: &[u8],
) -> Result<(Form, Vec<String>), Refusal> {
    const TOKEN: &str = "access_token";
    let mut given: Vec<String> = guard::bearer(headers).into_iter().collect();
    let mut form = Form::parse(query.as_bytes())?;
    given.extend(form.take(TOKEN));
    let mut body = Form::parse(body)?;
    given.extend(body.take(TOKEN));
    form.extend(body)?;
    Ok((form, given))
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Writes a refusal with all the keys that clients look at.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let (_, status) = refusal.code.numbers();
    let mut response = json(status, refusal_body(refusal));
    let headers = response.headers_mut();
    if let Some(seconds) = refusal.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.code == Code::SignIn {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"qurate\""),
        );
    }
    response
}

/// Writes a refusal as it goes over a connection on which no request could be read.
pub(super) fn refused_bytes(refusal: &Refusal) -> Vec<u8> {
    let (_, status) = refusal.code.numbers();
    let body = refusal_body(refusal);
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\n\
         cache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

fn refusal_body(refusal: &Refusal) -> Vec<u8> {
    let (code, _) = refusal.code.numbers();
    let words = serde_json::Value::String(refusal.message.clone());
    let body = ErrorDto {
        success: false,
        code: Some(code.into()),
        error: Some(words.clone()),
        message: Some(words),
    };
    serde_json::to_vec(&body)
        .expect("strings and numbers under string keys always have a JSON form")
}
