use std::io::{self, Read};

use bookshelf_domain::Faults;
use bookshelf_domain::books::BookDraft;

use super::book_row::{BookRow, Said};
use super::columns::{Column, Field};
use super::csv_records::{Ending, Records};
use super::rows::{Row, RowsError, whole_row};
use super::{LONGEST_ROW, formula};

/// The rows of a CSV file with a header.
pub(super) struct CsvRows<R> {
    records: Records<R>,
    header: Vec<Vec<u8>>,
    /// Which cells are read, in the order in which they are believed.
    columns: Vec<(Column, usize)>,
    unknown: Vec<String>,
}

impl<R: Read> CsvRows<R> {
    pub(super) fn open(source: R) -> Result<Self, RowsError> {
        let mut records = Records::new(source);
        match records.read()? {
            None => return Err(RowsError::Header("the file is empty: a header row is needed")),
            Some((_, Ending::Whole)) => {}
            Some(_) => return Err(RowsError::Header("the header row has no end")),
        }
        let header: Vec<_> = records.cells().map(<[u8]>::to_vec).collect();
        let (mut columns, mut unknown) = (Vec::new(), Vec::new());
        for (index, name) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(name);
            match Column::named(&name) {
                Some(column) => columns.push((column, index)),
                None => unknown.push(name.trim().to_owned()),
            }
        }
        columns.sort_unstable();
        for (field, fault) in [
            (Field::Title, "the header row has no column \"title\""),
            (Field::Author, "the header row has no column \"author\""),
        ] {
            if !columns.iter().any(|(column, _)| column.field == field) {
                return Err(RowsError::Header(fault));
            }
        }
        Ok(Self { records, header, columns, unknown })
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let Some((line, ending)) = self.records.read()? else { return Ok(None) };
        let draft = match ending {
            Ending::Whole => self.draft(),
            Ending::TooLong => {
                Err(whole_row(format!("must be at most {LONGEST_ROW} bytes in 1024 columns")))
            }
            Ending::OpenQuote => Err(whole_row(
                "has a quote that is never closed: the file was cut short, or a quote is missing",
            )),
        };
        Ok(Some(Row { line, draft }))
    }

    fn draft(&self) -> Result<BookDraft, Faults> {
        let (count, expected) = (self.records.count(), self.header.len());
        if count != expected {
            return Err(whole_row(format!("must have {expected} columns, not {count}")));
        }
        if let Some(index) = self.records.cells().position(|cell| str::from_utf8(cell).is_err()) {
            let name = String::from_utf8_lossy(&self.header[index]).trim().to_owned();
            return Err(whole_row(format!("must be UTF-8, which \"{name}\" is not")));
        }
        let mut row = BookRow::default();
        for (column, index) in &self.columns {
            let cell = String::from_utf8_lossy(self.records.cell(*index));
            let text = formula::read(&cell);
            let said = if text.trim().is_empty() { Said::Nothing } else { Said::Text(text) };
            row.offer(column.field, said);
        }
        Ok(row.into_draft())
    }

    pub(super) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    pub(super) fn header(&self) -> impl Iterator<Item = &[u8]> {
        self.header.iter().map(Vec::as_slice)
    }

    /// The cells of the row read last, as they came.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.records.cells()
    }
}
