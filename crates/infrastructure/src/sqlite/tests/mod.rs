mod faults;
pub(crate) mod support;

use std::sync::mpsc;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{dsl::sql, select};
use tempfile::TempDir;
use tokio::time::timeout;

use super::dialect::savepoint;
use super::{Sqlite, SqliteConfig};
use crate::failure::Failure;

type Outcome<T> = Result<T, Failure<StoreError>>;

fn config(folder: &TempDir) -> SqliteConfig {
    SqliteConfig::new(folder.path().join("test.db"))
}

/// A database with a table `n (value)`.
async fn numbers(config: SqliteConfig) -> Sqlite {
    let sqlite = Sqlite::open(config).unwrap();
    let made: Result<(), StoreError> = sqlite
        .write(async |conn| {
            Ok(conn.batch_execute("CREATE TABLE n (value INTEGER NOT NULL UNIQUE)")?)
        })
        .await;
    made.unwrap();
    sqlite
}

fn insert(value: i64) -> impl AsyncFnOnce(&mut SqliteConnection) -> Outcome<()> + Send + 'static {
    async move |conn| Ok(conn.batch_execute(&format!("INSERT INTO n VALUES ({value})"))?)
}

async fn count(conn: &mut SqliteConnection) -> Outcome<i64> {
    Ok(select(sql::<BigInt>("(SELECT count(*) FROM n)")).get_result(conn)?)
}

/// Blocks the writer until the returned sender is dropped, so that the commands after it form a
/// group.
async fn hold_writer(sqlite: &Sqlite) -> mpsc::Sender<()> {
    let (gate, closed) = mpsc::channel::<()>();
    let (started, starts) = tokio::sync::oneshot::channel();
    queue(sqlite, async move |_| {
        let _ = started.send(());
        let _ = closed.recv();
        Ok(())
    })
    .await;
    starts.await.unwrap();
    gate
}

/// Queues a command and does not wait for it.
async fn queue(
    sqlite: &Sqlite,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Outcome<()> + Send + 'static,
) {
    drop(timeout(Duration::ZERO, sqlite.write(work)).await);
}

#[tokio::test]
async fn an_answered_write_is_there_after_reopening() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    sqlite.write(insert(1)).await.unwrap();
    assert_eq!(sqlite.read(count).await.unwrap(), 1);
    drop(sqlite);
    let reopened = Sqlite::open(config(&folder)).unwrap();
    assert_eq!(reopened.read(count).await.unwrap(), 1);
    assert_eq!(reopened.scan(count).await.unwrap(), 1);
}

#[tokio::test]
async fn commands_that_wait_together_are_committed_together() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let path = folder.path().join("test.db").to_str().unwrap().to_owned();
    let gate = hold_writer(&sqlite).await;
    let seen = sqlite.write(async move |conn| {
        let outside = count(&mut SqliteConnection::establish(&path).unwrap()).await?;
        Ok((count(conn).await?, outside))
    });
    let open = async { drop(gate) };
    let (first, second, seen, ()) =
        tokio::join!(sqlite.write(insert(1)), sqlite.write(insert(2)), seen, open);
    first.unwrap();
    second.unwrap();
    assert_eq!(
        seen.unwrap(),
        (2, 0),
        "the last command sees the others, and no read does before the commit"
    );
    assert_eq!(sqlite.read(count).await.unwrap(), 2);
}

#[tokio::test]
async fn a_failed_command_rolls_back_only_its_own_writes() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let gate = hold_writer(&sqlite).await;
    let failing = sqlite.write(async |conn| {
        insert(10)(conn).await?;
        savepoint(conn, async |conn| {
            insert(11)(conn).await?;
            insert(10)(conn).await
        })
        .await
    });
    let open = async { drop(gate) };
    let (before, failed, after, ()) =
        tokio::join!(sqlite.write(insert(1)), failing, sqlite.write(insert(2)), open);
    before.unwrap();
    after.unwrap();
    assert!(matches!(failed, Err(StoreError::Unexpected(_))));
    assert_eq!(sqlite.read(count).await.unwrap(), 2);
}

