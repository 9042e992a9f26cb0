use std::collections::HashSet;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::SqliteConnection;
use diesel::migration::MigrationSource;
use diesel::result::Error;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::config::SqliteConfig;
use super::connection::{Purpose, connect};
use super::engine::Sqlite;
use super::error::{boxed_store_error, store_error};
use crate::migration::MigrationState;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// How long to wait for another process that migrates the same file.
const PATIENCE: Duration = Duration::from_secs(120);
impl Sqlite {
    /// Applies what is pending and returns its names. Blocks: it belongs to the start of a program.
    ///
    /// Safe when several processes do it at once: each migration is applied by one of them, and all
    /// return when it is done.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.with_migrations(|connection| {
            let pending = connection.pending_migrations(MIGRATIONS)?;
            connection.run_migrations(&pending)?;
            Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
        })
    }

    /// Every migration that this program knows, in their order, and whether it is applied. Blocks.
    pub fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        self.with_migrations(|connection| {
            let applied: HashSet<_> = connection.applied_migrations()?.into_iter().collect();
            let mut known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS)?;
            known.sort_by_key(|migration| migration.name().to_string());
            Ok(known
                .iter()
                .map(|migration| MigrationState {
                    name: migration.name().to_string(),
                    applied: applied.contains(&migration.name().version()),
                })
                .collect())
        })
    }

    /// Diesel's migrations take no lock of their own; an immediate transaction around them does.
    fn with_migrations<T>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> diesel::migration::Result<T>,
    ) -> Result<T, StoreError> {
        let config = SqliteConfig { busy_timeout: PATIENCE, ..self.config().clone() };
        let mut connection = connect(&config, Purpose::Write)?;
        connection
            .immediate_transaction(|connection| work(connection).map_err(MigrationFailure::Boxed))
            .map_err(|failure| match failure {
                MigrationFailure::Boxed(error) => boxed_store_error(error),
                MigrationFailure::Database(error) => store_error(error),
            })
    }
}

/// The versions of the migrations that this program knows, as they are kept when applied.
pub(crate) fn migration_versions() -> Result<Vec<String>, StoreError> {
    let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS)
        .map_err(StoreError::Unexpected)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

enum MigrationFailure {
    Boxed(Box<dyn std::error::Error + Send + Sync>),
    Database(Error),
}

impl From<Error> for MigrationFailure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}
