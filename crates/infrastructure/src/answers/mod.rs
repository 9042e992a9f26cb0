//! Answers that are remembered, so that nothing is made twice.

mod postgres;
mod sqlite;

pub(crate) use postgres::make_once as make_once_in_postgres;
pub use sqlite::SqliteAnswerRepository;
pub(crate) use sqlite::make_once;
