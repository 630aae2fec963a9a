//! Reads cached queues back: an order is one blob, and its updates come a thousand rows at once.
//!
//! The driver hands every column of every row from one thread to another, in allocations of their
//! own, which costs many times what `SQLite` needs for the row. So SQL puts the rows together, parted
//! by the separators ASCII has for it. No good row has them in it: JSON escapes control characters,
//! and ids have none.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};
use ulid::Ulid;

use super::cached::{CachedQueue, Numbers};
use super::known::KnownUpdates;
use super::mirror::Known;
use super::rows::{QUEUE, Value};
use super::{Disk, identity, json};
use crate::domain::id::{IdMap, LocalId, ProfileId, RemoteId};
use crate::domain::places::Places;
use crate::domain::replica::QueueSnapshot;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, Update};
use crate::store::checksum::fingerprint;
use crate::store::damaged;

/// How many rows are put together. Few, so that what they take is little beside what they become.
const AT_ONCE: u32 = 1_000;
/// Between two rows, and between two columns of one.
const RECORD: u8 = 0x1e;
const UNIT: u8 = 0x1f;

/// The rows of some updates, put together.
const BODIES: &str = "hex(local)||char(31)||remote||char(31)||profile||char(31)||coalesce(crc,'')||
    char(31)||coalesce(hash,'')||char(31)||body";
const HAS_BODY: &str = "body IS NOT NULL AND remote IS NOT NULL";
/// Who updates are, put together.
const WHO: &str = "hex(local)||char(31)||remote||char(31)||coalesce(crc,'')||char(31)||
    coalesce(hash,'')";

