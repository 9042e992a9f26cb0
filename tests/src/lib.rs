//! Support for the tests: databases to run them on, the running program, and the servers that the
//! tests need.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

pub mod app;
pub mod images;
mod link;
mod postgres;
mod postgres_server;
mod s3;
pub mod servers;
pub mod store;

pub use link::Link;
pub use postgres::TestDatabase;
pub use postgres_server::PostgresServer;
pub use s3::FakeS3;

/// The examples of the page about clients must compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/clients.md")]
struct PageAboutClients;
