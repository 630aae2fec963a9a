//! What lies beside a store: the trace that there was one, ballast for a full disk, and what was
//! damaged and set aside.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The bytes kept back for a full disk.
const BALLAST: usize = 256 * 1024;
/// The free space that must be left besides, before ballast is made.
const SPARE: u64 = 512 * 1024;

/// The magic words every database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The trace that there is a store, with a number that only grows: how many changes it has seen.
///
/// The store has that number too. One that is behind its trace has lost what was promised: its log
/// is gone or damaged, which `SQLite` does not notice, or it is an old copy.
#[derive(Debug)]
pub struct Trace(fs::File);

impl Trace {
    /// Reads the number; none: there never was a store.
    pub fn read(store: &Path) -> Option<i64> {
        let text = fs::read(with(store, ".known")).ok()?;
        let text = String::from_utf8_lossy(&text);
        let number = text
            .strip_prefix("changes ")
            .and_then(|n| n.trim().parse().ok());
        Some(number.unwrap_or(0))
    }

    /// Opens the trace, made if need be, and leaves this number.
    pub fn open(store: &Path, number: i64) -> io::Result<Self> {
        let trace = Self(private(&with(store, ".known"))?);
        trace.leave(number)?;
        Ok(trace)
    }

    /// Leaves a number. It is not forced to the disk: after a power cut an older one does no harm.
    pub fn leave(&self, number: i64) -> io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        // Of one length and in place: it is never empty.
        self.0
            .write_all_at(format!("changes {number:020}\n").as_bytes(), 0)
    }
}

/// Returns a path beside a store: its own with `ending` behind.
pub fn with(store: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(ending);
    PathBuf::from(name)
}

/// Opens or makes a file of ours, readable by nobody else, never through a link.
pub fn private(path: &Path) -> io::Result<fs::File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        let text = format!("{} belongs to another user", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read this file; mode set to 0600");
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Makes the ballast if it is not there and there is space to spare.
pub fn take_ballast(store: &Path) -> io::Result<()> {
    let path = with(store, ".ballast");
    if fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == BALLAST as u64) {
        private(&path)?;
        return Ok(());
    }
    let directory = store.parent().filter(|d| !d.as_os_str().is_empty());
    let space = rustix::fs::statvfs(directory.unwrap_or(Path::new(".")))?;
    if space.f_bavail.saturating_mul(space.f_frsize) < BALLAST as u64 + SPARE {
        return Ok(());
    }
    let mut file = private(&path)?;
    file.set_len(0)?;
    // Not zeros: a file system may keep those for free.
    let written = file.write_all(&vec![0xb7; BALLAST]);
    if written.is_err() {
        let _ = fs::remove_file(&path);
    }
    written
}

/// Gives the ballast's space back; says whether there was any.
pub fn drop_ballast(store: &Path) -> bool {
    fs::remove_file(with(store, ".ballast")).is_ok()
}

/// Renames a store and its log to `NAME.damaged-<time>`, and returns where they lie now; none if
/// there was nothing. Nothing is ever overwritten or deleted.
pub fn set_aside(store: &Path, time: &str) -> io::Result<Option<PathBuf>> {
    let parts = ["", "-wal", "-shm"];
    let mut aside = with(store, &format!(".damaged-{time}"));
    let mut number = 1;
    while parts
        .iter()
        .any(|part| fs::symlink_metadata(with(&aside, part)).is_ok())
    {
        number += 1;
        aside = with(store, &format!(".damaged-{time}-{number}"));
    }
    let mut moved = false;
    // The log first: without it a half-moved store is not taken for a whole one.
    for part in ["-wal", "-shm", ""] {
        let from = with(store, part);
        if fs::symlink_metadata(&from).is_err() {
            continue;
        }
        let to = with(&aside, part);
        fs::rename(&from, &to)?;
        let _ = fs::set_permissions(&to, fs::Permissions::from_mode(0o600));
        moved = true;
    }
    sync_directory(store)?;
    Ok(moved.then_some(aside))
}

