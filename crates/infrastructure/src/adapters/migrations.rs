use std::collections::HashSet;

use bookshelf_domain::StoreError;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;

use super::super::migrations::MIGRATIONS;
use super::books::derived::{any_out_of_date_blocking, renew_blocking};
use super::dialect::{Database, Engine};
use crate::{MigrationState, SchemaState};

diesel::table! {
    #[sql_name = "__diesel_schema_migrations"]
    diesel_schema_migrations (version) {
        version -> Text,
    }
}

impl Engine {
    /// Applies the pending migrations and returns their names. Then it computes the stored forms of
    /// texts that are out of date. Blocks: it belongs to the start of a program.
    ///
    /// Several processes may do so at once: each migration is applied by one of them, and all return
    /// when everything is done.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let applied = self.with_migrations(|connection| {
            let pending = connection.pending_migrations(MIGRATIONS)?;
            connection.run_migrations(&pending)?;
            Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
        })?;
        renew_blocking(self)?;
        Ok(applied)
    }

    /// Compares the schema, and the stored forms of texts, with those that this program needs.
    /// Blocks.
    pub fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let applied: Vec<_> = self.with_migrations(|connection| {
            // Diesel creates its table if it is missing. A role that must not create tables can
            // read it.
            let applied = diesel_schema_migrations::table
                .select(diesel_schema_migrations::version)
                .load::<String>(connection);
            match applied {
                Ok(applied) => Ok(applied),
                Err(_) => {
                    Ok(connection.applied_migrations()?.iter().map(ToString::to_string).collect())
                }
            }
        })?;
        match SchemaState::of(&applied, &migration_versions()?) {
            SchemaState::Current if any_out_of_date_blocking(self)? => Ok(SchemaState::Older),
            state => Ok(state),
        }
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
