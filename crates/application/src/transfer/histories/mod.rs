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
use crate::{Operator, Reader, Writer};

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

    /// An import into the caller's shelf.
    pub fn import(&self, writer: &Writer, options: ImportOptions) -> HistoryImport {
        let (shelves, clock) = (self.shelves.clone(), self.clock.clone());
        HistoryImport::new(shelves, clock, writer.user_id(), options)
    }

    /// An import into the shelf of any user.
    pub fn import_as_operator(
        &self,
        _: Operator,
        user: UserId,
        options: ImportOptions,
    ) -> HistoryImport {
        HistoryImport::new(self.shelves.clone(), self.clock.clone(), user, options)
    }

    /// An export of the caller's shelf.
    pub fn export(&self, reader: &Reader, format: HistoryFormat) -> HistoryExport {
        HistoryExport::new(self.shelves.clone(), reader.user_id(), format)
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
