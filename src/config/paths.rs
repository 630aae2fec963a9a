//! Where everything lies: config, state (stores and log), data (the local server) and runtime (its
//! socket).
//!
//! The environment is an argument, so the rules can be tested. Directories are made 0700 when they
//! are first needed.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The longest path a Unix socket can have: `sun_path` is 108 bytes with its final zero.
const SOCKET_PATH_MAX: usize = 107;
/// The longest name of a socket: an account's.
const SOCKET_NAME_MAX: usize = "editors-0123456789abcdef.sock".len();

/// The directories and files of one person's qurate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`.
    pub config: PathBuf,
    /// Whether the person named that file.
    pub config_asked_for: bool,
    /// Stores and the log.
    pub state: PathBuf,
    /// The local server's database and token.
    pub data: PathBuf,
    /// The local server's socket.
    pub socket: PathBuf,
}

/// Why there is no place for qurate's files.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// Neither a home nor the XDG variables.
    #[error("HOME is not set; set it, or say where to keep everything with --state-dir DIR")]
    NoHome,
    /// A directory cannot be made or used.
    #[error("could not make the directory {}: {source}", directory.display())]
    Make {
        /// Which.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A directory that must be ours is somebody else's.
    #[error(
        "{} belongs to somebody else or is no directory; remove it, or use --state-dir DIR",
        directory.display()
    )]
    Foreign {
        /// Which.
        directory: PathBuf,
    },
}

impl Paths {
    /// Finds the paths from the options and the environment.
    pub fn find(
        state_dir: Option<&Path>,
        config: Option<&Path>,
        var: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, PathsError> {
        let absolute = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let xdg = |name: &str, under: &str| {
            absolute(name)
                .or_else(|| Some(absolute("HOME")?.join(under)))
                .map(|base| base.join("qurate"))
                .ok_or(PathsError::NoHome)
        };
        let (state, data, runtime) = match state_dir {
            Some(dir) => (dir.join("state"), dir.join("data"), Some(dir.join("run"))),
            None => (
                xdg("XDG_STATE_HOME", ".local/state")?,
                xdg("XDG_DATA_HOME", ".local/share")?,
                absolute("XDG_RUNTIME_DIR").map(|base| base.join("qurate")),
            ),
        };
        let file = match config {
            Some(file) => file.to_owned(),
            None => match xdg("XDG_CONFIG_HOME", ".config") {
                Ok(dir) => dir.join("config.toml"),
                // With --state-dir there need be no home at all.
                Err(_) if state_dir.is_some() => state.join("config.toml"),
                Err(e) => return Err(e),
            },
        };
        let temporary = absolute("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"));
        Ok(Self {
            config: file,
            config_asked_for: config.is_some(),
            socket: socket(runtime, &state, &temporary),
            state,
            data,
        })
    }

    /// The same, all below one directory (the throw-away one of the demo); the config file stays.
    #[must_use]
    pub fn below(&self, dir: &Path, temporary: &Path) -> Self {
        let state = dir.join("state");
        Self {
            config: self.config.clone(),
            config_asked_for: self.config_asked_for,
            socket: socket(Some(dir.join("run")), &state, temporary),
            data: dir.join("data"),
            state,
        }
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join("qurate.log")
    }

    /// The local server's database.
    pub fn database(&self) -> PathBuf {
        self.data.join("server.db")
    }

    /// The store of an account, by the name of its key ([`account_key`]).
    pub fn store(&self, key: &str) -> PathBuf {
        self.state.join("accounts").join(format!("{key}.db"))
    }

    /// The socket at which the editors of an account hear of each other, by its store.
    pub fn meeting(&self, store: &Path) -> PathBuf {
        let name = format!("editors-{:016x}.sock", hash(store.as_os_str().as_bytes()));
        self.socket.with_file_name(name)
    }

    /// Makes the directories the editor and the server need, 0700.
    pub fn make(&self) -> Result<(), PathsError> {
        make(&self.state)?;
        make(&self.state.join("accounts"))?;
        make(&self.data)?;
        self.socket.parent().map_or(Ok(()), make)
    }
}

/// The key of an account's store: its name in the config, else a hash of its address.
pub fn account_key(name: Option<&str>, url: &str) -> String {
    match name {
        Some(name) => name.to_owned(),
        None => format!("url-{:016x}", hash(url.trim_end_matches('/').as_bytes())),
    }
}

fn socket(runtime: Option<PathBuf>, state: &Path, temporary: &Path) -> PathBuf {
    let fits = |directory: &Path| {
        directory.as_os_str().len() + "/".len() + SOCKET_NAME_MAX <= SOCKET_PATH_MAX
    };
    let directory = runtime.unwrap_or_else(|| state.join("run"));
    let wanted = directory.join("server.sock");
    if fits(&directory) {
        return wanted;
    }
    // The name is the same at every start, so that a second instance finds the first.
    let user = rustix::process::geteuid().as_raw();
    let name = format!("qurate-{user}-{:016x}", hash(wanted.as_os_str().as_bytes()));
    let short = temporary.join(&name);
    let short = if fits(&short) {
        short
    } else {
        Path::new("/tmp").join(name)
    };
    short.join("server.sock")
}

