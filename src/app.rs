//! The editor without its screen: what it knows ([`state`]), what may happen to it ([`action`]),
//! what it asks of the world ([`effect`]), and the one function between them ([`reduce()`]).
//!
//! Pure: no clock, no I/O, no randomness. Time comes with each action, ids from a source that is
//! seeded once, so a session can be recorded, replayed and tested by scripts of keys. Nothing here
//! draws; the view reads [`State`] and the [`layout`] and never changes either.

pub mod action;
pub mod agent;
pub mod clocks;
pub mod command;
pub mod compare;
pub mod composer;
pub mod customs;
pub mod doctor;
pub mod effect;
pub mod entries;
pub mod filter;
pub mod form;
pub mod fuzzy;
pub mod guard;
pub mod history;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod lint;
pub mod list;
pub mod loaded;
pub mod mode;
pub mod notice;
pub mod outbox;
pub mod palette;
pub mod plain;
pub mod preferences;
pub mod prompt;
pub mod reading;
pub mod record;
pub mod reduce;
pub mod repeat;
pub mod replace;
pub mod scope;
pub mod selection;
pub mod shows;
pub mod sides;
pub mod slots;
pub mod spread;
pub mod state;
pub mod status;
pub mod strip;
pub mod tags;
pub mod timetable;
pub mod when;

pub use action::Action;
pub use effect::Effect;
pub use reduce::reduce;
pub use state::State;
