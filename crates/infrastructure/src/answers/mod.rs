//! Answers that are remembered, so that nothing is made twice.

mod sqlite;

pub use sqlite::SqliteAnswerRepository;
pub(crate) use sqlite::make_once;
