//! What the tests of the whole share: stores to run them against, and the running program.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

pub mod app;
pub mod fake;
mod store;

pub use store::Store;