/// Which updates of some queues are read.
#[derive(Debug, Clone, Copy)]
enum Rows<'a> {
    All,
    Of(&'a ProfileId),
    These(&'a [LocalId]),
}

impl Disk {
    /// Reads the cached orders: that of one profile, or all. No update is read yet.
    pub(super) async fn orders(
        &mut self,
        of: Option<&ProfileId>,
    ) -> Result<Vec<CachedQueue>, sqlx::Error> {
        let narrowed = if of.is_some() {
            " WHERE profile = $1"
        } else {
            ""
        };
        let text = format!("SELECT {} FROM queue{narrowed}", QUEUE.list());
        let query = sqlx::query(AssertSqlSafe(text));
        let query = match of {
            Some(profile) => query.bind(profile.as_str()),
            None => query,
        };
        let rows = query.fetch_all(&mut self.connection).await?;
        let mut queues = Vec::with_capacity(rows.len());
        for row in rows {
            let stored = QUEUE.read(&row)?;
            let text = stored.values.first().and_then(Value::text);
            let profile = text.and_then(|text| ProfileId::parse(text).ok());
            let (true, Some(profile)) = (stored.is_good, profile) else {
                tracing::error!("a queue is not as it was stored; it is read again");
                continue;
            };
            let list = |at: usize| stored.values.get(at).and_then(Value::bytes);
            let read_at = stored.values.get(1).and_then(Value::number).unwrap_or(0);
            let revision = stored.values.get(2).and_then(Value::number);
            let revision = revision.and_then(|number| u64::try_from(number).ok());
            let numbers = Numbers {
                generation: row.try_get("generation")?,
                revision,
            };
            queues.push(CachedQueue::new(
                profile,
                (Timestamp(read_at), numbers),
                (list(3).unwrap_or_default(), list(4).unwrap_or_default()),
            ));
        }
        Ok(queues)
    }

    /// Reads the first `count` updates of a queue.
    pub(in crate::sync) async fn read_head(
        &mut self,
        queue: &mut CachedQueue,
        count: usize,
    ) -> Result<(), sqlx::Error> {
        let head = 0..queue.pending().min(count);
        let head: Vec<LocalId> = head.map(|at| queue.local(at)).collect();
        self.read_updates(std::slice::from_mut(queue), Rows::These(&head))
            .await
    }

    /// Reads all updates of these queues that are not there yet.
    pub(in crate::sync) async fn read_rest(
        &mut self,
        queues: &mut [CachedQueue],
    ) -> Result<(), sqlx::Error> {
        match queues {
            [] => Ok(()),
            [one] => {
                let profile = one.profile.clone();
                self.read_updates(queues, Rows::Of(&profile)).await
            }
            _ => self.read_updates(queues, Rows::All).await,
        }
    }

    /// Reads the cached queue of one profile.
    pub(in crate::sync) async fn cached(
        &mut self,
        profile: &ProfileId,
    ) -> Result<Option<QueueSnapshot>, sqlx::Error> {
        let mut queues = self.orders(Some(profile)).await?;
        self.read_rest(&mut queues).await?;
        Ok(queues.pop().map(|queue| queue.whole().1))
    }

    /// Returns those of these updates that are in a cached list of a profile, pending or failed, with
    /// their times.
    pub(in crate::sync) async fn stored(
        &mut self,
        profile: &ProfileId,
        these: &[LocalId],
    ) -> Result<HashMap<LocalId, Update>, sqlx::Error> {
        if these.is_empty() {
            return Ok(HashMap::new());
        }
        let mut queues = self.orders(Some(profile)).await?;
        for queue in &mut queues {
            queue.narrow_to(these.iter().copied().collect());
        }
        self.read_updates(&mut queues, Rows::These(these)).await?;
        let updates = queues.into_iter().flat_map(CachedQueue::updates);
        Ok(updates.map(|update| (update.id, update)).collect())
    }

    /// What is not as it was stored is read from the API again.
    async fn read_updates(
        &mut self,
        queues: &mut [CachedQueue],
        which: Rows<'_>,
    ) -> Result<(), sqlx::Error> {
        let mut missing = Missing::of(queues, which);
        let mut bad = 0;
        if let Rows::These(these) = which {
            for some in these.chunks(AT_ONCE as usize) {
                let frames = self.bodies_of_these(some).await?;
                bad += missing.take(&frames, queues);
            }
        } else {
            let mut after = Some(Vec::new());
            while let Some(from) = after {
                let (frames, last) = self.bodies_behind(which, from).await?;
                bad += missing.take(&frames, queues);
                after = last;
            }
        }
        bad += missing.count;
        if bad > 0 {
            tracing::error!(
                bad,
                "updates are not as they were stored; they are read again"
            );
            self.forget_bodies().await?;
            queues.iter_mut().for_each(CachedQueue::forget_stored);
        }
        Ok(())
    }

    async fn bodies_of_these(&mut self, these: &[LocalId]) -> Result<Vec<u8>, sqlx::Error> {
        let query = format!(
            "SELECT CAST(group_concat({BODIES}, char(30)) AS BLOB) FROM known
             WHERE local IN (SELECT unhex(value) FROM json_each($1)) AND {HAS_BODY}"
        );
        let hexes: Vec<String> = these.iter().map(|id| super::mirror::hex(*id)).collect();
        let frames: Option<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(json(&hexes)?)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(frames.unwrap_or_default())
    }

    /// Returns the next rows behind the one with this id, and where they end; none if there are no
    /// more.
    async fn bodies_behind(
        &mut self,
        which: Rows<'_>,
        after: Vec<u8>,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), sqlx::Error> {
        let narrowed = match which {
            Rows::Of(_) => "profile = $3 AND",
            Rows::All | Rows::These(_) => "",
        };
        let query = format!(
            "SELECT CAST(group_concat(row, char(30)) AS BLOB), max(local)
             FROM (SELECT local, {BODIES} AS row FROM known
                   WHERE {narrowed} local > $1 AND {HAS_BODY} ORDER BY local LIMIT $2)"
        );
        let query = sqlx::query(AssertSqlSafe(query)).bind(after).bind(AT_ONCE);
        let query = match which {
            Rows::Of(profile) => query.bind(profile.as_str()),
            Rows::All | Rows::These(_) => query,
        };
        frames(&query.fetch_one(&mut self.connection).await?)
    }

    /// Returns what the API calls these updates of a profile, as far as the store knows them.
    pub(in crate::sync) async fn remotes(
        &mut self,
        profile: &ProfileId,
        these: &[LocalId],
    ) -> Result<IdMap<LocalId, RemoteId>, sqlx::Error> {
        let query = format!(
            "SELECT CAST(group_concat({WHO}, char(30)) AS BLOB) FROM known
             WHERE local IN (SELECT unhex(value) FROM json_each($1))
                   AND profile = $2 AND remote IS NOT NULL"
        );
        let mut remotes = IdMap::default();
        for some in these.chunks(AT_ONCE as usize) {
            let hexes: Vec<String> = some.iter().map(|id| super::mirror::hex(*id)).collect();
            let rows: Option<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(query.clone()))
                .bind(json(&hexes)?)
                .bind(profile.as_str())
                .fetch_one(&mut self.connection)
                .await?;
            for record in records(&rows.unwrap_or_default()) {
                let (remote, one) = who(record, profile).ok_or_else(not_as_stored)?;
                remotes.insert(one.local, remote);
            }
        }
        Ok(remotes)
    }

    /// Returns the updates of a profile the store knows.
    pub(in crate::sync) async fn known(
        &mut self,
        profile: &ProfileId,
    ) -> Result<KnownUpdates, sqlx::Error> {
        let query = format!(
            "SELECT CAST(group_concat(row, char(30)) AS BLOB), max(local)
             FROM (SELECT local, {WHO} AS row FROM known
                   WHERE profile = $3 AND local > $1 AND remote IS NOT NULL
                   ORDER BY local LIMIT $2)"
        );
        let mut known = KnownUpdates::default();
        let mut after = Some(Vec::new());
        while let Some(from) = after {
            let query = sqlx::query(AssertSqlSafe(query.clone()));
            let query = query.bind(from).bind(AT_ONCE).bind(profile.as_str());
            let (rows, last) = frames(&query.fetch_one(&mut self.connection).await?)?;
            for record in records(&rows) {
                // Written over, it would be of another update; in another place, it is not found.
                let found = who(record, profile).filter(|(_, one)| known.is_last(one.local));
                let (remote, one) = found.ok_or_else(not_as_stored)?;
                known.add(remote, one);
            }
            after = last;
        }
        Ok(known)
    }
}

