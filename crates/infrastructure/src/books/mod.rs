//! The catalogue in a database.

mod order;
mod postgres;
mod row;
mod sqlite;

pub use postgres::{PostgresBookRepository, ReplicatedBookRepository};
pub use sqlite::SqliteBookRepository;
