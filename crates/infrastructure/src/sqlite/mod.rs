//! SQLite: one file, one writer, many readers.
//!
//! Every connection has a thread of its own. Jobs reach it through a bounded queue:
//!
//! - point reads go to one thread, which runs all queued reads in one read transaction;
//! - slow reads (lists, searches) go to other threads, so that they do not delay point reads;
//! - writes go to one thread, which runs all queued writes in one transaction, each within a
//!   savepoint. It answers them after the commit, so every answered write is on the disk, and they
//!   share the cost of one sync.

#[path = "../adapters/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "each database compiles the statements for itself")]
pub(crate) mod adapters;
mod config;
mod connection;
pub(crate) mod dialect;
mod engine;
mod error;
mod job;
mod migrations;
pub(crate) mod plans;
mod reader;
mod writer;

pub(crate) use adapters::migrations::migration_versions;
pub use config::SqliteConfig;
pub(crate) use connection::{Purpose, connect};
pub use engine::Sqlite;

#[cfg(test)]
pub(crate) mod tests;
