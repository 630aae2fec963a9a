//! The cached queues. Only what differs is written: a body when the update changed, and one blob
//! per list for order and times.

use sqlx::{AssertSqlSafe, Row as _};

use super::rows::{QUEUE, Value};
use super::write::apply_all;
use super::{Disk, Write, blob, execute, finish, identity, json, local_id, others};
use crate::domain::id::{LocalId, ProfileId, RemoteId};
use crate::domain::replica::Listed;
use crate::domain::time::Timestamp;
use crate::domain::update::{Body, OwnTime, Update};
use crate::store::checksum::{Checksum, fingerprint};

/// How many bodies one statement writes.
const CHUNK: usize = 500;

/// Bytes per row of an order: id, due time, flags.
pub(super) const PACKED: usize = 16 + 8 + 1;
const FIXED: u8 = 1;
const DUE: u8 = 2;
const PINNED: u8 = 4;

/// One row of a cached order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sync) struct MirrorRow {
    pub(in crate::sync) local: LocalId,
    pub(in crate::sync) due_at: Option<Timestamp>,
    /// Whether it has a time of its own.
    pub(in crate::sync) fixed: bool,
    /// Whether that time is a slot of the schedule.
    pub(in crate::sync) pinned: bool,
}

/// The cached order of a queue and of its failed updates.
#[derive(Debug, Default)]
pub(in crate::sync) struct Order {
    pub(in crate::sync) pending: Vec<MirrorRow>,
    pub(in crate::sync) failed: Vec<MirrorRow>,
    /// Grows by one with each read that is stored.
    pub(in crate::sync) generation: i64,
}

/// An update the store knows by the API's id.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync) struct Known {
    pub(in crate::sync) local: LocalId,
    /// The hash of the stored body; none if no body is stored.
    pub(in crate::sync) hash: Option<i64>,
}

/// An update as it is stored.
#[derive(Debug)]
struct StoredUpdate {
    local: LocalId,
    remote: RemoteId,
    hash: i64,
    body: String,
}

/// A complete read of a queue, to be stored.
#[derive(Debug)]
pub(in crate::sync) struct NewMirror<'a> {
    pub(in crate::sync) profile: &'a ProfileId,
    pub(in crate::sync) read_at: Timestamp,
    pub(in crate::sync) revision: Option<u64>,
    pub(in crate::sync) pending: &'a [MirrorRow],
    pub(in crate::sync) failed: &'a [MirrorRow],
    /// The updates that are new or differ from what is stored.
    pub(in crate::sync) changed: Vec<&'a Update>,
    /// Those that left both lists.
    pub(in crate::sync) gone: &'a [LocalId],
}

impl StoredUpdate {
    /// Makes the stored form of an update.
    fn of(update: &Update, remote: &RemoteId) -> Result<Self, sqlx::Error> {
        let body = stored_body(&update.body)?;
        Ok(Self {
            local: update.id,
            remote: remote.clone(),
            hash: fingerprint(&body),
            body,
        })
    }
}

/// Returns the hash that a body is stored with.
pub(in crate::sync) fn stored_hash(body: &Body) -> Result<i64, sqlx::Error> {
    Ok(fingerprint(&stored_body(body)?))
}

/// The due time of an update is not part of what is stored of it: it is in the order of the queue.
fn stored_body(body: &Body) -> Result<String, sqlx::Error> {
    json(&Body {
        due_at: None,
        ..body.clone()
    })
}

impl Disk {
    /// Returns an update as it was last read, without its due time; none if it is in no list.
    pub(in crate::sync) async fn body(
        &mut self,
        local: LocalId,
    ) -> Result<Option<Body>, sqlx::Error> {
        let row: Option<(Option<String>, Option<i64>)> =
            sqlx::query_as("SELECT body, hash FROM known WHERE local = $1")
                .bind(blob(local))
                .fetch_optional(&mut self.connection)
                .await?;
        let Some((Some(body), hash)) = row else {
            return Ok(None);
        };
        // One that is not as it was stored says nothing; it is read again.
        let good = hash == Some(fingerprint(&body));
        Ok(serde_json::from_str(&body).ok().filter(|_| good))
    }

