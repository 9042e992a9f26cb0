//! The adapters behind the ports of Bookshelf.

pub mod accounts;
mod api_keys;
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
mod sealing;
mod shelves;
pub mod sqlite;
pub mod system;

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}
