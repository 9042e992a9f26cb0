//! Books in and out of files, a row at a time in constant memory.
//!
//! Reading is pulled from any [`Read`](std::io::Read) by [`Rows`] and pushed into a [`BookImport`],
//! so that the two can sit on different threads with a bounded channel between them.

mod book_row;
mod columns;
mod csv_records;
mod csv_rows;
mod export;
mod formula;
pub mod histories;
mod import;
mod ndjson_rows;
mod rehearsal;
mod rejects;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::Clock;
use bookshelf_domain::books::BookRepository;

use crate::{AdminWriter, Operator, Reader};

pub use export::BookExport;
pub use import::{BookImport, ImportOptions, ImportOutcome, RowError};
pub use rejects::Rejects;
pub use rows::{Row, Rows, RowsError};

/// The use cases of reading books in and writing them out.
#[derive(Clone)]
pub struct Transfer {
    books: Arc<dyn BookRepository>,
    clock: Arc<dyn Clock>,
}

impl Transfer {
    pub fn new(books: Arc<dyn BookRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { books, clock }
    }

    pub fn import(&self, _: &AdminWriter, options: ImportOptions) -> BookImport {
        BookImport::new(self.books.clone(), self.clock.clone(), options)
    }

    pub fn import_as_operator(&self, _: Operator, options: ImportOptions) -> BookImport {
        BookImport::new(self.books.clone(), self.clock.clone(), options)
    }

    pub fn export(&self, _: &Reader, format: Format) -> BookExport {
        BookExport::new(self.books.clone(), format)
    }

    pub fn export_as_operator(&self, _: Operator, format: Format) -> BookExport {
        BookExport::new(self.books.clone(), format)
    }
}

/// How a file of rows is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header row.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// No row is longer than this many bytes: it bounds the memory that a bad file can take.
const LONGEST_ROW: usize = 1024 * 1024;
