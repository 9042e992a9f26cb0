//! What the tests of the whole share: stores to run them against.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

pub mod fake;
mod store;

pub use store::Store;
