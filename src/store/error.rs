//! What can be wrong with a store, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// A store that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its directory cannot be made or reached.
    #[error("cannot use {}: {source}; check that you may write there", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is there but not ours.
    #[error(
        "{} is not a file of this program; it is left as it is: move it away and start again",
        path.display()
    )]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// It is somebody else's.
    #[error(
        "{} belongs to another user; give it to the one who runs this, or use another --state-dir",
        path.display()
    )]
    Owner {
        /// Which.
        path: PathBuf,
    },
    /// A newer version of this program made it.
    #[error(
        "{} was made by a newer qurate (schema {found}, this one knows {known}); use that one",
        path.display()
    )]
    Newer {
        /// Which.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The newest schema this program knows.
        known: usize,
    },
    /// The SQLite that was linked can damage files.
    #[error("SQLite {found} can damage files; build with 3.51.3 or newer")]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// SQLite said no.
    #[error("{}: {trouble}", path.display())]
    Sql {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what to do.
        trouble: Trouble,
        /// SQLite's own words.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Says whether the file is damaged, which only moving it away helps.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Sql {
                trouble: Trouble::Damaged,
                ..
            }
        )
    }

    /// Says of which file an SQL error is.
    pub fn of(path: &Path, source: sqlx::Error) -> Self {
        let trouble = Trouble::of(&source);
        let path = path.to_owned();
        match trouble {
            Trouble::Foreign => Self::Foreign { path },
            Trouble::Full
            | Trouble::ReadOnly
            | Trouble::Busy
            | Trouble::Damaged
            | Trouble::Device
            | Trouble::Other(_) => Self::Sql {
                path,
                trouble,
                source,
            },
        }
    }
}

/// What an SQLite error means for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No space.
    #[error("the disk is full; free some space")]
    Full,
    /// No right to write.
    #[error("it cannot be written; check the rights of the file and its directory")]
    ReadOnly,
    /// Another connection writes.
    #[error("another program holds it; try again")]
    Busy,
    /// Its pages make no sense.
    #[error("the file is damaged; move it away to start with a new one")]
    Damaged,
    /// It is no database.
    #[error("it is not a database")]
    Foreign,
    /// The disk or the file system refused a read or a write.
    #[error("the disk refused to read or write")]
    Device,
    /// Something else, in SQLite's words.
    #[error("{0}")]
    Other(String),
}

/// Makes the error of a row or file that is not as it was written.
pub fn damaged(what: &str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::InvalidData, what))
}

impl Trouble {
    /// Reads an error's SQLite result code.
    pub fn of(error: &sqlx::Error) -> Self {
        if let sqlx::Error::Io(error) = error {
            return match error.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => Self::Full,
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Self::ReadOnly
                }
                io::ErrorKind::InvalidData => Self::Damaged,
                _ => Self::Device,
            };
        }
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<u32>().ok());
        // The low byte of an extended result code is the plain one.
        match code.map(|code| code & 0xff) {
            Some(13) => Self::Full,
            Some(3 | 8 | 14 | 23) => Self::ReadOnly,
            Some(5 | 6) => Self::Busy,
            Some(11) => Self::Damaged,
            Some(26) => Self::Foreign,
            Some(10) => Self::Device,
            _ => Self::Other(error.to_string()),
        }
    }
}
