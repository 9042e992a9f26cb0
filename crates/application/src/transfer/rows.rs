use std::io::Read;

use super::charset::Charset;
use super::csv_rows::CsvRows;
use super::ndjson_rows::NdjsonRows;
use super::row::{Format, Row, RowsError};
use super::source::Source;

/// The rows of a file of books, read one at a time.
pub struct Rows<R>(pub(super) RowsOf<R>);

pub(super) enum RowsOf<R> {
    Csv(Box<CsvRows<R>>),
    Ndjson(Box<NdjsonRows<Source<R>>>),
}

impl<R: Read> Rows<R> {
    /// Reads the start of a file, and the header if the format has one. A byte order mark decides the
    /// encoding of the file. Without one it is `charset`, or else UTF-8.
    pub fn open(source: R, format: Format, charset: Option<Charset>) -> Result<Self, RowsError> {
        let source = Source::open(source, charset)?;
        source.check_encoding()?;
        Ok(Self(match format {
            Format::Csv => RowsOf::Csv(Box::new(CsvRows::open(source)?)),
            Format::Ndjson => RowsOf::Ndjson(Box::new(NdjsonRows::open(source))),
        }))
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// After an error no more can be read. The rows before it are whole.
    pub fn next_row(&mut self) -> Result<Option<Row>, RowsError> {
        Ok(match &mut self.0 {
            RowsOf::Csv(rows) => rows.next()?,
            RowsOf::Ndjson(rows) => rows.next()?,
        })
    }

    /// The columns so far that hold no field of a book.
    pub fn unknown_columns(&self) -> &[String] {
        match &self.0 {
            RowsOf::Csv(rows) => rows.unknown(),
            RowsOf::Ndjson(rows) => rows.unknown(),
        }
    }
}
