//! What the tests of the whole share: stores to run them against.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod add;
pub mod fake;
mod store;

pub use add::{AddBook, AddUser};
pub use store::Store;
