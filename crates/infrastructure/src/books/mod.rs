//! The catalogue in a database: its rows and what else does not depend on the database.

pub(crate) mod cover;
pub(crate) mod order;
mod replicated;
pub(crate) mod row;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::postgres::adapters::books::BookAdapter as PostgresBookRepository;
pub use crate::sqlite::adapters::books::BookAdapter as SqliteBookRepository;
pub use replicated::ReplicatedBookReader;
