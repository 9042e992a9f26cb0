use std::collections::HashSet;

use bookshelf_domain::StoreError;
use diesel::migration::MigrationSource;
use diesel_migrations::MigrationHarness;

use super::super::migrations::MIGRATIONS;
use super::dialect::{Database, Engine};
use crate::MigrationState;

impl Engine {
    /// Applies the pending migrations and returns their names. Blocks: it belongs to the start of a
    /// program.
    ///
    /// Several processes may do so at once: each migration is applied by one of them, and all return
    /// when it is done.
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
            let mut known = MigrationSource::<Database>::migrations(&MIGRATIONS)?;
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
}

/// The versions of the migrations that this program knows, as the database stores them.
pub(crate) fn migration_versions() -> Result<Vec<String>, StoreError> {
    let known =
        MigrationSource::<Database>::migrations(&MIGRATIONS).map_err(StoreError::Unexpected)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}
