use std::path::Path;
use std::thread;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::config::SqliteConfig;
use super::error::store_error;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Scan,
    Write,
}

impl Purpose {
    const fn pragmas(self) -> &'static [&'static str] {
        match self {
            // None maps the file: mapped pages count as the program's memory, however large the
            // file, and the system caches what is read anyway.
            Self::Read => &["PRAGMA query_only = ON"],
            // There are two of them: half of the cache each.
            Self::Scan => &["PRAGMA query_only = ON", "PRAGMA cache_size = -8192"],
            // A page that changes often is written to the file once for many commits. The log
            // takes up to 64 MiB until then, and keeps its space.
            Self::Write => {
                &["PRAGMA wal_autocheckpoint = 16384", "PRAGMA journal_size_limit = 134217728"]
            }
        }
    }
}

/// Opens the file, and makes it when it is not there.
pub(crate) fn connect(
    config: &SqliteConfig,
    purpose: Purpose,
) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(url(&config.path)?).map_err(|error| {
        StoreError::Unavailable(format!("cannot open {}: {error}", config.path.display()))
    })?;
    enter_wal_mode(&mut connection, config.busy_timeout)?;
    let busy_timeout = config.busy_timeout.as_millis();
    // One statement each: with several, a lock met by one would hide the rest.
    run(&mut connection, &format!("PRAGMA busy_timeout = {busy_timeout}"))?;
    for pragma in PRAGMAS.iter().chain(purpose.pragmas()) {
        run(&mut connection, pragma)?;
    }
    Ok(connection)
}

const PRAGMAS: [&str; 4] = [
    // Every commit is on the disk before it is answered.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    // 16 MiB.
    "PRAGMA cache_size = -16384",
];

/// Two connections that turn a new file to WAL at once stand in each other's way until one gives up,
/// so neither waits within SQLite.
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
