//! Reading histories: the shelves that readers bring from elsewhere.
//!
//! A file is recognised by its header, whatever its name; what each column becomes stands in
//! `docs/reading-histories.md`. Foreign files are read with patience: what cannot be used is left out
//! and told as a remark, and only a row without a book is refused. Bookshelf's own are taken at their
//! word.

mod cells;
mod draft;
mod formats;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use bookshelf_domain::books::BookDraft;
use bookshelf_domain::shelves::{Notes, Rating, ReadingDate, ReadingStatus};
use bookshelf_domain::{Faults, Timestamp};

pub use formats::Origin;
pub use rows::HistoryRows;

/// A row of a reading history as it was read.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// Where it starts in the file, counting from 1.
    pub line: u64,
    pub reading: Result<Reading, Faults>,
    /// What the row says that has no place, by field.
    pub remarks: Faults,
}

/// What a reader says about a book.
#[derive(Debug, Clone)]
pub struct Reading {
    pub book: BookDraft,
    pub status: ReadingStatus,
    pub rating: Option<Rating>,
    pub notes: Option<Notes>,
    pub started_on: Option<ReadingDate>,
    pub finished_on: Option<ReadingDate>,
    pub added_at: Option<Timestamp>,
}
