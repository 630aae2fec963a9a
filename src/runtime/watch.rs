//! The config file: a thread that looks at it when it is told to, so that a slow disk never holds
//! up the loop. Nothing polls: the full minute, a stop that ended, a signal and the person tell it.

use std::fmt::Debug;
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::app::preferences::Preferences;

/// When a config file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only if it is not the one that was read last.
    IfChanged,
    /// In any case.
    InAnyCase,
}

/// A config file that can be read again.
pub trait ConfigFile: Debug + Send {
    /// Reads it; none: it did not change.
    fn read(&mut self, reading: Reading) -> Option<Result<Preferences, String>>;
}

/// What the file says, or what is wrong with it.
pub(super) type Found = Result<Preferences, String>;

/// Asks the thread.
#[derive(Debug)]
pub(super) struct Watch(Sender<Reading>);

impl Watch {
    /// Starts the thread; what it finds comes out of the receiver.
    pub(super) fn open(
        mut file: Box<dyn ConfigFile>,
    ) -> io::Result<(Self, UnboundedReceiver<Found>)> {
        let (asks, asked) = channel();
        let (found, configs) = unbounded_channel();
        thread::Builder::new()
            .name("config".to_owned())
            .spawn(move || {
                for reading in asked {
                    if let Some(config) = file.read(reading)
                        && found.send(config).is_err()
                    {
                        return;
                    }
                }
            })?;
        Ok((Self(asks), configs))
    }

    /// Asks it to look. What it finds is told later, or never if it is stuck.
    pub(super) fn look(&self, reading: Reading) {
        let _ = self.0.send(reading);
    }
}
