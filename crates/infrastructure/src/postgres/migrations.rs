use std::thread;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio::runtime::Builder;

use super::connection::{Connector, unreachable_server};
use super::engine::Postgres;
use super::error::transient_text;

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// How long to wait for another instance that migrates the same database, or for another lock that
/// blocks a migration.
const PATIENCE: Duration = Duration::from_secs(120);

/// The lock under which a database is migrated; the number is "bookshel" in ASCII.
const LOCK: i64 = 0x626f_6f6b_7368_656c;

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

impl Postgres {
    /// Diesel's migrations take no lock, so the session does. The lock ends with the connection.
    pub(super) fn with_migrations<T: Send>(
        &self,
        work: impl FnOnce(&mut Connection) -> diesel::migration::Result<T> + Send,
    ) -> Result<T, StoreError> {
        in_own_runtime(self.connector(), |connection| {
            connection.batch_execute(&format!(
                "SET statement_timeout = 0; SET lock_timeout = {};
                 SELECT pg_advisory_lock({LOCK})",
                PATIENCE.as_millis()
            ))?;
            work(connection)
        })
    }
}

/// Runs Diesel's migrations, which block, on a thread of their own, because the caller's thread may
/// belong to a runtime. Another thread drives the connection meanwhile.
fn in_own_runtime<T: Send>(
    connector: &Connector,
    work: impl FnOnce(&mut Connection) -> diesel::migration::Result<T> + Send,
) -> Result<T, StoreError> {
    let run = || {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(StoreError::unexpected)?;
        let connection =
            runtime.block_on(connector.connect()).map_err(|error| unreachable_server(&error))?;
        let _entered = runtime.enter();
        work(&mut connection.into()).map_err(migration_error)
    };
    thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|_| Err(StoreError::unexpected("the migration panicked")))
}

fn migration_error(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    let text = error.to_string();
    if text.contains("\"pg_trgm\"") {
        return StoreError::unexpected(format!(
            "the extension pg_trgm is missing; let an administrator install it and run \
             CREATE EXTENSION pg_trgm in this database ({text})"
        ));
    }
    transient_text(&text).unwrap_or(StoreError::Unexpected(error))
}
