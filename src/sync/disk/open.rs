//! Opens the store of an account whatever became of it, and says what that was.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::Connection as _;

use super::counts::{self, Moved};
use super::rows::{DRAFT, TABLES};
use super::salvage::{Salvage, copy_rows, put_in_place, salvage};
use super::{Disk, SCHEMA, execute};
use crate::domain::time::Timestamp;
use crate::store::beside::{self, Trace};
use crate::store::{self, Place, StoreError, Trouble, damaged};

/// How long the look at the pages may take at the start.
const LOOK: Duration = Duration::from_millis(200);

/// So many seconds after an update left the queue its tags are forgotten: a year.
const TAGS_KEPT: i64 = 365 * 86_400;

/// What was found besides a store that is as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) enum Found {
    /// It was damaged: this was saved of it.
    Damaged(Salvage),
    /// It was gone or empty though there had been one; what lay there is here now.
    Gone(Option<PathBuf>),
}

impl Disk {
    /// Opens the store, made and migrated if need be. The instance that sends (`may_mend`) also
    /// saves what is left of a damaged one; others leave that to it.
    pub(in crate::sync) async fn open(
        place: &Place,
        may_mend: bool,
    ) -> Result<(Self, Option<Found>), StoreError> {
        let Place::File(path) = place else {
            let connection = store::connect(place, &SCHEMA).await?;
            let mut disk = Self::of(connection, PathBuf::from("memory"), may_mend);
            disk.seal().await?;
            return Ok((disk, None));
        };
        let mut found = None;
        let length = fs::metadata(path).map_or(0, |file| file.len());
        // Before the store: who writes does it the other way round.
        let trace = Trace::read(path);
        let log = fs::metadata(beside::with(path, "-wal")).map_or(0, |file| file.len());
        if length == 0 && (trace.is_some() || log > 0) {
            found = Some(Self::gone(path, may_mend)?);
        }
        let connection = match store::connect(place, &SCHEMA).await {
            Ok(connection) => connection,
            Err(error) if is_damaged(&error, path, trace) => {
                tracing::error!(%error, "the store is damaged");
                found = Some(Self::mend(path, may_mend).await?);
                store::connect(place, &SCHEMA).await?
            }
            Err(error) => return Err(error),
        };
        let mut disk = Self::of(connection, path.clone(), may_mend);
        let mut changes = disk.changes().await;
        let is_behind = match (&changes, trace) {
            (Ok(changes), Some(trace)) => *changes < trace,
            (Ok(_), None) => false,
            (Err(error), _) => Trouble::of(error) == Trouble::Damaged,
        };
        if found.is_none() && is_behind {
            tracing::error!(?changes, ?trace, "the last changes of the store are gone");
            disk.close().await;
            found = Some(Self::mend(path, may_mend).await?);
            let connection = store::connect(place, &SCHEMA).await?;
            disk = Self::of(connection, path.clone(), may_mend);
            changes = disk.changes().await;
        }
        let changes = changes.map_err(|error| StoreError::of(path, error))?;
        // A file that cannot be written is opened all the same.
        if let Err(error) = disk.try_to_write().await {
            disk.close().await;
            return Err(StoreError::of(path, error));
        }
        disk.seal().await?;
        disk.file = identity(path);
        disk.trace = Trace::open(path, changes)
            .inspect_err(|error| tracing::warn!(%error, "no trace can be left beside the store"))
            .ok();
        disk.take_ballast();
        Ok((disk, found))
    }

