//! qurate: a keyboard-driven queue editor for social posts, in a terminal.
//!
//! This page is the architecture document. It says what the parts are, how one edit travels through
//! them, and what is deliberately absent from each.
//!
//! ```text
//!  terminal event ─┐                                             ┌─> view(&State) ─> frame ─> one write
//!  clock, signals ─┼─> Action ─> reduce(&mut State, Action) ─────┤
//!  worker's news ──┘      (pure: no clock, no I/O, no random)    └─> Vec<Effect> ─> runtime performs them
//!                                                                         │ SyncCommand
//!                          worker  <──────────────────────────────────────┘
//!                            │ 1 outbox (SQLite, committed before a byte is sent)
//!                            │ 2 trait Api ── v1 (reqwest) ──HTTP──> our server (axum + SQLite) or Buffer
//! ```
//!
//! # The idea
//!
//! What a person sees is the *mirror* (what the API last said) plus the *operations* that are not
//! yet confirmed. A key changes the screen at once; the operation it made goes to the worker, which
//! puts it on disk before the screen marks it saved, and marks it in flight on disk before its first
//! byte goes out. An outcome that is not known is looked up by reading, never guessed. So the line
//! may drop and the process may be killed at any moment.
//!
//! # One edit, from key to server
//!
//! 1. `J` arrives as a terminal event. [`tui`] turns it into a key, the keymap of [`app`] into an
//!    action, and [`app::reduce`](app) builds an [`operation`](domain::operation::Operation): a move
//!    anchored by its neighbours, not by an index.
//! 2. The [`replica`](domain::replica::Replica) applies it: the row moves, marked as not saved, and
//!    the frame is drawn. Nothing was read or written yet.
//! 3. The effect `Sync(Enqueue(operation))` reaches the worker's thread ([`sync`]), which commits it
//!    to the account's store and answers; the mark becomes "saved".
//! 4. When its turn comes the worker marks it in flight (committed), and makes one request through
//!    the [`api::Api`] trait.
//! 5. The answer is committed too: acknowledged, refused, to be tried again, or unknown. Unknown is
//!    looked up; a create or a share that cannot be proved absent is held for the person.
//! 6. A read of the queue that *began after* the acknowledgement settles the operation: the mirror
//!    now says the same by itself, and the operation leaves the fold. The screen does not change.
//!
//! Without a screen ([`app::plain`]) a line of words stands in the place of the key, and sentences in
//! the place of the frame: the actions between them are the same. Without a person
//! ([`runtime::agent`]) the worker is alone, and what it tells is counted ([`app::agent`]).
//!
//! # Layers
//!
//! A module may use only what is named; `tests/it/architecture.rs` fails on anything else.
//!
//! | module | may use | never holds |
//! | --- | --- | --- |
//! | [`domain`] | – | I/O, async, clock, randomness, ratatui, SQL, JSON shapes of an API |
//! | [`config`] | domain | side effects after it is loaded |
//! | [`protocol`] | domain | behaviour |
//! | [`wire`] | domain | anything but DTOs, form encoding, paths and conversions |
//! | [`store`] | – | knowledge of updates |
//! | [`app`] | domain, protocol | tokio, files, environment, `now()` |
//! | [`api`] | domain, wire | retries, state |
//! | [`server`] | domain, wire, store | `api`, `sync`, `app` |
//! | [`sync`] | domain, protocol, api, store | `app`, `tui` |
//! | [`tui`] | domain, app | channels, mutation of the state |
//! | [`runtime`] | domain, protocol, app, tui | decisions about updates |
//! | [`cli`] | domain, protocol, api, sync, config | `app`, `tui`, `server` |
//! | [`launch`] | everything | logic: it is where the parts are put together |
//!
//! Server and client meet only in [`launch`], and talk only over HTTP (a Unix socket for the local
//! account): there is one code path, whether the server is in the same process or Buffer's.
//!
//! # Invariants
//!
//! * No key waits for the network or the disk: [`app`] has no way to reach either.
//! * A local id never changes and is what operations, cursor, marks and undo hold; the remote id is
//!   looked up when a request is built.
//! * Nothing is deleted on the server except by an operation a person made. An empty or damaged
//!   read never becomes a delete.
//! * Text from anywhere reaches the terminal only as [`domain::shown::Shown`].
//! * Only [`runtime`] and [`sync`] hold channels; only [`launch`] knows both server and client.
//!
//! To read the code, take the modules in the order of the table, lowest first.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod launch;
pub mod protocol;
pub mod runtime;
pub mod server;
pub mod store;
pub mod sync;
pub mod tui;
pub mod wire;
