use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::SqliteConnection;
use diesel::result::Error;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::config::SqliteConfig;
use super::connection::{Purpose, connect};
use super::engine::Sqlite;
use super::error::{boxed_store_error, store_error};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// How long to wait for another process that migrates the same file.
const PATIENCE: Duration = Duration::from_secs(120);
impl Sqlite {
    /// Diesel's migrations take no lock, so an immediate transaction around them does.
    pub(super) fn with_migrations<T>(
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

enum MigrationFailure {
    Boxed(Box<dyn std::error::Error + Send + Sync>),
    Database(Error),
}

impl From<Error> for MigrationFailure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}
