//! A lock of the kernel beside a store, so that one process at a time sends or publishes.
//!
//! The kernel gives it back when its holder dies, however it dies; nothing is ever cleaned up by
//! hand and no age of a file is looked at. The lock file itself stays and means nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
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

/// One of those who use a store, as long as this lives.
///
/// Each holds the same lock, shared. The kernel forgets who was killed.
#[derive(Debug)]
pub struct Presence {
    _file: File,
    is_alone: bool,
}

impl Presence {
    /// Comes in, and looks whether anybody is there. It never waits: where another one is just
    /// looking too, this one is not alone, and may not be seen.
    pub fn enter(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        let is_alone = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        // The kernel makes a lock a shared one in one step: nobody comes between.
        match file.try_lock_shared() {
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(Self {
                _file: file,
                is_alone,
            }),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Says whether nobody else was there when this one came.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }
}

/// Who holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// Some process; its id if the kernel tells it.
    Process(Option<u32>),
}

/// Says who holds a lock, without making its file.
///
/// The kernel's list of locks is looked at first. Where there is none the lock is asked for, shared
/// and for no longer than that takes: an instance that starts in that moment waits for it.
pub fn holder(path: &Path) -> io::Result<Holder> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Nobody),
        Err(error) => return Err(error),
    };
    let inode = file.metadata()?.ino();
    let listed = fs::read_to_string("/proc/locks").unwrap_or_default();
    let process = listed.lines().find_map(|line| listed_holder(line, inode));
    if process.is_some() {
        return Ok(Holder::Process(process.filter(|id| *id != 0)));
    }
    match file.try_lock_shared() {
        Ok(()) => Ok(Holder::Nobody),
        Err(TryLockError::WouldBlock) => Ok(Holder::Process(None)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Reads a line as `1: FLOCK  ADVISORY  WRITE 4711 08:02:1234 0 EOF`; those that wait for a lock
/// have an arrow.
fn listed_holder(line: &str, inode: u64) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    if words.next() != Some("FLOCK") {
        return None;
    }
    let process = words.nth(2)?.parse().unwrap_or(0);
    let file = words.next()?.rsplit(':').next()?.parse::<u64>().ok()?;
    (file == inode).then_some(process)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_lock_is_told_and_asking_makes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.lock");
        assert_eq!(holder(&path).unwrap(), Holder::Nobody);
        assert!(!path.exists());
        let lock = Lock::try_take(&path).unwrap().expect("nobody has it");
        let Holder::Process(process) = holder(&path).unwrap() else {
            panic!("it is held");
        };
        if let Some(process) = process {
            assert_eq!(process, std::process::id());
        }
        drop(lock);
        assert_eq!(holder(&path).unwrap(), Holder::Nobody);
    }

    #[test]
    fn who_comes_while_another_lives_is_not_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.editors");
        let first = Presence::enter(&path).unwrap();
        assert!(first.is_alone());
        let second = Presence::enter(&path).unwrap();
        assert!(!second.is_alone());
        drop(first);
        assert!(!Presence::enter(&path).unwrap().is_alone());
        drop(second);
        assert!(Presence::enter(&path).unwrap().is_alone());
    }

    #[test]
    fn a_line_of_the_kernel_names_the_process() {
        let line = "1: FLOCK  ADVISORY  WRITE 4711 08:02:1234 0 EOF";
        assert_eq!(listed_holder(line, 1234), Some(4711));
        assert_eq!(listed_holder(line, 234), None);
        let waits = "1: -> FLOCK  ADVISORY  WRITE 4711 08:02:1234 0 EOF";
        assert_eq!(listed_holder(waits, 1234), None);
        let other = "2: POSIX  ADVISORY  READ 4711 08:02:1234 0 EOF";
        assert_eq!(listed_holder(other, 1234), None);
        assert_eq!(listed_holder("", 0), None);
    }
}
