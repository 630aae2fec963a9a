use std::fs;
use std::os::unix::fs::PermissionsExt;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use super::lock::{Lock, beside};
use super::{Place, Schema, StoreError, begin, connect, parse_version, pool};

const ONE: Schema = Schema {
    application_id: 0x7175_7478,
    migrations: &["CREATE TABLE a (x INTEGER NOT NULL) STRICT;"],
};
const TWO: Schema = Schema {
    application_id: 0x7175_7478,
    migrations: &[
        "CREATE TABLE a (x INTEGER NOT NULL) STRICT;",
        "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES (1, 'new');",
    ],
};

async fn text(connection: &mut SqliteConnection, query: &'static str) -> String {
    sqlx::query_scalar(query)
        .fetch_one(connection)
        .await
        .expect("query")
}

#[tokio::test]
async fn a_new_file_is_private_durable_and_migrated() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("deep/er/s.db");
    let mut c = connect(&Place::File(path.clone()), &TWO)
        .await
        .expect("open");
    assert_eq!(text(&mut c, "SELECT y FROM a").await, "new");
    assert_eq!(text(&mut c, "PRAGMA journal_mode").await, "wal");
    for (pragma, want) in [
        ("SELECT synchronous FROM pragma_synchronous", 2),
        ("SELECT foreign_keys FROM pragma_foreign_keys", 1),
        ("SELECT timeout FROM pragma_busy_timeout", 2000),
        ("SELECT user_version FROM pragma_user_version", 2),
    ] {
        let found: i64 = sqlx::query_scalar(pragma)
            .fetch_one(&mut c)
            .await
            .expect("pragma");
        assert_eq!(found, want, "{pragma}");
    }
    for name in ["s.db", "s.db-wal", "s.db-shm"] {
        let mode = fs::metadata(dir.path().join("deep/er").join(name)).expect(name);
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let mode = fs::metadata(dir.path().join("deep")).expect("deep");
    assert_eq!(mode.permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn an_older_file_runs_only_what_it_has_not_seen() {
    let dir = tempfile::tempdir().expect("dir");
    let place = Place::File(dir.path().join("s.db"));
    let c = connect(&place, &ONE).await.expect("open");
    c.close().await.expect("close");
    for _ in 0..2 {
        let mut c = connect(&place, &TWO).await.expect("open again");
        assert_eq!(text(&mut c, "SELECT count(*) || '' FROM a").await, "1");
    }
}

#[tokio::test]
async fn a_newer_file_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().expect("dir");
    let place = Place::File(dir.path().join("s.db"));
    connect(&place, &TWO)
        .await
        .expect("open")
        .close()
        .await
        .expect("close");
    let error = connect(&place, &ONE).await.expect_err("refused");
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
    connect(&place, &TWO).await.expect("still good");
}

#[tokio::test]
async fn a_foreign_file_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().expect("dir");
    let other = Schema {
        application_id: 7,
        ..ONE
    };
    let place = Place::File(dir.path().join("other.db"));
    connect(&place, &other)
        .await
        .expect("open")
        .close()
        .await
        .expect("close");
    let error = connect(&place, &ONE).await.expect_err("refused");
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");

    let path = dir.path().join("letter.txt");
    let letter = "Dear diary, ".repeat(400);
    fs::write(&path, &letter).expect("write");
    let error = connect(&Place::File(path.clone()), &ONE)
        .await
        .expect_err("refused");
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("read"), letter);
}

#[tokio::test]
async fn a_file_that_others_can_read_is_taken_from_them() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("s.db");
    let place = Place::File(path.clone());
    connect(&place, &ONE)
        .await
        .expect("open")
        .close()
        .await
        .expect("close");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
    connect(&place, &ONE).await.expect("open");
    assert_eq!(
        fs::metadata(&path).expect("stat").permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("dir");
    let place = Place::File(dir.path().join("s.db"));
    let broken = Schema {
        migrations: &["CREATE TABLE a (x INTEGER) STRICT; CREATE TABEL b (y);"],
        ..ONE
    };
    connect(&place, &broken).await.expect_err("broken");
    connect(&place, &ONE)
        .await
        .expect("the table is not there yet");
}

#[tokio::test]
async fn a_pool_in_memory_sees_one_store() {
    let pool = pool(&Place::Memory, &TWO, 8).await.expect("open");
    for _ in 0..3 {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM a")
            .fetch_one(&pool)
            .await
            .expect("count");
        assert_eq!(rows, 1);
    }
}

#[tokio::test]
async fn two_that_open_a_new_file_at_once_both_get_it() {
    let dir = tempfile::tempdir().expect("dir");
    let place = Place::File(dir.path().join("s.db"));
    let (one, two) = tokio::join!(connect(&place, &TWO), pool(&place, &TWO, 4));
    one.expect("one");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM a")
        .fetch_one(&two.expect("two"))
        .await
        .expect("count");
    assert_eq!(rows, 1);
}

#[test]
fn a_lock_is_held_by_one_and_free_after_it() {
    let dir = tempfile::tempdir().expect("dir");
    let path = beside(&dir.path().join("s.db"));
    assert!(path.ends_with("s.db.lock"));
    let held = Lock::try_take(&path).expect("lock").expect("free");
    assert!(Lock::try_take(&path).expect("lock").is_none());
    drop(held);
    Lock::take(&path).expect("free again");
}

#[test]
fn versions_compare_as_numbers() {
    assert!(parse_version("3.51.10") > parse_version("3.51.3"));
    assert!(parse_version("3.9.0") < parse_version("3.51.3"));
    assert_eq!(parse_version("odd"), (0, 0, 0));
}

#[tokio::test]
async fn after_a_full_disk_a_store_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::File(dir.path().join("a.db"));
    let mut connection = connect(&place, &ONE).await.unwrap();
    // SQLite ends the transaction by itself, as it does when there is no room.
    let full = "CREATE TRIGGER full BEFORE INSERT ON a WHEN new.x > 9
                BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    sqlx::raw_sql(full).execute(&mut connection).await.unwrap();
    for round in 1..=3 {
        let mut tx = begin(&mut connection).await.unwrap();
        let put = sqlx::query("INSERT INTO a VALUES (10)").execute(&mut *tx);
        assert!(put.await.is_err());
        drop(tx);
        let mut tx = begin(&mut connection).await.unwrap();
        let put = sqlx::query("INSERT INTO a VALUES (1)").execute(&mut *tx);
        put.await.unwrap();
        tx.commit().await.unwrap();
        // As another process sees it: what was committed is not part of something open.
        let mut other = connect(&place, &ONE).await.unwrap();
        let rows = text(&mut other, "SELECT CAST(count(*) AS TEXT) FROM a").await;
        assert_eq!(rows, round.to_string());
    }
}
