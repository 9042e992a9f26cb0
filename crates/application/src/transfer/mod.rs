//! Imports and exports of books and reading histories, row by row in constant memory.
//!
//! [`Rows`] reads rows from any [`Read`](std::io::Read), and a [`BookImport`] takes them one by one.
//! So reading and writing can run on different threads.

mod batch;
mod book_builder;
mod charset;
mod columns;
mod csv_records;
mod csv_rows;
mod csv_table;
mod dry_run;
mod export;
mod formula;
pub mod histories;
mod import;
mod json_lines;
mod layout;
mod limits;
mod members;
mod ndjson_rows;
mod outcome;
mod pieces;
mod rejects;
mod row;
mod rows;
mod source;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::Clock;
use bookshelf_domain::books::BookRepository;

use crate::{AdminWriter, Operator, Reader};

pub use charset::Charset;
pub use export::BookExport;
pub use import::BookImport;
pub use outcome::{ImportOptions, ImportOutcome, RowError};
pub use rejects::Rejects;
pub use row::{Format, Row, RowsError};
pub use rows::Rows;

/// Imports and exports of the catalogue.
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
