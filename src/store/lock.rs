//! A lock of the kernel beside a store, so that one process at a time sends or publishes.
//!
//! The kernel gives it back when its holder dies, however it dies; nothing is ever cleaned up by
//! hand and no age of a file is looked at. The lock file itself stays and means nothing.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A lock that is held until this is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock if nobody holds it.
    pub fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Blocks this thread until the lock is free, and takes it. Never call it where a task runs.
    pub fn take(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        file.lock()?;
        Ok(Self { _file: file })
    }
}

/// Returns where the lock of a store lies: `queue.db` has `queue.db.lock`.
pub fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Opens the lock file, made with mode 0600 if need be.
fn open(path: &Path) -> io::Result<File> {
    super::beside::private(path)
}
