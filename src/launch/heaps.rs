//! How the memory that the program lets go of gets back to the system.
//!
//! glibc hands out large blocks as mappings of their own, which go back to the system when they are
//! freed. But each one that is freed raises the size from which it does so (`mallopt(3)`,
//! `M_MMAP_THRESHOLD`, on the dynamic threshold): after one read of a queue of 100,000 updates their
//! lists lie in the heaps, and what is free there stays with the program: tens of megabytes for ever.
//! With a threshold that somebody set, that does not happen. It can be set in the environment, before
//! a program begins, or by a call that is not safe, and this crate has none; so the program begins
//! once more, as the same process, with the environment that says so. It takes two milliseconds.

use std::ffi::OsString;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use crate::runtime::{TUNABLES, TUNABLES_BEFORE};

/// The size from which blocks are mappings: what glibc begins with, in bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const THRESHOLD: &str = "glibc.malloc.mmap_threshold=131072";

/// Begins the program once more, with these arguments (its own name first), if it was not begun so.
/// Where that cannot be done, it goes on and takes more memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn keep_small(arguments: &[OsString]) {
    use std::env;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    let before = env::var_os(TUNABLES).unwrap_or_default();
    let is_set = before.to_string_lossy().contains("mmap_threshold");
    // The second variable says that it was begun so, whatever became of the first: of a program with
    // special rights it is taken away.
    if is_set || env::var_os(TUNABLES_BEFORE).is_some() {
        return;
    }
    let (Ok(program), Some((name, rest))) = (env::current_exe(), arguments.split_first()) else {
        return;
    };
    let is_loader = |name: &str| name.starts_with("ld-") || name.starts_with("ld.so");
    if program
        .file_name()
        .and_then(|name| name.to_str())
        .is_none_or(is_loader)
    {
        // It was started by way of the dynamic loader, which takes other arguments.
        return;
    }
    let mut tunables = before.clone();
    if !tunables.is_empty() {
        tunables.push(":");
    }
    tunables.push(THRESHOLD);
    let _ = Command::new(program)
        .arg0(name)
        .args(rest)
        .env(TUNABLES, tunables)
        .env(TUNABLES_BEFORE, before)
        .exec();
}

/// Other allocators need no telling.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn keep_small(_arguments: &[OsString]) {}
