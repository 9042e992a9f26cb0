//! The shelves in a database.

mod rows;
mod sqlite;

pub use sqlite::SqliteShelfRepository;
