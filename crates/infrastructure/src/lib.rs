//! The adapters behind the ports of Bookshelf.

pub mod accounts;
pub mod api_keys;
mod background;
pub mod books;
pub mod copy;
pub mod covers;
mod failure;
pub mod limits;
mod paging;
pub mod postgres;
mod row_lock;
mod schema;
pub mod shelves;
pub mod sqlite;
pub mod system;

/// The stored responses to requests with an idempotency key.
pub mod answers {
    pub use crate::postgres::adapters::idempotency::IdempotencyAdapter as PostgresAnswerRepository;
    pub use crate::sqlite::adapters::idempotency::IdempotencyAdapter as SqliteAnswerRepository;
}

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}
