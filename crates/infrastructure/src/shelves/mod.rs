//! The shelves in a database.

mod postgres;
mod rows;
mod sqlite;

pub use postgres::PostgresShelfRepository;
pub use sqlite::SqliteShelfRepository;
