//! The catalogue in a database.

mod cover;
mod order;
mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;

pub use postgres::{PostgresBookRepository, ReplicatedBookRepository};
pub(crate) use postgres::{find_or_add_book_in_postgres, lock_imports};
pub(crate) use row::BookRow;
pub use sqlite::SqliteBookRepository;
pub(crate) use sqlite::{find_book, find_or_add_book};
