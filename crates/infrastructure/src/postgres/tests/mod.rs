//! The engine loses nothing, leaves nothing half done, and never waits long.

mod database;
mod locks;
mod round_trips;
pub(crate) mod support;

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_domain::StoreError;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tokio::task::JoinSet;

use super::{Postgres, PostgresConfig};
use crate::failure::Failure;

pub(crate) use database::TestDatabase;

type Outcome<T> = Result<T, Failure<StoreError>>;

#[test]
fn several_instances_migrate_an_empty_database_at_once() {
    let Some(database) = TestDatabase::create() else { return };
    let start = || {
        let postgres = Postgres::connect(database.config()).unwrap();
        postgres.migrate().unwrap()
    };
    let mut applied: Vec<String> = thread::scope(|scope| {
        let instances: Vec<_> = (0..5).map(|_| scope.spawn(start)).collect();
        instances.into_iter().flat_map(|instance| instance.join().unwrap()).collect()
    });
    applied.sort();
    let postgres = Postgres::connect(database.config()).unwrap();
    let known = postgres.migrations().unwrap();
    assert!(known.iter().all(|migration| migration.applied));
    let known: Vec<_> = known.into_iter().map(|migration| migration.name).collect();
    assert_eq!(applied, known, "each migration is applied once");
    assert_eq!(postgres.migrate().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_command_that_fails_leaves_nothing_behind() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = database.migrated();
    let refused: Result<(), StoreError> = postgres
        .write(async |conn| {
            add_idempotency_key(conn, 1).await?;
            Err(Failure::Domain(StoreError::unexpected("a rule of the domain")))
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Unexpected(_))), "{refused:?}");
    let failed: Result<(), StoreError> = postgres
        .write(async |conn| {
            add_idempotency_key(conn, 2).await?;
            Ok(conn.batch_execute("SELECT no_such_function()").await?)
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Unexpected(_))), "{failed:?}");
    let panicked: Result<(), StoreError> = postgres
        .write(async |conn| {
            add_idempotency_key(conn, 3).await?;
            panic!("a mistake in the program");
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Unexpected(_))), "{panicked:?}");
    assert_eq!(count_idempotency_keys(&postgres).await, 0);
}

#[tokio::test]
async fn a_job_without_a_waiting_caller_runs_to_its_end() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = database.migrated();
    let slow = postgres.write(async |conn: &mut AsyncPgConnection| -> Outcome<()> {
        add_idempotency_key(conn, 1).await?;
        conn.batch_execute("SELECT pg_sleep(0.3)").await?;
        add_idempotency_key(conn, 2).await?;
        Ok(())
    });
    let given_up = tokio::time::timeout(Duration::from_millis(100), slow).await;
    assert!(given_up.is_err(), "the job takes longer");
    let patience = Instant::now() + Duration::from_secs(10);
    while count_idempotency_keys(&postgres).await < 2 {
        assert!(Instant::now() < patience, "the job did not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_recovers_after_every_connection_was_closed() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = database.migrated();
    // The jobs open all connections and use each of them.
    let mut asked = JoinSet::new();
    for _ in 0..64 {
        let postgres = postgres.clone();
        asked
            .spawn(async move { (read(&postgres).await.unwrap(), scan(&postgres).await.unwrap()) });
    }
    asked.join_all().await;
    database.disconnect_all();
    // The first jobs may fail, but each connection fails only one of them.
    let patience = Instant::now() + Duration::from_secs(5);
    let mut in_a_row = 0;
    while in_a_row < 64 {
        assert!(Instant::now() < patience, "it does not recover");
        match (read(&postgres).await, scan(&postgres).await) {
            (Ok(1), Ok(1)) => in_a_row += 1,
            (one, other) => {
                for outcome in [one, other] {
                    assert!(
                        matches!(outcome, Ok(1) | Err(StoreError::Unavailable(_))),
                        "{outcome:?}"
                    );
                }
                in_a_row = 0;
            }
        }
    }
}

#[tokio::test]
async fn error_messages_are_in_english() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = Postgres::connect(database.config()).unwrap();
    let ask = async |conn: &mut AsyncPgConnection| -> Outcome<String> {
        let shown = diesel::dsl::sql::<Text>("SELECT current_setting('lc_messages')");
        Ok(shown.get_result(conn).await?)
    };
    assert_eq!(postgres.scan(ask).await.unwrap(), "C");
}