#[tokio::test]
async fn when_the_commit_fails_every_command_of_the_group_fails() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)";
    let made: Result<(), StoreError> =
        sqlite.write(async move |conn| Ok(conn.batch_execute(tables)?)).await;
    made.unwrap();
    let gate = hold_writer(&sqlite).await;
    let orphan = sqlite.write::<_, StoreError>(async |conn| {
        Ok(conn.batch_execute("INSERT INTO child VALUES (7)")?)
    });
    let open = async { drop(gate) };
    let (first, orphan, last, ()) =
        tokio::join!(sqlite.write(insert(1)), orphan, sqlite.write(insert(2)), open);
    assert!(first.is_err() && orphan.is_err() && last.is_err());
    assert_eq!(sqlite.read(count).await.unwrap(), 0);
    sqlite.write(insert(3)).await.unwrap();
    assert_eq!(sqlite.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_panic_fails_only_its_own_job() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let gate = hold_writer(&sqlite).await;
    let panicking = sqlite.write::<(), StoreError>(async |conn| {
        insert(10)(conn).await?;
        savepoint(conn, async |conn| {
            insert(11)(conn).await?;
            panic!("on purpose")
        })
        .await
    });
    let open = async { drop(gate) };
    let (before, panicked, after, ()) =
        tokio::join!(sqlite.write(insert(1)), panicking, sqlite.write(insert(2)), open);
    before.unwrap();
    after.unwrap();
    assert!(matches!(panicked, Err(StoreError::Unexpected(_))));
    let read: Result<(), StoreError> =
        sqlite.read(async |conn| savepoint(conn, async |_| panic!("on purpose")).await).await;
    assert!(matches!(read, Err(StoreError::Unexpected(_))));
    assert_eq!(sqlite.read(count).await.unwrap(), 2);
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_fails() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let waiting = sqlite.write::<(), StoreError>(async |conn| {
        insert(1)(conn).await?;
        std::future::pending().await
    });
    assert!(matches!(waiting.await, Err(StoreError::Unexpected(_))));
    assert_eq!(sqlite.read(count).await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(SqliteConfig { write_queue: 2, ..config(&folder) }).await;
    let gate = hold_writer(&sqlite).await;
    queue(&sqlite, insert(1)).await;
    queue(&sqlite, insert(2)).await;
    let refused = sqlite.write(insert(3)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    drop(gate);
    while sqlite.write::<_, StoreError>(async |_| Ok(())).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(sqlite.read(count).await.unwrap(), 2);
}

#[tokio::test]
async fn dropping_the_last_handle_finishes_what_is_queued() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let gate = hold_writer(&sqlite).await;
    for value in 0..500 {
        queue(&sqlite, insert(value)).await;
    }
    drop(gate);
    drop(sqlite);
    assert!(!folder.path().join("test.db-wal").exists(), "the log is written back into the file");
    let reopened = Sqlite::open(config(&folder)).unwrap();
    assert_eq!(reopened.read(count).await.unwrap(), 500);
}

#[tokio::test]
async fn a_read_cannot_write() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    assert!(sqlite.read(insert(1)).await.is_err());
    assert!(sqlite.scan(insert(1)).await.is_err());
}

#[test]
fn many_may_migrate_at_once() {
    let folder = TempDir::new().unwrap();
    let config = config(&folder);
    let applied: Vec<String> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| Sqlite::open(config.clone()).unwrap().migrate().unwrap()))
            .collect();
        starts.into_iter().flat_map(|start| start.join().unwrap()).collect()
    });
    let sqlite = Sqlite::open(config).unwrap();
    let known = sqlite.migrations().unwrap();
    assert!(!known.is_empty() && known.iter().all(|migration| migration.applied));
    assert_eq!(applied, known.into_iter().map(|migration| migration.name).collect::<Vec<_>>());
    assert_eq!(sqlite.migrate().unwrap(), Vec::<String>::new());
}

/// Reads for hours unless it is stopped.
async fn endless(conn: &mut SqliteConnection) -> Outcome<i64> {
    let endless = "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                   SELECT count(*) FROM n)";
    Ok(select(sql::<BigInt>(endless)).get_result(conn)?)
}

#[tokio::test]
async fn a_slow_read_is_stopped_at_its_limit_and_the_connection_goes_on() {
    let folder = TempDir::new().unwrap();
    let limit = Duration::from_millis(50);
    let sqlite = numbers(SqliteConfig { scan_timeout: limit, ..config(&folder) }).await;
    for _ in 0..2 * Sqlite::SLOW_READS {
        let stopped: Result<i64, StoreError> =
            timeout(Duration::from_secs(20), sqlite.scan(endless)).await.unwrap();
        assert!(matches!(stopped, Err(StoreError::Unavailable(_))), "{stopped:?}");
    }
    let counted: Result<i64, StoreError> = sqlite.scan(count).await;
    assert_eq!(counted.unwrap(), 0);
}

#[tokio::test]
async fn a_slow_read_stops_when_nobody_waits_for_it() {
    let folder = TempDir::new().unwrap();
    let limit = Duration::from_secs(3600);
    let sqlite = numbers(SqliteConfig { scan_timeout: limit, ..config(&folder) }).await;
    for _ in 0..2 * Sqlite::SLOW_READS {
        let given_up = timeout(Duration::from_millis(20), sqlite.scan::<_, StoreError>(endless));
        given_up.await.unwrap_err();
    }
    let counted: Result<i64, StoreError> =
        timeout(Duration::from_secs(20), sqlite.scan(count)).await.unwrap();
    assert_eq!(counted.unwrap(), 0);
}

#[tokio::test]
async fn a_write_is_never_stopped() {
    let folder = TempDir::new().unwrap();
    let limit = Duration::from_nanos(1);
    let sqlite = numbers(SqliteConfig { scan_timeout: limit, ..config(&folder) }).await;
    let fill = "INSERT INTO n WITH RECURSIVE n (i) AS \
                (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n";
    let filled: Result<(), StoreError> =
        sqlite.write(async move |conn| Ok(conn.batch_execute(fill)?)).await;
    filled.unwrap();
    let counted: Result<i64, StoreError> = sqlite.read(count).await;
    assert_eq!(counted.unwrap(), 100_000);
}
