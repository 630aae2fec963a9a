//! qurate: a keyboard-driven queue editor for social posts, in a terminal.
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
//! Modules in reading order, lowest first.

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
