//! The whole program from outside: every test has a server and a database of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod service;
