use std::path::Path;
use std::thread;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::config::SqliteConfig;
use super::error::store_error;

/// Whether a connection may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ReadOnly,
    ReadWrite,
}

/// Opens the file, and makes it when it is not there.
pub(super) fn connect(
    config: &SqliteConfig,
    access: Access,
) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(url(&config.path)?).map_err(|error| {
        StoreError::Unavailable(format!("cannot open {}: {error}", config.path.display()))
    })?;
    let busy_timeout = config.busy_timeout.as_millis();
    // One statement each: with several, a lock met by one would hide the rest.
    run(&mut connection, &format!("PRAGMA busy_timeout = {busy_timeout}"))?;
    enter_wal_mode(&mut connection)?;
    for pragma in PRAGMAS {
        run(&mut connection, pragma)?;
    }
    if access == Access::ReadOnly {
        run(&mut connection, "PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

const PRAGMAS: [&str; 6] = [
    // Every commit is on the disk before it is answered.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    // Pages are read from the mapped file; a commit of another connection makes the own cache void,
    // and the mapping stays.
    "PRAGMA mmap_size = 1073741824",
    "PRAGMA cache_size = -16384",
    // The log shrinks again after a burst of writes.
    "PRAGMA journal_size_limit = 67108864",
];

/// SQLite does not wait for locks while it turns a new file to WAL: other processes may be at it.
fn enter_wal_mode(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const ATTEMPTS: u32 = 200;
    const PAUSE: Duration = Duration::from_millis(25);
    let mut result = run(connection, "PRAGMA journal_mode = WAL");
    for _ in 1..ATTEMPTS {
        if !matches!(result, Err(StoreError::Unavailable(_))) {
            break;
        }
        thread::sleep(PAUSE);
        result = run(connection, "PRAGMA journal_mode = WAL");
    }
    result
}

fn run(connection: &mut SqliteConnection, sql: &str) -> Result<(), StoreError> {
    connection.batch_execute(sql).map_err(store_error)
}

fn url(path: &Path) -> Result<&str, StoreError> {
    path.to_str()
        .ok_or_else(|| StoreError::unexpected(format!("the path {} is not UTF-8", path.display())))
}
