//! The tests of `http` once more, with every server on PostgreSQL.

#[path = "http/main.rs"]
mod http;
