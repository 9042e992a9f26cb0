use std::path::Path;
use std::thread;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::config::SqliteConfig;
use super::error::store_error;

/// The use of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Scan,
    Write,
}

impl Purpose {
    const fn pragmas(self) -> &'static [&'static str] {
        match self {
            // No connection maps the file into memory: the mapped pages would count as memory of
            // this process, and the operating system caches the file anyway.
            Self::Read => &["PRAGMA query_only = ON"],
            // There are four such connections, so each gets a quarter of the cache.
            Self::Scan => &["PRAGMA query_only = ON", "PRAGMA cache_size = -4096"],
            // A page that changes often is written to the file only once for many commits.
            // Meanwhile the write-ahead log takes up to 64 MiB, and keeps this space.
            Self::Write => {
                &["PRAGMA wal_autocheckpoint = 16384", "PRAGMA journal_size_limit = 134217728"]
            }
        }
    }
}

/// Opens the file, and creates it if it is missing.
pub(crate) fn connect(
    config: &SqliteConfig,
    purpose: Purpose,
) -> Result<SqliteConnection, StoreError> {
    bookshelf_sqlite_interrupt::install().map_err(StoreError::unexpected)?;
    let mut connection = SqliteConnection::establish(url(&config.path)?).map_err(|error| {
        StoreError::Unavailable(format!("cannot open {}: {error}", config.path.display()))
    })?;
    enter_wal_mode(&mut connection, config.busy_timeout)?;
    let busy_timeout = config.busy_timeout.as_millis();
    // Each pragma is a statement of its own, because an error of one would skip those after it.
    run(&mut connection, &format!("PRAGMA busy_timeout = {busy_timeout}"))?;
    for pragma in PRAGMAS.iter().chain(purpose.pragmas()) {
        run(&mut connection, pragma)?;
    }
    Ok(connection)
}

const PRAGMAS: [&str; 4] = [
    // A commit is on the disk before the client gets its answer.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    // 16 MiB.
    "PRAGMA cache_size = -16384",
];

/// Switches the file to WAL mode. Two connections that do this at once can block each other. SQLite
/// does not wait then, so this tries again.
fn enter_wal_mode(connection: &mut SqliteConnection, patience: Duration) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match run(connection, "PRAGMA journal_mode = WAL") {
            Err(StoreError::Unavailable(_)) if waited < patience => {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            result => return result,
        }
    }
}

fn run(connection: &mut SqliteConnection, sql: &str) -> Result<(), StoreError> {
    connection.batch_execute(sql).map_err(store_error)
}

fn url(path: &Path) -> Result<&str, StoreError> {
    path.to_str()
        .ok_or_else(|| StoreError::unexpected(format!("the path {} is not UTF-8", path.display())))
}
