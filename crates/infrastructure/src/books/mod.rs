//! The catalogue in a database.

mod cover;
mod order;
mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;

pub use postgres::{PostgresBookRepository, ReplicatedBookRepository};
pub use sqlite::SqliteBookRepository;