/// Makes a rename beside a store last.
pub fn sync_directory(store: &Path) -> io::Result<()> {
    match store.parent().filter(|d| !d.as_os_str().is_empty()) {
        Some(directory) => fs::File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

/// Copies a store and its log, with the constants of the file format put right, to read what is
/// left of it. The shared memory is not copied: it is made anew from the log.
pub fn copy_to_read(
    store: &Path,
    copy: &Path,
    application_id: i32,
    version: u32,
) -> io::Result<()> {
    remove_copy(copy);
    for part in ["", "-wal"] {
        let Ok(mut from) = fs::File::open(with(store, part)) else {
            continue;
        };
        let mut to = private(&with(copy, part))?;
        io::copy(&mut from, &mut to)?;
    }
    let mut file = private(copy)?;
    let length = file.metadata()?.len();
    let mut header = [0; 100];
    if file.read_exact(&mut header).is_err() {
        return Ok(());
    }
    mend_header(&mut header, length, application_id, version);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header)
}

/// Copies a store and its log as they are into a directory, to look at them there.
pub fn copy_to_look(store: &Path, directory: &Path) -> io::Result<PathBuf> {
    let name = store.file_name().unwrap_or_default();
    let copy = directory.join(name);
    remove_copy(&copy);
    for part in ["", "-wal"] {
        let mut from = match fs::File::open(with(store, part)) {
            Ok(from) => from,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        io::copy(&mut from, &mut private(&with(&copy, part))?)?;
    }
    Ok(copy)
}

/// Returns the damaged stores that were set aside here, and where they lie.
pub fn aside(store: &Path) -> Vec<PathBuf> {
    let start = with(store, ".damaged-");
    let start = start.file_name().unwrap_or_default().as_encoded_bytes();
    let directory = store.parent().unwrap_or(Path::new("."));
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            name.starts_with(start) && !name.ends_with(b"-wal") && !name.ends_with(b"-shm")
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Removes a copy that was made to read.
pub fn remove_copy(copy: &Path) {
    for part in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(with(copy, part));
    }
}

fn mend_header(header: &mut [u8; 100], length: u64, application_id: i32, version: u32) {
    let pages = u32::try_from(length / 4096).unwrap_or(u32::MAX);
    let changes = u32::from_be_bytes([header[24], header[25], header[26], header[27]]);
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = header.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, MAGIC);
    // Pages of 4096 bytes, a log, no reserved space, the fixed fractions.
    put(16, &[0x10, 0, 2, 2, 0, 64, 32, 32]);
    put(28, &pages.to_be_bytes());
    // No free pages: they hold nothing to save.
    put(32, &[0; 8]);
    // Schema format 4; no incremental vacuum; UTF-8.
    put(44, &4_u32.to_be_bytes());
    put(52, &[0; 4]);
    put(56, &1_u32.to_be_bytes());
    put(60, &version.to_be_bytes());
    put(64, &[0; 4]);
    put(68, &application_id.to_be_bytes());
    put(72, &[0; 20]);
    put(92, &changes.to_be_bytes());
}

/// Says whether a file that is not taken for ours may be ours with a damaged beginning: its first
/// bytes are lost, or differ from ours in a few bits. It is only asked where there was a store.
pub fn is_nearly_ours(store: &Path, application_id: i32) -> bool {
    let mut header = [0; 100];
    let read = fs::File::open(store).and_then(|mut file| file.read_exact(&mut header));
    if read.is_err() {
        // Shorter than any database.
        return true;
    }
    let differ =
        |a: &[u8], b: &[u8]| -> u32 { a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum() };
    let (magic, id) = (&header[..16], &header[68..72]);
    let id = differ(id, &application_id.to_be_bytes());
    header.iter().all(|byte| *byte == 0) || (differ(magic, MAGIC) <= 16 && id <= 4)
}
