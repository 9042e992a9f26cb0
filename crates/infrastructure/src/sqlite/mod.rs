//! SQLite: one file, one writer, many readers.
//!
//! Every connection lives on a thread of its own, and jobs come to it through a bounded queue:
//!
//! - point reads go to one thread that runs all queued reads in one read transaction;
//! - slow reads (lists, searches) go to other threads, so that they do not hold up the quick ones;
//! - writes go to one thread that runs all queued writes in one transaction, each within a savepoint.
//!   It answers them after the commit, so every answered write is on the disk, and all of them share
//!   one sync.

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
