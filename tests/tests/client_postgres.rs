//! The tests of `client` once more, with every server on PostgreSQL.

#[path = "client/main.rs"]
mod client;
