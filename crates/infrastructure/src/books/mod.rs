//! The catalogue in a database.

mod row;
mod sqlite;

pub use sqlite::SqliteBookRepository;