/// The updates that are still to be read, and where each belongs.
struct Missing {
    /// Their rows, counted through all queues.
    places: Places,
    /// At which number each queue begins.
    starts: Vec<usize>,
    count: usize,
}

impl Missing {
    fn of(queues: &[CachedQueue], which: Rows<'_>) -> Self {
        let mut end = 0;
        let mut starts = Vec::with_capacity(queues.len());
        for queue in queues {
            starts.push(end);
            end += queue.len();
        }
        let at = |number: usize| {
            let (queue, at) = row(&starts, number);
            queues[queue].local(at)
        };
        let most = match which {
            Rows::These(these) => these.len(),
            Rows::All | Rows::Of(_) => usize::MAX,
        };
        let mut places = Places::with_capacity(end.min(most));
        for (queue, start) in queues.iter().zip(&starts) {
            let first = 0..queue.len().min(most);
            for i in first.filter(|i| queue.is_missing(*i)) {
                places.put(queue.local(i), start + i, at);
            }
        }
        Self {
            count: places.len(),
            places,
            starts,
        }
    }

    /// Puts rows into their places; says how many are not as they were stored.
    fn take(&mut self, frames: &[u8], queues: &mut [CachedQueue]) -> usize {
        let mut bad = 0;
        for record in records(frames) {
            let Some((local, remote, body)) = known_body(record) else {
                bad += 1;
                continue;
            };
            let found = self.places.get(local, |number| {
                let (queue, at) = row(&self.starts, number);
                queues[queue].local(at)
            });
            let Some((queue, at)) = found.map(|number| row(&self.starts, number)) else {
                continue;
            };
            if queues[queue].is_missing(at) {
                queues[queue].put(at, remote, body);
                self.count -= 1;
            }
        }
        bad
    }
}

/// Returns in which queue a number lies, and in which of its rows.
fn row(starts: &[usize], number: usize) -> (usize, usize) {
    let queue = starts.partition_point(|start| *start <= number) - 1;
    (queue, number - starts[queue])
}

fn frames(row: &SqliteRow) -> Result<(Vec<u8>, Option<Vec<u8>>), sqlx::Error> {
    let frames: Option<Vec<u8>> = row.try_get(0)?;
    Ok((frames.unwrap_or_default(), row.try_get(1)?))
}

fn records(frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    frames
        .split(|byte| *byte == RECORD)
        .filter(|record| !record.is_empty())
}

/// Parts a row into its columns; none if it has another number of them or is no text.
fn columns<const N: usize>(record: &[u8]) -> Option<[&str; N]> {
    let mut parts = record.split(|byte| *byte == UNIT);
    let mut columns = [""; N];
    for column in &mut columns {
        *column = std::str::from_utf8(parts.next()?).ok()?;
    }
    parts.next().is_none().then_some(columns)
}

fn local(hex: &str) -> Option<LocalId> {
    let is_whole = hex.len() == 32;
    let id = is_whole.then(|| u128::from_str_radix(hex, 16).ok())??;
    Some(LocalId::from(Ulid::from(id)))
}

fn known_body(record: &[u8]) -> Option<(LocalId, RemoteId, (Body, i64))> {
    let [id, remote, profile, crc, hash, body] = columns(record)?;
    let (id, profile) = (local(id)?, ProfileId::parse(profile).ok()?);
    let (crc, hash): (i64, i64) = (crc.parse().ok()?, hash.parse().ok()?);
    if crc != identity(id, Some(remote), &profile) || hash != fingerprint(body) {
        return None;
    }
    let body = serde_json::from_str(body).ok()?;
    Some((id, RemoteId::parse(remote).ok()?, (body, hash)))
}

fn who(record: &[u8], profile: &ProfileId) -> Option<(RemoteId, Known)> {
    let [id, remote, crc, hash] = columns(record)?;
    let (local, crc): (LocalId, i64) = (local(id)?, crc.parse().ok()?);
    if crc != identity(local, Some(remote), profile) {
        return None;
    }
    let hash = match hash {
        "" => None,
        hash => Some(hash.parse().ok()?),
    };
    Some((RemoteId::parse(remote).ok()?, Known { local, hash }))
}

fn not_as_stored() -> sqlx::Error {
    damaged("who an update is, is not as it was stored")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_cut_off_or_has_too_much_is_none() {
        assert_eq!(columns(b"a\x1fb"), Some(["a", "b"]));
        assert_eq!(columns::<2>(b"a"), None);
        assert_eq!(columns::<2>(b"a\x1fb\x1fc"), None);
        assert_eq!(columns::<1>(b"\xff"), None);
        assert_eq!(records(b"").count(), 0);
        assert_eq!(records(b"a\x1eb").count(), 2);
        assert_eq!(local("00"), None);
        assert_eq!(local(&"g".repeat(32)), None);
        assert_eq!(local(&"0".repeat(32)), Some(LocalId::from(Ulid::from(0))));
    }
}
