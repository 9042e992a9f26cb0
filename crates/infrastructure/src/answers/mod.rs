//! Answers that are remembered, so that nothing is made twice.

pub(crate) mod postgres;
pub(crate) mod sqlite;

pub use postgres::PostgresAnswerRepository;
pub use sqlite::SqliteAnswerRepository;
