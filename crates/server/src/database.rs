//! The database of the settings: SQLite or PostgreSQL.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use bookshelf_domain::{Repositories, StoreError, error_chain};
use bookshelf_infrastructure::copy::Place;
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig, Replica};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use bookshelf_infrastructure::{MigrationState, SchemaState};

use crate::failure::Failure;
use crate::settings;

/// An open database.
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Opens the database without migrating it.
    pub(crate) fn open(setting: &settings::Database) -> Result<Self, Failure> {
        match setting {
            settings::Database::Sqlite(path) => open_sqlite(path),
            settings::Database::Postgres(config) => {
                Postgres::connect(PostgresConfig::clone(config))
                    .map(Self::Postgres)
                    .map_err(|error| Failure::because("cannot open the database", &error))
            }
        }
    }

    /// Applies the pending migrations and returns their names.
    pub(crate) fn migrate(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrate(),
            Self::Postgres(postgres) => postgres.migrate(),
        }
    }

    pub(crate) fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrations(),
            Self::Postgres(postgres) => postgres.migrations(),
        }
    }

    pub(crate) fn schema_state(&self) -> Result<SchemaState, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.schema_state(),
            Self::Postgres(postgres) => postgres.schema_state(),
        }
    }

    pub(crate) fn repositories(&self) -> Repositories {
        match self {
            Self::Sqlite(sqlite) => sqlite.repositories(),
            Self::Postgres(postgres) => postgres.repositories(),
        }
    }

    /// How many slow reads the database runs at once.
    pub(crate) fn slow_reads(&self) -> usize {
        match self {
            Self::Sqlite(_) => Sqlite::SLOW_READS,
            Self::Postgres(postgres) => postgres.slow_reads(),
        }
    }

    /// Closes SQLite's file as soon as nothing uses it any more, at the latest after `patience`.
    /// Connections to PostgreSQL need no such care.
    pub(crate) fn close(self, patience: Duration) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close(patience),
            Self::Postgres(_) => {}
        }
    }
}

/// Where the database of a setting is.
pub(crate) fn place(setting: settings::Database) -> Place {
    match setting {
        settings::Database::Sqlite(path) => Place::Sqlite(SqliteConfig::new(path)),
        settings::Database::Postgres(config) => Place::Postgres(config),
    }
}

/// The replica need not be reachable yet: the server starts without it and uses it later.
pub(crate) fn open_replica(config: &PostgresConfig) -> Result<Replica, Failure> {
    Postgres::open(config.clone())
        .map(Replica::new)
        .map_err(|error| Failure::because("cannot use the replica", &error))
}

fn open_sqlite(path: &Path) -> Result<Database, Failure> {
    Sqlite::open(SqliteConfig::new(path)).map(Database::Sqlite).map_err(|error| {
        failure(format_args!("cannot open the database {}", path.display()), &error)
    })
}

/// Says what failed, and what to do if the file is damaged. SQLite tells that only by its sentences.
pub(crate) fn failure(what: impl Display, error: &StoreError) -> Failure {
    let why = error_chain(error);
    let is_damaged = ["file is not a database", "database disk image is malformed"]
        .iter()
        .any(|sentence| why.contains(sentence));
    let advice = if is_damaged {
        "; the file is damaged: move it away, together with the files beside it whose names end in \
         -wal and -shm, and restore a backup with \"bookshelf restore FILE\""
    } else {
        ""
    };
    Failure::Failed(format!("{what}: {why}{advice}"))
}