#[tokio::test]
async fn nothing_waits_for_long() {
    let Some(database) = TestDatabase::create() else { return };
    database.migrated();
    let config = PostgresConfig {
        statement_timeout: Duration::from_millis(300),
        lock_timeout: Duration::from_millis(100),
        wait: Duration::from_millis(200),
        threads: 1,
        connections: 1,
        ..database.config()
    };
    let postgres = Postgres::connect(config).unwrap();
    let sleep = || sleeping(&postgres, "SELECT pg_sleep(30)");
    let begun = Instant::now();
    unavailable("a slow statement", &sleep().await);
    // The second job finds the only connection in use.
    let (first, second) = tokio::join!(sleep(), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        sleep().await
    });
    unavailable("a slow statement", &first);
    unavailable("no connection is free", &second);

    let holder = database.migrated();
    let lock = "SELECT pg_advisory_xact_lock(1); SELECT pg_sleep(1)";
    let (_held, refused) = tokio::join!(sleeping(&holder, lock), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sleeping(&postgres, "SELECT pg_advisory_xact_lock(1)").await
    });
    unavailable("a lock that is held", &refused);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(scan(&postgres).await.unwrap(), 1, "it still works after that");
}

#[tokio::test]
async fn slow_reads_leave_connections_to_writes() {
    let Some(database) = TestDatabase::create() else { return };
    database.migrated();
    // One connection for each thread is left to writes, and a write that finds none fails soon.
    let config = PostgresConfig {
        threads: 2,
        connections: 8,
        wait: Duration::from_millis(100),
        ..database.config()
    };
    let postgres = Postgres::connect(config).unwrap();
    let gate = database.client().await;
    gate.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let mut slow = JoinSet::new();
    for _ in 0..postgres.slow_reads() {
        let clone = postgres.clone();
        slow.spawn(async move { sleeping(&clone, "SELECT pg_advisory_xact_lock_shared(1)").await });
        // A second job after each one, so that threads that take turns would get uneven shares.
        read(&postgres).await.unwrap();
    }
    for _ in 0..8 {
        sleeping(&postgres, "SELECT 1").await.unwrap();
    }
    assert_eq!(slow.len(), postgres.slow_reads());
    assert!(slow.try_join_next().is_none(), "the slow reads still wait");
    gate.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    assert!(slow.join_all().await.iter().all(Result::is_ok));
}

#[test]
fn a_server_that_accepts_connections_and_does_not_respond_is_unavailable() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/db");
    let begun = Instant::now();
    let error = Postgres::connect(PostgresConfig::parse(&url).unwrap()).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(!format!("{error:?} {error}").contains("secret"));
}

async fn read(postgres: &Postgres) -> Result<i32, StoreError> {
    let one = async |conn: &mut &AsyncPgConnection| -> Outcome<i32> {
        Ok(diesel::select(diesel::dsl::sql::<Integer>("1")).get_result(conn).await?)
    };
    postgres.read(one).await
}

async fn scan(postgres: &Postgres) -> Result<i32, StoreError> {
    let one = async |conn: &mut AsyncPgConnection| -> Outcome<i32> {
        Ok(diesel::select(diesel::dsl::sql::<Integer>("1")).get_result(conn).await?)
    };
    postgres.scan(one).await
}

async fn sleeping(postgres: &Postgres, statement: &'static str) -> Result<(), StoreError> {
    postgres
        .write(async move |conn: &mut AsyncPgConnection| -> Outcome<()> {
            Ok(conn.batch_execute(statement).await?)
        })
        .await
}

fn unavailable(what: &str, outcome: &Result<(), StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{what}: {outcome:?}");
}

async fn add_idempotency_key(conn: &mut AsyncPgConnection, key: u8) -> QueryResult<()> {
    use crate::schema::idempotency_keys;
    let row = (
        idempotency_keys::lookup.eq(vec![key]),
        idempotency_keys::fingerprint.eq(vec![key]),
        idempotency_keys::resource.eq(vec![key]),
        idempotency_keys::created_at.eq(0),
    );
    diesel::insert_into(idempotency_keys::table).values(row).execute(conn).await.map(drop)
}

async fn count_idempotency_keys(postgres: &Postgres) -> i64 {
    let count = async |conn: &mut AsyncPgConnection| -> Outcome<i64> {
        Ok(diesel::dsl::sql::<BigInt>("SELECT count(*) FROM idempotency_keys")
            .get_result(conn)
            .await?)
    };
    postgres.scan(count).await.unwrap()
}
