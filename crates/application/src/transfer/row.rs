use std::borrow::Cow;
use std::io;

use bookshelf_domain::books::BookDraft;
use bookshelf_domain::{Fault, FaultCode, Faults};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header row.
    Csv,
    /// One JSON object on each line.
    Ndjson,
}

/// A row of a file of books: a draft, or the faults that reject the row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line where the row starts, counted from 1.
    pub line: u64,
    pub draft: Result<BookDraft, Faults>,
}

/// Why no more rows of a file can be read.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    #[error("{0}")]
    Header(Cow<'static, str>),
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// A fault of a row as a whole.
pub(super) fn row_fault(sentence: impl Into<Cow<'static, str>>) -> Faults {
    Fault::new(FaultCode::Unreadable, sentence).of("row")
}