/// Makes one directory and what is above it, and keeps others out of it.
pub fn make(directory: &Path) -> Result<(), PathsError> {
    let failed = |source| PathsError::Make {
        directory: directory.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(failed)?;
    // A name under the temporary directory may have been taken by somebody before us, also as a
    // link to elsewhere.
    let meta = fs::symlink_metadata(directory).map_err(failed)?;
    let meta = if meta.is_symlink() && !is_shared(directory) {
        fs::metadata(directory).map_err(failed)?
    } else {
        meta
    };
    if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(PathsError::Foreign {
            directory: directory.to_owned(),
        });
    }
    if meta.mode() & 0o077 != 0 {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Whether everybody can make names where this directory stands.
fn is_shared(directory: &Path) -> bool {
    directory
        .parent()
        .and_then(|above| fs::metadata(above).ok())
        .is_none_or(|meta| meta.mode() & 0o002 != 0)
}

/// FNV-1a: stable over versions and machines, which the standard library's hash is not.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(state_dir: Option<&str>, vars: &[(&str, &str)]) -> Result<Paths, PathsError> {
        let var = |name: &str| {
            let found = vars.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Paths::find(state_dir.map(Path::new), None, &var)
    }

    #[test]
    fn the_xdg_defaults_lie_under_home() {
        let paths = find(None, &[("HOME", "/home/a")]).unwrap();
        assert_eq!(
            paths.config,
            Path::new("/home/a/.config/qurate/config.toml")
        );
        assert_eq!(paths.state, Path::new("/home/a/.local/state/qurate"));
        assert_eq!(paths.data, Path::new("/home/a/.local/share/qurate"));
        assert_eq!(
            paths.socket,
            Path::new("/home/a/.local/state/qurate/run/server.sock")
        );
    }

    #[test]
    fn xdg_variables_count_when_they_are_absolute() {
        let paths = find(
            None,
            &[
                ("HOME", "/home/a"),
                ("XDG_STATE_HOME", "/s"),
                ("XDG_DATA_HOME", "relative"),
                ("XDG_RUNTIME_DIR", "/run/user/7"),
            ],
        )
        .unwrap();
        assert_eq!(paths.state, Path::new("/s/qurate"));
        assert_eq!(paths.data, Path::new("/home/a/.local/share/qurate"));
        assert_eq!(paths.socket, Path::new("/run/user/7/qurate/server.sock"));
    }

    #[test]
    fn state_dir_moves_everything_and_needs_no_home() {
        let paths = find(Some("/d"), &[]).unwrap();
        assert_eq!(paths.state, Path::new("/d/state"));
        assert_eq!(paths.data, Path::new("/d/data"));
        assert_eq!(paths.socket, Path::new("/d/run/server.sock"));
        assert!(matches!(find(None, &[]), Err(PathsError::NoHome)));
    }

    #[test]
    fn a_socket_path_that_is_too_long_gets_a_short_one_that_stays_the_same() {
        let long = format!("/{}", "x".repeat(120));
        let one = find(Some(&long), &[("TMPDIR", "/var/tmp")]).unwrap().socket;
        let two = find(Some(&long), &[("TMPDIR", "/var/tmp")]).unwrap().socket;
        assert_eq!(one, two);
        assert!(one.starts_with("/var/tmp"), "{}", one.display());
        assert!(one.as_os_str().len() <= SOCKET_PATH_MAX);
        for length in 40..120 {
            let paths = find(Some(&format!("/{}", "x".repeat(length))), &[]).unwrap();
            let meeting = paths.meeting(&paths.store("local"));
            assert_eq!(meeting.parent(), paths.socket.parent());
            assert!(meeting.as_os_str().len() <= SOCKET_PATH_MAX, "{length}");
            assert_ne!(meeting, paths.meeting(&paths.store("other")));
        }
        let other = find(Some(&format!("{long}y")), &[("TMPDIR", "/var/tmp")]).unwrap();
        assert_ne!(other.socket, one);
        let all_long = find(Some(&long), &[("TMPDIR", &long)]).unwrap().socket;
        assert!(all_long.starts_with("/tmp"), "{}", all_long.display());
    }

    #[test]
    fn directories_are_made_for_their_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let paths = find(dir.path().to_str(), &[]).unwrap();
        paths.make().unwrap();
        for made in [&paths.state, &paths.data] {
            assert_eq!(fs::metadata(made).unwrap().mode() & 0o777, 0o700);
        }
        fs::set_permissions(&paths.data, fs::Permissions::from_mode(0o755)).unwrap();
        paths.make().unwrap();
        assert_eq!(fs::metadata(&paths.data).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_file_in_the_place_of_a_directory_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state");
        fs::write(&file, "").unwrap();
        let error = make(&file).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
    }

    #[test]
    fn a_link_in_a_directory_open_to_all_is_not_followed() {
        let shared = tempfile::tempdir().unwrap();
        let own = tempfile::tempdir().unwrap();
        let link = shared.path().join("qurate-0-1");
        std::os::unix::fs::symlink(own.path(), &link).unwrap();
        assert!(
            make(&link).is_ok(),
            "in a directory of our own it is our choice"
        );
        fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(matches!(make(&link), Err(PathsError::Foreign { .. })));
    }

    #[test]
    fn a_store_is_keyed_by_the_name_or_else_by_the_address() {
        assert_eq!(account_key(Some("work"), "https://a/1/"), "work");
        let key = account_key(None, "https://a/1/");
        assert_eq!(key, account_key(None, "https://a/1"));
        assert_ne!(key, account_key(None, "https://b/1/"));
    }
}
