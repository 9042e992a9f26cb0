//! PostgreSQL: many instances, one database.
//!
//! The engine has threads of its own, which own its connections. Jobs are sent to them:
//!
//! - point reads share a few connections and are pipelined there: reads that wait at the same time
//!   are sent together, which costs less than a connection for each;
//! - every other job takes a connection from a pool, for one statement or one transaction.
//!
//! No job waits long for a connection, a lock or an answer, even if the server does not respond. A
//! job that cannot be answered in time fails with `Unavailable`.

#[path = "../adapters/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "each database compiles the statements for itself")]
pub(crate) mod adapters;
mod config;
mod connection;
mod connections;
pub(crate) mod dialect;
mod engine;
mod error;
mod migrations;
pub(crate) mod plans;
mod pool_metrics;
mod reader;
mod replica;
#[cfg(test)]
pub(crate) mod tests;
mod tls;
mod url;

pub(crate) use adapters::migrations::migration_versions;
pub use config::PostgresConfig;
pub(crate) use connection::connect_alone;
pub use engine::Postgres;
pub use replica::Replica;
pub use url::PostgresUrlError;
