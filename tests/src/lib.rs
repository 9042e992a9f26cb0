//! What the tests of the whole share: stores to run them against, and the running program.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod add;
pub mod app;
pub mod fake;
pub mod images;
mod s3;
mod store;

pub use add::{AddBook, AddUser};
pub use s3::FakeS3;
pub use store::Store;
