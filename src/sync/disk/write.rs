//! How each thing is written.

use sqlx::sqlite::SqliteConnection;

use super::counts::{self, Moved};
use super::{Write, blob, blob_of, execute, identity, json, operations, put_fact};
use crate::domain::draft::Draft;
use crate::domain::id::{GroupId, LocalId, OperationId, ProfileId, RemoteId};
use crate::domain::operation::OperationState;
use crate::domain::profile::Profile;
use crate::domain::tag::Tagged;
use crate::domain::time::Timestamp;
use crate::domain::update::Content;
use crate::protocol::{Kept, Stack};
use crate::store::checksum::Checksum;

/// The fact that counts how often tags were written.
pub(super) const TAGGED: &str = "tagged";

/// Writes all of these, and counts the operations that came and went.
pub(super) async fn apply_all(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> Result<(), sqlx::Error> {
    let mut moved = Moved::default();
    for write in writes {
        apply(connection, write, &mut moved).await?;
    }
    counts::note(connection, moved).await
}

/// Writes one thing.
async fn apply(
    connection: &mut SqliteConnection,
    write: &Write,
    moved: &mut Moved,
) -> Result<(), sqlx::Error> {
    match write {
        Write::Insert(operation) => {
            let is_new = operations::insert(connection, operation).await?;
            moved.made += i64::from(is_new);
            Ok(())
        }
        Write::State(operation, state) => {
            operations::change(connection, *operation, |row| row.set_state(state))
                .await
                .map(|_| ())
        }
        Write::Try {
            operation,
            number,
            at,
            wanted,
            request,
            sent,
        } => {
            let what = (*request, sent.as_ref());
            begin_try(
                connection,
                *operation,
                (*number, *at),
                wanted.as_deref(),
                what,
            )
            .await
        }
        Write::Rebase(operation) => {
            operations::change(connection, operation.id, |row| row.set_body(operation))
                .await
                .map(|_| ())
        }
        Write::Outcome {
            operation,
            number,
            outcome,
        } => {
            execute(
                sqlx::query("UPDATE attempt SET outcome = $3 WHERE operation = $1 AND number = $2")
                    .bind(blob_of(*operation))
                    .bind(number)
                    .bind(*outcome),
                connection,
            )
            .await
        }
        Write::Remote {
            local,
            remote,
            profile,
        } => put_remote(connection, *local, remote, profile).await,
        Write::Seen {
            local,
            remote,
            profile,
        } => {
            // A local id that somebody holds stays; a reply may also name one update twice.
            let seen = sqlx::query(
                "INSERT INTO known (local, remote, profile, crc) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
            .bind(blob(*local))
            .bind(remote.as_str())
            .bind(profile.as_str())
            .bind(identity(*local, Some(remote.as_str()), profile));
            execute(seen, connection).await
        }
        Write::End { operation, how, at } => {
            let was_there = end(connection, *operation, how, *at).await?;
            moved.ended += i64::from(was_there);
            Ok(())
        }
        Write::Draft(draft) => put_draft(connection, draft).await,
        Write::DropDraft(id) => {
            let gone = sqlx::query("DELETE FROM draft WHERE id = $1");
            execute(gone.bind(id.0.to_bytes().to_vec()), connection).await
        }
        Write::Tags(tagged, seen) => put_tags(connection, tagged, *seen).await,
        Write::Keep { put, gone } => keep(connection, put, gone).await,
        Write::Fact(key, value) => put_fact(connection, key, value).await,
        Write::Profiles(profiles) => put_profiles(connection, profiles).await,
        Write::Sent(page) => {
            let body = json(page)?;
            let sum = Checksum::default()
                .text(page.profile.as_str())
                .text(&body)
                .finish();
            let put =
                sqlx::query("INSERT OR REPLACE INTO sent (profile, body, crc) VALUES ($1, $2, $3)");
            let put = put.bind(page.profile.as_str()).bind(body).bind(sum);
            execute(put, connection).await
        }
    }
}

async fn begin_try(
    c: &mut SqliteConnection,
    operation: OperationId,
    (number, at): (u32, Timestamp),
    wanted: Option<&[LocalId]>,
    what: (Option<OperationId>, Option<&Content>),
) -> Result<(), sqlx::Error> {
    let there = operations::change(c, operation, |row| {
        row.set_try(number, at, wanted, what)?;
        row.set_state(&OperationState::InFlight)
    });
    // Another instance may have taken it back: then nothing is sent.
    if !there.await? {
        return Err(sqlx::Error::RowNotFound);
    }
    let attempt =
        sqlx::query("INSERT OR REPLACE INTO attempt (operation, number, at) VALUES ($1, $2, $3)")
            .bind(blob_of(operation))
            .bind(number)
            .bind(at.0);
    execute(attempt, c).await
}

/// Moves an operation from the outbox to the history; says whether it was in the outbox.
async fn end(
    c: &mut SqliteConnection,
    operation: OperationId,
    how: &str,
    at: Timestamp,
) -> Result<bool, sqlx::Error> {
    let Some(row) = operations::row(c, operation).await? else {
        return Ok(false);
    };
    let keep = sqlx::query("INSERT INTO history (id, body, ended, at) VALUES ($1, $2, $3, $4)")
        .bind(blob_of(operation))
        .bind(row.body().unwrap_or_default().to_owned())
        .bind(how.to_owned())
        .bind(at.0);
    execute(keep, c).await?;
    let remove = sqlx::query("DELETE FROM operation WHERE id = $1").bind(blob_of(operation));
    execute(remove, c).await?;
    Ok(true)
}

async fn put_remote(
    c: &mut SqliteConnection,
    local: LocalId,
    remote: &RemoteId,
    profile: &ProfileId,
) -> Result<(), sqlx::Error> {
    // Operations hold the local id of the create: it wins over one from a page that showed the
    // update before the create was known to have made it.
    let other = sqlx::query("DELETE FROM known WHERE remote = $1 AND local <> $2")
        .bind(remote.as_str())
        .bind(blob(local));
    execute(other, c).await?;
    let put = sqlx::query(
        "INSERT INTO known (local, remote, profile, crc) VALUES ($1, $2, $3, $4)
         ON CONFLICT (local) DO UPDATE SET remote = excluded.remote, profile = excluded.profile,
         crc = excluded.crc",
    )
    .bind(blob(local))
    .bind(remote.as_str())
    .bind(profile.as_str())
    .bind(identity(local, Some(remote.as_str()), profile));
    execute(put, c).await
}

async fn put_draft(c: &mut SqliteConnection, draft: &Draft) -> Result<(), sqlx::Error> {
    let id = draft.id.0.to_bytes().to_vec();
    let body = json(draft)?;
    let sum = Checksum::default().blob(&id).text(&body).finish();
    let put = sqlx::query("INSERT OR REPLACE INTO draft (id, body, crc) VALUES ($1, $2, $3)");
    execute(put.bind(id).bind(body).bind(sum), c).await
}

async fn put_tags(
    c: &mut SqliteConnection,
    tagged: &[Tagged],
    seen: Timestamp,
) -> Result<(), sqlx::Error> {
    for one in tagged {
        let id = blob(one.update);
        if one.tags.is_empty() {
            let gone = sqlx::query("DELETE FROM tag WHERE id = $1");
            execute(gone.bind(id), c).await?;
            continue;
        }
        let body = json(one)?;
        let sum = Checksum::default().blob(&id).text(&body).finish();
        let put =
            sqlx::query("INSERT OR REPLACE INTO tag (id, body, seen, crc) VALUES ($1, $2, $3, $4)");
        execute(put.bind(id).bind(body).bind(seen.0).bind(sum), c).await?;
    }
    let times = fact(c, TAGGED).await?;
    let times = times.and_then(|times| times.parse::<u64>().ok());
    put_fact(c, TAGGED, &times.unwrap_or(0).wrapping_add(1).to_string()).await
}

/// Reads a fact.
pub(super) async fn fact(
    connection: &mut SqliteConnection,
    key: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM fact WHERE key = $1")
        .bind(key)
        .fetch_optional(connection)
        .await
}

async fn keep(c: &mut SqliteConnection, put: &[Kept], gone: &[GroupId]) -> Result<(), sqlx::Error> {
    for kept in put {
        let id = kept.done.group.0.to_bytes().to_vec();
        let stack = match kept.stack {
            Stack::Undo => 0,
            Stack::Redo => 1,
        };
        let place = i64::try_from(kept.place).unwrap_or(i64::MAX);
        let body = json(kept)?;
        let sum = Checksum::default()
            .blob(&id)
            .number(stack)
            .number(place)
            .text(&body)
            .finish();
        let query = sqlx::query(
            "INSERT OR REPLACE INTO done (id, stack, place, body, crc) VALUES ($1, $2, $3, $4, $5)",
        );
        let query = query.bind(id).bind(stack).bind(place).bind(body).bind(sum);
        execute(query, c).await?;
    }
    for group in gone {
        let query = sqlx::query("DELETE FROM done WHERE id = $1");
        execute(query.bind(group.0.to_bytes().to_vec()), c).await?;
    }
    Ok(())
}

async fn put_profiles(c: &mut SqliteConnection, profiles: &[Profile]) -> Result<(), sqlx::Error> {
    execute(sqlx::query("DELETE FROM profile"), c).await?;
    for (place, profile) in profiles.iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let body = json(profile)?;
        let sum = Checksum::default()
            .text(profile.id.as_str())
            .number(place)
            .text(&body)
            .finish();
        let put = sqlx::query(
            "INSERT OR REPLACE INTO profile (id, place, body, crc) VALUES ($1, $2, $3, $4)",
        );
        let put = put.bind(profile.id.as_str()).bind(place);
        execute(put.bind(body).bind(sum), c).await?;
    }
    Ok(())
}
