//! A directory for the demo that is gone when the program ends.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, geteuid, getpid, test_kill_process};

/// The directory; dropping it removes it with all that is in it.
#[derive(Debug)]
pub(super) struct Throwaway {
    path: PathBuf,
}

impl Throwaway {
    /// Makes one below the temporary directory, and removes those of programs that were killed.
    pub(super) fn make(temporary: &Path) -> io::Result<Self> {
        sweep(temporary);
        let process = getpid().as_raw_nonzero();
        for _ in 0..16 {
            let name = format!("qurate-demo-{process}-{:08x}", fastrand::u32(..));
            let path = temporary.join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // If this fails, the next demo tries again.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what demos left that could not clean up (`kill -9`, power cut).
fn sweep(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let ours = fs::symlink_metadata(entry.path())
            .is_ok_and(|meta| meta.is_dir() && meta.uid() == geteuid().as_raw());
        let gone = entry
            .file_name()
            .to_str()
            .and_then(process_in)
            .is_some_and(|id| test_kill_process(id) == Err(rustix::io::Errno::SRCH));
        if ours && gone {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn process_in(name: &str) -> Option<Pid> {
    let (id, _) = name.strip_prefix("qurate-demo-")?.split_once('-')?;
    id.parse().ok().and_then(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_private_and_gone_after_use() {
        let temporary = tempfile::tempdir().unwrap();
        let throwaway = Throwaway::make(temporary.path()).unwrap();
        let path = throwaway.path().to_owned();
        fs::write(path.join("server.db"), "x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        drop(throwaway);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_demo_left_is_swept_and_a_running_one_is_not() {
        let temporary = tempfile::tempdir().unwrap();
        // Above the highest process id of Linux (2^22).
        let left = temporary.path().join("qurate-demo-4194999-00000001");
        fs::create_dir(&left).unwrap();
        let other = temporary.path().join("qurate-demo-x");
        fs::create_dir(&other).unwrap();
        let first = Throwaway::make(temporary.path()).unwrap();
        let second = Throwaway::make(temporary.path()).unwrap();
        assert!(!left.exists());
        assert!(other.exists() && first.path().exists() && second.path().exists());
    }
}
