//! The catalogue in a database.

mod row;
mod sqlite;

pub(crate) use row::BookRow;
pub use sqlite::SqliteBookRepository;
pub(crate) use sqlite::{find_book, find_or_add_book};
