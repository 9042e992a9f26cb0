//! Reading histories: the shelves that readers bring from elsewhere.
//!
//! A file is recognised by its header, whatever its name; what each column becomes stands in
//! `docs/reading-histories.md`. Foreign files are read with patience: what cannot be used is left out
//! and told as a remark, and only a row without a book is refused. Bookshelf's own are taken at their
//! word.

mod cells;
mod draft;
mod export;
mod formats;
mod html;
mod import;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::BookDraft;
use bookshelf_domain::shelves::{Notes, Rating, ReadingDate, ReadingStatus, ShelfRepository};
use bookshelf_domain::{Clock, Faults, Timestamp};

use super::ImportOptions;

pub use export::{HistoryExport, HistoryFormat};
pub use formats::Origin;
pub use import::{HistoryImport, HistoryOutcome};
pub use rows::HistoryRows;

/// The use cases of reading histories in and out of a user's shelf.
#[derive(Clone)]
pub struct Histories {
    shelves: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
}

impl Histories {
    pub fn new(shelves: Arc<dyn ShelfRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { shelves, clock }
    }

    pub fn import(&self, user: UserId, options: ImportOptions) -> HistoryImport {
        HistoryImport::new(self.shelves.clone(), self.clock.clone(), user, options)
    }

    pub fn export(&self, user: UserId, format: HistoryFormat) -> HistoryExport {
        HistoryExport::new(self.shelves.clone(), user, format)
    }
}

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
