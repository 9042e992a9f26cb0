//! The catalogue in a database.

mod order;
mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;

pub use postgres::PostgresBookRepository;
pub use sqlite::SqliteBookRepository;
