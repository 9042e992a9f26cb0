//! PostgreSQL: many instances, one database.
//!
//! The engine has threads of its own, on which its connections live, and work comes to them:
//!
//! - point reads share a few connections and are pipelined there: what waits together travels
//!   together, which costs a fraction of a connection for each;
//! - everything else takes a connection from a pool, for one statement or one transaction.
//!
//! Nothing waits for long: not for a connection, not for a lock, not for an answer, and not for a
//! server that has gone away. What cannot be answered in time is `Unavailable`.

mod config;
mod connection;
mod connections;
mod engine;
mod error;
mod migrations;
mod reader;
mod replica;
#[cfg(test)]
pub(crate) mod tests;
mod tls;
mod url;

pub use config::PostgresConfig;
pub(crate) use connection::connect_alone;
pub(crate) use connections::savepoint;
pub use engine::Postgres;
pub(crate) use error::violated_constraint;
pub(crate) use migrations::migration_versions;
pub use replica::Replica;
pub use url::PostgresUrlError;
pub(crate) use url::chain;