    /// Returns the cached order of a queue; none if there is no good one.
    pub(in crate::sync) async fn order(
        &mut self,
        profile: &ProfileId,
    ) -> Result<Option<Order>, sqlx::Error> {
        let text = format!("SELECT {} FROM queue WHERE profile = $1", QUEUE.list());
        let row = sqlx::query(AssertSqlSafe(text))
            .bind(profile.as_str())
            .fetch_optional(&mut self.connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let stored = QUEUE.read(&row)?;
        if !stored.is_good {
            tracing::error!("an order is not as it was stored; it is read again");
            return Ok(None);
        }
        let list = |at: usize| {
            let blob = stored.values.get(at).and_then(Value::bytes);
            unpack(blob.unwrap_or_default()).collect()
        };
        Ok(Some(Order {
            pending: list(3),
            failed: list(4),
            generation: row.try_get("generation")?,
        }))
    }

    /// Stores a read together with what it settles, in one transaction. Returns which generation of
    /// the queue it is.
    pub(in crate::sync) async fn put_queue(
        &mut self,
        mirror: &NewMirror<'_>,
        writes: &[Write],
    ) -> Result<i64, sqlx::Error> {
        self.ready()?;
        let put = self.try_put_queue(mirror, writes).await;
        if let Err(error) = &put {
            self.note(error);
        }
        put
    }

    async fn try_put_queue(
        &mut self,
        mirror: &NewMirror<'_>,
        writes: &[Write],
    ) -> Result<i64, sqlx::Error> {
        let profile = mirror.profile.as_str();
        let mut transaction =
            others::begin(&mut self.connection, self.epoch, &mut self.is_deposed).await?;
        apply_all(&mut transaction, writes).await?;
        // All of a long queue as text at once would be as large as the queue.
        for chunk in mirror.changed.chunks(CHUNK) {
            let rows = chunk.iter().filter_map(|update| {
                let stored = StoredUpdate::of(update, update.remote.as_ref()?);
                Some(stored.map(|u| {
                    let sum = identity(u.local, Some(u.remote.as_str()), mirror.profile);
                    (hex(u.local), u.remote, u.hash, u.body, sum)
                }))
            });
            let rows = json(&rows.collect::<Result<Vec<_>, _>>()?)?;
            // An id is of one queue. If an answer once named it for another, this read knows better:
            // else nothing of this queue could ever be stored again.
            let elsewhere = sqlx::query(
                "DELETE FROM known WHERE profile <> $2
                 AND remote IN (SELECT value->>1 FROM json_each($1))
                 AND local NOT IN (SELECT unhex(value->>0) FROM json_each($1))",
            );
            execute(elsewhere.bind(&rows).bind(profile), &mut transaction).await?;
            let put = sqlx::query(
                "INSERT INTO known (local, remote, profile, hash, body, crc)
                 SELECT unhex(value->>0), value->>1, $2, value->>2, value->>3, value->>4
                 FROM json_each($1) WHERE true
                 ON CONFLICT (local) DO UPDATE
                 SET remote = excluded.remote, profile = excluded.profile, hash = excluded.hash,
                 body = excluded.body, crc = excluded.crc",
            );
            execute(put.bind(&rows).bind(profile), &mut transaction).await?;
        }
        for local in mirror.gone {
            let gone = sqlx::query("UPDATE known SET hash = NULL, body = NULL WHERE local = $1");
            execute(gone.bind(blob(*local)), &mut transaction).await?;
        }
        let revision = mirror.revision.and_then(|r| i64::try_from(r).ok());
        let (pending, failed) = (pack(mirror.pending), pack(mirror.failed));
        let sum = Checksum::default().text(profile).number(mirror.read_at.0);
        let sum = match revision {
            Some(revision) => sum.number(revision),
            None => sum.nothing(),
        };
        let sum = sum.blob(&pending).blob(&failed).finish();
        let order = sqlx::query_scalar(
            "INSERT INTO queue (profile, generation, read_at, revision, pending, failed, crc)
             VALUES ($1, 1, $2, $3, $4, $5, $6)
             ON CONFLICT (profile) DO UPDATE SET generation = generation + 1,
             read_at = excluded.read_at, revision = excluded.revision,
             pending = excluded.pending, failed = excluded.failed, crc = excluded.crc
             RETURNING generation",
        )
        .bind(profile)
        .bind(mirror.read_at.0)
        .bind(revision)
        .bind(pending)
        .bind(failed)
        .bind(sum);
        let generation = order.fetch_one(&mut *transaction).await?;
        finish(transaction, self.trace.as_ref()).await?;
        Ok(generation)
    }
}

impl MirrorRow {
    /// Makes the row of an update.
    pub(in crate::sync) fn of(update: &Update) -> Self {
        Self::new(update.id, update.body.due_at, update.body.own_time)
    }

    pub(in crate::sync) fn new(
        local: LocalId,
        due_at: Option<Timestamp>,
        own_time: Option<OwnTime>,
    ) -> Self {
        Self {
            local,
            due_at: own_time.map_or(due_at, |own| Some(own.at)),
            fixed: own_time.is_some(),
            pinned: own_time.is_some_and(|own| own.pinned),
        }
    }

    /// Returns the time it has for itself.
    pub(in crate::sync) fn own_time(&self) -> Option<OwnTime> {
        let at = self.due_at.filter(|_| self.fixed);
        at.map(|at| OwnTime {
            at,
            pinned: self.pinned,
        })
    }

    /// Returns what of it is handed over.
    pub(in crate::sync) fn listed(&self) -> Listed {
        Listed {
            update: self.local,
            due_at: self.due_at,
            own_time: self.own_time(),
        }
    }
}

pub(super) fn pack(rows: &[MirrorRow]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * PACKED);
    for row in rows {
        let due = row.due_at.map_or(0, |at| at.0);
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags =
            flag(row.fixed, FIXED) | flag(row.due_at.is_some(), DUE) | flag(row.pinned, PINNED);
        bytes.extend(row.local.ulid().to_bytes());
        bytes.extend(due.to_le_bytes());
        bytes.push(flags);
    }
    bytes
}

/// Reads an order; a cut-off row at its end is left out.
pub(super) fn unpack(blob: &[u8]) -> impl Iterator<Item = MirrorRow> + '_ {
    blob.chunks_exact(PACKED).filter_map(|row| {
        let due = i64::from_le_bytes(row.get(16..24)?.try_into().ok()?);
        let flags = *row.get(24)?;
        Some(MirrorRow {
            local: local_id(row.get(..16)?)?,
            due_at: (flags & DUE != 0).then_some(Timestamp(due)),
            fixed: flags & FIXED != 0,
            pinned: flags & PINNED != 0,
        })
    })
}

pub(super) fn hex(id: LocalId) -> String {
    format!("{:032x}", u128::from(id.ulid()))
}