    /// Begins to write and leaves it, which needs no space.
    async fn try_to_write(&mut self) -> Result<(), sqlx::Error> {
        let tried = async {
            let mut transaction = store::begin(&mut self.connection).await?;
            sqlx::query("UPDATE fact SET crc = crc WHERE key = 'sealed'")
                .execute(&mut *transaction)
                .await?;
            transaction.rollback().await
        };
        let tried: Result<(), sqlx::Error> = tried.await;
        match tried {
            Err(error) if Trouble::of(&error) != Trouble::Busy => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Saves what is left of a store that turned out to be damaged.
    pub(in crate::sync) async fn open_damaged(
        place: &Place,
        may_mend: bool,
    ) -> Result<(Self, Option<Found>), StoreError> {
        let Place::File(path) = place else {
            return Self::open(place, may_mend).await;
        };
        let found = Self::mend(path, may_mend).await?;
        let (disk, _) = Self::open(place, may_mend).await?;
        Ok((disk, Some(found)))
    }

    /// Stands in for a store that cannot be opened: it shows what can be read of it and refuses
    /// every write with the reason.
    pub(in crate::sync) async fn absent(
        place: &Place,
        why: &StoreError,
    ) -> Result<Self, StoreError> {
        let path = match place {
            Place::File(path) => path.clone(),
            Place::Memory => PathBuf::from("memory"),
        };
        let connection = match store::connect_to_read(&path, &SCHEMA).await {
            Ok(connection) if !why.is_damage() => connection,
            Ok(_) | Err(_) => store::connect(&Place::Memory, &SCHEMA).await?,
        };
        let mut disk = Self::of(connection, path, false);
        disk.absent = Some(why.to_string());
        Ok(disk)
    }

    /// Stands in for a store while it is opened again; nothing can be read of it.
    pub(in crate::sync) async fn nothing(place: &Place) -> Result<Self, StoreError> {
        let why = StoreError::of(Path::new("memory"), damaged("it is opened again"));
        let mut disk = Self::absent(&Place::Memory, &why).await?;
        if let Place::File(path) = place {
            disk.path.clone_from(path);
        }
        Ok(disk)
    }

    /// Writes the log back into the file, and forgets it: what the disk took before it refused to
    /// say so is not relied on.
    pub(in crate::sync) async fn write_back(&mut self) -> Result<(), sqlx::Error> {
        let row: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut self.connection)
            .await?;
        tracing::info!(?row, "the log of the store is written back");
        Ok(())
    }

    /// Sets aside what lies where a store should be. Never in silence: the caller says it.
    fn gone(path: &Path, may_mend: bool) -> Result<Found, StoreError> {
        if !may_mend {
            return Err(StoreError::of(path, damaged("it is gone")));
        }
        if beside::with(path, ".salvaged").exists() {
            // A salvage was cut off between its last two steps.
            let aside = put_in_place(path)?;
            return Ok(Found::Damaged(Salvage {
                torn: true,
                aside,
                ..Salvage::default()
            }));
        }
        let time = chrono::Utc::now().format("%Y%m%dT%H%M%SZ").to_string();
        let aside = beside::set_aside(path, &time).map_err(|source| StoreError::File {
            path: path.to_owned(),
            source,
        })?;
        tracing::error!(path = %path.display(), ?aside, "the store is gone or empty");
        Ok(Found::Gone(aside))
    }

    async fn mend(path: &Path, may_mend: bool) -> Result<Found, StoreError> {
        if !may_mend {
            return Err(StoreError::of(path, damaged("it is damaged")));
        }
        let salvage = salvage(path).await?;
        tracing::error!(path = %path.display(), ?salvage, "the store was damaged");
        Ok(Found::Damaged(salvage))
    }

    /// Gives the rows of an older version their checksums, once.
    async fn seal(&mut self) -> Result<(), StoreError> {
        let sealed = async {
            let sealed: Option<i64> = sqlx::query_scalar("SELECT 1 FROM fact WHERE key = 'sealed'")
                .fetch_optional(&mut self.connection)
                .await?;
            if sealed.is_some() {
                return self.seal_drafts().await;
            }
            let mut transaction = store::begin(&mut self.connection).await?;
            for table in TABLES {
                table.seal(&mut transaction).await?;
            }
            super::put_fact(&mut transaction, "sealed", "1").await?;
            transaction.commit().await
        };
        let sealed: Result<(), sqlx::Error> = sealed.await;
        sealed.map_err(|error| StoreError::of(&self.path, error))
    }

    /// Drafts of an older version came into their table without checksums. What cannot be read is
    /// found when they are.
    async fn seal_drafts(&mut self) -> Result<(), sqlx::Error> {
        let bare: Result<Option<i64>, sqlx::Error> =
            sqlx::query_scalar("SELECT 1 FROM draft WHERE crc IS NULL LIMIT 1")
                .fetch_optional(&mut self.connection)
                .await;
        if !matches!(bare, Ok(Some(_))) {
            return Ok(());
        }
        let mut transaction = store::begin(&mut self.connection).await?;
        DRAFT.seal(&mut transaction).await?;
        transaction.commit().await
    }

    /// Looks whether the pages of the file make sense: for a moment at the start, to the end when
    /// there is doubt.
    pub(in crate::sync) async fn look(&mut self, whole: bool) -> Result<(), sqlx::Error> {
        if self.is_absent() {
            return Ok(());
        }
        let within = (!whole).then_some(LOOK);
        store::look(&mut self.connection, within).await
    }

    /// Says whether the file that is written to is not the one at its path any more: what is
    /// written then is nowhere.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.file.is_some() && identity(&self.path) != self.file
    }

