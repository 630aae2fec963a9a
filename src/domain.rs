//! What updates, queues, schedules and edits are, and the algebra over them.
//!
//! Pure: no I/O, no async, no clock, no randomness, no JSON shape of any API. Everything a
//! function needs is an argument, every function here is total, so the same code serves the
//! editor, the worker and the server and can be tested by properties alone.

pub mod clocks;
pub mod custom;
pub mod doctor;
pub mod done;
pub mod draft;
pub mod duplicate;
pub mod emoji;
pub mod figures;
pub(crate) mod grapheme;
pub mod id;
pub mod interaction;
pub mod length;
pub mod link;
pub mod lint;
pub mod look;
pub mod mask;
pub mod merge;
pub mod nearest;
pub mod operation;
pub(crate) mod places;
pub mod profile;
pub mod queue;
pub mod rare;
pub mod replica;
pub mod schedule;
pub mod shown;
pub mod tag;
pub mod terminal;
pub mod text;
pub mod time;
pub mod update;

#[cfg(test)]
pub(crate) mod testing;
