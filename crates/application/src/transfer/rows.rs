use std::borrow::Cow;
use std::io::{self, Chain, Cursor, Read};

use bookshelf_domain::books::BookDraft;
use bookshelf_domain::{Fault, FaultCode, Faults};

use super::Format;
use super::csv_rows::CsvRows;
use super::ndjson_rows::NdjsonRows;

/// A row as it was read: the draft of a book, or why it is none.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it starts in the file, counting from 1.
    pub line: u64,
    pub draft: Result<BookDraft, Faults>,
}

/// Why a file has no (more) rows to give.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    #[error("{0}")]
    Header(&'static str),
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// Something that is wrong with a row as a whole.
pub(super) fn whole_row(sentence: impl Into<Cow<'static, str>>) -> Faults {
    Fault::new(FaultCode::Unreadable, sentence).of("row")
}

/// The rows of a file, read one at a time.
pub struct Rows<R>(pub(super) Source<R>);

pub(super) enum Source<R> {
    Csv(Box<CsvRows<WithoutMark<R>>>),
    Ndjson(NdjsonRows<WithoutMark<R>>),
}

/// What was read of a file to look for a byte order mark, and the rest of it.
pub(super) type WithoutMark<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> Rows<R> {
    /// Reads the beginning of a file: the header, where the format has one.
    pub fn open(source: R, format: Format) -> Result<Self, RowsError> {
        let source = without_mark(source)?;
        Ok(Self(match format {
            Format::Csv => Source::Csv(Box::new(CsvRows::open(source)?)),
            Format::Ndjson => Source::Ndjson(NdjsonRows::open(source)),
        }))
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// An error means that no more can be read; the rows before it are good.
    pub fn next_row(&mut self) -> Result<Option<Row>, RowsError> {
        Ok(match &mut self.0 {
            Source::Csv(rows) => rows.next()?,
            Source::Ndjson(rows) => rows.next()?,
        })
    }

    /// The columns seen so far that say nothing about a book.
    pub fn unknown_columns(&self) -> &[String] {
        match &self.0 {
            Source::Csv(rows) => rows.unknown(),
            Source::Ndjson(rows) => rows.unknown(),
        }
    }
}

pub(super) fn without_mark<R: Read>(mut source: R) -> Result<WithoutMark<R>, RowsError> {
    let mut start = Vec::with_capacity(3);
    source.by_ref().take(3).read_to_end(&mut start)?;
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(RowsError::Header("the file is UTF-16: save it as UTF-8"));
    }
    if start == b"\xef\xbb\xbf" {
        start.clear();
    }
    Ok(Cursor::new(start).chain(source))
}
