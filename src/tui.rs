//! The screen: what the terminal sends becomes plain events, what the state says becomes a frame.
//!
//! Nothing here holds a channel or changes the state. [`view`] draws a state; [`backend`] turns a
//! drawn frame into one write; [`terminal`] puts the terminal into the modes the editor needs and
//! back; [`input`] translates what it sends.

pub mod backend;
pub mod clipboard;
pub mod input;
pub mod links;
mod pen;
pub mod print;
mod scroll;
pub mod terminal;
pub mod theme;
pub mod view;