    /// Copies all rows of `old`, whose file is gone, into this new store.
    pub(in crate::sync) async fn take_rows_of(&mut self, mut old: Self) -> Result<(), sqlx::Error> {
        let mut salvage = Salvage::default();
        let (from, to) = (&mut old.connection, &mut self.connection);
        let copied = copy_rows(from, to, false, &mut salvage).await;
        tracing::warn!(
            ?salvage,
            "the file of the store was gone; its rows are in a new one"
        );
        let _ = old.connection.close().await;
        copied
    }

    /// Keeps some space back for a full disk.
    pub(in crate::sync) fn take_ballast(&mut self) {
        if !self.may_mend || self.file.is_none() {
            return;
        }
        if let Err(error) = beside::take_ballast(&self.path) {
            tracing::warn!(%error, "no space can be kept back for a full disk");
        }
    }

    /// Closes the store; the last connection writes its log back into the file.
    pub(in crate::sync) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the store was not closed cleanly; nothing is lost");
        }
    }

    /// Forgets the oldest ended operations; enough are kept to see what happened.
    pub(in crate::sync) async fn prune(&mut self, now: Timestamp) -> Result<(), sqlx::Error> {
        self.ready()?;
        let mut transaction = store::begin(&mut self.connection).await?;
        let old = sqlx::query(
            "DELETE FROM history
             WHERE at < $1 OR seq <= (SELECT max(seq) FROM history) - 20000",
        );
        let old = old.bind(now.plus(-90 * 86_400).0);
        let pruned = old.execute(&mut *transaction).await?.rows_affected();
        let pruned = i64::try_from(pruned).unwrap_or(i64::MAX);
        let moved = Moved {
            pruned,
            ..Moved::default()
        };
        counts::note(&mut transaction, moved).await?;
        let orphans = sqlx::query(
            "DELETE FROM attempt WHERE operation NOT IN (SELECT id FROM operation)
             AND operation NOT IN (SELECT id FROM history)",
        );
        execute(orphans, &mut transaction).await?;
        let waiting = sqlx::query(
            "UPDATE tag SET seen = $1
             WHERE id IN (SELECT local FROM known WHERE body IS NOT NULL)",
        );
        execute(waiting.bind(now.0), &mut transaction).await?;
        let forgotten = sqlx::query("DELETE FROM tag WHERE seen < $1");
        execute(forgotten.bind(now.plus(-TAGS_KEPT).0), &mut transaction).await?;
        transaction.commit().await
    }
}

fn is_damaged(error: &StoreError, path: &Path, trace: Option<i64>) -> bool {
    match error {
        StoreError::Foreign { .. } => {
            trace.is_some()
                && fs::symlink_metadata(path).is_ok_and(|m| m.is_file())
                && beside::is_nearly_ours(path, SCHEMA.application_id)
        }
        _ => error.is_damage(),
    }
}

/// Which file lies at a path.
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}
